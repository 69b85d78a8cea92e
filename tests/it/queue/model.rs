//! The fleets of the simulation run on a model of this queue: the same random steps on both lead to the same.

use super::{EPOCH, FILE, Hands, NOW_MS, ids, office, open, receipt_for};
use fastrand::Rng;
use passport_kiosk::domain::submission::Attention;
use passport_kiosk::queue::store::Store;
use passport_kiosk::sim::fleet::store::{Fate, Receipt, State, Store as Model};
use powercut::Disk;
use std::path::Path;
use uuid::Uuid;

const SEEDS: u64 = 25;
const STEPS: usize = 120;
const HOUR_MS: u64 = 60 * 60 * 1_000;
const KEEP_MS: u64 = 20 * HOUR_MS;
/// What an officer may put back, and what stays.
const REASONS: [Attention; 4] = [Attention::Torn, Attention::Incomplete, Attention::Refused, Attention::Conflict];

struct Pair {
    rng: Rng,
    disk: Disk,
    hands: Hands,
    store: Store,
    model: Model,
    put: u8,
    leased: Vec<Uuid>,
    epoch: u8,
    watermark: u64,
    next_no: u64,
    hours: u64,
    /// Which kinds of step led to something.
    seen: (usize, usize),
}

#[test]
fn random_steps_on_the_queue_and_on_the_simulations_model_of_it_lead_to_the_same() {
    let (mut requeued, mut erased) = (0, 0);
    for seed in 0..SEEDS {
        let (disk, hands) = (Disk::new(), Hands::new());
        let store = open(&disk).unwrap();
        let mut pair = Pair {
            rng: Rng::with_seed(seed),
            disk,
            hands,
            store,
            model: Model::default(),
            put: 0,
            leased: Vec::new(),
            epoch: 1,
            watermark: 0,
            next_no: 1,
            hours: 1,
            seen: (0, 0),
        };
        for step in 0..STEPS {
            let what = pair.step();
            pair.compare(&format!("seed {seed}, step {step}: {what}"));
        }
        requeued += pair.seen.0;
        erased += pair.seen.1;
    }
    println!("{requeued} sent once more, {erased} erased");
    assert!(requeued > 50 && erased > 50, "too little happened: {requeued} sent once more, {erased} erased");
}

impl Pair {
    fn step(&mut self) -> &'static str {
        match self.rng.u8(0..20) {
            0..=4 if self.put < 40 => {
                self.put += 1;
                self.hands.put(&mut self.store, self.put).unwrap();
                let parts = 2;
                self.model.put(ids(self.put).submission, u64::from(self.put), 0, parts, Fate::Good);
                "put"
            }
            5..=7 => {
                let most = self.rng.usize(1..5);
                let real = self.store.claim(most as u32).unwrap();
                let real: Vec<_> = real.iter().map(|due| (due.ids.submission, due.failures)).collect();
                let model: Vec<_> = self.model.claim(most).iter().map(|ticket| (ticket.id, ticket.failures)).collect();
                assert_eq!(real, model, "claimed");
                self.leased.extend(real.iter().map(|(id, _)| *id));
                "claim"
            }
            8..=14 if !self.leased.is_empty() => {
                let at = self.rng.usize(0..self.leased.len());
                let id = self.leased.swap_remove(at);
                self.outcome(id)
            }
            15..=17 => {
                self.sees_the_office();
                "seen"
            }
            18 => {
                // The power goes: the file stays, the leases do not.
                let elsewhere = Store::open(Path::new(FILE), EPOCH, Some(&Disk::new().register())).unwrap();
                drop(std::mem::replace(&mut self.store, elsewhere));
                self.store = open(&self.disk).unwrap();
                self.model.power_cut();
                self.leased.clear();
                "power"
            }
            _ => {
                for row in &self.model.rows {
                    if matches!(row.state, State::Attention(Attention::Torn | Attention::Incomplete)) {
                        assert!(self.store.requeue(row.id, NOW_MS).unwrap());
                    }
                }
                self.model.put_back();
                "put back"
            }
        }
    }

    fn outcome(&mut self, id: Uuid) -> &'static str {
        let at = self.model.at(id).unwrap();
        match self.rng.u8(0..8) {
            0 => {
                self.store.release(&[id]).unwrap();
                self.model.release(at);
                "release"
            }
            1 => {
                self.store.failed(id).unwrap();
                self.model.failed(at);
                "failed"
            }
            2 => {
                let why = REASONS[self.rng.usize(0..REASONS.len())];
                self.store.attention(id, why, NOW_MS).unwrap();
                self.model.attention(at, why);
                "attention"
            }
            _ => {
                // Now and then an answer is so late that the office has been restored meanwhile.
                let late = self.epoch > 1 && self.rng.u8(0..5) == 0;
                let (epoch, no) = (self.epoch - u8::from(late), self.next_no);
                self.next_no += 1;
                let office_ms = self.hours * HOUR_MS;
                let (receipt, signed) = receipt_for(&self.store, id, no, epoch, office_ms.cast_signed());
                self.store.received(&receipt, &signed, NOW_MS).unwrap();
                self.model.received(at, Receipt { no, epoch: u32::from(epoch), office_ms });
                "received"
            }
        }
    }

    fn sees_the_office(&mut self) {
        self.hours += self.rng.u64(1..12);
        if self.rng.u8(0..5) == 0 {
            self.epoch += 1;
            self.watermark = 0;
        } else if self.rng.bool() {
            self.watermark = self.rng.u64(self.watermark..self.next_no.max(self.watermark + 1));
        }
        let now_ms = self.hours * HOUR_MS;
        let seen = office(self.epoch, self.watermark, now_ms.cast_signed());
        let real = self.store.office_seen(seen, KEEP_MS.cast_signed(), NOW_MS).unwrap();
        let model = self.model.seen(u32::from(self.epoch), self.watermark, now_ms, KEEP_MS);
        assert_eq!((real.requeued, real.erased), (model.requeued.len(), model.erased.len()), "requeued, erased");
        self.seen.0 += real.requeued;
        self.seen.1 += real.erased;
    }

    fn compare(&self, step: &str) {
        let tally = self.store.tally().unwrap();
        let count = |state: fn(&State) -> bool| self.model.rows.iter().filter(|row| state(&row.state)).count() as u32;
        let model = (
            count(|state| *state == State::Queued),
            count(|state| matches!(state, State::Received(_))),
            count(|state| matches!(state, State::Attention(_))),
        );
        assert_eq!((tally.queued, tally.received, tally.attention), model, "{step}");
        assert_eq!(self.model.waiting() as u32, model.0, "{step}");
        for row in &self.model.rows {
            let is_here = self.store.part(row.id, 0).unwrap().is_some();
            assert_eq!(is_here, row.parts_are_here, "{step}: {}", row.id);
        }
    }
}
