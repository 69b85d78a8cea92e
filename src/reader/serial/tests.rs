use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use super::*;
use crate::sim::scanner::{Scanner, cards};

const SOON: Duration = Duration::from_secs(5);

/// A reader on a scanner that is not plugged in yet.
struct Bench {
    scanner: Scanner,
    heard: Receiver<Heard>,
    reader: Handle,
    line: Line,
    _folder: tempfile::TempDir,
}

fn bench(gap_ms: u64) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scanner");
    let scanner = Scanner::new(&path).unwrap();
    let line = Line { gap_ms, ..Line::new(path) };
    let (reader, heard) = listen(line.clone());
    Bench { scanner, heard, reader, line, _folder: folder }
}

fn listen(line: Line) -> (Handle, Receiver<Heard>) {
    let (tell, heard) = channel();
    (spawn(line, move |news| tell.send(news).is_ok()).unwrap(), heard)
}

fn record(bytes: &[u8]) -> Heard {
    Heard::Record(Zeroizing::new(bytes.to_vec()))
}

#[track_caller]
fn hears(heard: &Receiver<Heard>, want: &Heard) {
    assert_eq!(heard.recv_timeout(SOON).as_ref(), Ok(want));
}

#[test]
fn a_scanner_comes_goes_in_mid_record_and_comes_back() {
    // The longest gap: on a busy machine the cable must be out before the half record counts as a whole one.
    let mut bench = bench(1000);
    hears(&bench.heard, &Heard::Missing);
    bench.scanner.plug().unwrap();
    hears(&bench.heard, &Heard::Ready);
    for card in cards() {
        bench.scanner.present(card.qr.as_bytes()).unwrap();
        hears(&bench.heard, &record(card.qr.as_bytes()));
    }
    bench.scanner.send_raw(b"099190000017||Nguy").unwrap();
    bench.scanner.unplug().unwrap();
    hears(&bench.heard, &Heard::Missing);
    bench.scanner.plug().unwrap();
    hears(&bench.heard, &Heard::Ready);
    bench.scanner.present(b"again").unwrap();
    hears(&bench.heard, &record(b"again"));
    drop(bench.reader);
    assert!(bench.heard.recv().is_err(), "a stopped reader says nothing more");
}

#[test]
fn silence_ends_a_record_and_junk_ends_nothing() {
    let mut bench = bench(300);
    hears(&bench.heard, &Heard::Missing);
    bench.scanner.plug().unwrap();
    hears(&bench.heard, &Heard::Ready);
    bench.scanner.send_raw(b"no end mark").unwrap();
    hears(&bench.heard, &record(b"no end mark"));
    bench.scanner.send_raw(&[0xFF, 0x00, 0x1B, 0x7F, b'\r']).unwrap();
    hears(&bench.heard, &record(&[0xFF, 0x00, 0x1B, 0x7F]));
    bench.scanner.send_raw(&[b'x'; 6000]).unwrap();
    hears(&bench.heard, &Heard::TooLong);
    bench.scanner.send_raw(b"\r\x04\x11\x13\x03one\r\ntwo\t").unwrap();
    for want in [&b"\x04\x11\x13"[..], b"one", b"two"] {
        hears(&bench.heard, &record(want));
    }
}

#[test]
fn what_was_scanned_before_the_kiosk_listened_is_nobodys() {
    let mut bench = bench(50);
    hears(&bench.heard, &Heard::Missing);
    drop(bench.reader);
    bench.scanner.plug().unwrap();
    bench.scanner.present(b"somebody who has left").unwrap();
    let (_reader, heard) = listen(bench.line);
    hears(&heard, &Heard::Ready);
    bench.scanner.present(b"next").unwrap();
    hears(&heard, &record(b"next"));
}

#[test]
fn a_device_in_other_hands_is_missing() {
    let mut bench = bench(50);
    hears(&bench.heard, &Heard::Missing);
    bench.scanner.plug().unwrap();
    hears(&bench.heard, &Heard::Ready);
    let (_second, second_heard) = listen(bench.line);
    hears(&second_heard, &Heard::Missing);
    let more = second_heard.recv_timeout(Duration::from_millis(600));
    assert_eq!(more, Err(RecvTimeoutError::Timeout), "it is told once, however often the device is looked for");
    drop(bench.reader);
    hears(&second_heard, &Heard::Ready);
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the test is about how long a stop takes")]
fn dropping_the_handle_ends_it_at_once_whatever_it_waits_for() {
    for plugged in [false, true] {
        let mut bench = bench(80);
        hears(&bench.heard, &Heard::Missing);
        if plugged {
            bench.scanner.plug().unwrap();
            hears(&bench.heard, &Heard::Ready);
        }
        let started = Instant::now();
        drop(bench.reader);
        assert!(started.elapsed() < Duration::from_secs(2), "plugged: {plugged}");
        assert!(bench.heard.recv().is_err());
    }
}

#[test]
fn a_listener_that_has_gone_ends_the_reader() {
    let mut bench = bench(50);
    hears(&bench.heard, &Heard::Missing);
    bench.scanner.plug().unwrap();
    hears(&bench.heard, &Heard::Ready);
    drop(bench.heard);
    bench.scanner.present(b"to nobody").unwrap();
    // The first reader lets the port go, so another one gets it.
    let (_next, heard) = listen(bench.line);
    let first = heard.recv_timeout(SOON).unwrap();
    if first == Heard::Missing {
        hears(&heard, &Heard::Ready);
    } else {
        assert_eq!(first, Heard::Ready);
    }
}

#[test]
fn a_line_that_cannot_be_right_is_refused() {
    let good = Line::new("/nowhere/scanner");
    for line in
        [Line { gap_ms: 0, ..good.clone() }, Line { gap_ms: 5000, ..good.clone() }, Line { max_record: 0, ..good }]
    {
        assert_eq!(spawn(line, |_| true).err().map(|error| error.kind()), Some(io::ErrorKind::InvalidInput));
    }
}
