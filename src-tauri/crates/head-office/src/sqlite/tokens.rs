//! Tokens and join codes, as hashes.

use super::SqliteRows;
use super::values::{Sql, scope_of_json, scope_to_json};
use crate::error::HeadOfficeError;
use crate::storage::{Scope, StoredJoinCode, StoredToken, Tokens};
use regulars_domain::Timestamp;
use rusqlite::named_params;
use uuid::Uuid;

impl Tokens for SqliteRows<'_> {
    fn insert_token(&mut self, token: &StoredToken) -> Result<(), HeadOfficeError> {
        self.execute(
            "INSERT INTO tokens (id, kind, hash, locations, rights, signing_key, made_at)
             VALUES (:id, :kind, :hash, :locations, :rights, :signing_key, :made_at)",
            named_params! {
                ":id": token.id,
                ":kind": token.kind,
                ":hash": token.hash,
                ":locations": scope_to_json(&token.scope)?,
                ":rights": serde_json::to_string(&token.rights)?,
                ":signing_key": token.signing_key,
                ":made_at": Sql(token.made_at),
            },
        )
        .map(|_| ())
    }

    fn find_token(&mut self, id: Uuid) -> Result<Option<StoredToken>, HeadOfficeError> {
        let found = self.find(
            "SELECT kind, hash, locations, rights, signing_key, made_at FROM tokens WHERE id = :id",
            named_params! { ":id": id },
            |row| {
                let locations: Option<String> = row.get("locations")?;
                let token = StoredToken {
                    id,
                    kind: row.get("kind")?,
                    hash: row.get("hash")?,
                    scope: Scope::All,
                    rights: Vec::new(),
                    signing_key: row.get("signing_key")?,
                    made_at: row.get::<_, Sql<Timestamp>>("made_at")?.0,
                };
                Ok((token, locations, row.get::<_, String>("rights")?))
            },
        )?;
        let Some((token, locations, rights)) = found else { return Ok(None) };
        let scope = scope_of_json(locations.as_deref())?;
        Ok(Some(StoredToken { scope, rights: serde_json::from_str(&rights)?, ..token }))
    }

    fn insert_join_code(&mut self, code: &StoredJoinCode) -> Result<(), HeadOfficeError> {
        self.execute(
            "INSERT INTO join_codes (hash, locations, rights, expires_at)
             VALUES (:hash, :locations, :rights, :expires_at)",
            named_params! {
                ":hash": code.hash,
                ":locations": scope_to_json(&code.scope)?,
                ":rights": serde_json::to_string(&code.rights)?,
                ":expires_at": Sql(code.expires_at),
            },
        )
        .map(|_| ())
    }

    fn take_join_code(&mut self, hash: &[u8; 32], at: Timestamp) -> Result<Option<StoredJoinCode>, HeadOfficeError> {
        let taken = self.find(
            "DELETE FROM join_codes WHERE hash = :hash AND expires_at > :at RETURNING locations, rights, expires_at",
            named_params! { ":hash": hash, ":at": Sql(at) },
            |row| {
                let locations: Option<String> = row.get("locations")?;
                let rights: String = row.get("rights")?;
                Ok((locations, rights, row.get::<_, Sql<Timestamp>>("expires_at")?.0))
            },
        )?;
        let Some((locations, rights, expires_at)) = taken else { return Ok(None) };
        let scope = scope_of_json(locations.as_deref())?;
        Ok(Some(StoredJoinCode { hash: *hash, scope, rights: serde_json::from_str(&rights)?, expires_at }))
    }
}
