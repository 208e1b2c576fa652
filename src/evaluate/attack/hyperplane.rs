//! FAB's projections: the smallest step, in each norm, from a point of the box to where a hyperplane meets the box.
//!
//! For each row: points t in `[0, 1]^D`, a hyperplane `w . x = b`. The step d is the shortest with `w . (t + d) = b` and `t + d` in the box; where the
//! hyperplane does not meet the box, the one that comes nearest. The side is chosen first so that `w . x` has to fall. Then every
//! coordinate moves until it meets its wall, at a pace that the norm dictates, and the sum of what all have done by the time that the
//! k-th wall is met is piecewise linear: the piece is found by bisection (Croce and Hein, ICML 2020).

use tch::{Kind, Tensor};

use super::bisection::{at, last_where};
use super::order::{ascending, ascending_as_libtorch};
use super::{positions, put};
use crate::perturbation::Norm;

/// A component of w below this does not move (l2 and l1).
const FLAT: f64 = 1e-8;
/// Later than every wall.
const NEVER: f64 = 1e12;

/// The step of each row of `points` `[N, D]` to the hyperplane with normals `normals` `[N, D]` and offsets `offsets` `[N]`.
pub(super) fn step(points: &Tensor, normals: &Tensor, offsets: &Tensor, norm: Norm) -> Tensor {
    let excess = sum(&(normals * points)) - offsets;
    let side = excess.ge(0.0).to_kind(Kind::Float) * 2.0 - 1.0;
    let w = normals * side.unsqueeze(1);
    match norm {
        Norm::Linf => linf(points, &w, &(offsets * &side)),
        Norm::L2 => l2(points, &w, &(excess * side)),
        Norm::L1 => l1(points, &w, &(excess * side)),
    }
}

fn sum(rows: &Tensor) -> Tensor {
    rows.sum_dim_intlist(Some(&[1i64][..]), false, Kind::Float)
}

fn is(condition: &Tensor) -> Tensor {
    condition.to_kind(Kind::Float)
}

/// All coordinates move alike until they meet their walls.
fn linf(t: &Tensor, w: &Tensor, b: &Tensor) -> Tensor {
    let rising = is(&w.lt(0.0));
    let moves = is(&w.ne(0.0));
    let farthest = (&rising - t) * &moves;
    let distance = &rising - t * (&rising * 2.0 - 1.0);
    let far_to_near = ascending_as_libtorch(&distance).flip([1]);
    let b = b - sum(&(w * t));
    let most = sum(&(w * &farthest));
    let w_sorted = w.gather(1, &far_to_near, false);
    let slope = w_sorted.abs().cumsum(1, Kind::Float);
    let freed = (-&w_sorted * farthest.gather(1, &far_to_near, false)).cumsum(1, Kind::Float)
        + most.unsqueeze(1);
    let far_distance = distance.gather(1, &far_to_near, false);

    let columns = w.size()[1];
    let reached =
        |column: &Tensor| at(&freed, column) - at(&slope, column) * at(&far_distance, column);
    let last = Tensor::full(b.size(), columns - 1, (Kind::Int64, b.device()));
    let before_any_wall = (&b - reached(&last)).gt(0.0);
    let meets = (&b - &most).gt(0.0);
    let place = last_where(&b, columns - 1, columns, |m| (&b - reached(m)).gt(0.0));

    let pace = |place: &Tensor| {
        ((&b - at(&freed, place)) / -at(&slope, place)).clamp_min(0.0).unsqueeze(-1)
    };
    // Where it meets nothing, everything goes as far as it can.
    let bound = pace(&place).masked_fill(&meets.logical_not().unsqueeze(1), f64::from(f32::MAX));
    let mut d = farthest.minimum(&bound).maximum(&-bound);
    let free = positions(&before_any_wall);
    let freely = (rising.index_select(0, &free) * 2.0 - 1.0) * pace(&last).index_select(0, &free);
    put(&mut d, &free, &freely);
    d * moves
}

/// Each coordinate moves as fast as its component of w.
fn l2(t: &Tensor, w: &Tensor, excess: &Tensor) -> Tensor {
    let flat = w.abs().lt(FLAT);
    let moves = is(&w.abs().gt(FLAT));
    let arrival = (t / w).maximum(&((t - 1.0) / w)).clamp(-NEVER, NEVER);
    let arrival = arrival.masked_fill(&flat, NEVER);
    let arrival = arrival.masked_fill(&arrival.eq(-NEVER), NEVER);
    let order = ascending_as_libtorch(&arrival);
    let sorted = arrival.gather(1, &order, false);
    let next = sorted.narrow(1, 1, sorted.size()[1] - 1).constant_pad_nd([0, 1]);
    let sorted = sorted.masked_fill(&sorted.eq(NEVER), 0.0);
    let next = next.masked_fill(&next.eq(NEVER), 0.0);
    let squares = w.square().gather(1, &order, false);
    let all = squares.sum_dim_intlist(Some(&[1i64][..]), true, Kind::Float);
    let moving = &all - squares.cumsum(1, Kind::Float);
    let at_walls = -(&arrival * w) * &moves;
    let first = -&all * sorted.narrow(1, 0, 1);
    let later = ((&sorted - &next) * &moving).cumsum(1, Kind::Float) + &first;
    let change = Tensor::cat(&[&first, &later], 1);

    let before_any_wall = (change.select(1, 0) + excess).lt(0.0);
    let misses = (sum(&(&at_walls * w)) + excess).gt(0.0);
    let columns = w.size()[1];
    let place = last_where(excess, columns - 1, columns, |m| (at(&change, m) + excess).gt(0.0));

    let free = -(excess / all.squeeze_dim(-1)).unsqueeze(-1) * w;
    let rate = at(&moving, &place);
    let pace = (at(&change, &place) + excess) / &rate + at(&sorted, &place);
    let pace = pace.masked_fill(&rate.eq(0.0), 0.0).unsqueeze(-1);
    let arrived = is(&pace.gt_tensor(&arrival));
    let stopped = &at_walls * &arrived - &pace * w * (1f64 - &arrived);
    let d = at_walls.where_self(&misses.unsqueeze(1), &stopped);
    free.where_self(&before_any_wall.unsqueeze(1), &d) * moves
}

/// One coordinate after the other moves to its wall, the ones with the largest components of w first.
fn l1(t: &Tensor, w: &Tensor, excess: &Tensor) -> Tensor {
    let order = ascending(&w.reciprocal().abs().clamp_max(NEVER));
    let rank = order.scatter(
        1,
        &order,
        &Tensor::arange(order.size()[1], (Kind::Int64, w.device())).expand_as(&order),
    );
    let farthest = (is(&w.lt(0.0)) - t) * is(&w.ne(0.0));
    let falls = (-w * t).minimum(&(w * (1.0 - t))).gather(1, &order, false);
    let left = Tensor::cat(&[&excess.unsqueeze(-1), &falls], 1).cumsum(1, Kind::Float);

    let columns = w.size()[1];
    let meets = left.select(1, columns).lt(0.0);
    let place = last_where(excess, columns + 1, columns, |m| at(&left, m).gt(0.0));
    // Rows that do not meet the hyperplane may point behind the last coordinate; they are not used.
    let coordinate = order.gather(1, &place.clamp_max(columns - 1).unsqueeze(1), false);
    let partly = -at(&left, &place).unsqueeze(1) / w.gather(1, &coordinate, false);
    let whole = &farthest * is(&rank.lt_tensor(&place.unsqueeze(1)));
    let d = whole.scatter(1, &coordinate, &partly);
    d.where_self(&meets.unsqueeze(1), &farthest) * is(&w.abs().gt(FLAT))
}
