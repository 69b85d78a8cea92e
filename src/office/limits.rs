//! How often somebody may ask: token buckets, by running time alone.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

/// No more askers are remembered at once.
const MAX_ASKERS: usize = 20_000;

/// So many at once, and then one more each time `every_ms` has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// At least 1.
    pub burst: u32,
    /// Milliseconds; 0 is no limit.
    pub every_ms: u32,
}

/// Who may ask how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// One enrolled kiosk, for everything together.
    pub device: Rate,
    /// Enrolment from one address (one /64 of IPv6).
    pub enrol_source: Rate,
    /// Enrolment by everybody together.
    pub enrol_all: Rate,
    /// Slips from one address (one /64 of IPv6).
    pub slip_source: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            // Twenty a second: ten times what a kiosk on a 100 Mbit/s line needs for parts of 256 KiB.
            device: Rate { burst: 200, every_ms: 50 },
            // Somebody who mistypes is in time for the next try; five wrong ones kill the code anyway.
            enrol_source: Rate { burst: 10, every_ms: 30_000 },
            enrol_all: Rate { burst: 60, every_ms: 1_000 },
            // One opening takes about ten requests; a whole village may stand behind one address of its carrier.
            slip_source: Rate { burst: 300, every_ms: 500 },
        }
    }
}

/// The state of one bucket. A new one is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    full_at_ms: u64,
}

impl Rate {
    /// Takes one token at `now_ms`, running milliseconds; or says how many milliseconds to wait for one.
    pub fn take(self, bucket: &mut Bucket, now_ms: u64) -> Result<(), u64> {
        let every = u64::from(self.every_ms);
        let full_at_ms = bucket.full_at_ms.max(now_ms);
        let spare = u64::from(self.burst.saturating_sub(1)) * every;
        match (full_at_ms - now_ms).checked_sub(spare) {
            None | Some(0) => {
                bucket.full_at_ms = full_at_ms.saturating_add(every);
                Ok(())
            }
            Some(wait_ms) => Err(wait_ms),
        }
    }
}

/// A bucket for each of many askers.
#[derive(Debug)]
pub struct Limiter<K> {
    rate: Rate,
    buckets: Mutex<HashMap<K, Bucket>>,
}

impl<K: Hash + Eq> Limiter<K> {
    /// All buckets are full.
    pub fn new(rate: Rate) -> Self {
        Self { rate, buckets: Mutex::new(HashMap::new()) }
    }

    /// As [`Rate::take`], for this asker. Whoever has a full bucket is forgotten when room is needed; if there is none
    /// even then, new askers have to wait.
    pub fn take(&self, asker: K, now_ms: u64) -> Result<(), u64> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_ASKERS && !buckets.contains_key(&asker) {
            buckets.retain(|_, bucket| bucket.full_at_ms > now_ms);
            if buckets.len() >= MAX_ASKERS {
                return Err(u64::from(self.rate.every_ms));
            }
        }
        self.rate.take(buckets.entry(asker).or_default(), now_ms)
    }
}

/// Whom an address counts as: with IPv6 one subscriber has a whole /64.
pub fn source(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => match six.to_ipv4_mapped() {
            Some(four) => four.into(),
            None => Ipv6Addr::from_bits(six.to_bits() >> 64 << 64).into(),
        },
    }
}

#[cfg(test)]
mod tests;
