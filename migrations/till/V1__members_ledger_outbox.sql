-- The till's database. Ids are UUIDs as 16-byte blobs, instants UTC milliseconds, days YYYY-MM-DD, amounts minor units.

CREATE TABLE till (
    only_row           INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    id                 BLOB    NOT NULL,
    name               TEXT    NOT NULL,
    incarnation        BLOB    NOT NULL,          -- one life of this file; a restored or copied one gets another
    next_change_number INTEGER NOT NULL,
    letters            TEXT    NOT NULL,          -- begin the references that this till makes, so that two tills' differ
    next_reference     INTEGER NOT NULL,
    opened_count       INTEGER NOT NULL,
    is_open            INTEGER NOT NULL,          -- 1 while a process has it open: still 1 at the next start after a crash
    made_at            INTEGER NOT NULL,
    test_clock_at      INTEGER                    -- only in files made for tests: the instant that the clock shows
) STRICT;

CREATE TABLE settings (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE remotes (
    id               BLOB    NOT NULL PRIMARY KEY,
    name             TEXT    NOT NULL UNIQUE,
    kind             TEXT    NOT NULL,
    url              TEXT    NOT NULL,
    settings         TEXT    NOT NULL,            -- JSON, no secrets: those are in the keystore
    epoch            TEXT,                        -- one life of the remote's database, as far as it tells
    cursor           INTEGER,                     -- how far the pull has come; moved in the transaction that applies a page
    is_first_pull_done INTEGER NOT NULL DEFAULT 0,
    pull_left        INTEGER,                     -- rows that the remote says are still to come
    push_limit       INTEGER NOT NULL,            -- most changes in one request; halved after a failure that may lie in one of them
    failures         INTEGER NOT NULL DEFAULT 0,  -- in a row
    not_before_at    INTEGER,                     -- no request before, unless a person asks for one
    last_pull_at     INTEGER,
    last_exchange_at INTEGER,                     -- the last request that was answered as asked
    problem_code     TEXT,
    problem_message  TEXT
) STRICT, WITHOUT ROWID;

-- What is known of a remote besides: whether it is being healed after its database began a new life, and its clock.
CREATE TABLE remote_standing (
    remote_id      BLOB    NOT NULL PRIMARY KEY,
    healing        TEXT    NOT NULL CHECK (healing IN ('none', 'pulling', 'giving')),
    acknowledged_before INTEGER NOT NULL DEFAULT 0, -- numbers up to this were acknowledged by the life before
    told_version   INTEGER NOT NULL DEFAULT 0,    -- the highest that any answer of this life told
    dedupes        INTEGER NOT NULL,              -- 1: what was perhaps sent may be sent again
    hears_money    INTEGER NOT NULL DEFAULT 0,    -- 1: credit travels there, or did
    clock_ahead_ms INTEGER,                       -- how far its clock is ahead of this computer's own
    clock_error_ms INTEGER,                       -- at most so wrong: half a round trip
    clock_told_at  INTEGER                        -- this computer's own clock by then
) STRICT, WITHOUT ROWID;

-- Going through a remote that does not tell what changed, page by page.
CREATE TABLE remote_sweeps (
    remote_id    BLOB    NOT NULL PRIMARY KEY,
    number       INTEGER NOT NULL,                -- which time this is
    place        TEXT,                            -- where it goes on, in the connector's words
    is_checking  INTEGER NOT NULL,                -- 1: the pages are through, and what they missed is asked about
    completed_at INTEGER,                         -- when everything was gone through last
    due_at       INTEGER                          -- the next time is not begun before, unless a person asks
) STRICT, WITHOUT ROWID;

-- What a remote that began a new life has not told of yet: where it does not in the whole of a pull, it is given back.
CREATE TABLE give_back (
    remote_id BLOB    NOT NULL,
    rank      INTEGER NOT NULL,                   -- 1 shops, 2 labels, 3 members, 4 visits, 5 entries: the order of need
    key       BLOB    NOT NULL,
    version   INTEGER,                            -- of a member: as the mirror has them
    refused   TEXT,                               -- why the remote did not take it: tried again after each whole pull
    PRIMARY KEY (remote_id, rank, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE locations (
    id        BLOB NOT NULL PRIMARY KEY,
    code      TEXT NOT NULL UNIQUE,
    name      TEXT NOT NULL,
    country   TEXT NOT NULL,
    currency  TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    issuer    TEXT NOT NULL,
    remote_id BLOB REFERENCES remotes (id),
    pos_id    TEXT NOT NULL,                      -- its id at the remote
    is_ours   INTEGER NOT NULL,                   -- 1: this till serves it; 0: known from the remote
    allowance TEXT NOT NULL                       -- JSON: what may be used without head office
) STRICT, WITHOUT ROWID;
CREATE INDEX locations_by_pos_id ON locations (remote_id, pos_id);

-- Members. The document is the working row: what the remote last confirmed, with the pending changes applied.

CREATE TABLE members (
    number      INTEGER NOT NULL PRIMARY KEY,     -- of this file alone: what the index of words counts by
    id          BLOB    NOT NULL UNIQUE,
    document    TEXT    NOT NULL,
    full_name   TEXT    NOT NULL,
    merged_into BLOB,                             -- the member that this one turned out to be
    deleted_at  INTEGER,
    updated_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX members_merged ON members (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE memberships (
    member_id    BLOB NOT NULL,
    location_id  BLOB NOT NULL REFERENCES locations (id),
    member_since TEXT NOT NULL,
    terms        TEXT NOT NULL,                   -- JSON: what holds for the member there
    sort_name    TEXT,                            -- the folded name; NULL where the member is deleted or an alias
    PRIMARY KEY (member_id, location_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_name ON memberships (location_id, sort_name, member_id) WHERE sort_name IS NOT NULL;

-- The words of names, folded, and for each shop a word that stands for it and each number's digits from the last to the
-- first, by members.number. Contentless: the documents have the text.
-- Beginnings up to the longest name that very many share ("nguyen") are indexed: those of a longer word are gathered
-- from all words that begin so, before the first is answered, which takes tens of milliseconds where half of a million
-- members have one. Endings of numbers are here since this index is written in long runs: each number of a first pull
-- would otherwise dirty a page of its own, three of five of all that are written.
CREATE VIRTUAL TABLE member_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3 4 5 6', tokenize = 'unicode61'
);
-- Just what one encrypted page holds: any more would lie on two.
INSERT INTO member_words (member_words, rank) VALUES ('pgsz', 3900);

-- The same index, word by word, to be checked.
CREATE VIRTUAL TABLE member_word_list USING fts5vocab (member_words, instance);

-- What is found by the whole of it: cards, references, barcodes, ids elsewhere, emails.
CREATE TABLE lookups (
    key       TEXT NOT NULL,
    member_id BLOB NOT NULL,
    PRIMARY KEY (key, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX lookups_member ON lookups (member_id);

CREATE TABLE labels (
    name        TEXT NOT NULL PRIMARY KEY,
    color       TEXT,
    external_id TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE phone_index (
    location_id BLOB NOT NULL,
    digits      TEXT NOT NULL,
    member_id   BLOB NOT NULL,
    PRIMARY KEY (location_id, digits, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX phone_index_member ON phone_index (member_id);

-- The key that seals a member's personal values in tables that are never changed. Erasing the member destroys it.
CREATE TABLE member_keys (
    member_id BLOB NOT NULL PRIMARY KEY,
    key       BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What a remote last confirmed. One row per (remote, the remote's own key), whoever that is here.
CREATE TABLE mirror (
    remote_id  BLOB    NOT NULL,
    remote_key BLOB    NOT NULL,
    member_id  BLOB    NOT NULL,
    version    INTEGER,                           -- the remote's own, where it has one
    content    TEXT    NOT NULL,                  -- JSON: document and memberships
    is_deleted INTEGER NOT NULL,
    acked_at   INTEGER,                           -- the last acknowledged push; answers asked for before are stale
    seen_in    INTEGER NOT NULL DEFAULT 0,        -- the last sweep that saw it, of a remote that is swept
    missed     INTEGER NOT NULL DEFAULT 0,        -- complete sweeps in a row that did not
    PRIMARY KEY (remote_id, remote_key)
) STRICT;
CREATE INDEX mirror_member ON mirror (member_id);

-- Pulled rows that could not be applied. The cursor moves past them; they are kept whole and shown.
CREATE TABLE pull_quarantine (
    remote_id       BLOB    NOT NULL,
    remote_key      BLOB    NOT NULL,
    content         TEXT    NOT NULL,
    problem_code    TEXT    NOT NULL,
    problem_message TEXT    NOT NULL,
    at              INTEGER NOT NULL,
    PRIMARY KEY (remote_id, remote_key)
) STRICT, WITHOUT ROWID;

-- How the last comparison of what is here with what head office has came out, per shop.
CREATE TABLE location_checks (
    location_id BLOB    NOT NULL PRIMARY KEY REFERENCES locations (id),
    checked_at  INTEGER NOT NULL,
    differing   INTEGER NOT NULL,                 -- parts that differed, and were fetched anew
    told_again  INTEGER NOT NULL,                 -- changes that head office lacked, and is told again
    not_ours    INTEGER NOT NULL                  -- what it lacks besides
) STRICT, WITHOUT ROWID;

-- Store credit. Entries are facts: no update, no delete. A balance is their sum.

CREATE TABLE credit_accounts (
    id        BLOB NOT NULL PRIMARY KEY,
    member_id BLOB NOT NULL,
    issuer    TEXT NOT NULL,
    currency  TEXT NOT NULL,
    UNIQUE (member_id, issuer, currency)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_entries (
    id               BLOB    NOT NULL PRIMARY KEY,
    account_id       BLOB    NOT NULL REFERENCES credit_accounts (id),
    kind             TEXT    NOT NULL CHECK (kind IN ('top_up', 'redeem', 'earn', 'return_to_credit', 'cash_out', 'adjust', 'expire', 'void', 'opening')),
    lot_class        TEXT    NOT NULL CHECK (lot_class IN ('prepaid', 'returns', 'reward', 'goodwill')),
    amount_minor     INTEGER NOT NULL CHECK (amount_minor <> 0),
    currency         TEXT    NOT NULL,
    issuer           TEXT    NOT NULL,
    location_id      BLOB    NOT NULL REFERENCES locations (id),
    till_id          BLOB    NOT NULL,
    staff_id         BLOB,
    business_date    TEXT    NOT NULL,
    at               INTEGER NOT NULL,
    receipt          TEXT,
    tender           TEXT CHECK (tender IN ('cash', 'card', 'transfer', 'other')),
    reason           BLOB,                        -- sealed with the member's key
    source_entry_id  BLOB,
    visit_id         BLOB,
    expires_on       TEXT,
    source           TEXT    NOT NULL CHECK (source IN ('till', 'remote', 'import')),
    authorisation_id BLOB,
    received_at      INTEGER,                     -- NULL: booked here
    CHECK (kind <> 'top_up' OR tender IS NOT NULL)
) STRICT;
CREATE INDEX ledger_entries_account ON ledger_entries (account_id, at);
CREATE INDEX ledger_entries_visit ON ledger_entries (visit_id) WHERE visit_id IS NOT NULL;

CREATE TRIGGER ledger_entries_are_never_updated BEFORE UPDATE ON ledger_entries
BEGIN SELECT RAISE (ABORT, 'ledger entries are never updated'); END;
CREATE TRIGGER ledger_entries_are_never_deleted BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE (ABORT, 'ledger entries are never deleted'); END;

-- Visits: what was paid and given back, each a fact. Its entries name it.
CREATE TABLE visits (
    id              BLOB    NOT NULL PRIMARY KEY,
    member_id       BLOB    NOT NULL,
    location_id     BLOB    NOT NULL REFERENCES locations (id),
    kind            TEXT    NOT NULL CHECK (kind IN ('sale', 'return', 'void')),
    at              INTEGER NOT NULL,
    business_date   TEXT    NOT NULL,
    receipt         TEXT,
    source_visit_id BLOB,
    content         TEXT    NOT NULL,             -- JSON
    received_at     INTEGER                       -- NULL: booked here
) STRICT;
CREATE INDEX visits_member ON visits (member_id, at);
CREATE INDEX visits_source ON visits (source_visit_id) WHERE source_visit_id IS NOT NULL;

CREATE TRIGGER visits_are_never_updated BEFORE UPDATE ON visits
BEGIN SELECT RAISE (ABORT, 'visits are never updated'); END;
CREATE TRIGGER visits_are_never_deleted BEFORE DELETE ON visits
BEGIN SELECT RAISE (ABORT, 'visits are never deleted'); END;

-- Spreadsheets that were taken in, and per row what it takes to undo it.
CREATE TABLE import_batches (
    id            BLOB    NOT NULL PRIMARY KEY,
    location_id   BLOB    NOT NULL REFERENCES locations (id),
    file_name     TEXT    NOT NULL,
    at            INTEGER NOT NULL,
    opening_minor INTEGER NOT NULL,
    undone_at     INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE import_rows (
    batch_id  BLOB    NOT NULL REFERENCES import_batches (id),
    row       INTEGER NOT NULL,                   -- as the spreadsheet counts it
    member_id BLOB    NOT NULL,
    is_new    INTEGER NOT NULL,
    entry_id  BLOB,                               -- the opening balance
    undo      BLOB,                               -- the edits that lead back, sealed with the member's key
    PRIMARY KEY (batch_id, row)
) STRICT, WITHOUT ROWID;

-- The outbox: one row per change, written in the transaction of the change.

CREATE TABLE outbox (
    change_id       BLOB    NOT NULL PRIMARY KEY,
    incarnation     BLOB    NOT NULL,
    number          INTEGER NOT NULL,
    remote_id       BLOB REFERENCES remotes (id), -- NULL: the location has no remote yet
    location_id     BLOB REFERENCES locations (id),
    member_id       BLOB,                         -- the lane
    entry_id        BLOB,
    visit_id        BLOB,
    verb            TEXT    NOT NULL,
    format          INTEGER NOT NULL,             -- of the payload
    payload         BLOB    NOT NULL,             -- the change as JSON, sealed with the member's key where there is a member
    frozen          BLOB,                         -- the exact bytes of the first attempt, sealed alike
    state           TEXT    NOT NULL CHECK (state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded', 'done', 'discarded', 'replaced')),
    folded_into     BLOB,
    place           INTEGER NOT NULL,             -- among a member's changes: one that is made anew keeps that of the one before
    merges          INTEGER NOT NULL,             -- how often it was made anew because somebody else had been faster
    attempts        INTEGER NOT NULL,
    due_at          INTEGER NOT NULL,
    unauthorised_minor INTEGER,                   -- what a redemption that head office did not authorise used of the allowance
    made_at         INTEGER NOT NULL,
    staff_id        BLOB,
    first_sent_at   INTEGER,
    claimed_at      INTEGER,
    is_copied       INTEGER NOT NULL DEFAULT 0,   -- another copy of the file, or the one that was lost, may have sent it: its guard is not here
    ended_at        INTEGER,
    problem_code    TEXT,
    problem_message TEXT,
    problem_field   TEXT,
    UNIQUE (incarnation, number)
) STRICT;
CREATE INDEX outbox_open ON outbox (remote_id)
WHERE state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded');
CREATE INDEX outbox_open_of_member ON outbox (member_id)
WHERE state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded');
-- Who is to go: their rows are not indexed any more.
CREATE INDEX outbox_leaving ON outbox (remote_id, member_id)
    WHERE verb IN ('member_removed', 'member_erased') AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded');
CREATE INDEX outbox_open_allowance ON outbox (remote_id, unauthorised_minor)
WHERE state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded') AND unauthorised_minor IS NOT NULL;
CREATE INDEX outbox_open_shop ON outbox (location_id)
WHERE verb = 'location_added' AND state IN ('ready', 'in_flight', 'unknown', 'parked', 'folded');
CREATE INDEX outbox_member ON outbox (member_id, made_at);
CREATE INDEX outbox_entry ON outbox (entry_id) WHERE entry_id IS NOT NULL;
CREATE INDEX outbox_visit ON outbox (visit_id) WHERE visit_id IS NOT NULL;

CREATE TRIGGER outbox_payload_is_never_changed BEFORE UPDATE OF payload, change_id, made_at ON outbox
BEGIN SELECT RAISE (ABORT, 'an outbox row says for ever what was done'); END;
CREATE TRIGGER outbox_done_is_never_renumbered BEFORE UPDATE OF incarnation, number ON outbox
WHEN OLD.state IN ('done', 'discarded', 'replaced')
BEGIN SELECT RAISE (ABORT, 'what was acknowledged keeps its number'); END;
-- Bytes may be frozen once, and thawed only before they ever left; once sent they stay to the letter. In a new life of
-- the file they say another number, and the same otherwise.
CREATE TRIGGER outbox_sent_bytes_stay BEFORE UPDATE OF frozen ON outbox
WHEN OLD.frozen IS NOT NULL AND OLD.first_sent_at IS NOT NULL AND NEW.frozen IS NOT OLD.frozen
    AND NEW.incarnation IS OLD.incarnation
BEGIN SELECT RAISE (ABORT, 'bytes that were sent are never changed'); END;

CREATE TABLE outbox_dependencies (
    change_id  BLOB NOT NULL,
    depends_on BLOB NOT NULL,
    PRIMARY KEY (change_id, depends_on)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_dependents ON outbox_dependencies (depends_on);

-- What a write of credit found at a remote that keeps a balance alone, and what it makes of it: noted before it leaves, so
-- that a lost answer can be told from one that was never needed. Gone once it is known what became of the write.
CREATE TABLE credit_guards (
    change_id    BLOB    NOT NULL PRIMARY KEY,
    version      INTEGER NOT NULL,                -- the remote's own, of the member that was read
    before_minor INTEGER NOT NULL,
    after_minor  INTEGER NOT NULL,
    mark         TEXT    NOT NULL,                -- what earlier writes of credit left there
    noted_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The balances that such remotes tell, as they were last heard.
CREATE TABLE balances_told (
    remote_id    BLOB    NOT NULL,
    remote_key   BLOB    NOT NULL,
    version      INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL,
    currency     TEXT    NOT NULL,
    heard_at     INTEGER NOT NULL,
    PRIMARY KEY (remote_id, remote_key)
) STRICT, WITHOUT ROWID;

-- Fields that were changed on two sides, and what was decided. Values are sealed: who lost can be brought back.
CREATE TABLE decisions (
    id              INTEGER NOT NULL PRIMARY KEY,
    member_id       BLOB    NOT NULL,
    location_id     BLOB,                         -- set where it is about what holds at a shop
    change_id       BLOB    NOT NULL,             -- the change of this till that met another
    task_id         BLOB,                         -- the parked change that waits for a person since
    at              INTEGER NOT NULL,             -- when it was decided, or found to be undecided
    staff_id        BLOB,                         -- the person who decided
    ours_at         INTEGER NOT NULL,             -- when this till changed the field, by its clock
    theirs_at       INTEGER,                      -- when head office did, by its own
    kept            TEXT    NOT NULL CHECK (kept IN ('ours', 'theirs', 'both', 'undecided')),
    lost            TEXT    CHECK (lost IN ('ours', 'theirs')),
    is_by_person    INTEGER NOT NULL,
    sealed          BLOB    NOT NULL,             -- JSON: the field and its values, sealed with the member's key
    brought_back_at INTEGER
) STRICT;
CREATE INDEX decisions_member ON decisions (member_id);
CREATE INDEX decisions_task ON decisions (task_id) WHERE task_id IS NOT NULL;

-- Who did what: chained by hash per (till, incarnation). No personal data in clear.

CREATE TABLE audit_log (
    number        INTEGER NOT NULL PRIMARY KEY,
    till_id       BLOB    NOT NULL,
    incarnation   BLOB    NOT NULL,
    at            INTEGER NOT NULL,
    staff_id      BLOB,
    action        TEXT    NOT NULL,
    member_id     BLOB,
    facts         TEXT    NOT NULL,               -- JSON
    sealed        BLOB,                           -- personal values, sealed with the member's key
    previous_hash BLOB    NOT NULL,
    hash          BLOB    NOT NULL
) STRICT;
CREATE INDEX audit_log_member ON audit_log (member_id);

CREATE TRIGGER audit_log_is_never_updated BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE (ABORT, 'the audit log is never updated'); END;
CREATE TRIGGER audit_log_is_never_deleted BEFORE DELETE ON audit_log
BEGIN SELECT RAISE (ABORT, 'the audit log is never deleted'); END;
