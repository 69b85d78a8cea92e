//! TK01 in the edition of TT 69/2026/TT-BCA (in force since 1 July 2026): every item, in the order asked, and what the
//! portal asks beside them (email, receiving agency, way of receiving, delivery address).
//!
//! Fields are known by name, never by item number: numbers move between editions.

use super::{Answer, Draft, Section};

/// One blank of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Item 1, first blank.
    FamilyName,
    /// Item 1, second blank.
    MiddleGiven,
    /// Item 2.
    Sex,
    /// Item 3, date; day or month may be unknown on old papers.
    BirthDate,
    /// Item 4: the 12-digit personal number.
    Pin,
    /// Item 3, place: province, or country when abroad.
    BirthPlace,
    /// Item 5, sensitive (Decree 356/2025).
    Ethnicity,
    /// Item 6, sensitive; "Không" is an answer.
    Religion,
    /// Item 7.
    Phone,
    /// Asked by the portal.
    Email,
    /// Item 8.
    PermanentAddress,
    /// Item 10, new in 2026.
    CurrentAddress,
    /// Item 9.
    TemporaryAddress,
    /// Item 11.
    Occupation,
    /// Item 12.
    Employer,
    /// Item 13, father.
    FatherName,
    /// Item 13, father; often only the year is known.
    FatherBirth,
    /// Item 13, mother.
    MotherName,
    /// Item 13, mother.
    MotherBirth,
    /// Item 13, husband or wife.
    SpouseName,
    /// Item 13, husband or wife.
    SpouseBirth,
    /// The guard before item 16: ever issued a passport, in any province? A false "never" is fined.
    EverIssued,
    /// The guard, once more: "never" is confirmed.
    FirstConfirmed,
    /// Item 16: what is asked for; "first issue" follows from the guard alone.
    Request,
    /// Item 14: number of the latest ordinary passport.
    OldPassportNumber,
    /// Item 14: its date of issue.
    OldPassportDate,
    /// Help for item 16: what changes.
    ChangeKind,
    /// Help for item 16: what it was before.
    ChangeFrom,
    /// Item 16: the change in words; put together from the two before where it can be.
    RequestDetail,
    /// Item 16: with or without chip.
    Chip,
    /// Item 15, financial data.
    RefundAccount,
    /// Item 15.
    RefundHolder,
    /// Item 15.
    RefundBank,
    /// Asked by the portal: who receives the dossier.
    Agency,
    /// Asked by the portal: by post or in person.
    ReceiveMode,
    /// Asked by the portal, for the post.
    DeliveryAddress,
}

/// A list in `kiosk-config/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListName {
    /// Provinces, then countries.
    Places,
    /// The 54 ethnicities.
    Ethnicities,
    /// Religions.
    Religions,
    /// Banks.
    Banks,
    /// Occupations.
    Occupations,
    /// Receiving agencies.
    Agencies,
}

/// What a field accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A name: letters, capitals with diacritics.
    Name,
    /// The 12-digit number.
    Pin,
    /// A date of which day, or day and month, may be unknown; not in the future.
    PartialDate,
    /// A whole date, not in the future.
    Date,
    /// One of a few coded answers.
    Choice(&'static [Answer]),
    /// An entry of a list and nothing else.
    Listed(ListName),
    /// Free text with suggestions from a list.
    Suggested(ListName),
    /// A national phone number.
    Phone,
    /// An email address.
    Email,
    /// One line of free text.
    Line,
    /// A passport number: a letter and seven or eight digits.
    Passport,
    /// A bank account number: 4 to 20 digits.
    Account,
    /// What was true before a change: a name, a date, a place or a number, by what changes.
    Before,
}

/// How a field is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answering {
    /// By pressing one of these.
    Choice(&'static [Answer]),
    /// By typing a part and pressing an entry of this list.
    List(ListName),
    /// By typing.
    Text,
}

impl Rule {
    /// How a field with this rule is filled in.
    pub const fn answering(self) -> Answering {
        match self {
            Self::Choice(answers) => Answering::Choice(answers),
            Self::Listed(list) | Self::Suggested(list) => Answering::List(list),
            Self::Name
            | Self::Pin
            | Self::PartialDate
            | Self::Date
            | Self::Phone
            | Self::Email
            | Self::Line
            | Self::Passport
            | Self::Account
            | Self::Before => Answering::Text,
        }
    }
}

/// When a field must be filled.
#[derive(Clone, Copy)]
pub enum Need {
    /// Always.
    Always,
    /// Asked for twice: some people have a one-word name, or do not know a parent. Empty is an answer the second time.
    Asked,
    /// Never.
    Never,
    /// When this holds of the draft.
    When(fn(&Draft) -> bool),
}

/// One row of the form's table.
#[derive(Clone, Copy)]
pub struct Spec {
    /// Name on the wire; never changes.
    pub key: &'static str,
    /// Where it is asked.
    pub section: Section,
    /// What it accepts.
    pub rule: Rule,
    /// When it must be filled.
    pub need: Need,
    /// Most characters.
    pub max_chars: usize,
}

impl Field {
    /// Every field, in the order asked.
    pub const ALL: [Self; 36] = [
        Self::FamilyName,
        Self::MiddleGiven,
        Self::Sex,
        Self::BirthDate,
        Self::Pin,
        Self::BirthPlace,
        Self::Ethnicity,
        Self::Religion,
        Self::Phone,
        Self::Email,
        Self::PermanentAddress,
        Self::CurrentAddress,
        Self::TemporaryAddress,
        Self::Occupation,
        Self::Employer,
        Self::FatherName,
        Self::FatherBirth,
        Self::MotherName,
        Self::MotherBirth,
        Self::SpouseName,
        Self::SpouseBirth,
        Self::EverIssued,
        Self::FirstConfirmed,
        Self::Request,
        Self::OldPassportNumber,
        Self::OldPassportDate,
        Self::ChangeKind,
        Self::ChangeFrom,
        Self::RequestDetail,
        Self::Chip,
        Self::RefundAccount,
        Self::RefundHolder,
        Self::RefundBank,
        Self::Agency,
        Self::ReceiveMode,
        Self::DeliveryAddress,
    ];

    /// The field's row of the table.
    pub const fn spec(self) -> Spec {
        use {Need as N, Rule as R, Section as S};
        match self {
            Self::FamilyName => row("family_name", S::Person, R::Name, N::Always, 60),
            Self::MiddleGiven => row("middle_given", S::Person, R::Name, N::Asked, 60),
            Self::Sex => row("sex", S::Person, R::Choice(&[Answer::Male, Answer::Female]), N::Always, 0),
            Self::BirthDate => row("birth_date", S::Person, R::PartialDate, N::Always, 10),
            Self::Pin => row("pin", S::Person, R::Pin, N::Always, 12),
            Self::BirthPlace => row("birth_place", S::BirthPlace, R::Suggested(ListName::Places), N::Always, 80),
            Self::Ethnicity => row("ethnicity", S::Ethnicity, R::Listed(ListName::Ethnicities), N::Always, 40),
            Self::Religion => row("religion", S::Religion, R::Listed(ListName::Religions), N::Always, 60),
            Self::Phone => row("phone", S::Contact, R::Phone, N::Always, 16),
            Self::Email => row("email", S::Contact, R::Email, N::Always, 254),
            Self::PermanentAddress => row("permanent_address", S::Permanent, R::Line, N::Always, 200),
            Self::CurrentAddress => row("current_address", S::Current, R::Line, N::Always, 200),
            Self::TemporaryAddress => row("temporary_address", S::Temporary, R::Line, N::Never, 200),
            Self::Occupation => row("occupation", S::Occupation, R::Suggested(ListName::Occupations), N::Always, 100),
            Self::Employer => row("employer", S::Employer, R::Line, N::Never, 200),
            Self::FatherName => row("father_name", S::Father, R::Name, N::Asked, 80),
            Self::FatherBirth => row("father_birth", S::Father, R::PartialDate, N::Asked, 10),
            Self::MotherName => row("mother_name", S::Mother, R::Name, N::Asked, 80),
            Self::MotherBirth => row("mother_birth", S::Mother, R::PartialDate, N::Asked, 10),
            Self::SpouseName => row("spouse_name", S::Spouse, R::Name, N::Never, 80),
            Self::SpouseBirth => row("spouse_birth", S::Spouse, R::PartialDate, N::Never, 10),
            Self::EverIssued => row("ever_issued", S::EverIssued, R::Choice(ISSUED), N::Always, 0),
            Self::FirstConfirmed => {
                row("first_confirmed", S::FirstConfirmed, R::Choice(ISSUED), N::When(Draft::says_never), 0)
            }
            Self::Request => row("request", S::Request, R::Choice(REQUESTS), N::Always, 0),
            Self::OldPassportNumber => {
                row("old_passport_number", S::OldPassport, R::Passport, N::When(Draft::holds_passport), 9)
            }
            Self::OldPassportDate => row("old_passport_date", S::OldPassport, R::Date, N::Never, 10),
            Self::ChangeKind => row("change_kind", S::Change, R::Choice(CHANGES), N::When(Draft::changes), 0),
            Self::ChangeFrom => row("change_from", S::ChangeFrom, R::Before, N::When(Draft::changes_one), 80),
            Self::RequestDetail => row("request_detail", S::ChangeFrom, R::Line, N::When(Draft::changes_other), 200),
            Self::Chip => row("chip", S::Chip, R::Choice(&[Answer::WithChip, Answer::WithoutChip]), N::Always, 0),
            Self::RefundAccount => row("refund_account", S::Refund, R::Account, N::Never, 20),
            Self::RefundHolder => row("refund_holder", S::Refund, R::Name, N::Never, 80),
            Self::RefundBank => row("refund_bank", S::Refund, R::Suggested(ListName::Banks), N::Never, 80),
            Self::Agency => row("agency", S::Agency, R::Listed(ListName::Agencies), N::Always, 120),
            Self::ReceiveMode => {
                row("receive_mode", S::Receive, R::Choice(&[Answer::Post, Answer::Collect]), N::Always, 0)
            }
            Self::DeliveryAddress => row("delivery_address", S::Delivery, R::Line, N::When(Draft::comes_by_post), 200),
        }
    }

    /// The item of TK01 (TT 69/2026/TT-BCA) the field belongs to; nothing for what the portal alone or the guard asks.
    pub const fn item(self) -> Option<u8> {
        match self {
            Self::FamilyName | Self::MiddleGiven => Some(1),
            Self::Sex => Some(2),
            Self::BirthDate | Self::BirthPlace => Some(3),
            Self::Pin => Some(4),
            Self::Ethnicity => Some(5),
            Self::Religion => Some(6),
            Self::Phone => Some(7),
            Self::PermanentAddress => Some(8),
            Self::TemporaryAddress => Some(9),
            Self::CurrentAddress => Some(10),
            Self::Occupation => Some(11),
            Self::Employer => Some(12),
            Self::FatherName
            | Self::FatherBirth
            | Self::MotherName
            | Self::MotherBirth
            | Self::SpouseName
            | Self::SpouseBirth => Some(13),
            Self::OldPassportNumber | Self::OldPassportDate => Some(14),
            Self::RefundAccount | Self::RefundHolder | Self::RefundBank => Some(15),
            Self::Request | Self::RequestDetail | Self::Chip => Some(16),
            Self::Email
            | Self::EverIssued
            | Self::FirstConfirmed
            | Self::ChangeKind
            | Self::ChangeFrom
            | Self::Agency
            | Self::ReceiveMode
            | Self::DeliveryAddress => None,
        }
    }

    /// True for what only leads to a value of the form: it is not copied into the portal.
    pub const fn is_help(self) -> bool {
        matches!(self, Self::EverIssued | Self::FirstConfirmed | Self::ChangeKind | Self::ChangeFrom)
    }

    /// True for a place that units of before July 2025 may name.
    pub const fn is_address(self) -> bool {
        matches!(self, Self::PermanentAddress | Self::TemporaryAddress | Self::CurrentAddress | Self::DeliveryAddress)
    }

    /// The field with this wire name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.spec().key == key)
    }
}

const ISSUED: &[Answer] = &[Answer::NeverIssued, Answer::IssuedBefore];
const REQUESTS: &[Answer] = &[Answer::FirstIssue, Answer::Expired, Answer::Lost, Answer::Damaged, Answer::Changed];
const CHANGES: &[Answer] = &[
    Answer::ChangedName,
    Answer::ChangedBirthDate,
    Answer::ChangedBirthPlace,
    Answer::ChangedNumber,
    Answer::ChangedOther,
];

const fn row(key: &'static str, section: Section, rule: Rule, need: Need, max_chars: usize) -> Spec {
    Spec { key, section, rule, need, max_chars }
}
