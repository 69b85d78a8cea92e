-- The office's store, version 3. Ids are 16 bytes, digests 32, times Unix milliseconds of the office's clock.
-- Nothing personal stands here in clear: the parts are sealed, the manifest holds ids, keys and digests.

CREATE TABLE meta (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    office_epoch    BLOB    NOT NULL CHECK (length(office_epoch) = 16),
    next_receipt_no INTEGER NOT NULL CHECK (next_receipt_no >= 1),
    durable_through INTEGER NOT NULL DEFAULT 0,
    next_change_no  INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE kiosk (
    id          TEXT    PRIMARY KEY,
    public_key  BLOB    NOT NULL CHECK (length(public_key) = 32),
    name        TEXT    NOT NULL,
    enrolled_ms INTEGER NOT NULL,
    revoked     INTEGER NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1)),
    key_storage TEXT    NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- A part is written once and never changed. The bytes stand last, so that the small columns are read without them.
CREATE TABLE part (
    submission_id BLOB    NOT NULL CHECK (length(submission_id) = 16),
    n             INTEGER NOT NULL CHECK (n BETWEEN 0 AND 63),
    kiosk_id      TEXT    NOT NULL REFERENCES kiosk (id),
    received_ms   INTEGER NOT NULL,
    sha256        BLOB    NOT NULL CHECK (length(sha256) = 32),
    bytes         BLOB    NOT NULL,
    UNIQUE (submission_id, n)
) STRICT;

-- The parts that no accepted manifest names yet: their number per kiosk is limited.
CREATE TABLE loose_part (
    kiosk_id      TEXT    NOT NULL REFERENCES kiosk (id),
    submission_id BLOB    NOT NULL,
    n             INTEGER NOT NULL,
    PRIMARY KEY (kiosk_id, submission_id, n),
    FOREIGN KEY (submission_id, n) REFERENCES part (submission_id, n) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX loose_part_by_part ON loose_part (submission_id, n);

-- `supersedes` is no foreign key: versions arrive in any order, and two may supersede the same one.
CREATE TABLE submission (
    submission_id   BLOB    PRIMARY KEY CHECK (length(submission_id) = 16),
    dossier_id      BLOB    NOT NULL CHECK (length(dossier_id) = 16),
    kiosk_id        TEXT    NOT NULL REFERENCES kiosk (id),
    db_epoch        BLOB    NOT NULL CHECK (length(db_epoch) = 16),
    kiosk_seq       INTEGER NOT NULL CHECK (kiosk_seq >= 1),
    supersedes      BLOB    CHECK (length(supersedes) = 16),
    lookup_hash     BLOB    NOT NULL CHECK (length(lookup_hash) = 32),
    manifest        BLOB    NOT NULL,
    manifest_sig    BLOB    NOT NULL CHECK (length(manifest_sig) = 64),
    manifest_sha256 BLOB    NOT NULL CHECK (length(manifest_sha256) = 32),
    receipt_no      INTEGER NOT NULL UNIQUE,
    server_time_ms  INTEGER NOT NULL,
    UNIQUE (kiosk_id, db_epoch, kiosk_seq)
) STRICT;

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

CREATE INDEX submission_by_lookup ON submission (lookup_hash, receipt_no);

-- What happened to a citizen's slip: openings that no right card has followed, and an officer's word.
CREATE TABLE slip (
    lookup_hash BLOB    PRIMARY KEY CHECK (length(lookup_hash) = 32),
    openings    INTEGER NOT NULL DEFAULT 0,
    void_ms     INTEGER
) STRICT, WITHOUT ROWID;

-- Who has an open dossier: tags under a key of the enrolled kiosks, erased when the dossier is handed over or void.
CREATE TABLE person (
    tag        BLOB    NOT NULL CHECK (length(tag) = 32),
    dossier_id BLOB    NOT NULL CHECK (length(dossier_id) = 16),
    marked_ms  INTEGER NOT NULL,
    PRIMARY KEY (tag, dossier_id)
) STRICT, WITHOUT ROWID;
