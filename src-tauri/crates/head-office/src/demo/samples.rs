//! The members that stand as samples in the documents of the five remotes, with the fields that are known here, and a
//! few whom a first look at the counter should find: three on one number, one on hold, one whose membership ran out.

use super::history::{Past, Step};
use super::people::named;
use super::places::Place;
use regulars_domain::ledger::Tender;
use regulars_domain::member::{Address, Birthday, Company, Consent, Gender, Kind, LoyaltyCard, Member, SerialNumber};
use regulars_domain::membership::{Hold, Moment, Terms};
use regulars_domain::percent::Percent;
use regulars_domain::phone::Phone;
use regulars_domain::{Date, Refusal, Timestamp};
use std::collections::BTreeMap;

/// The member that the pictures of the counter show comes first, and has this number all the same.
const SHOWN: u64 = 4_217;
/// The number that three of one family share.
const SHARED_NUMBER: &str = "0912345678";

/// A member as printed.
pub(super) struct Sample {
    pub(super) member: Member,
    pub(super) terms: Terms,
    pub(super) member_since: Option<Date>,
    pub(super) past: Past,
}

/// The number of the member who comes as the nth.
pub(super) const fn number(nth: u64) -> u64 {
    match nth {
        1 => SHOWN,
        SHOWN => 1,
        _ => nth,
    }
}

/// The samples that belong to a shop.
pub(super) fn of(place: &Place) -> Result<Vec<Sample>, Refusal> {
    match place.location.code.as_str() {
        "KM" => {
            let mut samples = vec![shown(place)?];
            samples.extend(lumyri(place)?);
            samples.extend(family(place)?);
            samples.push(on_hold(place)?);
            samples.push(ran_out(place)?);
            Ok(samples)
        }
        "BA" => Ok(vec![portos()]),
        "LY" => Ok(vec![stancer(place)?, valomnia()]),
        _ => Ok(Vec::new()),
    }
}

/// CRMX, "Lấy thông tin thành viên"; the rest as the pictures of the counter have it.
fn shown(place: &Place) -> Result<Sample, Refusal> {
    let member = Member {
        email: Some("phundk59uet@gmail.com".to_owned()),
        gender: Some(Gender::Male),
        birthday: Some(Birthday { month: 5, day: 30, year: Some(1996) }),
        note: Some("Allergic to nuts, ask before offering samples".to_owned()),
        addresses: vec![Address {
            role: Some("home".to_owned()),
            text: Some("82 Dịch Vọng Hậu".to_owned()),
            city: Some("Hà Nội".to_owned()),
            country: Some("VN".to_owned()),
            ..Address::default()
        }],
        cards: shown_cards()?,
        consents: BTreeMap::from([
            ("offers/sms".to_owned(), consent(true, "2022-11-01T02:10:00Z")?),
            ("offers/email".to_owned(), consent(false, "2022-11-01T02:10:00Z")?),
        ]),
        ..person(place, "Ly Tu Quang Thang", Some("0945350398"))?
    };
    let terms = Terms {
        discount_percent: Some(Percent::parse("5", "discount_percent")?),
        earn_percent: Some(Percent::parse("2", "earn_percent")?),
        valid_until: Some("2026-12-31".parse()?),
        ..labelled("Wholesale")
    };
    static PAST: [(u64, Step); 5] = [
        (300, Step::Open(500_000)),
        (48, Step::TopUp(500_000, Tender::Transfer)),
        (12, Step::Visit(1_050_000, 0)),
        (6, Step::Visit(230_000, 120_000)),
        (2, Step::Visit(95_000, 0)),
    ];
    Ok(Sample { member, terms, member_since: Some("2019-09-26".parse()?), past: Past::Steps(&PAST) })
}

fn shown_cards() -> Result<BTreeMap<String, LoyaltyCard>, Refusal> {
    let plastic = LoyaltyCard::issued(false, at("2022-11-01T02:10:00Z")?);
    let made = LoyaltyCard::issued(true, at("2024-06-18T10:32:00Z")?);
    let lost = LoyaltyCard::issued(false, at("2019-09-26T04:05:00Z")?).blocked("lost", at("2025-03-02T08:41:00Z")?);
    let note = Some("Linh Tran".to_owned());
    Ok(BTreeMap::from([
        ("8400174504165209".to_owned(), plastic),
        (SerialNumber::make([5, 5, 13, 21, 0, 26, 16]).to_string(), made),
        ("8400174503981177".to_owned(), LoyaltyCard { note, ..lost }),
    ]))
}

/// Lumyri, "Create an customer", and "Update customer": another customer with the same number.
fn lumyri(place: &Place) -> Result<[Sample; 2], Refusal> {
    let number = Some("+83497898519");
    let email = |text: &str| Some(text.to_owned());
    let first = Member { email: email("customer1@example.com"), ..person(place, "customer first", number)? };
    let other = Member { email: email("home_address@lumyri.com"), ..person(place, "Phan Son 15", number)? };
    Ok([sample(first, Terms::default(), 0), sample(other, labelled("Retail"), 2)])
}

/// Three who share one number, told apart by their label, birthday and last visit.
fn family(place: &Place) -> Result<[Sample; 3], Refusal> {
    let born = |day, month, year| Some(Birthday { month, day, year: Some(year) });
    let anh = Member {
        birthday: born(14, 2, 1988),
        gender: Some(Gender::Female),
        cards: BTreeMap::from([(
            "8400174504170417".to_owned(),
            LoyaltyCard::issued(false, at("2024-03-08T03:00:00Z")?),
        )]),
        ..person(place, "Trần Minh Anh", Some(SHARED_NUMBER))?
    };
    let duc = Member { birthday: born(3, 11, 1985), ..person(place, "Trần Minh Đức", Some("0912 345 678"))? };
    let hoa = Member { birthday: born(21, 7, 1959), ..person(place, "Nguyễn Thị Hoa", Some("+84 912 345 678"))? };
    let earns = |terms: Terms| Ok::<_, Refusal>(Terms { earn_percent: Some("3".parse()?), ..terms });
    Ok([sample(anh, earns(labelled("VIP"))?, 6), sample(duc, labelled("Retail"), 2), sample(hoa, Terms::default(), 0)])
}

fn on_hold(place: &Place) -> Result<Sample, Refusal> {
    let member = person(place, "Phạm Quốc Bảo", Some("0903112233"))?;
    let hold = Some(Hold { reason: Some("Two invoices are unpaid".to_owned()) });
    Ok(sample(member, Terms { hold, ..labelled("Wholesale") }, 3))
}

fn ran_out(place: &Place) -> Result<Sample, Refusal> {
    let member = person(place, "Lê Thu Hà", Some("0987654321"))?;
    let valid_until: Option<Moment> = Some("2025-12-31".parse()?);
    Ok(sample(member, Terms { valid_until, ..labelled("Student") }, 3))
}

fn portos() -> Sample {
    let member = Member {
        name: named("John Doe".to_owned()),
        email: Some("john.doe@portos.sk".to_owned()),
        ..Member::default()
    };
    sample(member, Terms::default(), 0)
}

fn stancer(place: &Place) -> Result<Sample, Refusal> {
    let email = Some("david@example.net".to_owned());
    let member = Member { email, ..person(place, "David Coaster", Some("+33639980102"))? };
    Ok(sample(member, labelled("Retail"), 3))
}

/// A company in Nice, with no contact of its own.
fn valomnia() -> Sample {
    let name = "Marie's Jewelry".to_owned();
    let company = Company { name: Some(name.clone()), ..Company::default() };
    let member = Member { kind: Kind::Company, name: named(name), company: Some(company), ..Member::default() };
    sample(member, labelled("Wholesale"), 0)
}

fn person(place: &Place, name: &str, phone: Option<&str>) -> Result<Member, Refusal> {
    let phone = phone.map(|typed| Phone::parse(typed, place.country)).transpose()?;
    Ok(Member { name: named(name.to_owned()), phone, ..Member::default() })
}

fn sample(member: Member, terms: Terms, entries: usize) -> Sample {
    Sample { member, terms, member_since: None, past: Past::Entries(entries) }
}

fn labelled(label: &str) -> Terms {
    Terms { labels: BTreeMap::from([(label.to_owned(), true)]), ..Terms::default() }
}

fn consent(is_given: bool, said_at: &str) -> Result<Consent, Refusal> {
    Ok(Consent { is_given, at: Some(at(said_at)?), source: Some("counter".to_owned()), wording: None })
}

fn at(text: &str) -> Result<Timestamp, Refusal> {
    text.parse()
}
