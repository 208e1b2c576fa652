//! How robust a trained model is: the attacks of AutoAttack, and the risks of the theory on labelled data (feature `train`).

pub mod attack;
mod cascade;
pub mod posterior;
pub mod record;
pub mod risks;
pub mod warnings;
mod workers;

pub use cascade::{Attack, Cascade, Climbs, Current, Done, Found, Progress, Report, Version};
pub use warnings::Warning;
pub use workers::Workers;
