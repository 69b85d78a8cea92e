//! The office's one-time code, typed by an officer: with it the kiosk's public key is admitted.

use super::officer::{self, Desk};
use super::{Effect, EnrolView, Key, Screen, Session, Tap};
use crate::domain::officer::{CODE_CHARS, EnrolCode, Order, code_sign};
use zeroize::Zeroizing;

pub(super) fn enter(session: &mut Session) -> Vec<Effect> {
    if let Some(desk) = &mut session.desk {
        desk.code = Zeroizing::new(String::with_capacity(CODE_CHARS));
        desk.said = None;
    }
    session.go(Screen::Enrol)
}

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        Tap::Next => submit(session),
        Tap::Back => officer::back(session),
        Tap::Leave => session.forget(),
        Tap::Start { .. }
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

pub(super) fn key(session: &mut Session, key: Key) -> Vec<Effect> {
    let Some(desk) = session.desk.as_mut().filter(|desk| !desk.waits) else {
        return Vec::new();
    };
    match key {
        Key::Char(typed) => {
            if let Some(sign) = code_sign(typed).filter(|_| desk.code.len() < CODE_CHARS) {
                desk.code.push(sign);
            }
        }
        Key::Backspace => drop(desk.code.pop()),
        Key::Enter => return submit(session),
        Key::Shift => {}
    }
    Vec::new()
}

/// The code goes out once and is not kept: whatever the office answers, it is typed anew.
fn submit(session: &mut Session) -> Vec<Effect> {
    let Some(desk) = session.desk.as_mut().filter(|desk| !desk.waits) else {
        return Vec::new();
    };
    let Some(code) = EnrolCode::parse(&desk.code) else {
        return Vec::new();
    };
    desk.code = Zeroizing::new(String::with_capacity(CODE_CHARS));
    officer::order(session, Order::Enrol(code))
}

pub(super) fn view(screen: Screen, desk: &Desk) -> Option<EnrolView> {
    (screen == Screen::Enrol)
        .then(|| EnrolView { code: desk.code.to_string(), is_whole: desk.code.len() == CODE_CHARS })
}
