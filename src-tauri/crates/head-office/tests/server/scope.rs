//! A token that is limited to shops sees and does what belongs to them, and nothing else.

use crate::till::{Server, Till, fresh, member_added, member_edited, membership_added, read, refused, told};
use regulars_domain::MemberId;
use regulars_domain::ledger::EntryKind;
use regulars_protocol::Hello;
use regulars_protocol::pull::{PullResponse, PullRow};
use regulars_protocol::push::{ChangeBody, Entry};
use reqwest::{Method, StatusCode};

fn shops(page: &PullResponse) -> Vec<Vec<&str>> {
    let members = page.rows.iter().filter_map(|row| match row {
        PullRow::Member(member) => Some(member),
        PullRow::Entry(_) | PullRow::Visit(_) => None,
    });
    members.map(|member| member.memberships.iter().map(|membership| membership.location.as_str()).collect()).collect()
}

fn euro_entry(till: &Till, member: MemberId, location: &str) -> Entry {
    let amount = regulars_domain::Money::new(-50, "EUR".parse().unwrap());
    let account_id = regulars_domain::AccountId::of(member, "default", amount.currency);
    let location = location.to_owned();
    Entry { amount, account_id, location, ..till.entry(member, EntryKind::Redeem, -1) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_one_shop_sees_neither_members_nor_entries_nor_memberships_of_another() {
    let server = Server::start().await;
    let (all, kim_ma) = (server.till(&[]), server.till(&["KM"]));
    let (an, eva, both) = (fresh(MemberId::mint), fresh(MemberId::mint), fresh(MemberId::mint));
    all.apply(vec![
        member_added(an, "An", "KM"),
        member_added(eva, "Eva", "BA"),
        member_added(both, "Chi", "KM"),
        membership_added(both, "BA"),
        ChangeBody::EntryAdded { entry: euro_entry(&all, eva, "BA") },
    ])
    .await;
    let page = kim_ma.pull(0, 100).await;
    assert_eq!(told(&page), ["An", "Chi"]);
    assert_eq!(shops(&page), [["KM"], ["KM"]]);
    let codes: Vec<_> = page.locations.iter().map(|location| location.code.as_str()).collect();
    assert_eq!(codes, ["KM"]);
    let page = all.pull(0, 100).await;
    assert_eq!(told(&page), ["An", "Eva", "Chi", "-0.50 EUR"]);
    assert_eq!(shops(&page), [vec!["KM"], vec!["BA"], vec!["BA", "KM"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_two_shops_sees_each_row_once_in_order() {
    let server = Server::start().await;
    let (all, two) = (server.till(&[]), server.till(&["KM", "BA"]));
    let ids: Vec<MemberId> = (0..30).map(|_| fresh(MemberId::mint)).collect();
    for (number, id) in ids.iter().enumerate() {
        let shop = ["KM", "BA", "LY"][number % 3];
        all.apply(vec![member_added(*id, &format!("Member {number}"), shop)]).await;
        if number % 6 == 0 {
            all.apply(vec![membership_added(*id, "BA")]).await;
        }
    }
    let expected: Vec<String> =
        (0..30).filter(|number| number % 3 != 2).map(|number| format!("Member {number}")).collect();
    let (mut after, mut seen) = (0, Vec::new());
    loop {
        let page = two.pull(after, 3).await;
        seen.extend(told(&page));
        after = page.next;
        if page.left == 0 {
            break;
        }
    }
    assert_eq!(seen, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_told_to_the_members_shops_and_to_the_one_where_it_happened() {
    let server = Server::start().await;
    let (all, bratislava, lyon) = (server.till(&[]), server.till(&["BA"]), server.till(&["LY"]));
    let eva = fresh(MemberId::mint);
    let entry = ChangeBody::EntryAdded { entry: euro_entry(&all, eva, "LY") };
    all.apply(vec![member_added(eva, "Eva", "BA"), entry]).await;
    assert_eq!(told(&bratislava.pull(0, 100).await), ["Eva", "-0.50 EUR"]);
    assert_eq!(told(&lyon.pull(0, 100).await), ["-0.50 EUR"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_a_member_joins_is_told_of_the_member_and_of_what_happened_before() {
    let server = Server::start().await;
    let (all, lyon) = (server.till(&[]), server.till(&["LY"]));
    let (eva, later) = (fresh(MemberId::mint), fresh(MemberId::mint));
    let entry = ChangeBody::EntryAdded { entry: euro_entry(&all, eva, "BA") };
    all.apply(vec![member_added(eva, "Eva", "BA"), entry, member_added(later, "Léa", "LY")]).await;
    let seen = lyon.pull(0, 100).await;
    assert_eq!(told(&seen), ["Léa"]);
    all.apply(vec![membership_added(eva, "LY")]).await;
    let joined = lyon.pull(seen.next, 100).await;
    assert_eq!(told(&joined), ["Eva", "-0.50 EUR"]);
    assert_eq!(shops(&joined), [["LY"]]);
    all.apply(vec![member_edited(eva, "Eva", "Eva Nová")]).await;
    let edited = lyon.pull(joined.next, 100).await;
    assert_eq!(told(&edited), ["Eva Nová"]);
    assert_eq!(shops(&edited), [["LY"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_one_shop_can_change_nothing_of_another() {
    let server = Server::start().await;
    let (all, kim_ma) = (server.till(&[]), server.till(&["KM"]));
    let eva = fresh(MemberId::mint);
    all.apply(vec![member_added(eva, "Eva", "BA")]).await;
    let entry = euro_entry(&kim_ma, eva, "BA");
    let table = [
        ("location_not_allowed", member_added(fresh(MemberId::mint), "Ivan", "BA")),
        ("location_not_allowed", membership_added(eva, "BA")),
        ("location_not_allowed", ChangeBody::EntryAdded { entry }),
        ("member_unknown", member_edited(eva, "Eva", "Ivan")),
    ];
    for (expected, body) in table {
        let response = kim_ma.push(&[kim_ma.change(body)]).await;
        assert_eq!(response.results[0].problem.as_ref().unwrap().code, expected);
        assert!(response.results[0].member.is_none());
    }
    let question = kim_ma.question(eva, 1);
    refused(kim_ma.send_question(&question).await, StatusCode::NOT_FOUND, "not_found").await;
    let elsewhere = regulars_protocol::authorise::AuthoriseRequest { location: "BA".to_owned(), ..question };
    refused(kim_ma.send_question(&elsewhere).await, StatusCode::FORBIDDEN, "not_allowed").await;
    assert_eq!(told(&all.pull(0, 100).await), ["Eva"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn hello_says_what_a_token_may_do() {
    let server = Server::start().await;
    let (all, kim_ma) = (server.till(&[]), server.till(&["KM", "BA"]));
    let both = fresh(MemberId::mint);
    all.apply(vec![
        member_added(both, "An", "KM"),
        membership_added(both, "BA"),
        member_added(fresh(MemberId::mint), "Léa", "LY"),
    ])
    .await;
    let hello: Hello = read(all.request(Method::GET, "/v1/hello").send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(hello, Hello { locations: None, members: 2 });
    let hello: Hello = read(kim_ma.request(Method::GET, "/v1/hello").send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(hello, Hello { locations: Some(vec!["BA".to_owned(), "KM".to_owned()]), members: 1 });
}
