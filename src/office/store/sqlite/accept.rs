//! Accepting a submission: all of it or nothing, its receipt number in the same transaction.

use crate::office::store::dossier::{HerePart, check_parts, same_submission};
use crate::office::store::{Accepted, Kept, NewSubmission, StoreError, Stored};
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

pub(super) fn accept(db: &Connection, new: &NewSubmission, now_ms: i64) -> Result<Accepted, StoreError> {
    if let Some(stored) = find(db, new.submission_id)? {
        return same_submission(stored, new);
    }
    if !db.prepare_cached("SELECT 1 FROM kiosk WHERE id = ?1")?.exists([&new.kiosk_id])? {
        return Err(StoreError::UnknownKiosk);
    }
    let kiosk_seq = i64::try_from(new.kiosk_seq).map_err(|_| StoreError::Conflict)?;
    let is_used = db
        .prepare_cached("SELECT 1 FROM submission WHERE kiosk_id = ?1 AND db_epoch = ?2 AND kiosk_seq = ?3")?
        .exists(params![new.kiosk_id, new.db_epoch, kiosk_seq])?;
    if is_used {
        return Err(StoreError::Conflict);
    }
    check_parts(new, &parts_here(db, new.submission_id)?)?;
    insert(db, new, kiosk_seq, now_ms)?;
    db.prepare_cached("DELETE FROM loose_part WHERE submission_id = ?1")?.execute([new.submission_id.as_bytes()])?;
    let stored = find(db, new.submission_id)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok(Accepted { kept: Kept::New, stored })
}

fn parts_here(db: &Connection, submission: Uuid) -> Result<Vec<HerePart>, StoreError> {
    let mut query =
        db.prepare_cached("SELECT n, sha256, length(bytes), kiosk_id FROM part WHERE submission_id = ?1 ORDER BY n")?;
    let rows = query.query_map([submission.as_bytes()], |row| {
        let len: i64 = row.get(2)?;
        Ok(HerePart { n: row.get(0)?, sha256: row.get(1)?, len: len.unsigned_abs(), kiosk_id: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn insert(db: &Connection, new: &NewSubmission, kiosk_seq: i64, now_ms: i64) -> Result<(), StoreError> {
    let receipt_no: i64 = db
        .prepare_cached("UPDATE meta SET next_receipt_no = next_receipt_no + 1 RETURNING next_receipt_no - 1")?
        .query_row([], |row| row.get(0))?;
    db.prepare_cached(
        "INSERT INTO submission (submission_id, dossier_id, kiosk_id, db_epoch, kiosk_seq, supersedes, lookup_hash,
                                 manifest, manifest_sig, manifest_sha256, receipt_no, server_time_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?
    .execute(params![
        new.submission_id.as_bytes(),
        new.dossier_id.as_bytes(),
        new.kiosk_id,
        new.db_epoch,
        kiosk_seq,
        new.supersedes.as_ref().map(Uuid::as_bytes),
        new.lookup_hash,
        new.manifest,
        new.signature,
        new.manifest_sha256(),
        receipt_no,
        now_ms,
    ])?;
    Ok(())
}

pub(super) fn find(db: &Connection, id: Uuid) -> Result<Option<Stored>, StoreError> {
    let found = db
        .prepare_cached(
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
