//! The store of an office with its own database server: `PostgreSQL`, for any number of `intake` processes at once.
//!
//! Numbers come from one locked row, so receipts have no gaps and become visible in their order. Locks are always taken
//! in the same order: the submission's advisory lock, rows of loose parts by their key, and the numbers' row last; whoever
//! holds that waits for nothing any more. So nobody waits in a circle.

mod accept;
mod connect;
mod kiosks;
mod meta;
mod parts;
mod persons;
mod rows;
mod slips;
mod statuses;
mod tls;

use super::{
    Accepted, Bundle, Cause, Changes, CodeHash, Enrolment, IntakeStore, Kept, Kiosk, Listed, LookupHash, NewPart,
    NewSubmission, Redeemed, Row, Slip, Standing, Stats, Status, StoreError, Stored,
};
use crate::gateway::wire::Beat;
use async_trait::async_trait;
use deadpool_postgres::{HookError, Object, Pool, PoolError};
use std::error::Error as _;
use std::io;
use tls::Authority;
use tokio_postgres::error::SqlState;
use uuid::Uuid;

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(code) = error.code() else {
            // No word of the server's: the connection was refused or lost, perhaps in the middle of a commit. Invalid
            // data is a certificate that is not trusted, which does not pass.
            let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
            let is_lost = error.is_closed() || cause.is_some_and(|cause| cause.kind() != io::ErrorKind::InvalidData);
            return if is_lost { Self::Unavailable } else { Self::Broken(Cause::Postgres(error)) };
        };
        // Classes 08, 40 and 57: connection, rollback in favour of another, and an operator's or the server's own doing.
        let is_passing = ["08", "40", "57"].iter().any(|class| code.code().starts_with(class))
            || [SqlState::TOO_MANY_CONNECTIONS, SqlState::LOCK_NOT_AVAILABLE].contains(code);
        match code {
            &SqlState::DISK_FULL => Self::Full,
            _ if is_passing => Self::Unavailable,
            _ => Self::Broken(Cause::Postgres(error)),
        }
    }
}

impl From<PoolError> for StoreError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => error.into(),
            PoolError::PostCreateHook(HookError::Message(_)) => Self::Setting(connect::DURABLE),
            PoolError::Timeout(_) | PoolError::Closed | PoolError::NoRuntimeSpecified => Self::Unavailable,
        }
    }
}

/// The office's database on a server. Clones share their connections, which are made anew when the server comes back
/// from a restart; what was asked meanwhile answers [`StoreError::Unavailable`].
#[derive(Clone)]
pub struct PostgresStore {
    pool: Pool,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("PostgresStore").field(&self.pool.status()).finish()
    }
}

impl PostgresStore {
    /// Connects to `url` (`postgres://…`, or `libpq`'s words), and makes the schema or brings it to the present version.
    ///
    /// The server must be on this machine, by a Unix socket or a loopback address, because there is no TLS on this way; see
    /// [`Self::open_far`] for another machine. One that answers a commit before it is on its disk (`fsync`,
    /// `full_page_writes` or `synchronous_commit` off) is refused.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::ready(connect::pool(url)?).await
    }

    /// As [`Self::open`], with a server on any machine: by TLS, and only if its certificate is for the host in `url` and
    /// from the authority whose certificate (PEM) is given.
    pub async fn open_far(url: &str, authority_pem: &[u8]) -> Result<Self, StoreError> {
        Self::ready(connect::encrypted_pool(url, Authority::from_pem(authority_pem)?)?).await
    }

    async fn ready(pool: Pool) -> Result<Self, StoreError> {
        let store = Self { pool };
        connect::bring_up_to_date(&mut store.client().await?).await?;
        Ok(store)
    }

    /// Moves the watermark to the highest receipt number inside a backup, which the caller has restored at `restored`,
    /// another database; so it is known to be readable. Returns what stands in it.
    pub async fn confirm_backup(&self, restored: &str) -> Result<Standing, StoreError> {
        let copy = Self { pool: connect::pool(restored)? };
        let copied = meta::checked(&copy.client().await?).await?;
        // A copy says nothing of receipts that another epoch gave out under the same numbers.
        if self.standing().await?.office_epoch != copied.office_epoch {
            return Err(StoreError::Conflict);
        }
        self.set_durable_through(copied.last_receipt_no).await?;
        Ok(copied)
    }

    async fn client(&self) -> Result<Object, StoreError> {
        Ok(self.pool.get().await?)
    }
}

/// Does `$work` on a transaction and answers after its commit. Dropped before, it is rolled back. A macro, because a
/// closure cannot promise that its future may move between threads.
macro_rules! transact {
    ($store:expr, |$tx:ident| $work:expr) => {{
        let mut client = $store.client().await?;
        let $tx = connect::begin(&mut client).await?;
        let done = $work.await?;
        $tx.commit().await?;
        Ok(done)
    }};
}

#[async_trait]
impl IntakeStore for PostgresStore {
    async fn kiosk(&self, id: &str) -> Result<Option<Kiosk>, StoreError> {
        kiosks::find(&self.client().await?, id).await
    }

    async fn kiosks(&self) -> Result<Vec<Listed>, StoreError> {
        kiosks::list(&self.client().await?).await
    }

    async fn enrol(&self, enrolment: Enrolment, now_ms: i64) -> Result<Kept, StoreError> {
        transact!(self, |tx| kiosks::enrol(&tx, &enrolment, now_ms))
    }

    async fn revoke(&self, kiosk_id: &str) -> Result<(), StoreError> {
        kiosks::revoke(&self.client().await?, kiosk_id).await
    }

    async fn offer_code(&self, kiosk_id: &str, code: CodeHash, expires_ms: i64) -> Result<(), StoreError> {
        transact!(self, |tx| kiosks::offer(&tx, kiosk_id, &code, expires_ms))
    }

    async fn redeem_code(&self, code: CodeHash, enrolment: Enrolment, now_ms: i64) -> Result<Redeemed, StoreError> {
        transact!(self, |tx| kiosks::redeem(&tx, &code, &enrolment, now_ms))
    }

    async fn put_part(&self, part: NewPart, now_ms: i64) -> Result<Kept, StoreError> {
        transact!(self, |tx| parts::put(&tx, &part, now_ms))
    }

    async fn accept(&self, submission: NewSubmission, now_ms: i64) -> Result<Accepted, StoreError> {
        transact!(self, |tx| accept::accept(&tx, &submission, now_ms))
    }

    async fn submission(&self, id: Uuid) -> Result<Option<Stored>, StoreError> {
        accept::find(&self.client().await?, id).await
    }

    async fn parts_present(&self, id: Uuid, kiosk_id: &str) -> Result<Vec<u16>, StoreError> {
        parts::present(&self.client().await?, id, kiosk_id).await
    }

    async fn next_after(&self, receipt_no: u64) -> Result<Option<Row>, StoreError> {
        accept::next_after(&self.client().await?, receipt_no).await
    }

    async fn standing(&self) -> Result<Standing, StoreError> {
        meta::standing(&self.client().await?).await
    }

    async fn set_durable_through(&self, receipt_no: u64) -> Result<(), StoreError> {
        transact!(self, |tx| meta::set_durable_through(&tx, receipt_no))
    }

    async fn begin_epoch(&self, epoch: [u8; 16], now_ms: i64) -> Result<(), StoreError> {
        transact!(self, |tx| meta::begin_epoch(&tx, epoch, now_ms))
    }

    async fn set_status(&self, status: Status, now_ms: i64) -> Result<Kept, StoreError> {
        transact!(self, |tx| statuses::set(&tx, &status, now_ms))
    }

    async fn statuses_since(&self, kiosk_id: &str, cursor: u64, limit: usize) -> Result<Changes, StoreError> {
        statuses::since(&self.client().await?, kiosk_id, cursor, limit).await
    }

    async fn record_portal_code(&self, dossier: Uuid, code: &str, now_ms: i64) -> Result<(), StoreError> {
        transact!(self, |tx| statuses::record_portal_code(&tx, dossier, code, now_ms))
    }

    async fn slip(&self, hash: &LookupHash) -> Result<Option<Slip>, StoreError> {
        slips::find(&self.client().await?, hash).await
    }

    async fn count_opening(&self, hash: &LookupHash) -> Result<u32, StoreError> {
        transact!(self, |tx| slips::count_opening(&tx, hash))
    }

    async fn clear_openings(&self, hash: &LookupHash) -> Result<(), StoreError> {
        transact!(self, |tx| slips::clear_openings(&tx, hash))
    }

    async fn void_slips(&self, dossier: Uuid, now_ms: i64) -> Result<(), StoreError> {
        transact!(self, |tx| slips::void(&tx, dossier, now_ms))
    }

    async fn is_open(&self, tag: &[u8; 32], oldest_ms: i64) -> Result<bool, StoreError> {
        persons::is_open(&self.client().await?, tag, oldest_ms).await
    }

    async fn mark_open(&self, tag: &[u8; 32], dossier: Uuid, now_ms: i64, oldest_ms: i64) -> Result<(), StoreError> {
        transact!(self, |tx| persons::mark(&tx, tag, dossier, now_ms, oldest_ms))
    }

    async fn part(&self, submission: Uuid, n: u16) -> Result<Option<Vec<u8>>, StoreError> {
        slips::part(&self.client().await?, submission, n).await
    }

    async fn hear(&self, kiosk_id: &str, beat: &Beat, now_ms: i64) -> Result<bool, StoreError> {
        transact!(self, |tx| kiosks::hear(&tx, kiosk_id, beat, now_ms))
    }

    async fn keep_bundle(&self, bundle: Bundle, now_ms: i64) -> Result<Kept, StoreError> {
        transact!(self, |tx| meta::keep_bundle(&tx, &bundle, now_ms))
    }

    async fn bundle(&self) -> Result<Option<Bundle>, StoreError> {
        meta::bundle(&self.client().await?).await
    }

    async fn stats(&self) -> Result<Stats, StoreError> {
        meta::stats(&self.client().await?).await
    }
}
