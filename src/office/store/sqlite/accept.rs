//! Accepting a submission: all of it or nothing, its receipt number in the same transaction.

use super::Store;
use crate::office::store::{Accepted, Kept, NewSubmission, Signature, StoreError, Stored};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use uuid::Uuid;

/// A part as the table has it, without its bytes.
struct PartRow {
    n: u16,
    sha256: [u8; 32],
    len: u64,
    kiosk_id: String,
}

impl Store {
    /// Accepts a manifest whose signature and shape were checked; `bytes` are the ones that were signed.
    ///
    /// Returns after the commit is on the disk: only then may a receipt be signed.
    pub fn accept(&self, manifest: &NewSubmission, now_ms: i64) -> Result<Accepted, StoreError> {
        let mut connection = self.lock();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sha256 = manifest.manifest_sha256();
        if let Some(stored) = find(&tx, manifest.submission_id)? {
            let same = stored.manifest_sha256 == sha256 && stored.kiosk_id == manifest.kiosk_id;
            return if same { Ok(Accepted { kept: Kept::Again, stored }) } else { Err(StoreError::Conflict) };
        }
        let kiosk_seq = i64::try_from(manifest.kiosk_seq).map_err(|_| StoreError::Conflict)?;
        let used = tx
            .prepare("SELECT 1 FROM submission WHERE kiosk_id = ?1 AND db_epoch = ?2 AND kiosk_seq = ?3")?
            .exists(params![manifest.kiosk_id, manifest.db_epoch, kiosk_seq])?;
        if used {
            return Err(StoreError::Conflict);
        }
        check_parts(manifest, &part_rows(&tx, manifest.submission_id)?)?;
        insert(&tx, manifest, kiosk_seq, &manifest.manifest, &manifest.signature, sha256, now_ms)?;
        tx.prepare("DELETE FROM loose_part WHERE submission_id = ?1")?.execute([manifest.submission_id.as_bytes()])?;
        let stored = find(&tx, manifest.submission_id)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        tx.commit()?;
        Ok(Accepted { kept: Kept::New, stored })
    }

    /// What the receipt of an accepted submission says.
    pub fn submission(&self, id: Uuid) -> Result<Option<Stored>, StoreError> {
        find(&self.lock(), id)
    }
}

/// The parts stored must be exactly the parts named, from the same kiosk.
fn check_parts(manifest: &NewSubmission, stored: &[PartRow]) -> Result<(), StoreError> {
    let fits = |row: &PartRow| {
        manifest
            .parts
            .iter()
            .any(|p| p.n == row.n && p.sha256 == row.sha256 && p.len == row.len && manifest.kiosk_id == row.kiosk_id)
    };
    if !stored.iter().all(fits) {
        return Err(StoreError::Conflict);
    }
    let is_here = |n: u16| stored.iter().any(|row| row.n == n);
    let missing: Vec<u16> = manifest.parts.iter().map(|p| p.n).filter(|&n| !is_here(n)).collect();
    if missing.is_empty() { Ok(()) } else { Err(StoreError::Missing(missing)) }
}

fn part_rows(tx: &Transaction<'_>, submission: Uuid) -> Result<Vec<PartRow>, StoreError> {
    let mut query =
        tx.prepare("SELECT n, sha256, length(bytes), kiosk_id FROM part WHERE submission_id = ?1 ORDER BY n")?;
    let rows = query.query_map([submission.as_bytes()], |row| {
        let len: i64 = row.get(2)?;
        Ok(PartRow { n: row.get(0)?, sha256: row.get(1)?, len: len.unsigned_abs(), kiosk_id: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn insert(
    tx: &Transaction<'_>,
    manifest: &NewSubmission,
    kiosk_seq: i64,
    bytes: &[u8],
    signature: &Signature,
    sha256: [u8; 32],
    now_ms: i64,
) -> Result<(), StoreError> {
    let receipt_no: i64 = tx
        .prepare("UPDATE meta SET next_receipt_no = next_receipt_no + 1 RETURNING next_receipt_no - 1")?
        .query_row([], |row| row.get(0))?;
    tx.prepare(
        "INSERT INTO submission (submission_id, dossier_id, kiosk_id, db_epoch, kiosk_seq, supersedes, lookup_hash,
                                 manifest, manifest_sig, manifest_sha256, receipt_no, server_time_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?
    .execute(params![
        manifest.submission_id.as_bytes(),
        manifest.dossier_id.as_bytes(),
        manifest.kiosk_id,
        manifest.db_epoch,
        kiosk_seq,
        manifest.supersedes.as_ref().map(Uuid::as_bytes),
        manifest.lookup_hash,
        bytes,
        signature,
        sha256,
        receipt_no,
        now_ms,
    ])?;
    Ok(())
}

fn find(connection: &Connection, id: Uuid) -> Result<Option<Stored>, StoreError> {
    let found = connection
        .prepare(
            "SELECT dossier_id, submission_id, kiosk_id, db_epoch, manifest_sha256, receipt_no, server_time_ms,
                    (SELECT office_epoch FROM meta)
             FROM submission WHERE submission_id = ?1",
        )?
        .query_row([id.as_bytes()], stored)
        .optional()?;
    Ok(found)
}

/// The first eight columns, in the order of [`Stored`].
pub(super) fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let receipt_no: i64 = row.get(5)?;
    Ok(Stored {
        dossier_id: Uuid::from_bytes(row.get(0)?),
        submission_id: Uuid::from_bytes(row.get(1)?),
        kiosk_id: row.get(2)?,
        db_epoch: row.get(3)?,
        manifest_sha256: row.get(4)?,
        receipt_no: receipt_no.unsigned_abs(),
        server_time_ms: row.get(6)?,
        office_epoch: row.get(7)?,
    })
}
