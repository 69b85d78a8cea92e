//! What goes to the window, and the way of a slip from the session to the paper: the window draws its dots, the printer's thread prints them. Both are
//! given time; a session that ends meanwhile takes its slip with it.

use super::Told;
use crate::config::Config;
use crate::domain::flow::{Event, View};
use crate::domain::ticket::{PrintProblem, PrinterState, Ticket};
use crate::journal::{self, Entry};
use crate::printer::{self, Heard, Raster};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// A view to be drawn.
pub struct Shown {
    /// What.
    pub view: View,
    /// How many of the window's events are behind it.
    pub seen: u64,
    /// The last one: the kiosk has ended.
    pub over: bool,
    /// A slip whose dots are wanted.
    pub print: Option<ToPrint>,
}

/// A ticket whose dots the window is asked for.
pub struct ToPrint {
    ticket: Box<Ticket>,
    answer: oneshot::Sender<Option<Vec<Raster>>>,
}

impl ToPrint {
    /// Draws and answers. Dropped without, or answered by `None`, it is not printed, and the citizen is told.
    pub fn answer(self, draw: impl FnOnce(&Ticket) -> Option<Vec<Raster>>) {
        // The session may be over; then nobody waits.
        let _ = self.answer.send(draw(&self.ticket));
    }
}

/// The printer as the loop uses it.
pub(super) struct Press {
    printer: Option<Arc<printer::Handle>>,
    events: mpsc::Sender<Told>,
    /// Counts sessions: dots that come late are nobody's.
    session: u64,
    wanted: Option<ToPrint>,
}

impl Press {
    pub(super) fn new(printer: Option<Arc<printer::Handle>>, events: mpsc::Sender<Told>) -> Self {
        Self { printer, events, session: 0, wanted: None }
    }

    /// Asks the window for the dots: with the next view, see [`Press::wanted`].
    pub(super) fn print(&mut self, ticket: Box<Ticket>) {
        let (answer, drawn) = oneshot::channel();
        self.wanted = Some(ToPrint { ticket, answer });
        let (events, session) = (self.events.clone(), self.session);
        tokio::spawn(async move {
            let pages = drawn.await.ok().flatten();
            // The loop may have ended; then nothing is printed.
            let _ = events.send(Told::Pages { session, pages }).await;
        });
    }

    /// What goes to the window with the next view.
    pub(super) fn wanted(&mut self) -> Option<ToPrint> {
        self.wanted.take()
    }

    /// The window has drawn them; an event when that is the end of it.
    pub(super) fn drawn(&self, session: u64, pages: Option<Vec<Raster>>) -> Option<Event> {
        if session != self.session {
            return None;
        }
        match (&self.printer, pages) {
            (Some(printer), Some(pages)) => {
                printer.print(pages);
                None
            }
            (None, _) => Some(Event::Printed(Err(PrintProblem::Absent))),
            (Some(_), None) => Some(Event::Printed(Err(PrintProblem::Offline))),
        }
    }

    /// The session is over: what is not on paper yet never gets there.
    pub(super) fn forget(&mut self) {
        self.session += 1;
        self.wanted = None;
        if let Some(printer) = &self.printer {
            printer.call_off();
        }
    }
}

/// The printer's thread, where a printer is configured: what it tells becomes events.
pub(super) fn listen(config: &Config, events: mpsc::Sender<Told>) -> std::io::Result<Option<Arc<printer::Handle>>> {
    let Some(line) = config.printer.clone() else {
        return Ok(None);
    };
    let handle = printer::spawn(line, move |heard| {
        let (entry, event) = match heard {
            Heard::State(PrinterState::Troubled(problem)) => {
                (Entry::PrinterTroubled { code: problem.code() }, Event::Printer(PrinterState::Troubled(problem)))
            }
            Heard::State(state @ (PrinterState::Ready { .. } | PrinterState::None)) => {
                (Entry::PrinterReady, Event::Printer(state))
            }
            Heard::Done(Ok(())) => (Entry::SlipPrinted, Event::Printed(Ok(()))),
            Heard::Done(Err(problem)) => (Entry::SlipNotPrinted { code: problem.code() }, Event::Printed(Err(problem))),
        };
        journal::write(&entry);
        events.blocking_send(Told::World(event)).is_ok()
    })?;
    Ok(Some(Arc::new(handle)))
}
