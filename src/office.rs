//! The office's end: receives sealed dossiers from kiosks, stores each once and answers with a signed receipt.
//!
//! The serving role cannot read what it stores. `unseal` can, on an inside machine that has the unsealing key.

pub mod api;
pub mod challenge;
pub mod code;
pub mod import;
pub mod journal;
pub mod keys;
pub mod limits;
pub mod metrics;
pub mod serve;
pub mod statements;
pub mod store;
pub mod tls;
pub mod unseal;

#[cfg(test)]
mod tests;

use crate::gateway::open::PersonKey;
use challenge::Challenges;
use ed25519_dalek::SigningKey;
use journal::{Entry, Journal, Sink};
use limits::{Limiter, Rate, Rates};
use metrics::Metrics;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::sqlite::SqliteStore;
use store::{Enrolment, IntakeStore, Kept, StoreError};
use tokio::sync::Semaphore;
use tokio::time::Instant;

pub use serve::serve;

/// Bodies in memory at the same time, in KiB; the others wait on their connections.
const BODY_ROOM_KIB: usize = 256 * 1024;
/// A slip opens its dossier for so many days after the receipt: the portal wants it filed long before.
pub const SLIP_DAYS: u32 = 60;
/// One kiosk may ask so often who has a dossier here: more than citizens come, and far too few to try numbers out.
const OPEN_ASKED: Rate = Rate { burst: 60, every_ms: 10_000 };
/// The store has this long for one thing.
const STORE_PATIENCE: Duration = Duration::from_secs(30);

/// One office: its store, its receipt key and its clock. Clones are the same office.
#[derive(Clone)]
pub struct Office(Arc<Inner>);

struct Inner {
    store: Arc<dyn IntakeStore>,
    receipt_key: SigningKey,
    key_id: String,
    clock: Box<dyn Fn() -> i64 + Send + Sync>,
    started: Instant,
    challenges: Challenges,
    body_room: Arc<Semaphore>,
    devices: Limiter<String>,
    enrol_sources: Limiter<IpAddr>,
    enrol_all: (Rate, Mutex<limits::Bucket>),
    slip_sources: Limiter<IpAddr>,
    open_askers: Limiter<String>,
    person_key: PersonKey,
    slip_days: u32,
    portal: String,
    journal: Journal,
    metrics: Metrics,
}

/// What can be set about an office; the default is what production uses.
pub struct Settings {
    /// Who may ask how often.
    pub rates: Rates,
    /// Where the log goes.
    pub journal: Sink,
    /// Days after the receipt for which a slip opens its dossier.
    pub slip_days: u32,
    /// Where citizens file the dossier, without `https://`; empty: as their slip says.
    pub portal: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rates: Rates::default(),
            journal: journal::standard_error(),
            slip_days: SLIP_DAYS,
            portal: String::new(),
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("rates", &self.rates).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Office {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Office").field(&self.0.key_id).finish_non_exhaustive()
    }
}

impl Office {
    /// Opens the embedded store in `data_dir`, or makes it. `clock` gives Unix milliseconds, for instance
    /// `crate::clock::unix_ms`.
    pub fn open(
        data_dir: &Path,
        receipt_key: SigningKey,
        key_id: String,
        clock: impl Fn() -> i64 + Send + Sync + 'static,
    ) -> Result<Self, StoreError> {
        Ok(Self::new(Arc::new(SqliteStore::open(data_dir)?), receipt_key, key_id, clock, Settings::default()))
    }

    /// An office on any store.
    pub fn new(
        store: Arc<dyn IntakeStore>,
        receipt_key: SigningKey,
        key_id: String,
        clock: impl Fn() -> i64 + Send + Sync + 'static,
        settings: Settings,
    ) -> Self {
        let Settings { rates, journal, slip_days, portal } = settings;
        Self(Arc::new(Inner {
            store,
            challenges: Challenges::new(receipt_key.as_bytes()),
            person_key: challenge::person_key(receipt_key.as_bytes()),
            receipt_key,
            key_id,
            clock: Box::new(clock),
            started: Instant::now(),
            body_room: Arc::new(Semaphore::new(BODY_ROOM_KIB)),
            devices: Limiter::new(rates.device),
            enrol_sources: Limiter::new(rates.enrol_source),
            enrol_all: (rates.enrol_all, Mutex::default()),
            slip_sources: Limiter::new(rates.slip_source),
            open_askers: Limiter::new(OPEN_ASKED),
            slip_days,
            portal,
            journal: Journal::new(journal),
            metrics: Metrics::new(),
        }))
    }

    /// Admits a kiosk; again with the same key is no error.
    pub async fn enrol(&self, enrolment: Enrolment) -> Result<Kept, StoreError> {
        self.0.store.enrol(enrolment, self.now_ms()).await
    }

    /// Takes a kiosk's permission to deliver, for good.
    pub async fn revoke(&self, kiosk_id: &str) -> Result<(), StoreError> {
        self.0.store.revoke(kiosk_id).await
    }

    fn store(&self) -> &dyn IntakeStore {
        &*self.0.store
    }

    fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// The office's clock, Unix milliseconds.
    fn now_ms(&self) -> i64 {
        (self.0.clock)()
    }

    /// Time since this process began to be an office, in milliseconds. Nobody can set it.
    fn running_ms(&self) -> u64 {
        u64::try_from(self.0.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// So long a slip opens its dossier, in milliseconds.
    fn slip_life_ms(&self) -> i64 {
        i64::from(self.0.slip_days) * 24 * 60 * 60 * 1_000
    }

    fn note(&self, entry: &Entry) {
        self.0.journal.write(entry);
    }

    /// For what anybody on the network can cause.
    fn note_refusal(&self, entry: &Entry) {
        self.0.journal.write_refusal(entry, self.running_ms());
    }
}
