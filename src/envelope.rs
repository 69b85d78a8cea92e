//! `kiosk-envelope-v1`: how a finished dossier is encrypted for its two readers and what stands beside it in clear.
//!
//! The format is frozen: `tests/data/envelope/v1.json` holds worked values, and a change is a new version.
//!
//! - A random 32-byte content key encrypts each part with AES-256-GCM (a browser's `WebCrypto` can open it).
//! - The content key is wrapped twice: by HPKE (RFC 9180, base mode, X25519 / HKDF-SHA256 / ChaCha20-Poly1305) for the
//!   office, and by AES-256-GCM under HKDF-SHA256 (RFC 5869) of the 32-byte secret in the citizen's own slip.
//! - The manifest carries both wraps, a commitment to the content key and the digest of every sealed part; the kiosk
//!   signs its bytes with Ed25519 (RFC 8032).
//!
//! Nothing here keeps a key: after sealing, the kiosk cannot read what it holds.

mod open;
mod seal;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, Nonce, Payload};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

pub use open::{OfficeSecret, OpenError, open_with_office_key, open_with_slip};
pub use seal::{SealError, Sealed, seal};

/// The version this code writes.
pub const VERSION: u8 = 1;
/// Suite 1: HPKE with X25519, HKDF-SHA256 and ChaCha20-Poly1305 for the office's wrap, AES-256-GCM for the parts.
pub const SUITE_X25519: u8 = 1;
/// No sealed part is longer, in bytes.
pub const MAX_PART_BYTES: usize = 2 * 1024 * 1024;
/// No manifest is longer, in bytes.
pub const MAX_MANIFEST_BYTES: usize = 64 * 1024;
/// No dossier has more parts.
pub const MAX_PARTS: usize = 64;

const LABEL_PART: &str = "kiosk-envelope-v1/part";
const LABEL_OFFICE: &str = "kiosk-envelope-v1/office";
const LABEL_SLIP: &str = "kiosk-envelope-v1/slip";
const LABEL_COMMIT: &str = "kiosk-envelope-v1/commit";
const LABEL_LOOKUP: &str = "kiosk-envelope-v1/lookup";
const LABEL_MANIFEST: &str = "kiosk-envelope-v1/manifest";

/// The two names of a sealed dossier. Both are chosen before the first attempt to store it and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ids {
    /// For life; stands on the citizen's slip. `UUIDv7`.
    pub dossier: Uuid,
    /// One sealed version of the dossier. `UUIDv7`.
    pub submission: Uuid,
}

impl Ids {
    /// Two new names. `now_ms` only orders them for people who read databases; nothing depends on it.
    pub fn random(now_ms: i64, rng: &mut impl rand_core::CryptoRng) -> Self {
        Self { dossier: uuid_v7(now_ms, rng), submission: uuid_v7(now_ms, rng) }
    }

    /// The dossier's short code for people: 40 random bits in Crockford's base 32, such as `7F3K-92QX`.
    pub fn reference(&self) -> String {
        const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let bytes = self.dossier.as_bytes();
        let bits = bytes[11..].iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        let digit = |place: u64| char::from(DIGITS[(bits >> (5 * place) & 31) as usize]);
        let (first, last): (String, String) = ((4..8).rev().map(digit).collect(), (0..4).rev().map(digit).collect());
        format!("{first}-{last}")
    }
}

fn uuid_v7(now_ms: i64, rng: &mut impl rand_core::CryptoRng) -> Uuid {
    let mut random = [0_u8; 10];
    rng.fill_bytes(&mut random);
    uuid::Builder::from_unix_timestamp_millis(now_ms.unsigned_abs(), &random).into_uuid()
}

/// What binds an envelope to its place: it goes into the associated data of every part and of both wraps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The dossier and this version of it.
    pub ids: Ids,
    /// Which kiosk sealed it, as enrolled at the office: 1 to 64 of `a-z 0-9 -`.
    pub kiosk_id: String,
    /// Edition of the form, for instance `tk01@tt69-2026`.
    pub form_edition: String,
}

/// What stands in clear in the manifest beside the binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// What the envelope is bound to.
    pub binding: Binding,
    /// Epoch of the kiosk's database: changes when it is created anew. 16 bytes.
    pub db_epoch: [u8; 16],
    /// Position in the kiosk's own sequence, from 1, without gaps within an epoch.
    pub kiosk_seq: u64,
    /// Version of the consent text the citizen agreed to.
    pub consent_version: String,
    /// The kiosk's wall clock in Unix milliseconds: a claim, nothing depends on it.
    pub sealed_at_ms: i64,
    /// The version this one replaces.
    pub supersedes: Option<Uuid>,
}

/// The office's public keys, as the kiosk trusts them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeKey {
    /// Name of the unsealing key.
    pub kid: String,
    /// X25519 public key, 32 bytes (RFC 7748).
    pub public: [u8; 32],
}

/// The secret in the citizen's slip: 32 random bytes that the kiosk forgets with the session.
#[derive(Clone, PartialEq, Eq)]
pub struct SlipSecret(Zeroizing<[u8; 32]>);

impl SlipSecret {
    /// Wraps 32 random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Draws a new secret.
    pub fn random(rng: &mut impl rand_core::CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        rng.fill_bytes(&mut *bytes);
        Self(bytes)
    }

    /// The secret as it stands behind the `#` of the slip's address: base64url without padding, 43 characters.
    pub fn to_fragment(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(*self.0))
    }

    /// What the office stores to find the dossier again: SHA-256 of HKDF(secret, `lookup`).
    pub fn lookup_hash(&self) -> [u8; 32] {
        Sha256::digest(*derive(&*self.0, &[], LABEL_LOOKUP)).into()
    }
}

impl std::fmt::Debug for SlipSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SlipSecret(…)")
    }
}

/// One plain part on its way into or out of an envelope. The bytes are wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// For instance `application/json`.
    pub media_type: String,
    /// The content.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// What the manifest says of a sealed part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartEntry {
    /// Position, from 0.
    pub n: u16,
    /// Media type of the plain content.
    pub media_type: String,
    /// Bytes of the sealed part.
    pub len: u64,
    /// SHA-256 of the sealed part.
    #[serde(with = "b64")]
    pub sha256: [u8; 32],
}

/// The signed, readable half of an envelope: ids, keys, wraps and digests, nothing personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the format: 1.
    pub v: u8,
    /// Suite of the wraps: 1.
    pub suite: u8,
    /// The dossier.
    pub dossier_id: Uuid,
    /// This version of it.
    pub submission_id: Uuid,
    /// The version it replaces.
    pub supersedes: Option<Uuid>,
    /// Who sealed it.
    pub kiosk_id: String,
    /// Epoch of the kiosk's database.
    #[serde(with = "b64")]
    pub db_epoch: [u8; 16],
    /// Position in that epoch.
    pub kiosk_seq: u64,
    /// Edition of the form.
    pub form_edition: String,
    /// Consent text agreed to.
    pub consent_version: String,
    /// The kiosk's wall clock, Unix milliseconds.
    pub sealed_at_ms: i64,
    /// Name of the office's unsealing key.
    pub office_kid: String,
    /// HPKE encapsulated key.
    #[serde(with = "b64")]
    pub office_enc: [u8; 32],
    /// The content key under HPKE, with its tag.
    #[serde(with = "b64")]
    pub office_wrap: [u8; 48],
    /// The content key under the slip's secret, with its tag.
    #[serde(with = "b64")]
    pub slip_wrap: [u8; 48],
    /// Finds the dossier from the slip; see [`SlipSecret::lookup_hash`].
    #[serde(with = "b64")]
    pub lookup_hash: [u8; 32],
    /// HKDF(content key, `commit`): both readers check that they hold the same key.
    #[serde(with = "b64")]
    pub commitment: [u8; 32],
    /// The sealed parts.
    pub parts: Vec<PartEntry>,
}

/// Why a manifest is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Not JSON of this shape.
    #[error("the manifest does not have the shape of version 1")]
    Shape,
    /// A version or suite this code does not know.
    #[error("the manifest's version or suite is not known")]
    Version,
    /// Over [`MAX_MANIFEST_BYTES`], [`MAX_PARTS`] or [`MAX_PART_BYTES`], or the parts are not numbered 0, 1, 2 …
    #[error("the manifest breaks a limit")]
    Limit,
}

impl Manifest {
    /// Reads and checks the bytes that were signed.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > MAX_MANIFEST_BYTES {
            return Err(ManifestError::Limit);
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(|_| ManifestError::Shape)?;
        if manifest.v != VERSION || manifest.suite != SUITE_X25519 {
            return Err(ManifestError::Version);
        }
        let in_order = manifest.parts.iter().enumerate().all(|(i, part)| usize::from(part.n) == i);
        let small = manifest.parts.iter().all(|part| part.len <= MAX_PART_BYTES as u64);
        let named = is_kiosk_id(&manifest.kiosk_id);
        if manifest.parts.is_empty() || manifest.parts.len() > MAX_PARTS || !in_order || !small || !named {
            return Err(ManifestError::Limit);
        }
        Ok(manifest)
    }

    /// What the envelope is bound to.
    pub fn binding(&self) -> Binding {
        Binding {
            ids: Ids { dossier: self.dossier_id, submission: self.submission_id },
            kiosk_id: self.kiosk_id.clone(),
            form_edition: self.form_edition.clone(),
        }
    }
}

/// Signs the manifest's bytes as they will be sent.
pub fn sign_manifest(key: &SigningKey, manifest: &[u8]) -> [u8; 64] {
    key.sign(&signed_bytes(LABEL_MANIFEST, manifest)).to_bytes()
}

/// True when `signature` is `key`'s over exactly these bytes. Strict verification: no small-order keys.
pub fn manifest_is_signed_by(key: &VerifyingKey, manifest: &[u8], signature: &[u8; 64]) -> bool {
    key.verify_strict(&signed_bytes(LABEL_MANIFEST, manifest), &Signature::from_bytes(signature)).is_ok()
}

/// `label`, a zero byte and the message: a signature made for one purpose can serve no other.
pub fn signed_bytes(label: &str, message: &[u8]) -> Vec<u8> {
    [label.as_bytes(), &[0], message].concat()
}

/// True for 1 to 64 of `a-z`, `0-9` and `-`: safe in a path, a log and a header.
pub fn is_kiosk_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Each field behind its length (two bytes, big endian), so that no two lists of fields give the same bytes.
fn bound(label: &str, binding: &Binding, rest: &[&[u8]]) -> Vec<u8> {
    let fields: [&[u8]; 5] = [
        label.as_bytes(),
        binding.ids.submission.as_bytes(),
        binding.ids.dossier.as_bytes(),
        binding.kiosk_id.as_bytes(),
        binding.form_edition.as_bytes(),
    ];
    let mut out = Vec::new();
    for field in fields.iter().chain(rest) {
        let length = u16::try_from(field.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(field);
    }
    out
}

fn part_aad(binding: &Binding, n: u16, count: u16, media_type: &str) -> Vec<u8> {
    bound(LABEL_PART, binding, &[&n.to_be_bytes(), &count.to_be_bytes(), media_type.as_bytes()])
}

fn derive(key: &[u8], salt: &[u8], label: &str) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0_u8; 32]);
    let expanded = Hkdf::<Sha256>::new(Some(salt), key).expand(label.as_bytes(), &mut *out);
    debug_assert!(expanded.is_ok(), "32 bytes are one block of HKDF-SHA256");
    out
}

fn commitment(content_key: &[u8; 32], binding: &Binding) -> [u8; 32] {
    *derive(content_key, binding.ids.submission.as_bytes(), LABEL_COMMIT)
}

fn slip_key(secret: &SlipSecret, binding: &Binding) -> Zeroizing<[u8; 32]> {
    derive(&*secret.0, binding.ids.submission.as_bytes(), LABEL_SLIP)
}

/// AES-256-GCM with the part's number as nonce: a content key seals one envelope and each number once.
fn gcm_seal(key: &[u8; 32], n: u16, plain: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
    Aes256Gcm::new(&(*key).into()).encrypt(&nonce(n), Payload { msg: plain, aad }).ok()
}

fn gcm_open(key: &[u8; 32], n: u16, sealed: &[u8], aad: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    Aes256Gcm::new(&(*key).into()).decrypt(&nonce(n), Payload { msg: sealed, aad }).ok().map(Zeroizing::new)
}

fn nonce(n: u16) -> Nonce<Aes256Gcm> {
    let mut bytes = [0_u8; 12];
    bytes[10..].copy_from_slice(&n.to_be_bytes());
    bytes.into()
}

/// Fixed-size byte arrays as base64url without padding.
pub mod b64 {
    use super::{Engine, URL_SAFE_NO_PAD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes the bytes as text.
    pub fn serialize<S: Serializer, const N: usize>(bytes: &[u8; N], out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads exactly `N` bytes.
    pub fn deserialize<'de, D: Deserializer<'de>, const N: usize>(input: D) -> Result<[u8; N], D::Error> {
        let text = String::deserialize(input)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| D::Error::custom("not base64url"))?;
        bytes.try_into().map_err(|_| D::Error::custom("wrong number of bytes"))
    }
}

#[cfg(test)]
mod tests;
