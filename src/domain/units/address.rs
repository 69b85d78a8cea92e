//! An address as words: what separates them, how they are compared, which of them say what kind of unit follows.

use super::Kind;
use crate::domain::typing;
use unicode_normalization::UnicodeNormalization;

/// What stands before a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// Nothing but spaces, dots, apostrophes.
    Space,
    /// A dash, which also stands inside names ("Bà Rịa - Vũng Tàu").
    Dash,
    /// A comma or what else ends a part, or the beginning.
    Comma,
}

/// One word of an address.
#[derive(Clone, Debug)]
pub(super) struct Token {
    /// Where it begins, in bytes.
    pub(super) start: usize,
    pub(super) gap: Gap,
    /// Small, without marks, y as i, numbers without leading zeros.
    pub(super) key: String,
    /// Small, with marks, the tone after all letters: "hoà" and "hòa" are the same.
    pub(super) marked: String,
}

/// Several words as one, to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    pub(super) key: String,
    pub(super) marked: String,
}

impl Spelling {
    pub(super) fn of(words: &[Token]) -> Self {
        Self {
            key: words.iter().map(|word| word.key.as_str()).collect(),
            marked: words.iter().map(|word| word.marked.as_str()).collect(),
        }
    }
}

/// The words of `text`; a number is a word of its own ("Q1" is two).
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    let mut gap = Gap::Comma;
    let mut run: Option<(usize, bool)> = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ',')]) {
        let is_digit = letter.is_ascii_digit();
        // Combining marks belong to the letter before them: text may come decomposed.
        let in_word =
            letter.is_alphanumeric() || (run.is_some() && unicode_normalization::char::is_combining_mark(letter));
        if let Some((start, digits)) = run
            && (!in_word || (is_digit && !digits))
        {
            found.push(token(&text[start..at], start, gap));
            (run, gap) = (None, Gap::Space);
        }
        if in_word {
            run = run.or(Some((at, is_digit)));
        } else {
            gap = gap.max(match letter {
                ',' | ';' | '\n' | '|' => Gap::Comma,
                '-' | '–' | '—' => Gap::Dash,
                _ => Gap::Space,
            });
        }
    }
    found
}

fn token(word: &str, start: usize, gap: Gap) -> Token {
    let number = word.trim_start_matches('0');
    if word.bytes().all(|byte| byte.is_ascii_digit()) && !number.is_empty() {
        return Token { start, gap, key: number.to_owned(), marked: number.to_owned() };
    }
    let key = typing::fold(word).replace('y', "i");
    let (tones, letters): (Vec<char>, Vec<char>) =
        word.nfd().flat_map(char::to_lowercase).partition(|c| "\u{300}\u{301}\u{303}\u{309}\u{323}".contains(*c));
    let marked = letters.into_iter().map(|c| if c == 'y' { 'i' } else { c }).chain(tones).collect();
    Token { start, gap, key, marked }
}

/// The kind named by the words just before `at`, and where those words begin. "xã" and "xa" name one, "xá" does not.
pub(super) fn kind_before(words: &[Token], at: usize) -> Option<(Kind, usize)> {
    if words.get(at).is_none_or(|name| name.gap != Gap::Space) {
        return None;
    }
    let says =
        |word: &Token, plain: &str, marked: &str| word.key == plain && (word.marked == plain || word.marked == marked);
    if let Some([first, second]) = at.checked_sub(2).and_then(|from| words.get(from..at))
        && second.gap == Gap::Space
    {
        let pairs = [
            (Kind::Township, ("thi", "thi\u{323}"), ("tran", "tra\u{302}n\u{301}")),
            (Kind::Town, ("thi", "thi\u{323}"), ("xa", "xa\u{303}")),
            (Kind::City, ("thanh", "thanh\u{300}"), ("pho", "pho\u{302}\u{301}")),
            (Kind::Zone, ("dac", "đa\u{306}c\u{323}"), ("khu", "khu")),
        ];
        let pair = pairs.into_iter().find(|(_, a, b)| says(first, a.0, a.1) && says(second, b.0, b.1));
        if let Some((kind, ..)) = pair {
            return Some((kind, at - 2));
        }
    }
    let before = words.get(at.checked_sub(1)?)?;
    let singles = [
        (Kind::Commune, "xa", "xa\u{303}"),
        (Kind::Commune, "x", "x"),
        (Kind::Ward, "phuong", "phu\u{31b}o\u{31b}ng\u{300}"),
        (Kind::Ward, "p", "p"),
        (Kind::Township, "tt", "tt"),
        (Kind::Zone, "dk", "đk"),
        (Kind::Huyen, "huien", "huie\u{302}n\u{323}"),
        (Kind::Huyen, "h", "h"),
        (Kind::Quan, "quan", "qua\u{302}n\u{323}"),
        (Kind::Quan, "q", "q"),
        (Kind::Town, "tx", "tx"),
        (Kind::City, "tp", "tp"),
        (Kind::Province, "tinh", "tinh\u{309}"),
        (Kind::Province, "t", "t"),
    ];
    let single = singles.into_iter().find(|(_, plain, marked)| says(before, plain, marked));
    single.map(|(kind, ..)| (kind, at - 1))
}
