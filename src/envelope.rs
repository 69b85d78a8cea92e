//! `kiosk-envelope-v2`: how a finished dossier is encrypted for its two readers and what stands beside it in clear.
//!
//! The format is frozen: `tests/data/envelope/v2.json` holds worked values, and a change is a new version. Envelopes of
//! version 1 (`v1.json`) are still opened and no longer made.
//!
//! - A random 32-byte content key encrypts each part with AES-256-GCM (a browser's `WebCrypto` can open it). A content
//!   that is longer than a part is cut into pieces, so that a lost line costs one part at most.
//! - The content key is wrapped twice: by HPKE (RFC 9180, base mode) in one of two suites for the office, and by
//!   AES-256-GCM under HKDF-SHA256 (RFC 5869) of the 32-byte secret in the citizen's own slip.
//! - The manifest carries both wraps, a commitment to the content key and the digest of every sealed part; the kiosk
//!   signs its bytes with Ed25519 (RFC 8032).
//! - Dossier, submission, kiosk, edition of the form, the office's key and its suite go into the associated data of
//!   every part and of both wraps; the part's number, count and place into its own.
//!
//! Nothing here keeps a key: after sealing, the kiosk cannot read what it holds.

mod manifest;
mod open;
mod seal;
mod suite;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, Nonce, Payload};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use uuid::Uuid;
use zeroize::Zeroizing;

pub use manifest::{Manifest, ManifestError, PartEntry, Place, VERSION, VERSION_1};
pub use open::{OpenError, open_with_office_key, open_with_slip};
pub use seal::{SealError, Sealed, seal};
pub use suite::{OfficeSecret, Suite};

/// No sealed part of the present version is longer, in bytes.
pub const MAX_PART_BYTES: usize = 256 * 1024;
/// No plain content is longer, in bytes; in version 1 no sealed part.
pub const MAX_CONTENT_BYTES: usize = 2 * 1024 * 1024;
/// No manifest is longer, in bytes.
pub const MAX_MANIFEST_BYTES: usize = 64 * 1024;
/// No dossier has more sealed parts: seven contents of the greatest length.
pub const MAX_PARTS: usize = 64;

/// Bytes that AES-256-GCM adds.
const TAG_BYTES: usize = 16;
const LABEL_LOOKUP: &str = "kiosk-envelope-v1/lookup";
/// The same for every version: the signature covers the version too, and is checked before it is read.
const LABEL_MANIFEST: &str = "kiosk-envelope-v1/manifest";

/// What a derivation or an encryption is for, in each version of the format.
struct Labels {
    part: &'static str,
    office: &'static str,
    slip: &'static str,
    commit: &'static str,
}

const LABELS_1: Labels = Labels {
    part: "kiosk-envelope-v1/part",
    office: "kiosk-envelope-v1/office",
    slip: "kiosk-envelope-v1/slip",
    commit: "kiosk-envelope-v1/commit",
};
const LABELS_2: Labels = Labels {
    part: "kiosk-envelope-v2/part",
    office: "kiosk-envelope-v2/office",
    slip: "kiosk-envelope-v2/slip",
    commit: "kiosk-envelope-v2/commit",
};

/// The device key, wherever it lives: it signs, and nobody gets to see it.
pub type DeviceKey = Arc<dyn KeyHolder>;

/// Signs for a kiosk, and says whose signature that is. Nobody gets to see the key itself.
pub trait KeyHolder: Signer<Signature> + Send + Sync {
    /// The public half.
    fn public(&self) -> VerifyingKey;
}

impl KeyHolder for SigningKey {
    fn public(&self) -> VerifyingKey {
        self.verifying_key()
    }
}

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

/// One of the office's public keys, as the kiosk trusts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeKey {
    /// Its name: `office-` and the first eight hex digits of its SHA-256.
    pub kid: String,
    /// The suite it is for.
    pub suite: Suite,
    /// The public key, [`Suite::public_len`] bytes.
    pub public: Vec<u8>,
}

impl OfficeKey {
    /// Names the key by the common rule. `None`: these bytes are no key of that suite.
    pub fn new(suite: Suite, public: &[u8]) -> Option<Self> {
        suite::is_public_key(suite, public).then(|| Self::named(suite, public.to_vec()))
    }

    fn named(suite: Suite, public: Vec<u8>) -> Self {
        Self { kid: key_name("office", &public), suite, public }
    }
}

/// `prefix-` and the first eight hex digits of the key's SHA-256.
pub fn key_name(prefix: &str, public: &[u8]) -> String {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(public).into();
    format!("{prefix}-{:08x}", u32::from_be_bytes([a, b, c, d]))
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

    /// Reads what [`SlipSecret::to_fragment`] writes.
    pub fn from_fragment(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        let mut secret = Zeroizing::new([0_u8; 32]);
        (bytes.len() == secret.len()).then(|| secret.copy_from_slice(&bytes))?;
        Some(Self(secret))
    }

    /// HKDF(secret, `lookup`): what the office is asked with, and does not keep.
    pub fn lookup(&self) -> Zeroizing<[u8; 32]> {
        derive(&*self.0, &[], LABEL_LOOKUP)
    }

    /// What the office stores to find the dossier again: SHA-256 of [`SlipSecret::lookup`].
    pub fn lookup_hash(&self) -> [u8; 32] {
        Sha256::digest(*self.lookup()).into()
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

/// Signs the manifest's bytes as they will be sent.
pub fn sign_manifest(key: &dyn Signer<Signature>, manifest: &[u8]) -> [u8; 64] {
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
fn in_order(fields: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for field in fields {
        let length = u16::try_from(field.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(field);
    }
    out
}

/// Everything that goes into the associated data: what the envelope is bound to, and in version 2 for whom it is.
struct Bound<'a> {
    labels: &'static Labels,
    binding: &'a Binding,
    /// Name and suite of the office's key; version 1 binds the name into the office's wrap alone.
    office: Option<(&'a str, Suite)>,
}

impl Bound<'_> {
    fn aad(&self, label: &str, rest: &[&[u8]]) -> Vec<u8> {
        let Binding { ids, kiosk_id, form_edition } = self.binding;
        let suite = self.office.map(|(_, suite)| [suite.id()]);
        let mut fields: Vec<&[u8]> = vec![
            label.as_bytes(),
            ids.submission.as_bytes(),
            ids.dossier.as_bytes(),
            kiosk_id.as_bytes(),
            form_edition.as_bytes(),
        ];
        if let (Some((kid, _)), Some(suite)) = (&self.office, &suite) {
            fields.extend([kid.as_bytes(), suite.as_slice()]);
        }
        fields.extend(rest);
        in_order(&fields)
    }

    fn part(&self, n: u16, count: u16, media_type: &str, place: Option<Place>) -> Vec<u8> {
        let (n, count) = (n.to_be_bytes(), count.to_be_bytes());
        match place.map(|Place { content, piece, pieces }| [content, piece, pieces].map(u16::to_be_bytes)) {
            None => self.aad(self.labels.part, &[&n, &count, media_type.as_bytes()]),
            Some([content, piece, pieces]) => {
                self.aad(self.labels.part, &[&n, &count, &content, &piece, &pieces, media_type.as_bytes()])
            }
        }
    }

    fn commitment(&self, content_key: &[u8; 32]) -> [u8; 32] {
        *derive(content_key, self.binding.ids.submission.as_bytes(), self.labels.commit)
    }

    fn slip_key(&self, secret: &SlipSecret) -> Zeroizing<[u8; 32]> {
        derive(&*secret.0, self.binding.ids.submission.as_bytes(), self.labels.slip)
    }
}

fn derive(key: &[u8], salt: &[u8], label: &str) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0_u8; 32]);
    let expanded = Hkdf::<Sha256>::new(Some(salt), key).expand(label.as_bytes(), &mut *out);
    debug_assert!(expanded.is_ok(), "32 bytes are one block of HKDF-SHA256");
    out
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

/// Byte arrays of a fixed size as base64url without padding.
pub mod b64 {
    use super::{Engine, URL_SAFE_NO_PAD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Bytes of any number.
    pub mod vec {
        use super::{Deserialize, Deserializer, Engine, Error, Serializer, URL_SAFE_NO_PAD};

        /// Writes the bytes as text.
        pub fn serialize<S: Serializer>(bytes: &[u8], out: S) -> Result<S::Ok, S::Error> {
            out.serialize_str(&URL_SAFE_NO_PAD.encode(bytes))
        }

        /// Reads them again.
        pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<u8>, D::Error> {
            let text = String::deserialize(input)?;
            URL_SAFE_NO_PAD.decode(text).map_err(|_| D::Error::custom("not base64url"))
        }
    }

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
