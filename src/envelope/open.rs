//! Opening an envelope: by the office's unsealing key, or by the secret in the citizen's slip. Both versions are opened.

use super::{Bound, LABELS_1, LABELS_2, Manifest, OfficeSecret, Part, SlipSecret, Suite, VERSION_1, gcm_open};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

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
    let suite = manifest.suite().ok_or(OpenError::WrongKey)?;
    with_bound(manifest, suite, |bound| {
        let aad = match bound.office {
            Some(_) => bound.aad(bound.labels.office, &[]),
            None => bound.aad(bound.labels.office, &[manifest.office_kid.as_bytes()]),
        };
        let info = bound.labels.office.as_bytes();
        let key = secret.open(suite, &manifest.office_enc, info, &manifest.office_wrap, &aad);
        open_parts(bound, manifest, parts, &key.ok_or(OpenError::WrongKey)?)
    })
}

/// Opens with the slip's secret, as the citizen's browser will.
pub fn open_with_slip(manifest: &Manifest, parts: &[Vec<u8>], slip: &SlipSecret) -> Result<Vec<Part>, OpenError> {
    let suite = manifest.suite().ok_or(OpenError::WrongKey)?;
    with_bound(manifest, suite, |bound| {
        let aad = bound.aad(bound.labels.slip, &[]);
        let key = gcm_open(&bound.slip_key(slip), 0, &manifest.slip_wrap, &aad).ok_or(OpenError::WrongKey)?;
        open_parts(bound, manifest, parts, &key)
    })
}

fn with_bound<T>(manifest: &Manifest, suite: Suite, work: impl FnOnce(&Bound<'_>) -> T) -> T {
    let binding = &manifest.binding();
    work(&match manifest.v {
        VERSION_1 => Bound { labels: &LABELS_1, binding, office: None },
        _ => Bound { labels: &LABELS_2, binding, office: Some((&manifest.office_kid, suite)) },
    })
}

/// Opens every part and puts the pieces of each content together again.
fn open_parts(bound: &Bound<'_>, manifest: &Manifest, parts: &[Vec<u8>], key: &[u8]) -> Result<Vec<Part>, OpenError> {
    let key: Zeroizing<[u8; 32]> = Zeroizing::new(key.try_into().map_err(|_| OpenError::WrongKey)?);
    if bound.commitment(&key) != manifest.commitment {
        return Err(OpenError::Commitment);
    }
    if parts.len() != manifest.parts.len() {
        return Err(OpenError::Part);
    }
    let count = u16::try_from(parts.len()).map_err(|_| OpenError::Part)?;
    let mut opened: Vec<Part> = Vec::new();
    for (entry, sealed) in manifest.parts.iter().zip(parts) {
        if entry.sha256 != <[u8; 32]>::from(Sha256::digest(sealed)) {
            return Err(OpenError::Part);
        }
        let aad = bound.part(entry.n, count, &entry.media_type, entry.place);
        let bytes = gcm_open(&key, entry.n, sealed, &aad).ok_or(OpenError::Part)?;
        match (opened.last_mut(), entry.place) {
            (Some(content), Some(place)) if place.piece > 0 => content.append(&bytes),
            _ => opened.push(Part { media_type: entry.media_type.clone(), bytes }),
        }
    }
    Ok(opened)
}

impl Part {
    /// Growing would leave the old copy behind in the heap: the bytes move into a new place and the old one is wiped.
    fn append(&mut self, more: &[u8]) {
        let mut whole = Zeroizing::new(Vec::with_capacity(self.bytes.len() + more.len()));
        whole.extend_from_slice(&self.bytes);
        whole.extend_from_slice(more);
        self.bytes = whole;
    }
}
