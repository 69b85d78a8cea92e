//! Addresses whose units changed in July 2025: what was given beside what it reads today.

use super::OptionView;
use crate::domain::flow::Session;
use crate::domain::form::Field;

/// One of the readings of an address whose units may have changed in July 2025.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As the card has it.
    OnCard,
    /// As it was typed.
    Typed,
    /// In units of today: the table knows no other.
    Today,
    /// In units of today: one of several, of which the citizen knows which.
    PerhapsToday,
}

/// An address as it was given and what it may read today, side by side; nothing where it reads the same.
pub(super) fn of(session: &Session, field: Field) -> Vec<OptionView> {
    let draft = &session.citizen.draft;
    let given = draft.as_given(field);
    let today = session.setup.rules.units_of(field, given);
    if today.is_empty() {
        return Vec::new();
    }
    let reading = if today.len() == 1 { Reading::Today } else { Reading::PerhapsToday };
    let first = if draft.is_as_on_card(field) { Reading::OnCard } else { Reading::Typed };
    let option = |value: String, reading| OptionView {
        answer: None,
        quick: None,
        chosen: value == draft.value(field),
        value,
        reading: Some(reading),
    };
    let today = today.into_iter().map(|text| option(text, reading));
    [option(given.to_owned(), first)].into_iter().chain(today).collect()
}
