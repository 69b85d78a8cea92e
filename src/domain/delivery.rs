//! When what goes to the office: the whole policy of the sync, without I/O, clock or thread.
//!
//! [`Delivery::step`] takes what happened and answers with orders; the driver carries them out, in order, and says what
//! came of each. What one outcome means stays in [`verdict`]; here is only when and how many.

mod errands;
mod random;
#[cfg(test)]
mod tests;
mod way;

use super::submission::{Attention, Outcome, Verdict, delay_ms, verdict};
use errands::Errands;
use random::Random;
use uuid::Uuid;
use way::Way;

pub use errands::{BEAT_MS, FRESH_MS, STATUSES_MS};
pub use way::{
    BUSY_JITTER_MS, HERD_AFTER_MS, HERD_REST_MS, HINT_FLOOR_MS, MAX_IN_FLIGHT, OFFICER_FLOOR_MS, SHUT_AFTER,
};

/// Rounds of "send the missing parts, ask again" before the other end is not believed.
pub const MAX_ROUNDS: u32 = 3;
/// Submissions claimed at the same time, at most: those under way and those that wait after a failure of their own.
pub const MAX_HELD: usize = 16;
/// Own failures whose pause is remembered; beyond that the oldest is tried sooner.
const MAX_COOLING: usize = 64;

/// How to behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// No pause of our own is longer, in milliseconds; at most [`LONGEST_PAUSE_MS`](super::submission::LONGEST_PAUSE_MS).
    pub longest_pause_ms: u64,
    /// Version of the key bundle in hand.
    pub bundle_version: u64,
}

/// A claimed submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Which.
    pub id: Uuid,
    /// Failures of its own so far, as kept in the queue.
    pub failures: u32,
}

/// What the office says of itself in a signed answer to a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Office {
    /// Its clock, Unix milliseconds.
    pub office_ms: i64,
    /// Random at each birth of its store.
    pub epoch: [u8; 16],
    /// Receipts of this epoch up to this number are in its backup.
    pub durable_through: u64,
    /// The newest key bundle it has.
    pub bundle_version: u64,
}

/// What happened. Every order but [`Order::Tell`], [`Order::Seen`] and a release is answered by exactly one of these,
/// in whatever order; an exchange that never ends is ended by the driver's deadline with [`Outcome::Offline`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The kiosk runs.
    Started,
    /// The moment of [`Delivery::next_wake_ms`].
    Wake,
    /// Something became due: saved, put back by an officer, or requeued because the office's epoch changed.
    Saved,
    /// Answer to [`Order::Claim`]: leased, oldest first, each handed out to nobody else.
    Claimed(Vec<Ticket>),
    /// Answer to [`Order::Claim`]: the queue did not answer.
    ClaimFailed,
    /// Answer to [`Order::Offer`].
    Exchanged {
        /// Which.
        id: Uuid,
        /// What came of it.
        outcome: Outcome,
    },
    /// Answer to [`Order::SendPart`].
    PartSent {
        /// Which submission.
        id: Uuid,
        /// Which part.
        n: u16,
        /// Whether the office has it.
        result: Result<(), Outcome>,
    },
    /// Answer to every [`Order::Record`] but a release: whether it is on the disk. If not, the driver has released it.
    Recorded(bool),
    /// Answer to [`Order::Ping`]; only a verified signature is `Ok`.
    Pinged(Result<Office, Outcome>),
    /// Answer to [`Order::Beat`].
    Beaten(Result<(), Outcome>),
    /// Answer to [`Order::PullStatuses`].
    StatusesTaken(Result<(), Outcome>),
    /// Answer to [`Order::FetchKeys`]: the version now in hand.
    KeysTaken(Result<u64, Outcome>),
    /// An address or a link changed: perhaps the way is open again.
    NetworkHint,
    /// An officer pressed "try now", or enrolled the kiosk.
    OfficerSaysTry,
}

/// What becomes of a claimed submission; each ends in exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// Its receipt, which the driver holds and has verified.
    Received,
    /// A failure of its own.
    Failed,
    /// An officer has to look.
    Attention(Attention),
    /// Nothing: it is due as before.
    Release,
}

/// What is known of the way to the office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It proved itself, and takes what we send.
    Online,
    /// No connection.
    Offline,
    /// Something else answers in its place: a captive portal, a proxy.
    NotTheOffice,
    /// It asks for a pause.
    Busy,
    /// It does not know this kiosk: an officer has to enrol it.
    Denied,
}

/// What the driver is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Lease up to so many due submissions, oldest first.
    Claim(usize),
    /// Offer the manifest.
    Offer(Uuid),
    /// Send one part; one that is not here is [`Outcome::PartsVanish`].
    SendPart {
        /// Which submission.
        id: Uuid,
        /// Which part.
        n: u16,
    },
    /// Write down what became of it, which ends the lease.
    Record {
        /// Which.
        id: Uuid,
        /// What.
        what: Record,
    },
    /// Ask the office to prove itself, with a fresh nonce.
    Ping,
    /// Send a heartbeat.
    Beat,
    /// Pull statuses from the cursor until there are no more.
    PullStatuses,
    /// Get the newest key bundle.
    FetchKeys,
    /// Tell the queue what the office said of itself: erasure and requeueing rest on it. When that made something due,
    /// [`Input::Saved`] follows.
    Seen(Office),
    /// Tell screen and journal; only when it changed.
    Tell(Reach),
}

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
                self.errands.beaten();
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
                self.errands.keys_taken(result.as_ref().ok().copied());
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
        match result {
            Err(outcome) => self.settle(at, &outcome, orders),
            Ok(()) => {
                self.way.progressed();
                self.send_on(at, orders);
            }
        }
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
        match next {
            Some(n) => orders.push(Order::SendPart { id, n }),
            None => {
                held.at = At::Offered;
                orders.push(Order::Offer(id));
            }
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
                if *outcome == Outcome::Offline { Reach::Offline } else { Reach::NotTheOffice }
            }
        };
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
            Verdict::Wait | Verdict::WaitFor(_) | Verdict::Stop => self.closed(outcome, false, orders),
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
