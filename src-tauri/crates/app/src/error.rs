//! Why something was not done, in one type for all use-cases: a code, a field, and what kind of "no" it is.

use crate::slip::PrintError;
use crate::spreadsheet::SheetError;
use regulars_domain::Refusal;
use regulars_domain::refusal::RefusalKind;
use regulars_store::StoreError;
use regulars_store::remotes::Problem;
use regulars_sync::Trouble;
use serde_json::{Value, json};

/// Why a use-case was not done. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The till's file, or a rule that was found broken while writing.
    #[error(transparent)]
    Store(StoreError),
    /// A rule.
    #[error(transparent)]
    Refused(Refusal),
    /// Something about a remote.
    #[error("{}", .0.message)]
    Remote(Problem),
    /// A remote that was asked did not answer as asked.
    #[error("{}", .0.problem.message)]
    Trouble(Trouble),
    /// A spreadsheet, or one of its cells.
    #[error(transparent)]
    Sheet(SheetError),
    /// The receipt printer.
    #[error(transparent)]
    Print(PrintError),
    /// A folder or file outside the till's own.
    #[error("the file could not be written: {0}")]
    File(std::io::Error),
    /// One spreadsheet at a time.
    #[error("a spreadsheet is being taken in already")]
    ImportRuns,
    /// There is no till yet.
    #[error("there is no till in this folder yet")]
    NotSetUp,
    /// A remote that does not exist.
    #[error("there is no remote of that name")]
    RemoteNotFound,
    /// A call that is not in the list, or whose payload has another shape.
    #[error("this call cannot be understood: {0}")]
    CallInvalid(String),
    /// The work was given up because the program ends or had a fault.
    #[error("the program had a fault of its own")]
    Internal,
}

/// What kind of "no" it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What was typed cannot be taken.
    BadInput,
    /// It is not there.
    NotFound,
    /// A rule forbids it.
    Refused,
    /// A remote could not be reached.
    Unreachable,
    /// Anything else.
    Other,
}

impl AppError {
    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::Store(error) => error.code(),
            Self::Refused(refusal) => refusal.code(),
            Self::Remote(problem) => &problem.code,
            Self::Trouble(trouble) => &trouble.problem.code,
            Self::Sheet(error) => error.code(),
            Self::Print(error) => error.code(),
            Self::File(_) => "file_failed",
            Self::ImportRuns => "import_runs",
            Self::NotSetUp => "not_set_up",
            Self::RemoteNotFound => "remote_not_found",
            Self::CallInvalid(_) => "call_invalid",
            Self::Internal => "internal",
        }
    }

    /// The field that it is about, where it is about one.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) | Self::Store(StoreError::Refused(refusal)) => refusal.field(),
            Self::Remote(problem) | Self::Trouble(Trouble { problem, .. }) => problem.field.as_deref(),
            Self::Sheet(error) => error.field(),
            Self::Print(error) => error.field(),
            Self::Store(_)
            | Self::File(_)
            | Self::ImportRuns
            | Self::NotSetUp
            | Self::RemoteNotFound
            | Self::CallInvalid(_)
            | Self::Internal => None,
        }
    }

    /// What a sentence about it needs.
    pub fn facts(&self) -> Value {
        match self {
            Self::Refused(refusal) | Self::Store(StoreError::Refused(refusal)) => refusal.facts(),
            Self::Sheet(error) => error.facts(),
            Self::Print(error) => error.facts(),
            Self::Store(_)
            | Self::Remote(_)
            | Self::Trouble(_)
            | Self::File(_)
            | Self::ImportRuns
            | Self::NotSetUp
            | Self::RemoteNotFound
            | Self::CallInvalid(_)
            | Self::Internal => json!({}),
        }
    }

    /// What kind of "no" it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Refused(refusal) | Self::Store(StoreError::Refused(refusal)) => kind_of_refusal(refusal),
            Self::Store(error) => kind_of_store_error(error),
            Self::Remote(_) | Self::CallInvalid(_) | Self::Sheet(_) => Kind::BadInput,
            Self::Print(_) | Self::File(_) => Kind::Other,
            Self::Trouble(_) => Kind::Unreachable,
            Self::RemoteNotFound => Kind::NotFound,
            Self::NotSetUp | Self::ImportRuns | Self::Internal => Kind::Other,
        }
    }
}

const fn kind_of_refusal(refusal: &Refusal) -> Kind {
    match refusal.kind() {
        RefusalKind::BadInput => Kind::BadInput,
        RefusalKind::Rule => Kind::Refused,
        RefusalKind::NotFound => Kind::NotFound,
    }
}

const fn kind_of_store_error(error: &StoreError) -> Kind {
    match error {
        StoreError::ChangeNotFound => Kind::NotFound,
        StoreError::ChangeState(_) | StoreError::MoneyCannotBeDiscarded | StoreError::HasDependents => Kind::Refused,
        StoreError::Refused(refusal) => kind_of_refusal(refusal),
        StoreError::TillInUse
        | StoreError::NotSetUp
        | StoreError::AlreadySetUp
        | StoreError::KeyLost
        | StoreError::KeyWrong
        | StoreError::KeystoreUnavailable(_)
        | StoreError::FilePlain
        | StoreError::FileDamaged
        | StoreError::FileMissing
        | StoreError::SidecarMissing
        | StoreError::FileNewer { .. }
        | StoreError::DiskFull
        | StoreError::DiskFailed(_)
        | StoreError::Missing(_)
        | StoreError::Unreadable(_)
        | StoreError::WriterStopped
        | StoreError::Sqlite(_) => Kind::Other,
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotSetUp => Self::NotSetUp,
            StoreError::Refused(refusal) => Self::Refused(refusal),
            error => Self::Store(error),
        }
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Trouble> for AppError {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<SheetError> for AppError {
    fn from(error: SheetError) -> Self {
        Self::Sheet(error)
    }
}

impl From<PrintError> for AppError {
    fn from(error: PrintError) -> Self {
        Self::Print(error)
    }
}
