//! How robust a trained model is: the attacks of AutoAttack, and the risks of the theory on labelled data (feature `train`).

pub mod attack;
mod cascade;

pub use cascade::{Attack, Cascade, Current, Done, Found, Progress, Version};
