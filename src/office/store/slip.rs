//! The citizen's slip as the office knows it: found by the hash of what only its secret gives.

use super::Stored;

/// Openings without a right card after which a slip opens nothing any more (domain decision, as at the kiosk).
pub const MAX_OPENINGS: u32 = 5;

/// SHA-256 of HKDF(secret, `lookup`), as it stands in the manifest.
pub type LookupHash = [u8; 32];

/// The newest version of the dossier behind a slip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// What its receipt says.
    pub newest: Stored,
    /// The manifest's bytes as signed.
    pub manifest: Vec<u8>,
    /// Openings that no right card has followed.
    pub openings: u32,
    /// Voided by an officer at this time, Unix milliseconds.
    pub void_ms: Option<i64>,
    /// The portal's code, once recorded.
    pub portal_code: Option<String>,
}

impl Slip {
    /// Nothing is handed out any more: an officer said so, or too many openings have failed.
    pub fn is_void(&self) -> bool {
        self.void_ms.is_some() || self.openings > MAX_OPENINGS
    }
}
