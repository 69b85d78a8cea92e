-- From version 1 to version 2. A queue that may hold rows of an older epoch gives each row a place of its own; what the
-- office says of itself and of submissions is kept; nothing unsent can be deleted. `part` is left where it is: it is
-- large, and the disk may be full.
DROP INDEX submission_due;
ALTER TABLE submission RENAME TO submission_1;

-- state: 0 queued, 2 received (the receipt is here), 3 attention (an officer has to look). Leases are not in the file.
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

INSERT INTO submission (seq, id, dossier_id, db_epoch, kiosk_seq, state, failures, created_ms, form_edition, manifest,
                        signature, receipt, office_ms, erased, attention, attention_ms)
  SELECT kiosk_seq, id, dossier_id, (SELECT value FROM meta WHERE key = 'db_epoch'), kiosk_seq,
         CASE state WHEN 1 THEN 0 ELSE state END, failures, created_ms, form_edition, manifest, signature, receipt,
         office_ms, state = 2 AND NOT EXISTS (SELECT 1 FROM part WHERE submission_id = id),
         CASE state WHEN 3 THEN coalesce(attention, 'refused') END, CASE state WHEN 3 THEN created_ms END
  FROM submission_1 ORDER BY kiosk_seq;
DROP TABLE submission_1;

CREATE INDEX submission_due ON submission (seq) WHERE state = 0;
CREATE INDEX submission_attention ON submission (seq) WHERE state = 3;
-- Delivered, and the sealed parts are still here.
CREATE INDEX submission_kept ON submission (office_epoch, office_ms) WHERE state = 2 AND erased = 0;

-- What an office epoch has said of itself: its backup holds every receipt up to durable_through.
CREATE TABLE office (
  epoch           BLOB PRIMARY KEY CHECK (length(epoch) = 16),
  durable_through INTEGER NOT NULL,
  seen_ms         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Where a submission stands at the office, by codes.
CREATE TABLE office_status (
  submission_id BLOB PRIMARY KEY REFERENCES submission (id),
  state         TEXT NOT NULL,
  reason        TEXT,
  fields        TEXT NOT NULL,
  at_ms         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Signed things of others that must outlive a restart, such as the key bundle.
CREATE TABLE note (
  key   TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What came out of each damaged queue that lies in quarantine. lost is NULL where it cannot be told.
CREATE TABLE salvage (
  quarantine INTEGER PRIMARY KEY,
  at_ms      INTEGER NOT NULL,
  saved      INTEGER NOT NULL,
  lost       INTEGER
) STRICT;

ALTER TABLE journal RENAME TO journal_1;
-- hash = SHA-256(previous hash, seq, at_ms, entry); the row before the first one kept is in meta as journal_base.
CREATE TABLE journal (
  seq   INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  entry TEXT NOT NULL,
  hash  BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- Parts may go when the office's receipt is here and the office has said that its backup holds it, and not before.
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
