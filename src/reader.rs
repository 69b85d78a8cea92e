//! Reading cards at the kiosk: a thread per serial line cuts what the scanner sends into records and tells them. What a
//! record means is for the core to judge; nothing here looks into one, logs one or writes one down.

pub mod line;
pub mod serial;

use std::fmt;
use std::path::PathBuf;

use zeroize::Zeroizing;

/// What a reader's thread tells. `Ready` and `Missing` alternate; records come only between a `Ready` and the next
/// `Missing`.
#[derive(PartialEq, Eq)]
pub enum Heard {
    /// The device is open. Records follow.
    Ready,
    /// The device is absent, was pulled, or is held by another program. The thread goes on looking for it.
    Missing,
    /// The bytes of one record without its end mark, 1 to [`Line::max_record`] of them. Wiped on drop.
    Record(Zeroizing<Vec<u8>>),
    /// A record longer than [`Line::max_record`] was dropped.
    TooLong,
}

impl fmt::Debug for Heard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Ready => "Ready",
            Self::Missing => "Missing",
            Self::Record(_) => "Record(…)",
            Self::TooLong => "TooLong",
        })
    }
}

/// One serial line, 8 data bits, no parity, 1 stop bit, no flow control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The device by a path that survives pulling and plugging in again, such as `/dev/serial/by-id/…`.
    pub device: PathBuf,
    /// Speed in baud. A USB scanner ignores it.
    pub baud: u32,
    /// Silence in milliseconds that ends a record without an end mark, 10 to 1000. Also the longest time a stop takes.
    pub gap_ms: u64,
    /// The longest record in bytes, at least 1.
    pub max_record: usize,
}

impl Line {
    /// A line with the usual settings: 115200 Bd, 80 ms, 4096 bytes.
    pub fn new(device: impl Into<PathBuf>) -> Self {
        Self { device: device.into(), baud: 115_200, gap_ms: 80, max_record: 4096 }
    }
}
