//! The fields as they are drawn: what stands in them, what may be pressed, what is wrong.

use super::super::{Purpose, Screen, Session, form};
use super::{Blank, OptionView, Row, readings};
use crate::domain::form::{Answering, Field, Need, Paper, Problem, Section};

pub(super) fn of(session: &Session) -> Vec<Row> {
    match session.screen {
        Screen::Identity => {
            Section::Person.fields().chain([Field::PermanentAddress]).map(|field| row(session, field)).collect()
        }
        Screen::Form => {
            let draft = &session.citizen.draft;
            let here = session.citizen.section.into_iter().flat_map(|section| form::here(draft, section));
            here.map(|field| row(session, field)).collect()
        }
        Screen::Review => reviewed(session).map(|field| row(session, field)).collect(),
        Screen::Welcome
        | Screen::Triage
        | Screen::Consent
        | Screen::Card
        | Screen::Photo
        | Screen::Saving
        | Screen::Slip
        | Screen::Trouble
        | Screen::Resume
        | Screen::Pin
        | Screen::Officer
        | Screen::Enrol
        | Screen::Outreach => Vec::new(),
    }
}

/// What the form will hold. What only led to it is shown where it is wrong.
fn reviewed(session: &Session) -> impl Iterator<Item = Field> {
    let draft = &session.citizen.draft;
    let refund = session.citizen.consents[Purpose::Refund as usize];
    let sections = Section::ALL.into_iter().filter(move |section| refund || *section != Section::Refund);
    let problem = |field| session.asked().and_then(|asked| draft.problem(field, asked));
    let fields = sections.flat_map(Section::fields).filter(|field| draft.applies(*field));
    fields.filter(move |field| !field.is_help() || problem(*field).is_some())
}

pub(super) fn shows_name(session: &Session, section: Option<Section>) -> bool {
    session.screen == Screen::Identity || section == Some(Section::Person)
}

/// What the request brings with it, where the citizen speaks of it and where everything is seen once more.
pub(super) fn papers(session: &Session, section: Option<Section>) -> Vec<Paper> {
    let about = match section {
        Some(Section::OldPassport | Section::Change | Section::ChangeFrom) => true,
        Some(_) => false,
        None => session.screen == Screen::Review,
    };
    let Some(today) = session.citizen.today.filter(|_| about) else {
        return Vec::new();
    };
    let papers = session.citizen.draft.papers(today).into_iter();
    papers.filter(|paper| session.screen == Screen::Review || paper.is_of_the_request()).collect()
}

fn row(session: &Session, field: Field) -> Row {
    let draft = &session.citizen.draft;
    let focused = session.citizen.focus == Some(field);
    let spec = field.spec();
    let required = match spec.need {
        Need::Always | Need::Asked => true,
        Need::Never => false,
        Need::When(holds) => holds(draft),
    };
    // While the caret is in it nobody is told that a half-typed value is wrong.
    let left = !focused && !draft.value(field).is_empty();
    let shows_problem = (session.citizen.tried || left) && session.screen != Screen::Identity;
    let asks_again = session.screen == Screen::Form && session.citizen.asked_again == Some(spec.section);
    let again =
        draft.unanswered(spec.section).find(|empty| *empty == field && asks_again).map(|_| Problem::ReallyEmpty);
    let composed = session.asked().filter(|_| !draft.is_asked(field)).and_then(|asked| draft.canonical(field, asked));
    Row {
        field,
        value: composed.unwrap_or_else(|| draft.value(field).to_owned()),
        options: options(session, field, focused),
        required,
        focused,
        source: draft.source(field),
        on_card: draft.conflict(field).unwrap_or_default().to_owned(),
        problem: session.asked().filter(|_| shows_problem).and_then(|asked| draft.problem(field, asked)).or(again),
        warning: draft.warning(field),
        blank: blank(session, field),
    }
}

fn blank(session: &Session, field: Field) -> Option<Blank> {
    let draft = &session.citizen.draft;
    if draft.is_declined(field) {
        return Some(Blank::Declined);
    }
    (session.screen == Screen::Review && draft.is_gap(field)).then_some(Blank::Gap)
}

fn options(session: &Session, field: Field, focused: bool) -> Vec<OptionView> {
    let (rules, draft) = (&session.setup.rules, &session.citizen.draft);
    let value = draft.value(field);
    let is_asked = session.screen == Screen::Form;
    match field.spec().rule.answering() {
        Answering::Choice(answers) => answers
            .iter()
            .filter(|answer| form::may_choose(field, **answer))
            .map(|answer| OptionView {
                answer: Some(*answer),
                quick: None,
                value: answer.key().to_owned(),
                chosen: value == answer.key(),
                reading: None,
            })
            .collect(),
        Answering::List(list) if focused => rules
            .offer(list, field, draft)
            .into_iter()
            .map(|entry| OptionView { answer: None, quick: None, chosen: value == entry, value: entry, reading: None })
            .collect(),
        Answering::Text if is_asked => {
            let quick = rules.quick(field, draft).into_iter().filter(|_| focused).map(|(quick, entry)| OptionView {
                answer: None,
                quick: Some(quick),
                chosen: if quick.is_empty() { draft.is_declined(field) } else { value == entry },
                value: entry,
                reading: None,
            });
            readings::of(session, field).into_iter().chain(quick).collect()
        }
        Answering::List(_) | Answering::Text => Vec::new(),
    }
}
