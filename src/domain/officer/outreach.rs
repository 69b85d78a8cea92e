//! A session outside the office: opened by an officer, counted without names, closed with its sums.

use crate::domain::triage::Advice;

/// The longest place, in characters.
pub const MAX_PLACE_CHARS: usize = 60;
/// The longest label of a team, in characters.
pub const MAX_TEAM_CHARS: usize = 24;

/// What is counted: each citizen once coming in and once going out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Pressed "begin".
    Started,
    /// The dossier is saved.
    Finished,
    /// Left without consent, for the paper route.
    Refused,
    /// Left with the advice to come back, or to another form.
    SentBack,
    /// Left in the midst of it, or was forgotten for idleness.
    Abandoned,
}

impl Count {
    /// Every one, in the order shown.
    pub const ALL: [Self; 5] = [Self::Started, Self::Finished, Self::Refused, Self::SentBack, Self::Abandoned];
}

/// How many of each [`Count`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u32; Count::ALL.len()]);

impl Counts {
    /// From stored numbers, in the order of [`Count::ALL`].
    pub const fn new(counts: [u32; Count::ALL.len()]) -> Self {
        Self(counts)
    }

    /// How many.
    pub const fn of(self, count: Count) -> u32 {
        self.0[count as usize]
    }

    /// One more.
    pub const fn add(&mut self, count: Count) {
        let of = &mut self.0[count as usize];
        *of = of.saturating_add(1);
    }
}

/// One outreach session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outreach {
    /// Where.
    pub place: String,
    /// Which team; a label.
    pub team: String,
    /// By the kiosk's wall clock, Unix milliseconds.
    pub opened_ms: i64,
    /// By the same clock; `None` while it is open.
    pub closed_ms: Option<i64>,
    /// Who came and went.
    pub counts: Counts,
    /// What people were advised before the form, and how many of them.
    pub advised: Vec<(Advice, u32)>,
}
