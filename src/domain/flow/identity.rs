//! "Is this you?": the card's claim, before anything is built on it.

use super::{CardTap, Effect, FormTap, Screen, Session, Tap, form, kept};
use crate::domain::form::{Draft, Section};

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        // What the card gave in order is not asked again.
        Tap::Next => match session.citizen.recalled.take() {
            Some(recalled) => kept::go_on(session, recalled.section),
            None => form::go_on_after(session, None),
        },
        Tap::Form(FormTap::MoveSplit { longer }) => {
            session.citizen.draft.move_split(*longer);
            Vec::new()
        }
        // Consents of an earlier visit are nobody else's.
        Tap::Card(CardTap::NotMe) | Tap::Back if began_at_the_door(session) => session.forget(),
        Tap::Card(CardTap::NotMe) | Tap::Back => {
            session.citizen.draft = Draft::default();
            session.citizen.recalled = None;
            session.citizen.has_dossier = false;
            session.go(Screen::Card)
        }
        Tap::Leave => session.forget(),
        Tap::Form(FormTap::Edit(field) | FormTap::Focus(field)) if field.spec().section == Section::Person => {
            form::enter(session, Section::Person);
            session.citizen.focus = Some(*field);
            Vec::new()
        }
        Tap::Start { .. }
        | Tap::Stay
        | Tap::Retry
        | Tap::Door
        | Tap::Curtain
        | Tap::HaveSlip
        | Tap::Triage(_)
        | Tap::Consent(_)
        | Tap::Card(CardTap::ByHand)
        | Tap::Form(_)
        | Tap::Photo(_)
        | Tap::Review(_)
        | Tap::Slip(_)
        | Tap::Officer(_) => Vec::new(),
    }
}

fn began_at_the_door(session: &Session) -> bool {
    session.citizen.recalled.is_some_and(|recalled| recalled.at_the_door)
}
