//! Taking a body in: from an enrolled kiosk, within its limit, with the digest it announced.

use super::Refused;
use crate::envelope::MAX_PART_BYTES;
use crate::gateway::wire::{CONTENT_DIGEST, KIOSK_ID, KIOSK_SIGNATURE, content_digest, signature_from_header};
use crate::office::Office;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::HeaderMap;
use ed25519_dalek::VerifyingKey;
use std::future::poll_fn;
use std::pin::Pin;

/// A body that will be refused is read up to here before the answer, or the answer could be lost with the connection.
const MAX_DRAINED_BYTES: usize = 2 * MAX_PART_BYTES;

/// A body whose sender is enrolled and whose digest is right. The signature is still to be checked.
pub(super) struct Delivery {
    pub(super) kiosk_id: String,
    pub(super) key: VerifyingKey,
    pub(super) digest: String,
    pub(super) signature: [u8; 64],
    pub(super) body: Vec<u8>,
}

pub(super) async fn receive(office: &Office, request: Request, limit: usize) -> Result<Delivery, Refused> {
    let (head, body) = request.into_parts();
    let (kiosk_id, key) = match sender(office, &head.headers).await {
        Ok(sender) => sender,
        Err(refused) => {
            // Whether the rest arrives does not change the answer.
            drop(read(body, 0).await);
            return Err(refused);
        }
    };
    // Held while the body is read: what waits here waits outside our memory.
    let _room = office.0.bodies.acquire().await.map_err(|_| Refused::StoreFailed)?;
    let body = read(body, limit).await?;
    let digest = text(&head.headers, CONTENT_DIGEST).ok_or(Refused::DigestMismatch)?;
    if digest != content_digest(&body) {
        return Err(Refused::DigestMismatch);
    }
    let signature = text(&head.headers, KIOSK_SIGNATURE).and_then(signature_from_header);
    let signature = signature.ok_or(Refused::BadSignature)?;
    Ok(Delivery { kiosk_id, key, digest: digest.to_owned(), signature, body })
}

async fn sender(office: &Office, headers: &HeaderMap) -> Result<(String, VerifyingKey), Refused> {
    let id = text(headers, KIOSK_ID).ok_or(Refused::UnknownKiosk)?.to_owned();
    match office.store().kiosk(&id).await? {
        Some(kiosk) if !kiosk.revoked => Ok((id, kiosk.key)),
        Some(_) | None => Err(Refused::UnknownKiosk),
    }
}

/// The header's value, if it is there exactly once.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Reads the body to its end and keeps at most `limit` bytes of it.
async fn read(mut body: Body, limit: usize) -> Result<Vec<u8>, Refused> {
    let mut kept = Vec::new();
    let mut seen_bytes = 0_usize;
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
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
