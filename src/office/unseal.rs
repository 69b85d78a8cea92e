//! Opening what was delivered, on a machine that has the unsealing key.
//!
//! The store is believed in nothing that the kiosk signed: ids and edition come from the manifest, checked again.

mod line;

use super::store::{Archive, Row, StoreError};
use crate::envelope::{Manifest, OfficeSecret, OpenError, Part, manifest_is_signed_by, open_with_office_key};
use crate::gateway::wire::Dossier;
use std::path::Path;
use uuid::Uuid;

pub use line::{ExportError, Line, export};

/// One accepted submission, opened or not.
pub struct Opened {
    /// The dossier.
    pub dossier_id: Uuid,
    /// This version of it.
    pub submission_id: Uuid,
    /// The version it replaces.
    pub supersedes: Option<Uuid>,
    /// Who delivered it.
    pub kiosk_id: String,
    /// The office's number.
    pub receipt_no: u64,
    /// The office's clock when it was accepted, Unix milliseconds.
    pub server_time_ms: i64,
    /// What was inside, or why it stays closed.
    pub content: Result<Content, Closed>,
}

/// What was inside an envelope.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    /// Part 0.
    pub dossier: Dossier,
    /// The parts after it, for instance the photo.
    pub attachments: Vec<Part>,
}

/// Why a submission cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// The manifest is not readable, or the store says other ids than the manifest.
    #[error("the manifest does not fit what is stored beside it")]
    Manifest,
    /// The kiosk that is enrolled under that name did not sign the manifest.
    #[error("the enrolled kiosk did not sign this manifest")]
    Signature,
    /// Sealed to another unsealing key.
    #[error("sealed to another unsealing key")]
    OtherKey,
    /// The envelope does not open.
    #[error(transparent)]
    Envelope(#[from] OpenError),
    /// Part 0 is not a dossier of this version.
    #[error("part 0 is not a dossier of a known version")]
    Dossier,
    /// The dossier says another edition of the form than the manifest.
    #[error("the dossier and its manifest name different editions")]
    Edition,
}

impl Closed {
    /// The code of an error line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Signature => "signature",
            Self::OtherKey => "other-key",
            Self::Envelope(OpenError::WrongKey) => "wrong-key",
            Self::Envelope(OpenError::Commitment) => "commitment",
            Self::Envelope(OpenError::Part) => "part",
            Self::Dossier => "dossier",
            Self::Edition => "edition",
        }
    }
}

/// Opens the accepted submissions one after the other, in the order of their receipt numbers.
pub struct Opening<'a> {
    archive: Archive,
    secret: &'a OfficeSecret,
    last_receipt_no: Option<u64>,
}

/// Starts opening the office's data; `intake serve` may run at the same time.
pub fn open_each<'a>(data_dir: &Path, secret: &'a OfficeSecret) -> Result<Opening<'a>, StoreError> {
    Ok(Opening { archive: Archive::open(data_dir)?, secret, last_receipt_no: Some(0) })
}

/// Opens everything at once.
pub fn open_all(data_dir: &Path, secret: &OfficeSecret) -> Result<Vec<Opened>, StoreError> {
    open_each(data_dir, secret)?.collect()
}

impl Iterator for Opening<'_> {
    type Item = Result<Opened, StoreError>;

    /// A trouble of the store is the last item: what follows could not be found.
    fn next(&mut self) -> Option<Self::Item> {
        let after = self.last_receipt_no.take()?;
        let opened = self.archive.next_after(after).and_then(|row| match row {
            Some(row) => {
                self.last_receipt_no = Some(row.stored.receipt_no);
                open(&self.archive, row, self.secret).map(Some)
            }
            None => Ok(None),
        });
        opened.transpose()
    }
}

fn open(archive: &Archive, row: Row, secret: &OfficeSecret) -> Result<Opened, StoreError> {
    let kiosk = archive.kiosk(&row.stored.kiosk_id)?;
    let is_signed = kiosk.is_some_and(|kiosk| manifest_is_signed_by(&kiosk.key, &row.manifest, &row.signature));
    let content = if is_signed { content(&row, secret) } else { Err(Closed::Signature) };
    Ok(Opened {
        dossier_id: row.stored.dossier_id,
        submission_id: row.stored.submission_id,
        supersedes: row.supersedes,
        kiosk_id: row.stored.kiosk_id,
        receipt_no: row.stored.receipt_no,
        server_time_ms: row.stored.server_time_ms,
        content,
    })
}

/// The manifest's signature is checked before.
fn content(row: &Row, secret: &OfficeSecret) -> Result<Content, Closed> {
    let manifest = Manifest::parse(&row.manifest).map_err(|_| Closed::Manifest)?;
    let fits = manifest.submission_id == row.stored.submission_id
        && manifest.dossier_id == row.stored.dossier_id
        && manifest.kiosk_id == row.stored.kiosk_id
        && manifest.supersedes == row.supersedes;
    if !fits {
        return Err(Closed::Manifest);
    }
    let suite = manifest.suite().ok_or(Closed::Manifest)?;
    if manifest.office_kid != secret.key(suite).kid {
        return Err(Closed::OtherKey);
    }
    let mut parts = open_with_office_key(&manifest, &row.parts, secret)?.into_iter();
    let first = parts.next().ok_or(Closed::Dossier)?;
    let dossier: Dossier = serde_json::from_slice(&first.bytes).map_err(|_| Closed::Dossier)?;
    if dossier.v != 1 {
        return Err(Closed::Dossier);
    }
    if dossier.form_edition != manifest.form_edition {
        return Err(Closed::Edition);
    }
    Ok(Content { dossier, attachments: parts.collect() })
}
