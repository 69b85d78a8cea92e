//! Taking a request in: from whom, at what rate, and a body within its limits and with the digest it announced.

use super::refused::Refused;
use super::{BODY_GRACE, Peer, SLOWEST_BYTES_PER_S};
use crate::envelope::MAX_CONTENT_BYTES;
use crate::gateway::signature::{self, SIGNATURE, SIGNATURE_INPUT};
use crate::gateway::wire::{CONTENT_DIGEST, KIOSK_EPOCH, KIOSK_ID, content_digest};
use crate::office::Office;
use crate::office::limits::source;
use axum::body::{Body, HttpBody};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::VerifyingKey;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A body that will be refused is read up to here before the answer, or the answer could be lost with the connection.
const MAX_DRAINED_BYTES: usize = 2 * MAX_CONTENT_BYTES;

/// An enrolled kiosk that signed a request and may ask again.
pub(super) struct Sender {
    pub(super) kiosk_id: String,
    pub(super) key: VerifyingKey,
}

/// Who sent a request: an enrolled kiosk, by its signature over the request's head.
pub(super) async fn sender(office: &Office, head: &Parts) -> Result<Sender, Refused> {
    let asked = once(&head.headers, KIOSK_ID).ok_or(Refused::UnknownKiosk)?;
    let kiosk = office.store().kiosk(asked).await?.ok_or(Refused::UnknownKiosk)?;
    // The same text as the enrolled name, or it would not have been found.
    let kiosk_id = asked.to_owned();
    check_signature(head, &kiosk_id, &kiosk.key)?;
    if kiosk.revoked {
        return Err(Refused::Revoked);
    }
    office.0.devices.take(kiosk_id.clone(), office.running_ms()).map_err(Refused::TooOften)?;
    Ok(Sender { kiosk_id, key: kiosk.key })
}

/// Whether somebody may try to enrol now: everybody together, and each address for itself.
pub(super) fn may_enrol(office: &Office, head: &Parts) -> Result<(), Refused> {
    let now_ms = office.running_ms();
    if let Some(Peer(address)) = head.extensions.get() {
        office.0.enrol_sources.take(source(*address), now_ms).map_err(Refused::TooOften)?;
    }
    let (rate, bucket) = &office.0.enrol_all;
    let mut bucket = bucket.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    rate.take(&mut bucket, now_ms).map_err(Refused::TooOften)
}

/// Checks the request's signature (RFC 9421). It covers the announced digest of the body; that the body has it is
/// checked where the body is read.
pub(super) fn check_signature(head: &Parts, kiosk_id: &str, key: &VerifyingKey) -> Result<(), Refused> {
    let one = |name: &str| once(&head.headers, name).ok_or(Refused::BadSignature);
    let authority = match head.uri.authority() {
        Some(authority) => authority.as_str(),
        None => one(header::HOST.as_str())?,
    };
    let authority = authority.to_ascii_lowercase();
    let kiosk_epoch = one(KIOSK_EPOCH)?;
    if URL_SAFE_NO_PAD.decode(kiosk_epoch).map_or(true, |bytes| bytes.len() != 16) {
        return Err(Refused::BadSignature);
    }
    let has_digest = head.headers.contains_key(CONTENT_DIGEST);
    let content_digest = if has_digest { Some(one(CONTENT_DIGEST)?) } else { None };
    let parts = signature::Parts {
        method: head.method.as_str(),
        authority: &authority,
        path: head.uri.path(),
        query: head.uri.query(),
        content_digest,
        kiosk_epoch,
    };
    signature::verify(&parts, kiosk_id, key, one(SIGNATURE_INPUT)?, one(SIGNATURE)?).map_err(|_| Refused::BadSignature)
}

/// The body of a request, if it is no longer than `limit` and has the digest that its head announces.
pub(super) async fn body(office: &Office, head: &Parts, body: Body, limit: usize) -> Result<Vec<u8>, Refused> {
    // Held while the body is read: what waits here waits outside our memory.
    let _room =
        office.0.body_room.acquire_many(room_kib(&head.headers, limit)).await.map_err(|_| Refused::Unavailable)?;
    let body = read(body, limit).await?;
    let digest = once(&head.headers, CONTENT_DIGEST).ok_or(Refused::DigestMismatch)?;
    if digest == content_digest(&body) { Ok(body) } else { Err(Refused::DigestMismatch) }
}

/// Reads a body that is of no use any more, so that the refusal arrives. Whether the rest comes changes nothing.
pub(super) async fn drain(body: Body) {
    drop(read(body, 0).await);
}

fn room_kib(headers: &HeaderMap, limit: usize) -> u32 {
    let announced = once(headers, header::CONTENT_LENGTH.as_str()).and_then(|text| text.parse::<usize>().ok());
    u32::try_from(announced.unwrap_or(limit).min(limit).div_ceil(1024)).unwrap_or(u32::MAX)
}

/// The header's value, if it is there exactly once.
pub(super) fn once<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Reads the body to its end and keeps at most `limit` bytes of it.
async fn read(mut body: Body, limit: usize) -> Result<Vec<u8>, Refused> {
    let began = Instant::now();
    let mut kept = Vec::new();
    let mut seen_bytes = 0_usize;
    loop {
        let next = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx));
        let Some(frame) = timeout_at(began + patience(seen_bytes), next).await.map_err(|_| Refused::Timeout)? else {
            break;
        };
        let Ok(data) = frame.map_err(|_| Refused::Body)?.into_data() else {
            continue;
        };
        seen_bytes = seen_bytes.saturating_add(data.len());
        if seen_bytes > MAX_DRAINED_BYTES {
            break;
        }
        if seen_bytes <= limit {
            kept.extend_from_slice(&data);
        }
    }
    if seen_bytes > limit { Err(Refused::TooLarge) } else { Ok(kept) }
}

/// Since its beginning a body may have taken so long, given the bytes that are here.
fn patience(seen_bytes: usize) -> Duration {
    BODY_GRACE + Duration::from_millis(seen_bytes as u64 * 1_000 / SLOWEST_BYTES_PER_S)
}

#[cfg(test)]
mod tests;
