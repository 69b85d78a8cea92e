//! Who has an open dossier, by tag.

use crate::office::store::StoreError;
use rusqlite::{Connection, params};
use uuid::Uuid;

pub(super) fn is_open(db: &Connection, tag: &[u8; 32], oldest_ms: i64) -> Result<bool, StoreError> {
    Ok(db.prepare_cached("SELECT 1 FROM person WHERE tag = ?1 AND marked_ms >= ?2")?.exists(params![tag, oldest_ms])?)
}

pub(super) fn mark(
    db: &Connection,
    tag: &[u8; 32],
    dossier: Uuid,
    now_ms: i64,
    oldest_ms: i64,
) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM person WHERE marked_ms < ?1")?.execute([oldest_ms])?;
    db.prepare_cached(
        "INSERT INTO person (tag, dossier_id, marked_ms) SELECT ?1, ?2, ?3 WHERE NOT EXISTS (
             SELECT 1 FROM submission s LEFT JOIN slip l ON l.lookup_hash = s.lookup_hash
                  LEFT JOIN change c ON c.submission_id = s.submission_id
             WHERE s.dossier_id = ?2
               AND (l.void_ms IS NOT NULL OR c.state = 'handed_over' OR c.state LIKE 'national-%'))
         ON CONFLICT (tag, dossier_id) DO UPDATE SET marked_ms = excluded.marked_ms",
    )?
    .execute(params![tag, dossier.as_bytes(), now_ms])?;
    Ok(())
}

pub(super) fn erase(db: &Connection, dossier: Uuid) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM person WHERE dossier_id = ?1")?.execute([dossier.as_bytes()])?;
    Ok(())
}

pub(super) fn erase_of(db: &Connection, submission: Uuid) -> Result<(), StoreError> {
    db.prepare_cached(
        "DELETE FROM person WHERE dossier_id = (SELECT dossier_id FROM submission WHERE submission_id = ?1)",
    )?
    .execute([submission.as_bytes()])?;
    Ok(())
}
