//! The five member systems as their pages have them, small.

use super::server::{Answer, Asked, System};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What a test asks of a system, whatever its words are.
pub trait Shop: System {
    const KIND: &'static str;
    /// How to sign in.
    fn secret(&self) -> String;
    fn settings() -> Value {
        json!({})
    }
    /// Whether it has no list.
    fn is_blind() -> bool {
        false
    }
    fn can_delete() -> bool {
        true
    }
    /// Everybody who is there, by phone: name and email.
    fn people(&self) -> Vec<(String, String, String)>;
    /// Somebody else changes the email of whoever has that phone.
    fn change_email(&mut self, phone: &str, email: &str);
    /// Somebody else changes what this test does not: the name.
    fn change_name(&mut self, phone: &str, given: &str, family: &str);
    /// Somebody else registers somebody.
    fn register(&mut self, given: &str, family: &str, phone: &str, email: &str);
    /// Somebody else deletes them.
    fn take_away(&mut self, phone: &str);
    /// Refuses every write with this in it.
    fn refuse(&mut self, text: &str);
    fn unauthorised() -> Answer;
    /// What it says where it refuses a write for good.
    fn refusal() -> Answer;
    fn is_registration(asked: &Asked) -> bool;
    fn is_edit(asked: &Asked) -> bool;
}

/// What they say of a write that they are told to refuse.
pub const CANNOT_BE: &str = "that cannot be";
/// The application that Lumyri's members are asked for.
const APP_ID: &str = "14e43e28-7e6d-461e-b1c9-7c54736f4331";

pub fn digits(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(9)..].to_owned()
}

fn is_same_phone(one: &Value, other: &str) -> bool {
    one.as_str().is_some_and(|one| digits(one) == digits(other))
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// CRMX: one row per shop and number.
#[derive(Default)]
pub struct Crmx {
    pub rows: Vec<(String, Map<String, Value>)>,
    pub made: u64,
    pub refused: Option<String>,
    /// Whether failures come with a good HTTP status.
    pub fails_in_the_body: bool,
}

const CRMX_KEYS: [&str; 12] = [
    "name",
    "phone",
    "email",
    "gender",
    "relationship_status",
    "birthday",
    "year_birthday",
    "home_town",
    "address",
    "fb_id",
    "facebook",
    "twitter",
];

impl Crmx {
    fn fail(&self, status: u16, message: &str) -> Answer {
        let body = json!({ "status": status, "status_code": status, "message": message });
        Answer::json(if self.fails_in_the_body { 200 } else { status }, body)
    }

    pub fn row(&self, phone: &str) -> Option<&Map<String, Value>> {
        self.rows.iter().find(|(_, row)| is_same_phone(&row["phone"], phone)).map(|(_, row)| row)
    }

    fn insert(&mut self, pos_id: &str, body: &Map<String, Value>) {
        self.made += 1;
        let mut row = Map::new();
        for key in CRMX_KEYS {
            row.insert(key.to_owned(), body.get(key).cloned().unwrap_or(Value::Null));
        }
        row.insert("_id".to_owned(), json!(format!("{:024x}", self.made)));
        row.insert("age_range".to_owned(), Value::Null);
        row.insert("client_mac".to_owned(), json!([]));
        row.insert("created_at".to_owned(), json!("26-09-2019"));
        row.insert("updated_at".to_owned(), json!("26-09-2019"));
        self.rows.push((pos_id.to_owned(), row));
    }
}

impl System for Crmx {
    fn answer(&mut self, asked: &Asked) -> Answer {
        if asked.header("authorization").to_lowercase() != "bearer token" {
            return Self::unauthorised();
        }
        let pos_id = asked.param("pos_id").unwrap_or_default().to_owned();
        let body = asked.json();
        if asked.is_write() && self.refused.as_ref().is_some_and(|text| body.to_string().contains(text)) {
            return self.fail(422, CANNOT_BE);
        }
        let phone = asked.param("phone").map(str::to_owned).unwrap_or_else(|| text(&body, "phone"));
        let place = self.rows.iter().position(|(at, row)| *at == pos_id && text(&json!(row), "phone") == phone);
        match (asked.method.as_str(), asked.path.as_str(), place) {
            ("GET", "/customers_location", Some(place)) => {
                Answer::json(200, json!({ "status": 200, "message": "Customer info", "data": self.rows[place].1 }))
            }
            ("GET" | "PUT", "/customers_location", None) => self.fail(404, "Customer not found"),
            ("POST", "/customers_location", None) => {
                let fields = body.as_object().cloned().unwrap_or_default();
                self.insert(&pos_id, &fields);
                Answer::json(200, json!({ "status": 200, "status_code": 200, "message": "Success!" }))
            }
            ("POST", "/customers_location", Some(_)) => self.fail(409, "Customer exists"),
            ("PUT", "/customers_location", Some(place)) => {
                // The body takes the place of all that can be written.
                for key in CRMX_KEYS {
                    self.rows[place].1.insert(key.to_owned(), body.get(key).cloned().unwrap_or(Value::Null));
                }
                Answer::json(200, json!({ "status": 200, "status_code": 200, "message": "Success!" }))
            }
            _ => Answer::json(405, json!({ "status": 405, "message": "no" })),
        }
    }
}

impl Shop for Crmx {
    const KIND: &'static str = "crmx";
    fn secret(&self) -> String {
        "token".to_owned()
    }
    fn is_blind() -> bool {
        true
    }
    fn can_delete() -> bool {
        false
    }
    fn people(&self) -> Vec<(String, String, String)> {
        let row = |(_, row): &(String, Map<String, Value>)| {
            let row = json!(row);
            (digits(&text(&row, "phone")), text(&row, "name"), text(&row, "email"))
        };
        self.rows.iter().map(row).collect()
    }
    fn change_email(&mut self, phone: &str, email: &str) {
        for (_, row) in self.rows.iter_mut().filter(|(_, row)| is_same_phone(&row["phone"], phone)) {
            row.insert("email".to_owned(), json!(email));
        }
    }
    fn change_name(&mut self, phone: &str, given: &str, family: &str) {
        for (_, row) in self.rows.iter_mut().filter(|(_, row)| is_same_phone(&row["phone"], phone)) {
            row.insert("name".to_owned(), json!(format!("{given} {family}")));
        }
    }
    fn register(&mut self, given: &str, family: &str, phone: &str, email: &str) {
        let body = json!({ "name": format!("{given} {family}"), "phone": phone, "email": email });
        self.insert("KM", body.as_object().expect("an object"));
    }
    fn take_away(&mut self, phone: &str) {
        self.rows.retain(|(_, row)| !is_same_phone(&row["phone"], phone));
    }
    fn refuse(&mut self, text: &str) {
        self.refused = Some(text.to_owned());
    }
    fn unauthorised() -> Answer {
        Answer::json(401, json!({ "status": 401, "message": "Unauthorized" }))
    }
    fn refusal() -> Answer {
        Answer::json(422, json!({ "status": 422, "status_code": 422, "message": CANNOT_BE }))
    }
    fn is_registration(asked: &Asked) -> bool {
        asked.method == "POST"
    }
    fn is_edit(asked: &Asked) -> bool {
        asked.method == "PUT"
    }
}

/// Stancer: ids of its own, 409 for the same again.
#[derive(Default)]
pub struct Stancer {
    pub rows: BTreeMap<String, Map<String, Value>>,
    pub made: u64,
    pub refused: Option<String>,
}

impl Stancer {
    fn says(status: u16, message: Value) -> Answer {
        Answer::json(status, json!({ "error": { "type": "invalid_request_error", "message": message } }))
    }

    fn insert(&mut self, body: &Value) -> Value {
        self.made += 1;
        let id = format!("cust_{:024}", self.made);
        let mut row = Map::new();
        for key in ["email", "mobile", "name", "external_id"] {
            row.insert(key.to_owned(), body.get(key).cloned().unwrap_or(Value::Null));
        }
        row.insert("id".to_owned(), json!(id));
        row.insert("created".to_owned(), json!(1_538_562_174));
        row.insert("live_mode".to_owned(), json!(false));
        self.rows.insert(id, row.clone());
        Value::Object(row)
    }
}

impl System for Stancer {
    fn answer(&mut self, asked: &Asked) -> Answer {
        if asked.header("authorization") != "Basic c3Rlc3Rfa2V5Og==" {
            return Self::unauthorised();
        }
        let body = asked.json();
        if asked.is_write() && self.refused.as_ref().is_some_and(|text| body.to_string().contains(text)) {
            return Self::refusal();
        }
        let id = asked.path.strip_prefix("/v1/customers").unwrap_or_default().trim_matches('/').to_owned();
        match (asked.method.as_str(), id.is_empty()) {
            ("POST", true) => {
                let same = |row: &&Map<String, Value>| {
                    ["name", "email", "mobile", "external_id"]
                        .iter()
                        .all(|key| row.get(*key) == Some(body.get(*key).unwrap_or(&Value::Null)))
                };
                match self.rows.values().find(same) {
                    Some(row) => {
                        let message = "Customer already exists, you may want to update it instead creating a new one";
                        Self::says(409, json!({ "id": row["id"], "error": message }))
                    }
                    None => Answer::json(200, self.insert(&body)),
                }
            }
            (_, true) => Answer::empty(405),
            (method, false) => {
                let Some(row) = self.rows.get_mut(&id) else {
                    return Self::says(404, json!(format!("No such customer {id}")));
                };
                match method {
                    "GET" => Answer::json(200, json!(row)),
                    "PATCH" => {
                        row.extend(body.as_object().cloned().unwrap_or_default());
                        Answer::empty(204)
                    }
                    "DELETE" => {
                        self.rows.remove(&id);
                        Answer::empty(204)
                    }
                    _ => Answer::empty(405),
                }
            }
        }
    }
}

impl Shop for Stancer {
    const KIND: &'static str = "stancer";
    fn secret(&self) -> String {
        "stest_key".to_owned()
    }
    fn is_blind() -> bool {
        true
    }
    fn people(&self) -> Vec<(String, String, String)> {
        let row = |row: &Map<String, Value>| {
            let row = json!(row);
            (digits(&text(&row, "mobile")), text(&row, "name"), text(&row, "email"))
        };
        self.rows.values().map(row).collect()
    }
    fn change_email(&mut self, phone: &str, email: &str) {
        for row in self.rows.values_mut().filter(|row| is_same_phone(&row["mobile"], phone)) {
            row.insert("email".to_owned(), json!(email));
        }
    }
    fn change_name(&mut self, phone: &str, given: &str, family: &str) {
        for row in self.rows.values_mut().filter(|row| is_same_phone(&row["mobile"], phone)) {
            row.insert("name".to_owned(), json!(format!("{given} {family}")));
        }
    }
    fn register(&mut self, given: &str, family: &str, phone: &str, email: &str) {
        self.insert(&json!({ "name": format!("{given} {family}"), "mobile": phone, "email": email }));
    }
    fn take_away(&mut self, phone: &str) {
        self.rows.retain(|_, row| !is_same_phone(&row["mobile"], phone));
    }
    fn refuse(&mut self, text: &str) {
        self.refused = Some(text.to_owned());
    }
    fn unauthorised() -> Answer {
        Self::says(401, json!("You are not authorized to access that resource"))
    }
    fn refusal() -> Answer {
        Self::says(400, json!({ "name": CANNOT_BE }))
    }
    fn is_registration(asked: &Asked) -> bool {
        asked.method == "POST"
    }
    fn is_edit(asked: &Asked) -> bool {
        asked.method == "PATCH"
    }
}

/// Lumyri: envelopes, three spellings of labels, deletion in a body.
#[derive(Default)]
pub struct Lumyri {
    pub rows: Vec<Map<String, Value>>,
    pub labels: Vec<(String, String)>,
    pub refused: Option<String>,
    pub made: u64,
    /// Whether it keeps the id that a registration carries.
    pub makes_its_own_ids: bool,
    /// Whether labels can only be made by hand there.
    pub makes_no_labels: bool,
    /// What was sent of labels that were made.
    pub told_labels: Vec<Value>,
    /// Members who were merged there: asked for one, it answers with the other.
    pub merged: BTreeMap<String, String>,
}

impl Lumyri {
    fn done(status: u16, data: Value) -> Answer {
        Answer::json(status, json!({ "error": null, "data": data }))
    }

    fn says(status: u16, message: &str) -> Answer {
        Answer::json(status, json!({ "error": { "code": "refused", "message": message }, "data": null }))
    }

    fn place(&self, id: &str) -> Option<usize> {
        let id = self.merged.get(id).map_or(id, String::as_str);
        self.rows.iter().position(|row| row["id"] == json!(id))
    }

    /// Makes one, also where there is one of that name.
    fn make_label(&mut self, body: Value) -> Answer {
        if self.makes_no_labels {
            return Self::says(403, "labels are made by hand");
        }
        if ["name", "description", "color", "userName"].iter().any(|key| text(&body, key).is_empty()) {
            return Self::says(400, "name, description, color and userName are required");
        }
        let id = format!("22222222-0000-4000-8000-{:012}", self.labels.len());
        self.labels.push((id.clone(), text(&body, "name")));
        self.told_labels.push(body.clone());
        Answer::json(201, json!({ "id": id, "name": body["name"], "color": body["color"] }))
    }

    fn detail(&self, row: &Map<String, Value>) -> Value {
        let mut detail = row.clone();
        detail.remove("avatar");
        let ids = detail.remove("labels").unwrap_or(Value::Null);
        let named = ids.as_array().cloned().unwrap_or_default().into_iter().map(|id| {
            let name = self.labels.iter().find(|(known, _)| json!(known) == id).map(|(_, name)| name.clone());
            json!({ "id": id, "name": name, "color": "red" })
        });
        detail.insert("lables".to_owned(), named.collect());
        Value::Object(detail)
    }
}

impl System for Lumyri {
    fn answer(&mut self, asked: &Asked) -> Answer {
        if asked.header("authorization") != "Bearer token" {
            return Self::unauthorised();
        }
        let body = asked.json();
        if asked.is_write() && self.refused.as_ref().is_some_and(|text| body.to_string().contains(text)) {
            return Self::refusal();
        }
        if ["GET", "POST"].contains(&asked.method.as_str()) && asked.header("x-app-id") != APP_ID {
            return Self::says(400, "x-app-id is missing");
        }
        let id = asked.path.strip_prefix("/users/customers").map(|id| id.trim_matches('/').to_owned());
        match (asked.method.as_str(), id.as_deref()) {
            ("GET", None) if asked.path == "/labels" => {
                let rows: Vec<Value> = self.labels.iter().map(|(id, name)| json!({ "id": id, "name": name })).collect();
                Answer::json(200, json!({ "total": rows.len(), "current_page": 1, "last_page": 1, "data": rows }))
            }
            ("POST", None) if asked.path == "/labels" => self.make_label(body),
            ("POST", Some("")) => {
                let sent = text(&body, "id");
                if !self.makes_its_own_ids && self.place(&sent).is_some() {
                    return Self::says(409, "exists");
                }
                if text(&body, "email").is_empty()
                    || text(&body, "first_name").is_empty()
                    || text(&body, "last_name").is_empty()
                {
                    return Self::says(400, "email, first_name and last_name are required");
                }
                self.made += 1;
                let mut row = body.as_object().cloned().unwrap_or_default();
                row.remove("label_ids");
                if self.makes_its_own_ids || sent.is_empty() {
                    row.insert("id".to_owned(), json!(format!("00000000-0000-4000-8000-{:012}", self.made)));
                }
                for (key, empty) in [("avatar", json!("")), ("labels", Value::Null), ("address", json!([]))] {
                    row.entry(key).or_insert(empty);
                }
                row.insert("company_id".to_owned(), json!("231080c5-b622-4a25-aef8-c7e426927bb0"));
                self.rows.push(row.clone());
                Self::done(201, Value::Object(row))
            }
            ("GET", Some("")) => {
                let number = |key: &str, otherwise: usize| {
                    asked.param(key).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
                };
                let (limit, page) = (number("limit", 10).max(1), number("page", 1).max(1));
                let search = asked.param("search").unwrap_or_default().to_lowercase();
                let matches = |row: &&Map<String, Value>| {
                    search.is_empty() || json!(row).to_string().to_lowercase().contains(&search)
                };
                let mut rows: Vec<&Map<String, Value>> = self.rows.iter().filter(matches).collect();
                rows.sort_by_key(|row| (text(&json!(row), "first_name"), text(&json!(row), "last_name")));
                let total = rows.len();
                let data: Vec<_> = rows.into_iter().skip((page - 1) * limit).take(limit).collect();
                Self::done(
                    200,
                    json!({ "total": total, "per_page": 1, "current_page": page, "last_page": total.div_ceil(limit).max(1), "data": data }),
                )
            }
            ("DELETE", Some("")) => {
                let ids = body["customer_ids"].as_array().cloned().unwrap_or_default();
                self.rows.retain(|row| !ids.contains(&row["id"]));
                Self::done(200, json!({ "message": "OK" }))
            }
            (method, Some(id)) => {
                let Some(place) = self.place(id) else { return Self::says(404, "not found") };
                match method {
                    "GET" => Answer::json(200, self.detail(&self.rows[place])),
                    "PUT" => {
                        // All of it takes the place of what was there, but for what is the server's.
                        let mut row = body.as_object().cloned().unwrap_or_default();
                        row.remove("label_ids");
                        row.remove("lables");
                        row.insert("id".to_owned(), json!(id));
                        row.entry("avatar").or_insert(json!(""));
                        row.insert("company_id".to_owned(), self.rows[place]["company_id"].clone());
                        self.rows[place] = row.clone();
                        Self::done(200, Value::Object(row))
                    }
                    _ => Answer::empty(405),
                }
            }
            _ => Answer::empty(405),
        }
    }
}

impl Shop for Lumyri {
    const KIND: &'static str = "lumyri";
    fn secret(&self) -> String {
        "token".to_owned()
    }
    fn settings() -> Value {
        json!({ "app_id": APP_ID })
    }
    fn people(&self) -> Vec<(String, String, String)> {
        let row = |row: &Map<String, Value>| {
            let row = json!(row);
            let name = format!("{} {}", text(&row, "first_name"), text(&row, "last_name"));
            (digits(&text(&row, "phone")), name, text(&row, "email"))
        };
        self.rows.iter().map(row).collect()
    }
    fn change_email(&mut self, phone: &str, email: &str) {
        for row in self.rows.iter_mut().filter(|row| is_same_phone(&row["phone"], phone)) {
            row.insert("email".to_owned(), json!(email));
        }
    }
    fn change_name(&mut self, phone: &str, given: &str, family: &str) {
        for row in self.rows.iter_mut().filter(|row| is_same_phone(&row["phone"], phone)) {
            row.insert("first_name".to_owned(), json!(given));
            row.insert("last_name".to_owned(), json!(family));
        }
    }
    fn register(&mut self, given: &str, family: &str, phone: &str, email: &str) {
        self.made += 1;
        let row = json!({
            "id": format!("11111111-0000-4000-8000-{:012}", self.made), "first_name": given, "last_name": family,
            "phone": phone, "email": email, "address": [], "avatar": "", "labels": null, "company_id": "c",
        });
        self.rows.push(row.as_object().cloned().expect("an object"));
    }
    fn take_away(&mut self, phone: &str) {
        self.rows.retain(|row| !is_same_phone(&row["phone"], phone));
    }
    fn refuse(&mut self, text: &str) {
        self.refused = Some(text.to_owned());
    }
    fn unauthorised() -> Answer {
        Self::says(401, "no valid token")
    }
    fn refusal() -> Answer {
        Self::says(400, CANNOT_BE)
    }
    fn is_registration(asked: &Asked) -> bool {
        asked.method == "POST"
    }
    fn is_edit(asked: &Asked) -> bool {
        asked.method == "PUT"
    }
}

/// Portos: versions, keys that the client chooses.
pub struct Portos {
    pub rows: BTreeMap<String, Map<String, Value>>,
    pub refused: Option<String>,
    pub made: u64,
    /// The status under which a wrong version is told.
    pub version_status: u16,
    /// Rights that are missing.
    pub missing: Vec<&'static str>,
    /// What somebody new has.
    pub credit: Value,
    /// Whether transactions that are sent are kept: the page has no element of theirs.
    pub keeps_transactions: bool,
    pub keeps_meta: bool,
    pub checks_version: bool,
    /// Members who were merged there: asked for one, it answers with the other.
    pub merged: BTreeMap<String, String>,
}

impl Default for Portos {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            refused: None,
            made: 0,
            version_status: 400,
            missing: Vec::new(),
            credit: json!({ "amount": 12.5, "currencyLabel": null }),
            keeps_transactions: true,
            keeps_meta: true,
            checks_version: true,
            merged: BTreeMap::new(),
        }
    }
}

impl Portos {
    fn says(status: u16, code: i64, detail: &str) -> Answer {
        Answer::json(
            status,
            json!({ "type": null, "title": "no", "status": status, "detail": detail, "errorCode": code }),
        )
    }

    fn blank(&self, id: &str) -> Map<String, Value> {
        let row = json!({
            "id": id, "externalId": null, "isActive": true, "status": "Valid", "activationTime": null, "expirationTime": null,
            "firstName": null, "lastName": null, "fullName": null, "gender": null, "birthDate": null, "email": null, "phone": null,
            "isCompany": false, "company": null, "address": null, "deliveryAddress": null,
            "credit": self.credit, "creditTransactions": [{ "id": "t1" }], "cards": [],
            "creditRate": 0.0, "discountRate": 0.0, "note": null, "meta": { "Portos.Features:X": "s:1" }, "_v": 0,
        });
        row.as_object().cloned().expect("an object")
    }

    fn put(&mut self, id: &str, body: &Value) -> Answer {
        let before = self.rows.get(id).cloned();
        let version = before.as_ref().map_or(0, |row| row["_v"].as_i64().unwrap_or(0));
        if let (Some(sent), Some(_)) = (body.get("_v").and_then(Value::as_i64), &before)
            && sent != version
            && self.checks_version
        {
            return Self::says(self.version_status, 6, "a newer version is stored");
        }
        let mut row = before.clone().unwrap_or_else(|| self.blank(id));
        for (key, value) in body.as_object().cloned().unwrap_or_default() {
            let is_kept = match key.as_str() {
                "id" | "_v" | "status" => false,
                "creditTransactions" => self.keeps_transactions,
                "meta" => self.keeps_meta,
                _ => true,
            };
            if is_kept {
                row.insert(key, value);
            }
        }
        let changed = |key: &str| before.as_ref().is_some_and(|before| before.get(key) != row.get(key));
        for (key, right) in [("credit", "CustomerSetCredit"), ("discountRate", "CustomerSetDiscount")] {
            if changed(key) && self.missing.contains(&right) {
                return Self::says(403, 2, "a right is missing");
            }
        }
        row.insert("_v".to_owned(), json!(version + 1));
        self.rows.insert(id.to_owned(), row.clone());
        Answer::json(if before.is_some() { 200 } else { 201 }, Value::Object(row))
    }

    pub fn touch(&mut self, phone: &str, work: impl Fn(&mut Map<String, Value>)) {
        for row in self.rows.values_mut().filter(|row| is_same_phone(&row["phone"], phone)) {
            work(row);
            let version = row["_v"].as_i64().unwrap_or(0);
            row.insert("_v".to_owned(), json!(version + 1));
        }
    }
}

impl System for Portos {
    fn answer(&mut self, asked: &Asked) -> Answer {
        if asked.path == "/api/auth" && asked.method == "POST" {
            let body = asked.json();
            let is_known = text(&body, "UserName") == "desk"
                && text(&body, "Password") == "token"
                && !text(&body, "DeviceName").is_empty();
            return if is_known {
                Answer::json(200, json!({ "tokenId": "token", "refreshToken": "r", "user": { "rights": ["admin"] } }))
            } else {
                Self::says(401, 1, "who are you")
            };
        }
        if asked.header("authorization") != "Bearer token" {
            return Self::unauthorised();
        }
        let body = asked.json();
        if asked.is_write() && self.refused.as_ref().is_some_and(|text| body.to_string().contains(text)) {
            return Self::refusal();
        }
        let id = asked.path.strip_prefix("/customers").unwrap_or_default().trim_matches('/').to_owned();
        match (asked.method.as_str(), id.is_empty()) {
            ("GET", true) => {
                let is_meant = |row: &&Map<String, Value>| {
                    let is = |param: &str, key: &str| {
                        asked.param(param).is_none_or(|wanted| text(&json!(row), key) == wanted)
                    };
                    let card = asked.param("CardSerialNumber").is_none_or(|wanted| {
                        row["cards"]
                            .as_array()
                            .is_some_and(|cards| cards.iter().any(|card| text(card, "serialNumber") == wanted))
                    });
                    let search = asked.param("Search").is_none_or(|wanted| {
                        let said = format!(
                            "{} {} {}",
                            text(&json!(row), "firstName"),
                            text(&json!(row), "lastName"),
                            text(&json!(row), "note")
                        );
                        said.to_lowercase().contains(&wanted.to_lowercase())
                    });
                    is("ExternalId", "externalId") && card && search
                };
                let rows: Vec<_> = self.rows.values().filter(is_meant).collect();
                let total = rows.len();
                if asked.param("$count") == Some("true") {
                    return Answer::json(200, json!({ "count": total, "totalCount": total }));
                }
                let number = |key: &str, otherwise: usize| {
                    asked.param(key).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
                };
                let items: Vec<_> = rows.into_iter().skip(number("$skip", 0)).take(number("$take", 50)).collect();
                Answer::json(200, json!({ "count": items.len(), "totalCount": total, "items": items }))
            }
            ("PUT", false) => self.put(&id, &body),
            ("GET", false) => match self.rows.get(self.merged.get(&id).unwrap_or(&id)) {
                Some(row) => Answer::json(200, json!(row)),
                None => Self::says(404, 0, "no such customer"),
            },
            ("DELETE", false) => match self.rows.remove(&id) {
                Some(row) => Answer::json(200, json!(row)),
                None => Self::says(404, 0, "no such customer"),
            },
            _ => Answer::empty(405),
        }
    }
}

impl Shop for Portos {
    const KIND: &'static str = "portos";
    fn secret(&self) -> String {
        "token".to_owned()
    }
    fn people(&self) -> Vec<(String, String, String)> {
        let row = |row: &Map<String, Value>| {
            let row = json!(row);
            (digits(&text(&row, "phone")), text(&row, "fullName"), text(&row, "email"))
        };
        self.rows.values().map(row).collect()
    }
    fn change_email(&mut self, phone: &str, email: &str) {
        self.touch(phone, |row| drop(row.insert("email".to_owned(), json!(email))));
    }
    fn change_name(&mut self, phone: &str, given: &str, family: &str) {
        self.touch(phone, |row| {
            row.insert("firstName".to_owned(), json!(given));
            row.insert("lastName".to_owned(), json!(family));
            row.insert("fullName".to_owned(), json!(format!("{given} {family}")));
        });
    }
    fn register(&mut self, given: &str, family: &str, phone: &str, email: &str) {
        self.made += 1;
        let id = format!("{:024x}", self.made);
        let body = json!({ "firstName": given, "lastName": family, "fullName": format!("{given} {family}"), "phone": phone, "email": email });
        self.put(&id, &body);
    }
    fn take_away(&mut self, phone: &str) {
        self.rows.retain(|_, row| !is_same_phone(&row["phone"], phone));
    }
    fn refuse(&mut self, text: &str) {
        self.refused = Some(text.to_owned());
    }
    fn unauthorised() -> Answer {
        Self::says(401, 1, "who are you")
    }
    fn refusal() -> Answer {
        let errors = json!([{ "memberName": "FirstName", "message": CANNOT_BE }]);
        Answer::json(400, json!({ "title": "no", "status": 400, "errorCode": 3, "errors": errors }))
    }
    fn is_registration(asked: &Asked) -> bool {
        asked.method == "PUT" && asked.json().get("_v").is_none()
    }
    fn is_edit(asked: &Asked) -> bool {
        asked.method == "PUT" && asked.json().get("_v").is_some()
    }
}

/// Valomnia: a session, forms, references, what changed.
#[derive(Default)]
pub struct Valomnia {
    pub rows: BTreeMap<u64, Map<String, Value>>,
    pub made: u64,
    /// Seconds since its own beginning: each write is one later.
    pub clock: u64,
    pub refused: Option<String>,
    pub session: u64,
    /// The first category is the root.
    pub categories: Vec<Group>,
    pub segments: Vec<Group>,
    /// Whether groups can only be made by hand there.
    pub makes_no_groups: bool,
}

/// A category or segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub id: u64,
    pub reference: String,
    pub name: String,
}

impl Group {
    pub fn new(id: u64, reference: &str, name: &str) -> Self {
        Self { id, reference: reference.to_owned(), name: name.to_owned() }
    }

    fn shown(&self) -> Value {
        json!({ "id": self.id, "reference": self.reference, "name": self.name, "isRoot": self.id == 1 })
    }
}

impl Valomnia {
    fn says(status: u16, error: &str, text: &str) -> Answer {
        Answer::json(status, json!({ "error": error, "error_description": text }))
    }

    fn now(&mut self) -> String {
        self.clock += 1;
        format!("2026-01-01T{:02}:{:02}:{:02}Z", self.clock / 3600, self.clock / 60 % 60, self.clock % 60)
    }

    fn find(&self, path: &str) -> Option<u64> {
        match path.strip_prefix("reference/") {
            Some(reference) => {
                self.rows.iter().find(|(_, row)| row["reference"] == json!(reference)).map(|(id, _)| *id)
            }
            None => path.parse().ok().filter(|id| self.rows.contains_key(id)),
        }
    }

    fn insert(&mut self, reference: &str) -> u64 {
        self.made += 1;
        let now = self.now();
        let mut row = Map::new();
        for key in [
            "reference2",
            "email",
            "logo",
            "phone",
            "mobile",
            "fax",
            "comment",
            "barcode",
            "billingCountry",
            "billingCity",
            "billingPostalCode",
            "billingAddress",
            "billingLat",
            "billingLng",
            "country",
            "city",
            "postalCode",
            "address",
            "latitude",
            "longitude",
            "creditLimit",
            "balance",
            "onHoldReason",
            "website",
            "taxNumber",
            "companyRegistrationNumber",
            "customerRisk",
            "customerRiskColor",
            "dueDateConfigNumber",
            "dueDateConfigType",
            "parentCustomer",
            "categoryReference",
            "customerSegmentationReference",
        ] {
            row.insert(key.to_owned(), Value::Null);
        }
        for (key, value) in [
            ("id", json!(self.made)),
            ("reference", json!(reference)),
            ("isActive", json!(true)),
            ("onHold", json!(false)),
            ("isSameAddress", json!(true)),
            ("isSubCustomer", json!(false)),
            ("billWithParent", json!(false)),
            ("paymentTypes", json!([])),
            ("contacts", json!([])),
            ("currency", json!("VND")),
            ("dateCreated", json!(now)),
            ("lastUpdated", json!(now)),
        ] {
            row.insert(key.to_owned(), value);
        }
        self.rows.insert(self.made, row);
        self.made
    }

    fn write(&mut self, id: u64, pairs: &[(String, String)], by_reference: bool) -> Result<(), Answer> {
        let now = self.now();
        let (categories, segments) = (self.categories.clone(), self.segments.clone());
        let row = self.rows.get_mut(&id).expect("it is there");
        for (key, value) in pairs {
            let value = match key.as_str() {
                "isActive" | "onHold" | "isSameAddress" | "isSubCustomer" | "billWithParent" => json!(value == "true"),
                "creditLimit" | "dueDateConfigNumber" => value.parse::<f64>().map_or(Value::Null, |number| {
                    if number.fract() == 0.0 { json!(number as i64) } else { json!(number) }
                }),
                "dueDateConfigType" => json!(if value == "2" { "endOfMonth" } else { "daysAfterInvoiceDate" }),
                "categoryId" | "customerSegmentationId" => {
                    let (groups, word) = match key.as_str() {
                        "categoryId" => (&categories, "customerCategory"),
                        _ => (&segments, "customerSegmentation"),
                    };
                    let is_it = |group: &&Group| {
                        if by_reference { group.reference == *value } else { group.id.to_string() == *value }
                    };
                    let Some(group) = groups.iter().find(is_it) else {
                        return Err(Self::says(
                            404,
                            "not_found",
                            &format!("The {word} with the id {value} doesn't exist."),
                        ));
                    };
                    let flat =
                        if word == "customerCategory" { "categoryReference" } else { "customerSegmentationReference" };
                    row.insert(flat.to_owned(), json!(group.reference));
                    row.insert(word.to_owned(), group.shown());
                    continue;
                }
                _ if value.is_empty() => Value::Null,
                _ => json!(value),
            };
            row.insert(key.clone(), value);
        }
        row.insert("lastUpdated".to_owned(), json!(now));
        Ok(())
    }

    /// Categories and segments, below their path.
    fn groups(&mut self, asked: &Asked, kind: &str, rest: &str) -> Answer {
        let is_category = kind == "customerCategories";
        let groups = if is_category { &mut self.categories } else { &mut self.segments };
        let reference = rest.strip_prefix("/reference/");
        let found = groups.iter().find(|group| reference == Some(group.reference.as_str())).map(Group::shown);
        let told = match asked.header("content-type") {
            "application/json" => asked.json(),
            _ => Value::Object(asked.form().into_iter().map(|(key, value)| (key, json!(value))).collect()),
        };
        match (asked.method.as_str(), reference, found) {
            ("GET", Some(_), Some(found)) => Answer::json(200, found),
            ("GET", Some(_), None) => Self::says(404, "not_found", "The group doesn't exist."),
            ("GET", None, _) => {
                let is_meant = |group: &&Group| asked.param("name").is_none_or(|name| group.name == name);
                let data: Vec<Value> = groups.iter().filter(is_meant).map(Group::shown).collect();
                Answer::json(200, json!({ "paging": { "total": data.len() }, "data": data }))
            }
            ("POST", _, _) if self.makes_no_groups => Self::says(403, "access_denied", "groups are made by hand"),
            ("POST", _, Some(found)) => Answer::json(201, found),
            ("POST", reference, None) => {
                let reference = reference.map_or_else(|| text(&told, "reference"), str::to_owned);
                let parent = text(&told, "parentId");
                let has_place =
                    text(&told, "isRoot") == "true" || groups.iter().any(|group| group.id.to_string() == parent);
                if reference.is_empty() || text(&told, "name").is_empty() || (is_category && !has_place) {
                    return Self::says(400, "missing_param", "a parameter is missing");
                }
                if groups.iter().any(|group| group.reference == reference) {
                    return Self::says(400, "not_unique", "reference already used");
                }
                let made = Group::new(groups.len() as u64 + 1, &reference, &text(&told, "name"));
                groups.push(made.clone());
                Answer::json(201, made.shown())
            }
            _ => Answer::empty(405),
        }
    }

    fn list(&self, asked: &Asked) -> Answer {
        let known = ["max", "offset", "order", "sort", "lastUpdated_gte", "reference", "name", "isActive"];
        if let Some((key, _)) = asked.query.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            return Self::says(
                400,
                "invalid_param",
                &format!("The parameters [{key}] you provided are not valid for this request."),
            );
        }
        let number =
            |key: &str, otherwise: usize| asked.param(key).and_then(|text| text.parse().ok()).unwrap_or(otherwise);
        let since = asked.param("lastUpdated_gte").unwrap_or_default();
        let sort = asked.param("sort").unwrap_or("dateCreated").to_owned();
        let mut rows: Vec<_> =
            self.rows.values().filter(|row| text(&json!(row), "lastUpdated").as_str() >= since).collect();
        rows.sort_by_key(|row| text(&json!(row), &sort));
        if asked.param("order") == Some("desc") {
            rows.reverse();
        }
        let (total, offset, max) = (rows.len(), number("offset", 0), number("max", 100));
        let data: Vec<_> = rows.into_iter().skip(offset).take(max).collect();
        Answer::json(
            200,
            json!({ "paging": { "total": total, "max": max, "offset": offset, "previous": null, "next": null }, "data": data }),
        )
    }
}

impl System for Valomnia {
    fn answer(&mut self, asked: &Asked) -> Answer {
        if asked.path == "/j_spring_security_check" {
            let form = asked.form();
            let says = |key: &str, wanted: &str| form.iter().any(|(name, value)| name == key && value == wanted);
            if !says("j_username", "desk") || !says("j_password", "password") {
                return Answer {
                    status: 302,
                    headers: vec![("location", "/login/authfail".to_owned())],
                    body: String::new(),
                };
            }
            self.session += 1;
            let cookie = format!("JSESSIONID=S{}; Path=/; HttpOnly", self.session);
            return Answer {
                status: 302,
                headers: vec![("location", "/login/ajaxSuccess".to_owned()), ("set-cookie", cookie)],
                body: String::new(),
            };
        }
        if asked.header("cookie") != format!("JSESSIONID=S{}", self.session) {
            return Self::unauthorised();
        }
        let path = asked.path.strip_prefix("/api/v2.1").unwrap_or_default();
        for kind in ["customerCategories", "customerSegmentations"] {
            if let Some(rest) = path.strip_prefix(&format!("/{kind}")) {
                let rest = rest.to_owned();
                return self.groups(asked, kind, &rest);
            }
        }
        let Some(path) = path.strip_prefix("/customers") else { return Self::says(404, "not_found", "no") };
        let path = path.trim_matches('/').to_owned();
        let pairs = asked.form();
        if asked.is_write()
            && self.refused.as_ref().is_some_and(|refused| pairs.iter().any(|(_, value)| value.contains(refused)))
        {
            return Self::refusal();
        }
        match (asked.method.as_str(), path.is_empty(), self.find(&path)) {
            ("GET", true, _) => self.list(asked),
            ("GET", false, Some(id)) => Answer::json(200, json!(self.rows[&id])),
            ("POST", false, Some(id)) => match self.write(id, &pairs, path.starts_with("reference/")) {
                Ok(()) => Answer::json(200, json!(self.rows[&id])),
                Err(answer) => answer,
            },
            ("POST", false, None) if path.starts_with("reference/") => {
                if !pairs.iter().any(|(key, value)| key == "name" && !value.is_empty()) {
                    return Self::says(400, "missing_param", "name parameter is missing");
                }
                let id = self.insert(path.strip_prefix("reference/").unwrap_or_default());
                match self.write(id, &pairs, true) {
                    Ok(()) => Answer::json(201, json!(self.rows[&id])),
                    Err(answer) => {
                        self.rows.remove(&id);
                        answer
                    }
                }
            }
            ("DELETE", false, Some(id)) => {
                self.rows.remove(&id);
                Answer::json(200, json!({ "success": "true", "success_description": "Instance deleted successfully" }))
            }
            (_, false, None) => {
                Self::says(404, "not_found", &format!("The customer with the id {path} doesn't exist."))
            }
            _ => Answer::empty(405),
        }
    }
}

impl Shop for Valomnia {
    const KIND: &'static str = "valomnia";
    fn secret(&self) -> String {
        "password".to_owned()
    }
    fn settings() -> Value {
        json!({ "user_name": "desk" })
    }
    fn people(&self) -> Vec<(String, String, String)> {
        let row = |row: &Map<String, Value>| {
            let row = json!(row);
            (digits(&text(&row, "phone")), text(&row, "name"), text(&row, "email"))
        };
        self.rows.values().map(row).collect()
    }
    fn change_email(&mut self, phone: &str, email: &str) {
        let ids: Vec<u64> =
            self.rows.iter().filter(|(_, row)| is_same_phone(&row["phone"], phone)).map(|(id, _)| *id).collect();
        for id in ids {
            let _written = self.write(id, &[("email".to_owned(), email.to_owned())], false);
        }
    }
    fn change_name(&mut self, phone: &str, given: &str, family: &str) {
        let ids: Vec<u64> =
            self.rows.iter().filter(|(_, row)| is_same_phone(&row["phone"], phone)).map(|(id, _)| *id).collect();
        for id in ids {
            let _written = self.write(id, &[("name".to_owned(), format!("{given} {family}"))], false);
        }
    }
    fn register(&mut self, given: &str, family: &str, phone: &str, email: &str) {
        let id = self.insert(&format!("THEIRS-{}", self.made));
        let pairs = [("name", format!("{given} {family}")), ("phone", phone.to_owned()), ("email", email.to_owned())];
        let _written = self.write(id, &pairs.map(|(key, value)| (key.to_owned(), value)), false);
    }
    fn take_away(&mut self, phone: &str) {
        self.rows.retain(|_, row| !is_same_phone(&row["phone"], phone));
    }
    fn refuse(&mut self, text: &str) {
        self.refused = Some(text.to_owned());
    }
    fn unauthorised() -> Answer {
        Answer::json(401, json!({ "error": "no_credentials" }))
    }
    fn refusal() -> Answer {
        Self::says(400, "save_failed", CANNOT_BE)
    }
    fn is_registration(asked: &Asked) -> bool {
        asked.method == "POST" && asked.path.contains("/customers/reference/")
    }
    fn is_edit(asked: &Asked) -> bool {
        asked.method == "POST" && asked.path.contains("/customers/") && !asked.path.contains("/reference/")
    }
}
