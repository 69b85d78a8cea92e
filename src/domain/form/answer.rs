//! Coded answers: what is pressed instead of typed.

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
    /// A passport was never issued, in any province, at any age.
    NeverIssued,
    /// A passport was issued before, wherever and whatever became of it.
    IssuedBefore,
    /// The name changes.
    ChangedName,
    /// The date of birth changes.
    ChangedBirthDate,
    /// The place of birth changes.
    ChangedBirthPlace,
    /// The personal number changes, or replaces that of the old card.
    ChangedNumber,
    /// Something else, or more than one thing.
    ChangedOther,
}

impl Answer {
    /// Every answer.
    pub const ALL: [Self; 18] = [
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
        Self::NeverIssued,
        Self::IssuedBefore,
        Self::ChangedName,
        Self::ChangedBirthDate,
        Self::ChangedBirthPlace,
        Self::ChangedNumber,
        Self::ChangedOther,
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
            Self::NeverIssued => "never_issued",
            Self::IssuedBefore => "issued_before",
            Self::ChangedName => "changed_name",
            Self::ChangedBirthDate => "changed_birth_date",
            Self::ChangedBirthPlace => "changed_birth_place",
            Self::ChangedNumber => "changed_number",
            Self::ChangedOther => "changed_other",
        }
    }

    /// The answer with this wire name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.key() == key)
    }
}

/// An answer given with one press instead of typing; not a value of its own on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quick {
    /// The permanent address once more.
    SameAsPermanent,
    /// The present address once more.
    SameAsCurrent,
    /// There is nothing to write: no temporary residence, no employer, no husband or wife.
    Nothing,
    /// The citizen does not know: a parent, the number of a lost passport.
    Unknown,
}
