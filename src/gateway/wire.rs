//! The contract with the office: what is sent, what comes back, and the dossier's plain content inside the envelope.
//!
//! `src/office/openapi.yaml` describes the same for other people's clients. Both ends use this file, so they cannot
//! disagree on a field.

use crate::envelope::{b64, signed_bytes};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Request header: who sends, as enrolled.
pub const KIOSK_ID: &str = "kiosk-id";
/// Request header: Ed25519, base64url. Over the manifest's bytes for a manifest, over [`part_message`] for a part.
pub const KIOSK_SIGNATURE: &str = "kiosk-signature";
/// Request header: RFC 9530 digest of the body, `sha-256=:<base64>:`.
pub const CONTENT_DIGEST: &str = "content-digest";
/// Longest nonce of a ping, in characters of `A-Z a-z 0-9 - _`.
pub const MAX_NONCE: usize = 64;

const LABEL_RECEIPT: &str = "kiosk-office-v1/receipt";
const LABEL_PING: &str = "kiosk-office-v1/ping";
const LABEL_PART: &str = "kiosk-office-v1/part";

/// Path of a sealed part.
pub fn part_path(submission: Uuid, n: u16) -> String {
    format!("/v1/submissions/{submission}/parts/{n}")
}

/// Path of a submission.
pub fn submission_path(submission: Uuid) -> String {
    format!("/v1/submissions/{submission}")
}

/// The value of [`CONTENT_DIGEST`] for `body` (RFC 9530).
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

/// What a kiosk signs to be allowed to store a part: the part's place and the digest of its bytes.
pub fn part_message(submission: Uuid, n: u16, digest: &str) -> Vec<u8> {
    signed_bytes(LABEL_PART, format!("{}\n{digest}", part_path(submission, n)).as_bytes())
}

/// A signature as it stands in a header.
pub fn signature_to_header(signature: &[u8; 64]) -> String {
    URL_SAFE_NO_PAD.encode(signature)
}

/// A signature from a header, if it has the shape of one.
pub fn signature_from_header(text: &str) -> Option<[u8; 64]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// The office's word that it holds a submission durably. Only this makes a submission delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Version of this shape: 1.
    pub v: u8,
    /// The dossier.
    pub dossier_id: Uuid,
    /// The version of it that was stored.
    pub submission_id: Uuid,
    /// The kiosk that signed the manifest.
    pub kiosk_id: String,
    /// Epoch of the kiosk's database, from the manifest.
    #[serde(with = "b64")]
    pub db_epoch: [u8; 16],
    /// SHA-256 of the manifest's bytes.
    #[serde(with = "b64")]
    pub manifest_sha256: [u8; 32],
    /// The office's own number, from 1, without gaps within an office epoch.
    pub receipt_no: u64,
    /// The office's clock at the commit, Unix milliseconds.
    pub server_time_ms: i64,
    /// Changes when the office is restored from a backup.
    #[serde(with = "b64")]
    pub office_epoch: [u8; 16],
    /// Name of the receipt key.
    pub key_id: String,
}

/// The answer to a ping: proves that the office itself is at the other end, not a captive portal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pong {
    /// Version of this shape: 1.
    pub v: u8,
    /// The caller's nonce.
    pub nonce: String,
    /// The office's clock, Unix milliseconds.
    pub server_time_ms: i64,
    /// As in [`Receipt::office_epoch`].
    #[serde(with = "b64")]
    pub office_epoch: [u8; 16],
    /// Name of the receipt key.
    pub key_id: String,
}

/// A statement of the office as it travels: the exact bytes that were signed, and the signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// JSON of a [`Receipt`] or [`Pong`], base64url.
    pub statement: String,
    /// Ed25519 over the label and those bytes, base64url.
    pub signature: String,
}

/// Which statement a signature was made for.
pub trait Statement: Serialize + for<'de> Deserialize<'de> {
    /// Goes before the signed bytes.
    const LABEL: &'static str;
}

impl Statement for Receipt {
    const LABEL: &'static str = LABEL_RECEIPT;
}

impl Statement for Pong {
    const LABEL: &'static str = LABEL_PING;
}

impl Signed {
    /// Signs a statement with the office's receipt key.
    pub fn sign<S: Statement>(statement: &S, key: &SigningKey) -> Result<Self, serde_json::Error> {
        let bytes = serde_json::to_vec(statement)?;
        let signature = key.sign(&signed_bytes(S::LABEL, &bytes)).to_bytes();
        Ok(Self { statement: URL_SAFE_NO_PAD.encode(bytes), signature: signature_to_header(&signature) })
    }

    /// The statement, if `key` signed exactly it.
    pub fn verify<S: Statement>(&self, key: &VerifyingKey) -> Option<S> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.statement).ok()?;
        let signature = Signature::from_bytes(&signature_from_header(&self.signature)?);
        key.verify_strict(&signed_bytes(S::LABEL, &bytes), &signature).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}

/// Body of 424: the office has the manifest's signature checked but lacks these parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    /// Numbers of the missing parts.
    pub missing: Vec<u16>,
}

/// Body of every refusal: a code for programs, nothing personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// For instance `digest-mismatch`; the list is in the contract.
    pub code: String,
}

/// The content of part 0: what the citizen entered, as text, with where each value came from.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dossier {
    /// Version of this shape: 1.
    pub v: u8,
    /// Edition of the form.
    pub form_edition: String,
    /// The values by field key (`family_name`, …); an empty field is absent.
    pub fields: BTreeMap<String, Value>,
    /// Consent as given.
    pub consent: Consent,
}

/// One value and its provenance.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Value {
    /// The value as entered, NFC.
    pub value: String,
    /// `card_qr` or `typed`.
    pub source: String,
    /// What the card's QR said, where it differs from `value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_card: Option<String>,
}

/// What the citizen agreed to (Law 91/2025/QH15, article 9).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Version of the text shown.
    pub version: String,
    /// The purposes ticked: `prepare`, `sensitive`, `send`, `refund`.
    pub purposes: Vec<String>,
}
