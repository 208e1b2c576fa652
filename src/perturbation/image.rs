//! Balls under linear maps to the plane, and the projection onto a ball.

use super::{Ball, Norm};
use crate::error::Error;
use crate::plane::{Body, Vector};
use crate::tolerance;

impl Ball {
    /// The image of the ball under `x -> (rows[0] . x, rows[1] . x)`: for linf the zonotope of the columns as generators, for l2 an ellipse, for
    /// l1 the convex hull of the columns and their mirror images. In d dimensions it takes d ln d steps.
    ///
    /// ```
    /// use score_workbench::perturbation::{Ball, Norm};
    /// let rows = [vec![1.0, 0.0, 1.0], vec![0.0, 1.0, 1.0]];
    /// let hexagon = Ball::new(Norm::Linf, "1/2".parse()?)?.image([&rows[0], &rows[1]])?;
    /// assert_eq!(hexagon.support(&[1.0, 0.0]), 1.0);
    /// assert!(hexagon.contains([1.0, 1.0]) && !hexagon.contains([1.0, -1.0]));
    /// # Ok::<(), score_workbench::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] for rows of different lengths, and as [`Body::polygon`].
    pub fn image(&self, rows: [&[f64]; 2]) -> Result<Body, Error> {
        let [first, second] = rows;
        if first.len() != second.len() {
            let (found, expected) = (second.len(), first.len());
            return Err(Error::Shape {
                what: "second row",
                found,
                expected,
                reference: "the first",
            });
        }
        let epsilon = self.epsilon().to_f64();
        if epsilon == 0.0 {
            return Ok(Body::point());
        }
        let columns = || first.iter().zip(second).map(|(a, b)| [epsilon * a, epsilon * b]);
        match self.norm() {
            Norm::Linf => zonotope(columns()),
            Norm::L2 => ellipse(rows, epsilon),
            Norm::L1 => hull(columns()),
        }
    }

    /// The point of the ball that is nearest to `x` in the Euclidean norm.
    ///
    /// ```
    /// use score_workbench::perturbation::{Ball, Norm};
    /// let nearest = |norm| Ball::new(norm, "1".parse()?).map(|ball| ball.projection(&[3.0, 4.0, 0.5]));
    /// assert_eq!(nearest(Norm::Linf)?, [1.0, 1.0, 0.5]);
    /// assert_eq!(nearest(Norm::L1)?, [0.0, 1.0, 0.0]);
    /// # Ok::<(), score_workbench::error::Error>(())
    /// ```
    #[must_use]
    pub fn projection(&self, x: &[f64]) -> Vec<f64> {
        let epsilon = self.epsilon().to_f64();
        let length = self.norm().length(x);
        if length <= epsilon {
            return x.to_vec();
        }
        match self.norm() {
            Norm::Linf => x.iter().map(|x| x.clamp(-epsilon, epsilon)).collect(),
            Norm::L2 => x.iter().map(|x| x * (epsilon / length)).collect(),
            Norm::L1 => {
                let threshold = threshold(x, epsilon);
                x.iter().map(|x| (x.abs() - threshold).max(0.0).copysign(*x)).collect()
            }
        }
    }
}

/// By how much the entries have to shrink for their absolute values to sum to `epsilon`, less than they do.
fn threshold(x: &[f64], epsilon: f64) -> f64 {
    let mut sizes: Vec<f64> = x.iter().map(|x| x.abs()).collect();
    sizes.sort_unstable_by(|a, b| b.total_cmp(a));
    let mut sum = 0.0;
    let mut threshold = 0.0;
    for (n, size) in sizes.into_iter().enumerate() {
        sum += size;
        let next = (sum - epsilon) / (n + 1) as f64;
        if size <= next {
            break;
        }
        threshold = next;
    }
    threshold
}

fn minus(v: Vector) -> Vector {
    [0.0 - v[0], 0.0 - v[1]]
}

fn cross(a: Vector, b: Vector) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

/// A sum that keeps what rounding drops (Neumaier).
#[derive(Clone, Copy, Default)]
struct Compensated {
    sum: f64,
    rest: f64,
}

impl Compensated {
    fn add(&mut self, x: f64) {
        let sum = self.sum + x;
        self.rest +=
            if self.sum.abs() >= x.abs() { self.sum - sum + x } else { x - sum + self.sum };
        self.sum = sum;
    }

    fn value(self) -> f64 {
        self.sum + self.rest
    }
}

/// `{sum_i t_i g_i : |t_i| <= 1}`: its edges are the generators twice as long, in the order of their angles.
fn zonotope(generators: impl Iterator<Item = Vector>) -> Result<Body, Error> {
    // A generator and its negative are the same: the one that points up, or right.
    let upward = |g: Vector| if g[1] < 0.0 || (g[1] == 0.0 && g[0] < 0.0) { minus(g) } else { g };
    let mut generators: Vec<(f64, Vector)> =
        generators.filter(|g| *g != [0.0; 2]).map(upward).map(|g| (g[1].atan2(g[0]), g)).collect();
    generators.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    // Those of one direction are one edge.
    let mut edges: Vec<(f64, Vector)> = Vec::new();
    for (angle, g) in generators {
        match edges.last_mut() {
            Some((last, edge)) if angle - *last <= tolerance::SAME_ANGLE => {
                *edge = [edge[0] + g[0], edge[1] + g[1]];
            }
            _ => edges.push((angle, g)),
        }
    }
    // An angle of nearly pi is one of nearly 0 the other way round.
    if let [(first, edge), .., (last, other)] = edges.as_mut_slice()
        && *first + std::f64::consts::PI - *last <= tolerance::SAME_ANGLE
    {
        *edge = [edge[0] - other[0], edge[1] - other[1]];
        edges.pop();
    }
    let edges: Vec<Vector> = edges.into_iter().map(|(_, edge)| edge).collect();
    match edges.as_slice() {
        [] => return Ok(Body::point()),
        [only] => return Body::segment(*only),
        _ => {}
    }
    let mut at = [Compensated::default(); 2];
    for edge in &edges {
        (0..2).for_each(|i| at[i].add(-edge[i]));
    }
    let mut half = Vec::with_capacity(edges.len());
    for edge in &edges {
        half.push(at.map(Compensated::value));
        (0..2).for_each(|i| at[i].add(2.0 * edge[i]));
    }
    mirrored(half)
}

/// The body of these vertices, half of all, and their mirror images.
fn mirrored(half: Vec<Vector>) -> Result<Body, Error> {
    let other: Vec<Vector> = half.iter().copied().map(minus).collect();
    let half = half.into_iter().map(|v| minus(minus(v)));
    Body::polygon(half.chain(other).collect())
}

/// `rows` times a disc of radius `epsilon` in many dimensions is the triangular root of their Gram matrix times a disc in two.
fn ellipse([first, second]: [&[f64]; 2], epsilon: f64) -> Result<Body, Error> {
    let length = Norm::L2.length(first);
    if length == 0.0 {
        return Body::segment([0.0, epsilon * Norm::L2.length(second)]);
    }
    let unit: Vec<f64> = first.iter().map(|a| a / length).collect();
    let along = super::inner(&unit, second);
    let across: Vec<f64> = second.iter().zip(&unit).map(|(b, a)| b - along * a).collect();
    let across = Norm::L2.length(&across);
    Body::ellipse([[epsilon * length, 0.0], [epsilon * along, epsilon * across]])
}

/// The convex hull of points and their mirror images (Andrew's monotone chain). Of a symmetric body one chain is enough: the lower one, from the
/// leftmost vertex to the rightmost, its mirror image.
fn hull(points: impl Iterator<Item = Vector>) -> Result<Body, Error> {
    let mut points: Vec<Vector> = points.flat_map(|p| [p, minus(p)]).collect();
    points.sort_unstable_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup();
    let mut chain: Vec<Vector> = Vec::new();
    for p in points {
        while let [.., a, b] = chain.as_slice()
            && cross([b[0] - a[0], b[1] - a[1]], [p[0] - b[0], p[1] - b[1]]) <= 0.0
        {
            chain.pop();
        }
        chain.push(p);
    }
    match chain.as_slice() {
        [] | [_] => Ok(Body::point()),
        [only, _] => Body::segment(*only),
        [half @ .., _] => mirrored(half.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ball(norm: Norm) -> Ball {
        Ball::new(norm, "1/2".parse().unwrap()).unwrap()
    }

    proptest! {
        /// Largest along g over the image of the ball is largest along the pulled-back g over the ball.
        #[test]
        fn the_support_of_the_image_is_that_of_the_ball(
            columns in prop::collection::vec((-4_i32..=4, -4_i32..=4), 0..9),
            fine in prop::collection::vec((-1.0..1.0, -1.0..1.0), 0..9),
            angle in 0.0..7.0_f64,
        ) {
            // Small integers make generators that are parallel, opposite, repeated or 0.
            let columns = columns.into_iter().map(|(a, b)| (f64::from(a), f64::from(b)));
            let columns: Vec<(f64, f64)> = columns.chain(fine).collect();
            let (first, second): (Vec<f64>, Vec<f64>) = columns.iter().copied().unzip();
            let g = [angle.cos(), angle.sin()];
            let pulled: Vec<f64> = columns.iter().map(|(a, b)| g[0] * a + g[1] * b).collect();
            for norm in Norm::ALL {
                let image = ball(norm).image([&first, &second]).unwrap();
                let (found, expected) = (image.support(&g), ball(norm).support(&pulled));
                prop_assert!((found - expected).abs() < 1e-13, "{norm}: {found} {expected}");
            }
        }

        /// No point of the ball is nearer than the projection: the difference makes an obtuse angle with the way to any of them.
        #[test]
        fn projections_are_nearest(
            x in prop::collection::vec(-2.0..2.0, 1..8),
            other in prop::collection::vec(-1.0..1.0, 8),
        ) {
            for norm in Norm::ALL {
                let ball = ball(norm);
                let nearest = ball.projection(&x);
                prop_assert!(norm.length(&nearest) <= 0.5 + 1e-14);
                let other = &other[..x.len()];
                let scale = 0.5 / norm.length(other).max(0.5);
                let angle = |i: usize| (x[i] - nearest[i]) * (scale * other[i] - nearest[i]);
                prop_assert!((0..x.len()).map(angle).sum::<f64>() < 1e-14, "{norm}");
            }
        }
    }
}
