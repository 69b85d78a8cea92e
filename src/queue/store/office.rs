//! What the office says of itself and of submissions: epochs, watermarks, states; and what may be erased or must be sent
//! again because of it.

use super::connect::{meta, set_meta};
use super::{Error, Store};
use crate::gateway::wire::{StatusBatch, StatusEntry};
use crate::journal::Entry;
use crate::queue::chain;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use uuid::Uuid;

/// Longest code of a state, reason or field that is kept, in bytes.
const MAX_CODE: usize = 64;
/// Most fields of one returned submission that are kept.
const MAX_FIELDS: usize = 64;

/// What the office said last of itself, in a signed statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfficeSeen {
    /// Changes when the office is restored from a backup.
    pub epoch: [u8; 16],
    /// The office's backup holds every receipt of this epoch up to this number.
    pub durable_through: u64,
    /// The office's clock, Unix milliseconds.
    pub server_time_ms: i64,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Delivered to an earlier epoch, not known to be in its backup, and therefore queued again.
    pub requeued: usize,
    /// Submissions whose parts were erased.
    pub erased: usize,
}

/// Where a submission stands at the office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeStatus {
    /// As in [`StatusEntry::state`].
    pub state: String,
    /// As in [`StatusEntry::reason`].
    pub reason: Option<String>,
    /// As in [`StatusEntry::fields`].
    pub fields: Vec<String>,
    /// The office's clock, Unix milliseconds.
    pub at_ms: i64,
}

impl Store {
    /// Takes in what the office said of itself. A delivered submission whose receipt is of another epoch and was not
    /// covered by the last watermark known of that epoch is queued again, as long as its parts are here. The parts of a
    /// delivered one are erased when the watermark covers its receipt **and** the receipt is older than `keep_ms` by
    /// the office's clock; the kiosk's own clock erases nothing.
    pub fn office_seen(&mut self, seen: OfficeSeen, keep_ms: i64, now_ms: i64) -> Result<Seen, Error> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let known: Option<[u8; 16]> = meta(&tx, "office_epoch")?;
        if known != Some(seen.epoch) {
            set_meta(&tx, "office_epoch", seen.epoch)?;
            set_meta(&tx, "status_cursor", 0)?;
        }
        set_meta(&tx, "keep_ms", keep_ms)?;
        tx.prepare_cached(
            "INSERT INTO office (epoch, durable_through, seen_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE
             SET durable_through = max(durable_through, excluded.durable_through),
                 seen_ms = max(seen_ms, excluded.seen_ms)
             WHERE excluded.durable_through > durable_through OR excluded.seen_ms > seen_ms",
        )?
        .execute(params![
            seen.epoch,
            i64::try_from(seen.durable_through).unwrap_or(i64::MAX),
            seen.server_time_ms
        ])?;
        let requeued = requeue_lost(&tx, &seen.epoch)?;
        if known.is_some_and(|known| known != seen.epoch) || requeued > 0 {
            chain::append(&tx, now_ms, &Entry::OfficeEpochChanged { requeued })?;
        }
        let erased = erase(&tx, seen.server_time_ms.saturating_sub(keep_ms), now_ms)?;
        tx.commit()?;
        let (from, to) = (&mut self.counts.received, &mut self.counts.queued);
        *from = from.saturating_sub(requeued as u32);
        *to += requeued as u32;
        if erased > 0 {
            self.give_free_pages_back()?;
        }
        Ok(Seen { requeued, erased })
    }

    /// The pragma frees one page a step: it is stepped to its end.
    fn give_free_pages_back(&self) -> Result<(), Error> {
        let mut vacuum = self.db.prepare("PRAGMA incremental_vacuum")?;
        let mut steps = vacuum.query([])?;
        while steps.next()?.is_some() {}
        Ok(())
    }

    /// Erases at once what may be erased by the office's last word, and gives the room back to the disk. Returns how
    /// many submissions.
    pub fn erase_allowed(&mut self, now_ms: i64) -> Result<usize, Error> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let keep_ms: Option<i64> = meta(&tx, "keep_ms")?;
        let office_ms: Option<i64> = tx
            .query_row(
                "SELECT seen_ms FROM office WHERE epoch = (SELECT value FROM meta WHERE key = 'office_epoch')",
                [],
                |row| row.get(0),
            )
            .optional()?;
        let (Some(keep_ms), Some(office_ms)) = (keep_ms, office_ms) else {
            return Ok(0);
        };
        let erased = erase(&tx, office_ms.saturating_sub(keep_ms), now_ms)?;
        tx.commit()?;
        self.give_free_pages_back()?;
        // Busy is impossible with one connection, and a log that stays long only takes room.
        self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(erased)
    }

    /// Takes a signed batch of states. One for another cursor or another epoch of the office changes nothing. Returns
    /// how many entries were taken; those for submissions that are not here, or that are no codes, are passed over.
    pub fn take_statuses(&mut self, batch: &StatusBatch) -> Result<usize, Error> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let epoch: Option<[u8; 16]> = meta(&tx, "office_epoch")?;
        if epoch.is_some_and(|epoch| epoch != batch.office_epoch) || cursor(&tx)? != batch.cursor {
            return Ok(0);
        }
        let mut taken = 0;
        for entry in batch.entries.iter().filter(|entry| is_of_codes(entry)) {
            taken += tx
                .prepare_cached(
                    "INSERT INTO office_status (submission_id, state, reason, fields, at_ms)
                     SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM submission WHERE id = ?1)
                     ON CONFLICT DO UPDATE SET state = excluded.state, reason = excluded.reason,
                                               fields = excluded.fields, at_ms = excluded.at_ms",
                )?
                .execute(params![
                    entry.submission_id.as_bytes(),
                    entry.state,
                    entry.reason,
                    entry.fields.join(" "),
                    entry.at_ms
                ])?;
        }
        set_meta(&tx, "status_cursor", i64::try_from(batch.next_cursor).unwrap_or(i64::MAX))?;
        tx.commit()?;
        Ok(taken)
    }

    /// Where to ask on for states; 0 is the beginning.
    pub fn status_cursor(&self) -> Result<u64, Error> {
        cursor(&self.db)
    }

    /// Where a submission stands at the office, if the office has said anything.
    pub fn status(&self, submission: Uuid) -> Result<Option<OfficeStatus>, Error> {
        let mut query = self
            .db
            .prepare_cached("SELECT state, reason, fields, at_ms FROM office_status WHERE submission_id = ?1")?;
        let read = |row: &rusqlite::Row<'_>| {
            let fields: String = row.get(2)?;
            let fields = fields.split_whitespace().map(str::to_owned).collect();
            Ok(OfficeStatus { state: row.get(0)?, reason: row.get(1)?, fields, at_ms: row.get(3)? })
        };
        Ok(query.query_row([submission.as_bytes()], read).optional()?)
    }

    /// A signed thing of others, kept under a key.
    pub fn note(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let mut query = self.db.prepare_cached("SELECT value FROM note WHERE key = ?1")?;
        Ok(query.query_row([key], |row| row.get(0)).optional()?)
    }

    /// Keeps it, in place of the one before.
    pub fn keep_note(&mut self, key: &str, value: &[u8]) -> Result<(), Error> {
        self.db
            .prepare_cached(
                "INSERT INTO note (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
            )?
            .execute(params![key, value])?;
        Ok(())
    }
}

fn cursor(db: &Connection) -> Result<u64, Error> {
    Ok(meta::<i64>(db, "status_cursor")?.unwrap_or_default().unsigned_abs())
}

/// A receipt without an epoch was kept by a first version that could not read it: it counts as not covered.
fn requeue_lost(tx: &Transaction<'_>, epoch: &[u8; 16]) -> Result<usize, Error> {
    let mut requeue = tx.prepare_cached(
        "UPDATE submission SET state = 0, failures = 0, receipt = NULL, receipt_no = NULL, office_epoch = NULL,
                office_ms = NULL
         WHERE state = 2 AND erased = 0 AND office_epoch IS NOT ?1
           AND NOT EXISTS (SELECT 1 FROM office WHERE office.epoch = submission.office_epoch
                           AND submission.receipt_no <= office.durable_through)",
    )?;
    Ok(requeue.execute([epoch])?)
}

/// Erases what watermarks cover and the office received at `before` or earlier, by its own clock.
fn erase(tx: &Transaction<'_>, before: i64, now_ms: i64) -> Result<usize, Error> {
    let mut allowed = tx.prepare_cached(
        "SELECT submission.seq, submission.id FROM office
         JOIN submission ON submission.office_epoch = office.epoch AND submission.receipt_no <= office.durable_through
         WHERE submission.state = 2 AND submission.erased = 0 AND submission.office_ms <= ?1",
    )?;
    let allowed: Vec<(i64, [u8; 16])> =
        allowed.query_map([before], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (seq, id) in &allowed {
        tx.prepare_cached("DELETE FROM part WHERE submission_id = ?1")?.execute([id])?;
        tx.prepare_cached("UPDATE submission SET erased = 1 WHERE seq = ?1")?.execute([seq])?;
    }
    if !allowed.is_empty() {
        chain::append(tx, now_ms, &Entry::PartsErased { submissions: allowed.len() })?;
    }
    Ok(allowed.len())
}

fn is_of_codes(entry: &StatusEntry) -> bool {
    let is_code = |text: &str| {
        (1..=MAX_CODE).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
    };
    is_code(&entry.state)
        && entry.reason.as_deref().is_none_or(is_code)
        && entry.fields.len() <= MAX_FIELDS
        && entry.fields.iter().all(|field| is_code(field))
}
