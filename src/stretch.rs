//! Argon2id (RFC 9106): what PINs and the text of cards are stretched by, because both can be guessed.

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

/// What one guess costs.
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

/// 32 bytes, or nothing where the cost is beyond what argon2 takes or the memory is not there. `pepper` is a secret of the
/// machine.
pub fn stretch(short: &[u8], salt: &[u8; 16], cost: Cost, pepper: Option<&[u8]>) -> Option<Zeroizing<[u8; 32]>> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).ok()?;
    let argon = match pepper {
        Some(pepper) => Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params).ok()?,
        None => Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
    };
    let mut long = Zeroizing::new([0; 32]);
    argon.hash_password_into(short, salt, &mut *long).ok()?;
    Some(long)
}
