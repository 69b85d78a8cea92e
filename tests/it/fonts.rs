//! The embedded fonts can say everything the screens say, and no tone mark stands out of its line.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use ttf_parser::Face;

const FONTS: [&str; 2] = ["ui/fonts/NotoSans-Regular.ttf", "ui/fonts/NotoSans-Bold.ttf"];

/// Every letter of Vietnamese that Unicode has as one character, both cases, all tones.
fn letters() -> BTreeSet<char> {
    let plain = "aăâbcdđeêghiklmnoôơpqrstuưvxyfjwz";
    let toned = "àảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ";
    let small = plain.chars().chain(toned.chars());
    let letters: BTreeSet<char> =
        small.flat_map(|letter| [Some(letter), letter.to_uppercase().next()]).flatten().collect();
    assert_eq!(letters.len(), 2 * (29 + 4 + 60), "12 vowels with five tones each, 29 letters, and f j w z");
    letters
}

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(path.to_str().unwrap(), ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found
}

fn with_font(check: impl Fn(&str, &Face<'_>)) {
    for file in FONTS {
        let bytes = fs::read(file).unwrap();
        check(file, &Face::parse(&bytes, 0).unwrap());
    }
}

/// Letters whose ink leaves the line between `ascender` and `descender`, in font units.
fn clipped(face: &Face<'_>, ascender: i16, descender: i16) -> Vec<char> {
    let leaves = |letter: &char| {
        let glyph = face.glyph_index(*letter).unwrap();
        let ink = face.glyph_bounding_box(glyph);
        ink.is_some_and(|ink| ink.y_max > ascender || ink.y_min < descender)
    };
    letters().into_iter().filter(leaves).collect()
}

#[test]
fn every_vietnamese_letter_and_every_character_on_the_screens_has_a_glyph() {
    let mut shown = letters();
    let mut sources: Vec<PathBuf> =
        [files("ui", "slint"), files("ui/lang", "po"), files("kiosk-config", "tsv")].concat();
    sources.extend(files("kiosk-config/sites", "toml"));
    sources.push(Path::new("kiosk-config/rules/offices.toml").to_owned());
    assert!(sources.len() > 20, "the sources are there");
    for file in sources {
        let text = fs::read_to_string(&file).unwrap();
        // Comments are for people who read the file.
        let lines =
            text.lines().filter(|line| !line.trim_start().starts_with("//") && !line.trim_start().starts_with('#'));
        shown.extend(lines.flat_map(str::chars).filter(|letter| !letter.is_control()));
    }
    // Names of keys between the screens and the kiosk; drawn as pictures.
    for key in ['⌫', '⇧', '⏎', '⇥'] {
        shown.remove(&key);
    }
    // Bullets of a masked number, and what PersonName lets through.
    shown.extend("•–—“”‘’…·◌₫".chars());
    with_font(|file, face| {
        let missing: Vec<char> = shown.iter().copied().filter(|letter| face.glyph_index(*letter).is_none()).collect();
        assert_eq!(missing, [' '; 0], "{file} has no glyph for these");
    });
}

#[test]
fn tones_typed_as_marks_of_their_own_have_glyphs_too() {
    with_font(|file, face| {
        for mark in ['\u{300}', '\u{301}', '\u{303}', '\u{306}', '\u{309}', '\u{323}'] {
            assert!(face.glyph_index(mark).is_some(), "{file} has no {mark:?}");
        }
    });
}

/// Slint cuts text off at the font's ascender and descender (`slint.md` 3): "NGUYỄN" would read "NGUYÊN".
#[test]
fn no_letter_is_taller_or_deeper_than_its_line() {
    with_font(|file, face| assert_eq!(clipped(face, face.ascender(), face.descender()), [' '; 0], "{file}"));
}

/// The same measure finds the mistake: with the ascender of Be Vietnam Pro (1.0 em), stacked marks would be cut off.
#[test]
fn a_font_with_too_low_an_ascender_would_be_found() {
    with_font(|file, face| {
        let em = i16::try_from(face.units_per_em()).unwrap();
        let cut = clipped(face, em, face.descender());
        for letter in ['Ắ', 'Ễ', 'Ỗ'] {
            assert!(cut.contains(&letter), "{file}: {letter} fits below 1 em: {cut:?}");
        }
        assert!(!cut.contains(&'A'));
    });
}
