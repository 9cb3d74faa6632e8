//! How many seeds were run at all, with the commit that they ran on: a file in the repository.

use regulars_sync::connectors::head_office;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// What is aimed at before anybody says that it holds: of head office, and of the five other member systems together.
const AIMS: [u64; 2] = [100_000, 25_000];

/// Where it stands.
fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("SEEDS.tsv")
}

/// The first seed that was not counted yet.
pub fn next_seed(kind: &str) -> u64 {
    counted().iter().filter(|(of, ..)| of == kind).map(|(_, first, seeds)| first + seeds).max().unwrap_or(1)
}

/// Notes a run. On a tree with changes the commit says nothing, so it is not counted.
pub fn note(kind: &str, first: u64, seeds: u64, steps: u32, failed: u64) -> Result<(), String> {
    let dirty = git(&["status", "--porcelain", "--untracked-files=no", "--", ".", ":!*SEEDS.tsv"])?;
    if !dirty.is_empty() {
        return Err("not counted: there are changes that are not committed".to_owned());
    }
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let before =
        fs::read_to_string(path()).unwrap_or_else(|_| "commit\tremote\tfirst seed\tseeds\tsteps\tfailed\n".to_owned());
    let line = format!("{commit}\t{kind}\t{first}\t{seeds}\t{steps}\t{failed}\n");
    fs::write(path(), before + &line).map_err(|error| error.to_string())?;
    let is_ours = |kind: &str| kind == head_office::KIND;
    let of_same = counted().into_iter().filter(|(of, ..)| is_ours(of) == is_ours(kind));
    let (all, aim) = (of_same.map(|(_, _, seeds)| seeds).sum::<u64>(), AIMS[usize::from(!is_ours(kind))]);
    println!("{all} seeds of {aim} are counted");
    Ok(())
}

fn counted() -> Vec<(String, u64, u64)> {
    let text = fs::read_to_string(path()).unwrap_or_default();
    let number = |word: Option<&&str>| word.and_then(|word| word.parse::<u64>().ok());
    let lines = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    lines
        .filter_map(|words| Some(((*words.get(1)?).to_owned(), number(words.get(2))?, number(words.get(3))?)))
        .collect()
}

fn git(words: &[&str]) -> Result<String, String> {
    let done = Command::new("git").current_dir(env!("CARGO_MANIFEST_DIR")).args(words).output();
    let done = done.map_err(|error| format!("git: {error}"))?;
    Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
}
