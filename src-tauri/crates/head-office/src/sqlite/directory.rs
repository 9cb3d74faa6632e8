//! The members as other systems list them and look for them.

use super::SqliteRows;
use super::values::{Sql, scope_to_json};
use crate::error::HeadOfficeError;
use crate::storage::{Directory, ListedMember, MemberKey, MemberOrder, MemberQuery, Window};
use regulars_domain::{MemberId, Timestamp};
use rusqlite::{Row, ToSql, named_params};

/// Which members a query is about. The span of the column that gives the order is the index's; what is not asked for is
/// not looked at, so that whole pages are skipped within an index.
fn conditions(order: MemberOrder) -> String {
    let span = |column: &str, by: MemberOrder| {
        let within = format!("{column} >= :{column}_from AND {column} < :{column}_until");
        if order == by { within } else { format!("(:{column}_from IS NULL OR ({within}))") }
    };
    format!(
        "is_deleted = 0 AND merged_into IS NULL AND {} > :after AND {} AND {}
         AND (:locations IS NULL OR EXISTS (
             SELECT 1 FROM memberships WHERE member_id = members.id
             AND location IN (SELECT value FROM json_each(:locations))))",
        // The plus sign keeps the planner from the index of ids where another one gives the order.
        if order == MemberOrder::Id { "id" } else { "+id" },
        span("created_at", MemberOrder::CreatedAt),
        span("updated_at", MemberOrder::UpdatedAt),
    )
}

/// A span's ends; nothing for all of time, but where the index needs them.
fn ends(window: Window, is_order: bool) -> (Option<i64>, Option<i64>) {
    let (from, until) = (window.from.as_millis(), window.until.as_millis());
    let is_always = window.from == Window::ALWAYS.from && window.until == Window::ALWAYS.until;
    if is_always && !is_order { (None, None) } else { (Some(from), Some(until)) }
}

impl Directory for SqliteRows<'_> {
    fn find_listed(&mut self, id: MemberId) -> Result<Option<ListedMember>, HeadOfficeError> {
        self.find(
            "SELECT id, document, version, created_at, updated_at FROM members
             WHERE id = :id AND is_deleted = 0 AND merged_into IS NULL",
            named_params! { ":id": Sql(id) },
            listed,
        )
    }

    fn list_by_key(&mut self, key: &MemberKey) -> Result<Vec<MemberId>, HeadOfficeError> {
        let (condition, value): (_, &dyn ToSql) = match key {
            MemberKey::E164(text) => ("document ->> '$.phone.e164' = :value", text),
            MemberKey::TypedPhone(text) => ("document ->> '$.phone.typed' = :value", text),
            MemberKey::Email(text) => ("document ->> '$.email' = :value", text),
            MemberKey::Reference(text) => ("document ->> '$.reference' = :value", text),
            MemberKey::PortosExternal(text) => ("document ->> '$.external_ids.portos' = :value", text),
            MemberKey::Number(number) => return self.list_by_number(*number),
        };
        let sql = format!("SELECT id FROM members WHERE {condition} AND is_deleted = 0 ORDER BY +id");
        self.list(&sql, &[(":value", value)][..], |row| Ok(row.get::<_, Sql<_>>("id")?.0))
    }

    fn list_members(&mut self, query: &MemberQuery) -> Result<Vec<ListedMember>, HeadOfficeError> {
        let by = match query.order {
            MemberOrder::Id => "",
            MemberOrder::Name => "lower(document ->> '$.name.full')",
            MemberOrder::CreatedAt => "created_at",
            MemberOrder::UpdatedAt => "updated_at",
        };
        let direction = if query.is_descending { "DESC" } else { "ASC" };
        let order = if by.is_empty() { format!("id {direction}") } else { format!("{by} {direction}, id {direction}") };
        let sql = format!(
            "SELECT id, document, version, created_at, updated_at FROM members WHERE {}
             ORDER BY {order} LIMIT :limit OFFSET :offset",
            conditions(query.order)
        );
        let locations = scope_to_json(&query.scope)?;
        let created = ends(query.created, query.order == MemberOrder::CreatedAt);
        let updated = ends(query.updated, query.order == MemberOrder::UpdatedAt);
        self.list(
            &sql,
            named_params! {
                ":after": after(query),
                ":created_at_from": created.0,
                ":created_at_until": created.1,
                ":updated_at_from": updated.0,
                ":updated_at_until": updated.1,
                ":locations": locations,
                ":limit": query.limit,
                ":offset": query.offset,
            },
            listed,
        )
    }

    fn count_listed(&mut self, query: &MemberQuery) -> Result<i64, HeadOfficeError> {
        let sql = format!("SELECT count(*) FROM members WHERE {}", conditions(query.order));
        let locations = scope_to_json(&query.scope)?;
        let created = ends(query.created, query.order == MemberOrder::CreatedAt);
        let updated = ends(query.updated, query.order == MemberOrder::UpdatedAt);
        self.get(
            &sql,
            named_params! {
                ":after": after(query),
                ":created_at_from": created.0,
                ":created_at_until": created.1,
                ":updated_at_from": updated.0,
                ":updated_at_until": updated.1,
                ":locations": locations,
            },
            |row| row.get(0),
        )
    }

    fn newest_money(&mut self, member: MemberId) -> Result<i64, HeadOfficeError> {
        self.get(
            "SELECT coalesce(max(feed.version), 0) FROM ledger_entries CROSS JOIN feed
             WHERE ledger_entries.member_id = :member_id
             AND feed.location = '' AND feed.kind = 'entry' AND feed.entity_id = ledger_entries.id",
            named_params! { ":member_id": Sql(member) },
            |row| row.get(0),
        )
    }
}

impl SqliteRows<'_> {
    /// The index is over whole bytes, of which a number leaves the first three bits open.
    fn list_by_number(&self, number: i64) -> Result<Vec<MemberId>, HeadOfficeError> {
        let Ok(bits) = u64::try_from(number) else { return Ok(Vec::new()) };
        if bits > MemberKey::NUMBER_MASK {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for first_bits in 0..8_u64 {
            let ending = (bits | first_bits << 53).to_be_bytes();
            found.extend(self.list(
                "SELECT id FROM members WHERE substr(id, 10) = :ending AND is_deleted = 0",
                named_params! { ":ending": &ending[1..] },
                |row| Ok(row.get::<_, Sql<MemberId>>("id")?.0),
            )?);
        }
        Ok(found)
    }
}

/// No id is shorter than nothing.
fn after(query: &MemberQuery) -> Vec<u8> {
    query.after.map(|id| id.as_bytes().to_vec()).unwrap_or_default()
}

fn listed(row: &Row<'_>) -> rusqlite::Result<ListedMember> {
    Ok(ListedMember {
        id: row.get::<_, Sql<_>>("id")?.0,
        document: row.get("document")?,
        version: row.get("version")?,
        created_at: row.get::<_, Sql<Timestamp>>("created_at")?.0,
        updated_at: row.get::<_, Sql<Timestamp>>("updated_at")?.0,
    })
}
