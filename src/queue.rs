//! The offline queue: one thread owns the [`Store`]; everybody else asks it and waits for the answer.
//!
//! A queue that cannot be opened now is tried again at the next question, so that a locked file or a full disk at
//! start leaves the kiosk usable.

pub mod chain;
pub mod disk;
mod export;
mod migrate;
mod quarantine;
pub mod salvage;
mod slot;
pub mod standing;
pub mod store;
mod witness;

use crate::domain::submission::Attention;
use crate::envelope::OfficeKey;
use crate::gateway::wire::{Receipt, StatusBatch};
use crate::journal::{self, Entry};
use slot::Slot;
use standing::{Limits, Room, Standing};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
pub use store::Kept;
use store::{Due, Error, OfficeSeen, OfficeStatus, Salvaged, Sealer, Seen, Submission, Tally};
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

pub use export::{ExportError, Exported};
pub use witness::Witness;

/// Questions that may wait for the thread.
const MAX_WAITING: usize = 64;

type Work = Box<dyn FnOnce(&mut Slot) + Send>;

/// The asking side. Cheap to clone.
#[derive(Clone)]
pub struct Queue {
    work: mpsc::Sender<Work>,
    tally: watch::Receiver<Tally>,
}

/// The thread. Ends when every [`Queue`] is gone, after the last question is answered.
pub struct Thread(JoinHandle<()>);

impl Thread {
    /// Waits for the end.
    pub fn join(self) {
        if self.0.join().is_err() {
            journal::write(&Entry::QueueUnavailable { code: "panic" });
        }
    }
}

impl Queue {
    /// Starts the thread and opens the file, with the usual limits. What went wrong with opening is told and does not
    /// stop the kiosk.
    pub fn start(
        path: &Path,
        sealer: Arc<Sealer>,
        clock: fn() -> i64,
    ) -> std::io::Result<(Self, Thread, Result<(), Error>)> {
        Self::start_within(path, sealer, Limits::default(), clock)
    }

    /// As [`Queue::start`], with other limits.
    pub fn start_within(
        path: &Path,
        sealer: Arc<Sealer>,
        limits: Limits,
        clock: fn() -> i64,
    ) -> std::io::Result<(Self, Thread, Result<(), Error>)> {
        let (work, mut questions) = mpsc::channel::<Work>(MAX_WAITING);
        let (tell_tally, tally) = watch::channel(Tally::default());
        let mut slot = Slot::new(path, sealer, limits, clock, tell_tally);
        let (tell_opened, opened) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name("queue".to_owned()).spawn(move || {
            let first = slot.open();
            slot.publish();
            // Nobody waits for the answer if the starter is gone already.
            let _ = tell_opened.send(first);
            while let Some(question) = questions.blocking_recv() {
                question(&mut slot);
            }
        })?;
        let opened = opened.recv().unwrap_or(Err(Error::Broken));
        Ok((Self { work, tally }, Thread(thread), opened))
    }

    /// Counts as of the last change; wakes when they change.
    pub fn tally(&self) -> watch::Receiver<Tally> {
        self.tally.clone()
    }

    /// Seals and commits. `Ok` means: on the disk. Safe to repeat with the same ids.
    pub async fn put(&self, submission: Submission) -> Result<(), Error> {
        self.ask(move |slot| slot.put(&submission)).await
    }

    /// The newest version of the dossier that this hash finds, if all of it is still here.
    pub async fn newest(&self, lookup_hash: [u8; 32]) -> Result<Option<Kept>, Error> {
        self.ask(move |slot| slot.with(|store, _| store.newest(lookup_hash))).await
    }

    /// Counts a card that is presented with the slip behind this hash, before it is compared; answers the how many-th in a
    /// row it is, from 1. It is on the disk then.
    pub async fn count_try(&self, lookup_hash: [u8; 32]) -> Result<u32, Error> {
        self.ask(move |slot| slot.essential(|store, _| store.count_try(lookup_hash))).await
    }

    /// The right card came: the count begins anew.
    pub async fn forget_tries(&self, lookup_hash: [u8; 32]) -> Result<(), Error> {
        self.ask(move |slot| slot.essential(|store, _| store.forget_tries(lookup_hash))).await
    }

    /// Up to `limit` queued submissions, oldest first, whoever has claimed them. For looking; to send, [`Queue::claim`].
    pub async fn due(&self, limit: u32) -> Result<Vec<Due>, Error> {
        self.ask(move |slot| slot.with(|store, _| store.due(limit))).await
    }

    /// Up to `limit` queued submissions, oldest first, that nobody else gets until [`Queue::release`], an outcome
    /// ([`Queue::received`], [`Queue::failed`], [`Queue::attention`]) or the end of the process. What the disk has
    /// altered is left to an officer and not handed out. Writes nothing.
    pub async fn claim(&self, limit: u32) -> Result<Vec<Due>, Error> {
        self.ask(move |slot| slot.claim(limit)).await
    }

    /// Gives claimed submissions back untried.
    pub async fn release(&self, submissions: Vec<Uuid>) -> Result<(), Error> {
        self.ask(move |slot| slot.with(|store, _| store.release(&submissions))).await
    }

    /// One sealed part, which is what the manifest says it is. One that the disk has altered leaves the submission to
    /// an officer and is `None`.
    pub async fn part(&self, submission: Uuid, n: u16) -> Result<Option<Vec<u8>>, Error> {
        self.ask(move |slot| slot.part(submission, n)).await
    }

    /// Records the office's verified receipt; `signed` is the statement as it came.
    pub async fn received(&self, receipt: Receipt, signed: String) -> Result<(), Error> {
        self.ask(move |slot| slot.essential(|store, now| store.received(&receipt, &signed, now))).await
    }

    /// Records a failure of the submission's own.
    pub async fn failed(&self, submission: Uuid) -> Result<(), Error> {
        self.ask(move |slot| slot.essential(|store, _| store.failed(submission))).await
    }

    /// Leaves a submission to an officer.
    pub async fn attention(&self, submission: Uuid, why: Attention) -> Result<(), Error> {
        self.ask(move |slot| slot.essential(|store, now| store.attention(submission, why, now))).await
    }

    /// An officer's "try again". `false`: it did not wait for an officer.
    pub async fn requeue(&self, submission: Uuid) -> Result<bool, Error> {
        self.ask(move |slot| slot.essential(|store, now| store.requeue(submission, now))).await
    }

    /// What the office said of itself in a signed statement; `keep_ms` is how long parts are kept after their receipt,
    /// by the office's clock. See [`store::Store::office_seen`].
    pub async fn office_seen(&self, seen: OfficeSeen, keep_ms: i64) -> Result<Seen, Error> {
        self.ask(move |slot| slot.essential(|store, now| store.office_seen(seen, keep_ms, now))).await
    }

    /// Takes a verified batch of states; returns how many entries were taken.
    pub async fn take_statuses(&self, batch: StatusBatch) -> Result<usize, Error> {
        self.ask(move |slot| slot.with(|store, _| store.take_statuses(&batch))).await
    }

    /// Where to ask on for states; 0 is the beginning.
    pub async fn status_cursor(&self) -> Result<u64, Error> {
        self.ask(|slot| slot.with(|store, _| store.status_cursor())).await
    }

    /// Where a submission stands at the office, if the office has said anything.
    pub async fn status(&self, submission: Uuid) -> Result<Option<OfficeStatus>, Error> {
        self.ask(move |slot| slot.with(|store, _| store.status(submission))).await
    }

    /// A signed thing of others, kept under a key.
    pub async fn note(&self, key: &'static str) -> Result<Option<Vec<u8>>, Error> {
        self.ask(move |slot| slot.with(|store, _| store.note(key))).await
    }

    /// Keeps it, in place of the one before.
    pub async fn keep_note(&self, key: &'static str, value: Vec<u8>) -> Result<(), Error> {
        self.ask(move |slot| slot.essential(|store, _| store.keep_note(key, &value))).await
    }

    /// From now on dossiers are sealed to this key; `None`: nothing can be saved.
    pub async fn use_office_key(&self, key: Option<OfficeKey>) -> Result<(), Error> {
        self.ask(move |slot| {
            slot.use_office_key(key);
            Ok(())
        })
        .await
    }

    /// How the queue stands, for an officer.
    pub async fn standing(&self) -> Result<Standing, Error> {
        self.ask(Slot::standing).await
    }

    /// Whether a new session may begin. A queue that does not answer has no room.
    pub async fn room(&self) -> Room {
        self.ask(|slot| Ok(slot.room())).await.unwrap_or(Room::Closed)
    }

    /// Goes through every damaged queue that lies aside once more. By itself that happens once, at opening.
    pub async fn salvage(&self) -> Result<Vec<Salvaged>, Error> {
        self.ask(Slot::salvage_again).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Slot) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (tell, answer) = oneshot::channel();
        let work: Work = Box::new(move |slot| {
            let answer = question(slot);
            // Whoever has the answer finds the counts of after it.
            slot.publish();
            // The asker may have given up; the work is done all the same.
            let _ = tell.send(answer);
        });
        self.work.send(work).await.map_err(|_| Error::Broken)?;
        answer.await.map_err(|_| Error::Broken)?
    }
}
