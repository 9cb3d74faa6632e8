//! `location add | list`.

use crate::args::{Location as Command, NewLocation as Words};
use crate::output::Done;
use regulars_app::till::Till;
use regulars_app::{AppError, locations};
use regulars_domain::location::Location;
use regulars_store::locations::StoredLocation;
use serde_json::{Value, json};

pub fn run(till: &Till, command: Command) -> Result<Done, AppError> {
    match command {
        Command::Add(words) => Ok(Done::new(document(&locations::add(till, described(words)?)?))),
        Command::List => {
            let list: Vec<Value> = locations::list(till)?.iter().map(document).collect();
            Ok(Done::new(json!(list)))
        }
    }
}

fn described(words: Words) -> Result<locations::NewLocation, AppError> {
    let here = || iana_time_zone::get_timezone().unwrap_or_else(|_| "UTC".to_owned());
    let location = Location {
        code: words.code,
        name: words.name,
        country: words.country,
        currency: words.currency.parse()?,
        time_zone: words.time_zone.unwrap_or_else(here),
        issuer: words.issuer.unwrap_or_default(),
    };
    Ok(locations::NewLocation { location, remote: words.remote, pos_id: words.pos_id, allowance: None })
}

fn document(stored: &StoredLocation) -> Value {
    json!({
        "id": stored.id,
        "code": stored.location.code,
        "name": stored.location.name,
        "country": stored.location.country,
        "currency": stored.location.currency,
        "time_zone": stored.location.time_zone,
        "issuer": stored.location.issuer,
        "pos_id": stored.pos_id,
        "has_remote": stored.remote_id.is_some(),
        "is_ours": stored.is_ours,
        "allowance": stored.allowance,
    })
}
