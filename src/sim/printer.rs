//! A printer that is not there: speaks ESC/POS over a real pseudo-terminal, keeps what it printed, and can run out of
//! paper, jam, be opened, be slow, be pulled out at any byte, and be mended.

mod machine;

use super::pty::Socket;
use crate::printer::Raster;
use crate::printer::raster::{ROW_BYTES, WIDTH};
use machine::Machine;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long the printer waits for a byte before it looks what else there is.
const TURN: Duration = Duration::from_millis(5);

/// What is to become of the printer. Rows are counted from the moment this is set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fault of its own, and none excludes another")]
pub struct Fate {
    /// Rows left on the roll; `None`: enough.
    pub paper_rows: Option<usize>,
    /// Jams before this row.
    pub jams_at: Option<usize>,
    /// Its cover is opened before this row.
    pub cover_opens_at: Option<usize>,
    /// Stops before this row and says that all is well.
    pub stops_at: usize,
    /// The next cut fails.
    pub knife_stuck: bool,
    /// The roll comes to its end soon.
    pub low: bool,
    /// Answers nothing.
    pub mute: bool,
    /// Takes nothing.
    pub deaf: bool,
    /// Rows printed in one turn of five milliseconds.
    pub rows_a_turn: usize,
    /// The cable is pulled after so many more bytes.
    pub pulled_at: Option<usize>,
}

impl Default for Fate {
    fn default() -> Self {
        Self {
            paper_rows: None,
            jams_at: None,
            cover_opens_at: None,
            stops_at: usize::MAX,
            knife_stuck: false,
            low: false,
            mute: false,
            deaf: false,
            rows_a_turn: usize::MAX,
            pulled_at: None,
        }
    }
}

/// One piece of paper.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet(Vec<[u8; ROW_BYTES]>);

impl Sheet {
    /// How many rows.
    pub fn rows(&self) -> usize {
        self.0.len()
    }

    /// A dot, by column and row; white outside.
    pub fn is_dark(&self, column: usize, row: usize) -> bool {
        column < WIDTH && self.0.get(row).is_some_and(|bytes| bytes[column / 8] & (0x80 >> (column % 8)) != 0)
    }

    /// The same dots.
    pub fn shows(&self, raster: &Raster) -> bool {
        let same = |row| (0..WIDTH).all(|column| self.is_dark(column, row) == raster.is_dark(column, row));
        self.rows() == raster.rows() && (0..self.rows()).all(same)
    }

    /// A sheet as it would come out.
    pub fn of(raster: &Raster) -> Self {
        let rows = raster.bands(1).map(|row| std::array::from_fn(|at| row.get(at).copied().unwrap_or_default()));
        Self(rows.collect())
    }

    /// As a PNG file of one bit a dot.
    pub fn write_png(&self, file: &Path) -> Result<(), png::EncodingError> {
        let rows = self.rows() as u32;
        let mut encoder = png::Encoder::new(BufWriter::new(std::fs::File::create(file)?), WIDTH as u32, rows);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let mut writer = encoder.write_header()?;
        let bytes: Vec<u8> = self.0.iter().flatten().map(|byte| !byte).collect();
        writer.write_image_data(&bytes)?;
        writer.finish()
    }
}

#[derive(Debug, Default)]
struct Inside {
    machine: Machine,
    is_plugged: bool,
    wants_plugged: bool,
    is_over: bool,
    received: usize,
}

#[derive(Debug, Default)]
struct Shared {
    inside: Mutex<Inside>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A simulated printer; pulled out on drop.
#[derive(Debug)]
pub struct Printer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Printer {
    /// A printer lying beside the kiosk, to be plugged in at `link`. A symbolic link left there by an earlier run is
    /// removed; anything else there is `AlreadyExists`.
    pub fn new(link: &Path) -> io::Result<Self> {
        let socket = Socket::new(link)?;
        let shared = Arc::new(Shared::default());
        let works = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("sim-printer".to_owned()).spawn(move || run(socket, &works))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Plugs it in.
    pub fn plug(&self) {
        self.want(true);
    }

    /// Pulls it out, in the midst of a byte if need be.
    pub fn unplug(&self) {
        self.want(false);
    }

    fn want(&self, plugged: bool) {
        let mut inside = self.shared.lock();
        inside.wants_plugged = plugged;
        while inside.is_plugged != plugged && !inside.is_over {
            inside = self.shared.changed.wait(inside).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether it is plugged in.
    pub fn is_plugged(&self) -> bool {
        self.shared.lock().is_plugged
    }

    /// What is to become of it from now on. `Fate::default()` mends everything but a pulled cable; what waited in its
    /// buffer is printed then.
    pub fn set(&self, fate: Fate) {
        let mut inside = self.shared.lock();
        inside.machine.set(fate);
        inside.received = 0;
    }

    /// Bytes received since the fate was set.
    pub fn received(&self) -> usize {
        self.shared.lock().received
    }

    /// Takes what was printed and cut off, the oldest first.
    pub fn take_sheets(&self) -> Vec<Sheet> {
        std::mem::take(&mut self.shared.lock().machine.sheets)
    }

    /// What hangs out of it, not cut off yet.
    pub fn hanging(&self) -> Sheet {
        self.shared.lock().machine.hanging()
    }

    /// What it was sent that no printer could make sense of.
    pub fn errors(&self) -> Vec<String> {
        self.shared.lock().machine.errors.clone()
    }
}

impl Drop for Printer {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        if let Some(thread) = self.thread.take() {
            // Its panic has been reported by itself.
            let _ = thread.join();
        }
    }
}

fn run(mut socket: Socket, shared: &Shared) {
    let mut chunk = [0; 512];
    loop {
        let mut inside = shared.lock();
        if inside.is_over {
            return;
        }
        let has_changed = socket.is_plugged() != inside.wants_plugged;
        let (done, is_deaf) = match (inside.wants_plugged, inside.machine.fate.deaf) {
            (true, deaf) => (socket.plug(TURN), deaf),
            (false, deaf) => (socket.unplug(), deaf),
        };
        // A link that cannot be made or removed: nothing can be plugged in any more.
        inside.is_over |= done.is_err();
        inside.is_plugged = socket.is_plugged();
        if has_changed {
            inside.machine.tear();
            shared.changed.notify_all();
        }
        drop(inside);
        let Some(port) = socket.port().filter(|_| !is_deaf) else {
            std::thread::park_timeout(TURN);
            continue;
        };
        // Silence and a kiosk that has closed the line are the same to a printer.
        let count = port.read(&mut chunk).unwrap_or(0);
        let mut inside = shared.lock();
        let (mut answers, mut pulled) = (Vec::new(), false);
        for byte in &chunk[..count] {
            pulled = inside.machine.fate.pulled_at == Some(inside.received);
            if pulled {
                break;
            }
            inside.received += 1;
            answers.extend(inside.machine.receive(*byte));
        }
        answers.extend(inside.machine.work());
        pulled |= inside.machine.fate.pulled_at == Some(inside.received);
        if pulled {
            inside.machine.fate.pulled_at = None;
            inside.wants_plugged = false;
            continue;
        }
        drop(inside);
        // Nobody may be there to hear it.
        let _ = port.write_all(&answers);
    }
}
