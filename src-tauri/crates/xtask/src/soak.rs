//! `cargo xtask soak`: what takes hours. The real programs, killed again and again behind a line that fails between them, and
//! then as many simulated shops as were asked for, with a power cut at every write.

use crate::child::run as run_to_end;
use crate::programs::{self, cargo};
use crate::root::{target, ui};
use crate::steps::Steps;
use crate::{Result, page, sim, system};

const KILLS: u64 = 10_000;
const SEEDS: u64 = 100_000;

pub fn run(words: &[String]) -> Result {
    let (kills, seeds) = read(words)?;
    let mut steps = Steps::new(4);
    steps.step("Installing what is missing on this machine", || {
        system::install(&[system::WINDOW.as_slice(), &system::CLIENT, &system::SIM].concat())
    })?;
    steps.step("Building the page", || page::packages().and_then(|()| page::build()))?;
    steps.step("Building the programs and their tests", || programs::build(true))?;
    steps.step(&format!("Killing till and head office {kills} times"), || {
        let mut test = cargo();
        test.args(["test", "--workspace", "--test", "all", "--", "--nocapture", "kill::"])
            .env("REGULARS_KILLS", kills.to_string())
            .env("REGULARS_BIN_DIR", target().join("debug"))
            .env("REGULARS_UI_DIR", ui().join("dist"));
        run_to_end(&mut test)
    })?;
    sim::run(&["--seeds".to_owned(), seeds.to_string()])
}

fn read(words: &[String]) -> Result<(u64, u64)> {
    let (mut kills, mut seeds) = (KILLS, SEEDS);
    for pair in words.chunks(2) {
        let number = pair.get(1).and_then(|number| number.parse().ok());
        let number = number.ok_or_else(|| format!("{} needs a number", pair[0]))?;
        match pair[0].as_str() {
            "--kills" => kills = number,
            "--seeds" => seeds = number,
            other => return Err(format!("unknown argument {other}; there are --kills N and --seeds N").into()),
        }
    }
    Ok((kills, seeds))
}
