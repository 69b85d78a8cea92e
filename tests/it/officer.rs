//! The officer's door: how often a PIN can be tried, whatever is switched off meanwhile, and what is left of it on disk.

use super::rig::{Citizen, Place, eventually, files_below};
use passport_kiosk::domain::officer::{Count, Counts, Door, Judgement, Pin, Running};
use passport_kiosk::domain::triage::Advice;
use passport_kiosk::officer::store::{Counting, Error, Store};
use passport_kiosk::officer::{Cost, Officers};
use rusqlite::{Connection, OpenFlags};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;
use zeroize::Zeroizing;

pub(super) const PIN: &str = "739152";
const WEEK_MS: u64 = 7 * 24 * 60 * 60 * 1_000;
const GUESSES: u64 = 10_000;
const MINUTE_MS: u64 = 60_000;
/// Argon2 at its smallest: what is counted here is comparisons, not their time.
const CHEAP: Cost = Cost { memory_kib: 8, passes: 1 };
const WALL_MS: i64 = 1_795_000_000_000;

fn pin(digits: &str) -> Pin {
    Pin::typed(Zeroizing::new(digits.to_owned())).unwrap_or_else(|_| panic!("{digits} has the shape of a PIN"))
}

/// In memory where there is such a folder: ten thousand openings sync a real disk ten thousand times.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn one_officer(folder: &Path) -> PathBuf {
    let file = folder.join("officer.db");
    Store::open(&file).unwrap().add("Tổ 1", &pin(PIN), [7; 16], CHEAP, None, WALL_MS).unwrap();
    file
}

/// What an attacker reached in a simulated week.
#[derive(Debug)]
struct Reached {
    comparisons: u64,
    refused_though_right: u64,
    opened: u64,
}

/// Ten thousand guesses in a week of running time, with the machine switched off and the process killed as an attacker
/// likes. `careless`: a kill undoes the counting of the comparison before it, as if it were compared first and counted
/// afterwards.
fn attack(seed: u64, careless: bool) -> Reached {
    let folder = folder();
    let file = one_officer(folder.path());
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut now = Running { boot: [1; 16], ms: 30_000 };
    let mut reached = Reached { comparisons: 0, refused_though_right: 0, opened: 0 };
    let before = std::fs::read(&file).unwrap();
    for guess in 0..GUESSES {
        now.ms += rng.u64(0..=2 * WEEK_MS / GUESSES);
        // Power off and on again.
        if rng.u8(0..50) == 0 {
            now = Running { boot: rng.u128(..).to_le_bytes(), ms: rng.u64(5_000..60_000) };
            Store::open(&file).unwrap().door(now).unwrap();
        }
        let right = guess % 10 == 9;
        let counting = Store::open(&file).unwrap().count(now, WALL_MS).unwrap();
        match counting {
            Counting::Counted(_) if right => {}
            Counting::Counted(counted) => {
                if careless {
                    std::fs::write(&file, &before).unwrap();
                }
                let wrong = format!("{:06}", rng.u32(0..739_152));
                let found = counted.compare(&pin(&wrong), None).unwrap();
                reached.comparisons += 1;
                reached.opened += u64::from(found.is_some());
            }
            Counting::Shut(shut) => {
                assert!(shut.left_ms <= 15 * MINUTE_MS, "seed {seed}");
                // The right PIN is not even compared while the door is shut.
                reached.refused_though_right += u64::from(right);
            }
            Counting::NoOfficer => panic!("the officer is gone"),
        }
    }
    now.ms += 15 * MINUTE_MS;
    let after = Store::open(&file).unwrap().count(now, WALL_MS).unwrap();
    let Counting::Counted(counted) = after else { panic!("shut for longer than fifteen minutes") };
    let found = counted.compare(&pin(PIN), None).unwrap().expect("the right PIN opens");
    let mut store = Store::open(&file).unwrap();
    store.reset(&found, WALL_MS).unwrap();
    assert_eq!(store.door(now).unwrap(), Door::Ready);
    reached
}

/// Four free tries, the fifth, one after a minute, one after five, and then one every fifteen minutes of a week.
const MOST: u64 = 4 + 1 + 1 + 1 + WEEK_MS / (15 * MINUTE_MS);

fn stays_locked_out(reached: &Reached) -> bool {
    reached.comparisons <= MOST && reached.opened == 0
}

#[test]
fn ten_thousand_guesses_across_restarts_stay_locked_out() {
    let reached = attack(20_261_125, false);
    println!("{GUESSES} guesses in a week: {reached:?}, allowed {MOST}");
    assert!(stays_locked_out(&reached), "{reached:?}");
    assert!(reached.comparisons > 100, "the door is shut for good: {reached:?}");
    assert!(reached.refused_though_right > 500, "{reached:?}");
}

#[test]
fn counting_after_the_comparison_would_give_free_guesses_and_be_seen() {
    let reached = attack(20_261_125, true);
    println!("compared before it is counted: {reached:?}");
    assert!(!stays_locked_out(&reached), "the attack test sees nothing: {reached:?}");
    assert_eq!(reached.comparisons, GUESSES - GUESSES / 10, "every guess was free");
}

#[test]
fn a_lock_out_begins_anew_with_the_machine_and_runs_from_the_first_look() {
    let folder = folder();
    let file = one_officer(folder.path());
    let at = |boot: u8, ms: u64| Running { boot: [boot; 16], ms };
    for _ in 0..5 {
        Store::open(&file).unwrap().count(at(1, 1_000), WALL_MS).unwrap();
    }
    let door = |now| Store::open(&file).unwrap().door(now).unwrap();
    assert_eq!(door(at(1, 31_000)), Door::Locked { left_s: 30 });
    assert_eq!(door(at(2, 9_000)), Door::Locked { left_s: 60 }, "begins anew");
    assert_eq!(door(at(2, 39_000)), Door::Locked { left_s: 30 }, "and runs");
    assert_eq!(door(at(2, 69_000)), Door::Ready);
}

#[allow(clippy::unnecessary_wraps, reason = "the clock's own shape")]
fn some_time() -> Option<Running> {
    Some(Running { boot: [1; 16], ms: 1_000 })
}

fn no_time() -> Option<Running> {
    None
}

#[test]
fn a_wrong_pin_and_an_officer_who_is_gone_look_alike() {
    let folder = folder();
    let officers = Officers::new(folder.path(), None, some_time, || WALL_MS);
    assert_eq!(officers.judge(&pin(PIN)), Judgement::NoOfficer);
    officers.add("Tổ 1", &pin(PIN), CHEAP).unwrap();
    officers.add("Tổ 2", &pin("804613"), CHEAP).unwrap();
    officers.remove("Tổ 2").unwrap();
    assert_eq!(officers.judge(&pin("804613")), Judgement::Wrong { left: 4 });
    assert_eq!(officers.judge(&pin("111222")), Judgement::Wrong { left: 3 });
    assert_eq!(officers.judge(&pin(PIN)), Judgement::Granted { officer: "Tổ 1".to_owned() });
    assert_eq!(officers.judge(&pin("111222")), Judgement::Wrong { left: 4 }, "success resets");
}

#[test]
fn without_running_time_the_door_stays_shut() {
    let folder = folder();
    Officers::new(folder.path(), None, some_time, || WALL_MS).add("Tổ 1", &pin(PIN), CHEAP).unwrap();
    let officers = Officers::new(folder.path(), None, no_time, || WALL_MS);
    assert_eq!(officers.judge(&pin(PIN)), Judgement::Broken);
    assert_eq!(officers.door(), Door::Broken);
}

#[test]
fn a_peppered_pin_opens_only_with_its_pepper() {
    let folder = folder();
    let credentials = folder.path().join("credentials");
    std::fs::create_dir(&credentials).unwrap();
    std::fs::write(credentials.join("officer-pepper"), [9; 32]).unwrap();
    let peppered = Officers::new(folder.path(), Some(&credentials), some_time, || WALL_MS);
    peppered.add("Tổ 1", &pin(PIN), CHEAP).unwrap();
    assert_eq!(peppered.judge(&pin(PIN)), Judgement::Granted { officer: "Tổ 1".to_owned() });
    let bare = Officers::new(folder.path(), None, some_time, || WALL_MS);
    assert_eq!(bare.judge(&pin(PIN)), Judgement::Broken, "the stolen disk alone compares nothing");
    std::fs::write(credentials.join("officer-pepper"), [8; 32]).unwrap();
    let other = Officers::new(folder.path(), Some(&credentials), some_time, || WALL_MS);
    assert!(matches!(other.judge(&pin(PIN)), Judgement::Wrong { .. }));
}

#[test]
fn a_damaged_file_shuts_the_door_and_is_left_as_it_is() {
    let folder = folder();
    let officers = Officers::new(folder.path(), None, some_time, || WALL_MS);
    officers.add("Tổ 1", &pin(PIN), CHEAP).unwrap();
    let file = folder.path().join("officer.db");
    let rubbish = vec![0x5A; 8_192];
    std::fs::write(&file, &rubbish).unwrap();
    assert_eq!(officers.judge(&pin(PIN)), Judgement::Broken);
    assert_eq!(std::fs::read(&file).unwrap(), rubbish);
    assert!(matches!(officers.add("Tổ 2", &pin(PIN), CHEAP), Err(Error::Damaged)));
}

#[test]
fn one_outreach_session_is_open_at_a_time_and_counts_only_while_it_is() {
    let folder = folder();
    let officers = Officers::new(folder.path(), None, some_time, || WALL_MS);
    officers.passed(Count::Started);
    officers.open_outreach("Trạm thử", "Tổ 1").unwrap();
    assert!(matches!(officers.open_outreach("Nơi khác", "Tổ 2"), Err(Error::Outreach)));
    for count in [Count::Started, Count::Started, Count::Started, Count::Finished, Count::Refused, Count::Abandoned] {
        officers.passed(count);
    }
    officers.advised(&[Advice::GetVneid, Advice::CheckSim]);
    officers.advised(&[Advice::GetVneid]);
    let closed = officers.close_outreach().unwrap();
    assert_eq!((closed.counts, closed.closed_ms), (Counts::new([3, 1, 1, 0, 1]), Some(WALL_MS)));
    assert_eq!(closed.advised, [(Advice::GetVneid, 2), (Advice::CheckSim, 1)]);
    officers.passed(Count::Started);
    assert!(officers.outreach().is_none() && matches!(officers.close_outreach(), Err(Error::Outreach)));
}

/// `tests/data/databases/officer-v1.sql` is what the version before left behind, in the midst of a session.
#[test]
fn an_open_session_of_the_version_before_goes_on_counting() {
    let folder = folder();
    let db = Connection::open(folder.path().join("officer.db")).unwrap();
    db.execute_batch(include_str!("../data/databases/officer-v1.sql")).unwrap();
    drop(db);
    let officers = Officers::new(folder.path(), None, some_time, || WALL_MS);
    officers.passed(Count::SentBack);
    officers.advised(&[Advice::RenewCard]);
    let open = officers.outreach().unwrap();
    assert_eq!((open.counts, open.advised), (Counts::new([9, 4, 1, 1, 2]), vec![(Advice::RenewCard, 1)]));
}

/// `kiosk officer …` with the PIN on standard input.
pub(super) fn officer(place: &Place, words: &[&str], typed: &str) -> Output {
    let mut command = place.command(&[&["officer"], words].concat());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A name that is refused ends it before it reads.
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    child.wait_with_output().unwrap()
}

/// Tries in a row as they are on the disk; looked at from outside, while the kiosk may hold the file for a moment.
fn fails(place: &Place) -> Option<u32> {
    let file = place.data().join("officer.db");
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE).ok()?;
    db.query_row("SELECT fails FROM door", [], |row| row.get(0)).ok()
}

#[test]
fn a_lock_out_survives_kills_and_a_kill_before_the_answer_gives_no_free_guess() {
    let place = Place::new();
    for (typed, why) in [("123456\n", "guessed first"), ("12345\n", "6 to 12 digits"), ("\n", "6 to 12 digits")] {
        let refused = officer(&place, &["add", "--name", "Tổ 1"], typed);
        assert_eq!(refused.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&refused.stderr).contains(why), "{typed:?}");
    }
    assert!(officer(&place, &["add", "--name", "Tổ 1"], &format!("{PIN}\n")).status.success());
    assert!(!officer(&place, &["add", "--name", "Tổ 2"], &format!("{PIN}\n")).status.success(), "one PIN, one officer");
    let listed = officer(&place, &["list"], "");
    assert!(String::from_utf8_lossy(&listed.stdout).contains("Tổ 1"));

    let mut kiosk = place.start();
    kiosk.go_to_door();
    kiosk.order("key 111222{Enter}");
    kiosk.read("Mã PIN không đúng");
    kiosk.read("Còn 4 lần");
    // The second is killed as soon as it is counted, before anybody is told what came of it.
    kiosk.write("key 222333{Enter}");
    eventually("the second try is counted", || fails(&place) == Some(2));
    kiosk.kill();
    assert_eq!(fails(&place), Some(2));

    let mut kiosk = place.start();
    kiosk.go_to_door();
    for left in ["Còn 2 lần", "Còn 1 lần"] {
        kiosk.order("key 333444{Enter}");
        kiosk.read(left);
    }
    kiosk.order("key 444555{Enter}");
    kiosk.read("tạm khóa");
    kiosk.kill();

    let mut kiosk = place.start();
    kiosk.go_to_door();
    kiosk.read("tạm khóa");
    kiosk.order(&format!("key {PIN}{{Enter}}"));
    assert_eq!(kiosk.order("state"), "pin", "the right PIN is not taken while the door is shut");
    assert_eq!(fails(&place), Some(5));
    kiosk.quit();

    // What the queue holds is told without any PIN.
    assert!(place.command(&["queue"]).output().unwrap().status.success());
    for file in files_below(place.folder.path()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(PIN.len()).any(|part| part == PIN.as_bytes()), "the PIN is in {}", file.display());
    }
}

#[test]
fn an_officer_opens_the_door_and_an_outreach_session_that_counts_who_comes_and_goes() {
    let place = Place::new();
    assert!(officer(&place, &["add", "--name", "Tổ 1"], &format!("{PIN}\n")).status.success());
    let mut kiosk = place.start();
    let open = |kiosk: &mut super::rig::Driver| {
        kiosk.go_to_door();
        kiosk.order(&format!("key {PIN}{{Enter}}"));
        kiosk.wait("officer");
    };
    open(&mut kiosk);
    kiosk.read("Không có thông tin của công dân");
    kiosk.read("kiosk-demo");
    kiosk.read("máy bị lấy là khóa bị lấy");
    kiosk.tap("Xuất ra USB");
    kiosk.read("Không có USB nào ghi được");
    kiosk.tap("Mở buổi lưu động");
    kiosk.order("key toor 1");
    kiosk.tap("Mở buổi");
    kiosk.read("Đã mở buổi lưu động");
    kiosk.tap("header/Thoát");
    for _ in 0..2 {
        kiosk.go_to_consent();
        kiosk.tap("Tôi không đồng ý");
        kiosk.tap("Thoát");
    }
    kiosk.tap("Bắt đầu");
    kiosk.tap("Thoát");
    // The kiosk is killed; the session goes on.
    eventually("the last one is counted", || counted(&place) == Some([3, 0, 2, 1]));
    kiosk.kill();

    let mut kiosk = place.start();
    open(&mut kiosk);
    kiosk.read("Đang mở: Trạm thử nghiệm, Tổ 1.");
    kiosk.tap("Xem và kết thúc buổi");
    kiosk.tap("Kết thúc buổi");
    kiosk.tap("Bấm lần nữa để kết thúc");
    kiosk.read("Đã kết thúc buổi lưu động");
    let texts = kiosk.texts();
    let told = ["Bắt đầu", "Không đồng ý, làm bằng giấy", "Bỏ dở"].map(|name| {
        let at = texts.iter().position(|text| text == name).unwrap();
        texts[at + 1].clone()
    });
    assert_eq!(told, ["3", "2", "1"], "{texts:?}");
    kiosk.quit();
}

#[test]
fn an_officer_takes_the_sealed_queue_away_on_a_stick_and_the_kiosk_keeps_it() {
    use std::os::unix::fs::MetadataExt;
    let mut place = Place::new();
    let stick = folder();
    if std::fs::metadata(stick.path()).unwrap().dev() == std::fs::metadata(place.folder.path()).unwrap().dev() {
        println!("SKIPPED: no second disk here to play the stick");
        return;
    }
    let told = std::fs::read_to_string(place.config()).unwrap();
    let with_stick = told.replace("[kiosk]\n", &format!("[kiosk]\nexport = {:?}\n", stick.path()));
    std::fs::write(place.config(), with_stick).unwrap();
    assert!(officer(&place, &["add", "--name", "Tổ 1"], &format!("{PIN}\n")).status.success());
    place.stage.cable.pull();
    let citizen = Citizen::number(1);
    let mut kiosk = place.start();
    kiosk.go_to_slip(&mut place, &citizen);
    kiosk.tap("Kết thúc");
    kiosk.tap("Đã lấy đủ, kết thúc");
    kiosk.go_to_door();
    kiosk.order(&format!("key {PIN}{{Enter}}"));
    kiosk.wait("officer");
    kiosk.read("Hồ sơ cũ nhất đã chờ dưới 1 phút.");
    kiosk.tap("Xuất ra USB");
    kiosk.read("1 hồ sơ trên USB.");
    assert_eq!(files_below(stick.path()).len(), 1);
    let names = [&citizen.address.1, &citizen.father.1];
    for text in kiosk.texts() {
        assert!(!names.iter().any(|name| text.contains(name.as_str())), "{text:?} is of a citizen");
    }
    kiosk.tap("Khóa lại");
    place.stage.cable.plug();
    place.expect_at_the_office(&[citizen]);
    kiosk.quit();
}

/// The open session's counts, looked at from outside.
fn counted(place: &Place) -> Option<[u32; 4]> {
    let file = place.data().join("officer.db");
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE).ok()?;
    db.query_row("SELECT started, finished, refused, abandoned FROM outreach WHERE closed_ms IS NULL", [], |row| {
        Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])
    })
    .ok()
}

#[test]
fn a_pin_is_no_argument_of_any_command() {
    let help = Command::new(env!("CARGO_BIN_EXE_kiosk")).args(["officer", "add", "--help"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&help.stdout).to_lowercase().contains("--pin"));
}
