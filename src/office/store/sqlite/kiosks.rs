//! Who may deliver, the codes with which they enrol, and their heartbeats.

use crate::gateway::wire::Beat;
use crate::office::store::beat::{Mark, grows, longer, number};
use crate::office::store::kiosk::{LIST, Offered, Try, admit, checked_name, judge};
use crate::office::store::{CodeHash, Enrolment, Heard, Kept, Kiosk, Listed, Redeemed, StoreError};
use ed25519_dalek::VerifyingKey;
use rusqlite::{Connection, OptionalExtension, params};

pub(super) fn find(db: &Connection, id: &str) -> Result<Option<Kiosk>, StoreError> {
    let found: Option<([u8; 32], String, String, bool)> = db
        .prepare_cached("SELECT public_key, name, key_storage, revoked FROM kiosk WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((bytes, name, key_storage, revoked)) = found else { return Ok(None) };
    let key = VerifyingKey::from_bytes(&bytes).map_err(|_| StoreError::Setting("kiosk.public_key"))?;
    Ok(Some(Kiosk { key, name, key_storage, revoked }))
}

pub(super) fn list(db: &Connection) -> Result<Vec<Listed>, StoreError> {
    let mut all = db.prepare_cached(LIST)?;
    let rows = all.query_map([], |row| {
        let heard = match row.get::<_, Option<i64>>(5)? {
            None => None,
            Some(at_ms) => Some(Heard {
                at_ms,
                program: row.get(6)?,
                queued: row.get(7)?,
                received: row.get(8)?,
                attention: row.get(9)?,
                oldest_queued_s: row.get(10)?,
                clock_offset_ms: row.get(11)?,
                disk_free_bytes: row.get(12)?,
                quarantined: row.get(13)?,
                bundle_version: row.get(14)?,
                broken_ms: row.get(15)?,
            }),
        };
        Ok(Listed {
            id: row.get(0)?,
            name: row.get(1)?,
            key_storage: row.get(2)?,
            revoked: row.get(3)?,
            enrolled_ms: row.get(4)?,
            heard,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn enrol(db: &Connection, new: &Enrolment, now_ms: i64) -> Result<Kept, StoreError> {
    let kept = admit(find(db, &new.kiosk_id)?.as_ref(), new)?;
    if kept == Kept::New {
        db.execute(
            "INSERT INTO kiosk (id, public_key, name, key_storage, enrolled_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![new.kiosk_id, new.key.as_bytes(), new.name, new.key_storage, now_ms],
        )?;
    }
    Ok(kept)
}

pub(super) fn revoke(db: &Connection, id: &str) -> Result<(), StoreError> {
    let changed = db.execute("UPDATE kiosk SET revoked = 1 WHERE id = ?1", [id])?;
    if changed == 0 { Err(StoreError::UnknownKiosk) } else { Ok(()) }
}

pub(super) fn offer(db: &Connection, kiosk_id: &str, code: &CodeHash, expires_ms: i64) -> Result<(), StoreError> {
    checked_name(kiosk_id)?;
    if find(db, kiosk_id)?.is_some_and(|kiosk| kiosk.revoked) {
        return Err(StoreError::Revoked);
    }
    db.execute(
        "INSERT OR REPLACE INTO enrolment_code (kiosk_id, code_hash, expires_ms) VALUES (?1, ?2, ?3)",
        params![kiosk_id, code, expires_ms],
    )?;
    Ok(())
}

pub(super) fn redeem(db: &Connection, code: &CodeHash, new: &Enrolment, now_ms: i64) -> Result<Redeemed, StoreError> {
    let id = &new.kiosk_id;
    let offered = db
        .prepare("SELECT code_hash, expires_ms, wrong_tries, used_key FROM enrolment_code WHERE kiosk_id = ?1")?
        .query_row([id], |row| {
            Ok(Offered { code: row.get(0)?, expires_ms: row.get(1)?, wrong_tries: row.get(2)?, used_key: row.get(3)? })
        })
        .optional()?;
    match judge(offered.as_ref(), code, &new.key, now_ms) {
        Try::Right => {
            let kept = enrol(db, new, now_ms)?;
            let used = params![id, new.key.as_bytes()];
            db.execute("UPDATE enrolment_code SET used_key = ?2 WHERE kiosk_id = ?1", used)?;
            Ok(Redeemed::Enrolled(kept))
        }
        Try::Wrong(left) => {
            db.execute("UPDATE enrolment_code SET wrong_tries = wrong_tries + 1 WHERE kiosk_id = ?1", [id])?;
            Ok(Redeemed::Wrong(left))
        }
        Try::Void => Ok(Redeemed::Void),
    }
}

pub(super) fn hear(db: &Connection, kiosk_id: &str, beat: &Beat, now_ms: i64) -> Result<bool, StoreError> {
    if find(db, kiosk_id)?.is_none() {
        return Err(StoreError::UnknownKiosk);
    }
    let known: Option<(Mark, Option<i64>)> = db
        .prepare_cached("SELECT mark_seq, mark_head, broken_ms FROM beat WHERE kiosk_id = ?1")?
        .query_row([kiosk_id], |row| Ok((Mark { seq: row.get(0)?, head: row.get(1)? }, row.get(2)?)))
        .optional()?;
    let said = Mark { seq: number(beat.journal_seq), head: beat.journal_head };
    let (known, broken_ms) = known.unzip();
    let is_good = grows(known, said);
    let mark = longer(known, said);
    let broken_ms = broken_ms.flatten().or((!is_good).then_some(now_ms));
    db.prepare_cached(
        "INSERT OR REPLACE INTO beat (kiosk_id, heard_ms, program, queued, received, attention, oldest_queued_s,
             clock_offset_ms, disk_free_bytes, quarantined, key_storage, bundle_version, journal_seq, journal_head,
             mark_seq, mark_head, broken_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    )?
    .execute(params![
        kiosk_id,
        now_ms,
        beat.program,
        beat.queued,
        beat.received,
        beat.attention,
        beat.oldest_queued_s.map(number),
        beat.clock_offset_ms,
        number(beat.disk_free_bytes),
        beat.quarantined,
        beat.key_storage,
        number(beat.bundle_version),
        said.seq,
        said.head,
        mark.seq,
        mark.head,
        broken_ms,
    ])?;
    Ok(is_good)
}
