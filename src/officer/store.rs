//! `officer.db`: officers, the door's counter, outreach sessions. Opened for every question and closed again, so that
//! the console can set up an officer while the kiosk runs.

use super::hash::{self, Pepper};
use crate::domain::officer::{Count, Counts, Door, Lockout, Outreach, Pin, Running, Shut};
use crate::domain::triage::Advice;
use crate::journal::Entry;
use crate::sqlite::{self, OpenError};
use crate::stretch::Cost;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::path::Path;

const SCHEMA: &str = include_str!("schema.sql");
const FROM_1: &str = include_str!("from_1.sql");
const SCHEMA_VERSION: i64 = 2;
/// Every try is compared with every officer, or its time would tell who is there.
pub const MAX_OFFICERS: usize = 8;

/// What the caller does about it is what tells the variants apart.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No room: make some.
    #[error("no room on the disk")]
    Full,
    /// Another process holds the file: try again.
    #[error("another process holds the officers' file")]
    Busy,
    /// The file is damaged: move it aside and set up the officers anew.
    #[error("the officers' file is damaged")]
    Damaged,
    /// Reading or writing failed.
    #[error("the officers' file cannot be read or written")]
    Broken,
    /// Written by a newer program: update this one.
    #[error("the officers' file was written by a newer version of this program")]
    TooNew,
    /// The PINs were set with the credential `officer-pepper`, which is not there now.
    #[error("the credential officer-pepper is missing")]
    PepperMissing,
    /// Choose another name.
    #[error("there is an officer of this name already, or the name is empty or longer than 24 characters")]
    Name,
    /// Choose another PIN.
    #[error("this PIN cannot be used: choose another one")]
    PinTaken,
    /// Remove one first.
    #[error("there are {MAX_OFFICERS} officers already")]
    TooMany,
    /// There is no such officer.
    #[error("there is no officer of this name")]
    NoSuchOfficer,
    /// An outreach session is open already, or none is.
    #[error("an outreach session is open already, or none is")]
    Outreach,
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
            Self::PepperMissing => "pepper-missing",
            Self::Name => "name",
            Self::PinTaken => "pin-taken",
            Self::TooMany => "too-many",
            Self::NoSuchOfficer => "no-such-officer",
            Self::Outreach => "outreach",
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

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Sqlite(error) => error.into(),
            OpenError::Damaged => Self::Damaged,
            OpenError::Unusable => Self::Broken,
        }
    }
}

/// An officer as stored.
struct Officer {
    id: i64,
    name: String,
    salt: [u8; 16],
    hash: [u8; 32],
    cost: Cost,
    peppered: bool,
}

/// One try that has been counted and committed; only that can be compared.
pub struct Try {
    officers: Vec<Officer>,
    /// Tries until the door shuts, if this one is wrong.
    pub left: u32,
}

/// What counting a try led to.
pub enum Counting {
    /// It may be compared.
    Counted(Try),
    /// It may not.
    Shut(Shut),
    /// There is nobody to compare it with.
    NoOfficer,
}

/// Whose PIN it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// A number, for the journal.
    pub id: i64,
    /// The label.
    pub name: String,
}

impl Try {
    /// The comparison, with every officer, whoever matches first. Takes a quarter of a second each.
    pub fn compare(&self, pin: &Pin, pepper: Option<&Pepper>) -> Result<Option<Found>, Error> {
        let mut found = None;
        let mut compared = false;
        for officer in &self.officers {
            if officer.peppered && pepper.is_none() {
                continue;
            }
            let pepper = pepper.filter(|_| officer.peppered);
            let hash = hash::hash(pin, &officer.salt, officer.cost, pepper).ok_or(Error::Broken)?;
            compared = true;
            if hash::is_same(&hash, &officer.hash) {
                found = found.or(Some(Found { id: officer.id, name: officer.name.clone() }));
            }
        }
        if compared { Ok(found) } else { Err(Error::PepperMissing) }
    }
}

/// The open file.
pub struct Store {
    db: Connection,
}

impl Store {
    /// Opens or creates the file.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut db = sqlite::open(path)?;
        match db.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))? {
            0 => {
                let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
                tx.execute_batch(SCHEMA)?;
                tx.execute_batch(FROM_1)?;
                tx.pragma_update(None, "user_version", SCHEMA_VERSION)?;
                tx.commit()?;
            }
            1 => {
                let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
                // Another process may have been first.
                if tx.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))? == 1 {
                    tx.execute_batch(FROM_1)?;
                    tx.pragma_update(None, "user_version", SCHEMA_VERSION)?;
                }
                tx.commit()?;
            }
            SCHEMA_VERSION => {}
            _ => return Err(Error::TooNew),
        }
        Ok(Self { db })
    }

    /// Sets up an officer. `salt` is random.
    pub fn add(
        &mut self,
        name: &str,
        pin: &Pin,
        salt: [u8; 16],
        cost: Cost,
        pepper: Option<&Pepper>,
        now_ms: i64,
    ) -> Result<i64, Error> {
        let name = name.trim();
        let officers = officers(&self.db)?;
        let is_named = !name.is_empty() && name.chars().count() <= 24 && !name.chars().any(char::is_control);
        if !is_named || officers.iter().any(|officer| officer.name == name) {
            return Err(Error::Name);
        }
        if officers.len() >= MAX_OFFICERS {
            return Err(Error::TooMany);
        }
        // Two officers of one PIN could not be told apart.
        match (Try { officers, left: 0 }).compare(pin, pepper) {
            Ok(Some(_)) => return Err(Error::PinTaken),
            Ok(None) | Err(Error::PepperMissing) => {}
            Err(error) => return Err(error),
        }
        let hash = hash::hash(pin, &salt, cost, pepper).ok_or(Error::Broken)?;
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute(
            "INSERT INTO officer (name, salt, hash, memory_kib, passes, peppered) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![name, salt.as_slice(), hash.as_slice(), cost.memory_kib, cost.passes, pepper.is_some()],
        )?;
        let id = tx.last_insert_rowid();
        write(&tx, now_ms, &Entry::OfficerAdded { officer: id })?;
        tx.commit()?;
        Ok(id)
    }

    /// Takes an officer away.
    pub fn remove(&mut self, name: &str, now_ms: i64) -> Result<i64, Error> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let id = tx.query_row("DELETE FROM officer WHERE name = ?1 RETURNING id", [name.trim()], |row| row.get(0));
        let id = id.optional()?.ok_or(Error::NoSuchOfficer)?;
        write(&tx, now_ms, &Entry::OfficerRemoved { officer: id })?;
        tx.commit()?;
        Ok(id)
    }

    /// The officers' labels, and whether their PINs are peppered.
    pub fn list(&self) -> Result<Vec<(String, bool)>, Error> {
        Ok(officers(&self.db)?.into_iter().map(|officer| (officer.name, officer.peppered)).collect())
    }

    /// How the door stands. A lock-out from before a restart of the machine begins anew, and that is stored: its time
    /// runs from the first look on, not from the next try.
    pub fn door(&mut self, now: Running) -> Result<Door, Error> {
        let stored = lockout(&self.db)?;
        let lock = stored.at(now);
        if lock != stored {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            keep(&tx, lock)?;
            tx.commit()?;
        }
        Ok(match lock.left_ms(now) {
            0 if officers(&self.db)?.is_empty() => Door::NoOfficer,
            0 => Door::Ready,
            left_ms => Door::Locked { left_s: seconds(left_ms) },
        })
    }

    /// Counts a try as if it had failed, and commits that. What is not counted is not compared.
    pub fn count(&mut self, now: Running, now_ms: i64) -> Result<Counting, Error> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let officers = officers(&tx)?;
        if officers.is_empty() {
            return Ok(Counting::NoOfficer);
        }
        let stored = lockout(&tx)?;
        let (counting, kept) = match stored.count(now) {
            Ok(lock) => (Counting::Counted(Try { officers, left: lock.tries_left() }), lock),
            Err(shut) => (Counting::Shut(shut), stored.at(now)),
        };
        if kept != stored {
            keep(&tx, kept)?;
        }
        if matches!(counting, Counting::Counted(_)) {
            write(&tx, now_ms, &Entry::OfficerTried { outcome: "counted", officer: None })?;
        }
        tx.commit()?;
        Ok(counting)
    }

    /// The counted try was right.
    pub fn reset(&mut self, found: &Found, now_ms: i64) -> Result<(), Error> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        keep(&tx, Lockout::default())?;
        write(&tx, now_ms, &Entry::OfficerTried { outcome: "granted", officer: Some(found.id) })?;
        tx.commit()?;
        Ok(())
    }

    /// The open outreach session.
    pub fn outreach(&self) -> Result<Option<Outreach>, Error> {
        let sql = "SELECT place, team, opened_ms, closed_ms, started, finished, refused, sent_back, abandoned, id FROM outreach
                   WHERE closed_ms IS NULL";
        let open = self.db.query_row(sql, [], outreach).optional()?;
        open.map(|(id, open)| with_advice(&self.db, id, open)).transpose()
    }

    /// Opens an outreach session.
    pub fn open_outreach(&mut self, place: &str, team: &str, now_ms: i64) -> Result<(), Error> {
        if self.outreach()?.is_some() {
            return Err(Error::Outreach);
        }
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = "INSERT INTO outreach (place, team, opened_ms) VALUES (?1, ?2, ?3)";
        tx.execute(sql, params![place, team, now_ms])?;
        write(&tx, now_ms, &Entry::OfficerOrdered { code: "open-outreach" })?;
        tx.commit()?;
        Ok(())
    }

    /// Closes the open outreach session; gives its sums.
    pub fn close_outreach(&mut self, now_ms: i64) -> Result<Outreach, Error> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = "UPDATE outreach SET closed_ms = ?1 WHERE closed_ms IS NULL
                   RETURNING place, team, opened_ms, closed_ms, started, finished, refused, sent_back, abandoned, id";
        let (id, closed) = tx.query_row(sql, [now_ms], outreach).optional()?.ok_or(Error::Outreach)?;
        let closed = with_advice(&tx, id, closed)?;
        write(&tx, now_ms, &Entry::OfficerOrdered { code: "close-outreach" })?;
        tx.commit()?;
        Ok(closed)
    }

    /// A citizen came or went; counted while an outreach session is open.
    pub fn passed(&mut self, count: Count) -> Result<(), Error> {
        let sql = match count {
            Count::Started => "UPDATE outreach SET started = started + 1 WHERE closed_ms IS NULL",
            Count::Finished => "UPDATE outreach SET finished = finished + 1 WHERE closed_ms IS NULL",
            Count::Refused => "UPDATE outreach SET refused = refused + 1 WHERE closed_ms IS NULL",
            Count::SentBack => "UPDATE outreach SET sent_back = sent_back + 1 WHERE closed_ms IS NULL",
            Count::Abandoned => "UPDATE outreach SET abandoned = abandoned + 1 WHERE closed_ms IS NULL",
        };
        self.db.execute(sql, [])?;
        Ok(())
    }

    /// Somebody was advised all this; counted while an outreach session is open.
    pub fn advised(&mut self, advice: &[Advice]) -> Result<(), Error> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql =
            "INSERT INTO advised (outreach, advice, people) SELECT id, ?1, 1 FROM outreach WHERE closed_ms IS NULL
                   ON CONFLICT (outreach, advice) DO UPDATE SET people = people + 1";
        for advice in advice {
            tx.execute(sql, [advice.key()])?;
        }
        tx.commit()?;
        Ok(())
    }
}

/// Whole seconds, none of them too few.
pub(super) fn seconds(left_ms: u64) -> u32 {
    left_ms.div_ceil(1_000) as u32
}

fn officers(db: &Connection) -> Result<Vec<Officer>, Error> {
    let mut query = db.prepare("SELECT id, name, salt, hash, memory_kib, passes, peppered FROM officer ORDER BY id")?;
    let rows = query.query_map([], |row| {
        Ok(Officer {
            id: row.get(0)?,
            name: row.get(1)?,
            salt: row.get(2)?,
            hash: row.get(3)?,
            cost: Cost { memory_kib: row.get(4)?, passes: row.get(5)? },
            peppered: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn lockout(db: &Connection) -> Result<Lockout, Error> {
    Ok(db.query_row("SELECT fails, since_boot, since_ms FROM door WHERE id = 1", [], |row| {
        let since = row.get::<_, Option<[u8; 16]>>(1)?.zip(row.get::<_, Option<i64>>(2)?);
        let since = since.map(|(boot, ms)| Running { boot, ms: ms.unsigned_abs() });
        Ok(Lockout::stored(row.get(0)?, since))
    })?)
}

fn keep(tx: &Transaction<'_>, lock: Lockout) -> Result<(), Error> {
    let since = lock.since();
    tx.execute(
        "UPDATE door SET fails = ?1, since_boot = ?2, since_ms = ?3 WHERE id = 1",
        params![
            lock.fails(),
            since.map(|since| since.boot.to_vec()),
            since.map(|since| i64::try_from(since.ms).unwrap_or(i64::MAX))
        ],
    )?;
    Ok(())
}

/// The counts of a key that this program does not know, from a newer one, are left out.
fn with_advice(db: &Connection, id: i64, outreach: Outreach) -> Result<Outreach, Error> {
    let mut query = db.prepare("SELECT advice, people FROM advised WHERE outreach = ?1")?;
    let rows = query.query_map([id], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
    let stored: Vec<(String, u32)> = rows.collect::<Result<_, _>>()?;
    let people =
        |advice: Advice| stored.iter().find(|(key, _)| key == advice.key()).map(|(_, people)| (advice, *people));
    Ok(Outreach { advised: Advice::ALL.into_iter().filter_map(people).collect(), ..outreach })
}

fn outreach(row: &Row<'_>) -> rusqlite::Result<(i64, Outreach)> {
    let outreach = Outreach {
        place: row.get(0)?,
        team: row.get(1)?,
        opened_ms: row.get(2)?,
        closed_ms: row.get(3)?,
        counts: Counts::new([row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?, row.get(8)?]),
        advised: Vec::new(),
    };
    Ok((row.get(9)?, outreach))
}

fn write(tx: &Transaction<'_>, now_ms: i64, entry: &Entry) -> Result<(), Error> {
    tx.execute("INSERT INTO journal (at_ms, entry) VALUES (?1, ?2)", params![now_ms, entry.to_line()])?;
    Ok(())
}
