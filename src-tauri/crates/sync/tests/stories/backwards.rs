//! Time going backwards: a head office and a till whose files were restored or copied. Nothing is lost, nothing is doubled,
//! and nobody has to do anything.

use crate::in_process::{HeadOfficeInProcess, TillInProcess};
use regulars_store::outbox::ChangeState;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// Until nothing is left to do.
fn exchange(tills: &[&TillInProcess]) {
    for _ in 0..4 {
        for till in tills {
            till.clock.forward(6 * MINUTE);
            till.exchange();
        }
    }
}

fn agree(head_office: &HeadOfficeInProcess, tills: &[&TillInProcess]) {
    for till in tills {
        assert_eq!((till.open(), till.findings()), (Vec::new(), 0));
        assert_eq!((till.entries(), till.sum()), (head_office.entries(), head_office.balance()));
    }
}

#[test]
fn what_an_older_copy_of_head_office_lacks_comes_back_from_the_tills() {
    let head_office = HeadOfficeInProcess::new();
    let (a, b) = (TillInProcess::seeded(&head_office, 1), TillInProcess::seeded(&head_office, 2));
    let old = a.register("Known to the copy", 1);
    a.top_up(old, 100);
    exchange(&[&a, &b]);
    head_office.copy("yesterday.db");

    let new = a.register("Registered since", 2);
    a.top_up(new, 500);
    a.edit(old, "note", "likes tea");
    b.label("vip");
    exchange(&[&a, &b]);
    b.edit(new, "email", "new@example.com");
    let gone = b.register("Gone since", 3);
    exchange(&[&a, &b]);
    b.remove(gone);
    exchange(&[&a, &b]);

    let epoch = head_office.epoch();
    head_office.put_back("yesterday.db", 60_000);
    assert_ne!(head_office.epoch(), epoch, "the older copy passes for what tills knew");
    assert_eq!(head_office.members(), 1);
    // Booked while nobody has noticed yet.
    a.top_up(old, 7);
    exchange(&[&a, &b]);
    agree(&head_office, &[&a, &b]);
    assert_eq!(head_office.balance(), 607);
    assert_eq!(head_office.document(old)["note"], "likes tea");
    assert_eq!(head_office.document(new)["email"], "new@example.com");
    assert_eq!(head_office.count("labels"), 1);
    assert!(head_office.is_deleted(gone), "who was deleted is not there again");
    for till in [&a, &b] {
        assert_eq!(till.document(old)["note"], "likes tea");
        assert_eq!(till.document(new)["email"], "new@example.com");
    }
}

#[test]
fn one_till_alone_brings_back_what_all_of_them_did() {
    let head_office = HeadOfficeInProcess::new();
    head_office.copy("empty.db");
    let (lost, left) = (TillInProcess::seeded(&head_office, 1), TillInProcess::seeded(&head_office, 2));
    let member = lost.register("Of a till that burnt", 1);
    let booked = lost.top_up(member, 900);
    exchange(&[&lost, &left]);
    drop(lost);
    head_office.put_back("empty.db", 60_000);
    exchange(&[&left]);
    assert!(head_office.has_entry(booked));
    assert_eq!(head_office.document(member)["name"]["full"], "Of a till that burnt");
    agree(&head_office, &[&left]);
}

#[test]
fn an_edit_of_somebody_whom_head_office_lost_goes_on_its_way_when_another_till_has_given_them_back() {
    let head_office = HeadOfficeInProcess::new();
    let (a, b) = (TillInProcess::seeded(&head_office, 1), TillInProcess::seeded(&head_office, 2));
    exchange(&[&a, &b]);
    head_office.copy("before.db");
    let member = b.register("Marie", 1);
    exchange(&[&b, &a]);
    head_office.put_back("before.db", 60_000);
    // As in a file that was made anew out of this till's own journal: it has nothing of her to give back.
    a.tamper("DELETE FROM mirror");
    a.edit(member, "note", "likes tea");
    exchange(&[&a]);
    assert_eq!(a.problem_of(member), "member_unknown");
    a.edit(member, "email", "marie@example.com");
    exchange(&[&b, &a]);
    assert_eq!(head_office.document(member)["note"], "likes tea");
    assert_eq!(head_office.document(member)["email"], "marie@example.com");
    agree(&head_office, &[&a, &b]);
}

#[test]
fn what_is_refused_again_and_again_for_an_unknown_member_waits_for_a_person() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::seeded(&head_office, 1);
    let member = till.register("Marie", 1);
    exchange(&[&till]);
    // As where its token may not see her shop any more: nothing tells the till that she is not there.
    head_office.tamper("DELETE FROM memberships; DELETE FROM members");
    till.edit(member, "note", "likes tea");
    for _ in 0..30 {
        till.clock.forward(6 * MINUTE);
        till.exchange();
    }
    assert_eq!(till.problem_of(member), "member_unknown");
    let told = till.line.pushed().iter().filter(|body| body.contains("likes tea")).count();
    assert_eq!(told, 9, "once, and eight times when she seemed to be back");
}

#[test]
fn what_the_new_life_changed_stays_beside_what_the_old_one_did() {
    let head_office = HeadOfficeInProcess::new();
    let (a, b) = (TillInProcess::seeded(&head_office, 1), TillInProcess::seeded(&head_office, 2));
    let member = a.register("Marie", 1);
    exchange(&[&a, &b]);
    head_office.copy("copy.db");
    b.edit(member, "note", "of the old life");
    b.exchange();
    // This till never heard of it before the copy was put back.
    head_office.put_back("copy.db", 60_000);
    a.exchange();
    a.edit(member, "email", "new@example.com");
    a.clock.forward(MINUTE);
    a.exchange();
    exchange(&[&b, &a]);
    for document in [head_office.document(member), a.document(member).into(), b.document(member).into()] {
        assert_eq!(document["note"], "of the old life");
        assert_eq!(document["email"], "new@example.com");
    }
    agree(&head_office, &[&a, &b]);
}

#[test]
fn a_restored_head_office_is_noticed_also_once_it_has_come_as_far_as_it_was() {
    let head_office = HeadOfficeInProcess::new();
    let [lost, late, busy] = [1, 2, 3].map(|seed| TillInProcess::seeded(&head_office, seed));
    exchange(&[&lost, &late, &busy]);
    head_office.copy("copy.db");
    let member = lost.register("Of a till that burnt", 1);
    exchange(&[&lost, &late]);
    drop(lost);
    head_office.lose_the_note();
    head_office.put_back("copy.db", 60_000);
    // It gives out more versions than were lost before the one till comes that heard of them.
    let others: Vec<_> = (2..9).map(|number| busy.register("Since", number)).collect();
    busy.exchange();
    exchange(&[&late, &busy]);
    assert!(others.iter().all(|other| late.has(*other)), "a till lacks members and nobody notices");
    assert_eq!(head_office.document(member)["name"]["full"], "Of a till that burnt");
    agree(&head_office, &[&late, &busy]);
}

#[test]
fn a_head_office_that_does_not_know_that_it_was_restored_is_told_by_a_till() {
    for pulls_only in [true, false] {
        let head_office = HeadOfficeInProcess::new();
        let (a, b) = (TillInProcess::seeded(&head_office, 1), TillInProcess::seeded(&head_office, 2));
        exchange(&[&a, &b]);
        head_office.copy("copy.db");
        let member = a.register("Marie", 1);
        a.top_up(member, 300);
        exchange(&[&a, &b]);
        head_office.lose_the_note();
        let epoch = head_office.epoch();
        head_office.put_back("copy.db", 60_000);
        assert_eq!(head_office.epoch(), epoch, "nothing could have told");
        if pulls_only {
            exchange(&[&b]);
        } else {
            a.top_up(member, 5);
            a.run(regulars_sync::engine::Exchange::new(false));
        }
        assert_ne!(head_office.epoch(), epoch, "pulls only: {pulls_only}");
        exchange(&[&a, &b]);
        agree(&head_office, &[&a, &b]);
    }
}

#[test]
fn the_same_copy_may_be_put_back_twice() {
    let head_office = HeadOfficeInProcess::new();
    let (a, b) = (TillInProcess::seeded(&head_office, 1), TillInProcess::seeded(&head_office, 2));
    let member = a.register("Marie", 1);
    exchange(&[&a, &b]);
    head_office.copy("copy.db");
    for round in 1..4 {
        a.edit(member, "note", &format!("round {round}"));
        b.top_up(member, 10);
        a.exchange();
        b.exchange();
        head_office.put_back("copy.db", round * 60_000);
        b.exchange();
    }
    exchange(&[&a, &b]);
    agree(&head_office, &[&a, &b]);
    assert_eq!(head_office.balance(), 30);
    assert_eq!(head_office.document(member)["note"], "round 3");
}

#[test]
fn two_databases_that_answer_in_turn_are_not_asked_without_end() {
    let one = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&one);
    till.register("Marie", 1);
    till.exchange();
    let other = one.doubled();
    till.line.answer_in_turn(&other);
    till.register("Anna", 2);
    let before = till.line.requests();
    till.clock.forward(MINUTE);
    till.exchange();
    assert!(till.line.requests() - before < 20, "{} requests", till.line.requests() - before);
}

#[test]
fn two_copies_of_one_till_go_on_side_by_side() {
    let head_office = HeadOfficeInProcess::new();
    let original = TillInProcess::seeded(&head_office, 1);
    let member = original.register("Marie", 1);
    exchange(&[&original]);
    // On its way when it was copied: both copies have it, and only one of them may do it.
    let on_its_way = original.top_up(member, 40);
    original.edit(member, "note", "on its way");
    let copy = original.cloned(&head_office, 2);
    for round in 0_u32..5 {
        original.top_up(member, 100);
        copy.top_up(member, 1_000);
        let (ours, theirs) = (original.register("Ours", 10 + round), copy.register("Theirs", 20 + round));
        exchange(&[&original, &copy]);
        for till in [&original, &copy] {
            assert!(till.has(ours) && till.has(theirs));
        }
    }
    agree(&head_office, &[&original, &copy]);
    assert!(head_office.has_entry(on_its_way));
    assert_eq!(head_office.balance(), 40 + 5 * 100 + 5 * 1_000);
    assert_ne!(original.incarnation(), copy.incarnation());
}

#[test]
fn what_was_sent_before_the_copy_was_put_back_is_known_under_its_new_number() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::seeded(&head_office, 1);
    let member = till.register("Marie", 1);
    till.exchange();
    till.top_up(member, 40);
    till.edit(member, "note", "a");
    till.edit(member, "note", "b");
    // The copy is of before these were sent, and of before another was made, which took their numbers.
    let copy = till.cloned(&head_office, 2);
    till.exchange();
    till.top_up(member, 2);
    till.exchange();
    drop(till);
    copy.edit(member, "email", "later@example.com");
    exchange(&[&copy]);
    agree(&head_office, &[&copy]);
    assert_eq!(head_office.balance(), 42);
    assert_eq!(head_office.document(member)["note"], "b");
    assert_eq!(head_office.document(member)["email"], "later@example.com");
    assert!(copy.states_of(member).iter().all(|state| *state == ChangeState::Done));
}

#[test]
fn till_and_head_office_may_both_be_put_back() {
    let head_office = HeadOfficeInProcess::new();
    let (a, b) = (TillInProcess::seeded(&head_office, 1), TillInProcess::seeded(&head_office, 2));
    let member = a.register("Marie", 1);
    exchange(&[&a, &b]);
    head_office.copy("copy.db");
    let older = a.cloned(&head_office, 3);
    let since = a.register("Since", 2);
    a.top_up(since, 70);
    a.top_up(member, 7);
    exchange(&[&a, &b]);
    drop(a);
    head_office.put_back("copy.db", 60_000);
    older.top_up(member, 1_000);
    exchange(&[&older, &b]);
    agree(&head_office, &[&older, &b]);
    assert_eq!(head_office.balance(), 1_077);
    assert!(older.has(since));
}

#[test]
fn what_was_booked_under_a_mistyped_issuer_moves_to_the_right_account_once() {
    let head_office = HeadOfficeInProcess::new();
    let first = TillInProcess::seeded(&head_office, 1);
    exchange(&[&first]);
    let second = TillInProcess::with_issuer(&head_office, 2, "a mistake");
    let member = second.register("Marie", 1);
    second.top_up(member, 400);
    second.top_up(member, 50);
    exchange(&[&second, &first]);
    second.top_up(member, 6);
    exchange(&[&second, &first]);
    for till in [&first, &second] {
        assert_eq!((till.balance_with(member, "default"), till.balance_with(member, "a mistake")), (456, 0));
    }
    agree(&head_office, &[&first, &second]);
    // Two top-ups, each leaving one account and coming to the other, and one more.
    assert_eq!(head_office.entries(), 7);
}

#[test]
fn half_an_answer_about_a_new_life_is_no_word_at_all() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    let member = till.register("Marie", 1);
    till.exchange();
    head_office.copy("copy.db");
    till.top_up(member, 500);
    till.exchange();
    head_office.put_back("copy.db", 60_000);
    till.line.answer_pull_with(410, r#"{"code":"epoch_cha"#);
    till.clock.forward(MINUTE);
    assert_eq!(till.exchange().is_answered, Some(false));
    till.line.pass();
    exchange(&[&till]);
    agree(&head_office, &[&till]);
    assert_eq!(head_office.balance(), 500);
}

#[test]
fn what_travelled_with_another_change_is_no_proof_of_a_restored_head_office() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    let epoch = head_office.epoch();
    let member = till.register("Marie", 1);
    till.edit(member, "note", "one");
    till.edit(member, "note", "two");
    till.exchange();
    assert_eq!(till.states_of(member), [ChangeState::Done; 3]);
    till.edit(member, "note", "three");
    till.exchange();
    assert_eq!(head_office.document(member)["note"], "three");
    assert_eq!(head_office.epoch(), epoch);
}

#[test]
fn each_answer_tells_how_far_the_clocks_are_apart() {
    let head_office = HeadOfficeInProcess::new();
    let till = TillInProcess::new(&head_office);
    till.exchange();
    assert_eq!(till.clock_told(), 0);
    till.clock.forward(60 * MINUTE);
    till.exchange();
    assert_eq!(till.clock_told(), -3_600_000);
    till.clock.back(Duration::from_secs(3 * 365 * 24 * 3600));
    till.exchange();
    assert_eq!(till.clock_told(), 3 * 365 * 24 * 3_600_000 - 3_600_000);
}
