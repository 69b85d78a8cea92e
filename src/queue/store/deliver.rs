//! From queued to delivered: claims, receipts, failures, and what is left to an officer.

use super::{Due, Error, Store, uuid};
use crate::domain::submission::Attention;
use crate::gateway::wire::Receipt;
use crate::journal::Entry;
use crate::queue::chain;
use rusqlite::{OptionalExtension, TransactionBehavior, params};
use uuid::Uuid;

/// The next in the line that nobody has claimed. Public so that a test can ask SQLite how it goes about it.
pub const CLAIM: &str = "SELECT id, dossier_id, manifest, signature, failures, seq FROM submission
     WHERE state = 0 AND seq NOT IN (SELECT seq FROM temp.lease) ORDER BY seq LIMIT ?1";

impl Store {
    /// Up to `limit` queued submissions, oldest first, that are handed out to nobody else until [`Store::release`], an
    /// outcome, or the end of the process. Writes nothing to the disk.
    pub fn claim(&mut self, limit: u32) -> Result<Vec<Due>, Error> {
        let mut query = self.db.prepare_cached(CLAIM)?;
        let claimed: Vec<(Due, i64)> =
            query.query_map([limit], |row| Ok((Due::read(row)?, row.get(5)?)))?.collect::<Result<_, _>>()?;
        let mut lease = self.db.prepare_cached("INSERT OR IGNORE INTO temp.lease (seq) VALUES (?1)")?;
        for (_, seq) in &claimed {
            lease.execute([seq])?;
        }
        Ok(claimed.into_iter().map(|(due, _)| due).collect())
    }

    /// Gives claimed submissions back untried.
    pub fn release(&mut self, submissions: &[Uuid]) -> Result<(), Error> {
        for submission in submissions {
            self.give_back(*submission)?;
        }
        Ok(())
    }

    fn give_back(&self, submission: Uuid) -> Result<(), Error> {
        self.db
            .prepare_cached("DELETE FROM temp.lease WHERE seq = (SELECT seq FROM submission WHERE id = ?1)")?
            .execute([submission.as_bytes()])?;
        Ok(())
    }

    /// The office's verified receipt is here: the submission is delivered. `signed` is the statement as it came.
    pub fn received(&mut self, receipt: &Receipt, signed: &str, now_ms: i64) -> Result<(), Error> {
        let id = receipt.submission_id;
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let state: Option<i64> = state(&tx, id)?;
        if matches!(state, Some(0 | 3)) {
            tx.prepare_cached(
                "UPDATE submission SET state = 2, receipt = ?2, receipt_no = ?3, office_epoch = ?4, office_ms = ?5,
                        attention = NULL, attention_ms = NULL
                 WHERE id = ?1",
            )?
            .execute(params![
                id.as_bytes(),
                signed,
                i64::try_from(receipt.receipt_no).map_err(|_| Error::Broken)?,
                receipt.office_epoch,
                receipt.server_time_ms
            ])?;
            chain::append(&tx, now_ms, &Entry::SubmissionReceived { id, receipt_no: receipt.receipt_no })?;
        }
        tx.commit()?;
        self.moved(state, Some(2));
        self.give_back(id)
    }

    /// One more failure of the submission's own.
    pub fn failed(&mut self, submission: Uuid) -> Result<(), Error> {
        self.db
            .prepare_cached("UPDATE submission SET failures = failures + 1 WHERE id = ?1 AND state = 0")?
            .execute([submission.as_bytes()])?;
        self.give_back(submission)
    }

    /// Leaves a submission to an officer; the queue flows on.
    pub fn attention(&mut self, submission: Uuid, why: Attention, now_ms: i64) -> Result<(), Error> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let state = state(&tx, submission)?;
        if state == Some(0) {
            tx.prepare_cached("UPDATE submission SET state = 3, attention = ?2, attention_ms = ?3 WHERE id = ?1")?
                .execute(params![submission.as_bytes(), why.code(), now_ms])?;
            chain::append(&tx, now_ms, &Entry::SubmissionAttention { id: submission, code: why.code() })?;
        }
        tx.commit()?;
        if state == Some(0) {
            self.moved(state, Some(3));
        }
        self.give_back(submission)
    }

    /// An officer's "try again": back into the line, at its old place, with a clean record. `false`: it did not wait for
    /// an officer.
    pub fn requeue(&mut self, submission: Uuid, now_ms: i64) -> Result<bool, Error> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let waits = state(&tx, submission)? == Some(3);
        if waits {
            tx.prepare_cached(
                "UPDATE submission SET state = 0, failures = 0, attention = NULL, attention_ms = NULL WHERE id = ?1",
            )?
            .execute([submission.as_bytes()])?;
            chain::append(&tx, now_ms, &Entry::SubmissionRequeued { id: submission })?;
        }
        tx.commit()?;
        if waits {
            self.moved(Some(3), Some(0));
            self.give_back(submission)?;
        }
        Ok(waits)
    }

    /// Up to `limit` submissions that the office has not confirmed, those that wait for an officer among them, behind
    /// the place `after`; with their places.
    pub fn unsent(&self, after: i64, limit: u32) -> Result<Vec<(i64, Due)>, Error> {
        let mut query = self.db.prepare_cached(
            "SELECT id, dossier_id, manifest, signature, failures, seq FROM submission
             WHERE state IN (0, 3) AND seq > ?1 ORDER BY seq LIMIT ?2",
        )?;
        let rows = query.query_map(params![after, limit], |row| Ok((row.get(5)?, Due::read(row)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes that copies of these were written to a medium. They stay queued: a copy is not a delivery.
    pub fn exported(&mut self, submissions: &[Uuid], now_ms: i64) -> Result<(), Error> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for submission in submissions {
            tx.prepare_cached("UPDATE submission SET exported_ms = ?2 WHERE id = ?1")?
                .execute(params![submission.as_bytes(), now_ms])?;
        }
        if !submissions.is_empty() {
            chain::append(&tx, now_ms, &Entry::SubmissionsExported { submissions: submissions.len() })?;
        }
        Ok(tx.commit()?)
    }

    /// The manifest and signature of one, in whatever state.
    pub fn find(&self, submission: Uuid) -> Result<Option<Due>, Error> {
        let mut query = self
            .db
            .prepare_cached("SELECT id, dossier_id, manifest, signature, failures FROM submission WHERE id = ?1")?;
        Ok(query.query_row([submission.as_bytes()], Due::read).optional()?)
    }

    /// Which parts of one are here, in order.
    pub fn part_numbers(&self, submission: Uuid) -> Result<Vec<u16>, Error> {
        let mut query = self.db.prepare_cached("SELECT n FROM part WHERE submission_id = ?1 ORDER BY n")?;
        Ok(query.query_map([submission.as_bytes()], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Keeps the counts true after a commit that took a submission from one state to another.
    pub(in crate::queue) fn moved(&mut self, from: Option<i64>, to: Option<i64>) {
        if from.is_none() && to == Some(2) {
            return;
        }
        for (state, step) in [(from, -1), (to, 1)] {
            let count = match state {
                Some(0) => &mut self.counts.queued,
                Some(2) => &mut self.counts.received,
                Some(3) => &mut self.counts.attention,
                _ => continue,
            };
            *count = count.saturating_add_signed(step);
        }
    }

    /// The ids of those that are claimed, in order of their places.
    pub fn claimed(&self) -> Result<Vec<Uuid>, Error> {
        let mut query = self.db.prepare_cached("SELECT id FROM submission JOIN temp.lease USING (seq) ORDER BY seq")?;
        Ok(query.query_map([], |row| uuid(row, 0))?.collect::<Result<_, _>>()?)
    }
}

fn state(db: &rusqlite::Connection, submission: Uuid) -> Result<Option<i64>, Error> {
    let mut query = db.prepare_cached("SELECT state FROM submission WHERE id = ?1")?;
    Ok(query.query_row([submission.as_bytes()], |row| row.get(0)).optional()?)
}
