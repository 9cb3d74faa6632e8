//! How domain values stand in SQL: ids as blobs, instants as integers, names and JSON as text.

use regulars_domain::edit::Document;
use regulars_domain::ledger::{EntryKind, EntrySource, LotClass, Tender};
use regulars_domain::sale::VisitKind;
use regulars_domain::{
    AccountId, AuthorisationId, ChangeId, Currency, Date, EntryId, Incarnation, LocationId, MemberId, RemoteId,
    StaffId, TillId, Timestamp, VisitId,
};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Value, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// A domain value as SQL has it: `Sql(member_id)` as a parameter, `row.get::<_, Sql<MemberId>>(0)?.0` out of a row.
#[derive(Clone, Copy)]
pub(crate) struct Sql<T>(pub T);

/// Anything that is stored as JSON text.
pub(crate) struct Json<T>(pub T);

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

        impl ToSql for Sql<Option<$id>> {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Borrowed(self.0.as_ref().map_or(ValueRef::Null, |id| ValueRef::Blob(id.as_bytes()))))
            }
        }
    )*};
}

ids!(
    AccountId,
    AuthorisationId,
    ChangeId,
    EntryId,
    Incarnation,
    LocationId,
    MemberId,
    RemoteId,
    StaffId,
    TillId,
    VisitId
);

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

impl ToSql for Sql<Option<Timestamp>> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(self.0.map_or(Value::Null, |at| Value::Integer(at.as_millis()))))
    }
}

macro_rules! parsed_text {
    ($($type:ident: $text:expr),*) => {$(
        impl FromSql for Sql<$type> {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let text = value.as_str()?;
                text.parse().map(Self).map_err(|error| FromSqlError::Other(Box::new(error)))
            }
        }

        impl ToSql for Sql<$type> {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                let text: fn(&$type) -> String = $text;
                Ok(text(&self.0).into())
            }
        }

        impl ToSql for Sql<Option<$type>> {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                let text: fn(&$type) -> String = $text;
                Ok(ToSqlOutput::Owned(self.0.as_ref().map_or(Value::Null, |value| Value::Text(text(value)))))
            }
        }
    )*};
}

parsed_text!(
    Currency: |value| value.code().to_owned(),
    Date: ToString::to_string,
    EntryKind: |value| value.name().to_owned(),
    EntrySource: |value| value.name().to_owned(),
    LotClass: |value| value.name().to_owned(),
    Tender: |value| value.name().to_owned(),
    VisitKind: |value| value.name().to_owned()
);

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text =
            serde_json::to_string(&self.0).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        Ok(text.into())
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Self).map_err(|error| FromSqlError::Other(error.into()))
    }
}

/// A document out of a text column.
pub(crate) type JsonDocument = Json<Document>;
