//! A card belongs to one member, whichever till gave it out.

use crate::till::{Server, document, edited, fresh, member_added, with};
use regulars_domain::MemberId;
use regulars_domain::edit::Document;
use regulars_protocol::push::ChangeBody;
use serde_json::json;

fn with_card(name: &str, serial: &str) -> Document {
    with(document(name), "cards", json!({ serial: { "status": "valid", "is_active": true } }))
}

fn given(member: MemberId, name: &str, serial: &str) -> ChangeBody {
    edited(member, &document(name), &with_card(name, serial))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_two_tills_gave_out_belongs_to_the_first_and_the_second_is_told() {
    let server = Server::start().await;
    let (first, second) = (server.till(&[]), server.till(&["KM"]));
    let (an, binh) = (fresh(MemberId::mint), fresh(MemberId::mint));
    first.apply(vec![member_added(an, "An", "KM"), member_added(binh, "Bình", "KM")]).await;
    first.apply(vec![given(an, "An", "8400 1745")]).await;
    // However it is spelled.
    assert_eq!(second.refused(given(binh, "Bình", "8400-1745")).await, "card_taken");
    let newcomer = ChangeBody::MemberAdded {
        member_id: fresh(MemberId::mint),
        document: with_card("Chi", "84001745"),
        location: "KM".to_owned(),
        member_since: crate::till::day(),
        terms: Document::new(),
    };
    assert_eq!(second.refused(newcomer).await, "card_taken");
    assert_eq!(crate::till::told(&second.pull(0, 100).await), ["Bình", "An"]);
    // The same member says it again, spelled otherwise.
    let both = with(document("An"), "cards", json!({ "8400 1745": {}, "8400-1745": {} }));
    first.apply(vec![edited(an, &with_card("An", "8400 1745"), &both)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_was_taken_back_or_whose_member_has_gone_is_free() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let (an, binh, chi) = (fresh(MemberId::mint), fresh(MemberId::mint), fresh(MemberId::mint));
    till.apply(vec![member_added(an, "An", "KM"), member_added(binh, "Bình", "KM"), member_added(chi, "Chi", "KM")])
        .await;
    till.apply(vec![given(an, "An", "A1"), edited(an, &with_card("An", "A1"), &document("An"))]).await;
    till.apply(vec![given(binh, "Bình", "A1")]).await;
    assert_eq!(till.refused(given(chi, "Chi", "A1")).await, "card_taken");
    till.apply(vec![ChangeBody::MemberRemoved {
        member_id: binh,
        reason: "asked for it".to_owned(),
        seen_version: None,
    }])
    .await;
    till.apply(vec![given(chi, "Chi", "A1")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_who_are_one_person_share_their_cards() {
    let server = Server::start().await;
    let till = server.till(&[]);
    let (an, alias, other) = (fresh(MemberId::mint), fresh(MemberId::mint), fresh(MemberId::mint));
    till.apply(vec![member_added(an, "An", "KM"), member_added(alias, "Anh", "KM"), member_added(other, "Chi", "KM")])
        .await;
    let merged = with(with_card("Anh", "A1"), "merged", json!({ "into": an, "at": server.now() }));
    till.apply(vec![given(alias, "Anh", "A1"), edited(alias, &with_card("Anh", "A1"), &merged)]).await;
    till.apply(vec![given(an, "An", "A1")]).await;
    assert_eq!(till.refused(given(other, "Chi", "A1")).await, "card_taken");
    // They turn out to be two after all, and both still show the card: neither is stuck with it.
    till.apply(vec![edited(alias, &merged, &with_card("Anh", "A1"))]).await;
    till.apply(vec![edited(an, &with_card("An", "A1"), &document("An"))]).await;
    assert_eq!(till.refused(given(an, "An", "A1")).await, "card_taken");
}
