//! Taking a spreadsheet in.

use super::Failure;
use regulars_domain::{Money, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

answers! {
    pub struct ImportColumn {
        /// As in the file's first row, numbered where several are the same there; `A`, `B` where that says nothing.
        pub name: String,
        /// What the first rows hold.
        pub samples: Vec<String>,
        /// The field that it looks like: `full_name`, `phone`, and so on.
        pub field: Option<String>,
    }

    /// A file that was read, not yet taken in.
    pub struct ImportRead {
        pub import_id: String,
        pub file_name: String,
        pub encoding: String,
        /// `,` `;` or a tab.
        pub separator: String,
        pub rows: u64,
        pub columns: Vec<ImportColumn>,
        /// The fields that a column can be.
        pub fields: Vec<String>,
    }

    #[serde(rename_all = "snake_case")]
    #[derive(Copy)]
    pub enum ImportStage {
        /// Nothing runs.
        Idle,
        /// The dry run.
        Checking,
        /// Checked: the report is there, nothing was written.
        Checked,
        /// Being taken in.
        Taking,
        /// All rows that could be are in.
        Taken,
        /// Stopped by a person; what was in by then stays, and can be undone.
        Cancelled,
        /// A batch is being undone.
        Undoing,
        Undone,
        Failed,
    }

    pub struct ImportState {
        pub stage: ImportStage,
        pub done: u64,
        pub total: u64,
        pub report: Option<ImportReport>,
        pub problem: Option<Failure>,
    }

    pub struct ImportReport {
        pub batch: Option<String>,
        pub new: u64,
        pub updated: u64,
        pub unchanged: u64,
        pub twins: u64,
        pub errors: u64,
        pub opening_total: Money,
        /// Whether the total is the one that was expected.
        pub total_agrees: Option<bool>,
        /// Twins and errors, by row; at most 500.
        pub notes: Vec<ImportNote>,
    }

    pub struct ImportNote {
        /// As the spreadsheet counts it; the headings are row 1.
        pub row: u64,
        pub name: Option<String>,
        pub failure: Failure,
    }

    pub struct ImportBatch {
        pub batch: String,
        pub at: Timestamp,
        pub file_name: String,
        pub members: u64,
        pub opening_total: Money,
        pub is_undone: bool,
    }

    pub struct ImportBatches {
        pub batches: Vec<ImportBatch>,
    }
}

questions! {
    pub struct ReadImport {
        pub file_name: String,
        /// The file as base64.
        pub data: String,
    }

    pub struct ImportAsked {
        pub import_id: String,
        /// Field by column name.
        pub map: BTreeMap<String, String>,
        /// The total of opening balances that the owner expects.
        pub expect_total_minor: Option<i64>,
    }

    pub struct BatchAsked {
        pub batch: String,
    }
}
