//! The office as a model: it stores once under the client's id, signs after its commit, and can fall back to a backup
//! that is no older than the watermark it has announced.

use super::store::{Fate, Receipt};
use super::world::Ms;
use crate::domain::delivery;
use crate::domain::submission::Outcome;
use fastrand::Rng;
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Well,
    /// 5xx.
    Broken,
    /// 503, mostly with a time to come back.
    Busy,
    /// Answers often come when nobody waits any more.
    Late,
    /// Dossiers and pings work, heartbeats and statuses do not.
    HalfBroken,
    /// It often falls over between its commit and its answer.
    Crashing,
}

impl Condition {
    pub(super) const ALL: [Self; 6] =
        [Self::Well, Self::Broken, Self::Busy, Self::Late, Self::HalfBroken, Self::Crashing];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Offer,
    Part(u16),
    Ping,
    Beat,
    Statuses,
    Keys,
}

/// A request as it travels; it means the same whenever it arrives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    pub(super) kind: Kind,
    /// The kiosk's name for it, which comes back with the answer.
    pub(super) id: Uuid,
    /// The id on the wire: the same, but for a mutant.
    pub(super) wire: Uuid,
    pub(super) act: u64,
    pub(super) digest: u64,
    pub(super) parts: u16,
    pub(super) fate: Fate,
    pub(super) torn: bool,
    /// The kiosk waits no longer than to this moment.
    pub(super) deadline: Ms,
}

#[derive(Clone, Debug)]
pub(super) enum Said {
    Outcome(Outcome),
    Receipt(Receipt),
    Done,
    Pong(delivery::Office),
    Keys(u64),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    no: u64,
    pub(super) act: u64,
    pub(super) digest: u64,
}

#[derive(Debug)]
pub(super) struct Office {
    pub(super) condition: Condition,
    pub(super) denied: Vec<bool>,
    pub(super) held: BTreeMap<Uuid, Held>,
    parts: BTreeMap<Uuid, u64>,
    pub(super) epoch: u32,
    next_no: u64,
    watermark: u64,
    snapshot: Option<u64>,
    pub(super) bundle_version: u64,
    /// The oldest bundle that names the key it signs with.
    signs_from: u64,
}

impl Office {
    pub(super) fn new(kiosks: usize) -> Self {
        Self {
            condition: Condition::Well,
            denied: vec![false; kiosks],
            held: BTreeMap::new(),
            parts: BTreeMap::new(),
            epoch: 1,
            next_no: 1,
            watermark: 0,
            snapshot: None,
            bundle_version: 1,
            signs_from: 1,
        }
    }

    /// What it says to a request of kiosk `from`, which has the bundle `bundle`; nothing if it falls over. The number is
    /// how long it takes.
    pub(super) fn answer(
        &mut self,
        from: usize,
        bundle: u64,
        request: &Request,
        now: Ms,
        rng: &mut Rng,
    ) -> Option<(Ms, Said)> {
        let mut takes = rng.u64(1..60);
        match self.condition {
            Condition::Broken => return Some((takes, Said::Outcome(Outcome::Offline))),
            Condition::HalfBroken if matches!(request.kind, Kind::Beat | Kind::Statuses) => {
                return Some((takes, Said::Outcome(Outcome::Offline)));
            }
            Condition::Busy if rng.u8(0..10) < 8 => {
                let pause = (rng.u8(0..4) > 0).then(|| [0, 5, 60, 900, 7_200][rng.usize(0..5)]);
                return Some((takes, Said::Outcome(Outcome::Busy(pause))));
            }
            Condition::Crashing if rng.u8(0..6) == 0 => return None,
            Condition::Late => takes = rng.u64(1..60_000),
            Condition::Well | Condition::Busy | Condition::HalfBroken | Condition::Crashing => {}
        }
        let said = self.decide(from, bundle, request, now);
        let falls_over = self.condition == Condition::Crashing && rng.u8(0..3) == 0;
        (!falls_over).then_some((takes, said))
    }

    fn decide(&mut self, from: usize, bundle: u64, request: &Request, now: Ms) -> Said {
        let refuse = Said::Outcome;
        let is_signed = matches!(request.kind, Kind::Offer | Kind::Part(_) | Kind::Beat | Kind::Statuses);
        if is_signed && self.denied[from] {
            return refuse(Outcome::Denied);
        }
        if request.torn || (request.fate == Fate::AlwaysTorn && matches!(request.kind, Kind::Offer | Kind::Part(_))) {
            return refuse(Outcome::Torn);
        }
        let said = match request.kind {
            Kind::Keys => return Said::Keys(self.bundle_version),
            Kind::Part(n) => {
                *self.parts.entry(request.wire).or_default() |= 1 << n;
                return Said::Done;
            }
            Kind::Beat | Kind::Statuses => Said::Done,
            Kind::Ping => Said::Pong(delivery::Office {
                office_ms: now.cast_signed(),
                epoch: epoch_bytes(self.epoch),
                durable_through: self.watermark,
                bundle_version: self.bundle_version,
            }),
            Kind::Offer => match request.fate {
                Fate::Poison => return refuse(Outcome::Refused),
                Fate::Occupied => return refuse(Outcome::Conflict),
                Fate::RolledBack => return refuse(Outcome::EpochRollback),
                Fate::Good | Fate::AlwaysTorn | Fate::PartGone => match self.take(request, now) {
                    Ok(receipt) => Said::Receipt(receipt),
                    Err(outcome) => return refuse(outcome),
                },
            },
        };
        // What it did is done; the kiosk cannot read the signature under it.
        if bundle < self.signs_from { refuse(Outcome::UnknownKey) } else { said }
    }

    fn take(&mut self, request: &Request, now: Ms) -> Result<Receipt, Outcome> {
        let receipt = |no, epoch| Receipt { no, epoch, office_ms: now };
        if let Some(held) = self.held.get(&request.wire) {
            let same = held.digest == request.digest;
            return if same { Ok(receipt(held.no, self.epoch)) } else { Err(Outcome::Conflict) };
        }
        let here = self.parts.get(&request.wire).copied().unwrap_or_default();
        let missing: Vec<u16> = (0..request.parts).filter(|n| here & (1 << n) == 0).collect();
        if !missing.is_empty() {
            return Err(Outcome::MissingParts(missing));
        }
        self.parts.remove(&request.wire);
        let no = self.next_no;
        self.next_no += 1;
        self.held.insert(request.wire, Held { no, act: request.act, digest: request.digest });
        Ok(receipt(no, self.epoch))
    }

    /// A backup is taken; it is announced when [`Office::backed_up`] says it is safe elsewhere.
    pub(super) fn back_up(&mut self) -> (u32, u64) {
        let no = self.next_no - 1;
        self.snapshot = Some(no);
        (self.epoch, no)
    }

    pub(super) fn backed_up(&mut self, epoch: u32, no: u64) {
        if epoch == self.epoch {
            self.watermark = self.watermark.max(no);
        }
    }

    /// Everything after the last backup is gone, half-sent parts too. Answers how many dossiers that is.
    pub(super) fn restore(&mut self) -> Option<usize> {
        let back_to = self.snapshot?;
        let before = self.held.len();
        self.held.retain(|_, held| held.no <= back_to);
        self.parts.clear();
        self.epoch += 1;
        self.next_no = back_to + 1;
        self.watermark = 0;
        self.snapshot = Some(back_to);
        Some(before - self.held.len())
    }

    /// New keys; without an overlap the old ones sign nothing any more.
    pub(super) fn rotate(&mut self, overlap: bool) {
        self.bundle_version += 1;
        if !overlap {
            self.signs_from = self.bundle_version;
        }
    }
}

/// As on the wire.
pub(super) fn epoch_bytes(epoch: u32) -> [u8; 16] {
    u128::from(epoch).to_be_bytes()
}

pub(super) fn epoch_number(bytes: [u8; 16]) -> u32 {
    u128::from_be_bytes(bytes) as u32
}
