//! What is drawn: plain data, codes and the citizen's own text. No sentence, no toolkit.

use super::{Consents, Purpose, ReaderState, Screen, Session, Trouble, consent, is_typed, trouble};
use crate::domain::card::CardProblem;
use crate::domain::form::{Answer, Answering, Field, Need, Problem, Rule, Section, Source, Warning};

/// Facts about the kiosk itself; they outlive a citizen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// The serial reader.
    pub reader: ReaderState,
    /// Dossiers that the office has not confirmed.
    pub waiting: u32,
    /// The office did not answer the last time.
    pub offline: bool,
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
    /// What is sent back when pressed; for an entry of a list also what is shown.
    pub value: String,
    /// It is the field's value.
    pub chosen: bool,
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
}

/// The slip as shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SlipView {
    /// The short code.
    pub reference: String,
    /// The number, all but its last three digits hidden.
    pub masked_pin: String,
    /// How far the dossier is.
    pub delivery: Delivery,
    /// The slip's address while it is shown as a QR; empty otherwise.
    pub link: String,
    /// Seconds until it hides.
    pub qr_left_s: u32,
}

/// The whole screen.
#[derive(Clone, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is one lamp of the screen, and none excludes another")]
pub struct View {
    /// Which screen.
    pub screen: Screen,
    /// About the kiosk.
    pub device: Device,
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
    /// Why the last thing held to the reader was not taken.
    pub card_problem: Option<CardProblem>,
    /// What happened.
    pub trouble: Option<Trouble>,
    /// It can be tried again.
    pub may_retry: bool,
    /// The slip.
    pub slip: Option<SlipView>,
    /// Seconds until the session is wiped; 0 without a warning.
    pub idle_left_s: u32,
    /// Which keys are offered.
    pub keyboard: Keyboard,
    /// The next letter is a capital.
    pub shift: bool,
    /// Telex is off.
    pub plain_keys: bool,
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "View({:?})", self.screen)
    }
}

pub(super) fn of(session: &Session) -> View {
    let citizen = &session.citizen;
    let sections = session.sections();
    let section = citizen.section.filter(|_| session.screen == Screen::Form);
    View {
        screen: session.screen,
        device: session.device,
        consents: consents(session.screen, citizen.consents),
        may_go_on: match session.screen {
            Screen::Welcome => false,
            Screen::Consent => consent::is_enough(session),
            Screen::Trouble => trouble::may_go_back(session),
            Screen::Card | Screen::Identity | Screen::Form | Screen::Review | Screen::Saving | Screen::Slip => true,
        },
        section,
        step: section.and_then(|s| sections.iter().position(|other| *other == s)).map_or(0, |i| i + 1),
        steps: if section.is_some() { sections.len() } else { 0 },
        rows: rows(session),
        card_problem: citizen.card_problem.filter(|_| session.screen == Screen::Card),
        trouble: citizen.trouble.filter(|_| session.screen == Screen::Trouble),
        may_retry: citizen.trouble.is_some_and(trouble::may_retry),
        slip: citizen.slip.as_ref().map(|slip| SlipView {
            reference: slip.saved.reference.clone(),
            masked_pin: slip.masked_pin.clone(),
            delivery: slip.delivery,
            link: if slip.qr_left_s > 0 { slip.saved.link.to_string() } else { String::new() },
            qr_left_s: slip.qr_left_s,
        }),
        idle_left_s: citizen.idle_left_s,
        keyboard: keyboard(session),
        shift: citizen.shift,
        plain_keys: citizen.plain_keys,
    }
}

fn consents(screen: Screen, ticked: Consents) -> Vec<ConsentView> {
    match screen {
        Screen::Consent => {
            Purpose::ALL.into_iter().zip(ticked).map(|(purpose, ticked)| ConsentView { purpose, ticked }).collect()
        }
        Screen::Welcome
        | Screen::Card
        | Screen::Identity
        | Screen::Form
        | Screen::Review
        | Screen::Saving
        | Screen::Slip
        | Screen::Trouble => Vec::new(),
    }
}

fn rows(session: &Session) -> Vec<Row> {
    match session.screen {
        Screen::Identity => {
            Section::Person.fields().chain([Field::PermanentAddress]).map(|field| row(session, field)).collect()
        }
        Screen::Form => {
            session.citizen.section.into_iter().flat_map(Section::fields).map(|field| row(session, field)).collect()
        }
        Screen::Review => {
            session.sections().into_iter().flat_map(Section::fields).map(|field| row(session, field)).collect()
        }
        Screen::Welcome | Screen::Consent | Screen::Card | Screen::Saving | Screen::Slip | Screen::Trouble => {
            Vec::new()
        }
    }
}

fn row(session: &Session, field: Field) -> Row {
    let draft = &session.citizen.draft;
    let focused = session.citizen.focus == Some(field);
    let spec = field.spec();
    let required = match spec.need {
        Need::Always | Need::Asked => true,
        Need::Never => false,
        Need::When(holds) => holds(draft),
    };
    // While the caret is in it nobody is told that a half-typed value is wrong.
    let left = !focused && !draft.value(field).is_empty();
    let shows_problem = (session.citizen.tried || left) && session.screen != Screen::Identity;
    let asks_again = session.screen == Screen::Form && session.citizen.asked_again == Some(spec.section);
    let again =
        draft.unanswered(spec.section).find(|empty| *empty == field && asks_again).map(|_| Problem::ReallyEmpty);
    Row {
        field,
        value: draft.value(field).to_owned(),
        options: options(session, field, focused),
        required,
        focused,
        source: draft.source(field),
        on_card: draft.conflict(field).unwrap_or_default().to_owned(),
        problem: session.asked().filter(|_| shows_problem).and_then(|asked| draft.problem(field, asked)).or(again),
        warning: draft.warning(field),
    }
}

fn options(session: &Session, field: Field, focused: bool) -> Vec<OptionView> {
    let value = session.citizen.draft.value(field);
    match field.spec().rule.answering() {
        Answering::Choice(answers) => answers
            .iter()
            .map(|answer| OptionView {
                answer: Some(*answer),
                value: answer.key().to_owned(),
                chosen: value == answer.key(),
            })
            .collect(),
        Answering::List(list) if focused => session
            .setup
            .rules
            .suggest(list, value)
            .into_iter()
            .map(|entry| OptionView { answer: None, chosen: value == entry, value: entry })
            .collect(),
        Answering::List(_) | Answering::Text => Vec::new(),
    }
}

fn keyboard(session: &Session) -> Keyboard {
    let Some(field) = session.citizen.focus.filter(|field| session.screen == Screen::Form && is_typed(*field)) else {
        return Keyboard::Hidden;
    };
    match field.spec().rule {
        Rule::Choice(_) => Keyboard::Hidden,
        Rule::Name | Rule::Listed(_) | Rule::Suggested(_) | Rule::Line => Keyboard::Letters,
        Rule::Pin | Rule::Phone | Rule::Account => Keyboard::Digits,
        Rule::PartialDate | Rule::Date => Keyboard::Date,
        Rule::Email | Rule::Passport => Keyboard::Email,
    }
}
