//! What holds for a member at one shop, and the labels that they may carry there.

use crate::till::{Server, day, document, fresh, member_added, member_edited, membership_added, with};
use regulars_domain::edit::{Document, Edit};
use regulars_domain::label::Label;
use regulars_domain::{Date, MemberId};
use regulars_protocol::pull::{Membership, PullResponse, PullRow};
use regulars_protocol::push::ChangeBody;
use serde_json::json;

fn terms(value: serde_json::Value) -> Document {
    value.as_object().cloned().expect("an object")
}

fn terms_edited(member_id: MemberId, location: &str, before: &Document, after: &Document) -> ChangeBody {
    ChangeBody::MembershipEdited { member_id, location: location.to_owned(), edit: Edit::between(before, after) }
}

fn joined(member_id: MemberId, location: &str, terms: &Document) -> ChangeBody {
    let (location, terms) = (location.to_owned(), terms.clone());
    ChangeBody::MembershipAdded { member_id, location, member_since: day(), terms }
}

/// Where the last member of a page belongs.
fn memberships(page: &PullResponse) -> Vec<Membership> {
    match page.rows.last() {
        Some(PullRow::Member(member)) => member.memberships.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_holds_at_a_shop_is_told_to_its_tills_and_hidden_from_others() {
    let server = Server::start().await;
    let (all, kim_ma, lyon) = (server.till(&[]), server.till(&["KM"]), server.till(&["LY"]));
    let an = fresh(MemberId::mint);
    let wholesale = terms(json!({ "labels": { "Wholesale": true }, "discount_percent": "5" }));
    all.apply(vec![ChangeBody::MemberAdded {
        member_id: an,
        document: document("An"),
        location: "KM".to_owned(),
        member_since: day(),
        terms: wholesale.clone(),
    }])
    .await;
    all.apply(vec![membership_added(an, "LY")]).await;
    assert_eq!(memberships(&kim_ma.pull(0, 100).await)[0].terms, wholesale);
    assert!(memberships(&lyon.pull(0, 100).await)[0].terms.is_empty());
    let held = with(wholesale.clone(), "hold", json!({ "reason": "two invoices are unpaid" }));
    let seen = kim_ma.pull(0, 100).await.next;
    kim_ma.apply(vec![terms_edited(an, "KM", &wholesale, &held)]).await;
    assert_eq!(memberships(&kim_ma.pull(seen, 100).await)[0].terms, held);
    let pushed = kim_ma.push(&[kim_ma.change(terms_edited(an, "KM", &wholesale, &held))]).await;
    assert_eq!(pushed.results[0].member.as_ref().unwrap().memberships[0].terms, held);
    // The same again, and an edit of the person, leave it as it is, and say nothing new.
    let seen = kim_ma.pull(0, 100).await.next;
    kim_ma.apply(vec![terms_edited(an, "KM", &wholesale, &held)]).await;
    assert!(kim_ma.pull(seen, 100).await.rows.is_empty());
    kim_ma.apply(vec![member_edited(an, "An", "Anh")]).await;
    assert_eq!(memberships(&kim_ma.pull(seen, 100).await)[0].terms, held);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tills_change_different_things_and_a_person_decides_where_both_changed_one() {
    let server = Server::start().await;
    let (first, second) = (server.till(&[]), server.till(&[]));
    let an = fresh(MemberId::mint);
    let before = terms(json!({ "labels": { "Retail": true }, "discount_percent": "5" }));
    first.apply(vec![member_added(an, "An", "KM"), joined(an, "LY", &before)]).await;
    let labelled = with(before.clone(), "labels", json!({ "Retail": true, "VIP": true }));
    first.apply(vec![terms_edited(an, "LY", &before, &labelled)]).await;
    let other_label = with(before.clone(), "labels", json!({ "Retail": true, "Staff": true }));
    second.apply(vec![terms_edited(an, "LY", &before, &other_label)]).await;
    first.apply(vec![terms_edited(an, "LY", &before, &with(before.clone(), "discount_percent", json!("10")))]).await;
    let conflicting = terms_edited(an, "LY", &before, &with(before.clone(), "discount_percent", json!("20")));
    assert_eq!(second.refused(conflicting).await, "discount_percent");
    let page = first.pull(0, 100).await;
    let at_lyon = memberships(&page).into_iter().find(|membership| membership.location == "LY").unwrap();
    let expected = json!({ "labels": { "Retail": true, "VIP": true, "Staff": true }, "discount_percent": "10" });
    assert_eq!(at_lyon.terms, terms(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tills_that_take_one_member_in_at_once_agree_or_ask() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let an = fresh(MemberId::mint);
    let (retail, vip) = (terms(json!({ "labels": { "Retail": true } })), terms(json!({ "discount_percent": "5" })));
    till.apply(vec![member_added(an, "An", "KM"), joined(an, "BA", &retail)]).await;
    // Nothing said, something else said, and the same field said otherwise.
    till.apply(vec![membership_added(an, "BA"), joined(an, "BA", &vip)]).await;
    assert_eq!(till.refused(joined(an, "BA", &terms(json!({ "discount_percent": "6" })))).await, "discount_percent");
    let at_bratislava = memberships(&till.pull(0, 100).await).into_iter().next().unwrap();
    let expected = json!({ "labels": { "Retail": true }, "discount_percent": "5" });
    assert_eq!(at_bratislava.terms, terms(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn terms_that_make_no_sense_or_of_nobody_here_are_rejected() {
    let server = Server::start().await;
    let (all, kim_ma) = (server.till(&[]), server.till(&["KM"]));
    let (an, eva) = (fresh(MemberId::mint), fresh(MemberId::mint));
    all.apply(vec![member_added(an, "An", "KM"), member_added(eva, "Eva", "BA")]).await;
    let (nothing, wrong) = (Document::new(), terms(json!({ "discount_percent": 500 })));
    let five = terms(json!({ "discount_percent": "5" }));
    assert_eq!(all.refused(terms_edited(an, "KM", &nothing, &wrong)).await, "member_invalid");
    assert_eq!(all.refused(joined(an, "BA", &wrong)).await, "member_invalid");
    assert_eq!(all.refused(terms_edited(an, "BA", &nothing, &five)).await, "not_a_member_here");
    assert_eq!(all.refused(terms_edited(fresh(MemberId::mint), "KM", &nothing, &five)).await, "member_unknown");
    assert_eq!(kim_ma.refused(terms_edited(eva, "KM", &nothing, &five)).await, "member_unknown");
    assert_eq!(kim_ma.refused(terms_edited(eva, "BA", &nothing, &five)).await, "location_not_allowed");
}

fn label(name: &str, color: Option<&str>) -> ChangeBody {
    let (name, color) = (name.to_owned(), color.map(str::to_owned));
    ChangeBody::LabelPut { label: Label { name, color, external_id: None } }
}

fn labels(page: &PullResponse) -> Vec<(&str, Option<&str>)> {
    page.labels.iter().map(|label| (label.name.as_str(), label.color.as_deref())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_one_catalogue_for_all_tills() {
    let server = Server::start().await;
    let (kim_ma, lyon) = (server.till(&["KM"]), server.till(&["LY"]));
    kim_ma.apply(vec![label(" VIP ", Some("#855400")), label("Retail", None)]).await;
    let page = lyon.pull(0, 100).await;
    assert_eq!(labels(&page), [("VIP", Some("#855400")), ("Retail", None)]);
    // Said again it is no news; another colour is.
    lyon.apply(vec![label("VIP", Some("#855400"))]).await;
    assert!(kim_ma.pull(page.next, 100).await.labels.is_empty());
    lyon.apply(vec![label("VIP", Some("#24558f"))]).await;
    assert_eq!(labels(&kim_ma.pull(page.next, 100).await), [("VIP", Some("#24558f"))]);
    assert_eq!(labels(&kim_ma.pull(0, 100).await), [("Retail", None), ("VIP", Some("#24558f"))]);
    assert_eq!(kim_ma.refused(label(" ", None)).await, "required");
    assert_eq!(kim_ma.refused(label("VIP", Some("gold"))).await, "color_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_taken_in_at_two_tills_is_a_member_there_since_the_earlier_day() {
    let server = Server::start().await;
    let (first, second) = (server.till(&["KM"]), server.till(&["KM"]));
    let an = fresh(MemberId::mint);
    let since = |day: u32| Date::new(2026, 11, day).unwrap();
    let joins = |day: u32| {
        let (location, terms) = ("KM".to_owned(), Document::new());
        ChangeBody::MembershipAdded { member_id: an, location, member_since: since(day), terms }
    };
    first.apply(vec![member_added(an, "An", "KM")]).await;
    for (till, joined, shown) in [(&second, 3, 3), (&first, 9, 3), (&second, 2, 2)] {
        till.apply(vec![joins(joined)]).await;
        assert_eq!(memberships(&first.pull(0, 100).await)[0].member_since, since(shown));
    }
}
