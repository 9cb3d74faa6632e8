//! A head office whose members never come to an end, in this process: a pull from it is always under way.

use super::people::Person;
use axum::extract::Query;
use axum::routing::{get, post};
use axum::{Json, Router};
use regulars_protocol::pull::{MemberItem, Membership, PullRequest, PullResponse, PullRow};
use regulars_protocol::push::{ChangeResult, Outcome, PushRequest, PushResponse};
use serde_json::value::RawValue;

const EPOCH: &str = "bench";

/// Serves members from that number on.
pub async fn serve(first: u32) -> String {
    let page = move |Query(asked): Query<PullRequest>| async move { Json(page(first, &asked)) };
    let router = Router::new().route("/v1/pull", get(page)).route("/v1/push", post(push));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn page(first: u32, asked: &PullRequest) -> PullResponse {
    let begin = first.max(u32::try_from(asked.after).expect("one of our numbers") + 1);
    let rows = (begin..begin + asked.limit).map(|number| PullRow::Member(member(number)));
    let next = i64::from(begin + asked.limit - 1);
    PullResponse {
        epoch: EPOCH.to_owned(),
        locations: vec![],
        labels: vec![],
        rows: rows.collect(),
        next,
        left: next,
        at: None,
    }
}

fn member(number: u32) -> MemberItem {
    let pulled = Person::invent(number).pulled();
    let memberships = pulled.memberships.into_iter().map(|shop| Membership {
        location: shop.pos_id,
        member_since: shop.member_since,
        terms: shop.terms,
    });
    MemberItem {
        id: pulled.member_id,
        version: i64::from(number),
        document: RawValue::from_string(pulled.document).expect("JSON"),
        memberships: memberships.collect(),
        is_deleted: false,
        is_erased: false,
    }
}

/// Whatever is told was told before.
async fn push(Json(told): Json<PushRequest>) -> Json<PushResponse> {
    let result = |id, number| ChangeResult {
        id,
        number,
        outcome: Outcome::Duplicate,
        member: None,
        fields: vec![],
        conflict: None,
        problem: None,
    };
    let applied_number = told.changes.last().map_or(0, |change| change.number);
    let results = told.changes.iter().map(|change| result(change.id, change.number)).collect();
    Json(PushResponse { epoch: EPOCH.to_owned(), results, applied_number, version: 0, at: None })
}
