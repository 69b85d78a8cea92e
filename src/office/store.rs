//! What the office keeps: one `SQLite` file, each thing stored once under the id its client chose.
//!
//! A part or a submission that is stored is never changed. The store reads no clock and signs nothing.

mod accept;
mod connect;
mod kiosks;
mod parts;
mod read;

use rusqlite::Connection;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

pub use accept::{Accepted, Signature};
pub use kiosks::Kiosk;
pub use parts::{LOOSE_KEPT_MS, MAX_LOOSE_PARTS, NewPart};
pub use read::{Archive, Row};

/// Name of the database in the data directory.
pub const FILE: &str = "office.db";

/// The office's database. One connection, one user at a time; call it from a thread that may block.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connection>,
    epoch: [u8; 16],
}

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The same id was stored with other bytes, or the kiosk's number was used before. Nothing was changed.
    #[error("stored before with other content")]
    Conflict,
    /// The kiosk has too many parts that no manifest names.
    #[error("too many parts without a manifest")]
    TooManyLoose,
    /// These parts are not here yet.
    #[error("parts are missing")]
    Missing(Vec<u16>),
    /// A kiosk of that name was never enrolled.
    #[error("no such kiosk is enrolled")]
    UnknownKiosk,
    /// The kiosk's name is not 1 to 64 of `a-z 0-9 -`.
    #[error("a kiosk's name is 1 to 64 of a-z, 0-9 and -")]
    KioskName,
    /// The kiosk was revoked; its name is never used again.
    #[error("this kiosk was revoked; enrol it under a new name")]
    Revoked,
    /// The kiosk is enrolled with another key.
    #[error("this kiosk is enrolled with another key; revoke it and enrol it under a new name")]
    OtherKey,
    /// The medium is full.
    #[error("the disk is full")]
    Full,
    /// The file was written by a newer program.
    #[error("the database has version {0}; this program knows version {known}", known = connect::VERSION)]
    TooNew(i64),
    /// There is no database in this directory.
    #[error("there is no {FILE} in this directory")]
    Absent,
    /// The database does not keep to the settings that make it durable.
    #[error("the database refused the setting {0}")]
    Setting(&'static str),
    /// The store's thread ended before it answered: whether it stored is not known.
    #[error("the store stopped")]
    Stopped,
    /// The database's own trouble.
    #[error("the database failed")]
    Broken(#[source] rusqlite::Error),
    /// The system gave no random bytes for a new database.
    #[error("no random bytes")]
    Random(#[source] getrandom::Error),
    /// The directory could not be made or written.
    #[error("the data directory is not usable")]
    Directory(#[source] std::io::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) { Self::Full } else { Self::Broken(error) }
    }
}

impl StoreError {
    /// `SQLite`'s extended result code, for the log.
    pub fn sqlite_code(&self) -> Option<i32> {
        match self {
            Self::Broken(error) => error.sqlite_error().map(|e| e.extended_code),
            _ => None,
        }
    }
}

/// What the office can say of an accepted submission at any time: the content of its receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The dossier.
    pub dossier_id: Uuid,
    /// This version of it.
    pub submission_id: Uuid,
    /// Who signed the manifest.
    pub kiosk_id: String,
    /// Epoch of that kiosk's database.
    pub db_epoch: [u8; 16],
    /// SHA-256 of the manifest.
    pub manifest_sha256: [u8; 32],
    /// The office's number.
    pub receipt_no: u64,
    /// The office's clock when it was accepted, Unix milliseconds.
    pub server_time_ms: i64,
}

/// Whether something was stored now or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Now.
    New,
    /// Before, with the same bytes.
    Again,
}

impl Store {
    /// Opens the database in `directory`, or makes it.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let (connection, epoch) = connect::open_or_create(directory)?;
        Ok(Self { connection: Mutex::new(connection), epoch })
    }

    /// Drawn when the database was made.
    pub fn epoch(&self) -> [u8; 16] {
        self.epoch
    }

    /// A panic inside a transaction has rolled it back: the connection behind a poisoned lock is sound.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
