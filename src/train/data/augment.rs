//! Crops and flips, on the device.

use tch::{Kind, Tensor};

use crate::error::Error;
use crate::train::compute::upload;
use crate::train::random::{Place, Purpose, below, size};

/// What is done to an image before it is trained on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Augment {
    /// Zeros on each side, from which a crop of the old size is cut; 0 for no crop.
    pub padding: usize,
    /// Whether every second image, by chance, is mirrored left to right.
    pub flip: bool,
}

impl Augment {
    /// Bytes `[N, C, H, W]`, each image cropped and flipped by itself. The places of the crops do not depend on the device.
    ///
    /// # Errors
    /// [`Error::Torch`] for what is no such tensor.
    pub fn apply(self, pixels: &Tensor, place: Place) -> Result<Tensor, Error> {
        if self == Self::default() {
            return Ok(pixels.shallow_clone());
        }
        let mut generator = place.generator(Purpose::Augment);
        let (images, _, rows, columns) = pixels.size4()?;
        let choices = 2 * self.padding + 1;
        let (mut row_numbers, mut column_numbers) = (Vec::new(), Vec::new());
        for _ in 0..images {
            let [down, right] = std::array::from_fn(|_| size(below(&mut generator, choices)));
            let flipped = self.flip && below(&mut generator, 2) == 1;
            row_numbers.extend((0..rows).map(|row| down + row));
            let column = |column| right + if flipped { columns - 1 - column } else { column };
            column_numbers.extend((0..columns).map(column));
        }
        let device = pixels.device();
        let numbers = |numbers: &[i64], shape: [i64; 3]| {
            upload(&Tensor::f_from_slice(numbers)?, device)?.f_view(shape)
        };
        let side = size(self.padding);
        let padded = pixels.f_constant_pad_nd([side, side, side, side])?;
        let image = Tensor::f_arange(images, (Kind::Int64, device))?.f_view([images, 1, 1])?;
        let row = numbers(&row_numbers, [images, rows, 1])?;
        let column = numbers(&column_numbers, [images, 1, columns])?;
        // Indexed axes come first where a slice lies between them: [N, H, W, C].
        let cut = padded.f_index(&[Some(image), None, Some(row), Some(column)])?;
        Ok(cut.f_permute([0, 3, 1, 2])?.f_contiguous()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(tensor: &Tensor) -> Vec<u8> {
        Vec::<u8>::try_from(tensor.contiguous().view(-1)).unwrap()
    }

    #[test]
    fn every_image_is_a_window_of_its_padded_self() {
        tch::set_num_threads(1);
        let (n, side, padding) = (64_i64, 6_i64, 2_i64);
        let pixels = (Tensor::arange(n * 2 * side * side, (Kind::Int64, tch::Device::Cpu))
            .remainder(250)
            + 1)
        .view([n, 2, side, side])
        .to_kind(Kind::Uint8);
        let padded = pixels.constant_pad_nd([padding; 4]);
        for (flip, most) in [(false, 25), (true, 50)] {
            let augment = Augment { padding: 2, flip };
            let place = Place { seed: 3, epoch: 0, step: 0 };
            let cut = augment.apply(&pixels, place).unwrap();
            assert_eq!(cut.size(), pixels.size());
            assert_eq!(bytes(&cut), bytes(&augment.apply(&pixels, place).unwrap()));
            let mut seen = std::collections::BTreeSet::new();
            for i in 0..n {
                let found = (0..=2 * padding)
                    .flat_map(|down| {
                        (0..=2 * padding).flat_map(move |right| {
                            [false, true].map(|mirror| (down, right, mirror))
                        })
                    })
                    .find(|(down, right, mirror)| {
                        let window = padded.get(i).narrow(1, *down, side).narrow(2, *right, side);
                        let window = if *mirror { window.flip([2]) } else { window };
                        bytes(&window) == bytes(&cut.get(i))
                    });
                seen.insert(found.expect("a window"));
            }
            assert!(seen.len() > 20 && seen.len() <= most, "{seen:?}");
            assert_eq!(seen.iter().any(|(_, _, mirror)| *mirror), flip);
        }
    }

    #[test]
    fn nothing_to_do_is_nothing_done() {
        let pixels = Tensor::ones([2, 1, 3, 3], (Kind::Uint8, tch::Device::Cpu));
        let place = Place { seed: 3, epoch: 0, step: 0 };
        assert_eq!(bytes(&Augment::default().apply(&pixels, place).unwrap()), [1; 18]);
        let flat = pixels.view([-1]);
        let augment = Augment { padding: 1, flip: false };
        assert!(matches!(augment.apply(&flat, place), Err(Error::Torch { .. })));
    }
}
