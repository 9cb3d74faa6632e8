//! The connectors against our own head office, which answers in all five APIs over the same members: what one till does
//! through one of them, another till hears of through another.

use super::office::Office;
use super::server::Server;
use super::systems::{Crmx, Lumyri, Portos, Shop, Stancer, Valomnia};
use super::till::Till;
use serde_json::{Value, json};

/// A till that talks to head office in that API.
fn till(office: &Server<Office>, kind: &str) -> Till {
    let settings = match kind {
        "lumyri" => Lumyri::settings(),
        "portos" => Portos::settings(),
        "stancer" => Stancer::settings(),
        "crmx" => Crmx::settings(),
        _ => Valomnia::settings(),
    };
    Till::at(kind, &format!("{}/{kind}", office.url()), &office.at(|office| office.token(kind)), settings)
}

fn email(till: &Till, phone: &str) -> Option<String> {
    till.people().into_iter().find(|(digits, _, _)| digits == phone).map(|(_, _, email)| email)
}

/// What a till does over `kind` is heard of over `other`, and the other way round.
fn goes_round(kind: &str, other: &str) {
    let office = Server::start(Office::open());
    let (ours, theirs) = (till(&office, kind), till(&office, other));
    let marie = ours.register("Marie", "Curie", "0945350391", "marie@example.com");
    let ada = ours.register("Ada", "Byron", "0945350392", "ada@example.com");
    ours.settle();
    assert_eq!(ours.open(), Vec::<String>::new(), "{kind}");
    theirs.settle();
    assert_eq!(theirs.people(), ours.people(), "{kind} is seen over {other}");

    ours.edit(marie, "email", json!("ours@example.com"));
    ours.settle();
    theirs.settle();
    assert_eq!(email(&theirs, "945350391").as_deref(), Some("ours@example.com"), "{kind} to {other}");

    let ids = theirs.read(|tx| regulars_store::members::list_ids(tx));
    let their_ada = ids
        .into_iter()
        .find(|id| theirs.document(*id).get("email") == Some(&json!("ada@example.com")))
        .expect("Ada is there");
    theirs.edit(their_ada, "email", json!("theirs@example.com"));
    theirs.settle();
    assert_eq!(theirs.open(), Vec::<String>::new(), "{other}");
    ours.settle();
    assert_eq!(email(&ours, "945350392").as_deref(), Some("theirs@example.com"), "{other} to {kind}");

    // What only this till knows stays at it through all of that.
    ours.edit(ada, "staff_note", json!({ "text": "mathematics", "author": null, "on": "2026-11-24" }));
    ours.settle();
    assert_eq!(
        ours.document(ada).get("staff_note").and_then(|note| note.get("text")),
        Some(&json!("mathematics")),
        "{kind}"
    );

    if ours.connector.capabilities().delete {
        ours.remove(ada);
        ours.settle();
        assert_eq!(ours.open(), Vec::<String>::new(), "{kind}");
        theirs.settle();
        theirs.settle();
        assert_eq!(theirs.people().len(), 1, "{kind} deleted, {other} hears of it");
    }
    for till in [&ours, &theirs] {
        assert_eq!((till.findings(), till.quarantined()), (0, 0));
    }
}

#[test]
fn of_somebody_who_is_gone_there_one_decision_gives_up_all_later_edits() {
    let office = Server::start(Office::open());
    let (ours, theirs) = (till(&office, "portos"), till(&office, "lumyri"));
    let marie = ours.register("Marie", "Curie", "0945350391", "marie@example.com");
    ours.settle();
    theirs.settle();
    let there = theirs.read(|tx| regulars_store::members::list_ids(tx))[0];
    theirs.remove(there);
    theirs.settle();
    ours.edit(marie, "email", json!("new@example.com"));
    ours.edit_terms(marie, "discount_percent", json!("5"));
    ours.exchange();
    assert_eq!(ours.open().len(), 2, "{:?}", ours.open());
    ours.give_up_first();
    assert_eq!(ours.open(), Vec::<String>::new());
}

#[test]
fn a_label_that_head_office_does_not_have_is_made_over_lumyri_and_is_one_for_all() {
    let office = Server::start(Office::open());
    let (ours, theirs) = (till(&office, "lumyri"), till(&office, "lumyri"));
    ours.label("wholesale", "#205D3B");
    let marie = ours.register("Marie", "Curie", "0945350391", "marie@example.com");
    ours.settle();
    ours.edit_terms(marie, "labels/wholesale", json!(true));
    ours.edit_terms(marie, "labels/retail", json!(true));
    ours.settle();
    theirs.settle();
    assert_eq!((ours.open(), theirs.open()), (Vec::new(), Vec::new()));
    assert_eq!(theirs.terms(marie)["labels"], json!({ "wholesale": true, "retail": true }));
    // The other till sticks the same one on somebody else, and makes it no second time.
    let ada = theirs.register("Ada", "Byron", "0945350392", "ada@example.com");
    theirs.edit_terms(ada, "labels/retail", json!(true));
    theirs.settle();
    ours.settle();
    assert_eq!(ours.terms(ada)["labels"], json!({ "retail": true }));
    let mut labels = office.at(|office| office.labels());
    labels.sort();
    assert_eq!(
        labels,
        [("retail".to_owned(), Some("#808080".to_owned())), ("wholesale".to_owned(), Some("#205D3B".to_owned()))]
    );
}

#[test]
fn a_category_and_a_segment_that_head_office_does_not_have_are_made_over_valomnia() {
    let office = Server::start(Office::open());
    let (ours, theirs) = (till(&office, "valomnia"), till(&office, "valomnia"));
    let marie = ours.register("Marie", "Curie", "0945350391", "marie@example.com");
    ours.settle();
    ours.edit_terms(marie, "category", json!({ "reference": "gold", "name": "Gold" }));
    ours.edit_terms(marie, "segment", json!({ "name": "North & East" }));
    ours.settle();
    ours.edit_terms(marie, "category", json!({ "reference": "silver" }));
    ours.settle();
    theirs.settle();
    assert_eq!(ours.open(), Vec::<String>::new());
    let there = theirs.read(|tx| regulars_store::members::list_ids(tx))[0];
    assert_eq!(theirs.terms(there)["category"], json!({ "reference": "silver", "name": "silver" }));
    assert_eq!(theirs.terms(there)["segment"], json!({ "reference": "North & East", "name": "North & East" }));
}

#[test]
fn what_is_done_over_crmx_is_heard_of_over_lumyri() {
    goes_round("crmx", "lumyri");
}

#[test]
fn what_is_done_over_stancer_is_heard_of_over_portos() {
    goes_round("stancer", "portos");
}

#[test]
fn what_is_done_over_lumyri_is_heard_of_over_portos() {
    goes_round("lumyri", "portos");
}

#[test]
fn what_is_done_over_portos_is_heard_of_over_lumyri() {
    goes_round("portos", "lumyri");
}

#[test]
fn what_is_done_over_valomnia_is_heard_of_over_portos() {
    goes_round("valomnia", "portos");
}

#[test]
fn somebody_whom_a_till_does_not_have_is_asked_for_over_what_can_be_searched() {
    let office = Server::start(Office::open());
    let portos = till(&office, "portos");
    let document: Value = json!({
        "name": { "full": "Marie Curie", "given": "Marie", "family": "Curie" },
        "phone": { "typed": "0945350391", "e164": "+84945350391" },
        "email": "marie@example.com",
        "cards": { "8400123": { "status": "valid", "is_active": true, "is_virtual": false, "processor": "P" } },
    });
    portos.register_as(document, json!({}));
    portos.settle();
    assert_eq!(portos.open(), Vec::<String>::new());
    let crmx = till(&office, "crmx");
    assert_eq!(crmx.ask("+84 945 350 391").len(), 1);
    assert_eq!(crmx.people()[0].1, "Marie Curie");
    assert_eq!(crmx.ask("0945350000"), []);
    let other = till(&office, "portos");
    assert_eq!(other.ask("8400123").len(), 1);
    assert_eq!(till(&office, "lumyri").ask("marie@example.com").len(), 1);
}
