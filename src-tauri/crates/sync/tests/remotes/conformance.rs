//! One suite for every connector: the same days of a shop, with one thing going wrong at each request in turn. At the end
//! remote and till agree, nothing is there twice, nothing is gone, and nobody was held up by somebody else's trouble. A
//! case counts only where its fault really struck.
//!
//! Each connector has it against a small system that was written after the page alone, and against our own head office,
//! which answers in that API.

use super::office::Dialect;
use super::server::{Answer, Asked, Fault, Server};
use super::systems::{CANNOT_BE, Crmx, Lumyri, Portos, Shop, Stancer, Valomnia};
use super::till::Till;
use serde_json::json;
use std::collections::BTreeMap;

/// Places at which each fault strikes.
const PLACES: usize = 7;
/// Cases at once: they mostly wait for the disk.
const THREADS: usize = 6;
/// Fewest cases of a connector that count.
const AT_LEAST: usize = 60;

/// What goes wrong, with its name.
type Named<S> = (&'static str, Strikes<S>);

/// Makes what goes wrong on the way, or there.
type Fails<S> = fn() -> Fault<S>;

/// Where it strikes.
enum Strikes<S> {
    /// At the till: the request never leaves.
    Here,
    /// On the way, or there.
    There(Fails<S>),
}

/// What is compared of a member.
type Person = (String, String, String);

/// What goes wrong, by name.
fn faults<S: Shop>() -> Vec<Named<S>> {
    let there: Vec<(&'static str, Fails<S>)> = vec![
        ("request lost", || Fault::RequestLost),
        ("answer lost", || Fault::AnswerLost),
        ("500 before", || Fault::Instead(Answer::empty(500))),
        ("500 after", || Fault::After(Answer::empty(500))),
        ("503 after", || Fault::After(Answer::json(503, json!({ "message": "later" })))),
        ("429 seconds", || wait("7")),
        ("429 date", || wait("Tue, 24 Nov 2026 08:00:30 GMT")),
        ("429 nonsense", || wait("soon")),
        ("401", || Fault::Instead(S::unauthorised())),
        ("html with 200", || {
            Fault::Instead(Answer { status: 200, headers: Vec::new(), body: "<html>Welcome</html>".to_owned() })
        }),
        ("truncated", || Fault::Truncated),
        ("twice", || Fault::Twice),
    ];
    let there = there.into_iter().map(|(name, fault)| (name, Strikes::There(fault)));
    std::iter::once(("never left", Strikes::Here)).chain(there).collect()
}

fn wait<S>(header: &str) -> Fault<S> {
    Fault::Instead(Answer { status: 429, headers: vec![("retry-after", header.to_owned())], body: "{}".to_owned() })
}

/// Two members register, one changes an email address here, one's name is changed there, one is deleted, and a stranger
/// comes from there.
fn days<S: Shop>(server: &Server<S>, till: &Till) {
    let marie = till.register("Marie", "Curie", "0945350391", "marie@example.com");
    let ada = till.register("Ada", "Byron", "0945350392", "ada@example.com");
    till.exchange();
    till.settle();
    till.edit(marie, "email", json!("marie@other.example"));
    server.at(|system| system.change_name("0945350392", "Augusta", "Byron"));
    till.settle();
    if S::can_delete() {
        till.remove(ada);
        till.settle();
    }
    server.at(|system| system.register("Emmy", "Noether", "0945350393", "emmy@example.com"));
    till.settle();
}

fn expected<S: Shop>() -> (Vec<Person>, Vec<Person>) {
    let person = |phone: &str, name: &str, email: &str| (phone.to_owned(), name.to_owned(), email.to_owned());
    let marie = person("945350391", "Marie Curie", "marie@other.example");
    let ada = person("945350392", "Augusta Byron", "ada@example.com");
    let emmy = person("945350393", "Emmy Noether", "emmy@example.com");
    let mut there = vec![marie.clone()];
    let mut here = vec![marie];
    if !S::can_delete() {
        there.push(ada.clone());
        here.push(ada);
    }
    there.push(emmy.clone());
    if !S::is_blind() {
        here.push(emmy);
    }
    (there, here)
}

fn check<S: Shop>(server: &Server<S>, till: &Till, case: &str) {
    let (there, here) = expected::<S>();
    let mut people = server.at(|system| system.people());
    people.sort();
    assert_eq!(people, there, "{}: what is there after {case}", S::KIND);
    assert_eq!(till.people(), here, "{}: what is here after {case}", S::KIND);
    assert_eq!(till.open(), Vec::<String>::new(), "{}: what still waits after {case}", S::KIND);
    assert_eq!(till.findings(), 0, "{}: the file after {case}", S::KIND);
}

fn any(_: &Asked) -> bool {
    true
}

fn conforms<S: Shop + Default>() -> BTreeMap<&'static str, usize> {
    let clean = Server::start(S::default());
    let till = Till::of(&clean);
    days(&clean, &till);
    check(&clean, &till, "a good day");
    let requests = clean.log().len();
    // So many requests of the day for each fault, others for each, so that every request meets several.
    let step = (requests / PLACES).max(1);
    let (faults, mut cases) = (faults::<S>(), Vec::new());
    for (number, (name, strikes)) in faults.iter().enumerate() {
        cases.extend((number % step..requests).step_by(step).map(|place| (*name, strikes, place)));
    }
    let case = |(name, strikes, place): &(&'static str, &Strikes<S>, usize)| {
        let server = Server::start(S::default());
        let till = Till::of(&server);
        match strikes {
            Strikes::Here => till.pull_the_plug_after(*place),
            Strikes::There(fault) => server.plan(any, *place, fault()),
        }
        days(&server, &till);
        check(&server, &till, &format!("{name} at request {place}"));
        let fired = match strikes {
            Strikes::Here => till.never_left(),
            Strikes::There(_) => server.fired(),
        };
        (*name, fired)
    };
    let mut counted = BTreeMap::new();
    std::thread::scope(|scope| {
        let threads = cases
            .chunks(cases.len().div_ceil(THREADS))
            .map(|chunk| scope.spawn(move || chunk.iter().map(case).collect::<Vec<_>>()));
        for thread in threads.collect::<Vec<_>>() {
            for (name, fired) in thread.join().expect("every case of it conforms") {
                *counted.entry(name).or_default() += fired;
            }
        }
    });
    counted.insert("second writer", second_writers::<S>());
    counted.insert("always refused", always_refused::<S>());
    if !S::is_blind() {
        counted.insert("rows move between pages", moving_rows::<S>());
    }
    counted
}

/// Somebody else writes between this till's reading and its writing: another field of the same member. Where the remote
/// counts versions nothing of either is lost; where it does not, and takes all of a member, the window cannot be closed.
fn second_writers<S: Shop + Default>() -> usize {
    let server = Server::start(S::default());
    let till = Till::of(&server);
    let marie = till.register("Marie", "Curie", "0945350391", "marie@example.com");
    till.settle();
    server.plan(
        S::is_edit,
        0,
        Fault::Before(Box::new(|system: &mut S| system.change_name("0945350391", "Maria", "Curie"))),
    );
    till.edit(marie, "email", json!("marie@other.example"));
    till.settle();
    let people = server.at(|system| system.people());
    assert_eq!(people[0].2, "marie@other.example", "{}: ours arrived", S::KIND);
    let can = till.connector.capabilities();
    if can.version_check || can.partial_update {
        assert_eq!(people[0].1, "Maria Curie", "{}: theirs stayed", S::KIND);
    }
    assert_eq!(till.people(), [("945350391".to_owned(), people[0].1.clone(), people[0].2.clone())]);

    // The same field on both sides, before this till reads: theirs is seen, and decided about, not overwritten unseen.
    server.at(|system| system.change_email("0945350391", "theirs@example.com"));
    till.edit(marie, "email", json!("ours@example.com"));
    till.settle();
    let people = server.at(|system| system.people());
    assert_eq!(till.people()[0].2, people[0].2, "{}: both sides agree", S::KIND);
    let decided = till.read(|tx| regulars_store::decisions::list_of_member(tx, marie));
    assert!(decided.iter().any(|decision| decision.values.field == "email"), "{}: who lost is noted", S::KIND);
    server.fired() + 1
}

/// One that the remote always refuses waits for a person with words; the others go on.
fn always_refused<S: Shop + Default>() -> usize {
    let server = Server::start(S::default());
    server.at(|system| system.refuse("Poison"));
    let till = Till::of(&server);
    let poison = till.register("Poison", "Ivy", "0945350399", "poison@example.com");
    till.register("Marie", "Curie", "0945350391", "marie@example.com");
    till.settle();
    assert_eq!(server.at(|system| system.people()).len(), 1, "{}", S::KIND);
    let parked = till.parked();
    assert_eq!(parked.len(), 1, "{}: {:?}", S::KIND, till.open());
    assert_eq!(parked[0].member_id, Some(poison));
    let message = parked[0].problem.as_ref().map(|problem| problem.message.clone()).unwrap_or_default();
    assert!(message.contains(CANNOT_BE), "{}: {message}", S::KIND);
    1
}

/// Rows are taken away and added while the pages are read. Nobody is taken for gone who is not, and who is gone goes.
fn moving_rows<S: Shop + Default>() -> usize {
    let server = Server::start(S::default());
    server.at(|system| {
        for number in 0..230 {
            system.register(
                &format!("Given{number:03}"),
                "Family",
                &format!("09{number:08}"),
                &format!("m{number}@example.com"),
            );
        }
    });
    let till = Till::of(&server);
    till.settle();
    assert_eq!(till.people().len(), 230, "{}", S::KIND);
    for round in 0..4 {
        server.plan(
            is_list,
            1,
            Fault::Before(Box::new(move |system: &mut S| {
                system.take_away(&format!("09{:08}", round * 7));
                system.register(
                    &format!("New{round}"),
                    "Family",
                    &format!("08{round:08}"),
                    &format!("n{round}@example.com"),
                );
            })),
        );
        // A whole day on, so that those that tell what changed are gone through whole too.
        till.clock.forward(std::time::Duration::from_secs(25 * 60 * 60));
        till.exchange();
        till.exchange();
    }
    for _ in 0..4 {
        till.clock.forward(std::time::Duration::from_secs(25 * 60 * 60));
        till.settle();
    }
    let mut there = server.at(|system| system.people());
    there.sort();
    assert_eq!(till.people(), there, "{}", S::KIND);
    assert!(server.fired() >= 2, "{}: the rows moved {} times", S::KIND, server.fired());
    server.fired()
}

fn is_list(asked: &Asked) -> bool {
    asked.method == "GET" && (asked.path.ends_with("/customers") || asked.path == "/customers")
}

fn report<S: Shop + Default>(target: &str) {
    let counted = conforms::<S>();
    let total: usize = counted.values().sum();
    let each: Vec<String> = counted.iter().map(|(name, count)| format!("{name} {count}")).collect();
    let title = format!("{} / {target}", S::KIND);
    println!("{title:<18} {total:>4} cases   {}", each.join(" · "));
    assert!(total >= AT_LEAST, "{title}: only {total} cases counted");
}

macro_rules! conforms {
    ($page:ident, $dialect:ident, $system:ident) => {
        #[test]
        fn $page() {
            report::<$system>("page");
        }

        #[test]
        fn $dialect() {
            report::<Dialect<$system>>("dialect");
        }
    };
}

conforms!(crmx_conforms, crmx_conforms_at_head_office, Crmx);
conforms!(stancer_conforms, stancer_conforms_at_head_office, Stancer);
conforms!(lumyri_conforms, lumyri_conforms_at_head_office, Lumyri);
conforms!(portos_conforms, portos_conforms_at_head_office, Portos);
conforms!(valomnia_conforms, valomnia_conforms_at_head_office, Valomnia);
