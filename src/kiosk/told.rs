//! What reaches the loop, and the window's way to it.

use super::reopen::Opened;
use crate::domain::flow::{Event, HalfFilled, NotReopened};
use crate::gateway::trust::Trust;
use crate::printer::Raster;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

pub(super) enum Told {
    Window(Event),
    World(Event),
    HasDossier { asked: u64 },
    Online(bool),
    OfficeClock(i64),
    Keys(Box<Trust>),
    Pages { session: u64, pages: Option<Vec<Raster>> },
    Reopened { session: u64, outcome: Result<Box<Opened>, NotReopened> },
    Recalled { session: u64, half: Option<Box<HalfFilled>> },
}

/// The window's way to tell the kiosk something. Cheap to clone.
#[derive(Clone)]
pub struct Tell {
    events: mpsc::Sender<Told>,
    sent: Arc<AtomicU64>,
}

impl Tell {
    pub(super) fn new(events: mpsc::Sender<Told>) -> Self {
        Self { events, sent: Arc::default() }
    }

    /// Tells of a touch or key. A full queue drops it: a screen never freezes.
    pub fn tell(&self, event: Event) {
        if self.events.try_send(Told::Window(event)).is_ok() {
            self.sent.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many were taken; see [`Shown::seen`](super::Shown::seen).
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}
