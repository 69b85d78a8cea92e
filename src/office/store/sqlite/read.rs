//! Reading the accepted submissions beside a serving office, one at a time.

use super::accept::stored;
use super::{FILE, connect, kiosks};
use crate::office::store::{Kiosk, Row, StoreError};
use rusqlite::{Connection, OptionalExtension};
use std::path::Path;
use uuid::Uuid;

/// The office's database, opened only to read, for callers without a tokio runtime.
#[derive(Debug)]
pub struct Archive {
    connection: Connection,
}

impl Archive {
    /// Opens the database in `directory`; it must be there.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        Ok(Self { connection: connect::open_to_read(&directory.join(FILE))? })
    }

    /// The accepted submission with the smallest receipt number above `receipt_no`.
    pub fn next_after(&self, receipt_no: u64) -> Result<Option<Row>, StoreError> {
        next_after(&self.connection, receipt_no)
    }

    /// The kiosk of that name, revoked or not.
    pub fn kiosk(&self, id: &str) -> Result<Option<Kiosk>, StoreError> {
        kiosks::find(&self.connection, id)
    }
}

pub(super) fn next_after(db: &Connection, receipt_no: u64) -> Result<Option<Row>, StoreError> {
    let after = i64::try_from(receipt_no).unwrap_or(i64::MAX);
    // An accepted submission never changes, so its parts need no common snapshot with it.
    let found = db
        .prepare_cached(
            "SELECT dossier_id, submission_id, kiosk_id, db_epoch, manifest_sha256, receipt_no, server_time_ms,
                    (SELECT office_epoch FROM meta), supersedes, manifest, manifest_sig
             FROM submission WHERE receipt_no > ?1 ORDER BY receipt_no LIMIT 1",
        )?
        .query_row([after], |row| {
            Ok(Row {
                stored: stored(row)?,
                supersedes: row.get::<_, Option<[u8; 16]>>(8)?.map(Uuid::from_bytes),
                manifest: row.get(9)?,
                signature: row.get(10)?,
                parts: Vec::new(),
            })
        })
        .optional()?;
    let Some(mut row) = found else { return Ok(None) };
    row.parts = db
        .prepare_cached("SELECT bytes FROM part WHERE submission_id = ?1 ORDER BY n")?
        .query_map([row.stored.submission_id.as_bytes()], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(Some(row))
}
