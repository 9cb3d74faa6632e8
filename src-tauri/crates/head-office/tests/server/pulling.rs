//! Pages come in order of commit; nothing is skipped, and a till that was away for too long is told so.

use crate::till::{MORNING, Server, fresh, member_added, member_edited, name_in, refused, told, version_of};
use regulars_domain::ledger::EntryKind;
use regulars_domain::{MemberId, Timestamp};
use regulars_head_office::storage::{Entity, FeedRow, FieldTimes, StoredMember};
use regulars_protocol::pull::{PullResponse, PullRow};
use regulars_protocol::push::ChangeBody;
use reqwest::StatusCode;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[tokio::test(flavor = "multi_thread")]
async fn pages_come_in_order_and_say_how_much_is_left() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let names: Vec<String> = (0..25).map(|number| format!("Member {number}")).collect();
    till.apply(names.iter().map(|name| member_added(fresh(MemberId::mint), name, "KM")).collect()).await;
    let (mut after, mut seen, mut left) = (0, Vec::new(), Vec::new());
    loop {
        let page = till.pull(after, 10).await;
        seen.extend(told(&page));
        left.push(page.left);
        after = page.next;
        if page.left == 0 {
            break;
        }
    }
    assert_eq!(seen, names);
    assert_eq!(left, [15, 5, 0]);
    assert!(till.pull(after, 10).await.rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_ends_exactly_at_the_last_row_says_that_nothing_is_left() {
    let server = Server::start().await;
    let till = server.till(&[]);
    till.apply((0..10).map(|_| member_added(fresh(MemberId::mint), "An", "KM")).collect()).await;
    let page = till.pull(0, 10).await;
    assert_eq!((page.rows.len(), page.left), (10, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_is_right_over_thousands_of_rows_that_move() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let members: Vec<MemberId> = (0..2_400).map(|_| fresh(MemberId::mint)).collect();
    for some in members.chunks(200) {
        till.apply(some.iter().map(|id| member_added(*id, "An", "KM")).collect()).await;
    }
    let moved: Vec<_> = members.iter().step_by(3).map(|id| member_edited(*id, "An", "Anh")).collect();
    for some in moved.chunks(200) {
        till.apply(some.to_vec()).await;
    }
    let (mut after, mut left) = (0, 2_400);
    while left > 0 {
        let page = till.pull(after, 700).await;
        left -= i64::try_from(page.rows.len()).unwrap();
        assert_eq!(page.left, left);
        after = page.next;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_changed_again_comes_once_at_its_newest_version() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let (an, binh) = (fresh(MemberId::mint), fresh(MemberId::mint));
    till.apply(vec![member_added(an, "An", "KM"), member_added(binh, "Bình", "KM")]).await;
    till.apply(vec![member_edited(an, "An", "An Nguyễn")]).await;
    assert_eq!(told(&till.pull(0, 100).await), ["Bình", "An Nguyễn"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_member_comes_as_a_tombstone_and_is_not_filled_again() {
    let server = Server::start().await;
    let till = server.till(&["KM"]);
    let an = fresh(MemberId::mint);
    till.apply(vec![member_added(an, "An", "KM")]).await;
    let seen = till.pull(0, 100).await.next;
    server.write(|rows| {
        let version = rows.next_version()?;
        rows.put_member(
            an,
            &StoredMember {
                document: "{}".to_owned(),
                version,
                is_deleted: true,
                is_erased: false,
                merged_into: None,
                changed: FieldTimes::default(),
            },
            Timestamp::from_millis(MORNING),
        )?;
        rows.publish(&["KM".to_owned()], FeedRow { version, entity: Entity::Member(an) })
    });
    let page = till.pull(seen, 100).await;
    assert_eq!(told(&page), ["gone"]);
    for body in [member_added(an, "An", "KM"), member_edited(an, "An", "Anh")] {
        let response = till.push(&[till.change(body)]).await;
        let result = &response.results[0];
        assert_eq!(result.problem.as_ref().unwrap().code, "member_deleted");
        assert!(result.member.as_ref().unwrap().is_deleted);
    }
    let hello: regulars_protocol::Hello =
        till.request(reqwest::Method::GET, "/v1/hello").send().await.unwrap().json().await.unwrap();
    assert_eq!(hello.members, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_that_was_away_longer_than_tombstones_are_kept_begins_anew() {
    let server = Server::start().await;
    let till = server.till(&[]);
    till.apply((0..5).map(|_| member_added(fresh(MemberId::mint), "An", "KM")).collect()).await;
    let page = till.pull(0, 2).await;
    let newest = till.pull(0, 100).await.next;
    let file = rusqlite::Connection::open(server.path()).unwrap();
    file.execute("UPDATE head_office SET oldest_tombstone = ?1", [newest]).unwrap();
    let old = till.send_pull(Some(&page.epoch), page.next, 2).await;
    refused(old, StatusCode::GONE, "cursor_too_old").await;
    // A first pull names no epoch yet: what it has not seen, it cannot miss.
    assert_eq!(till.pull(page.next, 100).await.rows.len(), 3);
    let current = till.send_pull(Some(&page.epoch), newest, 2).await;
    assert_eq!(current.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_shops_cursor_does_not_grow_old() {
    let server = Server::start().await;
    let (quiet, busy) = (server.till(&["LY"]), server.till(&["KM"]));
    let before = quiet.pull(0, 100).await.next;
    busy.apply((0..5).map(|_| member_added(fresh(MemberId::mint), "An", "KM")).collect()).await;
    let page = quiet.pull(before, 100).await;
    assert!(page.rows.is_empty());
    assert_eq!(page.next, busy.pull(0, 100).await.next);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_another_life_of_the_database_is_refused() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let page = till.pull(0, 10).await;
    assert_eq!(till.send_pull(Some(&page.epoch), page.next, 10).await.status(), StatusCode::OK);
    let other = till.send_pull(Some("another life"), page.next, 10).await;
    refused(other, StatusCode::GONE, "epoch_changed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_from_the_future_tells_that_the_database_went_back() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let page = till.pull(0, 10).await;
    let ahead = till.send_pull(Some(&page.epoch), page.next + 1, 10).await;
    refused(ahead, StatusCode::GONE, "epoch_changed").await;
}

/// The rows that a till holds after pulling: by id, with version and text.
#[derive(Default)]
struct Copy {
    rows: BTreeMap<String, (i64, String)>,
    after: i64,
}

impl Copy {
    fn take(&mut self, page: &PullResponse) {
        for row in &page.rows {
            let version = version_of(row);
            assert!(version > self.after, "{version} comes after {}", self.after);
            self.after = version;
            let (id, text) = match row {
                PullRow::Member(member) => (member.id.to_string(), name_in(member.document.get())),
                PullRow::Entry(entry) => (entry.entry.id.to_string(), entry.entry.amount.to_string()),
                PullRow::Visit(row) => (row.visit.visit.id.to_string(), row.visit.visit.bill.to_string()),
            };
            self.rows.insert(id, (version, text));
        }
        assert!(page.next >= self.after);
        self.after = page.next;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_skipped_while_several_tills_push() {
    let server = Arc::new(Server::start().await);
    let is_done = Arc::new(AtomicBool::new(false));
    let reader = server.till(&[]);
    let pulling = tokio::spawn({
        let is_done = Arc::clone(&is_done);
        async move {
            let mut copy = Copy::default();
            loop {
                let was_done = is_done.load(Ordering::SeqCst);
                let page = reader.pull(copy.after, 7).await;
                copy.take(&page);
                if was_done && page.left == 0 {
                    return (copy, reader);
                }
            }
        }
    });
    let pushing: Vec<_> = (0..4)
        .map(|number| {
            let till = server.till(&[["KM", "BA"][number % 2]]);
            tokio::spawn(async move { push_for_a_while(&till, ["KM", "BA"][number % 2]).await })
        })
        .collect();
    for till in pushing {
        till.await.unwrap();
    }
    is_done.store(true, Ordering::SeqCst);
    let (copy, reader) = pulling.await.unwrap();
    let mut whole = Copy::default();
    loop {
        let page = reader.pull(whole.after, 1_000).await;
        whole.take(&page);
        if page.left == 0 {
            break;
        }
    }
    assert_eq!(copy.rows, whole.rows);
    assert_eq!(copy.rows.len(), 4 * 30 + 2 * 30);
}

async fn push_for_a_while(till: &crate::till::Till, shop: &str) {
    let mut last: Option<MemberId> = None;
    for _ in 0..30 {
        let id = fresh(MemberId::mint);
        let mut bodies = vec![member_added(id, "An", shop)];
        bodies.extend(last.map(|last| member_edited(last, "An", "Anh")));
        if shop == "KM" {
            bodies.push(ChangeBody::EntryAdded { entry: till.entry(id, EntryKind::TopUp, 1_000) });
        }
        till.apply(bodies).await;
        last = Some(id);
    }
}
