//! A PIN's hash: argon2id (RFC 9106) with a random salt and, where systemd gives one, a pepper that is not on the disk.
//!
//! It is a gate and never a key: six digits fall to whoever has the disk and two core-days, whatever the hash.

use crate::domain::officer::Pin;
use crate::stretch::{Cost, stretch};
use zeroize::Zeroizing;

/// A secret of the machine that is mixed into every hash.
pub type Pepper = Zeroizing<Vec<u8>>;

/// The hash, or nothing where the cost is beyond what argon2 takes or the memory is not there.
pub(super) fn hash(pin: &Pin, salt: &[u8; 16], cost: Cost, pepper: Option<&Pepper>) -> Option<[u8; 32]> {
    stretch(pin.as_bytes(), salt, cost, pepper.map(|pepper| pepper.as_slice())).map(|hash| *hash)
}

/// Compares without telling by its time where the first difference is.
pub(super) fn is_same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.iter().zip(b).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0
}
