//! The office over HTTP, as `openapi.yaml` describes it. Answers are JSON: a signed statement or a refusal's code.
//!
//! Nothing that a client sent goes into a log line.

mod receive;
mod refused;

use super::Office;
use super::store::{Kept, NewPart, NewSubmission};
use crate::envelope::{MAX_MANIFEST_BYTES, MAX_PART_BYTES, MAX_PARTS, Manifest, manifest_is_signed_by};
use crate::gateway::wire::{MAX_NONCE, Signed, part_message};
use axum::Router;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use ed25519_dalek::Signature;
use receive::{Delivery, receive};
use refused::{Refused, json};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::time::Duration;
use uuid::Uuid;

/// A request that takes longer is given up.
const REQUEST_LIMIT: Duration = Duration::from_mins(1);

/// The office's whole interface.
pub fn router(state: Office) -> Router {
    Router::new()
        .route("/v1/ping", get(ping))
        .route("/v1/submissions/{id}", get(get_submission).put(put_submission))
        .route("/v1/submissions/{id}/parts/{n}", put(put_part))
        .fallback(|| async { Refused::NoSuchPath })
        .method_not_allowed_fallback(|| async { Refused::Method })
        .layer(middleware::from_fn(limit_time))
        .with_state(state)
}

async fn limit_time(request: Request, next: Next) -> Response {
    tokio::time::timeout(REQUEST_LIMIT, next.run(request)).await.unwrap_or_else(|_| Refused::Timeout.into_response())
}

#[derive(Deserialize)]
struct PingQuery {
    nonce: String,
}

async fn ping(
    State(office): State<Office>,
    query: Result<Query<PingQuery>, QueryRejection>,
) -> Result<Response, Refused> {
    let Query(PingQuery { nonce }) = query.map_err(|_| Refused::Nonce)?;
    let fits = (1..=MAX_NONCE).contains(&nonce.len());
    if !fits || !nonce.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        return Err(Refused::Nonce);
    }
    let standing = office.store().standing().await?;
    answer(StatusCode::OK, office.pong(nonce, standing))
}

async fn put_part(
    State(office): State<Office>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Result<Response, Refused> {
    let delivery = receive(&office, request, MAX_PART_BYTES).await?;
    let Path((id, n)) = path.map_err(|_| Refused::NoSuchPath)?;
    let (submission, n) = (submission_id(&id)?, part_number(&n)?);
    let message = part_message(submission, n, &delivery.digest);
    let signature = Signature::from_bytes(&delivery.signature);
    delivery.key.verify_strict(&message, &signature).map_err(|_| Refused::BadSignature)?;
    let Delivery { kiosk_id, body: bytes, .. } = delivery;
    let part = NewPart { submission, n, kiosk_id, sha256: Sha256::digest(&bytes).into(), bytes };
    let kept = office.store().put_part(part, office.now_ms()).await?;
    Ok(status(kept).into_response())
}

async fn put_submission(
    State(office): State<Office>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Refused> {
    let delivery = receive(&office, request, MAX_MANIFEST_BYTES).await?;
    if !manifest_is_signed_by(&delivery.key, &delivery.body, &delivery.signature) {
        return Err(Refused::BadSignature);
    }
    let Path(id) = path.map_err(|_| Refused::NoSuchPath)?;
    let submission = submission_id(&id)?;
    let manifest = Manifest::parse(&delivery.body).map_err(|_| Refused::ManifestShape)?;
    if manifest.kiosk_seq == 0 || i64::try_from(manifest.kiosk_seq).is_err() {
        return Err(Refused::ManifestShape);
    }
    if manifest.submission_id != submission || manifest.kiosk_id != delivery.kiosk_id {
        return Err(Refused::IdMismatch);
    }
    let submission = NewSubmission::new(&manifest, delivery.body, delivery.signature);
    let accepted = office.store().accept(submission, office.now_ms()).await?;
    answer(status(accepted.kept), office.receipt(accepted.stored))
}

async fn get_submission(
    State(office): State<Office>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Refused> {
    let Path(id) = path.map_err(|_| Refused::NoSuchPath)?;
    let submission = submission_id(&id)?;
    let stored = office.store().submission(submission).await?;
    answer(StatusCode::OK, office.receipt(stored.ok_or(Refused::Unknown)?))
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

fn answer(status: StatusCode, signed: Result<Signed, serde_json::Error>) -> Result<Response, Refused> {
    Ok(json(status, &signed.map_err(|_| Refused::StoreFailed)?))
}
