//! Square: random search over squares of pixels, by the logits alone (Andriushchenko et al., ECCV 2020; l1 in Croce and Hein, ICML 2021).

use std::collections::HashMap;

use score_torch_shim::Generator;
use tch::{Device, Kind, TchError, Tensor, no_grad};

use super::images::{direction, into_l1_ball, length, per_image};
use super::{Broken, Classifier, Quirk, Quirks, labels, positions, put};
use crate::error::Error;
use crate::perturbation::Norm;
use crate::train::random::size;

/// The attack.
#[derive(Clone, Debug)]
pub struct Square {
    /// The norm.
    pub norm: Norm,
    /// The radius.
    pub epsilon: f64,
    /// How many candidates are tried for each image.
    pub queries: usize,
    /// What becomes of broken points. They are left out in any case; with [`Broken::Dropped`] so are, in linf, candidates that change no pixel, and those that were
    /// rejected before, the image being the same.
    pub broken: Broken,
    /// What is done otherwise than in the reference implementation.
    pub quirks: Quirks,
}

/// The share of pixels that the first squares cover.
const FIRST_SHARE: f64 = 0.8;
/// In l1 candidates stay inside by this factor.
const INSIDE: f64 = 1.0 - 1e-6;
const TINY: f64 = 1e-12;

/// The candidates of one attack that are still correctly classified, and the best so far of all.
struct Search<'a> {
    attack: &'a Square,
    model: &'a dyn Classifier,
    clean: &'a Tensor,
    y: &'a Tensor,
    best: Tensor,
    margin: Tensor,
    /// In which query each image was last changed.
    changed: Tensor,
    /// In which query a square of these colours was last tried (linf).
    tried: HashMap<(Window, Vec<i8>), i64>,
    generator: Generator,
}

/// The top left corner of a square, its side.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Window {
    top: i64,
    left: i64,
    side: i64,
}

impl Square {
    /// Attacks images `[N, C, H, W]` with labels `[N]`. Points for which nothing was found are the clean ones.
    ///
    /// # Errors
    /// What the model returns.
    pub fn attack(
        &self,
        model: &dyn Classifier,
        images: &Tensor,
        y: &Tensor,
        seed: i64,
    ) -> Result<Tensor, Error> {
        let left = positions(&labels(model, images)?.eq_tensor(y));
        let mut found = images.copy();
        let generator = Generator::new(seed)?;
        if left.numel() == 0 {
            return Ok(found);
        }
        let (x, y) = (images.index_select(0, &left), y.index_select(0, &left));
        let best = no_grad(|| Search::begin(self, model, &x, &y, generator)?.run())?;
        let broken = positions(&labels(model, &best)?.ne_tensor(&y));
        put(&mut found, &left.index_select(0, &broken), &best.index_select(0, &broken));
        Ok(found)
    }

    /// The side of the squares in query `i`: the share of pixels halves at 11, 51, 201, 501, 1001, 2001, 4001, 6001 and 8001, whatever the number of queries.
    fn side(&self, i: usize, height: i64, width: i64) -> i64 {
        let halvings =
            [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000].iter().filter(|&&at| i > at).count();
        let share = FIRST_SHARE / f64::from(1u32 << halvings);
        // At most the side of an image.
        #[allow(clippy::cast_possible_truncation)]
        let side = (share * (height * width) as f64).sqrt().round_ties_even() as i64;
        let side = match self.norm {
            Norm::Linf => side.max(1),
            // The pattern of the other norms needs a middle.
            Norm::L2 | Norm::L1 => side.max(3) | 1,
        };
        side.min(height).min(width)
    }

    /// A square somewhere; but for the fix, never at the last row and column.
    fn window(
        &self,
        side: i64,
        size: &[i64],
        generator: &mut Generator,
    ) -> Result<Window, TchError> {
        let more = i64::from(self.quirks.fixes(Quirk::Edge));
        let top = below(size[2] - side + more, generator)?;
        let left = below(size[3] - side + more, generator)?;
        Ok(Window { top, left, side })
    }
}

impl<'a> Search<'a> {
    fn begin(
        attack: &'a Square,
        model: &'a dyn Classifier,
        clean: &'a Tensor,
        y: &'a Tensor,
        mut generator: Generator,
    ) -> Result<Self, Error> {
        let size = clean.size();
        let (n, channels, width) = (size[0], size[1], size[3]);
        let best = match attack.norm {
            Norm::Linf => {
                let stripes = signs(&[n, channels, 1, width], &mut generator)?;
                let stripes = stripes.to_device(clean.device());
                (clean + stripes * attack.epsilon).clamp(0.0, 1.0)
            }
            Norm::L2 => {
                let tiles = tiles(clean, Norm::L2, &mut generator)?;
                (clean + direction(&tiles, Norm::L2) * attack.epsilon).clamp(0.0, 1.0)
            }
            Norm::L1 => {
                let tiles = tiles(clean, Norm::L1, &mut generator)?;
                clean + &tiles + into_l1_ball(clean, &tiles, attack.epsilon * INSIDE)
            }
        };
        let margin = margin(&model.logits(&best)?, y);
        let changed = margin.zeros_like().to_kind(Kind::Int64);
        Ok(Self {
            attack,
            model,
            clean,
            y,
            best,
            margin,
            changed,
            tried: HashMap::new(),
            generator,
        })
    }

    /// The best images after all queries. One square, and in linf one sign for each channel, serve all images of a query.
    fn run(mut self) -> Result<Tensor, Error> {
        let shape = self.clean.size();
        for i in 0..self.attack.queries {
            let left = positions(&self.margin.gt(0.0));
            if left.numel() == 0 {
                break;
            }
            let side = self.attack.side(i, shape[2], shape[3]);
            let window = self.attack.window(side, &shape, &mut self.generator)?;
            match self.attack.norm {
                Norm::Linf => self.recolour(&left, window, size(i + 1))?,
                Norm::L2 | Norm::L1 => {
                    let clean = self.clean.index_select(0, &left);
                    let best = self.best.index_select(0, &left);
                    let candidate = self.exchange(&clean, &best, window)?;
                    let better = self.better(&left, &candidate)?;
                    put(
                        &mut self.best,
                        &left.index_select(0, &better),
                        &candidate.index_select(0, &better),
                    );
                }
            }
        }
        Ok(self.best)
    }

    /// Which of the candidates for these places have smaller margins, or none; the margins are taken.
    fn better(&mut self, place: &Tensor, candidate: &Tensor) -> Result<Tensor, Error> {
        let new = margin(&self.model.logits(candidate)?, &self.y.index_select(0, place));
        let old = self.margin.index_select(0, place);
        let better = positions(&new.lt_tensor(&old).logical_or(&new.le(0.0)));
        put(&mut self.margin, &place.index_select(0, &better), &new.index_select(0, &better));
        Ok(better)
    }

    /// Moves a square to one corner of the ball in each channel. Outside the square nothing changes, since what is there is in the ball already.
    fn recolour(&mut self, left: &Tensor, window: Window, query: i64) -> Result<(), Error> {
        let Square { epsilon, broken, .. } = *self.attack;
        let colours = signs(&[self.clean.size()[1], 1, 1], &mut self.generator)?;
        let mut place = left.shallow_clone();
        if broken == Broken::Dropped {
            let key = Vec::<f32>::try_from(colours.view([-1]))?;
            // Signs.
            #[allow(clippy::cast_possible_truncation)]
            let key = key.iter().map(|colour| *colour as i8).collect();
            if let Some(before) = self.tried.insert((window, key), query) {
                let since = positions(&self.changed.index_select(0, &place).gt(before));
                place = place.index_select(0, &since);
            }
            if place.numel() == 0 {
                return Ok(());
            }
        }
        let square = |images: &Tensor, place: &Tensor| window.of(images).index_select(0, place);
        let clean = square(self.clean, &place);
        let before = square(&self.best, &place);
        let colours = colours.to_device(clean.device()) * (2.0 * epsilon);
        let mut after = (&before + colours)
            .maximum(&(&clean - epsilon))
            .minimum(&(&clean + epsilon))
            .clamp(0.0, 1.0);
        if broken == Broken::Dropped {
            let differ = positions(&length(&(&after - before), Norm::Linf).gt(0.0));
            place = place.index_select(0, &differ);
            after = after.index_select(0, &differ);
        }
        if place.numel() == 0 {
            return Ok(());
        }
        let candidate = self.best.index_select(0, &place);
        window.of(&candidate).copy_(&after);
        let better = self.better(&place, &candidate)?;
        let place = place.index_select(0, &better);
        put(&mut window.of(&self.best), &place, &after.index_select(0, &better));
        let _ = self.changed.index_fill_(0, &place, query);
        Ok(())
    }

    /// Takes the length that a second square has, and puts it into the first as a pattern of its own.
    fn exchange(
        &mut self,
        clean: &Tensor,
        best: &Tensor,
        window: Window,
    ) -> Result<Tensor, TchError> {
        let Square { norm, epsilon, .. } = *self.attack;
        let size = clean.size();
        let (n, channels) = (size[0], size[1]);
        let other = self.attack.window(window.side, &size, &mut self.generator)?;
        let change = best - clean;
        // The lengths of the first square, of the whole image, and of both squares together.
        let first = in_plane(&window.of(&change), norm);
        let image = per_image(&length(&change, norm));
        let mask = change.zeros_like();
        let _ = window.of(&mask).fill_(1.0);
        let _ = other.of(&mask).fill_(1.0);
        let both = in_plane(&(&change * mask), norm);

        let pattern = pattern(window.side, norm, &mut self.generator)?;
        let pattern = pattern.reshape([1, 1, window.side, window.side])
            * signs(&[n, channels, 1, 1], &mut self.generator)?;
        // Row by row in memory, also where it was turned: sums over it are rounded in that order.
        let pattern = pattern.to_device(clean.device()).contiguous();
        let new = pattern + window.of(&change) / (first + TINY);
        let new = &new / (in_plane(&new, norm) + TINY);
        let new = if norm == Norm::L2 {
            let spare = (image.full_like(epsilon).square() - image.square()).clamp_min(0.0);
            new * (spare / channels as f64 + both.square()).sqrt()
        } else {
            let spare = (image.full_like(epsilon) - image).clamp_min(0.0);
            new * (spare / channels as f64 + both) * channels as f64
        };
        let _ = other.of(&change).fill_(0.0);
        window.of(&change).copy_(&new);
        if norm == Norm::L2 {
            (clean + direction(&change, Norm::L2) * epsilon).f_clamp(0.0, 1.0)
        } else {
            Ok(clean + &change + into_l1_ball(clean, &change, epsilon * INSIDE))
        }
    }
}

impl Window {
    /// These pixels of images, as a view.
    fn of(self, images: &Tensor) -> Tensor {
        images.narrow(-2, self.top, self.side).narrow(-1, self.left, self.side)
    }
}

/// The logit of the label minus the largest other one.
pub(in crate::evaluate) fn margin(logits: &Tensor, y: &Tensor) -> Tensor {
    let label = y.unsqueeze(1);
    let own = logits.gather(1, &label, false).squeeze_dim(1);
    own - logits.scatter_value(1, &label, f64::NEG_INFINITY).max_dim(1, false).0
}

/// A whole number from 0 to `end` exclusive; 0 where there is none.
fn below(end: i64, generator: &mut Generator) -> Result<i64, TchError> {
    (generator.uniform(&[1])? * end as f64).to_kind(Kind::Int64).f_int64_value(&[0])
}

/// -1 or 1 (0 where a draw is exactly a half).
fn signs(size: &[i64], generator: &mut Generator) -> Result<Tensor, TchError> {
    (generator.uniform(size)? * 2.0 - 1.0).f_sign()
}

/// The length of each channel, `[N, C, 1, 1]`.
fn in_plane(images: &Tensor, norm: Norm) -> Tensor {
    let plane = Some(&[-2i64, -1][..]);
    if norm == Norm::L2 {
        images.square().sum_dim_intlist(plane, true, Kind::Float).sqrt()
    } else {
        images.abs().sum_dim_intlist(plane, true, Kind::Float)
    }
}

/// The start: five by five patterns with random signs.
fn tiles(images: &Tensor, norm: Norm, generator: &mut Generator) -> Result<Tensor, TchError> {
    let size = images.size();
    let side = size[2] / 5;
    let margin = (size[2] - side * 5) / 2;
    let tiles = Tensor::zeros(&size, (Kind::Float, Device::Cpu));
    for row in 0..size[2] / side {
        for column in 0..size[3] / side {
            let window = Window { top: margin + row * side, left: margin + column * side, side };
            let pattern = pattern(side, norm, generator)?.reshape([1, 1, side, side]);
            let _ =
                window.of(&tiles).g_add_(&(pattern * signs(&[size[0], size[1], 1, 1], generator)?));
        }
    }
    tiles.f_to_device(images.device())
}

/// A pattern of length 1: a peak above, and one below it turned downwards; on its side as often as not.
fn pattern(side: i64, norm: Norm, generator: &mut Generator) -> Result<Tensor, TchError> {
    let pattern =
        Tensor::cat(&[&peak(side / 2, side, norm), &-peak(side - side / 2, side, norm)], 0);
    let pattern = &pattern / total(&pattern, norm);
    let is_turned = generator.uniform(&[1])?.f_double_value(&[0])? > 0.5;
    Ok(if is_turned { pattern.tr() } else { pattern })
}

/// Rectangles around the middle, each wider and lower than the one before it, summed up to length 1.
fn peak(height: i64, width: i64, norm: Norm) -> Tensor {
    let peak = Tensor::zeros([height, width], (Kind::Float, Device::Cpu));
    let power = if norm == Norm::L2 { 2 } else { 4 };
    let (top, left) = (height / 2, width / 2);
    for k in 0..=(height / 2).max(width / 2) {
        let range = |middle: i64, size: i64| {
            let from = (middle - k).max(0);
            (from, (middle + k + 1).min(size) - from)
        };
        let ((row, rows), (column, columns)) = (range(top, height), range(left, width));
        let step = 1.0 / ((k + 1) as f32).powi(power);
        let _ = peak.narrow(0, row, rows).narrow(1, column, columns).g_add_scalar_(f64::from(step));
    }
    &peak / total(&peak, norm)
}

fn total(pattern: &Tensor, norm: Norm) -> Tensor {
    if norm == Norm::L2 {
        pattern.square().sum(Kind::Float).sqrt()
    } else {
        pattern.abs().sum(Kind::Float)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_shrink_as_stated() {
        let attack = |norm| Square {
            norm,
            epsilon: 0.1,
            queries: 5000,
            broken: Broken::Kept,
            quirks: Quirks::default(),
        };
        let firsts = [0, 11, 51, 201, 501, 1001, 2001, 4001];
        let sides = |norm| firsts.map(|i| attack(norm).side(i, 32, 32));
        assert_eq!(sides(Norm::Linf), [29, 20, 14, 10, 7, 5, 4, 3]);
        assert_eq!(sides(Norm::L2), [29, 21, 15, 11, 7, 5, 5, 3]);
        assert_eq!(attack(Norm::Linf).side(10, 32, 32), 29);
    }

    #[test]
    fn the_last_row_and_column_are_reached_by_the_fix_alone() {
        let farthest = |fixes: &[Quirk]| {
            let attack = Square {
                norm: Norm::Linf,
                epsilon: 0.1,
                queries: 1,
                broken: Broken::Kept,
                quirks: Quirks::fixed(fixes),
            };
            let mut generator = Generator::new(0).unwrap();
            let mut window = || attack.window(29, &[1, 3, 32, 32], &mut generator).unwrap();
            let windows: Vec<_> = (0..200).map(|_| window()).collect();
            let most = |of: fn(&Window) -> i64| windows.iter().map(of).max().unwrap();
            [most(|window| window.top), most(|window| window.left)]
        };
        assert_eq!(farthest(&[]), [2, 2]);
        assert_eq!(farthest(&[Quirk::Edge]), [3, 3]);
    }
}
