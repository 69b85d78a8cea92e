//! Delivering: sealed parts, the manifest that makes a submission of them, and how far one has come.

use super::answer;
use super::receive::{Sender, body, drain, once, sender};
use super::refused::{Refused, json};
use crate::envelope::{MAX_CONTENT_BYTES, MAX_MANIFEST_BYTES, MAX_PARTS, Manifest, manifest_is_signed_by};
use crate::gateway::wire::{MANIFEST_SIGNATURE, Present, signature_from_header};
use crate::office::Office;
use crate::office::journal::Entry;
use crate::office::store::{Kept, NewPart, NewSubmission};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The sender, the rest of the head, and the whole body.
async fn received(office: &Office, request: Request, limit: usize) -> Result<(Sender, Parts, Vec<u8>), Refused> {
    let (head, rest) = request.into_parts();
    let sender = match sender(office, &head).await {
        Ok(sender) => sender,
        Err(refused) => {
            drain(rest).await;
            return Err(refused);
        }
    };
    let body = body(office, &head, rest, limit).await?;
    Ok((sender, head, body))
}

pub(super) async fn put_part(
    State(office): State<Office>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Result<Response, Refused> {
    let (Sender { kiosk_id, .. }, _, bytes) = received(&office, request, MAX_CONTENT_BYTES).await?;
    let Path((id, n)) = path.map_err(|_| Refused::NoSuchPath)?;
    let (submission, n) = (submission_id(&id)?, part_number(&n)?);
    let length = bytes.len() as u64;
    let part = NewPart { submission, n, kiosk_id, sha256: Sha256::digest(&bytes).into(), bytes };
    let kept = office.store().put_part(part, office.now_ms()).await?;
    if kept == Kept::New {
        office.metrics().parts.inc();
        office.metrics().part_bytes.inc_by(length);
    }
    Ok(status(kept).into_response())
}

pub(super) async fn put_submission(
    State(office): State<Office>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Refused> {
    let (sender, head, bytes) = received(&office, request, MAX_MANIFEST_BYTES).await?;
    let signature = once(&head.headers, MANIFEST_SIGNATURE).and_then(signature_from_header);
    let signature = signature.ok_or(Refused::ManifestSignature)?;
    if !manifest_is_signed_by(&sender.key, &bytes, &signature) {
        return Err(Refused::ManifestSignature);
    }
    let Path(id) = path.map_err(|_| Refused::NoSuchPath)?;
    let submission = submission_id(&id)?;
    let manifest = Manifest::parse(&bytes).map_err(|_| Refused::ManifestShape)?;
    if manifest.kiosk_seq == 0 || i64::try_from(manifest.kiosk_seq).is_err() {
        return Err(Refused::ManifestShape);
    }
    if manifest.submission_id != submission || manifest.kiosk_id != sender.kiosk_id {
        return Err(Refused::IdMismatch);
    }
    let submission = NewSubmission::new(&manifest, bytes, signature);
    let accepted = office.store().accept(submission, office.now_ms()).await?;
    if accepted.kept == Kept::New {
        office.metrics().receipts.inc();
        let receipt_no = accepted.stored.receipt_no;
        office.note(&Entry::SubmissionAccepted { receipt_no, kiosk: sender.kiosk_id });
    }
    answer(status(accepted.kept), office.receipt(accepted.stored))
}

/// A kiosk learns of its own submissions only; of anybody else's it learns that there is none.
pub(super) async fn get_submission(
    State(office): State<Office>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Refused> {
    let (head, _) = request.into_parts();
    let sender = sender(&office, &head).await?;
    let Path(id) = path.map_err(|_| Refused::NoSuchPath)?;
    let submission = submission_id(&id)?;
    match office.store().submission(submission).await? {
        Some(stored) if stored.kiosk_id == sender.kiosk_id => return answer(StatusCode::OK, office.receipt(stored)),
        Some(_) => return Err(Refused::Unknown),
        None => {}
    }
    let present = office.store().parts_present(submission, &sender.kiosk_id).await?;
    if present.is_empty() { Err(Refused::Unknown) } else { Ok(json(StatusCode::ACCEPTED, &Present { present })) }
}

/// Only the usual spelling of an id: one resource has one path.
fn submission_id(text: &str) -> Result<Uuid, Refused> {
    Uuid::try_parse(text).ok().filter(|id| id.to_string() == text).ok_or(Refused::NoSuchPath)
}

fn part_number(text: &str) -> Result<u16, Refused> {
    let n: u16 = text.parse().map_err(|_| Refused::NoSuchPath)?;
    if usize::from(n) < MAX_PARTS && n.to_string() == text { Ok(n) } else { Err(Refused::NoSuchPath) }
}

fn status(kept: Kept) -> StatusCode {
    match kept {
        Kept::New => StatusCode::CREATED,
        Kept::Again => StatusCode::OK,
    }
}
