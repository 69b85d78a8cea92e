//! The form, one step a screen: pressing, typing, going on.

use super::{Effect, Key, Screen, Session, Tap, is_typed, photo, review, triage};
use crate::domain::form::{Answer, Answering, Draft, Field, Quick, Rule, Section};
use crate::domain::typing::{self, Method};

/// A touch on a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormTap {
    /// Put the caret into a field.
    Focus(Field),
    /// Take an answer or a suggestion.
    Choose(Field, String),
    /// "There is none", or "I do not know".
    Decline(Field),
    /// The line between surname and the rest, one word to the right for a longer surname.
    MoveSplit {
        /// To the right.
        longer: bool,
    },
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
        Tap::Form(FormTap::Choose(field, value)) if is_here(session, *field) => choose(session, *field, value),
        Tap::Form(FormTap::Decline(field)) if is_here(session, *field) => decline(session, *field),
        Tap::Form(FormTap::MoveSplit { longer }) if is_here(session, Field::FamilyName) => {
            session.citizen.draft.move_split(*longer);
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

/// One step, with the caret in its first empty field.
pub(super) fn enter(session: &mut Session, section: Section) -> Vec<Effect> {
    session.go(Screen::Form);
    session.citizen.section = Some(section);
    session.citizen.tried = false;
    session.citizen.shift = false;
    triage::prefill(session);
    session.citizen.vouched = false;
    let draft = &session.citizen.draft;
    let empty = here(draft, section).find(|field| draft.value(*field).is_empty() && !draft.is_declined(*field));
    session.citizen.focus = empty.or_else(|| here(draft, section).next());
    Vec::new()
}

/// From the review to one field, and afterwards straight back.
pub(super) fn edit(session: &mut Session, field: Field) -> Vec<Effect> {
    let draft = &session.citizen.draft;
    // What follows from other answers is changed where those are given.
    let section = match field {
        Field::Request if !draft.asks(Section::Request) => Section::EverIssued,
        Field::RequestDetail if !draft.is_asked(field) => Section::Change,
        _ => field.spec().section,
    };
    enter(session, section);
    if field.spec().section == section {
        session.citizen.focus = Some(field);
    }
    session.citizen.from_review = true;
    session.citizen.tried = true;
    Vec::new()
}

/// The fields of a step that this citizen is asked.
pub(super) fn here(draft: &Draft, section: Section) -> impl Iterator<Item = Field> {
    section.fields().filter(|field| draft.is_asked(*field))
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

fn choose(session: &mut Session, field: Field, value: &str) -> Vec<Effect> {
    let rules = &session.setup.rules;
    let offered = rules.quick(field, &session.citizen.draft).into_iter();
    let quick = offered.filter(|(quick, text)| !quick.is_empty() && text == value).map(|(quick, _)| quick).next();
    let allowed = match field.spec().rule.answering() {
        Answering::Choice(_) => Answer::from_key(value).is_some_and(|answer| may_choose(field, answer)),
        Answering::List(list) => rules.list(list).any(|entry| entry == value),
        Answering::Text => quick.is_some() || is_reading(session, field, value),
    };
    if !allowed {
        return Vec::new();
    }
    let draft = &mut session.citizen.draft;
    match quick.and_then(Quick::copies) {
        Some(from) => draft.copy(from, field),
        None if field.is_address() && draft.as_given(field) != value => draft.take_units(field, value.to_owned()),
        None => draft.enter(field, value.to_owned()),
    }
    go_on_from(session, field)
}

/// "First issue" is not chosen: it follows from two answers before it.
pub(super) fn may_choose(field: Field, answer: Answer) -> bool {
    let Answering::Choice(answers) = field.spec().rule.answering() else { return false };
    answers.contains(&answer) && answer != Answer::FirstIssue
}

/// "There is none" holds for the whole step: who has no husband or wife has no date of birth of one.
fn decline(session: &mut Session, field: Field) -> Vec<Effect> {
    let quick = session.setup.rules.quick(field, &session.citizen.draft);
    if !quick.iter().any(|(quick, _)| quick.is_empty()) {
        return Vec::new();
    }
    field.spec().section.fields().for_each(|field| session.citizen.draft.decline(field));
    next(session)
}

/// A step of one question goes on by itself: the answer stands in the review, and "back" leads to it. Elsewhere the
/// caret moves on to what is still empty; a filled field is left alone.
fn go_on_from(session: &mut Session, field: Field) -> Vec<Effect> {
    let section = field.spec().section;
    if here(&session.citizen.draft, section).eq([field]) {
        session.citizen.focus = Some(field);
        return next(session);
    }
    let draft = &session.citizen.draft;
    let later = here(draft, section).skip_while(|other| *other != field).skip(1);
    let empty = later.into_iter().find(|other| draft.value(*other).is_empty());
    session.citizen.focus = empty.or(Some(field));
    Vec::new()
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
        Rule::Listed(_) | Rule::Suggested(_) | Rule::Line | Rule::Before => compose(before, typed, method),
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
    let following = here(&session.citizen.draft, field.spec().section).skip_while(|other| *other != field).nth(1);
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
        return back_to_review(session, section);
    }
    go_on_after(session, Some(section))
}

/// What a changed answer makes necessary is asked before the review is back.
fn back_to_review(session: &mut Session, section: Section) -> Vec<Effect> {
    let later = session.sections().into_iter().filter(|other| *other > section && other.chapter() == section.chapter());
    let asked = session.asked();
    let draft = &session.citizen.draft;
    let mut holes = later.filter_map(|other| {
        let (field, _) = draft.problems_in(other, asked?).into_iter().next()?;
        Some(field)
    });
    match holes.next() {
        Some(field) => edit(session, field),
        None => review::enter(session),
    }
}

/// The first step behind `section` that is to be asked; with nothing, the first of all.
pub(super) fn go_on_after(session: &mut Session, section: Option<Section>) -> Vec<Effect> {
    match session.steps().into_iter().find(|other| Some(*other) > section) {
        Some(following) => enter(session, following),
        None => photo::enter(session),
    }
}

fn back(session: &mut Session) -> Vec<Effect> {
    if session.citizen.from_review {
        return review::enter(session);
    }
    let current = session.citizen.section;
    let before = session.steps().into_iter().take_while(|section| Some(*section) < current).last();
    match before {
        Some(before) => enter(session, before),
        None if session.citizen.draft.has_claim() => session.go(Screen::Identity),
        None => session.go(Screen::Card),
    }
}
