//! `regulars-bench`: the benchmarks, printed as a table with ratios. `cargo xtask bench` builds it optimised and runs it.
//!
//! Each figure stands beside a floor that was measured in the same run on the same disk: the least that any program
//! would have to do for the same promise.

use regulars_testkit::bench::{Row, pull, top_up};

fn main() {
    println!("{:<44} {:>14} {:>14} {:>7}  aim", "benchmark", "measured", "floor", "ratio");
    for row in [top_up::run(), pull::run()] {
        let Row { name, measured, floor, ratio, aim } = row;
        println!("{name:<44} {measured:>14} {floor:>14} {ratio:>7.2}  {aim}");
    }
}
