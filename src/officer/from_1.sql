-- Version 2: what people were advised in an outreach session, by the advice's key, and how many were asked to come
-- back. Without names.
ALTER TABLE outreach ADD COLUMN sent_back INTEGER NOT NULL DEFAULT 0 CHECK (sent_back >= 0);

CREATE TABLE advised (
  outreach INTEGER NOT NULL REFERENCES outreach (id),
  advice   TEXT    NOT NULL CHECK (length(advice) BETWEEN 1 AND 40),
  people   INTEGER NOT NULL CHECK (people > 0),
  PRIMARY KEY (outreach, advice)
) STRICT, WITHOUT ROWID;
