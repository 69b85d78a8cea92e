//! Opening the office's database: settings first, then the schema or its migration in one transaction.

use super::FILE;
use crate::office::store::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::time::Duration;

/// Version of the schema, in `user_version`.
pub(super) const VERSION: i64 = 4;

const SCHEMA: &str = include_str!("schema.sql");
/// What brings a database of version 1 to version 2.
const FROM_1: &str = include_str!("from_1.sql");
/// And from version 2 to version 3.
const FROM_2: &str = include_str!("from_2.sql");
/// And from version 3 to version 4.
const FROM_3: &str = include_str!("from_3.sql");
/// More than there are statements in the store: each is compiled once a connection.
const STATEMENTS: usize = 64;
/// How long a write waits for another process, such as `intake enrol`, to finish.
const BUSY: Duration = Duration::from_secs(10);

/// The connection that writes; makes the directory and the database if they are not there.
pub(super) fn open_or_create(directory: &Path) -> Result<Connection, StoreError> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(StoreError::Directory)?;
    open_to_write(&directory.join(FILE))
}

/// As [`open_or_create`], for a file of any name in a directory that is there.
pub(super) fn open_to_write(file: &Path) -> Result<Connection, StoreError> {
    let mut connection = connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    let has_changed = make_ready(&mut connection)?;
    if has_changed {
        sync_directory_of(file)?;
    }
    Ok(connection)
}

/// Makes a connection durable and its schema the present one. True: the schema was made or changed.
pub(super) fn make_ready(connection: &mut Connection) -> Result<bool, StoreError> {
    guard(connection)?;
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
    let is_old = version(connection)? < VERSION;
    if is_old {
        bring_up_to_date(connection)?;
    }
    Ok(is_old)
}

/// A connection that only reads, while another one may write; the database must be there in the present version.
pub(super) fn open_to_read(file: &Path) -> Result<Connection, StoreError> {
    if !file.is_file() {
        return Err(StoreError::Absent);
    }
    let connection = connect(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    guard(&connection)?;
    if version(&connection)? == VERSION { Ok(connection) } else { Err(StoreError::Absent) }
}

/// Returns after the directory's own entries are on the disk.
pub(super) fn sync_directory_of(file: &Path) -> Result<(), StoreError> {
    let directory = file.parent().unwrap_or(Path::new("."));
    File::open(directory).and_then(|dir| dir.sync_all()).map_err(StoreError::Directory)
}

fn connect(file: &Path, mode: OpenFlags) -> Result<Connection, StoreError> {
    // The last part of the path must be the file itself and no link; a linked data directory is fine.
    let directory = file.parent().unwrap_or(Path::new(".")).canonicalize().map_err(StoreError::Directory)?;
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    Ok(Connection::open_with_flags(directory.join(file.file_name().unwrap_or_default()), flags)?)
}

/// What every connection needs: patience with other processes, and mistrust of the file.
fn guard(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    Ok(())
}

fn version(connection: &Connection) -> Result<i64, StoreError> {
    let found = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > VERSION { Err(StoreError::TooNew { found, known: VERSION }) } else { Ok(found) }
}

fn bring_up_to_date(connection: &mut Connection) -> Result<(), StoreError> {
    let mut epoch = [0_u8; 16];
    getrandom::fill(&mut epoch).map_err(StoreError::Random)?;
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have done it while this one waited.
    match version(&tx)? {
        0 => {
            tx.execute_batch(SCHEMA)?;
            tx.execute("INSERT INTO meta (id, office_epoch, next_receipt_no) VALUES (1, ?1, 1)", [epoch])?;
        }
        1 => {
            tx.execute_batch(FROM_1)?;
            tx.execute_batch(FROM_2)?;
            tx.execute_batch(FROM_3)?;
        }
        2 => {
            tx.execute_batch(FROM_2)?;
            tx.execute_batch(FROM_3)?;
        }
        3 => tx.execute_batch(FROM_3)?,
        _ => return Ok(()),
    }
    tx.pragma_update(None, "user_version", VERSION)?;
    Ok(tx.commit()?)
}
