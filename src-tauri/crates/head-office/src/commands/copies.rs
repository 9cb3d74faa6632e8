//! Copies of the database: making one while the server runs, and putting one back.

use super::{Database, Failure, now};
use clap::Args;
use regulars_head_office::{CopyError, SqliteStorage};
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct Backup {
    /// Where the copy goes. A file that is there already is left alone.
    #[arg(value_name = "FILE")]
    copy: PathBuf,
    /// The path of the database.
    #[arg(long, value_name = "PATH.db")]
    database: Database,
}

impl Backup {
    pub(super) fn run(self) -> Result<(), Failure> {
        Ok(SqliteStorage::back_up(&self.database.path, &self.copy)?)
    }
}

#[derive(Args)]
pub(super) struct Restore {
    /// The copy.
    #[arg(value_name = "BACKUP")]
    copy: PathBuf,
    /// The path of the database.
    #[arg(long, value_name = "PATH.db")]
    database: Database,
}

impl Restore {
    pub(super) fn run(self) -> Result<(), Failure> {
        let kept = SqliteStorage::restore(&self.copy, &self.database.path, now())?;
        match kept {
            Some(kept) => println!("restored; what was there is kept as {}", kept.display()),
            None => println!("restored"),
        }
        Ok(())
    }
}

impl From<CopyError> for Failure {
    fn from(error: CopyError) -> Self {
        match error {
            CopyError::Exists(_) | CopyError::Missing(_) | CopyError::InUse => Self::Input(error.to_string()),
            CopyError::Open(_) | CopyError::Database(_) | CopyError::Disk(_) | CopyError::Damaged(_) => {
                Self::Other(error.to_string())
            }
        }
    }
}
