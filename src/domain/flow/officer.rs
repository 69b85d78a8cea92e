//! How the kiosk stands, and what an officer can do about it. No citizen's session is open at the same time.

use super::outreach::OutreachField;
use super::{Effect, OfficerView, Screen, Session, Tap, enrol, outreach};
use crate::domain::officer::{Done, Order, Standing};
use zeroize::Zeroizing;

/// The officer's side closes after so many seconds without a touch.
pub(super) const IDLE_S: u32 = 60;
/// It is warned of after so many.
pub(super) const WARN_S: u32 = 45;
/// The figures are asked for again after so many seconds.
const LOOK_AGAIN_S: u32 = 5;

/// A touch on the officer's side. What roles, cards, the board and reports bring will be further ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfficerTap {
    /// Send this dossier once more; its submission's id.
    TryAgain([u8; 16]),
    /// Write the sealed queue to the stick.
    Export,
    /// Do not wait for the next attempt.
    SendNow,
    /// To the one-time code.
    ToEnrol,
    /// To the outreach session.
    ToOutreach,
    /// Put the caret there.
    Focus(OutreachField),
    /// Open the outreach session.
    Open,
    /// Close it; asked once more before it is done.
    Close,
}

/// Everything of an officer who stands at the kiosk. Dropped as a whole.
#[derive(Default)]
pub(super) struct Desk {
    officer: String,
    pub(super) standing: Option<Box<Standing>>,
    /// An order is out; its answer is waited for.
    pub(super) waits: bool,
    pub(super) said: Option<Done>,
    looked_s: u32,
    pub(super) code: Zeroizing<String>,
    pub(super) sheet: outreach::Sheet,
}

/// The door opens: a citizen's unsaved form ends here.
pub(super) fn enter(session: &mut Session, officer: String) -> Vec<Effect> {
    let mut effects = session.forget();
    let desk = Desk { officer, sheet: outreach::Sheet::new(&session.setup.place), ..Desk::default() };
    session.desk = Some(Box::new(desk));
    session.screen = Screen::Officer;
    effects.push(Effect::Officer(Order::Report));
    effects
}

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        Tap::Leave => session.forget(),
        Tap::Officer(OfficerTap::TryAgain(id)) => order(session, Order::TryAgain(*id)),
        Tap::Officer(OfficerTap::Export) => order(session, Order::Export),
        Tap::Officer(OfficerTap::SendNow) => order(session, Order::SendNow),
        Tap::Officer(OfficerTap::ToEnrol) => enrol::enter(session),
        Tap::Officer(OfficerTap::ToOutreach) => outreach::enter(session),
        Tap::Officer(OfficerTap::Focus(_) | OfficerTap::Open | OfficerTap::Close)
        | Tap::Start { .. }
        | Tap::Next
        | Tap::Back
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
        | Tap::Slip(_) => Vec::new(),
    }
}

/// One order at a time: two answers could not be told apart.
pub(super) fn order(session: &mut Session, order: Order) -> Vec<Effect> {
    match session.desk.as_mut().filter(|desk| !desk.waits) {
        Some(desk) => {
            (desk.waits, desk.said) = (true, None);
            vec![Effect::Officer(order)]
        }
        None => Vec::new(),
    }
}

/// Back to the figures, with nothing left of what was said on another screen.
pub(super) fn back(session: &mut Session) -> Vec<Effect> {
    if let Some(desk) = &mut session.desk {
        desk.said = None;
        desk.code = Zeroizing::default();
        desk.sheet = outreach::Sheet::new(&session.setup.place);
    }
    session.go(Screen::Officer)
}

pub(super) fn stands(session: &mut Session, standing: Box<Standing>) -> Vec<Effect> {
    if let Some(desk) = &mut session.desk {
        desk.standing = Some(standing);
    }
    Vec::new()
}

/// What was done shows in the figures too.
pub(super) fn done(session: &mut Session, done: Done) -> Vec<Effect> {
    match session.desk.as_mut().filter(|desk| desk.waits) {
        Some(desk) => {
            (desk.waits, desk.said) = (false, Some(done));
            vec![Effect::Officer(Order::Report)]
        }
        None => Vec::new(),
    }
}

pub(super) fn second(session: &mut Session, idle_s: u32) -> Vec<Effect> {
    let Some(desk) = session.desk.as_mut().filter(|_| idle_s < IDLE_S) else {
        return session.forget();
    };
    session.idle_left_s = if idle_s >= WARN_S { IDLE_S - idle_s } else { 0 };
    desk.looked_s += 1;
    if desk.looked_s < LOOK_AGAIN_S {
        return Vec::new();
    }
    desk.looked_s = 0;
    vec![Effect::Officer(Order::Report)]
}

pub(super) fn view(session: &Session) -> Option<Box<OfficerView>> {
    let desk = session.desk.as_ref()?;
    Some(Box::new(OfficerView {
        officer: desk.officer.clone(),
        standing: desk.standing.clone(),
        waits: desk.waits,
        said: desk.said.clone(),
        enrol: enrol::view(session.screen, desk),
        outreach: outreach::view(session.screen, desk),
    }))
}
