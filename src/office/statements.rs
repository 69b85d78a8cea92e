//! What the office says under its receipt key.

use super::Office;
use super::store::{Change, Changes, Standing, Stored};
use crate::gateway::open::{OpenSaid, to_text};
use crate::gateway::wire::{BeatHeard, Enrolled, Pong, Receipt, Signed, StatusBatch, StatusEntry};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::VerifyingKey;

/// Version of every statement's shape.
const VERSION: u8 = 1;

/// A statement, or the one thing that can go wrong with it: it was not JSON.
pub(super) type Said = Result<Signed, serde_json::Error>;

impl Office {
    /// Signs what the store holds. The same submission gives the same bytes as long as the key is the same.
    pub(super) fn receipt(&self, stored: Stored) -> Said {
        let receipt = Receipt {
            v: VERSION,
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

    pub(super) fn pong(&self, nonce: String, standing: Standing, bundle_version: u64) -> Said {
        let server_time_ms = self.now_ms();
        let pong = Pong {
            v: VERSION,
            nonce,
            server_time_ms,
            office_epoch: standing.office_epoch,
            durable_through: standing.durable_through,
            bundle_version,
            challenge: self.0.challenges.make(server_time_ms),
            key_id: self.0.key_id.clone(),
        };
        Signed::sign(&pong, &self.0.receipt_key)
    }

    pub(super) fn beat_heard(
        &self,
        kiosk_id: String,
        challenge: String,
        standing: Standing,
        journal_grows: bool,
    ) -> Said {
        let heard = BeatHeard {
            v: VERSION,
            kiosk_id,
            challenge,
            journal_grows,
            server_time_ms: self.now_ms(),
            office_epoch: standing.office_epoch,
            durable_through: standing.durable_through,
            key_id: self.0.key_id.clone(),
        };
        Signed::sign(&heard, &self.0.receipt_key)
    }

    pub(super) fn enrolled(&self, kiosk_id: String, key: &VerifyingKey, challenge: String) -> Said {
        let enrolled = Enrolled {
            v: VERSION,
            kiosk_id,
            public_key: URL_SAFE_NO_PAD.encode(key.as_bytes()),
            challenge,
            server_time_ms: self.now_ms(),
            key_id: self.0.key_id.clone(),
        };
        Signed::sign(&enrolled, &self.0.receipt_key)
    }

    pub(super) fn open_said(&self, kiosk_id: String, challenge: String, open: bool) -> Said {
        let said = OpenSaid {
            v: VERSION,
            kiosk_id,
            challenge,
            key: to_text(&self.0.person_key),
            open,
            key_id: self.0.key_id.clone(),
        };
        Signed::sign(&said, &self.0.receipt_key)
    }

    pub(super) fn status_batch(
        &self,
        kiosk_id: String,
        challenge: String,
        cursor: u64,
        changes: &Changes,
        standing: Standing,
    ) -> Said {
        let batch = StatusBatch {
            v: VERSION,
            kiosk_id,
            challenge,
            cursor,
            next_cursor: changes.next_cursor(cursor),
            more: changes.more,
            entries: changes.entries.iter().map(entry).collect(),
            server_time_ms: self.now_ms(),
            office_epoch: standing.office_epoch,
            key_id: self.0.key_id.clone(),
        };
        Signed::sign(&batch, &self.0.receipt_key)
    }
}

fn entry(change: &Change) -> StatusEntry {
    StatusEntry {
        submission_id: change.status.submission_id(),
        state: change.status.state().name(),
        reason: change.status.reason().map(str::to_owned),
        fields: change.status.fields().to_vec(),
        at_ms: change.at_ms,
    }
}
