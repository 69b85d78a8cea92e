//! A slip of an earlier visit is presented: the dossier behind it comes back, to its own citizen only.

use super::{Consents, Effect, Screen, Session, Tap, Trouble, consent, photo, review, triage, trouble};
use crate::domain::card::CardClaim;
use crate::domain::citizen::Date;
use crate::domain::form::Draft;
use crate::domain::officer::Count;
use crate::domain::photo::Portrait;
use crate::domain::slip::{SlipKey, SlipQr};

/// Numbers that may be wrong before a slip opens nothing any more (domain decision, `architecture.md` 1.5).
pub const WRONG_CARDS: u8 = 5;

/// Why a slip's dossier does not come back. Nothing of it has been shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReopened {
    /// It is not, or not any more, at this kiosk.
    NotHere,
    /// The number in it is not that of the card.
    OtherCard {
        /// Tries that are left.
        left: u8,
    },
    /// Too many wrong cards.
    Void,
    /// It is here and cannot be read.
    Unreadable,
}

/// How far a dossier's slip has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reopening {
    /// The card with the same number is asked for.
    WantsCard,
    /// It is being opened.
    Looking,
    /// It was not.
    Refused(NotReopened),
}

/// A slip and the card that was presented with it.
pub struct Presented {
    /// What opens the dossier.
    pub key: SlipKey,
    /// Whose number must stand in it.
    pub card: CardClaim,
}

/// A dossier that has come back.
pub struct Reopened {
    /// As it was saved, compared with the card.
    pub draft: Draft,
    /// What was agreed to, if that was this very text; otherwise nothing.
    pub consents: Consents,
    /// The portrait in it.
    pub portrait: Option<Portrait>,
    /// What became of it.
    pub portrait_skipped: bool,
}

/// From the first screen.
pub(super) fn enter(session: &mut Session) -> Vec<Effect> {
    session.go(Screen::Resume)
}

/// A slip where one is asked for, or on the first screen; in the midst of a session it is somebody else's.
pub(super) fn read(session: &mut Session, slip: &SlipQr, today: Date) -> Vec<Effect> {
    let is_awaited = session.screen == Screen::Welcome
        || (session.screen == Screen::Resume && session.citizen.reopening != Some(Reopening::Looking));
    if !is_awaited {
        return Vec::new();
    }
    if session.device.full {
        return trouble::enter(session, Trouble::NoRoom);
    }
    let mut effects = Vec::new();
    if session.citizen.today.replace(today).is_none() {
        effects.push(Effect::Counted(Count::Started));
    }
    match slip {
        SlipQr::Triage(answers) => {
            (session.citizen.slip_key, session.citizen.reopening) = (None, None);
            effects.extend(triage::resume(session, *answers));
        }
        SlipQr::Dossier(key) => {
            session.citizen.slip_key = Some(key.clone());
            session.citizen.reopening = Some(Reopening::WantsCard);
            effects.extend(session.go(Screen::Resume));
        }
    }
    effects
}

/// A card after the slip.
pub(super) fn card(session: &mut Session, card: &CardClaim) -> Vec<Effect> {
    let Some(key) = session.citizen.slip_key.clone() else {
        return Vec::new();
    };
    match session.citizen.reopening {
        Some(Reopening::WantsCard | Reopening::Refused(NotReopened::OtherCard { .. })) => {
            session.citizen.card_shown = true;
            session.citizen.reopening = Some(Reopening::Looking);
            vec![Effect::Reopen(Box::new(Presented { key, card: card.clone() }))]
        }
        Some(Reopening::Looking | Reopening::Refused(_)) | None => Vec::new(),
    }
}

/// The answer; one that nobody waits for any more is nobody's.
pub(super) fn answered(session: &mut Session, answer: Result<Reopened, NotReopened>) -> Vec<Effect> {
    if session.screen != Screen::Resume || session.citizen.reopening != Some(Reopening::Looking) {
        return Vec::new();
    }
    match answer {
        Ok(Reopened { draft, consents, portrait, portrait_skipped }) => {
            (session.citizen.slip_key, session.citizen.reopening) = (None, None);
            (session.citizen.draft, session.citizen.consents) = (draft, consents);
            session.citizen.photo = photo::Sitting::of(portrait, portrait_skipped);
            session.citizen.is_reopened = true;
            // A consent to another text is no consent to this one.
            if consent::is_enough(session) { review::enter(session) } else { session.go(Screen::Consent) }
        }
        Err(why) => {
            session.citizen.reopening = Some(Reopening::Refused(why));
            Vec::new()
        }
    }
}

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        Tap::Back | Tap::Leave => session.forget(),
        Tap::Start { .. }
        | Tap::Next
        | Tap::Stay
        | Tap::Retry
        | Tap::Door
        | Tap::Curtain
        | Tap::HaveSlip
        | Tap::Triage(_)
        | Tap::Consent(_)
        | Tap::Card(_)
        | Tap::Form(_)
        | Tap::Photo(_)
        | Tap::Review(_)
        | Tap::Slip(_)
        | Tap::Officer(_) => Vec::new(),
    }
}
