//! What can go wrong with the till's file, told apart by code.

use regulars_domain::Refusal;
use rusqlite::ErrorCode;

/// A failure of the till's database. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A rule refused it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Another process has this till open.
    #[error("another program has this till open")]
    TillInUse,
    /// There is no till in this folder yet.
    #[error("there is no till in this folder yet")]
    NotSetUp,
    /// There is one already.
    #[error("there is a till in this folder already")]
    AlreadySetUp,
    /// The keystore has no key for this file.
    #[error("the key of this till is not in the keystore of this computer and user")]
    KeyLost,
    /// The keystore has another key than the one that this file was written with.
    #[error("the key in the keystore is not the one that this till was written with")]
    KeyWrong,
    /// There is no keystore, or it does not answer.
    #[error("the keystore of this computer cannot be used: {0}")]
    KeystoreUnavailable(String),
    /// The file is a plain database, not one that Regulars wrote.
    #[error("till.db is not encrypted, so Regulars did not write it")]
    FilePlain,
    /// The file cannot be read although the key is right.
    #[error("till.db is damaged")]
    FileDamaged,
    /// The folder was set up, but its file is gone.
    #[error("till.db is missing from the till's folder")]
    FileMissing,
    /// What stands beside the file to tell its key is gone or unreadable.
    #[error("till.key.json, which tells the key of till.db, is missing or unreadable")]
    SidecarMissing,
    /// A newer Regulars wrote the file.
    #[error("till.db was written by a newer Regulars (format {found}, this one knows {known})")]
    FileNewer {
        /// The file's format.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// No room on the disk.
    #[error("the disk is full: nothing was saved")]
    DiskFull,
    /// The disk refused to read or write.
    #[error("the disk cannot be written: {0}")]
    DiskFailed(String),
    /// Something that must be there is not.
    #[error("{0} is not there")]
    Missing(&'static str),
    /// A stored value has another form than it must.
    #[error("a stored {0} cannot be read")]
    Unreadable(&'static str),
    /// A change that does not exist, or not any more.
    #[error("there is no such change")]
    ChangeNotFound,
    /// What cannot be done to a change in its state.
    #[error("{0}")]
    ChangeState(&'static str),
    /// Money that moved cannot be given up.
    #[error("money that moved stays booked: correct it with another entry")]
    MoneyCannotBeDiscarded,
    /// Other changes need this one.
    #[error("other changes need this one")]
    HasDependents,
    /// The program that should write is gone.
    #[error("the writer has stopped")]
    WriterStopped,
    /// SQLite, in any other way.
    #[error("database: {0}")]
    Sqlite(rusqlite::Error),
}

impl StoreError {
    /// The stable code, for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::TillInUse => "till_in_use",
            Self::NotSetUp => "not_set_up",
            Self::AlreadySetUp => "already_set_up",
            Self::KeyLost => "key_lost",
            Self::KeyWrong => "key_wrong",
            Self::KeystoreUnavailable(_) => "keystore_unavailable",
            Self::FilePlain => "file_plain",
            Self::FileDamaged => "file_damaged",
            Self::FileMissing => "file_missing",
            Self::SidecarMissing => "sidecar_missing",
            Self::FileNewer { .. } => "file_newer",
            Self::DiskFull => "disk_full",
            Self::DiskFailed(_) => "disk_failed",
            Self::Missing(_) | Self::Unreadable(_) | Self::WriterStopped | Self::Sqlite(_) => "internal",
            Self::ChangeNotFound => "change_not_found",
            Self::ChangeState(_) => "change_state",
            Self::MoneyCannotBeDiscarded => "money_cannot_be_discarded",
            Self::HasDependents => "has_dependents",
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::FileDamaged,
            Some(ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::CannotOpen) => {
                Self::DiskFailed(error.to_string())
            }
            _ => Self::Sqlite(error),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::DiskFailed(error.to_string()),
        }
    }
}
