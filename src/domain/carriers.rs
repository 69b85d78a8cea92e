//! SIM in one's own name: the free check, the rules in force, and each carrier's way. Data of `rules/sim.toml`; the
//! kiosk sends no message and reads none.

/// A question to the carrier, by a message that costs nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SimCheck {
    /// What to write.
    pub text: String,
    /// Where to send it.
    pub number: String,
}

/// A duty of subscribers since a day of 2026 (TT 08/2026/TT-BKHCN).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimRule {
    /// The subscriber's face must match the population database.
    FaceMatches,
    /// A SIM put into another phone is half locked until the face is verified again: never swap SIMs here.
    MovedSim,
}

impl SimRule {
    /// Every rule.
    pub const ALL: [Self; 2] = [Self::FaceMatches, Self::MovedSim];

    /// Name in `rules/sim.toml`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::FaceMatches => "face-matches",
            Self::MovedSim => "moved-sim",
        }
    }
}

/// A carrier, or several that go the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carrier {
    /// As its subscribers know it.
    pub name: String,
    /// First three digits of the numbers it gives out. A hint: numbers move between carriers.
    pub prefixes: Vec<String>,
    /// Its app, where a way through it is known.
    pub app: Option<String>,
    /// What to press in the app, one press each, or where to go if there is none; Vietnamese, never empty.
    pub steps: Vec<String>,
    /// The same in English, step by step; described, since the app speaks Vietnamese.
    pub steps_en: Vec<String>,
}

/// What is in force on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SimGuide {
    /// The free check.
    pub check: SimCheck,
    /// Rules in force.
    pub rules: Vec<SimRule>,
    /// Carriers, largest first.
    pub carriers: Vec<Carrier>,
}

impl SimGuide {
    /// The carrier to offer first for a national number; never to be taken as the answer.
    pub fn likely(&self, phone: &str) -> Option<&Carrier> {
        self.carriers.iter().find(|carrier| carrier.prefixes.iter().any(|prefix| phone.starts_with(prefix.as_str())))
    }

    /// Whether the rule is in force.
    pub fn has(&self, rule: SimRule) -> bool {
        self.rules.contains(&rule)
    }
}
