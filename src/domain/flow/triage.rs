//! What is missing, before anything is typed: one question a page, one press an answer, then the advice.

use super::{Effect, Screen, Session, SlipTap, Tap, slip};
use crate::domain::form::{Answer, Field, Source};
use crate::domain::triage::{Answers, Question, Reply, Weight};

/// What the triage screen shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// One question.
    Question(Question),
    /// How to ask 1414 whose SIM it is, and whether the name in the answer is right.
    SimName,
    /// Whether the number in the answer is right.
    SimNumber,
    /// How to put the SIM right, carrier by carrier.
    SimGuide,
    /// What follows.
    Advice,
}

/// A touch on the triage screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriageTap {
    /// An answer to the question shown.
    Reply(Reply),
    /// Find out about the SIM here and now.
    CheckSim,
    /// The name in the answer of 1414 is one's own, or not.
    SimName(bool),
    /// The number in it is the 12-digit one, or not.
    SimNumber(bool),
    /// How to put the SIM right.
    SimGuide,
    /// Answer this one anew.
    Again(Question),
}

/// Where the citizen is in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Triage {
    pub(super) answers: Answers,
    pub(super) page: Option<Page>,
    /// The advice has been counted: going back and forth counts nobody twice.
    counted: bool,
}

impl Triage {
    /// Nothing can be prepared before the advice is followed.
    pub(super) fn ends_here(&self) -> bool {
        self.page == Some(Page::Advice) && self.answers.weight() >= Weight::ComeBack
    }
}

/// The first question.
pub(super) fn enter(session: &mut Session) {
    session.go(Screen::Triage);
    session.citizen.triage = Triage { page: Some(Page::Question(Question::ALL[0])), ..Triage::default() };
}

/// With the answers of an earlier visit: what they advise, and what is still open.
pub(super) fn resume(session: &mut Session, answers: Answers) -> Vec<Effect> {
    session.go(Screen::Triage);
    session.citizen.triage = Triage { answers, page: None, counted: false };
    go_on(session)
}

/// Back from the consent screen.
pub(super) fn back_from_consent(session: &mut Session) -> Vec<Effect> {
    session.citizen.triage.page = Some(Page::Advice);
    session.go(Screen::Triage)
}

pub(super) fn tap(session: &mut Session, tap: &Tap) -> Vec<Effect> {
    let Some(page) = session.citizen.triage.page else {
        return session.forget();
    };
    match tap {
        Tap::Triage(tap) => press(session, page, *tap),
        Tap::Slip(SlipTap::Print) if page == Page::Advice => slip::print(session),
        Tap::Next if page == Page::Advice => leave_forwards(session),
        Tap::Back => back(session, page),
        Tap::Leave => session.forget(),
        Tap::Start { .. }
        | Tap::Next
        | Tap::Stay
        | Tap::Retry
        | Tap::Door
        | Tap::Curtain
        | Tap::HaveSlip
        | Tap::Consent(_)
        | Tap::Card(_)
        | Tap::Form(_)
        | Tap::Photo(_)
        | Tap::Review(_)
        | Tap::Slip(_)
        | Tap::Officer(_) => Vec::new(),
    }
}

fn press(session: &mut Session, page: Page, tap: TriageTap) -> Vec<Effect> {
    match (page, tap) {
        (Page::Question(question), TriageTap::Reply(reply)) if reply.question() == question => answer(session, reply),
        (Page::Question(Question::Sim), TriageTap::CheckSim) => show(session, Page::SimName),
        (Page::SimName, TriageTap::SimName(true)) => show(session, Page::SimNumber),
        (Page::SimName, TriageTap::SimName(false)) => answer(session, Reply::SimOtherName),
        (Page::SimNumber, TriageTap::SimNumber(true)) => answer(session, Reply::SimOwn),
        (Page::SimNumber, TriageTap::SimNumber(false)) => answer(session, Reply::SimOldNumber),
        (Page::Advice, TriageTap::SimGuide) => show(session, Page::SimGuide),
        (Page::Advice, TriageTap::Again(question)) => show(session, Page::Question(question)),
        // A second press of a button that is gone already.
        (
            Page::Question(_) | Page::SimName | Page::SimNumber | Page::SimGuide | Page::Advice,
            TriageTap::Reply(_)
            | TriageTap::CheckSim
            | TriageTap::SimName(_)
            | TriageTap::SimNumber(_)
            | TriageTap::SimGuide
            | TriageTap::Again(_),
        ) => Vec::new(),
    }
}

fn show(session: &mut Session, page: Page) -> Vec<Effect> {
    session.citizen.triage.page = Some(page);
    Vec::new()
}

fn answer(session: &mut Session, reply: Reply) -> Vec<Effect> {
    session.citizen.triage.answers.give(reply);
    go_on(session)
}

/// To the next open question, or to the advice. Each advice is counted once a visit.
fn go_on(session: &mut Session) -> Vec<Effect> {
    let triage = &mut session.citizen.triage;
    if let Some(question) = triage.answers.open() {
        triage.page = Some(Page::Question(question));
        return Vec::new();
    }
    triage.page = Some(Page::Advice);
    if std::mem::replace(&mut triage.counted, true) {
        return Vec::new();
    }
    let advice: Vec<_> = triage.answers.advice().collect();
    if advice.is_empty() { Vec::new() } else { vec![Effect::Advised(advice)] }
}

fn back(session: &mut Session, page: Page) -> Vec<Effect> {
    let before = match page {
        Page::Question(question) => Question::ALL.into_iter().take_while(|other| *other != question).last(),
        Page::SimName | Page::SimNumber => Some(Question::Sim),
        Page::SimGuide => return show(session, Page::Advice),
        Page::Advice => {
            let answers = session.citizen.triage.answers;
            Question::ALL.into_iter().rfind(|question| answers.to(*question).is_some())
        }
    };
    match before {
        Some(question) => show(session, Page::Question(question)),
        None => session.forget(),
    }
}

/// On to the consent, or out with the small slip when nothing can be prepared yet.
fn leave_forwards(session: &mut Session) -> Vec<Effect> {
    let answers = session.citizen.triage.answers;
    match answers.weight() {
        Weight::GoOn | Weight::BeforeHandOver => session.go(Screen::Consent),
        Weight::ComeBack | Weight::Refer => session.forget(),
    }
}

/// What has been said once is not asked again in the form. An answer given in the form stays.
pub(super) fn prefill(session: &mut Session) {
    let answers = session.citizen.triage.answers;
    let (issued, request) = match answers.to(Question::Passport) {
        Some(Reply::PassportNever) => (Some(Answer::NeverIssued), None),
        Some(Reply::PassportExpired) => (Some(Answer::IssuedBefore), Some(Answer::Expired)),
        Some(Reply::PassportLost) => (Some(Answer::IssuedBefore), Some(Answer::Lost)),
        Some(Reply::PassportDamaged) => (Some(Answer::IssuedBefore), Some(Answer::Damaged)),
        // A valid one is replaced for one of several reasons; the form asks which.
        Some(Reply::PassportValid) => (Some(Answer::IssuedBefore), None),
        _ => (None, None),
    };
    let receive = match answers.to(Question::Delivery) {
        Some(Reply::DeliveryPost) => Some(Answer::Post),
        Some(Reply::DeliveryCollect) => Some(Answer::Collect),
        _ => None,
    };
    for (field, known) in [(Field::EverIssued, issued), (Field::Request, request), (Field::ReceiveMode, receive)] {
        let draft = &mut session.citizen.draft;
        // Who said in the form that there was never one has taken the reason back too.
        let is_open = field != Field::Request || draft.answer(Field::EverIssued) == Some(Answer::IssuedBefore);
        if let Some(answer) = known.filter(|_| is_open && draft.value(field).is_empty()) {
            draft.enter_from(field, answer.key().to_owned(), Source::Triage);
        }
    }
}
