//! The disk is at work. Nothing is called saved before the queue has committed.

use super::slip::Slip;
use super::{Citizen, Effect, Screen, Session, Tap, Trouble, trouble};
use crate::domain::officer::Count;
use crate::domain::ticket::{Portrait, Sheet};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Why the dossier is not saved. The draft is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveFailure {
    /// No room on the disk.
    DiskFull,
    /// Another process holds the queue.
    Busy,
    /// The queue cannot be read or written; whether the last attempt was committed is not known.
    Broken,
    /// The office's key is missing or unusable.
    OfficeKeyMissing,
}

/// The dossier is committed and synced to disk.
#[derive(Clone, PartialEq, Eq)]
pub struct Saved {
    /// Short code on the slip, such as `7F3K-92QX`.
    pub reference: String,
    /// The slip's address with the citizen's secret behind the `#`.
    pub link: Zeroizing<String>,
}

pub(super) fn enter(session: &mut Session) {
    session.go(Screen::Saving);
}

/// No touch changes anything while the answer is out.
pub(super) fn tap(_session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        Tap::Start { .. }
        | Tap::Next
        | Tap::Back
        | Tap::Leave
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

/// Committed: the draft goes at once, the slip is all that stays.
pub(super) fn saved(session: &mut Session, saved: Saved) -> Vec<Effect> {
    if session.screen != Screen::Saving {
        return Vec::new();
    }
    // What was saved was checked, and nothing has changed since.
    let Some((asked, Ok(application))) = session.asked().map(|asked| (asked, session.citizen.draft.check(asked)))
    else {
        return session.forget();
    };
    let is_inside = session.citizen.photo.kept.is_some();
    let portrait = if is_inside { Portrait::Inside } else { Portrait::Brought };
    let (answers, fees) = (session.citizen.triage.answers, &session.setup.rules.fees);
    let sheet = Sheet::new(&application, &saved.reference, asked.today, answers, portrait, fees);
    let (sheet, delivery) = (Arc::new(sheet), session.device.delivery());
    let slip = Slip { saved, sheet, delivery, qr_left_s: 0, leaving: false };
    session.citizen = Citizen { slip: Some(slip), ..Citizen::default() };
    session.go(Screen::Slip);
    vec![Effect::Counted(Count::Finished)]
}

/// Not committed: the draft is still there.
pub(super) fn failed(session: &mut Session, failure: SaveFailure) -> Vec<Effect> {
    if session.screen != Screen::Saving {
        return Vec::new();
    }
    session.citizen.maybe_saved |= failure == SaveFailure::Broken;
    trouble::enter(session, Trouble::NotSaved(failure))
}
