//! An opened submission as one line of JSON, and as a file for the office's case system.

use super::Opened;
use crate::envelope::Ids;
use crate::gateway::wire::{Consent, Value};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use uuid::Uuid;
use zeroize::Zeroizing;

/// What `intake open` says of one submission.
#[derive(Serialize)]
pub struct Line<'a> {
    dossier_id: Uuid,
    submission_id: Uuid,
    /// The short code on the citizen's slip.
    reference: String,
    supersedes: Option<Uuid>,
    kiosk_id: &'a str,
    receipt_no: u64,
    server_time_ms: i64,
    #[serde(flatten)]
    rest: Rest<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Rest<'a> {
    Opened {
        form_edition: &'a str,
        consent: &'a Consent,
        valid: bool,
        problems: Vec<FieldProblem>,
        #[serde(skip_serializing_if = "Option::is_none")]
        fields: Option<&'a BTreeMap<String, Value>>,
    },
    Closed {
        error: &'static str,
    },
}

#[derive(Serialize)]
struct FieldProblem {
    field: String,
    code: &'static str,
}

impl<'a> Line<'a> {
    /// The line: `problems` (field key and problem code) are what the form's code found in the dossier; what the citizen
    /// entered stands in it only if `with_fields`.
    pub fn new(opened: &'a Opened, problems: Vec<(String, &'static str)>, with_fields: bool) -> Self {
        let rest = match &opened.content {
            Ok(content) => Rest::Opened {
                form_edition: &content.dossier.form_edition,
                consent: &content.dossier.consent,
                valid: problems.is_empty(),
                problems: problems.into_iter().map(|(field, code)| FieldProblem { field, code }).collect(),
                fields: with_fields.then_some(&content.dossier.fields),
            },
            Err(closed) => Rest::Closed { error: closed.code() },
        };
        Self {
            dossier_id: opened.dossier_id,
            submission_id: opened.submission_id,
            reference: Ids { dossier: opened.dossier_id, submission: opened.submission_id }.reference(),
            supersedes: opened.supersedes,
            kiosk_id: &opened.kiosk_id,
            receipt_no: opened.receipt_no,
            server_time_ms: opened.server_time_ms,
            rest,
        }
    }

    /// One line of JSON with its end.
    pub fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
        let mut json = serde_json::to_vec(self).map(Zeroizing::new)?;
        json.push(b'\n');
        Ok(json)
    }
}

/// Why a submission was not exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file of that name has other content.
    #[error("a file of that name has other content")]
    Differs,
    /// The file could not be written.
    #[error("the file could not be written")]
    Io(#[from] io::Error),
}

impl ExportError {
    /// The code of an error line.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Differs => "export-differs",
            Self::Io(_) => "export-failed",
        }
    }
}

/// Writes `<submission_id>.<ending>` into `directory`, whole or not at all, readable only for its owner.
pub fn export(directory: &Path, submission: Uuid, ending: &str, content: &[u8]) -> Result<(), ExportError> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let path = directory.join(format!("{submission}.{ending}"));
    let half = directory.join(format!(".{submission}.{}", std::process::id()));
    if is_same(&path, content)? {
        return Ok(());
    }
    let written = write(&half, content).and_then(|()| std::fs::hard_link(&half, &path));
    drop(std::fs::remove_file(&half));
    match written {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            is_same(&path, content)?;
        }
        other => other?,
    }
    Ok(File::open(directory)?.sync_all()?)
}

fn write(path: &Path, json: &[u8]) -> io::Result<()> {
    // Left over from a run that was killed under the same process number.
    drop(std::fs::remove_file(path));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(json)?;
    file.sync_all()
}

/// True if the file has this content, false if there is none.
fn is_same(path: &Path, json: &[u8]) -> Result<bool, ExportError> {
    match std::fs::read(path).map(Zeroizing::new) {
        Ok(found) if *found == json => Ok(true),
        Ok(_) => Err(ExportError::Differs),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e.into()),
    }
}
