//! The table of all members of a shop: filtered, sorted, a page at a time.

use super::search::{ending_expression, words_expression};
use crate::error::StoreError;
use crate::sql::Sql;
use regulars_domain::phone::PhoneQuery;
use regulars_domain::{Currency, Date, LocationId, MemberId, Timestamp};
use rusqlite::Connection;
use rusqlite::types::Value;

/// What narrows the table. An absent one lets all through.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words of the name, a number, an email, as in the counter's field.
    pub text: String,
    /// How a number in it is read.
    pub phone: Option<PhoneQuery>,
    /// How they stand.
    pub status: Option<StatusFilter>,
    /// A label's name.
    pub label: Option<String>,
    /// Whether they have cards.
    pub card: Option<CardFilter>,
    /// Whether they have credit.
    pub credit: Option<CreditFilter>,
    /// 1 to 12.
    pub birthday_month: Option<u32>,
    /// No visit since that day.
    pub not_seen_since: Option<Date>,
    /// Whether they agreed to anything.
    pub has_consent: Option<bool>,
    /// Whether changes of theirs wait for the line.
    pub waits: Option<bool>,
    /// Whether changes of theirs wait for a person.
    pub needs_you: Option<bool>,
}

/// How a member stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusFilter {
    /// Everything may be done.
    Active,
    /// Switched off.
    Inactive,
    /// Not a member yet.
    NotYetValid,
    /// Not a member any more.
    Expired,
    /// On hold.
    OnHold,
}

/// Whether a member has cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardFilter {
    /// One that is not blocked.
    HasCard,
    /// None at all.
    None,
    /// A blocked one.
    Blocked,
}

/// Whether a member has credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreditFilter {
    /// More than nothing.
    HasCredit,
    /// Nothing.
    None,
    /// Less than nothing.
    Owes,
}

/// What the table is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The name.
    #[default]
    Name,
    /// Since when they are a member.
    MemberSince,
    /// Their last visit, those without one last.
    LastVisit,
    /// What they have.
    Balance,
}

/// Which page of which shop.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// The shop.
    pub location: LocationId,
    /// Who owes the credit there.
    pub issuer: &'a str,
    /// In which currency.
    pub currency: Currency,
    /// Now, and the shop's day.
    pub at: Timestamp,
    /// The shop's day.
    pub today: Date,
    /// What it is sorted by.
    pub sort: Sort,
    /// From the end to the beginning.
    pub descending: bool,
    /// How many rows are left out before.
    pub offset: u64,
    /// At most so many rows.
    pub limit: u32,
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableRow {
    /// The member.
    pub id: MemberId,
    /// What all their accounts of this issuer hold, in minor units.
    pub balance_minor: i64,
    /// Whether a change of theirs waits for a person.
    pub needs_you: bool,
}

/// A page of the table, and how many rows the filter lets through in all.
///
/// # Errors
/// As any read.
pub fn list_page(
    connection: &Connection,
    filter: &Filter,
    page: &Page<'_>,
) -> Result<(u64, Vec<TableRow>), StoreError> {
    let mut query = Query::new(page);
    query.narrow(filter, page);
    let (from, conditions) = (query.from(), query.conditions.join(" AND "));
    let mut count = connection.prepare_cached(&format!("SELECT count(*) FROM {from} WHERE {conditions}"))?;
    let total: i64 = count.query_row(query.params().as_slice(), |row| row.get(0))?;
    let order = query.order(page);
    query.bind(":limit", i64::from(page.limit));
    query.bind(":offset", i64::try_from(page.offset).unwrap_or(i64::MAX));
    let mut rows = connection.prepare_cached(&format!(
        "SELECT memberships.member_id, {BALANCE}, {NEEDS_YOU} FROM {from} WHERE {conditions}
         ORDER BY {order} LIMIT :limit OFFSET :offset"
    ))?;
    query.bind(":issuer", page.issuer.to_owned());
    query.bind(":currency", page.currency.code().to_owned());
    let rows = rows.query_map(query.params().as_slice(), |row| {
        Ok(TableRow { id: row.get::<_, Sql<MemberId>>(0)?.0, balance_minor: row.get(1)?, needs_you: row.get(2)? })
    })?;
    Ok((u64::try_from(total).unwrap_or(0), rows.collect::<Result<_, _>>()?))
}

/// What belongs to a row's member, or to somebody who turned out to be them, at whatever remove.
macro_rules! of_the_person {
    ($column:literal) => {
        concat!(
            $column,
            " IN (WITH RECURSIVE person (id) AS (SELECT memberships.member_id UNION SELECT alias.id FROM person
                  JOIN members AS alias ON alias.merged_into = person.id) SELECT id FROM person)"
        )
    };
}

const BALANCE: &str = concat!(
    "(SELECT coalesce(sum(ledger_entries.amount_minor), 0) FROM credit_accounts
     JOIN ledger_entries ON ledger_entries.account_id = credit_accounts.id
     WHERE credit_accounts.issuer = :issuer AND credit_accounts.currency = :currency AND ",
    of_the_person!("credit_accounts.member_id"),
    ")"
);
const NEEDS_YOU: &str = concat!(
    "EXISTS (SELECT 1 FROM outbox WHERE state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') AND state = 'parked'
     AND ",
    of_the_person!("outbox.member_id"),
    ")"
);
const WAITS: &str = concat!(
    "EXISTS (SELECT 1 FROM outbox WHERE state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') AND ",
    of_the_person!("outbox.member_id"),
    ")"
);
const LAST_VISIT: &str = concat!("(SELECT max(visits.at) FROM visits WHERE ", of_the_person!("visits.member_id"), ")");

/// A statement that grows with the filters, and what is bound in it.
struct Query {
    needs_members: bool,
    conditions: Vec<String>,
    bound: Vec<(&'static str, Value)>,
}

impl Query {
    fn new(page: &Page<'_>) -> Self {
        let conditions = vec!["memberships.location_id = :location AND memberships.sort_name IS NOT NULL".to_owned()];
        let location = Value::Blob(page.location.as_bytes().to_vec());
        Self { needs_members: false, conditions, bound: vec![(":location", location)] }
    }

    fn from(&self) -> &'static str {
        if self.needs_members {
            "memberships JOIN members ON members.id = memberships.member_id"
        } else {
            "memberships"
        }
    }

    fn bind(&mut self, name: &'static str, value: impl Into<Value>) {
        if !self.bound.iter().any(|(bound, _)| *bound == name) {
            self.bound.push((name, value.into()));
        }
    }

    fn params(&self) -> Vec<(&str, &dyn rusqlite::ToSql)> {
        self.bound.iter().map(|(name, value)| (*name, value as &dyn rusqlite::ToSql)).collect()
    }

    fn needs(&mut self, condition: impl Into<String>) {
        self.conditions.push(condition.into());
    }

    fn order(&mut self, page: &Page<'_>) -> String {
        let direction = if page.descending { "DESC" } else { "ASC" };
        match page.sort {
            Sort::Name => format!("memberships.sort_name {direction}, memberships.member_id {direction}"),
            Sort::MemberSince => format!("memberships.member_since {direction}, memberships.member_id"),
            Sort::LastVisit => format!("{LAST_VISIT} {direction} NULLS LAST, memberships.member_id"),
            Sort::Balance => format!("2 {direction}, memberships.member_id"),
        }
    }

    fn narrow(&mut self, filter: &Filter, page: &Page<'_>) {
        self.narrow_by_text(filter, page);
        if let Some(status) = filter.status {
            self.narrow_by_status(status, page);
        }
        if let Some(label) = &filter.label {
            self.needs("json_extract(memberships.terms, '$.labels.' || json_quote(:label)) = 1");
            self.bind(":label", label.clone());
        }
        if let Some(card) = filter.card {
            self.narrow_by_card(card);
        }
        if let Some(credit) = filter.credit {
            let holds = match credit {
                CreditFilter::HasCredit => "> 0",
                CreditFilter::None => "= 0",
                CreditFilter::Owes => "< 0",
            };
            self.needs(format!("{BALANCE} {holds}"));
            self.bind(":issuer", page.issuer.to_owned());
            self.bind(":currency", page.currency.code().to_owned());
        }
        if let Some(month) = filter.birthday_month {
            self.needs_members = true;
            self.needs("json_extract(members.document, '$.birthday.month') = :month");
            self.bind(":month", i64::from(month));
        }
        if let Some(day) = filter.not_seen_since {
            self.needs(concat!(
                "NOT EXISTS (SELECT 1 FROM visits WHERE visits.business_date >= :seen AND ",
                of_the_person!("visits.member_id"),
                ")"
            ));
            self.bind(":seen", day.to_string());
        }
        if let Some(has_consent) = filter.has_consent {
            self.needs_members = true;
            let given = "EXISTS (SELECT 1 FROM json_each(members.document, '$.consents')
                 WHERE json_extract(value, '$.is_given') = 1)";
            self.needs(yes_or_no(given, has_consent));
        }
        if let Some(waits) = filter.waits {
            self.needs(yes_or_no(WAITS, waits));
        }
        if let Some(needs_you) = filter.needs_you {
            self.needs(yes_or_no(NEEDS_YOU, needs_you));
        }
    }

    /// A number, an email, or words: whatever the text may be, any of them lets a member through.
    fn narrow_by_text(&mut self, filter: &Filter, page: &Page<'_>) {
        let text = filter.text.trim();
        if text.is_empty() {
            return;
        }
        let mut ways =
            vec!["memberships.member_id IN (SELECT member_id FROM lookups WHERE key IN (:key, :email))".to_owned()];
        self.bind(":key", regulars_domain::member::key(text));
        self.bind(":email", super::index::email_key(text));
        if let Some(expression) = words_expression(page.location, text) {
            self.needs_members = true;
            ways.push("members.number IN (SELECT rowid FROM member_words WHERE member_words MATCH :words)".to_owned());
            self.bind(":words", expression);
        }
        if let Some(phone) = &filter.phone {
            self.needs_members = true;
            ways.push("members.number IN (SELECT rowid FROM member_words WHERE member_words MATCH :ending)".to_owned());
            self.bind(":ending", ending_expression(page.location, &phone.ending));
            for (digits, name) in phone.whole.iter().zip([":whole1", ":whole2", ":whole3"]) {
                ways.push(format!(
                    "memberships.member_id IN (SELECT member_id FROM phone_index
                     WHERE location_id = :location AND digits = {name})"
                ));
                self.bind(name, digits.clone());
            }
        }
        self.needs(format!("({})", ways.join(" OR ")));
    }

    /// The same as the rule in the domain, for many rows at once; a test holds them together.
    fn narrow_by_status(&mut self, status: StatusFilter, page: &Page<'_>) {
        if !matches!(status, StatusFilter::OnHold | StatusFilter::Inactive) {
            self.bind(":today", page.today.to_string());
            self.bind(":now", page.at.to_string());
        }
        let on_hold = "json_extract(memberships.terms, '$.hold') IS NOT NULL";
        let inactive = "coalesce(json_extract(memberships.terms, '$.is_active'), 1) = 0";
        // A day has ten characters, and counts whole; an instant is longer.
        let later = "json_extract(memberships.terms, '$.valid_from') >
             CASE length(json_extract(memberships.terms, '$.valid_from')) WHEN 10 THEN :today ELSE :now END";
        let over = "json_extract(memberships.terms, '$.valid_until') <
             CASE length(json_extract(memberships.terms, '$.valid_until')) WHEN 10 THEN :today ELSE :now END";
        let (later, over) = (format!("coalesce({later}, 0)"), format!("coalesce({over}, 0)"));
        self.needs(match status {
            StatusFilter::OnHold => on_hold.to_owned(),
            StatusFilter::Inactive => format!("NOT ({on_hold}) AND {inactive}"),
            StatusFilter::NotYetValid => format!("NOT ({on_hold}) AND NOT ({inactive}) AND {later}"),
            StatusFilter::Expired => format!("NOT ({on_hold}) AND NOT ({inactive}) AND NOT ({later}) AND {over}"),
            StatusFilter::Active => {
                format!("NOT ({on_hold}) AND NOT ({inactive}) AND NOT ({later}) AND NOT ({over})")
            }
        });
    }

    fn narrow_by_card(&mut self, card: CardFilter) {
        self.needs_members = true;
        let with = |condition: &str| {
            format!("EXISTS (SELECT 1 FROM json_each(members.document, '$.cards') WHERE {condition})")
        };
        self.needs(match card {
            CardFilter::HasCard => with("json_extract(value, '$.status') IS NOT 'blocked'"),
            CardFilter::None => format!("NOT {}", with("1")),
            CardFilter::Blocked => with("json_extract(value, '$.status') = 'blocked'"),
        });
    }
}

fn yes_or_no(condition: &str, wanted: bool) -> String {
    if wanted { condition.to_owned() } else { format!("NOT {condition}") }
}
