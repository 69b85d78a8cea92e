//! Parcels that came on a medium, through the very same acceptance as over the network: the same ids, the same receipts.
//! Twice, or on both ways, is once.

use super::Office;
use super::store::{NewPart, NewSubmission, StoreError};
use crate::envelope::{Manifest, manifest_is_signed_by};
use crate::gateway::parcel::{NotAParcel, Parcel};
use crate::gateway::wire::Signed;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Why a parcel was not taken. Nothing of it counts as received.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file: copy it again.
    #[error(transparent)]
    File(#[from] NotAParcel),
    /// The manifest breaks the format, or its parts are not the ones in the file.
    #[error("the parcel's content is not that of a kiosk")]
    Shape,
    /// The kiosk is not enrolled, was revoked, or did not sign it.
    #[error("no kiosk of this office has signed this")]
    NotSigned,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ImportError {
    /// Name for listings.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::File(_) => "not-a-parcel",
            Self::Shape => "bad-shape",
            Self::NotSigned => "bad-signature",
            Self::Store(StoreError::Conflict) => "conflict",
            Self::Store(_) => "store-failed",
        }
    }
}

impl Office {
    /// Takes a parcel's bytes, and gives the submission's id and the signed receipt after the commit.
    pub async fn import(&self, bytes: &[u8]) -> Result<(Uuid, Signed), ImportError> {
        let Parcel { manifest: signed, signature, parts } = Parcel::parse(bytes)?;
        let manifest = Manifest::parse(&signed).map_err(|_| ImportError::Shape)?;
        let kiosk = self.store().kiosk(&manifest.kiosk_id).await?.filter(|kiosk| !kiosk.revoked);
        let kiosk = kiosk.ok_or(ImportError::NotSigned)?;
        if !manifest_is_signed_by(&kiosk.key, &signed, &signature) {
            return Err(ImportError::NotSigned);
        }
        let numbered = manifest.kiosk_seq > 0 && i64::try_from(manifest.kiosk_seq).is_ok();
        let digests: Vec<[u8; 32]> = parts.iter().map(|part| Sha256::digest(part).into()).collect();
        if !numbered || !manifest.parts.iter().map(|entry| entry.sha256).eq(digests.iter().copied()) {
            return Err(ImportError::Shape);
        }
        let submission = manifest.submission_id;
        if self.store().submission(submission).await?.is_none() {
            for ((n, bytes), sha256) in (0_u16..).zip(parts).zip(digests) {
                let kiosk_id = manifest.kiosk_id.clone();
                self.store().put_part(NewPart { submission, n, kiosk_id, sha256, bytes }, self.now_ms()).await?;
            }
        }
        let accepted = self.store().accept(NewSubmission::new(&manifest, signed, signature), self.now_ms()).await?;
        let receipt = self.receipt(accepted.stored).map_err(|_| ImportError::Shape)?;
        Ok((submission, receipt))
    }
}
