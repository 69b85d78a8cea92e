//! What happened and what to do now; never a dead end.

use super::{Effect, Screen, Session, Tap, Trouble, pin, review};

pub(super) fn enter(session: &mut Session, trouble: Trouble) -> Vec<Effect> {
    session.citizen.trouble = Some(trouble);
    session.go(Screen::Trouble)
}

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    let Some(trouble) = session.citizen.trouble else {
        return session.forget();
    };
    match tap {
        Tap::Retry if may_retry(trouble) => {
            session.citizen.trouble = None;
            review::submit(session)
        }
        Tap::Back | Tap::Next => back(session, trouble),
        Tap::Leave => session.forget(),
        Tap::Door => match trouble {
            Trouble::ConsentRefused | Trouble::NotSaved(_) | Trouble::NoRoom => pin::enter(session),
            Trouble::Stopping => Vec::new(),
        },
        Tap::Start { .. }
        | Tap::Stay
        | Tap::Retry
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

pub(super) fn may_retry(trouble: Trouble) -> bool {
    match trouble {
        Trouble::NotSaved(_) => true,
        Trouble::ConsentRefused | Trouble::NoRoom | Trouble::Stopping => false,
    }
}

/// Whether there is a way back to what was entered.
pub(super) fn may_go_back(session: &Session) -> bool {
    match session.citizen.trouble {
        Some(Trouble::ConsentRefused) => true,
        // Whether a broken attempt was committed is not known: the same dossier may be tried again, not another one.
        Some(Trouble::NotSaved(_)) => !session.citizen.maybe_saved,
        Some(Trouble::NoRoom | Trouble::Stopping) | None => false,
    }
}

fn back(session: &mut Session, trouble: Trouble) -> Vec<Effect> {
    if !may_go_back(session) {
        return Vec::new();
    }
    match trouble {
        Trouble::ConsentRefused => {
            session.citizen.trouble = None;
            session.go(Screen::Consent)
        }
        Trouble::NotSaved(_) => {
            session.citizen.trouble = None;
            review::enter(session)
        }
        Trouble::NoRoom | Trouble::Stopping => Vec::new(),
    }
}
