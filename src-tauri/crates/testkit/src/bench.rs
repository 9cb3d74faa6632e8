//! Benchmarks: our figure, and beside it the floor, which was measured in the same run on the same disk: the least that
//! any program would have to do for the same promise.

mod bare;
mod crowd;
mod feed;
mod lookup;
mod names;
mod people;
mod pull;
mod rest;
mod start;
mod times;
mod top_up;
mod window;

pub use crowd::Crowd;
pub use start::{BARE, answer_bare};

/// How many members the counter's list shows.
const SHOWN: usize = 50;

/// A line of the table.
pub struct Row {
    /// What is measured.
    pub name: String,
    /// Our figure.
    pub measured: String,
    /// The floor's.
    pub floor: String,
    /// How many times the floor ours took.
    pub ratio: f64,
    /// What is aimed at.
    pub aim: &'static str,
}

/// What hears of rows.
pub type Tell<'a> = dyn FnMut(Row) + 'a;

/// Some rows that are measured together.
pub struct Benchmark {
    /// The word that picks it.
    pub word: &'static str,
    /// Measures, and tells each row when it is known.
    pub run: fn(&mut Crowd, &mut Tell),
}

/// All of them. Those that want a million members come one after the other, so that they are made once.
pub const ALL: [Benchmark; 7] = [
    Benchmark { word: "top-up", run: |_, tell| tell(top_up::run()) },
    Benchmark { word: "pull", run: |_, tell| tell(pull::run()) },
    Benchmark { word: "remotes", run: rest::run },
    Benchmark { word: "lookup", run: lookup::run },
    Benchmark { word: "names", run: names::run },
    Benchmark { word: "start", run: start::run },
    Benchmark { word: "window", run: |_, tell| tell(window::run()) },
];
