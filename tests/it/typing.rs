//! Every syllable that a public word list knows can be typed on our keyboard, letter keys or digit keys, and comes out
//! as the office stores it. The way from a word to its keys is written here anew, from the rules of Telex and VNI.

mod trie;

use crate::packages::{Package, Registry, member};
use passport_kiosk::domain::typing::{Method, press, upper};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The syllables, MIT by its package.json ("Some packages may have other licenses included", says its README), which is
/// why it is read here and not kept here.
const SYLLABLES: Package = Package {
    registry: Registry::Npm,
    name: "@cspell/dict-vi-vn",
    file: "cspell-dict-vi-vn-3.0.6.tgz",
    version: "3.0.6",
    sha256: "67f3a39052dd1018fac12825bf021ac877df661a061edd19fd4b3dda479a8f51",
};

/// Names and places that are in no list of Vietnamese syllables: one-word names, apostrophes, letters of other tongues.
const NAMES: &str = "Đắk Lắk|Đắk Nông|Đăk Tô|Krông Pắk|Krông Nô|Krông Ana|Ea H'leo|Ea Kar|Ea Súp|Cư M'gar|Cư Kuin|M'Đrắk|\
    Buôn Đôn|Buôn Ma Thuột|Ia H'Drai|Ia Grai|Chư Prông|Chư Păh|Chư Sê|Kbang|Đak Pơ|Kông Chro|Kon Plông|Kon Tum|\
    Sa Thầy|Tu Mơ Rông|Ngọc Hồi|Đơn Dương|Lạc Dương|Đạ Huoai|Đạ Tẻh|Pa Nho|Sốp Cộp|Mường Ảng|Mường Nhé|\
    Y Bih Niê|Y Ngông Niê Kđăm|H'Hen Niê|H'Mông|H'rê|K'Brửu|Ka Dâng|Ka Thuận|Brâu|Rơ Măm|Xơ Đăng|Ơ Đu|Gia Rai|\
    Ê Đê|Ba Na|Cơ Ho|Chu Ru|Ra Glai|Mnông|Xtiêng|Bru Vân Kiều|Pu Péo|Kpă Y Lăng|Siu Black|Rah Lan Hyuh|Nay Hem|\
    Rơ Châm Jek|Ksor Nham|Alăng Bhnướch|Zơrâm Thị Thử|Bríu Liếc|Coor Nâu|Pơloong Plênh|Ating Chơi|A Vương|A Lưới|\
    Hồ Văn Xăng|Lò|Vừ A Dính|Giàng A Páo|Nguyễn Phúc Tôn Nữ|Công Tằng|Hòa|Thủy|Quỳnh|Gì|Giếng|Khuỷu|Thuở|Ngoằn Ngoèo";

#[derive(Clone, Copy, Debug)]
enum Order {
    /// Letter, mark, tone, as the word is written.
    AsWritten,
    /// The tone at the end of the word, as taught.
    ToneLast,
}

/// The keys for `text`, from its decomposition: base letter, mark, tone.
fn keys(text: &str, method: Method, order: Order) -> String {
    text.split_inclusive([' ', '\'']).map(|word| keys_of_word(word, method, order)).collect()
}

fn keys_of_word(word: &str, method: Method, order: Order) -> String {
    let telex = method == Method::Telex;
    let (letters, end) = match word.strip_suffix([' ', '\'']) {
        Some(letters) => (letters, &word[letters.len()..]),
        None => (word, ""),
    };
    let (mut typed, mut late) = (String::new(), String::new());
    let mut is_past_vowel = false;
    for letter in letters.chars() {
        let parts: Vec<char> = letter.nfd().collect();
        let base = match parts[0] {
            'đ' => 'd',
            'Đ' => 'D',
            base => base,
        };
        typed.push(base);
        if base != parts[0] {
            typed.push(if telex { base } else { '9' });
        } else if telex && is_past_vowel && is_taken_for_a_key(&typed, base) {
            // The second press takes the mark back and writes the letter.
            typed.push(base);
        }
        is_past_vowel |= "aeiouy".contains(base.to_ascii_lowercase());
        for mark in &parts[1..] {
            match (mark, telex) {
                ('\u{302}', true) => typed.push(base),
                ('\u{302}', false) => typed.push('6'),
                ('\u{31b}' | '\u{306}', true) => typed.push('w'),
                ('\u{31b}', false) => typed.push('7'),
                ('\u{306}', false) => typed.push('8'),
                (tone, _) => {
                    let key = tone_key(*tone, telex);
                    if matches!(order, Order::ToneLast) { late.push(key) } else { typed.push(key) }
                }
            }
        }
    }
    if letters == letters.to_uppercase() {
        late = late.to_uppercase();
        typed = typed.to_uppercase();
    }
    typed + &late + end
}

fn is_taken_for_a_key(typed: &str, base: char) -> bool {
    let before = typed.len() - base.len_utf8();
    match base.to_ascii_lowercase() {
        's' | 'f' | 'r' | 'x' | 'j' | 'z' => true,
        // A plain "oo" would be ô, the second a of "Ana" would turn it into "Ân".
        'o' | 'e' | 'a' => {
            let letters = typed[..before].trim_end_matches(|c: char| "cghkmnpt".contains(c.to_ascii_lowercase()));
            letters.to_lowercase().ends_with(base.to_ascii_lowercase())
        }
        _ => false,
    }
}

fn tone_key(tone: char, telex: bool) -> char {
    match (tone, telex) {
        ('\u{301}', true) => 's',
        ('\u{300}', true) => 'f',
        ('\u{309}', true) => 'r',
        ('\u{303}', true) => 'x',
        ('\u{323}', true) => 'j',
        ('\u{301}', false) => '1',
        ('\u{300}', false) => '2',
        ('\u{309}', false) => '3',
        ('\u{303}', false) => '4',
        ('\u{323}', false) => '5',
        (other, _) => panic!("no tone of Vietnamese: {other:?}"),
    }
}

/// "hoà" as "hòa": the tone of an open oa, oe, uy on its first vowel, which is how the composer spells.
fn old_style(word: &str) -> String {
    let all: Vec<char> = word.nfd().collect();
    if let [head @ .., first, second, tone] = all.as_slice()
        && !head.ends_with(&['q'])
        && matches!((first, second), ('o', 'a' | 'e') | ('u', 'y'))
        && "\u{300}\u{301}\u{303}\u{309}\u{323}".contains(*tone)
    {
        return head.iter().chain([first, tone, second]).copied().nfc().collect();
    }
    word.nfc().collect()
}

/// Every (method, keys, what came out) that is not what was meant.
fn misspelt(words: &[String], press: impl Fn(&str, char, Method) -> String) -> Vec<(Method, String, String)> {
    let mut wrong = Vec::new();
    for word in words {
        for text in [word.clone(), upper(word)] {
            for method in [Method::Telex, Method::Vni] {
                for order in [Order::AsWritten, Order::ToneLast] {
                    let keys = keys(&text, method, order);
                    let typed = keys.chars().fold(String::new(), |text, key| press(&text, key, method));
                    if typed != text || !is_nfc(&typed) {
                        wrong.push((method, keys, typed));
                    }
                }
            }
            // Letters with marks have keys of their own, tones too.
            let typed = text.nfd().nfc().fold(String::new(), |text, key| press(&text, key, Method::Direct));
            if typed != text {
                wrong.push((Method::Direct, text, typed));
            }
        }
    }
    wrong
}

/// What the list holds, without its English and its all-capital abbreviations. `None`: it is not to be had, as said.
fn syllables() -> Option<Vec<String>> {
    let package = match SYLLABLES.fetched() {
        Ok(package) => package,
        Err(why) => {
            println!("SKIPPED: the list of syllables in {} {}: {why}", SYLLABLES.name, SYLLABLES.version);
            return None;
        }
    };
    let words = trie::words(&String::from_utf8(member(&package, "package/vi.trie.gz")).unwrap());
    // "~" begins forms without accents, kept for searching; small letters only leaves out "HTML".
    let own = |word: &String| !word.starts_with('~') && word.chars().all(char::is_lowercase);
    Some(
        words
            .into_iter()
            .filter(own)
            .map(|word| old_style(&word))
            .filter(|word| !FOREIGN.contains(&word.as_str()))
            .collect(),
    )
}

/// Entries of the list that are names of computing.
const FOREIGN: [&str; 2] = ["gif", "unicode"];

#[test]
fn every_syllable_of_a_public_list_can_be_typed_in_both_ways() {
    let Some(words) = syllables() else { return };
    assert!(words.len() >= 6_000, "{}", words.len());
    let wrong = misspelt(&words, press);
    assert!(wrong.is_empty(), "{} of {} words: {:?}", wrong.len(), words.len(), &wrong[..wrong.len().min(20)]);
    println!("{} syllables, small and capital, Telex and VNI, two orders of keys each", words.len());

    // Negative control: a table with two tones exchanged, and one without the horn.
    let exchanged = |text: &str, key: char, method: Method| match key {
        'r' if !text.is_empty() => press(text, 'x', method),
        '3' => press(text, '4', method),
        _ => press(text, key, method),
    };
    let hornless = |text: &str, key: char, method: Method| match (method, key) {
        (Method::Vni, '7') => text.to_owned(),
        _ => press(text, key, method),
    };
    assert!(misspelt(&words, exchanged).len() > 1_000);
    assert!(misspelt(&words, hornless).len() > 1_000);
}

#[test]
fn names_with_apostrophes_one_word_names_and_places_of_the_highlands_can_be_typed() {
    let names: Vec<String> = NAMES.split('|').map(|name| name.trim().to_owned()).collect();
    let wrong = misspelt(&names, press);
    assert!(wrong.is_empty(), "{wrong:?}");
}
