//! Has this person an open dossier? Asked by enrolled kiosks, by tag; the office has no number to compare.

use super::answer;
use super::device::{MAX_BODY_BYTES, check_fresh, parse};
use super::receive::{Sender, body, drain, sender};
use super::refused::Refused;
use crate::gateway::open::{AskOpen, from_text};
use crate::office::Office;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;

/// Answers, and notes what the kiosk has just saved.
pub(super) async fn open(State(office): State<Office>, request: Request) -> Result<Response, Refused> {
    let (head, rest) = request.into_parts();
    let may_ask = async {
        let Sender { kiosk_id, .. } = sender(&office, &head).await?;
        office.0.open_askers.take(kiosk_id.clone(), office.running_ms()).map_err(Refused::TooOften)?;
        Ok(kiosk_id)
    };
    let kiosk_id = match may_ask.await {
        Ok(kiosk_id) => kiosk_id,
        Err(refused) => {
            drain(rest).await;
            return Err(refused);
        }
    };
    let ask: AskOpen = parse(&body(&office, &head, rest, MAX_BODY_BYTES).await?)?;
    let tag = match &ask.tag {
        Some(text) => Some(from_text(text).ok_or(Refused::Shape)?),
        None => None,
    };
    if ask.v != 1 || (tag.is_none() && ask.dossier_id.is_some()) {
        return Err(Refused::Shape);
    }
    check_fresh(&office, &ask.challenge)?;
    let oldest_ms = office.now_ms() - office.slip_life_ms();
    let open = match (tag, ask.dossier_id) {
        (Some(tag), Some(dossier)) => {
            office.store().mark_open(&tag, dossier, office.now_ms(), oldest_ms).await?;
            true
        }
        (Some(tag), None) => office.store().is_open(&tag, oldest_ms).await?,
        (None, _) => false,
    };
    answer(StatusCode::OK, office.open_said(kiosk_id, ask.challenge, open))
}
