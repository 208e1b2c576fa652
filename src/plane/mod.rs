//! The four risks of a law and a model in the plane, where the perturbations form a convex body.
//!
//! If P and Q depend on x in `R^d` through two directions z = U x only, the risks of the problem in `R^d` are those of the law of z, and the
//! ball becomes its image under U: a zonotope (linf), a polygon (l1) or an ellipse (l2). With `B` that [`Body`],
//!
//! ```text
//! R_Standard = E_z     D(P(z), Q(z))
//! R_Madry    = E_z sup D(P(z), Q(u))      u in z + B
//! R_SCORE    = E_z sup D(P(u), Q(u))
//! C          = E_z sup D(P(z), P(u))
//! ```
//!
//! | what | how | module |
//! |---|---|---|
//! | [`Plane::risk`] | two nested adaptive integrals that cut where the formula changes | `estimate`, `nested` |
//! | its supremum | closed form (two classes, affine logits), else a search of the boundary and of local maxima | `search`, `field` |
//! | [`Plane::enclosure`] | cells with intervals of derivatives, halved until they are tight enough | `enclosure` |
//! | what that rests on | slopes of a supremum over a list of places, second derivatives where there are some; tails by moments | `bounds`, `tail` |
//! | the places | tiles of the plane that all cells share, and what is proved of x + B | `places`, `reach` |
//! | label distributions over boxes | differences of affine logits, exactly | `tilts` |
//!
//! ```
//! use score_workbench::divergence::Divergence;
//! use score_workbench::enclosure::Effort;
//! use score_workbench::plane::{Body, Plane, PlaneLaw, PlaneModel};
//! use score_workbench::risk::Risk;
//!
//! let identity = [[1.0, 0.0], [0.0, 1.0]];
//! let law = PlaneLaw::from_doubles(&[
//!     (0.5, &[(1.0, [1.0, 0.0], identity)]),
//!     (0.5, &[(1.0, [-1.0, 0.0], identity)]),
//! ])?;
//! let plane = Plane::new(law, PlaneModel::affine(&[[1.0, 1.0], [0.0, 0.0]], &[0.0, 0.0])?)?;
//! let disc = Body::ellipse([[0.25, 0.0], [0.0, 0.25]])?;
//! let madry = plane.risk(Risk::Madry, Divergence::TotalVariation, &disc)?;
//! assert!(madry.error < 1e-8 * madry.value);
//! let effort = Effort::in_the_plane(0.02);
//! let proved = plane.enclosure(Risk::Madry, Divergence::TotalVariation, &disc, effort);
//! assert!(proved.interval.contains(madry.value) && proved.interval.width() <= 0.02);
//! # Ok::<(), score_workbench::error::Error>(())
//! ```

mod body;
mod bounds;
mod compiled;
mod enclosure;
mod estimate;
mod field;
pub(crate) mod nested;
mod places;
mod problem;
mod reach;
mod search;
mod tail;
mod tilts;

pub use body::{Body, Shape, Vector};
pub use enclosure::PlaneEnclosure;
pub(crate) use estimate::{Window, cuts};
pub use problem::{Normal, Plane, PlaneLaw, PlaneModel};
