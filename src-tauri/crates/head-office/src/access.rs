//! Tokens and join codes: made here, stored as hashes, compared in constant time.

use crate::error::HeadOfficeError;
use crate::storage::{Rows, Scope, Storage, StoredJoinCode, StoredToken};
use rand::distr::Alphanumeric;
use rand::{Rng, RngExt};
use regulars_domain::Timestamp;
use sha2::{Digest, Sha256};
use std::time::Duration;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// What a token begins with, so that one that leaked is recognised for what it is.
const PREFIX: &str = "rgt";
/// The kind of token whose requests may be signed with it.
const SIGNING_KIND: &str = "portos";
/// The kind of token that has the form of a Stancer key, which its clients check.
const STANCER: &str = "stancer";
/// The right that makes a Stancer key a live one.
pub(crate) const LIVE: &str = "live";
/// What Stancer keys begin with: test and live.
const STANCER_PREFIXES: [&str; 2] = ["stest_", "sprod_"];
/// Characters of a Stancer key, of 62: more than a UUID holds.
const STANCER_LENGTH: usize = 24;
/// How long a join code can be typed in: a morning.
const JOIN_CODE_LIFE: Duration = Duration::from_secs(12 * 3600);
/// Letters of a join code: none that looks or sounds like another.
const JOIN_LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Eight of them: 10^11 codes, of which a few work for a morning, against ten tries a minute.
const JOIN_LENGTH: usize = 8;

/// What a token is to be made for.
#[derive(Clone, Debug)]
pub struct TokenFor {
    /// `till`, or the name of a dialect.
    pub kind: String,
    /// The shops that it is limited to.
    pub scope: Scope,
    /// Rights beyond those of its kind.
    pub rights: Vec<String>,
}

/// Who asks, as the token says.
#[derive(Clone, Debug)]
pub struct Access {
    /// The token's public part.
    pub token_id: Uuid,
    /// The shops that it may see.
    pub scope: Scope,
    /// What else it may do.
    pub rights: Vec<String>,
}

/// Makes a token and answers the secret, which is shown once and stored nowhere.
///
/// # Errors
/// As any write.
pub fn make_token(rows: &mut dyn Rows, wanted: &TokenFor, at: Timestamp) -> Result<String, HeadOfficeError> {
    let token = if wanted.kind == STANCER { stancer_key(&wanted.rights) } else { bearer_token() };
    let (id, hash) = read(&token).ok_or(HeadOfficeError::Internal)?;
    rows.insert_token(&StoredToken {
        id,
        kind: wanted.kind.clone(),
        hash,
        scope: wanted.scope.clone(),
        rights: wanted.rights.clone(),
        signing_key: (wanted.kind == SIGNING_KIND).then(|| token.clone()),
        made_at: at,
    })?;
    Ok(token)
}

fn bearer_token() -> String {
    let mut secret = [0; 32];
    rand::rng().fill_bytes(&mut secret);
    let secret: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{PREFIX}_{}_{secret}", Uuid::now_v7().simple())
}

fn stancer_key(rights: &[String]) -> String {
    let [test, live] = STANCER_PREFIXES;
    let prefix = if rights.iter().any(|right| right == LIVE) { live } else { test };
    let letters = rand::rng().sample_iter(Alphanumeric).take(STANCER_LENGTH).map(char::from);
    prefix.chars().chain(letters).collect()
}

/// The public part of a token, by which requests say who signed them.
pub fn public_part(token: &str) -> Option<String> {
    read(token).map(|(id, _)| id.simple().to_string())
}

/// Makes a join code for a till's token.
///
/// # Errors
/// As any write.
pub fn make_join_code(rows: &mut dyn Rows, wanted: &TokenFor, at: Timestamp) -> Result<String, HeadOfficeError> {
    let letters = (0..JOIN_LENGTH).map(|_| JOIN_LETTERS[rand::random_range(0..JOIN_LETTERS.len())]);
    let code: String = letters.map(char::from).collect();
    rows.insert_join_code(&StoredJoinCode {
        hash: hash(code.as_bytes()),
        scope: wanted.scope.clone(),
        rights: wanted.rights.clone(),
        expires_at: at.plus(JOIN_CODE_LIFE),
    })?;
    Ok(code)
}

/// Turns a join code into a token, once.
///
/// # Errors
/// `join_code_invalid`.
pub fn redeem_join_code(rows: &mut dyn Rows, typed: &str, at: Timestamp) -> Result<String, HeadOfficeError> {
    let code: String =
        typed.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_uppercase()).collect();
    let found = rows.take_join_code(&hash(code.as_bytes()), at)?.ok_or(HeadOfficeError::JoinCodeRefused)?;
    make_token(rows, &TokenFor { kind: "till".to_owned(), scope: found.scope, rights: found.rights }, at)
}

/// Who a bearer token of a kind belongs to.
///
/// # Errors
/// `token_refused`, without telling why.
pub fn check_token(storage: &dyn Storage, bearer: &str, kind: &str) -> Result<Access, HeadOfficeError> {
    let (id, given) = read(bearer.trim()).ok_or(HeadOfficeError::TokenRefused)?;
    let stored = find(storage, id)?;
    // Compared with something also where there is no such token: both take the same time.
    let expected = stored.as_ref().map_or([0; 32], |token| token.hash);
    let is_right: bool = given.ct_eq(&expected).into();
    match stored {
        Some(token) if is_right && token.kind == kind => Ok(token.into()),
        Some(_) | None => Err(HeadOfficeError::TokenRefused),
    }
}

/// The token of a public part.
pub(crate) fn find(storage: &dyn Storage, id: Uuid) -> Result<Option<StoredToken>, HeadOfficeError> {
    let mut stored = None;
    storage.read(&mut |rows| {
        stored = rows.find_token(id)?;
        Ok(())
    })?;
    Ok(stored)
}

impl From<StoredToken> for Access {
    fn from(token: StoredToken) -> Self {
        Self { token_id: token.id, scope: token.scope, rights: token.rights }
    }
}

/// What is stored of a token: its public part, and the hash of its secret. A Stancer key has no public part but one
/// that follows from its hash.
fn read(token: &str) -> Option<(Uuid, [u8; 32])> {
    if STANCER_PREFIXES.iter().any(|prefix| token.starts_with(prefix)) {
        let hash = hash(token.as_bytes());
        return Some((Uuid::from_slice(&hash[16..]).ok()?, hash));
    }
    let (id, secret) = token.strip_prefix(PREFIX)?.strip_prefix('_')?.split_once('_')?;
    Some((Uuid::try_parse(id).ok()?, hash(secret.as_bytes())))
}

fn hash(secret: &[u8]) -> [u8; 32] {
    Sha256::digest(secret).into()
}
