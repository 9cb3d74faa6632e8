//! The member system that the shops of a run have: our own head office as tills talk to it, or one of the five other APIs
//! that head office answers in as well.

use crate::faults::Fault;
use crate::template::SHOPS;
use regulars_domain::time::TimeZoneName;
use regulars_store::remotes::Remote;
use regulars_sync::Connector;
use regulars_sync::connectors::{self, KINDS, Shop, Speaker, head_office, stancer};
use regulars_sync::transport::Transport;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

/// As the program has it.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(45);

/// A kind of member system, and how it is talked to.
#[derive(Clone, Debug)]
pub struct System {
    pub kind: &'static str,
    /// A till's.
    pub token: String,
    /// Somebody else's, who talks to head office by its own protocol.
    pub token_elsewhere: String,
}

impl System {
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
            settings: settings(self.kind),
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

/// The kind of that name.
pub fn kind(name: &str) -> Option<&'static str> {
    KINDS.into_iter().find(|kind| *kind == name)
}

/// What head office gives a token of that kind to.
pub fn rights(kind: &str) -> Vec<String> {
    if kind == connectors::portos::KIND { vec!["admin".to_owned()] } else { Vec::new() }
}

fn settings(kind: &str) -> Map<String, Value> {
    let settings = match kind {
        "lumyri" => json!({ "app_id": "14e43e28-7e6d-461e-b1c9-7c54736f4331" }),
        "valomnia" => json!({ "user_name": "desk" }),
        _ => json!({}),
    };
    settings.as_object().cloned().unwrap_or_default()
}
