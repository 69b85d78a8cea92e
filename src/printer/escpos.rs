//! The few words of ESC/POS that are spoken (Epson's reference, "ESC/POS command reference"), and what the answers mean.

use super::raster::ROW_BYTES;
use crate::domain::ticket::{PrintProblem, PrinterState};
use zeroize::Zeroizing;

/// Rows sent at once. The printer confirms each band before the next one goes out: no more than 3 mm of a slip are ever
/// in a printer that jams, and no printer's buffer is too small.
pub const BAND_ROWS: usize = 24;

/// ESC @: settings as after switching on.
pub const INIT: &[u8] = b"\x1B@";
/// GS V 66 0: feed to the cutter and cut, leaving a bridge.
pub const CUT: &[u8] = b"\x1DVB\x00";
/// GS r 1: answered, in its turn, once everything before it is done.
pub const CONFIRM: &[u8] = b"\x1Dr\x01";
/// NUL is nothing to a printer that listens, and white dots to one that waits for the rest of a band.
pub const REST_OF_A_BAND: &[u8] = &[0; 8 + BAND_ROWS * ROW_BYTES];

/// Real-time orders are obeyed where they arrive, even amidst dots: DLE EOT, DLE ENQ, DLE DC4.
pub const fn is_order(first: u8, second: u8) -> bool {
    first == 0x10 && matches!(second, 0x04 | 0x05 | 0x14)
}

/// DLE EOT n: answered at once, whatever else is going on. `n` is 1 to 4, see [`Condition`].
pub const fn ask(n: u8) -> [u8; 3] {
    [0x10, 0x04, n]
}

/// GS v 0 and the dots: one band of whole rows, white at its right end left out.
pub fn band(rows: &[u8]) -> Zeroizing<Vec<u8>> {
    let wide = rows.chunks(ROW_BYTES).filter_map(|row| row.iter().rposition(|byte| *byte != 0)).max();
    let wide = wide.map_or(1, |last| last + 1);
    let count = rows.len() / ROW_BYTES;
    let mut out = Zeroizing::new(Vec::with_capacity(8 + wide * count));
    out.extend([0x1D, b'v', b'0', 0, wide as u8, 0, count as u8, 0]);
    out.extend(rows.chunks(ROW_BYTES).flat_map(|row| &row[..wide]));
    out
}

/// One byte from the printer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To [`ask`].
    Status(u8),
    /// To [`CONFIRM`].
    Confirmed,
    /// XON, XOFF, or noise.
    Other,
}

impl Answer {
    /// By the bits that are fixed.
    pub const fn of(byte: u8) -> Self {
        if byte & 0x93 == 0x12 {
            Self::Status(byte)
        } else if byte & 0x90 == 0 {
            Self::Confirmed
        } else {
            Self::Other
        }
    }
}

/// How the printer is, out of its four status bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is one sensor of the printer, and none excludes another")]
pub struct Condition {
    /// It prints nothing now.
    pub offline: bool,
    /// Open.
    pub cover_open: bool,
    /// The roll has come to its end.
    pub no_paper: bool,
    /// The knife is stuck.
    pub cutter: bool,
    /// Any other error that does not go away by itself.
    pub jam: bool,
    /// The roll comes to its end soon.
    pub low: bool,
}

impl Condition {
    /// Out of the answers to [`ask`] 1, 2, 3 and 4.
    pub const fn of(answers: [u8; 4]) -> Self {
        let [printer, offline, error, paper] = answers;
        Self {
            offline: printer & 0x08 != 0,
            cover_open: offline & 0x04 != 0,
            no_paper: offline & 0x20 != 0 || paper & 0x60 != 0,
            cutter: error & 0x08 != 0,
            jam: error & 0x24 != 0,
            low: paper & 0x0C != 0,
        }
    }

    /// The one thing to see to first.
    pub const fn problem(self) -> Option<PrintProblem> {
        if self.cover_open {
            Some(PrintProblem::CoverOpen)
        } else if self.no_paper {
            Some(PrintProblem::NoPaper)
        } else if self.cutter {
            Some(PrintProblem::Cut)
        } else if self.jam {
            Some(PrintProblem::Jam)
        } else if self.offline {
            Some(PrintProblem::Offline)
        } else {
            None
        }
    }

    /// As the core knows it.
    pub const fn state(self) -> PrinterState {
        match self.problem() {
            Some(problem) => PrinterState::Troubled(problem),
            None => PrinterState::Ready { low: self.low },
        }
    }
}
