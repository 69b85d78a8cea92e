//! Asking `PostgreSQL`: prepared once a connection, and columns read into types of a fixed length.

use crate::office::store::StoreError;
use deadpool_postgres::GenericClient;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

/// What stands for `$1`, `$2`, …
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

pub(super) async fn all(db: &impl GenericClient, sql: &str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
    let statement = db.prepare_cached(sql).await?;
    Ok(db.query(&statement, values).await?)
}

pub(super) async fn one(db: &impl GenericClient, sql: &str, values: Values<'_>) -> Result<Option<Row>, StoreError> {
    let statement = db.prepare_cached(sql).await?;
    Ok(db.query_opt(&statement, values).await?)
}

/// Changes something; returns how many rows.
pub(super) async fn change(db: &impl GenericClient, sql: &str, values: Values<'_>) -> Result<u64, StoreError> {
    let statement = db.prepare_cached(sql).await?;
    Ok(db.execute(&statement, values).await?)
}

/// The one row that is always there.
pub(super) async fn only(db: &impl GenericClient, sql: &str, values: Values<'_>) -> Result<Row, StoreError> {
    one(db, sql, values).await?.ok_or(StoreError::Absent)
}

/// A `bytea` of `N` bytes, which a check in the schema demands.
pub(super) fn bytes<const N: usize>(row: &Row, column: usize) -> Result<[u8; N], StoreError> {
    row.try_get::<_, &[u8]>(column)?.try_into().map_err(|_| StoreError::Setting("the length of a bytea"))
}

/// As [`bytes`], of a column that may be null.
pub(super) fn bytes_or_null<const N: usize>(row: &Row, column: usize) -> Result<Option<[u8; N]>, StoreError> {
    match row.try_get::<_, Option<&[u8]>>(column)? {
        Some(_) => bytes(row, column).map(Some),
        None => Ok(None),
    }
}

/// A count.
pub(super) fn count(row: &Row, column: usize) -> Result<u64, StoreError> {
    Ok(row.try_get::<_, i64>(column)?.unsigned_abs())
}

/// A part's number, 0 to 63.
pub(super) fn part_number(row: &Row, column: usize) -> Result<u16, StoreError> {
    u16::try_from(row.try_get::<_, i32>(column)?).map_err(|_| StoreError::Setting("part.n"))
}
