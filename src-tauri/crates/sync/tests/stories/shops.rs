//! What a shop is, edited at a till: head office and the other tills come to say the same.

use crate::in_process::{HeadOfficeInProcess, TillInProcess, shop};
use regulars_domain::location::Location;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);

/// One after the other, each once.
fn exchange(tills: &[&TillInProcess]) {
    for till in tills {
        till.clock.forward(HOUR);
        till.exchange();
    }
}

fn named(name: &str) -> impl FnOnce(Location) -> Location + Send + 'static {
    let name = name.to_owned();
    |shop| Location { name, ..shop }
}

#[test]
fn a_shop_that_is_renamed_has_that_name_at_every_till_and_a_pull_before_takes_it_from_nobody() {
    let head_office = HeadOfficeInProcess::new();
    let (a, b) = (TillInProcess::seeded(&head_office, 1), TillInProcess::seeded(&head_office, 2));
    exchange(&[&a, &b]);
    b.edit_shop(|shop| Location { time_zone: "Asia/Bangkok".to_owned(), ..shop });
    b.exchange();
    a.edit_shop(named("West Lake"));
    // Head office's word comes while this till's still waits: what was typed here stays on top.
    a.hear_of_shop(Location { time_zone: "Asia/Bangkok".to_owned(), ..shop() });
    assert_eq!(a.shop_facts()[..2], ["West Lake", "Asia/Bangkok"].map(str::to_owned));
    exchange(&[&a, &b, &a]);
    for till in [&a, &b] {
        assert_eq!(till.shop_facts()[..2], ["West Lake", "Asia/Bangkok"].map(str::to_owned));
    }
}

#[test]
fn of_two_tills_that_rename_a_shop_the_first_is_right_and_both_say_so() {
    let head_office = HeadOfficeInProcess::new();
    let (a, b) = (TillInProcess::seeded(&head_office, 1), TillInProcess::seeded(&head_office, 2));
    exchange(&[&a, &b]);
    a.edit_shop(named("West Lake"));
    b.edit_shop(named("East Lake"));
    b.edit_shop(named("North Lake"));
    exchange(&[&a, &b, &a]);
    for till in [&a, &b] {
        assert_eq!(till.shop_facts()[0], "West Lake");
    }
}

#[test]
fn the_issuer_changes_until_credit_is_booked_and_then_comes_back_from_head_office() {
    let head_office = HeadOfficeInProcess::new();
    let (a, b) = (TillInProcess::seeded(&head_office, 1), TillInProcess::seeded(&head_office, 2));
    let issued_by = |issuer: &str| {
        let issuer = issuer.to_owned();
        |shop| Location { issuer, ..shop }
    };
    a.edit_shop(issued_by("LAKE"));
    exchange(&[&a, &b]);
    assert_eq!([a.shop_facts()[2].as_str(), b.shop_facts()[2].as_str()], ["LAKE"; 2]);
    let member = a.register("Marie", 1);
    a.top_up(member, 500);
    a.exchange();
    // It has heard of no credit there yet.
    b.edit_shop(issued_by("SEA"));
    exchange(&[&b, &a]);
    for till in [&a, &b] {
        assert_eq!((till.shop_facts()[2].as_str(), till.balance_with(member, "LAKE")), ("LAKE", 500));
    }
}

#[test]
fn an_edit_that_is_refused_and_given_up_leaves_the_shop_as_it_was() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    exchange(&[&till]);
    let before = till.shop_facts();
    till.edit_shop(|shop| Location { name: "West Lake".to_owned(), time_zone: "Mars".to_owned(), ..shop });
    exchange(&[&till]);
    till.discard_parked();
    assert_eq!(till.shop_facts(), before);
    exchange(&[&till]);
    assert_eq!((till.shop_facts(), till.waiting()), (before, 0));
}
