//! "Is this you?": the card's claim, before anything is built on it.

use super::{Effect, Screen, Session, Tap, form};
use crate::domain::form::{Draft, Section};

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        // What the card did not give in order is asked for first; otherwise this step is done.
        Tap::Next if Section::Person.fields().any(|field| session.has_problem(field)) => form::enter_first(session),
        Tap::Next => form::enter(session, Section::Origin),
        Tap::NotMe | Tap::Back => {
            session.citizen.draft = Draft::default();
            session.go(Screen::Card)
        }
        Tap::Leave => session.forget(),
        Tap::Edit(field) | Tap::Focus(field) if field.spec().section == Section::Person => {
            form::enter(session, Section::Person);
            session.citizen.focus = Some(*field);
            Vec::new()
        }
        Tap::Start { .. }
        | Tap::Stay
        | Tap::Consent(_)
        | Tap::Refuse
        | Tap::ByHand
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
