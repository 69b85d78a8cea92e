//! What the office says of itself: epoch, watermark, key bundle, and the numbers for the metrics.

use super::rows;
use crate::office::store::{Bundle, Kept, Standing, Stats, StoreError};
use deadpool_postgres::{GenericClient, Transaction};

const STANDING: &str = "SELECT office_epoch, durable_through, next_receipt_no - 1 FROM meta";

pub(super) async fn standing(db: &impl GenericClient) -> Result<Standing, StoreError> {
    read(&rows::only(db, STANDING, &[]).await?)
}

/// As [`standing`], and nobody changes it until the commit.
async fn locked(tx: &Transaction<'_>) -> Result<Standing, StoreError> {
    let sql = "SELECT office_epoch, durable_through, next_receipt_no - 1 FROM meta FOR UPDATE";
    read(&rows::only(tx, sql, &[]).await?)
}

fn read(row: &tokio_postgres::Row) -> Result<Standing, StoreError> {
    let (durable_through, last_receipt_no) = (rows::count(row, 1)?, rows::count(row, 2)?);
    Ok(Standing { office_epoch: rows::bytes(row, 0)?, durable_through, last_receipt_no })
}

/// What stands in a restored copy that has all its rows.
pub(super) async fn checked(db: &impl GenericClient) -> Result<Standing, StoreError> {
    let standing = standing(db).await?;
    // Numbers have no gaps, and every part of an accepted submission can be read.
    let sql = "SELECT count(*), coalesce(max(receipt_no), 0) FROM submission";
    let row = rows::only(db, sql, &[]).await?;
    let (count, highest) = (rows::count(&row, 0)?, rows::count(&row, 1)?);
    rows::all(db, "SELECT count(*) FROM part WHERE sha256(bytes) <> sha256 HAVING count(*) > 0", &[])
        .await?
        .is_empty()
        .then_some(())
        .ok_or(StoreError::Damaged)?;
    if count == highest && highest == standing.last_receipt_no { Ok(standing) } else { Err(StoreError::Damaged) }
}

pub(super) async fn set_durable_through(tx: &Transaction<'_>, receipt_no: u64) -> Result<(), StoreError> {
    if receipt_no > locked(tx).await?.last_receipt_no {
        return Err(StoreError::NotThatFar);
    }
    let receipt_no = i64::try_from(receipt_no).map_err(|_| StoreError::NotThatFar)?;
    rows::change(tx, "UPDATE meta SET durable_through = greatest(durable_through, $1)", &[&receipt_no]).await?;
    Ok(())
}

pub(super) async fn begin_epoch(tx: &Transaction<'_>, epoch: [u8; 16], now_ms: i64) -> Result<(), StoreError> {
    let here = locked(tx).await?;
    let past = "SELECT 1 FROM past_epoch WHERE office_epoch = $1";
    if here.office_epoch == epoch || rows::one(tx, past, &[&&epoch[..]]).await?.is_some() {
        return Err(StoreError::Conflict);
    }
    rows::change(
        tx,
        "INSERT INTO past_epoch (office_epoch, ended_ms, last_receipt_no)
         SELECT office_epoch, $1, next_receipt_no - 1 FROM meta",
        &[&now_ms],
    )
    .await?;
    rows::change(tx, "UPDATE meta SET office_epoch = $1", &[&&epoch[..]]).await?;
    Ok(())
}

pub(super) async fn keep_bundle(tx: &Transaction<'_>, bundle: &Bundle, now_ms: i64) -> Result<Kept, StoreError> {
    locked(tx).await?;
    if let Some(kept) = bundle.kept_against(self::bundle(tx).await?.as_ref())? {
        return Ok(kept);
    }
    let version = i64::try_from(bundle.version).map_err(|_| StoreError::Conflict)?;
    rows::change(
        tx,
        "INSERT INTO bundle (id, version, signed, kept_ms) VALUES (1, $1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET version = $1, signed = $2, kept_ms = $3",
        &[&version, &bundle.signed, &now_ms],
    )
    .await?;
    Ok(Kept::New)
}

pub(super) async fn bundle(db: &impl GenericClient) -> Result<Option<Bundle>, StoreError> {
    let Some(row) = rows::one(db, "SELECT version, signed FROM bundle", &[]).await? else { return Ok(None) };
    Ok(Some(Bundle { version: rows::count(&row, 0)?, signed: row.try_get(1)? }))
}

pub(super) async fn stats(db: &impl GenericClient) -> Result<Stats, StoreError> {
    let row = rows::only(
        db,
        "SELECT (SELECT count(*) FROM kiosk WHERE NOT revoked), (SELECT count(*) FROM kiosk WHERE revoked),
                next_receipt_no - 1, durable_through, (SELECT count(*) FROM loose_part), next_change_no - 1,
                (SELECT count(*) FROM beat WHERE broken_ms IS NOT NULL),
                (SELECT coalesce(sum(queued), 0)::bigint FROM beat),
                (SELECT coalesce(sum(attention), 0)::bigint FROM beat)
         FROM meta",
        &[],
    )
    .await?;
    Ok(Stats {
        kiosks: rows::count(&row, 0)?,
        revoked: rows::count(&row, 1)?,
        submissions: rows::count(&row, 2)?,
        durable_through: rows::count(&row, 3)?,
        loose_parts: rows::count(&row, 4)?,
        changes: rows::count(&row, 5)?,
        broken_journals: rows::count(&row, 6)?,
        queued_in_kiosks: rows::count(&row, 7)?,
        attention_in_kiosks: rows::count(&row, 8)?,
    })
}
