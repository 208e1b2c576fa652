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

    /// Seeds libtorch's generators, on every device, for a purpose here.
    pub fn seed_torch(self, purpose: Purpose) {
        tch::manual_seed(self.generator(purpose).next_u64().cast_signed());
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

/// What `f` draws from libtorch's generator after it was seeded. It is the process's: threads that draw in this way wait for each other.
pub(crate) fn seeded<T>(seed: i64, f: impl FnOnce() -> T) -> T {
    static DRAWING: Mutex<()> = Mutex::new(());
    let _alone = DRAWING.lock().unwrap_or_else(PoisonError::into_inner);
    tch::manual_seed(seed);
    f()
}

/// libtorch's generator for a test alone: tests run side by side.
#[cfg(test)]
pub(crate) fn alone() -> std::sync::MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
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
        let _alone = alone();
        let torch = |place: Place| {
            place.seed_torch(Purpose::Attack);
            let drawn = tch::Tensor::rand([4], (tch::Kind::Float, tch::Device::Cpu));
            Vec::<f32>::try_from(drawn).unwrap()
        };
        assert_eq!(torch(HERE), torch(HERE));
        assert_ne!(torch(HERE), torch(Place { epoch: 4, ..HERE }));
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
