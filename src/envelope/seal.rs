//! Closing an envelope. The only place where a content key is drawn.

use super::{
    Context, LABEL_OFFICE, LABEL_SLIP, MAX_PART_BYTES, MAX_PARTS, Manifest, OfficeKey, Part, PartEntry, SUITE_X25519,
    SlipSecret, VERSION, bound, commitment, gcm_seal, part_aad, sign_manifest, slip_key,
};
use ed25519_dalek::SigningKey;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeS, Serializable};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A closed envelope, ready to be stored and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The manifest's bytes as signed.
    pub manifest: Vec<u8>,
    /// Ed25519 over them.
    pub signature: [u8; 64],
    /// The sealed parts in order: ciphertext and 16-byte tag.
    pub parts: Vec<Vec<u8>>,
}

/// Why an envelope could not be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The office's public key is not a usable X25519 key: call the technician.
    #[error("the office's public key is not usable")]
    OfficeKey,
    /// No part, more than [`MAX_PARTS`], or one over [`MAX_PART_BYTES`].
    #[error("the dossier breaks a limit")]
    Limit,
}

/// Seals `parts` to the office and to the slip, and signs the manifest with the kiosk's key.
///
/// All randomness comes from `rng`, so that a worked example can be repeated.
pub fn seal(
    context: &Context,
    parts: &[Part],
    office: &OfficeKey,
    slip: &SlipSecret,
    device: &SigningKey,
    rng: &mut impl rand_core::CryptoRng,
) -> Result<Sealed, SealError> {
    let count = u16::try_from(parts.len()).map_err(|_| SealError::Limit)?;
    if parts.is_empty() || parts.len() > MAX_PARTS {
        return Err(SealError::Limit);
    }
    let binding = &context.binding;
    let mut content_key = Zeroizing::new([0_u8; 32]);
    rng.fill_bytes(&mut *content_key);

    let mut sealed_parts = Vec::with_capacity(parts.len());
    let mut entries = Vec::with_capacity(parts.len());
    for (n, part) in (0..count).zip(parts) {
        let aad = part_aad(binding, n, count, &part.media_type);
        let bytes = gcm_seal(&content_key, n, &part.bytes, &aad).ok_or(SealError::Limit)?;
        if bytes.len() > MAX_PART_BYTES {
            return Err(SealError::Limit);
        }
        entries.push(PartEntry {
            n,
            media_type: part.media_type.clone(),
            len: bytes.len() as u64,
            sha256: Sha256::digest(&bytes).into(),
        });
        sealed_parts.push(bytes);
    }

    let (office_enc, office_wrap) = wrap_for_office(office, &content_key, context, rng)?;
    let slip_aad = bound(LABEL_SLIP, binding, &[]);
    let slip_wrap = gcm_seal(&slip_key(slip, binding), 0, &*content_key, &slip_aad).ok_or(SealError::Limit)?;
    let manifest = Manifest {
        v: VERSION,
        suite: SUITE_X25519,
        dossier_id: binding.ids.dossier,
        submission_id: binding.ids.submission,
        supersedes: context.supersedes,
        kiosk_id: binding.kiosk_id.clone(),
        db_epoch: context.db_epoch,
        kiosk_seq: context.kiosk_seq,
        form_edition: binding.form_edition.clone(),
        consent_version: context.consent_version.clone(),
        sealed_at_ms: context.sealed_at_ms,
        office_kid: office.kid.clone(),
        office_enc,
        office_wrap,
        slip_wrap: slip_wrap.try_into().map_err(|_| SealError::Limit)?,
        lookup_hash: slip.lookup_hash(),
        commitment: commitment(&content_key, binding),
        parts: entries,
    };
    let manifest = serde_json::to_vec(&manifest).map_err(|_| SealError::Limit)?;
    let signature = sign_manifest(device, &manifest);
    Ok(Sealed { manifest, signature, parts: sealed_parts })
}

fn wrap_for_office(
    office: &OfficeKey,
    content_key: &[u8; 32],
    context: &Context,
    rng: &mut impl rand_core::CryptoRng,
) -> Result<([u8; 32], [u8; 48]), SealError> {
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&office.public).map_err(|_| SealError::OfficeKey)?;
    let aad = bound(LABEL_OFFICE, &context.binding, &[office.kid.as_bytes()]);
    let (enc, wrap) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        LABEL_OFFICE.as_bytes(),
        content_key,
        &aad,
        rng,
    )
    .map_err(|_| SealError::OfficeKey)?;
    Ok((enc.to_bytes().into(), wrap.try_into().map_err(|_| SealError::OfficeKey)?))
}
