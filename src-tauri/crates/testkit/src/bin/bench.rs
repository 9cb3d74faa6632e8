//! `regulars-bench [WORD…]`: the benchmarks, printed as a table with ratios; all of them, or those that the words pick.
//! `cargo xtask bench` builds it optimised and runs it.

use regulars_testkit::bench::{ALL, BARE, Benchmark, Crowd, Row, answer_bare};
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [word, folder, questions @ ..] = words.as_slice()
        && word == BARE
    {
        answer_bare(folder.as_ref(), questions);
        return ExitCode::SUCCESS;
    }
    let known = ALL.map(|benchmark| benchmark.word);
    if let Some(unknown) = words.iter().find(|word| !known.contains(&word.as_str())) {
        eprintln!("there is no benchmark {unknown}; there are {}", known.join(", "));
        return ExitCode::from(2);
    }
    println!("{:<48} {:>28} {:>28} {:>7}  aim", "benchmark", "measured", "floor", "ratio");
    let mut crowd = Crowd::new();
    let is_picked = |benchmark: &&Benchmark| words.is_empty() || words.iter().any(|word| word == benchmark.word);
    for benchmark in ALL.iter().filter(is_picked) {
        (benchmark.run)(&mut crowd, &mut print);
    }
    ExitCode::SUCCESS
}

fn print(row: Row) {
    let Row { name, measured, floor, ratio, aim } = row;
    println!("{name:<48} {measured:>28} {floor:>28} {ratio:>7.2}  {aim}");
}
