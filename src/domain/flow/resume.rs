//! A slip of an earlier visit is presented: the dossier behind it comes back, to its own citizen only.

use super::{Effect, Screen, Session, Tap, Trouble, triage, trouble};
use crate::domain::citizen::Date;
use crate::domain::officer::Count;
use crate::domain::slip::SlipQr;

/// From the first screen.
pub(super) fn enter(session: &mut Session) -> Vec<Effect> {
    session.go(Screen::Resume)
}

/// A slip where one is asked for, or on the first screen; in the midst of a session it is somebody else's.
pub(super) fn read(session: &mut Session, slip: &SlipQr, today: Date) -> Vec<Effect> {
    if !matches!(session.screen, Screen::Welcome | Screen::Resume) {
        return Vec::new();
    }
    if session.device.full {
        return trouble::enter(session, Trouble::NoRoom);
    }
    match slip {
        SlipQr::Triage(answers) => {
            session.citizen.today = Some(today);
            let mut effects = vec![Effect::Counted(Count::Started)];
            effects.extend(triage::resume(session, *answers));
            effects
        }
        SlipQr::Dossier(_) => session.go(Screen::Resume),
    }
}

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        Tap::Back | Tap::Leave => session.forget(),
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
        | Tap::Review(_)
        | Tap::Slip(_)
        | Tap::Officer(_) => Vec::new(),
    }
}
