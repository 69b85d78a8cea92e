//! What the data is for, purpose by purpose; nothing is ticked beforehand (Decree 356/2025).

use super::{Citizen, Effect, Screen, Session, Tap, Trouble, review, triage, trouble};
use crate::domain::form::Section;

/// A purpose the citizen agrees to, or not (Law 91/2025/QH15, article 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Read the card and prepare the form.
    Prepare,
    /// Ethnicity and religion, which the form asks for.
    Sensitive,
    /// Hand the sealed dossier to the immigration office.
    Send,
    /// A bank account for a refund: optional.
    Refund,
}

impl Purpose {
    /// Every purpose, in the order shown.
    pub const ALL: [Self; 4] = [Self::Prepare, Self::Sensitive, Self::Send, Self::Refund];

    /// Name on the wire; never changes.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Sensitive => "sensitive",
            Self::Send => "send",
            Self::Refund => "refund",
        }
    }

    /// The names of what is ticked, as they are written down.
    pub fn keys_of(consents: &Consents) -> Vec<String> {
        let ticked = Self::ALL.into_iter().filter(|purpose| consents[*purpose as usize]);
        ticked.map(|purpose| purpose.key().to_owned()).collect()
    }

    /// What was ticked, from the names that were written down.
    pub fn among(keys: &[String]) -> Consents {
        Self::ALL.map(|purpose| keys.iter().any(|key| key == purpose.key()))
    }

    /// Without these there is nothing the kiosk can do.
    pub const fn is_required(self) -> bool {
        match self {
            Self::Prepare | Self::Sensitive | Self::Send => true,
            Self::Refund => false,
        }
    }
}

/// A touch on the consent screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentTap {
    /// Tick or untick a purpose.
    Toggle(Purpose),
    /// No consent.
    Refuse,
}

/// Which purposes are ticked, in the order of [`Purpose::ALL`].
pub type Consents = [bool; Purpose::ALL.len()];

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        Tap::Consent(ConsentTap::Toggle(purpose)) => {
            let ticked = &mut session.citizen.consents[*purpose as usize];
            *ticked = !*ticked;
            if *purpose == Purpose::Refund {
                // What was entered under a consent that is taken back goes with it.
                Section::Refund.fields().for_each(|field| session.citizen.draft.enter(field, String::new()));
            }
            Vec::new()
        }
        Tap::Next if is_enough(session) && session.citizen.is_reopened => review::enter(session),
        Tap::Next if is_enough(session) => session.go(Screen::Card),
        Tap::Consent(ConsentTap::Refuse) => {
            session.citizen =
                Citizen { today: session.citizen.today, triage: session.citizen.triage, ..Citizen::default() };
            let told = trouble::enter(session, Trouble::ConsentRefused);
            [Effect::Keep(None)].into_iter().chain(told).collect()
        }
        // There was no triage this time.
        Tap::Back if session.citizen.is_reopened => session.forget(),
        Tap::Back => triage::back_from_consent(session),
        Tap::Leave => session.forget(),
        Tap::Start { .. }
        | Tap::Next
        | Tap::Stay
        | Tap::Retry
        | Tap::Door
        | Tap::Curtain
        | Tap::HaveSlip
        | Tap::Triage(_)
        | Tap::Card(_)
        | Tap::Form(_)
        | Tap::Photo(_)
        | Tap::Review(_)
        | Tap::Slip(_)
        | Tap::Officer(_) => Vec::new(),
    }
}

pub(super) fn is_enough(session: &Session) -> bool {
    Purpose::ALL.into_iter().all(|purpose| !purpose.is_required() || session.citizen.consents[purpose as usize])
}
