//! The steps of the form: one decision a screen.

use super::Field;

/// A step: what is asked on one screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// What stands on the card.
    Person,
    /// Province, or country.
    BirthPlace,
    /// Ethnic group.
    Ethnicity,
    /// Religion or none.
    Religion,
    /// How to be reached.
    Contact,
    /// Permanent residence.
    Permanent,
    /// Where the citizen lives now.
    Current,
    /// Registered temporary residence, if any.
    Temporary,
    /// Work.
    Occupation,
    /// Where.
    Employer,
    /// Father.
    Father,
    /// Mother.
    Mother,
    /// Husband or wife, if any.
    Spouse,
    /// Ever issued a passport?
    EverIssued,
    /// Really never?
    FirstConfirmed,
    /// Why another one.
    Request,
    /// The latest passport.
    OldPassport,
    /// What changes.
    Change,
    /// From what.
    ChangeFrom,
    /// With or without chip.
    Chip,
    /// Bank account for a refund; only with the citizen's consent to it.
    Refund,
    /// Who receives the dossier.
    Agency,
    /// How the passport comes.
    Receive,
    /// Where to, by post.
    Delivery,
}

/// What steps belong together, for the review's headings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chapter {
    /// Who the citizen is.
    Person,
    /// Phone and email.
    Contact,
    /// Addresses.
    Residence,
    /// Work.
    Work,
    /// Parents, husband or wife.
    Family,
    /// What is asked for, and the old passport.
    Request,
    /// The account for a refund.
    Refund,
    /// Agency and delivery.
    Delivery,
}

impl Section {
    /// Every section, in the order asked.
    pub const ALL: [Self; 24] = [
        Self::Person,
        Self::BirthPlace,
        Self::Ethnicity,
        Self::Religion,
        Self::Contact,
        Self::Permanent,
        Self::Current,
        Self::Temporary,
        Self::Occupation,
        Self::Employer,
        Self::Father,
        Self::Mother,
        Self::Spouse,
        Self::EverIssued,
        Self::FirstConfirmed,
        Self::Request,
        Self::OldPassport,
        Self::Change,
        Self::ChangeFrom,
        Self::Chip,
        Self::Refund,
        Self::Agency,
        Self::Receive,
        Self::Delivery,
    ];

    /// The fields asked in it, in order.
    pub fn fields(self) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(move |field| field.spec().section == self)
    }

    /// Where it stands in the review.
    pub const fn chapter(self) -> Chapter {
        match self {
            Self::Person | Self::BirthPlace | Self::Ethnicity | Self::Religion => Chapter::Person,
            Self::Contact => Chapter::Contact,
            Self::Permanent | Self::Current | Self::Temporary => Chapter::Residence,
            Self::Occupation | Self::Employer => Chapter::Work,
            Self::Father | Self::Mother | Self::Spouse => Chapter::Family,
            Self::EverIssued
            | Self::FirstConfirmed
            | Self::Request
            | Self::OldPassport
            | Self::Change
            | Self::ChangeFrom
            | Self::Chip => Chapter::Request,
            Self::Refund => Chapter::Refund,
            Self::Agency | Self::Receive | Self::Delivery => Chapter::Delivery,
        }
    }
}
