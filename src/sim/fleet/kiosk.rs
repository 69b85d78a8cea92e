//! One kiosk: the real sync, the real session, and the model of what stands around them.

use super::citizen::Visit;
use super::judge::Probes;
use super::network::Link;
use super::store::{Receipt, Store};
use super::world::Ms;
use crate::domain::delivery::{Delivery, Policy};
use crate::domain::flow::{Session, Setup};
use crate::domain::submission::LONGEST_PAUSE_MS;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Disk {
    Well,
    /// Below the floor: no new dossiers, but what is known of the old ones finds room in the reserve.
    Floor,
    /// Nothing can be written.
    Full,
    /// A write ends with an error, and may have been done.
    Failing,
}

pub(super) struct Kiosk {
    /// Counts the starts: what belongs to an earlier one is void.
    pub(super) generation: u32,
    pub(super) is_on: bool,
    pub(super) delivery: Delivery,
    pub(super) wake_at: Option<Ms>,
    pub(super) store: Store,
    pub(super) link: Link,
    pub(super) disk: Disk,
    /// What the wall clock is wrong by, in milliseconds.
    pub(super) wall_off_ms: i64,
    pub(super) has_reader: bool,
    pub(super) bundle_version: u64,
    pub(super) session: Session,
    pub(super) visit: Option<Visit>,
    pub(super) is_online: bool,
    /// Verified, and not yet written down.
    pub(super) receipts: Vec<(usize, Receipt)>,
    /// For the mutant that takes a new id for each attempt.
    pub(super) wires: BTreeMap<Uuid, Uuid>,
    pub(super) probes: Probes,
}

impl Kiosk {
    pub(super) fn new(setup: &Arc<Setup>) -> Self {
        Self {
            generation: 0,
            is_on: false,
            delivery: Delivery::new(policy(1), 0),
            wake_at: None,
            store: Store::default(),
            link: Link::Up,
            disk: Disk::Well,
            wall_off_ms: 0,
            has_reader: true,
            bundle_version: 1,
            session: Session::new(Arc::clone(setup)),
            visit: None,
            is_online: false,
            receipts: Vec::new(),
            wires: BTreeMap::new(),
            probes: Probes::default(),
        }
    }

    /// Everything in memory is new.
    pub(super) fn start(&mut self, setup: &Arc<Setup>, seed: u64) {
        self.generation += 1;
        self.is_on = true;
        self.is_online = false;
        self.delivery = Delivery::new(policy(self.bundle_version), seed);
        self.session = Session::new(Arc::clone(setup));
        self.visit = None;
        self.receipts.clear();
        self.wires.clear();
        self.probes = Probes::default();
    }

    pub(super) fn lose_power(&mut self) {
        self.generation += 1;
        self.is_on = false;
        self.wake_at = None;
        self.store.power_cut();
    }
}

fn policy(bundle_version: u64) -> Policy {
    Policy { longest_pause_ms: LONGEST_PAUSE_MS, bundle_version }
}
