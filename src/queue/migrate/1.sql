-- The outbox, version 1. Only ids, sizes, digests, times and states are readable; everything personal is sealed.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- state: 0 queued, 2 received (the receipt is here), 3 attention (an officer has to look). 1 is reserved for leases.
CREATE TABLE submission (
  id           BLOB PRIMARY KEY CHECK (length(id) = 16),
  dossier_id   BLOB NOT NULL CHECK (length(dossier_id) = 16),
  kiosk_seq    INTEGER NOT NULL UNIQUE,
  state        INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2, 3)),
  failures     INTEGER NOT NULL DEFAULT 0,
  created_ms   INTEGER NOT NULL,
  form_edition TEXT NOT NULL,
  manifest     BLOB NOT NULL,
  signature    BLOB NOT NULL CHECK (length(signature) = 64),
  receipt      TEXT,
  office_ms    INTEGER,
  attention    TEXT,
  CHECK ((state = 2) = (receipt IS NOT NULL))
) STRICT;

CREATE INDEX submission_due ON submission (kiosk_seq) WHERE state = 0;

CREATE TABLE part (
  submission_id BLOB NOT NULL REFERENCES submission (id),
  n             INTEGER NOT NULL,
  sealed        BLOB NOT NULL,
  PRIMARY KEY (submission_id, n)
) STRICT;

-- What happened, by catalogue; nothing personal can be written here because nothing personal is in the catalogue.
CREATE TABLE journal (
  seq   INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  entry TEXT NOT NULL
) STRICT;
