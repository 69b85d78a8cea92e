//! One citizen's way through the kiosk: `Event -> Session::step -> Effects`, and `Session::view` to be drawn.
//!
//! Pure and total: every screen answers every event. Time, ids and secrets come in with the events.

mod card;
mod consent;
mod enrol;
mod events;
mod form;
mod identity;
mod kept;
mod officer;
mod outreach;
mod photo;
mod pin;
mod resume;
mod review;
mod saving;
mod slip;
mod triage;
mod trouble;
mod view;
mod welcome;

use super::card::CardProblem;
use super::citizen::Date;
use super::form::{Answering, Asked, Draft, Field, Rules, Section};
use super::officer::Count;
use super::slip::SlipKey;
use super::typing::Method;
use std::sync::Arc;

pub use card::CardTap;
pub use consent::{ConsentTap, Consents, Purpose};
pub use events::{Effect, Event, Key, Sealable, Tap, Trouble};
pub use form::FormTap;
pub use kept::HalfFilled;
pub use officer::OfficerTap;
pub use outreach::OutreachField;
pub use photo::{CameraOrder, CameraState, PhotoTap, PhotoView, PortraitNote};
pub use resume::{NotReopened, Presented, Reopened, Reopening, WRONG_CARDS};
pub use review::ReviewTap;
pub use saving::{SaveFailure, Saved};
pub use slip::{PrintView, SlipTap};
pub use triage::{Page, TriageTap};
pub use view::{
    Blank, ConsentView, Delivery, Device, DoorView, EnrolView, Keyboard, OfficerView, OptionView, OutreachView,
    PinView, Reading, Row, SlipView, TriageView, View,
};

/// So long the first screen says "take your card" to somebody who left early, in seconds.
const TAKE_CARD_S: u32 = 20;

/// So much longer a form that could not be saved is kept, in seconds.
const OFFICER_COMES_S: u32 = 15 * 60;

/// What a session needs to know beforehand, from `kiosk-config/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Lists and edition of the form.
    pub rules: Rules,
    /// Seconds without a touch until the warning.
    pub idle_warn_s: u32,
    /// Seconds without a touch until everything is wiped.
    pub idle_wipe_s: u32,
    /// Seconds the slip's QR stays visible after a press.
    pub qr_visible_s: u32,
    /// Name of the place, offered when an outreach session is opened.
    pub place: String,
    /// The slip's address up to its `#`: the office's page.
    pub page: String,
}

/// Where the citizen stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// Nobody's turn.
    #[default]
    Welcome,
    /// What is missing: one question at a time, and the advice that follows.
    Triage,
    /// Purposes, unticked.
    Consent,
    /// Waiting for the card.
    Card,
    /// "Is this you?"
    Identity,
    /// One step of the form.
    Form,
    /// The portrait.
    Photo,
    /// Everything, with edit.
    Review,
    /// Being committed.
    Saving,
    /// Committed.
    Slip,
    /// Something happened; what, and what now.
    Trouble,
    /// A slip of an earlier visit is presented.
    Resume,
    /// The pad at the officer's door.
    Pin,
    /// How the kiosk stands, for the officer.
    Officer,
    /// The office's one-time code is typed.
    Enrol,
    /// The outreach session: opened, counted, closed.
    Outreach,
}

/// What happened to the serial reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReaderState {
    /// No device at the configured path.
    #[default]
    Missing,
    /// Listening.
    Ready,
}

/// Everything of the citizen in front of the kiosk. Dropped as a whole.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own about the form, not a state")]
struct Citizen {
    today: Option<Date>,
    triage: triage::Triage,
    /// Nothing of the citizen is shown.
    curtain: bool,
    consents: Consents,
    draft: Draft,
    section: Option<Section>,
    focus: Option<Field>,
    shift: bool,
    method: Method,
    /// Problems are shown once the citizen has tried to go on.
    tried: bool,
    from_review: bool,
    /// "I answer for what I declared before the law": ticked on the review, gone with every change.
    vouched: bool,
    /// The card's address has units of before July 2025: it is asked about although the card gave it.
    units_are_old: bool,
    /// The step in which empty answers were asked for once more.
    asked_again: Option<Section>,
    card_problem: Option<CardProblem>,
    /// A card was held to the reader: it may be lying there still.
    card_shown: bool,
    trouble: Option<Trouble>,
    /// An attempt to save may have been committed: only the same dossier may be tried again.
    maybe_saved: bool,
    slip: Option<slip::Slip>,
    /// The secret of a slip that was presented, until its dossier is open.
    slip_key: Option<SlipKey>,
    reopening: Option<Reopening>,
    /// The form is that of a saved dossier: what is saved now is its next version.
    is_reopened: bool,
    asked_to_print: slip::Asked,
    photo: photo::Sitting,
    /// A dossier under the number of the card was saved here before.
    has_dossier: bool,
    /// At the first screen a card was read, and what is kept for its holder is being looked for.
    recalling: bool,
    recalled: Option<kept::Recalled>,
}

impl Citizen {
    /// How a citizen who has not got a slip goes; nobody is counted where nobody stood.
    fn went(&self) -> Option<Count> {
        self.today?;
        Some(match self.trouble {
            Some(Trouble::ConsentRefused) => Count::Refused,
            _ if self.triage.ends_here() => Count::SentBack,
            _ => Count::Abandoned,
        })
    }
}

/// The kiosk's one session. Its owner is the loop; nobody else holds a citizen's data.
pub struct Session {
    setup: Arc<Setup>,
    screen: Screen,
    device: Device,
    citizen: Citizen,
    /// The pad at the door, while somebody stands before it.
    pad: Option<pin::Pad>,
    /// The officer's side while the door is open: never together with a citizen's session.
    desk: Option<Box<officer::Desk>>,
    idle_left_s: u32,
    /// Seconds for which whoever has just left is asked to take their card. Who it was is forgotten.
    take_card_s: u32,
}

impl Session {
    /// A session at the welcome screen.
    pub fn new(setup: Arc<Setup>) -> Self {
        let (device, citizen) = (Device::default(), Citizen::default());
        Self { setup, screen: Screen::Welcome, device, citizen, pad: None, desk: None, idle_left_s: 0, take_card_s: 0 }
    }

    /// Where the citizen stands.
    pub fn screen(&self) -> Screen {
        self.screen
    }

    /// Takes one event; answers with what is to be done, in order.
    pub fn step(&mut self, event: Event) -> Vec<Effect> {
        let before = kept::mark(self);
        let mut effects = self.answer(event);
        let after = kept::mark(self);
        if after.is_some() && after != before {
            effects.push(kept::keep(self));
        }
        effects
    }

    fn answer(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Second { idle_s } => self.second(idle_s),
            Event::Reader(state) => {
                self.device.reader = state;
                if state == ReaderState::Missing {
                    self.citizen.card_problem = None;
                }
                Vec::new()
            }
            Event::Outbox { waiting, online } => {
                self.device = Device { waiting, offline: !online, ..self.device };
                if let Some(slip) = self.citizen.slip.as_mut().filter(|slip| slip.delivery != Delivery::Sent) {
                    slip.delivery = self.device.delivery();
                }
                Vec::new()
            }
            Event::Room { full } => self.room(full),
            Event::Delivered { reference } => {
                if let Some(slip) = self.citizen.slip.as_mut().filter(|slip| slip.saved.reference == reference) {
                    slip.delivery = Delivery::Sent;
                }
                Vec::new()
            }
            Event::Stopping => self.stop(),
            Event::Tap(tap) => {
                self.idle_left_s = 0;
                self.tapped(&tap)
            }
            Event::Key(key) => {
                self.idle_left_s = 0;
                self.typed(key)
            }
            Event::Printer(state) => slip::printer(self, state),
            Event::Printed(outcome) => slip::printed(self, outcome),
            Event::Camera(state) => photo::camera(self, state),
            Event::PhotoSeen(seen) => photo::seen(self, seen),
            Event::PhotoTaken(shot) => photo::taken(self, shot),
            Event::CardRead(claim) => card::read(self, &claim),
            Event::SlipRead { slip, today } => resume::read(self, &slip, today),
            Event::Reopened(answer) => resume::answered(self, answer.map(|dossier| *dossier)),
            Event::HasDossier => card::has_dossier(self),
            Event::Kept { outlives, holds } => {
                self.device = Device { outlives, holds, ..self.device };
                Vec::new()
            }
            Event::Recalled { half, today } => kept::recalled(self, half, today),
            Event::CardRefused(problem) => card::refused(self, problem),
            Event::Saved(saved) => saving::saved(self, saved),
            Event::SaveFailed(failure) => saving::failed(self, failure),
            Event::Door(door) => pin::door(self, door),
            Event::PinJudged(judgement) => pin::judged(self, judgement),
            Event::OfficerStanding(standing) => officer::stands(self, standing),
            Event::OfficerDone(done) => officer::done(self, done),
        }
    }

    /// Who was turned away is told when there is room again.
    fn room(&mut self, full: bool) -> Vec<Effect> {
        self.device.full = full;
        if full || self.citizen.trouble != Some(Trouble::NoRoom) {
            return Vec::new();
        }
        self.citizen.trouble = None;
        if self.screen == Screen::Trouble { self.forget() } else { Vec::new() }
    }

    fn typed(&mut self, key: Key) -> Vec<Effect> {
        if self.citizen.curtain {
            return Vec::new();
        }
        match self.screen {
            Screen::Pin => pin::key(self, key),
            Screen::Enrol => enrol::key(self, key),
            Screen::Outreach => outreach::key(self, key),
            Screen::Welcome
            | Screen::Triage
            | Screen::Consent
            | Screen::Card
            | Screen::Identity
            | Screen::Form
            | Screen::Photo
            | Screen::Review
            | Screen::Saving
            | Screen::Slip
            | Screen::Trouble
            | Screen::Resume
            | Screen::Officer => form::key(self, key),
        }
    }

    fn tapped(&mut self, tap: &Tap) -> Vec<Effect> {
        self.take_card_s = 0;
        match tap {
            Tap::Stay => return Vec::new(),
            // There is nothing to hide where nobody's data is, nor while the disk is at work.
            Tap::Curtain if self.may_be_hidden() => {
                self.citizen.curtain = !self.citizen.curtain;
                return Vec::new();
            }
            // Behind the curtain nobody sees what they press; ending everything is always open.
            _ if self.citizen.curtain && *tap != Tap::Leave => return Vec::new(),
            _ => {}
        }
        match self.screen {
            Screen::Welcome => welcome::tap(self, tap),
            Screen::Triage => triage::tap(self, tap),
            Screen::Consent => consent::tap(self, tap),
            Screen::Card => card::tap(self, tap),
            Screen::Identity => identity::tap(self, tap),
            Screen::Form => form::tap(self, tap),
            Screen::Photo => photo::tap(self, tap),
            Screen::Review => review::tap(self, tap),
            Screen::Saving => saving::tap(self, tap),
            Screen::Slip => slip::tap(self, tap),
            Screen::Trouble => trouble::tap(self, tap),
            Screen::Resume => resume::tap(self, tap),
            Screen::Pin => pin::tap(self, tap),
            Screen::Officer => officer::tap(self, tap),
            Screen::Enrol => enrol::tap(self, tap),
            Screen::Outreach => outreach::tap(self, tap),
        }
    }

    /// Idle time is counted on every screen but two: nobody's, and the one where the disk is at work.
    fn second(&mut self, idle_s: u32) -> Vec<Effect> {
        if let Some(slip) = &mut self.citizen.slip {
            slip.qr_left_s = slip.qr_left_s.saturating_sub(1);
        }
        self.take_card_s = self.take_card_s.saturating_sub(1);
        match self.screen {
            Screen::Welcome | Screen::Saving => Vec::new(),
            Screen::Pin => pin::second(self, idle_s),
            Screen::Officer | Screen::Enrol | Screen::Outreach => officer::second(self, idle_s),
            Screen::Triage
            | Screen::Consent
            | Screen::Card
            | Screen::Identity
            | Screen::Form
            | Screen::Photo
            | Screen::Review
            | Screen::Slip
            | Screen::Resume
            | Screen::Trouble => {
                // An unsaved form waits for the officer who was called; nothing of it is on that screen.
                let patience_s = match self.citizen.trouble {
                    Some(Trouble::NotSaved(_)) => OFFICER_COMES_S,
                    Some(Trouble::ConsentRefused | Trouble::NoRoom | Trouble::Stopping) | None => 0,
                };
                let wipe_s = self.setup.idle_wipe_s + patience_s;
                if idle_s >= wipe_s {
                    return self.forget();
                }
                let warns = idle_s >= self.setup.idle_warn_s + patience_s;
                self.idle_left_s = if warns { wipe_s - idle_s } else { 0 };
                Vec::new()
            }
        }
    }

    /// A dossier that is being saved is finished first: the loop waits for the queue.
    fn stop(&mut self) -> Vec<Effect> {
        match self.screen {
            Screen::Saving | Screen::Slip => Vec::new(),
            Screen::Welcome
            | Screen::Triage
            | Screen::Consent
            | Screen::Card
            | Screen::Identity
            | Screen::Form
            | Screen::Photo
            | Screen::Review
            | Screen::Trouble
            | Screen::Resume
            | Screen::Pin
            | Screen::Officer
            | Screen::Enrol
            | Screen::Outreach => {
                let effects = self.forget();
                self.citizen.trouble = Some(Trouble::Stopping);
                self.screen = Screen::Trouble;
                effects
            }
        }
    }

    /// Ends the session. The only way back to the welcome screen; leaves nothing of the citizen behind.
    pub fn forget(&mut self) -> Vec<Effect> {
        let citizen = std::mem::take(&mut self.citizen);
        (self.pad, self.desk, self.idle_left_s) = (None, None, 0);
        self.screen = Screen::Welcome;
        self.take_card_s = if citizen.card_shown { TAKE_CARD_S } else { 0 };
        citizen.went().map(Effect::Counted).into_iter().chain([Effect::Forget]).collect()
    }

    /// What is to be drawn.
    pub fn view(&self) -> View {
        view::of(self)
    }

    fn may_be_hidden(&self) -> bool {
        self.citizen.today.is_some() && self.pad.is_none() && self.screen != Screen::Saving
    }

    fn go(&mut self, screen: Screen) -> Vec<Effect> {
        self.screen = screen;
        self.citizen.focus = None;
        Vec::new()
    }

    /// The sections asked of this citizen: without consent to it, no bank account.
    fn sections(&self) -> Vec<Section> {
        let refund = self.citizen.consents[Purpose::Refund as usize];
        let draft = &self.citizen.draft;
        Section::ALL
            .into_iter()
            .filter(|section| (refund || *section != Section::Refund) && draft.asks(*section))
            .collect()
    }

    fn asked(&self) -> Option<Asked<'_>> {
        Some(Asked { rules: &self.setup.rules, today: self.citizen.today? })
    }

    /// The steps on the way: what the card or the triage has answered in order is not asked again.
    fn steps(&self) -> Vec<Section> {
        let draft = &self.citizen.draft;
        let is_right = |section| self.asked().is_some_and(|asked| draft.problems_in(section, asked).is_empty());
        let is_open = |section| section == Section::Permanent && self.citizen.units_are_old;
        let is_done = |section: &Section| draft.is_known(*section) && is_right(*section) && !is_open(*section);
        self.sections().into_iter().filter(|section| !is_done(section)).collect()
    }
}

/// True where the citizen writes; choices are only pressed.
fn is_typed(field: Field) -> bool {
    !matches!(field.spec().rule.answering(), Answering::Choice(_))
}
