-- Version 2: what people were advised in an outreach session, by the advice's key, without names.
CREATE TABLE advised (
  outreach INTEGER NOT NULL REFERENCES outreach (id),
  advice   TEXT    NOT NULL CHECK (length(advice) BETWEEN 1 AND 40),
  people   INTEGER NOT NULL CHECK (people > 0),
  PRIMARY KEY (outreach, advice)
) STRICT, WITHOUT ROWID;
