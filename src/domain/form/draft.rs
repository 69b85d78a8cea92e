//! What has been entered so far. It may be wrong; [`Draft::check`](super::Draft::check) is the only way on.

use super::{Answer, Field, Need, Rule, Section, surname};
use crate::domain::card::CardClaim;
use crate::domain::citizen::{PartialDate, Sex};
use crate::domain::typing;
use std::collections::{BTreeMap, BTreeSet};
use zeroize::Zeroizing;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The card's QR: a claim printed on plastic, never proof.
    CardQr,
    /// Typed or chosen by the citizen.
    Typed,
    /// Answered in the triage, and not asked again.
    Triage,
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
    /// Left empty on purpose, by a press: "no husband or wife", "I do not know".
    declined: BTreeSet<Field>,
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

    /// What the card says of this field where that differs from what stands in it. A name divided elsewhere is the
    /// same name.
    pub fn conflict(&self, field: Field) -> Option<&str> {
        let claimed = self.on_card.get(&field)?.as_str();
        // The card's address in units of today is no other address.
        let entered = self.as_given(field);
        let same = comparable(field, entered) == comparable(field, claimed) || self.is_the_cards_name(field);
        (!entered.is_empty() && !same).then_some(claimed)
    }

    /// Whether the field was given as the card has it.
    pub fn is_as_on_card(&self, field: Field) -> bool {
        self.on_card.contains_key(&field) && self.conflict(field).is_none()
    }

    /// Enters a value by hand. What equals the card's claim again counts as read from the card.
    pub fn enter(&mut self, field: Field, text: String) {
        self.put(field, text);
        if matches!(field, Field::FamilyName | Field::MiddleGiven) && self.is_the_cards_name(field) {
            for half in [Field::FamilyName, Field::MiddleGiven] {
                if let Some(entry) = self.entries.get_mut(&half) {
                    entry.source = Source::CardQr;
                }
            }
        }
        self.follow(field);
    }

    /// Enters a value that comes from elsewhere.
    pub fn enter_from(&mut self, field: Field, text: String, source: Source) {
        self.enter(field, text);
        if let Some(entry) = self.entries.get_mut(&field) {
            entry.source = source;
        }
    }

    /// Enters what stands in another field, with what it said before.
    pub fn copy(&mut self, from: Field, to: Field) {
        let (text, before) = (self.value(from).to_owned(), self.before.get(&from).cloned());
        self.enter(to, text);
        if let Some(before) = before {
            self.before.insert(to, before);
        }
    }

    /// Puts back what stood in a field of an earlier draft: its text, what an address said before units of today were taken
    /// for it, and whether the triage had answered it.
    pub fn put_back(&mut self, field: Field, text: &str, before: Option<&str>, by_triage: bool) {
        match before {
            Some(before) => {
                self.enter(field, before.to_owned());
                self.take_units(field, text.to_owned());
            }
            None if by_triage => self.enter_from(field, text.to_owned(), Source::Triage),
            None => self.enter(field, text.to_owned()),
        }
    }

    fn put(&mut self, field: Field, text: String) {
        self.declined.remove(&field);
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

    /// The guard decides what may be asked for: "first issue" follows from saying twice that there never was a
    /// passport, and from nothing else.
    fn follow(&mut self, field: Field) {
        match (field, self.answer(field)) {
            (Field::FirstConfirmed, Some(Answer::NeverIssued)) if self.says_never() => {
                self.put(Field::Request, Answer::FirstIssue.key().to_owned());
            }
            (Field::FirstConfirmed, Some(Answer::IssuedBefore)) => {
                self.put(Field::EverIssued, Answer::IssuedBefore.key().to_owned());
                self.follow(Field::EverIssued);
            }
            (Field::EverIssued, Some(Answer::IssuedBefore)) => {
                self.put(Field::FirstConfirmed, String::new());
                if self.answer(Field::Request) == Some(Answer::FirstIssue) {
                    self.put(Field::Request, String::new());
                }
            }
            (Field::EverIssued, Some(Answer::NeverIssued)) if self.answer(Field::FirstConfirmed).is_none() => {
                self.put(Field::Request, String::new());
            }
            _ => {}
        }
    }

    fn is_the_cards_name(&self, field: Field) -> bool {
        let whole = |half: &dyn Fn(Field) -> String| {
            typing::upper(&typing::tidy(&format!("{} {}", half(Field::FamilyName), half(Field::MiddleGiven))))
        };
        matches!(field, Field::FamilyName | Field::MiddleGiven)
            && self.on_card.contains_key(&Field::FamilyName)
            && whole(&|half| self.value(half).to_owned())
                == whole(&|half| self.on_card.get(&half).map_or_else(String::new, |text| text.to_string()))
    }

    /// Moves the line between surname and the rest one word; nothing where a half would be left empty.
    pub fn move_split(&mut self, longer: bool) {
        let (family, given) = (self.value(Field::FamilyName), self.value(Field::MiddleGiven));
        if let Some((family, given)) = surname::moved(family, given, longer) {
            self.put(Field::FamilyName, family);
            self.enter(Field::MiddleGiven, given);
        }
    }

    /// True where the line between surname and the rest can be moved so.
    pub fn can_move_split(&self, longer: bool) -> bool {
        surname::moved(self.value(Field::FamilyName), self.value(Field::MiddleGiven), longer).is_some()
    }

    /// "There is none", or "I do not know", instead of a value.
    pub fn decline(&mut self, field: Field) {
        self.put(field, String::new());
        self.declined.insert(field);
    }

    /// True where the citizen said that there is nothing to write.
    pub fn is_declined(&self, field: Field) -> bool {
        self.declined.contains(&field)
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
        let (family, given) = surname::split(claim.name().as_str());
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
            asked && !(*field == Field::MiddleGiven && one_word) && !self.is_declined(*field)
        })
    }

    /// False for a field that these answers make meaningless: it is neither shown nor sent. A number of an old passport
    /// beside "never issued" is a contradiction and stays.
    pub fn applies(&self, field: Field) -> bool {
        match field {
            Field::FirstConfirmed => self.says_never(),
            Field::OldPassportNumber | Field::OldPassportDate => self.asks_again() || !self.value(field).is_empty(),
            Field::ChangeKind | Field::RequestDetail => self.changes(),
            Field::ChangeFrom => self.changes_one(),
            Field::DeliveryAddress => self.comes_by_post(),
            _ => true,
        }
    }

    /// True for a field that is filled in on its own step; the text of a change is put together instead.
    pub fn is_asked(&self, field: Field) -> bool {
        self.applies(field) && (field != Field::RequestDetail || self.changes_other())
    }

    /// False for a step that these answers make needless.
    pub fn asks(&self, section: Section) -> bool {
        match section {
            Section::Request => self.answer(Field::EverIssued) == Some(Answer::IssuedBefore),
            // Who lives at home has no temporary residence.
            Section::Temporary => {
                let same = self.value(Field::CurrentAddress) == self.value(Field::PermanentAddress);
                !same || !self.value(Field::TemporaryAddress).is_empty()
            }
            _ => section.fields().any(|field| self.is_asked(field)),
        }
    }

    /// True for a step that the card or the triage has filled in.
    pub fn is_known(&self, section: Section) -> bool {
        let mut filled = section.fields().filter(|field| !self.value(*field).is_empty()).peekable();
        let known = |field| matches!(self.source(field), Some(Source::CardQr | Source::Triage));
        filled.peek().is_some() && filled.all(known)
    }

    /// Empty although the portal asks for it too: an experienced guide says to fill it in (domain.md 1.2).
    pub fn is_gap(&self, field: Field) -> bool {
        let wanted = match field {
            Field::Employer
            | Field::FatherName
            | Field::FatherBirth
            | Field::MotherName
            | Field::MotherBirth
            | Field::OldPassportNumber
            | Field::OldPassportDate => true,
            Field::SpouseName => !self.is_declined(Field::SpouseName),
            Field::SpouseBirth => !self.value(Field::SpouseName).is_empty(),
            _ => false,
        };
        wanted && self.applies(field) && self.value(field).is_empty() && !self.is_declined(field)
    }

    pub(super) fn says_never(&self) -> bool {
        self.answer(Field::EverIssued) == Some(Answer::NeverIssued)
    }

    pub(super) fn changes(&self) -> bool {
        self.answer(Field::Request) == Some(Answer::Changed)
    }

    pub(super) fn changes_other(&self) -> bool {
        self.changes() && self.answer(Field::ChangeKind) == Some(Answer::ChangedOther)
    }

    pub(super) fn changes_one(&self) -> bool {
        let kind = self.answer(Field::ChangeKind);
        self.changes() && kind.is_some_and(|kind| kind != Answer::ChangedOther)
    }

    /// Who lost a passport may not know its number; who holds it does.
    pub(super) fn holds_passport(&self) -> bool {
        matches!(self.answer(Field::Request), Some(Answer::Expired | Answer::Damaged | Answer::Changed))
    }

    fn asks_again(&self) -> bool {
        self.holds_passport() || self.answer(Field::Request) == Some(Answer::Lost)
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
        Rule::Name | Rule::Listed(_) | Rule::Suggested(_) | Rule::Line | Rule::Before => {
            typing::upper(&typing::tidy(text))
        }
    }
}
