//! From a draft to an application that cannot be wrong.

use super::{Answer, Asked, Draft, Field, Need, Paper, Rule, Section, Source, TK01_AGE_YEARS};
use crate::domain::citizen::{
    CitizenId, Date, DateProblem, Email, IdProblem, NameProblem, PartialDate, PersonName, Phone, Sex, years_between,
};
use crate::domain::typing;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// What is wrong with a value. Each has a sentence that says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Must be filled.
    Required,
    /// Empty, and worth asking once more; never a reason to refuse the form.
    ReallyEmpty,
    /// A name holds something that is not a letter.
    LettersOnly,
    /// Longer than the form's blank.
    TooLong,
    /// Not 12 digits.
    PinShape,
    /// Nine digits: the old identity card, not valid since 2025.
    OldIdNumber,
    /// Not a national number of ten digits.
    PhoneShape,
    /// Not an email address.
    EmailShape,
    /// Not a date.
    DateShape,
    /// No such day.
    DateImpossible,
    /// Later than today.
    DateInFuture,
    /// Under 14: the `TK01a` is needed.
    UnderFourteen,
    /// Not in the list.
    NotInList,
    /// Not a letter and seven or eight digits.
    PassportShape,
    /// Not 4 to 20 digits.
    AccountShape,
    /// Asks for a first passport and names an old one: a false declaration is fined.
    FirstButHasPassport,
    /// A passport was issued before: its number is needed.
    PassportNeeded,
    /// "First issue" without having said twice that there never was one.
    FirstNotConfirmed,
    /// One answer of the guard says never, the other says before.
    AnswersDiffer,
    /// Before the citizen's own birth.
    BeforeBirth,
    /// A change from a value to the same one.
    NoChange,
    /// A date without the name it belongs to.
    NameNeeded,
    /// An account without its holder.
    HolderNeeded,
    /// An account without its bank.
    BankNeeded,
    /// A holder or bank without an account.
    AccountNeeded,
}

impl Problem {
    /// Name for programs, as `intake open` prints it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::ReallyEmpty => "really-empty",
            Self::LettersOnly => "letters-only",
            Self::TooLong => "too-long",
            Self::PinShape => "pin-shape",
            Self::OldIdNumber => "old-id-number",
            Self::PhoneShape => "phone-shape",
            Self::EmailShape => "email-shape",
            Self::DateShape => "date-shape",
            Self::DateImpossible => "date-impossible",
            Self::DateInFuture => "date-in-future",
            Self::UnderFourteen => "under-fourteen",
            Self::NotInList => "not-in-list",
            Self::PassportShape => "passport-shape",
            Self::AccountShape => "account-shape",
            Self::FirstButHasPassport => "first-but-has-passport",
            Self::PassportNeeded => "passport-needed",
            Self::FirstNotConfirmed => "first-not-confirmed",
            Self::AnswersDiffer => "answers-differ",
            Self::BeforeBirth => "before-birth",
            Self::NoChange => "no-change",
            Self::NameNeeded => "name-needed",
            Self::HolderNeeded => "holder-needed",
            Self::BankNeeded => "bank-needed",
            Self::AccountNeeded => "account-needed",
        }
    }
}

/// Worth a second look, never a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The card says something else.
    DiffersFromCard,
    /// The number's fourth digit speaks of the other sex; it can lawfully differ.
    PinAgainstSex,
    /// The number's fifth and sixth digits speak of another year of birth.
    PinAgainstBirth,
    /// A parent born in the citizen's own year of birth, or later.
    ParentTooYoung,
}

/// One checked value.
#[derive(Clone, PartialEq, Eq)]
pub struct Filled {
    /// The value in its canonical spelling.
    pub value: Zeroizing<String>,
    /// Where it comes from.
    pub source: Source,
    /// What the card says where it differs.
    pub on_card: Option<Zeroizing<String>>,
    /// Of an address in units of today that was taken from a suggestion: what the card or the citizen gave.
    pub before_2025: Option<Zeroizing<String>>,
    /// Of an address that was left as it was given: what it reads in units of today, where there is one answer.
    pub since_2025: Option<Zeroizing<String>>,
}

/// A form that was checked whole. Made only by [`Draft::check`].
#[derive(Clone, PartialEq, Eq)]
pub struct Application {
    edition: String,
    fields: BTreeMap<Field, Filled>,
    papers: Vec<Paper>,
}

impl Application {
    /// Edition of the form it was checked against.
    pub fn edition(&self) -> &str {
        &self.edition
    }

    /// The filled fields, in the form's order.
    pub fn fields(&self) -> impl Iterator<Item = (Field, &Filled)> {
        self.fields.iter().map(|(field, filled)| (*field, filled))
    }

    /// What is brought or done beside the form, in the order told, as of the day of the check.
    pub fn papers(&self) -> &[Paper] {
        &self.papers
    }
}

impl Draft {
    /// The only door to an [`Application`]. On failure every problem, in the form's order.
    pub fn check(&self, asked: Asked<'_>) -> Result<Application, Vec<(Field, Problem)>> {
        let mut fields = BTreeMap::new();
        let mut problems = Vec::new();
        for field in Field::ALL {
            match self.checked(field, asked) {
                Ok(None) => {}
                Ok(Some(value)) => {
                    let source = self.source(field).unwrap_or(Source::Typed);
                    let on_card = self.conflict(field).map(|text| Zeroizing::new(text.to_owned()));
                    let given = typing::tidy(self.as_given(field));
                    let before_2025 = (field.is_address() && given != value).then(|| Zeroizing::new(given));
                    let since_2025 = match asked.rules.units_of(field, &value).as_slice() {
                        [only] if before_2025.is_none() => Some(Zeroizing::new(only.clone())),
                        _ => None,
                    };
                    let value = Zeroizing::new(value);
                    fields.insert(field, Filled { value, source, on_card, before_2025, since_2025 });
                }
                Err(problem) => problems.push((field, problem)),
            }
        }
        if problems.is_empty() {
            Ok(Application { edition: asked.rules.edition.clone(), fields, papers: self.papers(asked.today) })
        } else {
            Err(problems)
        }
    }

    /// The problems of one section, in the form's order.
    pub fn problems_in(&self, section: Section, asked: Asked<'_>) -> Vec<(Field, Problem)> {
        let asked_here = section.fields().filter(|field| self.is_asked(*field));
        asked_here.filter_map(|field| Some((field, self.checked(field, asked).err()?))).collect()
    }

    /// What is wrong with one field.
    pub fn problem(&self, field: Field, asked: Asked<'_>) -> Option<Problem> {
        self.checked(field, asked).err()
    }

    /// The field's value in the spelling that the office receives, if there is nothing wrong with it.
    pub fn canonical(&self, field: Field, asked: Asked<'_>) -> Option<String> {
        self.checked(field, asked).ok().flatten()
    }

    /// What is worth a second look in one field.
    pub fn warning(&self, field: Field) -> Option<Warning> {
        if self.conflict(field).is_some() {
            return Some(Warning::DiffersFromCard);
        }
        if matches!(field, Field::FatherBirth | Field::MotherBirth) {
            let year = |field| PartialDate::parse(self.value(field)).ok().map(PartialDate::year);
            let too_young = year(field).zip(year(Field::BirthDate)).is_some_and(|(parent, own)| parent >= own);
            return too_young.then_some(Warning::ParentTooYoung);
        }
        if field != Field::Pin {
            return None;
        }
        let id = CitizenId::parse(self.value(Field::Pin)).ok()?;
        let sex = match self.answer(Field::Sex) {
            Some(Answer::Male) => Some(Sex::Male),
            Some(Answer::Female) => Some(Sex::Female),
            _ => None,
        };
        if sex.is_some_and(|sex| !id.agrees_with_sex(sex)) {
            return Some(Warning::PinAgainstSex);
        }
        let birth = PartialDate::parse(self.value(Field::BirthDate)).ok()?;
        (!id.agrees_with_year(birth.year())).then_some(Warning::PinAgainstBirth)
    }

    /// The canonical value, nothing for an empty field that may be empty, or what is wrong.
    fn checked(&self, field: Field, asked: Asked<'_>) -> Result<Option<String>, Problem> {
        if !self.applies(field) {
            return Ok(None);
        }
        let spec = field.spec();
        let text = match (field, self.changes_one()) {
            // What is missing for it is said where it is asked.
            (Field::RequestDetail, true) => return Ok(self.change(asked)),
            _ => typing::tidy(self.value(field)),
        };
        if text.is_empty() {
            let needed = match spec.need {
                Need::Always => true,
                Need::Never | Need::Asked => false,
                Need::When(holds) => holds(self),
            };
            return self.when_empty(field, needed);
        }
        let value = match spec.rule {
            Rule::Before => self.before(&text, asked)?,
            // The card's own spelling wins over the list's.
            Rule::Listed(_) if self.source(field) == Some(Source::CardQr) => text,
            rule => canonical(rule, &text, asked)?,
        };
        if spec.max_chars > 0 && value.chars().count() > spec.max_chars {
            return Err(Problem::TooLong);
        }
        self.against_others(field, &value, asked)?;
        Ok(Some(value))
    }

    fn when_empty(&self, field: Field, needed: bool) -> Result<Option<String>, Problem> {
        let has = |other: Field| !self.value(other).is_empty();
        match field {
            Field::FatherName if has(Field::FatherBirth) => Err(Problem::NameNeeded),
            Field::MotherName if has(Field::MotherBirth) => Err(Problem::NameNeeded),
            Field::SpouseName if has(Field::SpouseBirth) => Err(Problem::NameNeeded),
            Field::RefundAccount if has(Field::RefundHolder) || has(Field::RefundBank) => Err(Problem::AccountNeeded),
            Field::RefundHolder if has(Field::RefundAccount) => Err(Problem::HolderNeeded),
            Field::RefundBank if has(Field::RefundAccount) => Err(Problem::BankNeeded),
            Field::OldPassportNumber if needed => Err(Problem::PassportNeeded),
            _ if needed => Err(Problem::Required),
            _ => Ok(None),
        }
    }

    fn against_others(&self, field: Field, value: &str, asked: Asked<'_>) -> Result<(), Problem> {
        match field {
            Field::BirthDate => {
                let birth = PartialDate::parse(value).map_err(|_| Problem::DateShape)?;
                if years_between(birth, asked.today) < TK01_AGE_YEARS {
                    return Err(Problem::UnderFourteen);
                }
            }
            Field::OldPassportNumber | Field::OldPassportDate if self.says_never() || self.asks_for_the_first() => {
                return Err(Problem::FirstButHasPassport);
            }
            Field::OldPassportDate => {
                let birth = PartialDate::parse(self.value(Field::BirthDate)).ok();
                if birth.zip(PartialDate::parse(value).ok()).is_some_and(|(birth, issued)| issued < birth) {
                    return Err(Problem::BeforeBirth);
                }
            }
            Field::FirstConfirmed if value != Answer::NeverIssued.key() => return Err(Problem::AnswersDiffer),
            Field::Request if self.asks_for_the_first() => {
                let confirmed = self.answer(Field::FirstConfirmed) == Some(Answer::NeverIssued);
                if !self.says_never() || !confirmed {
                    return Err(Problem::FirstNotConfirmed);
                }
            }
            Field::Request if self.says_never() => return Err(Problem::AnswersDiffer),
            _ => {}
        }
        Ok(())
    }

    fn asks_for_the_first(&self) -> bool {
        self.answer(Field::Request) == Some(Answer::FirstIssue)
    }

    /// What was before, by what changes.
    fn before(&self, text: &str, asked: Asked<'_>) -> Result<String, Problem> {
        let (rule, now) = match self.answer(Field::ChangeKind) {
            Some(Answer::ChangedName) => (Rule::Name, self.full_name()),
            Some(Answer::ChangedBirthDate) => (Rule::PartialDate, self.value(Field::BirthDate).to_owned()),
            Some(Answer::ChangedNumber) => {
                // The old card's nine digits are what most people change from.
                let digits = matches!(text.len(), 9 | 12) && text.bytes().all(|byte| byte.is_ascii_digit());
                let now = self.value(Field::Pin);
                return match digits {
                    true if text == now => Err(Problem::NoChange),
                    true => Ok(text.to_owned()),
                    false => Err(Problem::PinShape),
                };
            }
            _ => (Rule::Suggested(super::ListName::Places), self.value(Field::BirthPlace).to_owned()),
        };
        let before = canonical(rule, text, asked)?;
        let now = canonical(rule, &now, asked).unwrap_or(now);
        if before == now { Err(Problem::NoChange) } else { Ok(before) }
    }

    /// Item 16 in the words the office wants, from what was and what is.
    fn change(&self, asked: Asked<'_>) -> Option<String> {
        let texts = &asked.rules.changes;
        let (text, now) = match self.answer(Field::ChangeKind) {
            Some(Answer::ChangedName) => (&texts.name, Some(self.full_name())),
            Some(Answer::ChangedBirthDate) => (&texts.birth_date, self.canonical(Field::BirthDate, asked)),
            Some(Answer::ChangedNumber) => (&texts.number, self.canonical(Field::Pin, asked)),
            _ => (&texts.birth_place, self.canonical(Field::BirthPlace, asked)),
        };
        let before = self.canonical(Field::ChangeFrom, asked);
        let (before, now) = before.zip(now)?;
        Some(text.replace("{from}", &before).replace("{to}", &now))
    }

    fn full_name(&self) -> String {
        let whole = format!("{} {}", self.value(Field::FamilyName), self.value(Field::MiddleGiven));
        typing::upper(&typing::tidy(&whole))
    }
}

/// The one spelling of a value that the office receives.
fn canonical(rule: Rule, text: &str, asked: Asked<'_>) -> Result<String, Problem> {
    match rule {
        Rule::Name => PersonName::parse(text).map(|name| name.as_str().to_owned()).map_err(|problem| match problem {
            NameProblem::TooLong => Problem::TooLong,
            NameProblem::Empty => Problem::Required,
            NameProblem::ForeignLetter | NameProblem::Character => Problem::LettersOnly,
        }),
        Rule::Pin => CitizenId::parse(text).map(|id| id.as_str().to_owned()).map_err(|problem| match problem {
            IdProblem::OldNineDigits => Problem::OldIdNumber,
            IdProblem::Shape => Problem::PinShape,
        }),
        Rule::PartialDate => partial_date(text, asked.today).map(PartialDate::to_string_vi),
        Rule::Date => {
            let date = partial_date(text, asked.today)?;
            date.full().map(|_| date.to_string_vi()).ok_or(Problem::DateShape)
        }
        Rule::Choice(answers) => match Answer::from_key(text) {
            Some(answer) if answers.contains(&answer) => Ok(text.to_owned()),
            _ => Err(Problem::NotInList),
        },
        Rule::Listed(list) => asked.rules.canonical(list, text).ok_or(Problem::NotInList),
        Rule::Suggested(list) => Ok(asked.rules.canonical(list, text).unwrap_or_else(|| text.to_owned())),
        Rule::Phone => Phone::parse(text).map(|p| p.as_str().to_owned()).map_err(|_| Problem::PhoneShape),
        Rule::Email => Email::parse(text).map(|e| e.as_str().to_owned()).map_err(|_| Problem::EmailShape),
        Rule::Line | Rule::Before => Ok(text.to_owned()),
        Rule::Passport => passport(text).ok_or(Problem::PassportShape),
        Rule::Account => {
            let digits = text.len() >= 4 && text.bytes().all(|b| b.is_ascii_digit());
            if digits { Ok(text.to_owned()) } else { Err(Problem::AccountShape) }
        }
    }
}

fn partial_date(text: &str, today: Date) -> Result<PartialDate, Problem> {
    let date = PartialDate::parse(text).map_err(|problem| match problem {
        DateProblem::Shape => Problem::DateShape,
        DateProblem::Impossible => Problem::DateImpossible,
    })?;
    let later = match (date.month(), date.day()) {
        (Some(month), Some(day)) => (date.year(), month, day) > (today.year(), today.month(), today.day()),
        (Some(month), None) => (date.year(), month) > (today.year(), today.month()),
        (None, _) => date.year() > today.year(),
    };
    if later { Err(Problem::DateInFuture) } else { Ok(date) }
}

/// A letter and seven digits before July 2022, a letter and eight since.
fn passport(text: &str) -> Option<String> {
    let text = text.to_ascii_uppercase();
    let (letter, digits) = text.split_at_checked(1)?;
    let shaped = letter.bytes().all(|b| b.is_ascii_uppercase())
        && (7..=8).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit());
    shaped.then_some(text)
}
