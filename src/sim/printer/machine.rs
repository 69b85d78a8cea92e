//! What happens inside the printer: bytes in, answers and dots out. Strict: what it does not know is an error, and so is
//! a real-time order amidst dots or more bytes than its buffer holds. Speaks only what Epson's reference says of the few
//! orders it knows.

use super::{Fate, Sheet};
use crate::printer::escpos;
use crate::printer::raster::ROW_BYTES;
use std::collections::VecDeque;

/// Bytes that wait to be printed, as in a small printer.
const BUFFER: usize = 4096;

/// Where in an order the bytes have come to.
#[derive(Clone, Debug, Default)]
enum Within {
    #[default]
    Nothing,
    /// The first bytes of an order.
    Order(Vec<u8>),
    /// The dots of a band.
    Dots { wide: usize, wanted: usize, dots: Vec<u8> },
}

/// What waits for its turn.
#[derive(Clone, Debug)]
enum Work {
    Init,
    Row(Vec<u8>),
    Cut,
    Confirm,
}

impl Work {
    fn bytes(&self) -> usize {
        match self {
            Self::Init => 2,
            Self::Row(dots) => dots.len(),
            Self::Cut => 4,
            Self::Confirm => 3,
        }
    }
}

/// The printer's inside. Keeps its state when the cable is pulled, as a printer does.
#[derive(Debug, Default)]
pub(super) struct Machine {
    pub(super) fate: Fate,
    /// Rows since [`Machine::fate`] was set.
    printed: usize,
    within: Within,
    waiting: VecDeque<Work>,
    paper: Vec<[u8; ROW_BYTES]>,
    pub(super) sheets: Vec<Sheet>,
    pub(super) errors: Vec<String>,
    /// The cable was pulled: half an order may follow, and whatever ends it.
    torn: bool,
}

impl Machine {
    /// From now on.
    pub(super) fn set(&mut self, fate: Fate) {
        (self.fate, self.printed) = (fate, 0);
    }

    /// What hangs out of it, not cut off yet.
    pub(super) fn hanging(&self) -> Sheet {
        Sheet(self.paper.clone())
    }

    pub(super) fn tear(&mut self) {
        self.torn = true;
    }

    fn no_paper(&self) -> bool {
        self.fate.paper_rows.is_some_and(|rows| self.printed >= rows)
    }

    fn cover_open(&self) -> bool {
        self.fate.cover_opens_at.is_some_and(|row| self.printed >= row)
    }

    fn jammed(&self) -> bool {
        self.fate.jams_at.is_some_and(|row| self.printed >= row)
    }

    fn knife_holds(&self) -> bool {
        self.fate.knife_stuck && matches!(self.waiting.front(), Some(Work::Cut))
    }

    fn stands(&self) -> bool {
        self.no_paper()
            || self.cover_open()
            || self.jammed()
            || self.knife_holds()
            || self.fate.stops_at == self.printed
    }

    /// The answer to DLE EOT `n`.
    fn status(&self, n: u8) -> u8 {
        let bit = |holds: bool, bit: u8| if holds { bit } else { 0 };
        let (paper, cover, jam, knife) = (self.no_paper(), self.cover_open(), self.jammed(), self.knife_holds());
        0x12 | match n {
            1 => bit(paper || cover || jam || knife, 0x08),
            2 => bit(cover, 0x04) | bit(paper, 0x20) | bit(jam || knife, 0x40),
            3 => bit(knife, 0x08) | bit(jam, 0x20),
            _ => bit(self.fate.low || paper, 0x0C) | bit(paper, 0x60),
        }
    }

    /// Takes one byte; answers at once only what is asked in real time.
    pub(super) fn receive(&mut self, byte: u8) -> Option<u8> {
        let within = std::mem::take(&mut self.within);
        match within {
            Within::Nothing if byte == 0 => None,
            Within::Nothing => self.order(vec![byte]),
            Within::Order(mut order) => {
                order.push(byte);
                self.order(order)
            }
            Within::Dots { wide, wanted, mut dots } => {
                if !self.torn && dots.last().is_some_and(|before| escpos::is_order(*before, byte)) {
                    self.errors.push("an order amidst dots".to_owned());
                }
                dots.push(byte);
                if dots.len() < wanted {
                    self.within = Within::Dots { wide, wanted, dots };
                } else {
                    dots.chunks(wide).for_each(|row| self.wait_for(Work::Row(row.to_vec())));
                    self.torn = false;
                }
                None
            }
        }
    }

    fn order(&mut self, order: Vec<u8>) -> Option<u8> {
        match order[..] {
            [0x10 | 0x1B | 0x1D] | [0x10, 0x04] | [0x1D, b'v' | b'r' | b'V'] | [0x1D, b'v', b'0', ..]
                if order.len() < 8 =>
            {
                self.within = Within::Order(order);
                return None;
            }
            [0x1D, b'V', b'B'] => {
                self.within = Within::Order(order);
                return None;
            }
            [0x10, 0x04, n @ 1..=4] => return (!self.fate.mute).then(|| self.status(n)),
            [0x1B, b'@'] => {
                self.torn = false;
                self.wait_for(Work::Init);
            }
            [0x1D, b'r', 1] => self.wait_for(Work::Confirm),
            [0x1D, b'V', b'B', 0] => self.wait_for(Work::Cut),
            [0x1D, b'v', b'0', 0, x_low, x_high, y_low, y_high]
                if u16::from_le_bytes([x_low, x_high]) > 0 && u16::from_le_bytes([y_low, y_high]) > 0 =>
            {
                let wide = usize::from(u16::from_le_bytes([x_low, x_high]));
                let wanted = wide * usize::from(u16::from_le_bytes([y_low, y_high]));
                if wide > ROW_BYTES || wanted > BUFFER {
                    self.errors.push(format!("a band of {wanted} bytes, {wide} a row"));
                }
                self.within = Within::Dots { wide, wanted, dots: Vec::with_capacity(wanted) };
            }
            // A pulled cable's half an order, ended by NULs.
            [.., 0] if self.torn => {}
            _ => self.errors.push(format!("unknown: {order:02X?}")),
        }
        None
    }

    fn wait_for(&mut self, work: Work) {
        self.waiting.push_back(work);
        let bytes: usize = self.waiting.iter().map(Work::bytes).sum();
        if bytes > BUFFER {
            self.errors.push(format!("{bytes} bytes in a buffer of {BUFFER}"));
        }
    }

    /// Prints for a while; gives what it answers in its turn.
    pub(super) fn work(&mut self) -> Vec<u8> {
        let mut answers = Vec::new();
        let mut rows = 0;
        while rows < self.fate.rows_a_turn && !self.stands() {
            match self.waiting.pop_front() {
                None => break,
                Some(Work::Row(dots)) => {
                    let mut row = [0; ROW_BYTES];
                    row.iter_mut().zip(&dots).for_each(|(dot, sent)| *dot = *sent);
                    self.paper.push(row);
                    (self.printed, rows) = (self.printed + 1, rows + 1);
                }
                Some(Work::Cut) => self.sheets.push(Sheet(std::mem::take(&mut self.paper))),
                // Bits 0 and 1: the roll comes to its end soon.
                Some(Work::Confirm) if !self.fate.mute => answers.push(if self.fate.low { 0x03 } else { 0 }),
                Some(Work::Init | Work::Confirm) => {}
            }
        }
        answers
    }
}
