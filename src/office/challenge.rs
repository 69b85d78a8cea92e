//! Challenges: what a kiosk sends back to show that a request was made now. The office keeps no list of them.
//!
//! A challenge is the office's clock and a code over it under a key derived from the receipt key's seed, so that every
//! `intake` process of the same office accepts it. It says when, not who: who is said by the request's signature.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// A challenge counts for ten minutes.
pub const LIFE_MS: i64 = 10 * 60 * 1000;
/// So far the clocks of two processes of one office may be apart.
const SKEW_MS: i64 = 60 * 1000;

const LABEL: &[u8] = b"kiosk-office-v1/challenge";
const PERSONS: &[u8] = b"kiosk-office-v1/persons";
const CODE_BYTES: usize = 16;

/// Makes challenges and knows them again.
pub struct Challenges {
    key: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for Challenges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenges(…)")
    }
}

impl Challenges {
    /// From the seed of the receipt key (HKDF-SHA256, RFC 5869).
    pub fn new(seed: &[u8; 32]) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        // 32 bytes are within what HKDF can give, so the key is always filled.
        let filled = Hkdf::<Sha256>::new(None, seed).expand(LABEL, &mut *key);
        debug_assert!(filled.is_ok());
        Self { key }
    }

    /// The challenge of this moment, Unix milliseconds of the office's clock.
    pub fn make(&self, now_ms: i64) -> String {
        let time = now_ms.to_be_bytes();
        URL_SAFE_NO_PAD.encode([&time[..], &self.code(time)].concat())
    }

    /// True for a challenge of this office that is not older than [`LIFE_MS`].
    pub fn is_fresh(&self, challenge: &str, now_ms: i64) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(challenge) else {
            return false;
        };
        let Some((time, code)) = bytes.split_first_chunk::<8>() else {
            return false;
        };
        let made_ms = i64::from_be_bytes(*time);
        let in_time = made_ms <= now_ms.saturating_add(SKEW_MS) && now_ms.saturating_sub(made_ms) <= LIFE_MS;
        is_same(code, &self.code(*time)) && in_time
    }

    /// HMAC-SHA256 under our key, cut to sixteen bytes: HKDF's first half is exactly that (RFC 5869, 2.2).
    fn code(&self, time: [u8; 8]) -> [u8; CODE_BYTES] {
        let (code, _) = Hkdf::<Sha256>::extract(Some(&*self.key), &time);
        let mut short = [0; CODE_BYTES];
        short.copy_from_slice(&code[..CODE_BYTES]);
        short
    }
}

/// The key under which kiosks make tags of persons: every process of one office gives the same one, and no store holds it.
pub fn person_key(seed: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    // 32 bytes are within what HKDF can give, so the key is always filled.
    let filled = Hkdf::<Sha256>::new(None, seed).expand(PERSONS, &mut *key);
    debug_assert!(filled.is_ok());
    key
}

/// Compares in a time that does not tell where the difference is.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}
