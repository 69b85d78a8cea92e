//! How often a PIN may be tried. A try is counted before it is compared, so that a power cut gives no free guess.

/// Wrong tries in a row before the door shuts for the first time.
pub const FREE_TRIES: u32 = 5;
/// No lock-out is longer, in milliseconds of running time.
pub const LONGEST_MS: u64 = 15 * MINUTE_MS;
const MINUTE_MS: u64 = 60_000;

/// A moment of the machine's running time. The wall clock may be set by anybody who holds the network; this one cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// Which start of the machine (`/proc/sys/kernel/random/boot_id`).
    pub boot: [u8; 16],
    /// Milliseconds since that start, suspended time included.
    pub ms: u64,
}

/// The door is shut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shut {
    /// For so many more milliseconds of running time, at least 1.
    pub left_ms: u64,
}

/// Wrong tries in a row, and since when the door is shut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lockout {
    fails: u32,
    since: Option<Running>,
}

impl Lockout {
    /// As it was stored.
    pub fn stored(fails: u32, since: Option<Running>) -> Self {
        Self { fails, since }
    }

    /// Tries that were counted since the last right one.
    pub fn fails(self) -> u32 {
        self.fails
    }

    /// The beginning of the current lock-out, or of the last one.
    pub fn since(self) -> Option<Running> {
        self.since
    }

    /// Wrong tries until the door shuts.
    pub fn tries_left(self) -> u32 {
        FREE_TRIES.saturating_sub(self.fails)
    }

    /// The lock-out as it stands at `now`. After a restart of the machine nobody knows how much of it had passed: it
    /// begins anew, and so does one whose beginning is unknown or yet to come. It never gets shorter by that.
    #[must_use]
    pub fn at(self, now: Running) -> Self {
        let known = self.since.is_some_and(|since| since.boot == now.boot && since.ms <= now.ms);
        if known || length_ms(self.fails) == 0 { self } else { Self { since: Some(now), ..self } }
    }

    /// For how long the door stays shut, in milliseconds of running time; 0: it may be tried.
    pub fn left_ms(self, now: Running) -> u64 {
        let passed = self.at(now).since.map_or(0, |since| now.ms.saturating_sub(since.ms));
        length_ms(self.fails).saturating_sub(passed)
    }

    /// The state to be stored *before* the try is compared: as if it had failed.
    pub fn count(self, now: Running) -> Result<Self, Shut> {
        match self.left_ms(now) {
            0 => {
                let fails = self.fails.saturating_add(1);
                Ok(Self { fails, since: (length_ms(fails) > 0).then_some(now) })
            }
            left_ms => Err(Shut { left_ms }),
        }
    }
}

/// The fifth wrong try shuts the door, and so does every one after it.
const fn length_ms(fails: u32) -> u64 {
    match fails {
        0..FREE_TRIES => 0,
        5 => MINUTE_MS,
        6 => 5 * MINUTE_MS,
        _ => LONGEST_MS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(boot: u8, ms: u64) -> Running {
        Running { boot: [boot; 16], ms }
    }

    #[test]
    fn the_door_shuts_for_one_five_and_then_always_fifteen_minutes() {
        let mut lock = Lockout::default();
        let mut now = 0;
        let mut shut_min = Vec::new();
        for _ in 0..9 {
            lock = lock.count(at(1, now)).unwrap();
            let left_ms = lock.left_ms(at(1, now));
            shut_min.push(left_ms / MINUTE_MS);
            if left_ms > 0 {
                let last_moment = at(1, now + left_ms - 1);
                assert_eq!(lock.count(last_moment), Err(Shut { left_ms: 1 }));
            }
            now += left_ms;
        }
        assert_eq!(shut_min, [0, 0, 0, 0, 1, 5, 15, 15, 15]);
    }

    #[test]
    fn whatever_happens_there_are_no_more_tries_than_running_time_allows() {
        for seed in 0..2_000 {
            let mut rng = fastrand::Rng::with_seed(seed);
            let mut lock = Lockout::default();
            let (mut boot, mut ms, mut ran_ms, mut tries) = (0_u8, 0_u64, 0_u64, 0_u64);
            for _ in 0..400 {
                match rng.u8(0..10) {
                    // Power off and on: running time begins at nought, as short a run as may be.
                    0 => (boot, ms) = (boot.wrapping_add(1), rng.u64(0..2_000)),
                    1 => {
                        let pause = rng.u64(0..20 * MINUTE_MS);
                        (ms, ran_ms) = (ms + pause, ran_ms + pause);
                    }
                    // What the program does at its start: the restarted lock-out is stored.
                    2 => lock = lock.at(at(boot, ms)),
                    _ => {
                        let before = lock.left_ms(at(boot, ms));
                        match lock.count(at(boot, ms)) {
                            Ok(counted) => {
                                assert_eq!(before, 0, "seed {seed}");
                                (lock, tries) = (counted, tries + 1);
                            }
                            Err(Shut { left_ms }) => assert!(left_ms > 0 && left_ms <= LONGEST_MS, "seed {seed}"),
                        }
                    }
                }
            }
            // Boots bring up to two seconds of running time each, which `ran_ms` has not counted.
            let most = 7 + (ran_ms + 400 * 2_000) / LONGEST_MS;
            assert!(tries <= most, "seed {seed}: {tries} tries in {ran_ms} ms");
        }
    }

    #[test]
    fn a_restart_never_shortens_a_lock_out() {
        for seed in 0..2_000 {
            let mut rng = fastrand::Rng::with_seed(seed);
            let begun = at(1, rng.u64(0..1_000_000));
            let lock = Lockout::stored(rng.u32(5..12), Some(begun));
            let now = Running { ms: begun.ms + rng.u64(0..2 * LONGEST_MS), ..begun };
            let before = lock.left_ms(now);
            let restarted = at(2, rng.u64(0..5_000));
            assert!(lock.at(restarted).left_ms(restarted) >= before, "seed {seed}");
            assert!(lock.left_ms(restarted) <= LONGEST_MS, "seed {seed}");
        }
    }

    #[test]
    fn a_stored_lock_out_without_a_beginning_begins_now() {
        let lock = Lockout::stored(6, None);
        assert_eq!(lock.left_ms(at(1, 77)), 5 * MINUTE_MS);
        assert_eq!(lock.at(at(1, 77)).since(), Some(at(1, 77)));
    }
}
