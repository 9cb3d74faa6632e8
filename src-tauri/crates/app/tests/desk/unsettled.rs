//! Credit to be settled: what is listed on the sync screen, and what of it the head counts.

use super::*;
use regulars_app::events::Topic;
use regulars_domain::change::Change;
use regulars_domain::ledger::{EntryKind, EntrySource, LedgerEntry, LotClass};
use regulars_domain::{AccountId, ChangeId, EntryId, MemberId, Money, TillId};
use regulars_store::outbox::Stamp;
use regulars_store::{Priority, record};

/// What another till did that had not heard of this one: it used credit that was used here.
fn overdraw(till: &Till, member: MemberId, minor: i64) {
    let shop = regulars_app::locations::list(till).expect("shops").remove(0);
    let (at, currency) = (till.now(), shop.location.currency);
    let entry = LedgerEntry {
        id: EntryId::mint(at, [7; 10]),
        account_id: AccountId::of(member, &shop.location.issuer, currency),
        member_id: member,
        issuer: shop.location.issuer.clone(),
        kind: EntryKind::Redeem,
        lot_class: LotClass::Prepaid,
        amount: Money::new(-minor, currency),
        location_id: shop.id,
        till_id: TillId::mint(at, [7; 10]),
        staff_id: None,
        business_date: "2026-11-24".parse().expect("a day"),
        at,
        receipt: None,
        tender: None,
        reason: None,
        source_entry_id: None,
        visit_id: None,
        expires_on: None,
        source: EntrySource::Till,
        authorisation_id: None,
    };
    let change = Change::EntryAdded { entry: Box::new(entry) };
    let (stamp, id) = (Stamp { at, staff_id: None }, ChangeId::mint(at, [7; 10]));
    let written = till.store().write(Priority::Cashier, move |tx| record::record(tx, &change, stamp, &mut || id));
    written.expect("written");
}

async fn counted(counter: &Counter) -> (Option<i64>, Option<i64>) {
    let sync = counter.ask("desk", json!({})).await["sync"].clone();
    (sync["needs_you"].as_i64(), sync["unsettled"].as_i64())
}

#[tokio::test]
async fn who_owes_is_listed_and_counted_until_it_is_settled() {
    let counter = Counter::open().await;
    let id = counter.register("David Coaster", "0905550102").await;
    let nobody = json!({ "accounts": [], "total": 0 });
    assert_eq!(counter.ask("unsettled", json!({})).await, nobody);

    counter.app.stop().await;
    let Counter { folder, app } = counter;
    drop(app);
    let (till, _) = Till::open(&folder.path().join("till"), None).expect("it opens");
    overdraw(&till, id.parse().expect("an id"), 60_000);
    till.close().expect("closed");
    drop(till);
    let counter = Counter { app: start(&folder), folder };
    let mut changes = counter.app.listen();
    counter.ask("start_state", json!({})).await;

    // The head counts them by itself, though nobody has opened the list.
    while counted(&counter).await != (Some(1), Some(1)) {
        while changes.recv().await.expect("an event").topic != Topic::Sync {}
    }
    let david = json!({
        "member_id": id, "member_name": "David Coaster", "issuer": null,
        "amount": { "minor": 60_000, "currency": "VND" }, "too_much_back_of": null,
    });
    assert_eq!(counter.ask("unsettled", json!({})).await, json!({ "accounts": [david], "total": 1 }));

    let entry = counter.ask("new_entry_id", json!({})).await["entry_id"].clone();
    let amount = json!({ "minor": 60_000, "currency": "VND" });
    let top_up = json!({ "member_id": id, "entry_id": entry, "amount": amount, "tender": "cash" });
    counter.ask("top_up", top_up).await;
    assert_eq!(counted(&counter).await, (Some(0), Some(0)), "at once, without a look at all accounts");
    assert_eq!(counter.ask("unsettled", json!({})).await, nobody);
}
