//! What a remote can do: the record that the engine reads instead of asking which remote it is.

/// What a remote can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Most changes in one request.
    pub max_changes: u32,
    /// Most bytes of changes in one request.
    pub max_bytes: usize,
    /// What sending again does after an answer was lost.
    pub resend: Resend,
    /// Whether what changed can be asked for by cursor.
    pub has_pull: bool,
    /// How credit travels.
    pub credit: Credit,
    /// Whether it takes back what it lost, after an older copy of its database was put back.
    pub takes_back: bool,
    /// Whether it tells the sums of what it has, and a part of it whole.
    pub has_checksums: bool,
}

/// What sending the same bytes again does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resend {
    /// Nothing more: the remote knows each change by its id.
    IsHarmless,
    /// It may do it twice: what was perhaps sent is looked into, never sent again.
    MayDouble,
}

impl Resend {
    /// Whether what was perhaps sent may simply be sent again.
    pub const fn is_harmless(self) -> bool {
        match self {
            Self::IsHarmless => true,
            Self::MayDouble => false,
        }
    }
}

/// How credit travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credit {
    /// Entry by entry, and the remote authorises redemptions.
    Entries,
}
