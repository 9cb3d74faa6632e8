//! Two tills that are connected cannot use one balance twice.

use crate::till::{Server, Till, dong, fresh, member_added, refused};
use regulars_domain::ledger::{EntryKind, LotClass};
use regulars_domain::{AuthorisationId, MemberId};
use regulars_protocol::authorise::{AuthoriseRequest, MAX_HOLD_SECONDS};
use regulars_protocol::push::{ChangeBody, Entry};
use reqwest::{Method, StatusCode};
use std::time::Duration;

/// A member of Kim Ma with that much credit.
async fn member_with(till: &Till, minor: i64) -> MemberId {
    let id = fresh(MemberId::mint);
    let entry = till.entry(id, EntryKind::TopUp, minor);
    till.apply(vec![member_added(id, "An", "KM"), ChangeBody::EntryAdded { entry }]).await;
    id
}

fn redemption(till: &Till, member: MemberId, minor: i64, hold: AuthorisationId) -> ChangeBody {
    let entry = till.entry(member, EntryKind::Redeem, -minor);
    ChangeBody::EntryAdded { entry: Entry { authorisation_id: Some(hold), ..entry } }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_tills_that_ask_for_one_balance_at_once_exactly_one_gets_it() {
    let server = Server::start().await;
    let (first, second) = (server.till(&["KM"]), server.till(&["KM"]));
    for _ in 0..20 {
        let an = member_with(&first, 100_000).await;
        let (one, other) = (first.question(an, 60_000), second.question(an, 60_000));
        let (one, other) = tokio::join!(first.ask(&one), second.ask(&other));
        assert!(one.is_authorised ^ other.is_authorised, "{one:?} {other:?}");
        let loser = if one.is_authorised { other } else { one };
        assert_eq!((loser.available, loser.expires_at), (dong(40_000), None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redemption_captures_its_hold() {
    let server = Server::start().await;
    let till = server.till(&["KM"]);
    let an = member_with(&till, 100_000).await;
    let question = till.question(an, 60_000);
    assert!(till.ask(&question).await.is_authorised);
    assert_eq!(till.ask(&till.question(an, 50_000)).await.available, dong(40_000));
    till.apply(vec![redemption(&till, an, 60_000, question.id)]).await;
    let rest = till.ask(&till.question(an, 40_000)).await;
    assert!(rest.is_authorised);
    assert_eq!(rest.available, dong(40_000));
    // The hold is used up: the same question does not hold anything again.
    assert!(!till.ask(&question).await.is_authorised);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_out_of_two_lots_keeps_the_rest_held_between_its_entries() {
    let server = Server::start().await;
    let (till, other) = (server.till(&["KM"]), server.till(&["KM"]));
    let an = member_with(&till, 60_000).await;
    let reward = Entry { lot_class: LotClass::Reward, ..till.entry(an, EntryKind::Earn, 40_000) };
    till.apply(vec![ChangeBody::EntryAdded { entry: reward }]).await;
    let question = till.question(an, 100_000);
    assert!(till.ask(&question).await.is_authorised);
    till.apply(vec![redemption(&till, an, 40_000, question.id)]).await;
    assert_eq!(other.ask(&other.question(an, 1)).await.available, dong(0));
    till.apply(vec![redemption(&till, an, 60_000, question.id)]).await;
    assert_eq!(other.ask(&other.question(an, 1)).await.available, dong(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_question_again_gets_the_same_answer() {
    let server = Server::start().await;
    let (till, other) = (server.till(&["KM"]), server.till(&["KM"]));
    let an = member_with(&till, 100_000).await;
    let question = till.question(an, 100_000);
    let first = till.ask(&question).await;
    server.pass(Duration::from_secs(30));
    assert_eq!(till.ask(&question).await, first);
    // Another amount, or another till, under that id is another question.
    let larger = AuthoriseRequest { amount: dong(1), ..question.clone() };
    assert!(!till.ask(&larger).await.is_authorised);
    let stolen = AuthoriseRequest { till_id: other.till_id, ..question };
    assert!(!other.ask(&stolen).await.is_authorised);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_hold_is_free_for_others() {
    let server = Server::start().await;
    let (till, other) = (server.till(&["KM"]), server.till(&["KM"]));
    let an = member_with(&till, 100_000).await;
    let question = till.question(an, 100_000);
    till.ask(&question).await;
    till.release(question.id).await;
    till.release(question.id).await;
    till.release(fresh(AuthorisationId::mint)).await;
    assert!(other.ask(&other.question(an, 100_000)).await.is_authorised);
}

#[tokio::test(flavor = "multi_thread")]
async fn releasing_after_the_redemption_gives_nothing_back() {
    let server = Server::start().await;
    let till = server.till(&["KM"]);
    let an = member_with(&till, 100_000).await;
    let question = till.question(an, 100_000);
    till.ask(&question).await;
    till.apply(vec![redemption(&till, an, 100_000, question.id)]).await;
    till.release(question.id).await;
    assert_eq!(till.ask(&till.question(an, 1)).await.available, dong(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_runs_out_by_head_offices_clock_and_lasts_no_longer_than_the_longest() {
    let server = Server::start().await;
    let (till, other) = (server.till(&["KM"]), server.till(&["KM"]));
    let an = member_with(&till, 100_000).await;
    let question = AuthoriseRequest { hold_seconds: u32::MAX, ..till.question(an, 100_000) };
    let longest = Duration::from_secs(u64::from(MAX_HOLD_SECONDS));
    assert_eq!(till.ask(&question).await.expires_at, Some(server.now().plus(longest)));
    server.pass(longest - Duration::from_millis(1));
    assert!(!other.ask(&other.question(an, 1)).await.is_authorised);
    server.pass(Duration::from_millis(1));
    assert!(other.ask(&other.question(an, 100_000)).await.is_authorised);
    // What was redeemed all the same is booked: the account then owes what two tills used.
    till.apply(vec![redemption(&till, an, 100_000, question.id)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_back_does_not_freeze_what_was_held() {
    let server = Server::start().await;
    let (till, other) = (server.till(&["KM"]), server.till(&["KM"]));
    let an = member_with(&till, 100_000).await;
    till.ask(&till.question(an, 100_000)).await;
    server.set_back(Duration::from_secs(60));
    assert!(!other.ask(&other.question(an, 1)).await.is_authorised, "a minute is not worth the difference");
    server.set_back(Duration::from_secs(365 * 24 * 3600));
    assert!(other.ask(&other.question(an, 100_000)).await.is_authorised);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redemption_from_another_account_does_not_capture_a_hold() {
    let server = Server::start().await;
    let till = server.till(&["KM"]);
    let (an, binh) = (member_with(&till, 100_000).await, member_with(&till, 100_000).await);
    let question = till.question(an, 100_000);
    till.ask(&question).await;
    till.apply(vec![redemption(&till, binh, 100_000, question.id)]).await;
    assert!(!till.ask(&till.question(an, 1)).await.is_authorised);
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_that_make_no_sense_are_refused_with_the_reason() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = member_with(&till, 100_000).await;
    let euro = regulars_domain::Money::new(1, "EUR".parse().unwrap());
    let table = [
        (422, "amount_not_positive", till.question(an, 0)),
        (422, "amount_too_large", till.question(an, i64::MAX)),
        (422, "currency_differs", AuthoriseRequest { amount: euro, ..till.question(an, 1) }),
        (422, "location_not_found", AuthoriseRequest { location: "XX".to_owned(), ..till.question(an, 1) }),
        (404, "not_found", till.question(fresh(MemberId::mint), 1)),
    ];
    for (status, code, question) in table {
        refused(till.send_question(&question).await, StatusCode::from_u16(status).unwrap(), code).await;
    }
    let response = till.request(Method::DELETE, "/v1/authorisations/no-id").send().await.unwrap();
    refused(response, StatusCode::BAD_REQUEST, "invalid").await;
}
