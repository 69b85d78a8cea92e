//! The application form: a [`Draft`] that may be wrong, and an [`Application`] that cannot be.
//!
//! The table of fields is this edition's: [`tk01`]. A new edition is a new file beside it.

mod answer;
mod check;
mod draft;
mod paper;
mod picks;
mod section;
mod surname;
mod tk01;

pub use answer::{Answer, Quick};
pub use check::{Application, Filled, Problem, Warning};
pub use draft::{Draft, Entry, Source};
pub use paper::Paper;
pub use picks::{ChangeTexts, People};
pub use section::{Chapter, Section};
pub use tk01::{Answering, Field, ListName, Need, Rule, Spec};

use super::carriers::SimGuide;
use super::citizen::Date;
use super::fees::Fees;
use super::photo::Norm;
use super::ticket::Portal;
use super::typing;
use super::units::{Suggestion, Units};
use std::sync::Arc;

/// How many suggestions of a list are shown at once.
pub const SUGGESTIONS: usize = 6;

/// What the form needs to know of the world: lists and the edition, from `kiosk-config/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Edition of the form, for instance `tk01@tt69-2026`.
    pub edition: String,
    /// Provinces since 1 July 2025, by name.
    pub provinces: Vec<String>,
    /// Countries, Vietnamese names, for those born abroad.
    pub countries: Vec<String>,
    /// The 54 ethnicities, by name.
    pub ethnicities: Vec<String>,
    /// Religions, by name; "Không" is one of them.
    pub religions: Vec<String>,
    /// Banks, short public names.
    pub banks: Vec<String>,
    /// Quick picks for the occupation.
    pub occupations: Vec<String>,
    /// Receiving agencies, by name.
    pub agencies: Vec<String>,
    /// Other spellings of an ethnicity, and which name of the list is meant.
    pub aliases: Vec<(String, String)>,
    /// Who lives where, for quick picks.
    pub people: People,
    /// How a change is worded on the form.
    pub changes: ChangeTexts,
    /// Communes of today and what older units became.
    pub units: Arc<Units>,
    /// What a passport costs, day by day.
    pub fees: Fees,
    /// Where the dossier is filed and looked up.
    pub portal: Portal,
    /// How a SIM is checked and put right.
    pub sim: SimGuide,
    /// What a portrait must be.
    pub photo: Norm,
}

impl Rules {
    /// The entries of a list, in the order in which they are offered.
    pub fn list(&self, name: ListName) -> impl Iterator<Item = &str> {
        let (first, second): (&[String], &[String]) = match name {
            ListName::Agencies => (&self.agencies, &[]),
            ListName::Banks => (&self.banks, &[]),
            ListName::Ethnicities => (&self.ethnicities, &[]),
            ListName::Occupations => (&self.occupations, &[]),
            ListName::Places => (&self.provinces, &self.countries),
            ListName::Religions => (&self.religions, &[]),
        };
        first.iter().chain(second).map(String::as_str)
    }

    /// An entry as it is searched: its own spelling and the others.
    fn spellings<'a>(&'a self, name: ListName, entry: &'a str) -> impl Iterator<Item = &'a str> {
        let aliases: &[(String, String)] = match name {
            ListName::Ethnicities => &self.aliases,
            ListName::Agencies | ListName::Banks | ListName::Occupations | ListName::Places | ListName::Religions => {
                &[]
            }
        };
        let others = aliases.iter().filter(move |(_, meant)| meant == entry).map(|(alias, _)| alias.as_str());
        std::iter::once(entry).chain(others)
    }

    /// Up to [`SUGGESTIONS`] entries that contain `typed`, marks and case aside; those that begin with it first.
    pub fn suggest(&self, name: ListName, typed: &str) -> Vec<String> {
        let wanted = typing::fold(typed);
        let (mut begins, mut contains) = (Vec::new(), Vec::new());
        for entry in self.list(name) {
            let folded: Vec<String> = self.spellings(name, entry).map(typing::fold).collect();
            if folded.iter().any(|spelling| spelling.starts_with(&wanted)) {
                begins.push(entry.to_owned());
            } else if folded.iter().any(|spelling| spelling.contains(&wanted)) {
                contains.push(entry.to_owned());
            }
        }
        begins.append(&mut contains);
        begins.truncate(SUGGESTIONS);
        begins
    }

    /// What an address of before July 2025 may read today: one answer, or several of which the citizen knows which.
    /// Nothing for other fields, for addresses of today, and for what is too long for the form.
    pub fn units_of(&self, field: Field, address: &str) -> Vec<String> {
        let found = match self.units.suggest(address) {
            _ if !field.is_address() => Vec::new(),
            Suggestion::One(only) => vec![only],
            Suggestion::Several(several) => several,
            Suggestion::Same | Suggestion::Unknown => Vec::new(),
        };
        found.into_iter().filter(|text| text.chars().count() <= field.spec().max_chars).collect()
    }

    /// The list's own spelling of `typed`, compared without marks only if that is unambiguous.
    pub fn canonical(&self, name: ListName, typed: &str) -> Option<String> {
        let tidy = typing::tidy(typed);
        if self.list(name).any(|entry| entry == tidy) {
            return Some(tidy);
        }
        let upper = typing::upper(&tidy);
        let written = |entry: &&str| self.spellings(name, entry).any(|spelling| typing::upper(spelling) == upper);
        if let Some(exact) = self.list(name).find(written) {
            return Some(exact.to_owned());
        }
        let folded = typing::fold(&tidy);
        let mut alike = self
            .list(name)
            .filter(|entry| self.spellings(name, entry).any(|spelling| typing::fold(spelling) == folded));
        let only = alike.next()?;
        alike.next().is_none().then(|| only.to_owned())
    }
}

/// The age at which the TK01 applies; below it the `TK01a` (TT 69/2026/TT-BCA).
pub const TK01_AGE_YEARS: u16 = 14;

/// What a check depends on beside the draft.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Lists and edition.
    pub rules: &'a Rules,
    /// The day on which the form is filled in.
    pub today: Date,
}

#[cfg(test)]
mod tests;
