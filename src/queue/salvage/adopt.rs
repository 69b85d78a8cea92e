//! The new queue's side of a salvage.

use super::read::{Rescued, State};
use crate::journal::Entry;
use crate::queue::chain;
use crate::queue::store::{Error, NewRow, Salvaged, Store, insert_part};
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

impl Store {
    /// Puts these in, in one transaction, and returns how many of them are here now. One that is here already only
    /// learns of a receipt that it does not have.
    pub(super) fn adopt(&mut self, batch: &[Rescued], now_ms: i64) -> Result<u64, Error> {
        let mut moves = Vec::new();
        let tx = self.begin()?;
        let mut here = 0;
        for rescued in batch {
            let known = known_state(&tx, rescued)?;
            here += match known {
                Some(state) => {
                    if matches!((&rescued.state, state), (State::Received { .. }, 0 | 3)) {
                        settle(&tx, rescued)?;
                        moves.push((Some(state), Some(2)));
                    }
                    1
                }
                None if number_is_free(&tx, rescued)? => {
                    insert(&tx, rescued)?;
                    settle(&tx, rescued)?;
                    moves.push((None, Some(0)));
                    moves.push((Some(0), Some(rescued.state.number())));
                    let entry = Entry::SubmissionSalvaged { id: rescued.due.ids.submission };
                    chain::append(&tx, now_ms, &entry)?;
                    1
                }
                None => 0,
            };
        }
        tx.commit()?;
        for (from, to) in moves {
            self.moved(from, to);
        }
        Ok(here)
    }

    /// Notes that a damaged queue was gone through to its end.
    pub(super) fn note_salvage(&mut self, salvaged: Salvaged, now_ms: i64) -> Result<(), Error> {
        let Salvaged { quarantine, saved, lost } = salvaged;
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let tx = self.begin()?;
        tx.execute(
            "INSERT INTO salvage (quarantine, at_ms, saved, lost) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET at_ms = excluded.at_ms, saved = excluded.saved, lost = excluded.lost",
            params![quarantine, now_ms, number(saved), lost.map(number)],
        )?;
        chain::append(&tx, now_ms, &Entry::QueueSalvaged { quarantine, saved, lost })?;
        Ok(tx.commit()?)
    }

    fn begin(&mut self) -> Result<Transaction<'_>, Error> {
        Ok(self.connection().transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}

fn known_state(tx: &Transaction<'_>, rescued: &Rescued) -> Result<Option<i64>, Error> {
    let mut query = tx.prepare_cached("SELECT state FROM submission WHERE id = ?1")?;
    Ok(query.query_row([rescued.due.ids.submission.as_bytes()], |row| row.get(0)).optional()?)
}

/// Two submissions with one number cannot both be what the device sealed.
fn number_is_free(tx: &Transaction<'_>, rescued: &Rescued) -> Result<bool, Error> {
    let mut query = tx.prepare_cached("SELECT 1 FROM submission WHERE db_epoch = ?1 AND kiosk_seq = ?2")?;
    Ok(!query.exists(params![rescued.db_epoch, rescued.kiosk_seq])?)
}

fn insert(tx: &Transaction<'_>, rescued: &Rescued) -> Result<(), Error> {
    let row = NewRow {
        ids: rescued.due.ids,
        supersedes: rescued.supersedes,
        db_epoch: rescued.db_epoch,
        kiosk_seq: rescued.kiosk_seq,
        created_ms: rescued.created_ms,
        form_edition: &rescued.form_edition,
        manifest: &rescued.due.manifest,
        signature: &rescued.due.signature,
    };
    row.insert(tx)?;
    for (n, part) in &rescued.parts {
        insert_part(tx, rescued.due.ids.submission, *n, part)?;
    }
    Ok(())
}

/// Gives the row the state that it had.
fn settle(tx: &Transaction<'_>, rescued: &Rescued) -> Result<(), Error> {
    let id = rescued.due.ids.submission;
    match &rescued.state {
        State::Queued => {}
        State::Received { signed, receipt_no, office_epoch, office_ms } => {
            tx.prepare_cached(
                "UPDATE submission SET state = 2, receipt = ?2, receipt_no = ?3, office_epoch = ?4, office_ms = ?5,
                        erased = NOT EXISTS (SELECT 1 FROM part WHERE submission_id = ?1), attention = NULL,
                        attention_ms = NULL
                 WHERE id = ?1",
            )?
            .execute(params![id.as_bytes(), signed, receipt_no, office_epoch, office_ms])?;
        }
        State::Attention { why, since_ms } => {
            tx.prepare_cached("UPDATE submission SET state = 3, attention = ?2, attention_ms = ?3 WHERE id = ?1")?
                .execute(params![id.as_bytes(), why, since_ms])?;
        }
    }
    Ok(())
}
