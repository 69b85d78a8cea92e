//! How the queue stands and whether there is room for more: for the session, the officer and the heartbeat.

use super::chain::Head;
use super::store::{Salvaged, Tally, Waiting};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
const MIB: u64 = 1024 * 1024;

/// What is too much and too little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A dossier that has waited longer is worth a warning, in days.
    pub warn_days: u32,
    /// More waiting ones are worth a warning.
    pub warn_items: u32,
    /// Below this no session begins, in free bytes of the disk.
    pub floor_bytes: u64,
    /// Held back so that receipts can be written on a full disk, in bytes; 0: nothing is held back.
    pub reserve_bytes: u64,
    /// With so many not yet delivered no session begins.
    pub max_items: u32,
    /// With so much in the queue's file no session begins, in bytes.
    pub max_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            warn_days: 3,
            warn_items: 500,
            floor_bytes: 256 * MIB,
            reserve_bytes: 32 * MIB,
            max_items: 100_000,
            max_bytes: 16 * 1024 * MIB,
        }
    }
}

/// Whether a new session may begin. One that has begun is saved all the same, as long as the disk takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// It may.
    Enough,
    /// The disk is below its floor.
    DiskFloor,
    /// Too many dossiers wait for the office.
    TooMany,
    /// The queue's file has reached its size.
    TooLarge,
    /// The queue cannot be used at all.
    Closed,
}

impl Room {
    /// Name for screens and listings.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Enough => "enough",
            Self::DiskFloor => "disk-floor",
            Self::TooMany => "too-many",
            Self::TooLarge => "too-large",
            Self::Closed => "closed",
        }
    }
}

/// A soft warning: people should look after the line to the office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ageing {
    /// The first in the line has waited too long.
    TooOld,
    /// Too many wait.
    TooMany,
}

impl Ageing {
    /// Name for screens and listings.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooOld => "too-old",
            Self::TooMany => "too-many",
        }
    }
}

/// Everything an officer may ask of the queue. Nothing personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Counts by state, and since when the first waits.
    pub tally: Tally,
    /// How long the first in the line has waited, by the kiosk's wall clock, in milliseconds.
    pub oldest_queued_age_ms: Option<i64>,
    /// Worth a warning.
    pub ageing: Option<Ageing>,
    /// Those that wait for an officer, oldest first, at most 200.
    pub waiting: Vec<Waiting>,
    /// Whether a session may begin.
    pub room: Room,
    /// Free bytes of the disk; `None` when the system does not say.
    pub disk_free_bytes: Option<u64>,
    /// Bytes in use of the queue's file.
    pub bytes: u64,
    /// The reserve for receipts is held.
    pub reserve_held: bool,
    /// Damaged queues that lie aside.
    pub quarantined: u32,
    /// What came out of them.
    pub salvaged: Vec<Salvaged>,
    /// Head of the journal's chain.
    pub journal: Head,
    /// No line of the journal was altered or lost, as of the last opening.
    pub journal_whole: bool,
    /// Random 128 bits drawn when the file was made.
    pub db_epoch: [u8; 16],
}

/// The rule for a new session. `free_bytes` is `None` when the system does not say; then the disk decides nothing.
pub fn room(limits: &Limits, tally: Tally, bytes: u64, free_bytes: Option<u64>) -> Room {
    if free_bytes.is_some_and(|free| free < limits.floor_bytes) {
        Room::DiskFloor
    } else if tally.queued.saturating_add(tally.attention) >= limits.max_items {
        Room::TooMany
    } else if bytes >= limits.max_bytes {
        Room::TooLarge
    } else {
        Room::Enough
    }
}

/// The rule for the warning.
pub fn ageing(limits: &Limits, tally: Tally, now_ms: i64) -> Option<Ageing> {
    let too_old = tally.oldest_queued_ms.is_some_and(|then| now_ms - then > i64::from(limits.warn_days) * DAY_MS);
    if too_old {
        Some(Ageing::TooOld)
    } else if tally.queued > limits.warn_items {
        Some(Ageing::TooMany)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_795_000_000_000;

    fn tally(queued: u32, age_ms: i64) -> Tally {
        Tally { queued, oldest_queued_ms: Some(NOW_MS - age_ms), ..Tally::default() }
    }

    #[test]
    fn a_warning_comes_after_three_days_or_five_hundred_dossiers_and_not_before() {
        let limits = Limits::default();
        assert_eq!(ageing(&limits, tally(500, 3 * DAY_MS), NOW_MS), None);
        assert_eq!(ageing(&limits, tally(1, 3 * DAY_MS + 1), NOW_MS), Some(Ageing::TooOld));
        assert_eq!(ageing(&limits, tally(501, 0), NOW_MS), Some(Ageing::TooMany));
        assert_eq!(ageing(&limits, tally(1, -9 * DAY_MS), NOW_MS), None, "a clock that went back warns of nothing");
        assert_eq!(ageing(&limits, Tally::default(), NOW_MS), None);
    }

    #[test]
    fn no_session_begins_below_the_floor_or_above_a_quota() {
        let limits = Limits { max_items: 10, max_bytes: 1_000, floor_bytes: 100, ..Limits::default() };
        assert_eq!(room(&limits, tally(9, 0), 999, Some(100)), Room::Enough);
        assert_eq!(room(&limits, tally(9, 0), 999, None), Room::Enough);
        assert_eq!(room(&limits, tally(9, 0), 999, Some(99)), Room::DiskFloor);
        assert_eq!(room(&limits, tally(10, 0), 0, Some(100)), Room::TooMany);
        assert_eq!(room(&limits, Tally { attention: 5, ..tally(5, 0) }, 0, Some(100)), Room::TooMany);
        assert_eq!(room(&limits, tally(0, 0), 1_000, Some(100)), Room::TooLarge);
    }
}
