//! Committed: the reference, the slip on paper and on the screen, the QR on request, and "card and slip?" before the end.

use super::{Effect, Screen, Session, Tap};
use crate::domain::ticket::{PrintProblem, PrinterState, Printing, Sheet, Text, Ticket};
use std::sync::Arc;
use zeroize::Zeroizing;

/// A touch on the slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlipTap {
    /// Show the slip's QR for a while.
    RevealQr,
    /// Print it, or print it again.
    Print,
    /// Done with the slip: asks for card and slip first.
    Finish,
    /// Both are taken.
    Done,
}

/// The printing of a slip, as shown where one can be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrintView {
    /// How far it is.
    pub printing: Printing,
    /// The next one is a copy.
    pub again: bool,
}

/// What was asked of the printer for this citizen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) printing: Printing,
    /// Whatever comes next is a copy.
    pub(super) again: bool,
}

/// The slip of a saved dossier. Lives until the citizen leaves.
pub(super) struct Slip {
    pub(super) saved: super::Saved,
    pub(super) sheet: Arc<Sheet>,
    pub(super) delivery: super::Delivery,
    pub(super) qr_left_s: u32,
    /// "Card and slip?" is asked.
    pub(super) leaving: bool,
}

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    let qr_visible_s = session.setup.qr_visible_s;
    let Some(slip) = &mut session.citizen.slip else {
        return session.forget();
    };
    match tap {
        Tap::Slip(SlipTap::RevealQr) if !slip.leaving => slip.qr_left_s = qr_visible_s,
        Tap::Slip(SlipTap::Print) if !slip.leaving => return print(session),
        Tap::Slip(SlipTap::Finish) => (slip.leaving, slip.qr_left_s) = (true, 0),
        Tap::Slip(SlipTap::Done) if slip.leaving => return session.forget(),
        Tap::Back => slip.leaving = false,
        Tap::Leave => return session.forget(),
        // A second press of a button that is gone already.
        Tap::Slip(SlipTap::RevealQr | SlipTap::Print | SlipTap::Done)
        | Tap::Start { .. }
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
        | Tap::Officer(_) => {}
    }
    Vec::new()
}

/// Prints the slip of this screen, the dossier's or the triage's. One at a time, and only where there is a printer.
pub(super) fn print(session: &mut Session) -> Vec<Effect> {
    let asked = session.citizen.asked_to_print;
    if session.device.printer == PrinterState::None || asked.printing == Printing::Now {
        return Vec::new();
    }
    let (text, link) = if let Some(slip) = &session.citizen.slip {
        (Text::Dossier(Arc::clone(&slip.sheet)), slip.saved.link.clone())
    } else {
        let answers = session.citizen.triage.answers;
        (Text::Triage(answers), Zeroizing::new(format!("{}#{}", session.setup.page, answers.code())))
    };
    session.citizen.asked_to_print = Asked { printing: Printing::Now, again: true };
    vec![Effect::Print(Box::new(Ticket { text, link, is_copy: asked.again }))]
}

/// How the printer is. A printer that has got well again takes its complaint back: the citizen may print.
pub(super) fn printer(session: &mut Session, state: PrinterState) -> Vec<Effect> {
    session.device.printer = state;
    Vec::new()
}

/// The answer to [`Effect::Print`]; nobody's when nothing is being printed.
pub(super) fn printed(session: &mut Session, outcome: Result<(), PrintProblem>) -> Vec<Effect> {
    let asked = &mut session.citizen.asked_to_print;
    if asked.printing == Printing::Now {
        asked.printing = outcome.map_or_else(Printing::Failed, |()| Printing::Done);
    }
    Vec::new()
}

/// Where a slip can be printed.
pub(super) fn print_view(session: &Session) -> Option<PrintView> {
    let may_print = matches!(session.screen, Screen::Slip | Screen::Triage);
    let Asked { printing, again } = session.citizen.asked_to_print;
    (may_print && session.device.printer != PrinterState::None).then_some(PrintView { printing, again })
}
