//! What the QR of a citizen card says. The code is unsigned plain text and anyone can print one: a [`CardClaim`] is a
//! claim that fills the form, never proof of who stands there. Fields are read at their place and never shifted.

use std::fmt;

use thiserror::Error;
use zeroize::ZeroizeOnDrop;

use crate::domain::citizen::{CitizenId, Date, IdProblem, NameProblem, PartialDate, PersonName, Sex, tidy};

/// The longest record read, in bytes. A card's code is 150 to 400 bytes long.
pub const MAX_RECORD: usize = 4096;

/// More fields than any card has, extras included; a longer list is some other code.
const MAX_FIELDS: usize = 32;

/// Why a record gave no claim: one variant for each thing the citizen or the officer does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CardProblem {
    /// Some other code (a web address, `VNeID`, a bare number): show the citizen card.
    #[error("not the code of a citizen card")]
    NotACard,
    /// The letters did not arrive as UTF-8: the scanner's settings are wrong, scanning again will not help.
    #[error("the scanner does not send UTF-8")]
    WrongEncoding,
    /// More than [`MAX_RECORD`] bytes.
    #[error("record too long")]
    TooLong,
    /// It is a card's code, cut short or with an unreadable field: scan again.
    #[error("damaged or incomplete record")]
    Garbled,
    /// It carries a nine-digit number: the old CMND, which is not accepted any more.
    #[error("an old nine-digit number")]
    OldCard,
}

/// What one QR says about its holder. Made only by [`parse_qr`]; wiped on drop.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct CardClaim {
    #[zeroize(skip)] // wipes itself
    id: CitizenId,
    old_id: Option<String>,
    #[zeroize(skip)] // wipes itself
    name: PersonName,
    #[zeroize(skip)]
    birth: PartialDate,
    #[zeroize(skip)]
    sex: Sex,
    residence: String,
    #[zeroize(skip)]
    issued: Option<Date>,
    extra: Vec<String>,
}

impl fmt::Debug for CardClaim {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("CardClaim(…)")
    }
}

impl CardClaim {
    /// Field 1, the personal number.
    pub fn id(&self) -> &CitizenId {
        &self.id
    }

    /// Field 2, the number before this one (a CMND of 9 digits, or a 12-digit one); none for who never had one.
    pub fn old_id(&self) -> Option<&str> {
        self.old_id.as_deref()
    }

    /// Field 3, upper-cased.
    pub fn name(&self) -> &PersonName {
        &self.name
    }

    /// Field 4; for some elderly people the year alone.
    pub fn birth(&self) -> PartialDate {
        self.birth
    }

    /// Field 5.
    pub fn sex(&self) -> Sex {
        self.sex
    }

    /// Field 6, the address printed on the card in one line, NFC; may be empty. On cards from July 2024 it is the
    /// place of residence, before that the permanent address.
    pub fn residence(&self) -> &str {
        &self.residence
    }

    /// Field 7, the day the card was issued.
    pub fn issued(&self) -> Option<Date> {
        self.issued
    }

    /// What follows on newer cards, raw. Its order is not published, so nothing here may be used unasked. Begins with
    /// field 7 itself when that is no date although more fields follow.
    pub fn extra(&self) -> &[String] {
        &self.extra
    }
}

/// Reads one record as it came from the scanner: `id|old id|name|ddmmyyyy|Nam or Nữ|residence|ddmmyyyy|extras…`
/// (card of 2021; that of 2024 is read by the same first seven). Six fields are enough.
pub fn parse_qr(record: &[u8]) -> Result<CardClaim, CardProblem> {
    if record.len() > MAX_RECORD {
        return Err(CardProblem::TooLong);
    }
    let record = without_prefixes(record);
    let text = match std::str::from_utf8(record) {
        Ok(text) => text,
        // The end of the record fell inside a letter.
        Err(error) if error.error_len().is_none() && begins_like_a_card(record) => return Err(CardProblem::Garbled),
        Err(_) => return Err(CardProblem::WrongEncoding),
    };
    let fields: Vec<&str> = text.trim_end_matches(is_blank).split('|').take(MAX_FIELDS + 1).collect();
    let id = parse_id(&fields)?;
    let [_, old_id, name, birth, sex, residence, more @ ..] = fields.as_slice() else {
        return Err(CardProblem::Garbled);
    };
    if fields[..6].iter().any(|field| is_mojibake(field)) || has_lost_letters(name, sex, residence) {
        return Err(CardProblem::WrongEncoding);
    }
    let (issued, extra) = parse_issued(more)?;
    Ok(CardClaim {
        id,
        old_id: parse_old_id(old_id)?,
        name: PersonName::parse(name).map_err(|problem| match problem {
            // Đ has the byte of Ð in the Vietnamese code page.
            NameProblem::ForeignLetter => CardProblem::WrongEncoding,
            NameProblem::Empty | NameProblem::TooLong | NameProblem::Character => CardProblem::Garbled,
        })?,
        birth: PartialDate::parse(birth).map_err(|_| CardProblem::Garbled)?,
        sex: parse_sex(sex).ok_or(CardProblem::Garbled)?,
        residence: tidy(residence),
        issued,
        extra: extra.iter().map(|field| (*field).to_owned()).collect(),
    })
}

/// Takes off what scanners put before the code: STX, SYN, a byte order mark, the AIM symbology (`]Q1`) and the ECI of
/// UTF-8 (`\000026`).
fn without_prefixes(mut record: &[u8]) -> &[u8] {
    loop {
        record = match record {
            [0x02 | 0x16, rest @ ..] | [0xEF, 0xBB, 0xBF, rest @ ..] | [b']', b'Q', b'0'..=b'9', rest @ ..] => rest,
            _ => match record.strip_prefix(b"\\000026") {
                Some(rest) => rest,
                None => return record,
            },
        };
    }
}

fn begins_like_a_card(record: &[u8]) -> bool {
    matches!(record.split_at_checked(12), Some((id, [b'|', ..])) if id.iter().all(u8::is_ascii_digit))
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control()
}

fn parse_id(fields: &[&str]) -> Result<CitizenId, CardProblem> {
    let first = fields.first().copied().unwrap_or_default();
    // A number that stands alone is a bar code or something else altogether.
    if fields.len() < 2 || fields.len() > MAX_FIELDS {
        return Err(CardProblem::NotACard);
    }
    // With its sex field in place, it is a card whose beginning was lost.
    let headless = fields.len() >= 6 && fields.get(4).copied().and_then(parse_sex).is_some();
    CitizenId::parse(first).map_err(|problem| match problem {
        IdProblem::OldNineDigits => CardProblem::OldCard,
        IdProblem::Shape if headless => CardProblem::Garbled,
        IdProblem::Shape => CardProblem::NotACard,
    })
}

fn parse_old_id(field: &str) -> Result<Option<String>, CardProblem> {
    let field = field.trim();
    if field.len() > 20 || !field.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(CardProblem::Garbled);
    }
    Ok((!field.is_empty()).then(|| field.to_owned()))
}

fn parse_sex(field: &str) -> Option<Sex> {
    match tidy(field).to_lowercase().as_str() {
        "nam" => Some(Sex::Male),
        "nữ" => Some(Sex::Female),
        _ => None,
    }
}

/// Field 7 and what is kept raw after it. As the last field it must be whole, else the record was cut inside it.
fn parse_issued<'a>(more: &'a [&'a str]) -> Result<(Option<Date>, &'a [&'a str]), CardProblem> {
    let Some((issued, extra)) = more.split_first() else {
        return Ok((None, &[]));
    };
    match Date::parse(issued) {
        Ok(date) => Ok((Some(date), extra)),
        Err(_) if issued.trim().is_empty() => Ok((None, extra)),
        Err(_) if extra.is_empty() => Err(CardProblem::Garbled),
        Err(_) => Ok((None, more)),
    }
}

/// Whether UTF-8 was read as a one-byte code page and encoded again: `Nguyá»…n`. A `Ã` alone is no sign of it, because
/// `XÃ` is a word.
fn is_mojibake(text: &str) -> bool {
    let pairs = text.chars().zip(text.chars().skip(1));
    text.contains('\u{FFFD}')
        || pairs.into_iter().any(|(lead, next)| match lead {
            'á' => matches!(next, '»' | 'º'),
            'Ã' => is_continuation(next) || next.is_lowercase(),
            'Ä' | 'Å' | 'Æ' | 'Ì' => is_continuation(next),
            _ => false,
        })
}

/// Whether the letter is what Latin-1 or Windows-1252 makes of a UTF-8 continuation byte.
fn is_continuation(letter: char) -> bool {
    matches!(letter, '\u{80}'..='\u{BF}') || "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ".contains(letter)
}

/// Whether letters were replaced by `?`, or by what other Vietnamese code pages look like when read as Latin-1: Þ and Ð
/// from Windows-1258, signs such as § and µ from TCVN3.
fn has_lost_letters(name: &str, sex: &str, residence: &str) -> bool {
    let foreign = |letter: char| matches!(letter, '\u{80}'..='\u{9F}' | 'Þ' | 'þ' | 'Ð' | 'ð');
    let sign = |letter: char| matches!(letter, '?' | '\u{A1}'..='\u{AC}' | '\u{AE}'..='\u{BF}');
    [name, sex, residence].iter().any(|field| field.contains(foreign))
        || name.contains(sign)
        || sex.contains(sign)
        || residence.matches('?').count() >= 2
}

#[cfg(test)]
mod tests;
