//! Convex bodies in the plane: what a ball becomes when only two directions of x matter.

use crate::error::Error;
use crate::exact::Exact;
use crate::real::Real;
use crate::tolerance;

/// A vector in the plane.
pub type Vector = [f64; 2];

/// A convex body in the plane, closed and symmetric about the origin: the perturbations of z = U x.
///
/// ```
/// use score_workbench::plane::Body;
/// let square = Body::polygon(vec![[1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0]])?;
/// let disc = Body::ellipse([[2.0, 0.0], [0.0, 2.0]])?;
/// assert_eq!(square.support(&[3.0, 4.0]), 7.0);
/// assert_eq!(disc.support(&[3.0, 4.0]), 10.0);
/// assert!(square.contains([1.0, -0.5]) && !disc.contains([1.5, 1.5]));
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Body(Shape);

/// What bounds a body.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// The convex hull of vertices, counterclockwise, the second half of which mirrors the first: the image of a cube or of a
    /// cross-polytope. Two vertices are a segment, one is the origin.
    Polygon(Vec<Vector>),
    /// The image of the closed unit disc under a linear map, given by rows; it may be singular.
    Ellipse {
        /// The map.
        factor: [Vector; 2],
    },
}

impl Body {
    /// The polygon with these vertices: counterclockwise, convex, each with its mirror image half a turn later, to the bit. One vertex, the
    /// origin, is the body that contains nothing else; two are a segment.
    ///
    /// # Errors
    /// [`Error::Empty`] without vertices, [`Error::NotFinite`], [`Error::NotMirrored`] and [`Error::NotConvexBody`].
    pub fn polygon(vertices: Vec<Vector>) -> Result<Self, Error> {
        if vertices.is_empty() {
            return Err(Error::Empty { what: "vertices" });
        }
        finite(vertices.iter().flatten())?;
        let n = vertices.len();
        for (i, v) in vertices.iter().enumerate() {
            let mirror = vertices[(i + n / 2) % n];
            if n % 2 == 1 && n > 1 || *v != minus(mirror) {
                return Err(Error::NotMirrored { vertex: i, found: *v });
            }
        }
        // Edges turn left, up to the rounding of sums of many generators.
        let size = vertices.iter().map(|v| norm(*v)).fold(0.0, f64::max);
        for i in 0..n {
            let [a, b, c] = [0, 1, 2].map(|k| vertices[(i + k) % n]);
            if n > 2 && cross(difference(b, a), difference(c, b)) < -tolerance::TURNS * size * size
            {
                return Err(Error::NotConvexBody { vertex: (i + 1) % n, found: b });
            }
        }
        Ok(Self(Shape::Polygon(vertices)))
    }

    /// The segment from `-end` to `end`.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn segment(end: Vector) -> Result<Self, Error> {
        if end == [0.0; 2] { Ok(Self::point()) } else { Self::polygon(vec![end, minus(end)]) }
    }

    /// The origin alone: no perturbation.
    #[must_use]
    pub fn point() -> Self {
        Self(Shape::Polygon(vec![[0.0; 2]]))
    }

    /// The image of the closed unit disc under the linear map with these rows.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn ellipse(factor: [Vector; 2]) -> Result<Self, Error> {
        finite(factor.iter().flatten())?;
        if factor == [[0.0; 2]; 2] {
            return Ok(Self::point());
        }
        Ok(Self(Shape::Ellipse { factor }))
    }

    /// What bounds it.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.0
    }

    /// Whether it is the origin alone.
    #[must_use]
    pub fn is_point(&self) -> bool {
        matches!(&self.0, Shape::Polygon(vertices) if vertices.len() == 1)
    }

    /// The support function: the largest `g . v` over the body.
    #[must_use]
    pub fn support<R: Real>(&self, g: &[R; 2]) -> R {
        let number = |c: f64| g[0].constant(&exact(c));
        match &self.0 {
            Shape::Polygon(vertices) => {
                let at = |v: &Vector| number(v[0]) * g[0].clone() + number(v[1]) * g[1].clone();
                let largest = |a: R, v: &Vector| a.max(&at(v));
                vertices[1..].iter().fold(at(&vertices[0]), largest)
            }
            Shape::Ellipse { factor } => {
                let image = |j: usize| {
                    number(factor[0][j]) * g[0].clone() + number(factor[1][j]) * g[1].clone()
                };
                (image(0).square() + image(1).square()).sqrt()
            }
        }
    }

    /// Whether a vector is in the body, up to rounding.
    #[must_use]
    pub fn contains(&self, v: Vector) -> bool {
        let slack = tolerance::TURNS * (1.0 + self.radius());
        match &self.0 {
            Shape::Polygon(vertices) if vertices.len() <= 2 => in_segment(v, vertices[0], slack),
            Shape::Polygon(vertices) => (0..vertices.len()).all(|i| {
                let (a, b) = (vertices[i], vertices[(i + 1) % vertices.len()]);
                let along = difference(b, a);
                cross(along, difference(v, a)) >= -slack * norm(along)
            }),
            Shape::Ellipse { factor } => match inverse(factor) {
                Some(inverse) => norm(image(&inverse, v)) <= 1.0 + tolerance::TURNS,
                None => in_segment(v, long_axis(factor), slack),
            },
        }
    }

    /// The largest distance from the origin, up to a factor of at most 1.5.
    #[must_use]
    pub fn radius(&self) -> f64 {
        match &self.0 {
            Shape::Polygon(vertices) => vertices.iter().map(|v| norm(*v)).fold(0.0, f64::max),
            Shape::Ellipse { factor } => norm([norm(factor[0]), norm(factor[1])]),
        }
    }

    /// The image under a linear map, given by its rows; a singular one gives a segment.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn mapped(&self, map: [Vector; 2]) -> Result<Self, Error> {
        finite(map.iter().flatten())?;
        match &self.0 {
            Shape::Polygon(vertices) => {
                let mut images: Vec<Vector> = vertices.iter().map(|v| image(&map, *v)).collect();
                if inverse(&map).is_none() || images.len() <= 2 {
                    let far = |a: &&Vector, b: &&Vector| norm(**a).total_cmp(&norm(**b));
                    return Self::segment(*images.iter().max_by(far).unwrap_or(&[0.0; 2]));
                }
                if determinant(&map) < 0.0 {
                    images.reverse();
                }
                Self::polygon(images)
            }
            Shape::Ellipse { factor } => {
                let entry =
                    |i: usize, j: usize| map[i][0] * factor[0][j] + map[i][1] * factor[1][j];
                Self::ellipse([0, 1].map(|i| [0, 1].map(|j| entry(i, j))))
            }
        }
    }
}

/// The number that a double is.
pub(super) fn exact(c: f64) -> Exact {
    Exact::from_f64(c).expect("checked to be finite")
}

fn finite<'a>(entries: impl IntoIterator<Item = &'a f64>) -> Result<(), Error> {
    match entries.into_iter().find(|entry| !entry.is_finite()) {
        Some(&found) => Err(Error::NotFinite { found }),
        None => Ok(()),
    }
}

pub(super) fn norm(v: Vector) -> f64 {
    v[0].hypot(v[1])
}

pub(super) fn minus(v: Vector) -> Vector {
    [0.0 - v[0], 0.0 - v[1]]
}

pub(super) fn sum(a: Vector, b: Vector) -> Vector {
    [a[0] + b[0], a[1] + b[1]]
}

pub(super) fn difference(a: Vector, b: Vector) -> Vector {
    [a[0] - b[0], a[1] - b[1]]
}

pub(super) fn scaled(v: Vector, by: f64) -> Vector {
    [v[0] * by, v[1] * by]
}

pub(super) fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

pub(super) fn cross(a: Vector, b: Vector) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

pub(super) fn image(map: &[Vector; 2], v: Vector) -> Vector {
    [dot(map[0], v), dot(map[1], v)]
}

fn determinant(map: &[Vector; 2]) -> f64 {
    cross(map[0], map[1])
}

/// The inverse; `None` where the map is singular up to rounding.
pub(super) fn inverse(map: &[Vector; 2]) -> Option<[Vector; 2]> {
    let d = determinant(map);
    let size = norm(map[0]) * norm(map[1]);
    let [[a, b], [c, e]] = *map;
    (d.abs() > tolerance::TURNS * size).then(|| [[e / d, -b / d], [-c / d, a / d]])
}

/// One end of the segment onto which a singular map takes the disc.
pub(super) fn long_axis(factor: &[Vector; 2]) -> Vector {
    let (x, y) = (norm(factor[0]), norm(factor[1]));
    [x, y.copysign(dot(factor[0], factor[1]))]
}

/// Whether v is between `-end` and `end`, up to a distance.
fn in_segment(v: Vector, end: Vector, slack: f64) -> bool {
    let length = norm(end);
    if length == 0.0 {
        return norm(v) <= slack;
    }
    let along = dot(v, end) / length;
    along.abs() <= length + slack && (cross(v, end) / length).abs() <= slack
}

/// Whether an ellipse is a segment, up to rounding.
pub(super) fn is_flat(factor: &[Vector; 2]) -> bool {
    inverse(factor).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square() -> Body {
        Body::polygon(vec![[1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0]]).unwrap()
    }

    #[test]
    fn what_is_no_body_is_refused() {
        assert_eq!(Body::polygon(vec![]), Err(Error::Empty { what: "vertices" }));
        let found = [0.0, 1.0];
        assert_eq!(
            Body::polygon(vec![[1.0, 0.0], found, [-1.0, 0.0]]),
            Err(Error::NotMirrored { vertex: 0, found: [1.0, 0.0] })
        );
        assert_eq!(Body::polygon(vec![found]), Err(Error::NotMirrored { vertex: 0, found }));
        let clockwise = vec![[1.0, 1.0], [1.0, -1.0], [-1.0, -1.0], [-1.0, 1.0]];
        assert!(matches!(Body::polygon(clockwise), Err(Error::NotConvexBody { .. })));
        assert!(matches!(
            Body::ellipse([[f64::NAN, 0.0], [0.0, 1.0]]),
            Err(Error::NotFinite { .. })
        ));
    }

    #[test]
    fn images_have_the_support_of_the_image() {
        let map = [[1.0, 2.0], [3.0, -1.0]];
        let bodies = [
            square(),
            Body::ellipse([[1.0, 0.5], [0.0, 2.0]]).unwrap(),
            Body::segment([1.0, 2.0]).unwrap(),
        ];
        for body in bodies {
            let mapped = body.mapped(map).unwrap();
            for g in [[1.0, 0.0], [0.3, -2.0], [-1.0, 1.0]] {
                let pulled =
                    [map[0][0] * g[0] + map[1][0] * g[1], map[0][1] * g[0] + map[1][1] * g[1]];
                assert!((mapped.support(&g) - body.support(&pulled)).abs() < 1e-14);
            }
        }
        let flat = square().mapped([[1.0, 0.0], [1.0, 0.0]]).unwrap();
        assert_eq!(flat, Body::segment([-1.0, -1.0]).unwrap());
    }

    #[test]
    fn membership_is_that_of_the_support() {
        let flat = Body::ellipse([[3.0, 4.0], [6.0, 8.0]]).unwrap();
        assert!(flat.contains([5.0, 10.0]) && !flat.contains([5.0, 10.1]));
        assert!(!flat.contains([5.1, 10.2]) && flat.contains([-1.0, -2.0]));
        let segment = Body::segment([1.0, 1.0]).unwrap();
        assert!(segment.contains([0.5, 0.5]) && !segment.contains([0.5, 0.4]));
        assert!(Body::point().contains([0.0; 2]) && !Body::point().contains([1e-3, 0.0]));
    }
}
