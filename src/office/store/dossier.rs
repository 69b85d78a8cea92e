//! What is delivered: sealed parts, and the submission whose manifest names them.

use super::StoreError;
use crate::envelope::{Manifest, PartEntry};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// An Ed25519 signature.
pub type Signature = [u8; 64];

/// Whether something was stored now or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Now.
    New,
    /// Before, with the same content.
    Again,
}

/// A part whose sender and digest were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPart {
    /// The submission it belongs to.
    pub submission: Uuid,
    /// Its position there.
    pub n: u16,
    /// Who sent it.
    pub kiosk_id: String,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// The sealed bytes.
    pub bytes: Vec<u8>,
}

/// One part as a manifest names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedPart {
    /// Its position.
    pub n: u16,
    /// SHA-256 of its sealed bytes.
    pub sha256: [u8; 32],
    /// Their number.
    pub len: u64,
}

/// A submission whose manifest's signature and shape were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSubmission {
    /// The dossier.
    pub dossier_id: Uuid,
    /// This version of it.
    pub submission_id: Uuid,
    /// The version it replaces.
    pub supersedes: Option<Uuid>,
    /// Who signed the manifest.
    pub kiosk_id: String,
    /// Epoch of that kiosk's database.
    pub db_epoch: [u8; 16],
    /// Position in that epoch; a kiosk uses each once.
    pub kiosk_seq: u64,
    /// Finds the dossier from the citizen's slip.
    pub lookup_hash: [u8; 32],
    /// The sealed parts, each number once.
    pub parts: Vec<NamedPart>,
    /// The manifest's bytes as signed.
    pub manifest: Vec<u8>,
    /// The kiosk's signature over them.
    pub signature: Signature,
}

impl NewSubmission {
    /// What `manifest` says; `bytes` are the ones it was parsed from.
    pub fn new(manifest: &Manifest, bytes: Vec<u8>, signature: Signature) -> Self {
        let named = |p: &PartEntry| NamedPart { n: p.n, sha256: p.sha256, len: p.len };
        Self {
            dossier_id: manifest.dossier_id,
            submission_id: manifest.submission_id,
            supersedes: manifest.supersedes,
            kiosk_id: manifest.kiosk_id.clone(),
            db_epoch: manifest.db_epoch,
            kiosk_seq: manifest.kiosk_seq,
            lookup_hash: manifest.lookup_hash,
            parts: manifest.parts.iter().map(named).collect(),
            manifest: bytes,
            signature,
        }
    }

    /// SHA-256 of the manifest's bytes.
    pub fn manifest_sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.manifest).into()
    }
}

/// What the office can say of an accepted submission at any time: the content of its receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The dossier.
    pub dossier_id: Uuid,
    /// This version of it.
    pub submission_id: Uuid,
    /// Who signed the manifest.
    pub kiosk_id: String,
    /// Epoch of that kiosk's database.
    pub db_epoch: [u8; 16],
    /// SHA-256 of the manifest.
    pub manifest_sha256: [u8; 32],
    /// The office's number.
    pub receipt_no: u64,
    /// The office's clock when it was accepted, Unix milliseconds.
    pub server_time_ms: i64,
    /// The epoch in which the office says so: the present one, read together with the rest.
    pub office_epoch: [u8; 16],
}

/// A submission that the store holds durably.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Now or before.
    pub kept: Kept,
    /// What the receipt says.
    pub stored: Stored,
}

/// One accepted submission as it was delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What its receipt says.
    pub stored: Stored,
    /// The version it replaces.
    pub supersedes: Option<Uuid>,
    /// The manifest's bytes as signed.
    pub manifest: Vec<u8>,
    /// The kiosk's signature over them.
    pub signature: Signature,
    /// The sealed parts in order.
    pub parts: Vec<Vec<u8>>,
}

/// A part that a store has, without its bytes.
pub(super) struct HerePart {
    pub(super) n: u16,
    pub(super) sha256: [u8; 32],
    pub(super) len: u64,
    pub(super) kiosk_id: String,
}

/// The parts here must be exactly the parts named, from the same kiosk.
pub(super) fn check_parts(new: &NewSubmission, here: &[HerePart]) -> Result<(), StoreError> {
    let fits = |part: &HerePart| {
        let same = |named: &NamedPart| named.n == part.n && named.sha256 == part.sha256 && named.len == part.len;
        part.kiosk_id == new.kiosk_id && new.parts.iter().any(same)
    };
    if !here.iter().all(fits) {
        return Err(StoreError::Conflict);
    }
    let is_here = |n: u16| here.iter().any(|part| part.n == n);
    let missing: Vec<u16> = new.parts.iter().map(|part| part.n).filter(|&n| !is_here(n)).collect();
    if missing.is_empty() { Ok(()) } else { Err(StoreError::Missing(missing)) }
}

/// The answer to a submission whose id is used: the same again, or other content.
pub(super) fn same_submission(stored: Stored, new: &NewSubmission) -> Result<Accepted, StoreError> {
    let same = stored.manifest_sha256 == new.manifest_sha256() && stored.kiosk_id == new.kiosk_id;
    if same { Ok(Accepted { kept: Kept::Again, stored }) } else { Err(StoreError::Conflict) }
}
