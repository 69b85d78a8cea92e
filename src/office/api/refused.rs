//! Every refusal of the interface: one status and one code each.

use crate::gateway::wire::{Missing, Refusal};
use crate::office::store::StoreError;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::io::Write;

/// Why a request was not carried out.
pub(super) enum Refused {
    BadSignature,
    Body,
    Conflict,
    DigestMismatch,
    DiskFull,
    IdMismatch,
    ManifestShape,
    Method,
    Missing(Vec<u16>),
    Nonce,
    NoSuchPath,
    StoreFailed,
    Timeout,
    TooLarge,
    TooManyParts,
    Unknown,
    UnknownKiosk,
}

impl Refused {
    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Body => (StatusCode::BAD_REQUEST, "body"),
            Self::DigestMismatch => (StatusCode::BAD_REQUEST, "digest-mismatch"),
            Self::Nonce => (StatusCode::BAD_REQUEST, "nonce"),
            Self::BadSignature => (StatusCode::UNAUTHORIZED, "bad-signature"),
            Self::UnknownKiosk => (StatusCode::UNAUTHORIZED, "unknown-kiosk"),
            Self::NoSuchPath => (StatusCode::NOT_FOUND, "no-such-path"),
            Self::Unknown => (StatusCode::NOT_FOUND, "unknown"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method"),
            Self::Timeout => (StatusCode::REQUEST_TIMEOUT, "timeout"),
            Self::Conflict => (StatusCode::CONFLICT, "conflict"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
            Self::IdMismatch => (StatusCode::UNPROCESSABLE_ENTITY, "id-mismatch"),
            Self::ManifestShape => (StatusCode::UNPROCESSABLE_ENTITY, "manifest-shape"),
            Self::Missing(_) => (StatusCode::FAILED_DEPENDENCY, "missing-parts"),
            Self::TooManyParts => (StatusCode::TOO_MANY_REQUESTS, "too-many-parts"),
            Self::StoreFailed => (StatusCode::INTERNAL_SERVER_ERROR, "store-failed"),
            Self::DiskFull => (StatusCode::INSUFFICIENT_STORAGE, "disk-full"),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, code) = self.status_and_code();
        match self {
            Self::Missing(missing) => json(status, &Missing { missing }),
            _ => json(status, &Refusal { code: code.to_owned() }),
        }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            StoreError::TooManyLoose => Self::TooManyParts,
            StoreError::Missing(parts) => Self::Missing(parts),
            StoreError::Full => {
                log("disk-full", None);
                Self::DiskFull
            }
            StoreError::UnknownSubmission => Self::Unknown,
            StoreError::UnknownKiosk
            | StoreError::NoPortalCode
            | StoreError::PortalCode
            | StoreError::NotThatFar
            | StoreError::OldBundle
            | StoreError::KioskName
            | StoreError::Revoked
            | StoreError::OtherKey
            | StoreError::TooNew { .. }
            | StoreError::Absent
            | StoreError::Setting(_)
            | StoreError::ReadOnly
            | StoreError::Unavailable
            | StoreError::Broken(_)
            | StoreError::Random(_)
            | StoreError::Directory(_) => {
                log("store-failed", error.code());
                Self::StoreFailed
            }
        }
    }
}

/// A JSON answer that no cache keeps.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => {
            let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
            (status, headers, bytes).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// One line for the office's technician: our own code and the database's, nothing that a client sent.
fn log(event: &str, code: Option<String>) {
    let code = code.map_or_else(|| "null".to_owned(), |code| format!("\"{code}\""));
    // Where a log line goes when stderr is closed is not worth a second failure.
    drop(writeln!(std::io::stderr(), "{{\"event\":\"{event}\",\"database\":{code}}}"));
}
