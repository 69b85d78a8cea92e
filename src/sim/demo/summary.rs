//! What came of a demo: what was entered against what the office holds.

use super::citizens::{self, Citizen, Way};
use super::headless::CORRECTED;
use crate::domain::form::Field;
use crate::gateway::dossier;
use crate::gateway::wire::Dossier;
use crate::office::unseal::Opened;
use crate::sim::led::Effort;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What came of it, in the order printed.
#[derive(Serialize)]
pub struct Summary {
    /// Who came.
    citizens: usize,
    /// Who was told that the dossier is saved.
    saved: usize,
    /// Who came back with the slip and saved the next version.
    corrected: usize,
    /// Submissions the office holds.
    delivered: usize,
    /// Of these, opened and equal to what was entered, field by field.
    opened_equal: usize,
    /// Dossiers the office holds more than once.
    duplicates: usize,
    /// What it cost a single, employed applicant whose card was read to get a first passport's dossier saved and printed:
    /// the goal is 45 taps beyond typing, and to type only what no source knows.
    first_timer: Effort,
    /// Portraits taken; whoever came back kept theirs.
    portraits: usize,
    /// Portraits that stand in the dossiers at the office.
    portraits_opened: usize,
    /// Pictures left.
    pictures: usize,
}

impl Summary {
    /// What only the guide can count.
    pub(super) fn with(self, portraits: usize, pictures: usize) -> Self {
        Self { portraits, pictures, ..self }
    }

    /// Everything saved arrived once and as it was entered.
    pub fn is_well(&self) -> bool {
        let all = [self.delivered, self.opened_equal].iter().all(|count| *count == self.saved + self.corrected);
        let portraits = self.portraits_opened == self.portraits + self.corrected;
        all && portraits && self.saved == self.citizens && self.corrected == 1 && self.duplicates == 0
    }
}

/// What was entered against what the office holds, field by field.
pub(super) fn compare(everyone: &[Citizen], saved: usize, opened: &[Opened], first_timer: Effort) -> Summary {
    // Two versions that replace the same one would be one too many.
    let ids: BTreeSet<_> = opened.iter().map(|one| (one.dossier_id, one.supersedes)).collect();
    let corrected = opened.iter().filter(|one| one.supersedes.is_some()).count();
    let mut left: Vec<BTreeMap<String, String>> = everyone.iter().map(expected).collect();
    let mut second = expected(&everyone[0]);
    second.insert(Field::Phone.spec().key.to_owned(), CORRECTED.to_owned());
    left.push(second);
    let mut opened_equal = 0;
    for dossier in opened.iter().filter_map(|one| one.content.as_ref().ok()).map(|content| &content.dossier) {
        let found = entered(dossier);
        if let Some(at) = left.iter().position(|expected| *expected == found) {
            left.swap_remove(at);
            opened_equal += 1;
        }
    }
    let duplicates = opened.len() - ids.len();
    Summary {
        citizens: everyone.len(),
        saved,
        corrected,
        delivered: opened.len(),
        opened_equal,
        duplicates,
        first_timer,
        portraits: 0,
        portraits_opened: opened.iter().filter(|one| has_portrait(one)).count(),
        pictures: 0,
    }
}

fn has_portrait(one: &Opened) -> bool {
    one.content
        .as_ref()
        .is_ok_and(|content| content.attachments.iter().any(|part| part.media_type == dossier::PORTRAIT))
}

fn expected(citizen: &Citizen) -> BTreeMap<String, String> {
    let card = match citizen.way {
        Way::Card(key) | Way::ReaderComesBack(key) => citizens::from_card(key),
        Way::ByHand => Vec::new(),
    };
    let typed = citizen.fields.iter().map(|(field, _, wanted)| (*field, *wanted));
    card.into_iter().chain(typed).map(|(field, value)| (field.spec().key.to_owned(), value.to_owned())).collect()
}

fn entered(dossier: &Dossier) -> BTreeMap<String, String> {
    dossier.fields.iter().map(|(key, value)| (key.clone(), value.value.clone())).collect()
}
