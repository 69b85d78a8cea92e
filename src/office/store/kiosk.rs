//! Who may deliver: kiosks by name and key, and the one-time codes with which they enrol.

use super::{Kept, StoreError};
use crate::envelope::is_kiosk_id;
use ed25519_dalek::VerifyingKey;

/// This many wrong tries kill an enrolment code.
pub const MAX_WRONG_CODES: u8 = 5;

/// SHA-256 of an enrolment code: 50 random bits, alive for hours.
pub type CodeHash = [u8; 32];

/// An enrolled kiosk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kiosk {
    /// Checks its signatures.
    pub key: VerifyingKey,
    /// What people call it.
    pub name: String,
    /// Where its key lives, in its own words; see [`crate::gateway::wire::Beat::key_storage`]. Empty: not said.
    pub key_storage: String,
    /// It may no longer deliver; what it delivered stays.
    pub revoked: bool,
}

/// A kiosk as the office's technician sees it in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Where its key lives, as it said last. Empty: not said.
    pub key_storage: String,
    /// It may no longer deliver.
    pub revoked: bool,
    /// When it was admitted, Unix milliseconds.
    pub enrolled_ms: i64,
    /// Its last heartbeat.
    pub heard: Option<Heard>,
}

/// A kiosk's last heartbeat, counts as the databases hold them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// Version of its program.
    pub program: String,
    /// Dossiers not yet confirmed.
    pub queued: i64,
    /// Dossiers confirmed.
    pub received: i64,
    /// Dossiers that wait for an officer.
    pub attention: i64,
    /// Age of the oldest unconfirmed one, in seconds.
    pub oldest_queued_s: Option<i64>,
    /// Its wall clock less the office's, in milliseconds.
    pub clock_offset_ms: i64,
    /// Free bytes on its disk.
    pub disk_free_bytes: i64,
    /// Damaged queues that lie aside.
    pub quarantined: i64,
    /// Version of the key bundle it uses.
    pub bundle_version: i64,
    /// Since when its journal does not fit what was heard before, Unix milliseconds.
    pub broken_ms: Option<i64>,
}

/// All kiosks, one row each in the order of [`Listed`] and [`Heard`]. Both databases understand it.
pub(super) const LIST: &str = "SELECT k.id, k.name, coalesce(b.key_storage, k.key_storage), k.revoked, k.enrolled_ms,
        b.heard_ms, b.program, b.queued, b.received, b.attention, b.oldest_queued_s, b.clock_offset_ms,
        b.disk_free_bytes, b.quarantined, b.bundle_version, b.broken_ms
    FROM kiosk k LEFT JOIN beat b ON b.kiosk_id = k.id ORDER BY k.id";

/// A kiosk that is to be admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// Its name.
    pub kiosk_id: String,
    /// Checks its signatures.
    pub key: VerifyingKey,
    /// What people call it; may be empty.
    pub name: String,
    /// As in [`Kiosk::key_storage`].
    pub key_storage: String,
}

/// What became of an enrolment code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redeemed {
    /// The kiosk is enrolled; [`Kept::Again`] if the same kiosk came twice with its code, its first answer lost.
    Enrolled(Kept),
    /// Not the code. So many tries are left.
    Wrong(u8),
    /// There is no such code: never made, expired, used by another key, or tried too often.
    Void,
}

/// A kiosk's name, if it is one.
pub(super) fn checked_name(kiosk_id: &str) -> Result<&str, StoreError> {
    if is_kiosk_id(kiosk_id) { Ok(kiosk_id) } else { Err(StoreError::KioskName) }
}

/// Whether an enrolment changes anything, given who has that name now.
pub(super) fn admit(known: Option<&Kiosk>, enrolment: &Enrolment) -> Result<Kept, StoreError> {
    checked_name(&enrolment.kiosk_id)?;
    match known {
        Some(kiosk) if kiosk.revoked => Err(StoreError::Revoked),
        Some(kiosk) if kiosk.key != enrolment.key => Err(StoreError::OtherKey),
        Some(_) => Ok(Kept::Again),
        None => Ok(Kept::New),
    }
}

/// An offered code as a store has it.
pub(super) struct Offered {
    pub(super) code: CodeHash,
    pub(super) expires_ms: i64,
    pub(super) wrong_tries: u8,
    pub(super) used_key: Option<[u8; 32]>,
}

/// What a try with a code comes to.
pub(super) enum Try {
    /// Enrol the kiosk and mark the code as used by its key.
    Right,
    /// Count it; so many tries are left afterwards.
    Wrong(u8),
    /// Change nothing.
    Void,
}

/// Judges a try. A code that was used still counts as right for the key that used it: the answer may have been lost.
pub(super) fn judge(offered: Option<&Offered>, code: &CodeHash, key: &VerifyingKey, now_ms: i64) -> Try {
    let Some(offered) = offered.filter(|o| now_ms < o.expires_ms && o.wrong_tries < MAX_WRONG_CODES) else {
        return Try::Void;
    };
    if offered.code != *code {
        return Try::Wrong(MAX_WRONG_CODES - 1 - offered.wrong_tries);
    }
    let may_use = offered.used_key.is_none_or(|used| used == *key.as_bytes());
    if may_use { Try::Right } else { Try::Void }
}
