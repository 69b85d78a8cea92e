//! The outbox as a file: one connection, opened in one exact order, every change one transaction.

mod connect;
mod deliver;
mod office;
mod slips;
mod standing;

use super::chain;
use crate::domain::form::Application;
use crate::envelope::{self, Binding, Context, DeviceKey, Ids, Manifest, OfficeKey, Part, SealError, SlipSecret};
use crate::journal::Entry;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use uuid::Uuid;
use zeroize::Zeroizing;

pub use super::migrate::VERSION as SCHEMA_VERSION;
pub use super::quarantine::{move_aside, quarantined};
pub(super) use connect::connect;
pub use deliver::CLAIM;
pub use office::{OfficeSeen, OfficeStatus, Seen};
pub use standing::{Salvaged, Waiting};

/// What the caller does about it is what tells the variants apart.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No room: make some, try again; nothing was committed. Where the very last bytes were missing, a power cut right
    /// now can still bring it back whole.
    #[error("no room on the disk")]
    Full,
    /// Another process holds the file: end it, try again.
    #[error("another process holds the queue")]
    Busy,
    /// The file is damaged: move it aside.
    #[error("the queue is damaged")]
    Damaged,
    /// Reading or writing failed; whether the last change was committed must be looked up.
    #[error("the queue cannot be read or written")]
    Broken,
    /// Written by a newer program: update this one.
    #[error("the queue was written by a newer version of this program")]
    TooNew,
    /// The envelope could not be closed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl Error {
    /// Name for the journal.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Full => "disk-full",
            Self::Busy => "busy",
            Self::Damaged => "damaged",
            Self::Broken => "broken",
            Self::TooNew => "too-new",
            Self::Seal(_) => "office-key",
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged,
            _ => Self::Broken,
        }
    }
}

/// What seals a dossier: who we are and whom we seal to.
#[derive(Clone)]
pub struct Sealer {
    /// As enrolled at the office.
    pub kiosk_id: String,
    /// Signs manifests.
    pub device: DeviceKey,
    /// The office's public key; absent until the technician installs it.
    pub office: Option<OfficeKey>,
    /// Version of the consent text on the screen.
    pub consent_version: String,
}

/// A dossier to be sealed and committed. The plain parts are wiped with it.
pub struct Submission {
    /// Chosen before the first attempt, kept over every retry.
    pub ids: Ids,
    /// The citizen's secret, for the second wrap.
    pub slip: SlipSecret,
    /// The version that this one replaces.
    pub supersedes: Option<Uuid>,
    /// Edition of the form, from [`Application::edition`].
    pub form_edition: String,
    /// The plain content.
    pub parts: Vec<Part>,
}

impl Submission {
    /// The dossier of a checked application with its serialized content.
    pub fn new(ids: Ids, slip: SlipSecret, application: &Application, content: Zeroizing<Vec<u8>>) -> Self {
        let part = Part { media_type: "application/json".to_owned(), bytes: content };
        Self { ids, slip, supersedes: None, form_edition: application.edition().to_owned(), parts: vec![part] }
    }
}

impl Submission {
    /// With what else belongs to it, behind the form.
    #[must_use]
    pub fn with(mut self, others: Vec<Part>) -> Self {
        self.parts.extend(others);
        self
    }
}

/// A sealed dossier as it lies in the queue.
pub struct Kept {
    /// What it is.
    pub manifest: Manifest,
    /// Its sealed parts, in order.
    pub parts: Vec<Vec<u8>>,
}

/// A queued submission, without its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Dossier and submission.
    pub ids: Ids,
    /// The manifest as signed.
    pub manifest: Vec<u8>,
    /// Its signature.
    pub signature: [u8; 64],
    /// Failures of its own so far.
    pub failures: u32,
}

impl Due {
    /// From the columns `id`, `dossier_id`, `manifest`, `signature`, `failures`.
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            ids: Ids { submission: uuid(row, 0)?, dossier: uuid(row, 1)? },
            manifest: row.get(2)?,
            signature: row.get(3)?,
            failures: row.get(4)?,
        })
    }
}

/// Counts and ages; nothing personal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tally {
    /// Waiting to be sent.
    pub queued: u32,
    /// Confirmed by the office.
    pub received: u32,
    /// Waiting for an officer.
    pub attention: u32,
    /// When the first of those waiting to be sent was saved: the kiosk's wall clock, Unix milliseconds.
    pub oldest_queued_ms: Option<i64>,
}

/// How many rows are in each state. Counted when the file is opened, then kept up with every commit: counting a million
/// rows takes seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    queued: u32,
    received: u32,
    attention: u32,
}

/// The open file.
pub struct Store {
    db: Connection,
    db_epoch: [u8; 16],
    counts: Counts,
}

impl Store {
    /// Seals and commits in one transaction with its journal line. Idempotent in the submission's id: a second call
    /// for a committed one changes nothing.
    pub fn put(
        &mut self,
        submission: &Submission,
        sealer: &Sealer,
        now_ms: i64,
        rng: &mut impl rand_core::CryptoRng,
    ) -> Result<(), Error> {
        if self.contains(submission.ids.submission)? {
            return Ok(());
        }
        let office = sealer.office.as_ref().ok_or(SealError::OfficeKey)?;
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let kiosk_seq = take_number(&tx, "next_kiosk_seq")?;
        let context = Context {
            binding: Binding {
                ids: submission.ids,
                kiosk_id: sealer.kiosk_id.clone(),
                form_edition: submission.form_edition.clone(),
            },
            db_epoch: self.db_epoch,
            kiosk_seq: kiosk_seq.unsigned_abs(),
            consent_version: sealer.consent_version.clone(),
            sealed_at_ms: now_ms,
            supersedes: submission.supersedes,
        };
        let closed = envelope::seal(&context, &submission.parts, office, &submission.slip, &*sealer.device, rng)?;
        let row = NewRow {
            ids: submission.ids,
            supersedes: context.supersedes,
            db_epoch: self.db_epoch,
            kiosk_seq,
            created_ms: now_ms,
            form_edition: &submission.form_edition,
            manifest: &closed.manifest,
            signature: &closed.signature,
        };
        row.insert(&tx)?;
        for (n, part) in (0_u16..).zip(&closed.parts) {
            insert_part(&tx, submission.ids.submission, n, part)?;
        }
        let entry = Entry::SubmissionSaved { id: submission.ids.submission, seq: context.kiosk_seq };
        chain::append(&tx, now_ms, &entry)?;
        tx.commit()?;
        self.counts.queued += 1;
        Ok(())
    }

    /// True when the submission is committed here.
    pub fn contains(&self, submission: Uuid) -> Result<bool, Error> {
        let mut found = self.db.prepare_cached("SELECT 1 FROM submission WHERE id = ?1")?;
        Ok(found.exists([submission.as_bytes()])?)
    }

    /// Up to `limit` queued submissions, oldest first, whoever has claimed them. For looking; to send, claim.
    pub fn due(&self, limit: u32) -> Result<Vec<Due>, Error> {
        let mut query = self.db.prepare_cached(
            "SELECT id, dossier_id, manifest, signature, failures FROM submission
             WHERE state = 0 ORDER BY seq LIMIT ?1",
        )?;
        Ok(query.query_map([limit], Due::read)?.collect::<Result<_, _>>()?)
    }

    /// One sealed part.
    pub fn part(&self, submission: Uuid, n: u16) -> Result<Option<Vec<u8>>, Error> {
        let mut query = self.db.prepare_cached("SELECT sealed FROM part WHERE submission_id = ?1 AND n = ?2")?;
        Ok(query.query_row(params![submission.as_bytes(), n], |row| row.get(0)).optional()?)
    }

    /// Counts and ages, without counting.
    pub fn tally(&self) -> Result<Tally, Error> {
        let Counts { queued, received, attention } = self.counts;
        let mut first =
            self.db.prepare_cached("SELECT created_ms FROM submission WHERE state = 0 ORDER BY seq LIMIT 1")?;
        let oldest_queued_ms = first.query_row([], |row| row.get(0)).optional()?;
        Ok(Tally { queued, received, attention, oldest_queued_ms })
    }

    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.db
    }

    /// Random 128 bits drawn when the file was made.
    pub fn db_epoch(&self) -> [u8; 16] {
        self.db_epoch
    }
}

/// A submission as it enters the file, queued, behind all others.
pub(super) struct NewRow<'a> {
    pub(super) ids: Ids,
    pub(super) supersedes: Option<Uuid>,
    pub(super) db_epoch: [u8; 16],
    pub(super) kiosk_seq: i64,
    pub(super) created_ms: i64,
    pub(super) form_edition: &'a str,
    pub(super) manifest: &'a [u8],
    pub(super) signature: &'a [u8; 64],
}

impl NewRow<'_> {
    pub(super) fn insert(&self, tx: &Transaction<'_>) -> Result<(), Error> {
        let seq = take_number(tx, "next_seq")?;
        tx.prepare_cached(
            "INSERT INTO submission (seq, id, dossier_id, supersedes, db_epoch, kiosk_seq, created_ms, form_edition,
                                     manifest, signature)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            seq,
            self.ids.submission.as_bytes(),
            self.ids.dossier.as_bytes(),
            self.supersedes.as_ref().map(Uuid::as_bytes),
            self.db_epoch,
            self.kiosk_seq,
            self.created_ms,
            self.form_edition,
            self.manifest,
            self.signature.as_slice(),
        ])?;
        Ok(())
    }
}

pub(super) fn insert_part(tx: &Transaction<'_>, submission: Uuid, n: u16, sealed: &[u8]) -> Result<(), Error> {
    tx.prepare_cached("INSERT INTO part (submission_id, n, sealed) VALUES (?1, ?2, ?3)")?.execute(params![
        submission.as_bytes(),
        n,
        sealed
    ])?;
    Ok(())
}

/// Takes the next number of a sequence: without gaps, because it is given back with the transaction.
fn take_number(tx: &Transaction<'_>, key: &str) -> Result<i64, Error> {
    let mut take = tx.prepare_cached("UPDATE meta SET value = value + 1 WHERE key = ?1 RETURNING value - 1")?;
    Ok(take.query_row([key], |row| row.get(0))?)
}

fn uuid(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get::<_, [u8; 16]>(column).map(Uuid::from_bytes)
}
