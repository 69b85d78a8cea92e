//! The log of what became of submissions, and the portal's codes.

use super::persons;
use crate::office::store::status::{change, checked_portal_code, joined, one_more_than};
use crate::office::store::{Change, Changes, Kept, State, Status, StoreError};
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

pub(super) fn set(db: &Connection, status: &Status, now_ms: i64) -> Result<Kept, StoreError> {
    let id = status.submission_id();
    let (kiosk_id, has_code): (String, bool) = db
        .prepare_cached(
            "SELECT kiosk_id, EXISTS (SELECT 1 FROM portal_code p WHERE p.dossier_id = s.dossier_id)
             FROM submission s WHERE submission_id = ?1",
        )?
        .query_row([id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or(StoreError::UnknownSubmission)?;
    if matches!(status.state(), State::National(_)) && !has_code {
        return Err(StoreError::NoPortalCode);
    }
    let latest = db
        .prepare_cached(
            "SELECT no, submission_id, state, reason, fields, at_ms FROM change
             WHERE submission_id = ?1 ORDER BY no DESC LIMIT 1",
        )?
        .query_row([id.as_bytes()], read)
        .optional()?;
    if latest.transpose()?.is_some_and(|latest| latest.status == *status) {
        return Ok(Kept::Again);
    }
    let no: i64 = db
        .prepare_cached("UPDATE meta SET next_change_no = next_change_no + 1 RETURNING next_change_no - 1")?
        .query_row([], |row| row.get(0))?;
    let (state, fields) = (status.state().name(), joined(status.fields()));
    db.prepare_cached(
        "INSERT INTO change (no, kiosk_id, submission_id, state, reason, fields, at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![no, kiosk_id, id.as_bytes(), state, status.reason(), fields, now_ms])?;
    if status.state().is_done() {
        persons::erase_of(db, status.submission_id())?;
    }
    Ok(Kept::New)
}

pub(super) fn since(db: &Connection, kiosk_id: &str, cursor: u64, limit: usize) -> Result<Changes, StoreError> {
    let after = i64::try_from(cursor).unwrap_or(i64::MAX);
    let mut query = db.prepare_cached(
        "SELECT no, submission_id, state, reason, fields, at_ms FROM change
         WHERE kiosk_id = ?1 AND no > ?2 ORDER BY no LIMIT ?3",
    )?;
    let rows = query.query_map(params![kiosk_id, after, one_more_than(limit)], read)?;
    let entries = rows.collect::<rusqlite::Result<Result<Vec<_>, _>>>()??;
    Ok(Changes::cut(entries, limit))
}

pub(super) fn record_portal_code(db: &Connection, dossier: Uuid, code: &str, now_ms: i64) -> Result<(), StoreError> {
    checked_portal_code(code)?;
    if !db.prepare_cached("SELECT 1 FROM submission WHERE dossier_id = ?1")?.exists([dossier.as_bytes()])? {
        return Err(StoreError::UnknownSubmission);
    }
    db.execute(
        "INSERT OR REPLACE INTO portal_code (dossier_id, code, recorded_ms) VALUES (?1, ?2, ?3)",
        params![dossier.as_bytes(), code, now_ms],
    )?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<Change, StoreError>> {
    let (no, id): (i64, [u8; 16]) = (row.get(0)?, row.get(1)?);
    let (state, reason, fields): (String, Option<String>, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
    Ok(change(no, Uuid::from_bytes(id), &state, reason, &fields, row.get(5)?))
}
