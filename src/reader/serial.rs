//! One thread per serial line: opens the device, reads it, and looks for it again when it is pulled. Knows nothing of
//! cards; a reading that makes no sense never ends it.

use std::convert::Infallible;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use serialport::{ClearBuffer, SerialPort, TTYPort};
use zeroize::{Zeroize, Zeroizing};

use super::line::{Framed, Framer};
use super::{Heard, Line};
use crate::worker::Worker;

/// How soon an absent device is looked for again; doubles up to [`LOOK_AGAIN_MAX`].
const LOOK_AGAIN_MIN: Duration = Duration::from_millis(250);
const LOOK_AGAIN_MAX: Duration = Duration::from_secs(2);

/// Bytes taken in one read.
const CHUNK: usize = 512;

/// A running reader. Dropping it stops the thread and waits for it, at most one read gap and one call of `tell`: so
/// `tell` must not wait for whoever drops this.
pub type Handle = Worker<Infallible>;

/// Starts a reader that calls `tell` from its own thread: at once with [`Heard::Missing`] if the device is not there,
/// with [`Heard::Ready`] at every opening, with [`Heard::Missing`] once at every loss. A `tell` that returns false ends
/// the thread. The device need not exist; the error is a line that cannot be right (`InvalidInput`), or no thread.
pub fn spawn(line: Line, tell: impl Fn(Heard) -> bool + Send + 'static) -> io::Result<Handle> {
    let device = line.device.to_str().map(str::to_owned);
    let (Some(device), 10..=1000, 1..) = (device, line.gap_ms, line.max_record) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "reader: device path, gap or record limit"));
    };
    Worker::spawn("reader", move |stopped| Reader { line, device, stopped, tell }.run())
}

/// Why the thread left off listening.
enum Left {
    /// It was told to end.
    Stopped,
    /// The device broke off; `worked` if it could be read at all.
    Lost { worked: bool },
}

struct Reader<Tell> {
    line: Line,
    device: String,
    stopped: Receiver<Infallible>,
    tell: Tell,
}

impl<Tell: Fn(Heard) -> bool> Reader<Tell> {
    fn run(self) {
        let mut wait = LOOK_AGAIN_MIN;
        let mut missing_told = false;
        loop {
            // The port lives only in this arm: held while reopening, a USB device would come back under another name.
            let news = match self.open() {
                Ok(port) => match self.listen(port) {
                    Left::Stopped => return,
                    Left::Lost { worked } => {
                        if worked {
                            wait = LOOK_AGAIN_MIN;
                        }
                        true
                    }
                },
                Err(_) => !missing_told,
            };
            if news && !(self.tell)(Heard::Missing) {
                return;
            }
            missing_told = true;
            if self.stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            wait = (wait * 2).min(LOOK_AGAIN_MAX);
        }
    }

    fn open(&self) -> serialport::Result<TTYPort> {
        let gap = Duration::from_millis(self.line.gap_ms);
        let mut port = serialport::new(&self.device, self.line.baud).timeout(gap).open_native()?;
        // Some USB scanners hold their output until DTR is set; a PTY has no such line.
        let _ = port.write_data_terminal_ready(true);
        // What arrived while nobody listened may be the card of somebody who has left.
        port.clear(ClearBuffer::Input)?;
        Ok(port)
    }

    fn listen(&self, mut port: TTYPort) -> Left {
        if !(self.tell)(Heard::Ready) {
            return Left::Stopped;
        }
        let mut framer = Framer::new(self.line.max_record);
        let mut chunk = Zeroizing::new([0; CHUNK]);
        let mut worked = false;
        while self.stopped.try_recv() == Err(TryRecvError::Empty) {
            let pieces = match port.read(&mut chunk[..]) {
                // A terminal never ends; taking it for data would spin.
                Ok(0) => return Left::Lost { worked },
                Ok(count) => {
                    let pieces = framer.push(&chunk[..count]);
                    // The buffer lives as long as the port: the last card would stay in it until the next one.
                    chunk[..count].zeroize();
                    pieces
                }
                Err(error) => match error.kind() {
                    io::ErrorKind::TimedOut => framer.idle().into_iter().collect(),
                    io::ErrorKind::Interrupted => Vec::new(),
                    // The framer goes with the unfinished record in it.
                    _ => return Left::Lost { worked },
                },
            };
            worked = true;
            for piece in pieces {
                let heard = match piece {
                    Framed::Record(record) => Heard::Record(record),
                    Framed::TooLong => Heard::TooLong,
                };
                if !(self.tell)(heard) {
                    return Left::Stopped;
                }
            }
        }
        Left::Stopped
    }
}

// Over a real PTY, which the simulated scanner makes.
#[cfg(all(test, feature = "sim"))]
#[allow(clippy::unwrap_used, reason = "a test ends where an expectation fails")]
mod tests;
