//! Copies of what is unsent onto a medium, sealed as it is. A copy is not a delivery: everything stays queued until the
//! office's receipt is here, whichever way it comes.

use super::Queue;
use super::slot::{Slot, is_as_signed, part_is_as_told};
use super::store::Error;
use crate::domain::submission::Attention;
use crate::envelope::Manifest;
use crate::gateway::parcel::Parcel;
use crate::gateway::wire::{Receipt, Signed};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Noted as exported together.
const BATCH: u32 = 32;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Files that were written, synced and read back.
    pub written: usize,
    /// Files that were there already, with the same bytes.
    pub there: usize,
    /// Submissions that the disk has altered; they wait for an officer and were not written.
    pub damaged: usize,
}

/// Why an export stopped. What was written before stays written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The queue.
    #[error(transparent)]
    Queue(#[from] Error),
    /// The medium: no room, gone, or read-only.
    #[error("the medium: {0}")]
    Medium(#[from] io::Error),
    /// The medium gives back other bytes than were written: use another one.
    #[error("the medium does not keep what is written to it")]
    Unreliable,
    /// A file of that name with other content is on the medium: use an empty folder.
    #[error("another file of the same name is on the medium")]
    Other,
}

impl Queue {
    /// Writes every unsent submission into `folder`, which exists: one file each, named by its id, sealed as it is.
    /// Works while the kiosk runs, and may be repeated.
    pub async fn export(&self, folder: PathBuf) -> Result<Exported, ExportError> {
        let mut exported = Exported::default();
        let mut after = 0;
        loop {
            let batch = self.ask(move |slot| slot.with(|store, _| store.unsent(after, BATCH))).await?;
            let Some((last, _)) = batch.last() else {
                return Ok(exported);
            };
            after = *last;
            let mut done = Vec::new();
            for (_, due) in batch {
                let id = due.ids.submission;
                let Some(parcel) = self.ask(move |slot| slot.parcel(id)).await? else {
                    exported.damaged += 1;
                    continue;
                };
                let file = folder.join(Parcel::file_name(id));
                let written = tokio::task::spawn_blocking(move || write(&file, &parcel.to_bytes()));
                let written = written.await.map_err(|_| io::Error::other("the thread that writes is gone"))??;
                exported.written += usize::from(written);
                exported.there += usize::from(!written);
                done.push(id);
            }
            self.ask(move |slot| slot.essential(|store, now| store.exported(&done, now))).await?;
        }
    }

    /// Takes a receipt that came back on a medium. `verify` says whether a statement is the office's. `false`: it is not,
    /// or it is not for exactly a submission that is here.
    pub async fn take_receipt(
        &self,
        signed: Signed,
        verify: impl FnOnce(&Signed) -> Option<Receipt>,
    ) -> Result<bool, Error> {
        let Some(receipt) = verify(&signed) else {
            return Ok(false);
        };
        let id = receipt.submission_id;
        let found = self.ask(move |slot| slot.with(|store, _| store.find(id))).await?;
        let fits = found.is_some_and(|due| {
            let digest: [u8; 32] = Sha256::digest(&due.manifest).into();
            receipt.dossier_id == due.ids.dossier && receipt.manifest_sha256 == digest
        });
        let (true, Ok(text)) = (fits, serde_json::to_string(&signed)) else {
            return Ok(false);
        };
        self.received(receipt, text).await?;
        Ok(true)
    }
}

impl Slot {
    /// One submission with all its parts, if all of it is what was signed; otherwise it is left to an officer.
    fn parcel(&mut self, submission: Uuid) -> Result<Option<Parcel>, Error> {
        let device = self.device();
        let found = self.with(|store, _| {
            let Some(due) = store.find(submission)?.filter(|due| is_as_signed(due, &device)) else {
                return Ok(None);
            };
            let mut parts = Vec::new();
            for entry in Manifest::parse(&due.manifest).map_or_else(|_| Vec::new(), |manifest| manifest.parts) {
                match store.part(submission, entry.n)? {
                    Some(part) if part_is_as_told(&due, entry.n, &part) => parts.push(part),
                    Some(_) | None => return Ok(None),
                }
            }
            Ok(Some(Parcel { manifest: due.manifest, signature: due.signature, parts }))
        })?;
        if found.is_none() {
            self.essential(|store, now_ms| store.attention(submission, Attention::Damaged, now_ms))?;
        }
        Ok(found)
    }
}

/// Writes under another name, syncs, reads back and only then gives the file its name. `false`: it was there already.
fn write(file: &Path, bytes: &[u8]) -> Result<bool, ExportError> {
    if file.exists() {
        return if fs::read(file)? == bytes { Ok(false) } else { Err(ExportError::Other) };
    }
    let fresh = file.with_extension("writing");
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).open(&fresh)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    // Without this the reading back would only look at the system's own memory.
    let _ = rustix::fs::fadvise(&out, 0, None, rustix::fs::Advice::DontNeed);
    drop(out);
    if fs::read(&fresh)? != bytes {
        return Err(ExportError::Unreliable);
    }
    fs::rename(&fresh, file)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()?;
    Ok(true)
}
