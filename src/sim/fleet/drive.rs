//! The driver: carries the sync's orders out, and brings back what came of them.

use super::kiosk::Disk;
use super::mutant::Mutant;
use super::network::{Fare, Link};
use super::office::{Kind, Request, Said, epoch_number};
use super::store::{Fate, Receipt};
use super::world::{HOUR, Happening, Ms, SECOND, World};
use crate::domain::delivery::{Input, Office, Order, Reach, Record};
use crate::domain::flow::Event;
use crate::domain::form::Application;
use crate::domain::submission::{Attention, FIRST_PAUSE_MS, LONGEST_PAUSE_MS, Outcome, deadline_ms};
use uuid::Uuid;

/// One write in so many is the moment of a power cut.
const CUTS_AT_A_WRITE: u32 = 3_000;

impl World {
    /// Gives the kiosk's sync one input, and everything that follows from it at once.
    pub(super) fn feed(&mut self, k: usize, input: Input) {
        let (mut inputs, mut orders) = (std::mem::take(&mut self.inputs), std::mem::take(&mut self.orders));
        inputs.push_back(input);
        while let Some(input) = inputs.pop_front() {
            self.kiosks[k].delivery.step(self.now, input, &mut orders);
            for order in orders.drain(..) {
                if let Some(next) = self.carry_out(k, order) {
                    inputs.push_back(next);
                }
                if !self.kiosks[k].is_on {
                    inputs.clear();
                    break;
                }
            }
        }
        (self.inputs, self.orders) = (inputs, orders);
        self.set_alarm(k);
    }

    pub(super) fn wakes(&mut self, k: usize, generation: u32) {
        let kiosk = &mut self.kiosks[k];
        if kiosk.generation == generation && kiosk.wake_at == Some(self.now) {
            kiosk.wake_at = None;
            self.feed(k, Input::Wake);
        }
    }

    fn set_alarm(&mut self, k: usize) {
        let kiosk = &mut self.kiosks[k];
        if !kiosk.is_on {
            return;
        }
        let mut wake = kiosk.delivery.next_wake_ms();
        if self.mutant == Some(Mutant::NoJitter) && kiosk.probes.failed > 0 {
            let ceiling = (FIRST_PAUSE_MS << (kiosk.probes.failed + 3).min(20)).min(LONGEST_PAUSE_MS);
            wake = wake.map(|at| at.max(kiosk.probes.failed_at + ceiling));
        }
        if wake != kiosk.wake_at {
            kiosk.wake_at = wake;
            let generation = kiosk.generation;
            if let Some(at) = wake {
                self.at(at, Happening::Wake(k, generation));
            }
        }
    }

    fn carry_out(&mut self, k: usize, order: Order) -> Option<Input> {
        match order {
            Order::Claim(most) => {
                let tickets = self.kiosks[k].store.claim(most);
                if self.mutant == Some(Mutant::NewIdPerAttempt) {
                    for ticket in &tickets {
                        let wire = Uuid::from_u128(self.rng.u128(..));
                        self.kiosks[k].wires.insert(ticket.id, wire);
                    }
                }
                return Some(Input::Claimed(tickets));
            }
            Order::Offer(id) => {
                self.judge.first_offer(k, self.now);
                self.send(k, Kind::Offer, id);
            }
            Order::SendPart { id, n } => {
                let kiosk = &self.kiosks[k];
                let row = kiosk.store.at(id).map(|at| &kiosk.store.rows[at]);
                let is_here = row.is_some_and(|row| row.parts_are_here && (row.fate != Fate::PartGone || n > 0));
                if !is_here {
                    self.meets("a part that is gone");
                    return Some(Input::PartSent { id, n, result: Err(Outcome::PartsVanish) });
                }
                self.send(k, Kind::Part(n), id);
            }
            Order::Record { id, what } => return self.record(k, id, what),
            Order::Ping => {
                self.probes(k);
                self.send(k, Kind::Ping, Uuid::nil());
            }
            Order::Beat => self.send(k, Kind::Beat, Uuid::nil()),
            Order::PullStatuses => self.send(k, Kind::Statuses, Uuid::nil()),
            Order::FetchKeys => self.send(k, Kind::Keys, Uuid::nil()),
            Order::Seen(office) => return self.sees_the_office(k, office),
            Order::Tell(reach) => {
                self.kiosks[k].is_online = reach == Reach::Online;
                self.tell(k, || format!("the way to the office: {reach:?}"));
            }
        }
        None
    }

    fn sees_the_office(&mut self, k: usize, office: Office) -> Option<Input> {
        let epoch = epoch_number(office.epoch);
        let office_ms = office.office_ms.unsigned_abs();
        let seen = self.kiosks[k].store.seen(epoch, office.durable_through, office_ms, self.keep_ms);
        for at in seen.erased {
            self.judge_erased(k, at);
        }
        let count = seen.requeued.len();
        (count > 0).then(|| {
            self.meets("delivered dossiers are sent once more");
            self.tell(k, || format!("epoch {epoch}: {count} delivered dossiers are sent once more"));
            Input::Saved
        })
    }

    fn record(&mut self, k: usize, id: Uuid, what: Record) -> Option<Input> {
        let kiosk = &mut self.kiosks[k];
        let at = kiosk.store.at(id)?;
        if what == Record::Release {
            kiosk.store.release(at);
            return None;
        }
        let held = kiosk.receipts.iter().position(|(row, _)| *row == at);
        let receipt = held.map(|held| kiosk.receipts.swap_remove(held).1);
        let is_cut = self.now < self.calm_at && self.rng.u32(0..CUTS_AT_A_WRITE) == 0;
        let is_written = match self.kiosks[k].disk {
            Disk::Full => false,
            Disk::Failing => self.rng.u8(0..4) > 0,
            Disk::Well | Disk::Floor => !is_cut || self.rng.bool(),
        };
        if is_written {
            self.write_down(k, at, what, receipt);
        } else {
            let row = &mut self.kiosks[k].store.rows[at];
            // What could not be written down is said again by the office.
            row.refused = row.refused.saturating_sub(u32::from(what == Record::Attention(Attention::Refused)));
            self.kiosks[k].store.release(at);
            self.meets("an outcome that cannot be written down");
            self.tell(k, || format!("{id}: {what:?} could not be written down"));
        }
        if is_cut {
            let back = self.rng.u64(20 * SECOND..4 * HOUR);
            self.power_fails(k, Some(back));
            return None;
        }
        Some(Input::Recorded(is_written))
    }

    fn write_down(&mut self, k: usize, at: usize, what: Record, receipt: Option<Receipt>) {
        let kiosk = &mut self.kiosks[k];
        let id = kiosk.store.rows[at].id;
        match (what, receipt) {
            (Record::Received, Some(receipt)) => {
                kiosk.store.received(at, receipt);
                if kiosk.visit.is_some() {
                    kiosk.session.step(Event::Delivered { reference: reference(id) });
                }
            }
            (Record::Attention(Attention::Refused), _) if self.mutant == Some(Mutant::Retry422) => {
                kiosk.store.failed(at);
            }
            (Record::Attention(why), _) => kiosk.store.attention(at, why),
            (Record::Failed, _) => kiosk.store.failed(at),
            (Record::Received, None) | (Record::Release, _) => kiosk.store.release(at),
        }
        self.tell(k, || format!("{id}: {what:?} {receipt:?}"));
    }

    fn send(&mut self, k: usize, kind: Kind, id: Uuid) {
        let kiosk = &self.kiosks[k];
        let bytes = match kind {
            Kind::Part(_) => 120_000,
            Kind::Offer => 2_000,
            Kind::Ping | Kind::Beat | Kind::Statuses | Kind::Keys => 500,
        };
        let row = kiosk.store.at(id).map(|at| &kiosk.store.rows[at]);
        let mut request = Request {
            kind,
            id,
            wire: kiosk.wires.get(&id).copied().unwrap_or(id),
            act: row.map_or(0, |row| row.act),
            digest: row.map_or(0, |row| row.digest),
            parts: row.map_or(0, |row| row.parts),
            fate: row.map_or(Fate::Good, |row| row.fate),
            torn: false,
            deadline: self.now + deadline_ms(bytes),
        };
        let generation = kiosk.generation;
        match kiosk.link.request(bytes, &mut self.rng) {
            Fare::Lost { known_after } => {
                let at = known_after.map_or(request.deadline, |after| self.now + after);
                self.will_hear(k, generation, &request, at, Said::Outcome(Outcome::Offline));
            }
            Fare::Answered { after } => {
                self.will_hear(k, generation, &request, self.now + after, Said::Outcome(Outcome::NotTheOffice));
            }
            Fare::Arrives { after, torn, again_after } => {
                request.torn = torn && matches!(kind, Kind::Offer | Kind::Part(_));
                self.after(after, Happening::Arrives { from: k, request, echo: false, generation });
                if let Some(again) = again_after {
                    self.after(after + again, Happening::Arrives { from: k, request, echo: true, generation });
                }
            }
        }
    }

    fn will_hear(&mut self, kiosk: usize, generation: u32, request: &Request, at: Ms, said: Said) {
        let (kind, id) = (request.kind, request.id);
        self.at(at, Happening::Hears { kiosk, generation, kind, id, said });
    }

    /// A request reaches the office; `echo`: it did so before, and nobody waits for this answer.
    pub(super) fn arrives(&mut self, from: usize, request: Request, echo: bool, generation: u32) {
        let bundle = self.kiosks[from].bundle_version;
        let answer = self.office.answer(from, bundle, &request, self.now, &mut self.rng);
        if echo {
            self.meets("a request that arrives twice");
            return;
        }
        let link = self.kiosks[from].link;
        if answer.is_none() {
            self.meets("an office that falls over");
        } else if link == Link::HalfOpen {
            self.meets("a half-open link");
        }
        let heard = answer.and_then(|(takes, said)| {
            let (after, said) = link.answer(said, &mut self.rng)?;
            Some((self.now + takes + after, said))
        });
        match heard {
            Some((at, said)) if at <= request.deadline => self.will_hear(from, generation, &request, at, said),
            late => {
                if late.is_some() {
                    self.meets("an answer that is too late");
                }
                let at = request.deadline.max(self.now);
                self.will_hear(from, generation, &request, at, Said::Outcome(Outcome::Offline));
            }
        }
    }

    pub(super) fn hears(&mut self, k: usize, generation: u32, kind: Kind, id: Uuid, said: Said) {
        if self.kiosks[k].generation != generation {
            return;
        }
        let input = match (kind, said) {
            (Kind::Offer, said) => self.hears_of_an_offer(k, id, said),
            (Kind::Part(n), said) => self.hears_of_a_part(k, id, n, said),
            (Kind::Ping, Said::Pong(office)) => Input::Pinged(Ok(office)),
            (Kind::Ping, said) => Input::Pinged(Err(outcome(said))),
            (Kind::Beat, said) => Input::Beaten(done(said)),
            (Kind::Statuses, said) => Input::StatusesTaken(done(said)),
            (Kind::Keys, Said::Keys(version)) => {
                self.kiosks[k].bundle_version = version;
                self.meets("a new key bundle");
                self.tell(k, || format!("has key bundle {version}"));
                Input::KeysTaken(Ok(version))
            }
            (Kind::Keys, said) => Input::KeysTaken(Err(outcome(said))),
        };
        if let Input::Pinged(result) = &input {
            let failed = matches!(result, Err(Outcome::Offline | Outcome::NotTheOffice));
            if *result == Err(Outcome::UnknownKey) {
                self.meets("an unknown key");
            }
            self.kiosks[k].probes.answered(self.now, failed);
        }
        self.feed(k, input);
    }

    fn hears_of_an_offer(&mut self, k: usize, id: Uuid, said: Said) -> Input {
        let kiosk = &mut self.kiosks[k];
        let at = kiosk.store.at(id);
        let outcome = match said {
            Said::Receipt(receipt) => {
                kiosk.receipts.extend(at.map(|at| (at, receipt)));
                Outcome::Receipt
            }
            Said::Outcome(Outcome::NotTheOffice) if self.mutant == Some(Mutant::AckAny2xx) => {
                let receipt = Receipt { no: 0, epoch: 1, office_ms: self.now };
                kiosk.receipts.extend(at.map(|at| (at, receipt)));
                Outcome::Receipt
            }
            said => outcome(said),
        };
        if let Some(at) = at {
            self.judge_heard(k, at, &outcome);
        }
        self.tell(k, || format!("{id}: offered, {outcome:?}"));
        Input::Exchanged { id, outcome }
    }

    fn hears_of_a_part(&mut self, k: usize, id: Uuid, n: u16, said: Said) -> Input {
        let result = done(said);
        let kiosk = &mut self.kiosks[k];
        if let Some(at) = kiosk.store.at(id) {
            let row = &mut kiosk.store.rows[at];
            row.torn += u32::from(result == Err(Outcome::Torn));
            let is_last = n + 1 == row.parts;
            if self.mutant == Some(Mutant::PurgeBeforeReceipt) && is_last && result.is_ok() {
                row.parts_are_here = false;
            }
        }
        self.tell(k, || format!("{id}: part {n}, {result:?}"));
        Input::PartSent { id, n, result }
    }
}

fn outcome(said: Said) -> Outcome {
    match said {
        Said::Outcome(outcome) => outcome,
        // An answer to another question is not the office's.
        Said::Receipt(_) | Said::Done | Said::Pong(_) | Said::Keys(_) => Outcome::NotTheOffice,
    }
}

fn done(said: Said) -> Result<(), Outcome> {
    match said {
        Said::Done => Ok(()),
        said => Err(outcome(said)),
    }
}

/// As on the slip: something short that belongs to the id.
pub(super) fn reference(id: Uuid) -> String {
    id.simple().to_string()[..8].to_owned()
}

/// FNV-1a over fields and values, in order.
pub(super) fn digest(application: &Application) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for (field, filled) in application.fields() {
        for byte in field.spec().key.bytes().chain([0]).chain(filled.value.bytes()).chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}
