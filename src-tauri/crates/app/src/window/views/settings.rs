//! Settings: what the owner and the cashier choose.

pub use crate::rules::{CreditRules, TypedRules};
use crate::slip::{CodePage, Columns, Language, Paper};
use regulars_domain::allowance::Allowance;
use regulars_domain::{Money, Refusal, Timestamp, text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

/// How the window looks and listens, on this till.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct Preferences {
    pub theme: Theme,
    /// 100 to 200.
    pub text_size: u32,
    /// Key by action, where it is not the usual one.
    pub keys: BTreeMap<String, String>,
    pub scanner: Scanner,
    /// Whether "served just now" hides names after a minute.
    pub hides_served: bool,
}

/// How a scanner types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct Scanner {
    pub prefix: String,
    pub suffix: ScannerSuffix,
    pub max_gap_ms: u32,
    pub min_length: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ScannerSuffix {
    #[default]
    Enter,
    Tab,
    None,
}

/// The receipt printer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
pub struct Printer {
    /// `host:port`; empty for none.
    pub address: String,
    pub code_page: CodePage,
    /// Characters in a line: 32, 42 or 48.
    pub columns: u32,
}

impl Default for Printer {
    fn default() -> Self {
        Self { address: String::new(), code_page: CodePage::default(), columns: 42 }
    }
}

impl Printer {
    pub(in crate::window) fn paper(&self, language: Language) -> Result<Paper, Refusal> {
        let columns = match self.columns {
            32 => Columns::Columns32,
            42 => Columns::Columns42,
            48 => Columns::Columns48,
            _ => return Err(Refusal::TooMany { field: "columns", max: 48 }),
        };
        Ok(Paper { columns, page: self.code_page, language })
    }
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            text_size: 100,
            keys: BTreeMap::new(),
            scanner: Scanner::default(),
            hides_served: false,
        }
    }
}

impl Default for Scanner {
    fn default() -> Self {
        Self { prefix: String::new(), suffix: ScannerSuffix::Enter, max_gap_ms: 30, min_length: 6 }
    }
}

impl Preferences {
    /// Held within what the window can show and a scanner can do.
    pub(in crate::window) fn checked(mut self) -> Result<Self, Refusal> {
        self.text_size = self.text_size.clamp(100, 200);
        self.scanner.max_gap_ms = self.scanner.max_gap_ms.clamp(5, 200);
        self.scanner.min_length = self.scanner.min_length.clamp(3, 64);
        self.scanner.prefix = text::line("prefix", &self.scanner.prefix, 16)?.unwrap_or_default();
        if self.keys.len() > 64 || self.keys.iter().any(|(action, key)| action.len() > 64 || key.len() > 64) {
            return Err(Refusal::TooMany { field: "keys", max: 64 });
        }
        Ok(self)
    }
}

answers! {
    pub struct SettingsView {
        pub language: String,
        pub till_name: String,
        pub location: SettingsLocation,
        pub allowance: Allowance,
        /// The most that all accounts together can be overdrawn by, with that many tills.
        pub worst_case: Money,
        pub tills: u32,
        pub credit_rules: CreditRules,
        pub printer: Printer,
        pub code_pages: Vec<CodePage>,
        pub preferences: Preferences,
        pub is_key_in_file: bool,
        /// What was found after the program was not closed the last time.
        pub checkup: Option<CheckupView>,
        /// When this shop was last compared with head office, and whether anything differed then.
        pub compared: Option<ComparedView>,
        /// Those that a shop can be in, by IANA name.
        pub time_zones: Vec<String>,
        pub data_folder: String,
        pub version: String,
    }

    pub struct CheckupView {
        /// What was found and put right.
        pub repaired: usize,
        /// What was found and could not be put right, by code.
        pub left: Vec<String>,
        /// Actions that were cut off before anybody was told that they are done.
        pub unfinished: usize,
    }

    pub struct ComparedView {
        pub at: Timestamp,
        pub is_same: bool,
        /// Changes that head office had lost, and is told again.
        pub told_again: i64,
        /// What it lacks and this till cannot tell it.
        pub not_ours: i64,
    }

    pub struct SettingsLocation {
        pub code: String,
        pub name: String,
        pub country: String,
        pub currency: String,
        pub decimals: u32,
        pub time_zone: String,
        /// The legal entity that owes the credit, where the owner has said who.
        pub issuer: Option<String>,
        /// Why that cannot change any more, by code; absent where it can.
        pub issuer_stays: Option<String>,
        /// Whether head office is told what the shop is, and tells other tills.
        pub is_told: bool,
        /// Other shops that this till knows.
        pub others: Vec<String>,
    }
}

questions! {
    pub struct SaveShop {
        pub name: String,
        pub time_zone: String,
        /// Absent: as it is; empty: the shop itself.
        pub issuer: Option<String>,
    }

    pub struct SaveTill {
        pub till_name: String,
        pub language: String,
    }

    pub struct SaveAllowance {
        pub allowance: Allowance,
        /// How many tills the worst case is reckoned for.
        pub tills: i64,
    }
}
