//! A form goes in beside one card, and comes out beside no other: the keeper's thread over a real shelf.

use super::{FILE, Handle, Heard, Order, Setup, Shelf, spawn};
use crate::domain::card::{CardClaim, parse_qr};
use crate::domain::flow::HalfFilled;
use crate::domain::form::{Answer, Draft, Field, Section, Source};
use crate::domain::keep::{MAX_AGE_MS, MAX_TRIES, Moment, Outlives};
use crate::domain::officer::Running;
use crate::domain::triage::Answers;
use crate::stretch::Cost;
use rustix::fs::{MemfdFlags, memfd_create};
use std::fs::File;
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use zeroize::Zeroizing;

/// Argon2 at its smallest: what is tested here is who gets in, not what it costs.
const CHEAP: Cost = Cost { memory_kib: 8, passes: 1 };
const PATIENCE: Duration = Duration::from_secs(30);
const MINUTE_MS: u64 = 60_000;
const MAI: &str = "099190000017|099000017|Nguyễn Thị Thử Mai|02011990|Nữ|Tổ 1, Thôn Thử, Xã Không Có Thật|03052021";
/// The same person's next card.
const MAI_AGAIN: &str =
    "099190000017|099000017|Nguyễn Thị Thử Mai|02011990|Nữ|Tổ 1, Thôn Thử, Xã Không Có Thật|03052026";
const DUC: &str = "099090000018||Trần Văn Thử Đức|05061990|Nam|Khu 9, Xã Không Có Thật|03052021";
const PHONE: &str = "0000054321";

fn card(text: &str) -> Box<CardClaim> {
    Box::new(parse_qr(text.as_bytes()).unwrap())
}

/// With everything a form can hold: typed, from the triage, taken in units of today, taken out, declined.
fn half() -> HalfFilled {
    let mut draft = Draft::default();
    draft.claim(&card(MAI));
    draft.enter(Field::Phone, PHONE.to_owned());
    draft.enter(Field::MiddleGiven, String::new());
    draft.enter_from(Field::EverIssued, Answer::IssuedBefore.key().to_owned(), Source::Triage);
    draft.enter(Field::CurrentAddress, "Thôn 2, Bình Minh, Thăng Bình, Quảng Nam".to_owned());
    draft.take_units(Field::CurrentAddress, "Thôn 2, Xã Thăng An, Thành phố Đà Nẵng".to_owned());
    draft.decline(Field::SpouseName);
    let answers = Answers::parse("t1.00120000").unwrap();
    HalfFilled { draft, section: Some(Section::Father), answers, consents: [true, true, true, false] }
}

/// A machine with one shelf, whose keepers come and go.
struct Machine {
    shelf: Box<dyn Fn() -> Shelf>,
    folder: TempDir,
    now: Arc<Mutex<Option<Moment>>>,
    consent: &'static str,
}

struct Keeper {
    handle: Handle,
    heard: Receiver<Heard>,
}

impl Machine {
    fn of(shelf: impl Fn(&Path) -> Shelf + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let now = Moment { running: Running { boot: [1; 16], ms: MINUTE_MS }, wall_ms: 1_795_000_000_000 };
        let (now, consent) = (Arc::new(Mutex::new(Some(now))), "2026-11");
        Self { shelf: Box::new(move || shelf(&path)), folder, now, consent }
    }

    fn memory() -> Self {
        let file = File::from(memfd_create("keep", MemfdFlags::CLOEXEC).unwrap());
        Self::of(move |_| Shelf::Memory(file.try_clone().unwrap()))
    }

    fn disk(secret: u8) -> Self {
        Self::of(move |folder| Shelf::Disk { file: folder.join(FILE), secret: Zeroizing::new([secret; 32]) })
    }

    fn both() -> [Self; 2] {
        [Self::memory(), Self::disk(7)]
    }

    fn pass(&self, ms: u64) {
        let mut now = self.now.lock().unwrap();
        let now = now.as_mut().unwrap();
        now.running.ms += ms;
        now.wall_ms += ms.cast_signed();
    }

    fn reboot(&self) {
        let mut now = self.now.lock().unwrap();
        let now = now.as_mut().unwrap();
        now.running = Running { boot: [now.running.boot[0] + 1; 16], ms: 5_000 };
    }

    fn start(&self) -> Keeper {
        let (tell, heard) = mpsc::channel();
        let now = Arc::clone(&self.now);
        let setup = Setup { shelf: (self.shelf)(), consent_version: self.consent.to_owned(), cost: CHEAP };
        let now = move || *now.lock().unwrap();
        let handle = spawn(setup, now, move |heard| tell.send(heard).is_ok()).unwrap();
        Keeper { handle, heard }
    }

    /// After a crash: what comes back beside this card.
    fn recalled(&self, text: &str) -> Option<HalfFilled> {
        self.start().recalled(text)
    }
}

impl Keeper {
    fn recalled(&self, text: &str) -> Option<HalfFilled> {
        self.handle.order(Order::Present { session: 3, card: card(text) });
        loop {
            if let Heard::Recalled { session, half } = self.heard.recv_timeout(PATIENCE).unwrap() {
                assert_eq!(session, 3);
                return half.map(|half| *half);
            }
        }
    }

    /// The citizen with this card fills in so much.
    fn fills_in(&self) {
        assert!(self.recalled(MAI).is_none());
        self.handle.order(Order::Keep(Box::new(half())));
    }

    fn state(&self) -> (Outlives, bool) {
        loop {
            if let Heard::State { outlives, holds } = self.heard.recv_timeout(PATIENCE).unwrap() {
                return (outlives, holds);
            }
        }
    }
}

#[test]
fn the_whole_form_comes_back_after_a_crash_beside_the_same_card() {
    for machine in Machine::both() {
        machine.start().fills_in();
        let after = machine.start();
        assert!(after.state().1, "it is said that there is one");
        assert!(after.recalled(MAI).unwrap() == half());
        drop(after);
        // Whoever crashes twice has it twice.
        assert!(machine.recalled(MAI).unwrap() == half());
    }
}

#[test]
fn no_other_card_opens_it_and_five_of_them_end_it() {
    for machine in Machine::both() {
        machine.start().fills_in();
        for _ in 1..MAX_TRIES {
            assert!(machine.recalled(DUC).is_none());
        }
        assert!(machine.recalled(MAI).is_some(), "tries are forgotten at the right card");
        for other in [DUC, MAI_AGAIN, DUC, DUC, DUC] {
            assert!(machine.recalled(other).is_none());
        }
        assert!(machine.recalled(MAI).is_none());
    }
}

#[test]
fn it_is_gone_when_its_citizen_leaves_saves_or_refuses_and_stays_when_somebody_else_does() {
    for machine in Machine::both() {
        for end in [Order::Leave, Order::Drop(None)] {
            let keeper = machine.start();
            keeper.fills_in();
            keeper.handle.order(end);
            drop(keeper);
            assert!(machine.recalled(MAI).is_none());
        }
        machine.start().fills_in();
        let other = machine.start();
        assert!(other.recalled(DUC).is_none());
        other.handle.order(Order::Leave);
        drop(other);
        assert!(machine.recalled(MAI).is_some());
    }
}

#[test]
fn it_is_gone_after_half_an_hour_and_after_a_second_start_of_the_machine() {
    let machine = Machine::disk(7);
    machine.start().fills_in();
    machine.reboot();
    machine.pass(MAX_AGE_MS - 10_000);
    assert!(machine.recalled(MAI).is_some());
    machine.pass(10_000);
    assert!(machine.recalled(MAI).is_none());
    assert!(!machine.folder.path().join(FILE).exists(), "it lies nowhere any more");

    machine.start().fills_in();
    machine.reboot();
    drop(machine.start());
    machine.reboot();
    assert!(machine.recalled(MAI).is_none());
}

#[test]
fn a_stolen_disk_tells_nothing_and_opens_on_no_other_machine() {
    let machine = Machine::disk(7);
    machine.start().fills_in();
    let bytes = std::fs::read(machine.folder.path().join(FILE)).unwrap();
    for told in ["099190000017", "THỬ MAI", PHONE, "Thăng Bình", "phone"] {
        assert!(!bytes.windows(told.len()).any(|window| window == told.as_bytes()), "{told} lies open");
    }
    let elsewhere = Machine::disk(8);
    std::fs::write(elsewhere.folder.path().join(FILE), bytes).unwrap();
    assert!(elsewhere.recalled(MAI).is_none());
}

#[test]
fn a_consent_to_another_text_is_no_consent() {
    let mut machine = Machine::memory();
    machine.start().fills_in();
    machine.consent = "2027-01";
    assert_eq!(machine.recalled(MAI).unwrap().consents, [false; 4]);
}

#[test]
fn what_is_damaged_is_gone_and_what_cannot_be_written_is_not_promised() {
    let machine = Machine::disk(7);
    for damaged in [&b""[..], &b"\x01"[..], &b"\x02 another version of it, long enough to be one of these records"[..]]
    {
        std::fs::write(machine.folder.path().join(FILE), damaged).unwrap();
        assert_eq!(machine.start().state(), (Outlives::PowerCut, false));
    }
    let keeper = machine.start();
    assert_eq!(keeper.state(), (Outlives::PowerCut, false));
    // A folder where the file is to be made: no disk takes it.
    std::fs::create_dir(machine.folder.path().join("half-filled.new")).unwrap();
    keeper.fills_in();
    assert_eq!(keeper.state(), (Outlives::Nothing, false));

    let timeless = Machine::memory();
    *timeless.now.lock().unwrap() = None;
    assert_eq!(timeless.start().state(), (Outlives::Nothing, false), "without a clock nothing is kept");
}
