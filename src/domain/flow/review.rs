//! Everything on one screen, with the way back to each value. The legal statement is the citizen's own act.

use super::{Effect, Screen, Sealable, Session, Tap, form, saving};

pub(super) fn enter(session: &mut Session) -> Vec<Effect> {
    session.citizen.from_review = false;
    session.citizen.tried = true;
    session.go(Screen::Review)
}

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        Tap::Edit(field) | Tap::Focus(field) if session.sections().contains(&field.spec().section) => {
            form::edit(session, *field)
        }
        Tap::Submit => submit(session),
        Tap::Back => match session.sections().last() {
            Some(last) => form::enter(session, *last),
            None => Vec::new(),
        },
        Tap::Leave => session.forget(),
        Tap::Start { .. }
        | Tap::Next
        | Tap::Stay
        | Tap::Consent(_)
        | Tap::Refuse
        | Tap::ByHand
        | Tap::NotMe
        | Tap::Focus(_)
        | Tap::Choose(..)
        | Tap::Edit(_)
        | Tap::ToggleMethod
        | Tap::Retry
        | Tap::RevealQr
        | Tap::Finish
        | Tap::Door
        | Tap::Officer(_) => Vec::new(),
    }
}

/// Hands the checked form to the queue, or leads to what is still wrong.
pub(super) fn submit(session: &mut Session) -> Vec<Effect> {
    let Some(asked) = session.asked() else {
        return Vec::new();
    };
    match session.citizen.draft.check(asked) {
        Ok(application) => {
            saving::enter(session);
            vec![Effect::Save(Box::new(Sealable { application, consents: session.citizen.consents }))]
        }
        Err(problems) => match problems.first() {
            Some((field, _)) => form::edit(session, *field),
            None => Vec::new(),
        },
    }
}
