//! The offline queue: one thread owns the [`Store`]; everybody else asks it and waits for the answer.
//!
//! A queue that cannot be opened now is tried again at the next question, so that a locked file or a full disk at
//! start leaves the kiosk usable.

pub mod store;

use crate::domain::submission::Attention;
use crate::gateway::wire::Receipt;
use crate::journal::{self, Entry};
use rand_core::UnwrapErr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use store::{Due, Error, Sealer, Store, Submission, Tally};
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

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

struct Slot {
    path: PathBuf,
    sealer: Arc<Sealer>,
    clock: fn() -> i64,
    store: Option<Store>,
    tally: watch::Sender<Tally>,
}

impl Queue {
    /// Starts the thread and opens the file. What went wrong with opening is told and does not stop the kiosk.
    pub fn start(
        path: &Path,
        sealer: Arc<Sealer>,
        clock: fn() -> i64,
    ) -> std::io::Result<(Self, Thread, Result<(), Error>)> {
        let (work, mut questions) = mpsc::channel::<Work>(MAX_WAITING);
        let (tell_tally, tally) = watch::channel(Tally::default());
        let mut slot = Slot { path: path.to_owned(), sealer, clock, store: None, tally: tell_tally };
        let (tell_opened, opened) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name("queue".to_owned()).spawn(move || {
            let first = slot.open().map(|_| ());
            slot.publish();
            // Nobody waits for the answer if the starter is gone already.
            let _ = tell_opened.send(first);
            while let Some(question) = questions.blocking_recv() {
                question(&mut slot);
                slot.publish();
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

    /// Up to `limit` queued submissions, oldest first.
    pub async fn due(&self, limit: u32) -> Result<Vec<Due>, Error> {
        self.ask(move |slot| slot.with(|store, _| store.due(limit))).await
    }

    /// One sealed part.
    pub async fn part(&self, submission: Uuid, n: u16) -> Result<Option<Vec<u8>>, Error> {
        self.ask(move |slot| slot.with(|store, _| store.part(submission, n))).await
    }

    /// Records the office's verified receipt.
    pub async fn received(&self, receipt: Receipt, signed: String) -> Result<(), Error> {
        self.ask(move |slot| slot.with(|store, now| store.received(&receipt, &signed, now))).await
    }

    /// Records a failure of the submission's own.
    pub async fn failed(&self, submission: Uuid) -> Result<(), Error> {
        self.ask(move |slot| slot.with(|store, _| store.failed(submission))).await
    }

    /// Leaves a submission to an officer.
    pub async fn attention(&self, submission: Uuid, why: Attention) -> Result<(), Error> {
        self.ask(move |slot| slot.with(|store, now| store.attention(submission, why, now))).await
    }

    /// Erases parts delivered long ago; see [`Store::erase_delivered`].
    pub async fn erase_delivered(&self, office_now_ms: i64, keep_ms: i64) -> Result<usize, Error> {
        self.ask(move |slot| slot.with(|store, now| store.erase_delivered(office_now_ms, keep_ms, now))).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Slot) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (tell, answer) = oneshot::channel();
        let work: Work = Box::new(move |slot| {
            // The asker may have given up; the work is done all the same.
            let _ = tell.send(question(slot));
        });
        self.work.send(work).await.map_err(|_| Error::Broken)?;
        answer.await.map_err(|_| Error::Broken)?
    }
}

impl Slot {
    fn open(&mut self) -> Result<&mut Store, Error> {
        if self.store.is_none() {
            let epoch = random_epoch()?;
            let opened = match Store::open(&self.path, epoch, None) {
                Err(Error::Damaged) => {
                    store::move_aside(&self.path).map_err(|_| Error::Broken)?;
                    journal::write(&Entry::QueueMovedAside);
                    Store::open(&self.path, epoch, None)
                }
                other => other,
            };
            self.store = Some(opened.inspect_err(|e| journal::write(&Entry::QueueUnavailable { code: e.code() }))?);
        }
        self.store.as_mut().ok_or(Error::Broken)
    }

    /// After a failure of the file itself the connection is closed: a failed sync cannot be repeated, only looked at
    /// again from the start.
    fn with<T>(&mut self, work: impl FnOnce(&mut Store, i64) -> Result<T, Error>) -> Result<T, Error> {
        let now_ms = (self.clock)();
        let result = work(self.open()?, now_ms);
        if matches!(result, Err(Error::Broken | Error::Damaged)) {
            self.store = None;
        }
        result
    }

    fn put(&mut self, submission: &Submission) -> Result<(), Error> {
        let sealer = Arc::clone(&self.sealer);
        let mut rng = UnwrapErr(getrandom::SysRng);
        let result = self.with(|store, now_ms| store.put(submission, &sealer, now_ms, &mut rng));
        match result {
            // Whether it was committed is not known: look before telling anybody anything.
            Err(error @ (Error::Broken | Error::Damaged)) => {
                let committed = self.with(|store, _| store.contains(submission.ids.submission));
                if matches!(committed, Ok(true)) { Ok(()) } else { Err(error) }
            }
            other => other,
        }
    }

    fn publish(&mut self) {
        if let Some(Ok(tally)) = self.store.as_ref().map(Store::tally) {
            self.tally.send_if_modified(|old| std::mem::replace(old, tally) != tally);
        }
    }
}

fn random_epoch() -> Result<[u8; 16], Error> {
    let mut epoch = [0; 16];
    getrandom::fill(&mut epoch).map_err(|_| Error::Broken)?;
    Ok(epoch)
}
