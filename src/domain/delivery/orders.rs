//! What the machine is told, and what it orders.

use crate::domain::submission::{Attention, Outcome};
use uuid::Uuid;

/// How to behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// No pause of our own is longer, in milliseconds; at most [`LONGEST_PAUSE_MS`](crate::domain::submission::LONGEST_PAUSE_MS).
    pub longest_pause_ms: u64,
    /// Version of the key bundle in hand.
    pub bundle_version: u64,
}

/// A claimed submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Which.
    pub id: Uuid,
    /// Failures of its own so far, as kept in the queue.
    pub failures: u32,
}

/// What the office says of itself in a signed answer to a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Office {
    /// Its clock, Unix milliseconds.
    pub office_ms: i64,
    /// Random at each birth of its store.
    pub epoch: [u8; 16],
    /// Receipts of this epoch up to this number are in its backup.
    pub durable_through: u64,
    /// The newest key bundle it has.
    pub bundle_version: u64,
}

/// What happened. Every order but [`Order::Tell`], [`Order::Seen`] and a release is answered by exactly one of these,
/// in whatever order; an exchange that never ends is ended by the driver's deadline with [`Outcome::Offline`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The kiosk runs.
    Started,
    /// The moment of [`Delivery::next_wake_ms`](super::Delivery::next_wake_ms).
    Wake,
    /// Something became due: saved, put back by an officer, or requeued because the office's epoch changed.
    Saved,
    /// Answer to [`Order::Claim`]: leased, oldest first, each handed out to nobody else.
    Claimed(Vec<Ticket>),
    /// Answer to [`Order::Claim`]: the queue did not answer.
    ClaimFailed,
    /// Answer to [`Order::Offer`].
    Exchanged {
        /// Which.
        id: Uuid,
        /// What came of it.
        outcome: Outcome,
    },
    /// Answer to [`Order::SendPart`].
    PartSent {
        /// Which submission.
        id: Uuid,
        /// Which part.
        n: u16,
        /// Whether the office has it.
        result: Result<(), Outcome>,
    },
    /// Answer to every [`Order::Record`] but a release: whether it is on the disk. If not, the driver has released it.
    Recorded(bool),
    /// Answer to [`Order::Ping`]; only a verified signature is `Ok`.
    Pinged(Result<Office, Outcome>),
    /// Answer to [`Order::Beat`].
    Beaten(Result<(), Outcome>),
    /// Answer to [`Order::PullStatuses`].
    StatusesTaken(Result<(), Outcome>),
    /// Answer to [`Order::FetchKeys`]: the version now in hand.
    KeysTaken(Result<u64, Outcome>),
    /// An address or a link changed: perhaps the way is open again.
    NetworkHint,
    /// An officer pressed "try now", or enrolled the kiosk.
    OfficerSaysTry,
}

/// What becomes of a claimed submission; each ends in exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// Its receipt, which the driver holds and has verified.
    Received,
    /// A failure of its own.
    Failed,
    /// An officer has to look.
    Attention(Attention),
    /// Nothing: it is due as before.
    Release,
}

/// What is known of the way to the office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It proved itself, and takes what we send.
    Online,
    /// No connection.
    Offline,
    /// Something else answers in its place: a captive portal, a proxy.
    NotTheOffice,
    /// It asks for a pause.
    Busy,
    /// It does not know this kiosk: an officer has to enrol it.
    Denied,
}

/// What the driver is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Lease up to so many due submissions, oldest first.
    Claim(usize),
    /// Offer the manifest.
    Offer(Uuid),
    /// Send one part; one that is not here is [`Outcome::PartsVanish`].
    SendPart {
        /// Which submission.
        id: Uuid,
        /// Which part.
        n: u16,
    },
    /// Write down what became of it, which ends the lease.
    Record {
        /// Which.
        id: Uuid,
        /// What.
        what: Record,
    },
    /// Ask the office to prove itself, with a fresh nonce.
    Ping,
    /// Send a heartbeat.
    Beat,
    /// Pull statuses from the cursor until there are no more.
    PullStatuses,
    /// Get the newest key bundle: the office has a newer one, or signs with a key that ours does not name.
    FetchKeys,
    /// Tell the queue what the office said of itself: erasure and requeueing rest on it. When that made something due,
    /// [`Input::Saved`] follows.
    Seen(Office),
    /// Tell screen and journal; only when it changed.
    Tell(Reach),
}
