//! Rules about the repository, as tests: `cargo test` is the whole truth.

mod commands;
mod units;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

/// Files below `folder` with one of these endings, sorted; never build output.
fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn sources(endings: &[&str]) -> Vec<PathBuf> {
    ["src", "tests", "ui", "benches"].iter().flat_map(|folder| files(folder, endings)).collect()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn is_test(file: &Path) -> bool {
    file.starts_with("tests") || file.ends_with("tests.rs") || file.components().any(|part| part.as_os_str() == "tests")
}

/// Every line that `wrong` objects to, as `file:line: text`.
#[track_caller]
fn check_lines(files: impl IntoIterator<Item = PathBuf>, wrong: impl Fn(&Path, &str) -> bool) {
    let mut found = Vec::new();
    for file in files {
        for (number, line) in (1..).zip(read(&file).lines()) {
            if wrong(&file, line) {
                found.push(format!("{}:{number}: {}", file.display(), line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_domain_reads_no_clock_touches_no_disk_and_knows_no_toolkit() {
    const FOREIGN: &[&str] = &[
        "std::fs",
        "std::net",
        "std::env",
        "std::thread",
        "std::process",
        "std::io",
        "SystemTime",
        "Instant",
        "rusqlite",
        "tokio",
        "slint",
        "serde",
        "getrandom",
        "fastrand",
        "reqwest",
        "println!",
    ];
    let files = [vec![PathBuf::from("src/domain.rs")], files("src/domain", &["rs"])].concat();
    assert!(files.len() > 15);
    let mut found = Vec::new();
    for file in files.into_iter().filter(|file| !is_test(file)) {
        let text = read(&file);
        let program = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in (1..).zip(program.lines()) {
            let code = line.split("//").next().unwrap_or_default();
            if FOREIGN.iter().any(|word| code.contains(word)) {
                found.push(format!("{}:{number}: {}", file.display(), line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Who may know whom, ARCHITECTURE.md. Whole modules, or one thing of a module with the reason beside it.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("domain", &["domain"]),
    ("journal", &[]),
    ("envelope", &["envelope"]),
    ("worker", &[]),
    ("stretch", &[]),
    ("reader", &["reader", "domain", "journal", "worker"]),
    ("printer", &["printer", "domain", "worker"]),
    // The sealed content and the receipt are the wire's own shapes; the queue seals the one and keeps the other.
    // An exported submission is a parcel, which the office takes.
    (
        "queue",
        &["queue", "domain", "envelope", "journal", "gateway::dossier", "gateway::parcel", "gateway::wire", "sqlite"],
    ),
    // What is due is what the queue gives out; a shape of its own would be the same again.
    ("gateway", &["gateway", "domain", "envelope", "queue::store::Due"]),
    // A heartbeat says how far the wall clock is off; a newer bundle's key is chosen by its suite.
    ("sync", &["clock", "domain", "envelope::Suite", "gateway", "journal", "queue"]),
    ("clock", &["domain"]),
    // A configuration is made of the values it configures; whether a file holds certificates only the client can say.
    (
        "config",
        &[
            "config",
            "domain",
            "envelope",
            "gateway::trust",
            "gateway::http::holds_certificates",
            "queue::standing::Limits",
            "reader::Line",
            // The module and what a line of it is made of.
            "printer",
        ],
    ),
    ("camera", &["camera", "domain", "worker"]),
    ("keep", &["keep", "domain", "stretch", "worker"]),
    ("device", &["envelope", "journal"]),
    // The window draws what the loop shows and tells it what was touched.
    (
        "window",
        &[
            "window",
            "domain",
            "journal",
            "clock",
            "config",
            "kiosk::Shown",
            "kiosk::Tell",
            "kiosk::ToPrint",
            "speech",
            "printer::Raster",
            "printer::raster",
        ],
    ),
    ("sqlite", &[]),
    ("officer", &["officer", "domain", "journal", "sqlite", "stretch"]),
    (
        "kiosk",
        &[
            "camera", "clock", "config", "device", "domain", "envelope", "gateway", "journal", "keep", "officer",
            "printer", "queue", "reader", "stretch", "sync",
        ],
    ),
    ("office", &["office", "clock", "config", "domain", "envelope", "gateway"]),
];

#[test]
fn no_module_knows_more_than_the_map_allows() {
    let mut wrong = Vec::new();
    for (module, may) in MAY_KNOW {
        let mut own = vec![PathBuf::from(format!("src/{module}.rs"))];
        if Path::new("src").join(module).is_dir() {
            own.extend(files(&format!("src/{module}"), &["rs"]));
        }
        for file in own.into_iter().filter(|file| !is_test(file)) {
            for known in known(&read(&file)) {
                let allowed = may.iter().any(|may| known == *may || known.starts_with(&format!("{may}::")));
                if !allowed {
                    wrong.push(format!("{} knows {known}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What follows `crate::` in a file, groups in braces taken apart.
fn known(text: &str) -> Vec<String> {
    let code: String =
        text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::").filter(|(at, _)| !code[..*at].ends_with('$')) {
        let path = &code[at + "crate::".len()..];
        let end = path.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(path.len());
        let (stem, rest) = path.split_at(end);
        let group = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        match group {
            Some((names, _)) => found.extend(names.split(',').filter_map(|name| {
                let name = name.trim().split(' ').next().unwrap_or_default();
                (!name.is_empty()).then(|| format!("{stem}{name}").replace("::self", ""))
            })),
            None => found.push(stem.trim_end_matches(':').to_owned()),
        }
    }
    found
}

#[test]
fn the_office_and_the_simulators_are_not_in_the_production_kiosk() {
    let text = read(Path::new("src/lib.rs"));
    for module in ["office", "sim"] {
        let gated = format!("#[cfg(feature = \"{module}\")]\npub mod {module};");
        assert!(text.contains(&gated), "{module} is not behind its feature");
    }
    check_lines(files("src", &["rs"]), |file, line| {
        let outside = !file.starts_with("src/sim") && !file.starts_with("src/commands") && !is_test(file);
        outside && (line.contains("crate::sim") || line.contains("passport_kiosk::sim"))
    });
}

#[test]
fn every_screen_of_the_flow_has_its_namesake_among_the_screens() {
    let names = |folder: &str, ending: &str| -> Vec<String> {
        let stems =
            files(folder, &[ending]).into_iter().map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned());
        stems.filter(|name| !["events", "kept", "readings", "rows", "view"].contains(&name.as_str())).collect()
    };
    assert_eq!(names("src/domain/flow", "rs"), names("ui/screens", "slint"));
}

#[test]
fn no_file_is_longer_than_five_hundred_lines() {
    let long: Vec<String> = sources(&["rs", "slint"])
        .into_iter()
        .map(|file| (read(&file).lines().count(), file))
        .filter(|(lines, _)| *lines > 500)
        .map(|(lines, file)| format!("{}: {lines} lines", file.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn nothing_is_left_to_be_done() {
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X:"),
        concat!("to", "do!("),
        concat!("unimpl", "emented!("),
    ];
    let files = [sources(&["rs", "slint", "sql", "yaml"]), files("kiosk-config", &["toml", "tsv"])].concat();
    check_lines(files, |_, line| marks.iter().any(|mark| line.contains(mark)));
}

#[test]
fn no_test_is_skipped_or_waits_by_sleeping() {
    const SLEEPS: &[(&str, &str)] =
        &[("tests/it/sync/post.rs", "looks again at a counter, under a deadline; nothing is concluded from the time")];
    let skips = [concat!("#[ig", "nore"), concat!("#[should_", "panic")];
    let sleeps = [concat!("thread::", "sleep"), concat!("time::", "sleep")];
    check_lines(sources(&["rs"]).into_iter().filter(|file| is_test(file)), |file, line| {
        let may_sleep = SLEEPS.iter().any(|(name, _)| file.ends_with(name));
        skips.iter().any(|skip| line.contains(skip)) || (!may_sleep && sleeps.iter().any(|sleep| line.contains(sleep)))
    });
}

#[test]
fn every_exception_to_a_lint_says_why() {
    let mut wrong = Vec::new();
    for file in sources(&["rs"]) {
        let text = read(&file);
        for mark in [concat!("[al", "low("), concat!("[exp", "ect(")] {
            for (at, _) in text.match_indices(mark) {
                let attribute = text[at..].split(")]").next().unwrap_or_default();
                if text[..at].ends_with(['#', '!']) && !attribute.contains("reason = \"") {
                    wrong.push(format!("{}:{}", file.display(), text[..at].lines().count()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Numbers of real people begin with the code of a province or a country; 000 and 099 are nobody's.
#[test]
fn every_personal_number_is_an_invented_one() {
    let folders = ["src", "tests", "ui", "kiosk-config", "benches"];
    let endings = ["rs", "toml", "tsv", "slint", "po", "yaml", "sql", "json", "txt"];
    let files = folders.iter().flat_map(|folder| files(folder, &endings));
    check_lines(files, |_, line| {
        let runs = line.split(|c: char| !c.is_alphanumeric());
        runs.filter(|run| run.len() == 12 && run.bytes().all(|byte| byte.is_ascii_digit()))
            .any(|run| !run.starts_with("000") && !run.starts_with("099"))
    });
}
