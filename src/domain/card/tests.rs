use unicode_normalization::UnicodeNormalization;

use super::*;

const CARD: &str =
    "099190123456|099123456|Nguyễn Thị Thử Mai|02011990|Nữ|Thôn Thử, Xã Không Có Thật, Quảng Nam|15042021";

fn parse(text: &str) -> Result<CardClaim, CardProblem> {
    parse_qr(text.as_bytes())
}

fn problem(record: &[u8]) -> CardProblem {
    parse_qr(record).expect_err("a claim was made of it")
}

#[test]
fn a_card_of_2021_is_read_whole() {
    let claim = parse(CARD).unwrap();
    assert_eq!(claim.id().as_str(), "099190123456");
    assert_eq!(claim.old_id(), Some("099123456"));
    assert_eq!(claim.name().as_str(), "NGUYỄN THỊ THỬ MAI");
    assert_eq!(claim.birth().to_string_vi(), "02/01/1990");
    assert!(claim.sex() == Sex::Female);
    assert_eq!(claim.residence(), "Thôn Thử, Xã Không Có Thật, Quảng Nam");
    assert_eq!(claim.issued().map(Date::to_string_vi).as_deref(), Some("15/04/2021"));
    assert!(claim.extra().is_empty());
    assert_eq!(format!("{claim:?}"), "CardClaim(…)");
}

#[test]
fn what_scanners_add_changes_nothing() {
    let plain = parse(CARD).unwrap();
    for prefix in ["\u{2}", "\u{16}", "\u{FEFF}", "\\000026", "]Q1", "\u{2}]Q2\\000026\u{FEFF}", "\u{2}\u{16}"] {
        assert_eq!(parse(&format!("{prefix}{CARD}")), Ok(plain.clone()), "{prefix:?}");
    }
    for suffix in ["\r", "\r\n", "\u{3}", " \t\0"] {
        assert_eq!(parse(&format!("{CARD}{suffix}")), Ok(plain.clone()), "{suffix:?}");
    }
    assert_eq!(parse(&CARD.nfd().collect::<String>()), Ok(plain));
}

#[test]
fn fields_may_be_empty_or_missing_where_cards_have_them_so() {
    let check = |record: &str, old_id: Option<&str>, birth: &str, residence: &str, issued: bool, extra: &[&str]| {
        let claim = parse(record).unwrap();
        assert_eq!(claim.old_id(), old_id);
        assert_eq!(claim.birth().to_string_vi(), birth);
        assert_eq!(claim.residence(), residence);
        assert_eq!(claim.issued().is_some(), issued);
        assert_eq!(claim.extra(), extra);
    };
    let head = "000060000001||Lê Văn Thọ";
    check(&format!("{head}|00001960|Nam|A,, B|15042021"), None, "1960", "A,, B", true, &[]);
    check(&format!("{head}|1960|NAM||"), None, "1960", "", false, &[]);
    check(&format!("{head}|1960|nam| A  B "), None, "1960", "A B", false, &[]);
    check(&format!("{head}|1960|Nam|A|15042021||  Cha |Mẹ"), None, "1960", "A", true, &["", "  Cha ", "Mẹ"]);
    check(&format!("{head}|1960|Nam|A||x"), None, "1960", "A", false, &["x"]);
    check(&format!("{head}|1960|Nam|A|Mẹ|x"), None, "1960", "A", false, &["Mẹ", "x"]);
    check("000060000001|000060000002|Thọ|1/1/1960|Nam|A|", Some("000060000002"), "01/01/1960", "A", false, &[]);
}

#[test]
fn capitals_with_tilde_are_not_taken_for_mojibake() {
    let claim = parse("099190123456||LÃ THỊ THỬ|02011990|Nữ|XÃ THỬ, THỊ XÃ, XÃ-B, H’Âu|15042021").unwrap();
    assert_eq!(claim.name().as_str(), "LÃ THỊ THỬ");
    assert_eq!(claim.residence(), "XÃ THỬ, THỊ XÃ, XÃ-B, H’Âu");
}

#[test]
fn other_codes_are_no_card() {
    let many = format!("{CARD}{}", "|".repeat(40));
    for other in [
        "",
        "\r",
        "|",
        "https://example.vn/h#099190123456",
        "https://example.vn/?a|b|c|d|e|f|g",
        "099190123456",
        "099123456",
        r#"{"id":"099190123456","name":"Thử"}"#,
        r#"{"a":"|","b":"|||||||"}"#,
        "vneid://example/099190123456|x",
        "00020101021138540010A000000727",
        "Nguyễn Thị Thử|1990|Nữ",
        "a|b|c|d|e|f|g",
        "1|2|3",
        &many,
    ] {
        assert_eq!(problem(other.as_bytes()), CardProblem::NotACard, "{other}");
    }
}

#[test]
fn an_old_number_is_named_as_such() {
    assert_eq!(problem("099123456||Thử|1990|Nữ|A|15042021".as_bytes()), CardProblem::OldCard);
    assert_eq!(problem("099123456|Thử|1990|Nữ".as_bytes()), CardProblem::OldCard);
}

#[test]
fn a_card_cut_anywhere_is_never_another_card() {
    let whole = parse(CARD).unwrap();
    let residence = CARD.find("|Thôn").unwrap() + 1;
    for end in 0..CARD.len() {
        match parse_qr(&CARD.as_bytes()[..end]) {
            Ok(claim) => {
                // A cut inside the address cannot be seen: the address is shorter, all before it is right.
                assert!(end >= residence, "cut at {end}");
                assert_eq!((claim.id(), claim.name(), claim.birth()), (whole.id(), whole.name(), whole.birth()));
                assert!(claim.issued().is_none() && whole.residence().starts_with(claim.residence()));
            }
            Err(CardProblem::NotACard) => assert!(end <= 12, "cut at {end}"),
            Err(CardProblem::Garbled) => assert!(end > 12, "cut at {end}"),
            Err(other) => panic!("cut at {end}: {other}"),
        }
    }
    for start in 1..=12 {
        let problem = problem(&CARD.as_bytes()[start..]);
        assert!(problem == if start == 3 { CardProblem::OldCard } else { CardProblem::Garbled }, "from {start}");
    }
}

#[test]
fn unreadable_fields_make_it_garbled() {
    for record in [
        "099190123456|???|Thử|1990|Nữ|A|15042021",
        "099190123456||Thử 2|1990|Nữ|A|15042021",
        "099190123456|||1990|Nữ|A|15042021",
        "099190123456||Thử|31021990|Nữ|A|15042021",
        "099190123456||Thử||Nữ|A|15042021",
        "099190123456||Thử|1990|X|A|15042021",
        "099190123456||Thử|1990|Nữ|A|1504",
        "099190123456||Thử|1990|Nữ|A|99999999",
        "099190123456|Thử|1990|Nữ|A|15042021",
        "099190123456|Thử",
        "099190123456||||||",
        "٠٩٩190123456||A|1990|Nam|B|",
    ] {
        assert_eq!(problem(record.as_bytes()), CardProblem::Garbled, "{record}");
    }
}

/// What a UTF-8 text becomes when each byte is taken for a letter of Latin-1, with 0x80 to 0x9F as they are, as in
/// Windows-1252 (only those that Vietnamese needs), or lost.
fn misread(text: &str, high: impl Fn(u8) -> Option<char>) -> String {
    text.bytes()
        .filter_map(|byte| if (0x80..0xA0).contains(&byte) { high(byte) } else { Some(char::from(byte)) })
        .collect()
}

#[test]
fn wrong_letters_are_the_scanners_fault() {
    let windows = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ".chars().collect::<Vec<_>>();
    let decomposed = CARD.nfd().collect::<String>();
    for text in [CARD, &decomposed] {
        assert_eq!(problem(misread(text, |byte| Some(char::from(byte))).as_bytes()), CardProblem::WrongEncoding);
        let high = |byte| windows.get(usize::from(byte) - 0x80).copied();
        assert_eq!(problem(misread(text, high).as_bytes()), CardProblem::WrongEncoding);
    }
    assert_eq!(problem(misread(CARD, |_| None).as_bytes()), CardProblem::WrongEncoding);
    let with = |name: &str| format!("099190123456||{name}|02011990|Nữ|Thôn Thử|15042021").into_bytes();
    for name in [
        "Nguyá»…n",
        "Nguyá»n",
        "HÃ",
        "VÃ¢n",
        "TÃ\u{AD}nh",
        "Ä‘á»©c",
        "Ä\u{90}á»©c",
        "Phan ?nh",
        "Nguy?n Th? Th?",
        "Nguy\u{FFFD}n",
        "NguyêÞn",
        "Ðức",
        "NguyÔn §øc",
        "¢u",
    ] {
        // `HÃ` alone could be a Vietnamese word in capitals.
        let want = if name == "HÃ" {
            parse_qr(&with(name)).is_ok()
        } else {
            problem(&with(name)) == CardProblem::WrongEncoding
        };
        assert!(want, "{name}");
    }
    let mut cp1258 = with("Th");
    cp1258[16] = 0xD0;
    assert_eq!(problem(&cp1258), CardProblem::WrongEncoding);
    assert_eq!(problem(b"099190123456||Nguyen Thu|02011990|N?|Thon Thu|15042021"), CardProblem::WrongEncoding);
    assert_eq!(problem("099190123456||Lan|02011990|Nữ|Th?n Th?|15042021".as_bytes()), CardProblem::WrongEncoding);
    assert_eq!(problem(b"\xFF\xFE0\x009\x009\x00"), CardProblem::WrongEncoding);
}

#[test]
fn a_record_has_a_limit() {
    let long = format!("{CARD}|{}", "x".repeat(MAX_RECORD - CARD.len() - 1));
    assert_eq!(long.len(), MAX_RECORD);
    assert!(parse(&long).is_ok());
    assert_eq!(problem(format!("{long}x").as_bytes()), CardProblem::TooLong);
}

fn xorshift(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 32).unwrap()
}

#[test]
fn no_input_stops_the_parser() {
    const PIECES: [&[u8]; 12] = [
        b"|",
        b"||",
        b"\\000026",
        b"\xEF\xBB\xBF",
        b"\x02",
        b"]Q",
        "á»".as_bytes(),
        "Ã".as_bytes(),
        b"\xE1\xBB",
        b"00001960",
        b"?",
        "\u{306}".as_bytes(),
    ];
    let mut state = 0x9E37_79B9_7F4A_7C15;
    let mut claims = 0;
    for round in 0..200_000 {
        let mut record = if round % 4 == 0 { Vec::new() } else { CARD.as_bytes().to_vec() };
        for _ in 0..=xorshift(&mut state) % 4 {
            let at = xorshift(&mut state) % (record.len() + 1);
            match xorshift(&mut state) % 5 {
                0 => record.truncate(at),
                1 => record.insert(at, u8::try_from(xorshift(&mut state) % 256).unwrap()),
                2 if at < record.len() => record[at] ^= 1 << (xorshift(&mut state) % 8),
                3 if at < record.len() => drop(record.remove(at)),
                _ => drop(record.splice(at..at, PIECES[xorshift(&mut state) % PIECES.len()].iter().copied())),
            }
        }
        if round % 4 == 0 {
            record.extend((0..xorshift(&mut state) % 64).map(|_| u8::try_from(xorshift(&mut state) % 256).unwrap()));
        }
        if let Ok(claim) = parse_qr(&record) {
            claims += 1;
            assert_eq!(claim.id().as_str().len(), 12);
            assert_eq!(tidy(claim.residence()), claim.residence());
        }
    }
    assert!(claims > 10_000, "the mutations leave too few cards whole: {claims}");
}
