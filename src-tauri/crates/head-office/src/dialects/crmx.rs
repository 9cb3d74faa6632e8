//! CRMX's member API (`/customers_location`): a member by phone number and shop (`pos_id`).
//!
//! What the page leaves open, and what is done here:
//! - `pos_id` is the code of a shop. A request without it, or for a shop that the token may not serve, is refused.
//! - Failures are not documented: `{status, status_code, message}`, the HTTP status being the same, or 200 with the
//!   setting `crmx.body_status`.
//! - Who a PUT is about is the phone in its body, at that shop. So a phone cannot be changed here; an unknown one is 404.
//! - A PUT changes the keys that it sends: an absent key says nothing, an empty one clears.
//! - A POST for a phone that the shop has already is refused with 409, or changes that member with the setting
//!   `crmx.upsert`. Somebody of the same phone and the same name at another shop of the same token is taken in at this
//!   one, instead of becoming a second member.
//! - A phone is matched in any spelling and answered as it was typed. Where several members have it the oldest answers.
//! - `year_birthday` without `birthday` has no home in a member: it is kept for itself, shown again, and joined by
//!   a day that is told later.
//! - `_id`, `age_range` (always null), `client_mac` (always empty) and the dates are read only. `_id` differs per shop.

use super::call::{Call, bearer, invalid, json};
use super::desk::{Desk, Seen, derived};
use super::fields::{add, changed, full_name, name_patch, one_line, or_null, text};
use crate::error::HeadOfficeError;
use crate::http::HeadOffice;
use axum::Router;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use regulars_domain::MemberId;
use regulars_domain::edit::Document;
use regulars_domain::location::Location;
use regulars_domain::member::{Birthday, Gender, Member};
use serde_json::{Value, json};

/// In meta: a year of birth without a day.
const YEAR: &str = "crmx:year_birthday";
/// Keys that are text in a member too, and where they are there.
const PLAIN: [(&str, &str); 3] =
    [("email", "email"), ("relationship_status", "marital_status"), ("home_town", "home_town")];
/// Keys that are links or ids elsewhere.
const SOCIAL: [&str; 3] = ["fb_id", "facebook", "twitter"];

pub(super) fn routes() -> Router<HeadOffice> {
    Router::new().route("/customers_location", get(show).post(create).put(update))
}

/// Why a request is not answered as asked.
enum Failure {
    /// Nobody has that phone there.
    Unknown,
    /// Somebody has.
    Exists,
    /// As head office says.
    Other(HeadOfficeError),
}

impl From<HeadOfficeError> for Failure {
    fn from(error: HeadOfficeError) -> Self {
        Self::Other(error)
    }
}

pub(super) fn refuse(error: HeadOfficeError) -> Response {
    answer(error.into(), false)
}

fn answer(failure: Failure, only_in_body: bool) -> Response {
    let (status, message) = match &failure {
        Failure::Unknown => (StatusCode::NOT_FOUND, "Customer not found".to_owned()),
        Failure::Exists => (StatusCode::CONFLICT, "Customer already exists".to_owned()),
        Failure::Other(HeadOfficeError::TokenRefused) => (StatusCode::UNAUTHORIZED, "Unauthorized".to_owned()),
        Failure::Other(error) => (error.status_and_code().0, error.to_string()),
    };
    let number = status.as_u16();
    let body = json!({ "status": number, "status_code": number, "message": message });
    let mut response = json(if only_in_body { StatusCode::OK } else { status }, &body);
    if let Failure::Other(error) = &failure {
        error.say_when(&mut response);
    }
    response
}

fn success() -> Response {
    json(StatusCode::OK, &json!({ "status": 200, "status_code": 200, "message": "Success!" }))
}

/// A request with a token of this dialect.
struct Crmx(Call);

impl FromRequest<HeadOffice> for Crmx {
    type Rejection = Response;

    async fn from_request(request: Request, office: &HeadOffice) -> Result<Self, Response> {
        let read = async {
            let (parts, body) = request.into_parts();
            let token = bearer(&parts.headers).ok_or(HeadOfficeError::TokenRefused)?;
            let access = office.check_token(token, "crmx").await?;
            Call::read(office, access, parts, body).await
        };
        read.await.map(Self).map_err(|error| answer(error.into(), office.dialects().crmx_body_status))
    }
}

async fn show(Crmx(call): Crmx) -> Response {
    let only_in_body = call.settings().crmx_body_status;
    let (phone, pos_id) = (call.param("phone").map(str::to_owned), call.param("pos_id").map(str::to_owned));
    let found = call.ask(move |desk| {
        let phone = phone.as_deref().ok_or_else(|| invalid("phone is required"))?;
        let place = place(desk, pos_id.as_deref())?;
        let seen = find(desk, &place, phone)?.ok_or(Failure::Unknown)?;
        Ok(json!({ "status": 200, "message": "Customer info", "data": shown(&seen) }))
    });
    match found.await {
        Ok(body) => json(StatusCode::OK, &body),
        Err(failure) => answer(failure, only_in_body),
    }
}

async fn create(Crmx(call): Crmx) -> Response {
    let (only_in_body, upsert) = (call.settings().crmx_body_status, call.settings().crmx_upsert);
    let written = write(call, move |desk, place, phone, sent| {
        if let Some(seen) = find(desk, place, phone)? {
            return if upsert { change(desk, &seen, sent) } else { Err(Failure::Exists) };
        }
        let name = sent.get("name").and_then(Value::as_str).unwrap_or_default();
        let known = desk.find_by_phone(phone, place)?;
        let known = known.iter().filter(|seen| !name.trim().is_empty() && seen.is_called(name));
        if let [seen] = known.collect::<Vec<_>>()[..] {
            let seen = desk.join(seen, place)?;
            return change(desk, &seen, sent);
        }
        let mut patch = patch(sent, &Document::new(), &Member::default(), phone)?;
        patch.insert("phone".to_owned(), json!(phone));
        let id = desk.mint(MemberId::mint);
        desk.create(id, place, &Value::Object(patch))?;
        Ok(())
    });
    written.await.unwrap_or_else(|failure| answer(failure, only_in_body))
}

async fn update(Crmx(call): Crmx) -> Response {
    let only_in_body = call.settings().crmx_body_status;
    let written = write(call, |desk, place, phone, sent| {
        let seen = find(desk, place, phone)?.ok_or(Failure::Unknown)?;
        change(desk, &seen, sent)
    });
    written.await.unwrap_or_else(|failure| answer(failure, only_in_body))
}

/// Reads the shop, the phone and the rest of a body, and changes with them.
async fn write(
    call: Call,
    mut work: impl FnMut(&mut Desk<'_>, &Location, &str, &Document) -> Result<(), Failure> + Send + 'static,
) -> Result<Response, Failure> {
    let (pos_id, sent) = (call.param("pos_id").map(str::to_owned), call.json()?);
    let phone = field(&sent, "phone")?.ok_or_else(|| invalid("phone is required"))?.to_owned();
    call.change(move |desk| {
        let place = place(desk, pos_id.as_deref())?;
        work(desk, &place, &phone, &sent)
    })
    .await?;
    Ok(success())
}

fn place(desk: &mut Desk<'_>, pos_id: Option<&str>) -> Result<Location, HeadOfficeError> {
    let pos_id = pos_id.ok_or_else(|| invalid("pos_id is required"))?;
    desk.place(pos_id)?.ok_or(HeadOfficeError::NotAllowed)
}

/// The oldest member of a shop with that number.
fn find(desk: &mut Desk<'_>, place: &Location, phone: &str) -> Result<Option<Seen>, HeadOfficeError> {
    for seen in desk.find_by_phone(phone, place)? {
        if let Some(here) = desk.find_at(seen.id, &place.code)? {
            return Ok(Some(here));
        }
    }
    Ok(None)
}

fn change(desk: &mut Desk<'_>, seen: &Seen, sent: &Document) -> Result<(), Failure> {
    let phone = seen.member.phone.as_ref().map_or("", |phone| &phone.typed);
    let patch = patch(&changed(sent, &shown(seen)), sent, &seen.member, phone)?;
    desk.update(seen, &Value::Object(patch))?;
    Ok(())
}

/// A member as the page shows one.
pub(super) fn shown(seen: &Seen) -> Document {
    let member = &seen.member;
    let gender = match member.gender {
        Some(Gender::Male) => Some("1"),
        Some(Gender::Female) => Some("2"),
        Some(Gender::Other) | None => None,
    };
    let day = |at| {
        let day = seen.place.zone().business_date(at).to_string();
        let mut parts: Vec<&str> = day.split('-').collect();
        parts.reverse();
        parts.join("-")
    };
    let year = member.birthday.and_then(|birthday| birthday.year).map(|year| year.to_string());
    let address = member.addresses.first().map(one_line).filter(|line| !line.is_empty());
    let social = |key: &str| or_null(member.social.get(key).map(String::as_str));
    let mut id = derived("crmx", &format!("{} {}", seen.id, seen.place.code)).simple().to_string();
    id.truncate(24);
    let shown = json!({
        "_id": id,
        "age_range": null,
        "year_birthday": or_null(year.as_deref().or(member.meta.get(YEAR).map(String::as_str))),
        "home_town": or_null(member.home_town.as_deref()),
        "twitter": social("twitter"),
        "gender": or_null(gender),
        "created_at": day(seen.created_at),
        "fb_id": social("fb_id"),
        "phone": or_null(member.phone.as_ref().map(|phone| phone.typed.as_str())),
        "birthday": member.birthday.map(|birthday| format!("{:02}-{:02}", birthday.month, birthday.day)),
        "facebook": social("facebook"),
        "address": or_null(address.as_deref()),
        "relationship_status": or_null(member.marital_status.as_deref()),
        "client_mac": [],
        "email": or_null(member.email.as_deref()),
        "name": or_null(full_name(member)),
        "updated_at": day(seen.updated_at),
    });
    shown.as_object().cloned().unwrap_or_default()
}

/// What a body changes. `whole` is the body as it came, since day and year of birth are one value in a member.
fn patch(sent: &Document, whole: &Document, member: &Member, phone: &str) -> Result<Document, Failure> {
    let whole = if whole.is_empty() { sent } else { whole };
    let mut patch = Document::new();
    for (key, name) in PLAIN {
        if sent.contains_key(key) {
            patch.insert(name.to_owned(), or_null(field(sent, key)?));
        }
    }
    for key in SOCIAL.into_iter().filter(|key| sent.contains_key(*key)) {
        add(&mut patch, Document::from_iter([("social".to_owned(), json!({ key: field(sent, key)? }))]));
    }
    if sent.contains_key("name") || member.name.full.is_empty() {
        add(&mut patch, name_patch(None, None, field(sent, "name")?, phone));
    }
    if sent.contains_key("gender") {
        let gender = match field(sent, "gender")? {
            None => Value::Null,
            Some("1") => json!("male"),
            Some("2") => json!("female"),
            Some(_) => return Err(invalid("gender is 1 or 2").into()),
        };
        patch.insert("gender".to_owned(), gender);
    }
    if sent.contains_key("address") {
        patch.insert("addresses".to_owned(), addresses(member, field(sent, "address")?));
    }
    if sent.contains_key("birthday") || sent.contains_key("year_birthday") {
        add(&mut patch, birthday(whole, member)?);
    }
    Ok(patch)
}

fn addresses(member: &Member, text: Option<&str>) -> Value {
    let (place, first) = (member.addresses.first().map(|_| 0), member.addresses.first());
    let new = text.map(|text| {
        let (role, category) = first.map_or((None, None), |first| (first.role.clone(), first.category.clone()));
        regulars_domain::member::Address { role, category, text: Some(text.to_owned()), ..Default::default() }
    });
    super::fields::addresses_patch(&member.addresses, place, new)
}

fn birthday(whole: &Document, member: &Member) -> Result<Document, Failure> {
    let day = match whole.get("birthday") {
        Some(_) => field(whole, "birthday")?.map(month_and_day).transpose()?,
        None => member.birthday.map(|birthday| (birthday.month, birthday.day)),
    };
    let year = match whole.get("year_birthday") {
        Some(_) => field(whole, "year_birthday")?.map(year).transpose()?,
        None => known_year(member),
    };
    let alone = if day.is_none() { year.map(|year| year.to_string()) } else { None };
    let birthday = day.map(|(month, day)| Birthday { month, day, year });
    Ok(Document::from_iter([
        // One value: the parts of the one before must not stay in it.
        (
            "birthday".to_owned(),
            birthday.map_or(
                Value::Null,
                |Birthday { month, day, year }| json!({ "month": month, "day": day, "year": year }),
            ),
        ),
        ("meta".to_owned(), json!({ YEAR: alone })),
    ]))
}

/// The year of birth, which stands in the birthday or is kept for itself.
fn known_year(member: &Member) -> Option<i32> {
    let alone = member.meta.get(YEAR).and_then(|year| year.parse().ok());
    member.birthday.and_then(|birthday| birthday.year).or(alone)
}

fn month_and_day(text: &str) -> Result<(u32, u32), HeadOfficeError> {
    let parts = text.split_once('-').and_then(|(month, day)| Some((month.parse().ok()?, day.parse().ok()?)));
    parts.ok_or_else(|| invalid("birthday is mm-dd"))
}

fn year(text: &str) -> Result<i32, HeadOfficeError> {
    let year = text.parse().ok().filter(|year| (1900..=9999).contains(year));
    year.ok_or_else(|| invalid("year_birthday is a year"))
}

/// A key that is text.
fn field<'a>(sent: &'a Document, key: &str) -> Result<Option<&'a str>, HeadOfficeError> {
    text(sent.get(key).unwrap_or(&Value::Null)).map_err(|()| invalid(&format!("{key} must be a string")))
}
