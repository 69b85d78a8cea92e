//! What is offered before anything is typed: the likely entries of a list, and answers of one press.

use super::{Answer, Draft, Field, ListName, Quick, Rules, SUGGESTIONS};
use crate::domain::typing;

/// Item 16 for a change, with `{from}` and `{to}` in it; from the rules of the edition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeTexts {
    /// The name.
    pub name: String,
    /// The date of birth.
    pub birth_date: String,
    /// The place of birth.
    pub birth_place: String,
    /// The personal number.
    pub number: String,
}

/// Who lives where. Hints for the order of an offer, never for a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// The first three digits of a personal number, and today's name of the province that registered the birth.
    pub birth_codes: Vec<(String, String)>,
    /// Names of provinces before July 2025, other spellings too, and what each became.
    pub before: Vec<(String, String)>,
    /// An ethnicity and the provinces in which many of it live.
    pub homes: Vec<(String, Vec<String>)>,
}

impl Rules {
    /// Today's name of the province at the end of an address, old or new.
    pub fn province_of(&self, address: &str) -> Option<&str> {
        let address = typing::fold(&typing::tidy(address));
        let old = self.people.before.iter().map(|(old, new)| (old, new));
        let named = self.provinces.iter().map(|name| (name, name)).chain(old);
        let ends = named.filter(|(name, _)| address.ends_with(&typing::fold(name)));
        ends.max_by_key(|(name, _)| name.len()).map(|(_, new)| new.as_str())
    }

    /// The entries offered for a field that is filled from a list: likely ones first as long as nothing is typed.
    pub fn offer(&self, list: ListName, field: Field, draft: &Draft) -> Vec<String> {
        let typed = draft.value(field);
        if !typed.is_empty() {
            return self.suggest(list, typed);
        }
        let mut offered: Vec<String> = Vec::new();
        let likely = self.likely(list, draft);
        for entry in likely.into_iter().chain(self.list(list).map(str::to_owned)) {
            if offered.len() < SUGGESTIONS && !offered.contains(&entry) {
                offered.push(entry);
            }
        }
        offered
    }

    fn likely(&self, list: ListName, draft: &Draft) -> Vec<String> {
        let at = |field| self.province_of(draft.value(field));
        let home = [at(Field::CurrentAddress), at(Field::PermanentAddress)].into_iter().flatten();
        match list {
            ListName::Places => {
                let code = draft.value(Field::Pin).get(..3).unwrap_or_default();
                let registered = self.people.birth_codes.iter().find(|(known, _)| known == code);
                registered.map(|(_, province)| province.clone()).into_iter().chain(home.map(str::to_owned)).collect()
            }
            ListName::Ethnicities => {
                let born = self.province_of(draft.value(Field::BirthPlace));
                let near: Vec<&str> = home.chain(born).collect();
                let most = self.ethnicities.first().cloned();
                let here =
                    self.people.homes.iter().filter(|(_, homes)| homes.iter().any(|home| near.contains(&&**home)));
                most.into_iter().chain(here.map(|(name, _)| name.clone())).collect()
            }
            ListName::Agencies => home
                .filter_map(|province| self.agencies.iter().find(|agency| agency.ends_with(province)).cloned())
                .collect(),
            ListName::Banks | ListName::Occupations | ListName::Religions => Vec::new(),
        }
    }

    /// Answers of one press for a field, with the text each enters; none for "there is none".
    pub fn quick(&self, field: Field, draft: &Draft) -> Vec<(Quick, String)> {
        let copy = |quick, from| (quick, draft.value(from).to_owned());
        let permanent = copy(Quick::SameAsPermanent, Field::PermanentAddress);
        let current = copy(Quick::SameAsCurrent, Field::CurrentAddress);
        let none = |quick| (quick, String::new());
        let offered = match field {
            Field::CurrentAddress => vec![permanent],
            Field::TemporaryAddress => vec![none(Quick::Nothing), current],
            Field::DeliveryAddress if permanent.1 == current.1 => vec![permanent],
            Field::DeliveryAddress => vec![current, permanent],
            Field::Employer | Field::SpouseName => vec![none(Quick::Nothing)],
            Field::FatherName | Field::MotherName => vec![none(Quick::Unknown)],
            Field::OldPassportNumber if draft.answer(Field::Request) == Some(Answer::Lost) => {
                vec![none(Quick::Unknown)]
            }
            _ => Vec::new(),
        };
        offered.into_iter().filter(|(quick, text)| quick.is_empty() == text.is_empty()).collect()
    }
}

impl Quick {
    /// True for "there is none" and "I do not know".
    pub const fn is_empty(self) -> bool {
        match self {
            Self::Nothing | Self::Unknown => true,
            Self::SameAsPermanent | Self::SameAsCurrent => false,
        }
    }

    /// The field whose value it enters, nothing for an answer that leaves the field empty.
    pub const fn copies(self) -> Option<Field> {
        match self {
            Self::SameAsPermanent => Some(Field::PermanentAddress),
            Self::SameAsCurrent => Some(Field::CurrentAddress),
            Self::Nothing | Self::Unknown => None,
        }
    }
}
