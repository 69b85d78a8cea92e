//! A half-filled form that outlived its process comes back to whoever shows the same card.

use super::{Consents, Effect, Purpose, Screen, Session, Trouble, card, consent, form, photo, trouble};
use crate::domain::card::CardClaim;
use crate::domain::citizen::Date;
use crate::domain::form::{Draft, Field, Section};
use crate::domain::keep::Outlives;
use crate::domain::officer::Count;
use crate::domain::triage::Answers;

/// What is kept of a form that is not saved yet. The portrait is not: it is taken again.
#[derive(Clone, PartialEq, Eq)]
pub struct HalfFilled {
    /// As far as it is filled in, compared with the card.
    pub draft: Draft,
    /// The step at which it stood; nothing when all of them were done.
    pub section: Option<Section>,
    /// What was answered before.
    pub answers: Answers,
    /// What was agreed to.
    pub consents: Consents,
}

/// A form that has come back and waits for "yes, this is me".
#[derive(Clone, Copy)]
pub(super) struct Recalled {
    /// Where it goes on, as in [`HalfFilled::section`].
    pub(super) section: Option<Section>,
    /// It began this visit: answers and consents are those of the last one.
    pub(super) at_the_door: bool,
}

/// Where the citizen stands in what is kept; nothing where there is nothing to keep. A dossier that has come back lies
/// saved already; one that may have been saved must not come back beside itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark(Screen, Option<Section>, Option<Field>);

pub(super) fn mark(session: &Session) -> Option<Mark> {
    let citizen = &session.citizen;
    let is_filled_in = match session.screen {
        Screen::Form | Screen::Photo | Screen::Review => citizen.draft.has_claim(),
        Screen::Welcome
        | Screen::Triage
        | Screen::Consent
        | Screen::Card
        | Screen::Identity
        | Screen::Saving
        | Screen::Slip
        | Screen::Trouble
        | Screen::Resume
        | Screen::Pin
        | Screen::Officer
        | Screen::Enrol
        | Screen::Outreach => false,
    };
    let may_be = is_filled_in && !citizen.is_reopened && !citizen.maybe_saved && keeps(session);
    may_be.then_some(Mark(session.screen, citizen.section, citizen.focus))
}

fn keeps(session: &Session) -> bool {
    session.device.outlives != Outlives::Nothing
}

/// After every step that went on to another field: no key is worth a write, and no field is lost.
pub(super) fn keep(session: &Session) -> Effect {
    let citizen = &session.citizen;
    let is_open = session.screen == Screen::Form && !citizen.from_review;
    Effect::Keep(Some(Box::new(HalfFilled {
        draft: citizen.draft.clone(),
        section: citizen.section.filter(|_| is_open),
        answers: citizen.triage.answers,
        consents: citizen.consents,
    })))
}

/// A card was read: whatever is kept for its holder is asked for, and what follows is kept for them.
pub(super) fn present(session: &Session, claim: &CardClaim) -> Option<Effect> {
    keeps(session).then(|| Effect::Recall(Box::new(claim.clone())))
}

/// A card on the first screen, where a half-filled form waits for its own.
pub(super) fn at_the_door(session: &mut Session, claim: &CardClaim) -> Vec<Effect> {
    if !session.device.holds || session.citizen.recalling {
        return Vec::new();
    }
    if session.device.full {
        return trouble::enter(session, Trouble::NoRoom);
    }
    let asked = present(session, claim);
    session.citizen.recalling = asked.is_some();
    asked.into_iter().collect()
}

/// The answer; one that nobody waits for is nobody's.
pub(super) fn recalled(session: &mut Session, half: Option<Box<HalfFilled>>, today: Date) -> Vec<Effect> {
    let waits = std::mem::take(&mut session.citizen.recalling);
    let Some(half) = half else { return Vec::new() };
    match session.screen {
        Screen::Identity => {
            if session.citizen.draft.claimed_pin() == half.draft.claimed_pin() {
                restore(session, *half, false);
            }
            Vec::new()
        }
        Screen::Welcome if waits => {
            (session.citizen.today, session.citizen.card_shown) = (Some(today), true);
            (session.citizen.triage.answers, session.citizen.consents) = (half.answers, half.consents);
            // A consent to another text is no consent to this one: they begin anew.
            if !consent::is_enough(session) {
                return session.forget();
            }
            restore(session, *half, true);
            session.go(Screen::Identity);
            vec![Effect::Counted(Count::Started)]
        }
        Screen::Welcome
        | Screen::Triage
        | Screen::Consent
        | Screen::Card
        | Screen::Form
        | Screen::Photo
        | Screen::Review
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

/// What this visit has agreed to counts, not what the last one had.
fn restore(session: &mut Session, half: HalfFilled, at_the_door: bool) {
    session.citizen.draft = half.draft;
    card::look_at_units(session);
    if !session.citizen.consents[Purpose::Refund as usize] {
        Section::Refund.fields().for_each(|field| session.citizen.draft.enter(field, String::new()));
    }
    session.citizen.recalled = Some(Recalled { section: half.section, at_the_door });
}

/// "Yes, this is me": on where they were.
pub(super) fn go_on(session: &mut Session, section: Option<Section>) -> Vec<Effect> {
    match section.filter(|section| session.sections().contains(section)) {
        Some(section) => form::enter(session, section),
        None => photo::enter(session),
    }
}
