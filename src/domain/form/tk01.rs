//! TK01 in the edition of TT 69/2026/TT-BCA (in force since 1 July 2026): every item, in the order asked, and what the
//! portal asks beside them (email, receiving agency, way of receiving, delivery address).
//!
//! Fields are known by name, never by item number: numbers move between editions.

use super::Draft;

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
    /// Item 9.
    TemporaryAddress,
    /// Item 10, new in 2026.
    CurrentAddress,
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
    /// Item 16: what is asked for.
    Request,
    /// Item 16: the reason or the change, in words.
    RequestDetail,
    /// Item 14: number of the latest ordinary passport.
    OldPassportNumber,
    /// Item 14: its date of issue.
    OldPassportDate,
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

/// A step of the form: what is asked on one screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Who the citizen is.
    Person,
    /// Where from, ethnicity, religion.
    Origin,
    /// How to be reached.
    Contact,
    /// The three addresses.
    Residence,
    /// Work.
    Work,
    /// Father and mother.
    Parents,
    /// Husband or wife.
    Spouse,
    /// What is asked for, and the old passport.
    Request,
    /// Bank account for a refund; only with the citizen's consent to it.
    Refund,
    /// Who receives it and how it comes back.
    Delivery,
}

/// A coded answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// Sex, item 2.
    Male,
    /// Sex, item 2.
    Female,
    /// Never had a passport, in any province.
    FirstIssue,
    /// Expired, about to expire, or out of pages.
    Expired,
    /// Lost: to be reported within two working days.
    Lost,
    /// Damaged.
    Damaged,
    /// Personal data changed.
    Changed,
    /// Passport with chip.
    WithChip,
    /// Passport without chip.
    WithoutChip,
    /// Sent by post.
    Post,
    /// Collected at the agency.
    Collect,
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
            | Self::Account => Answering::Text,
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
    pub const ALL: [Self; 32] = [
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
        Self::TemporaryAddress,
        Self::CurrentAddress,
        Self::Occupation,
        Self::Employer,
        Self::FatherName,
        Self::FatherBirth,
        Self::MotherName,
        Self::MotherBirth,
        Self::SpouseName,
        Self::SpouseBirth,
        Self::Request,
        Self::RequestDetail,
        Self::OldPassportNumber,
        Self::OldPassportDate,
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
            Self::BirthPlace => row("birth_place", S::Origin, R::Suggested(ListName::Places), N::Always, 80),
            Self::Ethnicity => row("ethnicity", S::Origin, R::Listed(ListName::Ethnicities), N::Always, 40),
            Self::Religion => row("religion", S::Origin, R::Listed(ListName::Religions), N::Always, 60),
            Self::Phone => row("phone", S::Contact, R::Phone, N::Always, 16),
            Self::Email => row("email", S::Contact, R::Email, N::Always, 254),
            Self::PermanentAddress => row("permanent_address", S::Residence, R::Line, N::Always, 200),
            Self::TemporaryAddress => row("temporary_address", S::Residence, R::Line, N::Never, 200),
            Self::CurrentAddress => row("current_address", S::Residence, R::Line, N::Always, 200),
            Self::Occupation => row("occupation", S::Work, R::Suggested(ListName::Occupations), N::Always, 100),
            Self::Employer => row("employer", S::Work, R::Line, N::Never, 200),
            Self::FatherName => row("father_name", S::Parents, R::Name, N::Asked, 80),
            Self::FatherBirth => row("father_birth", S::Parents, R::PartialDate, N::Asked, 10),
            Self::MotherName => row("mother_name", S::Parents, R::Name, N::Asked, 80),
            Self::MotherBirth => row("mother_birth", S::Parents, R::PartialDate, N::Asked, 10),
            Self::SpouseName => row("spouse_name", S::Spouse, R::Name, N::Never, 80),
            Self::SpouseBirth => row("spouse_birth", S::Spouse, R::PartialDate, N::Never, 10),
            Self::Request => row("request", S::Request, R::Choice(REQUESTS), N::Always, 0),
            Self::RequestDetail => row("request_detail", S::Request, R::Line, N::When(Draft::needs_detail), 200),
            Self::OldPassportNumber => {
                row("old_passport_number", S::Request, R::Passport, N::When(Draft::had_passport), 9)
            }
            Self::OldPassportDate => row("old_passport_date", S::Request, R::Date, N::Never, 10),
            Self::Chip => row("chip", S::Request, R::Choice(&[Answer::WithChip, Answer::WithoutChip]), N::Always, 0),
            Self::RefundAccount => row("refund_account", S::Refund, R::Account, N::Never, 20),
            Self::RefundHolder => row("refund_holder", S::Refund, R::Name, N::Never, 80),
            Self::RefundBank => row("refund_bank", S::Refund, R::Suggested(ListName::Banks), N::Never, 80),
            Self::Agency => row("agency", S::Delivery, R::Listed(ListName::Agencies), N::Always, 120),
            Self::ReceiveMode => {
                row("receive_mode", S::Delivery, R::Choice(&[Answer::Post, Answer::Collect]), N::Always, 0)
            }
            Self::DeliveryAddress => row("delivery_address", S::Delivery, R::Line, N::When(Draft::comes_by_post), 200),
        }
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

const REQUESTS: &[Answer] = &[Answer::FirstIssue, Answer::Expired, Answer::Lost, Answer::Damaged, Answer::Changed];

const fn row(key: &'static str, section: Section, rule: Rule, need: Need, max_chars: usize) -> Spec {
    Spec { key, section, rule, need, max_chars }
}

impl Section {
    /// Every section, in the order asked.
    pub const ALL: [Self; 10] = [
        Self::Person,
        Self::Origin,
        Self::Contact,
        Self::Residence,
        Self::Work,
        Self::Parents,
        Self::Spouse,
        Self::Request,
        Self::Refund,
        Self::Delivery,
    ];

    /// The fields asked in it, in order.
    pub fn fields(self) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(move |field| field.spec().section == self)
    }
}

impl Answer {
    /// Every answer.
    pub const ALL: [Self; 11] = [
        Self::Male,
        Self::Female,
        Self::FirstIssue,
        Self::Expired,
        Self::Lost,
        Self::Damaged,
        Self::Changed,
        Self::WithChip,
        Self::WithoutChip,
        Self::Post,
        Self::Collect,
    ];

    /// Name on the wire; never changes.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
            Self::FirstIssue => "first_issue",
            Self::Expired => "expired",
            Self::Lost => "lost",
            Self::Damaged => "damaged",
            Self::Changed => "changed",
            Self::WithChip => "with_chip",
            Self::WithoutChip => "without_chip",
            Self::Post => "post",
            Self::Collect => "collect",
        }
    }

    /// The answer with this wire name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.key() == key)
    }
}
