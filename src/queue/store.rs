//! The outbox as a file: one connection, opened in one exact order, every change one transaction.

use crate::domain::form::Application;
use crate::domain::submission::Attention;
use crate::envelope::{self, Binding, Context, DeviceKey, Ids, OfficeKey, Part, SealError, SlipSecret};
use crate::gateway::wire::Receipt;
use crate::journal::Entry;
use rusqlite::config::DbConfig;
use rusqlite::{
    Connection, ErrorCode, MAIN_DB, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params,
};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use uuid::Uuid;
use zeroize::Zeroizing;

const SCHEMA: &str = include_str!("schema.sql");
/// The schema this code writes.
pub const SCHEMA_VERSION: i64 = 1;

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
    /// Edition of the form, from [`Application::edition`].
    pub form_edition: String,
    /// The plain content.
    pub parts: Vec<Part>,
}

impl Submission {
    /// The dossier of a checked application with its serialized content.
    pub fn new(ids: Ids, slip: SlipSecret, application: &Application, content: Zeroizing<Vec<u8>>) -> Self {
        let part = Part { media_type: "application/json".to_owned(), bytes: content };
        Self { ids, slip, form_edition: application.edition().to_owned(), parts: vec![part] }
    }
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

/// Counts and ages; nothing personal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tally {
    /// Waiting to be sent.
    pub queued: u32,
    /// Confirmed by the office.
    pub received: u32,
    /// Waiting for an officer.
    pub attention: u32,
    /// When the oldest waiting one was saved: the kiosk's wall clock, Unix milliseconds.
    pub oldest_queued_ms: Option<i64>,
}

/// The open file.
pub struct Store {
    db: Connection,
    db_epoch: [u8; 16],
}

impl Store {
    /// Opens or creates the outbox. `epoch` is used when it is created. `vfs` names another file system, for tests.
    ///
    /// The order of the pragmas is part of the durability: `synchronous=EXTRA` before `journal_mode=WAL`.
    pub fn open(path: &Path, epoch: [u8; 16], vfs: Option<&str>) -> Result<Self, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NOFOLLOW
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut db = match vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs),
            None => Connection::open_with_flags(uri(&real(path)?), flags | OpenFlags::SQLITE_OPEN_URI),
        }?;
        let writable = !db.is_readonly(MAIN_DB)?;
        db.busy_timeout(Duration::from_secs(5))?;
        db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        db.pragma_update(None, "synchronous", "EXTRA")?;
        // Only for a new file: on an old one it would be a change before the first look at whether it is in order.
        if db.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))? == 0 {
            db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        }
        let mode: String = db.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))?;
        if mode != "wal" {
            return Err(Error::Broken);
        }
        for (pragma, value) in [
            ("foreign_keys", "ON"),
            ("secure_delete", "ON"),
            ("temp_store", "MEMORY"),
            ("mmap_size", "0"),
            ("trusted_schema", "OFF"),
            ("cell_size_check", "ON"),
            ("journal_size_limit", "16777216"),
        ] {
            db.pragma_update(None, pragma, value)?;
        }
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        assert_pragmas(&db)?;
        let healthy: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if healthy != "ok" {
            return Err(Error::Damaged);
        }
        // A file that may be written to and says of itself that it may not: its header is damaged.
        if db.is_readonly(MAIN_DB)? {
            return Err(if writable { Error::Damaged } else { Error::Broken });
        }
        migrate(&mut db, epoch)?;
        if vfs.is_none() {
            sync_directory(path)?;
        }
        let epoch: Vec<u8> = db.query_row("SELECT value FROM meta WHERE key = 'db_epoch'", [], |row| row.get(0))?;
        let db_epoch = epoch.try_into().map_err(|_| Error::Damaged)?;
        Ok(Self { db, db_epoch })
    }

    /// The counts of a file that nobody else holds; changes no row. [`Error::Busy`]: a kiosk is running on it.
    pub fn look(path: &Path) -> Result<Tally, Error> {
        let flags =
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NOFOLLOW | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(uri(&real(path)?), flags | OpenFlags::SQLITE_OPEN_URI)?;
        db.busy_timeout(Duration::from_millis(200))?;
        db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        db.pragma_update(None, "synchronous", "EXTRA")?;
        Self { db, db_epoch: [0; 16] }.tally()
    }

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
        let next: i64 = tx.query_row("SELECT value FROM meta WHERE key = 'next_kiosk_seq'", [], |row| row.get(0))?;
        let context = Context {
            binding: Binding {
                ids: submission.ids,
                kiosk_id: sealer.kiosk_id.clone(),
                form_edition: submission.form_edition.clone(),
            },
            db_epoch: self.db_epoch,
            kiosk_seq: next.unsigned_abs(),
            consent_version: sealer.consent_version.clone(),
            sealed_at_ms: now_ms,
            supersedes: None,
        };
        let closed = envelope::seal(&context, &submission.parts, office, &submission.slip, &*sealer.device, rng)?;
        let id = submission.ids.submission.as_bytes().as_slice();
        tx.execute(
            "INSERT INTO submission (id, dossier_id, kiosk_seq, created_ms, form_edition, manifest, signature)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                id,
                submission.ids.dossier.as_bytes().as_slice(),
                next,
                now_ms,
                submission.form_edition,
                closed.manifest,
                closed.signature.as_slice()
            ],
        )?;
        for (n, part) in (0_i64..).zip(&closed.parts) {
            tx.execute("INSERT INTO part (submission_id, n, sealed) VALUES (?1, ?2, ?3)", params![id, n, part])?;
        }
        tx.execute("UPDATE meta SET value = ?1 WHERE key = 'next_kiosk_seq'", params![next + 1])?;
        let entry = Entry::SubmissionSaved { id: submission.ids.submission, seq: context.kiosk_seq };
        journal(&tx, now_ms, &entry)?;
        tx.commit()?;
        Ok(())
    }

    /// True when the submission is committed here.
    pub fn contains(&self, submission: Uuid) -> Result<bool, Error> {
        let found = self.db.query_row(
            "SELECT 1 FROM submission WHERE id = ?1",
            params![submission.as_bytes().as_slice()],
            |_| Ok(()),
        );
        Ok(found.optional()?.is_some())
    }

    /// Up to `limit` queued submissions, oldest first.
    pub fn due(&self, limit: u32) -> Result<Vec<Due>, Error> {
        let mut query = self.db.prepare_cached(
            "SELECT id, dossier_id, manifest, signature, failures FROM submission
             WHERE state = 0 ORDER BY kiosk_seq LIMIT ?1",
        )?;
        let rows = query.query_map(params![limit], |row| {
            Ok(Due {
                ids: Ids { submission: uuid(row, 0)?, dossier: uuid(row, 1)? },
                manifest: row.get(2)?,
                signature: row.get(3)?,
                failures: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One sealed part.
    pub fn part(&self, submission: Uuid, n: u16) -> Result<Option<Vec<u8>>, Error> {
        let sealed = self.db.query_row(
            "SELECT sealed FROM part WHERE submission_id = ?1 AND n = ?2",
            params![submission.as_bytes().as_slice(), n],
            |row| row.get(0),
        );
        Ok(sealed.optional()?)
    }

    /// The office's verified receipt is here: the submission is delivered. `receipt` is the statement as it came.
    pub fn received(&mut self, receipt: &Receipt, signed: &str, now_ms: i64) -> Result<(), Error> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let changed = tx.execute(
            "UPDATE submission SET state = 2, receipt = ?2, office_ms = ?3, attention = NULL WHERE id = ?1 AND state <> 2",
            params![receipt.submission_id.as_bytes().as_slice(), signed, receipt.server_time_ms],
        )?;
        if changed > 0 {
            let entry = Entry::SubmissionReceived { id: receipt.submission_id, receipt_no: receipt.receipt_no };
            journal(&tx, now_ms, &entry)?;
        }
        tx.commit()?;
        Ok(())
    }

    /// One more failure of the submission's own.
    pub fn failed(&mut self, submission: Uuid) -> Result<(), Error> {
        let id = submission.as_bytes().as_slice();
        self.db.execute("UPDATE submission SET failures = failures + 1 WHERE id = ?1", params![id])?;
        Ok(())
    }

    /// Leaves a submission to an officer; the queue flows on.
    pub fn attention(&mut self, submission: Uuid, why: Attention, now_ms: i64) -> Result<(), Error> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute(
            "UPDATE submission SET state = 3, attention = ?2 WHERE id = ?1 AND state = 0",
            params![submission.as_bytes().as_slice(), why.code()],
        )?;
        journal(&tx, now_ms, &Entry::SubmissionAttention { id: submission, code: why.code() })?;
        tx.commit()?;
        Ok(())
    }

    /// Erases the parts of submissions whose receipt is older than `keep_ms` by the office's own signed clock, of
    /// which `office_now_ms` is the latest word. The kiosk's wall clock erases nothing. Returns how many.
    pub fn erase_delivered(&mut self, office_now_ms: i64, keep_ms: i64, now_ms: i64) -> Result<usize, Error> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let before = office_now_ms.saturating_sub(keep_ms);
        let erased = tx.execute(
            "DELETE FROM part WHERE n = 0 AND submission_id IN
               (SELECT id FROM submission WHERE state = 2 AND office_ms <= ?1)",
            params![before],
        )?;
        if erased > 0 {
            tx.execute(
                "DELETE FROM part WHERE submission_id IN
                   (SELECT id FROM submission WHERE state = 2 AND office_ms <= ?1)",
                params![before],
            )?;
            journal(&tx, now_ms, &Entry::PartsErased { submissions: erased })?;
        }
        tx.commit()?;
        if erased > 0 {
            self.db.execute_batch("PRAGMA incremental_vacuum")?;
        }
        Ok(erased)
    }

    /// Counts and ages.
    pub fn tally(&self) -> Result<Tally, Error> {
        Ok(self.db.query_row(
            "SELECT count(*) FILTER (WHERE state IN (0, 1)), count(*) FILTER (WHERE state = 2),
                    count(*) FILTER (WHERE state = 3), min(created_ms) FILTER (WHERE state IN (0, 1))
             FROM submission",
            [],
            |row| {
                Ok(Tally {
                    queued: row.get(0)?,
                    received: row.get(1)?,
                    attention: row.get(2)?,
                    oldest_queued_ms: row.get(3)?,
                })
            },
        )?)
    }
}

/// Moves a damaged database and its companions into `quarantine/<n>/` beside it. Nothing is deleted.
pub fn move_aside(path: &Path) -> std::io::Result<PathBuf> {
    let quarantine = path.with_file_name("quarantine");
    let mut n = 1_u32;
    let mut folder = quarantine.join("1");
    while folder.exists() {
        n += 1;
        folder = quarantine.join(n.to_string());
    }
    std::fs::create_dir_all(&folder)?;
    let name = path.file_name().unwrap_or_default();
    for suffix in ["", "-wal", "-journal", "-shm"] {
        let mut part = name.to_owned();
        part.push(suffix);
        let from = path.with_file_name(&part);
        if from.exists() {
            std::fs::rename(&from, folder.join(&part))?;
        }
    }
    std::fs::File::open(&folder)?.sync_all()?;
    if let Some(parent) = path.parent() {
        std::fs::File::open(parent)?.sync_all()?;
    }
    Ok(folder)
}

fn uuid(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get::<_, [u8; 16]>(column).map(Uuid::from_bytes)
}

fn journal(tx: &Transaction<'_>, now_ms: i64, entry: &Entry) -> Result<(), Error> {
    tx.execute("INSERT INTO journal (at_ms, entry) VALUES (?1, ?2)", params![now_ms, entry.to_line()])?;
    Ok(())
}

fn assert_pragmas(db: &Connection) -> Result<(), Error> {
    for (pragma, wanted) in [("synchronous", 3_i64), ("foreign_keys", 1), ("secure_delete", 1), ("trusted_schema", 0)] {
        let value: i64 = db.pragma_query_value(None, pragma, |row| row.get(0))?;
        if value != wanted {
            return Err(Error::Broken);
        }
    }
    Ok(())
}

/// Brings an older schema up, one transaction a step; a newer one is refused.
fn migrate(db: &mut Connection, epoch: [u8; 16]) -> Result<(), Error> {
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match version {
        0 => {
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            tx.execute_batch(SCHEMA)?;
            tx.execute("INSERT INTO meta (key, value) VALUES ('db_epoch', ?1)", params![epoch.as_slice()])?;
            tx.execute("INSERT INTO meta (key, value) VALUES ('next_kiosk_seq', 1)", [])?;
            tx.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            tx.commit()?;
            Ok(())
        }
        SCHEMA_VERSION => Ok(()),
        _ => Err(Error::TooNew),
    }
}

/// The file in its real folder: the folder may be a link to a data disk, the file itself may not be one.
fn real(path: &Path) -> Result<PathBuf, Error> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().map_err(|_| Error::Broken)?;
    Ok(folder.join(path.file_name().unwrap_or_default()))
}

/// How many damaged queues lie aside beside this one, waiting for a technician.
pub fn quarantined(path: &Path) -> usize {
    std::fs::read_dir(path.with_file_name("quarantine")).map_or(0, |folders| folders.flatten().count())
}

/// The file's address with power-safe overwrite switched off: SQLite then fills up the last sector of a commit, because
/// a cheap card may tear the neighbour of what it writes when the power goes (five lost rows in 1,182 simulated images).
fn uri(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_bytes().iter().copied() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => uri.push(char::from(byte)),
            other => uri.extend(['%', hex_digit(other >> 4), hex_digit(other & 15)]),
        }
    }
    uri + "?psow=0"
}

fn hex_digit(value: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(value & 15)])
}

fn sync_directory(path: &Path) -> Result<(), Error> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(parent).and_then(|folder| folder.sync_all()).map_err(|_| Error::Broken)
}
