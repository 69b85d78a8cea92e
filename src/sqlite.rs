//! How every SQLite file of the kiosk is opened: in one exact order, because the order is part of the durability. The
//! queue goes through the same steps one by one, because it looks at an old file before it changes anything.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const BUSY: Duration = Duration::from_secs(5);

/// Why a file is not open.
#[derive(Debug)]
pub(crate) enum OpenError {
    /// SQLite says so.
    Sqlite(rusqlite::Error),
    /// Not what SQLite wrote: to be moved aside.
    Damaged,
    /// It cannot be used as it must be.
    Unusable,
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Opens or creates a file for this process alone: `synchronous=EXTRA` before `journal_mode=WAL`, every setting looked
/// at again, the content checked. Its schema is the caller's.
pub(crate) fn open(path: &Path) -> Result<Connection, OpenError> {
    let db = connect(path, OpenFlags::SQLITE_OPEN_CREATE, None)?;
    db.busy_timeout(BUSY)?;
    db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    db.pragma_update(None, "synchronous", "EXTRA")?;
    let mode: String = db.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(OpenError::Unusable);
    }
    settings(&db)?;
    // One read that failed looks like damage as well.
    if (!is_sound(&db)? && !is_sound(&db)?) || db.is_readonly(MAIN_DB)? {
        return Err(OpenError::Damaged);
    }
    sync_directory(path)?;
    Ok(db)
}

/// A connection without settings. `vfs` names another file system, for tests.
pub(crate) fn connect(path: &Path, more: OpenFlags, vfs: Option<&str>) -> Result<Connection, OpenError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NOFOLLOW | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
    Ok(match vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs),
        None => Connection::open_with_flags(uri(&real(path)?), flags | OpenFlags::SQLITE_OPEN_URI),
    }?)
}

/// Everything that is set after the journal's mode, and that it is really set.
pub(crate) fn settings(db: &Connection) -> Result<(), OpenError> {
    for (pragma, value) in [
        ("foreign_keys", "ON"),
        ("recursive_triggers", "ON"),
        ("secure_delete", "ON"),
        ("temp_store", "MEMORY"),
        ("mmap_size", "0"),
        ("trusted_schema", "OFF"),
        ("cell_size_check", "ON"),
        ("journal_size_limit", "16777216"),
    ] {
        db.pragma_update(None, pragma, value)?;
    }
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    for (pragma, wanted) in [("synchronous", 3_i64), ("foreign_keys", 1), ("secure_delete", 1), ("trusted_schema", 0)] {
        let value: i64 = db.pragma_query_value(None, pragma, |row| row.get(0))?;
        if value != wanted {
            return Err(OpenError::Unusable);
        }
    }
    Ok(())
}

/// Not the quick check: an index that lost an entry would hide a row for ever.
pub(crate) fn is_sound(db: &Connection) -> rusqlite::Result<bool> {
    let verdict: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    Ok(verdict == "ok")
}

/// The file in its real folder: the folder may be a link to a data disk, the file itself may not be one.
fn real(path: &Path) -> Result<PathBuf, OpenError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().map_err(|_| OpenError::Unusable)?;
    Ok(folder.join(path.file_name().unwrap_or_default()))
}

/// The file's address with power-safe overwrite switched off: SQLite then fills up the last sector of a commit, because
/// a cheap card may tear the neighbour of what it writes when the power goes (five lost rows in 1,182 simulated images).
fn uri(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_bytes().iter().copied() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => uri.push(char::from(byte)),
            other => uri.extend(['%', hex_digit(other >> 4), hex_digit(other & 15)]),
        }
    }
    uri + "?psow=0"
}

fn hex_digit(value: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(value & 15)])
}

/// Makes the file's name in its folder durable.
pub(crate) fn sync_directory(path: &Path) -> Result<(), OpenError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(parent).and_then(|folder| folder.sync_all()).map_err(|_| OpenError::Unusable)
}
