//! The outreach session: where and which team, who came and went as counts, and its sums at the end.

use super::officer::{self, Desk, OfficerTap};
use super::{Effect, FormTap, Key, OutreachView, Screen, Session, Tap};
use crate::domain::officer::{Done, MAX_PLACE_CHARS, MAX_TEAM_CHARS, Order};
use crate::domain::typing::{self, Method};

/// What is typed to open a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutreachField {
    /// Where.
    Place,
    /// Which team.
    #[default]
    Team,
}

/// What is typed before a session is open.
#[derive(Default)]
pub(super) struct Sheet {
    place: String,
    team: String,
    focus: OutreachField,
    method: Method,
    shift: bool,
    /// "Close" was pressed once.
    sure: bool,
}

impl Sheet {
    pub(super) fn new(place: &str) -> Self {
        Self { place: place.chars().take(MAX_PLACE_CHARS).collect(), shift: true, ..Self::default() }
    }

    fn is_whole(&self) -> bool {
        !self.place.trim().is_empty() && !self.team.trim().is_empty()
    }
}

pub(super) fn enter(session: &mut Session) -> Vec<Effect> {
    if let Some(desk) = &mut session.desk {
        desk.said = None;
    }
    session.go(Screen::Outreach)
}

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    let Some(desk) = &mut session.desk else {
        return session.forget();
    };
    match tap {
        Tap::Back => officer::back(session),
        Tap::Leave => session.forget(),
        Tap::Form(FormTap::ToggleMethod) => {
            desk.sheet.method = desk.sheet.method.next();
            Vec::new()
        }
        Tap::Officer(OfficerTap::Focus(field)) => {
            (desk.sheet.focus, desk.sheet.shift) = (*field, false);
            Vec::new()
        }
        Tap::Officer(OfficerTap::Open) => open(session),
        Tap::Officer(OfficerTap::Close) if is_open(desk) => {
            if std::mem::replace(&mut desk.sheet.sure, true) {
                desk.sheet.sure = false;
                return officer::order(session, Order::CloseOutreach);
            }
            Vec::new()
        }
        Tap::Officer(
            OfficerTap::TryAgain(_)
            | OfficerTap::Export
            | OfficerTap::SendNow
            | OfficerTap::ToEnrol
            | OfficerTap::ToOutreach
            | OfficerTap::Close,
        )
        | Tap::Start { .. }
        | Tap::Next
        | Tap::Stay
        | Tap::Retry
        | Tap::Door
        | Tap::Curtain
        | Tap::HaveSlip
        | Tap::Triage(_)
        | Tap::Consent(_)
        | Tap::Card(_)
        | Tap::Photo(_)
        | Tap::Review(_)
        | Tap::Slip(_)
        | Tap::Form(_) => Vec::new(),
    }
}

fn is_open(desk: &Desk) -> bool {
    desk.standing.as_ref().is_some_and(|standing| standing.outreach.is_some())
}

/// Nothing may be typed while a session is open, or before it is known whether one is.
fn takes_text(desk: &Desk) -> bool {
    let just_done = matches!(desk.said, Some(Done::Opened | Done::Closed(_)));
    !desk.waits && !just_done && desk.standing.is_some() && !is_open(desk)
}

fn open(session: &mut Session) -> Vec<Effect> {
    match session.desk.as_ref().filter(|desk| takes_text(desk) && desk.sheet.is_whole()) {
        Some(desk) => {
            let (place, team) = (desk.sheet.place.trim().to_owned(), desk.sheet.team.trim().to_owned());
            officer::order(session, Order::OpenOutreach { place, team })
        }
        None => Vec::new(),
    }
}

pub(super) fn key(session: &mut Session, key: Key) -> Vec<Effect> {
    let Some(desk) = session.desk.as_mut().filter(|desk| takes_text(desk)) else {
        return Vec::new();
    };
    let sheet = &mut desk.sheet;
    let (text, most) = match sheet.focus {
        OutreachField::Place => (&mut sheet.place, MAX_PLACE_CHARS),
        OutreachField::Team => (&mut sheet.team, MAX_TEAM_CHARS),
    };
    match key {
        Key::Shift => sheet.shift = !sheet.shift,
        Key::Backspace => *text = typing::backspace(text),
        Key::Enter => match sheet.focus {
            OutreachField::Place => sheet.focus = OutreachField::Team,
            OutreachField::Team => return open(session),
        },
        Key::Char(typed) if typed.is_control() || (text.is_empty() && typed == ' ') => {}
        Key::Char(typed) => {
            let typed = if sheet.shift { typed.to_uppercase().next().unwrap_or(typed) } else { typed };
            let after = typing::press(text, typed, sheet.method);
            sheet.shift = false;
            if after.chars().count() <= most.max(text.chars().count()) {
                *text = after;
            }
        }
    }
    Vec::new()
}

pub(super) fn view(screen: Screen, desk: &Desk) -> Option<OutreachView> {
    (screen == Screen::Outreach).then(|| OutreachView {
        place: desk.sheet.place.clone(),
        team: desk.sheet.team.clone(),
        focus: desk.sheet.focus,
        takes_text: takes_text(desk),
        is_whole: desk.sheet.is_whole(),
        sure: desk.sheet.sure,
        shift: desk.sheet.shift && takes_text(desk),
        method: desk.sheet.method,
    })
}
