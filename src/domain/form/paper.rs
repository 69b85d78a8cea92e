//! What a citizen brings or does beside the form, by what is asked for (domain.md 1.3, 1.7; to be confirmed by the
//! office). Codes only: each has its words on the screens and, for phones, on the office's page.

use super::{Answer, Draft, Field};
use crate::domain::citizen::{Date, PartialDate, years_between};

/// One thing to bring or to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Paper {
    /// Lost: report it within two working days, form TK05, on the portal or at any immigration office; the commune
    /// need not confirm it.
    LossReport,
    /// Damaged: report it within 48 hours.
    DamageReport,
    /// Hand in or post the old passport itself: it is still valid, damaged, or its data change. One with a visa that is
    /// still valid comes back with the new passport.
    OldPassport,
    /// Hand in or post the old passport if it is still valid: the kiosk does not know.
    OldPassportIfValid,
    /// A picture of pages 2 and 3 of the old passport.
    OldPassportPages,
    /// The birth certificate with the red stamp: the place of birth changes.
    BirthCertificate,
    /// The paper that shows the change: what the law calls its ground.
    ProofOfChange,
    /// Pictures of both sides of the card, taken by the citizen's own phone and never by the kiosk.
    CardPictures,
    /// A portrait of 4 × 6 on white, not older than six months; the kiosk can take it.
    Portrait,
}

impl Paper {
    /// Every paper, in the order in which they are told.
    pub const ALL: [Self; 9] = [
        Self::LossReport,
        Self::DamageReport,
        Self::OldPassport,
        Self::OldPassportIfValid,
        Self::OldPassportPages,
        Self::BirthCertificate,
        Self::ProofOfChange,
        Self::CardPictures,
        Self::Portrait,
    ];

    /// Name on the wire; never changes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::LossReport => "loss_report",
            Self::DamageReport => "damage_report",
            Self::OldPassport => "old_passport",
            Self::OldPassportIfValid => "old_passport_if_valid",
            Self::OldPassportPages => "old_passport_pages",
            Self::BirthCertificate => "birth_certificate",
            Self::ProofOfChange => "proof_of_change",
            Self::CardPictures => "card_pictures",
            Self::Portrait => "portrait",
        }
    }

    /// The paper with this wire name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|paper| paper.code() == code)
    }

    /// True for what belongs to this request alone; the others every citizen brings.
    pub const fn is_of_the_request(self) -> bool {
        !matches!(self, Self::CardPictures | Self::Portrait)
    }
}

impl Draft {
    /// What this request needs beside the form, in the order told; what is not answered yet asks for nothing.
    pub fn papers(&self, today: Date) -> Vec<Paper> {
        let mut papers = match self.answer(Field::Request) {
            Some(Answer::Expired) => self.handed_in(today).into_iter().chain([Paper::OldPassportPages]).collect(),
            Some(Answer::Lost) => vec![Paper::LossReport],
            Some(Answer::Damaged) => vec![Paper::DamageReport, Paper::OldPassport, Paper::OldPassportPages],
            Some(Answer::Changed) => {
                let proof = match self.answer(Field::ChangeKind) {
                    Some(Answer::ChangedBirthPlace) => Paper::BirthCertificate,
                    _ => Paper::ProofOfChange,
                };
                vec![Paper::OldPassport, Paper::OldPassportPages, proof]
            }
            // First issue, and answers to other questions.
            _ => Vec::new(),
        };
        papers.extend([Paper::CardPictures, Paper::Portrait]);
        papers
    }

    /// A passport that expired stays with the citizen; one that is valid goes to the office.
    fn handed_in(&self, today: Date) -> Option<Paper> {
        match self.old_passport_is_valid(today) {
            Some(true) => Some(Paper::OldPassport),
            Some(false) => None,
            None => Some(Paper::OldPassportIfValid),
        }
    }

    /// Ten years from its issue, five where its holder was under 14 then (law 49/2019/QH14, article 7).
    fn old_passport_is_valid(&self, today: Date) -> Option<bool> {
        let issued = PartialDate::parse(self.value(Field::OldPassportDate)).ok()?;
        let birth = PartialDate::parse(self.value(Field::BirthDate)).ok()?;
        let years = if years_between(birth, issued.full()?) < super::TK01_AGE_YEARS { 5 } else { 10 };
        Some(years_between(issued, today) < years)
    }
}
