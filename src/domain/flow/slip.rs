//! Committed: the reference, the QR on request, what remains to be done.

use super::{Effect, Session, Tap};

/// A touch on the slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlipTap {
    /// Show the slip's QR for a while.
    RevealQr,
    /// Done with the slip.
    Finish,
}

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    match tap {
        Tap::Slip(SlipTap::RevealQr) => {
            if let Some(slip) = &mut session.citizen.slip {
                slip.qr_left_s = session.setup.qr_visible_s;
            }
            Vec::new()
        }
        Tap::Slip(SlipTap::Finish) | Tap::Leave => session.forget(),
        Tap::Start { .. }
        | Tap::Next
        | Tap::Back
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
        | Tap::Officer(_) => Vec::new(),
    }
}
