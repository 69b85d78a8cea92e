//! The real program as a process: killed, stopped, misconfigured, locked out, unplugged.

use super::rig::{Citizen, Place, entered, eventually, let_pass};
use passport_kiosk::config::write_shipped;
use passport_kiosk::queue::store::Store;
use rusqlite::Connection;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use tokio::time::Instant;

#[test]
fn a_dossier_saved_before_a_kill_reaches_the_office_once_after_the_restart() {
    let mut place = Place::new();
    let citizen = Citizen::number(1);
    place.stage.cable.pull();
    let mut kiosk = place.start();
    kiosk.go_to_slip(&mut place, &citizen);
    kiosk.kill();
    assert!(place.at_the_office().is_empty());

    let kiosk = place.start();
    place.stage.cable.plug();
    place.expect_at_the_office(&[citizen]);
    kiosk.quit();
}

#[test]
fn a_whole_visit_is_made_by_a_plugged_in_keyboard_alone() {
    let mut place = Place::new();
    let citizen = Citizen::number(1);
    let mut kiosk = place.start();
    kiosk.by_keyboard = true;
    kiosk.go_to_slip(&mut place, &citizen);
    place.expect_at_the_office(&[citizen]);
    kiosk.quit();
}

#[test]
fn whatever_moment_it_is_killed_at_what_was_called_saved_arrives_once() {
    const SEED: u64 = 20_261_123;
    const KILLS: u32 = 40;
    const KILLS_AT_START: u32 = 25;
    let mut rng = fastrand::Rng::with_seed(SEED);
    let mut place = Place::new();

    let mut kiosk = place.start();
    kiosk.go_to_review(&mut place, &Citizen::number(0));
    let pressed = Instant::now();
    kiosk.tap("Lưu hồ sơ");
    kiosk.wait("slip");
    let takes = pressed.elapsed();
    kiosk.quit();

    let mut promised = vec![Citizen::number(0)];
    let mut kills = KILLS;
    for round in 1..=KILLS {
        let citizen = Citizen::number(round);
        let mut kiosk = place.start();
        kiosk.go_to_review(&mut place, &citizen);
        kiosk.write("tap Lưu hồ sơ");
        kiosk.write("wait slip 50000");
        // Every third at the very moment of the promise, the others anywhere around it.
        if round % 3 == 0 {
            while !says_saved(&kiosk.answer()) {}
            promised.push(citizen);
            kiosk.kill();
        } else {
            let_pass(takes.mul_f64(rng.f64() * 2.0));
            if kiosk.kill().iter().any(says_saved) {
                promised.push(citizen);
            }
        }
        // While it opens the queue, takes up what is left, and sends it.
        if round % 8 < KILLS_AT_START / 5 {
            let kiosk = place.start();
            let_pass(takes.mul_f64(rng.f64() * 3.0));
            kiosk.kill();
            kills += 1;
        }
    }
    assert_eq!(kills, KILLS + KILLS_AT_START);
    let kiosk = place.start();
    eventually("everything that was committed is delivered", || {
        let (queued, ..) = counts(&place);
        queued == 0
    });
    kiosk.quit();
    let found = place.at_the_office();
    println!("seed {SEED}: {kills} kills around {takes:?}, {} promised, {} arrived", promised.len(), found.len());
    for (phone, dossiers) in &found {
        assert_eq!(dossiers.len(), 1, "{phone} arrived more than once; seed {SEED}");
        let citizen = Citizen::number(phone.parse().unwrap());
        assert_eq!(entered(&dossiers[0]), citizen.expected(), "seed {SEED}");
    }
    for citizen in promised {
        assert!(found.contains_key(&citizen.phone), "{} was promised; seed {SEED}", citizen.phone);
    }
}

#[test]
fn told_to_end_while_saving_it_commits_first_and_ends_well() {
    let mut place = Place::new();
    let citizen = Citizen::number(1);
    let lock = lock_queue(&place);
    let mut kiosk = place.start();
    kiosk.go_to_review(&mut place, &citizen);
    assert_eq!(kiosk.tap("Lưu hồ sơ"), "saving");
    kiosk.terminate();
    drop(lock);
    let (status, left) = kiosk.ended();
    assert_eq!(status.code(), Some(0));
    assert_eq!(left.last().map(|answer| answer["stopped"] == true), Some(true));

    let committed = Store::look(&place.data().join("queue.db")).unwrap();
    assert_eq!(committed.queued + committed.received, 1);
    let kiosk = place.start();
    place.expect_at_the_office(&[citizen]);
    kiosk.quit();
}

#[test]
fn a_configuration_that_is_wrong_is_refused_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    write_shipped(folder.path()).unwrap();
    let file = folder.path().join("kiosk.toml");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config/kiosk.toml"), &file).unwrap();
    let good = std::fs::read_to_string(&file).unwrap();
    let line_of = |text: &str, wanted: &str| text.lines().position(|line| line.contains(wanted)).unwrap() + 1;

    assert_eq!(check(&file).0, Some(0));
    for (from, to) in [
        ("baud = 115200", "bawd = 115200"),
        ("id = \"kiosk-01\"", "id = \"Kiosk Number One\""),
        ("baud = 115200", "baud = 12"),
        ("sites/station-demo.toml", "sites/nowhere.toml"),
        ("[session]", "[session"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from} is in the shipped file");
        std::fs::write(&file, &bad).unwrap();
        let (code, told) = check(&file);
        assert_eq!(code, Some(2), "{to}: {told}");
        let place = format!("{}:{}: ", file.display(), line_of(&bad, to));
        assert!(told.contains(&place), "{to}: {told}");
    }
    let nowhere = folder.path().join("nowhere.toml");
    let (code, told) = check(&nowhere);
    assert_eq!(code, Some(2));
    assert!(told.contains(&format!("{}:", nowhere.display())), "{told}");
}

#[test]
fn without_the_offices_key_nothing_is_saved_and_nothing_typed_is_lost() {
    let mut place = Place::new();
    let citizen = Citizen::number(1);
    let (trust, aside) =
        (place.folder.path().join("kiosk-config/trust/office.toml"), place.folder.path().join("aside"));
    std::fs::rename(&trust, &aside).unwrap();
    let mut kiosk = place.start();
    kiosk.go_to_review(&mut place, &citizen);
    kiosk.tap("Lưu hồ sơ");
    kiosk.wait("trouble");
    kiosk.read("Máy chưa được cài khóa của cơ quan nên không niêm phong được hồ sơ.");
    kiosk.read("Xin gọi cán bộ hoặc sang máy khác.");
    assert_eq!(kiosk.tap("Quay lại"), "review");
    kiosk.read(&citizen.address.1);
    kiosk.read(&citizen.email);
    kiosk.quit();
    assert_eq!(counts(&place), (0, 0, 0, false));
}

#[test]
fn a_queue_that_another_process_holds_is_waited_for_and_then_saves() {
    let mut place = Place::new();
    let citizen = Citizen::number(1);
    let lock = lock_queue(&place);
    let mut kiosk = place.start();
    kiosk.go_to_review(&mut place, &citizen);
    kiosk.tap("Lưu hồ sơ");
    kiosk.wait("trouble");
    kiosk.read("Máy đang bận nên chưa lưu được hồ sơ.");
    drop(lock);
    kiosk.tap("Thử lại");
    kiosk.wait("slip");
    place.expect_at_the_office(&[citizen]);
    kiosk.quit();
}

#[test]
fn the_counts_can_be_asked_for_while_the_kiosk_runs_and_after() {
    let mut place = Place::new();
    place.stage.cable.pull();
    let mut kiosk = place.start();
    kiosk.order("state");
    eventually("an empty queue is told of", || counts(&place) == (0, 0, 0, true));
    kiosk.go_to_slip(&mut place, &Citizen::number(1));
    eventually("the saved one is counted", || counts(&place) == (1, 0, 0, true));
    place.stage.cable.plug();
    eventually("the delivered one is counted", || counts(&place) == (0, 1, 0, true));
    kiosk.quit();
    assert_eq!(counts(&place), (0, 1, 0, false));
}

#[test]
fn a_reader_that_is_pulled_or_talks_nonsense_is_told_of_and_used_again() {
    const READY: &str = "Đầu đọc đang chờ thẻ.";
    let mut place = Place::new();
    let mut kiosk = place.start();
    kiosk.go_to_card();
    kiosk.read(READY);
    place.stage.scanner.send_raw("099190000017|099000017|Nguyễn Thị".as_bytes()).unwrap();
    place.stage.scanner.unplug().unwrap();
    kiosk.read("Đầu đọc thẻ chưa được kết nối.");
    place.stage.scanner.plug().unwrap();
    kiosk.read(READY);

    for (noise, said) in [
        (&b"\xff\xfe\x00\x81\xc3\r"[..], "Đầu đọc làm hỏng chữ tiếng Việt."),
        (&b"https://example.vn/h#099190000017\r"[..], "Mã này không phải mã trên thẻ căn cước."),
        (&[b'9'; 5_000][..], "Đầu đọc gửi về quá nhiều dữ liệu."),
        (&b"\r099190000017|099000017|Ng\r"[..], "Chưa đọc trọn mã trên thẻ."),
    ] {
        place.stage.scanner.send_raw(noise).unwrap();
        kiosk.read(said);
    }
    place.present("mai");
    kiosk.wait("identity");
    kiosk.read("THỊ THỬ MAI");
    kiosk.quit();
}

fn says_saved(answer: &Value) -> bool {
    answer["ok"] == true && answer["screen"] == "slip"
}

/// The queue exists, and somebody else has it.
fn lock_queue(place: &Place) -> Connection {
    let file = place.data().join("queue.db");
    drop(Store::open(&file, [1; 16], None).unwrap());
    let db = Connection::open(file).unwrap();
    db.execute_batch("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    db
}

/// Exit code and standard error of `kiosk check`.
fn check(file: &Path) -> (Option<i32>, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_kiosk")).args(["check", "--config"]).arg(file).output().unwrap();
    (out.status.code(), String::from_utf8(out.stderr).unwrap())
}

/// What `kiosk queue` prints: queued, received, attention, whether a kiosk runs.
fn counts(place: &Place) -> (u64, u64, u64, bool) {
    let out = place.command(&["queue"]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let told: Value = serde_json::from_slice(&out.stdout).unwrap();
    let number = |key: &str| told[key].as_u64().unwrap();
    (number("queued"), number("received"), number("attention"), told["kiosk_running"] == true)
}
