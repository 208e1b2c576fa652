//! Certificates: results in a form that can be checked without this program.

pub mod coq;
