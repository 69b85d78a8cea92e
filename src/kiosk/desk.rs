//! What the officer's side asks of the machine: the door, the figures, the orders.

use super::Told;
use crate::domain::flow::Event;
use crate::domain::officer::{BundleStanding, Contact, Count, Done, KeyStorage, Order, Pin, Standing};
use crate::journal::{self, Entry};
use crate::officer::Officers;
use crate::officer::store::Error;
use crate::queue::Queue;
use crate::queue::store::quarantined;
use std::path::PathBuf;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// What does not change while the kiosk runs.
#[derive(Clone)]
pub(super) struct Facts {
    pub(super) kiosk_id: String,
    /// The first characters of the public key.
    pub(super) device_key: String,
    pub(super) key_storage: KeyStorage,
    pub(super) bundle: Option<BundleStanding>,
    /// The data folder.
    pub(super) data: PathBuf,
}

/// The hands of the officer's side.
pub(super) struct Desk {
    officers: Officers,
    facts: Facts,
    queue: Queue,
    events: mpsc::Sender<Told>,
    contact: Option<bool>,
    heard: Option<Instant>,
}

impl Desk {
    pub(super) fn new(officers: Officers, facts: Facts, queue: Queue, events: mpsc::Sender<Told>) -> Self {
        Self { officers, facts, queue, events, contact: None, heard: None }
    }

    /// The office answered, or did not.
    pub(super) fn office(&mut self, online: bool) {
        self.contact = Some(online);
        if online {
            self.heard = Some(Instant::now());
        }
    }

    pub(super) fn ask_door(&self) {
        let officers = self.officers.clone();
        self.answer(move || Event::Door(officers.door()));
    }

    /// The hash takes a quarter of a second an officer: on a thread of its own.
    pub(super) fn try_pin(&self, pin: Pin) {
        let officers = self.officers.clone();
        self.answer(move || Event::PinJudged(officers.judge(&pin)));
    }

    pub(super) fn passed(&self, count: Count) {
        let officers = self.officers.clone();
        tokio::task::spawn_blocking(move || officers.passed(count));
    }

    pub(super) fn order(&self, order: Order) {
        if let Some(code) = code(&order) {
            journal::write(&Entry::OfficerOrdered { code });
        }
        let officers = self.officers.clone();
        match order {
            Order::Report => self.report(),
            Order::OpenOutreach { place, team } => self.answer(move || {
                Event::OfficerDone(officers.open_outreach(&place, &team).map_or_else(failed, |()| Done::Opened))
            }),
            Order::CloseOutreach => self.answer(move || {
                let closed = officers.close_outreach();
                Event::OfficerDone(closed.map_or_else(failed, |sums| Done::Closed(Box::new(sums))))
            }),
            Order::TryAgain(_) | Order::Export | Order::SendNow | Order::Enrol(_) => {
                self.answer(|| Event::OfficerDone(Done::NotConnected));
            }
        }
    }

    fn report(&self) {
        let (officers, facts) = (self.officers.clone(), self.facts.clone());
        let tally = *self.queue.tally().borrow();
        let last_s = self.heard.map(|heard| heard.elapsed().as_secs());
        let contact = match self.contact {
            None => Contact::Unknown,
            Some(true) => Contact::Reached,
            Some(false) => Contact::Lost { last_s },
        };
        let now_ms = crate::clock::unix_ms();
        self.answer(move || {
            Event::OfficerStanding(Box::new(Standing {
                queued: tally.queued,
                received: tally.received,
                attention: tally.attention,
                oldest_queued_s: tally.oldest_queued_ms.map(|ms| (now_ms - ms).max(0).unsigned_abs() / 1_000),
                items: Vec::new(),
                quarantined: quarantined(&facts.data.join("queue.db")) as u32,
                queue_broken: false,
                free_bytes: rustix::fs::statvfs(&facts.data).ok().map(|disk| disk.f_bavail * disk.f_frsize),
                floor_bytes: 0,
                clock_offset_ms: None,
                contact,
                kiosk_id: facts.kiosk_id,
                device_key: facts.device_key,
                key_storage: facts.key_storage,
                bundle: facts.bundle,
                db_epoch: None,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                outreach: officers.outreach(),
            }))
        });
    }

    fn answer(&self, work: impl FnOnce() -> Event + Send + 'static) {
        let events = self.events.clone();
        tokio::task::spawn_blocking(move || {
            // The loop may have ended; then nobody stands there.
            let _ = events.blocking_send(Told::World(work()));
        });
    }
}

/// For the journal; looking is not written down.
fn code(order: &Order) -> Option<&'static str> {
    match order {
        Order::Report | Order::OpenOutreach { .. } | Order::CloseOutreach => None,
        Order::TryAgain(_) => Some("try-again"),
        Order::Export => Some("export"),
        Order::SendNow => Some("send-now"),
        Order::Enrol(_) => Some("enrol"),
    }
}

fn failed(error: Error) -> Done {
    journal::write(&Entry::OfficersUnavailable { code: error.code() });
    Done::Failed
}
