//! Power, reader, officer, backup: what is done to kiosks and office, and the calm at the end.

use super::kiosk::Disk;
use super::network::Link;
use super::office::Condition;
use super::world::{HOUR, Happening, MINUTE, Ms, SECOND, World};
use crate::domain::delivery::Input;
use crate::domain::flow::{Event, ReaderState};
use std::sync::Arc;

impl World {
    pub(super) fn power_returns(&mut self, k: usize) {
        if self.kiosks[k].is_on {
            return;
        }
        let seed = self.rng.u64(..);
        let setup = Arc::clone(&self.setup);
        self.kiosks[k].start(&setup, seed);
        let has_reader = self.kiosks[k].has_reader;
        self.reader(k, has_reader);
        self.tell(k, || "starts".to_owned());
        self.feed(k, Input::Started);
    }

    /// The power is gone, in the midst of everything; it returns after `back`, unless somebody else sees to that.
    pub(super) fn power_fails(&mut self, k: usize, back: Option<Ms>) {
        if !self.kiosks[k].is_on {
            return;
        }
        self.meets("a power cut");
        self.interrupted_save(k);
        self.kiosks[k].lose_power();
        self.tell(k, || "loses power".to_owned());
        if let Some(back) = back {
            self.after(back, Happening::Power(k, true));
        }
    }

    pub(super) fn hint(&mut self, k: usize, input: Input) {
        if self.kiosks[k].is_on {
            self.kiosks[k].probes.disturbed();
            self.feed(k, input);
        }
    }

    pub(super) fn reader(&mut self, k: usize, is_in: bool) {
        let kiosk = &mut self.kiosks[k];
        kiosk.has_reader = is_in;
        kiosk.session.step(Event::Reader(if is_in { ReaderState::Ready } else { ReaderState::Missing }));
    }

    /// An officer looks at what waits for one, and sometimes presses "try now".
    pub(super) fn officer_visits(&mut self, k: usize) {
        if !self.kiosks[k].is_on {
            return;
        }
        let count = self.kiosks[k].store.put_back();
        self.tell(k, || format!("an officer comes; {count} are put back"));
        if count > 0 {
            self.feed(k, Input::Saved);
        }
        if self.rng.bool() {
            self.hint(k, Input::OfficerSaysTry);
        }
    }

    pub(super) fn office_backs_up(&mut self) {
        let (epoch, no) = self.office.back_up();
        let safe_after = self.rng.u64(MINUTE..60 * MINUTE);
        self.after(safe_after, Happening::BackedUp(epoch, no));
    }

    pub(super) fn office_restores(&mut self) {
        if let Some(gone) = self.office.restore() {
            self.meets(if gone > 0 { "a restore that loses dossiers" } else { "a restore that loses nothing" });
            let epoch = self.office.epoch;
            self.tell_of_the_office(|| format!("is restored: {gone} dossiers are gone, epoch {epoch}"));
        }
    }

    /// From here on everything works.
    pub(super) fn calms_down(&mut self) {
        self.tell_of_the_office(|| "and all kiosks are well from here on".to_owned());
        self.office.condition = Condition::Well;
        self.office.denied.fill(false);
        for k in 0..self.kiosks.len() {
            let kiosk = &mut self.kiosks[k];
            kiosk.link = Link::Up;
            kiosk.disk = Disk::Well;
            kiosk.wall_off_ms = 0;
            self.power_returns(k);
            self.reader(k, true);
            let after = self.rng.u64(SECOND..30 * MINUTE);
            self.after(after, Happening::Officer(k));
            // After the last thing that would make the sync look by chance.
            self.after(2 * HOUR, Happening::SilentSave(k));
        }
    }
}
