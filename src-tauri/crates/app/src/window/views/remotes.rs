//! The member systems that this till is kept in step with: how each is, what it is set up with, and which shop is there.

use super::{CountryView, CurrencyView, Failure, PullProgress};
use regulars_domain::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

answers! {
    pub struct RemotesView {
        pub remotes: Vec<RemoteView>,
        /// The shops that this till serves.
        pub shops: Vec<RemoteShop>,
        pub kinds: Vec<RemoteKind>,
    }

    pub struct RemoteView {
        pub name: String,
        pub kind: String,
        pub url: String,
        /// What its connector takes, as far as it is set.
        pub settings: BTreeMap<String, String>,
        /// Whether a secret is kept. The secret itself never comes here.
        pub has_secret: bool,
        pub has_certificate: bool,
        pub may_be_plain: bool,
        /// Whether its key is for tests or for real members, where the two are told apart.
        pub mode: Option<String>,
        pub state: RemoteState,
        pub pull: Option<PullProgress>,
        pub last_exchange_at: Option<Timestamp>,
        pub waiting: i64,
        pub needs_you: i64,
        /// Whether nothing here is about it.
        pub can_remove: bool,
        /// What a trial proved of its credit, where one did.
        pub credit: Option<RemoteCredit>,
    }

    pub struct RemoteCredit {
        /// Whether credit travels there.
        pub is_on: bool,
        pub currency: String,
        pub proved_at: Timestamp,
    }

    #[serde(tag = "state", rename_all = "snake_case")]
    pub enum RemoteState {
        /// No shop is kept in step with it, so it is not talked to.
        Unused,
        /// It was not asked yet.
        Connecting,
        Reached,
        Problem { failure: Failure },
    }

    pub struct RemoteShop {
        pub code: String,
        pub name: String,
        /// The name of the remote that it is kept in step with.
        pub remote: Option<String>,
        pub pos_id: String,
        /// Whether this window's counter serves it.
        pub is_counter: bool,
        /// Whether that remote has members of it: then it stays there.
        pub is_settled: bool,
        /// Whether members come to it that its remote does not say a shop of.
        pub takes_strangers: bool,
    }

    /// What a new shop is asked about, with what is likely.
    pub struct NewShop {
        pub country: String,
        pub currency: String,
        pub countries: Vec<CountryView>,
        pub currencies: Vec<CurrencyView>,
    }

    pub struct RemoteKind {
        pub kind: String,
        pub settings: Vec<RemoteSetting>,
        pub can: RemoteCan,
    }

    pub struct RemoteSetting {
        pub key: String,
        /// What may be chosen, the usual one first; empty where it is typed.
        pub choices: Vec<String>,
        pub is_required: bool,
        pub only_with: Option<OnlyWith>,
    }

    /// The choice that a setting belongs to.
    pub struct OnlyWith {
        pub key: String,
        pub value: String,
    }

    pub struct RemoteCan {
        /// Whether all members can be listed: else strangers never come by themselves.
        pub lists: bool,
        pub names_shops: bool,
        pub keeps_credit: bool,
        /// Whether a trial can prove that it may keep credit.
        pub tries_credit: bool,
        pub deletes: bool,
        pub finds: bool,
        /// What registering somebody takes.
        pub needs: Vec<String>,
        pub fields: Vec<FieldHome>,
    }

    /// Whether a field has a home there. Those of the shop begin with `@`.
    pub struct FieldHome {
        pub field: String,
        pub home: Home,
    }

    #[serde(rename_all = "snake_case")]
    pub enum Home {
        There,
        Partly,
        Here,
    }

    /// What a trial of credit left.
    pub struct CreditSwitched {
        pub remotes: RemotesView,
        /// The key of the test member there, where it could not be deleted.
        pub left_behind: Option<String>,
    }

    /// What one harmless call saw.
    pub struct RemoteSeen {
        /// How many members there are; absent where it does not say.
        pub members: Option<i64>,
        /// The shops that this till may serve; absent for all.
        pub locations: Option<Vec<String>>,
        /// How far its clock is from this one.
        pub clock_ahead_seconds: Option<i64>,
        /// What the account there may not do; absent where it does not say.
        pub lacks: Option<Vec<String>>,
    }
}

questions! {
    pub struct RemoteAsked {
        pub name: String,
    }

    pub struct SaveRemote {
        pub name: String,
        /// Whether it is to be a new one: then nobody may have the name yet.
        pub is_new: bool,
        /// What one that is there is to be called from now on; absent: as it is.
        pub new_name: Option<String>,
        pub kind: String,
        pub url: String,
        pub settings: BTreeMap<String, String>,
        /// Absent: the one that is kept.
        pub secret: Option<String>,
        /// Absent: the one that is kept; empty: none.
        pub certificate: Option<String>,
        pub may_be_plain: bool,
        /// The shops that members come to, by code, where the remote does not say; absent: as it is.
        pub members_of: Option<Vec<String>>,
    }

    pub struct AddShop {
        pub name: String,
        pub code: String,
        pub country: String,
        pub currency: String,
        /// The name of the remote that it is kept in step with; absent: this till alone.
        pub remote: Option<String>,
        /// Its id there; empty: its code.
        pub pos_id: String,
    }

    pub struct ShopAsked {
        pub code: String,
    }

    /// Whether credit is to travel there. Switching it on tries it first.
    pub struct SwitchCredit {
        pub name: String,
        pub is_on: bool,
        /// The currency of its balances, by somebody who knows; absent where nobody was asked.
        pub currency: Option<String>,
    }

    pub struct ConnectShop {
        pub code: String,
        pub remote: String,
        pub pos_id: String,
    }
}
