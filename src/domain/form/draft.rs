//! What has been entered so far. It may be wrong; [`Draft::check`](super::Draft::check) is the only way on.

use super::{Answer, Field, Need, Rule, Section};
use crate::domain::card::CardClaim;
use crate::domain::citizen::{PartialDate, Sex};
use crate::domain::typing;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The card's QR: a claim printed on plastic, never proof.
    CardQr,
    /// Typed or chosen by the citizen.
    Typed,
}

/// One value and its provenance. Wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The text as entered, NFC; for a choice the answer's wire name.
    pub value: Zeroizing<String>,
    /// Where it comes from.
    pub source: Source,
}

/// The form as far as it is filled in, and the card's claim it is compared with.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Draft {
    entries: BTreeMap<Field, Entry>,
    on_card: BTreeMap<Field, Zeroizing<String>>,
    /// What an address said before a suggestion in units of today was taken for it.
    before: BTreeMap<Field, Zeroizing<String>>,
}

impl Draft {
    /// The text of a field; empty when nothing was entered.
    pub fn value(&self, field: Field) -> &str {
        self.entries.get(&field).map_or("", |entry| &entry.value)
    }

    /// Where the field's value comes from, if there is one.
    pub fn source(&self, field: Field) -> Option<Source> {
        self.entries.get(&field).map(|entry| entry.source)
    }

    /// The chosen answer of a choice.
    pub fn answer(&self, field: Field) -> Option<Answer> {
        Answer::from_key(self.value(field))
    }

    /// What the card says of this field where that differs from what stands in it.
    pub fn conflict(&self, field: Field) -> Option<&str> {
        let claimed = self.on_card.get(&field)?.as_str();
        // The card's address in units of today is no other address.
        let entered = self.as_given(field);
        (!entered.is_empty() && comparable(field, entered) != comparable(field, claimed)).then_some(claimed)
    }

    /// Whether the field was given as the card has it.
    pub fn is_as_on_card(&self, field: Field) -> bool {
        self.on_card.contains_key(&field) && self.conflict(field).is_none()
    }

    /// Enters a value by hand. What equals the card's claim again counts as read from the card.
    pub fn enter(&mut self, field: Field, text: String) {
        if self.value(field) != text {
            self.before.remove(&field);
        }
        if text.is_empty() {
            self.entries.remove(&field);
            return;
        }
        let value = Zeroizing::new(text);
        let source = match self.on_card.get(&field) {
            Some(claimed) if *claimed == value => Source::CardQr,
            _ => Source::Typed,
        };
        self.entries.insert(field, Entry { value, source });
    }

    /// Takes an address in units of today for what stands in the field, and keeps that beside it.
    pub fn take_units(&mut self, field: Field, suggested: String) {
        let before = Zeroizing::new(self.as_given(field).to_owned());
        self.enter(field, suggested);
        self.before.insert(field, before);
    }

    /// The text of a field as the card or the citizen gave it, whatever was suggested and taken since.
    pub fn as_given(&self, field: Field) -> &str {
        match self.before.get(&field) {
            Some(given) => given,
            None => self.value(field),
        }
    }

    /// Takes the card's claim: fills what is empty and keeps what was typed, so that a difference shows.
    pub fn claim(&mut self, claim: &CardClaim) {
        let (family, given) = claim.name().split();
        let sex = match claim.sex() {
            Sex::Male => Answer::Male,
            Sex::Female => Answer::Female,
        };
        let claimed = [
            (Field::FamilyName, family.to_owned()),
            (Field::MiddleGiven, given.to_owned()),
            (Field::Sex, sex.key().to_owned()),
            (Field::BirthDate, claim.birth().to_string_vi()),
            (Field::Pin, claim.id().as_str().to_owned()),
            (Field::PermanentAddress, claim.residence().to_owned()),
        ];
        for (field, text) in claimed {
            if text.is_empty() {
                continue;
            }
            let text = Zeroizing::new(text);
            let entry = Entry { value: text.clone(), source: Source::CardQr };
            self.entries.entry(field).or_insert(entry);
            self.on_card.insert(field, text);
        }
    }

    /// True once a card has been read.
    pub fn has_claim(&self) -> bool {
        !self.on_card.is_empty()
    }

    /// The number on the card that was read.
    pub fn claimed_pin(&self) -> Option<&str> {
        self.on_card.get(&Field::Pin).map(|pin| pin.as_str())
    }

    /// Fields of a step that were left empty although they are asked for twice. A one-word name on the card is whole.
    pub fn unanswered(&self, section: Section) -> impl Iterator<Item = Field> {
        let one_word = self.has_claim() && !self.on_card.contains_key(&Field::MiddleGiven);
        section.fields().filter(move |field| {
            let asked = matches!(field.spec().need, Need::Asked) && self.value(*field).is_empty();
            asked && !(*field == Field::MiddleGiven && one_word)
        })
    }

    pub(super) fn needs_detail(&self) -> bool {
        self.answer(Field::Request) == Some(Answer::Changed)
    }

    /// Who lost a passport may not know its number; who holds it does.
    pub(super) fn had_passport(&self) -> bool {
        matches!(self.answer(Field::Request), Some(Answer::Expired | Answer::Damaged | Answer::Changed))
    }

    pub(super) fn comes_by_post(&self) -> bool {
        self.answer(Field::ReceiveMode) == Some(Answer::Post)
    }
}

/// Two spellings of one value compare equal: dates by what they mean, text without regard to case and spaces.
fn comparable(field: Field, text: &str) -> String {
    match field.spec().rule {
        Rule::PartialDate | Rule::Date => {
            PartialDate::parse(text).map_or_else(|_| text.to_owned(), PartialDate::to_string_vi)
        }
        Rule::Choice(_) | Rule::Pin | Rule::Phone | Rule::Account | Rule::Email | Rule::Passport => text.to_owned(),
        Rule::Name | Rule::Listed(_) | Rule::Suggested(_) | Rule::Line => typing::upper(&typing::tidy(text)),
    }
}
