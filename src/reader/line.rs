//! Cuts the byte stream of a scanner into records, whatever end mark the scanner is set to. Pure: it has no clock, the
//! caller says when the line has been silent.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

const STX: u8 = 0x02;
const ETX: u8 = 0x03;
const SYN: u8 = 0x16;

/// A piece of the stream.
#[derive(PartialEq, Eq)]
pub enum Framed {
    /// One record without its marks; never empty. Wiped on drop.
    Record(Zeroizing<Vec<u8>>),
    /// A record that passed the limit. All of it is dropped.
    TooLong,
}

impl fmt::Debug for Framed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Record(_) => "Record(…)",
            Self::TooLong => "TooLong",
        })
    }
}

/// Collects bytes until a record ends: at CR, LF, TAB or ETX in any combination, or at silence. STX and SYN before a
/// record belong to no record. What is collected is wiped when it leaves and on drop.
pub struct Framer {
    collected: Zeroizing<Vec<u8>>,
    max_record: usize,
    swallowing: bool,
}

impl fmt::Debug for Framer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Framer(…)")
    }
}

impl Framer {
    /// A framer for records of at most `max_record` bytes.
    pub fn new(max_record: usize) -> Self {
        // All the room at once: a buffer that grew would leave copies of its bytes in freed memory.
        Self { collected: Zeroizing::new(Vec::with_capacity(max_record)), max_record, swallowing: false }
    }

    /// Takes the next bytes and gives what they completed, in order. [`Framed::TooLong`] comes once per over-long
    /// record, as soon as it passes the limit.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Framed> {
        bytes.iter().filter_map(|byte| self.take(*byte)).collect()
    }

    /// The line has been silent for the gap: what was collected is a whole record.
    pub fn idle(&mut self) -> Option<Framed> {
        self.swallowing = false;
        if self.collected.is_empty() {
            return None;
        }
        let record = Zeroizing::new(self.collected.to_vec());
        self.collected.zeroize();
        Some(Framed::Record(record))
    }

    fn take(&mut self, byte: u8) -> Option<Framed> {
        match byte {
            b'\r' | b'\n' | b'\t' | ETX => self.idle(),
            _ if self.swallowing => None,
            STX | SYN if self.collected.is_empty() => None,
            _ if self.collected.len() < self.max_record => {
                self.collected.push(byte);
                None
            }
            _ => {
                self.collected.zeroize();
                self.swallowing = true;
                Some(Framed::TooLong)
            }
        }
    }
}

#[cfg(test)]
mod tests;
