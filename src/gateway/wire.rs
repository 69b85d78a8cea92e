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
/// Request header: epoch of the kiosk's database, base64url; covered by the request's signature (RFC 9421).
pub const KIOSK_EPOCH: &str = "kiosk-epoch";
/// Request header beside a manifest: the kiosk's Ed25519 signature over the manifest itself, base64url. It stays with
/// the dossier, while the request's own signature only opens the door.
pub const MANIFEST_SIGNATURE: &str = "manifest-signature";
/// Request header: RFC 9530 digest of the body, `sha-256=:<base64>:`.
pub const CONTENT_DIGEST: &str = "content-digest";
/// Longest nonce of a ping, in characters of `A-Z a-z 0-9 - _`.
pub const MAX_NONCE: usize = 64;

const LABEL_RECEIPT: &str = "kiosk-office-v1/receipt";
const LABEL_PING: &str = "kiosk-office-v1/ping";
const LABEL_KEYS: &str = "kiosk-office-v1/keys";
const LABEL_BEAT: &str = "kiosk-office-v1/beat";
const LABEL_ENROLLED: &str = "kiosk-office-v1/enrolled";
const LABEL_STATUS: &str = "kiosk-office-v1/status";

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
    /// Every receipt of this epoch with a number up to this one is in the office's backup too. 0: no backup yet.
    pub durable_through: u64,
    /// Version of the newest key bundle the office has; see [`KeyBundle`]. 0: none.
    pub bundle_version: u64,
    /// Goes back in [`Beat::challenge`] and its kin within ten minutes: proof that a request was made now.
    pub challenge: String,
    /// Name of the receipt key.
    pub key_id: String,
}

/// `GET /v1/keys`: the office's public keys, signed by the offline root. Versions only grow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyBundle {
    /// Version of this shape: 1.
    pub v: u8,
    /// From 1; a kiosk never goes back to a smaller one.
    pub version: u64,
    /// When it was signed, Unix milliseconds.
    pub issued_ms: i64,
    /// Nothing is sealed to its keys after this moment of the office's clock, Unix milliseconds.
    pub expires_ms: i64,
    /// Unsealing keys, the preferred one of each suite first.
    pub seal: Vec<SealKey>,
    /// Receipt keys; a receipt by any of them counts.
    pub receipt: Vec<ReceiptKey>,
}

/// One unsealing key of a [`KeyBundle`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealKey {
    /// Its name: `office-` and eight hex digits.
    pub kid: String,
    /// Suite of the wrap.
    pub suite: u8,
    /// The public key, base64url.
    pub public: String,
}

/// One receipt key of a [`KeyBundle`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptKey {
    /// Its name: `receipt-` and eight hex digits.
    pub key_id: String,
    /// The Ed25519 public key, base64url.
    pub public: String,
}

/// Body of `POST /v1/heartbeat`: how the kiosk is. Counts and ages; nothing personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beat {
    /// Version of this shape: 1.
    pub v: u8,
    /// From the latest [`Pong`].
    pub challenge: String,
    /// Version of the program.
    pub program: String,
    /// Dossiers not yet confirmed.
    pub queued: u32,
    /// Dossiers confirmed.
    pub received: u32,
    /// Dossiers that wait for an officer.
    pub attention: u32,
    /// Age of the oldest unconfirmed one, in seconds of the kiosk's wall clock.
    pub oldest_queued_s: Option<u64>,
    /// The kiosk's wall clock less the office's, in milliseconds.
    pub clock_offset_ms: i64,
    /// Free bytes on the disk of the queue.
    pub disk_free_bytes: u64,
    /// Damaged queues that lie aside.
    pub quarantined: u32,
    /// Where the device key lives: `systemd-credential` or `software`.
    pub key_storage: String,
    /// Version of the key bundle in use.
    pub bundle_version: u64,
    /// Entries of the kiosk's journal so far.
    pub journal_seq: u64,
    /// Head of the journal's hash chain after that entry.
    #[serde(with = "b64")]
    pub journal_head: [u8; 32],
}

/// The answer to a [`Beat`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeatHeard {
    /// Version of this shape: 1.
    pub v: u8,
    /// Who was heard.
    pub kiosk_id: String,
    /// From the request.
    pub challenge: String,
    /// False: the journal is shorter than the office has seen it, or its head is another one.
    pub journal_grows: bool,
    /// The office's clock, Unix milliseconds.
    pub server_time_ms: i64,
    /// As in [`Receipt::office_epoch`].
    #[serde(with = "b64")]
    pub office_epoch: [u8; 16],
    /// As in [`Pong::durable_through`].
    pub durable_through: u64,
    /// Name of the receipt key.
    pub key_id: String,
}

/// Body of `POST /v1/enrol`, signed by the key it brings. The code is typed by an officer and works once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrol {
    /// Version of this shape: 1.
    pub v: u8,
    /// From the latest [`Pong`].
    pub challenge: String,
    /// The kiosk's name; the code was made for this one.
    pub kiosk_id: String,
    /// Ten characters of Crockford's base 32, without the hyphen people see.
    pub code: String,
    /// The device's Ed25519 public key, base64url.
    pub public_key: String,
    /// As in [`Beat::key_storage`].
    pub key_storage: String,
}

/// The answer to [`Enrol`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolled {
    /// Version of this shape: 1.
    pub v: u8,
    /// Who may deliver now.
    pub kiosk_id: String,
    /// With this key, base64url.
    pub public_key: String,
    /// From the request.
    pub challenge: String,
    /// The office's clock, Unix milliseconds.
    pub server_time_ms: i64,
    /// Name of the receipt key.
    pub key_id: String,
}

/// The answer to `GET /v1/status?cursor=…&challenge=…`: what became of this kiosk's submissions since the cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusBatch {
    /// Version of this shape: 1.
    pub v: u8,
    /// Whose submissions.
    pub kiosk_id: String,
    /// From the request.
    pub challenge: String,
    /// From the request; 0 is the beginning.
    pub cursor: u64,
    /// Ask from here next time.
    pub next_cursor: u64,
    /// True: there is more right now.
    pub more: bool,
    /// At most 100, in order.
    pub entries: Vec<StatusEntry>,
    /// The office's clock, Unix milliseconds.
    pub server_time_ms: i64,
    /// As in [`Receipt::office_epoch`]. In another epoch cursors begin anew.
    #[serde(with = "b64")]
    pub office_epoch: [u8; 16],
    /// Name of the receipt key.
    pub key_id: String,
}

/// One change of one submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusEntry {
    /// Which.
    pub submission_id: Uuid,
    /// Name of an office state (`received`, `screened`, `returned`, `handed_over`) or, once the portal's code is
    /// recorded, a national one (`national-1` … `national-10`).
    pub state: String,
    /// Why, as a code; with `returned`.
    pub reason: Option<String>,
    /// Which fields, by key; with `returned`.
    pub fields: Vec<String>,
    /// When, by the office's clock, Unix milliseconds.
    pub at_ms: i64,
}

/// A statement of the office as it travels: the exact bytes that were signed, and the signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// JSON of a [`Receipt`], [`Pong`], [`KeyBundle`], [`BeatHeard`], [`Enrolled`] or [`StatusBatch`], base64url.
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

impl Statement for KeyBundle {
    const LABEL: &'static str = LABEL_KEYS;
}

impl Statement for BeatHeard {
    const LABEL: &'static str = LABEL_BEAT;
}

impl Statement for Enrolled {
    const LABEL: &'static str = LABEL_ENROLLED;
}

impl Statement for StatusBatch {
    const LABEL: &'static str = LABEL_STATUS;
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

/// Body of 202: the submission is not accepted yet; these parts of it are here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Present {
    /// Numbers of the parts, in order.
    pub present: Vec<u16>,
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
    /// What the citizen brings or does beside the form, by code (`loss_report`, …), in the order told. Absent in
    /// dossiers of before 2026-11-25.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub papers: Vec<String>,
    /// What became of the portrait; absent where none was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portrait: Option<PortraitState>,
}

/// What the page behind a slip asks with: HKDF(secret, `lookup`), of which the office knows the hash.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlipAsked {
    /// 32 bytes.
    #[serde(with = "b64")]
    pub lookup: [u8; 32],
}

/// One sealed part of the dossier behind a slip.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlipPart {
    /// As in [`SlipAsked`].
    #[serde(with = "b64")]
    pub lookup: [u8; 32],
    /// Position in the manifest, from 0.
    pub n: u16,
}

/// Under which code the portal knows the dossier.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlipCode {
    /// As in [`SlipAsked`].
    #[serde(with = "b64")]
    pub lookup: [u8; 32],
    /// 8 to 64 letters, digits, dots and dashes.
    pub code: String,
}

/// The newest version of the dossier behind a slip.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlipFound {
    /// Version of this shape: 1.
    pub v: u8,
    /// The manifest's bytes as signed.
    #[serde(with = "b64::vec")]
    pub manifest: Vec<u8>,
    /// Openings without a right card that are left after this one.
    pub openings_left: u32,
    /// Where the dossier is filed; empty where the office does not say.
    pub portal: String,
    /// The portal's code, once recorded.
    pub portal_code: Option<String>,
    /// When the office received it, Unix milliseconds.
    pub received_ms: i64,
}

/// Whether the portrait is another content of the same envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortraitState {
    /// It is: `image/jpeg`.
    Inside,
    /// The citizen went on without.
    Skipped,
}

/// One value and its provenance.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Value {
    /// The value as entered, NFC.
    pub value: String,
    /// `card_qr`, `typed` or `triage` (answered before the form).
    pub source: String,
    /// What the card's QR said, where it differs from `value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_card: Option<String>,
    /// Of an address whose `value` is a suggestion that the citizen took: the text before, in units of before July 2025.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_2025: Option<String>,
    /// Of an address left in units of before July 2025: what it probably reads today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_2025: Option<String>,
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
