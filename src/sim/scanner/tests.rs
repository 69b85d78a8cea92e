use std::fs;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::process::Command;

use serialport::{ClearBuffer, SerialPort};

use super::*;
use crate::domain::card::{CardProblem, parse_qr};
use crate::domain::citizen::CitizenId;

#[test]
fn every_card_reads_as_its_key_promises() {
    for card in cards() {
        let got = parse_qr(card.qr.as_bytes());
        let want = match card.key {
            "bad-url" => CardProblem::NotACard,
            "bad-cut" => CardProblem::Garbled,
            "bad-utf" => CardProblem::WrongEncoding,
            "old" => CardProblem::OldCard,
            key => {
                let claim = got.unwrap_or_else(|problem| panic!("{key}: {problem}"));
                let id: &CitizenId = claim.id();
                assert!(id.agrees_with_sex(claim.sex()) && id.agrees_with_year(claim.birth().year()), "{key}");
                assert!(id.as_str().starts_with("099") || id.as_str().starts_with("000"), "{key}");
                assert_eq!(claim.birth().full().is_none(), key == "tho");
                assert!(claim.residence().contains("Thử") && claim.issued().is_some(), "{key}");
                continue;
            }
        };
        assert_eq!(got, Err(want), "{}", card.key);
    }
}

#[test]
fn keys_are_unique() {
    let mut keys: Vec<&str> = cards().iter().map(|card| card.key).collect();
    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), all);
}

#[test]
fn the_path_is_there_only_while_plugged() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("scanner");
    let mut scanner = Scanner::new(&link).unwrap();
    assert!(!scanner.is_plugged() && !link.exists());
    assert_eq!(scanner.present(b"x").unwrap_err().kind(), io::ErrorKind::NotConnected);
    scanner.plug().unwrap();
    scanner.plug().unwrap();
    assert!(scanner.is_plugged() && link.exists());
    scanner.unplug().unwrap();
    scanner.unplug().unwrap();
    assert!(!scanner.is_plugged() && fs::symlink_metadata(&link).is_err());
    scanner.plug().unwrap();
    drop(scanner);
    assert!(fs::symlink_metadata(&link).is_err());
}

#[test]
fn only_a_stale_link_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("scanner");
    symlink("/nowhere", &link).unwrap();
    assert!(Scanner::new(&link).is_ok());
    assert!(fs::symlink_metadata(&link).is_err());
    fs::write(&link, "a file").unwrap();
    assert_eq!(Scanner::new(&link).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert!(link.exists());
}

#[test]
fn what_is_sent_unheard_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("scanner");
    let mut scanner = Scanner::new(&link).unwrap();
    scanner.plug().unwrap();
    scanner.present(b"unheard").unwrap();
    // The kiosk opens and closes exclusively, twice: neither our own hold on the line nor its lock stays in the way.
    for _ in 0..2 {
        let kiosk = serialport::new(link.to_str().unwrap(), 115_200).open_native().unwrap();
        kiosk.clear(ClearBuffer::Input).unwrap();
        drop(kiosk);
        scanner.present(b"unheard").unwrap();
    }
    assert_eq!(scanner.0.port().unwrap().bytes_to_read().unwrap(), 0);
}

#[test]
fn a_child_process_does_not_keep_it_plugged_in() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("scanner");
    let mut scanner = Scanner::new(&link).unwrap();
    scanner.plug().unwrap();
    let port = serialport::new(link.to_str().unwrap(), 115_200).timeout(Duration::from_secs(5));
    let mut kiosk = port.open_native().unwrap();
    let mut child = Command::new("sleep").arg("60").spawn().unwrap();
    scanner.unplug().unwrap();
    // Waits: the child lets go a moment after it has begun.
    let read = kiosk.read(&mut [0]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(read.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}
