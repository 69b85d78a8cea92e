//! What the QR of a slip says: whose dossier it opens, or what somebody answered before the form.

use super::triage::Answers;
use zeroize::Zeroizing;

/// Characters of a slip's secret: 32 bytes in base64url without padding (RFC 4648, section 5).
const SECRET_CHARS: usize = 43;

/// A slip's secret as it stands behind the `#`. Never shown, never logged; wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct SlipKey(Zeroizing<String>);

impl SlipKey {
    /// The fragment.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SlipKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SlipKey")
    }
}

/// A slip held to the reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlipQr {
    /// The small slip of the triage: coded answers, nothing personal.
    Triage(Answers),
    /// The slip of a dossier.
    Dossier(SlipKey),
}

/// Why something that looks like a slip is none of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotASlip {
    /// No address of a slip at all.
    Other,
    /// The address of another office: that office's kiosks open it.
    Foreign,
    /// Ours, but what is behind the `#` is damaged.
    Damaged,
}

/// Understands what the reader read. `page` is the office's page, the address up to the `#`.
pub fn parse(record: &[u8], page: &str) -> Result<SlipQr, NotASlip> {
    let text = std::str::from_utf8(record).map_err(|_| NotASlip::Other)?.trim();
    let (address, fragment) = text.split_once('#').ok_or(NotASlip::Other)?;
    if address != page {
        let is_alike = address.starts_with("https://") && address.ends_with("/h");
        return Err(if is_alike { NotASlip::Foreign } else { NotASlip::Other });
    }
    if let Some(answers) = Answers::parse(fragment) {
        return Ok(SlipQr::Triage(answers));
    }
    let is_secret = fragment.len() == SECRET_CHARS
        && fragment.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if is_secret { Ok(SlipQr::Dossier(SlipKey(Zeroizing::new(fragment.to_owned())))) } else { Err(NotASlip::Damaged) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "https://tram-thu-nghiem.invalid/h";

    #[test]
    fn a_slip_is_known_by_its_address_and_its_shape() {
        let secret = "A".repeat(42) + "_";
        let read = |text: &str| parse(text.as_bytes(), PAGE);
        assert!(matches!(read(&format!("{PAGE}#{secret}")), Ok(SlipQr::Dossier(key)) if key.as_str() == secret));
        assert_eq!(read(&format!("{PAGE}#t1.--------")), Ok(SlipQr::Triage(Answers::default())));
        assert_eq!(read(&format!("{PAGE}#{}", &secret[1..])), Err(NotASlip::Damaged));
        assert_eq!(read(&format!("{PAGE}#t1.x")), Err(NotASlip::Damaged));
        assert_eq!(read(&format!("https://khac.invalid/h#{secret}")), Err(NotASlip::Foreign));
        assert_eq!(read("000090000019||Thử|01011990|Nam|Thử|15042021"), Err(NotASlip::Other));
        assert_eq!(parse(b"\xff#", PAGE), Err(NotASlip::Other));
    }
}
