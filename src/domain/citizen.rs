//! Checked values about one person: number, name, dates, phone, email. Each is made by its `parse` and cannot be
//! wrong in shape afterwards. None of them shows its value through `Debug`, and the text in them is wiped on drop.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// Gives types a `Debug` that names the type and keeps the person's value out of journals and test output.
macro_rules! silent_debug {
    ($($name:ident),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )+};
}
silent_debug!(CitizenId, Sex, PartialDate, Date, Phone, PersonName, Email);

/// Lends the text of a value.
macro_rules! as_str {
    ($($name:ident),+) => {$(
        impl $name {
            /// The checked text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    )+};
}
as_str!(CitizenId, Phone, PersonName, Email);

/// Sex as the card and the form print it: Nam or Nữ.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// Nam.
    Male,
    /// Nữ.
    Female,
}

/// Why a text is no personal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IdProblem {
    /// Nine digits: the number of the old CMND, invalid since 2025. The citizen needs the 12-digit one.
    #[error("nine digits: an old CMND number")]
    OldNineDigits,
    /// Anything else that is not 12 digits.
    #[error("not 12 digits")]
    Shape,
}

/// The personal number: 12 ASCII digits `PPP G YY NNNNNN` (place of birth registration, century and sex, year,
/// serial). It has no check digit, and the place is not checked: old province codes and country codes live on in it.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct CitizenId(String);

impl CitizenId {
    /// Reads 12 ASCII digits; white space around them is ignored.
    pub fn parse(text: &str) -> Result<Self, IdProblem> {
        let text = text.trim();
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(IdProblem::Shape);
        }
        match text.len() {
            12 => Ok(Self(text.to_owned())),
            9 => Err(IdProblem::OldNineDigits),
            _ => Err(IdProblem::Shape),
        }
    }

    /// Nine bullets and the last three digits, for slips and screens that others can see.
    pub fn masked(&self) -> String {
        format!("•••••••••{}", self.0.get(9..).unwrap_or_default())
    }

    /// The sex the fourth digit was issued for: even is male. It may have changed legally since.
    pub fn sex(&self) -> Sex {
        match self.digit(3) % 2 {
            0 => Sex::Male,
            _ => Sex::Female,
        }
    }

    /// The year of birth, four digits, from digits four (0 and 1 are 19xx, 2 and 3 are 20xx …) to six.
    pub fn century_year(&self) -> u16 {
        1900 + self.digit(3) / 2 * 100 + self.digit(4) * 10 + self.digit(5)
    }

    /// Whether the number was issued for this sex. A difference is worth a question, never a refusal.
    pub fn agrees_with_sex(&self, sex: Sex) -> bool {
        self.sex() == sex
    }

    /// Whether the number was issued for this four-digit year of birth.
    pub fn agrees_with_year(&self, year: u16) -> bool {
        self.century_year() == year
    }

    fn digit(&self, index: usize) -> u16 {
        self.0.as_bytes().get(index).map_or(0, |byte| u16::from(byte - b'0'))
    }
}

/// Why a text is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DateProblem {
    /// Not written as a date.
    #[error("not written as a date")]
    Shape,
    /// Written as a date that the calendar does not have, or outside the years 1880 to 2199.
    #[error("no such day")]
    Impossible,
}

const YEARS: RangeInclusive<u16> = 1880..=2199;

/// A date of which day, or day and month, may be unknown, as on the papers of many elderly people. Gregorian, years
/// 1880 to 2199. Ordered by year, month, day; an unknown part comes before every known one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartialDate {
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
}

impl PartialDate {
    /// Puts a date together. A day without its month is [`DateProblem::Impossible`].
    pub fn new(year: u16, month: Option<u8>, day: Option<u8>) -> Result<Self, DateProblem> {
        let days = month.map_or(0, |month| days_in(year, month));
        let possible =
            YEARS.contains(&year) && (month.is_none() || days > 0) && day.is_none_or(|day| (1..=days).contains(&day));
        possible.then_some(Self { year, month, day }).ok_or(DateProblem::Impossible)
    }

    /// Reads `dd/mm/yyyy`, `d/m/yyyy`, `mm/yyyy`, `yyyy` and the card's `ddmmyyyy`. A day or month of zeros is unknown,
    /// as in `00001960`. White space around it is ignored.
    pub fn parse(text: &str) -> Result<Self, DateProblem> {
        let text = text.trim();
        if text.len() > "dd/mm/yyyy".len() {
            return Err(DateProblem::Shape);
        }
        let parts: Vec<&str> = text.split('/').collect();
        let (day, month, year) = match parts.as_slice() {
            [day, month, year] => (*day, *month, *year),
            [month, year] => ("0", *month, *year),
            [run] if run.len() == 8 && run.is_ascii() => (&run[..2], &run[2..4], &run[4..]),
            [year] => ("0", "0", *year),
            _ => return Err(DateProblem::Shape),
        };
        let part = |text| Ok(Some(number(text, 1..=2)?).filter(|part: &u8| *part != 0));
        Self::new(number(year, 4..=4)?, part(month)?, part(day)?)
    }

    /// `dd/mm/yyyy`, `mm/yyyy` or `yyyy`, as far as it is known.
    pub fn to_string_vi(self) -> String {
        match (self.month, self.day) {
            (Some(month), Some(day)) => format!("{day:02}/{month:02}/{:04}", self.year),
            (Some(month), None) => format!("{month:02}/{:04}", self.year),
            (None, _) => format!("{:04}", self.year),
        }
    }

    /// The whole date, when day and month are known.
    pub fn full(&self) -> Option<Date> {
        Some(Date { year: self.year, month: self.month?, day: self.day? })
    }

    /// The four-digit year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub fn month(self) -> Option<u8> {
        self.month
    }

    /// The day of the month; known only together with the month.
    pub fn day(self) -> Option<u8> {
        self.day
    }
}

/// A whole date of the Gregorian calendar, years 1880 to 2199, in time order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// Puts a date together; a day the calendar does not have is [`DateProblem::Impossible`].
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, DateProblem> {
        PartialDate::new(year, Some(month), Some(day))?.full().ok_or(DateProblem::Impossible)
    }

    /// Reads what [`PartialDate::parse`] reads; an incomplete date is [`DateProblem::Shape`].
    pub fn parse(text: &str) -> Result<Self, DateProblem> {
        PartialDate::parse(text)?.full().ok_or(DateProblem::Shape)
    }

    /// The day after; the last day of 2199 is its own.
    #[must_use]
    pub fn next(self) -> Self {
        let later = [(self.year, self.month, self.day + 1), (self.year, self.month + 1, 1), (self.year + 1, 1, 1)];
        later.into_iter().find_map(|(year, month, day)| Self::new(year, month, day).ok()).unwrap_or(self)
    }

    /// `dd/mm/yyyy`.
    pub fn to_string_vi(self) -> String {
        format!("{:02}/{:02}/{:04}", self.day, self.month, self.year)
    }

    /// The four-digit year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u8 {
        self.day
    }
}

/// The age in years that is certainly complete on `today`; 0 before the birth. An unknown day or month counts as the
/// last possible one, so a threshold is never passed too early. Someone born on 29 February completes the year on
/// 1 March where that day is missing.
pub fn years_between(birth: PartialDate, today: Date) -> u16 {
    let month = birth.month.unwrap_or(12);
    let day = birth.day.unwrap_or(days_in(today.year, month));
    let incomplete = u16::from((today.month, today.day) < (month, day));
    today.year.saturating_sub(birth.year).saturating_sub(incomplete)
}

/// Why a text is no phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PhoneProblem {
    /// Not ten digits beginning with 0.
    #[error("not ten digits beginning with 0")]
    Shape,
}

/// A Vietnamese phone number in national form: ten ASCII digits, the first one 0. Number ranges are not checked: they
/// change with every operator, and the office calls the number anyway.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct Phone(String);

impl Phone {
    /// Reads the national form, or the international one with `+84` or `84`; spaces and dots are ignored.
    pub fn parse(text: &str) -> Result<Self, PhoneProblem> {
        let mut bare = Zeroizing::new(String::with_capacity(text.len()));
        bare.extend(text.chars().filter(|letter| !letter.is_whitespace() && *letter != '.'));
        let subscriber = match (bare.strip_prefix("+84"), bare.strip_prefix("84")) {
            // `+84 0…` with the national zero kept is a common mistake.
            (Some(rest), _) | (None, Some(rest)) if rest.len() == 10 => rest.strip_prefix('0').unwrap_or(rest),
            (Some(rest), _) | (None, Some(rest)) => rest,
            (None, None) => bare.strip_prefix('0').ok_or(PhoneProblem::Shape)?,
        };
        let whole = subscriber.len() == 9 && subscriber.bytes().all(|byte| byte.is_ascii_digit());
        whole.then(|| Self(format!("0{subscriber}"))).ok_or(PhoneProblem::Shape)
    }
}

/// Why a text is no person's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NameProblem {
    /// No letter in it.
    #[error("no letter")]
    Empty,
    /// More than 80 characters.
    #[error("more than 80 characters")]
    TooLong,
    /// A letter that looks like Đ and is another one (Icelandic Ð, African Ɖ): a typing or encoding mistake that would
    /// otherwise be printed in the passport.
    #[error("a foreign letter that looks like Đ")]
    ForeignLetter,
    /// A digit, a sign or a letter outside the Latin script.
    #[error("a character that no name has")]
    Character,
}

/// A full name as the form wants it: NFC, upper case with its marks, single spaces, 1 to 80 characters. Latin letters,
/// space, `'`, `’`, hyphen and dot. Spelling is never changed: tone placement and apostrophe stay as given.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct PersonName(String);

impl PersonName {
    /// Reads a name in any case and any Unicode normal form.
    pub fn parse(text: &str) -> Result<Self, NameProblem> {
        let typed = Zeroizing::new(tidy(text));
        let name = Self(tidy(&Zeroizing::new(typed.to_uppercase())));
        let mut before = ' ';
        for (count, letter) in name.0.chars().enumerate() {
            match letter {
                _ if count >= 80 => return Err(NameProblem::TooLong),
                '\u{D0}' | '\u{189}' => return Err(NameProblem::ForeignLetter),
                ' ' | '\'' | '’' | '-' | '.' => {}
                // Ê Đê and Gia Rai write a breve on these four vowels; Unicode has no single character for the pair.
                '\u{306}' if matches!(before, 'Ê' | 'Ô' | 'Ơ' | 'Ư') => {}
                _ if is_latin(letter) => {}
                _ => return Err(NameProblem::Character),
            }
            before = letter;
        }
        let any_letter = name.0.chars().any(is_latin);
        any_letter.then_some(name).ok_or(NameProblem::Empty)
    }

    /// A first guess at (họ, chữ đệm và tên): the first word and the rest, which is empty for a name of one word.
    /// Double surnames and many ethnic names divide elsewhere, so the citizen must be able to change it.
    pub fn split(&self) -> (&str, &str) {
        self.0.split_once(' ').unwrap_or((&self.0, ""))
    }
}

/// Why a text is no email address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EmailProblem {
    /// Not `name@domain.tld`, or more than 254 characters.
    #[error("not an address")]
    Shape,
}

/// An email address that looks deliverable: ASCII, at most 254 characters, the domain with a dot. Kept as typed.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct Email(String);

impl Email {
    /// Reads an address; white space around it is ignored. Quoted local parts and bare hosts are refused.
    pub fn parse(text: &str) -> Result<Self, EmailProblem> {
        let text = text.trim();
        let (local, domain) = text.split_once('@').ok_or(EmailProblem::Shape)?;
        let known = |label: &str, signs: &str| label.chars().all(|c| c.is_ascii_alphanumeric() || signs.contains(c));
        let user = |label: &str| !label.is_empty() && known(label, "!#$%&'*+-/=?^_`{|}~");
        let host = |label: &str| label.trim_matches('-') == label && !label.is_empty() && known(label, "-");
        let top = domain.rsplit_once('.').map_or("", |(_, top)| top);
        let top_ok = top.len() >= 2 && top.starts_with(|first: char| first.is_ascii_alphabetic());
        let short = text.len() <= 254 && local.len() <= 64;
        let shaped = short && top_ok && local.split('.').all(user) && domain.split('.').all(host);
        shaped.then(|| Self(text.to_owned())).ok_or(EmailProblem::Shape)
    }
}

/// A text as it is kept: NFC, white space and control characters collapsed to single spaces, none at the ends, and
/// without the invisible characters that could make one text look like another.
pub fn tidy(text: &str) -> String {
    // NFC at most triples a text; a buffer that had to grow would leave personal text behind in freed memory.
    let mut tidied = String::with_capacity(text.len() * 3);
    for letter in text.chars().filter(|letter| !is_hidden(*letter)).nfc() {
        if !(letter.is_whitespace() || letter.is_control()) {
            tidied.push(letter);
        } else if !tidied.is_empty() && !tidied.ends_with(' ') {
            tidied.push(' ');
        }
    }
    tidied.truncate(tidied.trim_end().len());
    tidied
}

fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{AD}' | '\u{FEFF}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
}

fn is_latin(letter: char) -> bool {
    letter.is_alphabetic() && matches!(letter, 'A'..='Z' | '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}')
}

fn number<T: FromStr>(text: &str, widths: RangeInclusive<usize>) -> Result<T, DateProblem> {
    let number = widths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    number.then(|| text.parse().ok()).flatten().ok_or(DateProblem::Shape)
}

/// The length of a month, 0 if there is no such month.
fn days_in(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
