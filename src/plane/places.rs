//! Where a supremum can be attained: a list of tiles of the plane for each cell.
//!
//! What is under SCORE's supremum depends on u alone, as the odds of two classes do, so that the values and slopes of a tile are those of every
//! window that meets it, and are computed once. A tile leaves a cell's list
//!
//! - when no window of the cell meets it;
//! - when the function rises, everywhere on the tile, towards another place of every window, or has slopes that it cannot have at a maximum;
//! - when its values stay below those at a place that moves with the window.
//!
//! A tile that is inside of every window is not cut any more: what counts is how high the function is where it has no slope, its crest, and
//! that is found once.

use smallvec::SmallVec;

use super::body::{Vector, difference, norm, scaled};
use super::bounds::{Rectangle, Wide, fixed, slope, towards};
use super::reach::{Normals, Reach, product};
use crate::real::Interval;

/// Tiles of the plane, by their numbers.
pub(super) type Tiles = SmallVec<[u32; 16]>;

/// A rectangle of the plane.
#[derive(Clone, Copy, Debug)]
struct Tile {
    sides: Rectangle,
    /// The first of its two halves, which have consecutive numbers.
    halves: Option<u32>,
    /// What is known of it, if that is the same for all cells.
    known: Option<Known>,
    crest: Option<Crest>,
}

/// What is known of a function of x and u, for the x of a cell and the u of a tile.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// Where x is the centre of the cell and u is that of the tile.
    pub value: Interval,
    /// Everywhere.
    pub range: Interval,
    /// The slopes in u, and those in x.
    pub slopes: [Interval; 2],
    pub direct: [Interval; 2],
}

/// How high a function is on a tile: it is at least so high somewhere, and at most so high where it has no slope.
#[derive(Clone, Copy, Debug)]
struct Crest {
    least: f64,
    most: f64,
}

/// The function whose supremum is taken.
pub(super) trait Under {
    /// Whether it does not depend on x.
    fn is_shared(&self) -> bool;
    /// It is at least this everywhere.
    fn least(&self) -> f64;
    /// What is known of it, for the x of a cell around c and the u of a rectangle around a middle.
    fn known(&self, cell: Rectangle, c: Rectangle, u: Rectangle, middle: Rectangle) -> Known;
}

/// All tiles that were asked for.
#[derive(Debug)]
pub(super) struct Places<'a, F> {
    pub function: F,
    pub reach: Reach<'a>,
    /// How accurately crests are found, while there are fewer tiles than this.
    tolerance: f64,
    enough: usize,
    tiles: Vec<Tile>,
}

/// A supremum on a cell.
#[derive(Clone, Debug)]
pub(super) struct Supremum {
    pub at_centre: Interval,
    pub range: Interval,
    /// Its slopes, and those in u of what is under it, where it is attained.
    pub slopes: [Interval; 2],
    pub inner: [Interval; 2],
    pub tiles: Tiles,
}

/// A tile that is on a cell's list.
struct Place {
    tile: u32,
    /// A bound at the centre of the cell, its slopes in x, and one for all x.
    most: f64,
    along: [Interval; 2],
    highest: f64,
    /// The slopes in x and those in u, where the supremum is.
    slopes: [Interval; 2],
    inner: [Interval; 2],
    /// A vector of the body at which the value is about this one.
    vector: Vector,
    guess: f64,
}

/// A crest is not found more accurately than this, in widths of its values at points.
const ROUNDING: f64 = 4.0;

impl<'a, F: Under> Places<'a, F> {
    /// The places for a function and a body. Crests are found to a tolerance of its values, while there are fewer than `enough` tiles.
    pub fn new(function: F, reach: Reach<'a>, tolerance: f64, enough: usize) -> Self {
        Self { function, reach, tolerance, enough, tiles: Vec::new() }
    }

    /// All places for the x of a rectangle.
    pub fn everywhere(&mut self, rectangle: Rectangle) -> Tiles {
        let around = self.reach.around();
        let sides = [0, 1].map(|j| rectangle[j] + around[j]);
        let tile = self.number();
        self.tiles.push(Tile { sides, halves: None, known: None, crest: None });
        [tile].into_iter().collect()
    }

    fn number(&self) -> u32 {
        u32::try_from(self.tiles.len()).expect("memory has room for fewer tiles")
    }

    fn tile(&mut self, tile: u32) -> &mut Tile {
        &mut self.tiles[tile as usize]
    }

    /// Whether a tile is to be halved before it is used for a cell.
    fn is_coarse(&mut self, tile: u32, cell: Rectangle) -> bool {
        let sides = self.tile(tile).sides;
        let is_longer = |i: usize| sides[i].width() > cell[i].width();
        if self.function.is_shared() {
            is_longer(self.axis(tile))
        } else {
            is_longer(0) || is_longer(1)
        }
    }

    /// The coordinate along which a tile is halved: the one to which it owes most of the width of its values, if that is known.
    fn axis(&mut self, tile: u32) -> usize {
        let sides = self.tile(tile).sides;
        let lengths = sides.map(Interval::width);
        let costs = if self.function.is_shared() {
            let slopes = self.known(tile, sides).slopes;
            [0, 1].map(|i| slopes[i].width() * lengths[i])
        } else {
            lengths
        };
        let costs = if costs.iter().all(|cost| cost.is_finite()) { costs } else { lengths };
        usize::from(costs[1] > costs[0])
    }

    fn halves(&mut self, tile: u32) -> [u32; 2] {
        let Tile { sides, halves, .. } = *self.tile(tile);
        let first = halves.unwrap_or_else(|| {
            let axis = self.axis(tile);
            let first = self.number();
            self.tile(tile).halves = Some(first);
            let middle = sides[axis].midpoint();
            for half in [
                Interval::new(sides[axis].lower(), middle),
                Interval::new(middle, sides[axis].upper()),
            ] {
                let mut sides = sides;
                sides[axis] = half;
                self.tiles.push(Tile { sides, halves: None, known: None, crest: None });
            }
            first
        });
        [first, first + 1]
    }

    fn known(&mut self, tile: u32, cell: Rectangle) -> Known {
        let Tile { sides, known, .. } = *self.tile(tile);
        known.unwrap_or_else(|| {
            let known = self.function.known(cell, middle(cell), sides, middle(sides));
            if self.function.is_shared() {
                self.tile(tile).known = Some(known);
            }
            known
        })
    }

    /// The crest of a function that does not depend on x.
    fn crest(&mut self, tile: u32) -> Crest {
        if let Some(crest) = self.tile(tile).crest {
            return crest;
        }
        let sides = self.tile(tile).sides;
        let known = self.known(tile, sides);
        let least = known.value.lower();
        let most = known.most(sides);
        let crest = if !known.is_flat() {
            Crest { least, most: f64::NEG_INFINITY }
        } else if most - least <= self.tolerance.max(ROUNDING * known.value.width())
            || most == f64::INFINITY
            || self.tiles.len() >= self.enough
        {
            Crest { least, most }
        } else {
            let halves = self.halves(tile).map(|half| (half, self.known(half, sides)));
            let least = halves.iter().map(|half| half.1.value.lower()).fold(least, f64::max);
            let mut crest = Crest { least, most: f64::NEG_INFINITY };
            for (half, known) in halves {
                // What is not above the least does not matter.
                let found = if known.most(self.tile(half).sides) > crest.least {
                    self.crest(half)
                } else {
                    crest.reached()
                };
                crest = crest.and(found);
            }
            crest
        };
        self.tile(tile).crest = Some(crest);
        crest
    }

    /// The supremum on a cell; `tiles` contain all places at which it is attained for some x of the cell.
    pub fn supremum(&mut self, cell: Rectangle, tiles: &Tiles) -> Supremum {
        let mut places: SmallVec<[Place; 16]> = SmallVec::new();
        let mut left = tiles.clone();
        // It is at least so high for all x: a crest inside of every window.
        let mut surely = self.function.least();
        while let Some(tile) = left.pop() {
            let sides = self.tile(tile).sides;
            let v = [0, 1].map(|j| sides[j] - cell[j]);
            if self.reach.excludes(v) {
                continue;
            }
            let normals = self.reach.normals(v);
            if self.function.is_shared() && matches!(normals, Normals::None) {
                let crest = self.crest(tile);
                if crest.most < f64::INFINITY {
                    surely = surely.max(crest.least);
                    if crest.most > f64::NEG_INFINITY {
                        places.push(Place::inside(tile, crest));
                    }
                    continue;
                }
            }
            if self.is_coarse(tile, cell) {
                left.extend(self.halves(tile));
                continue;
            }
            let known = self.known(tile, cell);
            if let Some(slopes) = normals.allow(known.slopes) {
                places.extend(self.place(tile, cell, &known, slopes));
            }
        }
        self.compared(cell, places, surely)
    }

    /// The supremum, from the places that matter.
    fn compared(
        &self,
        cell: Rectangle,
        mut places: SmallVec<[Place; 16]>,
        surely: f64,
    ) -> Supremum {
        let c = cell.map(Interval::midpoint);
        let radii = [0, 1].map(|i| cell[i] - Interval::point(c[i]));
        // What is followed decides who can leave: a crest inside, or a place that moves with the window.
        let (mut followed, mut floor, mut follow) = (surely, surely, [Interval::ZERO; 2]);
        let best = places.iter().max_by(|a, b| a.guess.total_cmp(&b.guess));
        if let Some(best) = best.filter(|best| best.guess > surely) {
            let v = self.reach.towards(best.vector, [0.0; 2]);
            let moved = |x: Rectangle| [0, 1].map(|j| x[j] + v[j]);
            let c = middle(cell);
            let known = self.function.known(cell, c, moved(cell), moved(c));
            let slopes = known.slopes_in_x();
            if known.value.lower() > surely && slopes.iter().all(|slope| slope.is_bounded()) {
                (followed, follow) = (known.value.lower(), slopes);
            }
            floor = floor.max(known.range.lower());
        }
        places.retain(|place| {
            let drift = |i: usize| (place.along[i] - follow[i]) * radii[i];
            let number = Interval::point;
            let ahead = || number(place.most) - number(followed) + drift(0) + drift(1);
            place.highest >= floor && ahead().upper() >= 0.0
        });
        let highest = |bound: &dyn Fn(&Place) -> f64, least: f64| {
            places.iter().map(bound).fold(least, f64::max)
        };
        let least = followed.max(floor);
        let at_centre = Interval::new(least, highest(&|place| place.most, least));
        let hull = |slope: &dyn Fn(&Place) -> Interval| {
            places.iter().map(slope).reduce(Interval::hull).unwrap_or(Interval::ENTIRE)
        };
        let slopes = [0, 1].map(|i| hull(&|place| place.slopes[i]));
        let inner = [0, 1].map(|i| hull(&|place| place.inner[i]));
        let within = Interval::new(floor, highest(&|place| place.highest, floor));
        let range = (at_centre + product(slopes, radii)).intersection(within);
        let tiles = places.iter().map(|place| place.tile).collect();
        Supremum { at_centre, range, slopes, inner, tiles }
    }

    /// The tile's entry on a cell's list, if a supremum with these slopes can be attained in it.
    fn place(
        &self,
        tile: u32,
        cell: Rectangle,
        known: &Known,
        inner: [Interval; 2],
    ) -> Option<Place> {
        let sides = self.tiles[tile as usize].sides;
        let [c, centre] = [cell, sides].map(|sides| sides.map(Interval::midpoint));
        let slope = known.slopes.map(Interval::midpoint);
        let direction = if known.is_flat() { [0.0; 2] } else { scaled(slope, 1.0 / norm(slope)) };
        // The function does not rise towards another place of every window.
        let v = [0, 1].map(|j| sides[j] - cell[j]);
        let step = scaled(direction, norm(v.map(Interval::width)));
        let towards = self.reach.towards(v.map(Interval::midpoint), step);
        let rise = product(known.slopes, [0, 1].map(|j| towards[j] - v[j]));
        if rise.lower() > 0.0 {
            return None;
        }
        let linear = self.reach.farthest(slope, sides, centre, c);
        let most = (known.value + Interval::point(linear.most) + known.rest(slope, sides)).upper();
        let highest = known.range.upper();
        let (most, slope) =
            if most < highest { (most, linear.slope) } else { (highest, [Interval::ZERO; 2]) };
        // At the cell's centre, a place near to the tile.
        let (from, diagonal) = (difference(centre, c), norm(sides.map(Interval::width)));
        let vector = self.reach.towards(from, scaled(direction, diagonal)).map(Interval::midpoint);
        let ahead = difference(vector, from);
        let guess = known.value + product(known.slopes, ahead.map(Interval::point));
        let is_near = norm(ahead) <= 2.0 * diagonal;
        let with_direct = |slopes: [Interval; 2]| [0, 1].map(|i| slopes[i] + known.direct[i]);
        Some(Place {
            tile,
            most,
            along: with_direct(slope),
            highest,
            slopes: with_direct(inner),
            inner,
            vector,
            guess: if is_near { guess.lower() } else { f64::NEG_INFINITY },
        })
    }
}

impl Known {
    /// What is known of a function of u alone.
    pub fn shared(at: impl Fn([Wide; 2]) -> Wide, u: Rectangle, middle: Rectangle) -> Self {
        let along = [0, 1].map(|i| at(towards(u, i)));
        Self {
            value: *at(fixed(middle)).value(),
            range: along[0].value().intersection(*along[1].value()),
            slopes: along.map(|along| slope(&along)),
            direct: [Interval::ZERO; 2],
        }
    }

    fn is_flat(&self) -> bool {
        self.slopes.iter().all(|slope| slope.contains(0.0))
    }

    fn slopes_in_x(&self) -> [Interval; 2] {
        [0, 1].map(|i| self.slopes[i] + self.direct[i])
    }

    /// How much the slopes that are not this one add to the value within a tile.
    fn rest(&self, slope: Vector, sides: Rectangle) -> Interval {
        let number = Interval::point;
        let rest = [0, 1].map(|j| self.slopes[j] - number(slope[j]));
        product(rest, sides.map(|side| side - number(side.midpoint())))
    }

    /// A bound on a tile.
    fn most(&self, sides: Rectangle) -> f64 {
        (self.value + self.rest([0.0; 2], sides)).upper().min(self.range.upper())
    }
}

impl Crest {
    /// Nothing is higher than what is surely reached.
    fn reached(self) -> Self {
        Self { most: self.least, ..self }
    }

    fn and(self, other: Self) -> Self {
        Self { least: self.least.max(other.least), most: self.most.max(other.most) }
    }
}

impl Place {
    /// A tile that is inside of every window.
    fn inside(tile: u32, crest: Crest) -> Self {
        let zero = [Interval::ZERO; 2];
        Self {
            tile,
            most: crest.most,
            along: zero,
            highest: crest.most,
            slopes: zero,
            inner: zero,
            vector: [0.0; 2],
            guess: f64::NEG_INFINITY,
        }
    }
}

impl Normals {
    /// Which of these slopes there can be at a maximum; nothing where there is none.
    fn allow(self, slopes: [Interval; 2]) -> Option<[Interval; 2]> {
        let flat = || slopes.iter().all(|slope| slope.contains(0.0));
        match self {
            Self::None => flat().then_some([Interval::ZERO; 2]),
            Self::Along(normal) => {
                // They are a multiple of the normal, at least 0.
                let (mut least, mut most) = (0.0_f64, f64::INFINITY);
                for (slope, normal) in slopes.iter().zip(normal) {
                    if !normal.contains(0.0) {
                        let multiple = *slope / normal;
                        (least, most) = (least.max(multiple.lower()), most.min(multiple.upper()));
                    } else if normal == Interval::ZERO && !slope.contains(0.0) {
                        return None;
                    }
                }
                (least <= most).then(|| {
                    let multiple = Interval::new(least, most);
                    [0, 1].map(|i| slopes[i].intersection(multiple * normal[i]))
                })
            }
            Self::Any => Some(slopes),
        }
    }
}

/// The middle of a rectangle.
fn middle(sides: Rectangle) -> Rectangle {
    sides.map(|side| Interval::point(side.midpoint()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plane::Body;
    use crate::real::Real;

    /// A ridge along a line, with a low peak on it and a valley beside it: `exp(-(2 u_0 + u_1)^2) (1 + exp(-u_1^2) / 4) - |u_0 - 1| / 64`.
    struct Ridge;

    fn ridge<R: Real>([a, b]: &[R; 2]) -> R {
        let [one, two] = [1, 2].map(|n| a.int(n));
        let across = (two * a.clone() + b.clone()).square();
        let peak = one.clone() + (-b.square()).exp() / a.int(4);
        (-across).exp() * peak - (a.clone() - one).abs() / a.int(64) + a.int(1)
    }

    impl Under for Ridge {
        fn is_shared(&self) -> bool {
            true
        }

        fn least(&self) -> f64 {
            f64::NEG_INFINITY
        }

        fn known(&self, _: Rectangle, _: Rectangle, u: Rectangle, middle: Rectangle) -> Known {
            Known::shared(|u| ridge(&u), u, middle)
        }
    }

    /// The largest value on a grid over x + B.
    fn searched(body: &Body, x: Vector) -> f64 {
        const N: i32 = 200;
        let at = |i: i32| 1.5 * f64::from(i) / f64::from(N);
        let places = (-N..=N).flat_map(|i| (-N..=N).map(move |j| [at(i), at(j)]));
        let inside = places.filter(|v| body.contains(*v));
        inside.map(|v| ridge(&[x[0] + v[0], x[1] + v[1]])).fold(f64::NEG_INFINITY, f64::max)
    }

    #[test]
    fn suprema_are_enclosed_with_their_slopes() {
        let bodies = [
            Body::polygon(vec![[1.0, -0.5], [1.0, 0.5], [-1.0, 0.5], [-1.0, -0.5]]).unwrap(),
            Body::ellipse([[1.0, 0.25], [0.0, 0.5]]).unwrap(),
            Body::segment([0.75, 0.5]).unwrap(),
        ];
        for body in &bodies {
            let rectangle = [Interval::new(-3.0, 3.0), Interval::new(-2.0, 4.0)];
            for corner in [[0.0, 0.0], [0.25, 1.0], [2.0, -1.5], [-2.5, 3.5], [-0.5, 0.25]] {
                let mut places = Places::new(Ridge, Reach::new(body), 1e-4, 100_000);
                let mut tiles = places.everywhere(rectangle);
                let mut cell = rectangle;
                let mut width = f64::INFINITY;
                // Halves around a corner, each with what the last one left.
                for k in 0..14 {
                    let i = k % 2;
                    let middle = cell[i].midpoint();
                    cell[i] = if corner[i] < middle {
                        Interval::new(cell[i].lower(), middle)
                    } else {
                        Interval::new(middle, cell[i].upper())
                    };
                    let found = places.supremum(cell, &tiles);
                    let c = cell.map(Interval::midpoint);
                    let (low, high) = (cell[0].lower(), cell[0].upper());
                    let [truth, left, right] =
                        [c, [low, c[1]], [high, c[1]]].map(|x| searched(body, x));
                    // A grid is low by its step's square where it has a maximum inside, by its step at an edge.
                    let grid = 2e-2;
                    assert!(
                        found.at_centre.upper() >= truth,
                        "{body:?} {cell:?} {found:?} {truth}"
                    );
                    assert!(found.at_centre.lower() <= truth + grid, "{body:?} {cell:?} {found:?}");
                    assert!(
                        found.range.upper() >= left.max(right)
                            && found.range.lower() <= left + grid
                    );
                    let slope = Interval::point(right - left) / Interval::point(high - low);
                    let slack = 2.0 * grid / (high - low);
                    assert!(
                        slope.lower() <= found.slopes[0].upper() + slack
                            && slope.upper() >= found.slopes[0].lower() - slack,
                        "{body:?} {cell:?} {slope:?} {found:?}"
                    );
                    tiles = found.tiles;
                    width = found.at_centre.width();
                }
                assert!(width < 0.1, "{body:?} {corner:?} {width}");
            }
        }
    }

    /// The peak is the crest of all; a tile beside the ridge has none.
    #[test]
    fn crests_are_what_is_highest_without_a_slope() {
        let body = Body::segment([0.5, 0.0]).unwrap();
        let mut places = Places::new(Ridge, Reach::new(&body), 1e-5, 1_000_000);
        let all = places.everywhere([Interval::new(-2.0, 2.0), Interval::new(-3.0, 3.0)]);
        let crest = places.crest(all[0]);
        let truth = searched(&Body::ellipse([[1.5, 0.0], [0.0, 1.5]]).unwrap(), [0.0, 0.0]);
        assert!(crest.most >= truth && crest.least <= truth + 1e-4, "{crest:?} {truth}");
        assert!(crest.most - crest.least <= 1e-5, "{crest:?}");
        let beside = places.everywhere([Interval::new(2.0, 2.5), Interval::new(0.0, 0.0)]);
        assert_eq!(places.crest(beside[0]).most, f64::NEG_INFINITY);
    }
}
