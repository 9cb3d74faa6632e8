//! Stancer's customers (`/v1/customers`), for its SDKs too: they build `https://HOST/stancer/v1/customers/{id}`.
//!
//! What the page leaves open, and what is done here:
//! - The id is `cust_` and the member's own id in base 62. So members of tills have one too, once somebody knows it.
//! - A key is a test key (`stest_…`) or, with the right `live`, a live one (`sprod_…`). Customers made in one mode are not
//!   there in the other. A member who did not come by Stancer has no mode and is there in both. Tills see all of them: a
//!   head office that is to stay clean gives out live keys alone.
//! - Email, mobile and name are optional, but one of them must be there. Lengths are those of the page.
//! - A POST that says the same as a customer (name, email, mobile, external_id) is refused with 409 and that one's id;
//!   anything else makes a new one.
//! - `live_mode` in a request must be that of the key. `null` cannot clear a field: it is refused where there is one.
//! - PATCH and DELETE answer 204, a new customer 200. Messages of a 400 are keyed by the field.
//! - `external_id` (not on the page, but in the SDKs) is shown where there is one.
//! - `mobile` is the number that the member is found by; where they have none, their second number.

use super::call::{Call, basic_user, bearer, invalid, json};
use super::desk::{Desk, Seen};
use super::fields::{add, changed, full_name, name_patch, or_null, text};
use crate::access::LIVE;
use crate::error::HeadOfficeError;
use crate::http::HeadOffice;
use crate::storage::MemberKey;
use axum::Router;
use axum::extract::{FromRequest, Path, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use regulars_domain::MemberId;
use regulars_domain::edit::Document;
use serde_json::{Value, json};
use uuid::Uuid;

/// In meta: the mode that the customer was made in.
const LIVE_MODE: &str = "stancer:live_mode";
/// Among external ids: the one that the client gave.
const EXTERNAL: &str = "stancer";
/// What an id begins with.
const PREFIX: &str = "cust_";
/// Characters of an id after that (the page: 29 in all).
const ID_LENGTH: usize = 24;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The fields that can be sent, with their shortest and longest length.
const FIELDS: [(&str, usize, usize); 4] =
    [("email", 5, 64), ("mobile", 8, 16), ("name", 4, 64), ("external_id", 1, 36)];

pub(super) fn routes() -> Router<HeadOffice> {
    Router::new()
        .route("/v1/customers", post(create))
        .route("/v1/customers/", post(create))
        .route("/v1/customers/{id}", get(show).patch(update).delete(remove))
}

/// Why a request is not answered as asked.
enum Failure {
    Unknown(String),
    Exists(String),
    Field(&'static str, String),
    Other(HeadOfficeError),
}

impl From<HeadOfficeError> for Failure {
    fn from(error: HeadOfficeError) -> Self {
        Self::Other(error)
    }
}

pub(super) fn refuse(error: HeadOfficeError) -> Response {
    Failure::from(error).into_response()
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, message) = match &self {
            Self::Unknown(id) => (StatusCode::NOT_FOUND, json!(format!("No such customer {id}"))),
            Self::Exists(id) => {
                let error = "Customer already exists, you may want to update it instead creating a new one";
                (StatusCode::CONFLICT, json!({ "error": error, "id": id }))
            }
            Self::Field(field, sentence) => (StatusCode::BAD_REQUEST, json!({ *field: sentence })),
            Self::Other(HeadOfficeError::TokenRefused) => {
                (StatusCode::UNAUTHORIZED, json!("You are not authorized to access that resource."))
            }
            Self::Other(error) => match (error.status_and_code().0, error.field().map(their_name)) {
                (StatusCode::UNPROCESSABLE_ENTITY, Some(field)) => {
                    (StatusCode::BAD_REQUEST, json!({ field: error.to_string() }))
                }
                (StatusCode::UNPROCESSABLE_ENTITY, None) => (StatusCode::BAD_REQUEST, json!(error.to_string())),
                (status, _) => (status, json!(error.to_string())),
            },
        };
        let kind = if status.is_server_error() { "server_error" } else { "invalid_request_error" };
        let mut response = json(status, &json!({ "error": { "type": kind, "message": message } }));
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic"));
        }
        if let Self::Other(error) = &self {
            error.say_when(&mut response);
        }
        response
    }
}

fn their_name(field: &str) -> &str {
    match field {
        "phone" => "mobile",
        "name.full" => "name",
        "external_ids" => "external_id",
        other => other,
    }
}

/// A request with a key.
struct Stancer(Call);

impl FromRequest<HeadOffice> for Stancer {
    type Rejection = Failure;

    async fn from_request(request: Request, office: &HeadOffice) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let key = basic_user(&parts.headers).or_else(|| bearer(&parts.headers));
        let access = office.check_token(key.ok_or(HeadOfficeError::TokenRefused)?, "stancer").await?;
        Ok(Self(Call::read(office, access, parts, body).await?))
    }
}

async fn show(Path(id): Path<String>, Stancer(call): Stancer) -> Result<Response, Failure> {
    let body = call.ask(move |desk| Ok::<_, Failure>(shown(&find(desk, &id)?, desk))).await?;
    Ok(json(StatusCode::OK, &Value::Object(body)))
}

async fn create(Stancer(call): Stancer) -> Result<Response, Failure> {
    let sent = checked(&call.json()?)?;
    let body = call.change(move |desk| {
        check_mode(&sent, desk)?;
        if FIELDS[..3].iter().all(|(field, ..)| sent.get(*field).is_none_or(Value::is_null)) {
            return Err(invalid("one of email, mobile and name must be there").into());
        }
        if let Some(same) = find_same(desk, &sent)? {
            return Err(Failure::Exists(id_of(same.id)));
        }
        let id = desk.mint(MemberId::mint);
        let mut patch = patch(&sent, "phone");
        let stand_in = string(&sent, "email").or(string(&sent, "mobile")).unwrap_or_default();
        add(&mut patch, name_patch(None, None, string(&sent, "name"), stand_in));
        let mode = json!({ LIVE_MODE: is_live(desk).to_string() });
        add(&mut patch, Document::from_iter([("meta".to_owned(), mode)]));
        let place = desk.home()?;
        let seen = desk.create(id, &place, &Value::Object(patch))?;
        Ok(shown(&seen, desk))
    });
    Ok(json(StatusCode::OK, &Value::Object(body.await?)))
}

async fn update(Path(id): Path<String>, Stancer(call): Stancer) -> Result<Response, Failure> {
    let sent = checked(&call.json()?)?;
    call.change(move |desk| {
        check_mode(&sent, desk)?;
        let seen = find(desk, &id)?;
        let sent = changed(&sent, &shown(&seen, desk));
        for (field, ..) in FIELDS {
            if sent.get(field).is_some_and(Value::is_null) {
                return Err(Failure::Field(field, "a field cannot be cleared".to_owned()));
            }
        }
        let mut patch = patch(&sent, if number(&seen).1 { "mobile" } else { "phone" });
        if let Some(name) = string(&sent, "name") {
            add(&mut patch, name_patch(None, None, Some(name), ""));
        }
        desk.update(&seen, &Value::Object(patch))?;
        Ok(())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn remove(Path(id): Path<String>, Stancer(call): Stancer) -> Result<Response, Failure> {
    call.change(move |desk| {
        let seen = find(desk, &id)?;
        if id_of(seen.id) != id {
            return Err(Failure::Unknown(id.clone()));
        }
        Ok(desk.remove(&seen, "deleted by Stancer's API")?)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn find(desk: &mut Desk<'_>, id: &str) -> Result<Seen, Failure> {
    let unknown = || Failure::Unknown(id.to_owned());
    let member = member_id(id).ok_or_else(unknown)?;
    let seen = desk.find(member)?.filter(|seen| is_of_mode(seen, desk));
    seen.ok_or_else(unknown)
}

/// A customer who says the same, in the same mode.
fn find_same(desk: &mut Desk<'_>, sent: &Document) -> Result<Option<Seen>, Failure> {
    let is_same = |seen: &Seen, desk: &Desk<'_>| {
        let there = shown(seen, desk);
        let null = Value::Null;
        let is_same = |field: &str| sent.get(field).unwrap_or(&null) == there.get(field).unwrap_or(&null);
        FIELDS.iter().all(|(field, ..)| is_same(field)) && is_of_mode(seen, desk)
    };
    let candidates = match (string(sent, "email"), string(sent, "mobile")) {
        (Some(email), _) => desk.find_by(&MemberKey::Email(email.to_owned()))?,
        (None, Some(mobile)) => desk.find_by(&MemberKey::TypedPhone(mobile.to_owned()))?,
        (None, None) => {
            // Nothing that there is an index for: whoever is only a name is rare.
            let mut found = Vec::new();
            desk.each::<Failure>(|desk, seen| {
                if is_same(&seen, desk) {
                    found.push(seen);
                }
                Ok(())
            })?;
            found
        }
    };
    Ok(candidates.into_iter().find(|seen| is_same(seen, desk)))
}

fn is_live(desk: &Desk<'_>) -> bool {
    desk.access.rights.iter().any(|right| right == LIVE)
}

fn is_of_mode(seen: &Seen, desk: &Desk<'_>) -> bool {
    seen.member.meta.get(LIVE_MODE).is_none_or(|mode| *mode == is_live(desk).to_string())
}

fn check_mode(sent: &Document, desk: &Desk<'_>) -> Result<(), Failure> {
    match sent.get("live_mode") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Bool(live)) if *live == is_live(desk) => Ok(()),
        Some(_) => Err(Failure::Field("live_mode", "this is not the mode of the key".to_owned())),
    }
}

/// The number that is shown, and whether it is the second one.
fn number(seen: &Seen) -> (Option<&str>, bool) {
    let (first, second) = (seen.member.phone.as_ref(), seen.member.mobile.as_ref());
    let number = first.or(second).map(|phone| phone.typed.as_str());
    (number, first.is_none() && second.is_some())
}

fn shown(seen: &Seen, desk: &Desk<'_>) -> Document {
    let member = &seen.member;
    let mut shown = Document::from_iter([
        ("id".to_owned(), json!(id_of(seen.id))),
        ("email".to_owned(), or_null(member.email.as_deref())),
        ("mobile".to_owned(), or_null(number(seen).0)),
        ("name".to_owned(), or_null(full_name(member))),
        ("created".to_owned(), json!(seen.created_at.as_millis().div_euclid(1_000))),
        ("live_mode".to_owned(), json!(is_live(desk))),
    ]);
    if let Some(external) = member.external_ids.get(EXTERNAL) {
        shown.insert("external_id".to_owned(), json!(external));
    }
    shown
}

/// What was sent, cleaned, where it is what the page takes.
fn checked(sent: &Document) -> Result<Document, Failure> {
    let mut checked = Document::new();
    for (field, min, max) in FIELDS {
        let Some(value) = sent.get(field) else { continue };
        let value = text(value).map_err(|()| Failure::Field(field, format!("{field} must be a string")))?;
        let length = value.map_or(min, |value| value.chars().count());
        if !(min..=max).contains(&length) {
            return Err(Failure::Field(field, format!("{field} must have between {min} and {max} characters")));
        }
        checked.insert(field.to_owned(), or_null(value));
    }
    checked.extend(sent.get("live_mode").map(|mode| ("live_mode".to_owned(), mode.clone())));
    Ok(checked)
}

/// What was sent as a patch, without the name.
fn patch(sent: &Document, number: &str) -> Document {
    let mut patch = Document::new();
    for (field, name) in [("email", "email"), ("mobile", number)] {
        patch.extend(sent.get(field).map(|value| (name.to_owned(), value.clone())));
    }
    if let Some(external) = sent.get("external_id") {
        patch.insert("external_ids".to_owned(), json!({ EXTERNAL: external }));
    }
    patch
}

fn string<'a>(sent: &'a Document, field: &str) -> Option<&'a str> {
    sent.get(field).and_then(Value::as_str)
}

fn id_of(id: MemberId) -> String {
    let mut left = id.uuid().as_u128();
    let mut digits = [b'0'; ID_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[usize::try_from(left % 62).unwrap_or(0)];
        left /= 62;
    }
    digits.iter().fold(PREFIX.to_owned(), |mut id, digit| {
        id.push(char::from(*digit));
        id
    })
}

fn member_id(id: &str) -> Option<MemberId> {
    let digits = id.strip_prefix(PREFIX).filter(|digits| digits.len() == ID_LENGTH)?;
    let number = digits.bytes().try_fold(0_u128, |number, digit| {
        let value = DIGITS.iter().position(|known| *known == digit)?;
        number.checked_mul(62)?.checked_add(u128::try_from(value).ok()?)
    });
    number.map(|number| MemberId::from_uuid(Uuid::from_u128(number)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_id_has_29_characters_and_leads_back(number in any::<u128>()) {
            let id = MemberId::from_uuid(Uuid::from_u128(number));
            prop_assert_eq!(id_of(id).len(), 29);
            prop_assert_eq!(member_id(&id_of(id)), Some(id));
        }

        #[test]
        fn any_text_is_an_id_or_none(text in ".*") {
            let _id_or_none = member_id(&text);
        }
    }

    #[test]
    fn an_id_that_no_member_can_have_is_none() {
        assert_eq!(member_id("cust_zzzzzzzzzzzzzzzzzzzzzzzz"), None);
        assert!(member_id("cust_9Cle7TXKkjhwqcWx4Kl5cQYk").is_none());
    }
}
