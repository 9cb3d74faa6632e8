//! A person who came in as several members has one credit, whichever of them a till asks for.

use crate::till::{Server, Till, document, dong, edited, fresh, member_added, membership_added, told, with};
use regulars_domain::MemberId;
use regulars_domain::edit::{Document, Edit};
use regulars_domain::ledger::EntryKind;
use regulars_protocol::pull::PullRow;
use regulars_protocol::push::{ChangeBody, Entry};
use serde_json::json;

/// Members of Kim Ma, each with so much credit.
async fn members(till: &Till, credit: &[i64]) -> Vec<MemberId> {
    let mut members = Vec::new();
    for minor in credit {
        let id = fresh(MemberId::mint);
        let entry = till.entry(id, EntryKind::TopUp, *minor);
        till.apply(vec![member_added(id, "An", "KM"), ChangeBody::EntryAdded { entry }]).await;
        members.push(id);
    }
    members
}

fn merged(into: MemberId) -> Document {
    with(document("An"), "merged", json!({ "into": into, "at": "2026-11-24T08:00:00Z" }))
}

fn merge(alias: MemberId, into: MemberId) -> ChangeBody {
    edited(alias, &document("An"), &merged(into))
}

async fn available(till: &Till, member: MemberId) -> i64 {
    till.ask(&till.question(member, 1_000_000)).await.available.minor
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_of_a_whole_chain_of_merged_members_is_one() {
    let server = Server::start().await;
    let till = server.till(&["KM"]);
    let ids = members(&till, &[10_000, 2_000, 300, 40, 5]).await;
    // The first stays; the third was merged into the second before that one was merged into the first.
    till.apply(vec![merge(ids[2], ids[1]), merge(ids[1], ids[0]), merge(ids[3], ids[0])]).await;
    for id in &ids[..4] {
        assert_eq!(available(&till, *id).await, 12_340);
    }
    assert_eq!(available(&till, ids[4]).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_tills_that_ask_for_one_persons_credit_as_two_members_one_gets_it() {
    let server = Server::start().await;
    let (first, second) = (server.till(&["KM"]), server.till(&["KM"]));
    let ids = members(&first, &[1_000, 99_000]).await;
    first.apply(vec![merge(ids[1], ids[0])]).await;
    let question = first.question(ids[0], 60_000);
    assert!(first.ask(&question).await.is_authorised);
    let other = second.ask(&second.question(ids[1], 60_000)).await;
    assert_eq!((other.is_authorised, other.available), (false, dong(40_000)));
    // Booked on the account of the one who stays, which alone would owe then.
    let entry = first.entry(ids[0], EntryKind::Redeem, -60_000);
    let entry = Entry { authorisation_id: Some(question.id), ..entry };
    first.apply(vec![ChangeBody::EntryAdded { entry }]).await;
    assert_eq!(available(&second, ids[1]).await, 40_000);
    assert!(second.ask(&second.question(ids[1], 40_000)).await.is_authorised);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_on_one_of_a_persons_accounts_is_captured_from_another() {
    let server = Server::start().await;
    let till = server.till(&["KM"]);
    let ids = members(&till, &[1_000, 99_000]).await;
    till.apply(vec![merge(ids[1], ids[0])]).await;
    let question = till.question(ids[0], 60_000);
    assert!(till.ask(&question).await.is_authorised);
    let entry = till.entry(ids[1], EntryKind::Redeem, -60_000);
    let entry = Entry { authorisation_id: Some(question.id), ..entry };
    till.apply(vec![ChangeBody::EntryAdded { entry }]).await;
    assert_eq!(available(&till, ids[0]).await, 40_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tills_that_merge_the_other_way_round_make_one_person_all_the_same() {
    let server = Server::start().await;
    let (first, second) = (server.till(&["KM"]), server.till(&["KM"]));
    let ids = members(&first, &[1, 20, 300]).await;
    first.apply(vec![merge(ids[0], ids[1]), merge(ids[2], ids[0])]).await;
    second.apply(vec![merge(ids[1], ids[0])]).await;
    for id in ids {
        assert_eq!(available(&first, id).await, 321);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_who_turn_out_to_be_two_have_their_own_again() {
    let server = Server::start().await;
    let till = server.till(&["KM"]);
    let ids = members(&till, &[1_000, 99_000]).await;
    till.apply(vec![merge(ids[1], ids[0]), edited(ids[1], &merged(ids[0]), &document("An"))]).await;
    assert_eq!(available(&till, ids[0]).await, 1_000);
    assert_eq!(available(&till, ids[1]).await, 99_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_merged_into_themselves_or_somebody_whom_the_till_may_not_see() {
    let server = Server::start().await;
    let (all, kim_ma) = (server.till(&[]), server.till(&["KM"]));
    let an = members(&kim_ma, &[1_000]).await[0];
    let (eva, gone) = (fresh(MemberId::mint), fresh(MemberId::mint));
    all.apply(vec![member_added(eva, "Eva", "BA"), member_added(gone, "An", "KM")]).await;
    all.apply(vec![ChangeBody::MemberRemoved { member_id: gone, reason: "a test".to_owned(), seen_version: None }])
        .await;
    let table = [
        ("merge_with_itself", an),
        ("member_unknown", eva),
        ("member_unknown", fresh(MemberId::mint)),
        ("member_deleted", gone),
    ];
    for (expected, into) in table {
        assert_eq!(kim_ma.refused(merge(an, into)).await, expected);
    }
    assert_eq!(available(&kim_ma, an).await, 1_000);
}

/// A till erases somebody of whom it has not heard that they turned out to be another one.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_erased_alone_who_turned_out_to_be_another_one() {
    let server = Server::start().await;
    let till = server.till(&["KM"]);
    let ids = members(&till, &[20, 50]).await;
    let (person, alias) = (ids[0], ids[1]);
    let erased = |member_id| ChangeBody::MemberErased { member_id, reason: "asked for it".to_owned() };
    till.apply(vec![merge(alias, person)]).await;
    // Paid out of what is theirs together: each alone would owe or be owed something.
    till.apply(vec![ChangeBody::EntryAdded { entry: till.entry(person, EntryKind::CashOut, -70) }]).await;
    assert_eq!(till.refused(erased(alias)).await, "merged_there");
    till.apply(vec![ChangeBody::EntryAdded { entry: till.entry(alias, EntryKind::TopUp, 7) }]).await;
    assert_eq!(available(&till, person).await, 7);
    till.apply(vec![ChangeBody::EntryAdded { entry: till.entry(person, EntryKind::CashOut, -7) }]).await;
    till.apply(vec![erased(person), erased(alias)]).await;
}

/// Whoever finds out that two are one may not see the shop that has one of them on hold.
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_goes_with_a_person_also_in_shops_that_who_merges_them_does_not_see() {
    let server = Server::start().await;
    let (all, kim_ma, lyon) = (server.till(&[]), server.till(&["KM"]), server.till(&["LY"]));
    let ids = members(&kim_ma, &[1_000, 50]).await;
    let (an, alias) = (ids[0], ids[1]);
    all.apply(vec![membership_added(an, "LY"), membership_added(alias, "LY")]).await;
    let held = with(Document::new(), "hold", json!({ "reason": "two invoices are unpaid" }));
    let edit = |before: &Document, after: &Document| Edit::between(before, after);
    let edited_at = |member_id, edit| ChangeBody::MembershipEdited { member_id, location: "LY".to_owned(), edit };
    lyon.apply(vec![edited_at(alias, edit(&Document::new(), &held))]).await;
    let terms = async || {
        let rows = lyon.pull(0, 100).await.rows;
        let mut of_an = rows.into_iter().filter_map(|row| match row {
            PullRow::Member(member) if member.id == an => Some(member.memberships),
            _ => None,
        });
        let there = of_an.next_back().expect("told").into_iter().find(|membership| membership.location == "LY");
        there.expect("a member there").terms
    };
    assert_eq!(terms().await, Document::new());
    kim_ma.apply(vec![merge(alias, an)]).await;
    assert_eq!(terms().await, held);
    // Whoever lifts it lifts it for good.
    lyon.apply(vec![edited_at(an, edit(&held, &Document::new()))]).await;
    all.apply(vec![membership_added(an, "BA")]).await;
    assert_eq!(terms().await, Document::new());
}

/// Two shops whose tokens see nothing of each other, and one person who came in at both.
#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_knows_one_of_a_persons_members_hears_of_the_credit_of_all() {
    let server = Server::start().await;
    let (all, kim_ma, lyon) = (server.till(&[]), server.till(&["KM"]), server.till(&["LY"]));
    let (an, alias) = (members(&kim_ma, &[1_000]).await[0], fresh(MemberId::mint));
    let held = with(Document::new(), "hold", json!({ "reason": "two invoices are unpaid" }));
    let edit = Edit::between(&Document::new(), &held);
    let hold = ChangeBody::MembershipEdited { member_id: alias, location: "LY".to_owned(), edit };
    lyon.apply(vec![member_added(alias, "An", "LY"), hold]).await;
    let after = [kim_ma.pull(0, 100).await.next, lyon.pull(0, 100).await.next];
    all.apply(vec![merge(alias, an)]).await;
    assert_eq!(told(&lyon.pull(after[1], 100).await), ["An", "1000 VND", "An"]);
    assert_eq!(told(&kim_ma.pull(after[0], 100).await), ["An", "1000 VND", "An"]);
    // What holds for one of them in a shop holds for the other.
    for row in lyon.pull(0, 100).await.rows {
        if let PullRow::Member(member) = row {
            let lyon = member.memberships.iter().find(|membership| membership.location == "LY");
            assert_eq!(lyon.map(|membership| &membership.terms), Some(&held));
        }
    }
    // And of what is booked from now on, whichever of them it is booked for and wherever.
    let after = lyon.pull(0, 100).await.next;
    kim_ma.apply(vec![ChangeBody::EntryAdded { entry: kim_ma.entry(an, EntryKind::TopUp, 20) }]).await;
    assert_eq!(told(&lyon.pull(after, 100).await), ["20 VND"]);
    // A shop that takes them in later has all of it.
    let bratislava = server.till(&["BA"]);
    all.apply(vec![membership_added(an, "BA")]).await;
    let mut found = told(&bratislava.pull(0, 100).await);
    found.sort();
    assert_eq!(found, ["1000 VND", "20 VND", "An", "An"]);
}
