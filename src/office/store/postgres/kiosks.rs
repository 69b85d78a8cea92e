//! Who may deliver, the codes with which they enrol, and their heartbeats.

use super::rows;
use crate::gateway::wire::Beat;
use crate::office::store::beat::{Mark, grows, longer, number};
use crate::office::store::kiosk::{LIST, Offered, Try, admit, checked_name, judge};
use crate::office::store::{CodeHash, Enrolment, Heard, Kept, Kiosk, Listed, Redeemed, StoreError};
use deadpool_postgres::{GenericClient, Transaction};
use ed25519_dalek::VerifyingKey;
use tokio_postgres::Row;

pub(super) async fn find(db: &impl GenericClient, id: &str) -> Result<Option<Kiosk>, StoreError> {
    let sql = "SELECT public_key, name, key_storage, revoked FROM kiosk WHERE id = $1";
    let Some(row) = rows::one(db, sql, &[&id]).await? else { return Ok(None) };
    let key = VerifyingKey::from_bytes(&rows::bytes(&row, 0)?);
    let key = key.map_err(|_| StoreError::Setting("kiosk.public_key"))?;
    Ok(Some(Kiosk { key, name: row.try_get(1)?, key_storage: row.try_get(2)?, revoked: row.try_get(3)? }))
}

pub(super) async fn list(db: &impl GenericClient) -> Result<Vec<Listed>, StoreError> {
    rows::all(db, LIST, &[]).await?.iter().map(listed).collect()
}

fn listed(row: &Row) -> Result<Listed, StoreError> {
    let heard = match row.try_get::<_, Option<i64>>(5)? {
        None => None,
        Some(at_ms) => Some(Heard {
            at_ms,
            program: row.try_get(6)?,
            queued: row.try_get(7)?,
            received: row.try_get(8)?,
            attention: row.try_get(9)?,
            oldest_queued_s: row.try_get(10)?,
            clock_offset_ms: row.try_get(11)?,
            disk_free_bytes: row.try_get(12)?,
            quarantined: row.try_get(13)?,
            bundle_version: row.try_get(14)?,
            broken_ms: row.try_get(15)?,
        }),
    };
    Ok(Listed {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        key_storage: row.try_get(2)?,
        revoked: row.try_get(3)?,
        enrolled_ms: row.try_get(4)?,
        heard,
    })
}

pub(super) async fn enrol(tx: &Transaction<'_>, new: &Enrolment, now_ms: i64) -> Result<Kept, StoreError> {
    let kept = admit(find(tx, &new.kiosk_id).await?.as_ref(), new)?;
    if kept == Kept::Again {
        return Ok(kept);
    }
    let inserted = rows::change(
        tx,
        "INSERT INTO kiosk (id, public_key, name, key_storage, enrolled_ms) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
        &[&new.kiosk_id, &&new.key.as_bytes()[..], &new.name, &new.key_storage, &now_ms],
    )
    .await?;
    // None: somebody else took the name since; the insert has waited for his commit.
    if inserted == 1 { Ok(kept) } else { admit(find(tx, &new.kiosk_id).await?.as_ref(), new) }
}

pub(super) async fn revoke(db: &impl GenericClient, id: &str) -> Result<(), StoreError> {
    let changed = rows::change(db, "UPDATE kiosk SET revoked = true WHERE id = $1", &[&id]).await?;
    if changed == 0 { Err(StoreError::UnknownKiosk) } else { Ok(()) }
}

pub(super) async fn offer(
    tx: &Transaction<'_>,
    kiosk_id: &str,
    code: &CodeHash,
    expires_ms: i64,
) -> Result<(), StoreError> {
    checked_name(kiosk_id)?;
    if find(tx, kiosk_id).await?.is_some_and(|kiosk| kiosk.revoked) {
        return Err(StoreError::Revoked);
    }
    rows::change(
        tx,
        "INSERT INTO enrolment_code (kiosk_id, code_hash, expires_ms) VALUES ($1, $2, $3)
         ON CONFLICT (kiosk_id) DO UPDATE SET code_hash = $2, expires_ms = $3, wrong_tries = 0, used_key = NULL",
        &[&kiosk_id, &&code[..], &expires_ms],
    )
    .await?;
    Ok(())
}

pub(super) async fn redeem(
    tx: &Transaction<'_>,
    code: &CodeHash,
    new: &Enrolment,
    now_ms: i64,
) -> Result<Redeemed, StoreError> {
    let id = &new.kiosk_id;
    // Locked: of many tries at once each is counted.
    let sql = "SELECT code_hash, expires_ms, wrong_tries, used_key FROM enrolment_code WHERE kiosk_id = $1 FOR UPDATE";
    let offered = match rows::one(tx, sql, &[id]).await? {
        Some(row) => Some(Offered {
            code: rows::bytes(&row, 0)?,
            expires_ms: row.try_get(1)?,
            wrong_tries: u8::try_from(row.try_get::<_, i32>(2)?).unwrap_or(u8::MAX),
            used_key: rows::bytes_or_null(&row, 3)?,
        }),
        None => None,
    };
    match judge(offered.as_ref(), code, &new.key, now_ms) {
        Try::Right => {
            let kept = enrol(tx, new, now_ms).await?;
            let sql = "UPDATE enrolment_code SET used_key = $2 WHERE kiosk_id = $1";
            rows::change(tx, sql, &[id, &&new.key.as_bytes()[..]]).await?;
            Ok(Redeemed::Enrolled(kept))
        }
        Try::Wrong(left) => {
            let sql = "UPDATE enrolment_code SET wrong_tries = wrong_tries + 1 WHERE kiosk_id = $1";
            rows::change(tx, sql, &[id]).await?;
            Ok(Redeemed::Wrong(left))
        }
        Try::Void => Ok(Redeemed::Void),
    }
}

pub(super) async fn hear(tx: &Transaction<'_>, kiosk_id: &str, beat: &Beat, now_ms: i64) -> Result<bool, StoreError> {
    // Locked: of two heartbeats at once the second one is held against the first.
    let sql = "SELECT 1 FROM kiosk WHERE id = $1 FOR NO KEY UPDATE";
    rows::one(tx, sql, &[&kiosk_id]).await?.ok_or(StoreError::UnknownKiosk)?;
    let row =
        rows::one(tx, "SELECT mark_seq, mark_head, broken_ms FROM beat WHERE kiosk_id = $1", &[&kiosk_id]).await?;
    let (known, was_broken_ms) = match row {
        Some(row) => (Some(Mark { seq: row.try_get(0)?, head: rows::bytes(&row, 1)? }), row.try_get(2)?),
        None => (None, None),
    };
    let said = Mark { seq: number(beat.journal_seq), head: beat.journal_head };
    let is_good = grows(known, said);
    let mark = longer(known, said);
    let broken_ms: Option<i64> = was_broken_ms.or((!is_good).then_some(now_ms));
    rows::change(
        tx,
        "INSERT INTO beat (kiosk_id, heard_ms, program, queued, received, attention, oldest_queued_s, clock_offset_ms,
             disk_free_bytes, quarantined, key_storage, bundle_version, journal_seq, journal_head, mark_seq, mark_head,
             broken_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
         ON CONFLICT (kiosk_id) DO UPDATE SET heard_ms = $2, program = $3, queued = $4, received = $5, attention = $6,
             oldest_queued_s = $7, clock_offset_ms = $8, disk_free_bytes = $9, quarantined = $10, key_storage = $11,
             bundle_version = $12, journal_seq = $13, journal_head = $14, mark_seq = $15, mark_head = $16,
             broken_ms = $17",
        &[
            &kiosk_id,
            &now_ms,
            &beat.program,
            &i64::from(beat.queued),
            &i64::from(beat.received),
            &i64::from(beat.attention),
            &beat.oldest_queued_s.map(number),
            &beat.clock_offset_ms,
            &number(beat.disk_free_bytes),
            &i64::from(beat.quarantined),
            &beat.key_storage,
            &number(beat.bundle_version),
            &said.seq,
            &&said.head[..],
            &mark.seq,
            &&mark.head[..],
            &broken_ms,
        ],
    )
    .await?;
    Ok(is_good)
}
