//! How values stand in SQL: ids as blobs, instants as integers, names, days and JSON as text.

use crate::error::HeadOfficeError;
use crate::storage::{FieldTimes, HoldState, Scope};
use regulars_domain::edit::Document;
use regulars_domain::{
    AccountId, AuthorisationId, ChangeId, Currency, Date, EntryId, Incarnation, MemberId, TillId, Timestamp, VisitId,
};
use regulars_protocol::push::Outcome;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use uuid::Uuid;

/// A document with nothing in it: most terms.
const EMPTY: &str = "{}";

/// A value as SQL has it: `Sql(id)` as a parameter, `row.get::<_, Sql<MemberId>>(0)?.0` out of a row.
#[derive(Clone, Copy)]
pub(super) struct Sql<T>(pub T);

macro_rules! ids {
    ($($id:ident),*) => {$(
        impl ToSql for Sql<$id> {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.0.as_bytes())))
            }
        }

        impl FromSql for Sql<$id> {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                Uuid::column_result(value).map(|uuid| Self($id::from_uuid(uuid)))
            }
        }
    )*};
}

ids!(AccountId, AuthorisationId, ChangeId, EntryId, Incarnation, MemberId, TillId, VisitId);

impl ToSql for Sql<Option<MemberId>> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0.as_ref().map_or(ValueRef::Null, |id| ValueRef::Blob(id.as_bytes()))))
    }
}

impl ToSql for Sql<Option<Date>> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.map_or(ToSqlOutput::Borrowed(ValueRef::Null), |date| date.to_string().into()))
    }
}

impl FromSql for Sql<Document> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            EMPTY => Ok(Self(Document::new())),
            json => serde_json::from_str(json).map(Self).map_err(FromSqlError::other),
        }
    }
}

impl FromSql for Sql<FieldTimes> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Self).map_err(FromSqlError::other)
    }
}

impl ToSql for Sql<Timestamp> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_millis().into())
    }
}

impl FromSql for Sql<Timestamp> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(|millis| Self(Timestamp::from_millis(millis)))
    }
}

impl ToSql for Sql<Date> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.to_string().into())
    }
}

impl FromSql for Sql<Date> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map(Self).map_err(FromSqlError::other)
    }
}

impl FromSql for Sql<Currency> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map(Self).map_err(FromSqlError::other)
    }
}

macro_rules! names {
    ($($type:ident { $($variant:ident = $name:literal),* })*) => {$(
        impl ToSql for Sql<$type> {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(match self.0 { $($type::$variant => $name),* }.into())
            }
        }

        impl FromSql for Sql<$type> {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                match value.as_str()? {
                    $($name => Ok(Self($type::$variant)),)*
                    _ => Err(FromSqlError::InvalidType),
                }
            }
        }
    )*};
}

names! {
    Outcome { Applied = "applied", Duplicate = "duplicate", Conflict = "conflict", Rejected = "rejected" }
    HoldState { Held = "held", Captured = "captured", Released = "released" }
}

/// A scope as a JSON array of codes; `None` for all.
pub(super) fn scope_to_json(scope: &Scope) -> Result<Option<String>, HeadOfficeError> {
    match scope {
        Scope::All => Ok(None),
        Scope::Locations(codes) => Ok(Some(serde_json::to_string(codes)?)),
    }
}

/// The other way round.
pub(super) fn scope_of_json(json: Option<&str>) -> Result<Scope, HeadOfficeError> {
    Ok(match json {
        None => Scope::All,
        Some(json) => Scope::Locations(serde_json::from_str(json)?),
    })
}
