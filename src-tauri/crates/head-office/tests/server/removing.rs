//! A member is deleted once nothing is owed, and what is left of them is that they were there.

use crate::till::{Server, day, document, edited, fresh, member_added, membership_added, told, version_of, with};
use regulars_domain::edit::{Document, Edit};
use regulars_domain::ledger::{EntryKind, LotClass};
use regulars_domain::{Date, MemberId};
use regulars_protocol::pull::PullRow;
use regulars_protocol::push::{ChangeBody, Entry, Outcome};
use serde_json::json;
use std::time::Duration;

fn removed(member_id: MemberId) -> ChangeBody {
    ChangeBody::MemberRemoved { member_id, reason: "asked for it".to_owned(), seen_version: None }
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
    // The same again is fine, and so is a change that changes nothing; the same person again comes too late.
    let seen = lyon.pull(0, 100).await.next;
    all.apply(vec![removed(an)]).await;
    let edit = regulars_domain::edit::Edit::default();
    all.apply(vec![ChangeBody::MembershipEdited { member_id: an, location: "LY".to_owned(), edit }]).await;
    assert!(lyon.pull(seen, 100).await.rows.is_empty());
    assert_eq!(all.refused(member_added(an, "An", "KM")).await, "member_deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_deletion_had_not_seen_brings_the_member_back_as_they_were() {
    let server = Server::start().await;
    let (first, second) = (server.till(&[]), server.till(&[]));
    let before = with(document("An"), "note", json!("nuts"));
    let (terms, card) = (with(Document::new(), "discount_percent", json!("5")), json!({ "cards": { "8400": {} } }));
    let before = with(before, "cards", card["cards"].clone());
    for number in 0..4 {
        let an = fresh(MemberId::mint);
        let body = ChangeBody::MemberAdded {
            member_id: an,
            document: if number == 0 { before.clone() } else { with(document("An"), "note", json!("nuts")) },
            location: "KM".to_owned(),
            member_since: day(),
            terms: terms.clone(),
        };
        first.apply(vec![body, removed(an)]).await;
        let known = if number == 0 { before.clone() } else { with(document("An"), "note", json!("nuts")) };
        let late = match number {
            0 => edited(an, &known, &with(known.clone(), "email", json!("an@example.com"))),
            1 => ChangeBody::MembershipEdited {
                member_id: an,
                location: "KM".to_owned(),
                edit: Edit::between(&terms, &with(terms.clone(), "earn_percent", json!("1"))),
            },
            2 => membership_added(an, "BA"),
            _ => ChangeBody::EntryAdded { entry: second.entry(an, EntryKind::TopUp, 100) },
        };
        let change = second.change(late);
        let response = second.push(std::slice::from_ref(&change)).await;
        assert_eq!(response.results[0].outcome, Outcome::Applied, "{number}");
        let page = second.pull(0, 1000).await;
        let PullRow::Member(member) = page.rows.iter().rev().find(|row| matches!(row, PullRow::Member(_))).unwrap()
        else {
            panic!("{page:?}")
        };
        assert_eq!((member.id, member.is_deleted), (an, false), "{number}");
        assert!(member.document.get().contains("nuts"), "{number}");
        assert_eq!(member.memberships.last().unwrap().terms["discount_percent"], "5", "{number}");
        if number == 3 {
            continue;
        }
        // Deleted anew by somebody who saw it: the late change once more, to the letter, brings nobody back.
        first.apply(vec![removed(an)]).await;
        let again = second.push(&[change]).await;
        assert_eq!(again.results[0].outcome, Outcome::Duplicate);
        assert!(again.results[0].member.as_ref().unwrap().is_deleted, "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_gives_way_to_what_another_till_did_after_the_version_that_it_saw() {
    let server = Server::start().await;
    let (first, second) = (server.till(&[]), server.till(&[]));
    let an = fresh(MemberId::mint);
    first.apply(vec![member_added(an, "An", "KM")]).await;
    let seen = version_of(&first.pull(0, 10).await.rows[0]);
    second.apply(vec![edited(an, &document("An"), &with(document("An"), "note", json!("nuts")))]).await;
    let own = with(with(document("An"), "note", json!("nuts")), "email", json!("an@example.com"));
    first.apply(vec![edited(an, &with(document("An"), "note", json!("nuts")), &own)]).await;
    let saw = |version| ChangeBody::MemberRemoved {
        member_id: an,
        reason: "asked for it".to_owned(),
        seen_version: Some(version),
    };
    let refused = first.push(&[first.change(saw(seen))]).await;
    assert_eq!((refused.results[0].outcome, refused.results[0].fields.len()), (Outcome::Conflict, 0));
    // One's own edit after the version that was seen is no reason; the other's was seen this time.
    let page = first.pull(seen, 10).await;
    first.apply(vec![saw(version_of(page.rows.last().unwrap()) - 1)]).await;
    assert_eq!(told(&first.pull(0, 10).await), ["gone"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_is_nowhere_and_nothing_brings_them_back() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    let erased = || ChangeBody::MemberErased { member_id: an, reason: "asked for it".to_owned() };
    till.apply(vec![member_added(an, "An", "KM")]).await;
    till.apply(vec![ChangeBody::EntryAdded { entry: till.entry(an, EntryKind::TopUp, 100) }]).await;
    assert_eq!(till.refused(erased()).await, "balance_not_settled");
    till.apply(vec![ChangeBody::EntryAdded { entry: till.entry(an, EntryKind::CashOut, -100) }]).await;
    // Also one who was deleted before: what was kept of them goes too.
    till.apply(vec![removed(an), erased(), erased()]).await;
    let late = edited(an, &document("An"), &with(document("An"), "note", json!("nuts")));
    assert_eq!(till.refused(late).await, "member_erased");
    assert_eq!(till.refused(membership_added(an, "BA")).await, "member_erased");
    till.apply(vec![ChangeBody::EntryAdded { entry: till.entry(an, EntryKind::TopUp, 7) }]).await;
    let page = till.pull(0, 10).await;
    assert_eq!(told(&page), ["100 VND", "-100 VND", "gone", "7 VND"]);
    let PullRow::Member(member) = &page.rows[2] else { panic!("{page:?}") };
    assert!(member.is_erased && member.document.get() == "{}");
}

/// The words of a correction may name whom it is about, or why.
#[tokio::test(flavor = "multi_thread")]
async fn why_credit_of_an_erased_person_was_corrected_is_forgotten() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    let corrected = |minor| ChangeBody::EntryAdded {
        entry: Entry { reason: Some("An was ill".to_owned()), ..till.entry(an, EntryKind::Adjust, minor) },
    };
    let (more, less) = (corrected(5), corrected(-5));
    till.apply(vec![member_added(an, "An", "KM"), more.clone(), less]).await;
    till.apply(vec![ChangeBody::MemberErased { member_id: an, reason: "asked for it".to_owned() }]).await;
    // Also what comes late; and what is told again is still the same entry.
    till.apply(vec![more, corrected(5), corrected(-5)]).await;
    let reasons: Vec<_> = till
        .pull(0, 10)
        .await
        .rows
        .into_iter()
        .filter_map(|row| match row {
            PullRow::Entry(item) => item.entry.reason,
            _ => None,
        })
        .collect();
    assert_eq!(reasons, ["erased"; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_a_deleted_member_is_forgotten_after_half_a_year() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    till.apply(vec![member_added(an, "An", "KM"), removed(an)]).await;
    let is_kept = || {
        let mut kept = false;
        server.write(|rows| {
            kept = rows.find_removed(an)?.is_some();
            Ok(())
        });
        kept
    };
    server.head_office.expire_lots().await.unwrap();
    assert!(is_kept());
    server.pass(Duration::from_secs(181 * 24 * 3600));
    server.head_office.expire_lots().await.unwrap();
    assert!(!is_kept());
    let late = edited(an, &document("An"), &with(document("An"), "note", json!("nuts")));
    assert_eq!(till.refused(late).await, "member_deleted");
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
    let body = ChangeBody::MemberRemoved { member_id: eva, reason: " ".to_owned(), seen_version: None };
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

#[tokio::test(flavor = "multi_thread")]
async fn of_a_person_with_several_rows_all_go_or_none() {
    let server = Server::start().await;
    let (first, second) = (server.till(&[]), server.till(&[]));
    let (an, anh) = (fresh(MemberId::mint), fresh(MemberId::mint));
    first.apply(vec![member_added(an, "An", "KM"), member_added(anh, "Anh", "KM")]).await;
    let seen = version_of(first.pull(0, 10).await.rows.iter().find(|row| is_about(row, an)).unwrap());
    let merged = with(document("Anh"), "merged", json!({ "into": an, "at": server.now() }));
    second.apply(vec![edited(anh, &document("Anh"), &merged)]).await;
    // The first till has not heard that there is another row: what it deletes stays, with both.
    let deletion = |version| ChangeBody::MemberRemoved {
        member_id: an,
        reason: "asked for it".to_owned(),
        seen_version: Some(version),
    };
    let refused = first.push(&[first.change(deletion(seen))]).await;
    assert_eq!(refused.results[0].outcome, Outcome::Conflict);
    assert!(are_there(&first, &[an, anh]).await);
    // Then it has, and what it books afterwards for either brings both back.
    first.apply(vec![removed(an)]).await;
    assert!(!are_there(&first, &[an]).await && !are_there(&first, &[anh]).await);
    second.apply(vec![ChangeBody::EntryAdded { entry: second.entry(an, EntryKind::TopUp, 7) }]).await;
    assert!(are_there(&first, &[an, anh]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_taken_apart_from_somebody_deleted_leaves_nothing_owed_to_nobody() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let (an, anh) = (fresh(MemberId::mint), fresh(MemberId::mint));
    till.apply(vec![member_added(an, "An", "KM"), member_added(anh, "Anh", "KM")]).await;
    let merged = with(document("Anh"), "merged", json!({ "into": an, "at": server.now() }));
    till.apply(vec![edited(anh, &document("Anh"), &merged)]).await;
    let moved = |member, kind, minor| ChangeBody::EntryAdded { entry: till.entry(member, kind, minor) };
    till.apply(vec![moved(an, EntryKind::TopUp, 100), moved(anh, EntryKind::CashOut, -100)]).await;
    till.apply(vec![removed(an)]).await;
    till.apply(vec![edited(anh, &merged, &document("Anh"))]).await;
    assert!(are_there(&till, &[an, anh]).await, "100 are owed to one of them");
}

/// An erasure takes every row of a person, also where three of them are settled only together, and one that its till has
/// not heard of; and where they were merged in a circle.
#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_is_erased_with_all_rows() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let erased = |member_id| ChangeBody::MemberErased { member_id, reason: "asked for it".to_owned() };
    for is_circle in [false, true] {
        let ids = [fresh(MemberId::mint), fresh(MemberId::mint), fresh(MemberId::mint)];
        for (id, minor) in ids.iter().zip([3, 7, -10]) {
            let kind = if minor > 0 { EntryKind::TopUp } else { EntryKind::CashOut };
            let entry = till.entry(*id, kind, minor);
            till.apply(vec![member_added(*id, "An", "KM"), ChangeBody::EntryAdded { entry }]).await;
        }
        let merge = |alias, into: MemberId| {
            let merged = with(document("An"), "merged", json!({ "into": into, "at": "2026-11-24T08:00:00Z" }));
            edited(alias, &document("An"), &merged)
        };
        till.apply(vec![merge(ids[1], ids[0]), merge(ids[2], ids[1])]).await;
        if is_circle {
            till.apply(vec![merge(ids[0], ids[2])]).await;
        } else {
            assert_eq!(till.refused(erased(ids[1])).await, "merged_there");
        }
        till.apply(vec![erased(ids[0])]).await;
        for row in till.pull(0, 1000).await.rows.iter().filter(|row| ids.iter().any(|id| is_about(row, *id))) {
            let PullRow::Member(member) = row else { continue };
            assert!(member.is_erased && member.document.get() == "{}", "{is_circle}: {member:?}");
        }
        till.apply(vec![erased(ids[1]), erased(ids[2])]).await;
    }
}

/// What an older copy of the database had of somebody is kept for as long as they are not erased.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_kept_of_an_erased_person_from_the_life_before() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    till.apply(vec![member_added(an, "An", "KM")]).await;
    server.write(|rows| regulars_head_office::lives::begin(rows, server.now()));
    let till = server.till(&[]);
    till.apply(vec![ChangeBody::MemberErased { member_id: an, reason: "asked for it".to_owned() }]).await;
    server.write(|rows| {
        let before = rows.find_before(an)?.expect("they are known of before");
        assert!(before.document.is_empty() && before.memberships.is_empty());
        Ok(())
    });
}

fn is_about(row: &PullRow, id: MemberId) -> bool {
    matches!(row, PullRow::Member(member) if member.id == id)
}

/// Whether all of them are there as a till pulls them.
async fn are_there(till: &crate::till::Till, ids: &[MemberId]) -> bool {
    let page = till.pull(0, 1000).await;
    let stands = |id: &MemberId| {
        page.rows.iter().any(|row| matches!(row, PullRow::Member(member) if member.id == *id && !member.is_deleted))
    };
    ids.iter().all(stands)
}
