//! Random arguments, weighted to where intervals go wrong.

use score_workbench::real::inclusion::{Domain, Operation};

/// Where a function changes its character: zeros, kinks of algorithms, thresholds of overflow, underflow and saturation.
const SPECIAL: [f64; 22] = [
    0.0,
    1.0,
    0.5,
    2.0,
    0.0625,
    std::f64::consts::LN_2,
    std::f64::consts::E,
    27.226017111108366,
    5.921587195794508,
    19.061547465398498,
    36.7368005696771,
    37.42994775023705,
    708.3964185322641,
    709.782712893384,
    744.4400719213812,
    745.1332191019412,
    f64::MIN_POSITIVE,
    5e-324,
    f64::MAX,
    1.3407807929942596e154,
    1.4916681462400413e-154,
    2.220446049250313e-16,
];

/// A generator (SplitMix64).
pub struct Draw(pub u64);

impl Draw {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.bits() % n
    }

    fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / 2f64.powi(53)
    }

    /// A finite double with an exponent that is uniform in this range of biased exponents; 0 is that of the subnormals.
    fn exponent(&mut self, least: u64, most: u64) -> f64 {
        let exponent = least + self.below(most - least + 1);
        let bits = self.bits();
        f64::from_bits((bits & !(0x7ff << 52)) | (exponent << 52))
    }

    fn signed(&mut self, x: f64) -> f64 {
        if self.below(2) == 0 { x } else { -x }
    }

    fn number(&mut self) -> f64 {
        match self.below(20) {
            0..=3 => self.exponent(0, 2046),
            4..=8 => self.exponent(1023 - 60, 1023 + 10),
            9..=11 => {
                let near = SPECIAL[self.below(SPECIAL.len() as u64) as usize];
                let x = self.signed(near);
                self.beside(x)
            }
            12..=14 => {
                let n = self.below(65) as f64 - 32.0;
                n * 2f64.powi(self.below(12) as i32 - 6)
            }
            15..=17 => 80.0 * self.share() - 40.0,
            _ => 1600.0 * self.share() - 800.0,
        }
    }

    /// The number itself or one close to it, finite.
    fn beside(&mut self, x: f64) -> f64 {
        let near = match self.below(4) {
            0 => x,
            1 => (0..self.below(4)).fold(x, |x, _| x.next_up()),
            2 => (0..self.below(4)).fold(x, |x, _| x.next_down()),
            _ => {
                let by = 2f64.powi(-(self.below(52) as i32)) * self.share();
                let by = self.signed(by);
                x + x * by
            }
        };
        if near.is_finite() { near } else { x }
    }

    /// Arguments of an operation.
    pub fn point(&mut self, operation: &Operation) -> Vec<f64> {
        let mut point = Vec::with_capacity(operation.arity);
        for n in 0..operation.arity {
            let correlated = n > 0 && self.below(3) == 0;
            let x = if correlated { self.beside(point[0]) } else { self.number() };
            point.push(inside(operation.domain, x));
        }
        if matches!(operation.name, "div" | "constant") && point[1] == 0.0 {
            point[1] = 3.0;
        }
        point
    }
}

/// The number moved into the domain.
fn inside(domain: Domain, x: f64) -> f64 {
    let folded = |x: f64| if x.abs() > 1.0 { 1.0 / x } else { x };
    match domain {
        Domain::All | Domain::Fraction => x,
        Domain::From(0) => x.abs(),
        Domain::From(_) => {
            if x < -1.0 {
                1.0 / x
            } else {
                x
            }
        }
        Domain::Probability => folded(x).abs(),
        Domain::LogProbability => -x.abs(),
    }
}
