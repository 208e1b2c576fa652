//! Every numerical tolerance of the workbench, with its reason.

/// How far from 1 the sum of probabilities given as doubles may be: K roundings of decimal input, with room to spare.
pub const SUM: f64 = 1e-12;

/// The rounding error of an integral relative to the integral of the absolute value: a few units in the last place for the
/// integrand, which is a dozen elementary functions, averaged over many nodes.
pub const ROUNDING: f64 = 1e-15;

/// The relative rounding error of a logit: it takes half a dozen operations, each off by up to 1.1e-16.
pub const SHAKE: f64 = 8e-16;

/// A cell this thin relative to where it is has no doubles left to be bisected usefully.
pub const THIN: f64 = 1e-14;

/// Two generators of a zonotope whose angles differ by no more have the same direction: it moves a vertex by this times its distance.
pub const SAME_ANGLE: f64 = 1e-15;

/// Singular values of directions of length 1 below this, relative to the largest, are rounding: what they stand for is
/// measured and counts as an error of the logits.
pub const DIRECTION: f64 = 1e-9;

/// The relative rounding error of what a projection computes, an inner product by blocks and halves, with room for its factors.
pub const PROJECTION: f64 = 4e-15;

/// The most directions that matter for which risks are computed without sampling.
pub const DIRECTIONS: usize = 3;

/// The most for which they are sampled: a covariance is a matrix of this size, and a gradient as many derivatives.
pub const SAMPLED_DIRECTIONS: usize = 128;

/// The probability that a confidence interval misses its number is at most this, on both sides together.
pub const DOUBT: f64 = 1e-3;

/// The fewest draws that are called a sample.
pub const FEWEST_DRAWS: u64 = 1000;

/// The share of a sample's variance that one draw may carry for its mean to count as normal.
pub const LARGEST_SHARE: f64 = 0.1;

/// The largest dimension in which a matrix of d x d doubles is made, of a full covariance or of a quadratic form.
pub const DENSE: usize = 4096;

/// How many bits a number of an exact projection may have before doubles with an error take over.
pub const EXACT_BITS: u64 = 20_000;

/// How many cells an integral may use before it stops and reports the error that is left.
pub const CELLS: usize = 4000;

/// Below this, relative to 1 + |f|, a wiggle of an integrand is rounding: it can change a risk by no more than itself.
pub const NOISE: f64 = 1e-15;

/// How closely cubic interpolation between samples must predict a function before its shape is believed known, relative to how
/// much it varies between them.
pub const SHAPE: f64 = 0.02;

/// How many samples the shape of one function may take.
pub const SAMPLES: usize = 20_000;

/// How often an interval between two seeds may be halved: enough to cut from the largest double to the smallest scale in use.
pub const DEPTH: u32 = 100;

/// How closely a kink is located, relative to 1 + |x|: off by d, it costs a quadrature rule d^2 times the jump of the slope.
pub const KINK: f64 = 1e-11;

/// How closely the place is located at which a maximiser jumps or a formula under it changes: off by d, it costs d^2 times the jump of
/// the slope.
pub const CHANGE: f64 = 1e-9;

/// How closely a turning point is located, relative to the distance of the samples on either side: off by that much, the value
/// there changes by the square.
pub const TURN: f64 = 1e-8;

/// How closely the crossing of two branches is located, relative to 1 + |x|; see [`KINK`].
pub const CROSSING: f64 = 1e-12;

/// How many standard deviations of every component the truncated line holds at least: all but 1e-18 of the mass.
pub const REACH: f64 = 9.0;

/// The farthest that the truncated line may reach, in standard deviations: there a density underflows.
pub const FARTHEST: f64 = 38.0;

/// The contribution of a tail that is not worth integrating.
pub const TAIL: f64 = 1e-18;

/// The width of a cell in standard deviations of the narrowest component with mass in it: there the 10-point Gauss rule is
/// exact to rounding for the density.
pub const CELL: f64 = 2.0;

/// How much wider than the smallest sample interval in it a cell of the quadrature may be to begin with.
pub const GRADE: f64 = 8.0;

/// A branch that is decided by less than this is decided by rounding: the quantities compared are probabilities, pre-activations and
/// their differences.
pub const TIE: f64 = 1e-14;

/// Two sides of an inequality that agree within an error this small are equal as far as estimates can tell.
pub const EQUAL: f64 = 1e-9;

/// The width to which an equation is proved.
pub const EQUATION: f64 = 1e-6;

/// The width of the enclosures that a claim is first checked with.
pub const WIDEST: f64 = 1e-4;

/// How much tighter they are made where that does not decide.
pub const TIGHTER: f64 = 1e-2;

/// The width at which a claim is left undecided. Rounding makes enclosures of risks about 1e-13 wide at the least.
pub const TIGHTEST: f64 = 1e-10;

/// How many cells an enclosure may use unless told otherwise.
pub const ENCLOSURE_CELLS: usize = 10_000;

/// A side of an inequality below this is nothing: a search for violations that looked there would find rounding.
pub const NOTHING: f64 = 1e-9;

/// The error of a slack, relative to what it is compared with, above which an instance tells a search nothing.
pub const BLURRED: f64 = 1e-7;

/// How far below 0 a slack has to be, relative to the larger side, for a search to take it for a violation rather than a tie.
pub const VIOLATED: f64 = 1e-6;

/// A tightness below this is a tie as far as a search can tell: the inequality cannot be improved by a factor.
pub const TIGHT: f64 = 1e-6;

/// How many standard deviations of every component the grid of an optimal model holds: all but 3e-12 of the mass.
pub const GRID_REACH: f64 = 7.0;

/// The coarsest spacing of that grid, relative to the radius and to the scale of a landmark: four nodes to either.
pub const GRID_STEP: f64 = 0.25;

/// How far around a landmark the grid follows its scale, in multiples of it.
pub const GRID_AROUND: f64 = 4.0;

/// How many nodes that grid may have.
pub const GRID_NODES: usize = 30_000;

/// How many multiplications a step of Newton's method may take: about a twentieth of a second.
pub const GRID_WORK: usize = 50_000_000;

/// Where the barrier begins, relative to the law's own variation: all weights are about equal.
pub const BARRIER_START: f64 = 0.1;

/// By which factor the barrier falls from one point of its path to the next.
pub const BARRIER_FALL: f64 = 0.25;

/// Where its path ends at the latest, relative to its beginning: beyond, rounding is all that is left.
pub const BARRIER_LEAST: f64 = 1e-12;

/// How far up the path the solution for a finer grid begins, as a multiple of where it ended.
pub const BARRIER_AGAIN: f64 = 64.0;

/// What part of the gap that is asked for the barrier may leave open.
pub const BARRIER_SHARE: f64 = 0.05;

/// What part of it the quadrature of the lower bound may.
pub const DUAL_SHARE: f64 = 0.01;

/// How many steps of Newton's method there may be for one value of the barrier.
pub const NEWTON_STEPS: usize = 40;

/// The decrease at which they end, relative to the barrier, which is how far the objective is from that of the maximum.
pub const NEWTON_DECREASE: f64 = 1e-3;

/// What is added to the unit diagonal of Newton's matrix: nodes that no mass looks at would make it singular.
pub const RIDGE: f64 = 1e-12;

/// How far from the prior's log odds the first guess may be.
pub const START: f64 = 8.0;

/// How much of the way to a corner of the simplex a step may go.
pub const TO_CORNER: f64 = 0.9;

/// The shortest part of a step that is tried.
pub const SHORTEST_STEP: f64 = 1e-6;

/// The part of the largest mass below which a source of the lower bound is left out.
pub const SOURCE: f64 = 1e-9;

/// How many roundings a loss may be off by, for each class: with unit roundoff u, K classes, inputs of condition c and a value v, a loss
/// that is written as one would write it is within `LOSS u K (1 + c) max(1, |v|)` of the true value. The condition is the largest
/// |ln p| of a probability, or twice the largest logit: a logarithm of p has the error u |ln p|, a difference of logits u |h|, and both
/// enter the value with a factor of the size of the value or of 1. A loss that is a root is allowed this error in its square.
pub const LOSS: f64 = 8.0;

/// A step of finite differences on logits for an arithmetic with unit roundoff u is about u to this power: the five-point rule errs by
/// the step to the fourth and by u over the step.
pub const LOSS_STEP: f64 = 0.2;

/// A difference of a loss whose own error is more than this share of the derivative decides nothing.
pub const LOSS_SLOPE: f64 = 0.1;

/// How far apart label distributions have to be, in one class, for a divergence to be asked to tell them apart.
pub const LOSS_APART: f64 = 0.05;

/// How far, relative to its size, a body in the plane may bend inwards or a vector may be outside of it: the rounding of vertices that
/// are sums of thousands of generators.
pub const TURNS: f64 = 1e-12;

/// How far, in turns, a maximiser on a smooth boundary may move between neighbouring nodes before it is asked whether it jumped.
pub const LEAP: f64 = 0.05;

/// A step of Newton's method this short, relative to its bracket, is followed by the parabola's own maximum: what that leaves out is of
/// the third order.
pub const NEAR: f64 = 1e-4;

/// The error, relative to the risk, that is enough for the outer one of two nested integrals, and for all the inner ones together.
pub const NESTED: (f64, f64) = (3e-9, 1e-9);

/// The same for a supremum over a polygon of many edges that is searched: each edge is a formula of its own, and cells cannot follow them all.
pub const FACETED: (f64, f64) = (1e-6, 3e-7);

/// The same for three nested integrals, from the outer one to the inner ones.
pub const SOLID: [f64; 3] = [1e-5, 3e-6, 1e-6];

/// What part of a risk along three directions may be beyond the ellipsoids that are integrated over.
pub const SOLID_REST: f64 = 1e-7;

/// How closely a change of formula is located by the outer one and by the inner ones, relative to the cell: off by d, it costs at most
/// d^2 times the jump of the slope.
pub const NESTED_CHANGE: (f64, f64) = (1e-5, 1e-6);

/// How many cells the outer integral and an inner one may use.
pub const NESTED_CELLS: (usize, usize) = (400, 400);

/// The width of a cell in standard deviations for nested integrals, to begin with.
pub const PLANE_CELL: f64 = 2.6;

/// How many standard deviations of every component are integrated over in the plane at least.
pub const PLANE_REACH: f64 = 6.0;

/// What part of a risk in the plane may be beyond the ellipses that are integrated over.
pub const PLANE_REST: f64 = 1e-11;

/// How many points along either axis the grid has that looks for local maxima in the plane.
pub const PLANE_GRID: usize = 128;

/// A risk in the plane below this is not asked for to a relative accuracy any more.
pub const PLANE_FLOOR: f64 = 1e-8;

/// How many cells an enclosure in the plane may use unless told otherwise.
pub const PLANE_ENCLOSURE_CELLS: usize = 400_000;

/// The same where a claim asks for it: a cell takes up to a millisecond, or several where laws are steep.
pub const PLANE_CLAIM_CELLS: usize = 4_000;

/// The widths of enclosures in the plane that a claim is tried with, relative to its smallest estimated slack, which is made of a few risks.
pub const PLANE_SHARES: [f64; 2] = [0.25, 0.03];

/// No more width than this is ever allowed.
pub const PLANE_WIDEST: f64 = 1.0;

/// The width below which none is tried: a tenth of the width takes ten times as many cells.
pub const PLANE_TIGHTEST: f64 = 5e-4;
