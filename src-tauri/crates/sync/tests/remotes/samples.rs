//! What is particular to each of the member systems: the samples of its page, and what its page forbids.

use super::server::{Answer, Asked, Fault, Server, System};
use super::systems::{Crmx, Group, Lumyri, Portos, Shop, Stancer, Valomnia};
use super::till::Till;
use crate::in_process::block_on;
use regulars_domain::MemberId;
use regulars_domain::member::Member;
use serde_json::{Value, json};

fn marie(till: &Till) -> MemberId {
    till.register("Marie", "Curie", "0945350391", "marie@example.com")
}

/// Why the one change that waits for a person does: the code and the field.
fn why(till: &Till) -> (String, String) {
    let parked = till.parked();
    assert_eq!(parked.len(), 1, "{:?}", till.open());
    let problem = parked[0].problem.clone().expect("words");
    assert!(!problem.message.is_empty());
    (problem.code, problem.field.unwrap_or_default())
}

/// Answers each request of one kind with the same.
struct Says(Vec<(&'static str, Answer)>);

impl System for Says {
    fn answer(&mut self, asked: &Asked) -> Answer {
        let found = self.0.iter().find(|(path, _)| asked.path.contains(path));
        found.map_or(Answer::json(404, json!({ "status": 404, "message": "no" })), |(_, answer)| answer.clone())
    }
}

macro_rules! says {
    ($name:ident, $kind:literal, $secret:literal, $settings:expr) => {
        struct $name(Says);
        impl System for $name {
            fn answer(&mut self, asked: &Asked) -> Answer {
                self.0.answer(asked)
            }
        }
        impl Shop for $name {
            const KIND: &'static str = $kind;
            fn secret(&self) -> String {
                $secret.to_owned()
            }
            fn settings() -> Value {
                $settings
            }
            fn people(&self) -> Vec<(String, String, String)> {
                Vec::new()
            }
            fn change_email(&mut self, _: &str, _: &str) {}
            fn change_name(&mut self, _: &str, _: &str, _: &str) {}
            fn register(&mut self, _: &str, _: &str, _: &str, _: &str) {}
            fn take_away(&mut self, _: &str) {}
            fn refuse(&mut self, _: &str) {}
            fn unauthorised() -> Answer {
                Answer::empty(401)
            }
            fn refusal() -> Answer {
                Answer::empty(400)
            }
            fn is_registration(_: &Asked) -> bool {
                false
            }
            fn is_edit(_: &Asked) -> bool {
                false
            }
        }
    };
}

says!(CrmxSays, "crmx", "token", json!({}));
says!(LumyriSays, "lumyri", "token", json!({ "app_id": "14e43e28-7e6d-461e-b1c9-7c54736f4331" }));
says!(StancerSays, "stancer", "stest_0123456789abcdefghij", json!({}));
says!(PortosSays, "portos", "token", json!({}));
says!(ValomniaSays, "valomnia", "token", json!({ "auth": "bearer" }));

#[test]
fn the_sample_of_crmx_is_a_member_who_was_asked_for_at_the_counter() {
    let sample = json!({
        "status": 200, "message": "Customer info",
        "data": {
            "_id": "5d8c353a7c857b43b4eff3ae", "age_range": null, "year_birthday": "1996", "home_town": "Ha Noi", "twitter": null,
            "gender": "1", "created_at": "26-09-2019", "fb_id": "152134088", "phone": "0945350398", "birthday": "05-30",
            "facebook": "https://www.facebook.com/CRMX.com.vn/", "address": "Phao Dai Lang", "relationship_status": "Chua ket hon",
            "client_mac": [], "email": "phundk59uet@gmail.com", "name": "Ly Tu Quang Thang", "updated_at": "26-09-2019",
        },
    });
    let server = Server::start(CrmxSays(Says(vec![("/customers_location", Answer::json(200, sample))])));
    let till = Till::of(&server);
    till.settle();
    let found = till.ask("0945350398");
    assert_eq!(found.len(), 1);
    let document = json!(till.document(found[0]));
    assert_eq!(document["name"], json!({ "full": "Ly Tu Quang Thang" }));
    assert_eq!(document["phone"], json!({ "typed": "0945350398", "e164": "+84945350398" }));
    assert_eq!(document["birthday"], json!({ "month": 5, "day": 30, "year": 1996 }));
    assert_eq!(document["gender"], json!("male"));
    assert_eq!(document["marital_status"], json!("Chua ket hon"));
    assert_eq!(document["home_town"], json!("Ha Noi"));
    assert_eq!(document["addresses"], json!([{ "role": "home", "text": "Phao Dai Lang" }]));
    assert_eq!(
        document["social"],
        json!({ "fb_id": "152134088", "facebook": "https://www.facebook.com/CRMX.com.vn/" })
    );
    let memberships = till.read(|tx| regulars_store::members::list_memberships(tx, found[0]));
    assert_eq!(memberships[0].member_since.to_string(), "2019-09-26");
    // Asked again, they are the same member.
    assert_eq!(till.ask("+84 945 350 398"), found);
}

#[test]
fn crmx_finds_a_member_by_any_spelling_of_the_number_and_keeps_its_own() {
    let server = Server::start(Crmx::default());
    server.at(|system| system.register("Ly", "Thang", "84945350398", "ly@example.com"));
    let till = Till::of(&server);
    till.settle();
    let found = till.ask("0945 350 398");
    assert_eq!(json!(till.document(found[0]))["phone"]["typed"], json!("84945350398"));
    till.edit(found[0], "email", json!("ly@other.example"));
    till.settle();
    let row = server.at(|system| system.row("0945350398").cloned()).expect("a row");
    assert_eq!((row["phone"].clone(), row["email"].clone()), (json!("84945350398"), json!("ly@other.example")));
}

#[test]
fn crmx_is_told_a_failure_in_a_good_status() {
    let server = Server::start(Crmx { fails_in_the_body: true, ..Crmx::default() });
    let till = Till::of(&server);
    marie(&till);
    till.settle();
    assert_eq!(server.at(|system| system.people()).len(), 1);
    server.at(|system| system.refuse("Poison"));
    let poison = till.register("Poison", "Ivy", "0945350399", "p@example.com");
    till.settle();
    assert_eq!(till.parked()[0].member_id, Some(poison));
}

#[test]
fn the_number_of_a_member_of_crmx_cannot_be_changed_there_and_everything_else_goes_on() {
    let server = Server::start(Crmx::default());
    let till = Till::of(&server);
    let marie = marie(&till);
    till.settle();
    // One form, two fields: the number waits for a person, the email address goes out.
    let edit = regulars_domain::edit::Edit::between(&till.document(marie), &{
        let mut after = till.document(marie);
        after.insert("phone".to_owned(), json!({ "typed": "0945350777", "e164": "+84945350777" }));
        after.insert("email".to_owned(), json!("new@example.com"));
        after
    });
    till.record(regulars_domain::change::Change::MemberEdited { member_id: marie, edit });
    till.settle();
    assert_eq!(why(&till), ("held_back".to_owned(), "phone".to_owned()));
    let row = server.at(|system| system.row("0945350391").cloned()).expect("the row stays");
    assert_eq!(row["email"], json!("new@example.com"));
    // A later edit of another field does not wait behind it.
    till.edit(marie, "home_town", json!("Warszawa"));
    till.settle();
    assert_eq!(server.at(|system| system.row("0945350391").cloned()).expect("a row")["home_town"], json!("Warszawa"));
    assert_eq!(
        json!(till.document(marie))["phone"]["typed"],
        json!("0945350777"),
        "here it is as the cashier typed it"
    );
}

#[test]
fn a_registration_that_arrived_is_not_made_of_other_words_where_the_question_after_it_never_left() {
    let mut numbers = Vec::new();
    for requests in 0..8 {
        let server = Server::start(Crmx::default());
        let till = Till::of(&server);
        till.settle();
        let marie = marie(&till);
        till.pull_the_plug_after(requests);
        till.exchange();
        till.edit(marie, "phone", json!({ "typed": "0945350777", "e164": "+84945350777" }));
        till.settle();
        let people = server.at(|system| system.people());
        assert_eq!(people.len(), 1, "{requests} requests left: {people:?}");
        numbers.push(people[0].0.clone());
    }
    // Before it had left it was edited; afterwards the number waits for a person.
    for number in ["945350777", "945350391"] {
        assert!(numbers.iter().any(|known| known == number), "{numbers:?}");
    }
}

#[test]
fn one_member_of_two_shops_is_two_rows_of_crmx_and_an_edit_reaches_both() {
    let server = Server::start(Crmx::default());
    let till = Till::of(&server);
    let marie = marie(&till);
    till.settle();
    let second = till.add_shop("BA");
    till.join(marie, second);
    till.settle();
    assert_eq!(till.open(), Vec::<String>::new());
    let shops: Vec<String> = server.at(|system| system.rows.iter().map(|(pos_id, _)| pos_id.clone()).collect());
    assert_eq!(shops, ["KM", "BA"]);
    // In one of the two rows somebody wrote something else meanwhile: it stays where this edit does not touch it.
    server.at(|system| drop(system.rows[1].1.insert("home_town".to_owned(), json!("Bratislava"))));
    till.edit(marie, "email", json!("new@example.com"));
    till.settle();
    assert_eq!(till.open(), Vec::<String>::new());
    let rows = server.at(|system| system.rows.clone());
    assert!(rows.iter().all(|(_, row)| row["email"] == json!("new@example.com")), "{rows:?}");
    assert_eq!(rows[1].1["home_town"], json!("Bratislava"));
    assert_eq!(till.people().len(), 1);
}

#[test]
fn nobody_is_deleted_at_crmx_and_a_person_hears_of_it() {
    let server = Server::start(Crmx::default());
    let till = Till::of(&server);
    let marie = marie(&till);
    till.settle();
    till.remove(marie);
    till.settle();
    assert_eq!(why(&till).0, "cannot_delete");
    assert_eq!(server.at(|system| system.people()).len(), 1);
}

#[test]
fn somebody_who_is_at_crmx_already_is_merged_with_and_keeps_what_they_had() {
    let server = Server::start(Crmx::default());
    server.at(|system| system.register("Marie", "Curie", "+84945350391", "old@example.com"));
    let till = Till::of(&server);
    let marie = till.register_as(
        json!({ "name": { "full": "Marie Curie" }, "phone": { "typed": "0945350391", "e164": "+84945350391" }, "home_town": "Warszawa" }),
        json!({}),
    );
    till.settle();
    assert_eq!(till.open(), Vec::<String>::new());
    let row = server.at(|system| system.row("0945350391").cloned()).expect("a row");
    assert_eq!((row["email"].clone(), row["home_town"].clone()), (json!("old@example.com"), json!("Warszawa")));
    assert_eq!(server.at(|system| system.people()).len(), 1);
    assert_eq!(json!(till.document(marie))["email"], json!("old@example.com"));
}

#[test]
fn what_a_remote_has_no_home_for_stays_here_and_is_not_sent() {
    let server = Server::start(Stancer::default());
    let till = Till::of(&server);
    let marie = marie(&till);
    till.edit(marie, "birthday", json!({ "month": 11, "day": 7, "year": 1867 }));
    till.settle();
    till.edit(marie, "note", json!("nuts"));
    till.edit_terms(marie, "labels/wholesale", json!(true));
    till.settle();
    assert_eq!(till.open(), Vec::<String>::new());
    // Whatever is heard of them later.
    server.at(|system| system.change_email("0945350391", "theirs@example.com"));
    till.settle();
    let document = json!(till.document(marie));
    assert_eq!(document["email"], json!("theirs@example.com"));
    assert_eq!(document["note"], json!("nuts"));
    assert_eq!(document["birthday"]["year"], json!(1867));
    assert_eq!(document["name"]["given"], json!("Marie"), "the parts of a name that is the same stay");
    assert_eq!(till.terms(marie)["labels"], json!({ "wholesale": true }));
    let sent: String = server.log().iter().map(|asked| String::from_utf8_lossy(&asked.body).into_owned()).collect();
    assert!(!sent.contains("nuts") && !sent.contains("1867") && !sent.contains("wholesale"), "{sent}");
}

#[test]
fn a_name_that_is_too_short_for_stancer_waits_with_the_reason_at_the_field() {
    let server = Server::start(Stancer::default());
    let till = Till::of(&server);
    till.register_as(json!({ "name": { "full": "Ly" }, "email": "ly@example.com" }), json!({}));
    till.settle();
    assert_eq!(why(&till), ("length".to_owned(), "name".to_owned()));
    assert!(server.log().iter().all(|asked| !asked.is_write()), "nothing was sent");
}

#[test]
fn a_walk_in_with_only_a_name_is_saved_here_and_one_line_says_what_stancer_needs() {
    let server = Server::start(Stancer::default());
    let till = Till::of(&server);
    let member = till.register_as(json!({ "name": { "full": "Marie Curie" } }), json!({}));
    till.settle();
    assert_eq!(why(&till), ("remote_needs".to_owned(), "email".to_owned()));
    assert_eq!(json!(till.document(member))["name"]["full"], json!("Marie Curie"));
}

#[test]
fn an_edited_registration_is_never_sent_again_to_stancer() {
    let server = Server::start(Stancer::default());
    let till = Till::of(&server);
    let marie = marie(&till);
    server.plan(Stancer::is_registration, 0, Fault::AnswerLost);
    till.exchange();
    till.edit(marie, "email", json!("edited@example.com"));
    till.settle();
    assert_eq!(
        server.at(|system| system.people()),
        [("945350391".to_owned(), "Marie Curie".to_owned(), "edited@example.com".to_owned())]
    );
    let posts: Vec<Vec<u8>> =
        server.log().into_iter().filter(Stancer::is_registration).map(|asked| asked.body).collect();
    assert_eq!(posts.len(), 2);
    assert_eq!(posts[0], posts[1], "the same bytes");
    let patches: Vec<Value> = server.log().iter().filter(|asked| Stancer::is_edit(asked)).map(Asked::json).collect();
    assert_eq!(patches, [json!({ "email": "edited@example.com" })], "only what changed");
}

#[test]
fn emptying_a_field_of_stancer_is_told_to_a_person() {
    let server = Server::start(Stancer::default());
    let till = Till::of(&server);
    let marie = marie(&till);
    till.settle();
    till.edit(marie, "email", Value::Null);
    till.settle();
    assert_eq!(why(&till), ("held_back".to_owned(), "email".to_owned()));
}

#[test]
fn who_is_gone_at_stancer_goes_here_after_being_asked_for_twice() {
    let server = Server::start(Stancer::default());
    let till = Till::of(&server);
    marie(&till);
    till.settle();
    server.at(|system| system.take_away("0945350391"));
    till.hurry();
    till.exchange();
    assert_eq!(till.people().len(), 1, "once is not enough");
    till.hurry();
    till.exchange();
    assert_eq!(till.people().len(), 0);
}

#[test]
fn lumyri_needs_an_email_address_and_both_names_and_nothing_is_made_up() {
    let server = Server::start(Lumyri::default());
    let till = Till::of(&server);
    till.register_as(json!({ "name": { "full": "Lý Tú Quang Thắng" }, "email": "ly@example.com" }), json!({}));
    till.settle();
    assert_eq!(why(&till), ("remote_needs".to_owned(), "name".to_owned()));
    let till = Till::of(&server);
    let phone = json!({ "typed": "0945350391", "e164": "+84945350391" });
    till.register_as(
        json!({ "name": { "full": "Marie Curie", "given": "Marie", "family": "Curie" }, "phone": phone }),
        json!({}),
    );
    till.settle();
    assert_eq!(why(&till), ("remote_needs".to_owned(), "email".to_owned()));
    assert_eq!(server.at(|system| system.people()).len(), 0);
}

fn lumyri_sample() -> Value {
    json!({
        "id": "346dd239-cbe4-44fe-b9ee-be88fd2fa853", "first_name": "customer", "last_name": "first", "phone": "+83497898519",
        "email": "customer1@example.com",
        "address": [{ "category": "home", "location": {
            "name": "144 Xuan Thuy, United States Virgin Islands, United States Residential", "geo": [46.80776431887119, -71.28464827789534] } }],
        "avatar": "", "labels": ["b9a8f981-44e9-424c-89b5-79cde82a5fad", "eb4f3069-6a54-41b9-82e0-f95a8dd98ad1"],
        "company_id": "231080c5-b622-4a25-aef8-c7e426927bb0", "app_id": "14e43e28-7e6d-461e-b1c9-7c54736f4331",
    })
}

#[test]
fn the_sample_of_lumyri_is_a_member() {
    let list = json!({ "error": null, "data": { "total": 1, "per_page": 1, "current_page": 1, "last_page": 1, "data": [lumyri_sample()] } });
    let server = Server::start(LumyriSays(Says(vec![("/users/customers", Answer::json(200, list))])));
    let till = Till::of(&server);
    till.settle();
    let id: MemberId = "346dd239-cbe4-44fe-b9ee-be88fd2fa853".parse().expect("an id");
    let document = json!(till.document(id));
    assert_eq!(document["name"], json!({ "full": "customer first", "given": "customer", "family": "first" }));
    assert_eq!(document["phone"]["typed"], json!("+83497898519"), "a number of no country is kept as it is");
    assert_eq!(
        document["addresses"][0]["position"],
        json!({ "latitude": 46.80776431887119, "longitude": -71.28464827789534 })
    );
    assert_eq!(document["addresses"][0]["category"], json!("home"));
    assert_eq!(till.terms(id)["labels"].as_object().expect("labels").len(), 2);
}

#[test]
fn lumyri_keeps_its_picture_and_what_is_not_known_of_it_through_an_edit_of_all() {
    let server = Server::start(Lumyri {
        labels: vec![("l1".to_owned(), "wholesale".to_owned()), ("l2".to_owned(), "retail".to_owned())],
        ..Lumyri::default()
    });
    server.at(|system| {
        let mut row = lumyri_sample().as_object().cloned().expect("an object");
        row.insert("avatar".to_owned(), json!("https://x.example/a.png"));
        row.insert("labels".to_owned(), json!(["l1"]));
        row.insert("loyalty_tier".to_owned(), json!("gold"));
        system.rows.push(row);
    });
    let till = Till::of(&server);
    till.settle();
    let id: MemberId = "346dd239-cbe4-44fe-b9ee-be88fd2fa853".parse().expect("an id");
    assert_eq!(till.terms(id)["labels"], json!({ "wholesale": true }));
    till.edit(id, "email", json!("new@example.com"));
    till.settle();
    till.edit_terms(id, "labels/retail", json!(true));
    till.settle();
    assert_eq!(till.open(), Vec::<String>::new());
    let row = json!(server.at(|system| system.rows[0].clone()));
    assert_eq!(row["email"], json!("new@example.com"));
    assert_eq!(row["avatar"], json!("https://x.example/a.png"), "a missing picture is not an emptied one");
    assert_eq!(row["loyalty_tier"], json!("gold"));
    assert_eq!(row["labels"], json!(["l2", "l1"]), "labels go by id");
    assert_eq!(row["address"], lumyri_sample()["address"]);
}

/// What may become of the answer to one request.
fn lost_answers<S>() -> Vec<(&'static str, Fault<S>)> {
    vec![
        ("nothing", Fault::Before(Box::new(|_| {}))),
        ("request lost", Fault::RequestLost),
        ("answer lost", Fault::AnswerLost),
        ("500 after", Fault::After(Answer::empty(500))),
        ("truncated", Fault::Truncated),
    ]
}

#[test]
fn a_label_that_lumyri_does_not_have_is_made_there_once_whatever_becomes_of_the_answer() {
    for (what, fault) in lost_answers() {
        let server = Server::start(Lumyri::default());
        let till = Till::of(&server);
        // Both at once: they are sent in one go.
        for (given, phone) in [("Marie", "0945350391"), ("Ada", "0945350392")] {
            let name = json!({ "full": format!("{given} Curie"), "given": given, "family": "Curie" });
            let email = format!("{given}@example.com");
            let phone = json!({ "typed": phone, "e164": null });
            till.register_as(
                json!({ "name": name, "email": email, "phone": phone }),
                json!({ "labels": { "wholesale": true } }),
            );
        }
        server.plan(|asked| asked.method == "POST" && asked.path == "/labels", 0, fault);
        till.settle();
        assert_eq!((till.open(), server.fired()), (Vec::new(), 1), "{what}");
        let (labels, rows) = server.at(|system| (system.labels.clone(), system.rows.clone()));
        assert_eq!(labels.len(), 1, "{what}");
        assert_eq!(labels[0].1, "wholesale");
        assert_eq!(rows.len(), 2, "{what}");
        assert!(rows.iter().all(|row| row["labels"] == json!([labels[0].0])), "{what}: {rows:?}");
    }
}

#[test]
fn a_label_of_the_catalogue_comes_to_lumyri_with_its_colour() {
    let server = Server::start(Lumyri::default());
    let till = Till::of(&server);
    till.label("wholesale", "#205D3B");
    till.label("wholesale", "#FF0000");
    till.settle();
    let told = server.at(|system| system.told_labels.clone());
    assert_eq!(
        told,
        [json!({ "name": "wholesale", "description": "wholesale", "color": "#205D3B", "userName": "Regulars" })]
    );
}

#[test]
fn a_label_that_lumyri_does_not_make_waits_alone() {
    let server = Server::start(Lumyri { makes_no_labels: true, ..Lumyri::default() });
    let till = Till::of(&server);
    let document = json!({
        "name": { "full": "Marie Curie", "given": "Marie", "family": "Curie" }, "email": "marie@example.com",
        "phone": { "typed": "0945350391", "e164": "+84945350391" },
    });
    let marie = till.register_as(document, json!({ "labels": { "wholesale": true } }));
    till.label("wholesale", "#205D3B");
    till.settle();
    // She is registered all the same, and what is edited of her goes on.
    assert_eq!(why(&till), ("held_back".to_owned(), "labels".to_owned()));
    let words = till.parked()[0].problem.clone().expect("words").message;
    assert!(words.contains("wholesale") && words.contains("labels are made by hand"), "{words}");
    till.edit(marie, "email", json!("new@example.com"));
    till.settle();
    assert_eq!(server.at(|system| system.people())[0].2, "new@example.com");
    assert_eq!(till.terms(marie)["labels"], json!({ "wholesale": true }), "here it sticks");
    // Of two labels the one that is known goes.
    server.at(|system| system.labels.push(("l1".to_owned(), "retail".to_owned())));
    let labels = regulars_domain::edit::Edit::between(
        json!({}).as_object().expect("an object"),
        json!({ "labels": { "retail": true, "vip": true } }).as_object().expect("an object"),
    );
    till.record_terms(marie, labels);
    till.settle();
    assert_eq!(server.at(|system| system.rows[0]["labels"].clone()), json!(["l1"]));
    assert_eq!(till.parked().len(), 2, "{:?}", till.open());
    // Once it can be made, what waited is tried again and goes.
    server.at(|system| system.makes_no_labels = false);
    till.retry_first();
    till.retry_first();
    till.settle();
    assert_eq!(till.open(), Vec::<String>::new());
    assert_eq!(server.at(|system| system.rows[0]["labels"].as_array().map(Vec::len)), Some(3));
    assert_eq!(till.findings(), 0);
}

#[test]
fn a_lumyri_that_makes_its_own_ids_gets_nobody_twice() {
    let server = Server::start(Lumyri { makes_its_own_ids: true, ..Lumyri::default() });
    let till = Till::of(&server);
    server.plan(Lumyri::is_registration, 0, Fault::AnswerLost);
    let marie = marie(&till);
    till.settle();
    assert_eq!(server.at(|system| system.people()).len(), 1);
    assert_eq!(till.people().len(), 1);
    till.edit(marie, "email", json!("new@example.com"));
    till.settle();
    assert_eq!(server.at(|system| system.people())[0].2, "new@example.com");
}

fn portos_sample() -> Value {
    json!({
        "id": "customer-id", "externalId": null, "isActive": true, "status": "Valid", "activationTime": null, "expirationTime": null,
        "firstName": "John", "lastName": "Doe", "fullName": "John Doe", "gender": null, "birthDate": null, "email": "john.doe@portos.sk",
        "phone": null, "isCompany": false, "company": null, "address": null, "deliveryAddress": null,
        "credit": { "amount": 0.0, "currencyLabel": null }, "creditTransactions": [],
        "cards": [{ "externalId": "external-card-id", "isActive": true, "isVirtual": true, "serialNumber": "card-serial-number",
            "processor": "P", "status": "Valid", "statusTime": null, "statusReason": null,
            "activationTime": "2022-11-01T00:00:00.00Z", "expirationTime": null, "note": null, "meta": null }],
        "creditRate": 0.0, "discountRate": 0.0, "note": null, "meta": {}, "_v": 1,
    })
}

#[test]
fn the_sample_of_portos_is_a_member_with_a_card() {
    let list = json!({ "items": [portos_sample()], "count": 1, "totalCount": 1 });
    let server = Server::start(PortosSays(Says(vec![("/customers", Answer::json(200, list))])));
    let till = Till::of(&server);
    till.settle();
    let ids = till.read(|tx| regulars_store::members::list_ids(tx));
    let document = json!(till.document(ids[0]));
    assert_eq!(document["name"], json!({ "full": "John Doe", "given": "John", "family": "Doe" }));
    assert_eq!(document["email"], json!("john.doe@portos.sk"));
    let card = &document["cards"]["CARD-SERIAL-NUMBER"];
    assert_eq!(
        (card["is_virtual"].clone(), card["processor"].clone(), card["status"].clone()),
        (json!(true), json!("P"), json!("valid"))
    );
    assert_eq!(card["valid_from"], json!("2022-11-01T00:00:00.000Z"));
    assert_eq!(card["external_id"], json!("external-card-id"));
}

#[test]
fn somebody_without_a_name_at_portos_is_a_member_too_and_holds_nobody_up() {
    let nameless = json!({ "id": "nameless", "isActive": true, "phone": "+421 905 123 456", "_v": 1 });
    let list = json!({ "items": [nameless, portos_sample()], "count": 2, "totalCount": 2 });
    let server = Server::start(PortosSays(Says(vec![("/customers", Answer::json(200, list))])));
    let till = Till::of(&server);
    till.settle();
    let ids = till.read(|tx| regulars_store::members::list_ids(tx));
    let called: Vec<String> =
        ids.iter().map(|id| Member::read(&till.document(*id)).expect("a member").called().to_owned()).collect();
    assert!(called.contains(&"+421 905 123 456".to_owned()) && called.contains(&"John Doe".to_owned()), "{called:?}");
}

#[test]
fn a_registration_that_is_answered_with_nonsense_is_there_and_stays_as_it_was_typed() {
    let answer = json!({ "id": "cust_Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8", "live_mode": false, "name": 5, "email": ["?"] });
    let server = Server::start(StancerSays(Says(vec![("/v1/customers", Answer::json(200, answer))])));
    let till = Till::of(&server);
    let marie = marie(&till);
    till.settle();
    assert_eq!(till.open(), Vec::<String>::new());
    till.edit(marie, "note", json!("likes tea"));
    till.settle();
    let document = json!(till.document(marie));
    assert_eq!((&document["name"]["full"], &document["note"]), (&json!("Marie Curie"), &json!("likes tea")));
}

#[test]
fn portos_keeps_credit_and_what_is_not_known_of_it_to_the_byte() {
    let server = Server::start(Portos::default());
    server.at(|system| {
        let mut row = portos_sample().as_object().cloned().expect("an object");
        row.insert("credit".to_owned(), json!({ "amount": 17.25, "currencyLabel": "EUR" }));
        row.insert("creditTransactions".to_owned(), json!([{ "id": "t1", "amount": 17.25 }]));
        row.insert("meta".to_owned(), json!({ "Portos.Features:X": "s:1" }));
        row.insert("somethingNew".to_owned(), json!([1, { "a": null }]));
        row["cards"][0]["meta"] = json!({ "k": "v" });
        system.rows.insert("customer-id".to_owned(), row);
    });
    let till = Till::of(&server);
    till.settle();
    let id = till.read(|tx| regulars_store::members::list_ids(tx))[0];
    till.edit(id, "note", json!("nuts"));
    till.edit_terms(id, "discount_percent", json!("5"));
    till.edit_terms(id, "earn_percent", json!("2.5"));
    till.edit_terms(id, "valid_until", json!("2026-12-31"));
    till.settle();
    let mut card = json!(till.document(id))["cards"]["CARD-SERIAL-NUMBER"].clone();
    card["status"] = json!("blocked");
    card["is_active"] = json!(false);
    card["status_reason"] = json!("lost");
    till.edit(id, "cards/CARD-SERIAL-NUMBER", card);
    till.settle();
    assert_eq!(till.open(), Vec::<String>::new());
    let row = json!(server.at(|system| system.rows["customer-id"].clone()));
    assert_eq!(row["credit"], json!({ "amount": 17.25, "currencyLabel": "EUR" }));
    assert_eq!(row["creditTransactions"], json!([{ "id": "t1", "amount": 17.25 }]));
    assert_eq!(row["somethingNew"], json!([1, { "a": null }]));
    assert_eq!(row["meta"], json!({ "Portos.Features:X": "s:1" }));
    assert_eq!(
        (row["note"].clone(), row["discountRate"].clone(), row["creditRate"].clone()),
        (json!("nuts"), json!(5.0), json!(0.025))
    );
    assert_eq!(row["expirationTime"], json!("2026-12-31T16:59:59.999Z"), "the whole of the day in Hanoi");
    let card = &row["cards"][0];
    assert_eq!(
        (card["status"].clone(), card["isActive"].clone(), card["statusReason"].clone()),
        (json!("Blocked"), json!(false), json!("lost"))
    );
    assert_eq!(
        (card["meta"].clone(), card["serialNumber"].clone()),
        (json!({ "k": "v" }), json!("card-serial-number"))
    );
    // What comes back from there is what stands here: a day is still a day.
    assert_eq!(till.terms(id)["valid_until"], json!("2026-12-31"));
    assert_eq!(till.terms(id)["earn_percent"], json!("2.5"));
}

#[test]
fn portos_may_tell_of_a_newer_version_under_any_status() {
    for status in [400, 409, 412] {
        let server = Server::start(Portos { version_status: status, ..Portos::default() });
        let till = Till::of(&server);
        let marie = marie(&till);
        till.settle();
        server.plan(
            Portos::is_edit,
            0,
            Fault::Before(Box::new(|system: &mut Portos| system.change_name("0945350391", "Maria", "Curie"))),
        );
        till.edit(marie, "email", json!("new@example.com"));
        till.settle();
        let people = server.at(|system| system.people());
        assert_eq!(
            people,
            [("945350391".to_owned(), "Maria Curie".to_owned(), "new@example.com".to_owned())],
            "{status}"
        );
    }
}

#[test]
fn a_right_that_is_missing_at_portos_stops_what_needs_it_alone() {
    let server =
        Server::start(Portos { missing: vec!["CustomerSetDiscount", "CustomerSetCredit"], ..Portos::default() });
    let till = Till::of(&server);
    let marie = marie(&till);
    till.settle();
    till.edit_terms(marie, "discount_percent", json!("5"));
    till.exchange();
    till.register("Ada", "Byron", "0945350392", "ada@example.com");
    till.settle();
    assert_eq!(why(&till).0, "right_missing");
    assert_eq!(server.at(|system| system.people()).len(), 2);
}

#[test]
fn portos_is_signed_in_to_by_name_and_once_more_where_the_token_has_run_out() {
    let server = Server::start(Portos::default());
    let mut till = Till::with(&server, json!({ "auth": "jwt", "user_name": "desk", "device_name": "till" }));
    let marie = marie(&till);
    till.settle();
    server.plan(|asked| asked.path.starts_with("/customers"), 0, Fault::Instead(Portos::unauthorised()));
    till.edit(marie, "email", json!("new@example.com"));
    let tally = till.exchange();
    assert_eq!((tally.trouble, server.fired()), (None, 1));
    assert_eq!(server.at(|system| system.people())[0].2, "new@example.com");
    let log_ins = server.log().iter().filter(|asked| asked.path == "/api/auth").count();
    assert_eq!(log_ins, 2);

    // A wrong password is for a person, and nothing is given up.
    till.connect_again::<Portos>(json!({ "auth": "jwt", "user_name": "desk", "device_name": "till" }), "wrong");
    till.edit(marie, "note", json!("later"));
    let tally = till.exchange();
    assert_eq!(tally.trouble.expect("trouble").problem.code, "token_refused");
    assert_eq!(till.parked().len(), 0);
}

#[test]
fn each_request_to_portos_can_be_signed_in_the_place_of_a_token() {
    let server = Server::start(PortosSays(Says(vec![(
        "/customers",
        Answer::json(200, json!({ "count": 0, "totalCount": 3 })),
    )])));
    let till = Till::with(&server, json!({ "auth": "nws4", "public_key": "PUBKEY", "path_prefix": "api/v1" }));
    let seen = block_on(till.connector.check()).expect("seen");
    assert_eq!(seen.members, Some(3));
    let asked = server.log().pop().expect("a request");
    assert_eq!(asked.path, "/api/v1/customers");
    assert!(asked.header("authorization").starts_with("NWS4-HMAC-SHA256 Credential%3DPUBKEY%2CSignedHeaders%3D"));
    assert!(!asked.header("x-nd-date").is_empty());
    assert_eq!(asked.header("x-nd-content-sha256"), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn portos_is_asked_for_a_card_that_nobody_here_has() {
    let server = Server::start(Portos::default());
    let till = Till::of(&server);
    till.settle();
    server.at(|system| {
        let mut row = portos_sample().as_object().cloned().expect("an object");
        row["cards"][0]["serialNumber"] = json!("8400123");
        system.rows.insert("customer-id".to_owned(), row);
    });
    let found = till.ask("8400123");
    assert_eq!(found.len(), 1);
    assert!(json!(till.document(found[0]))["cards"]["8400123"].is_object());
    assert_eq!(till.ask("doe"), found);
    assert_eq!(till.ask("nobody"), []);
}

fn valomnia_sample() -> Value {
    let page = r#"{
        "id": 256, "reference": "NC-3", "reference2": null, "name": "Marie's Jewelry", "categoryReference": "jewelry",
        "customerCategory": { "id": 2, "reference": "jewelry", "name": "Home", "href": "/api/v1.0/customerCategories/2" },
        "isSubCustomer": false, "parentCustomer": null, "billWithParent": true, "customerSegmentationReference": "seg_a",
        "customerSegmentation": { "id": 1, "reference": "seg_a", "name": "Segmentation A", "href": "/api/v1.0/customerSegmentations/1" },
        "pocTenus": null, "email": null, "logo": null, "phone": null, "mobile": null, "fax": null, "comment": null, "barcode": null,
        "isSameAddress": true, "billingCountry": "FR", "billingCity": "Nice", "billingPostalCode": null, "billingAddress": null,
        "billingLat": null, "billingLng": null, "country": null, "city": null, "postalCode": null, "address": null, "latitude": null,
        "longitude": null, "isCredit": null, "creditLimit": 5000, "balance": 12.5, "maxChequePeriod": null, "maxChequeValue": null,
        "appliedCashBackOutput": null, "returnDiscount": null, "invoicesPerRoute": null, "isActive": true, "onHold": false,
        "onHoldReason": null, "paymentTerm": null, "createdBy": { "userId": 2, "reference": "emp-002", "href": "/api/v1.0/users/2" },
        "dueDateConfigNumber": 3, "dueDateConfigType": "daysAfterInvoiceDate", "paymentTypes": [{ "id": 7, "reference": "cash", "name": "cash", "href": "x" }],
        "website": null, "taxNumber": null, "companyRegistrationNumber": null, "contacts": [], "currency": "EUR", "customerRisk": null,
        "customerRiskColor": null, "organization": "entity1", "dateCreated": "2015-12-17T23:00:00Z", "lastUpdated": "2015-12-17T23:00:00Z", "region": null
    }"#;
    serde_json::from_str(page).expect("the sample is JSON")
}

#[test]
fn the_sample_of_valomnia_is_a_member() {
    let list = json!({ "paging": { "total": 1, "max": 100, "offset": 0, "previous": null, "next": null }, "data": [valomnia_sample()] });
    let server = Server::start(ValomniaSays(Says(vec![("/customers", Answer::json(200, list))])));
    let till = Till::of(&server);
    till.settle();
    let id = till.read(|tx| regulars_store::members::list_ids(tx))[0];
    let (document, terms) = (json!(till.document(id)), json!(till.terms(id)));
    assert_eq!(
        (document["name"]["full"].clone(), document["reference"].clone()),
        (json!("Marie's Jewelry"), json!("NC-3"))
    );
    assert_eq!(document["addresses"], json!([{ "role": "billing", "country": "FR", "city": "Nice" }]));
    assert_eq!(terms["category"], json!({ "reference": "jewelry", "name": "Home" }));
    assert_eq!(terms["segment"], json!({ "reference": "seg_a", "name": "Segmentation A" }));
    assert_eq!(terms["on_account"]["limit"], json!({ "minor": 500_000, "currency": "EUR" }));
    assert_eq!(terms["on_account"]["balance"], json!({ "minor": 1_250, "currency": "EUR" }));
    assert_eq!(terms["payment_terms"], json!({ "days": 3, "after": "invoice" }));
    assert_eq!(terms["payment_types"], json!(["cash"]));
    assert_eq!(terms["bill_with_parent"], json!(true));
    let memberships = till.read(|tx| regulars_store::members::list_memberships(tx, id));
    assert_eq!(memberships[0].member_since.to_string(), "2015-12-17");
}

#[test]
fn a_strangers_reference_at_valomnia_is_never_written_over() {
    let server = Server::start(Valomnia::default());
    let till = Till::of(&server);
    till.settle();
    server.at(|system| {
        system.register("Somebody", "Else", "0900000001", "else@example.com");
        for row in system.rows.values_mut() {
            row.insert("reference".to_owned(), json!("M-945350391"));
        }
    });
    marie(&till);
    till.settle();
    assert_eq!(why(&till), ("reference_taken".to_owned(), "reference".to_owned()));
    let people = server.at(|system| system.people());
    assert_eq!(people, [("900000001".to_owned(), "Somebody Else".to_owned(), "else@example.com".to_owned())]);
}

#[test]
fn what_valomnia_is_told_of_a_category_is_asked_for_first() {
    let server = Server::start(Valomnia {
        categories: vec![Group::new(1, "jewelry", "Home"), Group::new(2, "retail", "Retail")],
        ..Valomnia::default()
    });
    let till = Till::of(&server);
    let document = json!({ "name": { "full": "Marie" }, "reference": "M-1" });
    let marie = till.register_as(document, json!({ "category": { "reference": "jewelry" } }));
    till.settle();
    till.edit_terms(marie, "category", json!({ "reference": "retail" }));
    till.edit_terms(marie, "hold", json!({ "reason": "unpaid" }));
    till.settle();
    assert_eq!(till.open(), Vec::<String>::new());
    let row = json!(server.at(|system| system.rows[&1].clone()));
    assert_eq!(
        (row["categoryReference"].clone(), row["onHold"].clone(), row["onHoldReason"].clone()),
        (json!("retail"), json!(true), json!("unpaid"))
    );
    // One that only has a name here is the one of that name there.
    till.edit_terms(marie, "category", json!({ "name": "Home" }));
    till.settle();
    assert_eq!(server.at(|system| system.rows[&1]["categoryReference"].clone()), json!("jewelry"));
    assert_eq!(till.terms(marie)["category"], json!({ "reference": "jewelry", "name": "Home" }));
    assert_eq!(server.at(|system| system.categories.len()), 2);
}

#[test]
fn a_category_and_a_segment_that_valomnia_does_not_have_are_made_there_once_whatever_becomes_of_the_answer() {
    for path in ["/customerCategories", "/customerSegmentations"] {
        for (what, fault) in lost_answers() {
            let server =
                Server::start(Valomnia { categories: vec![Group::new(1, "all", "All")], ..Valomnia::default() });
            let till = Till::of(&server);
            let terms =
                json!({ "category": { "reference": "gold", "name": "Gold" }, "segment": { "name": "North & East" } });
            for number in 1..=2 {
                let document =
                    json!({ "name": { "full": format!("Member {number}") }, "reference": format!("M-{number}") });
                till.register_as(document, terms.clone());
            }
            let is_it: fn(&Asked) -> bool = match path {
                "/customerCategories" => |asked| asked.method == "POST" && asked.path.contains("/customerCategories"),
                _ => |asked| asked.method == "POST" && asked.path.contains("/customerSegmentations"),
            };
            server.plan(is_it, 0, fault);
            till.settle();
            assert_eq!((till.open(), server.fired()), (Vec::new(), 1), "{path}: {what}");
            let (categories, segments) = server.at(|system| (system.categories.clone(), system.segments.clone()));
            assert_eq!(categories, [Group::new(1, "all", "All"), Group::new(2, "gold", "Gold")], "{what}");
            assert_eq!(segments, [Group::new(1, "North & East", "North & East")], "{what}");
            let rows: Vec<Value> = server.at(|system| system.rows.values().map(|row| json!(row)).collect());
            assert_eq!(rows.len(), 2, "{path}: {what}");
            for row in rows {
                assert_eq!(row["categoryReference"], json!("gold"));
                assert_eq!(row["customerSegmentationReference"], json!("North & East"));
            }
        }
    }
}

#[test]
fn a_category_that_valomnia_does_not_make_waits_alone() {
    let server = Server::start(Valomnia { makes_no_groups: true, ..Valomnia::default() });
    let till = Till::of(&server);
    let document = json!({ "name": { "full": "Marie" }, "reference": "M-1" });
    let terms = json!({ "category": { "reference": "gold" }, "hold": { "reason": "unpaid" } });
    let marie = till.register_as(document, terms);
    till.settle();
    assert_eq!(why(&till), ("held_back".to_owned(), "category".to_owned()));
    let row = json!(server.at(|system| system.rows[&1].clone()));
    assert_eq!((row["onHoldReason"].clone(), row["categoryReference"].clone()), (json!("unpaid"), Value::Null));
    assert_eq!(till.terms(marie)["category"], json!({ "reference": "gold" }));
    // What was never made can be given up, and nothing else goes with it.
    till.give_up_first();
    till.settle();
    assert_eq!((till.open(), till.terms(marie).get("category").cloned()), (Vec::new(), None));
    assert_eq!(till.terms(marie)["hold"], json!({ "reason": "unpaid" }));
}

#[test]
fn a_child_waits_for_its_parent_at_valomnia() {
    let server = Server::start(Valomnia::default());
    let till = Till::of(&server);
    till.register_as(json!({ "name": { "full": "Child" }, "reference": "C-1" }), json!({ "parent": "P-1" }));
    till.register_as(json!({ "name": { "full": "Parent" }, "reference": "P-1" }), json!({}));
    till.settle();
    assert_eq!(till.open(), Vec::<String>::new());
    let names: Vec<String> = server.at(|system| system.people()).into_iter().map(|(_, name, _)| name).collect();
    assert_eq!(names, ["Parent", "Child"], "in the order of need");
}

#[test]
fn a_session_of_valomnia_that_has_run_out_is_renewed_and_a_picture_goes_as_one() {
    let server = Server::start(Valomnia::default());
    let till = Till::of(&server);
    let marie = marie(&till);
    till.settle();
    server.plan(
        |asked| asked.path.contains("/customers"),
        0,
        Fault::Instead(Answer::json(200, json!({ "error": "no_credentials" }))),
    );
    till.edit(marie, "picture", json!({ "media_type": "image/png", "data": "iVBORw0KGgo=" }));
    let tally = till.exchange();
    assert_eq!((tally.trouble, server.fired()), (None, 1));
    let sent = server.log().into_iter().find(Valomnia::is_edit).expect("sent");
    assert!(sent.header("content-type").starts_with("multipart/form-data; boundary="));
    let body = String::from_utf8_lossy(&sent.body).into_owned();
    assert!(body.contains("name=\"imageFile\"; filename=\"picture.png\"\r\nContent-Type: image/png\r\n\r\n"), "{body}");
    till.edit(marie, "picture", json!({ "media_type": "image/webp", "data": "UklGRg==" }));
    till.settle();
    assert_eq!(why(&till), ("held_back".to_owned(), "picture".to_owned()));
}

#[test]
fn nothing_of_a_broken_member_is_written_and_the_others_come() {
    let broken = [
        ("a phone that is an object", "phone", json!({ "number": 1 })),
        ("a rate below nought", "discountRate", json!(-1.0)),
        ("a date that is none", "activationTime", json!("the day before")),
        ("cards that are a number", "cards", json!(-3)),
        ("a name that is a list", "firstName", json!(["John"])),
    ];
    for (what, key, value) in broken {
        let mut row = portos_sample();
        row[key] = value;
        let mut other = portos_sample();
        other["id"] = json!("another");
        other["cards"] = json!([]);
        let list = json!({ "items": [row, other], "count": 2, "totalCount": 2 });
        let server = Server::start(PortosSays(Says(vec![("/customers", Answer::json(200, list))])));
        let till = Till::of(&server);
        till.settle();
        assert_eq!((till.people().len(), till.quarantined()), (1, 1), "{what}");
    }
}

#[test]
fn a_secret_is_not_carried_where_an_answer_leads() {
    let elsewhere = Server::start(Crmx::default());
    let answer = Answer {
        status: 302,
        headers: vec![("location", format!("{}/customers_location", elsewhere.url()))],
        body: String::new(),
    };
    let server = Server::start(CrmxSays(Says(vec![("/", answer)])));
    let till = Till::of(&server);
    let trouble = block_on(till.connector.check()).expect_err("refused");
    assert_eq!(trouble.problem.code, "redirect_refused");
    assert_eq!(elsewhere.log().len(), 0);
}

#[test]
fn money_of_a_shop_whose_remote_has_no_home_for_it_stays_at_the_till_and_holds_nothing_up() {
    let server = Server::start(Crmx::default());
    let till = Till::of(&server);
    let marie = marie(&till);
    till.top_up(marie, 50_000);
    till.edit(marie, "email", json!("new@example.com"));
    till.settle();
    assert_eq!(till.open(), ["entry_added ready"], "it is kept, for the day on which the shop gets a home for it");
    assert_eq!(till.read(|tx| regulars_store::outbox::count(tx)), regulars_store::outbox::Counts::default());
    assert_eq!(server.at(|system| system.people())[0].2, "new@example.com");
    let sent: String = server.log().iter().map(|asked| String::from_utf8_lossy(&asked.body).into_owned()).collect();
    assert!(!sent.contains("50000"));
}

#[test]
fn a_shop_that_is_connected_later_gets_whom_the_system_told_of_before() {
    let server = Server::start(Valomnia::default());
    server.at(|system| system.register("Marie", "Curie", "0945350391", "marie@example.com"));
    let till = Till::of(&server);
    till.settle();
    assert_eq!(till.people().len(), 1);
    let (other, remote) = (till.add_shop("TH"), till.remote);
    let count = || till.read(|tx| regulars_store::members::count_of_location(tx, other));
    assert_eq!(count(), 0);
    till.write(move |tx| regulars_store::sweeps::begin_anew(tx, remote));
    till.settle();
    assert_eq!(count(), 1);
}

#[test]
fn a_check_says_in_words_what_it_saw() {
    let code =
        |till: &Till| block_on(till.connector.check()).map(|seen| seen.members).map_err(|trouble| trouble.problem.code);
    let server = Server::start(Portos::default());
    server.at(|system| system.register("Marie", "Curie", "0945350391", "marie@example.com"));
    assert_eq!(code(&Till::of(&server)), Ok(Some(1)));
    let server = Server::start(Lumyri::default());
    assert_eq!(code(&Till::of(&server)), Ok(Some(0)));
    let mut till = Till::of(&server);
    till.connect_again::<Lumyri>(Lumyri::settings(), "wrong");
    assert_eq!(code(&till), Err("token_refused".to_owned()));
    let server = Server::start(Valomnia::default());
    assert_eq!(code(&Till::of(&server)), Ok(Some(0)));
    let mut till = Till::of(&server);
    till.connect_again::<Valomnia>(json!({ "user_name": "desk" }), "wrong");
    assert_eq!(code(&till), Err("password_refused".to_owned()));
    assert_eq!(code(&Till::of(&Server::start(Stancer::default()))), Ok(None));
    assert_eq!(code(&Till::of(&Server::start(Crmx::default()))), Ok(None));
    let down = Server::start(Crmx::default());
    let till = Till::of(&down);
    drop(down);
    assert_eq!(code(&till), Err("unreachable".to_owned()));
}
