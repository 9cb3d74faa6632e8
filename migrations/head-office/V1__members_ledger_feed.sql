-- Head office's database. Ids are UUIDs as 16-byte blobs, instants UTC milliseconds, days YYYY-MM-DD, amounts minor units.

CREATE TABLE head_office (
    only_row     INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    epoch        TEXT    NOT NULL,        -- one life of this file; a restored one gets another
    next_version INTEGER NOT NULL,        -- given out inside the transaction that commits the row: order is commit order
    oldest_tombstone INTEGER NOT NULL,    -- a till that is further behind begins anew
    life_began_at_version INTEGER NOT NULL, -- rows of lower versions come from the life before
    opened_count INTEGER NOT NULL,        -- noted beside the file too: an older copy that was put back counts less
    is_put_back  INTEGER NOT NULL         -- 1: a copy that stands in for a later one; a new life is to begin
) STRICT;

-- Versions between two of these were never given out: each start of the program leaps ahead, so that one which an older
-- copy of this file gives out anew is not one that tills were told. Not the last of them: a start tells it.
CREATE TABLE version_gaps (
    after INTEGER NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT;

CREATE TABLE tokens (
    id         BLOB    NOT NULL PRIMARY KEY,
    kind       TEXT    NOT NULL,
    hash       BLOB    NOT NULL,          -- SHA-256 of the secret, which is nowhere else but in signing_key
    locations  TEXT,                      -- JSON array of codes; NULL: all
    rights     TEXT    NOT NULL,          -- JSON array
    signing_key TEXT,                     -- the secret, where requests are signed with it (Portos)
    made_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE join_codes (
    hash       BLOB    NOT NULL PRIMARY KEY,
    locations  TEXT,
    rights     TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE locations (
    code    TEXT    NOT NULL PRIMARY KEY,
    content TEXT    NOT NULL,             -- JSON
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The catalogue: members carry the names.
CREATE TABLE labels (
    name    TEXT    NOT NULL PRIMARY KEY,
    content TEXT    NOT NULL,             -- JSON
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
    id          BLOB    NOT NULL PRIMARY KEY,
    document    TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    is_deleted  INTEGER NOT NULL,         -- a tombstone: its document is empty, its memberships stay
    is_erased   INTEGER NOT NULL,         -- a tombstone that nothing brings back
    merged_into BLOB,                     -- the member that this one turned out to be, as the document says
    changed     TEXT    NOT NULL,         -- JSON: when each field was last changed; '' for the whole
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL          -- never before that of an earlier commit
) STRICT;
CREATE INDEX members_deleted ON members (id) WHERE is_deleted = 1;
CREATE INDEX members_merged ON members (merged_into) WHERE merged_into IS NOT NULL;
-- How other systems list members, and look for them.
CREATE INDEX members_listed ON members (id) WHERE is_deleted = 0 AND merged_into IS NULL;
CREATE INDEX members_created ON members (created_at, id);
CREATE INDEX members_updated ON members (updated_at, id);
CREATE INDEX members_named ON members (lower(document ->> '$.name.full'), id);
CREATE INDEX members_number ON members (substr(id, 10));
CREATE INDEX members_e164 ON members (document ->> '$.phone.e164') WHERE document ->> '$.phone.e164' IS NOT NULL;
CREATE INDEX members_phone ON members (document ->> '$.phone.typed') WHERE document ->> '$.phone.typed' IS NOT NULL;
CREATE INDEX members_email ON members (document ->> '$.email') WHERE document ->> '$.email' IS NOT NULL;
CREATE INDEX members_reference ON members (document ->> '$.reference') WHERE document ->> '$.reference' IS NOT NULL;
CREATE INDEX members_portos ON members (document ->> '$.external_ids.portos')
    WHERE document ->> '$.external_ids.portos' IS NOT NULL;

CREATE TABLE memberships (
    member_id    BLOB NOT NULL,
    location     TEXT NOT NULL REFERENCES locations (code),
    member_since TEXT NOT NULL,
    terms        TEXT NOT NULL,           -- JSON: what holds for them there
    changed      TEXT NOT NULL,           -- JSON: when each field of that was last changed; '' for the whole
    PRIMARY KEY (member_id, location)
) STRICT, WITHOUT ROWID;

-- What other systems keep beside the members, by kind: categories, payment types, regions, labels.
CREATE TABLE things (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT    NOT NULL,
    reference  TEXT    NOT NULL,
    content    TEXT    NOT NULL,          -- JSON
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (kind, reference)
) STRICT;

-- What is kept of deleted members: a change that nobody had seen brings them back.
CREATE TABLE removed_members (
    member_id BLOB    NOT NULL PRIMARY KEY,
    document  TEXT    NOT NULL,
    changed   TEXT    NOT NULL,           -- JSON, as in members
    terms     TEXT    NOT NULL,           -- JSON: per shop the terms, and when they were changed
    at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whose card it is, by its letters and digits. The same card in several rows is that of members who are one person.
CREATE TABLE cards (
    key       TEXT NOT NULL,
    member_id BLOB NOT NULL,
    PRIMARY KEY (key, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX cards_member ON cards (member_id);

-- What a member was in the life before, where this life changed them: what tills give back of that life is merged on it.
CREATE TABLE members_before (
    member_id BLOB    NOT NULL PRIMARY KEY,
    version   INTEGER NOT NULL,
    content   TEXT    NOT NULL            -- JSON: document, memberships
) STRICT, WITHOUT ROWID;

CREATE TABLE visits (
    id        BLOB NOT NULL PRIMARY KEY,
    member_id BLOB NOT NULL REFERENCES members (id),
    location  TEXT NOT NULL,
    content   TEXT NOT NULL               -- the visit as JSON
) STRICT;
CREATE INDEX visits_member ON visits (member_id);

CREATE TRIGGER visits_are_never_changed BEFORE UPDATE ON visits
BEGIN SELECT RAISE (ABORT, 'visits are never updated'); END;
CREATE TRIGGER visits_are_never_deleted BEFORE DELETE ON visits
BEGIN SELECT RAISE (ABORT, 'visits are never deleted'); END;

CREATE TABLE ledger_entries (
    id           BLOB    NOT NULL PRIMARY KEY,
    account_id   BLOB    NOT NULL,
    member_id    BLOB    NOT NULL REFERENCES members (id),
    amount_minor INTEGER NOT NULL CHECK (amount_minor <> 0),
    location     TEXT    NOT NULL,
    expires_on   TEXT,                    -- the last day of a lot that runs out
    content      TEXT    NOT NULL         -- the entry as JSON
) STRICT;
CREATE INDEX ledger_entries_account ON ledger_entries (account_id, amount_minor);
CREATE INDEX ledger_entries_member ON ledger_entries (member_id);
CREATE INDEX ledger_entries_that_expire ON ledger_entries (account_id, expires_on) WHERE expires_on IS NOT NULL;

-- But for the reason, in somebody's words, of a person who was erased.
CREATE TRIGGER ledger_entries_are_never_changed BEFORE UPDATE ON ledger_entries
WHEN NEW.id IS NOT OLD.id OR NEW.account_id IS NOT OLD.account_id OR NEW.member_id IS NOT OLD.member_id
  OR NEW.amount_minor IS NOT OLD.amount_minor OR NEW.location IS NOT OLD.location OR NEW.expires_on IS NOT OLD.expires_on
  OR OLD.content ->> '$.reason' IS NULL OR NEW.content IS NOT json_set(OLD.content, '$.reason', 'erased')
BEGIN SELECT RAISE (ABORT, 'ledger entries are never updated'); END;
CREATE TRIGGER ledger_entries_are_never_deleted BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE (ABORT, 'ledger entries are never deleted'); END;

-- The accounts with a lot that is still to run out, and the first last day among those lots.
CREATE TABLE accounts_to_expire (
    account_id BLOB NOT NULL PRIMARY KEY,
    member_id  BLOB NOT NULL,
    issuer     TEXT NOT NULL,
    currency   TEXT NOT NULL,
    expires_on TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX accounts_to_expire_by_day ON accounts_to_expire (expires_on, account_id);

CREATE TABLE authorisations (
    id             BLOB    NOT NULL PRIMARY KEY,
    account_id     BLOB    NOT NULL,
    till_id        BLOB    NOT NULL,
    amount_minor   INTEGER NOT NULL CHECK (amount_minor > 0),
    captured_minor INTEGER NOT NULL CHECK (captured_minor BETWEEN 0 AND amount_minor),
    currency       TEXT    NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('held', 'captured', 'released')),
    expires_at     INTEGER NOT NULL,
    made_at        INTEGER NOT NULL
) STRICT;
CREATE INDEX authorisations_held ON authorisations (account_id, expires_at) WHERE state = 'held';

-- Every change that any till pushed: the same again has no further effect and gets the same answer.
CREATE TABLE changes (
    id          BLOB    NOT NULL PRIMARY KEY,
    till_id     BLOB    NOT NULL,
    incarnation BLOB    NOT NULL,
    number      INTEGER NOT NULL,
    hash        BLOB    NOT NULL,         -- SHA-256 of what it says, without its number
    member_id   BLOB,
    version     INTEGER,                  -- the member's after it
    outcome     TEXT    NOT NULL,
    answer      TEXT    NOT NULL,         -- JSON: what else the answer said
    at          INTEGER NOT NULL,
    UNIQUE (till_id, incarnation, number)
) STRICT;
CREATE INDEX changes_of_member ON changes (member_id, version) WHERE member_id IS NOT NULL;

-- Changes that came again under another number: from a till's file that was restored or copied.
CREATE TABLE changes_renumbered (
    till_id     BLOB    NOT NULL,
    incarnation BLOB    NOT NULL,
    number      INTEGER NOT NULL,
    change_id   BLOB    NOT NULL,
    PRIMARY KEY (till_id, incarnation, number)
) STRICT, WITHOUT ROWID;

-- What each shop's tills are to be told: a row stands at its newest version. Location '' is for tills that see all.
CREATE TABLE feed (
    location  TEXT    NOT NULL,
    version   INTEGER NOT NULL,
    kind      TEXT    NOT NULL CHECK (kind IN ('member', 'entry', 'visit')),
    entity_id BLOB    NOT NULL,
    PRIMARY KEY (location, kind, entity_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_version ON feed (location, version);

-- How many rows of the feed lie in each thousand versions: what is left of a pull is told without counting it.
CREATE TABLE feed_counts (
    location TEXT    NOT NULL,
    thousand INTEGER NOT NULL,
    rows     INTEGER NOT NULL,
    PRIMARY KEY (location, thousand)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER feed_counts_a_new_row AFTER INSERT ON feed
BEGIN
    INSERT INTO feed_counts (location, thousand, rows) VALUES (NEW.location, NEW.version / 1000, 1)
    ON CONFLICT (location, thousand) DO UPDATE SET rows = rows + 1;
END;
CREATE TRIGGER feed_counts_a_moved_row AFTER UPDATE OF version ON feed
BEGIN
    UPDATE feed_counts SET rows = rows - 1 WHERE location = OLD.location AND thousand = OLD.version / 1000;
    INSERT INTO feed_counts (location, thousand, rows) VALUES (NEW.location, NEW.version / 1000, 1)
    ON CONFLICT (location, thousand) DO UPDATE SET rows = rows + 1;
END;
CREATE TRIGGER feed_counts_a_removed_row AFTER DELETE ON feed
BEGIN
    UPDATE feed_counts SET rows = rows - 1 WHERE location = OLD.location AND thousand = OLD.version / 1000;
END;

INSERT INTO head_office
    (only_row, epoch, next_version, oldest_tombstone, life_began_at_version, opened_count, is_put_back)
VALUES (1, lower(hex(randomblob(16))), 1, 0, 0, 0, 0);
