//! Proved enclosures of the risks.

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
pub use partition::{Flaw, Needs, Partition, Windows};
pub use search::{Effort, Enclosure, Shortfall, enclose, risk};
pub use shape::{Peak, Shape, Trend};
