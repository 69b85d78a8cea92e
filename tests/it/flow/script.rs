//! The script language of the flow's tests: one line, one thing that happens to the kiosk.
//!
//! | line | what happens |
//! |---|---|
//! | `start` | "Bắt đầu" is pressed on 23 November 2026 |
//! | `consent all` · `required` · `refund` … | purposes are ticked or unticked, by their wire names |
//! | `refuse` `by-hand` `next` `back` `leave` `stay` `not-me` `vouch` `retry` `reveal` `finish` `taken` `telex` | that button |
//! | `card mai` | the simulated card of that key is held to the reader |
//! | `qr 099…` | so is a code with this text |
//! | `card-refused garbled` | the reader heard something that is no card |
//! | `reader gone` · `ready` | the reader is pulled out or plugged in |
//! | `phone 0000000001` | any field by its wire name: it is touched, emptied and typed into, key by key |
//! | `type abc` · `key Enter` · `Backspace` · `Shift` | keys at the caret |
//! | `focus phone` `edit phone` `choose sex female` | a field or an answer is touched |
//! | `decline employer` · `split longer` | "there is none" · the line between surname and the rest |
//! | `fill religion` | every field of the step that must be filled gets an ordinary value |
//! | `to chip` · `to review` | so does every field of the steps before |
//! | `submit` · `submit-only` | the legal statement is ticked and "save" pressed · pressed without |
//! | `show phone` | nothing happens; the field's value and source are printed |
//! | `reopened mai` · `not-reopened void` … | what became of a dossier's slip and card |
//! | `keeps crash held` · `recalled` · `crash` | how half-filled forms stand · what was kept comes back · a new process |
//! | `idle 60` | a second passes, the 60th without a touch |
//! | `wait 20` | twenty seconds pass, the first right after a touch |
//! | `saved 7F3K-92QX` · `save-failed busy` | the queue answers |
//! | `print` · `printer ready` · `low` · `none` · `jam` · `printed ok` · `jam` … | that button · how the printer is · what came out |
//! | `outbox 2 offline` · `delivered 7F3K-92QX` · `room full` · `enough` | the queue tells of itself |
//! | `door` · `door ready` · `door locked 60` … | the long press · how the door stands |
//! | `judged granted` · `wrong 3` · `locked 60` … | what came of a PIN |
//! | `order send-now` · `to-enrol` · `open` … | the officer presses that |
//! | `standing calm` · `busy` · `outreach` | the kiosk tells the officer how things are |
//! | `done requeued` … | what came of the order |
//! | `stopping` | SIGTERM |
//!
//! Empty lines and what follows `//` are for the reader.

use super::words::{
    card_problem, field, kind, ordinary, print_problem, printer, printing, purposes, save_failure, screen, section,
    trouble_code, warning_code,
};
use super::{kept, officer, photo};
use passport_kiosk::config;
use passport_kiosk::domain::card::parse_qr;
use passport_kiosk::domain::citizen::Date;
use passport_kiosk::domain::flow::{
    CardTap, ConsentTap, Delivery, Effect, Event, FormTap, HalfFilled, Key, Keyboard, NotReopened, Page, ReaderState,
    Reopened, ReviewTap, Saved, Screen, Session, Setup, SlipTap, Tap, TriageTap, View,
};
use passport_kiosk::domain::form::{Draft, Field, Rule, Section, Source};
use passport_kiosk::domain::slip;
use passport_kiosk::domain::ticket::Text;
use passport_kiosk::domain::triage::{Question, Reply};
use passport_kiosk::sim::scanner::cards;
use std::fmt::Write;
use std::sync::{Arc, LazyLock};
use zeroize::Zeroizing;

pub(crate) const WARN_S: u32 = 60;
pub(crate) const WIPE_S: u32 = 90;
pub(crate) const QR_S: u32 = 20;

pub(crate) static SETUP: LazyLock<Arc<Setup>> = LazyLock::new(|| {
    let rules = config::shipped_rules(today()).unwrap();
    Arc::new(Setup {
        rules,
        idle_warn_s: WARN_S,
        idle_wipe_s: WIPE_S,
        qr_visible_s: QR_S,
        place: "Trạm thử".to_owned(),
        page: "https://tram-thu-nghiem.invalid/h".to_owned(),
    })
});

pub(crate) fn today() -> Date {
    Date::new(2026, 11, 23).unwrap()
}

/// What one event did. The view is looked at after every line, and within one after every effect.
pub(crate) struct Seen {
    pub(crate) kind: &'static str,
    pub(crate) before: Screen,
    pub(crate) effects: Vec<Effect>,
    pub(crate) view: Option<View>,
}

/// A session under test.
pub(crate) struct Stage {
    session: Session,
    seen: Vec<Seen>,
    /// What is kept of a half-filled form, as the keeper would.
    kept: Option<Box<HalfFilled>>,
    /// After the last line.
    shown: View,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let session = Session::new(SETUP.clone());
        Self { shown: session.view(), session, seen: Vec::new(), kept: None }
    }

    /// The session after a whole script.
    pub(crate) fn after(script: &str) -> Self {
        let mut stage = Self::new();
        for line in lines(script) {
            stage.play(line);
        }
        stage
    }

    pub(crate) fn view(&self) -> &View {
        &self.shown
    }

    /// After the last event.
    pub(crate) fn now(&self) -> View {
        self.session.view()
    }

    pub(crate) fn screen(&self) -> Screen {
        self.session.screen()
    }

    /// Lets one event happen.
    pub(crate) fn step(&mut self, event: Event) {
        let (kind, before) = (kind(&event), self.session.screen());
        let effects = self.session.step(event);
        kept::keep(&mut self.kept, &effects);
        let view = (!effects.is_empty()).then(|| self.session.view());
        self.seen.push(Seen { kind, before, effects, view });
    }

    /// Plays one line; answers with every event behind it.
    pub(crate) fn play(&mut self, line: &str) -> Vec<Seen> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        match word {
            "begin" => self.tap(Tap::Start { today: today() }),
            "start" => self.start(),
            "reply" | "check-sim" | "sim-name" | "sim-number" | "sim-guide" | "ask-again" => {
                self.tap(Tap::Triage(in_triage(word, rest)));
            }
            "have-slip" => self.tap(Tap::HaveSlip),
            "curtain" => self.tap(Tap::Curtain),
            "skip-photo" | "shoot" | "use-photo" | "photo-again" | "edit-portrait" => self.tap(photo::tap(word)),
            "has-dossier" => self.step(Event::HasDossier),
            "keeps" => self.step(kept::standing(rest)),
            "recalled" => self.step(kept::answer(self.kept.as_deref(), rest)),
            "crash" => self.session = Session::new(SETUP.clone()),
            "seen" => self.step(Event::PhotoSeen(photo::seen(rest))),
            "shot" => self.step(Event::PhotoTaken(photo::shot(rest))),
            "slip" => {
                let slip = slip::parse(format!("{}#{rest}", SETUP.page).as_bytes(), &SETUP.page).unwrap();
                self.step(Event::SlipRead { slip, today: today() });
            }
            "reopened" => self.step(Event::Reopened(Ok(Box::new(reopened(rest))))),
            "not-reopened" => self.step(Event::Reopened(Err(not_reopened(rest)))),
            "camera" => self.step(Event::Camera(photo::state(rest))),
            "next" => self.tap(Tap::Next),
            "back" => self.tap(Tap::Back),
            "leave" => self.tap(Tap::Leave),
            "stay" => self.tap(Tap::Stay),
            "refuse" => self.tap(Tap::Consent(ConsentTap::Refuse)),
            "by-hand" => self.tap(Tap::Card(CardTap::ByHand)),
            "not-me" => self.tap(Tap::Card(CardTap::NotMe)),
            "telex" => self.tap(Tap::Form(FormTap::ToggleMethod)),
            "vouch" => self.tap(Tap::Review(ReviewTap::Vouch)),
            "submit" => self.submit(),
            "submit-only" => self.tap(Tap::Review(ReviewTap::Submit)),
            "retry" => self.tap(Tap::Retry),
            "reveal" => self.tap(Tap::Slip(SlipTap::RevealQr)),
            "finish" => self.tap(Tap::Slip(SlipTap::Finish)),
            "taken" => self.tap(Tap::Slip(SlipTap::Done)),
            "print" => self.tap(Tap::Slip(SlipTap::Print)),
            "printer" => self.step(Event::Printer(printer(rest))),
            "printed" => self.step(Event::Printed(print_problem(rest).map_or(Ok(()), Err))),
            "consent" => {
                for purpose in purposes(rest) {
                    self.tap(Tap::Consent(ConsentTap::Toggle(purpose)));
                }
            }
            "focus" => self.tap(Tap::Form(FormTap::Focus(field(rest)))),
            "edit" => self.tap(Tap::Form(FormTap::Edit(field(rest)))),
            "decline" => self.tap(Tap::Form(FormTap::Decline(field(rest)))),
            "split" => self.tap(Tap::Form(FormTap::MoveSplit { longer: rest == "longer" })),
            "choose" => {
                let (name, value) = rest.split_once(' ').unwrap_or_else(|| panic!("{line:?}: choose FIELD VALUE"));
                self.tap(Tap::Form(FormTap::Choose(field(name), value.to_owned())));
            }
            "card" => {
                let card = cards().into_iter().find(|card| card.key == rest);
                self.scan(&card.unwrap_or_else(|| panic!("{line:?}: no such card")).qr);
            }
            "qr" => self.scan(rest),
            "card-refused" => self.step(Event::CardRefused(card_problem(rest))),
            "reader" => self.step(Event::Reader(match rest {
                "ready" => ReaderState::Ready,
                "gone" => ReaderState::Missing,
                _ => panic!("{line:?}: ready or gone"),
            })),
            "type" => self.keys(rest),
            "key" => self.step(Event::Key(match rest {
                "Enter" => Key::Enter,
                "Backspace" => Key::Backspace,
                "Shift" => Key::Shift,
                _ => panic!("{line:?}: Enter, Backspace or Shift"),
            })),
            "fill" => self.fill(section(rest)),
            "to" => self.go_to(rest),
            "show" => {}
            "idle" => self.step(Event::Second { idle_s: rest.parse().unwrap() }),
            "wait" => (1..=rest.parse().unwrap()).for_each(|idle_s| self.step(Event::Second { idle_s })),
            "saved" => self.step(Event::Saved(Saved {
                reference: rest.to_owned(),
                link: Zeroizing::new(format!("https://tram-thu-nghiem.invalid/h#secret-of-{rest}")),
            })),
            "save-failed" => self.step(Event::SaveFailed(save_failure(rest))),
            "outbox" => self.step(outbox(rest)),
            "room" => self.step(Event::Room { full: rest == "full" }),
            "delivered" => self.step(Event::Delivered { reference: rest.to_owned() }),
            "stopping" => self.step(Event::Stopping),
            "door" if rest.is_empty() => self.tap(Tap::Door),
            "door" => self.step(Event::Door(officer::door(rest))),
            "judged" => self.step(Event::PinJudged(officer::judgement(rest))),
            "order" => self.tap(Tap::Officer(officer::order(rest))),
            "standing" => self.step(Event::OfficerStanding(Box::new(officer::standing(rest)))),
            "done" => self.step(Event::OfficerDone(officer::done(rest))),
            name => self.write(field(name), rest),
        }
        self.shown = self.session.view();
        if let Some(last) = self.seen.last_mut() {
            last.view = Some(self.shown.clone());
        }
        std::mem::take(&mut self.seen)
    }

    /// "Begin", and the triage of somebody who lacks nothing and collects the first passport.
    fn start(&mut self) {
        self.tap(Tap::Start { today: today() });
        while let Some(Page::Question(question)) = self.session.view().triage.map(|triage| triage.page) {
            let reply = if question == Question::Delivery { Reply::DeliveryCollect } else { question.replies()[0] };
            self.tap(Tap::Triage(TriageTap::Reply(reply)));
        }
        if self.session.screen() == Screen::Triage {
            self.tap(Tap::Next);
        }
    }

    fn tap(&mut self, tap: Tap) {
        self.step(Event::Tap(tap));
    }

    fn scan(&mut self, text: &str) {
        self.step(match parse_qr(text.as_bytes()) {
            Ok(claim) => Event::CardRead(Box::new(claim)),
            Err(problem) => Event::CardRefused(problem),
        });
    }

    fn keys(&mut self, text: &str) {
        text.chars().for_each(|typed| self.step(Event::Key(Key::Char(typed))));
    }

    fn write(&mut self, field: Field, text: &str) {
        self.tap(Tap::Form(FormTap::Focus(field)));
        // What is not on this screen cannot be written into.
        let here = self.session.screen() == Screen::Form && self.shown.section == Some(field.spec().section);
        if here {
            let row = self.shown.rows.iter().find(|row| row.field == field);
            let letters = row.map_or(0, |row| row.value.chars().count());
            (0..letters).for_each(|_| self.step(Event::Key(Key::Backspace)));
            self.keys(text);
        }
    }

    /// Only on its own step, as a citizen would.
    fn fill(&mut self, section: Section) {
        if self.shown.section != Some(section) {
            return;
        }
        let rows = self.shown.rows.clone();
        for row in rows.iter().filter(|row| row.required && row.value.is_empty()) {
            match row.field.spec().rule {
                Rule::Choice(_) | Rule::Listed(_) => {
                    self.tap(Tap::Form(FormTap::Choose(row.field, ordinary(row.field).to_owned())));
                }
                _ => self.write(row.field, ordinary(row.field)),
            }
        }
    }

    fn submit(&mut self) {
        if self.shown.screen == Screen::Review && !self.shown.vouched {
            self.tap(Tap::Review(ReviewTap::Vouch));
        }
        self.tap(Tap::Review(ReviewTap::Submit));
    }

    /// Answers the steps before this one in the ordinary way; `to review` answers all of them.
    fn go_to(&mut self, step: &str) {
        for _ in Section::ALL {
            self.shown = self.session.view();
            let Some(here) = self.shown.section.filter(|here| format!("{here:?}").to_lowercase() != step) else {
                return;
            };
            self.fill(here);
            if self.session.view().section == Some(here) {
                self.tap(Tap::Next);
            }
        }
    }

    /// The state as one line: where, what is wrong, what the kiosk is asked to do.
    fn told(&self, seen: &[Seen]) -> String {
        let view = &self.shown;
        let mut out = screen(view.screen).to_owned();
        out += if view.has_dossier { ", has a dossier here" } else { "" };
        out += if view.recalled { ", half filled in before" } else { "" };
        if view.take_card {
            out += ", take your card";
        }
        if view.curtain {
            out += ", curtain";
        }
        if let Some(reopening) = view.reopening {
            write!(out, " {}", format!("{reopening:?}").to_lowercase()).unwrap();
        }
        if let Some(triage) = &view.triage {
            write!(out, " {}", format!("{:?}", triage.page).to_lowercase()).unwrap();
            triage.answers.advice().for_each(|advice| write!(out, " {}", advice.key()).unwrap());
            if !triage.link.is_empty() {
                write!(out, ", QR #{}", triage.link.rsplit('#').next().unwrap_or_default()).unwrap();
            }
        }
        if let Some(section) = view.section {
            write!(out, " {} {}/{}", format!("{section:?}").to_lowercase(), view.step, view.steps).unwrap();
        }
        if let Some(row) = view.rows.iter().find(|row| row.focused) {
            write!(out, " @{}", row.field.spec().key).unwrap();
        }
        if view.screen == Screen::Consent && view.may_go_on {
            out += ", may go on";
        }
        for row in &view.rows {
            if let Some(problem) = row.problem {
                write!(out, ", {}: {}", row.field.spec().key, problem.code()).unwrap();
            }
            if let Some(warning) = row.warning {
                write!(out, ", {}? {}", row.field.spec().key, warning_code(warning)).unwrap();
            }
        }
        if let Some(problem) = view.card_problem {
            write!(out, ", card: {problem}").unwrap();
        }
        if let Some(trouble) = view.trouble {
            write!(out, " {}{}", trouble_code(trouble), if view.may_retry { ", may retry" } else { "" }).unwrap();
        }
        if let Some(slip) = &view.slip {
            write!(out, " {} {}", slip.reference, slip.sheet.masked_pin).unwrap();
            out += match slip.delivery {
                Delivery::Unknown => ", being sent",
                Delivery::Waiting => ", waiting for the line",
                Delivery::Sent => ", at the office",
            };
            if !slip.link.is_empty() {
                write!(out, ", QR for {} s", slip.qr_left_s).unwrap();
            }
            out += if slip.leaving { ", card and slip?" } else { "" };
        }
        if let Some(print) = view.print {
            out += &printing(print, view.device.printer);
        }
        if view.idle_left_s > 0 {
            write!(out, ", wiped in {} s", view.idle_left_s).unwrap();
        }
        if view.shift {
            out += ", shift";
        }
        out += &photo::told(view);
        out += &officer::told(view);
        for effect in seen.iter().flat_map(|seen| &seen.effects) {
            out += match effect {
                Effect::Save(_) => " → save",
                Effect::Forget => " → forget",
                // Who came and went is another story, told in `flow::officer`.
                Effect::Counted(_) | Effect::Advised(_) | Effect::LookUp(_) => "",
                Effect::Reopen(_) => " → reopen",
                Effect::Recall(_) => " → recall",
                Effect::Keep(half) => kept::told(half.as_deref()),
                Effect::Camera(order) => photo::ordered(*order),
                Effect::Print(ticket) => match (&ticket.text, ticket.is_copy) {
                    (Text::Dossier(_), false) => " → print",
                    (Text::Dossier(_), true) => " → print a copy",
                    (Text::Triage(_), false) => " → print the small slip",
                    (Text::Triage(_), true) => " → print a copy of the small slip",
                },
                Effect::AskDoor => " → ask the door",
                Effect::TryPin(_) => " → try",
                Effect::Officer(order) => officer::ordered(order),
            };
        }
        out
    }

    fn shown(&self, field: Field) -> String {
        let view = &self.shown;
        let Some(row) = view.rows.iter().find(|row| row.field == field) else {
            return "not on this screen".to_owned();
        };
        let from = match row.source {
            None => "",
            Some(Source::CardQr) => " (card)",
            Some(Source::Typed) => " (typed)",
            Some(Source::Triage) => " (triage)",
        };
        let keys = match view.keyboard {
            Keyboard::Hidden => String::new(),
            keyboard => format!(", {} keys", format!("{keyboard:?}").to_lowercase()),
        };
        let on_card = if row.on_card.is_empty() { String::new() } else { format!(", on the card {:?}", row.on_card) };
        let options: Vec<&str> = row.options.iter().filter(|o| o.answer.is_none()).map(|o| o.value.as_str()).collect();
        let options = if options.is_empty() { String::new() } else { format!(", offers {}", options.join(" · ")) };
        format!("{:?}{from}{on_card}{keys}{options}", row.value)
    }
}

/// Plays `script` on a fresh kiosk and returns it with what every line led to.
pub(crate) fn run(script: &str) -> String {
    let mut stage = Stage::new();
    let mut out = String::new();
    for line in lines(script) {
        let seen = stage.play(line);
        let told = match line.strip_prefix("show ") {
            Some(name) => stage.shown(field(name.trim())),
            None => stage.told(&seen),
        };
        writeln!(out, "{line:<28} {told}").unwrap();
    }
    out
}

pub(crate) fn lines(script: &str) -> impl Iterator<Item = &str> {
    script.lines().map(|line| line.split("//").next().unwrap_or_default().trim()).filter(|line| !line.is_empty())
}

/// The ordinary dossier of whoever holds this card, as it comes back; with `other-text` under another consent.
fn reopened(rest: &str) -> Reopened {
    let (key, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let card = cards().into_iter().find(|card| card.key == key).unwrap_or_else(|| panic!("no card {key:?}"));
    let mut draft = Draft::default();
    draft.claim(&parse_qr(card.qr.as_bytes()).unwrap());
    for field in Field::ALL.into_iter().filter(|field| draft.value(*field).is_empty()).collect::<Vec<_>>() {
        if !matches!(field, Field::Request | Field::ChangeKind | Field::ChangeFrom | Field::RequestDetail) {
            draft.enter(field, ordinary(field).to_owned());
        }
    }
    draft.enter(Field::OldPassportNumber, String::new());
    Reopened { draft, consents: [text.is_empty(); 4], portrait: None, portrait_skipped: false }
}

fn outbox(rest: &str) -> Event {
    let (waiting, line) = rest.split_once(' ').unwrap();
    Event::Outbox { waiting: waiting.parse().unwrap(), online: line == "online" }
}

fn not_reopened(code: &str) -> NotReopened {
    match code {
        "not-here" => NotReopened::NotHere,
        "other-card" => NotReopened::OtherCard { left: 4 },
        "void" => NotReopened::Void,
        "unreadable" => NotReopened::Unreadable,
        _ => panic!("{code:?} is no reason"),
    }
}

fn in_triage(word: &str, rest: &str) -> TriageTap {
    match word {
        "reply" => TriageTap::Reply(reply(rest)),
        "sim-name" => TriageTap::SimName(rest == "right"),
        "sim-number" => TriageTap::SimNumber(rest == "right"),
        "sim-guide" => TriageTap::SimGuide,
        "ask-again" => TriageTap::Again(Question::Sim),
        _ => TriageTap::CheckSim,
    }
}

/// `vneid-missing`: a reply by its name.
fn reply(name: &str) -> Reply {
    let all = Question::ALL.into_iter().flat_map(|question| question.replies().iter().copied());
    let found = all.into_iter().find(|reply| format!("{reply:?}").to_lowercase() == name.replace('-', ""));
    found.unwrap_or_else(|| panic!("no reply {name:?}"))
}
