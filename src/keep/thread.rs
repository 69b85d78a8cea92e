//! One thread that keeps: everything in the order in which it happened, and nobody at the screen waits for it.

use super::record::Record;
use super::seal::CardKey;
use super::{Heard, Shelf, form};
use crate::domain::card::CardClaim;
use crate::domain::flow::HalfFilled;
use crate::domain::keep::{Moment, Outlives, Stamp};
use crate::stretch::Cost;
use crate::worker::Worker;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;
use tokio::sync::oneshot;

/// What is asked of it.
pub enum Order {
    /// This card was read: what is kept for its holder is asked for, and what follows is kept for them.
    Present {
        /// Comes back with the answer.
        session: u64,
        /// The card.
        card: Box<CardClaim>,
    },
    /// Keep this for the holder of the card, in place of everything before.
    Keep(Box<HalfFilled>),
    /// Keep nothing of this citizen; told when it is so.
    Drop(Option<oneshot::Sender<()>>),
    /// The citizen is gone, and so is what was kept of them.
    Leave,
}

/// A running keeper. Dropping it waits until what was ordered is done.
pub type Handle = Worker<Order>;

/// How it keeps.
pub struct Setup {
    /// Where.
    pub shelf: Shelf,
    /// The consent text in force.
    pub consent_version: String,
    /// What a key costs.
    pub cost: Cost,
}

/// Starts a keeper that calls `tell` from its own thread: at once with how things stand, and whenever that changes. A
/// `tell` that returns false ends the thread. Without clocks nothing is kept. The error is that there is no thread.
pub fn spawn(
    setup: Setup,
    now: impl Fn() -> Option<Moment> + Send + 'static,
    tell: impl Fn(Heard) -> bool + Send + 'static,
) -> io::Result<Handle> {
    Worker::spawn("keep", move |orders| {
        let Setup { shelf, consent_version, cost } = setup;
        let keeper = Keeper {
            shelf,
            consent_version,
            cost,
            now,
            tell,
            orders,
            held: None,
            works: true,
            whose: None,
            told: None,
        };
        keeper.run();
    })
}

/// Nobody works here any more.
struct Over;

/// Whose card was read.
struct Whose {
    key: CardKey,
    /// What is held is theirs.
    owns: bool,
}

struct Keeper<Now, Tell> {
    shelf: Shelf,
    consent_version: String,
    cost: Cost,
    now: Now,
    tell: Tell,
    orders: Receiver<Order>,
    /// As it lies on the shelf.
    held: Option<Record>,
    /// The last thing that was to be written was written.
    works: bool,
    whose: Option<Whose>,
    told: Option<(Outlives, bool)>,
}

impl<Now: Fn() -> Option<Moment>, Tell: Fn(Heard) -> bool> Keeper<Now, Tell> {
    fn run(mut self) {
        let found = self.shelf.read().ok().and_then(|bytes| Record::parse(&bytes));
        match found.zip((self.now)()).and_then(|(record, now)| Some(Record { stamp: record.stamp.at(&now)?, ..record }))
        {
            Some(record) => self.hold(record),
            None => self.erase(),
        }
        while self.turn().is_ok() {}
    }

    fn turn(&mut self) -> Result<(), Over> {
        self.say_how_it_stands()?;
        let order = match self.left() {
            Some(left) => self.orders.recv_timeout(left),
            None => self.orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match order {
            Ok(Order::Present { session, card }) => return self.present(session, &card),
            Ok(Order::Keep(half)) => self.keep(&half),
            Ok(Order::Drop(done)) => {
                self.drop_own();
                // Who asked may be gone.
                let _ = done.map(|done| done.send(()));
            }
            Ok(Order::Leave) => {
                self.drop_own();
                self.whose = None;
            }
            Err(RecvTimeoutError::Timeout) => self.expire(),
            Err(RecvTimeoutError::Disconnected) => return Err(Over),
        }
        Ok(())
    }

    /// Until what is held is to be looked at again.
    fn left(&self) -> Option<Duration> {
        let record = self.held.as_ref()?;
        let left_ms = (self.now)().map_or(0, |now| record.stamp.left_ms(&now));
        Some(Duration::from_millis(left_ms))
    }

    fn expire(&mut self) {
        let is_there = (self.now)().zip(self.held.as_ref()).is_some_and(|(now, held)| held.stamp.at(&now).is_some());
        if !is_there {
            self.erase();
        }
    }

    fn present(&mut self, session: u64, card: &CardClaim) -> Result<(), Over> {
        self.whose = None;
        self.expire();
        let half = self.recall(card);
        let known = half.is_some();
        self.say(Heard::Recalled { session, half: half.map(Box::new) })?;
        if !known {
            // After the answer: the key of a new form costs as much again, and is not needed before the first step.
            let mut salt = [0; 16];
            let key = getrandom::fill(&mut salt).ok().and_then(|()| self.key(card, salt));
            self.whose = key.map(|key| Whose { key, owns: false });
        }
        Ok(())
    }

    fn recall(&mut self, card: &CardClaim) -> Option<HalfFilled> {
        let mut record = self.held.clone()?;
        let key = self.key(card, record.salt)?;
        record.stamp = record.stamp.tried();
        self.hold(record);
        let mut record = self.held.clone()?;
        let Some(opened) = key.open(&record.sealed) else {
            self.expire();
            return None;
        };
        let half = form::parse(&opened, card, &self.consent_version);
        if half.is_some() {
            record.stamp = record.stamp.known();
            self.hold(record);
        } else {
            self.erase();
        }
        self.whose = Some(Whose { key, owns: half.is_some() });
        half
    }

    fn key(&self, card: &CardClaim, salt: [u8; 16]) -> Option<CardKey> {
        CardKey::derive(card, salt, self.shelf.secret(), self.cost)
    }

    fn keep(&mut self, half: &HalfFilled) {
        let Some(whose) = &mut self.whose else { return };
        let plain = form::to_bytes(half, &self.consent_version);
        let sealed = plain.and_then(|plain| whose.key.seal(&plain));
        if let Some((sealed, now)) = sealed.zip((self.now)()) {
            whose.owns = true;
            let record = Record { stamp: Stamp::new(&now), salt: whose.key.salt(), sealed };
            self.hold(record);
        }
    }

    fn drop_own(&mut self) {
        if let Some(whose) = &mut self.whose
            && std::mem::take(&mut whose.owns)
        {
            self.erase();
        }
    }

    /// What cannot be written is not held: an older form would be worse than none.
    fn hold(&mut self, record: Record) {
        self.works = self.shelf.write(&record.to_bytes()).is_ok();
        if self.works {
            self.held = Some(record);
        } else {
            self.erase();
            self.works = false;
        }
    }

    fn erase(&mut self) {
        self.held = None;
        self.works = self.shelf.erase().is_ok();
    }

    fn say_how_it_stands(&mut self) -> Result<(), Over> {
        let outlives = if self.works && (self.now)().is_some() { self.shelf.outlives() } else { Outlives::Nothing };
        let state = (outlives, self.held.is_some());
        if self.told == Some(state) {
            return Ok(());
        }
        self.told = Some(state);
        self.say(Heard::State { outlives, holds: state.1 })
    }

    fn say(&self, heard: Heard) -> Result<(), Over> {
        if (self.tell)(heard) { Ok(()) } else { Err(Over) }
    }
}
