//! What a push does, and what it does not do twice.

use crate::till::{
    Server, day, document, dong, edited, fresh, location, member_added, member_edited, membership_added, name_in,
    refused, told, with,
};
use regulars_domain::edit::{Document, Edit};
use regulars_domain::ledger::EntryKind;
use regulars_domain::location::Location;
use regulars_domain::{ChangeId, EntryId, MemberId};
use regulars_protocol::push::{ChangeBody, ChangeResult, MAX_CHANGES, Outcome};
use reqwest::StatusCode;
use serde_json::json;
use std::time::Duration;

fn outcomes(results: &[ChangeResult]) -> Vec<Outcome> {
    results.iter().map(|result| result.outcome).collect()
}

fn code(result: &ChangeResult) -> &str {
    result.problem.as_ref().map_or("", |problem| &problem.code)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_batch_twice_changes_nothing() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    let batch = [
        till.change(member_added(an, "An", "KM")),
        till.change(member_edited(an, "An", "An Nguyễn")),
        till.change(ChangeBody::EntryAdded { entry: till.entry(an, EntryKind::TopUp, 100_000) }),
    ];
    let first = till.push(&batch).await;
    let told_before = told(&till.pull(0, 100).await);
    let second = till.push(&batch).await;
    assert_eq!(outcomes(&first.results), [Outcome::Applied; 3]);
    assert_eq!(outcomes(&second.results), [Outcome::Duplicate; 3]);
    assert_eq!((first.applied_number, second.applied_number), (3, 3));
    assert_eq!(first.epoch, second.epoch);
    assert_eq!(second.results[1].member.as_ref().map(|member| name_in(member.document.get())).unwrap(), "An Nguyễn");
    let told_after = till.pull(0, 100).await;
    assert_eq!(told_before, ["An Nguyễn", "100000 VND"]);
    assert_eq!(told(&told_after), told_before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_was_half_sent_before_is_taken_from_where_it_broke_off() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let batch: Vec<_> =
        ["An", "Bình", "Chi"].iter().map(|name| till.change(member_added(fresh(MemberId::mint), name, "KM"))).collect();
    till.push(&batch[..2]).await;
    let again = till.push(&batch).await;
    assert_eq!(outcomes(&again.results), [Outcome::Duplicate, Outcome::Duplicate, Outcome::Applied]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_change_advances_the_number_and_the_rest_of_the_batch_is_applied() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    let batch = [
        till.change(member_added(an, "An", "KM")),
        till.change(member_edited(fresh(MemberId::mint), "Nobody", "Somebody")),
        till.change(ChangeBody::EntryAdded { entry: till.entry(an, EntryKind::TopUp, 5_000) }),
        till.change(member_added(fresh(MemberId::mint), "Chi", "XX")),
    ];
    let response = till.push(&batch).await;
    assert_eq!(outcomes(&response.results), [Outcome::Applied, Outcome::Rejected, Outcome::Applied, Outcome::Rejected]);
    assert_eq!(response.results.iter().map(code).collect::<Vec<_>>(), ["", "member_unknown", "", "location_unknown"]);
    assert_eq!(response.applied_number, 4);
    let again = till.push(&batch).await;
    assert_eq!(again.results.iter().map(code).collect::<Vec<_>>(), ["", "member_unknown", "", "location_unknown"]);
    assert_eq!(told(&till.pull(0, 100).await), ["An", "5000 VND"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_says_how_long_ago_its_fields_were_changed_here() {
    let server = Server::start().await;
    let (first, second) = (server.till(&[]), server.till(&[]));
    let an = fresh(MemberId::mint);
    let with_note = with(document("An"), "note", json!("nuts"));
    first.apply(vec![member_added(an, "An", "KM"), membership_added(an, "LY")]).await;
    server.pass(Duration::from_secs(3600));
    first.apply(vec![edited(an, &document("An"), &with_note)]).await;
    server.pass(Duration::from_secs(60));
    let other = with(with(document("An of the second till"), "note", json!("tea")), "email", json!("an@example.com"));
    let change = second.change(edited(an, &with(document("Ân"), "note", json!("milk")), &other));
    for waited in [0, 30] {
        server.pass(Duration::from_secs(waited));
        let response = second.push(std::slice::from_ref(&change)).await;
        let met = response.results[0].conflict.as_ref().unwrap();
        let ages = met.changed_at.iter().map(|(field, at)| (field.as_str(), met.now.since(*at).as_secs()));
        assert_eq!(ages.collect::<Vec<_>>(), [("name", 3660 + waited), ("note", 60 + waited)]);
    }
    let terms = |percent: &str| with(Document::new(), "discount_percent", json!(percent));
    let at_shop = |before: &Document, after: &Document| ChangeBody::MembershipEdited {
        member_id: an,
        location: "LY".to_owned(),
        edit: Edit::between(before, after),
    };
    first.apply(vec![at_shop(&Document::new(), &terms("5"))]).await;
    server.pass(Duration::from_secs(7));
    let response = second.push(&[second.change(at_shop(&terms("1"), &terms("9")))]).await;
    let met = response.results[0].conflict.as_ref().unwrap();
    assert_eq!(met.now.since(met.changed_at["discount_percent"]).as_secs(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_returns_the_current_state_and_changes_nothing() {
    let server = Server::start().await;
    let (first, second) = (server.till(&[]), server.till(&[]));
    let an = fresh(MemberId::mint);
    first.apply(vec![member_added(an, "An", "KM"), member_edited(an, "An", "An of the first till")]).await;
    let conflicting = second.change(member_edited(an, "An", "An of the second till"));
    for _ in 0..2 {
        let response = second.push(std::slice::from_ref(&conflicting)).await;
        let result = &response.results[0];
        assert_eq!((result.outcome, result.fields.as_slice()), (Outcome::Conflict, &["name".to_owned()][..]));
        let member = result.member.as_ref().unwrap();
        assert_eq!(name_in(member.document.get()), "An of the first till");
        assert_eq!(response.applied_number, 1);
    }
    assert_eq!(told(&second.pull(0, 100).await), ["An of the first till"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_or_a_number_that_means_another_change_is_refused_and_noted_nowhere() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an_id = fresh(MemberId::mint);
    let an = till.change(member_added(an_id, "An", "KM"));
    till.push(std::slice::from_ref(&an)).await;
    let mut with_an_edit = till.change(member_added(an_id, "An, edited meanwhile", "KM"));
    with_an_edit.id = an.id;
    let reused = till.push(&[with_an_edit]).await;
    assert_eq!(code(&reused.results[0]), "change_id_reused");
    let stands = reused.results[0].member.as_ref().expect("how they stand is told");
    assert_eq!(name_in(stands.document.get()), "An");
    let mut same_id = till.change(member_added(fresh(MemberId::mint), "Bình", "KM"));
    same_id.id = an.id;
    let mut same_number = till.change(member_added(fresh(MemberId::mint), "Chi", "KM"));
    same_number.number = an.number;
    let response = till.push(&[same_id, same_number.clone()]).await;
    assert_eq!(response.results.iter().map(code).collect::<Vec<_>>(), ["change_id_reused", "number_reused"]);
    assert_eq!(told(&till.pull(0, 100).await), ["An"]);
    // In another life of the file the number is free, and the change is the same.
    same_number.incarnation = fresh(regulars_domain::Incarnation::mint);
    assert_eq!(outcomes(&till.push(&[same_number]).await.results), [Outcome::Applied]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_redeemed_is_booked_even_where_the_account_then_owes() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    let redeemed = till.entry(an, EntryKind::Redeem, -70_000);
    till.apply(vec![member_added(an, "An", "KM"), ChangeBody::EntryAdded { entry: redeemed }]).await;
    assert_eq!(till.ask(&till.question(an, 1)).await.available, dong(-70_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_make_no_sense_are_rejected_with_the_reason() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    till.apply(vec![member_added(an, "An", "KM")]).await;
    let top_up = || till.entry(an, EntryKind::TopUp, 1_000);
    let table = [
        ("currency_differs", {
            let mut entry = top_up();
            entry.amount.currency = "EUR".parse().unwrap();
            entry
        }),
        ("tender_invalid", regulars_protocol::push::Entry { tender: None, ..top_up() }),
        ("account_invalid", regulars_protocol::push::Entry { issuer: "another".to_owned(), ..top_up() }),
        ("member_unknown", till.entry(fresh(MemberId::mint), EntryKind::TopUp, 1_000)),
        ("amount_not_positive", till.entry(an, EntryKind::TopUp, -1_000)),
        ("amount_not_negative", till.entry(an, EntryKind::Redeem, 1_000)),
        ("amount_not_negative", till.entry(an, EntryKind::CashOut, 1_000)),
        ("amount_not_positive", till.entry(an, EntryKind::ReturnToCredit, -1_000)),
        ("amount_zero", till.entry(an, EntryKind::Adjust, 0)),
        ("required", regulars_protocol::push::Entry { reason: None, ..till.entry(an, EntryKind::Adjust, 1) }),
        (
            "required",
            regulars_protocol::push::Entry { reason: Some(" ".to_owned()), ..till.entry(an, EntryKind::Adjust, 1) },
        ),
        ("amount_too_large", till.entry(an, EntryKind::Adjust, 1_000_000_000_001)),
        ("location_unknown", regulars_protocol::push::Entry { location: "XX".to_owned(), ..top_up() }),
    ];
    for (expected, entry) in table {
        let response = till.push(&[till.change(ChangeBody::EntryAdded { entry })]).await;
        assert_eq!(code(&response.results[0]), expected);
    }
    // A reward is clawed back, an expiry taken back, a debt taken over: these go either way.
    let facts = [EntryKind::Void, EntryKind::Adjust, EntryKind::Expire, EntryKind::Opening, EntryKind::Earn];
    for minor in [-1, 1] {
        till.apply(facts.map(|kind| ChangeBody::EntryAdded { entry: till.entry(an, kind, minor) }).to_vec()).await;
    }
    till.apply(vec![ChangeBody::EntryAdded { entry: till.entry(an, EntryKind::ReturnToCredit, 1) }]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_booked_once_however_many_changes_carry_it() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    let entry = till.entry(an, EntryKind::TopUp, 1_000);
    till.apply(vec![member_added(an, "An", "KM"), ChangeBody::EntryAdded { entry: entry.clone() }]).await;
    till.apply(vec![ChangeBody::EntryAdded { entry: entry.clone() }]).await;
    let other = regulars_protocol::push::Entry { amount: dong(2_000), ..entry };
    let response = till.push(&[till.change(ChangeBody::EntryAdded { entry: other })]).await;
    assert_eq!(code(&response.results[0]), "entry_differs");
    assert_eq!(told(&till.pull(0, 100).await), ["An", "1000 VND"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_another_till_that_says_the_same_joins_and_one_that_differs_is_a_conflict() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    till.apply(vec![member_added(an, "An", "KM"), member_added(an, "An", "BA"), membership_added(an, "LY")]).await;
    let response = till.push(&[till.change(member_added(an, "Another An", "LY"))]).await;
    let result = &response.results[0];
    assert_eq!((result.outcome, result.fields.as_slice()), (Outcome::Conflict, &["name".to_owned()][..]));
    let member = result.member.as_ref().unwrap();
    let shops: Vec<_> = member.memberships.iter().map(|membership| membership.location.as_str()).collect();
    assert_eq!(shops, ["BA", "KM", "LY"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_changes_nothing_is_not_told_again() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    till.apply(vec![member_added(an, "An", "KM"), member_edited(an, "An", "Anh")]).await;
    let seen = till.pull(0, 100).await.next;
    till.apply(vec![member_edited(an, "An", "Anh")]).await;
    assert!(till.pull(seen, 100).await.rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_that_serves_all_shops_creates_one_and_a_limited_one_does_not() {
    let server = Server::start().await;
    let (all, limited) = (server.till(&[]), server.till(&["KM"]));
    let created = ChangeBody::LocationAdded { location: location("HN", "VN", "VND") };
    let response = limited.push(&[limited.change(created.clone())]).await;
    assert_eq!(code(&response.results[0]), "location_not_allowed");
    all.apply(vec![created.clone(), created]).await;
    let other_currency = ChangeBody::LocationAdded { location: location("HN", "VN", "USD") };
    assert_eq!(code(&all.push(&[all.change(other_currency)]).await.results[0]), "currency_differs");
    let codes: Vec<_> = all.pull(0, 100).await.locations.into_iter().map(|location| location.code).collect();
    assert_eq!(codes, ["KM", "BA", "LY", "HN"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_edits_what_its_shop_is_where_nobody_was_first_and_all_are_told_anew() {
    let server = Server::start().await;
    let (one, other) = (server.till(&["KM"]), server.till(&["BA"]));
    let before = one.pull(0, 100).await.locations.remove(0);
    let edited = |name: &str| {
        let after = Location { name: name.to_owned(), ..before.clone() };
        ChangeBody::LocationEdited { location: "KM".to_owned(), edit: before.edit_to(&after) }
    };
    let response = other.push(&[other.change(edited("Stolen"))]).await;
    assert_eq!(code(&response.results[0]), "location_not_allowed");
    let cursor = one.pull(0, 100).await.next;
    one.apply(vec![edited("Kim Mã")]).await;
    let told = one.pull(cursor, 100).await;
    assert_eq!((told.locations[0].name.as_str(), &told.locations[0].currency), ("Kim Mã", &before.currency));
    // Made of the old name: it leads nowhere, and whoever sent it hears how the shop is called.
    one.apply(vec![edited("Too late")]).await;
    assert_eq!(one.pull(told.next, 100).await.locations[0].name, "Kim Mã");
    let response = one
        .push(&[one.change(ChangeBody::LocationEdited {
            location: "KM".to_owned(),
            edit: told.locations[0].edit_to(&Location { time_zone: "Mars".to_owned(), ..told.locations[0].clone() }),
        })])
        .await;
    assert_eq!(code(&response.results[0]), "time_zone_unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_too_many_changes_is_refused_as_a_whole() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let changes: Vec<_> =
        (0..=MAX_CHANGES).map(|_| till.change(member_added(fresh(MemberId::mint), "An", "KM"))).collect();
    refused(till.send(&changes).await, StatusCode::PAYLOAD_TOO_LARGE, "too_large").await;
    assert!(till.pull(0, 100).await.rows.is_empty());
    let response = till.push(&changes[1..]).await;
    assert_eq!(response.results.len(), MAX_CHANGES);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_is_no_member_is_rejected() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let mut document = document("An");
    document.insert("birthday".to_owned(), serde_json::json!("tomorrow"));
    let body = ChangeBody::MemberAdded {
        member_id: fresh(MemberId::mint),
        document,
        location: "KM".to_owned(),
        member_since: day(),
        terms: regulars_domain::edit::Document::new(),
    };
    assert_eq!(code(&till.push(&[till.change(body)]).await.results[0]), "member_invalid");
}

#[test]
fn fresh_ids_differ() {
    assert_ne!(fresh(EntryId::mint), fresh(EntryId::mint));
    assert_ne!(fresh(ChangeId::mint), fresh(ChangeId::mint));
}
