//! Typing Vietnamese on a keyboard of plain letters: Telex, VNI, or the letters themselves.
//!
//! Everything follows from the text so far and one key, so nothing has to be remembered between keys and an
//! officer's correction in the middle of a word cannot confuse the composer. There is no dictionary: names such as
//! "Đắk", "Zơrâm" or "Kđăm" are in none.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

const GRAVE: char = '\u{300}';
const ACUTE: char = '\u{301}';
const TILDE: char = '\u{303}';
const HOOK: char = '\u{309}';
const DOT: char = '\u{323}';
const TONES: [char; 5] = [GRAVE, ACUTE, TILDE, HOOK, DOT];

const CIRCUMFLEX: char = '\u{302}';
const BREVE: char = '\u{306}';
const HORN: char = '\u{31b}';

/// How letters become Vietnamese: the three layouts of the on-screen keyboard (domain.md 8, "Keyboard").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Letters double as marks and tones: `aa` is â, `s` is the acute.
    #[default]
    Telex,
    /// Digits are marks and tones: `a6` is â, `1` is the acute.
    Vni,
    /// Every letter and tone has its own key; no letter has a second meaning.
    Direct,
}

impl Method {
    /// The one that the keyboard's method key turns on after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Telex => Self::Vni,
            Self::Vni => Self::Direct,
            Self::Direct => Self::Telex,
        }
    }
}

/// What one key does to `text`, the field so far with the caret at its end; returns the whole new text, NFC.
///
/// Only the letters after the last space, digit or punctuation are recomposed. `key` comes from the on-screen or a
/// hardware keyboard and may be any character, combining tones included.
pub fn press(text: &str, key: char, method: Method) -> String {
    let text: String = text.nfc().collect();
    let stem = text.trim_end_matches(char::is_alphabetic);
    let word: Vec<char> = text[stem.len()..].chars().collect();
    let new = composed(&word, key, method);
    stem.chars().chain(new).nfc().collect()
}

/// `text` without its last character as a person sees it: the letter goes together with its marks.
pub fn backspace(text: &str) -> String {
    let text: String = text.nfc().collect();
    let base = text.trim_end_matches(is_combining_mark);
    let mut rest = base.chars();
    rest.next_back();
    rest.as_str().to_owned()
}

/// `text` from a keyboard, card or file in the one shape that is stored: NFC, single spaces, none at the ends.
pub fn tidy(text: &str) -> String {
    let text: String = text.nfc().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `text` in capitals with its marks, NFC, as note 2 of TK01 wants names.
pub fn upper(text: &str) -> String {
    text.nfc().flat_map(char::to_uppercase).nfc().collect()
}

/// `text` in small letters without marks, đ as d: the key by which lists are searched. Never shown or stored.
pub fn fold(text: &str) -> String {
    let plain = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    plain.filter(|c| !is_combining_mark(*c)).map(|c| if c == 'đ' { 'd' } else { c }).collect()
}

/// What a key asks for, before it is known whether the word can take it.
#[derive(Clone, Copy)]
enum Wish {
    Tone(char),
    NoTone,
    /// A circumflex on one of these vowels.
    Hat(&'static str),
    /// A breve or a horn on one of these vowels.
    Tail(&'static str),
    Stroke,
    Literal,
}

impl Wish {
    fn of(key: char, method: Method) -> Self {
        if TONES.contains(&key) {
            return Self::Tone(key);
        }
        match (method, key.to_ascii_lowercase()) {
            (Method::Telex, 's') | (Method::Vni, '1') => Self::Tone(ACUTE),
            (Method::Telex, 'f') | (Method::Vni, '2') => Self::Tone(GRAVE),
            (Method::Telex, 'r') | (Method::Vni, '3') => Self::Tone(HOOK),
            (Method::Telex, 'x') | (Method::Vni, '4') => Self::Tone(TILDE),
            (Method::Telex, 'j') | (Method::Vni, '5') => Self::Tone(DOT),
            (Method::Telex, 'z') | (Method::Vni, '0') => Self::NoTone,
            (Method::Telex, 'a') => Self::Hat("a"),
            (Method::Telex, 'e') => Self::Hat("e"),
            (Method::Telex, 'o') => Self::Hat("o"),
            (Method::Telex, 'w') => Self::Tail("aou"),
            (Method::Telex, 'd') | (Method::Vni, '9') => Self::Stroke,
            (Method::Vni, '6') => Self::Hat("aeo"),
            (Method::Vni, '7') => Self::Tail("ou"),
            (Method::Vni, '8') => Self::Tail("a"),
            _ => Self::Literal,
        }
    }
}

fn composed(word: &[char], key: char, method: Method) -> Vec<char> {
    let wish = Wish::of(key, method);
    let syllable = Syllable::of(word);
    // A tone mark has no meaning of its own, so it looks for a vowel even in a word that is not Vietnamese.
    if is_combining_mark(key) {
        return match (wish, syllable) {
            (Wish::Tone(tone), Some(syllable)) => syllable.toggled(tone).0.spelled(),
            _ if word.is_empty() => Vec::new(),
            _ => appended(word, key, method),
        };
    }
    if is_foreign(word) {
        return appended(word, key, method);
    }
    if matches!(wish, Wish::Stroke) {
        return stroked(word, key, method);
    }
    let Some(syllable) = syllable.filter(Syllable::takes_keys) else {
        return appended(word, key, method);
    };
    let (changed, undone) = match wish {
        Wish::Tone(tone) => syllable.toggled(tone),
        Wish::NoTone if syllable.tone.is_some() => (Syllable { tone: None, ..syllable }, false),
        Wish::Hat(on) | Wish::Tail(on) => match syllable.marked(on, matches!(wish, Wish::Hat(_))) {
            Some(outcome) => outcome,
            None => return appended(word, key, method),
        },
        Wish::NoTone | Wish::Stroke | Wish::Literal => return appended(word, key, method),
    };
    if undone { appended(&changed.spelled(), key, method) } else { changed.spelled() }
}

/// The key as itself after the word. A letter may turn the word into one that carries its tone elsewhere.
fn appended(word: &[char], key: char, method: Method) -> Vec<char> {
    let mut word = word.to_vec();
    if method != Method::Direct
        && "cikmnptu".contains(lower(key))
        && let Some(syllable) = Syllable::of(&word)
        && let Some(closed) = syllable.closing_horns()
    {
        word = closed.spelled();
    }
    word.push(key);
    // Composing first lets a letter and a mark that arrive as two keys (NFD keyboards) count as one letter.
    let word: Vec<char> = word.into_iter().nfc().collect();
    match Syllable::of(&word) {
        Some(syllable) if syllable.tone.is_some() && syllable.takes_keys() => syllable.spelled(),
        _ => word,
    }
}

/// `d` to `đ` in the consonants before the last vowels, or back again with the key written out.
fn stroked(word: &[char], key: char, method: Method) -> Vec<char> {
    let syllable = Syllable::of(word);
    let head = match &syllable {
        Some(syllable) if syllable.takes_keys() => syllable.head.len(),
        Some(_) => return appended(word, key, method),
        None => word.len(),
    };
    let onset = onset(&word[..head]);
    let start = head - onset.len();
    let is_d = |c: &char| matches!(lower(*c), 'd' | 'đ');
    // "dd" in the text was put there by an undo: the next d must not compose again.
    let found = onset.iter().rposition(is_d).filter(|_| onset.iter().filter(|c| is_d(c)).count() == 1);
    let Some(at) = found.map(|at| start + at) else {
        return appended(word, key, method);
    };
    let mut word = word.to_vec();
    let (letter, undone) = match word[at] {
        'd' => ('đ', false),
        'D' => ('Đ', false),
        'Đ' => ('D', true),
        _ => ('d', true),
    };
    word[at] = letter;
    if undone { appended(&word, key, method) } else { word }
}

/// E-mail addresses and company names: once such a letter stands in the word, keys mean themselves. `z` and `j`
/// before the first vowel do not count, because Cơ Tu and Gia Rai names begin with them.
fn is_foreign(word: &[char]) -> bool {
    let first_vowel = word.iter().position(|c| is_vowel(*c)).unwrap_or(word.len());
    word.iter().any(|c| matches!(lower(*c), 'w' | 'f'))
        || word[first_vowel..].iter().any(|c| matches!(lower(*c), 'z' | 'j'))
}

/// The end of a word around its last vowels; the tone is held apart so that it can be placed anew.
#[derive(Clone)]
struct Syllable {
    /// All letters before the nucleus, among them the `u` of "qu" and the `i` of "gi".
    head: Vec<char>,
    /// One vowel or more, with marks but without tone.
    nucleus: Vec<char>,
    coda: Vec<char>,
    tone: Option<char>,
}

impl Syllable {
    /// `None` without a vowel, or if several vowels of the group carry a tone: that is text to leave alone.
    fn of(word: &[char]) -> Option<Self> {
        let end = word.iter().rposition(|c| is_vowel(*c))? + 1;
        let start = word[..end].iter().rposition(|c| !is_vowel(*c)).map_or(0, |at| at + 1);
        let (mut nucleus, tones): (Vec<char>, Vec<_>) = word[start..end].iter().map(|c| without_tone(*c)).unzip();
        let mut tones = tones.into_iter().flatten();
        let tone = tones.next();
        if tones.next().is_some() {
            return None;
        }
        let mut head = word[..start].to_vec();
        // "ngi" is not "gi": only a lone g takes the i along.
        let glide = match onset(&head) {
            [.., q] if lower(*q) == 'q' => Some('u'),
            [g] if lower(*g) == 'g' => Some('i'),
            _ => None,
        };
        if nucleus.len() > 1 && glide == nucleus.first().map(|c| lower(*c)) {
            head.push(nucleus.remove(0));
        }
        Some(Self { head, nucleus, coda: word[end..].to_vec(), tone })
    }

    /// Whether keys typed now may still reach the vowels: not across letters that end no syllable in this country.
    fn takes_keys(&self) -> bool {
        self.nucleus.len() <= 3 && self.coda.len() <= 2 && self.coda.iter().all(|c| "cghklmnpt".contains(lower(*c)))
    }

    /// Whether a final consonant of Vietnamese ends the syllable, k included (Đắk).
    fn is_closed(&self) -> bool {
        let coda: String = self.coda.iter().map(|c| lower(*c)).collect();
        ["c", "ch", "ck", "k", "m", "n", "ng", "nh", "p", "t"].contains(&coda.as_str())
    }

    fn spelled(self) -> Vec<char> {
        let seat = self.seat();
        let mut word = self.head;
        for (at, vowel) in self.nucleus.into_iter().enumerate() {
            word.push(vowel);
            word.extend(self.tone.filter(|_| at == seat));
        }
        word.extend(self.coda);
        word.into_iter().nfc().collect()
    }

    /// Where the tone stands, in the old style: hòa, thủy, khỏe, but hoàn, thuần, khuyến.
    fn seat(&self) -> usize {
        let last = self.nucleus.len() - 1;
        if let Some(marked) = self.nucleus.iter().rposition(|c| mark_of(*c).is_some()) {
            return marked;
        }
        match last {
            0 => 0,
            // Other letters ("Ríah") do not draw the tone towards them.
            _ if self.is_closed() => last,
            _ => last - 1,
        }
    }

    /// The tone set or replaced; if it was there already, taken away and reported as undone.
    fn toggled(self, tone: char) -> (Self, bool) {
        let tone = Some(tone).filter(|tone| self.tone != Some(*tone));
        (Self { tone, ..self }, tone.is_none())
    }

    /// The nucleus with a mark on one of `bases`, or without it if it was there (`true`: undone); `None` if no
    /// vowel can take the mark.
    fn marked(&self, bases: &str, hat: bool) -> Option<(Self, bool)> {
        // In "Ala", on the way to "Alăng", the l begins another syllable.
        if !self.coda.is_empty() && !self.is_closed() {
            return None;
        }
        let wanted = |c: char| bases.contains(base(c));
        let has = |c: char| wanted(c) && mark_of(c).is_some_and(|mark| (mark == CIRCUMFLEX) == hat);
        let half = !hat && self.is_half_horned();
        if self.nucleus.iter().any(|c| has(*c)) && !half {
            let bare = self.nucleus.iter().map(|c| if has(*c) { unmarked(*c) } else { *c });
            return Some((self.with(bare.collect()), true));
        }
        if !hat
            && bases.contains('o')
            && let Some(horned) = self.horned()
        {
            return Some((self.with(horned), false));
        }
        let mut seats: Vec<usize> = (0..self.nucleus.len()).filter(|at| wanted(self.nucleus[*at])).collect();
        // "ua" is ưa while open (mưa), uă before a consonant.
        if hat || !self.coda.is_empty() {
            seats.reverse();
        }
        let nuclei = seats.into_iter().flat_map(|at| {
            let mark = match base(self.nucleus[at]) {
                _ if hat => CIRCUMFLEX,
                'a' => BREVE,
                _ => HORN,
            };
            // The other vowels keep their marks if that can be said, and lose them if not: ưa + a is uâ.
            let bare = self.nucleus.iter().map(|c| unmarked(*c)).collect();
            [self.nucleus.clone(), bare].map(|mut nucleus| {
                nucleus[at] = with_mark(nucleus[at], mark);
                nucleus
            })
        });
        let nucleus = nuclei.into_iter().find(|nucleus| is_sayable(nucleus))?;
        Some((self.with(nucleus), false))
    }

    fn with(&self, nucleus: Vec<char>) -> Self {
        Self { nucleus, ..self.clone() }
    }

    /// "uo" with both horns; only the second after h, th, kh or at the beginning while nothing follows (thuở, uở).
    fn horned(&self) -> Option<Vec<char>> {
        let at = self.nucleus.windows(2).position(|pair| base(pair[0]) == 'u' && base(pair[1]) == 'o')?;
        let mut nucleus: Vec<char> = self.nucleus.clone();
        let onset: String = onset(&self.head).iter().map(|c| lower(*c)).collect();
        let open = nucleus.len() == 2 && self.coda.is_empty() && matches!(onset.as_str(), "" | "h" | "th" | "kh");
        if open && mark_of(nucleus[at]).is_none() {
            nucleus[at + 1] = with_mark(nucleus[at + 1], HORN);
        } else {
            nucleus[at] = with_mark(nucleus[at], HORN);
            nucleus[at + 1] = with_mark(nucleus[at + 1], HORN);
        }
        Some(nucleus)
    }

    /// "ưo": somebody types each horn by itself, and the second is still to come.
    fn is_half_horned(&self) -> bool {
        self.nucleus.windows(2).any(|pair| lower(pair[0]) == 'ư' && lower(pair[1]) == 'o')
    }

    /// Before a final, "ưo" and "uơ" can only be ươ; people who type one horn expect the other.
    fn closing_horns(self) -> Option<Self> {
        let [u, o] = self.nucleus[..] else { return None };
        let half = matches!((lower(u), lower(o)), ('ư', 'o') | ('u', 'ơ')) && self.coda.is_empty();
        half.then(|| Self { nucleus: vec![with_mark(u, HORN), with_mark(o, HORN)], ..self })
    }
}

/// Whether a nucleus with a new mark can be spoken; otherwise the key was meant as a letter (the second o of
/// "khoeo", the a of "rao" + "a").
fn is_sayable(nucleus: &[char]) -> bool {
    let text: String = nucleus.iter().map(|c| lower(*c)).collect();
    let Some((at, vowel)) = text.char_indices().find(|(_, c)| mark_of(*c).is_some()) else {
        return true;
    };
    let (before, after) = (&text[..at], &text[at + vowel.len_utf8()..]);
    let glides = matches!(before, "" | "i" | "u" | "y");
    match vowel {
        'ă' => (glides || before == "o") && after.is_empty(),
        'â' => glides && matches!(after, "" | "u" | "y"),
        'ê' => (glides || before == "uy") && matches!(after, "" | "u"),
        'ô' | 'ơ' => glides && matches!(after, "" | "i"),
        _ => before.is_empty() && matches!(after, "" | "a" | "i" | "u" | "ơ" | "ơi" | "ơu"),
    }
}

/// The consonants at the end of `head`.
fn onset(head: &[char]) -> &[char] {
    let start = head.iter().rposition(|c| is_vowel(*c)).map_or(0, |at| at + 1);
    &head[start..]
}

fn is_vowel(letter: char) -> bool {
    matches!(lower(without_tone(letter).0), 'a' | 'ă' | 'â' | 'e' | 'ê' | 'i' | 'o' | 'ô' | 'ơ' | 'u' | 'ư' | 'y')
}

fn lower(letter: char) -> char {
    // Letters whose small form is several characters are not Vietnamese and may stay as they are.
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    let mut small = letter.to_lowercase();
    small.next().filter(|_| small.next().is_none()).unwrap_or(letter)
}

fn without_tone(letter: char) -> (char, Option<char>) {
    if letter.is_ascii() {
        return (letter, None);
    }
    let tone = [letter].into_iter().nfd().find(|c| TONES.contains(c));
    let rest = [letter].into_iter().nfd().filter(|c| !TONES.contains(c)).nfc().next();
    (rest.unwrap_or(letter), tone)
}

fn mark_of(letter: char) -> Option<char> {
    [letter].into_iter().nfd().find(|c| matches!(*c, CIRCUMFLEX | BREVE | HORN))
}

fn unmarked(letter: char) -> char {
    [letter].into_iter().nfd().next().unwrap_or(letter)
}

fn base(letter: char) -> char {
    lower(unmarked(letter))
}

fn with_mark(letter: char, mark: char) -> char {
    [unmarked(letter), mark].into_iter().nfc().next().unwrap_or(letter)
}

#[cfg(test)]
mod tests;
