//! The office's end: receives sealed dossiers from kiosks, stores each once and answers with a signed receipt.
//!
//! The serving role cannot read what it stores. `unseal` can, on an inside machine that has the unsealing key.

pub mod api;
pub mod keys;
pub mod store;
pub mod unseal;

#[cfg(test)]
mod tests;

use crate::gateway::wire::{Pong, Receipt, Signed};
use axum::serve::ListenerExt;
use ed25519_dalek::SigningKey;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::sqlite::SqliteStore;
use store::{Enrolment, IntakeStore, Kept, Standing, StoreError, Stored};
use tokio::sync::{Notify, Semaphore};

/// Version of receipts and pongs.
const STATEMENT_VERSION: u8 = 1;
/// Bodies held in memory at the same time; the others wait on their connections.
const MAX_BODIES: usize = 128;
/// After the signal to stop, open requests get this long.
const GRACE: Duration = Duration::from_secs(10);

/// One office: its store, its receipt key and its clock. Clones are the same office.
#[derive(Clone)]
pub struct Office(Arc<Inner>);

struct Inner {
    store: Arc<dyn IntakeStore>,
    receipt_key: SigningKey,
    key_id: String,
    clock: Box<dyn Fn() -> i64 + Send + Sync>,
    bodies: Semaphore,
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
        Ok(Self::new(Arc::new(SqliteStore::open(data_dir)?), receipt_key, key_id, clock))
    }

    /// An office on any store.
    pub fn new(
        store: Arc<dyn IntakeStore>,
        receipt_key: SigningKey,
        key_id: String,
        clock: impl Fn() -> i64 + Send + Sync + 'static,
    ) -> Self {
        let bodies = Semaphore::new(MAX_BODIES);
        Self(Arc::new(Inner { store, receipt_key, key_id, clock: Box::new(clock), bodies }))
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

    fn now_ms(&self) -> i64 {
        (self.0.clock)()
    }

    /// Signs what the store holds. The same submission gives the same bytes as long as the key is the same.
    fn receipt(&self, stored: Stored) -> Result<Signed, serde_json::Error> {
        let receipt = Receipt {
            v: STATEMENT_VERSION,
            dossier_id: stored.dossier_id,
            submission_id: stored.submission_id,
            kiosk_id: stored.kiosk_id,
            db_epoch: stored.db_epoch,
            manifest_sha256: stored.manifest_sha256,
            receipt_no: stored.receipt_no,
            server_time_ms: stored.server_time_ms,
            office_epoch: stored.office_epoch,
            key_id: self.0.key_id.clone(),
        };
        Signed::sign(&receipt, &self.0.receipt_key)
    }

    fn pong(&self, nonce: String, standing: Standing) -> Result<Signed, serde_json::Error> {
        let pong = Pong {
            v: STATEMENT_VERSION,
            nonce,
            server_time_ms: self.now_ms(),
            office_epoch: standing.office_epoch,
            durable_through: standing.durable_through,
            bundle_version: 0,
            challenge: String::new(),
            key_id: self.0.key_id.clone(),
        };
        Signed::sign(&pong, &self.0.receipt_key)
    }
}

/// Serves plain HTTP until `shutdown` is done, then finishes open requests for a few seconds.
pub async fn serve(
    listener: tokio::net::TcpListener,
    office: Office,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let stopping = Arc::new(Notify::new());
    let stop = Arc::clone(&stopping);
    // Without it small answers wait for the kiosk's delayed acknowledgement. A socket that refuses is only slower.
    let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
    let server = axum::serve(listener, api::router(office)).with_graceful_shutdown(async move {
        shutdown.await;
        stop.notify_one();
    });
    let out_of_patience = async {
        stopping.notified().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        done = server.into_future() => done,
        () = out_of_patience => Ok(()),
    }
}
