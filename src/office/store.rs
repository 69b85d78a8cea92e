//! What the office keeps: each thing stored once under the id its client chose, behind one trait with two stores.
//!
//! A part or a submission that is stored is never changed. A store reads no clock and signs nothing; whatever it
//! answers with `Ok` is on the disk.

mod beat;
mod dossier;
mod kiosk;
pub mod postgres;
mod slip;
pub mod sqlite;
mod status;

use crate::gateway::wire::Beat;
use async_trait::async_trait;
use std::fmt::Debug;
use uuid::Uuid;

pub use dossier::{Accepted, Kept, NamedPart, NewPart, NewSubmission, Row, Signature, Stored};
pub use kiosk::{CodeHash, Enrolment, Heard, Kiosk, Listed, MAX_WRONG_CODES, Redeemed};
pub use slip::{LookupHash, MAX_OPENINGS, Slip};
pub use status::{Change, Changes, MAX_CHANGES, State, Status};

/// A kiosk may have this many parts without a manifest.
pub const MAX_LOOSE_PARTS: i64 = 512;
/// When a kiosk has reached that number, its loose parts older than this make room. It sends them again if needed.
pub const LOOSE_KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// One office's store. Any number of connections and, with `PostgreSQL`, of processes may use the same one at once.
///
/// Times are Unix milliseconds of the office's clock, given by the caller.
#[async_trait]
pub trait IntakeStore: Send + Sync + Debug {
    /// The kiosk of that name, revoked or not.
    async fn kiosk(&self, id: &str) -> Result<Option<Kiosk>, StoreError>;

    /// All kiosks by name, revoked ones too, each with its last heartbeat.
    async fn kiosks(&self) -> Result<Vec<Listed>, StoreError>;

    /// Admits a kiosk. Again with the same key changes nothing; a name never gets another key, because the key must
    /// still check what the kiosk delivered.
    async fn enrol(&self, enrolment: Enrolment, now_ms: i64) -> Result<Kept, StoreError>;

    /// Takes a kiosk's permission to deliver, for good. What it delivered stays.
    async fn revoke(&self, kiosk_id: &str) -> Result<(), StoreError>;

    /// Makes a code with which a kiosk of that name may enrol itself, once, until `expires_ms`. An older code for the
    /// same name is void.
    async fn offer_code(&self, kiosk_id: &str, code: CodeHash, expires_ms: i64) -> Result<(), StoreError>;

    /// Enrols a kiosk that knows the code. Wrong ones are counted, and [`MAX_WRONG_CODES`] of them kill the code.
    async fn redeem_code(&self, code: CodeHash, enrolment: Enrolment, now_ms: i64) -> Result<Redeemed, StoreError>;

    /// Stores a sealed part once.
    async fn put_part(&self, part: NewPart, now_ms: i64) -> Result<Kept, StoreError>;

    /// Accepts a submission whose signature and shape were checked, if exactly its parts are here from the same kiosk.
    /// Only after this has answered may a receipt be signed.
    async fn accept(&self, submission: NewSubmission, now_ms: i64) -> Result<Accepted, StoreError>;

    /// What the receipt of an accepted submission says.
    async fn submission(&self, id: Uuid) -> Result<Option<Stored>, StoreError>;

    /// The numbers of the parts of a submission that are here from this kiosk, in order.
    async fn parts_present(&self, id: Uuid, kiosk_id: &str) -> Result<Vec<u16>, StoreError>;

    /// The accepted submission with the smallest receipt number above `receipt_no`, with everything in it.
    async fn next_after(&self, receipt_no: u64) -> Result<Option<Row>, StoreError>;

    /// Epoch, watermark and last receipt number.
    async fn standing(&self) -> Result<Standing, StoreError>;

    /// Every receipt up to this number is in a backup too. A smaller number than before changes nothing.
    async fn set_durable_through(&self, receipt_no: u64) -> Result<(), StoreError>;

    /// The store was restored from a backup: from now on it speaks under another epoch. Receipt numbers go on, so that
    /// a number never names two submissions of this store; the watermark stays, it was true in the backup too.
    async fn begin_epoch(&self, epoch: [u8; 16], now_ms: i64) -> Result<(), StoreError>;

    /// Appends to the log what became of a submission; the state it has already is no change. National states need
    /// [`IntakeStore::record_portal_code`] first.
    async fn set_status(&self, status: Status, now_ms: i64) -> Result<Kept, StoreError>;

    /// The kiosk's changes after `cursor` (0: from the beginning), at most `limit` (and [`MAX_CHANGES`]) of them.
    async fn statuses_since(&self, kiosk_id: &str, cursor: u64, limit: usize) -> Result<Changes, StoreError>;

    /// The national portal knows the dossier under this code (at most 64 characters). Another code replaces it.
    async fn record_portal_code(&self, dossier: Uuid, code: &str, now_ms: i64) -> Result<(), StoreError>;

    /// The newest version of the dossier behind a slip.
    async fn slip(&self, hash: &LookupHash) -> Result<Option<Slip>, StoreError>;

    /// Counts that somebody wants to open the slip, before anything is handed out; returns how many openings no right card
    /// has followed, this one included, at most one more than [`MAX_OPENINGS`].
    async fn count_opening(&self, hash: &LookupHash) -> Result<u32, StoreError>;

    /// The right card has followed. A slip that is void stays so.
    async fn clear_openings(&self, hash: &LookupHash) -> Result<(), StoreError>;

    /// From now on the slips of this dossier open nothing. Again changes nothing.
    async fn void_slips(&self, dossier: Uuid, now_ms: i64) -> Result<(), StoreError>;

    /// Whether a person was marked, not before `oldest_ms`, with a dossier that is neither handed over nor void.
    async fn is_open(&self, tag: &[u8; 32], oldest_ms: i64) -> Result<bool, StoreError>;

    /// The person behind the tag saved this dossier, which may not have arrived yet; one that is handed over or void is not
    /// marked. Erases the marks from before `oldest_ms`. A state behind `screened` and a void slip erase the dossier's.
    async fn mark_open(&self, tag: &[u8; 32], dossier: Uuid, now_ms: i64, oldest_ms: i64) -> Result<(), StoreError>;

    /// One sealed part of a submission.
    async fn part(&self, submission: Uuid, n: u16) -> Result<Option<Vec<u8>>, StoreError>;

    /// Keeps a kiosk's latest heartbeat. True: its journal has grown, or stands where it stood.
    async fn hear(&self, kiosk_id: &str, beat: &Beat, now_ms: i64) -> Result<bool, StoreError>;

    /// Keeps a signed key bundle (the JSON as it goes out) for `GET /v1/keys`. The version only grows.
    async fn keep_bundle(&self, bundle: Bundle, now_ms: i64) -> Result<Kept, StoreError>;

    /// The newest key bundle.
    async fn bundle(&self) -> Result<Option<Bundle>, StoreError>;

    /// Numbers for the metrics; cheap enough for every scrape.
    async fn stats(&self) -> Result<Stats, StoreError>;
}

/// What the office says of itself in every statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Drawn when the store was made, and anew after each restore.
    pub office_epoch: [u8; 16],
    /// Every receipt up to this number is in a backup too. 0: no backup yet.
    pub durable_through: u64,
    /// Highest receipt number given out. 0: none yet.
    pub last_receipt_no: u64,
}

/// A signed key bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Its version, from 1.
    pub version: u64,
    /// JSON of the signed statement.
    pub signed: String,
}

impl Bundle {
    /// Whether it is kept beside the one that is here: `None` is yes, as a new one.
    fn kept_against(&self, here: Option<&Self>) -> Result<Option<Kept>, StoreError> {
        match here {
            Some(here) if here.version > self.version => Err(StoreError::OldBundle),
            Some(here) if here == self => Ok(Some(Kept::Again)),
            Some(here) if here.version == self.version => Err(StoreError::Conflict),
            Some(_) | None => Ok(None),
        }
    }
}

/// Numbers for the metrics. Nothing in here names a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Kiosks that may deliver.
    pub kiosks: u64,
    /// Kiosks that no longer may.
    pub revoked: u64,
    /// Submissions accepted, which is the highest receipt number.
    pub submissions: u64,
    /// As in [`Standing::durable_through`].
    pub durable_through: u64,
    /// Parts that no accepted manifest names.
    pub loose_parts: u64,
    /// Entries of the status log.
    pub changes: u64,
    /// Kiosks whose journal was once found shorter or other than before.
    pub broken_journals: u64,
    /// Dossiers that wait in the kiosks, by their last heartbeats.
    pub queued_in_kiosks: u64,
    /// Dossiers that wait for an officer in the kiosks, by their last heartbeats.
    pub attention_in_kiosks: u64,
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
    /// No such submission was accepted, or no dossier of that id.
    #[error("no such submission was accepted")]
    UnknownSubmission,
    /// A national state needs the portal's code first.
    #[error("the portal's code of this dossier is not recorded")]
    NoPortalCode,
    /// The portal's code is not 1 to 64 printable ASCII characters.
    #[error("a portal code is 1 to 64 printable ASCII characters")]
    PortalCode,
    /// No receipt has that number yet.
    #[error("no receipt has that number yet")]
    NotThatFar,
    /// A newer key bundle is here.
    #[error("a newer key bundle is here")]
    OldBundle,
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
    /// The database was written by a newer program.
    #[error("the database has version {found}; this program knows version {known}")]
    TooNew {
        /// Of the database.
        found: i64,
        /// Of this program.
        known: i64,
    },
    /// There is no database, or an older program made it and only `serve` brings it up to date.
    #[error("there is no database of this version here")]
    Absent,
    /// The database's address cannot be read.
    #[error("DATABASE_URL is no address of a database: postgres://user@host/name")]
    DatabaseUrl,
    /// The database is on another machine.
    #[error("a database on another machine needs TLS: name its authority's certificate")]
    RemoteDatabase,
    /// The certificate of the database's authority cannot be read.
    #[error("the certificate of the database's authority is not PEM of a certificate")]
    DatabaseAuthority,
    /// A copy of the database has a fault; it is no backup.
    #[error("the copy of the database is damaged")]
    Damaged,
    /// There is something of that name already.
    #[error("there is something of that name already")]
    Exists,
    /// The database does not keep to the settings that make it durable.
    #[error("the database refused the setting {0}")]
    Setting(&'static str),
    /// The store was opened only to read.
    #[error("the store was opened only to read")]
    ReadOnly,
    /// The store cannot be reached, is too busy, or was lost before it answered: whether it stored is not known. The
    /// same request may be made again.
    #[error("the store is not available")]
    Unavailable,
    /// The database's own trouble.
    #[error("the database failed")]
    Broken(#[source] Cause),
    /// The system gave no random bytes for a new database.
    #[error("no random bytes")]
    Random(#[source] getrandom::Error),
    /// The directory could not be made, read or written.
    #[error("the data directory is not usable")]
    Directory(#[source] std::io::Error),
}

/// What the database itself said.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The embedded one.
    #[error(transparent)]
    Sqlite(rusqlite::Error),
    /// The server.
    #[error(transparent)]
    Postgres(tokio_postgres::Error),
}

impl StoreError {
    /// The database's own code, for the log: `sqlite-266` or a `SQLSTATE`.
    pub fn code(&self) -> Option<String> {
        match self {
            Self::Broken(Cause::Sqlite(error)) => error.sqlite_error().map(|e| format!("sqlite-{}", e.extended_code)),
            Self::Broken(Cause::Postgres(error)) => error.code().map(|code| code.code().to_owned()),
            _ => None,
        }
    }
}
