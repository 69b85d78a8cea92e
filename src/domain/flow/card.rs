//! Waiting for the card. Typing by hand is always open.

use super::{Effect, Screen, Session, Tap, form};
use crate::domain::card::{CardClaim, CardProblem};
use crate::domain::form::Field;

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        Tap::ByHand => {
            session.citizen.card_problem = None;
            form::enter_first(session)
        }
        Tap::Back => session.go(Screen::Consent),
        Tap::Leave => session.forget(),
        Tap::Start { .. }
        | Tap::Next
        | Tap::Stay
        | Tap::Consent(_)
        | Tap::Refuse
        | Tap::NotMe
        | Tap::Focus(_)
        | Tap::Choose(..)
        | Tap::Edit(_)
        | Tap::ToggleMethod
        | Tap::Submit
        | Tap::Retry
        | Tap::RevealQr
        | Tap::Finish
        | Tap::Door
        | Tap::Officer(_) => Vec::new(),
    }
}

/// A card was understood. In the form it is compared with what was typed; elsewhere nobody asked for one.
pub(super) fn read(session: &mut Session, claim: &CardClaim) -> Vec<Effect> {
    match session.screen {
        Screen::Card => {
            session.citizen.card_problem = None;
            session.citizen.draft.claim(claim);
            session.go(Screen::Identity)
        }
        Screen::Form => {
            // Only the card of the number that stands in the form may speak: the next in the queue may be waving theirs.
            if session.citizen.draft.value(Field::Pin) == claim.id().as_str() {
                session.citizen.draft.claim(claim);
            }
            Vec::new()
        }
        Screen::Welcome
        | Screen::Consent
        | Screen::Identity
        | Screen::Review
        | Screen::Saving
        | Screen::Slip
        | Screen::Trouble
        | Screen::Pin
        | Screen::Officer
        | Screen::Enrol
        | Screen::Outreach => Vec::new(),
    }
}

/// Something else was held to the reader.
pub(super) fn refused(session: &mut Session, problem: CardProblem) -> Vec<Effect> {
    if session.screen == Screen::Card {
        session.citizen.card_problem = Some(problem);
    }
    Vec::new()
}
