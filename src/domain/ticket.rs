//! The slip that goes home with the citizen: what stands on it, and what can go wrong on its way to the paper.

use super::citizen::{CitizenId, Date};
use super::fees::{FeeKind, Fees};
use super::form::{Answer, Application, Field, Paper};
use super::triage::{Advice, Answers};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Why there is no slip on paper. Each has a sentence that says what to do; in all of them the citizen can go on without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintProblem {
    /// The printer is not plugged in, or was pulled out.
    Absent,
    /// The roll has come to its end.
    NoPaper,
    /// The cover is open.
    CoverOpen,
    /// The paper is stuck, or the printer has stopped for a fault of its own.
    Jam,
    /// It is there and does not answer, or takes nothing.
    Offline,
    /// Printed, but the knife is stuck: the slip hangs in the printer.
    Cut,
}

impl PrintProblem {
    /// Name for programs and in the journal.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::NoPaper => "no-paper",
            Self::CoverOpen => "cover-open",
            Self::Jam => "jam",
            Self::Offline => "offline",
            Self::Cut => "cut",
        }
    }
}

/// How the printer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PrinterState {
    /// This kiosk has none.
    #[default]
    None,
    /// It can print.
    Ready {
        /// The roll comes to its end soon.
        low: bool,
    },
    /// It cannot.
    Troubled(PrintProblem),
}

/// How far the printing of a slip is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Printing {
    /// Nothing was asked to be printed.
    #[default]
    NotYet,
    /// Being printed.
    Now,
    /// On paper.
    Done,
    /// Not, or not whole.
    Failed(PrintProblem),
}

/// Where on the portal a value belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PortalStep {
    /// Chosen first: who receives the dossier.
    Agency,
    /// Filled in by the portal from the population database: compared.
    Compare,
    /// Filled in by the citizen.
    Fill,
}

/// The values in the order in which the portal asks for them (`domain.md` 2.2: agency, what it loads, what it cannot know,
/// request, refund, delivery). The personal number is not among them: it stands masked on the slip.
pub const PORTAL_ORDER: [(PortalStep, Field); 31] = {
    use Field as F;
    use PortalStep::{Agency, Compare, Fill};
    [
        (Agency, F::Agency),
        (Compare, F::FamilyName),
        (Compare, F::MiddleGiven),
        (Compare, F::Sex),
        (Compare, F::BirthDate),
        (Compare, F::Ethnicity),
        (Compare, F::Religion),
        (Compare, F::PermanentAddress),
        (Fill, F::BirthPlace),
        (Fill, F::Phone),
        (Fill, F::Email),
        (Fill, F::TemporaryAddress),
        (Fill, F::CurrentAddress),
        (Fill, F::Occupation),
        (Fill, F::Employer),
        (Fill, F::FatherName),
        (Fill, F::FatherBirth),
        (Fill, F::MotherName),
        (Fill, F::MotherBirth),
        (Fill, F::SpouseName),
        (Fill, F::SpouseBirth),
        (Fill, F::OldPassportNumber),
        (Fill, F::OldPassportDate),
        (Fill, F::Request),
        (Fill, F::RequestDetail),
        (Fill, F::Chip),
        (Fill, F::RefundAccount),
        (Fill, F::RefundHolder),
        (Fill, F::RefundBank),
        (Fill, F::ReceiveMode),
        (Fill, F::DeliveryAddress),
    ]
};

/// The ministry's portal, from `kiosk-config/rules/portal.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Portal {
    /// Where the dossier is filed.
    pub apply: String,
    /// Where anybody looks up how it stands, without logging in.
    pub status: String,
}

/// What there is of the portrait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Portrait {
    /// In the dossier: behind the slip's QR once the dossier is at the office.
    Inside,
    /// Not in it: the citizen brings a file of their own.
    Brought,
}

/// The fee as of the day of the slip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Viet Nam dong.
    pub vnd: u32,
    /// The law or announcement.
    pub source: String,
}

/// One value to copy.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it belongs.
    pub step: PortalStep,
    /// Which field.
    pub field: Field,
    /// Its value; for a choice the answer's wire name.
    pub value: Zeroizing<String>,
}

/// What the slip of a dossier says, without the key to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The short code.
    pub reference: String,
    /// The number, all but its last three digits hidden.
    pub masked_pin: String,
    /// The day.
    pub day: Date,
    /// The values to copy, in the portal's order.
    pub lines: Vec<Line>,
    /// What is still missing, and where to get it.
    pub missing: Vec<Advice>,
    /// What is brought or done beside the form.
    pub papers: Vec<Paper>,
    /// The portrait.
    pub portrait: Portrait,
    /// The fee; `None`: nothing is announced for this day.
    pub due: Option<Due>,
}

impl Sheet {
    /// The sheet of a checked application of `day`, with the advice given before it.
    pub fn new(
        application: &Application,
        reference: &str,
        day: Date,
        answers: Answers,
        portrait: Portrait,
        fees: &Fees,
    ) -> Self {
        let value = |wanted: Field| application.fields().find(|(field, _)| *field == wanted).map(|(_, filled)| filled);
        let lines = PORTAL_ORDER.into_iter().filter_map(|(step, field)| {
            let filled = value(field)?;
            Some(Line { step, field, value: filled.value.clone() })
        });
        let pin = value(Field::Pin).and_then(|filled| CitizenId::parse(&filled.value).ok());
        let request = value(Field::Request).and_then(|filled| Answer::from_key(&filled.value));
        let due = request.and_then(FeeKind::of).and_then(|kind| fees.due(kind, day));
        // The portrait has a line of its own.
        let papers = application.papers().iter().copied().filter(|paper| *paper != Paper::Portrait);
        let is_told_elsewhere = |advice: Advice| match advice {
            // The portrait's line says the one, the request's own papers the others, and more exactly.
            Advice::BringPhoto
            | Advice::HandInPassport
            | Advice::ReportLoss
            | Advice::ReportDamage
            | Advice::BringPassport => true,
            Advice::RenewCard
            | Advice::ReplaceCard
            | Advice::GetCard
            | Advice::ChildForm
            | Advice::RepresentedForm
            | Advice::GetVneid
            | Advice::UnlockVneid
            | Advice::CheckVneid
            | Advice::RenameSim
            | Advice::UpdateSim
            | Advice::CheckSim
            | Advice::TellPayer
            | Advice::FindPayer => false,
        };
        Self {
            reference: reference.to_owned(),
            masked_pin: pin.map(|pin| pin.masked()).unwrap_or_default(),
            day,
            lines: lines.collect(),
            missing: answers.advice().filter(|advice| !is_told_elsewhere(*advice)).collect(),
            papers: papers.collect(),
            portrait,
            due: due.map(|fee| Due { vnd: fee.vnd, source: law(&fee.source).to_owned() }),
        }
    }
}

/// The first of several sources: on paper the law is enough.
fn law(source: &str) -> &str {
    source.split(';').next().unwrap_or_default().trim()
}

/// What is printed, with the QR's address. Wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    /// What it says.
    pub text: Text,
    /// Behind the `#` stands the citizen's secret, or the coded answers.
    pub link: Zeroizing<String>,
    /// Printed before: this one is marked.
    pub is_copy: bool,
}

/// Which slip.
#[derive(Clone, PartialEq, Eq)]
pub enum Text {
    /// A dossier's, with the take-home guide as a second page.
    Dossier(Arc<Sheet>),
    /// The triage's: what to do before coming back. Nothing personal.
    Triage(Answers),
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ticket")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_one_place_on_the_portal_and_the_personal_number_none() {
        // The kiosk's own questions around item 16, which the portal does not ask.
        const OURS: &[&str] = &["pin", "ever_issued", "first_confirmed", "change_kind", "change_from"];
        for field in Field::ALL {
            let places = PORTAL_ORDER.iter().filter(|(_, placed)| *placed == field).count();
            let wanted = usize::from(!OURS.contains(&field.spec().key));
            assert_eq!(places, wanted, "{}", field.spec().key);
        }
        assert!(PORTAL_ORDER.is_sorted_by_key(|(step, _)| *step), "one step after the other");
    }
}
