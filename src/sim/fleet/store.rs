//! The queue as a model: what is committed stays, leases do not outlive the power, nothing unsent is erased.

use crate::domain::delivery::Ticket;
use crate::domain::submission::Attention;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What fate has in store for a dossier that nobody else shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
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
pub(super) struct Receipt {
    pub(super) no: u64,
    pub(super) epoch: u32,
    pub(super) office_ms: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Queued,
    Received(Receipt),
    Attention(Attention),
}

#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) id: Uuid,
    /// Which citizen's, unique in the fleet.
    pub(super) act: u64,
    pub(super) digest: u64,
    pub(super) parts: u16,
    pub(super) fate: Fate,
    pub(super) state: State,
    failures: u32,
    pub(super) parts_are_here: bool,
    is_covered: bool,
    /// Heard since an officer last put it back.
    pub(super) torn: u32,
    pub(super) refused: u32,
}

/// What is new after the office was seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) requeued: Vec<usize>,
    pub(super) erased: Vec<usize>,
}

#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) rows: Vec<Row>,
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
    pub(super) fn put(&mut self, id: Uuid, act: u64, digest: u64, parts: u16, fate: Fate) {
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

    pub(super) fn at(&self, id: Uuid) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    pub(super) fn waiting(&self) -> usize {
        self.due.len() + self.leased.len()
    }

    pub(super) fn claim(&mut self, most: usize) -> Vec<Ticket> {
        let mut tickets = Vec::new();
        while tickets.len() < most
            && let Some(at) = self.due.pop_first()
        {
            self.leased.insert(at);
            tickets.push(Ticket { id: self.rows[at].id, failures: self.rows[at].failures });
        }
        tickets
    }

    pub(super) fn release(&mut self, at: usize) {
        if self.leased.remove(&at) {
            self.due.insert(at);
        }
    }

    pub(super) fn failed(&mut self, at: usize) {
        self.rows[at].failures += 1;
        self.release(at);
    }

    pub(super) fn attention(&mut self, at: usize, why: Attention) {
        self.leased.remove(&at);
        self.rows[at].state = State::Attention(why);
    }

    pub(super) fn received(&mut self, at: usize, receipt: Receipt) {
        self.leased.remove(&at);
        let row = &mut self.rows[at];
        row.state = State::Received(receipt);
        row.is_covered = receipt.epoch == self.epoch && receipt.no <= self.watermark;
        if row.parts_are_here {
            self.kept.push(at);
            self.looked.2 = 0;
        }
    }

    /// An officer tries once more what may go better.
    pub(super) fn put_back(&mut self) -> usize {
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
    pub(super) fn power_cut(&mut self) {
        self.due.append(&mut self.leased);
    }

    /// The office said who it is and what its backup covers.
    pub(super) fn seen(&mut self, epoch: u32, watermark: u64, office_ms: u64, keep_ms: u64) -> Seen {
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
                due.insert(*at);
                seen.requeued.push(*at);
                false
            }
        });
        seen
    }
}
