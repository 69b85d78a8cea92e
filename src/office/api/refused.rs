//! Every refusal of the interface: one status and one code each.

use crate::gateway::wire::{Missing, Refusal};
use crate::office::store::StoreError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A store that is not there may be back after this many seconds.
const STORE_RETRY_S: u64 = 5;

/// What a refusal was, beside its answer.
#[derive(Clone, Debug)]
pub(super) struct Why {
    /// Our code.
    pub(super) code: &'static str,
    /// The database's code, when it failed.
    pub(super) database: Option<String>,
}

/// Why a request was not carried out.
#[derive(Debug)]
pub(super) enum Refused {
    BadSignature,
    Body,
    Conflict,
    DigestMismatch,
    DiskFull,
    ExpiredSlip,
    IdMismatch,
    ManifestShape,
    ManifestSignature,
    Method,
    Missing(Vec<u16>),
    NoKeys,
    Nonce,
    NoSuchPath,
    OtherKey,
    Query,
    Revoked,
    Shape,
    StaleChallenge,
    /// With the database's own code.
    StoreFailed(Option<String>),
    Timeout,
    TooLarge,
    TooManyParts,
    /// So many milliseconds to wait.
    TooOften(u64),
    Unavailable,
    Unknown,
    UnknownKiosk,
    VoidCode,
    /// An officer's word, or too many openings.
    VoidSlip,
    WrongCode,
}

impl Refused {
    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Body => (StatusCode::BAD_REQUEST, "body"),
            Self::DigestMismatch => (StatusCode::BAD_REQUEST, "digest-mismatch"),
            Self::Nonce => (StatusCode::BAD_REQUEST, "nonce"),
            Self::Query => (StatusCode::BAD_REQUEST, "query"),
            Self::StaleChallenge => (StatusCode::BAD_REQUEST, "stale-challenge"),
            Self::BadSignature => (StatusCode::UNAUTHORIZED, "bad-signature"),
            Self::ManifestSignature => (StatusCode::UNAUTHORIZED, "manifest-signature"),
            Self::UnknownKiosk => (StatusCode::UNAUTHORIZED, "unknown-kiosk"),
            Self::Revoked => (StatusCode::FORBIDDEN, "revoked"),
            Self::WrongCode => (StatusCode::FORBIDDEN, "wrong-code"),
            Self::VoidCode => (StatusCode::FORBIDDEN, "void-code"),
            Self::NoSuchPath => (StatusCode::NOT_FOUND, "no-such-path"),
            Self::Unknown => (StatusCode::NOT_FOUND, "unknown"),
            Self::NoKeys => (StatusCode::NOT_FOUND, "no-keys"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method"),
            Self::VoidSlip => (StatusCode::GONE, "void-slip"),
            Self::ExpiredSlip => (StatusCode::GONE, "expired-slip"),
            Self::Timeout => (StatusCode::REQUEST_TIMEOUT, "timeout"),
            Self::Conflict => (StatusCode::CONFLICT, "conflict"),
            Self::OtherKey => (StatusCode::CONFLICT, "other-key"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
            Self::IdMismatch => (StatusCode::UNPROCESSABLE_ENTITY, "id-mismatch"),
            Self::ManifestShape => (StatusCode::UNPROCESSABLE_ENTITY, "manifest-shape"),
            Self::Shape => (StatusCode::UNPROCESSABLE_ENTITY, "shape"),
            Self::Missing(_) => (StatusCode::FAILED_DEPENDENCY, "missing-parts"),
            Self::TooManyParts => (StatusCode::TOO_MANY_REQUESTS, "too-many-parts"),
            Self::TooOften(_) => (StatusCode::TOO_MANY_REQUESTS, "too-often"),
            Self::StoreFailed(_) => (StatusCode::INTERNAL_SERVER_ERROR, "store-failed"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::DiskFull => (StatusCode::INSUFFICIENT_STORAGE, "disk-full"),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, code) = self.status_and_code();
        let retry_after_s = match self {
            Self::TooOften(wait_ms) => Some(wait_ms.div_ceil(1_000).max(1)),
            Self::Unavailable => Some(STORE_RETRY_S),
            _ => None,
        };
        let (mut response, database) = match self {
            Self::Missing(missing) => (json(status, &Missing { missing }), None),
            Self::StoreFailed(database) => (json(status, &Refusal { code: code.to_owned() }), database),
            _ => (json(status, &Refusal { code: code.to_owned() }), None),
        };
        if let Some(seconds) = retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(Why { code, database });
        response
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        let code = error.code();
        match error {
            StoreError::Conflict => Self::Conflict,
            StoreError::TooManyLoose => Self::TooManyParts,
            StoreError::Missing(parts) => Self::Missing(parts),
            StoreError::Full => Self::DiskFull,
            StoreError::UnknownSubmission => Self::Unknown,
            StoreError::UnknownKiosk => Self::UnknownKiosk,
            StoreError::Revoked => Self::Revoked,
            StoreError::OtherKey => Self::OtherKey,
            StoreError::Unavailable => Self::Unavailable,
            StoreError::NoPortalCode
            | StoreError::PortalCode
            | StoreError::NotThatFar
            | StoreError::OldBundle
            | StoreError::KioskName
            | StoreError::TooNew { .. }
            | StoreError::Absent
            | StoreError::DatabaseUrl
            | StoreError::RemoteDatabase
            | StoreError::DatabaseAuthority
            | StoreError::Damaged
            | StoreError::Exists
            | StoreError::Setting(_)
            | StoreError::ReadOnly
            | StoreError::Broken(_)
            | StoreError::Random(_)
            | StoreError::Directory(_) => Self::StoreFailed(code),
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

#[cfg(test)]
mod tests;
