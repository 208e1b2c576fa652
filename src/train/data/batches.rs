//! Which images a step sees.

use crate::error::Error;
use crate::train::random::{Place, Purpose, below, permutation, size};

/// How epochs are cut into batches.
///
/// Without generated images an epoch is a permutation of the images, cut into batches of which the last may be smaller. With them every batch is
/// full: `floor(fraction * batch)` generated images, drawn with replacement, and real ones for the rest, drawn without replacement within the epoch
/// (in a new permutation each time all have been seen). An epoch then has `ceil(N / batch)` steps, where N is the number of images that it counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Batches {
    real: usize,
    counted: usize,
    batch: usize,
    generated: usize,
    from_generated: usize,
}

/// The numbers of the images of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Of the real images.
    pub real: Vec<i64>,
    /// Of the generated images.
    pub generated: Vec<i64>,
}

impl Batches {
    /// Batches of `batch` out of `real` images; an epoch counts `counted` images (as a rule all of them).
    ///
    /// # Errors
    /// [`Error::TooFew`] without images, with empty batches or epochs, or with epochs that count more than there are.
    pub fn new(real: usize, counted: usize, batch: usize) -> Result<Self, Error> {
        for (what, found) in
            [("images", real), ("images in an epoch", counted), ("images in a batch", batch)]
        {
            if found == 0 {
                return Err(Error::TooFew { what, found, least: 1 });
            }
        }
        if counted > real {
            return Err(Error::TooFew { what: "images", found: real, least: counted });
        }
        Ok(Self { real, counted, batch, generated: 0, from_generated: 0 })
    }

    /// Batches of which the share `fraction`, rounded down, comes from `generated` further images. An epoch counts `counted` images, more of them
    /// than there are if need be.
    ///
    /// # Errors
    /// As [`Batches::new`]; [`Error::NotAllowed`] for a fraction that is not in [0, 1).
    pub fn with_generated(
        real: usize,
        counted: usize,
        batch: usize,
        (generated, fraction): (usize, f64),
    ) -> Result<Self, Error> {
        if !(0.0..1.0).contains(&fraction) {
            return Err(Error::NotAllowed {
                what: "the fraction",
                found: fraction.to_string(),
                allowed: "from 0 to below 1".into(),
            });
        }
        if generated == 0 {
            return Err(Error::TooFew { what: "generated images", found: 0, least: 1 });
        }
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to the size of a batch"
        )]
        let from_generated = (batch as f64 * fraction) as usize;
        let batches = Self::new(real, counted.min(real), batch)?;
        Ok(Self { counted, generated, from_generated, ..batches })
    }

    /// How many steps an epoch has.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.counted.div_ceil(self.batch)
    }

    /// How many images an epoch sees.
    #[must_use]
    pub fn images(&self) -> usize {
        if self.generated == 0 { self.counted } else { self.steps() * self.batch }
    }

    /// The batches of an epoch, from a step on.
    #[must_use]
    pub fn epoch(&self, seed: u64, epoch: usize) -> Vec<Batch> {
        let order = |round| Place { seed, epoch, step: round }.generator(Purpose::Order);
        if self.generated == 0 {
            let order = permutation(&mut order(0), self.real);
            let batches = order[..self.counted].chunks(self.batch);
            return batches.map(|real| Batch { real: real.to_vec(), generated: vec![] }).collect();
        }
        let share = self.batch - self.from_generated;
        let needed = share * self.steps();
        let rounds = (0..needed.div_ceil(self.real))
            .flat_map(|round| permutation(&mut order(round), self.real));
        let real: Vec<i64> = rounds.take(needed).collect();
        let mut generator = Place { seed, epoch, step: 0 }.generator(Purpose::Generated);
        let mut draw = || {
            (0..self.from_generated).map(|_| size(below(&mut generator, self.generated))).collect()
        };
        real.chunks(share).map(|real| Batch { real: real.to_vec(), generated: draw() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_without_generated_images_is_a_permutation() {
        let batches = Batches::new(10, 10, 4).unwrap();
        assert_eq!((batches.steps(), batches.images()), (3, 10));
        let epoch = batches.epoch(1, 0);
        assert_eq!(epoch.iter().map(|batch| batch.real.len()).collect::<Vec<_>>(), [4, 4, 2]);
        let mut all: Vec<i64> = epoch.iter().flat_map(|batch| batch.real.clone()).collect();
        all.sort_unstable();
        assert_eq!(all, (0..10).collect::<Vec<_>>());
        assert_eq!(epoch, batches.epoch(1, 0));
        assert_ne!(epoch, batches.epoch(1, 1));
        assert_ne!(epoch, batches.epoch(2, 0));
    }

    /// The figures of the paper's recipe with a million generated images: 98 steps of 154 real and 358 generated ones.
    #[test]
    fn the_recipe_with_generated_images_draws_as_it_is_published() {
        let batches = Batches::with_generated(48_976, 50_000, 512, (1_000_000, 0.7)).unwrap();
        assert_eq!(batches.steps(), 98);
        let epoch = batches.epoch(1, 5);
        assert_eq!(epoch.len(), 98);
        assert!(epoch.iter().all(|batch| (batch.real.len(), batch.generated.len()) == (154, 358)));
        let mut real: Vec<i64> = epoch.iter().flat_map(|batch| batch.real.clone()).collect();
        real.sort_unstable();
        real.dedup();
        assert_eq!(real.len(), 15_092);
        let mut generated: Vec<i64> =
            epoch.iter().flat_map(|batch| batch.generated.clone()).collect();
        assert_eq!(generated.len(), 35_084);
        assert!(generated.iter().all(|number| (0..1_000_000).contains(number)));
        generated.sort_unstable();
        generated.dedup();
        // With replacement 35,084 of a million meet about 609 times.
        assert!((34_350..34_600).contains(&generated.len()), "{}", generated.len());
    }

    #[test]
    fn a_few_real_images_come_again_in_the_epoch() {
        let batches = Batches::with_generated(5, 12, 4, (3, 0.5)).unwrap();
        let real: Vec<i64> =
            batches.epoch(1, 0).iter().flat_map(|batch| batch.real.clone()).collect();
        assert_eq!(real.len(), 6);
        let mut first = real[..5].to_vec();
        first.sort_unstable();
        assert_eq!(first, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn what_cannot_be_batched_is_refused() {
        assert!(matches!(Batches::new(0, 0, 4), Err(Error::TooFew { .. })));
        assert!(matches!(Batches::new(5, 5, 0), Err(Error::TooFew { .. })));
        assert!(matches!(Batches::new(5, 6, 2), Err(Error::TooFew { found: 5, least: 6, .. })));
        assert!(matches!(
            Batches::with_generated(5, 5, 2, (3, 1.0)),
            Err(Error::NotAllowed { .. })
        ));
        assert!(matches!(
            Batches::with_generated(5, 5, 2, (3, f64::NAN)),
            Err(Error::NotAllowed { .. })
        ));
        assert!(matches!(Batches::with_generated(5, 5, 2, (0, 0.5)), Err(Error::TooFew { .. })));
    }
}
