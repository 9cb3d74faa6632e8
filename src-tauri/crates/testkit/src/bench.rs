//! Benchmarks: our figure, and the floor beside it.

pub mod bare;
pub mod pull;
pub mod top_up;

/// A line of the table.
pub struct Row {
    /// What is measured.
    pub name: &'static str,
    /// Our figure.
    pub measured: String,
    /// The floor's.
    pub floor: String,
    /// How many times the floor's time ours took.
    pub ratio: f64,
    /// What is aimed at.
    pub aim: &'static str,
}
