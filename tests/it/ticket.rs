//! The slip on paper, from the flow to the dots: drawn as the kiosk draws it, read as a phone reads it, and sent through a
//! real line to the simulated printer. Pictures for eyes in `target/shots/paper-*.png`.

use crate::flow::script::{Stage, today};
use crate::rig::{self, Citizen, Driver, eventually};
use crate::screens::stage;
use kiosk_ui::{AppWindow, Kiosk};
use passport_kiosk::config::Config;
use passport_kiosk::domain::flow::Effect;
use passport_kiosk::domain::ticket::Ticket;
use passport_kiosk::printer::raster::WIDTH;
use passport_kiosk::printer::{self, Heard, Line, Raster};
use passport_kiosk::sim::led;
use passport_kiosk::sim::printer::{Fate, Printer, Sheet};
use passport_kiosk::window;
use passport_kiosk::window::press::{Place, draw};
use slint::Global;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

/// Everything the form has, and every paper.
const LONG: &str = "@review\nsubmit\nsaved 7F3K-92QX\nprinter ready\nprint";
const SMALL: &str = "slip t1.1-------\nprinter ready\nprint";
const COPY: &str = "@review\nsubmit\nsaved 7F3K-92QX\nprinter ready\nprint\nprinted jam";

/// What the last line of a script wants printed.
fn ticket(script: &str) -> Ticket {
    let (before, last) = script.rsplit_once('\n').unwrap();
    let mut stage: Stage = stage(before);
    let seen = stage.play(last);
    let printed = seen.into_iter().flat_map(|seen| seen.effects).find_map(|effect| match effect {
        Effect::Print(ticket) => Some(*ticket),
        _ => None,
    });
    printed.expect("something is printed")
}

fn place(english: bool) -> Place {
    // A thread that runs several tests has the platform already.
    let _ = led::install();
    let config = Config::read(Path::new("kiosk-config/kiosk.toml"), today()).unwrap();
    let app = AppWindow::new().unwrap();
    window::prepare(&app, &config, true);
    Kiosk::get(&app).set_english(english);
    Place::of(&app)
}

/// On a thread of its own, as in the kiosk.
fn drawn(ticket: Ticket, english: bool) -> Vec<Raster> {
    let place = place(english);
    std::thread::spawn(move || draw(&ticket, &place).unwrap()).join().unwrap()
}

fn shoot(pages: &[Raster], name: &str) {
    std::fs::create_dir_all("target/shots").unwrap();
    for (number, page) in (1..).zip(pages) {
        let file = format!("target/shots/paper-{name}-{number}.png");
        Sheet::of(page).write_png(Path::new(&file)).unwrap();
    }
}

/// Reads the QR off the paper.
fn scanned(page: &Raster) -> Vec<String> {
    scanned_off(&Sheet::of(page))
}

fn scanned_off(sheet: &Sheet) -> Vec<String> {
    let dots = |x, y| if sheet.is_dark(x, y) { 0 } else { 255 };
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(WIDTH, sheet.rows(), dots);
    picture.detect_grids().iter().map(|grid| grid.decode().unwrap().1).collect()
}

#[test]
fn a_slip_is_whole_and_its_qr_is_read_off_the_paper_in_both_languages() {
    for (english, language) in [(false, "vi"), (true, "en")] {
        let wanted = ticket(LONG);
        let link = wanted.link.to_string();
        let pages = drawn(wanted, english);
        shoot(&pages, &format!("slip-{language}"));
        assert_eq!(scanned(&pages[0]), [link], "{language}");
        assert!((1_500..6_000).contains(&pages[0].rows()), "{language}: {} rows", pages[0].rows());
        assert_eq!(scanned(&pages[1]), Vec::<String>::new(), "the guide opens nothing");
        let small = ticket(SMALL);
        let link = small.link.to_string();
        let pages = drawn(small, english);
        shoot(&pages, &format!("small-{language}"));
        assert_eq!(pages.len(), 1);
        assert_eq!(scanned(&pages[0]), [link]);
    }
}

#[test]
fn every_module_of_the_qr_is_a_whole_number_of_dots_with_four_light_ones_around() {
    let page = drawn(ticket(LONG), false).remove(0);
    let dots = |x, y| if page.is_dark(x, y) { 0 } else { 255 };
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(WIDTH, page.rows(), dots);
    let grids = picture.detect_grids();
    let near = grids[0].bounds[0];
    let modules = grids[0].decode().unwrap().0.version.to_size();
    // The reader tells the corner to a few dots; the finder pattern there begins with a dark one.
    let around = |at: i32| usize::try_from(at).unwrap() - 9..usize::try_from(at).unwrap() + 9;
    let top = around(near.y).find(|row| around(near.x).any(|column| page.is_dark(column, *row))).unwrap();
    let left = around(near.x).find(|column| page.is_dark(*column, top)).unwrap();
    // Seven modules wide, then a light one.
    let module = (0..WIDTH).find(|wide| !page.is_dark(left + wide, top)).unwrap() / 7;
    assert!(module >= 6, "{module} dots a module");
    let dark = |column: usize, row: usize| page.is_dark(left + column, top + row);
    for row in 0..modules * module {
        for column in 0..modules * module {
            let of_module = dark(column / module * module, row / module * module);
            assert_eq!(dark(column, row), of_module, "column {column}, row {row}");
        }
    }
    for beside in 1..=4 * module {
        for along in 0..modules * module {
            let quiet = !page.is_dark(left - beside, top + along) && !page.is_dark(left + along, top - beside);
            assert!(quiet, "{beside} dots beside the code");
        }
    }
}

#[test]
fn a_copy_says_so_and_is_otherwise_the_same() {
    let first = drawn(ticket(LONG), false).remove(0);
    let copy = drawn(ticket(&format!("{COPY}\nprint")), false).remove(0);
    let added = copy.rows() - first.rows();
    assert!((30..120).contains(&added), "{added} rows");
    // The mark is the only thing white on black.
    let dark = |page: &Raster, row| (0..WIDTH).filter(|column| page.is_dark(*column, row)).count();
    assert!((0..120).any(|row| dark(&copy, row) > 500) && !(0..120).any(|row| dark(&first, row) > 500));
    shoot(&[copy], "copy-vi");
}

#[test]
fn the_take_home_guide_holds_nothing_of_the_citizen() {
    let mai = drawn(ticket(LONG), false).remove(1);
    let somebody_else =
        ticket("@review\nedit phone\nphone 0000000009\nnext\nsubmit\nsaved AAAA-AAAA\nprinter ready\nprint");
    let guide = drawn(somebody_else, false).remove(1);
    assert!(mai == guide);
}

#[test]
fn what_the_printer_prints_is_the_slip_dot_by_dot() {
    let folder = tempfile::tempdir().unwrap();
    let device = folder.path().join("printer");
    let printer = Printer::new(&device).unwrap();
    printer.plug();
    let (tell, heard) = channel();
    let handle = printer::spawn(Line::new(device), move |news| tell.send(news).is_ok()).unwrap();
    let pages = drawn(ticket(LONG), false);
    handle.print(pages.clone());
    loop {
        match heard.recv_timeout(Duration::from_mins(1)).unwrap() {
            Heard::Done(done) => break assert_eq!(done, Ok(())),
            Heard::State(_) => {}
        }
    }
    let sheets = printer.take_sheets();
    let [_, slip, guide] = sheets.as_slice() else { panic!("{} pieces of paper", sheets.len()) };
    assert!(slip.shows(&pages[0]) && guide.shows(&pages[1]));
    assert_eq!(printer.errors(), Vec::<String>::new());
}

/// The pieces of paper with something on them.
fn printed(place: &rig::Place) -> Vec<Sheet> {
    let mut sheets = place.stage.printer.take_sheets();
    sheets.retain(|sheet| sheet.rows() > 0);
    assert_eq!(place.stage.printer.errors(), Vec::<String>::new());
    sheets
}

/// The real program on a real line: one slip, one jam, one pulled cable, and one citizen who does not wait.
#[test]
fn a_kiosk_prints_says_what_went_wrong_and_takes_a_job_along_with_its_citizen() {
    const AGAIN: &str = "In lại, có ghi là bản in lại";
    let mut place = rig::Place::new();
    let mut kiosk = place.start();
    kiosk.go_to_slip(&mut place, &Citizen::number(1));
    kiosk.tap("In phiếu");
    kiosk.read("Phiếu đã in xong.");
    let whole = printed(&place);
    assert_eq!(whole.len(), 2, "slip and guide");
    let links = scanned_off(&whole[0]);
    assert!(links.len() == 1 && links[0].starts_with("https://tram-thu-nghiem.invalid/h#"), "{links:?}");

    place.stage.printer.set(Fate { jams_at: Some(500), ..Fate::default() });
    kiosk.tap(AGAIN);
    kiosk.read("Máy in bị kẹt.");
    place.stage.printer.set(Fate::default());
    place.stage.printer.set(Fate { pulled_at: Some(30_000), ..Fate::default() });
    kiosk.tap(AGAIN);
    kiosk.read("Máy in không được nối.");
    place.stage.printer.plug();
    printed(&place);
    place.stage.printer.set(Fate::default());
    kiosk.tap(AGAIN);
    kiosk.read("Phiếu đã in xong.");
    let copies = printed(&place);
    let [.., copy, guide] = copies.as_slice() else { panic!("{} pieces", copies.len()) };
    assert_eq!(scanned_off(copy), links, "the same key");
    assert!(copy.rows() > whole[0].rows() && *guide == whole[1]);

    place.stage.printer.set(Fate { rows_a_turn: 2, ..Fate::default() });
    kiosk.tap(AGAIN);
    eventually("it prints", || place.stage.printer.hanging().rows() > 100);
    leave(&mut kiosk);
    place.stage.printer.set(Fate::default());
    eventually("the piece is cut off", || place.stage.printer.hanging().rows() == 0);
    let pieces = printed(&place);
    assert!(pieces.len() == 1 && pieces[0].rows() < copy.rows(), "what was not on paper yet never gets there");
    kiosk.quit();
}

fn leave(kiosk: &mut Driver) {
    kiosk.tap("Kết thúc");
    kiosk.tap("Đã lấy đủ, kết thúc");
    kiosk.wait("welcome");
}
