//! How the kiosk stands, for the officer's eyes: counts, ages and codes, and nobody's name.

use super::Outreach;
use crate::domain::submission::Attention;

/// A wall clock further away from the office's is called wrong, in milliseconds: two minutes.
pub const WALL_CLOCK_WRONG_MS: i64 = 2 * 60 * 1_000;

/// A dossier that waits for an officer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttentionItem {
    /// The submission.
    pub id: [u8; 16],
    /// As on the citizen's slip.
    pub reference: String,
    /// Why.
    pub why: Attention,
    /// For how long, in seconds; `None`: not known.
    pub since_s: Option<u64>,
}

/// What is known of the way to the office.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contact {
    /// Not tried since the start.
    #[default]
    Unknown,
    /// It answers.
    Reached,
    /// It does not answer; last heard so many seconds ago, if ever since the start.
    Lost {
        /// Seconds of running time.
        last_s: Option<u64>,
    },
}

/// Where the device's key lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyStorage {
    /// A file: whoever takes the machine takes the key.
    #[default]
    Software,
    /// A credential that systemd decrypts for this service alone.
    SystemdCredential,
}

/// The office's public keys as this kiosk has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleStanding {
    /// Name of the sealing key in use.
    pub kid: String,
    /// Version of the signed bundle; `None`: the keys are not signed.
    pub version: Option<u64>,
    /// Days until it expires by the office's clock; negative: expired. `None`: does not expire, or no office time known.
    pub expires_days: Option<i64>,
}

/// Everything the officer's screen shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is one lamp of the screen, and none excludes another")]
pub struct Standing {
    /// Waiting to be sent.
    pub queued: u32,
    /// Confirmed by the office.
    pub received: u32,
    /// Waiting for an officer; `items` may show fewer.
    pub attention: u32,
    /// Work is ageing here: too many dossiers wait, or one for too long.
    pub ageing: bool,
    /// Age of the oldest waiting one, in seconds.
    pub oldest_queued_s: Option<u64>,
    /// What waits for an officer, oldest first.
    pub items: Vec<AttentionItem>,
    /// Damaged queues that lie aside.
    pub quarantined: u32,
    /// The queue cannot be read now.
    pub queue_broken: bool,
    /// Free space where the queue lies, in bytes.
    pub free_bytes: Option<u64>,
    /// Below this no session begins, in bytes.
    pub floor_bytes: u64,
    /// No session begins: the disk is at its floor, or the queue at its size.
    pub full: bool,
    /// A line of the queue's journal was altered or is missing.
    pub journal_broken: bool,
    /// The kiosk's wall clock minus the office's signed one, in milliseconds; `None`: the office has not told.
    pub clock_offset_ms: Option<i64>,
    /// The way to the office.
    pub contact: Contact,
    /// The kiosk's name at the office.
    pub kiosk_id: String,
    /// The first characters of the device's public key.
    pub device_key: String,
    /// Where the device's key lies.
    pub key_storage: KeyStorage,
    /// The office's keys; `None`: not installed.
    pub bundle: Option<BundleStanding>,
    /// The first characters of the database's epoch.
    pub db_epoch: Option<String>,
    /// The program's version.
    pub version: String,
    /// The open outreach session.
    pub outreach: Option<Outreach>,
}

impl Standing {
    /// The wall clock is wrong, by the office's word. It decides nothing here, but people read it.
    pub fn is_clock_wrong(&self) -> bool {
        self.clock_offset_ms.is_some_and(|offset_ms| offset_ms.abs() > WALL_CLOCK_WRONG_MS)
    }
}
