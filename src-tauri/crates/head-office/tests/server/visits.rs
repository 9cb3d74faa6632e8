//! A visit is there with all that it did to credit, or not at all.

use crate::till::{Server, Till, dong, fresh, member_added, membership_added, told};
use regulars_domain::ledger::{EntryKind, LotClass};
use regulars_domain::{LocationId, MemberId, VisitId};
use regulars_protocol::pull::{PullResponse, PullRow};
use regulars_protocol::push::{ChangeBody, Entry, VisitItem};
use serde_json::json;

/// A bill of 100,000 of which credit paid 30,000 and that earned 2,000.
fn sale(till: &Till, member: MemberId) -> (VisitItem, Vec<Entry>) {
    let visit = till.visit(member, 100_000);
    let of_visit = |entry: Entry| Entry { visit_id: Some(visit.visit.id), ..entry };
    let earned = Entry { lot_class: LotClass::Reward, ..till.entry(member, EntryKind::Earn, 2_000) };
    let entries = vec![of_visit(till.entry(member, EntryKind::Redeem, -30_000)), of_visit(earned)];
    (visit, entries)
}

/// What makes an entry of a sale one that does not fit, with a member who is not the one of the sale.
type Spoil = fn(&Till, MemberId, &mut Entry);

fn visits(page: &PullResponse) -> Vec<&VisitItem> {
    let visits = page.rows.iter().filter_map(|row| match row {
        PullRow::Visit(row) => Some(&row.visit),
        PullRow::Member(_) | PullRow::Entry(_) => None,
    });
    visits.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_is_told_with_its_entries_to_the_shop_where_it_was_and_to_the_members_own() {
    let server = Server::start().await;
    let (all, kim_ma, lyon) = (server.till(&[]), server.till(&["KM"]), server.till(&["LY"]));
    let an = fresh(MemberId::mint);
    all.apply(vec![member_added(an, "An", "LY")]).await;
    let (visit, entries) = sale(&all, an);
    all.apply(vec![ChangeBody::VisitAdded { visit: visit.clone(), entries }]).await;
    let page = kim_ma.pull(0, 100).await;
    assert_eq!(told(&page), ["bill of 100000 VND", "-30000 VND", "2000 VND"]);
    assert_eq!(visits(&page), [&visit]);
    assert_eq!(told(&lyon.pull(0, 100).await), ["An", "bill of 100000 VND", "-30000 VND", "2000 VND"]);
    assert_eq!(told(&all.pull(0, 100).await), ["An", "bill of 100000 VND", "-30000 VND", "2000 VND"]);
    assert!(told(&server.till(&["BA"]).pull(0, 100).await).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_is_taken_once_and_one_that_says_something_else_is_refused() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    let (visit, entries) = sale(&till, an);
    let added = |visit: &VisitItem| ChangeBody::VisitAdded { visit: visit.clone(), entries: entries.clone() };
    till.apply(vec![member_added(an, "An", "KM"), added(&visit)]).await;
    // A till whose file was set up anew has another id for the same shop.
    let mut again = visit.clone();
    again.visit.location_id = fresh(LocationId::mint);
    till.apply(vec![added(&visit), added(&again)]).await;
    let mut other = visit.clone();
    other.visit.bill = dong(99_000);
    assert_eq!(till.refused(added(&other)).await, "visit_differs");
    assert_eq!(told(&till.pull(0, 100).await), ["An", "bill of 100000 VND", "-30000 VND", "2000 VND"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_whose_entries_do_not_fit_leaves_nothing_behind() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let (an, binh) = (fresh(MemberId::mint), fresh(MemberId::mint));
    till.apply(vec![member_added(an, "An", "KM"), member_added(binh, "Bình", "KM")]).await;
    let seen = till.pull(0, 100).await.next;
    let table: [(&str, Spoil); 5] = [
        ("entry_not_of_visit", |_, _, entry| entry.visit_id = None),
        ("entry_not_of_visit", |_, _, entry| entry.visit_id = Some(fresh(VisitId::mint))),
        ("entry_not_of_visit", |_, _, entry| entry.location = "HN".to_owned()),
        ("entry_not_of_visit", |till, other, entry| {
            *entry = Entry { visit_id: entry.visit_id, ..till.entry(other, EntryKind::Earn, 1) };
        }),
        ("amount_zero", |_, _, entry| entry.amount = dong(0)),
    ];
    for (expected, spoil) in table {
        let (visit, mut entries) = sale(&till, an);
        spoil(&till, binh, &mut entries[1]);
        assert_eq!(till.refused(ChangeBody::VisitAdded { visit, entries }).await, expected);
    }
    let (mut visit, _) = sale(&till, an);
    visit.visit.earned.currency = "EUR".parse().unwrap();
    assert_eq!(till.refused(ChangeBody::VisitAdded { visit, entries: Vec::new() }).await, "currency_differs");
    let (visit, _) = sale(&till, fresh(MemberId::mint));
    assert_eq!(till.refused(ChangeBody::VisitAdded { visit, entries: Vec::new() }).await, "member_unknown");
    let (visit, entries) = sale(&till, an);
    let elsewhere = server.till(&["BA"]);
    let body = ChangeBody::VisitAdded { visit: visit.clone(), entries };
    assert_eq!(elsewhere.refused(body).await, "location_not_allowed");
    assert!(till.pull(seen, 100).await.rows.is_empty());
    // A bill that moved no credit is a visit too.
    till.apply(vec![ChangeBody::VisitAdded { visit, entries: Vec::new() }]).await;
    assert_eq!(told(&till.pull(seen, 100).await), ["bill of 100000 VND"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_paid_with_authorised_credit_captures_the_hold() {
    let server = Server::start().await;
    let till = server.till(&["KM"]);
    let an = fresh(MemberId::mint);
    let top_up = till.entry(an, EntryKind::TopUp, 50_000);
    till.apply(vec![member_added(an, "An", "KM"), ChangeBody::EntryAdded { entry: top_up }]).await;
    let question = till.question(an, 30_000);
    assert!(till.ask(&question).await.is_authorised);
    let (visit, mut entries) = sale(&till, an);
    entries[0].authorisation_id = Some(question.id);
    till.apply(vec![ChangeBody::VisitAdded { visit, entries }]).await;
    assert_eq!(till.ask(&till.question(an, 1)).await.available, dong(22_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_a_member_joins_is_told_their_old_visits_and_entries() {
    let server = Server::start().await;
    let (all, bratislava) = (server.till(&[]), server.till(&["BA"]));
    let an = fresh(MemberId::mint);
    all.apply(vec![member_added(an, "An", "KM")]).await;
    let (visit, entries) = sale(&all, an);
    all.apply(vec![ChangeBody::VisitAdded { visit, entries }]).await;
    all.apply(vec![member_added(fresh(MemberId::mint), "Eva", "BA")]).await;
    let seen = bratislava.pull(0, 100).await;
    assert_eq!(told(&seen), ["Eva"]);
    all.apply(vec![membership_added(an, "BA")]).await;
    let joined = bratislava.pull(seen.next, 100).await;
    assert_eq!(told(&joined), ["An", "bill of 100000 VND", "-30000 VND", "2000 VND"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn visits_can_be_neither_changed_nor_deleted() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    let body = ChangeBody::VisitAdded { visit: till.visit(an, 1_000), entries: Vec::new() };
    till.apply(vec![member_added(an, "An", "KM"), body]).await;
    let file = rusqlite::Connection::open(server.path()).unwrap();
    for sql in ["UPDATE visits SET location = 'BA'", "DELETE FROM visits"] {
        assert!(file.execute(sql, []).unwrap_err().to_string().contains("never"));
    }
}

/// What a till of a newer version says beside what is known here is no reason to lose a bill.
#[tokio::test(flavor = "multi_thread")]
async fn a_visit_of_a_newer_till_is_taken() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    till.apply(vec![member_added(an, "An", "KM")]).await;
    let change = till.change(ChangeBody::VisitAdded { visit: till.visit(an, 1_000), entries: Vec::new() });
    let mut json = json!({ "till_id": till.till_id, "till_name": "newer", "changes": [change] });
    json["changes"][0]["body"]["visit_added"]["visit"]["visit"]["table"] = json!(7);
    let response = till.request(reqwest::Method::POST, "/v1/push").json(&json).send().await.unwrap();
    assert!(response.status().is_success());
    assert_eq!(told(&till.pull(0, 100).await), ["An", "bill of 1000 VND"]);
}
