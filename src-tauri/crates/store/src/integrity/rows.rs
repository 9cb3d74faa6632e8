//! Whether each working row is what its mirror and its pending changes make, and is indexed as its document says.
//!
//! Everything is read in order of member in one pass over each table, side by side: a query per member would take a
//! hundred thousand members half a minute.

use super::Finding;
use crate::derive::{self, Derived, Pending};
use crate::error::StoreError;
use crate::members::{self, Membership, Places};
use crate::mirror::{self, Mirrored};
use crate::outbox;
use crate::sql::{Json, Sql};
use regulars_domain::change::Change;
use regulars_domain::edit::Document;
use regulars_domain::{Date, LocationId, MemberId, RemoteId};
use rusqlite::{Connection, Row, Rows};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A finding about a member's row.
#[derive(Clone, Debug)]
pub(crate) struct AboutRow {
    pub(crate) member: MemberId,
    pub(crate) finding: Finding,
    /// Whether mirror and changes say what it must be.
    pub(crate) can_be_derived: bool,
}

/// Looks at every row.
pub(crate) fn scan(connection: &Connection) -> Result<Vec<AboutRow>, StoreError> {
    let places = Places::read(connection)?;
    let pending = read_pending(connection)?;
    let words = read_words(connection)?;
    let mut scan = Scan { places: &places, pending, words, tokenizer: None, found: Vec::new() };
    let mut memberships = connection.prepare_cached(
        "SELECT member_id, location_id, member_since, terms, sort_name FROM memberships ORDER BY member_id, location_id",
    )?;
    let mut phones =
        connection.prepare_cached("SELECT member_id, location_id, digits FROM phone_index ORDER BY member_id")?;
    let mut lookups = connection.prepare_cached("SELECT member_id, key FROM lookups ORDER BY member_id")?;
    let mut views = connection.prepare_cached(
        "SELECT member_id, remote_id, content, is_deleted FROM mirror ORDER BY member_id, remote_id, remote_key",
    )?;
    let mut beside = Beside {
        memberships: Cursor::new(memberships.query([])?, read_membership)?,
        phones: Cursor::new(phones.query([])?, |row| Ok((row.get::<_, Sql<LocationId>>(1)?.0, row.get(2)?)))?,
        lookups: Cursor::new(lookups.query([])?, |row| row.get(1))?,
        views: Cursor::new(views.query([])?, |row| {
            Ok((row.get::<_, Sql<RemoteId>>(1)?.0, row.get::<_, String>(2)?, row.get::<_, bool>(3)?))
        })?,
    };
    let mut members = connection.prepare_cached(
        "SELECT id, number, document, full_name, merged_into, deleted_at IS NOT NULL FROM members ORDER BY id",
    )?;
    let mut rows = members.query([])?;
    while let Some(row) = rows.next()? {
        let stored = Stored {
            id: row.get::<_, Sql<MemberId>>(0)?.0,
            number: row.get(1)?,
            document: row.get(2)?,
            full_name: row.get(3)?,
            merged_into: row.get::<_, Option<Sql<MemberId>>>(4)?.map(|id| id.0),
            is_deleted: row.get(5)?,
        };
        scan.orphans_before(&mut beside, Some(stored.id))?;
        scan.look_at(&mut beside, &stored)?;
    }
    scan.orphans_before(&mut beside, None)?;
    scan.missing_rows(connection)?;
    let unread = scan.words.len();
    if unread > 0 {
        let message = format!("{unread} names are indexed of members who are not there");
        let member = MemberId::from_uuid(uuid::Uuid::nil());
        scan.found.push(AboutRow { member, finding: Finding::new("index_differs", message), can_be_derived: false });
    }
    Ok(scan.found)
}

struct Stored {
    id: MemberId,
    number: i64,
    document: String,
    full_name: String,
    merged_into: Option<MemberId>,
    is_deleted: bool,
}

type View = (RemoteId, String, bool);
type Phone = (LocationId, String);

/// A membership, and the name that it is sorted by.
type Belonging = (Membership, Option<String>);

struct Beside<'a> {
    memberships: Cursor<'a, Belonging>,
    phones: Cursor<'a, Phone>,
    lookups: Cursor<'a, String>,
    views: Cursor<'a, View>,
}

/// The rows of one table in order of member, of which those of one member are taken at a time.
struct Cursor<'a, T> {
    rows: Rows<'a>,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
    next: Option<(MemberId, T)>,
}

impl<'a, T> Cursor<'a, T> {
    fn new(rows: Rows<'a>, read: fn(&Row<'_>) -> rusqlite::Result<T>) -> Result<Self, StoreError> {
        let mut cursor = Self { rows, read, next: None };
        cursor.advance()?;
        Ok(cursor)
    }

    fn advance(&mut self) -> Result<(), StoreError> {
        self.next = match self.rows.next()? {
            Some(row) => Some((row.get::<_, Sql<MemberId>>(0)?.0, (self.read)(row)?)),
            None => None,
        };
        Ok(())
    }

    fn take(&mut self, member: MemberId) -> Result<Vec<T>, StoreError> {
        let mut taken = Vec::new();
        while let Some((_, value)) = self.next.take_if(|(owner, _)| *owner == member) {
            taken.push(value);
            self.advance()?;
        }
        Ok(taken)
    }

    /// Whose rows come next, where that is somebody before that member.
    fn owner_before(&self, member: Option<MemberId>) -> Option<MemberId> {
        let (owner, _) = self.next.as_ref()?;
        member.is_none_or(|member| *owner < member).then_some(*owner)
    }
}

/// The content of a mirror row, its document as it stands there.
#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow)]
    document: &'a RawValue,
    memberships: Vec<mirror::MirroredMembership>,
}

struct Scan<'a> {
    places: &'a Places,
    pending: HashMap<MemberId, Vec<Pending>>,
    /// The sum of the hashes of the words indexed, by the row's number.
    words: HashMap<i64, u64>,
    tokenizer: Option<Tokenizer>,
    found: Vec<AboutRow>,
}

impl Scan<'_> {
    fn look_at(&mut self, beside: &mut Beside<'_>, stored: &Stored) -> Result<(), StoreError> {
        let belongings = beside.memberships.take(stored.id)?;
        let phones = beside.phones.take(stored.id)?;
        let lookups = beside.lookups.take(stored.id)?;
        let views = beside.views.take(stored.id)?;
        let pending = self.pending.remove(&stored.id).unwrap_or_default();
        let words = self.words.remove(&stored.number);
        let is_registered = pending.iter().any(|(_, change)| matches!(change, Change::MemberAdded { .. }));
        if views.is_empty() && !is_registered {
            let message = format!("member {}: no remote and no change tells of it", stored.id);
            self.tell(stored.id, "row_unexplained", message, false);
            return Ok(());
        }
        let memberships: Vec<&Membership> = belongings.iter().map(|(membership, _)| membership).collect();
        if !self.is_explained(stored, &memberships, views, pending)? {
            let message = format!("member {}: the row is not what mirror and changes make", stored.id);
            self.tell(stored.id, "row_differs", message, true);
        } else if !self.is_indexed(stored, &belongings, phones, lookups, words)? {
            let message = format!("member {}: the indexes are not what the row says", stored.id);
            self.tell(stored.id, "index_differs", message, true);
        }
        Ok(())
    }

    fn is_explained(
        &self,
        stored: &Stored,
        memberships: &[&Membership],
        views: Vec<View>,
        pending: Vec<Pending>,
    ) -> Result<bool, StoreError> {
        // The usual case, and nearly all of a till's members: one remote, nothing pending, the document word for word.
        if let ([(remote, content, false)], []) = (&views[..], &pending[..]) {
            let content: Content<'_> = parse(content)?;
            if content.document.get() == stored.document && !stored.is_deleted {
                let derived =
                    derive::compose(self.places, vec![(*remote, without_document(content), false)], Vec::new());
                return Ok(memberships.iter().copied().eq(derived.memberships().iter()));
            }
        }
        let derived = compose(self.places, views, pending)?;
        let document: Document = parse(&stored.document)?;
        // Of somebody who was erased there is to be no row.
        Ok(!derived.is_erased
            && document == derived.document
            && stored.is_deleted == derived.is_deleted
            && memberships.iter().copied().eq(derived.memberships().iter()))
    }

    fn is_indexed(
        &mut self,
        stored: &Stored,
        belongings: &[Belonging],
        mut phones: Vec<Phone>,
        mut lookups: Vec<String>,
        words: Option<u64>,
    ) -> Result<bool, StoreError> {
        let memberships: Vec<Membership> = belongings.iter().map(|(membership, _)| membership.clone()).collect();
        let expected = members::index_of(self.places, &stored.document, stored.is_deleted, &memberships)?;
        phones.sort_unstable();
        lookups.sort_unstable();
        let are_words_same = self.are_words_same(words, expected.words.as_deref())?;
        Ok(stored.full_name == expected.full_name
            && stored.merged_into == expected.merged_into
            && belongings.iter().all(|(_, sort_name)| *sort_name == expected.sort_name)
            && phones == expected.phones
            && lookups == expected.lookups
            && are_words_same)
    }

    /// Most words are indexed as they are. Where a sum differs, the index is asked what it makes of them: it may take a
    /// mark or a letter otherwise than we do.
    fn are_words_same(&mut self, indexed: Option<u64>, expected: Option<&str>) -> Result<bool, StoreError> {
        let sum = expected.map(|words| words.split(' ').map(hash).fold(0, u64::wrapping_add));
        if indexed == sum {
            return Ok(true);
        }
        let Some(expected) = expected else { return Ok(false) };
        let tokenizer = match self.tokenizer.take() {
            Some(tokenizer) => tokenizer,
            None => Tokenizer::open()?,
        };
        let made = tokenizer.sum(expected)?;
        self.tokenizer = Some(tokenizer);
        Ok(indexed == made)
    }

    /// Rows of other tables about members who have no row.
    fn orphans_before(&mut self, beside: &mut Beside<'_>, member: Option<MemberId>) -> Result<(), StoreError> {
        while let Some(owner) = beside.views.owner_before(member) {
            let views = beside.views.take(owner)?;
            let is_there = views.iter().any(|(_, _, is_deleted)| !is_deleted);
            let pending = if is_there { self.pending.remove(&owner).unwrap_or_default() } else { Vec::new() };
            if is_there && !compose(self.places, views, pending)?.is_erased {
                let message = format!("member {owner}: a remote tells of them and there is no row");
                self.tell(owner, "row_missing", message, true);
            }
        }
        let mut owners = BTreeSet::new();
        while let Some(owner) = beside.memberships.owner_before(member) {
            beside.memberships.take(owner)?;
            owners.insert(owner);
        }
        while let Some(owner) = beside.phones.owner_before(member) {
            beside.phones.take(owner)?;
            owners.insert(owner);
        }
        while let Some(owner) = beside.lookups.owner_before(member) {
            beside.lookups.take(owner)?;
            owners.insert(owner);
        }
        for owner in owners {
            self.tell(owner, "index_differs", format!("member {owner}: they are indexed and there is no row"), true);
        }
        Ok(())
    }

    /// Members of whom only changes tell, and who have no row although the changes say who they are.
    fn missing_rows(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let left: BTreeMap<MemberId, Vec<Pending>> = std::mem::take(&mut self.pending).into_iter().collect();
        for (member, changes) in left {
            let derived = derive::compose(self.places, Vec::new(), changes);
            if derived.is_known && !derived.is_erased && !mirror::exists(connection, member)? {
                let message = format!("member {member}: a change tells of them and there is no row");
                self.tell(member, "row_missing", message, true);
            }
        }
        Ok(())
    }

    fn tell(&mut self, member: MemberId, code: &'static str, message: String, can_be_derived: bool) {
        self.found.push(AboutRow { member, finding: Finding::new(code, message), can_be_derived });
    }
}

/// An index of words of its own, in memory: what it makes of a text is what the till's makes.
struct Tokenizer(Connection);

impl Tokenizer {
    fn open() -> Result<Self, StoreError> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(
            "CREATE VIRTUAL TABLE texts USING fts5 (words, detail = none, tokenize = 'unicode61');
             CREATE VIRTUAL TABLE list USING fts5vocab (texts, row);",
        )?;
        Ok(Self(connection))
    }

    /// The sum of the hashes of the words of a text, each once; `None` where it has none.
    fn sum(&self, text: &str) -> Result<Option<u64>, StoreError> {
        self.0.execute("DELETE FROM texts", [])?;
        self.0.execute("INSERT INTO texts (words) VALUES (?1)", [text])?;
        let mut statement = self.0.prepare_cached("SELECT term FROM list")?;
        let mut rows = statement.query([])?;
        let mut sum = None;
        while let Some(row) = rows.next()? {
            let term = row.get_ref(0)?.as_str().map_err(|_| StoreError::Unreadable("word"))?;
            sum = Some(hash(term).wrapping_add(sum.unwrap_or(0)));
        }
        Ok(sum)
    }
}

fn compose(places: &Places, views: Vec<View>, pending: Vec<Pending>) -> Result<Derived, StoreError> {
    let views =
        views.into_iter().map(|(remote, content, is_deleted)| Ok((remote, parse::<Mirrored>(&content)?, is_deleted)));
    Ok(derive::compose(places, views.collect::<Result<_, StoreError>>()?, pending))
}

fn without_document(content: Content<'_>) -> Mirrored {
    Mirrored { document: Document::new(), memberships: content.memberships }
}

fn read_membership(row: &Row<'_>) -> rusqlite::Result<Belonging> {
    let terms = match row.get_ref(3)?.as_str()? {
        "{}" => Document::new(),
        _ => row.get::<_, Json<Document>>(3)?.0,
    };
    let membership = Membership {
        location_id: row.get::<_, Sql<LocationId>>(1)?.0,
        member_since: row.get::<_, Sql<Date>>(2)?.0,
        terms,
    };
    Ok((membership, row.get(4)?))
}

/// The changes that rows wait for, by member, oldest first.
fn read_pending(connection: &Connection) -> Result<HashMap<MemberId, Vec<Pending>>, StoreError> {
    let mut pending: HashMap<MemberId, Vec<Pending>> = HashMap::new();
    for queued in outbox::list_all_open(connection)? {
        if let Some(member) = queued.member_id.filter(|_| !queued.change.is_money()) {
            pending.entry(member).or_default().push((queued.remote_id, queued.change));
        }
    }
    Ok(pending)
}

/// The words indexed, as a sum of hashes by the row's number: their order is of no account.
fn read_words(connection: &Connection) -> Result<HashMap<i64, u64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT term, doc FROM member_word_list")?;
    let mut rows = statement.query([])?;
    let mut words = HashMap::new();
    while let Some(row) = rows.next()? {
        let sum: &mut u64 = words.entry(row.get(1)?).or_default();
        *sum = sum.wrapping_add(hash(row.get_ref(0)?.as_str().map_err(|_| StoreError::Unreadable("word"))?));
    }
    Ok(words)
}

/// FNV-1a, over 64 bits: nobody chooses names to deceive a check of their own till.
fn hash(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Unreadable("member's document"))
}
