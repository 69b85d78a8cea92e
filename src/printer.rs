//! The slip's printer: ESC/POS over a serial line, on a thread of its own. It prints the dots it is given and tells how
//! the printer is; what stands on the paper is the window's business, what to do about trouble the core's.

pub mod escpos;
mod port;
pub mod raster;
mod thread;

pub use raster::Raster;
pub use thread::{Handle, spawn};

use crate::domain::ticket::{PrintProblem, PrinterState};
use std::path::PathBuf;
use std::time::Duration;

/// What the printer's thread tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// How the printer is; told when it changes.
    State(PrinterState),
    /// What came of the last [`Handle::print`]. A job that was called off is not told of.
    Done(Result<(), PrintProblem>),
}

/// How the printer says that it can take no more. It is never sent more than one band ahead, so most need nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// Not at all, or by USB itself.
    #[default]
    None,
    /// XON and XOFF.
    Software,
    /// RTS and CTS.
    Hardware,
}

/// One serial line, 8 data bits, no parity, 1 stop bit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The device by a path that survives pulling and plugging in again, such as `/dev/serial/by-id/…`.
    pub device: PathBuf,
    /// Speed in baud. A USB printer ignores it.
    pub baud: u32,
    /// How it is slowed down.
    pub flow: Flow,
    /// How long one answer is waited for before the printer is asked how it is.
    pub turn: Duration,
    /// After so many turns without an answer or a line printed it has stopped.
    pub patience: u32,
    /// So often it is asked how it is while nothing is printed.
    pub look_again: Duration,
}

impl Line {
    /// A line with the usual settings: 115200 Bd, no flow control, given up after ten seconds.
    pub fn new(device: impl Into<PathBuf>) -> Self {
        Self {
            device: device.into(),
            baud: 115_200,
            flow: Flow::None,
            turn: Duration::from_millis(200),
            patience: 50,
            look_again: Duration::from_secs(2),
        }
    }
}
