-- From version 2 to version 3. Frozen; it uses nothing that may change.

CREATE INDEX submission_by_lookup ON submission (lookup_hash, receipt_no);

-- What happened to a citizen's slip: openings that no right card has followed, and an officer's word.
CREATE TABLE slip (
    lookup_hash BLOB    PRIMARY KEY CHECK (length(lookup_hash) = 32),
    openings    INTEGER NOT NULL DEFAULT 0,
    void_ms     INTEGER
) STRICT, WITHOUT ROWID;
