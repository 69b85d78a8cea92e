//! The log of what became of submissions, and the portal's codes.

use super::{persons, rows};
use crate::office::store::status::{change, checked_portal_code, joined, one_more_than};
use crate::office::store::{Change, Changes, Kept, State, Status, StoreError};
use deadpool_postgres::{GenericClient, Transaction};
use tokio_postgres::Row;
use uuid::Uuid;

pub(super) async fn set(tx: &Transaction<'_>, status: &Status, now_ms: i64) -> Result<Kept, StoreError> {
    let id = status.submission_id();
    let id = &id.as_bytes()[..];
    let sql = "SELECT kiosk_id, EXISTS (SELECT 1 FROM portal_code p WHERE p.dossier_id = s.dossier_id)
               FROM submission s WHERE submission_id = $1";
    let row = rows::one(tx, sql, &[&id]).await?.ok_or(StoreError::UnknownSubmission)?;
    let (kiosk_id, has_code): (String, bool) = (row.try_get(0)?, row.try_get(1)?);
    if matches!(status.state(), State::National(_)) && !has_code {
        return Err(StoreError::NoPortalCode);
    }
    if is_latest(tx, status).await? {
        return Ok(Kept::Again);
    }
    let next = "UPDATE meta SET next_change_no = next_change_no + 1 RETURNING next_change_no - 1";
    let no: i64 = rows::only(tx, next, &[]).await?.try_get(0)?;
    // Looked at again behind the number's row: of two changes at once the second one is held against the first.
    if is_latest(tx, status).await? {
        rows::change(tx, "UPDATE meta SET next_change_no = $1", &[&no]).await?;
        return Ok(Kept::Again);
    }
    rows::change(
        tx,
        "INSERT INTO change (no, kiosk_id, submission_id, state, reason, fields, at_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[&no, &kiosk_id, &id, &status.state().name(), &status.reason(), &joined(status.fields()), &now_ms],
    )
    .await?;
    if status.state().is_done() {
        persons::erase_of(tx, status.submission_id()).await?;
    }
    Ok(Kept::New)
}

async fn is_latest(tx: &Transaction<'_>, status: &Status) -> Result<bool, StoreError> {
    let sql = "SELECT no, submission_id, state, reason, fields, at_ms FROM change
               WHERE submission_id = $1 ORDER BY no DESC LIMIT 1";
    let latest = rows::one(tx, sql, &[&&status.submission_id().as_bytes()[..]]).await?;
    Ok(latest.as_ref().map(read).transpose()?.is_some_and(|latest| latest.status == *status))
}

pub(super) async fn since(
    db: &impl GenericClient,
    kiosk_id: &str,
    cursor: u64,
    limit: usize,
) -> Result<Changes, StoreError> {
    let after = i64::try_from(cursor).unwrap_or(i64::MAX);
    let sql = "SELECT no, submission_id, state, reason, fields, at_ms FROM change
               WHERE kiosk_id = $1 AND no > $2 ORDER BY no LIMIT $3";
    let found = rows::all(db, sql, &[&kiosk_id, &after, &one_more_than(limit)]).await?;
    Ok(Changes::cut(found.iter().map(read).collect::<Result<_, _>>()?, limit))
}

pub(super) async fn record_portal_code(
    tx: &Transaction<'_>,
    dossier: Uuid,
    code: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    checked_portal_code(code)?;
    let id = &dossier.as_bytes()[..];
    let known = rows::one(tx, "SELECT 1 FROM submission WHERE dossier_id = $1 LIMIT 1", &[&id]).await?;
    known.ok_or(StoreError::UnknownSubmission)?;
    rows::change(
        tx,
        "INSERT INTO portal_code (dossier_id, code, recorded_ms) VALUES ($1, $2, $3)
         ON CONFLICT (dossier_id) DO UPDATE SET code = $2, recorded_ms = $3",
        &[&id, &code, &now_ms],
    )
    .await?;
    Ok(())
}

fn read(row: &Row) -> Result<Change, StoreError> {
    let (state, fields): (&str, &str) = (row.try_get(2)?, row.try_get(4)?);
    let id = Uuid::from_bytes(rows::bytes(row, 1)?);
    change(row.try_get(0)?, id, state, row.try_get(3)?, fields, row.try_get(5)?)
}
