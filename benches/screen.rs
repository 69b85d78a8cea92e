//! What the kiosk's screen costs, against a bare Slint window of the same build in the same run: `cargo bench --bench screen`.
//!
//! Both are painted by the software renderer into a buffer of 1080×1920 pixels: whole frames, which the goals are about, and
//! only what has changed, which is what the appliance does after the first frame. Every figure of a process is taken from a fresh child of this program; the two kinds take turns, and the
//! middle of the rounds counts. A key is timed from the event to the painted frame: session, view, properties and pixels;
//! so is the change from one screen or step to the next. Prints a table and one line of JSON.
#![allow(clippy::disallowed_methods, reason = "a bench measures time")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a bench ends where it cannot measure")]

#[path = "screen/canvas.rs"]
mod canvas;

use bare::Bare;
use canvas::{Canvas, Frame};
use kiosk_ui::AppWindow;
use passport_kiosk::config::Config;
use passport_kiosk::domain::citizen::Date;
use passport_kiosk::domain::flow::{CameraOrder, CameraState, Effect, Event, Saved, Screen, Session};
use passport_kiosk::domain::photo::{Picture, Portrait, Seen, Shot};
use passport_kiosk::sim::visit;
use passport_kiosk::window;
use slint::ComponentHandle;
use std::alloc::System;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// As in the kiosk itself: what is freed is wiped, and that has its price.
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<System> = zeroizing_alloc::ZeroAlloc(System);

const ROUNDS: usize = 7;
const BARE_FRAMES: usize = 200;
/// Visits whose keys and changes are timed.
const TIMED_VISITS: usize = 3;
/// After so many visits, each with a portrait of 1.5 MB, memory is compared.
const MANY: [usize; 2] = [100, 200];

/// What one child measured of itself.
#[derive(Clone, Copy, Default)]
struct Figures([f64; 11]);

/// Where a figure stands, its name, its unit, and the ratio that is our goal.
type Row = (usize, &'static str, &'static str, Option<f64>);

const ROWS: [Row; 11] = [
    (0, "cold start to first frame", "ms", Some(1.5)),
    (1, "key to whole frame", "ms", Some(3.0)),
    (2, "key to whole frame, p99", "ms", None),
    (3, "change to whole frame", "ms", Some(5.0)),
    (4, "change to whole frame, p99", "ms", None),
    (5, "key to changed pixels", "ms", None),
    (6, "key to changed pixels, p99", "ms", None),
    (7, "change to changed pixels", "ms", None),
    (8, "change to changed, p99", "ms", None),
    (9, "resident memory", "kB", None),
    (10, "CPU of 2 idle seconds", "ticks", None),
];

fn main() {
    let begun = Instant::now();
    match std::env::args().nth(1).as_deref() {
        Some("child-bare") => child_bare(begun),
        Some("child-kiosk") => child_kiosk(begun),
        Some("child-many") => child_many(begun),
        _ => compare(),
    }
}

fn compare() {
    let (mut bare, mut kiosk) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(Figures(numbers("child-bare")));
        kiosk.push(Figures(numbers("child-kiosk")));
    }
    let of = |all: &[Figures], at: usize| {
        let mut values: Vec<f64> = all.iter().map(|figures| figures.0[at]).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    println!("{:<28}{:>12}{:>12}{:>9}{:>8}", "median of 7", "bare", "kiosk", "ratio", "goal");
    let mut json = serde_json::Map::new();
    for (at, name, unit, goal) in ROWS {
        let (a, b) = (of(&bare, at), of(&kiosk, at));
        let ratio = (a > 0.0).then(|| b / a);
        let shown = ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2}"));
        let aim = goal.map_or(String::new(), |goal| format!("≤ {goal}"));
        println!("{name:<28}{a:>9.2} {unit:<2}{b:>9.2} {unit:<2}{shown:>8}{aim:>8}");
        let entry = serde_json::json!({ "bare": a, "kiosk": b, "unit": unit, "ratio": ratio, "goal": goal });
        json.insert(name.replace(' ', "_"), entry);
    }
    let [first, second]: [f64; 2] = numbers("child-many");
    println!("memory after {} citizens: {first:.0} kB, after {}: {second:.0} kB", MANY[0], MANY[1]);
    json.insert("memory_kb_after_100_and_200_citizens".to_owned(), serde_json::json!([first, second]));
    let sizes = binary_sizes_kb();
    let ratio = sizes.1 / sizes.0;
    println!("{:<28}{:>9.0} kB{:>9.0} kB{ratio:>8.2}", "binary size", sizes.0, sizes.1);
    let entry = serde_json::json!({ "bare": sizes.0, "kiosk": sizes.1, "unit": "kB", "ratio": ratio });
    json.insert("binary_size".to_owned(), entry);
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

fn numbers<const N: usize>(kind: &str) -> [f64; N] {
    let out = Command::new(std::env::current_exe().unwrap()).arg(kind).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let numbers: Vec<f64> = text.split_whitespace().map(|number| number.parse().unwrap()).collect();
    numbers.try_into().unwrap_or_else(|_| panic!("{kind}: {}", String::from_utf8_lossy(&out.stderr)))
}

fn child_bare(begun: Instant) {
    let mut canvas = Canvas::install(begun);
    let app = Bare::new().unwrap();
    app.show().unwrap();
    canvas.paint();
    let first = begun.elapsed();
    let timed = [Frame::Whole, Frame::Changed].map(|frame| {
        canvas.paints(frame);
        let mut times = Times::default();
        let mut text = String::new();
        for number in 0..BARE_FRAMES {
            // A line of a form, not an ever longer one.
            if number % 30 == 0 {
                text.clear();
            }
            let begun = Instant::now();
            text.push('a');
            app.set_said(text.as_str().into());
            canvas.paint();
            times.keys.push(begun.elapsed());
            canvas.settle();
        }
        for number in 0..BARE_FRAMES {
            let begun = Instant::now();
            app.set_second(number % 2 == 0);
            canvas.paint();
            times.changes.push(begun.elapsed());
            canvas.settle();
        }
        times
    });
    report(first, timed, &mut canvas);
}

/// From the event to the painted frame.
#[derive(Default)]
struct Times {
    keys: Vec<Duration>,
    changes: Vec<Duration>,
}

/// The kiosk's window before its session, without threads.
struct Kiosk {
    app: AppWindow,
    session: Session,
    today: Date,
    canvas: Canvas,
    times: Times,
}

impl Kiosk {
    /// As the kiosk starts: the configuration is read, the welcome screen painted.
    fn start(begun: Instant) -> Self {
        let today = Date::new(2026, 11, 23).unwrap();
        let mut canvas = Canvas::install(begun);
        let file = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk-config/kiosk.toml"));
        let config = Config::read(file, today).unwrap();
        let app = AppWindow::new().unwrap();
        window::prepare(&app, &config, true);
        let mut session = Session::new(Arc::new(config.setup));
        session.step(Event::Camera(CameraState::Ready));
        window::render(&app, &session.view());
        app.show().unwrap();
        canvas.paint();
        Self { app, session, today, canvas, times: Times::default() }
    }

    /// A first-time citizen from "begin" to "finish".
    fn visit(&mut self) {
        for _ in 0..400 {
            for event in visit::next(&self.session.view(), self.today) {
                self.step(event);
            }
            if self.session.screen() == Screen::Welcome {
                return;
            }
        }
        panic!("the citizen is stuck at {:?}", self.session.screen());
    }

    /// Of a head's size and of nobody.
    fn picture(&self, width: u32, height: u32) -> Picture {
        let grey = self.times.changes.len() as u8;
        Picture::new(width, height, vec![grey; (width * height * 3) as usize]).unwrap()
    }

    /// As large as a portrait gets.
    fn shot(&self) -> Shot {
        let jpeg = Arc::new(vec![0xFF; 1_500_000].into());
        Shot { portrait: Some(Portrait { jpeg, small: Arc::new(self.picture(320, 480)) }), flaws: Vec::new() }
    }

    fn step(&mut self, event: Event) {
        let before = (self.session.screen(), self.session.view().section);
        let is_key = matches!(event, Event::Key(_));
        let begun = Instant::now();
        let effects = self.session.step(event);
        let view = self.session.view();
        window::render(&self.app, &view);
        self.canvas.paint();
        let took = begun.elapsed();
        if is_key {
            self.times.keys.push(took);
        } else if before != (view.screen, view.section) {
            self.times.changes.push(took);
        }
        self.canvas.settle();
        for effect in effects {
            match effect {
                Effect::Save(_) => {
                    let link = "https://office.example/h#".to_owned() + &"A".repeat(43);
                    let saved = Saved { reference: "7F3K-92QX".to_owned(), link: link.into() };
                    self.step(Event::Saved(saved));
                }
                Effect::Camera(CameraOrder::Watch) => {
                    let preview = Arc::new(self.picture(320, 480));
                    self.step(Event::PhotoSeen(Seen { preview, flaws: Vec::new() }));
                }
                Effect::Camera(CameraOrder::Shoot) => self.step(Event::PhotoTaken(Some(self.shot()))),
                _ => {}
            }
        }
    }
}

fn child_kiosk(begun: Instant) {
    let mut kiosk = Kiosk::start(begun);
    let first = begun.elapsed();
    let timed = [Frame::Whole, Frame::Changed].map(|frame| {
        kiosk.canvas.paints(frame);
        for _ in 0..TIMED_VISITS {
            kiosk.visit();
        }
        std::mem::take(&mut kiosk.times)
    });
    report(first, timed, &mut kiosk.canvas);
}

fn child_many(begun: Instant) {
    let mut kiosk = Kiosk::start(begun);
    for number in 1..=MANY[1] {
        kiosk.visit();
        kiosk.times = Times::default();
        if MANY.contains(&number) {
            println!("{}", status_kb("VmRSS:"));
        }
    }
}

fn report(first: Duration, timed: [Times; 2], canvas: &mut Canvas) {
    let rss = status_kb("VmRSS:");
    let before = cpu_ticks();
    canvas.idle(Duration::from_secs(2));
    let idle = cpu_ticks() - before;
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    print!("{} ", ms(first));
    for Times { mut keys, mut changes } in timed {
        for figure in [middle_and_worst(&mut keys), middle_and_worst(&mut changes)].concat() {
            print!("{} ", ms(figure));
        }
    }
    println!("{rss} {idle}");
}

/// The median and the 99th of a hundred.
fn middle_and_worst(times: &mut [Duration]) -> [Duration; 2] {
    times.sort();
    [times[times.len() / 2], times[times.len() * 99 / 100]]
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
