//! Enrolment codes: ten characters that an officer reads from the office's terminal and types at the kiosk, once.

use crate::envelope::is_kiosk_id;
use crate::office::store::CodeHash;
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// A code is good for a day.
pub const LIFE_MS: i64 = 24 * 60 * 60 * 1000;

/// Crockford's base 32: no I, L, O or U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 10;
const LABEL: &[u8] = b"kiosk-office-v1/code";

/// A code in the clear: 50 random bits. Wiped when dropped, and not printed by `{:?}`.
pub struct Code(Zeroizing<[u8; LENGTH]>);

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

impl Code {
    /// Draws a code.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        getrandom::fill(&mut *bytes)?;
        Ok(Self(Zeroizing::new(bytes.map(|byte| DIGITS[usize::from(byte % 32)]))))
    }

    /// What somebody typed: hyphens and spaces do not count, nor do small letters, and O, I and L are read as the digits
    /// they look like.
    pub fn parse(text: &str) -> Option<Self> {
        let mut code = Zeroizing::new([0; LENGTH]);
        let mut places = code.iter_mut();
        for typed in text.bytes().filter(|b| !matches!(b, b'-' | b' ')) {
            let digit = match typed.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            };
            *places.next()? = Some(digit).filter(|digit| DIGITS.contains(digit))?;
        }
        places.next().is_none().then_some(Self(code))
    }

    /// As it is shown to people: `XXXXX-XXXXX`.
    pub fn shown(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(LENGTH + 1));
        for (place, digit) in self.0.iter().enumerate() {
            if place == LENGTH / 2 {
                text.push('-');
            }
            text.push(char::from(*digit));
        }
        text
    }

    /// What the office keeps of it, bound to the kiosk's name. `None`: that is no name of a kiosk.
    pub fn hash(&self, kiosk_id: &str) -> Option<CodeHash> {
        let hash = || Sha256::new().chain_update(LABEL).chain_update([0]).chain_update(kiosk_id).chain_update([0]);
        is_kiosk_id(kiosk_id).then(|| hash().chain_update(*self.0).finalize().into())
    }
}
