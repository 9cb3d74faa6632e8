//! Why a file, a column or a cell cannot be taken: a code, the field, and the facts that a sentence needs.
//!
//! What stands in a cell is never part of an error, for errors are logged and cells are about people. Names of columns
//! and fields are: they are how a person finds what to mend.

use super::columns::ImportField;
use regulars_domain::Refusal;
use serde_json::{Value, json};

/// As file managers count.
const BYTES_PER_MB: usize = 1_000_000;

/// Something in a spreadsheet that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// No bytes, or nothing but blanks.
    #[error("the file is empty")]
    FileEmpty,
    /// More bytes than are read at once.
    #[error("the file is larger than {} MB; please split it", max_bytes / BYTES_PER_MB)]
    FileTooLarge {
        /// How many bytes may be in it.
        max_bytes: usize,
    },
    /// A workbook, a picture, a page: anything but rows of text.
    #[error("this is not a CSV file; in the spreadsheet program, save it as CSV (UTF-8) and choose that file")]
    NotText,
    /// More columns than any export of a shop has.
    #[error("the file has more than {max} columns; please keep those that are needed")]
    TooManyColumns {
        /// How many it may have.
        max: usize,
    },
    /// More rows than a spreadsheet holds.
    #[error("the file has more than {max} rows; please split it")]
    TooManyRows {
        /// How many it may have.
        max: usize,
    },
    /// A quote that opens and never closes, and so swallows the rest of the file.
    #[error("row {row} opens a quote that is never closed")]
    QuoteUnclosed {
        /// The row, as counted in the spreadsheet.
        row: usize,
    },
    /// A row with more cells than headers: its cells are most likely in the wrong columns.
    #[error("this row has more cells than the {columns} columns; a cell with a separator in it needs quotes around it")]
    RowTooWide {
        /// How many columns there are.
        columns: usize,
    },
    /// Not `COLUMN=FIELD`.
    #[error("{mapping} is not COLUMN=FIELD")]
    MappingInvalid {
        /// What was given.
        mapping: String,
    },
    /// No column of that header, number or letter.
    #[error("there is no column {column}")]
    ColumnUnknown {
        /// What was given.
        column: String,
    },
    /// Two columns of that header.
    #[error("there are several columns {column}; please name it by its number or letter")]
    ColumnAmbiguous {
        /// What was given.
        column: String,
    },
    /// No column for a field that an import cannot do without.
    #[error("no column holds {}; please say which one does", field.name())]
    ColumnMissing {
        /// Which field.
        field: ImportField,
    },
    /// Not a field of an import.
    #[error("{field} is not a field; there are {}", ImportField::names())]
    FieldUnknown {
        /// What was given.
        field: String,
    },
    /// Two columns for one field.
    #[error("two columns are given for {}", field.name())]
    FieldTwice {
        /// Which field.
        field: ImportField,
    },
    /// A number of which the spreadsheet program kept the first digits only (`9.45E+08`).
    #[error("Excel rounded this number, and its last digits are lost; format the column as text and save it again")]
    Rounded {
        /// Which field.
        field: ImportField,
    },
    /// `1.250` where nothing tells a thousand from one and a quarter.
    #[error("this amount can be read in two ways; please write it without a separator between thousands")]
    AmountAmbiguous,
    /// Bytes that are no character in the file's encoding.
    #[error("a character of this cell cannot be read; please save the file as CSV (UTF-8)")]
    Unreadable {
        /// Which field.
        field: ImportField,
    },
    /// A rule that holds for everything that is typed, too.
    #[error("{refusal}")]
    Refused {
        /// Which field.
        field: ImportField,
        /// The rule.
        refusal: Refusal,
    },
}

impl SheetError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FileEmpty => "file_empty",
            Self::FileTooLarge { .. } => "file_too_large",
            Self::NotText => "not_a_spreadsheet_text",
            Self::TooManyColumns { .. } => "too_many_columns",
            Self::TooManyRows { .. } => "too_many_rows",
            Self::QuoteUnclosed { .. } => "quote_unclosed",
            Self::RowTooWide { .. } => "row_too_wide",
            Self::MappingInvalid { .. } => "mapping_invalid",
            Self::ColumnUnknown { .. } => "column_unknown",
            Self::ColumnAmbiguous { .. } => "column_ambiguous",
            Self::ColumnMissing { .. } => "column_missing",
            Self::FieldUnknown { .. } => "field_unknown",
            Self::FieldTwice { .. } => "field_twice",
            Self::Rounded { field } => code_of_rounded(*field),
            Self::AmountAmbiguous => "amount_ambiguous",
            Self::Unreadable { .. } => "text_unreadable",
            Self::Refused { refusal, .. } => refusal.code(),
        }
    }

    /// The field of the import that it is about, where it is about one.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::ColumnMissing { field }
            | Self::FieldTwice { field }
            | Self::Rounded { field }
            | Self::Unreadable { field }
            | Self::Refused { field, .. } => Some(field.name()),
            Self::AmountAmbiguous => Some(ImportField::OpeningBalance.name()),
            Self::FileEmpty
            | Self::FileTooLarge { .. }
            | Self::NotText
            | Self::TooManyColumns { .. }
            | Self::TooManyRows { .. }
            | Self::QuoteUnclosed { .. }
            | Self::RowTooWide { .. }
            | Self::MappingInvalid { .. }
            | Self::ColumnUnknown { .. }
            | Self::ColumnAmbiguous { .. }
            | Self::FieldUnknown { .. } => None,
        }
    }

    /// What a sentence about it needs.
    pub fn facts(&self) -> Value {
        match self {
            Self::FileTooLarge { max_bytes } => json!({ "max_bytes": max_bytes }),
            Self::TooManyColumns { max } | Self::TooManyRows { max } => json!({ "max": max }),
            Self::QuoteUnclosed { row } => json!({ "row": row }),
            Self::RowTooWide { columns } => json!({ "columns": columns }),
            Self::MappingInvalid { mapping } => json!({ "mapping": mapping }),
            Self::ColumnUnknown { column } | Self::ColumnAmbiguous { column } => json!({ "column": column }),
            Self::FieldUnknown { field } => json!({ "field": field }),
            Self::ColumnMissing { field } | Self::FieldTwice { field } => json!({ "field": field.name() }),
            Self::Refused { refusal, .. } => refusal.facts(),
            Self::FileEmpty
            | Self::NotText
            | Self::Rounded { .. }
            | Self::AmountAmbiguous
            | Self::Unreadable { .. } => json!({}),
        }
    }
}

const fn code_of_rounded(field: ImportField) -> &'static str {
    match field {
        ImportField::Phone => "phone_rounded",
        ImportField::OpeningBalance => "amount_rounded",
        ImportField::Card => "card_rounded",
        ImportField::FullName
        | ImportField::Given
        | ImportField::Family
        | ImportField::Email
        | ImportField::Birthday
        | ImportField::Label
        | ImportField::Note
        | ImportField::Reference
        | ImportField::MemberSince => "number_rounded",
    }
}
