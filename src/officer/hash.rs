//! A PIN's hash: argon2id (RFC 9106) with a random salt and, where systemd gives one, a pepper that is not on the disk.
//!
//! It is a gate and never a key: six digits fall to whoever has the disk and two core-days, whatever the hash.

use crate::domain::officer::Pin;
use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

/// What one comparison costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// RFC 9106, second recommended option, on one lane: 64 MiB, three passes; about a quarter of a second.
    pub const FULL: Self = Self { memory_kib: 64 * 1_024, passes: 3 };
}

/// A secret of the machine that is mixed into every hash.
pub type Pepper = Zeroizing<Vec<u8>>;

/// The hash, or nothing where the cost is beyond what argon2 takes or the memory is not there.
pub(super) fn hash(pin: &Pin, salt: &[u8; 16], cost: Cost, pepper: Option<&Pepper>) -> Option<[u8; 32]> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).ok()?;
    let argon = match pepper {
        Some(pepper) => Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params).ok()?,
        None => Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
    };
    let mut hash = [0; 32];
    argon.hash_password_into(pin.as_bytes(), salt, &mut hash).ok()?;
    Some(hash)
}

/// Compares without telling by its time where the first difference is.
pub(super) fn is_same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.iter().zip(b).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0
}
