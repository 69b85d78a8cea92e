//! The embedded store: one `SQLite` file, one thread that writes it, one connection that reads it.
//!
//! Other processes (`intake open`, `enrol`, `revoke`, `backup`) may use the same file beside a serving one.

mod accept;
mod backup;
mod connect;
mod kiosks;
mod meta;
mod parts;
mod persons;
mod read;
mod slips;
mod statuses;
mod writer;

#[cfg(test)]
mod tests;

use super::{
    Accepted, Bundle, Cause, Changes, CodeHash, Enrolment, IntakeStore, Kept, Kiosk, Listed, LookupHash, NewPart,
    NewSubmission, Redeemed, Row, Slip, Standing, Stats, Status, StoreError, Stored,
};
use crate::gateway::wire::Beat;
use async_trait::async_trait;
use rusqlite::{Connection, ErrorCode};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;
use writer::Writer;

pub use read::Archive;

/// Name of the database in the data directory.
pub const FILE: &str = "office.db";

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            // Another process wrote for longer than anybody should.
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Unavailable,
            _ => Self::Broken(Cause::Sqlite(error)),
        }
    }
}

/// The office's database. Clones are the same one; its methods need a tokio runtime. When the last clone is dropped,
/// the file is closed.
#[derive(Clone, Debug)]
pub struct SqliteStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    directory: PathBuf,
    reader: Mutex<Connection>,
    writer: Option<Writer>,
}

impl SqliteStore {
    /// Opens the database in `directory`, or makes it, or brings it to the present version. Blocks.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let writing = connect::open_or_create(directory)?;
        let reader = Mutex::new(connect::open_to_read(&directory.join(FILE))?);
        let writer = Some(Writer::start(writing)?);
        Ok(Self(Arc::new(Inner { directory: directory.to_owned(), reader, writer })))
    }

    /// Opens the database only to read: what would write answers [`StoreError::ReadOnly`]. It must be there. Blocks.
    pub fn open_to_read(directory: &Path) -> Result<Self, StoreError> {
        let reader = Mutex::new(connect::open_to_read(&directory.join(FILE))?);
        Ok(Self(Arc::new(Inner { directory: directory.to_owned(), reader, writer: None })))
    }

    /// Copies the whole database to `to` while the office goes on, and returns what stands in the copy; it is on the
    /// disk then and was read through without a fault. Receipts are not yet called durable: see [`Self::backup`].
    pub async fn copy(&self, to: &Path) -> Result<Standing, StoreError> {
        let (inner, to) = (Arc::clone(&self.0), to.to_owned());
        let done = tokio::task::spawn_blocking(move || backup::copy(&inner.directory, &to));
        done.await.unwrap_or(Err(StoreError::Unavailable))
    }

    /// [`Self::copy`], and then the watermark goes to the highest receipt number inside the copy. From then on kiosks
    /// may erase what they delivered, so the copy must already lie where it survives this machine.
    pub async fn backup(&self, to: &Path) -> Result<Standing, StoreError> {
        let copied = self.copy(to).await?;
        // A copy says nothing of receipts that another epoch gave out under the same numbers.
        if self.standing().await?.office_epoch != copied.office_epoch {
            return Err(StoreError::Conflict);
        }
        self.set_durable_through(copied.last_receipt_no).await?;
        Ok(copied)
    }

    /// Makes the database in `directory`, where there is none, from a copy, and begins `epoch` in it. Returns what
    /// stands in it afterwards. Blocks.
    pub fn restore(copy: &Path, directory: &Path, epoch: [u8; 16], now_ms: i64) -> Result<Standing, StoreError> {
        backup::restore(copy, directory, epoch, now_ms)
    }

    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let inner = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || {
            // A panic while reading leaves nothing half done behind the poisoned lock.
            question(&inner.reader.lock().unwrap_or_else(PoisonError::into_inner))
        });
        done.await.unwrap_or(Err(StoreError::Unavailable))
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.0.writer.as_ref().ok_or(StoreError::ReadOnly)?.write(work).await
    }
}

#[async_trait]
impl IntakeStore for SqliteStore {
    async fn kiosk(&self, id: &str) -> Result<Option<Kiosk>, StoreError> {
        let id = id.to_owned();
        self.read(move |db| kiosks::find(db, &id)).await
    }

    async fn kiosks(&self) -> Result<Vec<Listed>, StoreError> {
        self.read(kiosks::list).await
    }

    async fn enrol(&self, enrolment: Enrolment, now_ms: i64) -> Result<Kept, StoreError> {
        self.write(move |db| kiosks::enrol(db, &enrolment, now_ms)).await
    }

    async fn revoke(&self, kiosk_id: &str) -> Result<(), StoreError> {
        let id = kiosk_id.to_owned();
        self.write(move |db| kiosks::revoke(db, &id)).await
    }

    async fn offer_code(&self, kiosk_id: &str, code: CodeHash, expires_ms: i64) -> Result<(), StoreError> {
        let id = kiosk_id.to_owned();
        self.write(move |db| kiosks::offer(db, &id, &code, expires_ms)).await
    }

    async fn redeem_code(&self, code: CodeHash, enrolment: Enrolment, now_ms: i64) -> Result<Redeemed, StoreError> {
        self.write(move |db| kiosks::redeem(db, &code, &enrolment, now_ms)).await
    }

    async fn put_part(&self, part: NewPart, now_ms: i64) -> Result<Kept, StoreError> {
        self.write(move |db| parts::put(db, &part, now_ms)).await
    }

    async fn accept(&self, submission: NewSubmission, now_ms: i64) -> Result<Accepted, StoreError> {
        self.write(move |db| accept::accept(db, &submission, now_ms)).await
    }

    async fn submission(&self, id: Uuid) -> Result<Option<Stored>, StoreError> {
        self.read(move |db| accept::find(db, id)).await
    }

    async fn parts_present(&self, id: Uuid, kiosk_id: &str) -> Result<Vec<u16>, StoreError> {
        let kiosk_id = kiosk_id.to_owned();
        self.read(move |db| parts::present(db, id, &kiosk_id)).await
    }

    async fn next_after(&self, receipt_no: u64) -> Result<Option<Row>, StoreError> {
        self.read(move |db| read::next_after(db, receipt_no)).await
    }

    async fn standing(&self) -> Result<Standing, StoreError> {
        self.read(meta::standing).await
    }

    async fn set_durable_through(&self, receipt_no: u64) -> Result<(), StoreError> {
        self.write(move |db| meta::set_durable_through(db, receipt_no)).await
    }

    async fn begin_epoch(&self, epoch: [u8; 16], now_ms: i64) -> Result<(), StoreError> {
        self.write(move |db| meta::begin_epoch(db, epoch, now_ms)).await
    }

    async fn set_status(&self, status: Status, now_ms: i64) -> Result<Kept, StoreError> {
        self.write(move |db| statuses::set(db, &status, now_ms)).await
    }

    async fn statuses_since(&self, kiosk_id: &str, cursor: u64, limit: usize) -> Result<Changes, StoreError> {
        let kiosk_id = kiosk_id.to_owned();
        self.read(move |db| statuses::since(db, &kiosk_id, cursor, limit)).await
    }

    async fn record_portal_code(&self, dossier: Uuid, code: &str, now_ms: i64) -> Result<(), StoreError> {
        let code = code.to_owned();
        self.write(move |db| statuses::record_portal_code(db, dossier, &code, now_ms)).await
    }

    async fn slip(&self, hash: &LookupHash) -> Result<Option<Slip>, StoreError> {
        let hash = *hash;
        self.read(move |db| slips::find(db, &hash)).await
    }

    async fn count_opening(&self, hash: &LookupHash) -> Result<u32, StoreError> {
        let hash = *hash;
        self.write(move |db| slips::count_opening(db, &hash)).await
    }

    async fn clear_openings(&self, hash: &LookupHash) -> Result<(), StoreError> {
        let hash = *hash;
        self.write(move |db| slips::clear_openings(db, &hash)).await
    }

    async fn void_slips(&self, dossier: Uuid, now_ms: i64) -> Result<(), StoreError> {
        self.write(move |db| slips::void(db, dossier, now_ms)).await
    }

    async fn is_open(&self, tag: &[u8; 32], oldest_ms: i64) -> Result<bool, StoreError> {
        let tag = *tag;
        self.read(move |db| persons::is_open(db, &tag, oldest_ms)).await
    }

    async fn mark_open(&self, tag: &[u8; 32], dossier: Uuid, now_ms: i64, oldest_ms: i64) -> Result<(), StoreError> {
        let tag = *tag;
        self.write(move |db| persons::mark(db, &tag, dossier, now_ms, oldest_ms)).await
    }

    async fn part(&self, submission: Uuid, n: u16) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(move |db| slips::part(db, submission, n)).await
    }

    async fn hear(&self, kiosk_id: &str, beat: &Beat, now_ms: i64) -> Result<bool, StoreError> {
        let (kiosk_id, beat) = (kiosk_id.to_owned(), beat.clone());
        self.write(move |db| kiosks::hear(db, &kiosk_id, &beat, now_ms)).await
    }

    async fn keep_bundle(&self, bundle: Bundle, now_ms: i64) -> Result<Kept, StoreError> {
        self.write(move |db| meta::keep_bundle(db, &bundle, now_ms)).await
    }

    async fn bundle(&self) -> Result<Option<Bundle>, StoreError> {
        self.read(meta::bundle).await
    }

    async fn stats(&self) -> Result<Stats, StoreError> {
        self.read(meta::stats).await
    }
}
