//! Defects put into the harness on purpose: each must be found, or the simulation proves nothing.

/// A well-known way to get it wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// Whatever answers "200" has taken the dossier.
    AckAny2xx,
    /// Each attempt has an id of its own.
    NewIdPerAttempt,
    /// Parts are erased when the office has them, before its receipt is here.
    PurgeBeforeReceipt,
    /// The pause is always the longest of its step.
    NoJitter,
    /// What is refused is tried again.
    Retry422,
}

impl Mutant {
    /// Every one.
    pub const ALL: [Self; 5] =
        [Self::AckAny2xx, Self::NewIdPerAttempt, Self::PurgeBeforeReceipt, Self::NoJitter, Self::Retry422];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AckAny2xx => "ack-any-2xx",
            Self::NewIdPerAttempt => "new-id-per-attempt",
            Self::PurgeBeforeReceipt => "purge-before-receipt",
            Self::NoJitter => "no-jitter",
            Self::Retry422 => "retry-422",
        }
    }

    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mutant| mutant.name() == name)
    }
}
