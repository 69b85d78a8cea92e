-- From version 3 to version 4. Frozen; it uses nothing that may change.

-- Who has an open dossier: tags under a key of the enrolled kiosks, erased when the dossier is handed over or void.
CREATE TABLE person (
    tag        BLOB    NOT NULL CHECK (length(tag) = 32),
    dossier_id BLOB    NOT NULL CHECK (length(dossier_id) = 16),
    marked_ms  INTEGER NOT NULL,
    PRIMARY KEY (tag, dossier_id)
) STRICT, WITHOUT ROWID;
