//! Nobody's turn: one button.

use super::{Effect, Screen, Session, Tap, Trouble, pin, trouble};
use crate::domain::officer::Count;

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        // Nothing is asked of somebody whose dossier could not be kept.
        Tap::Start { .. } if session.device.full => trouble::enter(session, Trouble::NoRoom),
        Tap::Start { today } => {
            session.citizen.today = Some(*today);
            session.go(Screen::Consent);
            vec![Effect::Counted(Count::Started)]
        }
        Tap::Door => pin::enter(session),
        Tap::Next
        | Tap::Back
        | Tap::Leave
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
        | Tap::RevealQr
        | Tap::Finish
        | Tap::Officer(_) => Vec::new(),
    }
}
