//! The member system that the shops of a run have: our own head office as tills talk to it, or one of the five other APIs
//! that head office answers in as well. Portos is there three times: with credit switched off, and switched on at one that
//! keeps our elements of `creditTransactions`, as head office does, and at one that keeps none of them, as its page has it.

use crate::faults::Fault;
use crate::template::SHOPS;
use regulars_domain::time::TimeZoneName;
use regulars_store::remotes::Remote;
use regulars_sync::Connector;
use regulars_sync::connectors::{self, Shop, Speaker, crmx, head_office, lumyri, portos, stancer, valomnia};
use regulars_sync::credit::{CREDIT, Proof};
use regulars_sync::transport::Transport;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

/// As the program has it.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(45);

/// Portos with credit switched on, where a write of it is known again by its elements.
const PORTOS_CREDIT: &str = "portos-credit";
/// The same, where a write is known by its mark alone.
const PORTOS_MARK: &str = "portos-mark";
/// What `--remote` takes.
pub const NAMES: [&str; 8] = [
    head_office::KIND,
    lumyri::KIND,
    portos::KIND,
    PORTOS_CREDIT,
    PORTOS_MARK,
    stancer::KIND,
    crmx::KIND,
    valomnia::KIND,
];

/// A member system, and how it is talked to.
#[derive(Clone, Debug)]
pub struct System {
    /// One of [`NAMES`].
    pub name: &'static str,
    pub kind: &'static str,
    /// A till's.
    pub token: String,
    /// Somebody else's, who talks to head office by its own protocol.
    pub token_elsewhere: String,
    /// What the trial of its credit proved, where that is switched on.
    pub credit: Option<Proof>,
}

impl System {
    /// One that no token was made for yet.
    pub fn named(name: &'static str) -> Self {
        let kind = if matches!(name, PORTOS_CREDIT | PORTOS_MARK) { portos::KIND } else { name };
        Self { name, kind, token: String::new(), token_elsewhere: String::new(), credit: None }
    }

    /// Whether credit is to be switched on there, once there is a token.
    pub fn is_for_credit(&self) -> bool {
        self.name != self.kind
    }

    /// Whether it shows no movements of credit, and keeps none that it is told.
    pub fn keeps_no_elements(&self) -> bool {
        self.name == PORTOS_MARK
    }

    pub fn is_head_office(&self) -> bool {
        self.kind == head_office::KIND
    }

    /// The shops that are connected with it.
    pub fn shops(&self) -> &'static [&'static str] {
        if self.is_head_office() { &SHOPS } else { &SHOPS[..1] }
    }

    /// Where it is below head office's address.
    pub fn path(&self) -> String {
        if self.is_head_office() { String::new() } else { format!("/{}", self.kind) }
    }

    /// What is not drawn: other systems' servers that were put back cannot be told from ones where somebody deleted a lot,
    /// and which of their requests carries a change is not to be seen. Stancer takes the same registration for the same
    /// only to the byte and as long as nobody has edited what came of it: another client between a lost answer and the
    /// next try makes two of one, and so do two copies of a till, and a request that arrives again after such an edit.
    ///
    /// Of credit at Portos neither is drawn that it is switched on or off while there is some, nor several issuers or
    /// currencies: each run begins with a trial that was passed. A page of head office's that runs out lots books nothing
    /// there, for what tills book there has no last day.
    pub fn never(&self) -> &'static [Fault] {
        match self.kind {
            head_office::KIND => &[],
            stancer::KIND => {
                &[Fault::Poison, Fault::ServerPutBack, Fault::SecondWriter, Fault::TillCopied, Fault::DeliveredLate]
            }
            _ => &[Fault::Poison, Fault::ServerPutBack],
        }
    }

    pub fn connect(&self, transport: Arc<dyn Transport>, speaker: Speaker) -> Result<Arc<dyn Connector>, String> {
        let zone: TimeZoneName = "Asia/Ho_Chi_Minh".parse().expect("a zone");
        let currency = "VND".parse().expect("a currency");
        let shops = self.shops().iter().map(|code| Shop { pos_id: (*code).to_owned(), zone, currency });
        let shops: Vec<Shop> = shops.collect();
        connectors::over(&self.remote(), &self.token, speaker, &shops, REQUEST_TIMEOUT, transport)
            .map_err(|problem| problem.message)
    }

    /// As it is set up at a till.
    pub fn remote(&self) -> Remote {
        let mut remote = Remote {
            id: crate::template::remote_id(),
            name: "head office".to_owned(),
            kind: self.kind.to_owned(),
            url: format!("https://head.office{}", self.path()),
            settings: settings(self.kind, self.credit.as_ref()),
            epoch: None,
            cursor: None,
            is_first_pull_done: false,
            pull_left: None,
            push_limit: 250,
            failures: 0,
            not_before_at: None,
            last_pull_at: None,
            last_exchange_at: None,
            problem: None,
        };
        connectors::prepare(&mut remote, None, &self.token).expect("a token of that system");
        remote
    }
}

/// The system of that name.
pub fn find(name: &str) -> Option<&'static str> {
    NAMES.into_iter().find(|known| *known == name)
}

/// What head office gives a token of that kind to.
pub fn rights(kind: &str) -> Vec<String> {
    if kind == portos::KIND { vec!["admin".to_owned()] } else { Vec::new() }
}

fn settings(kind: &str, credit: Option<&Proof>) -> Map<String, Value> {
    let settings = match kind {
        "lumyri" => json!({ "app_id": "14e43e28-7e6d-461e-b1c9-7c54736f4331" }),
        "valomnia" => json!({ "user_name": "desk" }),
        _ => json!({}),
    };
    let mut settings = settings.as_object().cloned().unwrap_or_default();
    settings.extend(credit.map(|proof| (CREDIT.to_owned(), json!(proof))));
    settings
}
