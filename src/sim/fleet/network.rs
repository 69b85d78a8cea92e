//! One kiosk's way to the office, as bad as they come.

use super::office::Said;
use super::world::Ms;
use crate::domain::submission::Outcome;
use fastrand::Rng;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    Up,
    /// 32 kbit a second and a second of delay.
    Slow,
    /// A fifth of everything is lost, a little of it damaged.
    Lossy,
    /// Late, out of order and sometimes twice.
    Reordering,
    Down,
    /// Something else answers everything with a page and "200".
    Captive,
    /// What is sent arrives; no answer ever does.
    HalfOpen,
}

/// What becomes of a message that is sent now.
pub(super) enum Fare {
    Arrives { after: Ms, torn: bool, again_after: Option<Ms> },
    Lost { known_after: Option<Ms> },
    Answered { after: Ms },
}

impl Link {
    pub(super) const ALL: [Self; 7] =
        [Self::Up, Self::Slow, Self::Lossy, Self::Reordering, Self::Down, Self::Captive, Self::HalfOpen];

    pub(super) fn request(self, bytes: u64, rng: &mut Rng) -> Fare {
        let arrives = |after| Fare::Arrives { after, torn: false, again_after: None };
        match self {
            Self::Up | Self::HalfOpen => arrives(rng.u64(20..200) + bytes / 600),
            Self::Slow => arrives(rng.u64(800..2_000) + bytes / 4),
            Self::Lossy if rng.u8(0..10) < 2 => Fare::Lost { known_after: None },
            Self::Lossy => {
                Fare::Arrives { after: rng.u64(50..800) + bytes / 60, torn: rng.u8(0..40) == 0, again_after: None }
            }
            Self::Reordering => {
                let again = (rng.u8(0..8) == 0).then(|| rng.u64(100..900_000));
                Fare::Arrives { after: rng.u64(20..9_000) + bytes / 600, torn: false, again_after: again }
            }
            // Refused at once, or swallowed.
            Self::Down => Fare::Lost { known_after: rng.bool().then(|| rng.u64(1..3_000)) },
            Self::Captive => Fare::Answered { after: rng.u64(20..400) },
        }
    }

    /// When the answer is here, if it comes; what is heard then.
    pub(super) fn answer(self, said: Said, rng: &mut Rng) -> Option<(Ms, Said)> {
        match self {
            Self::Up => Some((rng.u64(20..200), said)),
            Self::Slow => Some((rng.u64(800..2_000), said)),
            Self::Lossy if rng.u8(0..10) < 2 => None,
            Self::Lossy => Some((rng.u64(50..800), said)),
            Self::Reordering => Some((rng.u64(20..9_000), said)),
            Self::Captive => Some((rng.u64(20..400), Said::Outcome(Outcome::NotTheOffice))),
            Self::Down | Self::HalfOpen => None,
        }
    }
}
