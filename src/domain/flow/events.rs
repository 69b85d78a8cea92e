//! Everything that can happen to the kiosk, and everything it can ask for.

use super::{
    CameraOrder, CameraState, CardTap, ConsentTap, Consents, FormTap, HalfFilled, NotReopened, OfficerTap, PhotoTap,
    PortraitNote, Presented, ReaderState, Reopened, ReviewTap, SaveFailure, Saved, SlipTap, TriageTap,
};
use crate::domain::card::{CardClaim, CardProblem};
use crate::domain::citizen::{CitizenId, Date};
use crate::domain::form::Application;
use crate::domain::keep::Outlives;
use crate::domain::officer::{Count, Done, Door, Judgement, Order, Pin, Standing};
use crate::domain::photo::{Portrait, Seen, Shot};
use crate::domain::slip::SlipQr;
use crate::domain::ticket::{PrintProblem, PrinterState, Ticket};
use crate::domain::triage::Advice;

/// A touch. Labels and places are the window's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tap {
    /// Begin; `today` is the day by the best clock there is.
    Start {
        /// Today's date.
        today: Date,
    },
    /// Forwards.
    Next,
    /// Backwards.
    Back,
    /// End the session and wipe it.
    Leave,
    /// "I am still here."
    Stay,
    /// Try again what failed.
    Retry,
    /// The long press in the corner.
    Door,
    /// Hide everything of the citizen, or show it again.
    Curtain,
    /// "I have a slip", on the first screen.
    HaveSlip,
    /// While it is found out what is missing.
    Triage(TriageTap),
    /// On the consent screen.
    Consent(ConsentTap),
    /// While the card is asked for or shown.
    Card(CardTap),
    /// On a field, on whichever screen it stands.
    Form(FormTap),
    /// At the camera.
    Photo(PhotoTap),
    /// On the review.
    Review(ReviewTap),
    /// On the slip.
    Slip(SlipTap),
    /// On the officer's side.
    Officer(OfficerTap),
}

/// One key, from the screen's keyboard or from a plugged-in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A character or a combining tone mark.
    Char(char),
    /// Remove the last character.
    Backspace,
    /// The next field, or on.
    Enter,
    /// Capital letter once.
    Shift,
}

/// What the screen says when the straight way is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The citizen did not agree: the paper route.
    ConsentRefused,
    /// Not saved, see [`SaveFailure`].
    NotSaved(SaveFailure),
    /// There is no room for one more dossier, so none is begun.
    NoRoom,
    /// The kiosk is being switched off.
    Stopping,
}

/// The checked application on its way to the queue, with the consent it rests on.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealable {
    /// The form.
    pub application: Application,
    /// What was agreed to.
    pub consents: Consents,
    /// The portrait, if one was taken here.
    pub portrait: Option<Portrait>,
    /// What became of it.
    pub portrait_note: PortraitNote,
}

/// Everything that can happen to the kiosk, and nothing else can.
pub enum Event {
    /// A touch.
    Tap(Tap),
    /// A key.
    Key(Key),
    /// The reader came or went.
    Reader(ReaderState),
    /// The camera came or went.
    Camera(CameraState),
    /// What the camera sees.
    PhotoSeen(Seen),
    /// The answer to [`CameraOrder::Shoot`]; `None`: it gave no picture.
    PhotoTaken(Option<Shot>),
    /// How the printer is.
    Printer(PrinterState),
    /// The answer to [`Effect::Print`].
    Printed(Result<(), PrintProblem>),
    /// A card's QR was understood.
    CardRead(Box<CardClaim>),
    /// A slip was held to the reader; `today` as at [`Tap::Start`].
    SlipRead {
        /// Which.
        slip: SlipQr,
        /// Today's date.
        today: Date,
    },
    /// The answer to [`Effect::Reopen`].
    Reopened(Result<Box<Reopened>, NotReopened>),
    /// A dossier of the person whose card was shown is here already.
    HasDossier,
    /// How it stands with half-filled forms.
    Kept {
        /// What one outlives here.
        outlives: Outlives,
        /// There is one, from before.
        holds: bool,
    },
    /// The answer to [`Effect::Recall`]: what was kept for the holder of this card; `today` as at [`Tap::Start`].
    Recalled {
        /// Which, if any.
        half: Option<Box<HalfFilled>>,
        /// Today's date.
        today: Date,
    },
    /// Something else was held to the reader.
    CardRefused(CardProblem),
    /// A second has passed; this many since the last touch.
    Second {
        /// Seconds since the last touch or key.
        idle_s: u32,
    },
    /// The queue has committed the dossier.
    Saved(Saved),
    /// It has not.
    SaveFailed(SaveFailure),
    /// The queue's state as far as screens tell it.
    Outbox {
        /// Dossiers that the office has not confirmed.
        waiting: u32,
        /// True while the office answers.
        online: bool,
    },
    /// Whether there is room for one more dossier. A session that has begun goes on either way.
    Room {
        /// None begins.
        full: bool,
    },
    /// The office has confirmed the dossier with this reference.
    Delivered {
        /// As on the slip.
        reference: String,
    },
    /// How the officer's door stands, asked for by [`Effect::AskDoor`].
    Door(Door),
    /// The answer to [`Effect::TryPin`].
    PinJudged(Judgement),
    /// The answer to [`Order::Report`].
    OfficerStanding(Box<Standing>),
    /// The answer to any other order.
    OfficerDone(Done),
    /// The kiosk is about to end.
    Stopping,
}

/// What the core asks the outside world to do. The core itself does nothing.
pub enum Effect {
    /// Seal and commit; answered by [`Event::Saved`] or [`Event::SaveFailed`]. Asked again for the same session it
    /// means the same dossier.
    Save(Box<Sealable>),
    /// The session is over: drop its ids and secrets, reset language and contrast.
    Forget,
    /// A citizen came or went: counted without a name while an outreach session is open.
    Counted(Count),
    /// What somebody was advised, all of it, once a visit and never empty: counted in the same way.
    Advised(Vec<Advice>),
    /// Open the dossier of this slip for the holder of this card; answered by [`Event::Reopened`] unless the session is
    /// over first. What is saved afterwards is the next version of that dossier.
    Reopen(Box<Presented>),
    /// Ask what is kept for the holder of this card, and keep what follows for them; answered by [`Event::Recalled`]
    /// unless the session is over first.
    Recall(Box<CardClaim>),
    /// Keep this for the holder of the card that was presented, in place of what was kept before; or nothing of this
    /// citizen any more.
    Keep(Option<Box<HalfFilled>>),
    /// Has this person a dossier here already? Answered by [`Event::HasDossier`] if so, and otherwise not at all.
    LookUp(CitizenId),
    /// What the camera is to do.
    Camera(CameraOrder),
    /// Print it; answered by [`Event::Printed`] unless the session is over first.
    Print(Box<Ticket>),
    /// Answered by [`Event::Door`].
    AskDoor,
    /// Count this try, then compare; always answered by [`Event::PinJudged`].
    TryPin(Pin),
    /// Do what the officer asks; always answered by [`Event::OfficerStanding`] or [`Event::OfficerDone`].
    Officer(Order),
}
