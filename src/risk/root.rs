//! Bracketed roots.

/// A zero of `f` in `[a, b]`, where `f` has opposite signs at the ends, to within `tolerance`.
///
/// The ITP method (Oliveira and Takahashi 2020): the steps of regula falsi, truncated towards the midpoint and kept in its
/// neighbourhood, so that it is never slower than bisection by more than one step. It needs a change of sign only, no
/// continuity.
pub fn root(
    f: impl Fn(f64) -> f64,
    (a, fa): (f64, f64),
    (b, fb): (f64, f64),
    tolerance: f64,
) -> f64 {
    let (mut a, mut fa, mut b, mut fb) = (a, fa, b, fb);
    let truncation = 0.2 / (b - a);
    let mut reach = 0.5 * (b - a);
    while b - a > 2.0 * tolerance {
        let middle = 0.5 * (a + b);
        if middle <= a || middle >= b {
            break;
        }
        let radius = reach - 0.5 * (b - a) + tolerance;
        reach *= 0.5;
        let falsi = (fb * a - fa * b) / (fb - fa);
        let towards = (middle - falsi).signum();
        let shift = truncation * (b - a) * (b - a);
        let truncated =
            if shift <= (middle - falsi).abs() { falsi + towards * shift } else { middle };
        let projected = if (truncated - middle).abs() <= radius {
            truncated
        } else {
            middle - towards * radius
        };
        // Infinite values make the secant meaningless; bisection does not mind.
        let x = if projected > a && projected < b { projected } else { middle };
        let fx = f(x);
        if fx == 0.0 {
            return x;
        }
        if (fx > 0.0) == (fb > 0.0) {
            (b, fb) = (x, fx);
        } else {
            (a, fa) = (x, fx);
        }
    }
    0.5 * (a + b)
}

#[cfg(test)]
mod tests {
    use super::root;

    #[test]
    fn finds_smooth_flat_and_discontinuous_changes_of_sign() {
        let find = |f: fn(f64) -> f64, a: f64, b: f64| root(f, (a, f(a)), (b, f(b)), 1e-13);
        assert!((find(|x| x * x - 2.0, 0.0, 2.0) - 2f64.sqrt()).abs() < 1e-12);
        assert!((find(|x| 2.0 - x * x, 0.0, 2.0) - 2f64.sqrt()).abs() < 1e-12);
        assert!((find(|x| (x - 0.3).powi(9), -1.0, 2.0) - 0.3).abs() < 1e-12);
        assert!((find(|x| if x < 0.7 { -1.0 } else { 1e300 }, 0.0, 1.0) - 0.7).abs() < 1e-12);
    }
}
