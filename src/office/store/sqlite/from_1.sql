-- From version 1 to version 2. Frozen; it uses nothing that may change.

ALTER TABLE meta ADD COLUMN durable_through INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN next_change_no INTEGER NOT NULL DEFAULT 1;
ALTER TABLE kiosk ADD COLUMN key_storage TEXT NOT NULL DEFAULT '';

CREATE INDEX submission_by_dossier ON submission (dossier_id);

-- The epochs before the present one: each ended with a restore from a backup.
CREATE TABLE past_epoch (
    office_epoch    BLOB    PRIMARY KEY CHECK (length(office_epoch) = 16),
    ended_ms        INTEGER NOT NULL,
    last_receipt_no INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One-time codes for enrolment, by the name they are for: only the digest, the wrong tries, and the key that used it.
CREATE TABLE enrolment_code (
    kiosk_id    TEXT    PRIMARY KEY,
    code_hash   BLOB    NOT NULL CHECK (length(code_hash) = 32),
    expires_ms  INTEGER NOT NULL,
    wrong_tries INTEGER NOT NULL DEFAULT 0,
    used_key    BLOB    CHECK (length(used_key) = 32)
) STRICT, WITHOUT ROWID;

-- What became of submissions: one log for the whole office, whose numbers are the kiosks' cursors. `fields` are keys
-- with commas between them.
CREATE TABLE change (
    no            INTEGER PRIMARY KEY,
    kiosk_id      TEXT    NOT NULL REFERENCES kiosk (id),
    submission_id BLOB    NOT NULL REFERENCES submission (submission_id),
    state         TEXT    NOT NULL,
    reason        TEXT,
    fields        TEXT    NOT NULL,
    at_ms         INTEGER NOT NULL
) STRICT;

CREATE INDEX change_by_kiosk ON change (kiosk_id, no);
CREATE INDEX change_by_submission ON change (submission_id, no);

CREATE TABLE portal_code (
    dossier_id  BLOB    PRIMARY KEY CHECK (length(dossier_id) = 16),
    code        TEXT    NOT NULL,
    recorded_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The latest heartbeat of each kiosk. `mark_*` is the longest journal ever heard of; `broken_ms` is the first time that
-- a journal did not fit it.
CREATE TABLE beat (
    kiosk_id        TEXT    PRIMARY KEY REFERENCES kiosk (id),
    heard_ms        INTEGER NOT NULL,
    program         TEXT    NOT NULL,
    queued          INTEGER NOT NULL,
    received        INTEGER NOT NULL,
    attention       INTEGER NOT NULL,
    oldest_queued_s INTEGER,
    clock_offset_ms INTEGER NOT NULL,
    disk_free_bytes INTEGER NOT NULL,
    quarantined     INTEGER NOT NULL,
    key_storage     TEXT    NOT NULL,
    bundle_version  INTEGER NOT NULL,
    journal_seq     INTEGER NOT NULL,
    journal_head    BLOB    NOT NULL CHECK (length(journal_head) = 32),
    mark_seq        INTEGER NOT NULL,
    mark_head       BLOB    NOT NULL CHECK (length(mark_head) = 32),
    broken_ms       INTEGER
) STRICT, WITHOUT ROWID;

-- The newest signed key bundle, as it goes out.
CREATE TABLE bundle (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL CHECK (version >= 1),
    signed  TEXT    NOT NULL,
    kept_ms INTEGER NOT NULL
) STRICT;
