//! Sealed parts on their way in: stored as they come, attached when their manifest is accepted.

use crate::office::store::{Kept, LOOSE_KEPT_MS, MAX_LOOSE_PARTS, NewPart, StoreError};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

pub(super) fn put(db: &Connection, part: &NewPart, now_ms: i64) -> Result<Kept, StoreError> {
    let submission = part.submission.as_bytes();
    let stored: Option<([u8; 32], String)> = db
        .prepare_cached("SELECT sha256, kiosk_id FROM part WHERE submission_id = ?1 AND n = ?2")?
        .query_row(params![submission, part.n], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((sha256, kiosk_id)) = stored {
        let same = sha256 == part.sha256 && kiosk_id == part.kiosk_id;
        return if same { Ok(Kept::Again) } else { Err(StoreError::Conflict) };
    }
    // An accepted submission has all its parts: one more is other content under its id.
    if db.prepare_cached("SELECT 1 FROM submission WHERE submission_id = ?1")?.exists([submission])? {
        return Err(StoreError::Conflict);
    }
    if !db.prepare_cached("SELECT 1 FROM kiosk WHERE id = ?1")?.exists([&part.kiosk_id])? {
        return Err(StoreError::UnknownKiosk);
    }
    make_room(db, &part.kiosk_id, now_ms)?;
    db.prepare_cached(
        "INSERT INTO part (submission_id, n, kiosk_id, received_ms, sha256, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![submission, part.n, part.kiosk_id, now_ms, part.sha256, part.bytes])?;
    db.prepare_cached("INSERT INTO loose_part (kiosk_id, submission_id, n) VALUES (?1, ?2, ?3)")?.execute(params![
        part.kiosk_id,
        submission,
        part.n
    ])?;
    Ok(Kept::New)
}

pub(super) fn present(db: &Connection, submission: Uuid, kiosk_id: &str) -> Result<Vec<u16>, StoreError> {
    let mut query = db.prepare_cached("SELECT n FROM part WHERE submission_id = ?1 AND kiosk_id = ?2 ORDER BY n")?;
    let numbers = query.query_map(params![submission.as_bytes(), kiosk_id], |row| row.get(0))?;
    Ok(numbers.collect::<Result<_, _>>()?)
}

fn make_room(db: &Connection, kiosk_id: &str, now_ms: i64) -> Result<(), StoreError> {
    if count(db, kiosk_id)? < MAX_LOOSE_PARTS {
        return Ok(());
    }
    db.prepare_cached(
        "DELETE FROM part WHERE received_ms < ?2 AND (submission_id, n) IN
             (SELECT submission_id, n FROM loose_part WHERE kiosk_id = ?1)",
    )?
    .execute(params![kiosk_id, now_ms.saturating_sub(LOOSE_KEPT_MS)])?;
    if count(db, kiosk_id)? < MAX_LOOSE_PARTS { Ok(()) } else { Err(StoreError::TooManyLoose) }
}

fn count(db: &Connection, kiosk_id: &str) -> Result<i64, StoreError> {
    let mut count = db.prepare_cached("SELECT count(*) FROM loose_part WHERE kiosk_id = ?1")?;
    Ok(count.query_row([kiosk_id], |row| row.get(0))?)
}
