-- The office's store in PostgreSQL, version 2. Ids are 16 bytes, digests 32, times Unix milliseconds of the office's clock.
-- Nothing personal stands here in clear: the parts are sealed, the manifest holds ids, keys and digests.

-- The row that gives out numbers: whoever takes one holds it until his commit, so numbers have no gaps and become
-- visible in their order.
CREATE TABLE meta (
    id              int    PRIMARY KEY CHECK (id = 1),
    version         bigint NOT NULL,
    office_epoch    bytea  NOT NULL CHECK (length(office_epoch) = 16),
    next_receipt_no bigint NOT NULL CHECK (next_receipt_no >= 1),
    durable_through bigint NOT NULL DEFAULT 0,
    next_change_no  bigint NOT NULL DEFAULT 1
);

CREATE TABLE past_epoch (
    office_epoch    bytea  PRIMARY KEY CHECK (length(office_epoch) = 16),
    ended_ms        bigint NOT NULL,
    last_receipt_no bigint NOT NULL
);

CREATE TABLE kiosk (
    id          text    PRIMARY KEY,
    public_key  bytea   NOT NULL CHECK (length(public_key) = 32),
    name        text    NOT NULL,
    enrolled_ms bigint  NOT NULL,
    revoked     boolean NOT NULL DEFAULT false,
    key_storage text    NOT NULL
);

-- One-time codes for enrolment, by the name they are for: only the digest, the wrong tries, and the key that used it.
CREATE TABLE enrolment_code (
    kiosk_id    text   PRIMARY KEY,
    code_hash   bytea  NOT NULL CHECK (length(code_hash) = 32),
    expires_ms  bigint NOT NULL,
    wrong_tries int    NOT NULL DEFAULT 0,
    used_key    bytea  CHECK (length(used_key) = 32)
);

-- A part is written once and never changed. Sealed bytes do not compress, so they are stored outside the row as they are.
CREATE TABLE part (
    submission_id bytea  NOT NULL CHECK (length(submission_id) = 16),
    n             int    NOT NULL CHECK (n BETWEEN 0 AND 63),
    kiosk_id      text   NOT NULL REFERENCES kiosk (id),
    sha256        bytea  NOT NULL CHECK (length(sha256) = 32),
    bytes         bytea  NOT NULL,
    PRIMARY KEY (submission_id, n)
);

ALTER TABLE part ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- The parts that no accepted manifest names yet: their number per kiosk is limited. Whoever deletes such a row, for the
-- part's manifest or to make room, decides over the part.
CREATE TABLE loose_part (
    submission_id bytea  NOT NULL,
    n             int    NOT NULL,
    kiosk_id      text   NOT NULL REFERENCES kiosk (id),
    received_ms   bigint NOT NULL,
    PRIMARY KEY (submission_id, n),
    FOREIGN KEY (submission_id, n) REFERENCES part (submission_id, n)
);

CREATE INDEX loose_part_by_kiosk ON loose_part (kiosk_id, received_ms);

-- `supersedes` is no foreign key: versions arrive in any order, and two may supersede the same one.
CREATE TABLE submission (
    submission_id   bytea  PRIMARY KEY CHECK (length(submission_id) = 16),
    dossier_id      bytea  NOT NULL CHECK (length(dossier_id) = 16),
    kiosk_id        text   NOT NULL REFERENCES kiosk (id),
    db_epoch        bytea  NOT NULL CHECK (length(db_epoch) = 16),
    kiosk_seq       bigint NOT NULL CHECK (kiosk_seq >= 1),
    supersedes      bytea  CHECK (length(supersedes) = 16),
    lookup_hash     bytea  NOT NULL CHECK (length(lookup_hash) = 32),
    manifest        bytea  NOT NULL,
    manifest_sig    bytea  NOT NULL CHECK (length(manifest_sig) = 64),
    manifest_sha256 bytea  NOT NULL CHECK (length(manifest_sha256) = 32),
    receipt_no      bigint NOT NULL UNIQUE,
    server_time_ms  bigint NOT NULL,
    UNIQUE (kiosk_id, db_epoch, kiosk_seq)
);

CREATE INDEX submission_by_dossier ON submission (dossier_id);

-- What became of submissions: one log for the whole office, whose numbers are the kiosks' cursors. `fields` are keys
-- with commas between them.
CREATE TABLE change (
    no            bigint PRIMARY KEY,
    kiosk_id      text   NOT NULL REFERENCES kiosk (id),
    submission_id bytea  NOT NULL REFERENCES submission (submission_id),
    state         text   NOT NULL,
    reason        text,
    fields        text   NOT NULL,
    at_ms         bigint NOT NULL
);

CREATE INDEX change_by_kiosk ON change (kiosk_id, no);
CREATE INDEX change_by_submission ON change (submission_id, no);

CREATE TABLE portal_code (
    dossier_id  bytea  PRIMARY KEY CHECK (length(dossier_id) = 16),
    code        text   NOT NULL,
    recorded_ms bigint NOT NULL
);

-- The latest heartbeat of each kiosk. `mark_*` is the longest journal ever heard of; `broken_ms` is the first time that
-- a journal did not fit it.
CREATE TABLE beat (
    kiosk_id        text   PRIMARY KEY REFERENCES kiosk (id),
    heard_ms        bigint NOT NULL,
    program         text   NOT NULL,
    queued          bigint NOT NULL,
    received        bigint NOT NULL,
    attention       bigint NOT NULL,
    oldest_queued_s bigint,
    clock_offset_ms bigint NOT NULL,
    disk_free_bytes bigint NOT NULL,
    quarantined     bigint NOT NULL,
    key_storage     text   NOT NULL,
    bundle_version  bigint NOT NULL,
    journal_seq     bigint NOT NULL,
    journal_head    bytea  NOT NULL CHECK (length(journal_head) = 32),
    mark_seq        bigint NOT NULL,
    mark_head       bytea  NOT NULL CHECK (length(mark_head) = 32),
    broken_ms       bigint
);

-- The newest signed key bundle, as it goes out.
CREATE TABLE bundle (
    id      int    PRIMARY KEY CHECK (id = 1),
    version bigint NOT NULL CHECK (version >= 1),
    signed  text   NOT NULL,
    kept_ms bigint NOT NULL
);

CREATE INDEX submission_by_lookup ON submission (lookup_hash, receipt_no);

-- What happened to a citizen's slip: openings that no right card has followed, and an officer's word.
CREATE TABLE slip (
    lookup_hash bytea  PRIMARY KEY CHECK (length(lookup_hash) = 32),
    openings    int    NOT NULL DEFAULT 0,
    void_ms     bigint
);

-- Who has an open dossier: tags under a key of the enrolled kiosks, erased when the dossier is handed over or void.
CREATE TABLE person (
    tag        bytea  NOT NULL CHECK (length(tag) = 32),
    dossier_id bytea  NOT NULL CHECK (length(dossier_id) = 16),
    marked_ms  bigint NOT NULL,
    PRIMARY KEY (tag, dossier_id)
);
