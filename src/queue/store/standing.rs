//! How the queue stands, for the officer and the heartbeat: counts, ages, reasons and codes; nothing personal.

use super::{Error, Store, Tally, uuid};
use crate::envelope::Ids;
use crate::queue::chain::{self, Head};
use uuid::Uuid;

/// Most submissions that wait for an officer that are listed; all are counted.
const MAX_LISTED: u32 = 200;

/// A submission that waits for an officer: it cannot be delivered as it is, or the office gives it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub submission: Uuid,
    /// As it stands on the citizen's slip.
    pub reference: String,
    /// Why: a code of [`crate::domain::submission::Attention`].
    pub why: String,
    /// Since when, by the kiosk's wall clock; of a returned one by the office's. Unix milliseconds.
    pub since_ms: i64,
    /// Failures of its own before that.
    pub failures: u32,
}

/// What came out of one damaged queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Salvaged {
    /// Its folder in `quarantine/`.
    pub quarantine: u32,
    /// Submissions that are here again: sealed, whole and under their old ids.
    pub saved: u64,
    /// Submissions that were in it and cannot be saved. `None`: too damaged to tell how many there were.
    pub lost: Option<u64>,
}

impl Store {
    /// Those that wait for an officer, oldest first, at most 200; then those that the office gives back, at most as
    /// many.
    pub fn waiting(&self) -> Result<Vec<Waiting>, Error> {
        let mut all = self.listed(
            "SELECT id, dossier_id, attention, coalesce(attention_ms, created_ms), failures FROM submission
             WHERE state = 3 ORDER BY seq LIMIT ?1",
        )?;
        all.extend(self.listed(
            "SELECT id, dossier_id, 'returned', at_ms, failures FROM office_status
             JOIN submission ON id = submission_id WHERE office_status.state = 'returned' ORDER BY at_ms LIMIT ?1",
        )?);
        Ok(all)
    }

    fn listed(&self, query: &str) -> Result<Vec<Waiting>, Error> {
        let mut query = self.db.prepare_cached(query)?;
        let rows = query.query_map([MAX_LISTED], |row| {
            let ids = Ids { submission: uuid(row, 0)?, dossier: uuid(row, 1)? };
            Ok(Waiting {
                submission: ids.submission,
                reference: ids.reference(),
                why: row.get(2)?,
                since_ms: row.get(3)?,
                failures: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What came out of damaged queues, the first one first.
    pub fn salvaged(&self) -> Result<Vec<Salvaged>, Error> {
        let mut query = self.db.prepare_cached("SELECT quarantine, saved, lost FROM salvage ORDER BY quarantine")?;
        let rows = query.query_map([], |row| {
            let (saved, lost): (i64, Option<i64>) = (row.get(1)?, row.get(2)?);
            Ok(Salvaged { quarantine: row.get(0)?, saved: saved.unsigned_abs(), lost: lost.map(i64::unsigned_abs) })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Where the journal stands.
    pub fn head(&self) -> Result<Head, Error> {
        let (seq, hash) = chain::head(&self.db)?;
        Ok(Head { seq: seq.unsigned_abs(), hash })
    }

    /// Submissions that were ever put into this file.
    pub fn places(&self) -> Result<u64, Error> {
        let last: i64 =
            self.db.prepare_cached("SELECT coalesce(max(seq), 0) FROM submission")?.query_row([], |row| row.get(0))?;
        Ok(last.unsigned_abs())
    }

    /// Bytes of the file that are in use; without what was erased and is free again.
    pub fn bytes(&self) -> Result<u64, Error> {
        let value = |pragma: &str| self.db.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
        let pages = value("page_count")?.saturating_sub(value("freelist_count")?);
        Ok(pages.saturating_mul(value("page_size")?).unsigned_abs())
    }

    /// The counts as they are in the file, by counting: what [`Store::tally`] must be equal to.
    pub fn count(&self) -> Result<Tally, Error> {
        Ok(self.db.query_row(
            "SELECT count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 2),
                    count(*) FILTER (WHERE state = 3), (SELECT created_ms FROM submission WHERE state = 0 ORDER BY seq)
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
