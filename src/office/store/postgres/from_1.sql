-- From version 1 to version 2. Frozen; it uses nothing that may change.

CREATE INDEX submission_by_lookup ON submission (lookup_hash, receipt_no);

-- What happened to a citizen's slip: openings that no right card has followed, and an officer's word.
CREATE TABLE slip (
    lookup_hash bytea  PRIMARY KEY CHECK (length(lookup_hash) = 32),
    openings    int    NOT NULL DEFAULT 0,
    void_ms     bigint
);
