//! A whole copy of the database while the office goes on serving, and an office made from such a copy.

use super::{FILE, connect, meta};
use crate::office::store::{Standing, StoreError};
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Writes the copy and returns what stands in it, after it is on the disk and was read through without a fault. `to` must
/// not exist. Half a copy is called `….partial` and never `to`.
pub(super) fn copy(directory: &Path, to: &Path) -> Result<Standing, StoreError> {
    let half = half_of(to);
    refuse_existing(to)?;
    remove_leftover(&half)?;
    // Made here so that nobody else may read it; an empty file is as good as none to SQLite.
    let new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half);
    new.map_err(StoreError::Directory)?;
    let name = half.to_str().ok_or(StoreError::Setting("the copy's name"))?;
    connect::open_to_write(&directory.join(FILE))?.execute("VACUUM INTO ?1", [name])?;
    File::open(&half).and_then(|file| file.sync_all()).map_err(StoreError::Directory)?;
    let standing = checked(&connect::open_to_read(&half)?)?;
    publish(&half, to)?;
    Ok(standing)
}

/// Makes `directory/office.db` from a copy. Before it has that name it speaks under the new epoch. There must be no
/// database in `directory`.
pub(super) fn restore(copy: &Path, directory: &Path, epoch: [u8; 16], now_ms: i64) -> Result<Standing, StoreError> {
    let file = directory.join(FILE);
    let half = half_of(&file);
    refuse_existing(&file)?;
    for ending in ["", "-wal", "-shm", "-journal"] {
        remove_leftover(&with_ending(&half, ending))?;
    }
    std::fs::copy(copy, &half).map_err(StoreError::Directory)?;
    let mut db = connect::open_to_write(&half)?;
    let standing = checked(&db)?;
    let tx = db.transaction()?;
    meta::begin_epoch(&tx, epoch, now_ms)?;
    tx.commit()?;
    // Everything must be in the one file before it gets its name.
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get(0))?;
    if mode != "delete" {
        return Err(StoreError::Setting("journal_mode"));
    }
    db.close().map_err(|(_, error)| error)?;
    File::open(&half).and_then(|file| file.sync_all()).map_err(StoreError::Directory)?;
    publish(&half, &file)?;
    Ok(Standing { office_epoch: epoch, ..standing })
}

fn checked(db: &Connection) -> Result<Standing, StoreError> {
    let said: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    let standing = meta::standing(db)?;
    let numbers = "SELECT count(*), coalesce(max(receipt_no), 0) FROM submission";
    let (count, highest): (i64, i64) = db.query_row(numbers, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    // Numbers have no gaps: a table with fewer rows than the last number given out lost some.
    let is_whole = count == highest && highest.unsigned_abs() == standing.last_receipt_no;
    if said == "ok" && is_whole && parts_are_as_received(db)? { Ok(standing) } else { Err(StoreError::Damaged) }
}

/// Kiosks erase what a copy holds, so every byte of it is looked at: the database's own check does not read contents.
fn parts_are_as_received(db: &Connection) -> Result<bool, StoreError> {
    let mut query = db.prepare("SELECT sha256, bytes FROM part")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (sha256, bytes): ([u8; 32], Vec<u8>) = (row.get(0)?, row.get(1)?);
        if sha256 != <[u8; 32]>::from(Sha256::digest(&bytes)) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn publish(half: &Path, whole: &Path) -> Result<(), StoreError> {
    // A link, because a rename would replace a file that came meanwhile.
    std::fs::hard_link(half, whole).map_err(StoreError::Directory)?;
    std::fs::remove_file(half).map_err(StoreError::Directory)?;
    connect::sync_directory_of(whole)
}

fn refuse_existing(path: &Path) -> Result<(), StoreError> {
    if path.symlink_metadata().is_ok() { Err(StoreError::Exists) } else { Ok(()) }
}

fn remove_leftover(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(StoreError::Directory(error)),
        _ => Ok(()),
    }
}

fn half_of(path: &Path) -> PathBuf {
    with_ending(path, ".partial")
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
