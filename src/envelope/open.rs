//! Opening an envelope: by the office's unsealing key, or by the secret in the citizen's slip.

use super::{LABEL_OFFICE, LABEL_SLIP, Manifest, Part, SlipSecret, bound, commitment, gcm_open, part_aad, slip_key};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, Serializable};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The office's unsealing key. It belongs on an inside machine, never on the server that kiosks talk to.
pub struct OfficeSecret(<X25519HkdfSha256 as Kem>::PrivateKey);

impl OfficeSecret {
    /// Derives the key pair from 32 random bytes (RFC 9180, 7.1.3).
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(X25519HkdfSha256::derive_keypair(seed).0)
    }

    /// The public half, 32 bytes.
    pub fn public(&self) -> [u8; 32] {
        X25519HkdfSha256::sk_to_pk(&self.0).to_bytes().into()
    }
}

impl std::fmt::Debug for OfficeSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OfficeSecret(…)")
    }
}

/// Why an envelope stays closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The key does not fit, or the wrap or its binding was altered.
    #[error("the key does not open this envelope")]
    WrongKey,
    /// The content key is not the one the manifest commits to.
    #[error("the content key is not the one committed to")]
    Commitment,
    /// A part is missing, was altered, or stands in another place.
    #[error("a part does not belong to this envelope")]
    Part,
}

/// Opens with the office's key. The manifest's signature is the caller's to check.
pub fn open_with_office_key(
    manifest: &Manifest,
    parts: &[Vec<u8>],
    secret: &OfficeSecret,
) -> Result<Vec<Part>, OpenError> {
    let aad = bound(LABEL_OFFICE, &manifest.binding(), &[manifest.office_kid.as_bytes()]);
    let enc =
        <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&manifest.office_enc).map_err(|_| OpenError::WrongKey)?;
    let key = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &secret.0,
        &enc,
        LABEL_OFFICE.as_bytes(),
        &manifest.office_wrap,
        &aad,
    )
    .map_err(|_| OpenError::WrongKey)?;
    open_parts(manifest, parts, &Zeroizing::new(key))
}

/// Opens with the slip's secret, as the citizen's browser will.
pub fn open_with_slip(manifest: &Manifest, parts: &[Vec<u8>], slip: &SlipSecret) -> Result<Vec<Part>, OpenError> {
    let binding = manifest.binding();
    let aad = bound(LABEL_SLIP, &binding, &[]);
    let key = gcm_open(&slip_key(slip, &binding), 0, &manifest.slip_wrap, &aad).ok_or(OpenError::WrongKey)?;
    open_parts(manifest, parts, &key)
}

fn open_parts(manifest: &Manifest, parts: &[Vec<u8>], key: &[u8]) -> Result<Vec<Part>, OpenError> {
    let key: Zeroizing<[u8; 32]> = Zeroizing::new(key.try_into().map_err(|_| OpenError::WrongKey)?);
    let binding = manifest.binding();
    if commitment(&key, &binding) != manifest.commitment {
        return Err(OpenError::Commitment);
    }
    if parts.len() != manifest.parts.len() {
        return Err(OpenError::Part);
    }
    let count = u16::try_from(parts.len()).map_err(|_| OpenError::Part)?;
    let mut opened = Vec::with_capacity(parts.len());
    for (entry, sealed) in manifest.parts.iter().zip(parts) {
        if entry.sha256 != <[u8; 32]>::from(Sha256::digest(sealed)) {
            return Err(OpenError::Part);
        }
        let aad = part_aad(&binding, entry.n, count, &entry.media_type);
        let bytes = gcm_open(&key, entry.n, sealed, &aad).ok_or(OpenError::Part)?;
        opened.push(Part { media_type: entry.media_type.clone(), bytes });
    }
    Ok(opened)
}
