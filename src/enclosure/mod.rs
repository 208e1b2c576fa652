//! Proved enclosures of the risks.
//!
//! A risk is an integral over the line, `integral p_d(x) sup_u D(.., ..) dx`. An [`Enclosure`] is an interval that contains it: not an estimate
//! with an error, but a consequence of inequalities between doubles, each of which was evaluated with outward rounding
//! ([`Interval`](crate::real::Interval)). The law, the model and epsilon enter as the exact numbers that were written.
//!
//! A [`Partition`] shows it. It cuts the line into cells, and says of the function under the supremum what is needed:
//!
//! | risk | what is said | how it is shown |
//! |---|---|---|
//! | without a window | nothing | |
//! | SCORE; Madry and C with two classes | where one function of u rises or falls ([`Trend`]) | its slope over the interval has one sign |
//! | Madry and C with more classes | for each cell, intervals of u that cover its windows, with trends, and a curve near the maximiser ([`Cover`]) | slope and curvature over cell times interval have one sign |
//!
//! The integral is then the sum of
//!
//! - **cells**: density times supremum has a Taylor expansion of order 8 on a cell, with coefficients at the midpoint and a remainder over all of it
//!   ([`Taylor`](crate::real::Taylor)). The supremum is at least its value at the ends of the window and at any point inside; it is at most the largest of
//!   those at the ends and of the peaks, the places where rising turns to falling and the intervals of which nothing is known. Candidates that
//!   are beaten all over the cell are dropped; what cannot be told apart costs width, never truth;
//! - **two tails**, from 0 to a bound: log densities and logits lie between parabolas from there on, so that the integrand is at most a sum of
//!   exponentials of parabolas.
//!
//! [`Partition::enclosure`] computes this anew from nothing but the partition and the [`Integrand`], and believes neither: a trend that the slope
//! does not show is a [`Flaw`]. So the search may be as clever as it likes, and a partition may come from anywhere.
//!
//! | what a proof rests on | |
//! |---|---|
//! | `integrand` | the supremum and its integral over a cell |
//! | `shape`, `cover` | peaks of functions with known trends; covers |
//! | `tail` | what is beyond the last cells |
//! | `partition` | the parts added up, the flaws |
//! | [`real::Interval`](crate::real::Interval), `Jet`, `Taylor` | the arithmetic, and its one assumption on elementary functions |
//! | the formulas of laws, models, divergences; whether a risk is infinite (`risk/infinite.rs`, with rationals) | the same text that the estimates use |
//!
//! | what only searches | |
//! |---|---|
//! | `search` | ends of the line, bisection of the widest cell, early stops ([`Shortfall`]) |
//! | `trends` | intervals on which a slope has one sign |
//! | `maximiser` | covers, and curves through estimated maximisers |
//! | the pieces of the estimate ([`risk::Integrand`](crate::risk::Integrand)) | where to cut first |
//!
//! ```
//! use score_workbench::enclosure::{self, Effort};
//! use score_workbench::{divergence::Divergence, law::Law, model::Model, risk::{Line, Risk}};
//! let (law, model) = (Law::resolve("toy")?, Model::resolve("toy-linear")?);
//! let line = Line::new(&law, &model)?;
//! let asked = (Risk::Score, Divergence::Kl, &"1".parse()?);
//! let found = enclosure::risk(&line, asked, Effort::to(1e-6))?;
//! assert!(found.interval.contains(0.26635403384658) && found.interval.width() <= 1e-6);
//! # Ok::<(), score_workbench::error::Error>(())
//! ```

mod cover;
mod integrand;
mod maximiser;
mod partition;
mod search;
mod shape;
mod tail;
mod trends;

pub use cover::Cover;
pub use integrand::{Integrand, Known};
pub(crate) use partition::total;
pub use partition::{Flaw, Needs, Partition, Windows};
pub use search::{Effort, Enclosure, Shortfall, enclose, risk};
pub use shape::{Peak, Shape, Trend};
