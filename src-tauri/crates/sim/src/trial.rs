//! Switching credit on at Portos, as a person does who sets the shop up: the trial at a member of its own, on a line that is
//! well, and the currency confirmed.

use crate::server::Server;
use crate::system::System;
use crate::template::{remote_id, start};
use async_trait::async_trait;
use regulars_domain::TillId;
use regulars_sync::connectors::Speaker;
use regulars_sync::credit::{Keeps, Proof, Trial};
use regulars_sync::transport::{Request, Response, Transport, TransportError};
use std::sync::Arc;

/// What the trial proves, as the remote's settings keep it.
pub fn proof_of(server: Server, system: &System) -> Proof {
    let speaker = Speaker { till_id: TillId::mint(start(), [98; 10]), till_name: "trial".to_owned() };
    let connector = system.connect(Arc::new(Straight(server)), speaker).expect("a connector");
    assert_eq!(connector.remote_id(), remote_id());
    let currency = "VND".parse().expect("a currency");
    let trial = Trial { till: "trial".to_owned(), currency };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let tried = runtime.block_on(connector.try_credit(&trial)).expect("credit can be kept there");
    let expected = if system.keeps_no_elements() { Keeps::Mark } else { Keeps::Transactions };
    assert_eq!((tried.keeps, tried.left_behind), (expected, None));
    let issuer = "default".to_owned();
    Proof { is_on: true, keeps: tried.keeps, currency, label: tried.label, issuer, proved_at: start() }
}

/// A line on which everything arrives.
struct Straight(Server);

#[async_trait]
impl Transport for Straight {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.0.ask(&request).await.ok_or_else(|| TransportError::Lost("head office died".to_owned()))
    }
}
