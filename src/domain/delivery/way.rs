//! The way to the office, one for the whole kiosk: open to everything, paused, or shut until one ping proves it again.
//!
//! In the words of electricians the circuit is closed while the way is [`State::Clear`] and open while it is shut.

use super::random::Random;
use crate::domain::submission::{FIRST_PAUSE_MS, delay_ms};

/// Failures of the way in a row that shut it.
pub const SHUT_AFTER: u32 = 3;
/// Submissions under way at the same time, at most.
pub const MAX_IN_FLIGHT: usize = 4;
/// A kiosk that was cut off for longer than this is probably one of many, in milliseconds.
pub const HERD_AFTER_MS: u64 = 10 * 60 * 1_000;
/// Those wait so long at most after the office is there again before they send, in milliseconds.
pub const HERD_REST_MS: u64 = 120 * 1_000;
/// However often the network changes, two attempts are so far apart, in milliseconds.
pub const HINT_FLOOR_MS: u64 = 5_000;
/// A change of the network so long after the last one makes the pauses short again, in milliseconds.
const HINT_NEWS_MS: u64 = 60 * 1_000;
/// However often an officer presses, two attempts are so far apart, in milliseconds.
pub const OFFICER_FLOOR_MS: u64 = 1_000;
/// Most that is added at random to a pause the office asked for, in milliseconds.
pub const BUSY_JITTER_MS: u64 = 120 * 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Requests go out.
    Clear,
    /// Nothing goes out before this moment, and then one ping.
    Shut { until: u64 },
    /// That ping is out.
    Probing,
}

#[derive(Clone, Debug)]
pub(super) struct Way {
    state: State,
    /// A pause of our own.
    pause_until: u64,
    /// A pause the office asked for: no network may end it, only an officer.
    quiet_until: u64,
    /// Shut because the office does not know this kiosk: no network may open it either.
    is_denied: bool,
    /// Nothing is sent before this moment, though the way is clear: others of the herd send.
    rest_until: u64,
    /// Failures since the office was last there.
    in_a_row: u32,
    /// Failures since something was last delivered: the pauses grow with them.
    exponent: u32,
    /// The way was just opened by a ping, and nothing has been delivered since: the next failure shuts it.
    on_probation: bool,
    at_once: usize,
    lost_at: Option<u64>,
    tried_at: u64,
    hinted_at: Option<u64>,
    longest_ms: u64,
}

impl Way {
    /// Shut for ever, until [`Way::begin`].
    pub(super) fn new(longest_ms: u64) -> Self {
        Self {
            state: State::Shut { until: u64::MAX },
            pause_until: 0,
            quiet_until: 0,
            is_denied: false,
            rest_until: 0,
            in_a_row: 0,
            exponent: 0,
            on_probation: false,
            at_once: 1,
            lost_at: None,
            tried_at: 0,
            hinted_at: None,
            longest_ms,
        }
    }

    pub(super) fn begin(&mut self, now: u64, random: &mut Random) {
        self.tried_at = now;
        self.state = State::Shut { until: now.saturating_add(delay_ms(0, random.next(), self.longest_ms)) };
    }

    /// True exactly once when the time has come for the one ping.
    pub(super) fn takes_probe(&mut self, now: u64) -> bool {
        match self.state {
            State::Shut { until } if until.max(self.quiet_until) <= now => {
                self.state = State::Probing;
                self.is_denied = false;
                self.tried_at = now;
                true
            }
            State::Shut { .. } | State::Probing | State::Clear => false,
        }
    }

    pub(super) fn is_probing(&self) -> bool {
        self.state == State::Probing
    }

    /// Whether the office may be asked anything.
    pub(super) fn may_speak(&self, now: u64) -> bool {
        self.is_clear() && self.pause_until.max(self.quiet_until) <= now
    }

    /// Whether submissions may be sent.
    pub(super) fn may_send(&self, now: u64) -> bool {
        self.may_speak(now) && self.rest_until <= now
    }

    pub(super) fn is_clear(&self) -> bool {
        self.state == State::Clear
    }

    pub(super) fn at_once(&self) -> usize {
        self.at_once
    }

    /// When [`Way::may_speak`] can become true, or the ping is due; `None` when that hangs on an answer.
    pub(super) fn speaks_at(&self) -> Option<u64> {
        match self.state {
            State::Clear => Some(self.pause_until.max(self.quiet_until)),
            State::Shut { until } => (until < u64::MAX).then_some(until.max(self.quiet_until)),
            State::Probing => None,
        }
    }

    pub(super) fn rests_until(&self) -> u64 {
        self.rest_until
    }

    /// No connection, or something in between that answers in the office's place. While the way is shut the failures
    /// of what was still under way say nothing new; `probe` is the ping's own failure.
    pub(super) fn failed(&mut self, now: u64, probe: bool, random: &mut Random) {
        self.lost_at.get_or_insert(now);
        match self.state {
            State::Shut { .. } => return,
            State::Probing if !probe => return,
            State::Probing | State::Clear => {}
        }
        self.in_a_row = self.in_a_row.saturating_add(1);
        self.exponent = self.exponent.saturating_add(1);
        self.at_once = (self.at_once / 2).max(1);
        let until = now.saturating_add(delay_ms(self.exponent, random.next(), self.longest_ms));
        if self.is_probing() || self.on_probation || self.in_a_row >= SHUT_AFTER {
            self.shut(until);
        } else {
            self.pause_until = self.pause_until.max(until);
        }
    }

    /// The office is there and asks for a pause.
    pub(super) fn busy(&mut self, now: u64, pause_ms: u64, random: &mut Random) {
        self.at_once = (self.at_once / 2).max(1);
        let spread = random.between(0, (pause_ms / 2).clamp(FIRST_PAUSE_MS, BUSY_JITTER_MS));
        self.quiet_until = self.quiet_until.max(now.saturating_add(pause_ms).saturating_add(spread));
        if self.is_probing() {
            self.shut(now);
        }
    }

    /// The office does not know this kiosk: it is asked again at the slowest pace, whatever the network does.
    pub(super) fn denied(&mut self, now: u64, random: &mut Random) {
        if !self.is_denied {
            let pause = delay_ms(u32::MAX, random.next(), self.longest_ms);
            self.shut(now.saturating_add(pause));
            self.is_denied = true;
        }
    }

    fn shut(&mut self, until: u64) {
        self.state = State::Shut { until };
        self.in_a_row = 0;
        self.at_once = 1;
    }

    /// The office proved itself by a signed answer to a ping. A pong that was late does not make us known.
    pub(super) fn proven(&mut self, now: u64, random: &mut Random) {
        if self.is_denied {
            return;
        }
        if !self.is_clear() {
            self.open();
            self.on_probation = true;
        }
        if self.lost_at.take().is_some_and(|lost| now.saturating_sub(lost) > HERD_AFTER_MS) {
            self.rest_until = now.saturating_add(random.between(0, HERD_REST_MS));
        }
        self.in_a_row = 0;
    }

    /// A submission was delivered: proof as good as a ping, and one more may be under way.
    pub(super) fn delivered(&mut self) {
        if self.is_denied {
            return;
        }
        if self.is_clear() {
            self.at_once = (self.at_once + 1).min(MAX_IN_FLIGHT);
        } else {
            self.open();
        }
        self.lost_at = None;
        self.progressed();
    }

    /// Something of a submission arrived.
    pub(super) fn progressed(&mut self) {
        self.in_a_row = 0;
        self.relaxed();
    }

    /// There is no reason left to be careful, or nothing to be careful with: the pauses are short again.
    pub(super) fn relaxed(&mut self) {
        self.exponent = 0;
        self.on_probation = false;
    }

    fn open(&mut self) {
        self.state = State::Clear;
        self.pause_until = 0;
        self.at_once = 1;
    }

    /// The network changed: a pause of our own may end.
    pub(super) fn hinted(&mut self, now: u64, random: &mut Random) {
        // A network that comes and goes says nothing by coming once more.
        let news = self.hinted_at.replace(now).is_none_or(|before| now.saturating_sub(before) > HINT_NEWS_MS);
        if !self.is_denied {
            if news {
                self.exponent = 0;
            }
            let spread = random.between(0, FIRST_PAUSE_MS);
            self.hurry(now.max(self.tried_at.saturating_add(HINT_FLOOR_MS)).saturating_add(spread));
        }
    }

    /// An officer wants it now.
    pub(super) fn pressed(&mut self, now: u64) {
        let at = now.max(self.tried_at.saturating_add(OFFICER_FLOOR_MS));
        self.is_denied = false;
        self.rest_until = 0;
        self.quiet_until = self.quiet_until.min(at);
        self.hurry(at);
    }

    fn hurry(&mut self, at: u64) {
        self.pause_until = self.pause_until.min(at);
        if let State::Shut { until } = self.state
            && until < u64::MAX
        {
            self.state = State::Shut { until: until.min(at) };
        }
    }

    /// Something went out.
    pub(super) fn tried(&mut self, now: u64) {
        self.tried_at = now;
    }
}
