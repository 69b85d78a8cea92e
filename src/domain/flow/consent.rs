//! What the data is for, purpose by purpose; nothing is ticked beforehand (Decree 356/2025).

use super::{Citizen, Effect, Purpose, Screen, Session, Tap, Trouble, trouble};
use crate::domain::form::Section;

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        Tap::Consent(purpose) => {
            let ticked = &mut session.citizen.consents[*purpose as usize];
            *ticked = !*ticked;
            if *purpose == Purpose::Refund {
                // What was entered under a consent that is taken back goes with it.
                Section::Refund.fields().for_each(|field| session.citizen.draft.enter(field, String::new()));
            }
            Vec::new()
        }
        Tap::Next if is_enough(session) => session.go(Screen::Card),
        Tap::Refuse => {
            session.citizen = Citizen { today: session.citizen.today, ..Citizen::default() };
            trouble::enter(session, Trouble::ConsentRefused)
        }
        Tap::Back | Tap::Leave => session.forget(),
        Tap::Start { .. }
        | Tap::Next
        | Tap::Stay
        | Tap::ByHand
        | Tap::NotMe
        | Tap::Focus(_)
        | Tap::Choose(..)
        | Tap::Edit(_)
        | Tap::ToggleMethod
        | Tap::Submit
        | Tap::Retry
        | Tap::RevealQr
        | Tap::Finish => Vec::new(),
    }
}

pub(super) fn is_enough(session: &Session) -> bool {
    Purpose::ALL.into_iter().all(|purpose| !purpose.is_required() || session.citizen.consents[purpose as usize])
}
