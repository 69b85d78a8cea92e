//! The hand-over to the citizen's phone: one static page, and what it asks for. The page opens the dossier itself; the
//! fragment with the slip's secret never comes here, only what is derived from it.
//!
//! Each opening is counted and committed before anything is handed out, and a right card clears the count; six in a row
//! void the slip. That keeps an honest page honest and a lost slip from being tried for ever. It does not keep out whoever
//! holds the secret and asks with a program of their own: they have everything after the first answer.

use super::Peer;
use super::refused::{Refused, json};
use crate::gateway::wire::{SlipAsked, SlipCode, SlipFound, SlipPart};
use crate::office::Office;
use crate::office::limits::source;
use crate::office::store::{LookupHash, MAX_OPENINGS, Slip};
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// Longest body, in bytes.
const MAX_BODY_BYTES: usize = 512;

/// Nothing but the page's own script, style and answers; no frame, no form, no address given away.
const POLICY: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src blob:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

pub(super) async fn page() -> Response {
    file("text/html; charset=utf-8", include_str!("../page/page.html"))
}

pub(super) async fn script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("../page/page.js"))
}

pub(super) async fn words() -> Response {
    file("text/javascript; charset=utf-8", include_str!("../page/words.js"))
}

pub(super) async fn style() -> Response {
    file("text/css; charset=utf-8", include_str!("../page/page.css"))
}

fn file(media_type: &'static str, text: &'static str) -> Response {
    (POLICY, [(header::CONTENT_TYPE, media_type)], text).into_response()
}

/// Counts, then hands out the manifest.
pub(super) async fn open(State(office): State<Office>, request: Request) -> Result<Response, Refused> {
    let SlipAsked { lookup } = asked(&office, request).await?;
    let hash = hash(&lookup);
    let slip = slip(&office, &hash).await?;
    let openings = office.store().count_opening(&hash).await?;
    if openings > MAX_OPENINGS {
        return Err(Refused::VoidSlip);
    }
    let found = SlipFound {
        v: 1,
        manifest: slip.manifest,
        openings_left: MAX_OPENINGS - openings,
        portal: office.0.portal.clone(),
        portal_code: slip.portal_code,
        received_ms: slip.newest.server_time_ms,
    };
    Ok(json(StatusCode::OK, &found))
}

/// One sealed part of what was opened.
pub(super) async fn part(State(office): State<Office>, request: Request) -> Result<Response, Refused> {
    let SlipPart { lookup, n } = asked(&office, request).await?;
    let slip = slip(&office, &hash(&lookup)).await?;
    // Only what an opening has been counted for.
    if slip.openings == 0 {
        return Err(Refused::Unknown);
    }
    let bytes = office.store().part(slip.newest.submission_id, n).await?.ok_or(Refused::Unknown)?;
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, bytes).into_response())
}

/// The number on the card was the one in the dossier.
pub(super) async fn opened(State(office): State<Office>, request: Request) -> Result<Response, Refused> {
    let SlipAsked { lookup } = asked(&office, request).await?;
    let hash = hash(&lookup);
    slip(&office, &hash).await?;
    office.store().clear_openings(&hash).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The portal's code, as the citizen read it there.
pub(super) async fn code(State(office): State<Office>, request: Request) -> Result<Response, Refused> {
    let SlipCode { lookup, code } = asked(&office, request).await?;
    let slip = slip(&office, &hash(&lookup)).await?;
    if !is_portal_code(&code) {
        return Err(Refused::Shape);
    }
    office.store().record_portal_code(slip.newest.dossier_id, &code, office.now_ms()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// As the national portal writes them, for instance `G01.899.108-261125-0001`: 8 to 64 letters, digits, dots and dashes, a
/// digit among them. No free text: this field is not for messages.
fn is_portal_code(code: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'-';
    (8..=64).contains(&code.len()) && code.bytes().all(fits) && code.bytes().any(|b| b.is_ascii_digit())
}

/// What is known of the slip, if it still opens anything.
async fn slip(office: &Office, hash: &LookupHash) -> Result<Slip, Refused> {
    let slip = office.store().slip(hash).await?.ok_or(Refused::Unknown)?;
    if slip.is_void() {
        return Err(Refused::VoidSlip);
    }
    let age_ms = office.now_ms().saturating_sub(slip.newest.server_time_ms);
    if age_ms > office.slip_life_ms() { Err(Refused::ExpiredSlip) } else { Ok(slip) }
}

fn hash(lookup: &[u8; 32]) -> LookupHash {
    Sha256::digest(lookup).into()
}

/// The body, if this address may ask now.
async fn asked<T: DeserializeOwned>(office: &Office, request: Request) -> Result<T, Refused> {
    let (head, body) = request.into_parts();
    if let Some(Peer(address)) = head.extensions.get() {
        office.0.slip_sources.take(source(*address), office.running_ms()).map_err(Refused::TooOften)?;
    }
    let body = to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| Refused::TooLarge)?;
    serde_json::from_slice(&body).map_err(|_| Refused::Shape)
}

#[cfg(test)]
mod tests {
    use super::is_portal_code;

    #[test]
    fn a_portal_code_is_no_message() {
        for good in ["G01.899.108-261125-0001", "H01-2026112500001"] {
            assert!(is_portal_code(good), "{good}");
        }
        for bad in ["", "1234567", "khong co so", "GGGGGGGG", "G01.899.108/1", &"1".repeat(65)] {
            assert!(!is_portal_code(bad), "{bad}");
        }
    }
}
