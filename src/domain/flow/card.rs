//! Waiting for the card. Typing by hand is always open.

use super::{Effect, Screen, Session, Tap, form, kept, resume};
use crate::domain::card::{CardClaim, CardProblem};
use crate::domain::form::Field;

/// A touch while the card is asked for or shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardTap {
    /// Type instead of reading a card.
    ByHand,
    /// The card is somebody else's.
    NotMe,
}

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        Tap::Card(CardTap::ByHand) => {
            session.citizen.card_problem = None;
            form::go_on_after(session, None)
        }
        Tap::Back => session.go(Screen::Consent),
        Tap::Leave => session.forget(),
        Tap::Start { .. }
        | Tap::Next
        | Tap::Stay
        | Tap::Retry
        | Tap::Door
        | Tap::Curtain
        | Tap::HaveSlip
        | Tap::Triage(_)
        | Tap::Consent(_)
        | Tap::Card(CardTap::NotMe)
        | Tap::Form(_)
        | Tap::Photo(_)
        | Tap::Review(_)
        | Tap::Slip(_)
        | Tap::Officer(_) => Vec::new(),
    }
}

fn take(session: &mut Session, claim: &CardClaim) {
    session.citizen.card_shown = true;
    session.citizen.draft.claim(claim);
    look_at_units(session);
}

/// An address of before July 2025 is asked about although the card gave it.
pub(super) fn look_at_units(session: &mut Session) {
    let permanent = session.citizen.draft.as_given(Field::PermanentAddress);
    session.citizen.units_are_old = !session.setup.rules.units_of(Field::PermanentAddress, permanent).is_empty();
}

/// It was saved here before: told, with what to do; who goes on all the same, goes on.
pub(super) fn has_dossier(session: &mut Session) -> Vec<Effect> {
    session.citizen.has_dossier = session.screen == Screen::Identity;
    Vec::new()
}

/// A card was understood. In the form it is compared with what was typed; elsewhere nobody asked for one.
pub(super) fn read(session: &mut Session, claim: &CardClaim) -> Vec<Effect> {
    match session.screen {
        Screen::Card => {
            session.citizen.card_problem = None;
            take(session, claim);
            session.go(Screen::Identity);
            [Effect::LookUp(claim.id().clone())].into_iter().chain(kept::present(session, claim)).collect()
        }
        Screen::Form => {
            // Only the card of the number that stands in the form may speak: the next in the queue may be waving theirs.
            if session.citizen.draft.value(Field::Pin) != claim.id().as_str() {
                return Vec::new();
            }
            take(session, claim);
            kept::present(session, claim).into_iter().collect()
        }
        Screen::Resume => resume::card(session, claim),
        Screen::Welcome => kept::at_the_door(session, claim),
        Screen::Triage
        | Screen::Consent
        | Screen::Identity
        | Screen::Photo
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
        session.citizen.card_shown = true;
    }
    Vec::new()
}
