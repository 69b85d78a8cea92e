//! The loop: owns the session, carries out its effects, shows its views. Everything that happens comes through one
//! queue of events.

mod desk;
mod ears;
mod eyes;
mod keeper;
mod known;
mod press;
mod reopen;
mod signals;
mod told;

use crate::config::Config;
use crate::device::Storage;
use crate::domain::flow::{CameraOrder, Effect, Event, NotReopened, SaveFailure, Saved, Screen, Sealable, Session};
use crate::domain::officer::KeyStorage;
use crate::envelope::{Ids, SlipSecret};
use crate::gateway::dossier;
use crate::gateway::http::{Gateway, SetupError};
use crate::gateway::tls::OfficeTime;
use crate::journal::{self, Entry};
use crate::officer::Officers;
use crate::printer;
use crate::queue::standing::Room;
use crate::queue::store::{Error, Sealer, Submission, Tally};
use crate::queue::{Queue, Thread};
use crate::reader;
use crate::sync::{self, News, Policy};
use crate::{clock, device};
use desk::{Desk, Facts, Line};
use eyes::Eyes;
use keeper::Keeper;
use known::Known;
use press::Press;
pub use press::{Shown, ToPrint};
use rand_core::UnwrapErr;
use reopen::Slips;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
pub use told::Tell;
use told::Told;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Events that may wait. A full channel drops a tap and never anything else.
const MAX_EVENTS: usize = 256;
/// Whoever stands there when the system ends the kiosk can still read why, or note the reference.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// The disk fills and empties by others too: so often it is looked at, and after every change of the queue.
const ROOM_AGAIN: Duration = Duration::from_mins(1);
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Why the kiosk cannot start at all. A reader, an office or a queue that fails does not stop it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The device key.
    #[error(transparent)]
    Key(#[from] device::KeyError),
    /// TLS or its certificate file.
    #[error(transparent)]
    Gateway(#[from] SetupError),
    /// A thread or the runtime.
    #[error("the system gives no thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// A running kiosk. Dropping it without [`Running::stop`] leaves threads to the end of the process.
pub struct Running {
    /// For the window.
    pub tell: Tell,
    /// The device's public key, for enrolment.
    pub public_key: String,
    stop: watch::Sender<bool>,
    runtime: tokio::runtime::Runtime,
    main: JoinHandle<()>,
    sync: Option<JoinHandle<()>>,
    reader: reader::serial::Handle,
    printer: Option<Arc<printer::Handle>>,
    eyes: Eyes,
    queue: Thread,
}

impl Running {
    /// Ends in order: a dossier that is being saved is committed first.
    pub fn stop(self) {
        self.stop.send_replace(true);
        self.runtime.block_on(async {
            for task in [Some(self.main), self.sync].into_iter().flatten() {
                if task.await.is_err() {
                    journal::write(&Entry::QueueUnavailable { code: "task-ended" });
                }
            }
        });
        drop(self.reader);
        drop(self.printer);
        drop(self.eyes);
        self.runtime.shutdown_timeout(Duration::from_secs(1));
        self.queue.join();
        journal::write(&Entry::Stopped);
    }
}

/// Starts everything but the window. `show` is called from another thread with every new view.
pub fn start(config: &Config, show: impl Fn(Shown) + Send + 'static) -> Result<Running, StartError> {
    let device = device::load_or_create(&config.data, device::credentials().as_deref())?;
    let public_key = device::public_text(&device.public());
    let office = config.office.trust.clone();
    let key_storage = device.storage().code();
    let facts = Facts {
        kiosk_id: config.kiosk_id.clone(),
        device_key: public_key.chars().take(8).collect(),
        key_storage: match device.storage() {
            Storage::Software => KeyStorage::Software,
            Storage::SystemdCredential => KeyStorage::SystemdCredential,
        },
        trust: office.clone(),
        suite: config.office.suite,
        stick: config.export.clone(),
        data: config.data.clone(),
    };
    let sealer = Arc::new(Sealer {
        kiosk_id: config.kiosk_id.clone(),
        device: device.clone(),
        office: office.as_ref().and_then(|trust| trust.seal_key(config.office.suite, None)),
        consent_version: config.site.consent_version.clone(),
    });
    let (queue, queue_thread, opened) =
        Queue::start_within(&config.data.join("queue.db"), sealer, config.queue, clock::unix_ms)?;
    if let Err(error) = opened {
        journal::write(&Entry::QueueUnavailable { code: error.code() });
    }
    let gateway = match office {
        Some(office) => {
            let ca = config.office.ca_pem.as_deref();
            let time = Arc::new(OfficeTime::new(clock::FLOOR_MS, clock::boot_ms));
            Some(Arc::new(Gateway::new(&config.office.url, ca, &config.kiosk_id, device, office, time)?))
        }
        None => None,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (events, happened) = mpsc::channel(MAX_EVENTS);
    let (stop, stopped) = watch::channel(false);
    let reader = ears::listen(config, events.clone())?;
    let printer = press::listen(config, events.clone())?;
    let eyes = Eyes::open(config, events.clone())?;
    let (try_now, tried) = watch::channel(0);
    let asked = gateway.clone();
    let line = gateway.clone().map(|gateway| Line { gateway, try_now, key_storage });
    let sync = gateway.map(|gateway| {
        let policy = Policy {
            longest_pause_ms: u64::from(config.office.longest_pause_s) * 1_000,
            keep_delivered_ms: i64::from(config.keep_days) * DAY_MS,
            suite: config.office.suite,
            key_storage,
        };
        let events = events.clone();
        let tell = async move |news| {
            let told = match news {
                News::Online(online) => Told::Online(online),
                News::OfficeClock(office_ms) => Told::OfficeClock(office_ms),
                News::Delivered(reference) => Told::World(Event::Delivered { reference }),
                News::Keys(trust) => Told::Keys(trust),
            };
            // The loop ends before the sync does; then nobody needs the news.
            let _ = events.send(told).await;
        };
        runtime.spawn(sync::run(queue.clone(), gateway, policy, tell, tried, stopped.clone()))
    });
    let credentials = device::credentials();
    let officers = Officers::new(&config.data, credentials.as_deref().map(Path::new), clock::running, clock::unix_ms);
    // What is left of a lock-out from before a restart of the machine runs from now on.
    let at_start = officers.clone();
    runtime.spawn_blocking(move || at_start.door());
    let hands = Hands {
        desk: Desk::new(officers, facts, queue.clone(), line, events.clone()),
        status: Arc::new(Mutex::new(queue.tally())),
        press: Press::new(printer.clone(), events.clone()),
        eyes: eyes.clone(),
        known: Known::nobody(asked.clone()),
        keeper: Keeper::open(config, credentials.as_deref().map(Path::new), events.clone())?,
        slips: Slips::new(queue.clone(), asked, events.clone(), config.site.consent_version.clone()),
        queue,
        events: events.clone(),
        page: config.setup.page.clone(),
        consent_version: config.site.consent_version.clone(),
        status_file: config.data.join("status.json"),
        pending: None,
        saving: None,
    };
    let (signal_came, signalled) = watch::channel(false);
    runtime.spawn(signals::end_on(signal_came, stop.clone()));
    let session = Session::new(Arc::new(config.setup.clone()));
    let main = runtime.spawn(run(session, happened, hands, show, stopped, signalled));
    journal::write(&Entry::Started { version: env!("CARGO_PKG_VERSION") });
    Ok(Running {
        tell: Tell::new(events),
        public_key,
        stop,
        runtime,
        main,
        sync,
        reader,
        printer,
        eyes,
        queue: queue_thread,
    })
}

/// What the session cannot do itself.
struct Hands {
    desk: Desk,
    queue: Queue,
    press: Press,
    eyes: Eyes,
    known: Known,
    keeper: Keeper,
    slips: Slips,
    events: mpsc::Sender<Told>,
    page: String,
    consent_version: String,
    status_file: PathBuf,
    status: Arc<Mutex<watch::Receiver<Tally>>>,
    pending: Option<Pending>,
    saving: Option<JoinHandle<()>>,
}

/// The names and the secret of the dossier being saved: drawn before the first attempt, kept over every retry, dropped
/// with the session.
struct Pending {
    ids: Ids,
    secret: SlipSecret,
    /// The version that comes before, of a dossier that was reopened.
    supersedes: Option<Uuid>,
}

async fn run(
    mut session: Session,
    mut happened: mpsc::Receiver<Told>,
    mut hands: Hands,
    show: impl Fn(Shown),
    mut stop: watch::Receiver<bool>,
    signalled: watch::Receiver<bool>,
) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    let mut looks_for_room = tokio::time::interval(ROOM_AGAIN);
    let mut tally = hands.queue.tally();
    let (mut online, mut seen) = (true, 0);
    let mut touched = Instant::now();
    let mut last = session.view();
    hands.write_status();
    show(Shown { view: last.clone(), seen, over: false, print: None });
    loop {
        let (event, mut due) = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => break,
            told = happened.recv() => match told {
                Some(Told::Window(event)) => {
                    touched = Instant::now();
                    seen += 1;
                    (event, true)
                }
                Some(Told::World(event)) => (event, false),
                Some(Told::Online(now)) => {
                    online = now;
                    hands.desk.office(now);
                    hands.known.reach();
                    (outbox(*tally.borrow(), online), false)
                }
                Some(Told::OfficeClock(office_ms)) => {
                    hands.desk.office_clock(office_ms);
                    continue;
                }
                Some(Told::Pages { session, pages }) => match hands.press.drawn(session, pages) {
                    Some(event) => (event, false),
                    None => continue,
                },
                Some(Told::Reopened { session, outcome }) => match hands.reopened(session, outcome) {
                    Some(event) => (event, false),
                    None => continue,
                },
                Some(Told::Recalled { session, half }) => match hands.keeper.recalled(session, half) {
                    Some(event) => (event, false),
                    None => continue,
                },
                Some(Told::HasDossier { asked }) if hands.known.is_current(asked) => (Event::HasDossier, false),
                Some(Told::HasDossier { .. }) => continue,
                Some(Told::Keys(trust)) => {
                    hands.desk.keys(*trust);
                    continue;
                }
                None => break,
            },
            changed = tally.changed() => {
                if changed.is_err() {
                    break;
                }
                hands.write_status();
                hands.look_for_room();
                (outbox(*tally.borrow_and_update(), online), false)
            }
            _ = looks_for_room.tick() => {
                hands.look_for_room();
                continue;
            }
            _ = seconds.tick() => (Event::Second { idle_s: touched.elapsed().as_secs() as u32 }, false),
        };
        let answers = matches!(
            event,
            Event::CardRead(_)
                | Event::Saved(_)
                | Event::SaveFailed(_)
                | Event::Printed(_)
                | Event::PhotoTaken(_)
                | Event::Reopened(_)
                | Event::Recalled { .. }
        );
        if matches!(event, Event::Saved(_)) {
            hands.known.saved();
        }
        for effect in session.step(event) {
            hands.carry_out(effect);
        }
        let view = session.view();
        // A card that changed nothing was not this citizen's: a forgotten session must not live on by it.
        if answers && view != last {
            touched = Instant::now();
        }
        let print = hands.press.wanted();
        due |= view != last || print.is_some();
        if due {
            last = view.clone();
            show(Shown { view, seen, over: false, print });
        }
    }
    finish(&mut session, happened, hands).await;
    show(Shown { view: session.view(), seen, over: false, print: None });
    if *signalled.borrow() && session.screen() != Screen::Welcome {
        tokio::time::sleep(LAST_WORDS).await;
    }
    show(Shown { view: session.view(), seen, over: true, print: None });
}

/// The end: a dossier that is being saved is saved first.
async fn finish(session: &mut Session, mut happened: mpsc::Receiver<Told>, mut hands: Hands) {
    for effect in session.step(Event::Stopping) {
        hands.carry_out(effect);
    }
    let mut answered = |told: Told| {
        if let Told::World(event @ (Event::Saved(_) | Event::SaveFailed(_))) = told {
            session.step(event);
        }
    };
    if let Some(mut saving) = hands.saving.take() {
        // The channel is read meanwhile: its answer must find room.
        loop {
            tokio::select! {
                _ = &mut saving => break,
                told = happened.recv() => told.into_iter().for_each(&mut answered),
            }
        }
    }
    while let Ok(told) = happened.try_recv() {
        answered(told);
    }
}

fn outbox(tally: Tally, online: bool) -> Event {
    Event::Outbox { waiting: tally.queued, online }
}

impl Hands {
    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Save(sealable) => self.save(&sealable),
            Effect::Forget => {
                self.pending = None;
                self.press.forget();
                self.slips.forget();
                self.keeper.forget();
                self.known.forget();
                self.eyes.order(CameraOrder::Rest);
                journal::write(&Entry::SessionForgotten);
            }
            Effect::Counted(count) => self.desk.passed(count),
            Effect::Advised(advice) => self.desk.advised(advice),
            Effect::Reopen(presented) => self.slips.reopen(presented),
            Effect::Recall(card) => self.keeper.present(card),
            Effect::Keep(half) => self.keeper.keep(half),
            Effect::LookUp(id) => self.known.look_up(&id, &self.events),
            Effect::Camera(order) => self.eyes.order(order),
            Effect::Print(ticket) => self.press.print(ticket),
            Effect::AskDoor => self.desk.ask_door(),
            Effect::TryPin(pin) => self.desk.try_pin(pin),
            Effect::Officer(order) => self.desk.order(order),
        }
    }

    /// What is saved from here on is the next version.
    fn reopened(&mut self, session: u64, outcome: Result<Box<reopen::Opened>, NotReopened>) -> Option<Event> {
        if !self.slips.is_current(session) {
            return None;
        }
        Some(Event::Reopened(outcome.map(|opened| {
            let (dossier, pending) = *opened;
            self.pending = Some(pending);
            dossier
        })))
    }

    fn save(&mut self, sealable: &Sealable) {
        let pending = self.pending.get_or_insert_with(|| {
            let mut rng = UnwrapErr(getrandom::SysRng);
            let ids = Ids::random(clock::unix_ms(), &mut rng);
            Pending { ids, secret: SlipSecret::random(&mut rng), supersedes: None }
        });
        let ids = pending.ids;
        self.known.saving(&sealable.application, ids.dossier);
        let saved = Saved {
            reference: ids.reference(),
            link: Zeroizing::new(format!("{}#{}", self.page, *pending.secret.to_fragment())),
        };
        let content = dossier::content(sealable, &self.consent_version);
        let submission = content.map(|c| Submission {
            supersedes: pending.supersedes,
            ..Submission::new(ids, pending.secret.clone(), &sealable.application, c)
                .with(dossier::attachments(sealable))
        });
        let (queue, events) = (self.queue.clone(), self.events.clone());
        let dropped = self.keeper.dropped();
        self.saving = Some(tokio::spawn(async move {
            dropped.await;
            let committed = match submission {
                Ok(submission) => queue.put(submission).await,
                Err(_) => Err(Error::Broken),
            };
            let event = match committed {
                Ok(()) => Event::Saved(saved),
                Err(error) => {
                    journal::write(&Entry::SaveFailed { code: error.code() });
                    Event::SaveFailed(failure(&error))
                }
            };
            // The loop may have ended by SIGTERM; what was committed is committed.
            let _ = events.send(Told::World(event)).await;
        }));
    }

    /// Asks the queue whether a session may begin; the answer comes as an event. A queue that cannot be asked turns nobody
    /// away: it may be back before the form is filled in, and saving says it otherwise.
    fn look_for_room(&self) {
        let (queue, events) = (self.queue.clone(), self.events.clone());
        tokio::spawn(async move {
            let full = match queue.room().await {
                Room::DiskFloor | Room::TooMany | Room::TooLarge => true,
                Room::Enough | Room::Closed => false,
            };
            // The loop may have ended meanwhile; then nobody begins anything.
            let _ = events.send(Told::World(Event::Room { full })).await;
        });
    }

    /// Counts for `kiosk queue`, which cannot open the file while we hold it. One writer at a time, and the last one
    /// writes the latest counts.
    fn write_status(&self) {
        let (file, tally) = (self.status_file.clone(), Arc::clone(&self.status));
        tokio::task::spawn_blocking(move || {
            let tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
            let now = *tally.borrow();
            // Only a convenience: the truth is in the queue.
            let _ = write_status(&file, now);
        });
    }
}

fn write_status(file: &Path, tally: Tally) -> std::io::Result<()> {
    let fresh = file.with_extension("new");
    std::fs::write(&fresh, serde_json::to_vec(&tally)?)?;
    std::fs::rename(fresh, file)
}

fn failure(error: &Error) -> SaveFailure {
    match error {
        Error::Full => SaveFailure::DiskFull,
        Error::Busy => SaveFailure::Busy,
        Error::Damaged | Error::Broken | Error::TooNew => SaveFailure::Broken,
        Error::Seal(_) => SaveFailure::OfficeKeyMissing,
    }
}

#[cfg(test)]
mod tests;
