//! The command line `score`.

fn main() {}
