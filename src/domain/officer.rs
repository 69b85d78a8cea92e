//! The officer's side of the kiosk: who may open the door, and what stands behind it. Nothing here is personal.

mod lockout;
mod outreach;
mod pin;
mod standing;

pub use lockout::{FREE_TRIES, LONGEST_MS, Lockout, Running, Shut};
pub use outreach::{Count, Counts, MAX_PLACE_CHARS, MAX_TEAM_CHARS, Outreach};
pub use pin::{CODE_CHARS, EnrolCode, MAX_DIGITS, MIN_DIGITS, Pin, PinProblem, code_sign};
pub use standing::{AttentionItem, BundleStanding, Contact, KeyStorage, Standing, WALL_CLOCK_WRONG_MS};

/// The door before anything is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// A PIN may be tried.
    Ready,
    /// Shut for so many more seconds of running time.
    Locked {
        /// Seconds, at least 1.
        left_s: u32,
    },
    /// No officer has been set up: `kiosk officer add`.
    NoOfficer,
    /// The officers' file cannot be used.
    Broken,
}

/// What came of one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The PIN is this officer's.
    Granted {
        /// The officer's label.
        officer: String,
    },
    /// It is nobody's.
    Wrong {
        /// Tries until the door shuts.
        left: u32,
    },
    /// Shut, and nothing was compared.
    Locked {
        /// Seconds, at least 1.
        left_s: u32,
    },
    /// No officer has been set up.
    NoOfficer,
    /// The officers' file cannot be used; nothing was compared.
    Broken,
}

/// What an officer asks of the kiosk. Roles, cards, the board, the roster and reports will be further orders.
pub enum Order {
    /// How things are; answered by [`Standing`].
    Report,
    /// Send this dossier once more. Its submission's id.
    TryAgain([u8; 16]),
    /// Write the sealed queue to the stick.
    Export,
    /// Do not wait for the next attempt.
    SendNow,
    /// Enrol this kiosk at the office.
    Enrol(EnrolCode),
    /// Begin an outreach session.
    OpenOutreach {
        /// Where.
        place: String,
        /// Which team; a label, no person's name.
        team: String,
    },
    /// End it.
    CloseOutreach,
}

/// What came of an [`Order`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// The dossier waits to be sent again.
    Requeued,
    /// An attempt is being made.
    Sending,
    /// So many sealed dossiers are on the stick.
    Exported(u32),
    /// No stick is plugged in, or it cannot be written to.
    NoStick,
    /// The office has admitted this kiosk.
    Enrolled,
    /// The office does not know this code, or it has been used.
    CodeRefused,
    /// The office does not answer.
    Offline,
    /// The outreach session is open.
    Opened,
    /// It is closed; its sums.
    Closed(Box<Outreach>),
    /// It could not be done now.
    Failed,
}
