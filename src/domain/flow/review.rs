//! Everything on one screen, with the way back to each value. The legal statement is the citizen's own act.

use super::{CameraState, Effect, FormTap, Screen, Sealable, Session, Tap, form, photo, saving};
use crate::domain::form::Field;

/// A touch on the review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewTap {
    /// Tick or untick the legal statement.
    Vouch,
    /// Take the portrait again, or after all.
    Portrait,
    /// Save the dossier.
    Submit,
}

pub(super) fn enter(session: &mut Session) -> Vec<Effect> {
    session.citizen.from_review = false;
    session.citizen.tried = true;
    session.go(Screen::Review)
}

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        Tap::Form(FormTap::Edit(field) | FormTap::Focus(field))
            if session.sections().contains(&field.spec().section) || *field == Field::Request =>
        {
            form::edit(session, *field)
        }
        Tap::Review(ReviewTap::Vouch) => {
            session.citizen.vouched = !session.citizen.vouched;
            Vec::new()
        }
        Tap::Review(ReviewTap::Portrait) if session.device.camera == CameraState::Ready => photo::again(session),
        Tap::Review(ReviewTap::Submit) => submit(session),
        Tap::Back => match session.steps().last() {
            Some(last) => form::enter(session, *last),
            None => Vec::new(),
        },
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
        | Tap::Card(_)
        | Tap::Form(_)
        | Tap::Photo(_)
        | Tap::Review(ReviewTap::Portrait)
        | Tap::Slip(_)
        | Tap::Officer(_) => Vec::new(),
    }
}

/// Hands the checked form to the queue, or leads to what is still wrong.
pub(super) fn submit(session: &mut Session) -> Vec<Effect> {
    let Some(asked) = session.asked() else {
        return Vec::new();
    };
    match session.citizen.draft.check(asked) {
        // The statement is the citizen's own act; nobody else makes it, and no dossier goes without it.
        Ok(_) if !session.citizen.vouched => Vec::new(),
        Ok(application) => {
            saving::enter(session);
            let (portrait, portrait_note) = (session.citizen.photo.kept.clone(), session.citizen.photo.note());
            let consents = session.citizen.consents;
            vec![Effect::Save(Box::new(Sealable { application, consents, portrait, portrait_note }))]
        }
        Err(problems) => match problems.first() {
            Some((field, _)) => form::edit(session, *field),
            None => Vec::new(),
        },
    }
}
