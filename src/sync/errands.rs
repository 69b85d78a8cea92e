//! What is sent and kept beside the dossiers: the heartbeat, the states, the office's keys and its clock.

use super::Policy;
use crate::clock;
use crate::domain::submission::Outcome;
use crate::gateway::http::Gateway;
use crate::gateway::wire::{Beat, Signed};
use crate::journal::{self, Entry};
use crate::queue::Queue;

/// Note of the queue: the newest key bundle, as it came.
const KEYS: &str = "keys";
/// Note of the queue: the office's clock, Unix milliseconds, big endian.
const OFFICE_TIME: &str = "office-time";
/// The clock is written down when it has gone on for so long, in milliseconds: an hour.
const KEEP_EVERY_MS: i64 = 60 * 60 * 1_000;
/// Batches of states taken at a time; the rest waits for the next time.
const MAX_BATCHES: u32 = 50;

/// What an earlier run has learnt. A queue that cannot be read now has nothing to tell.
pub(super) async fn remember(queue: &Queue, gateway: &Gateway, policy: Policy) {
    if let Ok(Some(note)) = queue.note(OFFICE_TIME).await
        && let Ok(bytes) = note.try_into()
    {
        gateway.time().learn(i64::from_be_bytes(bytes));
    }
    if let Ok(Some(note)) = queue.note(KEYS).await
        && let Ok(signed) = serde_json::from_slice::<Signed>(&note)
    {
        gateway.take_keys(&signed);
    }
    if let Ok(standing) = queue.standing().await {
        gateway.use_epoch(standing.db_epoch);
    }
    use_keys(queue, gateway, policy, None).await;
}

/// From now on dossiers are sealed by the keys in hand, which may have expired. `newer` is a bundle to be kept.
pub(super) async fn use_keys(queue: &Queue, gateway: &Gateway, policy: Policy, newer: Option<&Signed>) {
    let key = gateway.trust().seal_key(policy.suite, gateway.time().office_ms());
    if key.is_none() {
        journal::write(&Entry::KeysExpired);
    }
    // A queue that does not answer seals nothing either; the next word of the office comes here again.
    let _ = queue.use_office_key(key).await;
    if let Some(note) = newer.and_then(|signed| serde_json::to_vec(signed).ok()) {
        journal::write(&Entry::KeysTaken { version: gateway.trust().version() });
        // If it cannot be kept it is fetched again after the next start.
        let _ = queue.keep_note(KEYS, note).await;
    }
}

/// Writes the office's clock down now and then, so that the next start knows a moment that has passed.
pub(super) async fn keep_time(queue: &Queue, office_ms: i64, kept_ms: &mut Option<i64>) {
    if kept_ms.is_none_or(|kept_ms| office_ms.abs_diff(kept_ms) >= KEEP_EVERY_MS.unsigned_abs())
        && queue.keep_note(OFFICE_TIME, office_ms.to_be_bytes().to_vec()).await.is_ok()
    {
        *kept_ms = Some(office_ms);
    }
}

/// Says how the kiosk is.
pub(super) async fn beat(queue: &Queue, gateway: &Gateway, key_storage: &str) -> Result<(), Outcome> {
    let standing = queue.standing().await.map_err(|_| Outcome::Offline)?;
    gateway.use_epoch(standing.db_epoch);
    let beat = Beat {
        v: 1,
        challenge: String::new(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        queued: standing.tally.queued,
        received: standing.tally.received,
        attention: standing.tally.attention,
        oldest_queued_s: standing.oldest_queued_age_ms.map(|age_ms| age_ms.max(0).unsigned_abs() / 1_000),
        clock_offset_ms: gateway.time().office_ms().map_or(0, |office_ms| clock::unix_ms() - office_ms),
        disk_free_bytes: standing.disk_free_bytes.unwrap_or_default(),
        quarantined: standing.quarantined,
        key_storage: key_storage.to_owned(),
        bundle_version: gateway.trust().version(),
        journal_seq: standing.journal.seq,
        journal_head: standing.journal.hash,
    };
    let heard = gateway.beat(beat).await?;
    if !heard.journal_grows {
        journal::write(&Entry::JournalDoubted);
    }
    Ok(())
}

/// Takes what became of the submissions since the last time.
pub(super) async fn pull_statuses(queue: &Queue, gateway: &Gateway) -> Result<(), Outcome> {
    for _ in 0..MAX_BATCHES {
        // A queue that does not answer is nobody's failure: next time.
        let Ok(cursor) = queue.status_cursor().await else { return Ok(()) };
        let batch = gateway.statuses(cursor).await?;
        let more = batch.more && batch.next_cursor > cursor;
        let Ok(taken) = queue.take_statuses(batch).await else { return Ok(()) };
        if taken > 0 {
            journal::write(&Entry::StatusesTaken { submissions: taken });
        }
        if !more {
            break;
        }
    }
    Ok(())
}
