//! Accepting a submission: all of it or nothing, its receipt number in the same transaction.

use super::parts::lock_number;
use super::rows::{self, bytes};
use crate::office::store::dossier::{HerePart, check_parts, same_submission};
use crate::office::store::{Accepted, Kept, NewSubmission, Row, StoreError, Stored};
use deadpool_postgres::{GenericClient, Transaction};
use uuid::Uuid;

const STORED: &str = "SELECT dossier_id, submission_id, kiosk_id, db_epoch, manifest_sha256, receipt_no,
    server_time_ms, (SELECT office_epoch FROM meta), supersedes, manifest, manifest_sig FROM submission";

pub(super) async fn accept(tx: &Transaction<'_>, new: &NewSubmission, now_ms: i64) -> Result<Accepted, StoreError> {
    rows::one(tx, "SELECT pg_advisory_xact_lock($1)", &[&lock_number(new.submission_id)]).await?;
    if let Some(stored) = find(tx, new.submission_id).await? {
        return same_submission(stored, new);
    }
    if rows::one(tx, "SELECT 1 FROM kiosk WHERE id = $1", &[&new.kiosk_id]).await?.is_none() {
        return Err(StoreError::UnknownKiosk);
    }
    let kiosk_seq = i64::try_from(new.kiosk_seq).map_err(|_| StoreError::Conflict)?;
    let used = "SELECT 1 FROM submission WHERE kiosk_id = $1 AND db_epoch = $2 AND kiosk_seq = $3";
    if rows::one(tx, used, &[&new.kiosk_id, &&new.db_epoch[..], &kiosk_seq]).await?.is_some() {
        return Err(StoreError::Conflict);
    }
    take_parts(tx, new).await?;
    let stored = insert(tx, new, kiosk_seq, now_ms).await?;
    Ok(Accepted { kept: Kept::New, stored })
}

/// From here on nobody makes room by deleting them. A refusal rolls this back.
async fn take_parts(tx: &Transaction<'_>, new: &NewSubmission) -> Result<(), StoreError> {
    let id = &new.submission_id.as_bytes()[..];
    let lock = "SELECT 1 FROM loose_part WHERE submission_id = $1 ORDER BY n FOR UPDATE";
    rows::all(tx, lock, &[&id]).await?;
    rows::change(tx, "DELETE FROM loose_part WHERE submission_id = $1", &[&id]).await?;
    let sql = "SELECT n, sha256, length(bytes)::bigint, kiosk_id FROM part WHERE submission_id = $1 ORDER BY n";
    let mut here = Vec::new();
    for row in rows::all(tx, sql, &[&id]).await? {
        let (n, sha256, len) = (rows::part_number(&row, 0)?, bytes(&row, 1)?, rows::count(&row, 2)?);
        here.push(HerePart { n, sha256, len, kiosk_id: row.try_get(3)? });
    }
    check_parts(new, &here)
}

/// Takes the next number and uses it, in one statement: the number's row stays locked until the commit, which comes next,
/// and everybody else who is to be accepted waits for it.
async fn insert(tx: &Transaction<'_>, new: &NewSubmission, kiosk_seq: i64, now_ms: i64) -> Result<Stored, StoreError> {
    let supersedes = new.supersedes.as_ref().map(|id| &id.as_bytes()[..]);
    let inserted = rows::one(
        tx,
        "WITH number AS (UPDATE meta SET next_receipt_no = next_receipt_no + 1
                         RETURNING next_receipt_no - 1 AS receipt_no, office_epoch)
         INSERT INTO submission (submission_id, dossier_id, kiosk_id, db_epoch, kiosk_seq, supersedes, lookup_hash,
                                 manifest, manifest_sig, manifest_sha256, server_time_ms, receipt_no)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, receipt_no FROM number
         ON CONFLICT DO NOTHING
         RETURNING dossier_id, submission_id, kiosk_id, db_epoch, manifest_sha256, receipt_no, server_time_ms,
                   (SELECT office_epoch FROM number)",
        &[
            &&new.submission_id.as_bytes()[..],
            &&new.dossier_id.as_bytes()[..],
            &new.kiosk_id,
            &&new.db_epoch[..],
            &kiosk_seq,
            &supersedes,
            &&new.lookup_hash[..],
            &new.manifest,
            &&new.signature[..],
            &&new.manifest_sha256()[..],
            &now_ms,
        ],
    )
    .await?;
    // None: the kiosk's own number was used since it was looked for. The office's number goes back with the rollback.
    stored(&inserted.ok_or(StoreError::Conflict)?)
}

pub(super) async fn find(db: &impl GenericClient, id: Uuid) -> Result<Option<Stored>, StoreError> {
    let sql = format!("{STORED} WHERE submission_id = $1");
    rows::one(db, &sql, &[&&id.as_bytes()[..]]).await?.as_ref().map(stored).transpose()
}

pub(super) async fn next_after(db: &impl GenericClient, receipt_no: u64) -> Result<Option<Row>, StoreError> {
    let after = i64::try_from(receipt_no).unwrap_or(i64::MAX);
    let sql = format!("{STORED} WHERE receipt_no > $1 ORDER BY receipt_no LIMIT 1");
    let Some(row) = rows::one(db, &sql, &[&after]).await? else { return Ok(None) };
    let stored = stored(&row)?;
    // An accepted submission never changes, so its parts need no common snapshot with it.
    let sql = "SELECT bytes FROM part WHERE submission_id = $1 ORDER BY n";
    let found = rows::all(db, sql, &[&&stored.submission_id.as_bytes()[..]]).await?;
    let parts = found.iter().map(|part| part.try_get(0)).collect::<Result<_, _>>()?;
    let supersedes = rows::bytes_or_null(&row, 8)?.map(Uuid::from_bytes);
    Ok(Some(Row { stored, supersedes, manifest: row.try_get(9)?, signature: bytes(&row, 10)?, parts }))
}

/// The first eight columns, in the order of [`Stored`].
pub(super) fn stored(row: &tokio_postgres::Row) -> Result<Stored, StoreError> {
    Ok(Stored {
        dossier_id: Uuid::from_bytes(bytes(row, 0)?),
        submission_id: Uuid::from_bytes(bytes(row, 1)?),
        kiosk_id: row.try_get(2)?,
        db_epoch: bytes(row, 3)?,
        manifest_sha256: bytes(row, 4)?,
        receipt_no: rows::count(row, 5)?,
        server_time_ms: row.try_get(6)?,
        office_epoch: bytes(row, 7)?,
    })
}
