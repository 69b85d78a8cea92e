//! The form, one step a screen: pressing, typing, going on.

use super::{Effect, Key, Screen, Session, Tap, is_typed, photo, review, triage};
use crate::domain::form::{Answer, Answering, Field, Rule, Section};
use crate::domain::typing::{self, Method};

/// A touch on a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormTap {
    /// Put the caret into a field.
    Focus(Field),
    /// Take an answer or a suggestion.
    Choose(Field, String),
    /// From the review back to a field.
    Edit(Field),
    /// Another way of typing Vietnamese.
    ToggleMethod,
}

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        Tap::Next => next(session),
        Tap::Back => back(session),
        Tap::Leave => session.forget(),
        Tap::Form(FormTap::Focus(field)) if is_here(session, *field) => {
            settle(session);
            session.citizen.focus = Some(*field);
            session.citizen.shift = false;
            Vec::new()
        }
        Tap::Form(FormTap::Choose(field, value)) if is_here(session, *field) => {
            choose(session, *field, value);
            Vec::new()
        }
        Tap::Form(FormTap::ToggleMethod) => {
            session.citizen.method = session.citizen.method.next();
            Vec::new()
        }
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

/// A key goes to the field with the caret; on other screens there is none.
pub(super) fn key(session: &mut Session, key: Key) -> Vec<Effect> {
    let (Screen::Form, Some(field)) = (session.screen, session.citizen.focus) else {
        return Vec::new();
    };
    match key {
        Key::Shift => {
            session.citizen.shift = !session.citizen.shift;
            Vec::new()
        }
        Key::Enter => focus_next(session, field),
        Key::Backspace => {
            let shorter = typing::backspace(session.citizen.draft.value(field));
            if is_typed(field) {
                session.citizen.draft.enter(field, shorter);
            }
            Vec::new()
        }
        Key::Char(typed) => {
            let shifted = if session.citizen.shift { typed.to_uppercase().next().unwrap_or(typed) } else { typed };
            session.citizen.shift = false;
            write(session, field, shifted);
            Vec::new()
        }
    }
}

/// The form from its first step.
pub(super) fn enter_first(session: &mut Session) -> Vec<Effect> {
    enter(session, Section::Person)
}

/// One step, with the caret in its first empty field.
pub(super) fn enter(session: &mut Session, section: Section) -> Vec<Effect> {
    session.go(Screen::Form);
    session.citizen.section = Some(section);
    session.citizen.tried = false;
    session.citizen.shift = false;
    triage::prefill(session);
    let draft = &session.citizen.draft;
    let empty = section.fields().find(|field| draft.value(*field).is_empty());
    session.citizen.focus = empty.or_else(|| section.fields().next());
    Vec::new()
}

/// From the review to one field, and afterwards straight back.
pub(super) fn edit(session: &mut Session, field: Field) -> Vec<Effect> {
    enter(session, field.spec().section);
    session.citizen.focus = Some(field);
    session.citizen.from_review = true;
    session.citizen.tried = true;
    Vec::new()
}

fn is_here(session: &Session, field: Field) -> bool {
    session.citizen.section == Some(field.spec().section)
}

/// Of an address, what was given or what it may read today.
fn is_reading(session: &Session, field: Field, value: &str) -> bool {
    let given = session.citizen.draft.as_given(field);
    field.is_address()
        && (value == given || session.setup.rules.units_of(field, given).iter().any(|text| text == value))
}

fn choose(session: &mut Session, field: Field, value: &str) {
    let allowed = match field.spec().rule.answering() {
        Answering::Choice(answers) => Answer::from_key(value).is_some_and(|answer| answers.contains(&answer)),
        Answering::List(list) => session.setup.rules.list(list).any(|entry| entry == value),
        Answering::Text => is_reading(session, field, value),
    };
    if allowed {
        let draft = &mut session.citizen.draft;
        if field.is_address() && draft.as_given(field) != value {
            draft.take_units(field, value.to_owned());
        } else {
            draft.enter(field, value.to_owned());
        }
        // The caret moves on by itself only to something that is still empty: a filled field is left alone.
        let draft = &session.citizen.draft;
        let later = field.spec().section.fields().skip_while(|other| *other != field).skip(1);
        let next = later.into_iter().find(|other| draft.value(*other).is_empty());
        session.citizen.focus = next.or(Some(field));
    }
}

/// What a character does depends on what the field takes: letters compose, numbers take digits only.
fn write(session: &mut Session, field: Field, typed: char) {
    let rule = field.spec().rule;
    let method = session.citizen.method;
    let before = session.citizen.draft.value(field);
    let after = match rule {
        Rule::Choice(_) => return,
        Rule::Pin | Rule::Account => plain(before, typed, |c| c.is_ascii_digit()),
        Rule::Phone => plain(before, typed, |c| c.is_ascii_digit() || c == '+'),
        Rule::PartialDate | Rule::Date => plain(before, typed, |c| c.is_ascii_digit() || c == '/'),
        Rule::Passport => plain(before, typed.to_ascii_uppercase(), |c| c.is_ascii_alphanumeric()),
        Rule::Email => plain(before, typed, |c| !c.is_control() && !c.is_whitespace()),
        Rule::Name => typing::upper(&compose(before, typed, method)),
        Rule::Listed(_) | Rule::Suggested(_) | Rule::Line => compose(before, typed, method),
    };
    let most = field.spec().max_chars;
    if after.chars().count() <= most.max(before.chars().count()) {
        session.citizen.draft.enter(field, after);
    }
}

fn plain(before: &str, typed: char, accepts: impl Fn(char) -> bool) -> String {
    let mut after = before.to_owned();
    if accepts(typed) {
        after.push(typed);
    }
    after
}

fn compose(before: &str, typed: char, method: Method) -> String {
    if typed.is_control() || (before.is_empty() && typed == ' ') {
        return before.to_owned();
    }
    typing::press(before, typed, method)
}

/// The caret leaves a field: what is right is written the way the office will read it, `02011990` as `02/01/1990`.
fn settle(session: &mut Session) {
    let canonical = session.citizen.focus.zip(session.asked()).and_then(|(field, asked)| {
        let value = session.citizen.draft.canonical(field, asked)?;
        (value != session.citizen.draft.value(field)).then_some((field, value))
    });
    if let Some((field, value)) = canonical {
        session.citizen.draft.enter(field, value);
    }
}

fn focus_next(session: &mut Session, field: Field) -> Vec<Effect> {
    settle(session);
    let following = field.spec().section.fields().skip_while(|other| *other != field).nth(1);
    match following {
        Some(next) => {
            session.citizen.focus = Some(next);
            Vec::new()
        }
        None => next(session),
    }
}

fn next(session: &mut Session) -> Vec<Effect> {
    settle(session);
    let (Some(section), Some(asked)) = (session.citizen.section, session.asked()) else {
        return Vec::new();
    };
    let problems = session.citizen.draft.problems_in(section, asked);
    if let Some((first, _)) = problems.first() {
        session.citizen.focus = Some(*first);
        session.citizen.tried = true;
        return Vec::new();
    }
    let unanswered = session.citizen.draft.unanswered(section).next();
    if let Some(field) = unanswered.filter(|_| session.citizen.asked_again != Some(section)) {
        session.citizen.asked_again = Some(section);
        session.citizen.focus = Some(field);
        session.citizen.tried = true;
        return Vec::new();
    }
    if session.citizen.from_review {
        return review::enter(session);
    }
    let following = session.sections().into_iter().skip_while(|other| *other != section).nth(1);
    match following {
        Some(following) => enter(session, following),
        None => photo::enter(session),
    }
}

fn back(session: &mut Session) -> Vec<Effect> {
    if session.citizen.from_review {
        return review::enter(session);
    }
    let current = session.citizen.section;
    let before = session.sections().into_iter().take_while(|section| Some(*section) != current).last();
    match before {
        Some(before) => enter(session, before),
        None if session.citizen.draft.has_claim() => session.go(Screen::Identity),
        None => session.go(Screen::Card),
    }
}
