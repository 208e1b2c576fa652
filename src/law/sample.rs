//! Samples of a law on the line.

use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal, StandardUniform};

use super::LineLaw;

impl LineLaw<f64> {
    /// A draw of (x, y) from `p_d(x, y)`. The generator's output is fixed by its seed on every machine, and so are the draws.
    ///
    /// ```
    /// use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
    /// use score_workbench::law::Law;
    /// let law = Law::resolve("toy")?.line(&0.0)?;
    /// let mut generator = ChaCha8Rng::seed_from_u64(1);
    /// let draws: Vec<(f64, usize)> = (0..4000).map(|_| law.sample(&mut generator)).collect();
    /// let second = draws.iter().filter(|(_, y)| *y == 1).count();
    /// assert!((second as f64 / 4000.0 - 1.0 / 6.0).abs() < 0.024); // four standard deviations
    /// # Ok::<(), score_workbench::error::Error>(())
    /// ```
    pub fn sample(&self, generator: &mut ChaCha8Rng) -> (f64, usize) {
        let mut rest: f64 = StandardUniform.sample(generator);
        let classes = self.classes().enumerate();
        let mut all = classes.flat_map(|(k, class)| class.iter().map(move |own| (own, k)));
        let mut drawn = (&self.class(0)[0], 0);
        // Rounding may leave a little beyond the last component, which is then the one.
        while rest >= 0.0
            && let Some(next) = all.next()
        {
            drawn = next;
            rest -= drawn.0.mass();
        }
        let (component, k) = drawn;
        let z: f64 = StandardNormal.sample(generator);
        (component.mean() + component.standard_deviation() * z, k)
    }
}
