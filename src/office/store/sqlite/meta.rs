//! What the office says of itself: epoch, watermark, key bundle, and the numbers for the metrics.

use crate::office::store::{Bundle, Kept, Standing, Stats, StoreError};
use rusqlite::{Connection, OptionalExtension, params};

pub(super) fn standing(db: &Connection) -> Result<Standing, StoreError> {
    let mut query = db.prepare_cached("SELECT office_epoch, durable_through, next_receipt_no FROM meta")?;
    Ok(query.query_row([], |row| {
        let (durable_through, next): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok(Standing {
            office_epoch: row.get(0)?,
            durable_through: durable_through.unsigned_abs(),
            last_receipt_no: next.unsigned_abs().saturating_sub(1),
        })
    })?)
}

pub(super) fn set_durable_through(db: &Connection, receipt_no: u64) -> Result<(), StoreError> {
    if receipt_no > standing(db)?.last_receipt_no {
        return Err(StoreError::NotThatFar);
    }
    let receipt_no = i64::try_from(receipt_no).map_err(|_| StoreError::NotThatFar)?;
    db.execute("UPDATE meta SET durable_through = max(durable_through, ?1)", [receipt_no])?;
    Ok(())
}

pub(super) fn begin_epoch(db: &Connection, epoch: [u8; 16], now_ms: i64) -> Result<(), StoreError> {
    let is_past = db.prepare("SELECT 1 FROM past_epoch WHERE office_epoch = ?1")?.exists([epoch])?;
    if is_past || standing(db)?.office_epoch == epoch {
        return Err(StoreError::Conflict);
    }
    db.execute(
        "INSERT INTO past_epoch (office_epoch, ended_ms, last_receipt_no)
         SELECT office_epoch, ?1, next_receipt_no - 1 FROM meta",
        [now_ms],
    )?;
    db.execute("UPDATE meta SET office_epoch = ?1", [epoch])?;
    Ok(())
}

pub(super) fn keep_bundle(db: &Connection, bundle: &Bundle, now_ms: i64) -> Result<Kept, StoreError> {
    if let Some(kept) = bundle.kept_against(self::bundle(db)?.as_ref())? {
        return Ok(kept);
    }
    let version = i64::try_from(bundle.version).map_err(|_| StoreError::Conflict)?;
    db.execute(
        "INSERT OR REPLACE INTO bundle (id, version, signed, kept_ms) VALUES (1, ?1, ?2, ?3)",
        params![version, bundle.signed, now_ms],
    )?;
    Ok(Kept::New)
}

pub(super) fn bundle(db: &Connection) -> Result<Option<Bundle>, StoreError> {
    let mut query = db.prepare_cached("SELECT version, signed FROM bundle")?;
    let found = query.query_row([], |row| {
        let version: i64 = row.get(0)?;
        Ok(Bundle { version: version.unsigned_abs(), signed: row.get(1)? })
    });
    Ok(found.optional()?)
}

pub(super) fn stats(db: &Connection) -> Result<Stats, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT (SELECT count(*) FROM kiosk WHERE revoked = 0), (SELECT count(*) FROM kiosk WHERE revoked = 1),
                next_receipt_no - 1, durable_through, (SELECT count(*) FROM loose_part), next_change_no - 1,
                (SELECT count(*) FROM beat WHERE broken_ms IS NOT NULL),
                (SELECT coalesce(sum(queued), 0) FROM beat), (SELECT coalesce(sum(attention), 0) FROM beat)
         FROM meta",
    )?;
    Ok(query.query_row([], |row| {
        let number = |column| row.get(column).map(i64::unsigned_abs);
        Ok(Stats {
            kiosks: number(0)?,
            revoked: number(1)?,
            submissions: number(2)?,
            durable_through: number(3)?,
            loose_parts: number(4)?,
            changes: number(5)?,
            broken_journals: number(6)?,
            queued_in_kiosks: number(7)?,
            attention_in_kiosks: number(8)?,
        })
    })?)
}
