//! How long a half-filled form is kept for the holder of the card, and what ends it.

use super::officer::Running;

/// So long after it was last filled in, in milliseconds.
pub const MAX_AGE_MS: u64 = 30 * 60 * 1_000;
/// So many starts of the machine it outlives.
pub const MAX_REBOOTS: u8 = 1;
/// So many cards may be tried that do not open it.
pub const MAX_TRIES: u8 = 5;

/// What a half-filled form outlives at this kiosk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outlives {
    /// Nothing: it is lost with the process.
    #[default]
    Nothing,
    /// The end of the process: systemd holds it in memory.
    Crash,
    /// A power cut too: it lies on the disk under a credential that is bound to the machine.
    PowerCut,
}

/// The clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The machine's running time: never wrong, and worth nothing after the next start.
    pub running: Running,
    /// The wall clock, Unix milliseconds: it may be wrong by years.
    pub wall_ms: i64,
}

/// Until when a half-filled form is kept. Not secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The start of the machine in which it was last looked at.
    pub boot: [u8; 16],
    /// It is gone at this running time of that start, in milliseconds.
    pub until_ms: u64,
    /// When it was last filled in by the wall clock, Unix milliseconds.
    pub wall_ms: i64,
    /// Starts of the machine since it was made.
    pub reboots: u8,
    /// Cards that were tried and did not open it.
    pub tries: u8,
}

impl Stamp {
    /// Filled in now.
    pub fn new(now: &Moment) -> Self {
        Self {
            boot: now.running.boot,
            until_ms: now.running.ms.saturating_add(MAX_AGE_MS),
            wall_ms: now.wall_ms,
            reboots: 0,
            tries: 0,
        }
    }

    /// As it stands now, to be written if it changed; `None`: it is gone. Only across a start of the machine the wall
    /// clock is asked, and one that went back says nothing, so that the form is gone.
    pub fn at(self, now: &Moment) -> Option<Self> {
        if self.tries >= MAX_TRIES {
            return None;
        }
        let most = now.running.ms.saturating_add(MAX_AGE_MS);
        if self.boot == now.running.boot {
            return (now.running.ms < self.until_ms && self.until_ms <= most).then_some(self);
        }
        let age_ms = u64::try_from(now.wall_ms.checked_sub(self.wall_ms)?).ok()?;
        let left_ms = MAX_AGE_MS.checked_sub(age_ms).filter(|left| *left > 0)?;
        let reboots = self.reboots.checked_add(1).filter(|reboots| *reboots <= MAX_REBOOTS)?;
        let until_ms = now.running.ms.checked_add(left_ms)?;
        Some(Self { boot: now.running.boot, until_ms, reboots, ..self })
    }

    /// One more card is tried: written before it is compared, so that a power cut between the two gives nobody a try.
    #[must_use]
    pub fn tried(self) -> Self {
        Self { tries: self.tries.saturating_add(1), ..self }
    }

    /// The right card was tried.
    #[must_use]
    pub fn known(self) -> Self {
        Self { tries: 0, ..self }
    }

    /// Until it is gone, in milliseconds of running time.
    pub fn left_ms(&self, now: &Moment) -> u64 {
        self.until_ms.saturating_sub(now.running.ms)
    }
}

#[cfg(test)]
mod tests;
