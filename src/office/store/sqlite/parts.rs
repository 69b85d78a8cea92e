//! Sealed parts on their way in: stored as they come, attached when their manifest is accepted.

use super::Store;
use crate::office::store::{Kept, LOOSE_KEPT_MS, MAX_LOOSE_PARTS, NewPart, StoreError};
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};
use uuid::Uuid;

impl Store {
    /// Stores a part once. Returns after it is on the disk.
    pub fn put_part(&self, part: &NewPart, now_ms: i64) -> Result<Kept, StoreError> {
        let mut connection = self.lock();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let stored: Option<([u8; 32], String)> = tx
            .prepare("SELECT sha256, kiosk_id FROM part WHERE submission_id = ?1 AND n = ?2")?
            .query_row(params![part.submission.as_bytes(), part.n], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((sha256, kiosk_id)) = stored {
            let same = sha256 == part.sha256 && kiosk_id == part.kiosk_id;
            return if same { Ok(Kept::Again) } else { Err(StoreError::Conflict) };
        }
        // An accepted submission has all its parts: one more is other content under its id.
        if is_accepted(&tx, part.submission)? {
            return Err(StoreError::Conflict);
        }
        make_room(&tx, &part.kiosk_id, now_ms)?;
        tx.prepare(
            "INSERT INTO part (submission_id, n, kiosk_id, received_ms, sha256, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            part.submission.as_bytes(),
            part.n,
            part.kiosk_id,
            now_ms,
            part.sha256,
            part.bytes
        ])?;
        tx.prepare("INSERT INTO loose_part (kiosk_id, submission_id, n) VALUES (?1, ?2, ?3)")?.execute(params![
            part.kiosk_id,
            part.submission.as_bytes(),
            part.n
        ])?;
        tx.commit()?;
        Ok(Kept::New)
    }
}

fn is_accepted(tx: &Transaction<'_>, submission: Uuid) -> Result<bool, StoreError> {
    Ok(tx.prepare("SELECT 1 FROM submission WHERE submission_id = ?1")?.exists([submission.as_bytes()])?)
}

fn make_room(tx: &Transaction<'_>, kiosk_id: &str, now_ms: i64) -> Result<(), StoreError> {
    let mut count = tx.prepare("SELECT count(*) FROM loose_part WHERE kiosk_id = ?1")?;
    if count.query_row([kiosk_id], |row| row.get::<_, i64>(0))? < MAX_LOOSE_PARTS {
        return Ok(());
    }
    tx.execute(
        "DELETE FROM part WHERE received_ms < ?2 AND (submission_id, n) IN
             (SELECT submission_id, n FROM loose_part WHERE kiosk_id = ?1)",
        params![kiosk_id, now_ms.saturating_sub(LOOSE_KEPT_MS)],
    )?;
    if count.query_row([kiosk_id], |row| row.get::<_, i64>(0))? < MAX_LOOSE_PARTS {
        Ok(())
    } else {
        Err(StoreError::TooManyLoose)
    }
}
