-- From version 2 to version 3. Frozen; it uses nothing that may change.

-- Who has an open dossier: tags under a key of the enrolled kiosks, erased when the dossier is handed over or void.
CREATE TABLE person (
    tag        bytea  NOT NULL CHECK (length(tag) = 32),
    dossier_id bytea  NOT NULL CHECK (length(dossier_id) = 16),
    marked_ms  bigint NOT NULL,
    PRIMARY KEY (tag, dossier_id)
);
