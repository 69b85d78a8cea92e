//! The wall clock, read in one place. Ids and order never depend on it; it may be wrong by years.

use crate::domain::citizen::Date;
use std::time::{SystemTime, UNIX_EPOCH};
use time::{OffsetDateTime, UtcOffset};

/// This version was not there before: an earlier clock is wrong. 1 November 2026, Unix milliseconds.
pub const FLOOR_MS: i64 = 1_793_491_200_000;

/// Unix milliseconds, not before this version was made.
#[allow(clippy::disallowed_methods, reason = "the one place")]
pub fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(FLOOR_MS).max(FLOOR_MS)
}

/// Milliseconds of a clock that only runs forward, from some moment of its own.
pub fn forward_ms() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec.unsigned_abs() * 1_000 + now.tv_nsec.unsigned_abs() / 1_000_000
}

/// The day in Viet Nam (UTC+7) at `ms`, Unix milliseconds; `None` beyond the year 2199.
pub fn date_in_viet_nam(ms: i64) -> Option<Date> {
    let utc = OffsetDateTime::from_unix_timestamp(ms.div_euclid(1_000)).ok()?;
    let local = utc.to_offset(UtcOffset::from_hms(7, 0, 0).ok()?);
    Date::new(u16::try_from(local.year()).ok()?, u8::from(local.month()), local.day()).ok()
}

/// Today in Viet Nam; the floor's day where the clock is beyond reason.
pub fn today() -> Date {
    date_in_viet_nam(unix_ms())
        .or_else(|| date_in_viet_nam(FLOOR_MS))
        .unwrap_or_else(|| unreachable!("the floor is a day of 2026"))
}
