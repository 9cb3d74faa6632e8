//! A member is deleted once nothing is owed, and what is left of them is that they were there.

use crate::till::{Server, day, document, fresh, member_added, membership_added, told, with};
use regulars_domain::edit::Document;
use regulars_domain::ledger::{EntryKind, LotClass};
use regulars_domain::{Date, MemberId};
use regulars_protocol::pull::PullRow;
use regulars_protocol::push::{ChangeBody, Entry};
use serde_json::json;
use std::time::Duration;

fn removed(member_id: MemberId) -> ChangeBody {
    ChangeBody::MemberRemoved { member_id, reason: "asked for it".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_member_is_a_tombstone_in_every_shop_and_nothing_is_known_of_them() {
    let server = Server::start().await;
    let (all, kim_ma, lyon) = (server.till(&[]), server.till(&["KM"]), server.till(&["LY"]));
    let an = fresh(MemberId::mint);
    let terms = json!({ "hold": { "reason": "a secret" } }).as_object().cloned().unwrap();
    let member = ChangeBody::MemberAdded {
        member_id: an,
        document: with(document("An"), "note", json!("another secret")),
        location: "KM".to_owned(),
        member_since: day(),
        terms,
    };
    all.apply(vec![member, membership_added(an, "LY")]).await;
    let seen = lyon.pull(0, 100).await.next;
    kim_ma.apply(vec![removed(an)]).await;
    for till in [&kim_ma, &lyon] {
        let page = till.pull(seen, 100).await;
        assert_eq!(told(&page), ["gone"]);
        let PullRow::Member(member) = &page.rows[0] else { panic!("{page:?}") };
        assert_eq!((member.document.get(), &member.memberships[0].terms), ("{}", &Document::new()));
    }
    // The same again is fine; anything else comes too late.
    let seen = lyon.pull(0, 100).await.next;
    all.apply(vec![removed(an)]).await;
    assert!(lyon.pull(seen, 100).await.rows.is_empty());
    let edit = regulars_domain::edit::Edit::default();
    let body = ChangeBody::MembershipEdited { member_id: an, location: "LY".to_owned(), edit };
    assert_eq!(all.refused(body).await, "member_deleted");
    assert_eq!(all.refused(membership_added(an, "BA")).await, "member_deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_with_credit_or_a_debt_is_not_deleted_before_it_is_settled() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let (an, binh) = (fresh(MemberId::mint), fresh(MemberId::mint));
    till.apply(vec![member_added(an, "An", "KM"), member_added(binh, "Bình", "KM")]).await;
    let moved = |member, kind, minor| ChangeBody::EntryAdded { entry: till.entry(member, kind, minor) };
    till.apply(vec![moved(an, EntryKind::TopUp, 100), moved(binh, EntryKind::Redeem, -5)]).await;
    for member in [an, binh] {
        assert_eq!(till.refused(removed(member)).await, "balance_not_settled");
    }
    till.apply(vec![moved(an, EntryKind::CashOut, -100), moved(binh, EntryKind::TopUp, 5)]).await;
    till.apply(vec![removed(an), removed(binh)]).await;
    // Money that another till moved meanwhile is booked all the same.
    till.apply(vec![moved(an, EntryKind::Redeem, -1)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_that_ran_out_does_not_keep_a_member() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    let reward = till.entry(an, EntryKind::Earn, 500);
    let reward = Entry { lot_class: LotClass::Reward, expires_on: Date::new(2026, 11, 24), ..reward };
    till.apply(vec![member_added(an, "An", "KM"), ChangeBody::EntryAdded { entry: reward }]).await;
    assert_eq!(till.refused(removed(an)).await, "balance_not_settled");
    server.pass(Duration::from_secs(24 * 3600));
    till.apply(vec![removed(an)]).await;
    assert_eq!(told(&till.pull(0, 100).await), ["500 VND", "-500 VND", "gone"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_needs_a_reason_and_a_member_that_the_till_may_see() {
    let server = Server::start().await;
    let (all, kim_ma) = (server.till(&[]), server.till(&["KM"]));
    let eva = fresh(MemberId::mint);
    all.apply(vec![member_added(eva, "Eva", "BA")]).await;
    assert_eq!(kim_ma.refused(removed(eva)).await, "member_unknown");
    let body = ChangeBody::MemberRemoved { member_id: eva, reason: " ".to_owned() };
    assert_eq!(all.refused(body).await, "required");
    assert_eq!(told(&all.pull(0, 100).await), ["Eva"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_came_in_as_two_members_is_settled_as_one() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let (an, alias) = (fresh(MemberId::mint), fresh(MemberId::mint));
    till.apply(vec![member_added(an, "An", "KM"), member_added(alias, "Anh", "KM")]).await;
    let merged = with(document("Anh"), "merged", json!({ "into": an, "at": server.now() }));
    let moved = |member, kind, minor| ChangeBody::EntryAdded { entry: till.entry(member, kind, minor) };
    till.apply(vec![crate::till::edited(alias, &document("Anh"), &merged)]).await;
    till.apply(vec![moved(alias, EntryKind::TopUp, 100)]).await;
    for member in [an, alias] {
        assert_eq!(till.refused(removed(member)).await, "balance_not_settled");
    }
    // Paid out of the person's own account, which had nothing: together there is nothing left.
    till.apply(vec![moved(an, EntryKind::CashOut, -100)]).await;
    till.apply(vec![removed(alias), removed(an)]).await;
}
