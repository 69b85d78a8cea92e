//! The embedded store: one `SQLite` file.

mod accept;
mod connect;
mod kiosks;
mod parts;
mod read;

use super::{
    Accepted, Bundle, Cause, Changes, CodeHash, Enrolment, IntakeStore, Kept, Kiosk, NewPart, NewSubmission, Redeemed,
    Row, Standing, Stats, Status, StoreError, Stored,
};
use crate::gateway::wire::Beat;
use async_trait::async_trait;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

pub use read::Archive;

/// Name of the database in the data directory.
pub const FILE: &str = "office.db";

#[derive(Debug)]
struct Store {
    connection: Mutex<Connection>,
    epoch: [u8; 16],
    directory: PathBuf,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) {
            Self::Full
        } else {
            Self::Broken(Cause::Sqlite(error))
        }
    }
}

/// The office's database. Clones are the same one. Its methods need a tokio runtime.
#[derive(Clone, Debug)]
pub struct SqliteStore(Arc<Store>);

impl SqliteStore {
    /// Opens the database in `directory`, or makes it. Blocks.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let (connection, epoch) = connect::open_or_create(directory)?;
        Ok(Self(Arc::new(Store { connection: Mutex::new(connection), epoch, directory: directory.to_owned() })))
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&store)).await.unwrap_or(Err(StoreError::Unavailable))
    }
}

impl Store {
    /// A panic inside a transaction has rolled it back: the connection behind a poisoned lock is sound.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl IntakeStore for SqliteStore {
    async fn kiosk(&self, id: &str) -> Result<Option<Kiosk>, StoreError> {
        let id = id.to_owned();
        self.with(move |store| store.kiosk(&id)).await
    }

    async fn enrol(&self, enrolment: Enrolment, now_ms: i64) -> Result<Kept, StoreError> {
        self.with(move |store| store.enrol(&enrolment, now_ms)).await
    }

    async fn revoke(&self, kiosk_id: &str) -> Result<(), StoreError> {
        let id = kiosk_id.to_owned();
        self.with(move |store| store.revoke(&id)).await
    }

    async fn offer_code(&self, _: &str, _: CodeHash, _: i64) -> Result<(), StoreError> {
        Err(StoreError::Unavailable)
    }

    async fn redeem_code(&self, _: CodeHash, _: Enrolment, _: i64) -> Result<Redeemed, StoreError> {
        Err(StoreError::Unavailable)
    }

    async fn put_part(&self, part: NewPart, now_ms: i64) -> Result<Kept, StoreError> {
        self.with(move |store| store.put_part(&part, now_ms)).await
    }

    async fn accept(&self, submission: NewSubmission, now_ms: i64) -> Result<Accepted, StoreError> {
        self.with(move |store| store.accept(&submission, now_ms)).await
    }

    async fn submission(&self, id: Uuid) -> Result<Option<Stored>, StoreError> {
        self.with(move |store| store.submission(id)).await
    }

    async fn parts_present(&self, _: Uuid, _: &str) -> Result<Vec<u16>, StoreError> {
        Err(StoreError::Unavailable)
    }

    async fn next_after(&self, receipt_no: u64) -> Result<Option<Row>, StoreError> {
        self.with(move |store| Archive::open(&store.directory)?.next_after(receipt_no)).await
    }

    async fn standing(&self) -> Result<Standing, StoreError> {
        Ok(Standing { office_epoch: self.0.epoch, durable_through: 0, last_receipt_no: 0 })
    }

    async fn set_durable_through(&self, _: u64) -> Result<(), StoreError> {
        Err(StoreError::Unavailable)
    }

    async fn begin_epoch(&self, _: [u8; 16], _: i64) -> Result<(), StoreError> {
        Err(StoreError::Unavailable)
    }

    async fn set_status(&self, _: Status, _: i64) -> Result<Kept, StoreError> {
        Err(StoreError::Unavailable)
    }

    async fn statuses_since(&self, _: &str, _: u64, _: usize) -> Result<Changes, StoreError> {
        Err(StoreError::Unavailable)
    }

    async fn record_portal_code(&self, _: Uuid, _: &str, _: i64) -> Result<(), StoreError> {
        Err(StoreError::Unavailable)
    }

    async fn hear(&self, _: &str, _: &Beat, _: i64) -> Result<bool, StoreError> {
        Err(StoreError::Unavailable)
    }

    async fn keep_bundle(&self, _: Bundle, _: i64) -> Result<Kept, StoreError> {
        Err(StoreError::Unavailable)
    }

    async fn bundle(&self) -> Result<Option<Bundle>, StoreError> {
        Err(StoreError::Unavailable)
    }

    async fn stats(&self) -> Result<Stats, StoreError> {
        Err(StoreError::Unavailable)
    }
}
