//! Two thousand random walks of fifty lines of script. What must hold after every event is said here once.
//!
//! A failing walk prints its number and its script; `WALK=17 cargo test --test it flow::walk` plays one alone and
//! prints what it did.

mod seen;
mod values;
mod visited;

use super::script::{SETUP, Seen, Stage, WIPE_S, lines, today};
use super::words::screen as screen_name;
use fastrand::Rng;
use passport_kiosk::domain::flow::{CameraOrder, DoorView, Effect, Page, Purpose, Screen, Sealable, Trouble, View};
use passport_kiosk::domain::form::{Asked, Draft, Field, Need, Section};
use passport_kiosk::domain::officer::{Count, Counts};
use passport_kiosk::domain::ticket::{Printing, Text, Ticket};
use passport_kiosk::domain::triage::Question;
use seen::{kind, texts, touches};
use values::ANYTHING;
use visited::Visited;

const WALKS: u64 = 2_000;
const LINES: usize = 50;
const DOSSIER_SLIP: &str = "slip AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// A form that could not be saved is kept so much longer.
const OFFICER_COMES_S: u32 = 15 * 60;

#[test]
fn no_walk_breaks_a_promise() {
    let one: Option<u64> = std::env::var("WALK").ok().map(|number| number.parse().expect("WALK is a number"));
    let mut visited = Visited::default();
    for number in one.map_or(0..WALKS, |number| number..number + 1) {
        Walk::new(number, one.is_some()).run(&mut visited);
    }
    if one.is_none() {
        visited.assert_nothing_was_left_out();
    }
}

struct Walk {
    number: u64,
    rng: Rng,
    stage: Stage,
    script: Vec<String>,
    loud: bool,
    /// Unique to the citizen in front of the kiosk; part of all they type.
    mark: u32,
    former: Vec<u32>,
    saved: Option<String>,
    /// Who came and went.
    books: Counts,
}

impl Drop for Walk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("walk {} broke a promise; play it again with WALK={}", self.number, self.number);
            println!("{}", self.script.join("\n"));
        }
    }
}

impl Walk {
    fn new(number: u64, loud: bool) -> Self {
        let mut rng = Rng::with_seed(number);
        let mark = rng.u32(10_000..100_000);
        Self {
            number,
            rng,
            stage: Stage::new(),
            script: Vec::new(),
            loud,
            mark,
            former: Vec::new(),
            saved: None,
            books: Counts::default(),
        }
    }

    fn run(mut self, visited: &mut Visited) {
        if self.rng.bool() {
            self.play("camera ready".to_owned(), visited);
        }
        if self.rng.bool() {
            self.play("keeps crash".to_owned(), visited);
        }
        // Far in come too few by chance.
        if self.number.is_multiple_of(8) {
            lines(super::REVIEW).for_each(|line| self.play(line.to_owned(), visited));
        }
        let seldom: &[&str] = match self.number % 16 {
            4 => &["have-slip"],
            6 => &["start", "consent required", "next", "submit", "card mai", "door", "back"],
            12 => &["door", "type 739152", "next", "judged granted", "standing calm", "order to-outreach"],
            _ => &[],
        };
        for line in seldom {
            self.play((*line).to_owned(), visited);
        }
        for _ in 0..LINES {
            let line = self.draw();
            self.play(line, visited);
        }
        let kind = kind(self.stage.view());
        let met = visited.ways.entry(kind).or_default();
        *met += 1;
        if *met <= 1 {
            self.assert_there_are_ways();
        }
        if self.stage.screen() == Screen::Pin {
            self.play("judged broken".to_owned(), visited);
            self.play("idle 60".to_owned(), visited);
        }
        let before = self.stage.screen();
        let unsaved = matches!(self.stage.view().trouble, Some(Trouble::NotSaved(_)));
        // Behind the curtain nobody sees whether the form could be saved.
        let patience_s = if unsaved || self.stage.view().curtain { OFFICER_COMES_S } else { 0 };
        self.play(format!("idle {}", WIPE_S + patience_s), visited);
        let after = if before == Screen::Saving { Screen::Saving } else { Screen::Welcome };
        assert_eq!(self.stage.screen(), after, "left alone");
        let went =
            [Count::Finished, Count::Refused, Count::SentBack, Count::Abandoned].map(|count| self.books.of(count));
        let stays = u32::from(before == Screen::Saving);
        assert_eq!(self.books.of(Count::Started), went.iter().sum::<u32>() + stays, "who came in has gone out once");
    }

    fn play(&mut self, line: String, visited: &mut Visited) {
        if self.loud {
            println!("{line}");
        }
        self.script.push(line.clone());
        for seen in self.stage.play(&line) {
            visited.pairs.insert((screen_name(seen.before), seen.kind));
            self.assert_kept(&seen, &line);
        }
    }

    /// What holds after every event.
    fn assert_kept(&mut self, seen: &Seen, line: &str) {
        let Some(view) = &seen.view else { return };
        for effect in &seen.effects {
            match effect {
                Effect::Save(sealable) => assert_may_be_saved(sealable),
                Effect::Forget => {
                    assert_forgotten(view);
                    self.former.push(self.mark);
                    self.mark = self.rng.u32(10_000..100_000);
                    self.saved = None;
                }
                Effect::Print(ticket) => self.assert_may_be_printed(ticket, view),
                Effect::Counted(count) => self.books.add(*count),
                Effect::TryPin(_) => assert_eq!(view.pin.as_ref().map(|pin| pin.digits), Some(0), "the pad is wiped"),
                Effect::Officer(_) => assert!(view.officer.is_some(), "an order without an officer"),
                Effect::Advised(_) => assert_eq!(view.screen, Screen::Triage, "advice comes of the triage"),
                Effect::Reopen(_) => assert_eq!(view.screen, Screen::Resume, "opened where nobody presented a slip"),
                Effect::Camera(CameraOrder::Watch | CameraOrder::Shoot) => {
                    assert_eq!(view.screen, Screen::Photo, "the camera looks at nobody else");
                }
                Effect::Camera(CameraOrder::Rest) | Effect::AskDoor => {}
                Effect::Recall(_) => assert!(!view.curtain, "a card is asked about behind the curtain"),
                Effect::Keep(half) => half.iter().for_each(|half| self.assert_is_own(&half.draft)),
                Effect::LookUp(_) => assert_eq!(view.screen, Screen::Identity, "asked of whom no card was read"),
            }
        }
        if seen.kind == "saved" && seen.before == Screen::Saving {
            self.saved = line.strip_prefix("saved ").map(str::to_owned);
        }
        let slip = view.slip.as_ref().map(|slip| slip.reference.clone());
        if view.curtain {
            assert!(texts(view).is_empty() && view.slip.is_none() && view.triage.is_none(), "behind the curtain");
            return;
        }
        assert_eq!(slip, self.saved, "a slip is there exactly when this dossier was saved");
        assert_eq!(view.screen == Screen::Slip, slip.is_some(), "a slip and its screen belong together");
        if view.screen == Screen::Saving && seen.before != Screen::Saving {
            assert!(seen.effects.iter().any(|effect| matches!(effect, Effect::Save(_))), "waits for nothing");
        }
        assert_eq!(view.section.is_some(), view.screen == Screen::Form);
        assert_eq!(view.trouble.is_some(), view.screen == Screen::Trouble);
        assert_eq!(view.pin.is_some(), view.screen == Screen::Pin);
        let behind = matches!(view.screen, Screen::Officer | Screen::Enrol | Screen::Outreach);
        assert_eq!(view.officer.is_some(), behind);
        if behind {
            let nothing = view.rows.is_empty() && view.slip.is_none() && view.trouble.is_none();
            assert!(nothing, "a citizen's session is open behind the officer's door");
        }
        let texts = texts(view);
        for former in self.former.iter().map(u32::to_string) {
            assert!(!texts.iter().any(|text| text.contains(&former)), "{former} of a citizen before is still shown");
        }
    }

    /// What is kept is this citizen's.
    fn assert_is_own(&self, draft: &Draft) {
        for former in self.former.iter().map(u32::to_string) {
            let is_there = Field::ALL.into_iter().any(|field| draft.value(field).contains(&former));
            assert!(!is_there, "{former} of a citizen before is kept with another's form");
        }
    }

    /// Only this citizen's slip is printed, or one that says nothing of anybody.
    fn assert_may_be_printed(&self, ticket: &Ticket, view: &View) {
        assert_eq!(view.print.map(|print| print.printing), Some(Printing::Now), "printed, and nobody is told");
        match &ticket.text {
            Text::Dossier(sheet) => {
                assert_eq!(Some(&sheet.reference), self.saved.as_ref(), "somebody else's slip");
                assert!(ticket.link.ends_with(&sheet.reference), "somebody else's secret");
            }
            Text::Triage(answers) => assert!(ticket.link.ends_with(&answers.code()), "more than the answers"),
        }
    }

    /// From a new kind of screen: some touch changes it, and some way leads out of the session.
    fn assert_there_are_ways(&self) {
        let view = self.stage.view();
        let tried: Vec<(String, View)> = touches(view)
            .into_iter()
            .map(|touch| {
                let mut again = Stage::new();
                self.script.iter().for_each(|line| drop(again.play(line)));
                again.play(&touch);
                (touch, again.view().clone())
            })
            .collect();
        let leads = |wanted: &dyn Fn(&View) -> bool| tried.iter().any(|(_, after)| wanted(after));
        assert!(leads(&|after| after != view), "{}: nothing leads on", kind(view));
        match view.screen {
            // The disk's answer leads on; nothing else may.
            Screen::Saving => {
                let left: Vec<_> = tried.iter().filter(|(_, after)| after != view).map(|(touch, _)| touch).collect();
                assert!(left.iter().all(|touch| touch.starts_with("save")), "{left:?} leave a save alone");
            }
            Screen::Pin if view.pin.as_ref().is_some_and(|pin| pin.door == DoorView::Judging) => {
                let left: Vec<_> = tried.iter().filter(|(_, after)| after != view).map(|(touch, _)| touch).collect();
                assert!(left.iter().all(|touch| touch.starts_with("judged")), "{left:?} leave a try alone");
            }
            Screen::Welcome if view.device.full => assert!(leads(&|after| after.trouble == Some(Trouble::NoRoom))),
            Screen::Welcome => assert!(leads(&|after| after.screen == Screen::Consent)),
            _ => assert!(leads(&|after| after.screen == Screen::Welcome), "{}: no way out", kind(view)),
        }
    }

    /// Mostly what a citizen does on this screen, sometimes anything at all.
    fn draw(&mut self) -> String {
        let likely = match self.stage.screen() {
            Screen::Photo | Screen::Slip | Screen::Resume | Screen::Outreach => 35,
            _ if self.stage.view().curtain => 60,
            Screen::Enrol => 25,
            Screen::Review => 65,
            Screen::Saving | Screen::Officer | Screen::Identity => 50,
            _ => 80,
        };
        if self.rng.u8(0..100) < likely { self.sensible() } else { self.anything() }
    }

    fn sensible(&mut self) -> String {
        let view = self.stage.view();
        if view.curtain {
            return "curtain".to_owned();
        }
        let lines: &[&str] = match view.screen {
            Screen::Welcome if view.device.full => &["start", "room enough", "room enough", "door"],
            Screen::Welcome => {
                &["start", "start", "start", "start", "begin", "begin", "begin", "have-slip", "door", "room full"]
            }
            Screen::Triage => return self.in_triage(),
            Screen::Photo if view.photo.as_ref().is_some_and(|photo| photo.waits) => {
                &["shot good", "shot good", "shot blurred", "shot nothing", "camera gone"]
            }
            Screen::Photo => &[
                "skip-photo",
                "next",
                "back",
                "seen blurred",
                "seen good",
                "shoot",
                "shoot",
                "shoot",
                "use-photo",
                "use-photo",
                "photo-again",
                "camera ready",
            ],
            Screen::Resume => &[
                "slip t1.00-0----",
                DOSSIER_SLIP,
                DOSSIER_SLIP,
                "back",
                "card mai",
                "card mai",
                "reopened mai",
                "reopened mai other-text",
                "not-reopened other-card",
                "not-reopened void",
                "leave",
            ],
            Screen::Consent if view.may_go_on => &["next"],
            Screen::Consent => &["consent required", "consent all", "consent required", "refuse"],
            Screen::Card => &["card mai", "card duc", "by-hand", "by-hand", "card tho", "card old"],
            Screen::Identity => &["next", "next", "next", "not-me"],
            Screen::Form => return self.in_form(),
            Screen::Review => &["submit", "submit", "edit phone", "back", "edit-portrait"],
            Screen::Saving => return self.answer(),
            Screen::Slip => &[
                "reveal",
                "outbox 1 offline",
                "wait 20",
                "saved AAAA-AAAA",
                "save-failed busy",
                "print",
                "printer ready",
                "printed ok",
                "printed jam",
                "finish",
                "taken",
                "print",
                "taken",
            ],
            Screen::Trouble => &["retry", "back", "leave", "door"],
            Screen::Pin => match view.pin.as_ref().map(|pin| pin.door) {
                Some(DoorView::Judging) => {
                    &["judged granted", "judged granted", "judged wrong 2", "judged locked 3", "judged broken"]
                }
                Some(DoorView::Locked { .. }) => &["wait 3", "door ready", "door locked 2", "back"],
                _ => &["type 739152", "type 739152", "key Enter", "next", "key Enter", "door ready", "type 1", "back"],
            },
            Screen::Officer => &[
                "standing calm",
                "standing busy",
                "order try-again",
                "order export",
                "order to-enrol",
                "order to-outreach",
                "done requeued",
                "wait 6",
                "leave",
            ],
            Screen::Enrol => &["type 7F3K92QXB4", "next", "done code-refused", "done enrolled", "telex", "back"],
            Screen::Outreach => &[
                "type toor 1",
                "order focus place",
                "order open",
                "done opened",
                "standing outreach",
                "order close",
                "done closed",
                "standing calm",
                "leave",
                "back",
            ],
        };
        self.rng.choice(lines.iter().copied()).unwrap_or("next").to_owned()
    }

    fn in_triage(&mut self) -> String {
        let Some(page) = self.stage.view().triage.as_ref().map(|triage| triage.page) else {
            return "next".to_owned();
        };
        match page {
            Page::Question(Question::Sim) if self.rng.bool() => "check-sim".to_owned(),
            Page::Question(question) => {
                // Mostly what lets them go on.
                let replies = if self.rng.u8(0..4) > 0 { &question.replies()[..1] } else { question.replies() };
                format!("reply {:?}", self.rng.choice(replies.iter()).unwrap_or(&question.replies()[0])).to_lowercase()
            }
            Page::SimName => ["sim-name right", "sim-name wrong", "back"][self.rng.usize(0..3)].to_owned(),
            Page::SimNumber => ["sim-number right", "sim-number wrong", "back"][self.rng.usize(0..3)].to_owned(),
            Page::SimGuide => "back".to_owned(),
            Page::Advice => ["next", "next", "next", "sim-guide", "ask-again", "back"][self.rng.usize(0..6)].to_owned(),
        }
    }

    fn in_form(&mut self) -> String {
        let view = self.stage.view();
        let Some(section) = view.section else {
            return "next".to_owned();
        };
        let full = view.rows.iter().all(|row| !row.required || !row.value.is_empty());
        match (full, self.rng.u8(0..10)) {
            (_, 0) => self.some_field(section),
            (_, 1) => "back".to_owned(),
            (_, 2) => "to review".to_owned(),
            (false, _) => format!("fill {}", format!("{section:?}").to_lowercase()),
            (true, _) => "next".to_owned(),
        }
    }

    fn answer(&mut self) -> String {
        match self.rng.u8(0..8) {
            0 => "save-failed disk-full".to_owned(),
            1 => "save-failed busy".to_owned(),
            2 => "save-failed broken".to_owned(),
            3 => "save-failed office-key-missing".to_owned(),
            _ => format!("saved {:04}-{:05}", self.rng.u32(0..10_000), self.mark),
        }
    }

    fn anything(&mut self) -> String {
        match self.rng.u8(0..60) {
            0 => "stopping".to_owned(),
            1 => format!("idle {WIPE_S}"),
            2..20 => {
                let section = self.rng.choice(Section::ALL).unwrap_or(Section::Person);
                self.some_field(section)
            }
            _ => self.rng.choice(ANYTHING.iter().copied()).unwrap_or("next").to_owned(),
        }
    }
}

fn assert_forgotten(view: &View) {
    // That a card was held to the reader is a fact about the reader.
    let nothing = View { device: view.device, take_card: view.take_card, ..View::default() };
    let stopping = View { screen: Screen::Trouble, trouble: Some(Trouble::Stopping), ..nothing.clone() };
    // The door has opened: the figures of the kiosk, and nothing else.
    let opened = View { screen: Screen::Officer, officer: view.officer.clone(), may_go_on: true, ..nothing.clone() };
    let is_forgotten = *view == nothing || *view == stopping || (view.officer.is_some() && *view == opened);
    assert!(is_forgotten, "something of the citizen is left in the view");
}

/// Complete, right, and nothing in it that was not agreed to.
fn assert_may_be_saved(sealable: &Sealable) {
    let mut draft = Draft::default();
    for (field, filled) in sealable.application.fields() {
        draft.enter(field, filled.value.to_string());
    }
    let has = |field| sealable.application.fields().any(|(other, _)| other == field);
    let missing = Field::ALL.into_iter().filter(|field| matches!(field.spec().need, Need::Always) && !has(*field));
    assert_eq!(missing.collect::<Vec<_>>(), []);
    let asked = Asked { rules: &SETUP.rules, today: today() };
    assert_eq!(draft.check(asked).err().unwrap_or_default(), []);
    for purpose in Purpose::ALL {
        let agreed = sealable.consents[purpose as usize];
        assert!(agreed || !purpose.is_required(), "{} was not agreed to", purpose.key());
        let account = Section::Refund.fields().any(has);
        assert!(agreed || purpose != Purpose::Refund || !account, "a bank account without consent to it");
    }
}
