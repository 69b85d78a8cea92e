-- The office's store, version 1. Ids are 16 bytes, digests 32, times Unix milliseconds of the office's clock.
-- Nothing personal stands here in clear: the parts are sealed, the manifest holds ids, keys and digests.

CREATE TABLE meta (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    office_epoch    BLOB    NOT NULL CHECK (length(office_epoch) = 16),
    next_receipt_no INTEGER NOT NULL CHECK (next_receipt_no >= 1)
) STRICT;

CREATE TABLE kiosk (
    id          TEXT    PRIMARY KEY,
    public_key  BLOB    NOT NULL CHECK (length(public_key) = 32),
    name        TEXT    NOT NULL,
    enrolled_ms INTEGER NOT NULL,
    revoked     INTEGER NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1))
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
