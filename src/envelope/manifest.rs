//! The signed, readable half of an envelope.

use super::{Binding, Ids, MAX_CONTENT_BYTES, MAX_MANIFEST_BYTES, MAX_PART_BYTES, MAX_PARTS, Suite, b64, is_kiosk_id};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The version this code writes.
pub const VERSION: u8 = 2;
/// The older version this code still opens: one sealed part for each content, suite 1.
pub const VERSION_1: u8 = 1;

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
    /// What it is a piece of. In version 1 there are no pieces, and nothing here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// Which piece of which content a sealed part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The content, from 0.
    pub content: u16,
    /// The piece of it, from 0.
    pub piece: u16,
    /// How many pieces it has.
    pub pieces: u16,
}

/// The signed, readable half of an envelope: ids, keys, wraps and digests, nothing personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the format: 2, or 1 from an older kiosk.
    pub v: u8,
    /// Suite of the office's wrap, by [`Suite::id`].
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
    /// HPKE encapsulated key, of the suite's length.
    #[serde(with = "b64::vec")]
    pub office_enc: Vec<u8>,
    /// The content key under HPKE, with its tag.
    #[serde(with = "b64")]
    pub office_wrap: [u8; 48],
    /// The content key under the slip's secret, with its tag.
    #[serde(with = "b64")]
    pub slip_wrap: [u8; 48],
    /// Finds the dossier from the slip; see [`super::SlipSecret::lookup_hash`].
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
    #[error("the manifest does not have the shape of a known version")]
    Shape,
    /// A version or suite this code does not know.
    #[error("the manifest's version or suite is not known")]
    Version,
    /// Over [`MAX_MANIFEST_BYTES`], [`MAX_PARTS`] or [`MAX_PART_BYTES`], or parts or pieces are not in their order.
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
        let suite = manifest.suite().ok_or(ManifestError::Version)?;
        let most = match manifest.v {
            VERSION_1 if suite == Suite::X25519 => MAX_CONTENT_BYTES,
            VERSION => MAX_PART_BYTES,
            _ => return Err(ManifestError::Version),
        };
        if manifest.office_enc.len() != suite.enc_len() {
            return Err(ManifestError::Shape);
        }
        let in_order = manifest.parts.iter().enumerate().all(|(i, part)| usize::from(part.n) == i);
        let small = manifest.parts.iter().all(|part| part.len <= most as u64);
        let named = is_kiosk_id(&manifest.kiosk_id);
        let counted = (1..=MAX_PARTS).contains(&manifest.parts.len());
        if !counted || !in_order || !small || !named || !manifest.is_whole() {
            return Err(ManifestError::Limit);
        }
        Ok(manifest)
    }

    /// The suite of the office's wrap; [`Manifest::parse`] lets no unknown one through.
    pub fn suite(&self) -> Option<Suite> {
        Suite::from_id(self.suite)
    }

    /// What the envelope is bound to.
    pub fn binding(&self) -> Binding {
        Binding {
            ids: Ids { dossier: self.dossier_id, submission: self.submission_id },
            kiosk_id: self.kiosk_id.clone(),
            form_edition: self.form_edition.clone(),
        }
    }

    /// Every content has all its pieces, one behind the other and of one media type.
    fn is_whole(&self) -> bool {
        if self.v == VERSION_1 {
            return self.parts.iter().all(|part| part.place.is_none());
        }
        let mut rest = self.parts.as_slice();
        let mut content = 0;
        while let Some(Place { pieces, .. }) = rest.first().and_then(|first| first.place) {
            let Some((these, after)) = rest.split_at_checked(usize::from(pieces)) else {
                return false;
            };
            let fits = these.iter().zip(0..).all(|(part, piece)| {
                part.place == Some(Place { content, piece, pieces }) && part.media_type == these[0].media_type
            });
            if these.is_empty() || !fits {
                return false;
            }
            (rest, content) = (after, content + 1);
        }
        rest.is_empty()
    }
}
