//! What is drawn: plain data, codes and the citizen's own text. No sentence, no toolkit.

mod readings;
mod rows;

use super::{
    CameraState, Consents, OutreachField, Page, PhotoView, PrintView, Purpose, ReaderState, Reopening, Screen, Session,
    Trouble, consent, is_typed, officer, photo, pin, slip, trouble,
};
use crate::domain::card::CardProblem;
use crate::domain::form::{Answer, Field, Paper, Problem, Quick, Rule, Section, Source, Warning};
use crate::domain::keep::Outlives;
use crate::domain::officer::{Done, Standing};
use crate::domain::photo::Picture;
use crate::domain::ticket::{PrinterState, Sheet};
use crate::domain::triage::{Answers, Question, Weight};
use crate::domain::typing::Method;
use std::sync::Arc;

pub use readings::Reading;

/// Facts about the kiosk itself; they outlive a citizen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// The serial reader.
    pub reader: ReaderState,
    /// The camera.
    pub camera: CameraState,
    /// The slip's printer.
    pub printer: PrinterState,
    /// Dossiers that the office has not confirmed.
    pub waiting: u32,
    /// The office did not answer the last time.
    pub offline: bool,
    /// There is no room for one more dossier.
    pub full: bool,
    /// What a half-filled form outlives here.
    pub outlives: Outlives,
    /// There is one, from before.
    pub holds: bool,
}

impl Device {
    /// What can honestly be said of a dossier that the office has not confirmed.
    pub(super) const fn delivery(self) -> Delivery {
        if self.offline { Delivery::Waiting } else { Delivery::Unknown }
    }
}

/// What is known of the way to the office.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// Being sent, or not tried yet.
    #[default]
    Unknown,
    /// No connection: kept here.
    Waiting,
    /// The office's receipt is there.
    Sent,
}

/// Which keys are offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keyboard {
    /// None.
    #[default]
    Hidden,
    /// Letters with diacritics.
    Letters,
    /// Digits.
    Digits,
    /// Digits and a slash.
    Date,
    /// Letters without diacritics, and what an address needs.
    Email,
    /// The characters of a one-time code.
    Code,
}

/// One purpose to tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsentView {
    /// Which.
    pub purpose: Purpose,
    /// Ticked.
    pub ticked: bool,
}

/// One answer or suggestion to press.
#[derive(Clone, PartialEq, Eq)]
pub struct OptionView {
    /// A coded answer, or nothing for an entry of a list.
    pub answer: Option<Answer>,
    /// An answer of one press instead of typing.
    pub quick: Option<Quick>,
    /// What is sent back when pressed, nothing for "there is none"; for an entry of a list also what is shown.
    pub value: String,
    /// It is the field's value.
    pub chosen: bool,
    /// Which reading of an address it is.
    pub reading: Option<Reading>,
}

/// An empty field of which something is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blank {
    /// Left so by a press: "there is none".
    Declined,
    /// It may stay so, and the portal wants it; said on the review.
    Gap,
}

/// One field as shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Which.
    pub field: Field,
    /// Its text; for a choice the answer's wire name.
    pub value: String,
    /// What may be pressed.
    pub options: Vec<OptionView>,
    /// Must be filled.
    pub required: bool,
    /// Has the caret.
    pub focused: bool,
    /// Where the value comes from.
    pub source: Option<Source>,
    /// What the card says where it differs.
    pub on_card: String,
    /// What is wrong.
    pub problem: Option<Problem>,
    /// What deserves a second look.
    pub warning: Option<Warning>,
    /// What is known of its emptiness.
    pub blank: Option<Blank>,
}

/// The slip as shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SlipView {
    /// The short code.
    pub reference: String,
    /// What it says, without the key to the dossier.
    pub sheet: Arc<Sheet>,
    /// How far the dossier is.
    pub delivery: Delivery,
    /// The slip's address while it is shown as a QR; empty otherwise.
    pub link: String,
    /// Seconds until it hides.
    pub qr_left_s: u32,
    /// "Card and slip?" is asked.
    pub leaving: bool,
}

/// What the pad at the door says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoorView {
    /// Type.
    Ready,
    /// Fewer digits than any PIN has; this was no try.
    TooShort,
    /// Being compared.
    Judging,
    /// Nobody's PIN.
    Wrong {
        /// Tries until the door shuts.
        left: u32,
    },
    /// Shut.
    Locked {
        /// Seconds.
        left_s: u32,
    },
    /// No officer has been set up.
    NoOfficer,
    /// The officers' file cannot be used.
    Broken,
}

/// The pad as shown: never a digit.
#[derive(Clone, PartialEq, Eq)]
pub struct PinView {
    /// How many are typed.
    pub digits: usize,
    /// It can be tried.
    pub is_enough: bool,
    /// Digits are taken now.
    pub takes_digits: bool,
    /// What it says.
    pub door: DoorView,
    /// Behind the pad waits a citizen's form that ends when the door opens.
    pub ends_session: bool,
}

/// The code as typed so far.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolView {
    /// Up to ten characters.
    pub code: String,
    /// It can be sent.
    pub is_whole: bool,
}

/// The outreach session's sheet.
#[derive(Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is one lamp of the screen, and none excludes another")]
pub struct OutreachView {
    /// Where, as typed.
    pub place: String,
    /// Which team, as typed.
    pub team: String,
    /// Which has the caret.
    pub focus: OutreachField,
    /// Text is taken now: no session is open.
    pub takes_text: bool,
    /// It can be opened.
    pub is_whole: bool,
    /// "Close" was pressed once.
    pub sure: bool,
    /// The next letter is a capital.
    pub shift: bool,
    /// How letters become Vietnamese.
    pub method: Method,
}

/// The officer's side.
#[derive(Clone, PartialEq, Eq)]
pub struct OfficerView {
    /// The officer's label.
    pub officer: String,
    /// How things are; nothing until it is known.
    pub standing: Option<Box<Standing>>,
    /// An order is being carried out.
    pub waits: bool,
    /// What came of the last one.
    pub said: Option<Done>,
    /// The one-time code, on its screen.
    pub enrol: Option<EnrolView>,
    /// The outreach session, on its screen.
    pub outreach: Option<OutreachView>,
}

/// What is missing, as shown.
#[derive(Clone, PartialEq, Eq)]
pub struct TriageView {
    /// Which page of it.
    pub page: Page,
    /// What was answered so far.
    pub answers: Answers,
    /// How the whole weighs.
    pub weight: Weight,
    /// Position of the question, from 1; beyond the last for the advice.
    pub step: usize,
    /// The small slip's address, on the advice page of whoever must come back; empty otherwise.
    pub link: String,
}

/// The whole screen.
#[derive(Clone, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is one lamp of the screen, and none excludes another")]
pub struct View {
    /// Which screen.
    pub screen: Screen,
    /// About the kiosk.
    pub device: Device,
    /// How far a slip has come, on the screen that waits for one.
    pub reopening: Option<Reopening>,
    /// Nothing of the citizen is shown; everything else is empty then.
    pub curtain: bool,
    /// There is something that can be hidden.
    pub may_hide: bool,
    /// On the first screen: whoever has just left may have left a card.
    pub take_card: bool,
    /// What is missing.
    pub triage: Option<TriageView>,
    /// Purposes, on the consent screen.
    pub consents: Vec<ConsentView>,
    /// The step may be left forwards; on the trouble screen, backwards.
    pub may_go_on: bool,
    /// The step of the form.
    pub section: Option<Section>,
    /// Its position, from 1.
    pub step: usize,
    /// How many there are.
    pub steps: usize,
    /// Fields shown.
    pub rows: Vec<Row>,
    /// What the request needs beside the form: on the steps about the request, and in the review.
    pub papers: Vec<Paper>,
    /// The line between surname and the rest can be moved to the left.
    pub may_shorten_surname: bool,
    /// And to the right.
    pub may_lengthen_surname: bool,
    /// One value is being changed; the review comes next.
    pub from_review: bool,
    /// The legal statement is ticked.
    pub vouched: bool,
    /// On "is this you?": there is a dossier of this person here already.
    pub has_dossier: bool,
    /// On "is this you?": a half-filled form of this card comes back with "yes".
    pub recalled: bool,
    /// The camera's screen.
    pub photo: Option<PhotoView>,
    /// The portrait, on the review.
    pub portrait: Option<Arc<Picture>>,
    /// On the review: a portrait was left out.
    pub portrait_skipped: bool,
    /// Why the last thing held to the reader was not taken.
    pub card_problem: Option<CardProblem>,
    /// What happened.
    pub trouble: Option<Trouble>,
    /// It can be tried again.
    pub may_retry: bool,
    /// The slip.
    pub slip: Option<SlipView>,
    /// The printing of a slip, where there is a printer.
    pub print: Option<PrintView>,
    /// Seconds until the session is wiped; 0 without a warning.
    pub idle_left_s: u32,
    /// Which keys are offered.
    pub keyboard: Keyboard,
    /// The next letter is a capital.
    pub shift: bool,
    /// How letters become Vietnamese.
    pub method: Method,
    /// The pad at the officer's door.
    pub pin: Option<PinView>,
    /// The officer's side.
    pub officer: Option<Box<OfficerView>>,
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "View({:?})", self.screen)
    }
}

pub(super) fn of(session: &Session) -> View {
    let citizen = &session.citizen;
    if citizen.curtain {
        let (screen, device, idle_left_s) = (session.screen, session.device, session.idle_left_s);
        return View { screen, device, curtain: true, may_hide: true, idle_left_s, ..View::default() };
    }
    let section = citizen.section.filter(|_| session.screen == Screen::Form);
    let steps = section.map_or_else(Vec::new, |_| session.steps());
    let (pin, officer) = (pin::view(session), officer::view(session));
    let sheet = officer.as_ref().and_then(|officer| officer.outreach.clone());
    let sheet = sheet.as_ref();
    View {
        screen: session.screen,
        device: session.device,
        reopening: citizen.reopening,
        curtain: false,
        may_hide: session.may_be_hidden(),
        take_card: session.screen == Screen::Welcome && session.take_card_s > 0,
        triage: triage(session),
        consents: consents(session.screen, citizen.consents),
        may_go_on: match session.screen {
            Screen::Welcome | Screen::Resume => false,
            Screen::Consent => consent::is_enough(session),
            Screen::Trouble => trouble::may_go_back(session),
            Screen::Triage
            | Screen::Card
            | Screen::Identity
            | Screen::Form
            | Screen::Photo
            | Screen::Saving
            | Screen::Slip
            | Screen::Pin
            | Screen::Officer
            | Screen::Enrol
            | Screen::Outreach => true,
            Screen::Review => citizen.vouched,
        },
        section,
        // A step that is only looked at again has no place on the way.
        step: section.and_then(|s| steps.iter().position(|other| *other == s)).map_or(0, |i| i + 1),
        steps: if section.is_some_and(|s| steps.contains(&s)) { steps.len() } else { 0 },
        rows: rows::of(session),
        papers: rows::papers(session, section),
        may_shorten_surname: rows::shows_name(session, section) && citizen.draft.can_move_split(false),
        may_lengthen_surname: rows::shows_name(session, section) && citizen.draft.can_move_split(true),
        from_review: section.is_some() && citizen.from_review,
        vouched: session.screen == Screen::Review && citizen.vouched,
        recalled: session.screen == Screen::Identity && citizen.recalled.is_some(),
        has_dossier: session.screen == Screen::Identity && citizen.has_dossier,
        photo: photo::view(session),
        portrait: citizen
            .photo
            .kept
            .as_ref()
            .filter(|_| session.screen == Screen::Review)
            .map(|kept| Arc::clone(&kept.small)),
        portrait_skipped: session.screen == Screen::Review && citizen.photo.skipped,
        card_problem: citizen.card_problem.filter(|_| session.screen == Screen::Card),
        trouble: citizen.trouble.filter(|_| session.screen == Screen::Trouble),
        may_retry: session.screen == Screen::Trouble && citizen.trouble.is_some_and(trouble::may_retry),
        slip: citizen.slip.as_ref().map(|slip| SlipView {
            reference: slip.saved.reference.clone(),
            sheet: Arc::clone(&slip.sheet),
            delivery: slip.delivery,
            link: if slip.qr_left_s > 0 { slip.saved.link.to_string() } else { String::new() },
            qr_left_s: slip.qr_left_s,
            leaving: slip.leaving,
        }),
        print: slip::print_view(session),
        idle_left_s: session.idle_left_s,
        keyboard: keyboard(session, officer.as_deref(), pin.as_ref()),
        shift: sheet.map_or(citizen.shift, |sheet| sheet.shift),
        method: sheet.map_or(citizen.method, |sheet| sheet.method),
        pin,
        officer,
    }
}

fn triage(session: &Session) -> Option<TriageView> {
    let triage = session.citizen.triage;
    let page = triage.page.filter(|_| session.screen == Screen::Triage)?;
    let (answers, weight) = (triage.answers, triage.answers.weight());
    let step = match page {
        Page::Question(question) => question as usize + 1,
        Page::SimName | Page::SimNumber => Question::Sim as usize + 1,
        Page::SimGuide | Page::Advice => Question::ALL.len() + 1,
    };
    let link = if triage.ends_here() { format!("{}#{}", session.setup.page, answers.code()) } else { String::new() };
    Some(TriageView { page, answers, weight, step, link })
}

fn consents(screen: Screen, ticked: Consents) -> Vec<ConsentView> {
    match screen {
        Screen::Consent => {
            Purpose::ALL.into_iter().zip(ticked).map(|(purpose, ticked)| ConsentView { purpose, ticked }).collect()
        }
        Screen::Welcome
        | Screen::Triage
        | Screen::Card
        | Screen::Identity
        | Screen::Form
        | Screen::Photo
        | Screen::Review
        | Screen::Saving
        | Screen::Slip
        | Screen::Trouble
        | Screen::Resume
        | Screen::Pin
        | Screen::Officer
        | Screen::Enrol
        | Screen::Outreach => Vec::new(),
    }
}

fn keyboard(session: &Session, officer: Option<&OfficerView>, pin: Option<&PinView>) -> Keyboard {
    if pin.is_some_and(|pin| pin.takes_digits) {
        return Keyboard::Digits;
    }
    if let Some(officer) = officer {
        return match (&officer.enrol, &officer.outreach) {
            (Some(_), _) => Keyboard::Code,
            (None, Some(sheet)) if sheet.takes_text => Keyboard::Letters,
            (None, _) => Keyboard::Hidden,
        };
    }
    let Some(field) = session.citizen.focus.filter(|field| session.screen == Screen::Form && is_typed(*field)) else {
        return Keyboard::Hidden;
    };
    match field.spec().rule {
        Rule::Choice(_) => Keyboard::Hidden,
        Rule::Before => match session.citizen.draft.answer(Field::ChangeKind) {
            Some(Answer::ChangedBirthDate) => Keyboard::Date,
            Some(Answer::ChangedNumber) => Keyboard::Digits,
            _ => Keyboard::Letters,
        },
        Rule::Name | Rule::Listed(_) | Rule::Suggested(_) | Rule::Line => Keyboard::Letters,
        Rule::Pin | Rule::Phone | Rule::Account => Keyboard::Digits,
        Rule::PartialDate | Rule::Date => Keyboard::Date,
        Rule::Email | Rule::Passport => Keyboard::Email,
    }
}
