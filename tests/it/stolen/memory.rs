//! A kiosk that is taken while it runs: after `forget` nothing of the previous citizen is left in its memory, and it
//! leaves no core file that could hold any.

use super::{Search, citizen};
use crate::rig::{Driver, Place, eventually};
use passport_kiosk::camera::{self, Faces};
use passport_kiosk::domain::photo::Picture;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

/// What a debug core of the process would hold: every byte it can read or write, less mapped files that nobody wrote to.
fn core_of(pid: u32) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps"))?;
    let mut memory = File::open(format!("/proc/{pid}/mem"))?;
    let mut regions = Vec::new();
    for line in maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|mode| mode.starts_with("rw"))) {
        let (from, to) = line.split(' ').next().and_then(|range| range.split_once('-')).unwrap();
        let (from, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
        let mut bytes = vec![0; (to - from) as usize];
        memory.seek(SeekFrom::Start(from))?;
        // A region may be gone between the list and the look; then nothing is in it.
        if memory.read_exact(&mut bytes).is_ok() {
            let name = line.split_whitespace().nth(5).unwrap_or("anonymous");
            regions.push((format!("{name} {:x}+{}", from, to - from), bytes));
        }
    }
    Ok(regions)
}

/// The address of the office's page, without a secret behind it, is the place's configuration and stays.
const REMAINS: &str = "tram-thu-nghiem.invalid/h#";

/// What is found, and how many bytes were searched.
fn found_in(search: &Search, kiosk: &Driver) -> (usize, BTreeSet<String>) {
    let (mut searched, mut found) = (0, BTreeSet::new());
    for (region, bytes) in core_of(kiosk.id()).expect("root may read any memory") {
        searched += bytes.len();
        let hits = search.hits(&bytes).into_iter().filter(|hit| !hit.starts_with(REMAINS));
        found.extend(hits.map(|hit| format!("{hit} in {region}")));
    }
    (searched, found)
}

/// The slip's secrets in these regions: what stands behind the address, 43 characters of base64url.
fn secrets_in(kiosk: &Driver) -> BTreeSet<String> {
    let mut secrets = BTreeSet::new();
    for (_, bytes) in core_of(kiosk.id()).unwrap() {
        for at in bytes.windows(REMAINS.len()).enumerate().filter(|(_, w)| *w == REMAINS.as_bytes()).map(|(at, _)| at) {
            let behind = bytes[at + REMAINS.len()..].iter().take(43);
            let secret: Vec<u8> =
                behind.copied().take_while(|b| b.is_ascii_alphanumeric() || b"-_".contains(b)).collect();
            if secret.len() == 43 {
                secrets.insert(String::from_utf8(secret).unwrap());
            }
        }
    }
    secrets
}

#[test]
fn a_core_taken_after_a_session_holds_nothing_that_was_entered() {
    if !is_root() {
        println!("SKIPPED: only root can read the memory of a kiosk, which is the point of it");
        return;
    }
    let search = Search::new();
    let mut place = Place::new();
    let mut kiosk = place.start();
    kiosk.go_to_review(&mut place, &citizen());
    let (_, during) = found_in(&search, &kiosk);
    // The negative control: while the citizen stands there the values are in memory, and the same search finds them.
    for value in ["THỊ THỬ MAI", "099190000017", &citizen().phone, &citizen().email, &citizen().father.1] {
        let wanted = format!("{value}: UTF-8");
        assert!(during.iter().any(|hit| hit.starts_with(&wanted)), "{wanted}: {during:#?}");
    }
    let portrait = portrait_of(&place);
    for (name, needle) in &portrait {
        assert!(holds(&kiosk, needle), "the portrait as {name} is in memory while its owner stands there");
    }
    kiosk.tap("Lưu hồ sơ");
    kiosk.wait("slip");
    kiosk.tap("In phiếu");
    // What was drawn and sent is forgotten as well. Not read off the screen: the answer would stay in standard output's
    // buffer.
    let mut pages = 0;
    eventually("slip and guide are printed", || {
        pages += place.stage.printer.take_sheets().iter().filter(|sheet| sheet.rows() > 0).count();
        pages == 2
    });
    kiosk.tap("Hiện mã QR");
    let secrets = secrets_in(&kiosk);
    assert!(!secrets.is_empty(), "the slip's secret is in memory while the slip is shown");
    kiosk.tap("Kết thúc");
    kiosk.tap("Đã lấy đủ, kết thúc");
    kiosk.wait("welcome");
    let (searched, after) = found_in(&search, &kiosk);
    println!("{searched} bytes, {} hits during the session, {} after", during.len(), after.len());
    assert!(searched > 1_000_000);
    assert!(after.is_empty(), "{after:#?}");
    for (name, needle) in &portrait {
        assert!(!holds(&kiosk, needle), "the portrait as {name} is still in memory");
    }
    for (region, bytes) in core_of(kiosk.id()).unwrap() {
        for secret in &secrets {
            let there = bytes.windows(43).any(|window| window == secret.as_bytes());
            assert!(!there, "the slip's secret is still in {region}");
        }
    }
    kiosk.quit();
}

/// A piece from the midst of the portrait that is taken here, as it is saved and as it is shown.
fn portrait_of(place: &Place) -> [(&'static str, Vec<u8>); 2] {
    let frame = image::open(place.stage.camera.folder().join("000001.jpg")).unwrap().into_rgb8();
    let frame = Picture::new(frame.width(), frame.height(), frame.into_raw()).unwrap();
    let norm = place.stage.config.setup.rules.photo;
    let portrait = camera::take(&mut Faces::new().unwrap(), &frame, &norm).portrait.unwrap();
    // Half a row behind the middle row's beginning is the face; the white screen behind it is anybody's.
    let (rgb, half_row) = (portrait.small.rgb(), portrait.small.width() as usize / 2 * 3);
    let midst = |bytes: &[u8], at: usize| bytes[at..][..96].to_vec();
    let needles = [
        ("JPEG", midst(&portrait.jpeg, portrait.jpeg.len() / 2)),
        ("pixels", midst(rgb, rgb.len() / 2 + half_row - 48)),
    ];
    for (name, needle) in &needles {
        assert!(needle.iter().collect::<BTreeSet<_>>().len() > 8, "the portrait as {name} is like nothing else");
    }
    needles
}

fn holds(kiosk: &Driver, needle: &[u8]) -> bool {
    core_of(kiosk.id()).unwrap().iter().any(|(_, bytes)| bytes.windows(needle.len()).any(|window| window == needle))
}

fn is_root() -> bool {
    std::fs::read_to_string("/proc/self/status").unwrap().lines().any(|line| line.starts_with("Uid:\t0\t"))
}

#[test]
fn a_kiosk_that_is_made_to_crash_leaves_no_core() {
    let place = Place::new();
    let mut command = Command::new("sh");
    // As much core as the system allows: the kiosk itself forbids it.
    command.arg("-c").arg("ulimit -c unlimited; exec \"$@\"").arg("sh").arg(env!("CARGO_BIN_EXE_kiosk"));
    command.args(["drive", "--config"]).arg(place.config()).current_dir(place.folder.path());
    let mut kiosk = Driver::new(command, File::create(place.log()).unwrap());
    kiosk.order("state");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", kiosk.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
    let crashed = Command::new("kill").args(["-ABRT", &kiosk.id().to_string()]).status().unwrap();
    assert!(crashed.success());
    let (status, _) = kiosk.ended();
    assert_eq!((status.signal(), status.core_dumped()), (Some(6), false));

    // The negative control: another program dies of the same signal here with a core, where the system makes any.
    let other = Command::new("sh")
        .arg("-c")
        .arg("ulimit -c unlimited; exec sh -c 'kill -ABRT $$'")
        .current_dir(place.folder.path())
        .status()
        .unwrap();
    assert_eq!(other.signal(), Some(6));
    if !other.core_dumped() {
        println!("the system makes no cores at all here, so the control shows nothing; the limit above does");
    }
}
