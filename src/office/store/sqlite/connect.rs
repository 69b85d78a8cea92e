//! Opening the office's database: settings first, then the schema in one transaction.

use super::FILE;
use crate::office::store::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::time::Duration;

/// Version of the schema, in `user_version`.
pub(super) const VERSION: i64 = 1;

const SCHEMA: &str = include_str!("schema.sql");
/// How long a write waits for `intake enrol` or a backup to finish.
const BUSY: Duration = Duration::from_secs(10);

pub(super) fn open_or_create(directory: &Path) -> Result<(Connection, [u8; 16]), StoreError> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(StoreError::Directory)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = connect(directory, flags)?;
    // EXTRA (FULL and more) before WAL: the step to WAL itself uses a rollback journal, whose removal must be synced.
    connection.pragma_update(None, "synchronous", "EXTRA")?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(StoreError::Setting("journal_mode"));
    }
    connection.pragma_update(None, "secure_delete", true)?;
    for (pragma, wanted) in [("synchronous", 3), ("secure_delete", 1), ("foreign_keys", 1), ("trusted_schema", 0)] {
        if connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0))? != wanted {
            return Err(StoreError::Setting(pragma));
        }
    }
    if version(&connection)? == 0 {
        create(&mut connection)?;
        File::open(directory).and_then(|dir| dir.sync_all()).map_err(StoreError::Directory)?;
    }
    let epoch = epoch(&connection)?;
    Ok((connection, epoch))
}

/// A second connection that only reads, while another process may write.
pub(super) fn open_to_read(directory: &Path) -> Result<Connection, StoreError> {
    if !directory.join(FILE).is_file() {
        return Err(StoreError::Absent);
    }
    let connection = connect(directory, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    if version(&connection)? == 0 {
        return Err(StoreError::Absent);
    }
    Ok(connection)
}

fn connect(directory: &Path, mode: OpenFlags) -> Result<Connection, StoreError> {
    // The last part of the path must be the file itself and no link; a linked data directory is fine.
    let directory = directory.canonicalize().map_err(StoreError::Directory)?;
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(directory.join(FILE), flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    Ok(connection)
}

fn version(connection: &Connection) -> Result<i64, StoreError> {
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > VERSION { Err(StoreError::TooNew { found: version, known: VERSION }) } else { Ok(version) }
}

fn create(connection: &mut Connection) -> Result<(), StoreError> {
    let mut epoch = [0_u8; 16];
    getrandom::fill(&mut epoch).map_err(StoreError::Random)?;
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have made it while this one waited.
    if version(&tx)? == 0 {
        tx.execute_batch(SCHEMA)?;
        tx.execute("INSERT INTO meta (id, office_epoch, next_receipt_no) VALUES (1, ?1, 1)", [epoch])?;
        tx.pragma_update(None, "user_version", VERSION)?;
    }
    Ok(tx.commit()?)
}

fn epoch(connection: &Connection) -> Result<[u8; 16], StoreError> {
    Ok(connection.query_row("SELECT office_epoch FROM meta", [], |row| row.get(0))?)
}
