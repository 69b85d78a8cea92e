//! The officer's door as a file and a clock: every call blocks, a try for as long as its hash takes.

mod hash;
pub mod store;

use crate::domain::officer::{Count, Door, Judgement, Outreach, Pin, Running};
use crate::domain::triage::Advice;
use crate::journal::{self, Entry};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Counting, Error, Found, Store};

pub use crate::stretch::Cost;
pub use hash::Pepper;

/// Name of the systemd credential.
const PEPPER: &str = "officer-pepper";
/// A pepper that is shorter hides nothing, in bytes.
const MIN_PEPPER: usize = 16;

/// The officers of this kiosk. Cheap to clone.
#[derive(Clone)]
pub struct Officers {
    file: PathBuf,
    pepper: Option<Arc<Pepper>>,
    running: fn() -> Option<Running>,
    wall_ms: fn() -> i64,
}

impl Officers {
    /// The officers whose file lies in this folder; nothing is opened yet. `credentials` is systemd's folder.
    pub fn new(
        data: &Path,
        credentials: Option<&Path>,
        running: fn() -> Option<Running>,
        wall_ms: fn() -> i64,
    ) -> Self {
        let pepper = credentials.and_then(|folder| std::fs::read(folder.join(PEPPER)).ok()).map(Pepper::new);
        let pepper = pepper.filter(|pepper| pepper.len() >= MIN_PEPPER).map(Arc::new);
        Self { file: data.join("officer.db"), pepper, running, wall_ms }
    }

    /// Sets up an officer; gives the number by which the journal calls them.
    pub fn add(&self, name: &str, pin: &Pin, cost: Cost) -> Result<i64, Error> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|_| Error::Broken)?;
        Store::open(&self.file)?.add(name, pin, salt, cost, self.pepper.as_deref(), (self.wall_ms)())
    }

    /// Takes an officer away.
    pub fn remove(&self, name: &str) -> Result<i64, Error> {
        Store::open(&self.file)?.remove(name, (self.wall_ms)())
    }

    /// Labels, and whether their PINs are peppered.
    pub fn list(&self) -> Result<Vec<(String, bool)>, Error> {
        Store::open(&self.file)?.list()
    }

    /// How the door stands. Called once at the start too: what is left of a lock-out runs from there.
    pub fn door(&self) -> Door {
        let now = (self.running)().ok_or(Error::Broken);
        now.and_then(|now| Store::open(&self.file)?.door(now)).unwrap_or_else(|error| {
            journal::write(&Entry::OfficersUnavailable { code: error.code() });
            Door::Broken
        })
    }

    /// One try: counted, committed, and only then compared. The file is closed while the hash is made.
    pub fn judge(&self, pin: &Pin) -> Judgement {
        let mut officer = None;
        let (judgement, outcome) = match self.try_pin(pin, &mut officer) {
            Ok(judged) => judged,
            Err(error) => {
                journal::write(&Entry::OfficersUnavailable { code: error.code() });
                (Judgement::Broken, "broken")
            }
        };
        journal::write(&Entry::OfficerTried { outcome, officer });
        judgement
    }

    fn try_pin(&self, pin: &Pin, officer: &mut Option<i64>) -> Result<(Judgement, &'static str), Error> {
        let now = (self.running)().ok_or(Error::Broken)?;
        let counted = match Store::open(&self.file)?.count(now, (self.wall_ms)())? {
            Counting::Counted(counted) => counted,
            Counting::Shut(shut) => return Ok((Judgement::Locked { left_s: store::seconds(shut.left_ms) }, "locked")),
            Counting::NoOfficer => return Ok((Judgement::NoOfficer, "no-officer")),
        };
        match counted.compare(pin, self.pepper.as_deref())? {
            Some(found) => {
                self.reset(&found);
                *officer = Some(found.id);
                Ok((Judgement::Granted { officer: found.name }, "granted"))
            }
            None if counted.left > 0 => Ok((Judgement::Wrong { left: counted.left }, "wrong")),
            None => Ok((self.shut(), "wrong")),
        }
    }

    /// The try that shut the door.
    fn shut(&self) -> Judgement {
        match self.door() {
            Door::Locked { left_s } => Judgement::Locked { left_s },
            Door::Ready | Door::NoOfficer => Judgement::Wrong { left: 0 },
            Door::Broken => Judgement::Broken,
        }
    }

    /// A counter that cannot be reset now keeps nobody out who knows the PIN: it is reset by the next right try.
    fn reset(&self, found: &Found) {
        if let Err(error) = Store::open(&self.file).and_then(|mut store| store.reset(found, (self.wall_ms)())) {
            journal::write(&Entry::OfficersUnavailable { code: error.code() });
        }
    }

    /// The open outreach session; `None` also where the file cannot be read.
    pub fn outreach(&self) -> Option<Outreach> {
        Store::open(&self.file).and_then(|store| store.outreach()).ok().flatten()
    }

    /// Opens an outreach session.
    pub fn open_outreach(&self, place: &str, team: &str) -> Result<(), Error> {
        Store::open(&self.file)?.open_outreach(place, team, (self.wall_ms)())
    }

    /// Closes it; gives its sums.
    pub fn close_outreach(&self) -> Result<Outreach, Error> {
        Store::open(&self.file)?.close_outreach((self.wall_ms)())
    }

    /// A citizen came or went. A count that cannot be written is lost: nothing waits for it.
    pub fn passed(&self, count: Count) {
        if let Err(error) = Store::open(&self.file).and_then(|mut store| store.passed(count)) {
            journal::write(&Entry::OfficersUnavailable { code: error.code() });
        }
    }

    /// Somebody was advised all this. Lost in the same way.
    pub fn advised(&self, advice: &[Advice]) {
        if let Err(error) = Store::open(&self.file).and_then(|mut store| store.advised(advice)) {
            journal::write(&Entry::OfficersUnavailable { code: error.code() });
        }
    }
}
