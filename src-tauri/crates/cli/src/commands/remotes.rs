//! `remote add | list | capabilities | check`.

use crate::args::{NewRemote as Words, Remote as Command, Switch};
use crate::output::Done;
use regulars_app::till::Till;
use regulars_app::{AppError, remotes};
use regulars_store::remotes::{Problem, Remote};
use regulars_sync::capabilities::{Capabilities, Credit, Pull, Resend, Search};
use regulars_sync::credit::{Proof, proof_in};
use serde_json::{Map, Value, json};

pub async fn run(till: &Till, command: Command) -> Result<Done, AppError> {
    match command {
        Command::Add(words) => {
            let name = words.name.clone();
            remotes::add(till, described(words)?)?;
            Ok(Done::new(document(&remotes::get(till, &name)?)))
        }
        Command::List => {
            let list: Vec<Value> = remotes::list(till)?.iter().map(document).collect();
            Ok(Done::new(json!(list)))
        }
        Command::Capabilities { name } => {
            let can = remotes::capabilities(till, &name)?;
            Ok(Done::new(capabilities(&can)))
        }
        Command::Credit { name, switch: Switch::On, currency } => {
            let tried = remotes::switch_credit_on(till, &name, currency.as_deref()).await?;
            let mut shown = credit(&tried.proof);
            shown["left_behind"] = json!(tried.left_behind);
            Ok(Done::new(shown))
        }
        Command::Credit { name, switch: Switch::Off, .. } => {
            let proof = remotes::switch_credit_off(till, &name)?;
            Ok(Done::new(proof.map_or(Value::Null, |proof| credit(&proof))))
        }
        Command::Check { name } => {
            let seen = remotes::check(till, &name).await?;
            let mut document = json!({ "members": seen.members, "locations": seen.pos_ids, "clock": seen.clock });
            if let Some(lacks) = seen.lacks {
                document["lacks"] = json!(lacks);
            }
            say_clock(till, &mut document)?;
            Ok(Done::new(document))
        }
    }
}

fn capabilities(can: &Capabilities) -> Value {
    let search = |search: Search| match search {
        Search::Yes => "yes",
        Search::Perhaps => "perhaps",
        Search::No => "no",
    };
    let pull = match can.pull {
        Pull::ByCursor => "cursor",
        Pull::BySweep(_) => "sweep",
        Pull::BySinceAndSweep => "since",
        Pull::KnownOnly(_) => "known_only",
    };
    json!({
        "max_changes": can.max_changes,
        "max_bytes": can.max_bytes,
        "resend": match can.resend {
            Resend::IsHarmless => "harmless",
            Resend::LooksFirst => "looks_first",
            Resend::MayDouble => "may_double",
        },
        "pull": pull,
        "list": can.lists(),
        "changed_since": matches!(can.pull, Pull::ByCursor | Pull::BySinceAndSweep),
        "credit": match can.credit { Credit::Entries => "entries", Credit::Balance => "balance", Credit::Here => "this_till_only" },
        "find": { "phone": search(can.find.phone), "card": search(can.find.card), "text": search(can.find.text) },
        "create_needs": can.create.needs,
        "client_chosen_id": can.create.chooses_id,
        "idempotent_create": can.create.is_idempotent,
        "partial_update": can.partial_update,
        "version_check": can.version_check,
        "delete": can.delete,
        "sees_deletions": can.sees_deletions,
        "checksums": can.has_checksums,
        "names_shops": can.names_shops,
        "homes": can.homes,
    })
}

/// Where this computer's clock is off by more than two minutes: by how much, and in words.
pub(super) fn say_clock(till: &Till, document: &mut Value) -> Result<(), AppError> {
    let Some(off_ms) = till.clock_off_ms()? else { return Ok(()) };
    let (minutes, way) = (off_ms.unsigned_abs() / 60_000, if off_ms > 0 { "behind" } else { "ahead of" });
    eprintln!(
        "{}",
        json!({
            "code": "clock_off",
            "message": format!(
                "this computer's clock is {minutes} min {way} head office's: the till goes by head office's; set it right"
            ),
            "field": null,
        })
    );
    document["clock_off_s"] = json!(off_ms / 1_000);
    Ok(())
}

fn described(words: Words) -> Result<remotes::NewRemote, AppError> {
    let secret = words.secret_env.as_deref().map(read_secret).transpose()?;
    let settings = words.set.iter().map(|pair| setting(pair)).collect::<Result<Map<_, _>, _>>()?;
    let ca = words.ca.map(std::fs::read_to_string).transpose();
    Ok(remotes::NewRemote {
        name: words.name,
        kind: words.kind,
        url: words.url,
        secret,
        settings,
        ca: ca.map_err(|error| invalid("ca", format!("the certificate cannot be read: {error}")))?,
        may_be_plain: words.plain_http,
    })
}

fn credit(proof: &Proof) -> Value {
    json!({
        "is_on": proof.is_on,
        "known_again_by": proof.keeps.name(),
        "currency": proof.currency.code(),
        "label": proof.label,
        "issuer": proof.issuer,
        "proved_at": proof.proved_at,
    })
}

fn read_secret(name: &str) -> Result<String, AppError> {
    let secret = std::env::var(name).ok().filter(|secret| !secret.trim().is_empty());
    secret.ok_or_else(|| invalid("secret-env", format!("the environment variable {name} holds no secret")))
}

fn setting(pair: &str) -> Result<(String, Value), AppError> {
    let (key, value) = pair.split_once('=').ok_or_else(|| invalid("set", "a setting is KEY=VALUE".to_owned()))?;
    Ok((key.trim().to_owned(), Value::String(value.to_owned())))
}

fn invalid(field: &str, message: String) -> AppError {
    AppError::Remote(Problem { code: "remote_invalid".to_owned(), message, field: Some(field.to_owned()) })
}

fn document(remote: &Remote) -> Value {
    json!({
        "id": remote.id,
        "name": remote.name,
        "kind": remote.kind,
        "url": remote.url,
        "credit": proof_in(&remote.settings).as_ref().map(credit),
        "last_exchange_at": remote.last_exchange_at,
        "last_pull_at": remote.last_pull_at,
        "problem": remote.problem.as_ref().map(|problem| json!({ "code": problem.code, "message": problem.message })),
    })
}
