//! Takes what is due, sends it, writes down what came of it. The only place that knows both the queue and the gateway.

use crate::domain::submission::{Attention, Outcome, Verdict, delay_ms, verdict};
use crate::gateway::http::Gateway;
use crate::journal::{self, Entry};
use crate::queue::Queue;
use crate::queue::store::{Due, Error, OfficeSeen};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Rounds of "send the missing parts, ask again" before the other end is not believed.
const MAX_ROUNDS: u32 = 3;
/// Submissions taken at a time.
const BATCH: u32 = 16;
/// Between two looks at a quiet queue, when a delivered dossier may have become old enough to erase.
const QUIET: Duration = Duration::from_mins(15);

/// What the screen is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The office answers, or does not.
    Online(bool),
    /// The office's signed clock, Unix milliseconds.
    OfficeClock(i64),
    /// A dossier was confirmed; by its reference.
    Delivered(String),
}

/// How to behave.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// No pause is longer, in milliseconds.
    pub longest_pause_ms: u64,
    /// Sealed parts are kept so long after their receipt, in milliseconds of the office's clock.
    pub keep_delivered_ms: i64,
}

/// Runs until `stop` turns true.
pub async fn run(
    queue: Queue,
    gateway: Arc<Gateway>,
    policy: Policy,
    tell: impl AsyncFn(News),
    mut stop: watch::Receiver<bool>,
) {
    let mut tally = queue.tally();
    let mut failures = 0_u32;
    let mut rng = fastrand::Rng::new();
    loop {
        tally.mark_unchanged();
        // An exchange cut short by the end is repeated at the next start: the ids stay.
        let outcome = tokio::select! {
            outcome = round(&queue, &gateway, policy, failures > 0, &tell) => outcome,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let pause = match outcome {
            Ok(()) => {
                failures = 0;
                None
            }
            Err(Pause::Jittered) => {
                failures = failures.saturating_add(1);
                Some(delay_ms(failures, rng.u64(..), policy.longest_pause_ms))
            }
            Err(Pause::For(ms)) => Some(ms.min(policy.longest_pause_ms)),
        };
        let waits = async {
            // A closed way is not tried sooner because more has been saved meanwhile.
            if let Some(ms) = pause {
                return tokio::time::sleep(Duration::from_millis(ms)).await;
            }
            if matches!(tokio::time::timeout(QUIET, tally.changed()).await, Ok(Err(_))) {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = waits => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

enum Pause {
    Jittered,
    For(u64),
}

/// Sends everything that is due. `suspicious`: after a failure the office proves itself first.
async fn round(
    queue: &Queue,
    gateway: &Gateway,
    policy: Policy,
    suspicious: bool,
    tell: &impl AsyncFn(News),
) -> Result<(), Pause> {
    let due = queue.due(BATCH).await.map_err(|_| Pause::Jittered)?;
    if suspicious || due.is_empty() {
        match gateway.ping().await {
            Ok(pong) => {
                if suspicious {
                    journal::write(&Entry::OfficeReached);
                }
                tell(News::Online(true)).await;
                tell(News::OfficeClock(pong.server_time_ms)).await;
                // Not being able to erase now loses nothing.
                let seen = OfficeSeen {
                    epoch: pong.office_epoch,
                    durable_through: pong.durable_through,
                    server_time_ms: pong.server_time_ms,
                };
                let _ = queue.office_seen(seen, policy.keep_delivered_ms).await;
            }
            Err(outcome) => return Err(closed(&outcome, suspicious, tell).await),
        }
    }
    for submission in due {
        one(queue, gateway, &submission, tell).await?;
    }
    Ok(())
}

async fn one(queue: &Queue, gateway: &Gateway, due: &Due, tell: &impl AsyncFn(News)) -> Result<(), Pause> {
    for _ in 0..MAX_ROUNDS {
        let answer = gateway.offer(due).await;
        match verdict(&answer.outcome, due.failures) {
            Verdict::Done => {
                let Some((receipt, signed)) = answer.receipt else {
                    return Err(Pause::Jittered);
                };
                queue.received(receipt, signed).await.map_err(|_| Pause::Jittered)?;
                tell(News::Online(true)).await;
                tell(News::Delivered(due.ids.reference())).await;
                return Ok(());
            }
            Verdict::SendParts(parts) => {
                if let Some(outcome) = send_parts(queue, gateway, due, &parts).await.map_err(|_| Pause::Jittered)? {
                    return settle(queue, due, &outcome, tell).await;
                }
            }
            Verdict::Wait | Verdict::WaitFor(_) | Verdict::Again | Verdict::Attention(_) | Verdict::Stop => {
                return settle(queue, due, &answer.outcome, tell).await;
            }
        }
    }
    settle(queue, due, &Outcome::PartsVanish, tell).await
}

async fn send_parts(queue: &Queue, gateway: &Gateway, due: &Due, parts: &[u16]) -> Result<Option<Outcome>, Error> {
    for n in parts {
        let Some(sealed) = queue.part(due.ids.submission, *n).await? else {
            return Ok(Some(Outcome::PartsVanish));
        };
        if let Some(outcome) = gateway.send_part(due.ids.submission, *n, sealed).await {
            return Ok(Some(outcome));
        }
    }
    Ok(None)
}

/// What is not success, written down.
async fn settle(queue: &Queue, due: &Due, outcome: &Outcome, tell: &impl AsyncFn(News)) -> Result<(), Pause> {
    let id = due.ids.submission;
    match verdict(outcome, due.failures) {
        Verdict::Attention(why) => {
            leave_to_officer(queue, due, why).await;
            Ok(())
        }
        Verdict::Again | Verdict::Done | Verdict::SendParts(_) => {
            queue.failed(id).await.map_err(|_| Pause::Jittered)?;
            Err(Pause::Jittered)
        }
        Verdict::Wait | Verdict::WaitFor(_) | Verdict::Stop => Err(closed(outcome, false, tell).await),
    }
}

async fn leave_to_officer(queue: &Queue, due: &Due, why: Attention) {
    // If it cannot be written now, the same verdict comes again at the next attempt.
    if queue.attention(due.ids.submission, why).await.is_ok() {
        journal::write(&Entry::SubmissionAttention { id: due.ids.submission, code: why.code() });
    }
}

/// The way is closed; said once in the journal, not at every attempt.
async fn closed(outcome: &Outcome, known: bool, tell: &impl AsyncFn(News)) -> Pause {
    tell(News::Online(false)).await;
    let (entry, pause) = match verdict(outcome, 0) {
        Verdict::Stop => (Entry::OfficeDenied, Pause::Jittered),
        Verdict::WaitFor(ms) => (Entry::OfficeLost { code: "busy" }, Pause::For(ms)),
        Verdict::Done | Verdict::SendParts(_) | Verdict::Wait | Verdict::Again | Verdict::Attention(_) => {
            let code = if *outcome == Outcome::NotTheOffice { "not-the-office" } else { "offline" };
            (Entry::OfficeLost { code }, Pause::Jittered)
        }
    };
    if !known {
        journal::write(&entry);
    }
    pause
}
