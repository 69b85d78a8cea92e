//! Committed: the reference, the QR on request, what remains to be done.

use super::{Effect, Session, Tap};

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        Tap::RevealQr => {
            if let Some(slip) = &mut session.citizen.slip {
                slip.qr_left_s = session.setup.qr_visible_s;
            }
            Vec::new()
        }
        Tap::Finish | Tap::Leave => session.forget(),
        Tap::Start { .. }
        | Tap::Next
        | Tap::Back
        | Tap::Stay
        | Tap::Consent(_)
        | Tap::Refuse
        | Tap::ByHand
        | Tap::NotMe
        | Tap::Focus(_)
        | Tap::Choose(..)
        | Tap::Edit(_)
        | Tap::ToggleMethod
        | Tap::Submit
        | Tap::Retry
        | Tap::Door
        | Tap::Officer(_) => Vec::new(),
    }
}
