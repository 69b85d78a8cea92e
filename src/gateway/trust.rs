//! Whom a kiosk trusts: the office's offline root key, and the newest key bundle the root has signed.
//!
//! `kiosk-config/trust/office.toml`, written by `intake keys`, holds the root's public key and a first bundle. Newer
//! bundles come over the network by anybody's hand; only the root's signature counts, and versions only grow. When a
//! bundle expires is judged by the office's signed clock alone.

mod bundle;

use super::wire::{BeatHeard, Enrolled, KeyBundle, Pong, Receipt, Signed, Statement, StatusBatch};
use crate::envelope::{OfficeKey, Suite, key_name};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bundle::Bundle;
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

/// Version of a key bundle's shape.
pub const BUNDLE_SHAPE: u8 = 1;

/// The root and the newest bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    root: VerifyingKey,
    bundle: Bundle,
    signed: Signed,
}

/// Why a file of public keys is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// Not TOML of this shape; the text names the line.
    #[error("{0}")]
    Shape(String),
    /// The root is not an Ed25519 public key in base64url.
    #[error("root_public is not a public key in base64url")]
    Root,
    /// The bundle is not signed by this root.
    #[error("the bundle is not signed by the root key in this file")]
    Signature,
    /// The bundle is signed and cannot be used: the text says why.
    #[error("the bundle {0}")]
    Bundle(&'static str),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    root_public: String,
    bundle: Signed,
}

/// Where and what, without the line itself: somebody may have named a secret key here by mistake.
fn describe(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let what = if before.is_empty() { "not the file that `intake keys` writes" } else { error.message() };
    format!("line {}: {what}", before.matches('\n').count() + 1)
}

impl Trust {
    /// A root and a bundle it has signed.
    pub fn new(root: VerifyingKey, signed: Signed) -> Result<Self, TrustError> {
        let bundle = signed.verify::<KeyBundle>(&root).ok_or(TrustError::Signature)?;
        let bundle = Bundle::read(&bundle).map_err(TrustError::Bundle)?;
        Ok(Self { root, bundle, signed })
    }

    /// Reads `office.toml`.
    pub fn parse(text: &str) -> Result<Self, TrustError> {
        let file: File = toml::from_str(text).map_err(|e| TrustError::Shape(describe(text, &e)))?;
        Self::new(verifying_key(&file.root_public).ok_or(TrustError::Root)?, file.bundle)
    }

    /// Writes `office.toml`.
    pub fn to_toml(&self) -> Result<String, TrustError> {
        let file = File { root_public: URL_SAFE_NO_PAD.encode(self.root.as_bytes()), bundle: self.signed.clone() };
        toml::to_string(&file).map_err(|e| TrustError::Shape(e.to_string()))
    }

    /// The trust with this bundle, if the root signed it and it is newer than ours. Who brings it does not matter.
    #[must_use]
    pub fn newer(&self, signed: &Signed) -> Option<Self> {
        Self::new(self.root, signed.clone()).ok().filter(|other| other.bundle.version > self.bundle.version)
    }

    /// The bundle as it came, to be kept for the next start.
    pub fn signed(&self) -> &Signed {
        &self.signed
    }

    /// The bundle's version, from 1.
    pub fn version(&self) -> u64 {
        self.bundle.version
    }

    /// After this moment of the office's clock nothing is sealed to the bundle's keys, Unix milliseconds.
    pub fn expires_ms(&self) -> i64 {
        self.bundle.expires_ms
    }

    /// The receipt key of that name.
    pub fn receipt_key(&self, key_id: &str) -> Option<&VerifyingKey> {
        self.bundle.receipt.iter().find(|(name, _)| name == key_id).map(|(_, key)| key)
    }

    /// The statement, if the bundle's receipt key that it names has signed exactly it.
    pub fn verify<S: ByReceiptKey>(&self, signed: &Signed) -> Option<S> {
        let by = |(name, key): &(String, VerifyingKey)| signed.verify::<S>(key).filter(|said| said.key_id() == name);
        self.bundle.receipt.iter().find_map(by)
    }

    /// True when the statement names a receipt key that the bundle does not have: perhaps the bundle is too old.
    pub fn lacks_key_of(&self, signed: &Signed) -> bool {
        #[derive(Deserialize)]
        struct Named {
            key_id: String,
        }
        let named = URL_SAFE_NO_PAD.decode(&signed.statement).ok();
        let named = named.and_then(|bytes| serde_json::from_slice::<Named>(&bytes).ok());
        named.is_some_and(|named| self.receipt_key(&named.key_id).is_none())
    }

    /// The key to seal to: the first of the preferred suite, or else the first of suite 1. `None`: the bundle has
    /// expired by the office's own clock. A kiosk that has never heard that clock cannot know, and goes on.
    pub fn seal_key(&self, preferred: Suite, office_now_ms: Option<i64>) -> Option<OfficeKey> {
        if office_now_ms.is_some_and(|now| now > self.bundle.expires_ms) {
            return None;
        }
        let of = |suite: Suite| self.bundle.seal.iter().find(|key| key.suite == suite);
        of(preferred).or_else(|| of(Suite::X25519)).cloned()
    }
}

/// A statement that the office signs with its receipt key, and that says with which.
pub trait ByReceiptKey: Statement {
    /// The key's name, as the statement has it.
    fn key_id(&self) -> &str;
}

impl ByReceiptKey for Receipt {
    fn key_id(&self) -> &str {
        &self.key_id
    }
}

impl ByReceiptKey for Pong {
    fn key_id(&self) -> &str {
        &self.key_id
    }
}

impl ByReceiptKey for BeatHeard {
    fn key_id(&self) -> &str {
        &self.key_id
    }
}

impl ByReceiptKey for Enrolled {
    fn key_id(&self) -> &str {
        &self.key_id
    }
}

impl ByReceiptKey for StatusBatch {
    fn key_id(&self) -> &str {
        &self.key_id
    }
}

/// An Ed25519 public key from base64url, unless it is a weak one that would accept foreign signatures.
pub fn verifying_key(text: &str) -> Option<VerifyingKey> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    VerifyingKey::from_bytes(&bytes).ok().filter(|key| !key.is_weak())
}

/// `receipt-` and the first eight hex digits of the key's SHA-256.
pub fn receipt_key_name(public: &VerifyingKey) -> String {
    key_name("receipt", public.as_bytes())
}

#[cfg(test)]
mod tests;
