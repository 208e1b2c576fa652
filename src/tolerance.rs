//! Every numerical tolerance of the workbench, with its reason.

/// How far from 1 the sum of probabilities given as doubles may be: K roundings of decimal input, with room to spare.
pub const SUM: f64 = 1e-12;
