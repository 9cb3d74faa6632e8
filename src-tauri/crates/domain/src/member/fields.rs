//! The fields of a member, grouped. One list for both forms: as typed (numbers are text) and as stored (numbers read).

use super::card::LoyaltyCard;
use super::parts::{Address, Birthday, Company, Consent, Gender, Picture, StaffNote};
use crate::ids::MemberId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Everything that is known of a member. `P` is a phone number: text as typed, or read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, bound(deserialize = "P: Deserialize<'de>"))]
pub struct Fields<P> {
    /// A person or a company.
    #[serde(skip_serializing_if = "Kind::is_person")]
    pub kind: Kind,
    /// The name.
    pub name: Name,
    /// The phone number that they are found by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<P>,
    /// A second number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<P>,
    /// A fax number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fax: Option<P>,
    /// The email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// As the member says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// The birthday.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthday: Option<Birthday>,
    /// Where they are reached, billed and delivered to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
    /// What a company is registered as; also for a person who buys for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<Company>,
    /// What a cashier should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What one of the staff wrote down, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff_note: Option<StaffNote>,
    /// A page on the web.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// Links and ids elsewhere, by network: `facebook`, `fb_id`, `twitter`, `zalo` and so on.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub social: BTreeMap<String, String>,
    /// Where they come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_town: Option<String>,
    /// As the member says, in their words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marital_status: Option<String>,
    /// A picture of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
    /// The shop's own number for them, `M-` with the till's letters where a till made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Another system's number for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_reference: Option<String>,
    /// A barcode that is no card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barcode: Option<String>,
    /// Their ids in other systems, by system.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub external_ids: BTreeMap<String, String>,
    /// Their cards, by serial number. Each is a field of its own when edits meet.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub cards: BTreeMap<String, LoyaltyCard>,
    /// What they agreed to, by `purpose/channel`. Each is a field of its own when edits meet.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub consents: BTreeMap<String, Consent>,
    /// Anything else, as other systems keep it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub meta: BTreeMap<String, String>,
    /// Set where this turned out to be another member: their id stays as an alias of that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged: Option<Merged>,
}

/// Nothing known. Not derived: that would ask for an empty phone number.
impl<P> Default for Fields<P> {
    fn default() -> Self {
        Self {
            kind: Kind::Person,
            name: Name::default(),
            phone: None,
            mobile: None,
            fax: None,
            email: None,
            gender: None,
            birthday: None,
            addresses: Vec::new(),
            company: None,
            note: None,
            staff_note: None,
            website: None,
            social: BTreeMap::new(),
            home_town: None,
            marital_status: None,
            picture: None,
            reference: None,
            second_reference: None,
            barcode: None,
            external_ids: BTreeMap::new(),
            cards: BTreeMap::new(),
            consents: BTreeMap::new(),
            meta: BTreeMap::new(),
            merged: None,
        }
    }
}

/// A person or a company.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A person.
    #[default]
    Person,
    /// A company.
    Company,
}

impl Kind {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    const fn is_person(&self) -> bool {
        matches!(self, Self::Person)
    }
}

/// A name. The full one counts; it is never split by guess.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct Name {
    /// As the member writes it.
    pub full: String,
    /// The given name, where somebody said which part that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// The family name, where somebody said which part that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
}

/// Which member this one turned out to be, and what of them that one took over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Merged {
    /// The member that stays.
    pub into: MemberId,
    /// When.
    pub at: Timestamp,
    /// Per field that the other one took over, its value before and after: what undoing takes back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(type = "Record<string, unknown>")]
    pub taken: BTreeMap<String, Value>,
    /// Per shop, by its code, the hold that went to the other one, who had none there: undoing lifts it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(type = "Record<string, unknown>")]
    pub holds: BTreeMap<String, Value>,
}
