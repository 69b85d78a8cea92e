//! What is known of the citizens' slips.

use super::accept::stored;
use super::persons;
use crate::office::store::{LookupHash, MAX_OPENINGS, Slip, StoreError};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

pub(super) fn find(db: &Connection, hash: &LookupHash) -> Result<Option<Slip>, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT s.dossier_id, s.submission_id, s.kiosk_id, s.db_epoch, s.manifest_sha256, s.receipt_no,
                    s.server_time_ms, (SELECT office_epoch FROM meta), s.manifest,
                    coalesce(l.openings, 0), l.void_ms, p.code
             FROM submission s LEFT JOIN slip l ON l.lookup_hash = s.lookup_hash
                  LEFT JOIN portal_code p ON p.dossier_id = s.dossier_id
             WHERE s.lookup_hash = ?1 ORDER BY s.receipt_no DESC LIMIT 1",
        )?
        .query_row([hash], |row| {
            Ok(Slip {
                newest: stored(row)?,
                manifest: row.get(8)?,
                openings: row.get(9)?,
                void_ms: row.get(10)?,
                portal_code: row.get(11)?,
            })
        })
        .optional()?;
    Ok(found)
}

pub(super) fn count_opening(db: &Connection, hash: &LookupHash) -> Result<u32, StoreError> {
    let openings = db
        .prepare_cached(
            "INSERT INTO slip (lookup_hash, openings) VALUES (?1, 1)
             ON CONFLICT (lookup_hash) DO UPDATE SET openings = min(openings, ?2) + 1 RETURNING openings",
        )?
        .query_row(params![hash, MAX_OPENINGS], |row| row.get(0))?;
    Ok(openings)
}

pub(super) fn clear_openings(db: &Connection, hash: &LookupHash) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE slip SET openings = 0 WHERE lookup_hash = ?1 AND openings <= ?2")?
        .execute(params![hash, MAX_OPENINGS])?;
    Ok(())
}

pub(super) fn void(db: &Connection, dossier: Uuid, now_ms: i64) -> Result<(), StoreError> {
    let known = db
        .prepare_cached(
            "INSERT INTO slip (lookup_hash, void_ms) SELECT DISTINCT lookup_hash, ?2 FROM submission WHERE dossier_id = ?1
             ON CONFLICT (lookup_hash) DO UPDATE SET void_ms = coalesce(void_ms, excluded.void_ms)",
        )?
        .execute(params![dossier.as_bytes(), now_ms])?;
    persons::erase(db, dossier)?;
    if known == 0 { Err(StoreError::UnknownSubmission) } else { Ok(()) }
}

pub(super) fn part(db: &Connection, submission: Uuid, n: u16) -> Result<Option<Vec<u8>>, StoreError> {
    let mut query = db.prepare_cached("SELECT bytes FROM part WHERE submission_id = ?1 AND n = ?2")?;
    Ok(query.query_row(params![submission.as_bytes(), n], |row| row.get(0)).optional()?)
}
