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

mod body;
mod bounds;
mod compiled;
mod enclosure;
mod estimate;
mod field;
mod nested;
mod problem;
mod search;
mod tail;

pub use body::{Body, Shape, Vector};
pub use enclosure::PlaneEnclosure;
pub use problem::{Normal, Plane, PlaneLaw, PlaneModel};
