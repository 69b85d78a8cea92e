//! When what goes to the office: the whole policy of the sync, without I/O, clock or thread.
//!
//! [`Delivery::step`] takes what happened and answers with orders; the driver carries them out and says what came of
//! each. What is for the queue is done in the order given and waited for; what is for the office runs beside it. What one outcome means stays in [`verdict`]; here is only when and how many.

mod errands;
mod orders;
mod random;
#[cfg(test)]
mod tests;
mod way;

use super::submission::{Outcome, Verdict, delay_ms, verdict};
use errands::Errands;
use random::Random;
use uuid::Uuid;
use way::Way;

pub use errands::{BEAT_MS, FRESH_MS, STATUSES_MS};
pub use orders::{Input, Office, Order, Policy, Reach, Record, Ticket};
pub use way::{
    BUSY_JITTER_MS, HERD_AFTER_MS, HERD_REST_MS, HINT_FLOOR_MS, MAX_IN_FLIGHT, OFFICER_FLOOR_MS, SHUT_AFTER,
};

/// Rounds of "send the missing parts, ask again" before the other end is not believed.
pub const MAX_ROUNDS: u32 = 3;
/// Submissions claimed at the same time, at most: those under way and those that wait after a failure of their own.
pub const MAX_HELD: usize = 16;
/// Own failures whose pause is remembered; beyond that the oldest is tried sooner.
const MAX_COOLING: usize = 64;

#[derive(Debug)]
struct Held {
    ticket: Ticket,
    rounds: u32,
    at: At,
}

#[derive(Debug)]
enum At {
    /// Not to be sent before this moment.
    Waiting(u64),
    Offered,
    /// This part is under way, those are still to come, last first.
    Sending {
        n: u16,
        left: Vec<u16>,
    },
}

/// The machine. One for a kiosk.
#[derive(Debug)]
pub struct Delivery {
    policy: Policy,
    random: Random,
    now: u64,
    started: bool,
    way: Way,
    errands: Errands,
    held: Vec<Held>,
    cooling: Vec<(Uuid, u64)>,
    /// Something may be due that is not claimed.
    more: bool,
    /// So many were asked for.
    claiming: Option<usize>,
    store_failures: u32,
    store_until: u64,
    reach: Option<Reach>,
}

impl Delivery {
    /// Does nothing before [`Input::Started`]. The seed spreads the kiosks of a fleet: it must differ between them.
    pub fn new(policy: Policy, seed: u64) -> Self {
        Self {
            policy,
            random: Random::new(seed),
            now: 0,
            started: false,
            way: Way::new(policy.longest_pause_ms),
            errands: Errands::new(policy.bundle_version),
            held: Vec::with_capacity(MAX_IN_FLIGHT),
            cooling: Vec::new(),
            more: false,
            claiming: None,
            store_failures: 0,
            store_until: 0,
            reach: None,
        }
    }

    /// Takes one input at `now_ms`, milliseconds of a clock that only runs forward, and appends the orders.
    pub fn step(&mut self, now_ms: u64, input: Input, orders: &mut Vec<Order>) {
        self.now = self.now.max(now_ms);
        match input {
            Input::Started if !self.started => {
                self.started = true;
                self.more = true;
                self.way.begin(self.now, &mut self.random);
            }
            Input::Started | Input::Wake => {}
            Input::Saved => self.more = true,
            Input::Claimed(tickets) => self.claimed(&tickets, orders),
            Input::ClaimFailed => {
                self.claiming = None;
                self.more = true;
                self.store_failed();
            }
            Input::Exchanged { id, outcome } => self.exchanged(id, &outcome, orders),
            Input::PartSent { id, n, result } => self.part_sent(id, n, result, orders),
            Input::Recorded(true) => self.store_failures = 0,
            Input::Recorded(false) => {
                self.more = true;
                self.store_failed();
            }
            Input::Pinged(result) => self.pinged(result, orders),
            Input::Beaten(result) => {
                self.errands.beaten(result.is_ok());
                self.errand_ended(&result, orders);
                if result.is_ok() {
                    self.accepted(orders);
                }
            }
            Input::StatusesTaken(result) => {
                self.errands.statuses_taken(self.now, &mut self.random);
                self.errand_ended(&result, orders);
            }
            Input::KeysTaken(result) => {
                if self.errands.keys_taken(result.as_ref().ok().copied()) && !self.way.is_clear() {
                    self.way.hinted(self.now, &mut self.random);
                }
                self.errand_ended(&result.map(drop), orders);
            }
            Input::NetworkHint => self.way.hinted(self.now, &mut self.random),
            Input::OfficerSaysTry => {
                self.way.pressed(self.now);
                self.more |= self.started;
            }
        }
        self.go_on(orders);
    }

    /// When [`Input::Wake`] is wanted; always later than the last step. `None`: only an answer leads on.
    pub fn next_wake_ms(&self) -> Option<u64> {
        let speaks = self.way.speaks_at()?;
        if speaks > self.now {
            return Some(speaks);
        }
        let errand = self.errands.wakes_at(self.now);
        let sends = if self.way.rests_until() > self.now {
            (self.more || !self.held.is_empty()).then_some(self.way.rests_until())
        } else {
            let waiting = self.held.iter().filter_map(|held| match held.at {
                At::Waiting(until) => Some(until),
                At::Offered | At::Sending { .. } => None,
            });
            let store = (self.more && self.claiming.is_none()).then_some(self.store_until);
            waiting.chain(store).filter(|at| *at > self.now).min()
        };
        errand.into_iter().chain(sends).filter(|at| *at > self.now).min()
    }

    fn claimed(&mut self, tickets: &[Ticket], orders: &mut Vec<Order>) {
        let asked = self.claiming.take().unwrap_or_default();
        self.more |= !tickets.is_empty() && tickets.len() >= asked;
        if tickets.is_empty() && self.held.is_empty() && self.way.is_clear() {
            self.way.relaxed();
        }
        for ticket in tickets {
            if self.held.iter().any(|held| held.ticket.id == ticket.id) {
                continue;
            }
            let cooling = self.cooling.iter().position(|(id, _)| *id == ticket.id);
            let until = cooling.map_or(0, |at| self.cooling.swap_remove(at).1);
            self.held.push(Held { ticket: *ticket, rounds: 0, at: At::Waiting(until) });
        }
        if !self.way.is_clear() {
            self.let_go(orders);
        }
    }

    fn exchanged(&mut self, id: Uuid, outcome: &Outcome, orders: &mut Vec<Order>) {
        let under_way = |held: &Held| held.ticket.id == id && matches!(held.at, At::Offered);
        if let Some(at) = self.held.iter().position(under_way) {
            self.settle(at, outcome, orders);
        }
    }

    fn part_sent(&mut self, id: Uuid, sent: u16, result: Result<(), Outcome>, orders: &mut Vec<Order>) {
        let under_way = |held: &Held| held.ticket.id == id && matches!(held.at, At::Sending { n, .. } if n == sent);
        let Some(at) = self.held.iter().position(under_way) else {
            return;
        };
        if let Err(outcome) = result {
            return self.settle(at, &outcome, orders);
        }
        self.way.progressed();
        self.send_on(at, orders);
    }

    /// The next part, or the manifest once more; if the way was closed meanwhile, what has arrived stays there.
    fn send_on(&mut self, at: usize, orders: &mut Vec<Order>) {
        if !self.way.may_send(self.now) {
            return self.record(at, Record::Release, orders);
        }
        self.way.tried(self.now);
        let held = &mut self.held[at];
        let id = held.ticket.id;
        let next = match &mut held.at {
            At::Sending { n, left } => left.pop().inspect(|next| *n = *next),
            At::Waiting(_) | At::Offered => None,
        };
        if let Some(n) = next {
            orders.push(Order::SendPart { id, n });
        } else {
            held.at = At::Offered;
            orders.push(Order::Offer(id));
        }
    }

    fn settle(&mut self, at: usize, outcome: &Outcome, orders: &mut Vec<Order>) {
        let Ticket { id, failures } = self.held[at].ticket;
        match verdict(outcome, failures) {
            Verdict::Done => {
                self.record(at, Record::Received, orders);
                self.way.delivered();
                self.accepted(orders);
            }
            Verdict::SendParts(parts) => self.send_parts(at, parts, orders),
            Verdict::Again => {
                let pause = delay_ms(failures.saturating_add(1), self.random.next(), self.policy.longest_pause_ms);
                let until = self.now.saturating_add(pause);
                let now = self.now;
                self.cooling.retain(|(other, until)| *until > now && *other != id);
                if self.cooling.len() >= MAX_COOLING {
                    self.cooling.remove(0);
                }
                self.cooling.push((id, until));
                self.record(at, Record::Failed, orders);
            }
            Verdict::Attention(why) => self.record(at, Record::Attention(why), orders),
            Verdict::Wait | Verdict::WaitFor(_) | Verdict::Stop => {
                self.record(at, Record::Release, orders);
                self.closed(outcome, false, orders);
            }
        }
    }

    fn send_parts(&mut self, at: usize, mut parts: Vec<u16>, orders: &mut Vec<Order>) {
        let held = &mut self.held[at];
        held.rounds += 1;
        if parts.is_empty() || held.rounds > MAX_ROUNDS {
            return self.settle(at, &Outcome::PartsVanish, orders);
        }
        parts.reverse();
        held.at = At::Sending { n: 0, left: parts };
        self.send_on(at, orders);
    }

    fn record(&mut self, at: usize, what: Record, orders: &mut Vec<Order>) {
        let id = self.held.remove(at).ticket.id;
        self.more |= matches!(what, Record::Failed | Record::Release);
        orders.push(Order::Record { id, what });
    }

    /// The way is closed by what this outcome says, for everyone.
    fn closed(&mut self, outcome: &Outcome, probe: bool, orders: &mut Vec<Order>) {
        let reach = match verdict(outcome, 0) {
            Verdict::WaitFor(ms) => {
                self.way.busy(self.now, ms, &mut self.random);
                Reach::Busy
            }
            Verdict::Stop => {
                self.way.denied(self.now, &mut self.random);
                Reach::Denied
            }
            Verdict::Wait | Verdict::Done | Verdict::SendParts(_) | Verdict::Again | Verdict::Attention(_) => {
                self.way.failed(self.now, probe, &mut self.random);
                match outcome {
                    Outcome::Offline => Reach::Offline,
                    Outcome::Busy(_) => Reach::Busy,
                    _ => Reach::NotTheOffice,
                }
            }
        };
        // The bundle is signed by the root, so it can be had from an office whose other signatures mean nothing to us.
        if *outcome == Outcome::UnknownKey && self.errands.takes_keys() {
            orders.push(Order::FetchKeys);
        }
        // That nothing is accepted stays the news until something is, whatever the network does meanwhile.
        if self.reach != Some(Reach::Denied) {
            self.tell(reach, orders);
        }
        if !self.way.is_clear() {
            self.let_go(orders);
        }
    }

    /// What is not under way goes back.
    fn let_go(&mut self, orders: &mut Vec<Order>) {
        let mut at = 0;
        while at < self.held.len() {
            if matches!(self.held[at].at, At::Waiting(_)) {
                self.record(at, Record::Release, orders);
            } else {
                at += 1;
            }
        }
    }

    fn pinged(&mut self, result: Result<Office, Outcome>, orders: &mut Vec<Order>) {
        let probe = self.way.is_probing();
        match result {
            Ok(office) => {
                self.way.proven(self.now, &mut self.random);
                // Something may be due of which nobody told: a save whose end is not known may have been committed.
                self.more = true;
                orders.push(Order::Seen(office));
                if self.reach != Some(Reach::Denied) {
                    self.tell(Reach::Online, orders);
                }
                let due = self.errands.ponged(self.now, office.bundle_version, &mut self.random);
                if due.beat {
                    orders.push(Order::Beat);
                }
                if due.keys {
                    orders.push(Order::FetchKeys);
                }
            }
            Err(outcome) => {
                self.errands.ping_failed(self.now);
                self.closed(&outcome, probe, orders);
            }
        }
    }

    fn errand_ended(&mut self, result: &Result<(), Outcome>, orders: &mut Vec<Order>) {
        let Err(outcome) = result else { return };
        match verdict(outcome, 0) {
            Verdict::WaitFor(_) | Verdict::Stop => self.closed(outcome, false, orders),
            // Doubt, no proof: the next ping tells whether the way is closed. Dossiers do not wait for an office that
            // cannot take heartbeats.
            Verdict::Wait => self.errands.failed(self.now, self.policy.longest_pause_ms, &mut self.random),
            // An office that cannot answer this one question may still take dossiers.
            Verdict::Done | Verdict::SendParts(_) | Verdict::Again | Verdict::Attention(_) => {}
        }
    }

    /// The office took something that only a kiosk it knows may send.
    fn accepted(&mut self, orders: &mut Vec<Order>) {
        if self.way.is_clear() {
            self.tell(Reach::Online, orders);
        }
    }

    fn store_failed(&mut self) {
        self.store_failures = self.store_failures.saturating_add(1);
        let pause = delay_ms(self.store_failures, self.random.next(), self.policy.longest_pause_ms);
        self.store_until = self.now.saturating_add(pause);
    }

    fn tell(&mut self, reach: Reach, orders: &mut Vec<Order>) {
        if self.reach.replace(reach) != Some(reach) {
            orders.push(Order::Tell(reach));
        }
    }

    /// Orders everything that may go out now.
    fn go_on(&mut self, orders: &mut Vec<Order>) {
        let now = self.now;
        if self.way.takes_probe(now) && !std::mem::replace(&mut self.errands.ping_is_out, true) {
            orders.push(Order::Ping);
        }
        if !self.way.may_speak(now) {
            return;
        }
        if self.errands.takes_contact(now) {
            orders.push(Order::Ping);
        }
        if self.errands.takes_statuses(now) {
            orders.push(Order::PullStatuses);
        }
        if self.way.may_send(now) {
            self.send_more(orders);
        }
    }

    fn send_more(&mut self, orders: &mut Vec<Order>) {
        let now = self.now;
        let in_flight = self.held.iter().filter(|held| !matches!(held.at, At::Waiting(_))).count();
        let mut free = self.way.at_once().saturating_sub(in_flight);
        for held in &mut self.held {
            if free > 0 && matches!(held.at, At::Waiting(until) if until <= now) {
                held.at = At::Offered;
                orders.push(Order::Offer(held.ticket.id));
                self.way.tried(now);
                free -= 1;
            }
        }
        let room = free.min(MAX_HELD.saturating_sub(self.held.len()));
        if room > 0 && self.more && self.claiming.is_none() && self.store_until <= now {
            self.more = false;
            self.claiming = Some(room);
            orders.push(Order::Claim(room));
        }
    }
}
