//! One thread for the printer: looks for it, asks how it is, prints, and gives up in words. Nothing here waits without
//! an end, and nobody waits for this.

use super::escpos::{self, Answer, Condition};
use super::port::{Lost, Port};
use super::{Heard, Line, Raster};
use crate::domain::ticket::{PrintProblem, PrinterState};
use crate::worker::Worker;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};

/// So many turns without a word: whatever was owed has been said.
const SILENCE: u32 = 5;

enum Order {
    Print(Vec<Raster>),
    CallOff,
}

/// A running printer. Dropping it calls off what is being printed and waits for the thread, at most for as long as the
/// printer is waited for.
pub struct Handle(Worker<Order>);

impl Handle {
    /// Prints these pages, each cut off by itself; answered by [`Heard::Done`]. Calls off what is being printed.
    pub fn print(&self, pages: Vec<Raster>) {
        self.0.order(Order::Print(pages));
    }

    /// Stops after the band that is under way and cuts the piece off.
    pub fn call_off(&self) {
        self.0.order(Order::CallOff);
    }
}

/// Starts a printer that calls `tell` from its own thread: at once with how it is, and whenever that changes. A `tell` that
/// returns false ends the thread. The device need not exist; the error is that there is no thread.
pub fn spawn(line: Line, tell: impl Fn(Heard) -> bool + Send + 'static) -> io::Result<Handle> {
    let work = move |orders| Press { line, orders, next: None, tell, told: None, is_clean: false }.run();
    Worker::spawn("printer", work).map(Handle)
}

/// Why a job left off.
enum Left {
    Problem(PrintProblem),
    /// Another order came.
    CalledOff,
}

impl From<Lost> for Left {
    fn from(_: Lost) -> Self {
        Self::Problem(PrintProblem::Absent)
    }
}

impl From<PrintProblem> for Left {
    fn from(problem: PrintProblem) -> Self {
        Self::Problem(problem)
    }
}

/// The thread has nobody to work for any more.
struct Over;

struct Press<Tell> {
    line: Line,
    orders: Receiver<Order>,
    /// Came while another one was carried out.
    next: Option<Order>,
    tell: Tell,
    told: Option<PrinterState>,
    /// False while a piece of an unfinished page may hang in the printer.
    is_clean: bool,
}

impl<Tell: Fn(Heard) -> bool> Press<Tell> {
    fn run(mut self) {
        let mut port = None;
        // Ends when nobody listens or nobody orders.
        while let Ok(kept) = self.turn(port) {
            port = kept;
        }
    }

    /// Looks how the printer is, waits for an order, and carries it out.
    fn turn(&mut self, port: Option<Port>) -> Result<Option<Port>, Over> {
        let port = port.map_or_else(|| self.open(), Ok);
        let (port, state) = match port.and_then(|port| Ok((self.look(&port)?, port))) {
            Ok((state, port)) => (Some(port), state),
            Err(problem) => (None, PrinterState::Troubled(problem)),
        };
        if self.told != Some(state) {
            self.told = Some(state);
            self.say(Heard::State(state))?;
        }
        let order = match self.next.take() {
            Some(order) => order,
            None => match self.orders.recv_timeout(self.line.look_again) {
                Ok(order) => order,
                Err(RecvTimeoutError::Timeout) => return Ok(port),
                Err(RecvTimeoutError::Disconnected) => return Err(Over),
            },
        };
        let Order::Print(pages) = order else {
            return Ok(port);
        };
        // It may have been plugged in a moment ago.
        let port = port.map_or_else(|| self.open(), Ok);
        let done = match &port {
            Ok(port) => self.print(port, &pages),
            Err(problem) => Err((*problem).into()),
        };
        drop(pages);
        match done {
            Ok(()) => self.say(Heard::Done(Ok(())))?,
            Err(Left::Problem(problem)) => self.say(Heard::Done(Err(problem)))?,
            Err(Left::CalledOff) => {}
        }
        // It may have left off in the midst of a word: the next opening begins by ending that.
        let is_lost = matches!(done, Err(Left::Problem(PrintProblem::Absent | PrintProblem::Offline)));
        Ok(port.ok().filter(|_| !is_lost))
    }

    fn say(&self, news: Heard) -> Result<(), Over> {
        if (self.tell)(news) { Ok(()) } else { Err(Over) }
    }

    /// Ends the word in whose midst the line was pulled, or an earlier run of this program was ended.
    fn open(&self) -> Result<Port, PrintProblem> {
        let port = Port::open(&self.line)?;
        Talk::new(&port, &self.line).send(escpos::REST_OF_A_BAND)?;
        Ok(port)
    }

    fn look(&self, port: &Port) -> Result<PrinterState, PrintProblem> {
        Ok(Talk::new(port, &self.line).ask()?.state())
    }

    fn print(&mut self, port: &Port, pages: &[Raster]) -> Result<(), Left> {
        let line = self.line.clone();
        let mut talk = Talk::new(port, &line);
        talk.assert_well()?;
        talk.send(escpos::INIT)?;
        if !std::mem::replace(&mut self.is_clean, false) {
            talk.send(escpos::CUT)?;
            talk.confirm()?;
            talk.hear_out()?;
        }
        for page in pages {
            for band in page.bands(escpos::BAND_ROWS) {
                talk.send(&escpos::band(band))?;
                talk.confirm()?;
                if self.is_called_off() {
                    talk.send(escpos::CUT)?;
                    talk.confirm()?;
                    self.is_clean = true;
                    return Err(Left::CalledOff);
                }
            }
            talk.send(escpos::CUT)?;
            talk.confirm()?;
            talk.assert_well()?;
        }
        self.is_clean = true;
        Ok(())
    }

    fn is_called_off(&mut self) -> bool {
        match self.orders.try_recv() {
            Ok(order) => {
                self.next = Some(order);
                true
            }
            Err(TryRecvError::Empty) => false,
            Err(TryRecvError::Disconnected) => true,
        }
    }
}

/// Words with one open printer.
struct Talk<'a> {
    port: &'a Port,
    line: &'a Line,
    /// The answer to [`escpos::CONFIRM`] came while a status was waited for.
    is_confirmed: bool,
}

impl<'a> Talk<'a> {
    fn new(port: &'a Port, line: &'a Line) -> Self {
        Self { port, line, is_confirmed: false }
    }

    /// Until it is silent: an answer owed to an unfinished job must not pass for one to this.
    fn hear_out(&self) -> Result<(), PrintProblem> {
        let mut silent = 0;
        while silent < SILENCE {
            silent = self.port.receive()?.map_or(silent + 1, |_| 0);
        }
        Ok(())
    }

    /// The four status bytes.
    fn ask(&mut self) -> Result<Condition, PrintProblem> {
        let mut answers = [0; 4];
        for (n, answer) in (1..).zip(&mut answers) {
            self.send(&escpos::ask(n))?;
            *answer = self.status()?;
        }
        Ok(Condition::of(answers))
    }

    fn status(&mut self) -> Result<u8, PrintProblem> {
        let mut silent = 0;
        loop {
            match self.port.receive()?.map(Answer::of) {
                Some(Answer::Status(status)) => return Ok(status),
                Some(Answer::Confirmed) => self.is_confirmed = true,
                Some(Answer::Other) => {}
                None if silent >= self.line.patience => return Err(PrintProblem::Offline),
                None => silent += 1,
            }
        }
    }

    fn assert_well(&mut self) -> Result<(), PrintProblem> {
        self.ask()?.problem().map_or(Ok(()), Err)
    }

    /// Waits until everything sent is printed. A printer that says it is well and prints nothing has jammed.
    fn confirm(&mut self) -> Result<(), PrintProblem> {
        self.is_confirmed = false;
        self.send(escpos::CONFIRM)?;
        let mut silent = 0;
        while !self.is_confirmed {
            match self.port.receive()?.map(Answer::of) {
                Some(Answer::Confirmed) => return Ok(()),
                Some(Answer::Status(_) | Answer::Other) => {}
                None if silent >= self.line.patience => return Err(PrintProblem::Jam),
                None => {
                    silent += 1;
                    self.assert_well()?;
                }
            }
        }
        Ok(())
    }

    fn send(&self, bytes: &[u8]) -> Result<(), PrintProblem> {
        let (mut rest, mut stuck) = (bytes, 0);
        while !rest.is_empty() {
            match self.port.send(rest)? {
                Some(count) => {
                    (rest, stuck) = (&rest[count..], 0);
                }
                None if stuck >= self.line.patience => return Err(PrintProblem::Offline),
                None => stuck += 1,
            }
        }
        Ok(())
    }
}

impl From<Lost> for PrintProblem {
    fn from(_: Lost) -> Self {
        Self::Absent
    }
}

// Over a real PTY, which the simulated printer makes.
#[cfg(all(test, feature = "sim"))]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where an expectation fails")]
mod tests;
