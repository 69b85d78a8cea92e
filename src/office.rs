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
use ed25519_dalek::{SigningKey, VerifyingKey};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::{Store, StoreError, Stored};
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
    store: Store,
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
    /// Opens the store in `data_dir`, or makes it. `clock` gives Unix milliseconds, for instance `crate::clock::unix_ms`.
    pub fn open(
        data_dir: &Path,
        receipt_key: SigningKey,
        key_id: String,
        clock: impl Fn() -> i64 + Send + Sync + 'static,
    ) -> Result<Self, StoreError> {
        let store = Store::open(data_dir)?;
        let bodies = Semaphore::new(MAX_BODIES);
        Ok(Self(Arc::new(Inner { store, receipt_key, key_id, clock: Box::new(clock), bodies })))
    }

    /// Admits a kiosk; again with the same key is no error. Blocks for one disk write.
    pub fn enrol(&self, kiosk_id: &str, key: &VerifyingKey, name: &str) -> Result<(), StoreError> {
        self.0.store.enrol(kiosk_id, key, name, (self.0.clock)())
    }

    /// Takes a kiosk's permission to deliver, for good. Blocks for one disk write.
    pub fn revoke(&self, kiosk_id: &str) -> Result<(), StoreError> {
        self.0.store.revoke(kiosk_id)
    }

    /// Uses the store, and the time, on a thread that may block.
    async fn with_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store, i64) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let inner = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || work(&inner.store, (inner.clock)()));
        done.await.unwrap_or(Err(StoreError::Stopped))
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
            office_epoch: self.0.store.epoch(),
            key_id: self.0.key_id.clone(),
        };
        Signed::sign(&receipt, &self.0.receipt_key)
    }

    fn pong(&self, nonce: String) -> Result<Signed, serde_json::Error> {
        let pong = Pong {
            v: STATEMENT_VERSION,
            nonce,
            server_time_ms: (self.0.clock)(),
            office_epoch: self.0.store.epoch(),
            durable_through: 0,
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
