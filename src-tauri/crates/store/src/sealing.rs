//! Personal values in tables that are never changed are sealed with a key of their member.
//!
//! Erasing a member destroys that key: what was sealed can never be read again, while sums and hash chains stay.

use crate::error::StoreError;
use crate::sql::Sql;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use rand::Rng;
use regulars_domain::MemberId;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};
use zeroize::Zeroizing;

/// What is sealed, bound into the seal so that a value cannot be moved to another place.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Change,
    FrozenBytes,
    Reason,
    Audit,
    Decision,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Change => b"change",
            Self::FrozenBytes => b"frozen",
            Self::Reason => b"reason",
            Self::Audit => b"audit",
            Self::Decision => b"decision",
        }
    }
}

const NONCE_LEN: usize = 24;

/// Seals a value, making the member's key where there is none yet.
pub(crate) fn seal(
    tx: &Transaction<'_>,
    member: MemberId,
    purpose: Purpose,
    value: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let key = match find_key(tx, member)? {
        Some(key) => key,
        None => make_key(tx, member)?,
    };
    let mut nonce = [0; NONCE_LEN];
    rand::rng().fill_bytes(&mut nonce);
    let payload = Payload { msg: value, aad: purpose.label() };
    let sealed = cipher(&key).encrypt(&XNonce::from(nonce), payload).map_err(|_| StoreError::Unreadable("seal"))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// Opens a sealed value; `None` where the key that it was sealed with was destroyed. Of somebody who was erased money is
/// still sealed to be sent, and a head office that was put back may bring them back: then there is another key, which opens
/// nothing of what was sealed before. Damage it cannot be, since each page of the file is sealed too.
pub(crate) fn open(
    connection: &Connection,
    member: MemberId,
    purpose: Purpose,
    sealed: &[u8],
) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(key) = find_key(connection, member)? else { return Ok(None) };
    let (nonce, text) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(StoreError::Unreadable("seal"))?;
    let payload = Payload { msg: text, aad: purpose.label() };
    let opened = cipher(&key).decrypt(&XNonce::from(*nonce), payload);
    Ok(opened.ok())
}

/// Destroys the key of a member: what was sealed with it can never be read again.
pub(crate) fn destroy_key(tx: &Transaction<'_>, member: MemberId) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM member_keys WHERE member_id = :member")?
        .execute(named_params! { ":member": Sql(member) })?;
    Ok(())
}

fn cipher(key: &Zeroizing<[u8; 32]>) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(**key))
}

/// The key of a member, where it was made and not destroyed.
pub(crate) fn find_key(connection: &Connection, member: MemberId) -> Result<Option<Zeroizing<[u8; 32]>>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT key FROM member_keys WHERE member_id = :member")?;
    let key = statement.query_row(named_params! { ":member": Sql(member) }, |row| row.get::<_, [u8; 32]>(0));
    Ok(key.optional()?.map(Zeroizing::new))
}

/// Puts a key back that was lost with its page; one that is there stays.
pub(crate) fn put_key_back(tx: &Transaction<'_>, member: MemberId, key: &[u8; 32]) -> Result<(), StoreError> {
    let mut statement =
        tx.prepare_cached("INSERT OR IGNORE INTO member_keys (member_id, key) VALUES (:member, :key)")?;
    statement.execute(named_params! { ":member": Sql(member), ":key": key.as_slice() })?;
    Ok(())
}

fn make_key(tx: &Transaction<'_>, member: MemberId) -> Result<Zeroizing<[u8; 32]>, StoreError> {
    let mut key = Zeroizing::new([0; 32]);
    rand::rng().fill_bytes(&mut *key);
    let mut statement = tx.prepare_cached("INSERT INTO member_keys (member_id, key) VALUES (:member, :key)")?;
    statement.execute(named_params! { ":member": Sql(member), ":key": key.as_slice() })?;
    Ok(key)
}
