//! A key bundle as values that can be used: names fit their keys, keys are keys.

use super::{BUNDLE_SHAPE, receipt_key_name, verifying_key};
use crate::envelope::{OfficeKey, Suite};
use crate::gateway::wire::{KeyBundle, ReceiptKey, SealKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::VerifyingKey;

/// The content of a bundle whose signature was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bundle {
    pub(super) version: u64,
    pub(super) expires_ms: i64,
    pub(super) seal: Vec<OfficeKey>,
    pub(super) receipt: Vec<(String, VerifyingKey)>,
}

impl Bundle {
    /// A key of a suite that this version does not know is left out: it is for newer kiosks. Everything else must fit,
    /// and suite 1 must be there, because every kiosk can fall back to it.
    pub(super) fn read(bundle: &KeyBundle) -> Result<Self, &'static str> {
        if bundle.v != BUNDLE_SHAPE || bundle.version == 0 {
            return Err("has a shape or version that is not known");
        }
        let seal: Vec<OfficeKey> = bundle.seal.iter().filter_map(seal_key).collect::<Result<_, _>>()?;
        let receipt: Vec<_> = bundle.receipt.iter().map(receipt_key).collect::<Result<_, _>>()?;
        if !seal.iter().any(|key| key.suite == Suite::X25519) {
            return Err("has no sealing key of suite 1");
        }
        if receipt.is_empty() {
            return Err("has no receipt key");
        }
        Ok(Self { version: bundle.version, expires_ms: bundle.expires_ms, seal, receipt })
    }
}

fn seal_key(entry: &SealKey) -> Option<Result<OfficeKey, &'static str>> {
    let suite = Suite::from_id(entry.suite)?;
    let key = URL_SAFE_NO_PAD.decode(&entry.public).ok().and_then(|bytes| OfficeKey::new(suite, &bytes));
    Some(match key {
        None => Err("has a sealing key that is no key of its suite"),
        Some(key) if key.kid != entry.kid => Err("has a sealing key under another key's name"),
        Some(key) => Ok(key),
    })
}

fn receipt_key(entry: &ReceiptKey) -> Result<(String, VerifyingKey), &'static str> {
    let key = verifying_key(&entry.public).ok_or("has a receipt key that is no Ed25519 key")?;
    let name = receipt_key_name(&key);
    if name == entry.key_id { Ok((name, key)) } else { Err("has a receipt key under another key's name") }
}

impl From<&OfficeKey> for SealKey {
    fn from(key: &OfficeKey) -> Self {
        Self { kid: key.kid.clone(), suite: key.suite.id(), public: URL_SAFE_NO_PAD.encode(&key.public) }
    }
}

impl From<&VerifyingKey> for ReceiptKey {
    fn from(key: &VerifyingKey) -> Self {
        Self { key_id: receipt_key_name(key), public: URL_SAFE_NO_PAD.encode(key.as_bytes()) }
    }
}
