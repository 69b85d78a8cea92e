//! Closing an envelope. The only place where a content key is drawn.

use super::{
    Bound, Context, LABELS_2, MAX_CONTENT_BYTES, MAX_PART_BYTES, MAX_PARTS, Manifest, OfficeKey, Part, PartEntry,
    Place, SlipSecret, TAG_BYTES, VERSION, gcm_seal, sign_manifest, suite,
};
use ed25519_dalek::{Signature, Signer};
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
    /// The office's public key is missing, expired or not usable: call the technician.
    #[error("the office's public key is not usable")]
    OfficeKey,
    /// No part, one over [`MAX_CONTENT_BYTES`], or more than [`MAX_PARTS`] when cut.
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
    device: &dyn Signer<Signature>,
    rng: &mut impl rand_core::CryptoRng,
) -> Result<Sealed, SealError> {
    let pieces = cut(parts)?;
    let binding = &context.binding;
    let bound = Bound { labels: &LABELS_2, binding, office: Some((&office.kid, office.suite)) };
    let mut content_key = Zeroizing::new([0_u8; 32]);
    rng.fill_bytes(&mut *content_key);

    let (entries, sealed_parts) = seal_pieces(&bound, &content_key, &pieces)?;
    let (office_enc, office_wrap) = suite::seal(
        office.suite,
        &office.public,
        LABELS_2.office.as_bytes(),
        &*content_key,
        &bound.aad(LABELS_2.office, &[]),
        rng,
    )
    .ok_or(SealError::OfficeKey)?;
    let slip_aad = bound.aad(LABELS_2.slip, &[]);
    let slip_wrap = gcm_seal(&bound.slip_key(slip), 0, &*content_key, &slip_aad).ok_or(SealError::Limit)?;
    let manifest = Manifest {
        v: VERSION,
        suite: office.suite.id(),
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
        office_wrap: office_wrap.try_into().map_err(|_| SealError::OfficeKey)?,
        slip_wrap: slip_wrap.try_into().map_err(|_| SealError::Limit)?,
        lookup_hash: slip.lookup_hash(),
        commitment: bound.commitment(&content_key),
        parts: entries,
    };
    let manifest = serde_json::to_vec(&manifest).map_err(|_| SealError::Limit)?;
    let signature = sign_manifest(device, &manifest);
    Ok(Sealed { manifest, signature, parts: sealed_parts })
}

/// A piece of a plain content on its way into a sealed part.
struct Piece<'a> {
    media_type: &'a str,
    place: Place,
    plain: &'a [u8],
}

/// Cuts what does not fit into one part into pieces as even as can be: the smallest is over half of the greatest, so
/// that no request is wasted on a few bytes.
fn cut(parts: &[Part]) -> Result<Vec<Piece<'_>>, SealError> {
    const MOST: usize = MAX_PART_BYTES - TAG_BYTES;
    let mut pieces = Vec::new();
    for (content, part) in (0..).zip(parts) {
        let length = part.bytes.len();
        if length > MAX_CONTENT_BYTES {
            return Err(SealError::Limit);
        }
        let count = length.div_ceil(MOST).max(1);
        let step = length.div_ceil(count);
        for piece in 0..count {
            let plain = &part.bytes[piece * step..((piece + 1) * step).min(length)];
            let place = Place { content, piece: piece as u16, pieces: count as u16 };
            pieces.push(Piece { media_type: &part.media_type, place, plain });
        }
    }
    if (1..=MAX_PARTS).contains(&pieces.len()) { Ok(pieces) } else { Err(SealError::Limit) }
}

fn seal_pieces(
    bound: &Bound<'_>,
    content_key: &[u8; 32],
    pieces: &[Piece<'_>],
) -> Result<(Vec<PartEntry>, Vec<Vec<u8>>), SealError> {
    let count = u16::try_from(pieces.len()).map_err(|_| SealError::Limit)?;
    let mut entries = Vec::with_capacity(pieces.len());
    let mut sealed = Vec::with_capacity(pieces.len());
    for (n, Piece { media_type, place, plain }) in (0..count).zip(pieces) {
        let aad = bound.part(n, count, media_type, Some(*place));
        let bytes = gcm_seal(content_key, n, plain, &aad).ok_or(SealError::Limit)?;
        entries.push(PartEntry {
            n,
            media_type: (*media_type).to_owned(),
            len: bytes.len() as u64,
            sha256: Sha256::digest(&bytes).into(),
            place: Some(*place),
        });
        sealed.push(bytes);
    }
    Ok((entries, sealed))
}
