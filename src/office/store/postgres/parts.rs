//! Sealed parts on their way in: stored as they come, attached when their manifest is accepted.

use super::rows;
use crate::office::store::{Kept, LOOSE_KEPT_MS, MAX_LOOSE_PARTS, NewPart, StoreError};
use deadpool_postgres::{GenericClient, Transaction};
use uuid::Uuid;

/// The advisory lock of a submission: parts share it, its acceptance has it alone. Two submissions with the same number
/// only wait for each other.
pub(super) fn lock_number(submission: Uuid) -> i64 {
    let (high, low) = submission.as_u64_pair();
    (high ^ low).cast_signed()
}

pub(super) async fn put(tx: &Transaction<'_>, part: &NewPart, now_ms: i64) -> Result<Kept, StoreError> {
    rows::one(tx, "SELECT pg_advisory_xact_lock_shared($1)", &[&lock_number(part.submission)]).await?;
    if let Some(kept) = here(tx, part).await? {
        return kept;
    }
    let (id, n) = (&part.submission.as_bytes()[..], i32::from(part.n));
    // An accepted submission has all its parts: one more is other content under its id.
    if rows::one(tx, "SELECT 1 FROM submission WHERE submission_id = $1", &[&id]).await?.is_some() {
        return Err(StoreError::Conflict);
    }
    if rows::one(tx, "SELECT 1 FROM kiosk WHERE id = $1", &[&part.kiosk_id]).await?.is_none() {
        return Err(StoreError::UnknownKiosk);
    }
    make_room(tx, &part.kiosk_id, now_ms).await?;
    let inserted = rows::change(
        tx,
        "INSERT INTO part (submission_id, n, kiosk_id, sha256, bytes) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
        &[&id, &n, &part.kiosk_id, &&part.sha256[..], &part.bytes],
    )
    .await?;
    if inserted == 0 {
        // Somebody else put it since; the insert has waited for his commit.
        return here(tx, part).await?.unwrap_or(Err(StoreError::Unavailable));
    }
    rows::change(
        tx,
        "INSERT INTO loose_part (submission_id, n, kiosk_id, received_ms) VALUES ($1, $2, $3, $4)",
        &[&id, &n, &part.kiosk_id, &now_ms],
    )
    .await?;
    Ok(Kept::New)
}

/// The answer if the part's place is taken.
async fn here(tx: &Transaction<'_>, part: &NewPart) -> Result<Option<Result<Kept, StoreError>>, StoreError> {
    let place: rows::Values<'_> = &[&&part.submission.as_bytes()[..], &i32::from(part.n)];
    let sql = "SELECT sha256, kiosk_id FROM part WHERE submission_id = $1 AND n = $2";
    let Some(row) = rows::one(tx, sql, place).await? else { return Ok(None) };
    let same = rows::bytes(&row, 0)? == part.sha256 && row.try_get::<_, &str>(1)? == part.kiosk_id;
    Ok(Some(if same { Ok(Kept::Again) } else { Err(StoreError::Conflict) }))
}

pub(super) async fn present(db: &impl GenericClient, submission: Uuid, kiosk_id: &str) -> Result<Vec<u16>, StoreError> {
    let sql = "SELECT n FROM part WHERE submission_id = $1 AND kiosk_id = $2 ORDER BY n";
    let found = rows::all(db, sql, &[&&submission.as_bytes()[..], &kiosk_id]).await?;
    found.iter().map(|row| rows::part_number(row, 0)).collect()
}

async fn make_room(tx: &Transaction<'_>, kiosk_id: &str, now_ms: i64) -> Result<(), StoreError> {
    if count(tx, kiosk_id).await? < MAX_LOOSE_PARTS {
        return Ok(());
    }
    // Locked in the order of the key. A row that a manifest takes at the same moment is gone afterwards, and its part
    // stays.
    rows::change(
        tx,
        "WITH old AS (SELECT submission_id, n FROM loose_part WHERE kiosk_id = $1 AND received_ms < $2
                      ORDER BY submission_id, n FOR UPDATE),
              gone AS (DELETE FROM loose_part l USING old WHERE l.submission_id = old.submission_id AND l.n = old.n
                       RETURNING l.submission_id, l.n)
         DELETE FROM part p USING gone WHERE p.submission_id = gone.submission_id AND p.n = gone.n",
        &[&kiosk_id, &now_ms.saturating_sub(LOOSE_KEPT_MS)],
    )
    .await?;
    if count(tx, kiosk_id).await? < MAX_LOOSE_PARTS { Ok(()) } else { Err(StoreError::TooManyLoose) }
}

async fn count(tx: &Transaction<'_>, kiosk_id: &str) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM loose_part WHERE kiosk_id = $1";
    Ok(rows::only(tx, sql, &[&kiosk_id]).await?.try_get(0)?)
}
