//! The queue as a model: what is committed stays, leases do not outlive the power, nothing unsent is erased. A test plays
//! the same random steps on it and on the real queue.

use crate::domain::delivery::Ticket;
use crate::domain::submission::Attention;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What fate has in store for a dossier that nobody else shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It can be delivered.
    Good,
    /// The office will refuse it.
    Poison,
    /// The office holds other content under this id.
    Occupied,
    /// The office has other dossiers under these numbers.
    RolledBack,
    /// Its body arrives damaged each time.
    AlwaysTorn,
    /// One of its parts cannot be read here.
    PartGone,
}

/// The office's signed word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its number, which counts commits of one epoch.
    pub no: u64,
    /// The office's epoch; each restore begins a new one.
    pub epoch: u32,
    /// The office's clock, milliseconds.
    pub office_ms: u64,
}

/// How far a dossier is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// To be sent, or being sent.
    Queued,
    /// Delivered.
    Received(Receipt),
    /// Left to an officer.
    Attention(Attention),
}

/// One dossier.
#[derive(Clone, Debug)]
pub struct Row {
    /// Drawn before the first attempt to save it.
    pub id: Uuid,
    /// Which citizen's, unique in the fleet.
    pub act: u64,
    /// Of its content.
    pub digest: u64,
    /// How many.
    pub parts: u16,
    /// See [`Fate`].
    pub fate: Fate,
    /// See [`State`].
    pub state: State,
    failures: u32,
    /// Not erased.
    pub parts_are_here: bool,
    is_covered: bool,
    /// How often it arrived damaged since an officer last put it back.
    pub torn: u32,
    /// How often the office's refusal was heard and could be written down.
    pub refused: u32,
}

/// What is new after the office was seen.
#[derive(Debug, Default)]
pub struct Seen {
    /// Sent once more, because the office's backup may not hold them.
    pub requeued: Vec<usize>,
    /// Their parts are gone.
    pub erased: Vec<usize>,
}

/// The queue of one kiosk.
#[derive(Debug, Default)]
pub struct Store {
    /// In the order of their commits.
    pub rows: Vec<Row>,
    by_id: BTreeMap<Uuid, usize>,
    due: BTreeSet<usize>,
    leased: BTreeSet<usize>,
    /// Received, and the parts are still here.
    kept: Vec<usize>,
    epoch: u32,
    watermark: u64,
    looked: (u32, u64, u64),
}

impl Store {
    /// Commits. The same id again is the same row.
    pub fn put(&mut self, id: Uuid, act: u64, digest: u64, parts: u16, fate: Fate) {
        if self.by_id.contains_key(&id) {
            return;
        }
        let at = self.rows.len();
        self.rows.push(Row {
            id,
            act,
            digest,
            parts,
            fate,
            state: State::Queued,
            failures: 0,
            parts_are_here: true,
            is_covered: false,
            torn: 0,
            refused: 0,
        });
        self.by_id.insert(id, at);
        self.due.insert(at);
    }

    /// The place of this dossier in [`Store::rows`].
    pub fn at(&self, id: Uuid) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    /// How many the office has not confirmed, apart from those left to an officer.
    pub fn waiting(&self) -> usize {
        self.due.len() + self.leased.len()
    }

    /// Leases up to `most`, oldest first.
    pub fn claim(&mut self, most: usize) -> Vec<Ticket> {
        let mut tickets = Vec::new();
        while tickets.len() < most
            && let Some(at) = self.due.pop_first()
        {
            self.leased.insert(at);
            tickets.push(Ticket { id: self.rows[at].id, failures: self.rows[at].failures });
        }
        tickets
    }

    /// Ends a lease; it is due as before.
    pub fn release(&mut self, at: usize) {
        if self.leased.remove(&at) {
            self.due.insert(at);
        }
    }

    /// Ends a lease with a failure of its own.
    pub fn failed(&mut self, at: usize) {
        self.rows[at].failures += 1;
        self.release(at);
    }

    /// Ends a lease: an officer has to look.
    pub fn attention(&mut self, at: usize, why: Attention) {
        self.leased.remove(&at);
        self.rows[at].state = State::Attention(why);
    }

    /// Ends a lease: it is delivered.
    pub fn received(&mut self, at: usize, receipt: Receipt) {
        self.leased.remove(&at);
        let row = &mut self.rows[at];
        row.state = State::Received(receipt);
        row.is_covered = receipt.epoch == self.epoch && receipt.no <= self.watermark;
        if row.parts_are_here {
            self.kept.push(at);
            self.looked.2 = 0;
        }
    }

    /// An officer tries once more what may go better. Answers how many.
    pub fn put_back(&mut self) -> usize {
        let mut count = 0;
        for (at, row) in self.rows.iter_mut().enumerate() {
            if matches!(row.state, State::Attention(Attention::Torn | Attention::Incomplete)) {
                row.state = State::Queued;
                (row.failures, row.torn) = (0, 0);
                self.due.insert(at);
                count += 1;
            }
        }
        count
    }

    /// Leases live in memory.
    pub fn power_cut(&mut self) {
        self.due.append(&mut self.leased);
    }

    /// The office said who it is and what its backup covers.
    pub fn seen(&mut self, epoch: u32, watermark: u64, office_ms: u64, keep_ms: u64) -> Seen {
        let mut seen = Seen::default();
        self.watermark = if epoch == self.epoch { self.watermark.max(watermark) } else { watermark };
        self.epoch = epoch;
        let look = (epoch, self.watermark, office_ms / 3_600_000);
        if std::mem::replace(&mut self.looked, look) == look {
            return seen;
        }
        let (rows, due, watermark) = (&mut self.rows, &mut self.due, self.watermark);
        self.kept.retain(|at| {
            let row = &mut rows[*at];
            let State::Received(receipt) = row.state else { return false };
            row.is_covered |= receipt.epoch == epoch && receipt.no <= watermark;
            if row.is_covered {
                let old = office_ms.saturating_sub(receipt.office_ms) >= keep_ms;
                if old {
                    row.parts_are_here = false;
                    seen.erased.push(*at);
                }
                !old
            } else if receipt.epoch == epoch {
                true
            } else {
                row.state = State::Queued;
                row.failures = 0;
                due.insert(*at);
                seen.requeued.push(*at);
                false
            }
        });
        seen
    }
}
