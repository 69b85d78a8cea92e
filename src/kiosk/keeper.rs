//! What keeps a half-filled form over a crash, as the loop uses it.

use super::Told;
use crate::clock;
use crate::config::Config;
use crate::domain::card::CardClaim;
use crate::domain::flow::{Event, HalfFilled};
use crate::domain::keep::Moment;
use crate::keep::{self, Heard, Order, Shelf};
use crate::stretch::Cost;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// The keeper, where anything can be kept.
#[derive(Clone)]
pub(super) struct Keeper {
    handle: Option<Arc<keep::Handle>>,
    /// Counts sessions: a form that comes late is nobody's.
    session: u64,
}

impl Keeper {
    /// Starts the keeper's thread, where systemd gives it a place.
    pub(super) fn open(
        config: &Config,
        credentials: Option<&Path>,
        events: mpsc::Sender<Told>,
    ) -> std::io::Result<Self> {
        let Some(shelf) = Shelf::find(&config.data, credentials) else {
            return Ok(Self { handle: None, session: 0 });
        };
        let setup = keep::Setup { shelf, consent_version: config.site.consent_version.clone(), cost: Cost::FULL };
        let now = || Some(Moment { running: clock::running()?, wall_ms: clock::unix_ms() });
        let handle = keep::spawn(setup, now, move |heard| {
            let told = match heard {
                Heard::State { outlives, holds } => Told::World(Event::Kept { outlives, holds }),
                Heard::Recalled { session, half } => Told::Recalled { session, half },
            };
            events.blocking_send(told).is_ok()
        })?;
        Ok(Self { handle: Some(Arc::new(handle)), session: 0 })
    }

    /// Answered by [`Told::Recalled`].
    pub(super) fn present(&self, card: Box<CardClaim>) {
        self.order(Order::Present { session: self.session, card });
    }

    /// The answer as an event, for the session that asked.
    pub(super) fn recalled(&self, session: u64, half: Option<Box<HalfFilled>>) -> Option<Event> {
        (session == self.session).then(|| Event::Recalled { half, today: clock::today() })
    }

    /// Keeps it, or nothing of this citizen any more.
    pub(super) fn keep(&self, half: Option<Box<HalfFilled>>) {
        self.order(half.map_or(Order::Drop(None), Order::Keep));
    }

    /// The session is over.
    pub(super) fn forget(&mut self) {
        self.session += 1;
        self.order(Order::Leave);
    }

    /// Drops what is kept, before the dossier is committed: a crash between the two may cost a form nobody was told is
    /// saved, and never brings a saved one back as a second.
    pub(super) fn dropped(&self) -> impl Future<Output = ()> + Send + use<> {
        let (done, dropped) = oneshot::channel();
        match &self.handle {
            Some(handle) => handle.order(Order::Drop(Some(done))),
            None => drop(done),
        }
        // A keeper that has ended holds nothing that anybody could ask it for.
        async move { drop(dropped.await) }
    }

    fn order(&self, order: Order) {
        if let Some(handle) = &self.handle {
            handle.order(order);
        }
    }
}
