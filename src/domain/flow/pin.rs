//! The pad at the officer's door: digits, masked, and what to do when it is shut. Who stands here is nobody yet.

use super::officer::{self, IDLE_S, WARN_S};
use super::{DoorView, Effect, Key, PinView, Screen, Session, Tap, Trouble};
use crate::domain::officer::{Door, Judgement, MAX_DIGITS, MIN_DIGITS, Pin};
use zeroize::Zeroizing;

pub(super) struct Pad {
    typed: Zeroizing<String>,
    door: DoorView,
}

impl Pad {
    fn new() -> Self {
        // Made once in its full size: a string that grows leaves copies behind.
        Self { typed: Zeroizing::new(String::with_capacity(MAX_DIGITS)), door: DoorView::Ready }
    }

    fn takes_digits(&self) -> bool {
        match self.door {
            DoorView::Ready | DoorView::TooShort | DoorView::Wrong { .. } => true,
            DoorView::Judging | DoorView::Locked { .. } | DoorView::NoOfficer | DoorView::Broken => false,
        }
    }
}

/// From the welcome screen, or from trouble: then the citizen's form is kept until an officer has opened the door.
pub(super) fn enter(session: &mut Session) -> Vec<Effect> {
    session.pad = Some(Pad::new());
    session.go(Screen::Pin);
    vec![Effect::AskDoor]
}

/// No touch changes anything while a try is being judged: its answer must meet the pad it came from.
pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    if session.pad.as_ref().is_some_and(|pad| pad.door == DoorView::Judging) {
        return Vec::new();
    }
    match tap {
        Tap::Next => submit(session),
        Tap::Back => close(session),
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
    let Some(pad) = session.pad.as_mut().filter(|pad| pad.takes_digits()) else {
        return Vec::new();
    };
    match key {
        Key::Char(digit) if digit.is_ascii_digit() && pad.typed.len() < MAX_DIGITS => pad.typed.push(digit),
        Key::Backspace => drop(pad.typed.pop()),
        Key::Enter => return submit(session),
        Key::Char(_) | Key::Shift => {}
    }
    Vec::new()
}

fn submit(session: &mut Session) -> Vec<Effect> {
    let Some(pad) = session.pad.as_mut().filter(|pad| pad.takes_digits()) else {
        return Vec::new();
    };
    let typed = std::mem::replace(pad, Pad::new()).typed;
    if let Ok(pin) = Pin::typed(typed) {
        pad.door = DoorView::Judging;
        vec![Effect::TryPin(pin)]
    } else {
        pad.door = DoorView::TooShort;
        Vec::new()
    }
}

/// Back to where the long press was: to a citizen's unsaved form if there is one.
fn close(session: &mut Session) -> Vec<Effect> {
    if session.citizen.trouble.is_none() {
        return session.forget();
    }
    (session.pad, session.idle_left_s) = (None, 0);
    session.go(Screen::Trouble)
}

pub(super) fn door(session: &mut Session, door: Door) -> Vec<Effect> {
    if let Some(pad) = session.pad.as_mut().filter(|pad| pad.door != DoorView::Judging) {
        pad.door = match door {
            // What was said of the last try stays.
            Door::Ready if pad.takes_digits() => pad.door,
            Door::Ready => DoorView::Ready,
            Door::Locked { left_s } => DoorView::Locked { left_s },
            Door::NoOfficer => DoorView::NoOfficer,
            Door::Broken => DoorView::Broken,
        };
    }
    Vec::new()
}

pub(super) fn judged(session: &mut Session, judgement: Judgement) -> Vec<Effect> {
    let Some(pad) = session.pad.as_mut().filter(|pad| pad.door == DoorView::Judging) else {
        return Vec::new();
    };
    match judgement {
        Judgement::Granted { officer } => return officer::enter(session, officer),
        Judgement::Wrong { left } => pad.door = DoorView::Wrong { left },
        Judgement::Locked { left_s } => pad.door = DoorView::Locked { left_s },
        Judgement::NoOfficer => pad.door = DoorView::NoOfficer,
        Judgement::Broken => pad.door = DoorView::Broken,
    }
    Vec::new()
}

/// The lock-out is counted down here and decided there: at its end the door is asked again.
pub(super) fn second(session: &mut Session, idle_s: u32) -> Vec<Effect> {
    let Some(pad) = session.pad.as_mut() else {
        return session.forget();
    };
    if pad.door == DoorView::Judging {
        return Vec::new();
    }
    if idle_s >= IDLE_S {
        return close(session);
    }
    session.idle_left_s = if idle_s >= WARN_S { IDLE_S - idle_s } else { 0 };
    if let DoorView::Locked { left_s } = &mut pad.door {
        *left_s = left_s.saturating_sub(1);
        if *left_s == 0 {
            pad.door = DoorView::Locked { left_s: 1 };
            return vec![Effect::AskDoor];
        }
    }
    Vec::new()
}

pub(super) fn view(session: &Session) -> Option<PinView> {
    let pad = session.pad.as_ref()?;
    Some(PinView {
        digits: pad.typed.len(),
        is_enough: pad.takes_digits() && pad.typed.len() >= MIN_DIGITS,
        takes_digits: pad.takes_digits(),
        door: pad.door,
        ends_session: session.citizen.trouble.is_some_and(|trouble| trouble != Trouble::NoRoom),
    })
}
