//! The office's public keys as a kiosk trusts them: `kiosk-config/trust/office.toml`, written by `intake keys`.
//!
//! A key and its name must fit each other, so that a line mixed up between two offices stops the start.

use crate::envelope::SUITE_X25519;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const SEAL_PREFIX: &str = "office";
const RECEIPT_PREFIX: &str = "receipt";

/// What a kiosk needs to seal to an office and to believe its receipts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficePublic {
    /// Name of the unsealing key: `office-` and eight hex digits.
    pub kid: String,
    /// The X25519 key that dossiers are sealed to.
    pub seal: [u8; 32],
    /// Name of the receipt key: `receipt-` and eight hex digits.
    pub receipt_key_id: String,
    /// The key that signs receipts and pongs.
    pub receipt: VerifyingKey,
}

/// Why a file of public keys is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// Not TOML of this shape; the text names the line.
    #[error("{0}")]
    Shape(String),
    /// A suite this code does not know.
    #[error("suite {0} is not known; this version knows suite {SUITE_X25519}")]
    Suite(u8),
    /// The named entry is not a key in base64url.
    #[error("{0} is not a public key in base64url")]
    Key(&'static str),
    /// The named entry is not the name of the key beside it.
    #[error("{0} is not the name of the key in this file")]
    Name(&'static str),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kid: String,
    suite: u8,
    seal_public: String,
    receipt_key_id: String,
    receipt_public: String,
}

/// Where and what, without the line itself: somebody may have named a secret key here by mistake.
fn describe(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let what = if before.is_empty() { "not the file that `intake keys` writes" } else { error.message() };
    format!("line {}: {what}", before.matches('\n').count() + 1)
}

impl OfficePublic {
    /// The public half of a pair of keys, named by the common rule.
    pub fn new(seal: [u8; 32], receipt: VerifyingKey) -> Self {
        Self { kid: seal_key_name(&seal), seal, receipt_key_id: receipt_key_name(&receipt), receipt }
    }

    /// Reads `office.toml`.
    pub fn parse(text: &str) -> Result<Self, TrustError> {
        let file: File = toml::from_str(text).map_err(|e| TrustError::Shape(describe(text, &e)))?;
        if file.suite != SUITE_X25519 {
            return Err(TrustError::Suite(file.suite));
        }
        let seal = key_bytes(&file.seal_public).ok_or(TrustError::Key("seal_public"))?;
        let receipt = verifying_key(&file.receipt_public).ok_or(TrustError::Key("receipt_public"))?;
        if file.kid != seal_key_name(&seal) {
            return Err(TrustError::Name("kid"));
        }
        if file.receipt_key_id != receipt_key_name(&receipt) {
            return Err(TrustError::Name("receipt_key_id"));
        }
        Ok(Self { kid: file.kid, seal, receipt_key_id: file.receipt_key_id, receipt })
    }

    /// Writes `office.toml`.
    pub fn to_toml(&self) -> Result<String, TrustError> {
        let file = File {
            kid: self.kid.clone(),
            suite: SUITE_X25519,
            seal_public: URL_SAFE_NO_PAD.encode(self.seal),
            receipt_key_id: self.receipt_key_id.clone(),
            receipt_public: URL_SAFE_NO_PAD.encode(self.receipt.as_bytes()),
        };
        toml::to_string(&file).map_err(|e| TrustError::Shape(e.to_string()))
    }
}

/// An Ed25519 public key from base64url, unless it is a weak one that would accept foreign signatures.
pub fn verifying_key(text: &str) -> Option<VerifyingKey> {
    VerifyingKey::from_bytes(&key_bytes(text)?).ok().filter(|key| !key.is_weak())
}

/// `office-` and the first eight hex digits of the key's SHA-256.
pub fn seal_key_name(public: &[u8; 32]) -> String {
    key_name(SEAL_PREFIX, public)
}

/// `receipt-` and the first eight hex digits of the key's SHA-256.
pub fn receipt_key_name(public: &VerifyingKey) -> String {
    key_name(RECEIPT_PREFIX, public.as_bytes())
}

fn key_name(prefix: &str, public: &[u8; 32]) -> String {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(public).into();
    format!("{prefix}-{:08x}", u32::from_be_bytes([a, b, c, d]))
}

fn key_bytes(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}
