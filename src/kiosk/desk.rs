//! What the officer's side asks of the machine: the door, the figures, the orders.

use super::Told;
use crate::clock;
use crate::domain::flow::Event;
use crate::domain::officer::{AttentionItem, BundleStanding, Contact, Count, Done, KeyStorage, Order, Pin, Standing};
use crate::domain::submission::Attention;
use crate::domain::triage::Advice;
use crate::envelope::Suite;
use crate::gateway::http::{Gateway, NotEnrolled};
use crate::gateway::trust::Trust;
use crate::journal::{self, Entry};
use crate::officer::Officers;
use crate::officer::store::Error;
use crate::queue::disk::free_bytes;
use crate::queue::standing::{Limits, Room, Standing as QueueStanding};
use crate::queue::{ExportError, Queue};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use uuid::Uuid;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// What does not change while the kiosk runs.
#[derive(Clone)]
pub(super) struct Facts {
    pub(super) kiosk_id: String,
    /// The first characters of the public key.
    pub(super) device_key: String,
    pub(super) key_storage: KeyStorage,
    pub(super) trust: Option<Trust>,
    pub(super) suite: Suite,
    /// The data folder.
    pub(super) data: PathBuf,
    /// Where a stick is mounted.
    pub(super) stick: Option<PathBuf>,
}

/// What is known of the office since the start.
#[derive(Clone, Copy, Default)]
struct Heard {
    online: Option<bool>,
    last: Option<Instant>,
    /// The wall clock minus the office's, in milliseconds, and the office's clock at that moment.
    clock: Option<(i64, i64, Instant)>,
}

/// The way to the office, where its keys are installed.
pub(super) struct Line {
    pub(super) gateway: Arc<Gateway>,
    /// Each change is an officer's "try now".
    pub(super) try_now: watch::Sender<u64>,
    pub(super) key_storage: &'static str,
}

/// The hands of the officer's side.
pub(super) struct Desk {
    officers: Officers,
    facts: Facts,
    queue: Queue,
    line: Option<Arc<Line>>,
    events: mpsc::Sender<Told>,
    heard: Heard,
}

impl Desk {
    pub(super) fn new(
        officers: Officers,
        facts: Facts,
        queue: Queue,
        line: Option<Line>,
        events: mpsc::Sender<Told>,
    ) -> Self {
        Self { officers, facts, queue, line: line.map(Arc::new), events, heard: Heard::default() }
    }

    /// The office's keys are others from now on.
    pub(super) fn keys(&mut self, trust: Trust) {
        self.facts.trust = Some(trust);
    }

    /// The office answered, or did not.
    pub(super) fn office(&mut self, online: bool) {
        self.heard.online = Some(online);
        if online {
            self.heard.last = Some(Instant::now());
        }
    }

    /// The office's signed clock, Unix milliseconds.
    pub(super) fn office_clock(&mut self, office_ms: i64) {
        self.heard.last = Some(Instant::now());
        self.heard.clock = Some((clock::unix_ms() - office_ms, office_ms, Instant::now()));
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

    pub(super) fn advised(&self, advice: Vec<Advice>) {
        let officers = self.officers.clone();
        tokio::task::spawn_blocking(move || officers.advised(&advice));
    }

    pub(super) fn order(&self, order: Order) {
        if let Some(code) = code(&order) {
            journal::write(&Entry::OfficerOrdered { code });
        }
        let (officers, queue) = (self.officers.clone(), self.queue.clone());
        match order {
            Order::Report => self.report(),
            Order::TryAgain(id) => self.answer_later(async move {
                match queue.requeue(Uuid::from_bytes(id)).await {
                    Ok(_) => Done::Requeued,
                    Err(_) => Done::Failed,
                }
            }),
            Order::Export => {
                let (stick, data) = (self.facts.stick.clone(), self.facts.data.clone());
                self.answer_later(async move { export(&queue, stick, &data).await });
            }
            Order::OpenOutreach { place, team } => self.answer(move || {
                Event::OfficerDone(
                    officers.open_outreach(&place, &team).map_or_else(|error| failed(&error), |()| Done::Opened),
                )
            }),
            Order::CloseOutreach => self.answer(move || {
                let closed = officers.close_outreach();
                Event::OfficerDone(closed.map_or_else(|error| failed(&error), |sums| Done::Closed(Box::new(sums))))
            }),
            Order::SendNow => {
                let done = self.line.as_ref().map_or(Done::Offline, |line| line.try_now());
                self.answer_later(async move { done });
            }
            Order::Enrol(code) => {
                let line = self.line.clone();
                self.answer_later(async move {
                    let Some(line) = line else { return Done::Offline };
                    match line.gateway.enrol(code.as_str(), line.key_storage).await {
                        Ok(()) => {
                            line.try_now();
                            Done::Enrolled
                        }
                        Err(NotEnrolled::Code) => Done::CodeRefused,
                        Err(NotEnrolled::NoAnswer(_)) => Done::Offline,
                    }
                });
            }
        }
    }

    fn report(&self) {
        let (officers, facts, heard) = (self.officers.clone(), self.facts.clone(), self.heard);
        let (queue, events) = (self.queue.clone(), self.events.clone());
        tokio::spawn(async move {
            let stands = queue.standing().await.ok();
            let outreach = tokio::task::spawn_blocking(move || officers.outreach()).await.ok().flatten();
            let standing = Standing { outreach, ..standing(&facts, heard, stands) };
            // The loop may have ended; then nobody stands there.
            let _ = events.send(Told::World(Event::OfficerStanding(Box::new(standing)))).await;
        });
    }

    fn answer(&self, work: impl FnOnce() -> Event + Send + 'static) {
        let events = self.events.clone();
        tokio::task::spawn_blocking(move || {
            // The loop may have ended; then nobody stands there.
            let _ = events.blocking_send(Told::World(work()));
        });
    }

    fn answer_later(&self, work: impl Future<Output = Done> + Send + 'static) {
        let events = self.events.clone();
        tokio::spawn(async move {
            let done = work.await;
            // The loop may have ended; then nobody stands there.
            let _ = events.send(Told::World(Event::OfficerDone(done))).await;
        });
    }
}

impl Line {
    fn try_now(&self) -> Done {
        self.try_now.send_modify(|tries| *tries += 1);
        Done::Sending
    }
}

fn standing(facts: &Facts, heard: Heard, queue: Option<QueueStanding>) -> Standing {
    let own = Standing {
        queue_broken: queue.is_none(),
        free_bytes: free_bytes(&facts.data),
        floor_bytes: Limits::default().floor_bytes,
        clock_offset_ms: heard.clock.map(|(offset_ms, ..)| offset_ms),
        contact: match heard.online {
            None => Contact::Unknown,
            Some(true) => Contact::Reached,
            Some(false) => Contact::Lost { last_s: heard.last.map(|last| last.elapsed().as_secs()) },
        },
        kiosk_id: facts.kiosk_id.clone(),
        device_key: facts.device_key.clone(),
        key_storage: facts.key_storage,
        bundle: facts.trust.as_ref().map(|trust| bundle(trust, facts.suite, heard)),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..Standing::default()
    };
    let Some(queue) = queue else {
        return own;
    };
    let now_ms = clock::unix_ms();
    let items = queue.waiting.iter().filter_map(|waiting| {
        Some(AttentionItem {
            id: waiting.submission.into_bytes(),
            reference: waiting.reference.clone(),
            why: Attention::from_code(&waiting.why)?,
            since_s: Some(seconds(now_ms - waiting.since_ms)),
        })
    });
    Standing {
        queued: queue.tally.queued,
        received: queue.tally.received,
        attention: queue.tally.attention,
        ageing: queue.ageing.is_some(),
        oldest_queued_s: queue.oldest_queued_age_ms.map(seconds),
        items: items.collect(),
        quarantined: queue.quarantined,
        full: queue.room != Room::Enough,
        journal_broken: !queue.journal_whole,
        db_epoch: Some(Uuid::from_bytes(queue.db_epoch).simple().to_string().chars().take(8).collect()),
        ..own
    }
}

/// The newest keys; whether they have expired only the office's clock can say.
fn bundle(trust: &Trust, suite: Suite, heard: Heard) -> BundleStanding {
    let office_ms = heard.clock.map(|(_, office_ms, then)| office_ms.saturating_add(then.elapsed().as_millis() as i64));
    BundleStanding {
        kid: trust.seal_key(suite, None).map(|key| key.kid).unwrap_or_default(),
        version: Some(trust.version()),
        expires_days: office_ms.map(|office_ms| (trust.expires_ms() - office_ms).div_euclid(DAY_MS)),
    }
}

/// An age by the wall clock; one that went back makes nothing younger than new.
fn seconds(age_ms: i64) -> u64 {
    age_ms.max(0).unsigned_abs() / 1_000
}

/// Only onto another disk than the queue's own: a folder in which no stick is mounted is not one.
async fn export(queue: &Queue, stick: Option<PathBuf>, data: &Path) -> Done {
    let disk = |folder: &Path| std::fs::metadata(folder).ok().filter(std::fs::Metadata::is_dir).map(|meta| meta.dev());
    let Some(stick) = stick.filter(|stick| disk(stick).is_some_and(|there| Some(there) != disk(data))) else {
        return Done::NoStick;
    };
    match queue.export(stick).await {
        Ok(exported) => Done::Exported((exported.written + exported.there) as u32),
        Err(ExportError::Medium(_) | ExportError::Unreliable | ExportError::Other) => Done::NoStick,
        Err(ExportError::Queue(_)) => Done::Failed,
    }
}

/// For the journal; looking is not written down, and the officers' own file writes down the sessions.
fn code(order: &Order) -> Option<&'static str> {
    match order {
        Order::Report | Order::OpenOutreach { .. } | Order::CloseOutreach => None,
        Order::TryAgain(_) => Some("try-again"),
        Order::Export => Some("export"),
        Order::SendNow => Some("send-now"),
        Order::Enrol(_) => Some("enrol"),
    }
}

fn failed(error: &Error) -> Done {
    journal::write(&Entry::OfficersUnavailable { code: error.code() });
    Done::Failed
}
