//! No code without words, and no words without a translation.

use super::{files, read};
use std::collections::BTreeMap;
use std::path::Path;

/// Enums that the screens answer with pictures or with sentences of their own.
const WITHOUT_WORDS: &[&str] = &[
    "Contrast",
    "Delivery",
    "FieldKind",
    "KeyboardLayout",
    "PrinterCode",
    "PrintingCode",
    "ReaderState",
    "Screen",
    "TextSize",
    "TicketKind",
    "TriagePage",
];
/// Codes that mean: nothing to say, or the text is in the data.
const SILENT: &[&str] = &["none", "listed"];
/// Fields answered by pressing need no example of what to write.
const WITHOUT_EXAMPLE: &[&str] =
    &["sex", "ever-issued", "first-confirmed", "request", "change-kind", "chip", "receive-mode"];

/// `words.slint` and what stands beside it in `words/`.
fn words() -> String {
    let more = files("ui/words", &["slint"]).into_iter().map(|file| read(&file));
    std::iter::once(read(Path::new("ui/words.slint"))).chain(more).collect()
}

/// `export enum Name { code, code }` of a Slint file.
fn enums(text: &str) -> BTreeMap<String, Vec<String>> {
    let bare: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let bare = bare.join(" ");
    let enums = bare.split("export enum ").skip(1).filter_map(|rest| {
        let (name, rest) = rest.split_once('{')?;
        let codes = rest.split('}').next()?.split(',').map(str::trim).filter(|code| !code.is_empty());
        Some((name.trim().to_owned(), codes.map(str::to_owned).collect()))
    });
    enums.collect()
}

#[test]
fn every_code_has_words() {
    let enums = enums(&read(Path::new("ui/kiosk.slint")));
    assert!(enums.len() >= 14, "{:?}", enums.keys());
    let words = words();
    let mut said = Vec::new();
    let mut silent = Vec::new();
    for function in words.split("public pure function ").skip(1) {
        let (name, rest) = function.split_once('(').unwrap();
        let of = rest.split_once(": ").and_then(|(_, rest)| rest.split_once(')')).unwrap().0;
        let Some(codes) = enums.get(of) else { continue };
        said.push(of.to_owned());
        for code in codes.iter().filter(|code| !SILENT.contains(&code.as_str())) {
            let exempt = name == "example" && WITHOUT_EXAMPLE.contains(&code.as_str());
            let sentence = function.split_once(&format!("== {of}.{code} {{ ")).map(|(_, rest)| rest);
            let has_words = sentence.is_some_and(|rest| {
                let text = rest.strip_prefix("@tr(\"").or_else(|| rest.strip_prefix('"'));
                text.is_some_and(|text| !text.starts_with('"'))
            });
            if !has_words && !exempt {
                silent.push(format!("{name}: {code}"));
            }
        }
    }
    assert!(silent.is_empty(), "no words for {silent:?}");
    let unsaid: Vec<_> =
        enums.keys().filter(|name| !said.contains(name) && !WITHOUT_WORDS.contains(&name.as_str())).collect();
    assert!(unsaid.is_empty(), "no function in words.slint takes {unsaid:?}");
}

#[test]
fn every_message_says_what_happened_and_what_to_do_now() {
    let words = words();
    for name in ["problem", "card", "trouble", "door", "attention", "done", "advice", "print"] {
        for half in ["what", "now"] {
            assert!(words.contains(&format!("function {name}-{half}(")), "{name} has no {half}");
        }
    }
}

/// The strings in `@tr(…)`, one or two each, as they are written.
fn translatable(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("@tr(") {
        let mut rest = &text[at + 4..];
        while let Some(quoted) = rest.trim_start().strip_prefix('"') {
            let end = end_of_string(quoted);
            found.push(quoted[..end].to_owned());
            match quoted[end + 1..].trim_start().strip_prefix('|') {
                Some(plural) => rest = plural,
                None => break,
            }
        }
    }
    found
}

fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    let end = text.char_indices().find(|(_, letter)| {
        let ends = *letter == '"' && !escaped;
        escaped = *letter == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |(at, _)| at)
}

/// Translations by their source, plural forms too. Long strings may be continued on further lines.
fn translations(po: &str) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut sources, mut translated) = (Vec::<String>::new(), Vec::<String>::new());
    for line in po.lines().map(str::trim).chain([""]) {
        let text = line.split_once('"').map(|(_, rest)| rest[..end_of_string(rest)].to_owned());
        match (line.split([' ', '[']).next().unwrap_or_default(), text) {
            ("msgid" | "msgid_plural", Some(text)) => sources.push(text),
            ("msgstr", Some(text)) => translated.push(text),
            (_, Some(more)) if line.starts_with('"') => {
                let last = if translated.is_empty() { sources.last_mut() } else { translated.last_mut() };
                last.expect("a continued string").push_str(&more);
            }
            ("", None) => {
                for source in sources.drain(..) {
                    found.insert(source, translated.clone());
                }
                translated.clear();
            }
            _ => {}
        }
    }
    found
}

#[test]
fn every_sentence_is_there_in_english() {
    let translations = translations(&read(Path::new("ui/lang/en/LC_MESSAGES/kiosk-ui.po")));
    let screens: Vec<_> = files("ui", &["slint"]).into_iter().map(|file| read(&file)).collect();
    let used: Vec<String> = screens.iter().flat_map(|text| translatable(text)).collect();
    assert!(used.len() > 200, "{} sentences", used.len());
    let missing: Vec<&String> = used
        .iter()
        .filter(|source| {
            translations.get(*source).is_none_or(|texts| texts.is_empty() || texts.iter().any(String::is_empty))
        })
        .collect();
    assert!(missing.is_empty(), "not in the .po file: {missing:#?}");
    let unused: Vec<&String> =
        translations.keys().filter(|source| !source.is_empty() && !used.contains(source)).collect();
    assert!(unused.is_empty(), "no screen says any more: {unused:#?}");
}

#[test]
fn a_translation_has_the_same_blanks_as_its_source() {
    let translations = translations(&read(Path::new("ui/lang/en/LC_MESSAGES/kiosk-ui.po")));
    for (source, texts) in translations.iter().filter(|(source, _)| !source.is_empty()) {
        for text in texts {
            for blank in ["{}", "{n}"] {
                assert_eq!(text.matches(blank).count(), source.matches(blank).count(), "{source:?} → {text:?}");
            }
        }
    }
}
