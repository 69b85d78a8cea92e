//! Opening the file: the order of the pragmas is part of the durability, and nothing is changed before it was looked
//! at.

use super::{Counts, Error, Store, Tally};
use crate::queue::{chain, migrate};
use crate::sqlite::{self, OpenError, is_sound, settings, sync_directory};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags, OptionalExtension};
use std::path::Path;
use std::time::Duration;

/// Claims of this process: in memory, so that a claim writes nothing and the end of the process gives all back.
const LEASES: &str = "CREATE TEMP TABLE lease (seq INTEGER PRIMARY KEY) STRICT";

impl Store {
    /// Opens or creates the outbox. `epoch` is used when it is created. `vfs` names another file system, for tests.
    ///
    /// The order of the pragmas is part of the durability: `synchronous=EXTRA` before `journal_mode=WAL`.
    pub fn open(path: &Path, epoch: [u8; 16], vfs: Option<&str>) -> Result<Self, Error> {
        let mut db = connect(path, OpenFlags::SQLITE_OPEN_CREATE, vfs)?;
        // Until it is known to be in order, closing it must not write the log into it and delete the log.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        let writable = !db.is_readonly(MAIN_DB)?;
        db.busy_timeout(Duration::from_secs(5))?;
        db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        db.pragma_update(None, "synchronous", "EXTRA")?;
        // Only for a new file: on an old one it would be a change before the first look at whether it is in order.
        if db.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))? == 0 {
            db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        }
        let mode: String = db.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))?;
        if mode != "wal" {
            return Err(Error::Broken);
        }
        settings(&db)?;
        // One read that failed looks like damage as well, and a sound queue must not be moved aside for it.
        if !is_sound(&db)? && !is_sound(&db)? {
            return Err(Error::Damaged);
        }
        // A file that may be written to and says of itself that it may not: its header is damaged.
        if db.is_readonly(MAIN_DB)? {
            return Err(if writable { Error::Damaged } else { Error::Broken });
        }
        migrate::migrate(&mut db, epoch)?;
        if vfs.is_none() {
            sync_directory(path)?;
        }
        db.execute_batch(LEASES)?;
        let db_epoch = db.query_row("SELECT value FROM meta WHERE key = 'db_epoch'", [], |row| row.get(0));
        let db_epoch = db_epoch.map_err(|_| Error::Damaged)?;
        numbers_fit(&db)?;
        let counts = count(&db)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        Ok(Self { db, db_epoch, counts })
    }

    /// Closes the file and leaves its log as it is.
    pub(in crate::queue) fn leave(self) -> Result<(), Error> {
        Ok(self.db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map(drop)?)
    }

    /// The counts of a file that nobody else holds, of any version; changes no row. [`Error::Busy`]: a kiosk is running
    /// on it.
    pub fn look(path: &Path) -> Result<Tally, Error> {
        let db = connect(path, OpenFlags::empty(), None)?;
        db.busy_timeout(Duration::from_millis(200))?;
        db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        db.pragma_update(None, "synchronous", "EXTRA")?;
        Ok(db.query_row(
            "SELECT count(*) FILTER (WHERE state IN (0, 1)), count(*) FILTER (WHERE state = 2),
                    count(*) FILTER (WHERE state = 3), min(created_ms) FILTER (WHERE state IN (0, 1))
             FROM submission",
            [],
            |row| {
                Ok(Tally {
                    queued: row.get(0)?,
                    received: row.get(1)?,
                    attention: row.get(2)?,
                    oldest_queued_ms: row.get(3)?,
                })
            },
        )?)
    }

    /// True when no line of the journal was altered, dropped or put in since the checkpoint.
    pub fn journal_is_whole(&self) -> Result<bool, Error> {
        chain::is_whole(&self.db)
    }
}

/// A connection without settings.
pub(in crate::queue) fn connect(path: &Path, more: OpenFlags, vfs: Option<&str>) -> Result<Connection, Error> {
    Ok(sqlite::connect(path, more, vfs)?)
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Sqlite(error) => error.into(),
            OpenError::Damaged => Self::Damaged,
            OpenError::Unusable => Self::Broken,
        }
    }
}

/// The sequences stand right behind what they have numbered: one that fell back would give a number twice, and one that
/// jumped would look like a loss.
fn numbers_fit(db: &Connection) -> Result<(), Error> {
    let next = |key: &str| -> Result<i64, Error> {
        let value = db.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0));
        value.map_err(|_| Error::Damaged)
    };
    let last: i64 = db.query_row("SELECT coalesce(max(seq), 0) FROM submission", [], |row| row.get(0))?;
    let last_sealed: i64 = db.query_row(
        "SELECT coalesce(max(kiosk_seq), 0) FROM submission
         WHERE db_epoch = (SELECT value FROM meta WHERE key = 'db_epoch')",
        [],
        |row| row.get(0),
    )?;
    if next("next_seq")? == last + 1 && next("next_kiosk_seq")? == last_sealed + 1 {
        Ok(())
    } else {
        Err(Error::Damaged)
    }
}

/// The two small states by their indexes, the large one as the rest.
fn count(db: &Connection) -> Result<Counts, Error> {
    let one = |sql: &str| db.query_row(sql, [], |row| row.get::<_, u32>(0));
    let queued = one("SELECT count(*) FROM submission INDEXED BY submission_due WHERE state = 0")?;
    let attention = one("SELECT count(*) FROM submission INDEXED BY submission_attention WHERE state = 3")?;
    let all = one("SELECT count(*) FROM submission")?;
    Ok(Counts { queued, attention, received: all - queued - attention })
}

/// The value of a `meta` key, if it is there.
pub(super) fn meta<T: rusqlite::types::FromSql>(db: &Connection, key: &str) -> Result<Option<T>, Error> {
    let mut value = db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    Ok(value.query_row([key], |row| row.get(0)).optional()?)
}

/// Sets a `meta` key.
pub(super) fn set_meta(db: &Connection, key: &str, value: impl rusqlite::ToSql) -> Result<(), Error> {
    db.prepare_cached(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
    )?
    .execute(rusqlite::params![key, value])?;
    Ok(())
}
