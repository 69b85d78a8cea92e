//! Carries out what [`Delivery`] orders, and tells it what came of it. The only place that knows both the queue and the
//! gateway; it decides nothing.

mod errands;
mod link;

use crate::domain::delivery::{Delivery, Input, Office, Order, Policy as Pace, Reach, Record, Ticket};
use crate::domain::submission::Outcome;
use crate::envelope::Suite;
use crate::gateway::http::{Answer, Gateway};
use crate::gateway::trust::Trust;
use crate::gateway::wire::{Pong, Receipt, Signed};
use crate::journal::{self, Entry};
use crate::queue::Queue;
use crate::queue::store::{Due, OfficeSeen};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

/// What the screen is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The office answers, or does not.
    Online(bool),
    /// A dossier was confirmed; by its reference.
    Delivered(String),
    /// The office's signed clock, Unix milliseconds.
    OfficeClock(i64),
    /// The office's keys are others from now on.
    Keys(Box<Trust>),
}

/// How to behave.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// No pause is longer, in milliseconds.
    pub longest_pause_ms: u64,
    /// Sealed parts are kept so long after their receipt, in milliseconds of the office's clock.
    pub keep_delivered_ms: i64,
    /// The suite that dossiers are sealed with, where the office has a key of it.
    pub suite: Suite,
    /// Where the device key lies, as heartbeats say it.
    pub key_storage: &'static str,
}

/// Runs until `stop` turns true. Each change of `try_now` is an officer's "try now".
pub async fn run(
    queue: Queue,
    gateway: Arc<Gateway>,
    policy: Policy,
    tell: impl AsyncFn(News),
    mut try_now: watch::Receiver<u64>,
    mut stop: watch::Receiver<bool>,
) {
    let mut tally = queue.tally();
    errands::remember(&queue, &gateway, policy).await;
    let pace = Pace { longest_pause_ms: policy.longest_pause_ms, bundle_version: gateway.trust().version() };
    let mut delivery = Delivery::new(pace, seed());
    let mut hands = Hands { queue, gateway, policy, leased: HashMap::new(), out: JoinSet::new(), kept_ms: None };
    let mut link = link::Link::watch();
    let begun = Instant::now();
    let (mut orders, mut inputs) = (Vec::new(), vec![Input::Started]);
    loop {
        while !inputs.is_empty() {
            for input in std::mem::take(&mut inputs) {
                delivery.step(ms(begun.elapsed()), input, &mut orders);
                for order in orders.drain(..) {
                    inputs.extend(hands.carry_out(order, &tell).await);
                }
            }
        }
        let wakes = async {
            match delivery.next_wake_ms() {
                Some(at_ms) => tokio::time::sleep_until(begun + Duration::from_millis(at_ms)).await,
                None => std::future::pending().await,
            }
        };
        // An exchange cut short by the end is repeated at the next start: the ids stay.
        let came = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            Some(came) = hands.out.join_next(), if !hands.out.is_empty() => came,
            Ok(()) = tally.changed() => {
                if tally.borrow_and_update().queued > 0 {
                    inputs.push(Input::Saved);
                }
                continue;
            }
            Ok(()) = try_now.changed() => {
                inputs.push(Input::OfficerSaysTry);
                continue;
            }
            () = link.changed() => {
                inputs.push(Input::NetworkHint);
                continue;
            }
            () = wakes => {
                inputs.push(Input::Wake);
                continue;
            }
        };
        // A task that panicked has ended the process already, and none is aborted while this runs.
        let Ok(came) = came else { return };
        inputs.extend(hands.came(came, &tell).await);
    }
}

/// Spreads the kiosks of a fleet. Without random numbers the process's own address space has to do.
fn seed() -> u64 {
    let mut seed = [0; 8];
    if getrandom::fill(&mut seed).is_ok() { u64::from_ne_bytes(seed) } else { fastrand::u64(..) }
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A claimed submission, and its receipt once it is here.
struct Leased {
    due: Arc<Due>,
    receipt: Option<(Receipt, String)>,
}

/// What a task brings back.
enum Came {
    Answered(Uuid, Answer),
    Sent(Uuid, u16, Result<(), Outcome>),
    Ponged(Result<Pong, Outcome>),
    Beaten(Result<(), Outcome>),
    Statuses(Result<(), Outcome>),
    Keys(Result<Option<Signed>, Outcome>),
}

struct Hands {
    queue: Queue,
    gateway: Arc<Gateway>,
    policy: Policy,
    leased: HashMap<Uuid, Leased>,
    out: JoinSet<Came>,
    /// The office's clock as it was last written down.
    kept_ms: Option<i64>,
}

impl Hands {
    /// What is the queue's is done now, what is the network's is begun.
    async fn carry_out(&mut self, order: Order, tell: &impl AsyncFn(News)) -> Option<Input> {
        let (queue, gateway) = (self.queue.clone(), Arc::clone(&self.gateway));
        match order {
            Order::Claim(limit) => return Some(self.claim(limit).await),
            Order::Record { id, what } => return self.record(id, what, tell).await,
            Order::Seen(office) => return self.seen(office).await,
            Order::Tell(reach) => told(reach, tell).await,
            Order::Offer(id) => {
                if let Some(due) = self.leased.get(&id).map(|leased| Arc::clone(&leased.due)) {
                    self.out.spawn(async move { Came::Answered(id, gateway.offer(&due).await) });
                }
            }
            Order::SendPart { id, n } => {
                self.out.spawn(async move {
                    let sent = match queue.part(id, n).await {
                        Ok(Some(sealed)) => gateway.send_part(id, n, sealed).await,
                        Ok(None) => Err(Outcome::PartsVanish),
                        // A queue that cannot be read now is nobody's failure: later.
                        Err(_) => Err(Outcome::Offline),
                    };
                    Came::Sent(id, n, sent)
                });
            }
            Order::Ping => drop(self.out.spawn(async move { Came::Ponged(gateway.ping().await) })),
            Order::Beat => {
                let storage = self.policy.key_storage;
                self.out.spawn(async move { Came::Beaten(errands::beat(&queue, &gateway, storage).await) });
            }
            Order::PullStatuses => {
                self.out.spawn(async move { Came::Statuses(errands::pull_statuses(&queue, &gateway).await) });
            }
            Order::FetchKeys => drop(self.out.spawn(async move { Came::Keys(gateway.fetch_keys().await) })),
        }
        None
    }

    async fn came(&mut self, came: Came, tell: &impl AsyncFn(News)) -> Option<Input> {
        Some(match came {
            Came::Answered(id, Answer { outcome, receipt }) => {
                if let Some(leased) = self.leased.get_mut(&id) {
                    leased.receipt = receipt;
                }
                Input::Exchanged { id, outcome }
            }
            Came::Sent(id, n, result) => Input::PartSent { id, n, result },
            Came::Ponged(Ok(pong)) => {
                tell(News::OfficeClock(pong.server_time_ms)).await;
                Input::Pinged(Ok(Office {
                    office_ms: pong.server_time_ms,
                    epoch: pong.office_epoch,
                    durable_through: pong.durable_through,
                    bundle_version: pong.bundle_version,
                }))
            }
            Came::Ponged(Err(outcome)) => Input::Pinged(Err(outcome)),
            Came::Beaten(result) => Input::Beaten(result),
            Came::Statuses(result) => Input::StatusesTaken(result),
            Came::Keys(Err(outcome)) => Input::KeysTaken(Err(outcome)),
            Came::Keys(Ok(newer)) => {
                if let Some(signed) = newer {
                    errands::use_keys(&self.queue, &self.gateway, self.policy, Some(&signed)).await;
                    tell(News::Keys(Box::new(self.gateway.trust()))).await;
                }
                Input::KeysTaken(Ok(self.gateway.trust().version()))
            }
        })
    }

    async fn claim(&mut self, limit: usize) -> Input {
        let Ok(due) = self.queue.claim(u32::try_from(limit).unwrap_or(u32::MAX)).await else {
            return Input::ClaimFailed;
        };
        let tickets = due.iter().map(|due| Ticket { id: due.ids.submission, failures: due.failures }).collect();
        for due in due {
            self.leased.insert(due.ids.submission, Leased { due: Arc::new(due), receipt: None });
        }
        Input::Claimed(tickets)
    }

    async fn record(&mut self, id: Uuid, what: Record, tell: &impl AsyncFn(News)) -> Option<Input> {
        let leased = self.leased.remove(&id);
        let done = match what {
            Record::Release => {
                // Not to be able to say so now costs this process a try, and no more.
                let _ = self.queue.release(vec![id]).await;
                return None;
            }
            Record::Failed => self.queue.failed(id).await.is_ok(),
            Record::Attention(why) => {
                let done = self.queue.attention(id, why).await.is_ok();
                if done {
                    journal::write(&Entry::SubmissionAttention { id, code: why.code() });
                }
                done
            }
            Record::Received => match leased {
                Some(Leased { due, receipt: Some((receipt, signed)) }) => {
                    let done = self.queue.received(receipt, signed).await.is_ok();
                    if done {
                        tell(News::Delivered(due.ids.reference())).await;
                    }
                    done
                }
                Some(_) | None => false,
            },
        };
        if !done {
            let _ = self.queue.release(vec![id]).await;
        }
        Some(Input::Recorded(done))
    }

    /// Erasure, requeueing and the expiry of keys rest on the office's word.
    async fn seen(&mut self, office: Office) -> Option<Input> {
        let seen = OfficeSeen {
            epoch: office.epoch,
            durable_through: office.durable_through,
            server_time_ms: office.office_ms,
        };
        errands::keep_time(&self.queue, office.office_ms, &mut self.kept_ms).await;
        errands::use_keys(&self.queue, &self.gateway, self.policy, None).await;
        // Not being able to erase now loses nothing, and the office says it again.
        let seen = self.queue.office_seen(seen, self.policy.keep_delivered_ms).await.ok()?;
        (seen.requeued > 0).then_some(Input::Saved)
    }
}

/// Said once in the journal, not at every attempt.
async fn told(reach: Reach, tell: &impl AsyncFn(News)) {
    tell(News::Online(reach == Reach::Online)).await;
    journal::write(&match reach {
        Reach::Online => Entry::OfficeReached,
        Reach::Offline => Entry::OfficeLost { code: "offline" },
        Reach::NotTheOffice => Entry::OfficeLost { code: "not-the-office" },
        Reach::Busy => Entry::OfficeLost { code: "busy" },
        Reach::Denied => Entry::OfficeDenied,
    });
}
