//! Comparing what a till has with what head office has of a shop.

use crate::till::{Server, fresh, member_added, membership_added, read, refused};
use regulars_domain::MemberId;
use regulars_domain::checksum::{Buckets, Standing, bucket_of};
use regulars_domain::ledger::EntryKind;
use regulars_protocol::checksums::{BucketResponse, ChecksumsResponse};
use regulars_protocol::pull::{PullResponse, PullRow};
use regulars_protocol::push::ChangeBody;
use reqwest::{Method, StatusCode};

/// The sums over a whole pull of a till of one shop.
fn sums(page: &PullResponse, shop: &str) -> Buckets {
    let mut sums = Buckets::default();
    for row in &page.rows {
        match row {
            PullRow::Member(item) if item.is_deleted => {}
            PullRow::Member(item) => {
                let membership = item.memberships.iter().find(|membership| membership.location == shop).expect("there");
                let terms = serde_json::to_string(&membership.terms).expect("JSON");
                sums.add_member(Standing {
                    id: item.id,
                    version: item.version,
                    document: item.document.get(),
                    member_since: membership.member_since,
                    terms: &terms,
                });
            }
            PullRow::Entry(item) => sums.add_entry(item.entry.member_id, item.entry.id, item.entry.amount.minor),
            PullRow::Visit(item) => sums.add_visit(item.visit.visit.member_id, item.visit.visit.id),
        }
    }
    sums
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sums_of_a_shop_are_those_of_a_whole_pull_and_a_part_is_its_rows() {
    let server = Server::start().await;
    let (all, kim_ma) = (server.till(&[]), server.till(&["KM"]));
    let ids: Vec<MemberId> = (0..30).map(|_| fresh(MemberId::mint)).collect();
    let stranger = fresh(MemberId::mint);
    let mut changes: Vec<ChangeBody> =
        ids.iter().enumerate().map(|(number, id)| member_added(*id, &format!("Member {number}"), "KM")).collect();
    changes.push(member_added(stranger, "Eva", "BA"));
    changes.push(membership_added(ids[4], "BA"));
    changes.extend(ids.iter().map(|id| ChangeBody::EntryAdded { entry: all.entry(*id, EntryKind::Redeem, -70) }));
    all.apply(changes).await;
    let page = kim_ma.pull(0, 1_000).await;
    let asked = kim_ma.request(Method::GET, "/v1/checksums?location=KM").send().await.unwrap();
    let answer: ChecksumsResponse = read(asked, StatusCode::OK).await;
    assert_eq!(answer.sums().unwrap().differing(&sums(&page, "KM")), Vec::<u8>::new());
    assert_eq!(answer.version, page.next);
    assert_eq!(answer.changed, page.rows.iter().map(version).max().unwrap());
    let part = bucket_of(ids[4]);
    let asked = kim_ma.request(Method::GET, &format!("/v1/bucket?location=KM&bucket={part}")).send().await.unwrap();
    let answer: BucketResponse = read(asked, StatusCode::OK).await;
    assert!(answer.rows.iter().all(|row| bucket_of(member(row)) == part));
    let wanted = page.rows.iter().filter(|row| bucket_of(member(row)) == part).count();
    assert_eq!(answer.rows.len(), wanted);
    let shops = answer.rows.iter().find_map(|row| match row {
        PullRow::Member(item) if item.id == ids[4] => Some(item.memberships.len()),
        PullRow::Member(_) | PullRow::Entry(_) | PullRow::Visit(_) => None,
    });
    assert_eq!(shops, Some(1), "a token of one shop sees that shop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_compares_the_shops_that_it_may_see() {
    let server = Server::start().await;
    let kim_ma = server.till(&["KM"]);
    for path in ["/v1/checksums?location=BA", "/v1/bucket?location=BA&bucket=0"] {
        let asked = kim_ma.request(Method::GET, path).send().await.unwrap();
        refused(asked, StatusCode::FORBIDDEN, "not_allowed").await;
    }
    for path in ["/v1/checksums", "/v1/bucket?location=KM", "/v1/bucket?location=KM&bucket=256"] {
        let asked = kim_ma.request(Method::GET, path).send().await.unwrap();
        refused(asked, StatusCode::BAD_REQUEST, "invalid").await;
    }
}

fn member(row: &PullRow) -> MemberId {
    match row {
        PullRow::Member(item) => item.id,
        PullRow::Entry(item) => item.entry.member_id,
        PullRow::Visit(item) => item.visit.visit.member_id,
    }
}

fn version(row: &PullRow) -> i64 {
    match row {
        PullRow::Member(item) => item.version,
        PullRow::Entry(item) => item.version,
        PullRow::Visit(item) => item.version,
    }
}
