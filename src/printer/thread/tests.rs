use super::*;
use crate::printer::raster::WIDTH;
use crate::sim::printer::{Fate, Printer, Sheet};
use std::cell::Cell;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);
const WELL: PrinterState = PrinterState::Ready { low: false };
const GONE: PrinterState = PrinterState::Troubled(PrintProblem::Absent);

/// A kiosk's printer thread and a simulated printer at the other end of the line.
struct Bench {
    printer: Printer,
    press: Handle,
    heard: Receiver<Heard>,
    /// As last told.
    state: Cell<PrinterState>,
    _folder: tempfile::TempDir,
}

fn line(device: PathBuf) -> Line {
    let turn = Duration::from_millis(5);
    Line { turn, patience: 200, look_again: Duration::from_millis(10), ..Line::new(device) }
}

fn bench() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let device = folder.path().join("printer");
    let printer = Printer::new(&device).unwrap();
    printer.plug();
    let (tell, heard) = channel();
    let press = spawn(line(device), move |news| tell.send(news).is_ok()).unwrap();
    let bench = Bench { printer, press, heard, state: Cell::default(), _folder: folder };
    bench.waits_for(WELL);
    bench
}

impl Bench {
    #[track_caller]
    fn next(&self) -> Heard {
        let news = self.heard.recv_timeout(SOON).expect("it says something");
        if let Heard::State(state) = news {
            self.state.set(state);
        }
        news
    }

    #[track_caller]
    fn waits_for(&self, wanted: PrinterState) {
        while self.state.get() != wanted {
            self.next();
        }
    }

    /// What came of the job, whatever else was told meanwhile.
    #[track_caller]
    fn outcome(&self) -> Result<(), PrintProblem> {
        loop {
            if let Heard::Done(done) = self.next() {
                return done;
            }
        }
    }

    #[track_caller]
    fn prints(&self, page: &Raster) -> Result<(), PrintProblem> {
        self.press.print(vec![page.clone()]);
        self.outcome()
    }

    /// Mended and asked again, it prints the whole page, on a piece of paper of its own.
    #[track_caller]
    fn reprints_whole(&self, page: &Raster, after: &str) {
        self.printer.set(Fate::default());
        self.printer.plug();
        self.waits_for(WELL);
        assert_eq!(self.prints(page), Ok(()), "{after}");
        let sheets = self.printer.take_sheets();
        let last = sheets.last().expect("a sheet");
        assert!(last.shows(page), "{after}: {} rows instead of {}", last.rows(), page.rows());
        assert_eq!(self.printer.hanging(), Sheet::default(), "{after}");
        assert_eq!(self.printer.errors(), Vec::<String>::new(), "{after}");
    }
}

/// Dots without a pattern, as wide as `wide` of the 576, by a little generator of its own.
fn page(rows: usize, wide: usize) -> Raster {
    Raster::new(rows, |column, row| {
        let mixed = (row * WIDTH + column).wrapping_mul(0x9E37_79B9).wrapping_add(row * 40_503);
        column < wide && (mixed >> 7).trailing_zeros() >= 2
    })
}

#[test]
fn what_comes_out_are_the_dots_that_were_sent() {
    let bench = bench();
    let pages = vec![page(1_000, WIDTH), page(25, 10), Raster::new(40, |_, _| false), page(1, WIDTH)];
    bench.press.print(pages.clone());
    assert_eq!(bench.outcome(), Ok(()));
    let sheets = bench.printer.take_sheets();
    // The first piece ends whatever may have hung there before this kiosk was switched on.
    assert_eq!(sheets.len(), pages.len() + 1);
    assert_eq!(sheets[0].rows(), 0);
    for (page, sheet) in pages.iter().zip(&sheets[1..]) {
        assert!(sheet.shows(page), "{} rows", page.rows());
    }
    assert_eq!(bench.printer.errors(), Vec::<String>::new());
    bench.press.print(vec![pages[1].clone()]);
    assert_eq!(bench.outcome(), Ok(()));
    assert_eq!(bench.printer.take_sheets().len(), 1, "after a job that went well nothing is cut off first");
}

#[test]
fn no_dots_are_taken_for_an_order() {
    let bytes = [0x10, 0x04, 0x01, 0x10, 0x05, 0x02, 0x10, 0x14, 0x08, 0x10, 0x10, 0x04];
    let nasty = Raster::new(60, |column, row| bytes[(row + column / 8) % bytes.len()] & (0x80 >> (column % 8)) != 0);
    let bench = bench();
    bench.reprints_whole(&nasty, "orders in the dots");
    let sent: Vec<u8> = nasty.bands(60).flatten().copied().collect();
    assert!(sent.windows(2).all(|pair| !escpos::is_order(pair[0], pair[1])));
}

#[test]
fn whatever_is_torn_at_any_byte_is_said_and_the_reprint_is_complete() {
    let bench = bench();
    let page = page(30, 17);
    assert_eq!(bench.prints(&page), Ok(()));
    bench.printer.set(Fate::default());
    assert_eq!(bench.prints(&page), Ok(()));
    let whole = bench.printer.received();
    assert!(whole > 150, "{whole} bytes");
    let mut torn = 0;
    for byte in 0..whole {
        bench.printer.set(Fate { pulled_at: Some(byte), ..Fate::default() });
        // The kiosk asks how it is all the time: the cable may be pulled before the page is on its way.
        bench.press.print(vec![page.clone()]);
        match bench.outcome() {
            Err(PrintProblem::Absent) => torn += 1,
            other => assert_eq!(other, Ok(()), "pulled at byte {byte}"),
        }
        bench.printer.unplug();
        bench.waits_for(GONE);
        bench.printer.take_sheets();
        bench.reprints_whole(&page, &format!("pulled at byte {byte}"));
    }
    assert!(torn > whole * 9 / 10, "{torn} of {whole}");
}

#[test]
fn a_printer_that_stops_at_any_row_says_why_and_prints_it_all_when_mended() {
    let bench = bench();
    let page = page(60, 100);
    bench.reprints_whole(&page, "at first");
    for row in [0, 1, 23, 24, 25, 47, 48, 59] {
        let at = Some(row);
        let fates = [
            (Fate { paper_rows: at, ..Fate::default() }, PrintProblem::NoPaper),
            (Fate { jams_at: at, ..Fate::default() }, PrintProblem::Jam),
            (Fate { cover_opens_at: at, ..Fate::default() }, PrintProblem::CoverOpen),
        ];
        for (fate, problem) in fates {
            let told = format!("{problem:?} at row {row}");
            bench.printer.set(fate);
            assert_eq!(bench.prints(&page), Err(problem), "{told}");
            bench.reprints_whole(&page, &told);
        }
    }
    // It says that all is well, and nothing moves.
    bench.printer.set(Fate { stops_at: 30, ..Fate::default() });
    assert_eq!(bench.prints(&page), Err(PrintProblem::Jam));
    bench.reprints_whole(&page, "stopped for no reason");
    bench.printer.set(Fate { knife_stuck: true, ..Fate::default() });
    assert_eq!(bench.prints(&page), Err(PrintProblem::Cut));
    assert!(bench.printer.hanging().shows(&page), "all of it is printed");
    bench.reprints_whole(&page, "the knife was stuck");
}

#[test]
fn no_more_than_one_band_is_ever_in_a_printer_that_stands() {
    let bench = bench();
    let page = page(600, WIDTH);
    bench.printer.set(Fate { paper_rows: Some(100), ..Fate::default() });
    assert_eq!(bench.prints(&page), Err(PrintProblem::NoPaper));
    bench.printer.set(Fate::default());
    bench.printer.unplug();
    bench.waits_for(GONE);
    let left = bench.printer.hanging().rows();
    assert!((100..=100 + escpos::BAND_ROWS).contains(&left), "{left} rows of somebody's slip came out afterwards");
}

#[test]
fn a_printer_that_answers_nothing_or_takes_nothing_is_offline_and_blocks_nobody() {
    let bench = bench();
    let page = page(2_000, WIDTH);
    for fate in [Fate { mute: true, ..Fate::default() }, Fate { deaf: true, ..Fate::default() }] {
        let told = format!("{fate:?}");
        bench.printer.set(fate);
        assert_eq!(bench.prints(&page), Err(PrintProblem::Offline), "{told}");
        bench.reprints_whole(&page, &told);
    }
}

#[test]
fn a_slow_printer_is_waited_for() {
    let bench = bench();
    bench.printer.set(Fate { rows_a_turn: 1, low: true, ..Fate::default() });
    bench.waits_for(PrinterState::Ready { low: true });
    let page = page(120, WIDTH);
    assert_eq!(bench.prints(&page), Ok(()));
    assert!(bench.printer.take_sheets().last().unwrap().shows(&page));
    assert_eq!(bench.printer.errors(), Vec::<String>::new());
}

#[test]
fn without_a_printer_the_answer_comes_at_once_and_a_plugged_one_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let device = folder.path().join("printer");
    let printer = Printer::new(&device).unwrap();
    let (tell, heard) = channel();
    let press = spawn(line(device), move |news| tell.send(news).is_ok()).unwrap();
    let bench = Bench { printer, press, heard, state: Cell::default(), _folder: folder };
    bench.waits_for(GONE);
    let page = page(30, 17);
    assert_eq!(bench.prints(&page), Err(PrintProblem::Absent));
    bench.reprints_whole(&page, "plugged in");
}

#[test]
fn what_is_called_off_ends_soon_and_what_follows_is_whole() {
    let bench = bench();
    let long = page(5_000, WIDTH);
    bench.printer.set(Fate { rows_a_turn: 4, ..Fate::default() });
    bench.press.print(vec![long]);
    while bench.printer.hanging().rows() == 0 {
        std::thread::yield_now();
    }
    bench.press.call_off();
    let short = page(30, 17);
    assert_eq!(bench.prints(&short), Ok(()));
    let sheets = bench.printer.take_sheets();
    let rows: Vec<usize> = sheets.iter().map(Sheet::rows).collect();
    assert!(sheets.last().unwrap().shows(&short) && rows[rows.len() - 2] < 4_000, "{rows:?}");
    assert!(bench.heard.try_iter().all(|news| !matches!(news, Heard::Done(_))), "what was called off is not told of");
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the test is about how long a stop takes")]
fn dropping_the_handle_ends_it_soon_even_in_the_midst_of_a_job() {
    let bench = bench();
    bench.printer.set(Fate { rows_a_turn: 1, ..Fate::default() });
    bench.press.print(vec![page(5_000, WIDTH)]);
    while bench.printer.hanging().rows() == 0 {
        std::thread::yield_now();
    }
    let started = std::time::Instant::now();
    drop(bench.press);
    assert!(started.elapsed() < Duration::from_secs(5));
}
