use super::*;

const MAX: usize = 16;

/// Frames the chunks, then lets the line fall silent. Records as text, over-long ones as `…`.
fn frame(chunks: &[&[u8]]) -> Vec<String> {
    let mut framer = Framer::new(MAX);
    let mut pieces: Vec<Framed> = chunks.iter().flat_map(|chunk| framer.push(chunk)).collect();
    pieces.extend(framer.idle());
    assert!(framer.idle().is_none(), "silence ends a record once");
    pieces.iter().map(shown).collect()
}

fn shown(framed: &Framed) -> String {
    match framed {
        Framed::Record(record) => String::from_utf8_lossy(record).into_owned(),
        Framed::TooLong => "…".to_owned(),
    }
}

#[test]
fn every_end_mark_ends_a_record() {
    for end in ["\r", "\n", "\r\n", "\n\r", "\t", "\u{3}", "\u{3}\r\n", "\r\r\n\n\t"] {
        let stream = format!("một{end}hai{end}");
        assert_eq!(frame(&[stream.as_bytes()]), ["một", "hai"], "{end:?}");
    }
    assert_eq!(frame(&["một".as_bytes()]), ["một"]);
}

#[test]
fn what_is_no_record_gives_nothing() {
    for nothing in ["", "\r", "\r\n\r\n", "\u{2}\u{3}", "\u{16}\u{16}", "\u{2}\r\u{2}\t"] {
        assert!(frame(&[nothing.as_bytes()]).is_empty(), "{nothing:?}");
    }
}

#[test]
fn start_marks_are_taken_off_only_at_the_start() {
    assert_eq!(frame(&[b"\x02one\x03\r\n\x16\x02two\r"]), ["one", "two"]);
    assert_eq!(frame(&[b"a\x02b\r"]), ["a\u{2}b"]);
}

#[test]
fn a_record_at_the_limit_passes_and_one_over_it_is_told_once() {
    let full = "x".repeat(MAX);
    assert_eq!(frame(&[full.as_bytes()]), [full.as_str()]);
    assert_eq!(frame(&[format!("{full}x\rnext\r").as_bytes()]), ["…", "next"]);
    assert_eq!(frame(&[format!("{}\rnext", "x".repeat(10 * MAX)).as_bytes()]), ["…", "next"]);
    assert_eq!(frame(&[format!("{full}\u{2}\u{2}\rnext").as_bytes()]), ["…", "next"]);
}

#[test]
fn silence_ends_an_over_long_record() {
    let mut framer = Framer::new(MAX);
    assert_eq!(framer.push(&[b'x'; 100]), [Framed::TooLong]);
    assert!(framer.idle().is_none());
    assert_eq!(framer.push(b"next\r").iter().map(shown).collect::<Vec<_>>(), ["next"]);
}

#[test]
fn silence_divides_records_without_end_marks() {
    let mut framer = Framer::new(MAX);
    assert!(framer.push(b"one").is_empty());
    assert_eq!(framer.idle().as_ref().map(shown).as_deref(), Some("one"));
    assert!(framer.push(b"two").is_empty());
    assert_eq!(framer.idle().as_ref().map(shown).as_deref(), Some("two"));
}

#[test]
fn a_cut_at_any_byte_changes_nothing() {
    let stream = "\u{2}Nguyễn|Thử\u{3}\r\n\u{16}hai\tba\n\rxxxxxxxxxxxxxxxxxxxxxxx\rbốn".as_bytes();
    let whole = frame(&[stream]);
    assert_eq!(whole, ["Nguyễn|Thử", "hai", "ba", "…", "bốn"]);
    for first in 0..=stream.len() {
        for second in first..=stream.len() {
            let cut: [&[u8]; 3] = [&stream[..first], &stream[first..second], &stream[second..]];
            assert_eq!(frame(&cut), whole, "cut at {first} and {second}");
        }
    }
}

#[test]
fn noise_in_any_pieces_gives_the_same_bounded_records() {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % below
    };
    for _ in 0..2_000 {
        let alphabet = b"abc\xFF\x00|\r\n\t\x02\x03\x16";
        let stream: Vec<u8> = (0..random(120)).map(|_| alphabet[random(alphabet.len())]).collect();
        let mut pieces = Vec::new();
        let mut rest = stream.as_slice();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(1 + random(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        let records = frame(&pieces);
        assert_eq!(records, frame(&[&stream]));
        assert!(records.iter().all(|record| !record.is_empty() && record.chars().count() <= MAX));
    }
}

#[test]
fn nothing_collected_can_be_printed() {
    let mut framer = Framer::new(MAX);
    let pieces = framer.push(b"secret\rsec");
    assert_eq!(format!("{pieces:?} {framer:?}"), "[Record(…)] Framer(…)");
}
