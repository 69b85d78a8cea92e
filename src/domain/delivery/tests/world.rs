//! A driver, a queue and an office around one [`Delivery`], all at a seed's mercy.

use super::super::*;
use fastrand::Rng;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How the office is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// It answers, also with trouble; the test says what.
    Random,
    /// Everything is taken.
    Well,
    /// It does not know this kiosk; pings it answers.
    Denied,
    /// Nobody there.
    Away,
    /// It takes dossiers and answers pings, and nothing else works.
    HalfWell,
    /// It signs with a key that only its newest bundle names.
    Rekeyed,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) pings: u32,
    pub(super) beats: u32,
    pub(super) statuses: u32,
    pub(super) keys: u32,
}

pub(super) struct World {
    pub(super) rng: Rng,
    pub(super) delivery: Delivery,
    pub(super) now: u64,
    pub(super) mood: Mood,
    pub(super) disk_is_full: bool,
    pub(super) bundle_version: u64,
    /// Orders that wait for an answer, oldest first.
    pub(super) open: Vec<Order>,
    due: Vec<Uuid>,
    failures: BTreeMap<Uuid, u32>,
    leased: BTreeSet<Uuid>,
    saved: u128,
    pub(super) delivered: Vec<Uuid>,
    pub(super) attention: Vec<Uuid>,
    pub(super) told: Option<Reach>,
    pub(super) counts: Counts,
    /// When each exchange and each ping began.
    pub(super) offers: Vec<u64>,
    pub(super) pings: Vec<u64>,
    /// Transport failures in a row, as the outside sees them.
    in_a_row: u32,
    shut: bool,
    quiet_until: u64,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let delivery = Delivery::new(Policy { longest_pause_ms: 900_000, bundle_version: 1 }, seed);
        Self {
            rng: Rng::with_seed(seed),
            delivery,
            now: 5_000,
            mood: Mood::Random,
            disk_is_full: false,
            bundle_version: 1,
            open: Vec::new(),
            due: Vec::new(),
            failures: BTreeMap::new(),
            leased: BTreeSet::new(),
            saved: 0,
            delivered: Vec::new(),
            attention: Vec::new(),
            told: None,
            counts: Counts::default(),
            offers: Vec::new(),
            pings: Vec::new(),
            in_a_row: 0,
            shut: false,
            quiet_until: 0,
        }
    }

    /// A kiosk whose first ping is answered.
    pub(super) fn started(seed: u64) -> Self {
        let mut world = Self::new(seed);
        world.mood = Mood::Well;
        world.input(Input::Started);
        world.run_for(10_000);
        world
    }

    pub(super) fn save(&mut self, count: usize) {
        for _ in 0..count {
            self.saved += 1;
            let id = Uuid::from_u128(self.saved);
            self.due.push(id);
            self.failures.insert(id, 0);
        }
        self.input(Input::Saved);
    }

    pub(super) fn failures(&self, id: Uuid) -> u32 {
        self.failures[&id]
    }

    pub(super) fn offered(&self) -> Vec<Uuid> {
        self.open.iter().filter_map(|order| if let Order::Offer(id) = order { Some(*id) } else { None }).collect()
    }

    pub(super) fn take_offer(&self) -> Option<Uuid> {
        self.offered().first().copied()
    }

    pub(super) fn in_flight(&self) -> usize {
        self.open.iter().filter(|order| matches!(order, Order::Offer(_) | Order::SendPart { .. })).count()
    }

    pub(super) fn offers_since(&self, ms: u64) -> usize {
        self.offers.iter().filter(|at| **at > ms).count()
    }

    /// Lets time pass and everything but offers be answered until something is offered.
    pub(super) fn until_offered(&mut self) -> Uuid {
        for _ in 0..1_000 {
            if let Some(id) = self.take_offer() {
                return id;
            }
            self.pass();
        }
        panic!("nothing is offered: {:?}", self.delivery);
    }

    pub(super) fn answer_offer(&mut self, id: Uuid, outcome: Outcome) {
        let at = self.open.iter().position(|order| *order == Order::Offer(id)).expect("it was offered");
        self.open.remove(at);
        self.input(Input::Exchanged { id, outcome });
        self.answer_claims();
    }

    /// The queue is quick.
    fn answer_claims(&mut self) {
        while let Some(at) = self.open.iter().position(|order| matches!(order, Order::Claim(_))) {
            self.answer(at);
        }
    }

    pub(super) fn answer_parts(&mut self, id: Uuid) {
        while let Some(at) = self.open.iter().position(|order| matches!(order, Order::SendPart { .. })) {
            let Order::SendPart { n, .. } = self.open.remove(at) else { unreachable!() };
            self.input(Input::PartSent { id, n, result: Ok(()) });
        }
    }

    /// Lets time pass until nothing more is offered without an answer.
    pub(super) fn settle_down(&mut self) {
        for _ in 0..8 {
            self.pass();
        }
    }

    pub(super) fn run_for(&mut self, ms: u64) {
        let end = self.now + ms;
        while self.now < end {
            if self.open.is_empty() {
                let next = self.delivery.next_wake_ms().unwrap_or(end).min(end);
                assert!(next > self.now, "a wake in the past is a busy loop");
                self.now = next;
                self.input(Input::Wake);
            } else {
                self.answer(0);
            }
        }
    }

    /// One step of time, answering what is not an offer.
    fn pass(&mut self) {
        if let Some(at) = self.open.iter().position(|order| !matches!(order, Order::Offer(_) | Order::SendPart { .. }))
        {
            return self.answer(at);
        }
        if let Some(at) = self.delivery.next_wake_ms() {
            self.now = at;
            self.input(Input::Wake);
        }
    }

    /// Gives one input, and looks at every order that follows.
    pub(super) fn input(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            self.before(&input);
            let mut orders = Vec::new();
            self.delivery.step(self.now, input, &mut orders);
            inputs.extend(orders.into_iter().filter_map(|order| self.look_at(order)));
        }
        assert!(self.in_flight() <= MAX_IN_FLIGHT, "more than four under way");
        assert!(self.delivery.next_wake_ms().is_none_or(|at| at > self.now), "a wake that is not in the future");
        assert!(
            self.delivery.next_wake_ms().is_some() || !self.open.is_empty() || !self.delivery.started,
            "asleep for ever"
        );
    }

    /// The outside's own account of the circuit.
    fn before(&mut self, input: &Input) {
        let closed = |outcome: &Outcome| matches!(verdict(outcome, 0), Verdict::Wait);
        let outcome = match input {
            Input::Exchanged { outcome, .. }
            | Input::PartSent { result: Err(outcome), .. }
            | Input::Pinged(Err(outcome))
            | Input::Beaten(Err(outcome))
            | Input::StatusesTaken(Err(outcome))
            | Input::KeysTaken(Err(outcome)) => Some(outcome),
            _ => None,
        };
        let errand = matches!(input, Input::Beaten(_) | Input::StatusesTaken(_) | Input::KeysTaken(_));
        match outcome {
            Some(outcome) if closed(outcome) => self.in_a_row += u32::from(!errand),
            Some(Outcome::Denied) => self.shut = true,
            Some(Outcome::Busy(Some(seconds))) => {
                self.quiet_until = self.quiet_until.max(self.now + u64::from((*seconds).clamp(1, 3_600)) * 1_000);
            }
            Some(Outcome::Receipt) => (self.in_a_row, self.shut) = (0, false),
            _ => {}
        }
        match input {
            Input::Pinged(Ok(_)) => (self.in_a_row, self.shut) = (0, false),
            Input::PartSent { result: Ok(()), .. } => self.in_a_row = 0,
            Input::OfficerSaysTry => self.quiet_until = 0,
            _ => {}
        }
        self.shut |= self.in_a_row >= SHUT_AFTER;
    }

    /// Answers with what follows at once.
    fn look_at(&mut self, order: Order) -> Option<Input> {
        match order {
            Order::Offer(id) | Order::SendPart { id, .. } => {
                assert!(!self.shut, "sends while the circuit is open");
                assert!(self.now >= self.quiet_until, "sends while the office wants quiet");
                assert!(self.leased.contains(&id), "sends what it does not hold");
                if matches!(order, Order::Offer(_)) {
                    self.offers.push(self.now);
                }
                self.open.push(order);
            }
            Order::Record { id, what } => {
                assert!(self.leased.remove(&id), "recorded without a lease");
                return self.record(id, what);
            }
            Order::Tell(reach) => {
                assert_ne!(self.told.replace(reach), Some(reach), "no news");
            }
            Order::Claim(n) => {
                assert!(n > 0);
                assert!(!self.shut, "claims what it may not send");
                self.open.push(order);
            }
            Order::Seen(_) => {}
            Order::Ping | Order::Beat | Order::PullStatuses | Order::FetchKeys => {
                assert!(!self.open.contains(&order), "one of a kind at a time");
                assert!(
                    matches!(order, Order::Ping | Order::FetchKeys) || !self.shut,
                    "speaks while the circuit is open"
                );
                match order {
                    Order::Ping => {
                        self.counts.pings += 1;
                        self.pings.push(self.now);
                    }
                    Order::Beat => self.counts.beats += 1,
                    Order::PullStatuses => self.counts.statuses += 1,
                    _ => self.counts.keys += 1,
                }
                self.open.push(order);
            }
        }
        None
    }

    fn record(&mut self, id: Uuid, what: Record) -> Option<Input> {
        if what == Record::Release {
            self.due.insert(0, id);
            return None;
        }
        let written = !self.disk_is_full;
        match what {
            _ if !written => self.due.insert(0, id),
            Record::Received => self.delivered.push(id),
            Record::Attention(_) => self.attention.push(id),
            Record::Failed | Record::Release => {
                *self.failures.entry(id).or_default() += 1;
                self.due.insert(0, id);
            }
        }
        Some(Input::Recorded(written))
    }

    fn claim(&mut self, most: usize) {
        if self.mood == Mood::Random && self.rng.u8(0..10) == 0 {
            return self.input(Input::ClaimFailed);
        }
        let free: Vec<Uuid> = self.due.iter().copied().take(most).collect();
        self.due.drain(..free.len());
        self.leased.extend(&free);
        let tickets = free.iter().map(|id| Ticket { id: *id, failures: self.failures[id] }).collect();
        self.input(Input::Claimed(tickets));
    }

    /// Answers the order at this place of [`World::open`].
    pub(super) fn answer(&mut self, at: usize) {
        let order = self.open.remove(at);
        let outcome = self.outcome(order);
        let result = match &outcome {
            Outcome::Receipt => Ok(()),
            other => Err(other.clone()),
        };
        match order {
            Order::Claim(most) => self.claim(most),
            Order::Offer(id) => self.input(Input::Exchanged { id, outcome }),
            Order::SendPart { id, n } => self.input(Input::PartSent { id, n, result }),
            Order::Ping => {
                let office =
                    Office { office_ms: 0, epoch: [1; 16], durable_through: 0, bundle_version: self.bundle_version };
                self.input(Input::Pinged(result.map(|()| office)));
            }
            Order::Beat => self.input(Input::Beaten(result)),
            Order::PullStatuses => self.input(Input::StatusesTaken(result)),
            Order::FetchKeys => self.input(Input::KeysTaken(result.map(|()| self.bundle_version))),
            Order::Record { .. } | Order::Seen(_) | Order::Tell(_) => unreachable!("needs no answer"),
        }
    }

    fn outcome(&mut self, order: Order) -> Outcome {
        match (self.mood, order) {
            (Mood::Well, _)
            | (Mood::Denied, Order::Ping | Order::Claim(_))
            | (Mood::Rekeyed, Order::FetchKeys | Order::Claim(_)) => Outcome::Receipt,
            (Mood::Denied, _) => Outcome::Denied,
            (Mood::HalfWell, Order::Beat | Order::PullStatuses | Order::FetchKeys) | (Mood::Away, _) => {
                Outcome::Offline
            }
            (Mood::Rekeyed, _) if self.counts.keys == 0 => Outcome::UnknownKey,
            (Mood::Rekeyed | Mood::HalfWell, _) => Outcome::Receipt,
            (Mood::Random, _) => match self.rng.u8(0..25) {
                0..=8 => Outcome::Receipt,
                9 | 10 => Outcome::MissingParts((0..self.rng.u16(0..4)).collect()),
                11..=14 => Outcome::Offline,
                15 => Outcome::NotTheOffice,
                16 => Outcome::Busy(None),
                17 => Outcome::Busy(Some(self.rng.u32(0..10_000))),
                18 => Outcome::Torn,
                19 => Outcome::Denied,
                20 => Outcome::Conflict,
                21 => Outcome::EpochRollback,
                22 => Outcome::Refused,
                23 => Outcome::UnknownKey,
                _ => Outcome::PartsVanish,
            },
        }
    }

    /// Something happens.
    pub(super) fn anything(&mut self) {
        match self.rng.u8(0..30) {
            0 => self.input(Input::Started),
            1 => self.input(Input::NetworkHint),
            2 => self.input(Input::OfficerSaysTry),
            3 => self.disk_is_full = self.rng.bool(),
            4 | 5 => {
                let count = self.rng.usize(0..8);
                self.save(count);
            }
            6 => self.now += self.rng.u64(0..1_000_000),
            7 => {
                // A clock that is read late is no reason to fail.
                let late = self.now.saturating_sub(self.rng.u64(0..5_000));
                let mut orders = Vec::new();
                self.delivery.step(late, Input::Wake, &mut orders);
                let follow: Vec<Input> = orders.into_iter().filter_map(|order| self.look_at(order)).collect();
                for input in follow {
                    self.input(input);
                }
            }
            8..=20 if !self.open.is_empty() => {
                let at = self.rng.usize(0..self.open.len());
                self.answer(at);
            }
            _ => {
                if let Some(at) = self.delivery.next_wake_ms() {
                    self.now = self.now.max(at);
                    self.input(Input::Wake);
                }
            }
        }
    }

    /// An answer to a question that was not asked.
    pub(super) fn nonsense(&mut self) {
        let id = Uuid::from_u128(self.rng.u128(1_000..u128::MAX));
        let n = self.rng.u16(..);
        let mut orders = Vec::new();
        let input = match self.rng.u8(0..3) {
            0 => Input::Exchanged { id, outcome: Outcome::Receipt },
            1 => Input::PartSent { id, n, result: Err(Outcome::Torn) },
            _ => Input::Exchanged { id, outcome: Outcome::Denied },
        };
        self.delivery.step(self.now, input, &mut orders);
        let follow: Vec<Input> = orders.into_iter().filter_map(|order| self.look_at(order)).collect();
        for input in follow {
            self.input(input);
        }
    }

    /// Everything works from here on.
    pub(super) fn calm_down(&mut self) {
        self.mood = Mood::Well;
        self.disk_is_full = false;
        self.input(Input::Started);
        self.run_for(4 * 3_600_000);
    }

    pub(super) fn assert_settled(&self) {
        let mut ended: Vec<Uuid> = self.delivered.iter().chain(&self.attention).copied().collect();
        ended.sort_unstable();
        let all: Vec<Uuid> = (1..=self.saved).map(Uuid::from_u128).collect();
        assert_eq!(ended, all, "each ends delivered or with an officer, once");
        assert!(self.leased.is_empty(), "a lease is left over");
    }
}
