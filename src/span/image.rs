//! What a ball in `R^d` becomes under z = U x: a convex body in `R^r`, by its support function.

use std::collections::BTreeMap;

use crate::perturbation::{Ball, Norm, inner};

/// More generators than this are merged where they are nearly parallel.
const GENERATORS: usize = 1024;

/// How close directions are that are merged: their entries round to the same multiple of it.
const CLOSE: f64 = 1.0 / 16.0;

/// The image of a ball around 0.
#[derive(Clone, Debug)]
pub(super) struct Image {
    kind: Kind,
    /// By how much the support function may be too small, for a direction of length 1.
    defect: f64,
    /// Half the sides of the box around it.
    pub sides: Vec<f64>,
}

#[derive(Clone, Debug)]
enum Kind {
    /// The ball of this radius: of l2, U having orthonormal rows.
    Round(f64),
    /// `{sum_i t_i g_i : |t_i| <= 1}`: of linf.
    Zonotope(Vec<Vec<f64>>),
    /// The convex hull of these and their mirror images: of l1.
    Hull(Vec<Vec<f64>>),
}

impl Image {
    pub fn new(ball: &Ball, rows: &[Vec<f64>]) -> Self {
        let epsilon = ball.epsilon().to_f64();
        let sides = rows.iter().map(|row| ball.support(row)).collect();
        let column = |i: usize| rows.iter().map(|row| epsilon * row[i]).collect::<Vec<f64>>();
        let columns = || (0..rows[0].len()).map(column).filter(|g| g.iter().any(|c| *c != 0.0));
        let (kind, defect) = match ball.norm() {
            Norm::L2 => (Kind::Round(epsilon), 0.0),
            Norm::Linf => {
                let (generators, defect) = merged(columns(), Merge::Sum);
                (Kind::Zonotope(generators), defect)
            }
            Norm::L1 => {
                let (points, defect) = merged(columns(), Merge::Farthest);
                (Kind::Hull(points), defect)
            }
        };
        Self { kind, defect, sides }
    }

    /// The largest `g . v` over a body within this one, which is this one unless it has very many generators.
    pub fn support(&self, g: &[f64]) -> f64 {
        match &self.kind {
            Kind::Round(radius) => radius * Norm::L2.length(g),
            Kind::Zonotope(generators) => generators.iter().map(|v| dot(v, g).abs()).sum(),
            Kind::Hull(points) => points.iter().map(|v| dot(v, g).abs()).fold(0.0, f64::max),
        }
    }

    /// The largest `g . v` over this body, or more.
    pub fn support_above(&self, g: &[f64]) -> f64 {
        self.support(g) + self.defect * Norm::L2.length(g)
    }

    /// A point of the body where `g . v` is [`support`](Self::support).
    pub fn farthest(&self, g: &[f64]) -> Vec<f64> {
        match &self.kind {
            Kind::Round(radius) => {
                let scale = radius / Norm::L2.length(g).max(f64::MIN_POSITIVE);
                g.iter().map(|c| scale * c).collect()
            }
            Kind::Zonotope(generators) => {
                let mut sum = vec![0.0; g.len()];
                for v in generators {
                    let sign = 1.0_f64.copysign(dot(v, g));
                    sum.iter_mut().zip(v).for_each(|(sum, c)| *sum += sign * c);
                }
                sum
            }
            Kind::Hull(points) => {
                let far =
                    |a: &&Vec<f64>, b: &&Vec<f64>| dot(a, g).abs().total_cmp(&dot(b, g).abs());
                let point = points.iter().max_by(far).cloned().unwrap_or(vec![0.0; g.len()]);
                let sign = 1.0_f64.copysign(dot(&point, g));
                point.into_iter().map(|c| sign * c).collect()
            }
        }
    }
}

/// An inner product of short vectors.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[derive(Clone, Copy, PartialEq)]
enum Merge {
    Sum,
    Farthest,
}

/// The vectors up to their sign, those that are nearly parallel merged into one where there are very many, and what that takes from the support function.
fn merged(vectors: impl Iterator<Item = Vec<f64>>, how: Merge) -> (Vec<Vec<f64>>, f64) {
    let vectors: Vec<Vec<f64>> = vectors.collect();
    if vectors.len() <= GENERATORS {
        return (vectors, 0.0);
    }
    let mut groups: BTreeMap<Vec<i64>, Vec<Vec<f64>>> = BTreeMap::new();
    for vector in vectors {
        let length = Norm::L2.length(&vector);
        let lead = vector.iter().fold(0.0_f64, |a, b| if b.abs() > a.abs() { *b } else { a });
        let vector: Vec<f64> = vector.iter().map(|c| c * 1.0_f64.copysign(lead)).collect();
        #[allow(clippy::cast_possible_truncation, reason = "at most 16")]
        let cell = |c: &f64| (c / length / CLOSE).round() as i64;
        groups.entry(vector.iter().map(cell).collect()).or_default().push(vector);
    }
    let mut defect = 0.0_f64;
    let group = |group: Vec<Vec<f64>>| match how {
        Merge::Sum => {
            let sum: Vec<f64> =
                (0..group[0].len()).map(|i| group.iter().map(|v| v[i]).sum()).collect();
            let length = Norm::L2.length(&sum);
            let unit: Vec<f64> = sum.iter().map(|c| c / length).collect();
            // Beside the sum's direction; along it nothing is lost.
            let beside = |v: &Vec<f64>| {
                let along = inner(v, &unit);
                let rest: Vec<f64> = v.iter().zip(&unit).map(|(v, u)| v - along * u).collect();
                Norm::L2.length(&rest)
            };
            defect += group.iter().map(beside).sum::<f64>();
            sum
        }
        Merge::Farthest => {
            let length = |v: &Vec<f64>| Norm::L2.length(v);
            let far = |a: &&Vec<f64>, b: &&Vec<f64>| length(a).total_cmp(&length(b));
            let kept = group.iter().max_by(far).expect("a group is not empty").clone();
            // From the nearest point of the segment between the kept one and its mirror image.
            let beside = |v: &Vec<f64>| {
                let share = (inner(v, &kept) / inner(&kept, &kept)).clamp(-1.0, 1.0);
                let rest: Vec<f64> = v.iter().zip(&kept).map(|(v, u)| v - share * u).collect();
                Norm::L2.length(&rest)
            };
            defect = defect.max(group.iter().map(beside).fold(0.0, f64::max));
            kept
        }
    };
    let merged = groups.into_values().map(group).collect();
    (merged, defect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};

    /// The support function is that of the ball, and lies between the two where generators are merged.
    #[test]
    fn images_have_the_support_of_the_ball() {
        let mut generator = ChaCha8Rng::seed_from_u64(7);
        let mut normal = || -> f64 { StandardNormal.sample(&mut generator) };
        for d in [5, 300, 5000] {
            let wild: Vec<Vec<f64>> = (0..3).map(|_| (0..d).map(|_| normal()).collect()).collect();
            let rows: Vec<Vec<f64>> =
                crate::linalg::right_singular(&wild).into_iter().map(|(_, row)| row).collect();
            for norm in Norm::ALL {
                let ball = Ball::new(norm, "1/8".parse().unwrap()).unwrap();
                let image = Image::new(&ball, &rows);
                for _ in 0..20 {
                    let g = [normal(), normal(), normal()];
                    let pulled: Vec<f64> =
                        (0..d).map(|i| (0..3).map(|k| g[k] * rows[k][i]).sum()).collect();
                    let truth = ball.support(&pulled);
                    let (below, above) = (image.support(&g), image.support_above(&g));
                    let rounding = 1e-12 * truth;
                    assert!(below <= truth + rounding && truth <= above + rounding, "{norm} {d}");
                    assert!(above - below <= 0.1 * truth, "{norm} {d}: {below} {truth} {above}");
                    assert!(d > GENERATORS || above - below <= rounding);
                    assert!((dot(&image.farthest(&g), &g) - below).abs() <= rounding);
                }
            }
        }
    }
}
