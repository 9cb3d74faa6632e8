//! The command line of the window.

use std::ffi::OsString;
use std::path::PathBuf;

/// What `--help` prints.
pub const HELP: &str = "\
The member desk of a shop.

Usage: regulars [--data-dir DIR]

  --data-dir DIR   keep the till in DIR instead of this person's own folder; tills in different
                   folders can be open at the same time
  --help           print this
  --version        print the version";

/// How the window is to be opened.
#[derive(Debug, Default, PartialEq)]
pub struct Arguments {
    /// The till's folder, where one was named.
    pub data_dir: Option<PathBuf>,
}

/// What the command line asks for.
#[derive(Debug, PartialEq)]
pub enum Asked {
    Open(Arguments),
    Help,
    Version,
    /// Not understood, and why.
    Wrong(String),
}

/// Reads the arguments after the program's name.
pub fn parse(mut words: impl Iterator<Item = OsString>) -> Asked {
    let mut arguments = Arguments::default();
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--help" | "-h") => return Asked::Help,
            Some("--version" | "-V") => return Asked::Version,
            Some("--data-dir") => match words.next() {
                Some(dir) if !dir.is_empty() => arguments.data_dir = Some(dir.into()),
                _ => return Asked::Wrong("--data-dir needs a folder".into()),
            },
            _ => return Asked::Wrong(format!("unknown argument {}", word.display())),
        }
    }
    Asked::Open(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Asked {
        parse(words.iter().map(OsString::from))
    }

    #[test]
    fn without_arguments_the_own_folder_is_meant() {
        assert_eq!(parsed(&[]), Asked::Open(Arguments { data_dir: None }));
    }

    #[test]
    fn a_folder_can_be_named() {
        assert_eq!(parsed(&["--data-dir", "till 2"]), Asked::Open(Arguments { data_dir: Some("till 2".into()) }));
    }

    #[test]
    fn help_and_version_win() {
        assert_eq!(parsed(&["--data-dir", "x", "--help"]), Asked::Help);
        assert_eq!(parsed(&["-V"]), Asked::Version);
    }

    #[test]
    fn what_is_not_understood_opens_no_window() {
        assert_eq!(parsed(&["--data-dir"]), Asked::Wrong("--data-dir needs a folder".into()));
        assert_eq!(parsed(&["--date-dir"]), Asked::Wrong("unknown argument --date-dir".into()));
    }
}
