//! Nobody's turn: one button.

use super::{Effect, Session, Tap, Trouble, pin, resume, triage, trouble};
use crate::domain::officer::Count;

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        // Nothing is asked of somebody whose dossier could not be kept.
        Tap::Start { .. } if session.device.full => trouble::enter(session, Trouble::NoRoom),
        Tap::Start { today } => {
            session.citizen.today = Some(*today);
            triage::enter(session);
            vec![Effect::Counted(Count::Started)]
        }
        Tap::HaveSlip => resume::enter(session),
        Tap::Door => pin::enter(session),
        Tap::Next
        | Tap::Back
        | Tap::Leave
        | Tap::Stay
        | Tap::Retry
        | Tap::Curtain
        | Tap::Triage(_)
        | Tap::Consent(_)
        | Tap::Card(_)
        | Tap::Form(_)
        | Tap::Photo(_)
        | Tap::Review(_)
        | Tap::Slip(_)
        | Tap::Officer(_) => Vec::new(),
    }
}
