//! What the kiosk asks and tells the office besides sending: pings, heartbeats, statuses, keys.

use super::random::Random;
use crate::domain::submission::delay_ms;

/// Between two heartbeats, in milliseconds, give or take a tenth.
pub const BEAT_MS: u64 = 5 * 60 * 1_000;
/// Between two looks for statuses, in milliseconds, give or take a half.
pub const STATUSES_MS: u64 = 15 * 60 * 1_000;
/// A pong's challenge is good for ten minutes; what needs it is asked for earlier, in milliseconds.
pub const FRESH_MS: u64 = 9 * 60 * 1_000;

#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "four errands, each of which may be out while the others are")]
pub(super) struct Errands {
    /// The next regular ping.
    pub(super) contact_at: u64,
    pub(super) ping_is_out: bool,
    beat_is_out: bool,
    statuses_at: u64,
    statuses_are_out: bool,
    keys_are_out: bool,
    bundle_version: u64,
    pong_at: Option<u64>,
    /// Of errands, since a heartbeat was last taken.
    failures: u32,
}

/// What a pong calls for.
pub(super) struct Due {
    pub(super) beat: bool,
    pub(super) keys: bool,
}

impl Errands {
    pub(super) fn new(bundle_version: u64) -> Self {
        Self {
            contact_at: 0,
            ping_is_out: false,
            beat_is_out: false,
            statuses_at: 0,
            statuses_are_out: false,
            keys_are_out: false,
            bundle_version,
            pong_at: None,
            failures: 0,
        }
    }

    /// Whether the regular ping is to go out now; it is noted as sent.
    pub(super) fn takes_contact(&mut self, now: u64) -> bool {
        let due = self.contact_at <= now && !self.ping_is_out;
        self.ping_is_out |= due;
        due
    }

    /// A pong: a heartbeat follows it, and the keys if the office has newer ones.
    pub(super) fn ponged(&mut self, now: u64, bundle_version: u64, random: &mut Random) -> Due {
        self.ping_is_out = false;
        self.pong_at = Some(now);
        self.contact_at = now.saturating_add(random.between(BEAT_MS - BEAT_MS / 10, BEAT_MS + BEAT_MS / 10));
        let beat = !std::mem::replace(&mut self.beat_is_out, true);
        Due { beat, keys: bundle_version > self.bundle_version && self.takes_keys() }
    }

    /// No pong: the next ping follows as soon as the way allows.
    pub(super) fn ping_failed(&mut self, now: u64) {
        self.ping_is_out = false;
        self.contact_at = now;
    }

    /// Whether the office is still there is doubtful: the next ping comes sooner.
    pub(super) fn failed(&mut self, now: u64, longest_ms: u64, random: &mut Random) {
        self.failures = self.failures.saturating_add(1);
        let pause = delay_ms(self.failures, random.next(), longest_ms);
        self.contact_at = self.contact_at.min(now.saturating_add(pause));
    }

    pub(super) fn beaten(&mut self, taken: bool) {
        self.beat_is_out = false;
        if taken {
            self.failures = 0;
        }
    }

    /// Whether statuses are to be asked for now; it is noted as asked.
    pub(super) fn takes_statuses(&mut self, now: u64) -> bool {
        let due = self.statuses_at <= now && !self.statuses_are_out && self.is_fresh(now);
        self.statuses_are_out |= due;
        due
    }

    pub(super) fn statuses_taken(&mut self, now: u64, random: &mut Random) {
        self.statuses_are_out = false;
        self.statuses_at =
            now.saturating_add(random.between(STATUSES_MS - STATUSES_MS / 2, STATUSES_MS + STATUSES_MS / 2));
    }

    /// Whether the keys may be asked for now; it is noted as asked.
    pub(super) fn takes_keys(&mut self) -> bool {
        !std::mem::replace(&mut self.keys_are_out, true)
    }

    /// Answers whether they are newer than those before.
    pub(super) fn keys_taken(&mut self, version: Option<u64>) -> bool {
        self.keys_are_out = false;
        let before = self.bundle_version;
        self.bundle_version = before.max(version.unwrap_or_default());
        self.bundle_version > before
    }

    fn is_fresh(&self, now: u64) -> bool {
        self.pong_at.is_some_and(|at| now.saturating_sub(at) < FRESH_MS)
    }

    /// The next moment at which something of this is due.
    pub(super) fn wakes_at(&self, now: u64) -> Option<u64> {
        let contact = (!self.ping_is_out).then_some(self.contact_at);
        let statuses = (!self.statuses_are_out && self.is_fresh(self.statuses_at.max(now))).then_some(self.statuses_at);
        contact.into_iter().chain(statuses).min()
    }
}
