//! Problems that depend on x through one or two directions, in exact numbers.
//!
//! With z = U (x - m), m being a mean and U one or two rational rows, the law of z and the model as a function of z have rational parameters. That P and Q
//! depend on z alone is not a numerical finding but a set of equations between rationals that are checked.
//!
//! | what | module |
//! |---|---|
//! | the directions that a law and a model name | `named` |
//! | rows, what can be written by them, and the problem as a function of z | `span` |
//! | r = 1, where a ball becomes an interval | `line` |
//! | r = 2, where it becomes a convex body, caught between two of doubles | `plane` |
//! | covariances and small systems | `matrices` |
//! | inner products without rounding, roots | `products` |

mod line;
mod matrices;
mod named;
mod plane;
mod products;
mod span;

pub(super) use line::ExactLine;
pub(super) use plane::ExactPlane;
