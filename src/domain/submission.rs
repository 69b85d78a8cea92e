//! The life of a sealed submission after it is saved: what one attempt to send it means, and when to try again.
//!
//! Pure arithmetic: the whole policy is in [`verdict`] and [`delay_ms`].

/// What came of one exchange with the office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A receipt for exactly this submission, signed by the office.
    Receipt,
    /// The office lacks these parts.
    MissingParts(Vec<u16>),
    /// No connection, no answer in time, or an answer that only something between us and the office gives.
    Offline,
    /// An answer that is not the office's: a captive portal, a proxy, a receipt that does not verify.
    NotTheOffice,
    /// An answer in the office's form, signed by a key that is not in our bundle: perhaps the bundle is too old.
    UnknownKey,
    /// The office is there and has no time; it may say for how long, in seconds.
    Busy(Option<u32>),
    /// The body arrived damaged.
    Torn,
    /// The office does not know this kiosk or its key.
    Denied,
    /// The id stands for other content at the office.
    Conflict,
    /// The office has other dossiers under this kiosk's numbers: its disk was put back to an older state.
    EpochRollback,
    /// The office will never take this one.
    Refused,
    /// A part the office asks for is not here, or does not stay there.
    PartsVanish,
}

/// What becomes of the submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Delivered.
    Done,
    /// Send these parts and ask again at once.
    SendParts(Vec<u16>),
    /// The way is closed for everyone: wait, then try again. Not this submission's fault.
    Wait,
    /// The office asks for this pause, in milliseconds.
    WaitFor(u64),
    /// Try this one again; its own count of failures grows.
    Again,
    /// An officer has to look; the queue flows on.
    Attention(Attention),
    /// Nothing will be accepted until the kiosk is enrolled: stop, say so, keep queueing.
    Stop,
}

/// Why a submission waits for an officer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attention {
    /// Same id, other content.
    Conflict,
    /// Numbers used before, by a disk that was put back to an older state.
    EpochRollback,
    /// Refused for good.
    Refused,
    /// Damaged on the way again and again.
    Torn,
    /// A part is missing here, or vanishes at the office again and again.
    Incomplete,
    /// What is stored here is not what was signed: the disk has altered it.
    Damaged,
    /// The office has it and gives it back: the citizen has to come again.
    Returned,
}

impl Attention {
    /// Name in the queue and its listing.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::EpochRollback => "epoch-rollback",
            Self::Refused => "refused",
            Self::Torn => "torn",
            Self::Incomplete => "incomplete",
            Self::Damaged => "damaged",
            Self::Returned => "returned",
        }
    }

    /// The reason of that name.
    pub fn from_code(code: &str) -> Option<Self> {
        let all = [
            Self::Conflict,
            Self::EpochRollback,
            Self::Refused,
            Self::Torn,
            Self::Incomplete,
            Self::Damaged,
            Self::Returned,
        ];
        all.into_iter().find(|why| why.code() == code)
    }
}

/// Failures of its own after which a submission is left to an officer.
pub const MAX_TORN: u32 = 3;
/// First ceiling of the pause, in milliseconds.
pub const FIRST_PAUSE_MS: u64 = 2_000;
/// The pause never gets longer, in milliseconds.
pub const LONGEST_PAUSE_MS: u64 = 15 * 60 * 1_000;
/// The longest pause the office may ask for, in seconds.
pub const LONGEST_BUSY_S: u32 = 3_600;

/// What one outcome means. `failures` counts this submission's own earlier failures.
pub fn verdict(outcome: &Outcome, failures: u32) -> Verdict {
    match outcome {
        Outcome::Receipt => Verdict::Done,
        Outcome::MissingParts(parts) => Verdict::SendParts(parts.clone()),
        Outcome::Offline | Outcome::NotTheOffice | Outcome::UnknownKey | Outcome::Busy(None) => Verdict::Wait,
        Outcome::Busy(Some(seconds)) => Verdict::WaitFor(u64::from((*seconds).clamp(1, LONGEST_BUSY_S)) * 1_000),
        Outcome::Torn | Outcome::PartsVanish if failures < MAX_TORN => Verdict::Again,
        Outcome::Torn => Verdict::Attention(Attention::Torn),
        Outcome::PartsVanish => Verdict::Attention(Attention::Incomplete),
        Outcome::Denied => Verdict::Stop,
        Outcome::Conflict => Verdict::Attention(Attention::Conflict),
        Outcome::EpochRollback => Verdict::Attention(Attention::EpochRollback),
        Outcome::Refused => Verdict::Attention(Attention::Refused),
    }
}

/// How long one request may take before it counts as [`Outcome::Offline`], in milliseconds: 10 s, and what its body needs at
/// 4 KB a second.
pub const fn deadline_ms(bytes: u64) -> u64 {
    10_000 + bytes / 4
}

/// The pause before the next attempt, in milliseconds: full jitter, `0 ..= min(cap, first * 2^failures)`.
///
/// `random` is a uniform 64-bit number; `longest_ms` the configured cap, at most [`LONGEST_PAUSE_MS`].
pub fn delay_ms(failures: u32, random: u64, longest_ms: u64) -> u64 {
    let cap = longest_ms.min(LONGEST_PAUSE_MS);
    let ceiling = FIRST_PAUSE_MS.saturating_mul(1_u64.checked_shl(failures.min(32)).unwrap_or(u64::MAX)).min(cap);
    random % (ceiling + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_receipt_makes_a_submission_delivered() {
        let others = [
            Outcome::MissingParts(vec![0]),
            Outcome::Offline,
            Outcome::NotTheOffice,
            Outcome::UnknownKey,
            Outcome::Busy(None),
            Outcome::Busy(Some(5)),
            Outcome::Torn,
            Outcome::Denied,
            Outcome::Conflict,
            Outcome::EpochRollback,
            Outcome::Refused,
            Outcome::PartsVanish,
        ];
        assert_eq!(verdict(&Outcome::Receipt, 9), Verdict::Done);
        for outcome in others {
            assert_ne!(verdict(&outcome, 0), Verdict::Done, "{outcome:?}");
        }
    }

    #[test]
    fn a_closed_way_is_never_one_submissions_fault() {
        for failures in 0..50 {
            assert_eq!(verdict(&Outcome::Offline, failures), Verdict::Wait);
            assert_eq!(verdict(&Outcome::NotTheOffice, failures), Verdict::Wait);
        }
    }

    #[test]
    fn a_body_torn_too_often_is_left_to_an_officer() {
        assert_eq!(verdict(&Outcome::Torn, MAX_TORN - 1), Verdict::Again);
        assert_eq!(verdict(&Outcome::Torn, MAX_TORN), Verdict::Attention(Attention::Torn));
    }

    #[test]
    fn the_pause_is_spread_over_everything_below_a_growing_ceiling() {
        let mut rng = fastrand::Rng::with_seed(7);
        for failures in 0..70 {
            let ceiling =
                (u128::from(FIRST_PAUSE_MS) * (1_u128 << failures.min(40))).min(u128::from(LONGEST_PAUSE_MS)) as u64;
            let pauses: Vec<u64> = (0..400).map(|_| delay_ms(failures, rng.u64(..), u64::MAX)).collect();
            assert!(pauses.iter().all(|pause| *pause <= ceiling));
            assert!(pauses.iter().any(|pause| *pause < ceiling / 4), "no low pauses: not full jitter");
            assert!(pauses.iter().any(|pause| *pause > ceiling / 4 * 3), "no high pauses");
        }
        assert!(delay_ms(60, u64::MAX, 500) <= 500, "a configured cap holds");
    }
}
