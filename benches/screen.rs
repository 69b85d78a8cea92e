//! What the kiosk's screen costs, against a bare Slint window of the same build in the same run: `cargo bench`.
//!
//! Prints a table and one line of JSON. Every figure of a process is taken from a fresh child of this program; the two
//! kinds take turns, and the middle of the rounds counts.
#![allow(clippy::disallowed_methods, reason = "a bench measures time")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a bench ends where it cannot measure")]

use bare::Bare;
use kiosk_ui::AppWindow;
use passport_kiosk::config::{Config, shipped_rules};
use passport_kiosk::domain::citizen::Date;
use passport_kiosk::domain::flow::{
    CardTap, ConsentTap, Event, FormTap, Key, Page, Purpose, Session, Setup, Tap, TriageTap,
};
use passport_kiosk::domain::form::Field;
use passport_kiosk::{sim::led, window};
use slint::{ComponentHandle, PhysicalSize};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

const ROUNDS: usize = 7;
const KEYS: usize = 60;
const SIZE: PhysicalSize = PhysicalSize { width: 1080, height: 1920 };

/// What one child measured of itself.
#[derive(Clone, Copy, Default)]
struct Figures {
    first_frame_ms: f64,
    key_ms: f64,
    rss_kb: f64,
    idle_ticks: f64,
}

/// What is measured, in which unit, and where it stands.
type Row = (&'static str, &'static str, fn(&Figures) -> f64);

fn main() {
    let begun = Instant::now();
    match std::env::args().nth(1).as_deref() {
        Some("child-bare") => child_bare(begun),
        Some("child-kiosk") => child_kiosk(begun),
        _ => compare(),
    }
}

fn compare() {
    let (mut bare, mut kiosk) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(child("child-bare"));
        kiosk.push(child("child-kiosk"));
    }
    let of = |all: &[Figures], figure: fn(&Figures) -> f64| {
        let mut values: Vec<f64> = all.iter().map(figure).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let rows: [Row; 4] = [
        ("cold start to first frame", "ms", |f| f.first_frame_ms),
        ("key press to frame", "ms", |f| f.key_ms),
        ("resident memory", "kB", |f| f.rss_kb),
        ("CPU of 2 idle seconds", "ticks", |f| f.idle_ticks),
    ];
    println!("{:<28}{:>12}{:>12}{:>9}", "median of 7", "bare", "kiosk", "ratio");
    let mut json = serde_json::Map::new();
    for (name, unit, figure) in rows {
        let (a, b) = (of(&bare, figure), of(&kiosk, figure));
        let ratio = if a > 0.0 { format!("{:.2}", b / a) } else { "–".to_owned() };
        println!("{name:<28}{a:>9.2} {unit:<2}{b:>9.2} {unit:<2}{ratio:>8}");
        let ratio = (a > 0.0).then(|| b / a);
        json.insert(name.replace(' ', "_"), serde_json::json!({ "bare": a, "kiosk": b, "unit": unit, "ratio": ratio }));
    }
    let sizes = binary_sizes_kb();
    let ratio = sizes.1 / sizes.0;
    println!("{:<28}{:>9.0} kB{:>9.0} kB{ratio:>8.2}", "binary size", sizes.0, sizes.1);
    json.insert(
        "binary_size".to_owned(),
        serde_json::json!({ "bare": sizes.0, "kiosk": sizes.1, "unit": "kB", "ratio": ratio }),
    );
    println!("{}", serde_json::Value::Object(json));
}

/// Of the bare program and of the kiosk with everything that simulates, both built as released.
fn binary_sizes_kb() -> (f64, f64) {
    let built = Command::new(env!("CARGO")).args(["build", "--release", "--quiet", "-p", "bare"]).status().unwrap();
    assert!(built.success(), "the bare program does not build");
    let kiosk = Path::new(env!("CARGO_BIN_EXE_kiosk"));
    let kb = |file: &Path| std::fs::metadata(file).unwrap().len() as f64 / 1024.0;
    (kb(&kiosk.with_file_name("bare")), kb(kiosk))
}

fn child(kind: &str) -> Figures {
    let begun = Instant::now();
    let out = Command::new(std::env::current_exe().unwrap()).arg(kind).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let mut numbers = text.split_whitespace().map(|number| number.parse::<f64>().unwrap());
    let mut next = || numbers.next().unwrap_or_else(|| panic!("{kind}: {}", String::from_utf8_lossy(&out.stderr)));
    let figures = Figures { first_frame_ms: next(), key_ms: next(), rss_kb: next(), idle_ticks: next() };
    assert!(figures.first_frame_ms < begun.elapsed().as_secs_f64() * 1e3);
    figures
}

fn child_bare(begun: Instant) {
    led::install().unwrap();
    let app = Bare::new().unwrap();
    app.show().unwrap();
    app.window().set_size(SIZE);
    let draw = || drop(app.window().take_snapshot().unwrap());
    draw();
    let first = begun.elapsed();
    let mut text = String::new();
    let key = median((0..KEYS).map(|_| {
        let begun = Instant::now();
        text.push('a');
        app.set_said(text.as_str().into());
        draw();
        begun.elapsed()
    }));
    report(first, key);
}

fn child_kiosk(begun: Instant) {
    let today = Date::new(2026, 11, 23).unwrap();
    led::install().unwrap();
    let app = AppWindow::new().unwrap();
    let config =
        Config::read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk-config/kiosk.toml")), today).unwrap();
    window::prepare(&app, &config, true);
    let rules = shipped_rules(today).unwrap();
    let setup =
        Setup { rules, idle_warn_s: 60, idle_wipe_s: 90, qr_visible_s: 20, place: String::new(), page: String::new() };
    let mut session = Session::new(Arc::new(setup));
    window::render(&app, &session.view());
    app.show().unwrap();
    app.window().set_size(SIZE);
    let draw = || drop(app.window().take_snapshot().unwrap());
    draw();
    let first = begun.elapsed();
    session.step(Event::Tap(Tap::Start { today }));
    while let Some(Page::Question(question)) = session.view().triage.map(|triage| triage.page) {
        session.step(Event::Tap(Tap::Triage(TriageTap::Reply(question.replies()[0]))));
    }
    session.step(Event::Tap(Tap::Next));
    for purpose in Purpose::ALL {
        session.step(Event::Tap(Tap::Consent(ConsentTap::Toggle(purpose))));
    }
    for tap in [Tap::Next, Tap::Card(CardTap::ByHand), Tap::Form(FormTap::Focus(Field::MiddleGiven))] {
        session.step(Event::Tap(tap));
    }
    window::render(&app, &session.view());
    draw();
    let letters = "nguyeenx thij thuwr nghieemj ".chars().cycle();
    let key = median(letters.take(KEYS).map(|letter| {
        let begun = Instant::now();
        session.step(Event::Key(Key::Char(letter)));
        window::render(&app, &session.view());
        draw();
        begun.elapsed()
    }));
    report(first, key);
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    times[times.len() / 2]
}

fn report(first: Duration, key: Duration) {
    let rss = status_kb("VmRSS:");
    let before = cpu_ticks();
    std::thread::sleep(Duration::from_secs(2));
    let idle = cpu_ticks() - before;
    println!("{} {} {rss} {idle}", first.as_secs_f64() * 1e3, key.as_secs_f64() * 1e3);
}

fn status_kb(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// User and system time of this process, in ticks.
fn cpu_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}
