//! What README.md tells people to type exists.

use super::read;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// `kiosk …` and `intake …` as README.md writes them, in code blocks and in backticks: words and options.
fn told(readme: &str) -> BTreeSet<(String, Vec<String>, Vec<String>)> {
    let mut found = BTreeSet::new();
    let mut in_block = false;
    for line in readme.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
            continue;
        }
        let pieces: Vec<&str> = if in_block { vec![line] } else { line.split('`').skip(1).step_by(2).collect() };
        for piece in pieces {
            let piece = piece.split('#').next().unwrap_or_default().trim();
            let piece =
                piece.strip_prefix("cargo run --release -- ").map_or(piece.to_owned(), |rest| format!("kiosk {rest}"));
            let mut words = piece.split_whitespace();
            let Some(program @ ("kiosk" | "intake")) = words.next() else {
                continue;
            };
            let words: Vec<&str> = words.collect();
            let is_name =
                |word: &str| !word.starts_with('-') && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            let named = words.iter().take_while(|word| is_name(word));
            let options = words.iter().filter(|word| word.starts_with("--"));
            found.insert((
                program.to_owned(),
                named.map(|word| (*word).to_owned()).collect(),
                options.map(|word| (*word).to_owned()).collect(),
            ));
        }
    }
    found
}

#[test]
fn every_command_in_the_readme_exists_with_its_options() {
    if !Path::new("README.md").is_file() {
        println!("skipped: there is no README.md yet");
        return;
    }
    let told = told(&read(Path::new("README.md")));
    assert!(told.len() >= 8, "{told:?}");
    for (program, words, options) in told {
        let binary = if program == "kiosk" { env!("CARGO_BIN_EXE_kiosk") } else { env!("CARGO_BIN_EXE_intake") };
        let help = Command::new(binary).args(&words).arg("--help").output().unwrap();
        let text = String::from_utf8_lossy(&help.stdout);
        assert!(help.status.success(), "{program} {} does not exist", words.join(" "));
        for option in options {
            assert!(text.contains(&option), "{program} {} has no {option}", words.join(" "));
        }
    }
}

#[test]
fn every_feature_and_binary_in_the_readme_exists() {
    let readme = read(Path::new("README.md"));
    let manifest = read(Path::new("Cargo.toml"));
    let after = |mark: &str| -> BTreeSet<String> {
        let names = readme.split(mark).skip(1).filter_map(|rest| rest.split_whitespace().next());
        names.flat_map(|names| names.split(',')).map(|name| name.trim_matches(['`', '.', ')']).to_owned()).collect()
    };
    for feature in after("--features ") {
        assert!(manifest.contains(&format!("\n{feature} = [")), "no feature {feature}");
    }
    for binary in after("--bin ") {
        assert!(manifest.contains(&format!("\nname = \"{binary}\"")), "no binary {binary}");
    }
}
