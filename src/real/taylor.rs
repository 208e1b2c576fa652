//! Functions on a cell: jets of intervals at its midpoint and over all of it.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::{Interval, Jet, Prob, Real, Row, Softmax};
use crate::exact::Exact;

/// A function of one variable on a cell `[m - r, m + r]`, enclosed by its Taylor coefficients.
///
/// It keeps the coefficients at the midpoint, which are as good as points, and those over the whole cell, which bound the
/// remainder: for every n below N and every x in the cell
///
/// ```text
/// f(x) = sum_{i < n} c_i (x - m)^i + C_n (x - m)^n      with c_i in centre_i, C_n in cell_n.
/// ```
///
/// After each operation the value and the slope over the cell are cut down to what these expansions allow; so the widths shrink with a high
/// power of r where interval arithmetic alone would let them shrink with r. Where a kink may lie in the cell (an undecided
/// [`select`](Real::select)), the coefficients of order two and higher are unknown, and n = 0 and 1 remain: the function is Lipschitz, and its
/// slope is that of either side.
///
/// ```
/// use score_workbench::real::{Interval, Real, Taylor};
/// let x = Taylor::<9>::variable(Interval::new(0.25, 0.75));
/// let y = x.clone() * (-x.square()).exp();
/// // Its integral is (e^(-1/16) - e^(-9/16)) / 2.
/// let truth = 0.5 * ((-1.0f64 / 16.0).exp() - (-9.0f64 / 16.0).exp());
/// assert!(y.integral().contains(truth) && y.integral().width() < 1e-6);
/// ```
#[derive(Clone, Debug)]
pub struct Taylor<const N: usize> {
    centre: Jet<Interval, N>,
    cell: Jet<Interval, N>,
    /// Where the two ends of the cell lie, relative to the midpoint; [`ANYWHERE`] for a number that is the same on every cell.
    ends: [Interval; 2],
}

/// The ends of no cell in particular.
const ANYWHERE: [Interval; 2] = [Interval::ZERO; 2];

impl<const N: usize> Taylor<N> {
    /// The variable itself on a bounded cell.
    ///
    /// # Panics
    /// Where the cell is not bounded.
    #[must_use]
    pub fn variable(cell: Interval) -> Self {
        assert!(cell.is_bounded(), "a cell is bounded");
        let middle = Interval::point(cell.midpoint());
        let ends = [cell.at_lower() - middle, cell.at_upper() - middle];
        Self { centre: Jet::variable(middle), cell: Jet::variable(cell), ends }
    }

    /// A number that does not depend on the variable; it goes with functions on any cell.
    #[must_use]
    pub fn fixed(value: Interval) -> Self {
        let value = Jet::fixed(value);
        Self { centre: value, cell: value, ends: ANYWHERE }
    }

    /// The cell that both are functions on.
    fn common_ends(&self, other: &Self) -> [Interval; 2] {
        if self.ends == ANYWHERE { other.ends } else { self.ends }
    }

    /// The values on the cell.
    #[must_use]
    pub fn range(&self) -> Interval {
        *self.cell.value()
    }

    /// The slopes on the cell; where there is a kink, those of both sides.
    #[must_use]
    pub fn slope(&self) -> Interval {
        if N > 1 { self.cell.coefficients()[1] } else { Interval::ENTIRE }
    }

    /// The value at the midpoint.
    #[must_use]
    pub fn at_midpoint(&self) -> Interval {
        *self.centre.value()
    }

    /// Whether the function is known to be smooth on the cell, so far as the top coefficient is bounded.
    #[must_use]
    pub fn is_smooth(&self) -> bool {
        self.cell.coefficients()[N - 1].is_bounded()
    }

    /// The integral over the cell: what the expansions of every order contain.
    ///
    /// The coefficients may be those of different functions for different x: where a family of functions is enclosed, so is the integral of
    /// whatever is at each x the value of one of them, such as the family's supremum.
    #[must_use]
    pub fn integral(&self) -> Interval {
        let [mut left, mut right] = self.ends;
        let (mut known, mut result) = (Interval::ZERO, Interval::ENTIRE);
        for (n, (c, remainder)) in self.coefficients().enumerate() {
            // The integrals of (x - m)^n over the halves, the first of which has the sign of (-1)^n.
            let order = Interval::point(count(n + 1));
            let halves = [-left / order, right / order];
            result = result.intersection(known + *remainder * halves[0] + *remainder * halves[1]);
            known = known + *c * halves[0] + *c * halves[1];
            (left, right) = (left * self.ends[0], right * self.ends[1]);
        }
        result
    }

    /// The coefficients at the midpoint with those over the cell.
    fn coefficients(&self) -> impl Iterator<Item = (&Interval, &Interval)> {
        self.centre.coefficients().iter().zip(self.cell.coefficients())
    }

    /// At least the distance from the midpoint to either end.
    fn radius(&self) -> f64 {
        self.ends[0].magnitude().max(self.ends[1].magnitude())
    }

    fn of(centre: Jet<Interval, N>, cell: Jet<Interval, N>, ends: [Interval; 2]) -> Self {
        Self { centre, cell, ends }.refined()
    }

    fn map(&self, f: impl Fn(&Jet<Interval, N>) -> Jet<Interval, N>) -> Self {
        Self::of(f(&self.centre), f(&self.cell), self.ends)
    }

    fn zip(
        &self,
        other: &Self,
        f: impl Fn(&Jet<Interval, N>, &Jet<Interval, N>) -> Jet<Interval, N>,
    ) -> Self {
        Self::of(
            f(&self.centre, &other.centre),
            f(&self.cell, &other.cell),
            self.common_ends(other),
        )
    }

    fn pair(
        a: Prob<Self>,
        b: Prob<Self>,
        f: impl Fn(JetProb<N>, JetProb<N>) -> Jet<Interval, N>,
    ) -> Self {
        let centre = |x: Prob<'_, Self>| (x.p.centre, x.ln.centre);
        let cell = |x: Prob<'_, Self>| (x.p.cell, x.ln.cell);
        let apply = |a: (Jet<Interval, N>, Jet<Interval, N>),
                     b: (Jet<Interval, N>, Jet<Interval, N>)| {
            f(Prob { p: &a.0, ln: &a.1 }, Prob { p: &b.0, ln: &b.1 })
        };
        Self::of(apply(centre(a), centre(b)), apply(cell(a), cell(b)), a.p.common_ends(b.p))
    }

    /// Whether it is a constant.
    fn is_fixed(&self) -> bool {
        N < 2 || self.cell.coefficients()[1] == Interval::ZERO
    }

    /// Every coefficient changed by itself, with the values of a constant: nothing becomes wider relative to the others, so that
    /// nothing can be cut down.
    fn with_fixed(&self, fixed: &Self, f: impl Fn(Interval, Interval) -> Interval) -> Self {
        let part = |jet: &Jet<Interval, N>, fixed: Interval| {
            Jet::from_coefficients(jet.coefficients().map(|c| f(c, fixed)))
        };
        let centre = part(&self.centre, fixed.at_midpoint());
        Self { centre, cell: part(&self.cell, fixed.range()), ends: self.ends }
    }

    /// Cuts the slope and the value over the cell down to what the expansions allow.
    fn refined(mut self) -> Self {
        let radius = self.radius();
        if radius == 0.0 || self.is_fixed() {
            return self;
        }
        let mut powers = [1.0; N];
        for n in 1..N {
            powers[n] = (Interval::point(powers[n - 1]) * Interval::point(radius)).upper();
        }
        let (centre, mut cell) = (self.centre.coefficients(), *self.cell.coefficients());
        // The slope is the sum of (n + 1) c_{n + 1} t^n.
        let factor =
            |n: usize| (Interval::point(count(n + 1)) * Interval::point(powers[n])).upper();
        let slopes = (0..N - 1).map(|n| (factor(n), centre[n + 1], cell[n + 1]));
        cell[1] = expansions(cell[1], slopes);
        cell[0] = expansions(cell[0], (0..N).map(|n| (powers[n], centre[n], cell[n])));
        self.cell = Jet::from_coefficients(cell);
        if cell[1].lower() >= 0.0 || cell[1].upper() <= 0.0 {
            let [left, right] = self.ends.map(|end| self.at_offset(end));
            cell[0] = cell[0].intersection(left.hull(right));
            self.cell = Jet::from_coefficients(cell);
        }
        self
    }

    /// The value at an offset from the midpoint: what the expansions of orders 0, 1 and the highest that is bounded contain.
    fn at_offset(&self, offset: Interval) -> Interval {
        let (centre, cell) = (self.centre.coefficients(), self.cell.coefficients());
        let expansion = |n: usize| (0..n).rev().fold(cell[n], |sum, i| centre[i] + sum * offset);
        let smooth = (2..N).take_while(|&n| cell[n].is_bounded()).last();
        let nearest = self.range().intersection(expansion(1));
        smooth.map_or(nearest, |n| nearest.intersection(expansion(n)))
    }
}

type JetProb<'a, const N: usize> = Prob<'a, Jet<Interval, N>>;

/// What all of `sum_{i < n} f_i c_i s^i + f_n C_n s^n`, `|s| <= 1`, contain, for tuples `(f_n, c_n, C_n)` with `f_0 = 1`; within
/// `known`.
fn expansions(known: Interval, terms: impl Iterator<Item = (f64, Interval, Interval)>) -> Interval {
    let (mut result, mut sum) = (known, Interval::ZERO);
    for (n, (factor, centre, cell)) in terms.enumerate() {
        if n > 1 && !cell.is_bounded() {
            break;
        }
        let term = |c: Interval| match n {
            0 => c,
            n if n.is_multiple_of(2) => c.times_up_to(factor),
            _ => c.times_symmetric(factor),
        };
        result = result.intersection(sum + term(cell));
        // A coefficient that is 0 all over the cell: so are those that follow.
        if cell == Interval::ZERO {
            break;
        }
        sum = sum + term(centre);
    }
    result
}

/// A count as a double.
fn count(n: usize) -> f64 {
    n as f64
}

impl<const N: usize> Add for Taylor<N> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        if self.is_fixed() || other.is_fixed() {
            let ends = self.common_ends(&other);
            return Self { centre: self.centre + other.centre, cell: self.cell + other.cell, ends };
        }
        self.zip(&other, |a, b| *a + *b)
    }
}

impl<const N: usize> Sub for Taylor<N> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl<const N: usize> Mul for Taylor<N> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        if self.is_fixed() {
            other.with_fixed(&self, |c, fixed| fixed * c)
        } else if other.is_fixed() {
            self.with_fixed(&other, |c, fixed| c * fixed)
        } else {
            self.zip(&other, |a, b| *a * *b)
        }
    }
}

impl<const N: usize> Div for Taylor<N> {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        if other.is_fixed() {
            self.with_fixed(&other, |c, fixed| c / fixed)
        } else {
            self.zip(&other, |a, b| *a / *b)
        }
    }
}

impl<const N: usize> Neg for Taylor<N> {
    type Output = Self;
    fn neg(self) -> Self {
        Self { centre: -self.centre, cell: -self.cell, ends: self.ends }
    }
}

impl<const N: usize> Real for Taylor<N> {
    fn int(&self, n: i32) -> Self {
        Self::fixed(Interval::ZERO.int(n))
    }
    fn constant(&self, value: &Exact) -> Self {
        Self::fixed(Interval::ZERO.constant(value))
    }
    fn exp(&self) -> Self {
        self.map(Real::exp)
    }
    fn exp_m1(&self) -> Self {
        self.map(Real::exp_m1)
    }
    fn ln(&self) -> Self {
        self.map(Real::ln)
    }
    fn ln_1p(&self) -> Self {
        self.map(Real::ln_1p)
    }
    fn sqrt(&self) -> Self {
        self.map(Real::sqrt)
    }
    fn tanh(&self) -> Self {
        self.map(Real::tanh)
    }
    fn logistic(&self) -> Self {
        self.map(Real::logistic)
    }
    fn softplus(&self) -> Self {
        self.map(Real::softplus)
    }
    fn square(&self) -> Self {
        self.map(Real::square)
    }
    /// Decided for the whole cell where it can be.
    fn is_nonnegative(&self) -> Option<bool> {
        self.range().is_nonnegative()
    }
    fn select(&self, nonnegative: &Self, negative: &Self) -> Self {
        match self.range().is_nonnegative() {
            Some(true) => nonnegative.clone(),
            Some(false) => negative.clone(),
            None => Self::of(
                self.centre.select(&nonnegative.centre, &negative.centre),
                self.cell.select(&nonnegative.cell, &negative.cell),
                if self.ends == ANYWHERE { nonnegative.common_ends(negative) } else { self.ends },
            ),
        }
    }
    fn select_higher(&self, nonnegative: &Self, negative: &Self) -> Self {
        match self.range().is_nonnegative() {
            Some(true) => nonnegative.clone(),
            Some(false) => negative.clone(),
            None => {
                let unknown = Jet::from_coefficients([Interval::ENTIRE; N]);
                let ends = self.common_ends(nonnegative);
                Self { centre: unknown, cell: unknown, ends }
            }
        }
    }
    fn abs(&self) -> Self {
        match self.range().is_nonnegative() {
            Some(true) => self.clone(),
            Some(false) => -self.clone(),
            None => self.map(Real::abs),
        }
    }
    fn max(&self, other: &Self) -> Self {
        match (self.clone() - other.clone()).range().is_nonnegative() {
            Some(true) => self.clone(),
            Some(false) => other.clone(),
            None => self.zip(other, Real::max),
        }
    }
    fn weigh(&self, factor: &Self) -> Self {
        self.zip(factor, Real::weigh)
    }
    fn over(&self, divisor: &Self) -> Self {
        self.zip(divisor, Real::over)
    }
    fn softmax(logits: &[Self]) -> Softmax<Self> {
        let ends = logits.iter().map(|h| h.ends).find(|ends| *ends != ANYWHERE).unwrap_or(ANYWHERE);
        let part = |of: fn(&Self) -> Jet<Interval, N>| {
            Jet::softmax(&Row::from_fn(logits.len(), |k| of(&logits[k])))
        };
        let (centre, cell) = (part(|h| h.centre), part(|h| h.cell));
        let join = |a: &Row<Jet<Interval, N>>, b: &Row<Jet<Interval, N>>| {
            Row::from_fn(a.len(), |k| Self::of(a[k], b[k], ends))
        };
        Softmax {
            p: join(&centre.p, &cell.p),
            ln_p: join(&centre.ln_p, &cell.ln_p),
            log_total: Self::of(centre.log_total, cell.log_total, ends),
        }
    }
    fn ln_mean_exp(&self, other: &Self) -> Self {
        self.zip(other, Real::ln_mean_exp)
    }
    fn difference(a: Prob<Self>, b: Prob<Self>) -> Self {
        Self::pair(a, b, Jet::difference)
    }
    fn relative_entropy(a: Prob<Self>, b: Prob<Self>) -> Self {
        Self::pair(a, b, Jet::relative_entropy)
    }
    fn pearson(a: Prob<Self>, b: Prob<Self>) -> Self {
        Self::pair(a, b, Jet::pearson)
    }
}
