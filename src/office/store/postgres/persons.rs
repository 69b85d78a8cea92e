//! Who has an open dossier, by tag.

use super::rows;
use crate::office::store::StoreError;
use deadpool_postgres::{GenericClient, Transaction};
use uuid::Uuid;

pub(super) async fn is_open(db: &impl GenericClient, tag: &[u8; 32], oldest_ms: i64) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM person WHERE tag = $1 AND marked_ms >= $2 LIMIT 1";
    Ok(rows::one(db, sql, &[&&tag[..], &oldest_ms]).await?.is_some())
}

pub(super) async fn mark(
    tx: &Transaction<'_>,
    tag: &[u8; 32],
    dossier: Uuid,
    now_ms: i64,
    oldest_ms: i64,
) -> Result<(), StoreError> {
    rows::change(tx, "DELETE FROM person WHERE marked_ms < $1", &[&oldest_ms]).await?;
    let sql = "INSERT INTO person (tag, dossier_id, marked_ms)
               SELECT $1::bytea, $2::bytea, $3::bigint WHERE NOT EXISTS (
                   SELECT 1 FROM submission s LEFT JOIN slip l ON l.lookup_hash = s.lookup_hash
                        LEFT JOIN change c ON c.submission_id = s.submission_id
                   WHERE s.dossier_id = $2
                     AND (l.void_ms IS NOT NULL OR c.state = 'handed_over' OR c.state LIKE 'national-%'))
               ON CONFLICT (tag, dossier_id) DO UPDATE SET marked_ms = excluded.marked_ms";
    rows::change(tx, sql, &[&&tag[..], &&dossier.as_bytes()[..], &now_ms]).await?;
    Ok(())
}

pub(super) async fn erase(tx: &Transaction<'_>, dossier: Uuid) -> Result<(), StoreError> {
    rows::change(tx, "DELETE FROM person WHERE dossier_id = $1", &[&&dossier.as_bytes()[..]]).await?;
    Ok(())
}

pub(super) async fn erase_of(tx: &Transaction<'_>, submission: Uuid) -> Result<(), StoreError> {
    let sql = "DELETE FROM person WHERE dossier_id = (SELECT dossier_id FROM submission WHERE submission_id = $1)";
    rows::change(tx, sql, &[&&submission.as_bytes()[..]]).await?;
    Ok(())
}
