use super::*;
use unicode_normalization::is_nfc;

fn typed(keys: &str, method: Method) -> String {
    keys.chars().fold(String::new(), |text, key| press(&text, key, method))
}

#[track_caller]
fn check(method: Method, table: &[(&str, &str)]) {
    for (keys, expected) in table {
        assert_eq!(typed(keys, method), *expected, "{method:?} {keys}");
    }
}

/// Telex, VNI, expected. Direct input is the expected word itself, letter by letter, tone last.
const WORDS: [(&str, &str, &str); 84] = [
    ("nguyeenx", "nguye6n4", "nguyễn"),
    ("nguyenex", "nguyen64", "nguyễn"),
    ("nguyenxe", "nguyen46", "nguyễn"),
    ("NGUYEENX", "NGUYE6N4", "NGUYỄN"),
    ("Nguyeenx Vawn DDuwcs", "Nguye6n4 Va8n D9u7c1", "Nguyễn Văn Đức"),
    ("traanf", "tra6n2", "trần"),
    ("leef", "le62", "lề"),
    ("phamj", "pham5", "phạm"),
    ("hoangf", "hoang2", "hoàng"),
    ("huynhf", "huynh2", "huỳnh"),
    ("phan", "phan", "phan"),
    ("vux", "vu4", "vũ"),
    ("vox", "vo4", "võ"),
    ("ddawngj", "d9a8ng5", "đặng"),
    ("buif", "bui2", "bùi"),
    ("ddoox", "d9o64", "đỗ"),
    ("hoof", "ho62", "hồ"),
    ("ngoo", "ngo6", "ngô"),
    ("duwowng", "du7o7ng", "dương"),
    ("duongw", "duong7", "dương"),
    ("duongwf", "duong72", "dường"),
    ("duowngf", "duo7ng2", "dường"),
    ("dduwongf", "d9u7ong2", "đường"),
    ("lys", "ly1", "lý"),
    ("hoaf", "hoa2", "hòa"),
    ("hofa", "ho2a", "hòa"),
    ("thuyr", "thuy3", "thủy"),
    ("khoer", "khoe3", "khỏe"),
    ("quys", "quy1", "quý"),
    ("quoocs", "quo6c1", "quốc"),
    ("quyeenf", "quye6n2", "quyền"),
    ("quynhf", "quynh2", "quỳnh"),
    ("quawng", "qua8ng", "quăng"),
    ("quaif", "quai2", "quài"),
    ("quowr", "quo73", "quở"),
    ("gias", "gia1", "giá"),
    ("gisa", "gi1a", "giá"),
    ("gif", "gi2", "gì"),
    ("ginf", "gin2", "gìn"),
    ("gieengs", "gie6ng1", "giếng"),
    ("giuwax", "giu7a4", "giữa"),
    ("giuowngf", "giuo7ng2", "giường"),
    ("toans", "toan1", "toán"),
    ("toasn", "toa1n", "toán"),
    ("hoanf", "hoan2", "hoàn"),
    ("thuaanf", "thua6n2", "thuần"),
    ("khuyeens", "khuye6n1", "khuyến"),
    ("khuyur", "khuyu3", "khuỷu"),
    ("oais", "oai1", "oái"),
    ("xoays", "xoay1", "xoáy"),
    ("ngoeoj", "ngoeo5", "ngoẹo"),
    ("ngoao", "ngoao", "ngoao"),
    ("tieeng", "tie6ng", "tiêng"),
    ("tienge", "tieng6", "tiêng"),
    ("tieengs Vieetj", "tie6ng1 Vie6t5", "tiếng Việt"),
    ("Vietje", "Viet56", "Việt"),
    ("yeeus", "ye6u1", "yếu"),
    ("nhieeuf", "nhie6u2", "nhiều"),
    ("nguwowif", "ngu7o7i2", "người"),
    ("nguoiwf", "nguoi72", "người"),
    ("ruwowuj", "ru7o7u5", "rượu"),
    ("huowu", "huo7u", "hươu"),
    ("thuowr", "thuo73", "thuở"),
    ("thuowngf", "thuo7ng2", "thường"),
    ("muaw", "mua7", "mưa"),
    ("muaf", "mua2", "mùa"),
    ("luwu", "lu7u", "lưu"),
    ("cuuws", "cuu71", "cứu"),
    ("guwri", "gu73i", "gửi"),
    ("hoawcj", "hoa8c5", "hoặc"),
    ("hueej", "hue65", "huệ"),
    ("Hueesz", "Hue610", "Huê"),
    ("xooong", "xoong", "xoong"),
    ("sooocs", "sooc1", "soóc"),
    ("dangd", "dang9", "đang"),
    ("DDawks Lawks", "D9a8k1 La8k1", "Đắk Lắk"),
    ("Ddawks", "D9a8k1", "Đắk"),
    ("Kroong Pawks", "Kro6ng Pa8k1", "Krông Pắk"),
    ("Ea H'leo", "Ea H'leo", "Ea H'leo"),
    ("M'DDrawks", "M'D9ra8k1", "M'Đrắk"),
    ("Zowrraam", "Zo7ra6m", "Zơrâm"),
    ("Kddawm", "Kd9a8m", "Kđăm"),
    ("Buoon Ma Thuootj", "Buo6n Ma Thuo6t5", "Buôn Ma Thuột"),
    ("Alawng Bhnuwowchs", "Ala8ng Bhnu7o7ch1", "Alăng Bhnướch"),
];

/// Words as a direct keyboard sends them: untoned letters, each tone at the end of its word.
fn direct_keys(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let (letters, tones): (String, Vec<_>) = word.chars().map(without_tone).unzip();
        letters + &tones.into_iter().flatten().collect::<String>()
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn common_words_come_out_alike_in_every_method() {
    for (telex, vni, expected) in WORDS {
        assert_eq!(typed(telex, Method::Telex), expected, "telex {telex}");
        assert_eq!(typed(vni, Method::Vni), expected, "vni {vni}");
        let direct = direct_keys(expected);
        assert_eq!(typed(&direct, Method::Direct), expected, "direct {direct}");
    }
}

#[test]
fn the_same_key_again_undoes_and_writes_itself() {
    check(
        Method::Telex,
        &[
            ("aaa", "aa"),
            ("aaaa", "aaa"),
            ("eee", "ee"),
            ("ooo", "oo"),
            ("ass", "as"),
            ("asss", "ass"),
            ("ddd", "dd"),
            ("dddd", "ddd"),
            ("aww", "aw"),
            ("uww", "uw"),
            ("muaww", "muaw"),
            ("duowww", "duoww"),
            ("AAa", "Aa"),
            ("toanss", "toans"),
            ("tienges", "tiếng"),
            ("tiengee", "tienge"),
            ("Rosse", "Rose"),
        ],
    );
    check(Method::Vni, &[("a66", "a6"), ("a11", "a1"), ("d99", "d9"), ("uo77", "uo7"), ("a88", "a8"), ("a111", "a11")]);
    check(Method::Direct, &[("a\u{301}\u{301}", "a"), ("hoa\u{300}n\u{300}", "hoan")]);
}

#[test]
fn a_new_tone_or_mark_replaces_the_old_one() {
    check(
        Method::Telex,
        &[("asf", "à"), ("aaw", "ă"), ("awa", "â"), ("oow", "ơ"), ("owo", "ô"), ("asz", "a"), ("asza", "â")],
    );
    check(Method::Vni, &[("a12", "à"), ("a68", "ă"), ("o67", "ơ"), ("uo7n6", "uôn"), ("a10", "a"), ("a00", "a00")]);
    check(Method::Direct, &[("a\u{301}\u{300}", "à"), ("tu\u{301}a\u{323}n", "tuạn")]);
}

#[test]
fn a_key_that_nothing_can_take_is_a_letter() {
    check(
        Method::Telex,
        &[
            ("s", "s"),
            ("w", "w"),
            ("tw", "tw"),
            ("z", "z"),
            ("toz", "toz"),
            ("Ks", "Ks"),
            ("khoeo", "khoeo"),
            ("xeoe", "xeoe"),
            ("raoa", "raoa"),
            ("wifi", "wifi"),
            ("wows", "wows"),
            ("java", "java"),
            ("www.facebook.com", "www.facebook.com"),
            ("nguyenvan", "nguyenvan"),
            ("12s", "12s"),
            ("", ""),
        ],
    );
    check(
        Method::Vni,
        &[("1", "1"), ("b1", "b1"), ("a 1", "a 1"), ("h9", "h9"), ("i6", "i6"), ("e7", "e7"), ("o8", "o8")],
    );
    check(
        Method::Direct,
        &[("as", "as"), ("aa", "aa"), ("dd", "dd"), ("aw1", "aw1"), ("\u{301}", ""), ("a \u{301}", "a ")],
    );
}

#[test]
fn direct_letters_work_in_every_method() {
    for method in [Method::Telex, Method::Vni, Method::Direct] {
        let table = [
            ("đă\u{301}k", "Đắk".to_lowercase()),
            ("hoa\u{300}n", "hoàn".into()),
            ("hoàn", "hoàn".into()),
            ("hoà", "hòa".into()),
            ("nguyê\u{303}n", "nguyễn".into()),
            ("e\u{302}\u{301}", "ế".into()),
            ("o\u{31b}\u{300}", "ờ".into()),
            ("Ría", "Ría".into()),
            ("ria\u{301}h", "ríah".into()),
            ("Êñuôl", "Êñuôl".into()),
        ];
        for (keys, expected) in table {
            assert_eq!(typed(keys, method), expected, "{method:?} {keys}");
        }
    }
}

#[test]
fn what_stands_before_the_last_word_is_left_alone() {
    assert_eq!(press("Hoà ", 'a', Method::Telex), "Hoà a");
    assert_eq!(press("Hoà", ' ', Method::Telex), "Hoà ");
    assert_eq!(press("Y-Ngôn", 's', Method::Telex), "Y-Ngốn");
    assert_eq!(press("H'Hen", 'e', Method::Telex), "H'Hên");
    assert_eq!(press("nguye\u{302}\u{303}n", ' ', Method::Vni), "nguyễn ");
    assert_eq!(press("áó", 's', Method::Telex), "áós");
}

#[test]
fn the_kiosk_stores_and_searches_text_in_one_shape() {
    assert_eq!(tidy("  Nguye\u{302}\u{303}n \t\u{a0}Văn\nA "), "Nguyễn Văn A");
    assert_eq!(tidy(" \u{3000} "), "");
    assert_eq!(upper("Nguyễn thị đào, ơ ư"), "NGUYỄN THỊ ĐÀO, Ơ Ư");
    assert_eq!(fold("ĐẮK LẮK, Thừa Thiên Huế ơ Ư"), "dak lak, thua thien hue o u");
    assert_eq!(fold("I\u{307}İ"), "ii");
}

#[test]
fn backspace_takes_one_visible_character() {
    assert_eq!(backspace("nguyễ"), "nguy");
    assert_eq!(backspace("nguye\u{302}\u{303}"), "nguy");
    assert_eq!(backspace("ab\u{301}\u{323}"), "a");
    assert_eq!(backspace("đ"), "");
    assert_eq!(backspace(""), "");
    assert_eq!(backspace("\u{301}"), "");
}

const ONSETS: [&str; 27] = [
    "", "b", "c", "ch", "d", "đ", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "ph", "qu", "r",
    "s", "t", "th", "tr", "v", "x",
];

/// Every rime of the language; `'` stands after the vowel that carries the tone in the old style.
const RIMES: &str = "
    a' a'c a'ch a'i a'm a'n a'ng a'nh a'o a'p a't a'u a'y ă'c ă'k ă'm ă'n ă'ng ă'p ă't
    â'c â'm â'n â'ng â'p â't â'u â'y e' e'c e'm e'n e'ng e'o e'p e't ê' ê'ch ê'm ê'n ê'nh ê'p ê't ê'u
    i' i'a i'ch i'm i'n i'nh i'p i't i'u iê'c iê'm iê'n iê'ng iê'p iê't iê'u yê'm yê'n yê'ng yê't yê'u
    o' o'a oa'c oa'ch oa'i oa'm oa'n oa'ng oa'nh oa'o oa'p oa't oa'y oă'c oă'm oă'n oă'ng oă't
    o'c o'e oe'n oe'o oe't o'i o'm o'n o'ng oo'ng oo'c o'p o't
    ô' ô'c ô'i ô'm ô'n ô'ng ô'p ô't ơ' ơ'i ơ'm ơ'n ơ'p ơ't
    u' u'a uâ'n uâ'ng uâ't uâ'y u'c uê' uê'ch uê'nh u'i u'm u'n u'ng uô'c uô'i uô'm uô'n uô'ng uô't u'p u't
    uơ' u'y uy'a uyê'n uyê't uy'nh uy't uy'u uy'n uy'p
    ư' ư'a ư'c ư'i ư'm ư'ng ươ'c ươ'i ươ'm ươ'n ươ'ng ươ'p ươ't ươ'u ư't ư'u y'";

const ALL_TONES: [&str; 6] = ["", "\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"];

/// (untoned word, tone, word), old style.
fn syllables() -> Vec<(String, &'static str, String)> {
    let rimes = RIMES.split_whitespace();
    let pairs = rimes.flat_map(|rime| ONSETS.map(|onset| (onset, rime)));
    let written = pairs.filter(|(onset, rime)| match *onset {
        // These would be read, and written, as another onset with another rime.
        "qu" if rime.starts_with(['u', 'o', 'ô', 'ư']) => false,
        "g" if rime.starts_with('i') => false,
        "gi" if rime.starts_with(['i', 'y']) => false,
        // Open "uơ" exists after these only (thuở, huơ).
        "h" | "th" | "kh" => true,
        _ => *rime != "uơ'",
    });
    let toned = written.flat_map(|(onset, rime)| ALL_TONES.map(|tone| (onset, rime, tone)));
    toned
        .filter(|(_, rime, tone)| {
            !rime.ends_with(['c', 'h', 'k', 'p', 't']) || rime.ends_with("nh") || "\u{301}\u{323}".contains(tone)
        })
        .map(|(onset, rime, tone)| {
            let plain = format!("{onset}{}", rime.replace('\'', ""));
            let word = format!("{onset}{}", rime.replace('\'', tone)).nfc().collect();
            (plain, tone, word)
        })
        .collect()
}

#[derive(Clone, Copy)]
enum Order {
    /// Each mark behind its vowel, the tone at the end.
    MarksAtOnce,
    /// All marks behind the last letter, then the tone.
    MarksLast,
    /// The tone behind the vowels, before the final consonants.
    ToneInside,
}

fn keys(plain: &str, tone: &str, method: Method, order: Order) -> String {
    let telex = method == Method::Telex;
    let tone_key =
        ALL_TONES.iter().zip(if telex { ["", "f", "s", "x", "r", "j"] } else { ["", "2", "1", "4", "3", "5"] });
    let tone_key = tone_key.filter(|(mark, _)| **mark == tone).map(|(_, key)| key).next().unwrap_or("?");
    let last_vowel = plain.rfind(is_vowel).unwrap_or(0);
    let (mut body, mut later) = (String::new(), String::new());
    for (at, letter) in plain.char_indices() {
        let (bare, key) = match letter {
            'ă' => ("a", if telex { "w" } else { "8" }),
            'â' => ("a", if telex { "a" } else { "6" }),
            'ê' => ("e", if telex { "e" } else { "6" }),
            'ô' => ("o", if telex { "o" } else { "6" }),
            // One key gives both horns.
            'ư' if plain[at..].starts_with("ươ") => ("u", ""),
            'ơ' => ("o", if telex { "w" } else { "7" }),
            'ư' => ("u", if telex { "w" } else { "7" }),
            'đ' => ("d", if telex { "d" } else { "9" }),
            // The first o of "oo" must be freed from the second in Telex.
            'o' if telex && plain[..at].ends_with('o') => ("oo", ""),
            _ => (&plain[at..at + letter.len_utf8()], ""),
        };
        body.push_str(bare);
        if matches!(order, Order::MarksLast) {
            later.push_str(key);
        } else {
            body.push_str(key);
        }
        if matches!(order, Order::ToneInside) && at == last_vowel {
            body.push_str(tone_key);
        }
    }
    let end = if matches!(order, Order::ToneInside) { "" } else { tone_key };
    body + &later + end
}

#[test]
fn every_syllable_of_the_language_can_be_typed() {
    let all = syllables();
    assert!(all.len() >= 20_000, "{}", all.len());
    for (number, (plain, tone, word)) in all.iter().enumerate() {
        // What is not the plain case is tried on every third word, still more than 6,000, to keep the test short.
        let capitals = upper(word);
        for method in [Method::Telex, Method::Vni] {
            let at_once = keys(plain, tone, method, Order::MarksAtOnce);
            assert_eq!(typed(&at_once, method), *word, "{method:?} {at_once}");
            let (other, expected) = match number % 3 {
                0 => (at_once.to_uppercase(), &capitals),
                1 => (keys(plain, tone, method, Order::MarksLast), word),
                _ => (keys(plain, tone, method, Order::ToneInside), word),
            };
            assert_eq!(typed(&other, method), *expected, "{method:?} {other}");
        }
        assert_eq!(typed(&(plain.clone() + tone), Method::Direct), *word);
        assert_eq!(typed(&(upper(plain) + tone), Method::Direct), capitals);
    }
}

/// Numbers enough to look random, the same ones in every run.
struct Stream(u64);

impl Stream {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

#[test]
fn any_keys_leave_text_that_can_be_erased() {
    let keys: Vec<char> = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyzAEODUWSGQIY0123456789 '-@.ắệỡñßİǆ漢한\u{1100}\u{1161}\u{300}\u{301}\u{302}\u{303}\u{306}\u{309}\u{31b}\u{323}\u{345}\u{200d}\u{0}😀"
        .chars()
        .collect();
    let mut stream = Stream(2026);
    for round in 0..3_000 {
        let method = [Method::Telex, Method::Vni, Method::Direct][round % 3];
        let mut text = String::new();
        for _ in 0..stream.below(24) {
            text = press(&text, keys[stream.below(keys.len())], method);
            assert!(is_nfc(&text), "{text:?}");
            assert!(is_nfc(&upper(&text)) && is_nfc(&tidy(&text)), "{text:?}");
            let _ = fold(&text);
        }
        while !text.is_empty() {
            let shorter = backspace(&text);
            assert!(shorter.len() < text.len() && is_nfc(&shorter), "{text:?}");
            text = shorter;
        }
    }
}

#[test]
fn keys_do_not_lose_letters_of_the_word_before() {
    let mut stream = Stream(69);
    for _ in 0..3_000 {
        let mut text = String::from("Lê Hoà ");
        for _ in 0..8 {
            let key = char::from(b"abcdefghijklmnopqrstuvwxyz"[stream.below(26)]);
            text = press(&text, key, Method::Telex);
            assert!(text.starts_with("Lê Hoà "), "{text}");
        }
    }
}
