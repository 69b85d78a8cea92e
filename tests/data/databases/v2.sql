-- The outbox, version 2, as a new file has it: version 1 and the step from it. Frozen.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE part (
  submission_id BLOB NOT NULL REFERENCES submission (id),
  n             INTEGER NOT NULL,
  sealed        BLOB NOT NULL,
  PRIMARY KEY (submission_id, n)
) STRICT;

CREATE TABLE submission (
  seq          INTEGER PRIMARY KEY,
  id           BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  dossier_id   BLOB NOT NULL CHECK (length(dossier_id) = 16),
  supersedes   BLOB CHECK (length(supersedes) = 16),
  db_epoch     BLOB NOT NULL CHECK (length(db_epoch) = 16),
  kiosk_seq    INTEGER NOT NULL,
  state        INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 2, 3)),
  failures     INTEGER NOT NULL DEFAULT 0,
  created_ms   INTEGER NOT NULL,
  form_edition TEXT NOT NULL,
  manifest     BLOB NOT NULL,
  signature    BLOB NOT NULL CHECK (length(signature) = 64),
  receipt      TEXT,
  receipt_no   INTEGER,
  office_epoch BLOB CHECK (length(office_epoch) = 16),
  office_ms    INTEGER,
  erased       INTEGER NOT NULL DEFAULT 0 CHECK (erased IN (0, 1)),
  attention    TEXT,
  attention_ms INTEGER,
  exported_ms  INTEGER,
  UNIQUE (db_epoch, kiosk_seq),
  CHECK ((state = 2) = (receipt IS NOT NULL)),
  CHECK ((state = 3) = (attention IS NOT NULL)),
  CHECK (state = 2 OR erased = 0)
) STRICT;

CREATE INDEX submission_due ON submission (seq) WHERE state = 0;

CREATE INDEX submission_attention ON submission (seq) WHERE state = 3;

CREATE INDEX submission_kept ON submission (office_epoch, office_ms) WHERE state = 2 AND erased = 0;

CREATE TABLE office (
  epoch           BLOB PRIMARY KEY CHECK (length(epoch) = 16),
  durable_through INTEGER NOT NULL,
  seen_ms         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE office_status (
  submission_id BLOB PRIMARY KEY REFERENCES submission (id),
  state         TEXT NOT NULL,
  reason        TEXT,
  fields        TEXT NOT NULL,
  at_ms         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE note (
  key   TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE salvage (
  quarantine INTEGER PRIMARY KEY,
  at_ms      INTEGER NOT NULL,
  saved      INTEGER NOT NULL,
  lost       INTEGER
) STRICT;

CREATE TABLE journal (
  seq   INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  entry TEXT NOT NULL,
  hash  BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TRIGGER part_unsent BEFORE DELETE ON part
WHEN NOT EXISTS (
  SELECT 1 FROM submission JOIN office ON office.epoch = submission.office_epoch
  WHERE submission.id = OLD.submission_id AND submission.state = 2 AND submission.receipt_no <= office.durable_through
)
BEGIN
  SELECT RAISE(ABORT, 'unsent parts are never deleted');
END;

CREATE TRIGGER part_sealed BEFORE UPDATE ON part
BEGIN
  SELECT RAISE(ABORT, 'sealed parts are never changed');
END;

CREATE TRIGGER submission_unsent BEFORE DELETE ON submission
BEGIN
  SELECT RAISE(ABORT, 'submissions are never deleted');
END;

CREATE TRIGGER submission_sealed BEFORE UPDATE OF id, dossier_id, db_epoch, kiosk_seq, manifest, signature ON submission
BEGIN
  SELECT RAISE(ABORT, 'what was signed is never changed');
END;

PRAGMA user_version = 2;
