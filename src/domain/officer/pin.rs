//! What an officer types and nobody may read again: the PIN, and the office's one-time code.

use zeroize::Zeroizing;

/// Digits of a PIN, at least.
pub const MIN_DIGITS: usize = 6;
/// Digits of a PIN, at most.
pub const MAX_DIGITS: usize = 12;
/// Characters of a one-time code, without the hyphen.
pub const CODE_CHARS: usize = 10;
/// Crockford's base 32: no I, L, O and U.
const CROCKFORD: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Why this cannot be a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinProblem {
    /// Something else than 6 to 12 digits.
    Shape,
    /// One of those that are guessed first.
    Trivial,
}

/// 6 to 12 digits. Wiped when dropped, and never printed.
pub struct Pin(Zeroizing<String>);

impl Pin {
    /// A PIN to be tried: only its shape counts.
    pub fn typed(digits: Zeroizing<String>) -> Result<Self, PinProblem> {
        let is_long_enough = (MIN_DIGITS..=MAX_DIGITS).contains(&digits.len());
        let are_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_long_enough && are_digits { Ok(Self(digits)) } else { Err(PinProblem::Shape) }
    }

    /// A PIN to be set: not one of those that are guessed first.
    pub fn chosen(digits: Zeroizing<String>) -> Result<Self, PinProblem> {
        let pin = Self::typed(digits)?;
        if is_trivial(pin.0.as_bytes()) { Err(PinProblem::Trivial) } else { Ok(pin) }
    }

    /// For the comparison.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Digits that repeat a pattern (000000, 121212, 123123) or rise or fall in even steps (123456, 987654, 135791).
fn is_trivial(digits: &[u8]) -> bool {
    let repeats = |period: usize| digits.iter().zip(digits.iter().skip(period)).all(|(a, b)| a == b);
    let steps = |step: u8| digits.iter().zip(digits.iter().skip(1)).all(|(a, b)| (a - b'0' + step) % 10 == b - b'0');
    (1..=digits.len() / 2).any(repeats) || (0..10).any(steps)
}

/// The office's one-time code for enrolment: ten characters of Crockford's base 32. Never printed.
pub struct EnrolCode(Zeroizing<String>);

impl EnrolCode {
    /// The code as typed, without its hyphen. `None`: not ten of the right characters.
    pub fn parse(typed: &str) -> Option<Self> {
        // Made once in its full size: a string that grows leaves copies behind.
        let mut code = Zeroizing::new(String::with_capacity(CODE_CHARS));
        for sign in typed.chars() {
            let has_room = code.len() < CODE_CHARS;
            code.push(code_sign(sign).filter(|_| has_room)?);
        }
        (code.len() == CODE_CHARS).then_some(Self(code))
    }

    /// Ten capital characters, for the office.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The character of a code that is meant by `typed`: lower case is as good, O is nought, I and L are one.
pub fn code_sign(typed: char) -> Option<char> {
    let meant = match typed.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    CROCKFORD.contains(meant).then_some(meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(digits: &str) -> Option<PinProblem> {
        Pin::chosen(Zeroizing::new(digits.to_owned())).err()
    }

    #[test]
    fn the_pins_that_are_guessed_first_are_refused() {
        for digits in ["000000", "99999999999", "123456", "234567890", "654321", "098765", "121212", "123123", "135791"]
        {
            assert_eq!(chosen(digits), Some(PinProblem::Trivial), "{digits}");
        }
        for digits in ["739152", "100200", "31415926", "11235813213"] {
            assert_eq!(chosen(digits), None, "{digits}");
        }
    }

    #[test]
    fn a_pin_is_six_to_twelve_digits_and_nothing_else() {
        for digits in ["", "73915", "0001234567899", "73915a", "７３９１５２", "73915 "] {
            assert_eq!(chosen(digits), Some(PinProblem::Shape), "{digits}");
        }
    }

    #[test]
    fn a_code_is_read_as_people_write_it() {
        assert_eq!(EnrolCode::parse("7f3koil2qx").map(|code| code.as_str().to_owned()).as_deref(), Some("7F3K0112QX"));
        for wrong in ["7F3K9-2QX4", "7F3K92QX4", "7F3K92QX4BB", "7F3K92QX4U", "ĐF3K92QX4B"] {
            assert!(EnrolCode::parse(wrong).is_none(), "{wrong}");
        }
    }
}
