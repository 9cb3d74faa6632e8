//! What holds for a member at one shop: validity, hold, rates, labels, and the account on which they may buy.
//!
//! Status comes from one function, [`status`], of member, membership and instant.

use crate::allowance::limit;
use crate::edit::Document;
use crate::member::Member;
use crate::money::{Currency, Money};
use crate::percent::Percent;
use crate::refusal::Refusal;
use crate::text::{self, MAX_LINE, MAX_NAME};
use crate::time::{Date, TimeZoneName, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The fields of a typed member that belong to the shop, not to the person.
pub const KEYS: [&str; 17] = [
    "member_since",
    "labels",
    "category",
    "segment",
    "parent",
    "bill_with_parent",
    "is_active",
    "valid_from",
    "valid_until",
    "hold",
    "risk",
    "discount_percent",
    "earn_percent",
    "on_account",
    "payment_terms",
    "payment_types",
    "currency",
];
/// Most labels of one member: more cannot be told apart on a screen.
const MAX_LABELS: usize = 50;
/// Most ways to pay of one member: shops have a handful.
const MAX_PAYMENT_TYPES: usize = 50;
/// Longest time to pay an invoice, in days: ten years.
const MAX_DAYS_TO_PAY: u32 = 3_660;

/// What holds for a member at one shop. Absent fields are as for everybody.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct Terms {
    /// Since when they are a member, where it is not the day on which they were taken in here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_since: Option<Date>,
    /// Labels, by name; each is a field of its own when edits meet. In the catalogue they have a colour.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, bool>,
    /// The category, as the remote has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<Group>,
    /// The segment, as the remote has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<Group>,
    /// The member that they belong to, by reference or id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Whether their bills go to that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bill_with_parent: Option<bool>,
    /// Absent: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// Not a member before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Moment>,
    /// Not a member after; a day counts whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Moment>,
    /// Nothing is to be given until somebody lifts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// What to look out for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// Off each bill.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_percent: Option<Percent>,
    /// Of each bill, as credit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earn_percent: Option<Percent>,
    /// What they may owe, and do, as a remote tells it: another ledger, never added to store credit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_account: Option<OnAccount>,
    /// When invoices are due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_terms: Option<PaymentTerms>,
    /// How they may pay, as the remote calls it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub payment_types: Vec<String>,
    /// What they are billed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
}

/// A category or segment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct Group {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its reference at the remote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// Why nothing is to be given for the time being.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct Hold {
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What to look out for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct Risk {
    /// In the remote's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `#RRGGBB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
}

/// What a member may owe, and does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct OnAccount {
    /// At most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Money>,
    /// Now, as the remote tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<Money>,
}

/// When invoices are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct PaymentTerms {
    /// How many days after.
    pub days: u32,
    /// After what.
    #[serde(default)]
    pub after: DueAfter,
}

/// What the days of payment count from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum DueAfter {
    /// The date of the invoice.
    #[default]
    Invoice,
    /// The end of the month of the invoice.
    EndOfMonth,
}

/// A day, or an instant: remotes have both. In JSON `YYYY-MM-DD` or RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The whole day, as the shop's calendar has it.
    Day(Date),
    /// The instant.
    Instant(Timestamp),
}

/// How a member stands at a shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Status {
    /// Everything may be done.
    Active,
    /// Known, but not a member of this shop.
    NotAMember,
    /// Switched off.
    Inactive,
    /// Not a member yet.
    NotYetValid {
        /// From when.
        from: Moment,
    },
    /// Not a member any more.
    Expired {
        /// Since when.
        until: Moment,
    },
    /// Nothing is to be given until somebody lifts it.
    OnHold {
        /// Why.
        reason: Option<String>,
    },
    /// Deleted.
    Removed,
    /// The same person as another member.
    Merged,
}

/// The one rule of how a member stands: of member, membership and instant.
pub fn status(member: &Member, is_removed: bool, terms: Option<&Terms>, at: Timestamp, zone: TimeZoneName) -> Status {
    let today = zone.business_date(at);
    if is_removed {
        return Status::Removed;
    }
    if member.merged.is_some() {
        return Status::Merged;
    }
    let Some(terms) = terms else { return Status::NotAMember };
    if let Some(hold) = &terms.hold {
        return Status::OnHold { reason: hold.reason.clone() };
    }
    if terms.is_active == Some(false) {
        return Status::Inactive;
    }
    match (terms.valid_from, terms.valid_until) {
        (Some(from), _) if !from.has_begun(at, today) => Status::NotYetValid { from },
        (_, Some(until)) if until.is_over(at, today) => Status::Expired { until },
        (_, _) => Status::Active,
    }
}

impl Status {
    /// Whether discount and earning apply. Credit is the member's own, whether they are active or not.
    pub const fn has_benefits(&self) -> bool {
        match self {
            Self::Active => true,
            Self::NotAMember
            | Self::Inactive
            | Self::NotYetValid { .. }
            | Self::Expired { .. }
            | Self::OnHold { .. }
            | Self::Removed
            | Self::Merged => false,
        }
    }

    /// Whether credit may be used, or paid out.
    ///
    /// # Errors
    /// `member_on_hold`, with the reason.
    pub fn check_may_use_credit(&self) -> Result<(), Refusal> {
        match self {
            Self::OnHold { reason } => Err(Refusal::MemberOnHold { reason: reason.clone() }),
            Self::Active
            | Self::NotAMember
            | Self::Inactive
            | Self::NotYetValid { .. }
            | Self::Expired { .. }
            | Self::Removed
            | Self::Merged => Ok(()),
        }
    }

    /// The name in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::NotAMember => "not_a_member",
            Self::Inactive => "inactive",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::Expired { .. } => "expired",
            Self::OnHold { .. } => "on_hold",
            Self::Removed => "removed",
            Self::Merged => "merged",
        }
    }
}

impl Terms {
    /// Reads what this version knows out of a document.
    ///
    /// # Errors
    /// `member_invalid` where a field that this version knows is of another kind.
    pub fn read(document: &Document) -> Result<Self, Refusal> {
        Self::deserialize(document).map_err(|error| Refusal::MemberInvalid { field: None, detail: error.to_string() })
    }

    /// The terms as a document.
    pub fn document(&self) -> Document {
        match serde_json::to_value(self) {
            Ok(Value::Object(document)) => document,
            Ok(_) | Err(_) => Document::new(),
        }
    }

    /// Cleaned and checked.
    ///
    /// # Errors
    /// The first refusal, with its field.
    pub fn checked(self) -> Result<Self, Refusal> {
        if let (Some(from), Some(until)) = (self.valid_from, self.valid_until)
            && until.is_before(from)
        {
            return Err(Refusal::ValidityInvalid);
        }
        let reason = |hold: Hold| Ok::<_, Refusal>(Hold { reason: line("hold", hold.reason)? });
        Ok(Self {
            labels: labels(self.labels)?,
            category: group("category", self.category)?,
            segment: group("segment", self.segment)?,
            parent: line("parent", self.parent)?,
            hold: self.hold.map(reason).transpose()?,
            risk: risk(self.risk)?,
            on_account: on_account(self.on_account)?,
            payment_terms: self.payment_terms.map(PaymentTerms::checked).transpose()?,
            payment_types: payment_types(self.payment_types)?,
            ..self
        })
    }

    /// The rates that apply for somebody who stands so.
    pub fn rates(&self, status: &Status, earn_otherwise: Percent) -> (Percent, Percent) {
        if !status.has_benefits() {
            return (Percent::ZERO, Percent::ZERO);
        }
        (self.discount_percent.unwrap_or(Percent::ZERO), self.earn_percent.unwrap_or(earn_otherwise))
    }
}

impl Moment {
    fn has_begun(self, at: Timestamp, today: Date) -> bool {
        match self {
            Self::Day(day) => today >= day,
            Self::Instant(instant) => at >= instant,
        }
    }

    fn is_over(self, at: Timestamp, today: Date) -> bool {
        match self {
            Self::Day(day) => today > day,
            Self::Instant(instant) => at > instant,
        }
    }

    /// Only like can be compared; a day and an instant are left to the remote that told them.
    fn is_before(self, other: Self) -> bool {
        match (self, other) {
            (Self::Day(until), Self::Day(from)) => until < from,
            (Self::Instant(until), Self::Instant(from)) => until < from,
            (Self::Day(_), Self::Instant(_)) | (Self::Instant(_), Self::Day(_)) => false,
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Instant(at) => at.fmt(f),
        }
    }
}

impl FromStr for Moment {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        match text.parse() {
            Ok(day) => Ok(Self::Day(day)),
            Err(_) => text.parse().map(Self::Instant).map_err(|_: Refusal| Refusal::DateInvalid { field: None }),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

crate::schema::is_text_in_json!(Moment: "date-time");

/// Labels are typed as a list of names, and kept as a group.
pub(crate) fn from_typed(mut typed: Document) -> Result<Value, Refusal> {
    if let Some(Value::Array(names)) = typed.get("labels") {
        let mut group = Document::new();
        for name in names {
            let name = name.as_str().ok_or_else(|| Refusal::MemberInvalid {
                field: Some("labels".to_owned()),
                detail: "a label is a name".to_owned(),
            })?;
            group.insert(name.to_owned(), json!(true));
        }
        typed.insert("labels".to_owned(), Value::Object(group));
    }
    Ok(Value::Object(typed))
}

/// The terms as they are typed.
pub(crate) fn as_typed(terms: &Terms) -> Document {
    let mut typed = terms.document();
    if !terms.labels.is_empty() {
        typed.insert("labels".to_owned(), json!(terms.label_names()));
    }
    typed
}

impl Terms {
    /// The names of the labels that stick.
    pub fn label_names(&self) -> Vec<&str> {
        self.labels.iter().filter(|(_, sticks)| **sticks).map(|(name, _)| name.as_str()).collect()
    }
}

fn labels(typed: BTreeMap<String, bool>) -> Result<BTreeMap<String, bool>, Refusal> {
    if typed.len() > MAX_LABELS {
        return Err(Refusal::TooMany { field: "labels", max: MAX_LABELS });
    }
    let mut checked = BTreeMap::new();
    for (name, sticks) in typed {
        if let Some(name) = text::line("labels", &name, MAX_NAME)? {
            checked.insert(name, sticks);
        }
    }
    Ok(checked)
}

fn payment_types(typed: Vec<String>) -> Result<Vec<String>, Refusal> {
    if typed.len() > MAX_PAYMENT_TYPES {
        return Err(Refusal::TooMany { field: "payment_types", max: MAX_PAYMENT_TYPES });
    }
    typed.into_iter().filter_map(|name| line("payment_types", Some(name)).transpose()).collect()
}

fn on_account(typed: Option<OnAccount>) -> Result<Option<OnAccount>, Refusal> {
    let Some(typed) = typed.filter(|on_account| *on_account != OnAccount::default()) else { return Ok(None) };
    if let Some(Money { minor, currency }) = typed.limit {
        limit("on_account", minor, currency)?;
    }
    // What is owed is told by a remote, either way round.
    if let Some(Money { minor, currency }) = typed.balance {
        limit("on_account", minor.checked_abs().unwrap_or(i64::MAX), currency)?;
    }
    Ok(Some(typed))
}

impl PaymentTerms {
    fn checked(self) -> Result<Self, Refusal> {
        match self.days {
            0..=MAX_DAYS_TO_PAY => Ok(self),
            _ => Err(Refusal::NumberOutOfRange { field: "payment_terms", min: 0, max: MAX_DAYS_TO_PAY.into() }),
        }
    }
}

fn group(field: &'static str, typed: Option<Group>) -> Result<Option<Group>, Refusal> {
    let Some(typed) = typed else { return Ok(None) };
    let cleaned = Group { name: line(field, typed.name)?, reference: line(field, typed.reference)? };
    Ok((cleaned != Group::default()).then_some(cleaned))
}

fn risk(typed: Option<Risk>) -> Result<Option<Risk>, Refusal> {
    let Some(typed) = typed else { return Ok(None) };
    let color = line("risk", typed.color)?;
    if color.as_ref().is_some_and(|color| !is_color(color)) {
        return Err(Refusal::ColorInvalid { field: "risk" });
    }
    let cleaned = Risk { name: line("risk", typed.name)?, color };
    Ok((cleaned != Risk::default()).then_some(cleaned))
}

/// `#RRGGBB`.
pub fn is_color(text: &str) -> bool {
    text.len() == 7 && text.starts_with('#') && text[1..].bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn line(field: &'static str, text: Option<String>) -> Result<Option<String>, Refusal> {
    text.map_or(Ok(None), |text| text::line(field, &text, MAX_LINE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::member::Merged;

    const NOON: &str = "2026-11-25T05:00:00Z";

    fn stands(terms: Value) -> &'static str {
        let terms = Terms::read(terms.as_object().expect("an object")).expect("terms");
        let zone: TimeZoneName = "Asia/Ho_Chi_Minh".parse().expect("a zone");
        status(&Member::default(), false, Some(&terms), NOON.parse().expect("an instant"), zone).name()
    }

    /// What holds, and how the member stands at noon of 25 November 2026 in Hanoi.
    #[test]
    fn how_a_member_stands() {
        for (terms, expected) in [
            (json!({}), "active"),
            (json!({ "is_active": true }), "active"),
            (json!({ "is_active": false }), "inactive"),
            (json!({ "valid_until": "2026-11-25" }), "active"),
            (json!({ "valid_until": "2026-11-24" }), "expired"),
            (json!({ "valid_until": "2026-11-25T04:59:59Z" }), "expired"),
            (json!({ "valid_from": "2026-11-25" }), "active"),
            (json!({ "valid_from": "2026-11-26" }), "not_yet_valid"),
            (json!({ "hold": { "reason": "unpaid" }, "is_active": false }), "on_hold"),
        ] {
            assert_eq!(stands(terms.clone()), expected, "{terms}");
        }
    }

    #[test]
    fn somebody_else_s_alias_or_a_stranger_is_no_active_member() {
        let zone: TimeZoneName = "UTC".parse().expect("a zone");
        let at = NOON.parse().expect("an instant");
        let member = Member::default();
        assert_eq!(status(&member, false, None, at, zone), Status::NotAMember);
        assert_eq!(status(&member, true, Some(&Terms::default()), at, zone), Status::Removed);
        let into = crate::MemberId::mint(at, [0; 10]);
        let alias =
            Member { merged: Some(Merged { into, at, taken: BTreeMap::new(), holds: BTreeMap::new() }), ..member };
        assert_eq!(status(&alias, false, Some(&Terms::default()), at, zone), Status::Merged);
    }

    #[test]
    fn credit_is_the_member_s_own_but_for_a_hold() {
        assert!(Status::Inactive.check_may_use_credit().is_ok() && !Status::Inactive.has_benefits());
        let refusal = Status::OnHold { reason: Some("unpaid".to_owned()) }.check_may_use_credit().expect_err("refused");
        assert_eq!(refusal.code(), "member_on_hold");
    }

    #[test]
    fn wrong_terms_are_refused_in_their_own_name() {
        let refused = |terms: Value, code, field| {
            let terms = Terms::read(terms.as_object().expect("an object")).expect("terms");
            let refusal = terms.checked().expect_err("refused");
            assert_eq!((refusal.code(), refusal.field()), (code, Some(field)));
        };
        refused(json!({ "valid_from": "2026-02-01", "valid_until": "2026-01-01" }), "validity_invalid", "valid_until");
        refused(json!({ "risk": { "color": "red" } }), "color_invalid", "risk");
        refused(json!({ "hold": { "reason": "a\u{0}" } }), "invalid_character", "hold");
        refused(json!({ "payment_terms": { "days": 9_999 } }), "number_out_of_range", "payment_terms");
        refused(json!({ "payment_types": vec!["cash"; 51] }), "too_many", "payment_types");
        let vnd = |minor: i64| json!({ "minor": minor, "currency": "VND" });
        refused(json!({ "on_account": { "limit": vnd(-1) } }), "limit_out_of_range", "on_account");
        refused(json!({ "on_account": { "limit": vnd(i64::MAX) } }), "limit_out_of_range", "on_account");
        refused(json!({ "on_account": { "balance": vnd(i64::MIN) } }), "limit_out_of_range", "on_account");
        assert!(
            Terms::read(json!({ "on_account": { "balance": vnd(-5) } }).as_object().expect("an object"))
                .and_then(Terms::checked)
                .is_ok()
        );
    }
}
