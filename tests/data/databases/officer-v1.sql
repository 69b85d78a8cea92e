-- Version 1. The officers' own file: it opens when the queue does not. Labels, hashes and counts; nothing personal.

-- `memory_kib`, `passes`: what the hash was made with. `peppered`: the credential `officer-pepper` went into it.
CREATE TABLE officer (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 24),
  salt       BLOB NOT NULL CHECK (length(salt) = 16),
  hash       BLOB NOT NULL CHECK (length(hash) = 32),
  memory_kib INTEGER NOT NULL CHECK (memory_kib > 0),
  passes     INTEGER NOT NULL CHECK (passes > 0),
  peppered   INTEGER NOT NULL CHECK (peppered IN (0, 1))
) STRICT;

-- One door, one counter: who stands before it is nobody until it opens. `since_*`: running time of the lock-out's begin.
CREATE TABLE door (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  fails      INTEGER NOT NULL CHECK (fails >= 0),
  since_boot BLOB CHECK (length(since_boot) = 16),
  since_ms   INTEGER CHECK (since_ms >= 0),
  CHECK ((since_boot IS NULL) = (since_ms IS NULL))
) STRICT;
INSERT INTO door (id, fails) VALUES (1, 0);

-- Sessions outside the office; at most one is open.
CREATE TABLE outreach (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  place     TEXT NOT NULL CHECK (length(place) BETWEEN 1 AND 60),
  team      TEXT NOT NULL CHECK (length(team) BETWEEN 1 AND 24),
  opened_ms INTEGER NOT NULL,
  closed_ms INTEGER,
  started   INTEGER NOT NULL DEFAULT 0 CHECK (started >= 0),
  finished  INTEGER NOT NULL DEFAULT 0 CHECK (finished >= 0),
  refused   INTEGER NOT NULL DEFAULT 0 CHECK (refused >= 0),
  abandoned INTEGER NOT NULL DEFAULT 0 CHECK (abandoned >= 0)
) STRICT;
CREATE UNIQUE INDEX outreach_open ON outreach ((closed_ms IS NULL)) WHERE closed_ms IS NULL;

CREATE TABLE journal (
  seq   INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms INTEGER NOT NULL,
  entry TEXT NOT NULL
) STRICT;

PRAGMA user_version = 1;
INSERT INTO outreach (place, team, opened_ms, started, finished, refused, abandoned) VALUES ('Trạm thử', 'Tổ 1', 1795580100000, 9, 4, 1, 2);
