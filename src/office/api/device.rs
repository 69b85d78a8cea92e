//! What a kiosk asks and says for itself: the ping, the keys, enrolment, heartbeat, and what became of its submissions.

use super::answer;
use super::receive::{Sender, body, check_signature, drain, may_enrol, once, sender};
use super::refused::{Refused, json};
use crate::gateway::trust::verifying_key;
use crate::gateway::wire::{Beat, Enrol, KIOSK_ID, MAX_NONCE, Signed};
use crate::office::Office;
use crate::office::code::Code;
use crate::office::journal::Entry;
use crate::office::store::{Enrolment, Kept, MAX_CHANGES, Redeemed};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Longest body of an enrolment or a heartbeat, in bytes.
pub(super) const MAX_BODY_BYTES: usize = 4 * 1024;
/// Where a device key may live.
const KEY_STORAGES: [&str; 2] = ["systemd-credential", "software"];
/// Longest version of a kiosk's program, in bytes.
const MAX_PROGRAM_BYTES: usize = 64;

#[derive(Deserialize)]
pub(super) struct PingQuery {
    nonce: String,
}

/// Proves that the office itself is here. Asks the store too: an office that cannot store is not worth delivering to.
pub(super) async fn ping(
    State(office): State<Office>,
    query: Result<Query<PingQuery>, QueryRejection>,
) -> Result<Response, Refused> {
    let Query(PingQuery { nonce }) = query.map_err(|_| Refused::Nonce)?;
    let fits = (1..=MAX_NONCE).contains(&nonce.len());
    if !fits || !nonce.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        return Err(Refused::Nonce);
    }
    let standing = office.store().standing().await?;
    let bundle_version = office.store().bundle().await?.map_or(0, |bundle| bundle.version);
    answer(StatusCode::OK, office.pong(nonce, standing, bundle_version))
}

/// The root's word about the office's keys; it needs no signature of ours, and everybody may have it.
pub(super) async fn keys(State(office): State<Office>) -> Result<Response, Refused> {
    let bundle = office.store().bundle().await?.ok_or(Refused::NoKeys)?;
    let signed: Signed = serde_json::from_str(&bundle.signed).map_err(|_| Refused::StoreFailed(None))?;
    Ok(json(StatusCode::OK, &signed))
}

/// Admits a kiosk that knows the code an officer typed and holds the key it names.
pub(super) async fn enrol(State(office): State<Office>, request: Request) -> Result<Response, Refused> {
    let (head, rest) = request.into_parts();
    if let Err(refused) = may_enrol(&office, &head) {
        drain(rest).await;
        return Err(refused);
    }
    let enrol: Enrol = parse(&body(&office, &head, rest, MAX_BODY_BYTES).await?)?;
    let key = verifying_key(&enrol.public_key).ok_or(Refused::Shape)?;
    if enrol.v != 1 || !is_key_storage(&enrol.key_storage) {
        return Err(Refused::Shape);
    }
    if once(&head.headers, KIOSK_ID) != Some(&enrol.kiosk_id) {
        return Err(Refused::IdMismatch);
    }
    check_signature(&head, &enrol.kiosk_id, &key)?;
    check_fresh(&office, &enrol.challenge)?;
    let code = Code::parse(&enrol.code).and_then(|code| code.hash(&enrol.kiosk_id)).ok_or(Refused::Shape)?;
    let enrolment =
        Enrolment { kiosk_id: enrol.kiosk_id.clone(), key, name: String::new(), key_storage: enrol.key_storage };
    let refused = match office.store().redeem_code(code, enrolment, office.now_ms()).await? {
        Redeemed::Enrolled(kept) => {
            if kept == Kept::New {
                office.note(&Entry::KioskEnrolled { kiosk: enrol.kiosk_id.clone() });
            }
            let status = if kept == Kept::New { StatusCode::CREATED } else { StatusCode::OK };
            return answer(status, office.enrolled(enrol.kiosk_id, &key, enrol.challenge));
        }
        Redeemed::Wrong(_) => Refused::WrongCode,
        Redeemed::Void => Refused::VoidCode,
    };
    Err(refused)
}

/// Hears how a kiosk is.
pub(super) async fn heartbeat(State(office): State<Office>, request: Request) -> Result<Response, Refused> {
    let (head, rest) = request.into_parts();
    let Sender { kiosk_id, .. } = match sender(&office, &head).await {
        Ok(sender) => sender,
        Err(refused) => {
            drain(rest).await;
            return Err(refused);
        }
    };
    let beat: Beat = parse(&body(&office, &head, rest, MAX_BODY_BYTES).await?)?;
    let is_version = |text: &str| text.len() <= MAX_PROGRAM_BYTES && text.bytes().all(|b| b.is_ascii_graphic());
    if beat.v != 1 || !is_version(&beat.program) || !is_key_storage(&beat.key_storage) {
        return Err(Refused::Shape);
    }
    check_fresh(&office, &beat.challenge)?;
    let grows = office.store().hear(&kiosk_id, &beat, office.now_ms()).await?;
    office.metrics().heartbeats.inc();
    if !grows {
        office.note_refusal(&Entry::JournalBroken { kiosk: kiosk_id.clone() });
    }
    let standing = office.store().standing().await?;
    answer(StatusCode::OK, office.beat_heard(kiosk_id, beat.challenge, standing, grows))
}

#[derive(Deserialize)]
pub(super) struct StatusQuery {
    cursor: u64,
    challenge: String,
}

/// What became of this kiosk's submissions since the cursor.
pub(super) async fn status(
    State(office): State<Office>,
    query: Result<Query<StatusQuery>, QueryRejection>,
    request: Request,
) -> Result<Response, Refused> {
    let (head, _) = request.into_parts();
    let Sender { kiosk_id, .. } = sender(&office, &head).await?;
    let Query(StatusQuery { cursor, challenge }) = query.map_err(|_| Refused::Query)?;
    check_fresh(&office, &challenge)?;
    // Both in this order: an epoch that begins in between makes the kiosk ask again, and none is missed.
    let standing = office.store().standing().await?;
    let changes = office.store().statuses_since(&kiosk_id, cursor, MAX_CHANGES).await?;
    answer(StatusCode::OK, office.status_batch(kiosk_id, challenge, cursor, &changes, standing))
}

pub(super) fn check_fresh(office: &Office, challenge: &str) -> Result<(), Refused> {
    let fresh = office.0.challenges.is_fresh(challenge, office.now_ms());
    if fresh { Ok(()) } else { Err(Refused::StaleChallenge) }
}

pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|_| Refused::Shape)
}

fn is_key_storage(text: &str) -> bool {
    KEY_STORAGES.contains(&text)
}
