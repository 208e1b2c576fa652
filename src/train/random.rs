//! Randomness as a function of where in a training one is.
//!
//! Whatever is drawn depends on the seed, the epoch, the step in it and the purpose, and on nothing that was drawn before. A training that is
//! continued needs no state of a generator, and a validation that is left out changes no step.

use std::sync::{Mutex, PoisonError};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What numbers are drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The network's first parameters.
    Initialise = 0,
    /// The order of the images in an epoch.
    Order = 1,
    /// Crops and flips of a step.
    Augment = 2,
    /// The attack of a step.
    Attack = 3,
    /// The attack on images that are evaluated on; the step is the batch.
    Evaluate = 4,
    /// Generated images of an epoch.
    Generated = 5,
}

/// A place in a training: the seed, the epoch and the step in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The seed of the training.
    pub seed: u64,
    /// The epoch, from 0.
    pub epoch: usize,
    /// The step in the epoch, from 0.
    pub step: usize,
}

impl Place {
    /// A generator for a purpose here. Place and purpose are its key, all 32 bytes of it, so that no two share their numbers.
    #[must_use]
    pub fn generator(self, purpose: Purpose) -> ChaCha8Rng {
        let words = [self.seed, self.epoch as u64, self.step as u64, purpose as u64];
        let mut key = [0; 32];
        for (bytes, word) in key.chunks_mut(8).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        ChaCha8Rng::from_seed(key)
    }

    /// What `f` draws from libtorch's generator for a purpose here, whatever other trainings this process has.
    pub fn drawing<T>(self, purpose: Purpose, f: impl FnOnce() -> T) -> T {
        seeded(self.generator(purpose).next_u64().cast_signed(), f)
    }
}

/// A number below `n`, each as likely as the others up to n / 2^64.
pub(crate) fn below(generator: &mut ChaCha8Rng, n: usize) -> usize {
    let product = u128::from(generator.next_u64()) * n as u128;
    usize::try_from(product >> 64).unwrap_or(usize::MAX)
}

/// A size as libtorch counts it; none that memory holds is beyond it.
pub(crate) fn size(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The numbers below `n` in random order (Fisher and Yates).
pub(crate) fn permutation(generator: &mut ChaCha8Rng, n: usize) -> Vec<i64> {
    let mut order: Vec<i64> = (0..size(n)).collect();
    for i in (1..n).rev() {
        order.swap(i, below(generator, i + 1));
    }
    order
}

/// What `f` draws from libtorch's generators, of every device, after they were seeded. They are the process's: threads that draw in this way
/// wait for each other, and `f` must not draw in this way itself.
pub(crate) fn seeded<T>(seed: i64, f: impl FnOnce() -> T) -> T {
    static DRAWING: Mutex<()> = Mutex::new(());
    let _alone = DRAWING.lock().unwrap_or_else(PoisonError::into_inner);
    tch::manual_seed(seed);
    f()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place = Place { seed: 7, epoch: 3, step: 5 };

    #[test]
    fn every_part_of_the_place_matters_and_nothing_else() {
        let first = |place: Place, purpose| place.generator(purpose).next_u64();
        let here = first(HERE, Purpose::Attack);
        assert_eq!(here, first(HERE, Purpose::Attack));
        for other in [
            first(Place { seed: 8, ..HERE }, Purpose::Attack),
            first(Place { epoch: 5, step: 3, ..HERE }, Purpose::Attack),
            first(Place { step: 6, ..HERE }, Purpose::Attack),
            first(HERE, Purpose::Augment),
        ] {
            assert_ne!(here, other);
        }
        let torch = |place: Place| {
            let four = || tch::Tensor::rand([4], (tch::Kind::Float, tch::Device::Cpu));
            Vec::<f32>::try_from(place.drawing(Purpose::Attack, four)).unwrap()
        };
        assert_eq!(torch(HERE), torch(HERE));
        assert_ne!(torch(HERE), torch(Place { epoch: 4, ..HERE }));
    }

    #[test]
    fn trainings_side_by_side_draw_what_each_draws_alone() {
        let draws = |seed| {
            let place = |step| Place { seed, epoch: 0, step };
            let many = || tch::Tensor::rand([1000], (tch::Kind::Float, tch::Device::Cpu));
            (0..50).map(|step| place(step).drawing(Purpose::Attack, many)).collect::<Vec<_>>()
        };
        let alone = [1, 2].map(draws);
        let together = std::thread::scope(|scope| {
            [1, 2].map(|seed| scope.spawn(move || draws(seed))).map(|own| own.join().unwrap())
        });
        for (own, alone) in together.iter().flatten().zip(alone.iter().flatten()) {
            assert!(own.equal(alone));
        }
    }

    #[test]
    fn a_permutation_has_each_number_once_and_each_place_alike() {
        let n = 6;
        let mut counts = vec![[0_u32; 6]; n];
        for step in 0..6000 {
            let order = permutation(&mut Place { step, ..HERE }.generator(Purpose::Order), n);
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3, 4, 5]);
            for (place, number) in order.iter().enumerate() {
                counts[usize::try_from(*number).unwrap()][place] += 1;
            }
        }
        // 1000 each, with a standard deviation of 29.
        assert!(counts.iter().flatten().all(|count| (850..1150).contains(count)), "{counts:?}");
    }
}
