//! A head office whose database is an older copy: who notices, what begins, and what is taken back from the tills.

use crate::till::{Server, Till, document, dong, edited, fresh, member_added, read, refused, told, version_of, with};
use regulars_domain::edit::Document;
use regulars_domain::ledger::{EntryKind, LotClass};
use regulars_domain::{Date, Incarnation, MemberId};
use regulars_head_office::lives;
use regulars_protocol::give_back::{GiveBackRequest, GiveBackResponse, GivenMember, Thing};
use regulars_protocol::pull::{Membership, PullRow};
use regulars_protocol::push::{Change, ChangeBody, Entry, Known, Outcome, PushRequest};
use reqwest::{Method, Response, StatusCode};
use serde_json::json;
use std::time::Duration;

impl Server {
    fn epoch(&self) -> String {
        self.write(|rows| rows.epoch())
    }

    fn begin_another_life(&self) {
        let at = self.now();
        self.write(|rows| lives::begin(rows, at));
    }

    fn version(&self, id: MemberId) -> i64 {
        self.write(|rows| Ok(rows.find_member(id)?.unwrap().version))
    }

    fn stored(&self, id: MemberId) -> serde_json::Value {
        let stored = self.write(|rows| Ok(rows.find_member(id)?.unwrap()));
        serde_json::from_str(&stored.document).unwrap()
    }
}

impl Till {
    async fn give(&self, server: &Server, things: Vec<Thing>) -> GiveBackResponse {
        read(self.send_given(server.epoch(), things).await, StatusCode::OK).await
    }

    async fn send_given(&self, epoch: String, things: Vec<Thing>) -> Response {
        let request = GiveBackRequest { till_id: self.till_id, epoch, things };
        self.request(Method::POST, "/v1/give-back").json(&request).send().await.unwrap()
    }

    async fn send_knowing(&self, known: Known, changes: Vec<Change>) -> Response {
        let request =
            PushRequest { till_id: self.till_id, till_name: "till".to_owned(), at: None, known: Some(known), changes };
        self.request(Method::POST, "/v1/push").json(&request).send().await.unwrap()
    }
}

fn given(id: MemberId, version: i64, document: Document) -> Thing {
    let membership = Membership {
        location: "KM".to_owned(),
        member_since: Date::new(2026, 11, 24).unwrap(),
        terms: Document::new(),
    };
    Thing::Member(GivenMember {
        id,
        version,
        document,
        memberships: vec![membership],
        is_deleted: false,
        is_erased: false,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_comes_again_under_another_number_is_known() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    let first = till.change(member_added(an, "An", "KM"));
    till.push(std::slice::from_ref(&first)).await;
    let incarnation = fresh(Incarnation::mint);
    let again = Change { incarnation, number: 1, ..first.clone() };
    let answer = till.push(std::slice::from_ref(&again)).await;
    assert_eq!((answer.results[0].outcome, answer.applied_number), (Outcome::Duplicate, 1));
    // The number is taken from then on, and the same under it is known again.
    assert_eq!(till.push(&[again]).await.results[0].outcome, Outcome::Duplicate);
    let other = Change { incarnation, number: 1, ..till.change(member_added(fresh(MemberId::mint), "Ba", "KM")) };
    let problem = till.push(&[other]).await.results[0].problem.clone().unwrap();
    assert_eq!(problem.code, "number_reused");
    // What says something else under the same id is not it, whatever its number.
    let different = Change { body: member_added(an, "Cù", "KM"), incarnation, number: 2, ..first };
    let problem = till.push(&[different]).await.results[0].problem.clone().unwrap();
    assert_eq!(problem.code, "change_id_reused");
}

/// What a till knows of head office, and whether it is taken, refused, or proves that head office knows less than it did.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_from_a_till_that_knows_another_life_of_this_database() {
    for (why, is_this_epoch, acknowledged, ahead, is_taken, begins) in [
        ("all is as it was", true, 1, 0, true, false),
        ("the till has heard of none", true, 0, -1, true, false),
        ("the till was told that more is noted", true, 7, 0, false, true),
        ("the till was told more rows", true, 1, 1, false, true),
        ("the till comes from the life before", false, 1, 0, false, false),
        ("the same, with more noted in it", false, 7, 1, false, false),
    ] {
        let server = Server::start().await;
        let till = server.till(&[]);
        till.apply(vec![member_added(fresh(MemberId::mint), "An", "KM")]).await;
        let before = server.epoch();
        let epoch = if is_this_epoch { before.clone() } else { "the life before".to_owned() };
        let cursor = till.pull(0, 100).await.next + ahead;
        let known = Known { epoch, incarnation: till.incarnation, acknowledged, cursor };
        let change = till.change(member_added(fresh(MemberId::mint), "Ba", "KM"));
        let answer = till.send_knowing(known, vec![change.clone()]).await;
        if is_taken {
            assert_eq!(answer.status(), StatusCode::OK, "{why}");
        } else {
            refused(answer, StatusCode::GONE, "epoch_changed").await;
            let noted = server.write(|rows| rows.find_change(regulars_head_office::storage::ChangeKey::Id(change.id)));
            assert!(noted.is_none(), "{why}");
        }
        assert_eq!(server.epoch() != before, begins, "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_is_ahead_of_the_feed_proves_that_a_copy_was_put_back() {
    let server = Server::start().await;
    let till = server.till(&[]);
    till.apply(vec![member_added(fresh(MemberId::mint), "An", "KM")]).await;
    let epoch = server.epoch();
    let next = till.pull(0, 100).await.next;
    // A till that names no epoch proves nothing.
    refused(till.send_pull(None, next + 5, 100).await, StatusCode::GONE, "epoch_changed").await;
    assert_eq!(server.epoch(), epoch);
    refused(till.send_pull(Some(&epoch), next + 5, 100).await, StatusCode::GONE, "epoch_changed").await;
    let begun = server.epoch();
    assert_ne!(begun, epoch);
    refused(till.send_pull(Some(&epoch), next, 100).await, StatusCode::GONE, "epoch_changed").await;
    assert_eq!(server.epoch(), begun, "one copy is one new life");
    assert_eq!(told(&till.pull(0, 100).await), ["An"]);
}

/// What the copy has of An, what this life made of it, which version a till gives back and what it says, and what comes
/// of it. Versions count from the one that the copy has.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_member_that_is_taken_which_only_the_life_before_changed() {
    let table = [
        ("the copy has the same", None, 0, json!({}), json!({})),
        ("the copy has newer", None, -1, json!({ "note": "old" }), json!({})),
        ("the copy lacks a note", None, 3, json!({ "note": "tea" }), json!({ "note": "tea" })),
        (
            "this life has changed something else",
            Some(("email", json!("an@example.com"))),
            3,
            json!({ "note": "tea" }),
            json!({ "note": "tea", "email": "an@example.com" }),
        ),
        (
            "this life has changed the same",
            Some(("note", json!("coffee"))),
            3,
            json!({ "note": "tea" }),
            json!({ "note": "coffee" }),
        ),
        (
            "this life has written something on a card that was blocked in the other",
            Some(("cards", json!({ "8400": { "note": "gold" } }))),
            3,
            json!({ "cards": { "8400": { "status": "blocked" } } }),
            json!({ "cards": { "8400": { "note": "gold", "status": "blocked" } } }),
        ),
        (
            "this life has asked again for what was withdrawn in the other",
            Some(("consents", json!({ "offers/sms": { "is_given": true, "source": "counter" } }))),
            3,
            json!({ "consents": { "offers/sms": { "is_given": false } } }),
            json!({ "consents": { "offers/sms": { "is_given": false } } }),
        ),
    ];
    for (why, changed, ahead, says, stands) in table {
        let server = Server::start().await;
        let till = server.till(&[]);
        let an = fresh(MemberId::mint);
        till.apply(vec![member_added(an, "An", "KM")]).await;
        let copied = server.version(an);
        server.begin_another_life();
        if let Some((field, value)) = changed {
            till.apply(vec![edited(an, &document("An"), &with(document("An"), field, value))]).await;
        }
        let of = |fields: &serde_json::Value| {
            let fields = fields.as_object().unwrap().iter();
            fields.fold(document("An"), |document, (field, value)| with(document, field, value.clone()))
        };
        for _ in 0..2 {
            let answer = till.give(&server, vec![given(an, copied + ahead, of(&says))]).await;
            assert!(answer.results[0].problem.is_none(), "{why}");
            assert_eq!(server.stored(an), serde_json::Value::Object(of(&stands)), "{why}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_tills_the_one_that_saw_more_is_right_whichever_comes_first() {
    for newer_first in [true, false] {
        let server = Server::start().await;
        let till = server.till(&[]);
        let an = fresh(MemberId::mint);
        till.apply(vec![member_added(an, "An", "KM")]).await;
        let copied = server.version(an);
        server.begin_another_life();
        let says = |note: &str| with(document("An"), "note", json!(note));
        let mut tills = vec![given(an, copied + 9, says("the last word")), given(an, copied + 4, says("before it"))];
        if !newer_first {
            tills.reverse();
        }
        for thing in tills {
            till.give(&server, vec![thing]).await;
        }
        assert_eq!(server.stored(an)["note"], "the last word", "newer first: {newer_first}");
        assert!(server.version(an) > copied + 9, "a till would take it for older than what it has");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_who_has_credit_again_is_not_deleted_and_the_till_is_told_so() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    let entry = till.entry(an, EntryKind::TopUp, 500);
    till.apply(vec![member_added(an, "An", "KM"), ChangeBody::EntryAdded { entry }]).await;
    let copied = server.version(an);
    server.begin_another_life();
    let Thing::Member(living) = given(an, copied + 6, document("An")) else { unreachable!() };
    let answer = till.give(&server, vec![Thing::Member(GivenMember { is_deleted: true, ..living })]).await;
    let result = &answer.results[0];
    assert_eq!(result.problem.as_ref().unwrap().code, "balance_not_settled");
    let stands = result.member.as_ref().unwrap();
    assert!(!stands.is_deleted && stands.version > copied + 6, "{stands:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_till_knows_as_erased_is_erased_here_too_and_their_money_finds_them() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let (an, ba) = (fresh(MemberId::mint), fresh(MemberId::mint));
    till.apply(vec![member_added(an, "An", "KM")]).await;
    let copied = server.version(an);
    server.begin_another_life();
    let erased = |id, version| match given(id, version, Document::new()) {
        Thing::Member(living) => Thing::Member(GivenMember { is_deleted: true, is_erased: true, ..living }),
        _ => unreachable!(),
    };
    let things = vec![
        // Also where this life has a later word of them.
        erased(an, copied - 1),
        // One of whom this life never heard.
        erased(ba, copied + 7),
        Thing::Entry(till.entry(ba, EntryKind::TopUp, 500)),
    ];
    for _ in 0..2 {
        let answer = till.give(&server, things.clone()).await;
        let problems: Vec<_> = answer.results.iter().filter_map(|result| result.problem.clone()).collect();
        assert!(problems.is_empty(), "{problems:?}");
    }
    for id in [an, ba] {
        let stored = server.write(|rows| Ok(rows.find_member(id)?.unwrap()));
        assert!(stored.is_deleted && stored.is_erased, "{id}: {stored:?}");
        assert_eq!(stored.document, "{}");
    }
    // Erased by a till that knew of no shop of theirs; one that had them hears of it.
    let ca = fresh(MemberId::mint);
    let Thing::Member(nowhere) = erased(ca, copied + 20) else { unreachable!() };
    till.give(&server, vec![Thing::Member(GivenMember { memberships: Vec::new(), ..nowhere })]).await;
    let answer = till.give(&server, vec![given(ca, copied + 12, document("Ca"))]).await;
    let stands = answer.results[0].member.as_ref().expect("how they stand");
    assert!(stands.is_deleted && stands.is_erased, "{stands:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_only_a_till_knows_comes_back_with_all_that_is_theirs() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let (an, visited) = (fresh(MemberId::mint), fresh(MemberId::mint));
    let entry = till.entry(an, EntryKind::TopUp, 500);
    let visit = till.visit(an, 900);
    let things = vec![
        given(an, 70, document("An")),
        Thing::Visit(visit.clone()),
        Thing::Entry(entry.clone()),
        // A member whom nobody gave: kept by the till until somebody does.
        Thing::Entry(till.entry(visited, EntryKind::TopUp, 1)),
    ];
    for _ in 0..2 {
        let answer = till.give(&server, things.clone()).await;
        let problems: Vec<_> =
            answer.results.iter().map(|result| result.problem.as_ref().map(|problem| problem.code.as_str())).collect();
        assert_eq!(problems, [None, None, None, Some("member_unknown")]);
    }
    let page = till.pull(0, 100).await;
    assert_eq!(told(&page), ["An", "bill of 900 VND", "500 VND"]);
    assert!(page.rows.iter().all(|row| version_of(row) > 70));
    // The till that did it tells it itself too: nothing is done twice.
    till.apply(vec![ChangeBody::VisitAdded { visit, entries: vec![] }, ChangeBody::EntryAdded { entry }]).await;
    assert_eq!(told(&till.pull(0, 100).await).len(), 3);
    refused(till.send_given("another".to_owned(), things).await, StatusCode::GONE, "epoch_changed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expiry_that_both_lives_booked_is_one_entry() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    let until = Date::new(2026, 11, 24);
    let lot = Entry { lot_class: LotClass::Reward, expires_on: until, ..till.entry(an, EntryKind::Earn, 500) };
    till.apply(vec![member_added(an, "An", "KM"), ChangeBody::EntryAdded { entry: lot }]).await;
    server.pass(Duration::from_secs(24 * 3600));
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 1);
    let of_the_life_before = till.pull(0, 100).await.rows.into_iter().find_map(|row| match row {
        PullRow::Entry(row) if row.entry.kind == EntryKind::Expire => Some(row.entry),
        PullRow::Entry(_) | PullRow::Member(_) | PullRow::Visit(_) => None,
    });
    let of_the_life_before = of_the_life_before.unwrap();

    // The same shop on a copy that was made before it ran out; another hour by then.
    let copy = Server::start().await;
    let till = copy.till(&[]);
    let lot = Entry { id: of_the_life_before.source_entry_id.unwrap(), ..till.entry(an, EntryKind::Earn, 500) };
    let lot = Entry { lot_class: LotClass::Reward, expires_on: until, ..lot };
    till.apply(vec![member_added(an, "An", "KM"), ChangeBody::EntryAdded { entry: lot }]).await;
    copy.pass(Duration::from_secs(26 * 3600));
    assert_eq!(copy.head_office.expire_lots().await.unwrap(), 1);
    let answer = till.give(&copy, vec![Thing::Entry(of_the_life_before)]).await;
    assert!(answer.results[0].problem.is_none());
    assert_eq!(told(&till.pull(0, 100).await), ["An", "500 VND", "-500 VND"]);
    assert_eq!(copy.head_office.expire_lots().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expiry_of_the_life_before_that_took_more_is_put_right() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    let until = Date::new(2026, 11, 24);
    let lot = Entry { lot_class: LotClass::Reward, expires_on: until, ..till.entry(an, EntryKind::Earn, 500) };
    let lot_id = lot.id;
    till.apply(vec![member_added(an, "An", "KM"), ChangeBody::EntryAdded { entry: lot }]).await;
    server.pass(Duration::from_secs(24 * 3600));
    server.head_office.expire_lots().await.unwrap();
    // The life before knew of a redemption in time, so less ran out.
    let used = Entry { lot_class: LotClass::Reward, ..till.entry(an, EntryKind::Redeem, -200) };
    let id = regulars_domain::EntryId::of_expiry(lot_id, 0, dong(-300));
    let ran_out = Entry {
        id,
        lot_class: LotClass::Reward,
        source_entry_id: Some(lot_id),
        ..till.entry(an, EntryKind::Expire, -300)
    };
    till.give(&server, vec![Thing::Entry(used), Thing::Entry(ran_out)]).await;
    server.head_office.expire_lots().await.unwrap();
    let balance = server.write(|rows| rows.balance(regulars_domain::AccountId::of(an, "default", dong(0).currency)));
    assert_eq!(balance, 0, "nothing is left, and nobody owes");
}
