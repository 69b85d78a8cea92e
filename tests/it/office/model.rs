//! The office's store as it should be, in memory: what a random walk is held against.

use passport_kiosk::office::store::{
    Accepted, Bundle, CodeHash, Enrolment, Kept, MAX_WRONG_CODES, NewPart, NewSubmission, Redeemed, State, Status,
    StoreError, Stored,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

type Said<T> = Result<T, StoreError>;

struct Code {
    hash: CodeHash,
    until_ms: i64,
    wrong: u8,
    used_by: Option<[u8; 32]>,
}

#[derive(Default)]
pub struct Model {
    kiosks: BTreeMap<String, ([u8; 32], bool)>,
    codes: BTreeMap<String, Code>,
    parts: BTreeMap<(Uuid, u16), NewPart>,
    accepted: Vec<(NewSubmission, i64)>,
    portal_codes: BTreeSet<Uuid>,
    changes: Vec<(String, Status, i64)>,
    epoch: [u8; 16],
    past_epochs: BTreeSet<[u8; 16]>,
    durable_through: u64,
    journals: BTreeMap<String, (u64, [u8; 32])>,
    bundle: Option<Bundle>,
    takes_other_parts: bool,
}

impl Model {
    /// A flaw: the same place with other bytes is taken for the same part.
    pub fn that_takes_other_parts() -> Self {
        Self { takes_other_parts: true, ..Self::default() }
    }

    pub fn start_in(&mut self, epoch: [u8; 16]) {
        self.epoch = epoch;
    }

    pub fn enrol(&mut self, new: &Enrolment) -> Said<Kept> {
        let key = *new.key.as_bytes();
        match self.kiosks.get(&new.kiosk_id) {
            Some((_, true)) => Err(StoreError::Revoked),
            Some((known, false)) if *known != key => Err(StoreError::OtherKey),
            Some(_) => Ok(Kept::Again),
            None => {
                self.kiosks.insert(new.kiosk_id.clone(), (key, false));
                Ok(Kept::New)
            }
        }
    }

    pub fn revoke(&mut self, kiosk: &str) -> Said<()> {
        self.kiosks.get_mut(kiosk).map(|(_, revoked)| *revoked = true).ok_or(StoreError::UnknownKiosk)
    }

    pub fn offer_code(&mut self, kiosk: &str, hash: CodeHash, until_ms: i64) -> Said<()> {
        if self.kiosks.get(kiosk).is_some_and(|(_, revoked)| *revoked) {
            return Err(StoreError::Revoked);
        }
        self.codes.insert(kiosk.to_owned(), Code { hash, until_ms, wrong: 0, used_by: None });
        Ok(())
    }

    pub fn redeem_code(&mut self, hash: CodeHash, new: &Enrolment, now_ms: i64) -> Said<Redeemed> {
        let key = *new.key.as_bytes();
        let Some(code) = self.codes.get_mut(&new.kiosk_id) else { return Ok(Redeemed::Void) };
        if code.until_ms <= now_ms || code.wrong == MAX_WRONG_CODES {
            return Ok(Redeemed::Void);
        }
        if code.hash != hash {
            code.wrong += 1;
            return Ok(Redeemed::Wrong(MAX_WRONG_CODES - code.wrong));
        }
        if code.used_by.is_some_and(|used| used != key) {
            return Ok(Redeemed::Void);
        }
        let kept = self.enrol(new)?;
        self.codes.get_mut(&new.kiosk_id).unwrap().used_by = Some(key);
        Ok(Redeemed::Enrolled(kept))
    }

    fn stored(&self, id: Uuid) -> Option<(usize, Stored)> {
        let at = self.accepted.iter().position(|(new, _)| new.submission_id == id)?;
        let (new, server_time_ms) = &self.accepted[at];
        let stored = Stored {
            dossier_id: new.dossier_id,
            submission_id: id,
            kiosk_id: new.kiosk_id.clone(),
            db_epoch: new.db_epoch,
            manifest_sha256: new.manifest_sha256(),
            receipt_no: at as u64 + 1,
            server_time_ms: *server_time_ms,
            office_epoch: self.epoch,
        };
        Some((at, stored))
    }

    pub fn submission(&self, id: Uuid) -> Option<Stored> {
        self.stored(id).map(|(_, stored)| stored)
    }

    pub fn put_part(&mut self, part: &NewPart) -> Said<Kept> {
        let place = (part.submission, part.n);
        if let Some(here) = self.parts.get(&place) {
            let same = (here.bytes == part.bytes || self.takes_other_parts) && here.kiosk_id == part.kiosk_id;
            return if same { Ok(Kept::Again) } else { Err(StoreError::Conflict) };
        }
        if self.stored(part.submission).is_some() {
            return Err(StoreError::Conflict);
        }
        if !self.kiosks.contains_key(&part.kiosk_id) {
            return Err(StoreError::UnknownKiosk);
        }
        self.parts.insert(place, part.clone());
        Ok(Kept::New)
    }

    pub fn parts_present(&self, id: Uuid, kiosk: &str) -> Vec<u16> {
        let is_his = |part: &&NewPart| part.submission == id && part.kiosk_id == kiosk;
        self.parts.values().filter(is_his).map(|part| part.n).collect()
    }

    pub fn accept(&mut self, new: &NewSubmission, now_ms: i64) -> Said<Accepted> {
        if let Some((at, stored)) = self.stored(new.submission_id) {
            let same = self.accepted[at].0.manifest == new.manifest && stored.kiosk_id == new.kiosk_id;
            return if same { Ok(Accepted { kept: Kept::Again, stored }) } else { Err(StoreError::Conflict) };
        }
        if !self.kiosks.contains_key(&new.kiosk_id) {
            return Err(StoreError::UnknownKiosk);
        }
        let number = |s: &NewSubmission| (s.kiosk_id.clone(), s.db_epoch, s.kiosk_seq);
        if self.accepted.iter().any(|(old, _)| number(old) == number(new)) {
            return Err(StoreError::Conflict);
        }
        let mut missing: BTreeSet<u16> = new.parts.iter().map(|part| part.n).collect();
        for part in self.parts.values().filter(|part| part.submission == new.submission_id) {
            let named = new.parts.iter().find(|named| named.n == part.n);
            if part.kiosk_id != new.kiosk_id || named.is_none_or(|named| named.sha256 != part.sha256) {
                return Err(StoreError::Conflict);
            }
            missing.remove(&part.n);
        }
        if !missing.is_empty() {
            return Err(StoreError::Missing(missing.into_iter().collect()));
        }
        self.accepted.push((new.clone(), now_ms));
        Ok(Accepted { kept: Kept::New, stored: self.submission(new.submission_id).unwrap() })
    }

    pub fn next_after(&self, receipt_no: u64) -> Option<(Stored, Vec<Vec<u8>>)> {
        let (new, _) = self.accepted.get(receipt_no as usize)?;
        let parts = self.parts.values().filter(|part| part.submission == new.submission_id);
        Some((self.submission(new.submission_id)?, parts.map(|part| part.bytes.clone()).collect()))
    }

    pub fn describe(&self) -> String {
        format!(
            "{} kiosks, {} parts, {} submissions, {} changes, {} epochs",
            self.kiosks.len(),
            self.parts.len(),
            self.accepted.len(),
            self.changes.len(),
            self.past_epochs.len() + 1
        )
    }

    pub fn standing(&self) -> (u64, u64) {
        (self.durable_through, self.accepted.len() as u64)
    }

    pub fn set_durable_through(&mut self, receipt_no: u64) -> Said<()> {
        if receipt_no > self.accepted.len() as u64 {
            return Err(StoreError::NotThatFar);
        }
        self.durable_through = self.durable_through.max(receipt_no);
        Ok(())
    }

    pub fn begin_epoch(&mut self, epoch: [u8; 16]) -> Said<()> {
        if epoch == self.epoch || self.past_epochs.contains(&epoch) {
            return Err(StoreError::Conflict);
        }
        self.past_epochs.insert(self.epoch);
        self.epoch = epoch;
        Ok(())
    }

    pub fn record_portal_code(&mut self, dossier: Uuid) -> Said<()> {
        if !self.accepted.iter().any(|(new, _)| new.dossier_id == dossier) {
            return Err(StoreError::UnknownSubmission);
        }
        self.portal_codes.insert(dossier);
        Ok(())
    }

    pub fn set_status(&mut self, status: &Status, now_ms: i64) -> Said<Kept> {
        let (at, stored) = self.stored(status.submission_id()).ok_or(StoreError::UnknownSubmission)?;
        let needs_code = matches!(status.state(), State::National(_));
        if needs_code && !self.portal_codes.contains(&self.accepted[at].0.dossier_id) {
            return Err(StoreError::NoPortalCode);
        }
        let latest = self.changes.iter().rfind(|(_, old, _)| old.submission_id() == status.submission_id());
        if latest.is_some_and(|(_, old, _)| old == status) {
            return Ok(Kept::Again);
        }
        self.changes.push((stored.kiosk_id, status.clone(), now_ms));
        Ok(Kept::New)
    }

    pub fn statuses_since(&self, kiosk: &str, cursor: u64, limit: usize) -> Vec<(u64, Status, i64)> {
        let numbered = (1..).zip(&self.changes).skip(cursor as usize);
        let his = numbered.filter(|(_, (whose, ..))| whose == kiosk);
        his.map(|(no, (_, status, at_ms))| (no, status.clone(), *at_ms)).take(limit).collect()
    }

    pub fn hear(&mut self, kiosk: &str, seq: u64, head: [u8; 32]) -> Said<bool> {
        if !self.kiosks.contains_key(kiosk) {
            return Err(StoreError::UnknownKiosk);
        }
        let longest = self.journals.entry(kiosk.to_owned()).or_insert((seq, head));
        let good = seq > longest.0 || (seq, head) == *longest;
        if seq > longest.0 {
            *longest = (seq, head);
        }
        Ok(good)
    }

    pub fn keep_bundle(&mut self, bundle: Bundle) -> Said<Kept> {
        match &self.bundle {
            Some(here) if here.version > bundle.version => Err(StoreError::OldBundle),
            Some(here) if *here == bundle => Ok(Kept::Again),
            Some(here) if here.version == bundle.version => Err(StoreError::Conflict),
            Some(_) | None => {
                self.bundle = Some(bundle);
                Ok(Kept::New)
            }
        }
    }

    pub fn bundle(&self) -> Option<Bundle> {
        self.bundle.clone()
    }
}
