//! What is known of the citizens' slips.

use super::accept::stored;
use super::{persons, rows};
use crate::office::store::{LookupHash, MAX_OPENINGS, Slip, StoreError};
use deadpool_postgres::{GenericClient, Transaction};
use uuid::Uuid;

pub(super) async fn find(db: &impl GenericClient, hash: &LookupHash) -> Result<Option<Slip>, StoreError> {
    let sql = "SELECT s.dossier_id, s.submission_id, s.kiosk_id, s.db_epoch, s.manifest_sha256, s.receipt_no,
                      s.server_time_ms, (SELECT office_epoch FROM meta), s.manifest,
                      coalesce(l.openings, 0), l.void_ms, p.code
               FROM submission s LEFT JOIN slip l ON l.lookup_hash = s.lookup_hash
                    LEFT JOIN portal_code p ON p.dossier_id = s.dossier_id
               WHERE s.lookup_hash = $1 ORDER BY s.receipt_no DESC LIMIT 1";
    let Some(row) = rows::one(db, sql, &[&&hash[..]]).await? else { return Ok(None) };
    Ok(Some(Slip {
        newest: stored(&row)?,
        manifest: row.try_get(8)?,
        openings: row.try_get::<_, i32>(9)?.unsigned_abs(),
        void_ms: row.try_get(10)?,
        portal_code: row.try_get(11)?,
    }))
}

pub(super) async fn count_opening(tx: &Transaction<'_>, hash: &LookupHash) -> Result<u32, StoreError> {
    let sql = "INSERT INTO slip (lookup_hash, openings) VALUES ($1, 1)
               ON CONFLICT (lookup_hash) DO UPDATE SET openings = least(slip.openings, $2) + 1 RETURNING openings";
    let most = MAX_OPENINGS.cast_signed();
    Ok(rows::only(tx, sql, &[&&hash[..], &most]).await?.try_get::<_, i32>(0)?.unsigned_abs())
}

pub(super) async fn clear_openings(tx: &Transaction<'_>, hash: &LookupHash) -> Result<(), StoreError> {
    let sql = "UPDATE slip SET openings = 0 WHERE lookup_hash = $1 AND openings <= $2";
    rows::change(tx, sql, &[&&hash[..], &MAX_OPENINGS.cast_signed()]).await?;
    Ok(())
}

pub(super) async fn void(tx: &Transaction<'_>, dossier: Uuid, now_ms: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO slip (lookup_hash, void_ms)
               SELECT DISTINCT lookup_hash, $2::bigint FROM submission WHERE dossier_id = $1
               ON CONFLICT (lookup_hash) DO UPDATE SET void_ms = coalesce(slip.void_ms, excluded.void_ms)";
    let known = rows::change(tx, sql, &[&&dossier.as_bytes()[..], &now_ms]).await?;
    persons::erase(tx, dossier).await?;
    if known == 0 { Err(StoreError::UnknownSubmission) } else { Ok(()) }
}

pub(super) async fn part(db: &impl GenericClient, submission: Uuid, n: u16) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT bytes FROM part WHERE submission_id = $1 AND n = $2";
    let found = rows::one(db, sql, &[&&submission.as_bytes()[..], &i32::from(n)]).await?;
    Ok(found.map(|row| row.try_get(0)).transpose()?)
}
