//! Without a network: the real programs, a stick between them, and room that runs out.

use super::rig::{Citizen, Driver, Place, eventually, files_below};
use serde_json::Value;
use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Standard output of a command that must succeed: one line of JSON.
#[track_caller]
fn line(out: &Output) -> Value {
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

/// The words of `kiosk` and what it answered.
fn kiosk(place: &Place, words: &[&str]) -> Output {
    place.command(words).output().unwrap()
}

/// Delivers the files to the office of this place, which serves meanwhile.
fn import(place: &Place, files: &[PathBuf]) -> Output {
    let folder = place.folder.path();
    let mut command = Command::new(env!("CARGO_BIN_EXE_intake"));
    command.arg("import").arg("--data").arg(folder.join("office")).arg("--keys").arg(folder.join("office-keys"));
    command.args(files).env_remove("DATABASE_URL").output().unwrap()
}

/// Saves this dossier while the cable is out, and ends in order.
fn saved_offline(place: &mut Place, citizen: &Citizen) {
    place.stage.cable.pull();
    let mut kiosk = place.start();
    kiosk.go_to_slip(place, citizen);
    kiosk.quit();
}

fn of_kind(folder: &Path, extension: &str) -> Vec<PathBuf> {
    files_below(folder).into_iter().filter(|file| file.extension().is_some_and(|found| found == extension)).collect()
}

#[test]
fn a_dossier_goes_to_the_office_on_a_stick_and_its_receipt_comes_back() {
    let mut place = Place::new();
    let citizen = Citizen::number(31);
    let stick = place.folder.path().join("stick");
    let to = stick.to_str().unwrap().to_owned();
    place.stage.cable.pull();
    let mut running = place.start();
    running.go_to_slip(&mut place, &citizen);
    let busy = kiosk(&place, &["export", "--to", &to]);
    assert_eq!(busy.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&busy.stderr).contains("a kiosk is running"), "{busy:?}");
    running.quit();

    for (written, there) in [(1, 0), (0, 1)] {
        let said = line(&kiosk(&place, &["export", "--to", &to]));
        assert_eq!(said, serde_json::json!({ "written": written, "there": there, "damaged": 0 }));
    }
    let parcels = of_kind(&stick, "parcel");
    assert_eq!((parcels.len(), files_below(&stick).len()), (1, 1));
    let name = parcels[0].file_stem().unwrap().to_str().unwrap();
    assert!(uuid::Uuid::try_parse(name).is_ok(), "named by its id and nothing else: {name}");
    let bytes = std::fs::read(&parcels[0]).unwrap();
    for entered in [citizen.phone.as_bytes(), b"099190000017", "NGUYỄN".as_bytes(), citizen.email.as_bytes()] {
        assert!(!bytes.windows(entered.len()).any(|at| at == entered), "sealed");
    }
    assert_eq!(line(&kiosk(&place, &["queue"]))["queued"], 1, "a copy is not a delivery");

    assert_eq!(line(&import(&place, &parcels))["imported"], name);
    let receipts = of_kind(&stick, "receipt");
    assert_eq!(receipts.len(), 1);
    let receipt = receipts[0].to_str().unwrap();
    let altered = stick.join("altered.receipt");
    std::fs::write(
        &altered,
        std::fs::read_to_string(receipt).unwrap().replacen("\"signature\":\"", "\"signature\":\"A", 1),
    )
    .unwrap();
    let refused = kiosk(&place, &["import-receipts", altered.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(line(&kiosk(&place, &["queue"]))["queued"], 1);
    for _ in 0..2 {
        let said = line(&kiosk(&place, &["import-receipts", receipt]));
        assert_eq!(said, serde_json::json!({ "taken": 1, "refused": 0 }));
    }
    let counts = line(&kiosk(&place, &["queue"]));
    assert_eq!((&counts["queued"], &counts["received"]), (&0.into(), &1.into()));

    // And with the cable in again: it is there once.
    place.stage.cable.plug();
    let running = place.start();
    place.expect_at_the_office(&[citizen]);
    running.quit();
}

#[test]
fn what_lies_in_a_damaged_queue_is_saved_from_it_and_arrives() {
    let mut place = Place::new();
    let citizen = Citizen::number(32);
    saved_offline(&mut place, &citizen);
    let mut file = OpenOptions::new().write(true).open(place.data().join("queue.db")).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    file.write_all(&[0xA5; 64]).unwrap();
    drop(file);

    for _ in 0..2 {
        let said = line(&kiosk(&place, &["salvage"]));
        assert_eq!(said, serde_json::json!({ "quarantine": 1, "saved": 1, "lost": 0 }), "and again, without a trace");
    }
    assert_eq!(line(&kiosk(&place, &["queue"]))["queued"], 1);
    place.stage.cable.plug();
    let running = place.start();
    place.expect_at_the_office(&[citizen]);
    running.quit();
}

/// Presses "Bắt đầu" until nobody is let in any more.
fn turned_away(kiosk: &mut Driver) {
    eventually("no session begins", || {
        let screen = kiosk.tap("Bắt đầu");
        if screen != "trouble" {
            kiosk.tap("Thoát");
        }
        screen == "trouble"
    });
    kiosk.read("Máy đã hết chỗ lưu");
}

fn with_queue_setting(setting: &str) -> Place {
    let place = Place::new();
    let mut config = OpenOptions::new().append(true).open(place.config()).unwrap();
    writeln!(config, "[queue]\n{setting}").unwrap();
    place
}

#[test]
fn a_full_kiosk_begins_nothing_until_the_office_has_what_is_here() {
    let mut place = with_queue_setting("max_items = 1");
    let citizen = Citizen::number(33);
    place.stage.cable.pull();
    let mut kiosk = place.start();
    kiosk.go_to_slip(&mut place, &citizen);
    kiosk.tap("Kết thúc");
    kiosk.tap("Đã lấy đủ, kết thúc");
    turned_away(&mut kiosk);
    kiosk.go_to_door();
    kiosk.tap("Quay lại");
    kiosk.wait("trouble");

    place.stage.cable.plug();
    kiosk.wait("welcome");
    kiosk.go_to_card();
    place.expect_at_the_office(&[citizen]);
    kiosk.quit();
}

#[test]
fn below_the_disks_floor_no_session_begins() {
    // More than any disk of a test has.
    let place = with_queue_setting("floor_mib = 1048576");
    let mut kiosk = place.start();
    turned_away(&mut kiosk);
    kiosk.quit();
}
