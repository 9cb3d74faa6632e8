//! Credit that runs out: head office books it on the shop's day, once, and takes it back where it had been used in time.

use crate::till::{Server, Till, document, dong, edited, fresh, member_added, told, with};
use regulars_domain::ledger::{EntryKind, EntrySource, LotClass};
use regulars_domain::{Date, MemberId, Money};
use regulars_protocol::pull::PullRow;
use regulars_protocol::push::{ChangeBody, Entry};
use serde_json::json;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn on(day: u32) -> Date {
    Date::new(2026, 11, day).unwrap()
}

/// A reward that can be used until that day of November.
fn reward(till: &Till, member: MemberId, minor: i64, until: u32) -> Entry {
    let entry = till.entry(member, EntryKind::Earn, minor);
    Entry { lot_class: LotClass::Reward, expires_on: Some(on(until)), ..entry }
}

/// A redemption of rewards that was made on that day of November, whenever it is told.
fn used(till: &Till, member: MemberId, minor: i64, made_on: u32) -> ChangeBody {
    let entry = till.entry(member, EntryKind::Redeem, -minor);
    let at = format!("2026-11-{made_on}T09:00:00Z").parse().unwrap();
    ChangeBody::EntryAdded { entry: Entry { lot_class: LotClass::Reward, business_date: on(made_on), at, ..entry } }
}

fn booked(entry: Entry) -> ChangeBody {
    ChangeBody::EntryAdded { entry }
}

async fn available(till: &Till, member: MemberId) -> i64 {
    till.ask(&till.question(member, 1_000_000)).await.available.minor
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reward_runs_out_after_its_last_day_and_the_tills_are_told_once() {
    let server = Server::start().await;
    let till = server.till(&["KM"]);
    let an = fresh(MemberId::mint);
    let lot = reward(&till, an, 50_000, 24);
    till.apply(vec![member_added(an, "An", "KM"), booked(lot.clone()), used(&till, an, 20_000, 24)]).await;
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 0);
    assert_eq!(available(&till, an).await, 30_000);
    let seen = till.pull(0, 100).await.next;
    server.pass(DAY);
    // Not to be used any more, booked or not.
    assert_eq!(available(&till, an).await, 0);
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 1);
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 0);
    let page = till.pull(seen, 100).await;
    assert_eq!(told(&page), ["-30000 VND"]);
    let PullRow::Entry(row) = &page.rows[0] else { panic!("{page:?}") };
    let entry = &row.entry;
    assert_eq!((entry.kind, entry.lot_class, entry.source), (EntryKind::Expire, LotClass::Reward, EntrySource::Remote));
    assert_eq!((entry.source_entry_id, entry.business_date, entry.at), (Some(lot.id), on(25), server.now()));
    assert_eq!(available(&till, an).await, 0);
    let metrics = reqwest::get(format!("{}/metrics", server.base)).await.unwrap().text().await.unwrap();
    assert!(metrics.contains("regulars_expiries_total 1\n"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_used_in_time_and_told_late_comes_back() {
    let server = Server::start().await;
    let (till, offline) = (server.till(&["KM"]), server.till(&["KM"]));
    let an = fresh(MemberId::mint);
    let top_up = till.entry(an, EntryKind::TopUp, 1_000);
    till.apply(vec![member_added(an, "An", "KM"), booked(reward(&till, an, 50_000, 24)), booked(top_up)]).await;
    server.pass(2 * DAY);
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 1);
    let seen = till.pull(0, 100).await.next;
    // On the 24th this till had no line. On the 26th it tells.
    offline.apply(vec![used(&offline, an, 15_000, 24)]).await;
    assert_eq!(told(&till.pull(seen, 100).await), ["-15000 VND", "15000 VND"]);
    assert_eq!(available(&till, an).await, 1_000);
    let seen = till.pull(0, 100).await.next;
    offline.apply(vec![used(&offline, an, 35_000, 23)]).await;
    assert_eq!(told(&till.pull(seen, 100).await), ["-35000 VND", "35000 VND"]);
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 0);
    assert_eq!(available(&till, an).await, 1_000);
    // Used after its last day: that one was a mistake of the till, and is owed.
    offline.apply(vec![used(&offline, an, 500, 25)]).await;
    assert_eq!(available(&till, an).await, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_back_after_its_last_day_runs_out_too() {
    let server = Server::start().await;
    let till = server.till(&["KM"]);
    let an = fresh(MemberId::mint);
    let redeemed = Entry { lot_class: LotClass::Reward, ..till.entry(an, EntryKind::Redeem, -50_000) };
    let bodies = vec![member_added(an, "An", "KM"), booked(reward(&till, an, 50_000, 24)), booked(redeemed.clone())];
    till.apply(bodies).await;
    server.pass(DAY);
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 0);
    let void = till.entry(an, EntryKind::Void, 50_000);
    let void = Entry { lot_class: LotClass::Reward, source_entry_id: Some(redeemed.id), ..void };
    till.apply(vec![booked(void)]).await;
    assert_eq!(available(&till, an).await, 0);
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 1);
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_last_day_ends_with_the_day_of_the_shop() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let hanoi = regulars_domain::location::Location {
        time_zone: "Asia/Ho_Chi_Minh".to_owned(),
        ..crate::till::location("HN", "VN", "VND")
    };
    let (an, eva) = (fresh(MemberId::mint), fresh(MemberId::mint));
    till.apply(vec![ChangeBody::LocationAdded { location: hanoi }]).await;
    let in_hanoi = Entry { location: "HN".to_owned(), ..reward(&till, an, 100, 24) };
    till.apply(vec![member_added(an, "An", "HN"), booked(in_hanoi)]).await;
    till.apply(vec![member_added(eva, "Eva", "KM"), booked(reward(&till, eva, 10, 24))]).await;
    // 16:59 UTC is the last minute of the 24th in Hanoi; the other shop is in UTC.
    server.pass(Duration::from_secs(9 * 3600 - 60));
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 0);
    server.pass(Duration::from_secs(60));
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 1);
    server.pass(Duration::from_secs(7 * 3600));
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_goes_through_all_accounts_however_many() {
    let server = Server::start().await;
    let till = server.till(&[]);
    for _ in 0..3 {
        let bodies = (0..90).flat_map(|_| {
            let id = fresh(MemberId::mint);
            // Two lots of one day and one of another: each is booked by itself.
            let lots = [(100, 24), (50, 24), (7, 28)].map(|(minor, until)| booked(reward(&till, id, minor, until)));
            [member_added(id, "An", "KM")].into_iter().chain(lots)
        });
        let bodies: Vec<_> = bodies.collect();
        for some in bodies.chunks(200) {
            till.apply(some.to_vec()).await;
        }
    }
    server.pass(DAY);
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 2 * 270);
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 0);
    server.pass(4 * DAY);
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 270);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reward_that_one_of_a_persons_members_used_in_time_does_not_run_out_on_the_other() {
    let server = Server::start().await;
    let till = server.till(&["KM"]);
    let (an, alias) = (fresh(MemberId::mint), fresh(MemberId::mint));
    till.apply(vec![member_added(an, "An", "KM"), member_added(alias, "Anh", "KM")]).await;
    till.apply(vec![booked(reward(&till, alias, 50_000, 24))]).await;
    let merged = with(document("Anh"), "merged", json!({ "into": an, "at": server.now() }));
    till.apply(vec![edited(alias, &document("Anh"), &merged)]).await;
    till.apply(vec![used(&till, an, 30_000, 24)]).await;
    server.pass(DAY);
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 1);
    assert_eq!(told(&till.pull(0, 100).await).last().unwrap(), "-20000 VND");
    assert_eq!(till.ask(&till.question(an, 1)).await.available, dong(0));
    // They turn out to be two: what the one used was not the other's, whose reward ran out whole.
    till.apply(vec![edited(alias, &merged, &document("Anh"))]).await;
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 1);
    assert_eq!(available(&till, alias).await, 0);
    assert_eq!(available(&till, an).await, -30_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_who_turn_out_to_be_one_get_back_what_ran_out_too_much() {
    let server = Server::start().await;
    let till = server.till(&["KM"]);
    let (an, alias) = (fresh(MemberId::mint), fresh(MemberId::mint));
    till.apply(vec![member_added(an, "An", "KM"), member_added(alias, "Anh", "KM")]).await;
    till.apply(vec![booked(reward(&till, alias, 50_000, 24)), used(&till, an, 30_000, 24)]).await;
    server.pass(DAY);
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 1);
    assert_eq!(available(&till, an).await, -30_000);
    let merged = with(document("Anh"), "merged", json!({ "into": an, "at": server.now() }));
    till.apply(vec![edited(alias, &document("Anh"), &merged)]).await;
    assert_eq!(available(&till, an).await, 0);
    assert_eq!(told(&till.pull(0, 100).await).last().unwrap(), "30000 VND");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_currencies_and_credit_without_a_last_day_are_left_alone() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    let euro = Money::new(500, "EUR".parse().unwrap());
    let account_id = regulars_domain::AccountId::of(an, "default", euro.currency);
    let top_up = till.entry(an, EntryKind::TopUp, 100);
    let in_euro = Entry { amount: euro, account_id, location: "LY".to_owned(), ..reward(&till, an, 1, 24) };
    till.apply(vec![member_added(an, "An", "KM"), booked(top_up), booked(in_euro)]).await;
    server.pass(400 * DAY);
    assert_eq!(server.head_office.expire_lots().await.unwrap(), 1);
    assert_eq!(told(&till.pull(0, 100).await), ["An", "100 VND", "5.00 EUR", "-5.00 EUR"]);
    assert_eq!(available(&till, an).await, 100);
}
