use super::*;
use crate::config::shipped_rules;
use crate::domain::citizen::Date;
use crate::domain::typing::fold;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};
use unicode_normalization::UnicodeNormalization;

static UNITS: LazyLock<Arc<Units>> = LazyLock::new(|| shipped_rules(Date::new(2026, 11, 25).unwrap()).unwrap().units);

#[track_caller]
fn one(address: &str, expected: &str) {
    assert_eq!(UNITS.suggest(address), Suggestion::One(expected.to_owned()), "{address}");
}

#[track_caller]
fn several(address: &str, expected: &[&str]) {
    let Suggestion::Several(found) = UNITS.suggest(address) else { panic!("{address}: {:?}", UNITS.suggest(address)) };
    assert_eq!(found, expected, "{address}");
}

#[test]
fn an_address_as_a_card_of_2021_prints_it_becomes_one_of_today() {
    let today = "Thôn 2, Xã Thăng An, Thành phố Đà Nẵng";
    for written in [
        "Thôn 2, Bình Minh, Thăng Bình, Quảng Nam",
        "Thôn 2, xã Bình Minh, huyện Thăng Bình, tỉnh Quảng Nam",
        "Thôn 2, X. Bình Minh, H. Thăng Bình, T. Quảng Nam",
        "Thôn 2 - Bình Minh - Thăng Bình - Quảng Nam",
        "Thôn 2, Binh Minh, Thang Binh, Quang Nam",
        "Thôn 2 xã Bình Minh huyện Thăng Bình tỉnh Quảng Nam",
        "Thôn 2 Bình Minh Thăng Bình Quảng Nam",
        "Thôn 2, BÌNH MINH, THĂNG BÌNH, QUẢNG NAM, VIỆT NAM",
        "Thôn 2 ,Bình Minh,Thăng Bình,Quảng Nam.",
    ] {
        one(written, today);
    }
    one("Bình Minh, Thăng Bình, Quảng Nam", "Xã Thăng An, Thành phố Đà Nẵng");
}

#[test]
fn the_part_before_the_units_is_kept_letter_by_letter() {
    one(
        "Tổ 5 (cũ), Ấp  Bình-Minh , Hòa Thọ Đông, Cẩm Lệ, Đà Nẵng",
        "Tổ 5 (cũ), Ấp  Bình-Minh, Phường Cẩm Lệ, Thành phố Đà Nẵng",
    );
    one("12/3A đường 3-2, P.12, Q.10, TP.HCM", "12/3A đường 3-2, Phường Hòa Hưng, Thành phố Hồ Chí Minh");
}

#[test]
fn numbered_wards_need_the_word_for_their_kind() {
    let today = "Số 1, Phường Sài Gòn, Thành phố Hồ Chí Minh";
    for written in
        ["Số 1, Phường Bến Nghé, Quận 1, TP Hồ Chí Minh", "Số 1, P Bến Nghé, Q1, HCM", "Số 1, Bến Nghé, Q.01, Tp. HCM"]
    {
        one(written, today);
    }
    assert_eq!(UNITS.suggest("Số 1, 12, 10, Hồ Chí Minh"), Suggestion::Unknown);
}

#[test]
fn a_new_address_stays_as_it_is() {
    for written in [
        "Thôn 2, Xã Thăng An, Thành phố Đà Nẵng",
        "Thăng An, Đà Nẵng",
        "thang an, da nang",
        "Số 3, Đặc khu Côn Đảo, TP.HCM",
    ] {
        assert_eq!(UNITS.suggest(written), Suggestion::Same, "{written}");
    }
}

#[test]
fn a_district_without_wards_is_enough_by_itself() {
    one("Thôn Thử, Huyện Lý Sơn, Tỉnh Quảng Ngãi", "Thôn Thử, Đặc khu Lý Sơn, Tỉnh Quảng Ngãi");
}

#[test]
fn what_is_less_than_three_units_or_names_of_before_2025_is_asked() {
    several("Thôn 2, Thăng An, Quảng Nam", &["Thôn 2, Xã Thăng An, Thành phố Đà Nẵng"]);
    // Merged into another ward in 2025, before the communes of today.
    several("Số 1, Cầu Dền, Hai Bà Trưng, Hà Nội", &["Số 1, Phường Bạch Mai, Thành phố Hà Nội"]);
    several("Số 1, Phú Hậu, TP Huế, Thừa Thiên Huế", &["Số 1, Phường Phú Xuân, Thành phố Huế"]);
    several("Số 1, Phường Hiệp Phú, Quận 9, TP.HCM", &["Số 1, Phường Tăng Nhơn Phú, Thành phố Hồ Chí Minh"]);
}

#[test]
fn what_names_no_unit_is_left_alone() {
    for written in [
        "",
        ",",
        "Việt Nam",
        "Quảng Nam",
        "Thăng Bình, Quảng Nam",
        "Vientiane, Lào",
        "Thôn 2, Bình Minh",
        "12 ⅔ 💐, ",
        "\u{301}",
    ] {
        assert_eq!(UNITS.suggest(written), Suggestion::Unknown, "{written}");
    }
}

/// The conversion as its file says it, read here anew: old names to the communes of today.
struct Old {
    province: String,
    district: String,
    ward: String,
    became: BTreeSet<String>,
}

fn shipped(name: &str) -> String {
    std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config/lists").join(name))
        .unwrap()
}

/// Rows below the header, empty cells filled from above in the first `repeated` columns.
fn rows(name: &str, repeated: usize) -> Vec<Vec<String>> {
    let text = shipped(name);
    let mut above: Vec<String> = Vec::new();
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    let filled = lines.map(|line| {
        let mut cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
        for at in 0..repeated.min(above.len()) {
            if cells[at].is_empty() {
                cells[at].clone_from(&above[at]);
            }
        }
        above.clone_from(&cells);
        cells
    });
    filled.collect()
}

fn conversions() -> Vec<Old> {
    let kinds: BTreeMap<String, String> =
        rows("provinces.tsv", 0).into_iter().map(|row| (row[1].clone(), row[2].clone())).collect();
    let became: BTreeMap<String, String> =
        rows("provinces-2025.tsv", 0).into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    let mut found: BTreeMap<(String, String, String), BTreeSet<String>> = BTreeMap::new();
    for row in rows("units-2025.tsv", 2) {
        let province = &became[&row[0]];
        let kind = if kinds[province] == "tỉnh" { "Tỉnh" } else { "Thành phố" };
        for ward in row[3].split(';') {
            let old = (row[0].clone(), row[1].clone(), ward.to_owned());
            found.entry(old).or_default().insert(format!("{}, {kind} {province}", row[2]));
        }
    }
    found.into_iter().map(|((province, district, ward), became)| Old { province, district, ward, became }).collect()
}

fn bare(full: &str) -> &str {
    Kind::split(full).map_or(full, |(_, name)| name)
}

/// "Hòa" as "Hoà", which half of all papers write.
fn new_style(text: &str) -> String {
    [
        ("òa", "oà"),
        ("óa", "oá"),
        ("ỏa", "oả"),
        ("õa", "oã"),
        ("ọa", "oạ"),
        ("ủy", "uỷ"),
        ("úy", "uý"),
        ("ùy", "uỳ"),
        ("ụy", "uỵ"),
        ("óe", "oé"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (old, new)| text.replace(old, new))
}

fn suggested(address: &str) -> BTreeSet<String> {
    match UNITS.suggest(address) {
        Suggestion::One(text) => [text].into(),
        Suggestion::Several(texts) => {
            let all: BTreeSet<String> = texts.iter().cloned().collect();
            assert_eq!(all.len(), texts.len(), "{address}");
            all
        }
        Suggestion::Same | Suggestion::Unknown => BTreeSet::new(),
    }
}

/// What all wards become that are written like this one.
fn alike(all: &[Old], this: &Old, spelled: impl Fn(&str) -> String) -> BTreeSet<String> {
    let key = |old: &Old| [&old.province, &old.district, &old.ward].map(|name| spelled(name));
    let (wanted, mine) = (key(this), all.iter().filter(|old| old.province == this.province));
    mine.filter(|old| key(old) == wanted).flat_map(|old| old.became.clone()).collect()
}

#[test]
fn every_old_ward_yields_what_the_table_says_and_nothing_else() {
    let all = conversions();
    assert!(all.len() >= 10_000, "{}", all.len());
    let (mut split, mut loose) = (0, 0);
    for (number, old) in all.iter().enumerate() {
        let Old { province, district, ward, became } = old;
        let wardless = ward.is_empty();
        split += usize::from(became.len() > 1);
        let full = if wardless { format!("{district}, {province}") } else { format!("{ward}, {district}, {province}") };
        let heard: BTreeSet<String> = match UNITS.suggest(&full) {
            Suggestion::One(text) if became.len() == 1 => [text].into(),
            Suggestion::Several(texts) if became.len() > 1 => texts.into_iter().collect(),
            other => panic!("{full}: {other:?}"),
        };
        assert_eq!(heard, *became, "{full}");
        if wardless {
            continue;
        }
        let is_number = |name: &str| bare(name).bytes().all(|byte| byte.is_ascii_digit());
        let short = |name: &str| if is_number(name) { name.to_owned() } else { bare(name).to_owned() };
        // Every way of writing on some of the wards, as the whole would take a minute.
        let with_street =
            |became: &BTreeSet<String>| became.iter().map(|text| format!("Tổ 3, {text}")).collect::<BTreeSet<_>>();
        match number % 4 {
            0 => {
                let text = format!("Tổ 3, {}, {}, {province}", short(ward), short(district));
                assert_eq!(suggested(&text), with_street(&alike(&all, old, |name| bare(name).to_owned())), "{text}");
            }
            1 => {
                let text = fold(&full);
                assert_eq!(suggested(&text), alike(&all, old, fold), "{text}");
            }
            2 => {
                let text =
                    new_style(&format!("Tổ 3 - {} - {} - {province}", ward.to_lowercase(), district.to_lowercase()));
                assert_eq!(suggested(&text), with_street(became), "{text}");
            }
            _ => {
                let text = format!("Tổ 3 {} {} {province}", short(ward), short(district));
                let found = suggested(&text);
                loose += usize::from(found != with_street(&alike(&all, old, |name| bare(name).to_owned())));
            }
        }
    }
    println!("{} old wards, {split} of them split, {loose} asked for want of commas", all.len());
    assert!(split >= 441, "{split}");
    assert!(loose < 60, "{loose}");
}

#[test]
fn every_commune_of_today_is_today() {
    let kinds: BTreeMap<String, String> =
        rows("provinces.tsv", 0).into_iter().map(|row| (row[1].clone(), row[2].clone())).collect();
    let communes = rows("communes.tsv", 1);
    assert_eq!(communes.len(), 3_321);
    for (number, row) in communes.iter().enumerate() {
        let (province, kind, name) = (&row[0], &row[1], &row[2]);
        let full = format!("Số 5 đường Thử, {kind} {name}, {} {province}", kinds[province]);
        assert_eq!(UNITS.suggest(&full), Suggestion::Same, "{full}");
        // Two more ways of writing, on a third of them each: the whole takes seconds.
        if number % 3 == 0 {
            assert_eq!(UNITS.suggest(&fold(&full)), Suggestion::Same, "{full} without marks");
        }
        if number % 3 != 1 {
            continue;
        }
        // Without the word for its kind "Xuân Trường - Đà Lạt" is also a ward of before and its city, and the same place.
        let written = format!("{name}, {province}");
        let itself = format!("{kind} {name}, {} {province}", Kind::from_word(&kinds[province]).unwrap().word());
        let heard = UNITS.suggest(&written);
        assert!(heard == Suggestion::Same || heard == Suggestion::One(itself), "{written}: {heard:?}");
    }
}

/// Numbers by value, then the letters of the Vietnamese alphabet, then tones.
fn order(name: &str) -> (Vec<usize>, Vec<usize>) {
    let alphabet: Vec<char> = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz".chars().collect();
    let tones = ['\u{300}', '\u{309}', '\u{303}', '\u{301}', '\u{323}'];
    let (mut letters, mut heights, mut number) = (Vec::new(), Vec::new(), None);
    for letter in name.to_lowercase().chars().chain([' ']) {
        if let Some(digit) = letter.to_digit(10) {
            number = Some(number.unwrap_or(0) * 10 + digit as usize);
            continue;
        }
        letters.extend(number.take());
        if letter.is_alphabetic() {
            let (tone, rest): (Vec<char>, Vec<char>) = letter.nfd().partition(|c| tones.contains(c));
            let bare = rest.into_iter().nfc().next().unwrap();
            letters.push(1_000 + alphabet.iter().position(|other| *other == bare).unwrap());
            heights.push(tone.first().map_or(0, |tone| 1 + tones.iter().position(|other| other == tone).unwrap()));
        }
    }
    (letters, heights)
}

#[test]
fn lists_stand_in_vietnamese_order() {
    assert!(order("An Thạnh") < order("Ân Thi") && order("Sa") < order("Sà") && order("A Lưới 2") < order("A Lưới 10"));
    let communes = rows("communes.tsv", 1);
    for pair in communes.windows(2) {
        let key = |row: &Vec<String>| (order(&row[0]), order(&row[2]));
        assert!(key(&pair[0]) <= key(&pair[1]), "{pair:?}");
    }
    let of_hue: Vec<String> = UNITS.communes("Huế").collect();
    assert_eq!(of_hue.len(), 40);
    assert_eq!(of_hue[..3], ["Xã A Lưới 1", "Xã A Lưới 2", "Xã A Lưới 3"]);
}

#[test]
fn communes_are_found_by_typing_a_part_of_the_name() {
    assert_eq!(UNITS.search("Đà Nẵng", "thang", 3), ["Xã Thăng An", "Xã Thăng Bình", "Xã Thăng Điền"]);
    assert_eq!(UNITS.search("Đà Nẵng", "xã thăng t", 5), ["Xã Thăng Trường"]);
    assert_eq!(UNITS.search("Đà Nẵng", "binh", 2), ["Xã Thạnh Bình", "Xã Thăng Bình"]);
    assert_eq!(UNITS.search("Đà Nẵng", "", 2).len(), 2);
    assert!(UNITS.search("Đà Nẵng", "không có", 5).is_empty());
    assert!(UNITS.search("Quảng Nam", "thang", 5).is_empty(), "no province of today");
}

#[test]
fn any_text_is_answered() {
    let alphabet: Vec<char> =
        "aăđ ,-.Q1xXãHuyện Tỉnh Quảng Nam Bình Minh, Thăng Bình\u{300}\u{323}💐漢ß'’".chars().collect();
    let mut state: u64 = 20_250_701;
    let mut below = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    for _ in 0..2_000 {
        let mut text: String = (0..below(30)).map(|_| alphabet[below(alphabet.len())]).collect();
        if below(2) == 0 {
            text.push_str(", Bình Minh, Thăng Bình, Quảng Nam");
        }
        match UNITS.suggest(&text) {
            Suggestion::Same | Suggestion::Unknown => {}
            Suggestion::One(address) => assert!(address.ends_with("Thành phố Đà Nẵng"), "{text:?}: {address}"),
            Suggestion::Several(addresses) => assert!(!addresses.is_empty(), "{text:?}"),
        }
    }
}
