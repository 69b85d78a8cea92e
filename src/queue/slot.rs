//! What the queue's thread holds: the store while it is open, the disk's reserve, and what to do when either fails.

use super::disk::{Reserve, free_bytes};
use super::standing::{Limits, Room, Standing, ageing, room};
use super::store::{Due, Error, Salvaged, Sealer, Store, Submission, Tally};
use super::witness::{Pen, Witness};
use super::{quarantine, salvage};
use crate::domain::submission::Attention;
use crate::envelope::{Manifest, OfficeKey, manifest_is_signed_by};
use crate::journal::{self, Entry};
use ed25519_dalek::VerifyingKey;
use rand_core::UnwrapErr;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::watch;
use uuid::Uuid;

pub(super) struct Slot {
    path: PathBuf,
    sealer: Arc<Sealer>,
    limits: Limits,
    clock: fn() -> i64,
    store: Option<Store>,
    reserve: Reserve,
    pen: Pen,
    journal_whole: bool,
    tally: watch::Sender<Tally>,
}

impl Slot {
    pub(super) fn new(
        path: &Path,
        sealer: Arc<Sealer>,
        limits: Limits,
        clock: fn() -> i64,
        tally: watch::Sender<Tally>,
    ) -> Self {
        let (reserve, pen) = (Reserve::beside(path, limits.reserve_bytes), Pen::closed());
        Self { path: path.to_owned(), sealer, limits, clock, store: None, reserve, pen, journal_whole: true, tally }
    }

    /// Opens the file if it is not open.
    pub(super) fn open(&mut self) -> Result<(), Error> {
        if self.store.is_some() {
            return Ok(());
        }
        let mut opened = self.open_file();
        if matches!(opened, Err(Error::Full)) && self.reserve.release() {
            journal::write(&Entry::ReserveReleased);
            opened = self.open_file();
        }
        let store = opened.inspect_err(|e| journal::write(&Entry::QueueUnavailable { code: e.code() }))?;
        self.pen = Pen::beside(&self.path);
        self.store = Some(store);
        self.look_after_reserve();
        Ok(())
    }

    fn open_file(&mut self) -> Result<Store, Error> {
        quarantine::finish_moving(&self.path).map_err(|_| Error::Broken)?;
        let epoch = random_epoch()?;
        let witness = Witness::read(&self.path);
        let mut store = match Store::open(&self.path, epoch, None) {
            Ok(store) if is_behind(&store, witness)? => {
                store.leave()?;
                self.begin_anew(epoch)?
            }
            Err(Error::Damaged) => self.begin_anew(epoch)?,
            other => other?,
        };
        self.journal_whole = store.journal_is_whole()?;
        if !self.journal_whole {
            journal::write(&Entry::JournalBroken);
        }
        let done: Vec<u32> = store.salvaged()?.into_iter().map(|salvaged| salvaged.quarantine).collect();
        self.salvage(&mut store, |n| !done.contains(&n))?;
        Ok(store)
    }

    fn begin_anew(&mut self, epoch: [u8; 16]) -> Result<Store, Error> {
        quarantine::move_aside(&self.path).map_err(|_| Error::Broken)?;
        journal::write(&Entry::QueueMovedAside);
        Store::open(&self.path, epoch, None)
    }

    /// A damaged queue that cannot be gone through now, on a full disk for instance, is gone through at the next
    /// opening; it does not keep the new one from working.
    fn salvage(&mut self, store: &mut Store, wanted: impl Fn(u32) -> bool) -> Result<(), Error> {
        let device = self.sealer.device.public();
        for n in quarantine::numbers(&self.path).into_iter().filter(|n| wanted(*n)) {
            match salvage::from_quarantine(store, &self.path, n, &device, (self.clock)()) {
                Ok(Salvaged { quarantine, saved, lost }) => {
                    journal::write(&Entry::QueueSalvaged { quarantine, saved, lost });
                }
                Err(Error::Broken | Error::Damaged) => return Err(Error::Broken),
                Err(error) => journal::write(&Entry::QueueUnavailable { code: error.code() }),
            }
        }
        Ok(())
    }

    pub(super) fn salvage_again(&mut self) -> Result<Vec<Salvaged>, Error> {
        self.open()?;
        let mut store = self.store.take().ok_or(Error::Broken)?;
        self.salvage(&mut store, |_| true)?;
        let found = store.salvaged()?;
        self.store = Some(store);
        Ok(found)
    }

    /// After a failure of the file itself the connection is closed: a failed sync cannot be repeated, only looked at
    /// again from the start.
    pub(super) fn with<T>(&mut self, work: impl FnOnce(&mut Store, i64) -> Result<T, Error>) -> Result<T, Error> {
        self.open()?;
        let now_ms = (self.clock)();
        let result = work(self.store.as_mut().ok_or(Error::Broken)?, now_ms);
        if matches!(result, Err(Error::Broken | Error::Damaged)) {
            self.store = None;
        }
        result
    }

    /// What must be written even on a full disk: what may be erased is, and the reserve is given up for it.
    pub(super) fn essential<T>(&mut self, work: impl Fn(&mut Store, i64) -> Result<T, Error>) -> Result<T, Error> {
        let mut result = self.with(&work);
        if matches!(result, Err(Error::Full)) && self.make_room() {
            result = self.with(&work);
        }
        if result.is_ok() && !self.reserve.allows_more() {
            self.look_after_reserve();
        }
        result
    }

    /// `true`: there may be more room than before.
    fn make_room(&mut self) -> bool {
        let released = self.reserve.release();
        if released {
            journal::write(&Entry::ReserveReleased);
        }
        let erased = self.with(Store::erase_allowed).unwrap_or_default();
        released || erased > 0
    }

    fn look_after_reserve(&mut self) {
        if self.reserve.take() {
            journal::write(&Entry::ReserveTaken);
        }
    }

    pub(super) fn put(&mut self, submission: &Submission) -> Result<(), Error> {
        let mut result = self.try_to_put(submission);
        if matches!(result, Err(Error::Full)) && self.make_room() {
            // The reserve is for receipts: a dossier gets only what is left when it is held again.
            self.look_after_reserve();
            result = self.try_to_put(submission);
        }
        match result {
            // Whether it was committed is not known: look before telling anybody anything.
            Err(error @ (Error::Broken | Error::Damaged)) => {
                let committed = self.with(|store, _| store.contains(submission.ids.submission));
                if matches!(committed, Ok(true)) { Ok(()) } else { Err(error) }
            }
            other => other,
        }
    }

    fn try_to_put(&mut self, submission: &Submission) -> Result<(), Error> {
        self.open()?;
        if !self.reserve.allows_more() {
            self.look_after_reserve();
        }
        if !self.reserve.allows_more() {
            return Err(Error::Full);
        }
        let sealer = Arc::clone(&self.sealer);
        let mut rng = UnwrapErr(getrandom::SysRng);
        self.with(|store, now_ms| store.put(submission, &sealer, now_ms, &mut rng))
    }

    /// Whoever sends gets only what is still what was signed.
    pub(super) fn claim(&mut self, limit: u32) -> Result<Vec<Due>, Error> {
        let device = self.sealer.device.public();
        let mut good = Vec::new();
        loop {
            let wanted = limit.saturating_sub(good.len() as u32);
            let claimed = self.with(|store, _| store.claim(wanted))?;
            if claimed.is_empty() {
                return Ok(good);
            }
            let ids: Vec<Uuid> = claimed.iter().map(|due| due.ids.submission).collect();
            for due in claimed {
                if is_as_signed(&due, &device) {
                    good.push(due);
                } else if let Err(error) = self.damaged(due.ids.submission) {
                    // The asker hears of none of them, so none may stay claimed.
                    let all = [ids, good.iter().map(|due| due.ids.submission).collect()].concat();
                    self.with(|store, _| store.release(&all))?;
                    return Err(error);
                }
            }
        }
    }

    pub(super) fn part(&mut self, submission: Uuid, n: u16) -> Result<Option<Vec<u8>>, Error> {
        let (due, part) = self.with(|store, _| Ok((store.find(submission)?, store.part(submission, n)?)))?;
        let (Some(due), Some(part)) = (due, part) else {
            return Ok(None);
        };
        if part_is_as_told(&due, n, &part) {
            return Ok(Some(part));
        }
        self.damaged(submission)?;
        Ok(None)
    }

    fn damaged(&mut self, submission: Uuid) -> Result<(), Error> {
        let why = Attention::Damaged;
        journal::write(&Entry::SubmissionAttention { id: submission, code: why.code() });
        self.essential(|store, now_ms| store.attention(submission, why, now_ms))
    }

    pub(super) fn use_office_key(&mut self, key: Option<OfficeKey>) {
        Arc::make_mut(&mut self.sealer).office = key;
    }

    pub(super) fn device(&self) -> VerifyingKey {
        self.sealer.device.public()
    }

    /// Below the floor what may be erased is, before anybody is sent away.
    pub(super) fn room(&mut self) -> Room {
        let limits = self.limits;
        let now = |slot: &mut Self| {
            let free = free_bytes(folder(&slot.path));
            slot.with(|store, _| Ok(room(&limits, store.tally()?, store.bytes()?, free))).unwrap_or(Room::Closed)
        };
        let found = now(self);
        let erased = match found {
            Room::DiskFloor | Room::TooLarge => self.with(Store::erase_allowed).unwrap_or_default(),
            Room::Enough | Room::TooMany | Room::Closed => 0,
        };
        if erased > 0 { now(self) } else { found }
    }

    pub(super) fn standing(&mut self) -> Result<Standing, Error> {
        let found = self.room();
        let (limits, journal_whole) = (self.limits, self.journal_whole);
        let (disk_free_bytes, reserve_held) = (free_bytes(folder(&self.path)), self.reserve.is_held());
        let quarantined = quarantine::quarantined(&self.path) as u32;
        self.with(|store, now_ms| {
            let tally = store.tally()?;
            Ok(Standing {
                tally,
                oldest_queued_age_ms: tally.oldest_queued_ms.map(|then| (now_ms - then).max(0)),
                ageing: ageing(&limits, tally, now_ms),
                waiting: store.waiting()?,
                room: found,
                disk_free_bytes,
                bytes: store.bytes()?,
                reserve_held,
                quarantined,
                salvaged: store.salvaged()?,
                journal: store.head()?,
                journal_whole,
                db_epoch: store.db_epoch(),
            })
        })
    }

    /// After every question: the counts for whoever watches, and the witness of what is committed.
    pub(super) fn publish(&mut self) {
        let Some(store) = &self.store else {
            return;
        };
        if let Ok(tally) = store.tally() {
            self.tally.send_if_modified(|old| std::mem::replace(old, tally) != tally);
        }
        if let Ok(witness) = committed(store) {
            self.pen.write(witness);
        }
    }
}

fn committed(store: &Store) -> Result<Witness, Error> {
    Ok(Witness { db_epoch: store.db_epoch(), places: store.places()?, journal_seq: store.head()?.seq })
}

fn is_behind(store: &Store, witness: Option<Witness>) -> Result<bool, Error> {
    let now = committed(store)?;
    Ok(witness.is_some_and(|then| {
        then.db_epoch == now.db_epoch && (then.places > now.places || then.journal_seq > now.journal_seq)
    }))
}

/// True when the device has signed exactly this, under these ids.
pub(super) fn is_as_signed(due: &Due, device: &VerifyingKey) -> bool {
    manifest_is_signed_by(device, &due.manifest, &due.signature)
        && Manifest::parse(&due.manifest).is_ok_and(|manifest| manifest.binding().ids == due.ids)
}

/// True when the part is the one the manifest names. The manifest itself was looked at when it was claimed.
pub(super) fn part_is_as_told(due: &Due, n: u16, part: &[u8]) -> bool {
    let digest: [u8; 32] = Sha256::digest(part).into();
    let named = |manifest: Manifest| manifest.parts.iter().any(|entry| entry.n == n && entry.sha256 == digest);
    Manifest::parse(&due.manifest).is_ok_and(named)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn random_epoch() -> Result<[u8; 16], Error> {
    let mut epoch = [0; 16];
    getrandom::fill(&mut epoch).map_err(|_| Error::Broken)?;
    Ok(epoch)
}
