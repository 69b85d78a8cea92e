//! Whether somebody has an open dossier at the office, asked by tags: the office never learns a citizen number from it.
//!
//! A tag is HMAC-SHA256 of the number under a key that the office gives to enrolled kiosks, which keep it in memory only.

use super::trust::ByReceiptKey;
use super::wire::Statement;
use crate::domain::citizen::CitizenId;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

/// A person's tag.
pub type Tag = [u8; 32];
/// The key under which tags are made.
pub type PersonKey = Zeroizing<[u8; 32]>;

/// Path of the question.
pub const PATH: &str = "/v1/open";

/// Body of `POST /v1/open`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskOpen {
    /// Version of this shape: 1.
    pub v: u8,
    /// From the latest pong.
    pub challenge: String,
    /// Of whom, base64url. Absent: only the key is wanted.
    pub tag: Option<String>,
    /// This person saved this dossier. Absent: only asked.
    pub dossier_id: Option<Uuid>,
}

/// The answer to [`AskOpen`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenSaid {
    /// Version of this shape: 1.
    pub v: u8,
    /// Who asked.
    pub kiosk_id: String,
    /// From the request.
    pub challenge: String,
    /// The key of the tags, base64url.
    pub key: String,
    /// From the request; false without a tag.
    pub open: bool,
    /// Name of the receipt key.
    pub key_id: String,
}

impl Statement for OpenSaid {
    const LABEL: &'static str = "kiosk-office-v1/open";
}

impl ByReceiptKey for OpenSaid {
    fn key_id(&self) -> &str {
        &self.key_id
    }
}

/// HMAC-SHA256 of the number: HKDF's first half is exactly that (RFC 5869, 2.2).
pub fn tag(key: &PersonKey, id: &CitizenId) -> Tag {
    Hkdf::<Sha256>::extract(Some(&**key), id.as_str().as_bytes()).0.into()
}

/// Tag or key as it travels.
pub fn to_text(bytes: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// And back.
pub fn from_text(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}
