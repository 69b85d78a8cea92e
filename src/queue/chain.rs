//! The journal in the queue's file: each line's hash covers the line before, so that a line cannot be altered, dropped
//! or put in without the head changing, and the office has seen earlier heads.

use super::store::Error;
use crate::journal::Entry;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};

/// Lines that are kept; older ones are cut off at a checkpoint, behind which the chain still verifies.
pub const KEPT: i64 = 10_000;
/// Cut off together, so that not every line costs a deletion.
const SLACK: i64 = 500;

const LABEL: &[u8] = b"kiosk-journal-v1\0";

/// Where the chain stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Lines so far.
    pub seq: u64,
    /// Hash of the last of them.
    pub hash: [u8; 32],
}

/// Before the first line of a database.
pub(super) fn genesis(db_epoch: &[u8; 16]) -> [u8; 32] {
    Sha256::new().chain_update(LABEL).chain_update(db_epoch).finalize().into()
}

/// The hash of a line: SHA-256 over the hash before, number and time as eight bytes each (big endian), and the text.
pub(super) fn next(before: &[u8; 32], seq: i64, at_ms: i64, entry: &str) -> [u8; 32] {
    let line = Sha256::new().chain_update(before).chain_update(seq.to_be_bytes()).chain_update(at_ms.to_be_bytes());
    line.chain_update(entry).finalize().into()
}

/// The last line, or the checkpoint where there is none.
pub(super) fn head(db: &Connection) -> Result<(i64, [u8; 32]), Error> {
    let mut last = db.prepare_cached("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")?;
    let last = last.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    match last {
        Some(head) => Ok(head),
        None => base(db),
    }
}

fn base(db: &Connection) -> Result<(i64, [u8; 32]), Error> {
    let mut value = db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    let seq = value.query_row(["journal_base_seq"], |row| row.get(0))?;
    let hash = value.query_row(["journal_base_hash"], |row| row.get(0))?;
    Ok((seq, hash))
}

/// Writes a line, in the transaction of what it tells.
pub(super) fn append(tx: &Transaction<'_>, now_ms: i64, entry: &Entry) -> Result<(), Error> {
    let (last, before) = head(tx)?;
    let (seq, text) = (last + 1, entry.to_line());
    let hash = next(&before, seq, now_ms, &text);
    tx.prepare_cached("INSERT INTO journal (seq, at_ms, entry, hash) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![seq, now_ms, text, hash])?;
    trim(tx, seq)
}

fn trim(tx: &Transaction<'_>, last: i64) -> Result<(), Error> {
    let (first, _) = base(tx)?;
    if last - first < KEPT + SLACK {
        return Ok(());
    }
    let cut = last - KEPT;
    let hash: [u8; 32] = tx.query_row("SELECT hash FROM journal WHERE seq = ?1", [cut], |row| row.get(0))?;
    tx.execute("UPDATE meta SET value = ?1 WHERE key = 'journal_base_seq'", [cut])?;
    tx.execute("UPDATE meta SET value = ?1 WHERE key = 'journal_base_hash'", [hash])?;
    tx.execute("DELETE FROM journal WHERE seq <= ?1", [cut])?;
    Ok(())
}

/// Walks the chain from the checkpoint. `false`: a line was altered, dropped or put in.
pub(super) fn is_whole(db: &Connection) -> Result<bool, Error> {
    let (mut seq, mut hash) = base(db)?;
    let mut lines = db.prepare("SELECT seq, at_ms, entry, hash FROM journal ORDER BY seq")?;
    let mut lines = lines.query([])?;
    while let Some(line) = lines.next()? {
        let (number, at_ms, entry): (i64, i64, String) = (line.get(0)?, line.get(1)?, line.get(2)?);
        let told: [u8; 32] = line.get(3)?;
        seq += 1;
        hash = next(&hash, seq, at_ms, &entry);
        if number != seq || told != hash {
            return Ok(false);
        }
    }
    Ok(true)
}
