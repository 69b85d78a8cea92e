//! The clocks, read in one place. Ids and order never depend on the wall clock; it may be wrong by years.

use crate::domain::citizen::Date;
use crate::domain::officer::Running;
use rustix::time::{DynamicClockId, clock_gettime_dynamic};
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

/// Milliseconds since the machine's start, time asleep included (`CLOCK_BOOTTIME`): for what must not stand still while
/// the lid is closed.
pub fn boot_ms() -> u64 {
    let since = clock_gettime_dynamic(DynamicClockId::Boottime);
    since.map_or_else(|_| forward_ms(), |at| at.tv_sec.unsigned_abs() * 1_000 + at.tv_nsec.unsigned_abs() / 1_000_000)
}

/// The day in Viet Nam (UTC+7) at `ms`, Unix milliseconds; `None` beyond the year 2199.
pub fn date_in_viet_nam(ms: i64) -> Option<Date> {
    let utc = OffsetDateTime::from_unix_timestamp(ms.div_euclid(1_000)).ok()?;
    let local = utc.to_offset(UtcOffset::from_hms(7, 0, 0).ok()?);
    Date::new(u16::try_from(local.year()).ok()?, u8::from(local.month()), local.day()).ok()
}

/// The hour and minute in Viet Nam (UTC+7) at `ms`, Unix milliseconds.
pub fn time_in_viet_nam(ms: i64) -> (u8, u8) {
    let minutes = (ms.div_euclid(60_000) + 7 * 60).rem_euclid(24 * 60).unsigned_abs();
    ((minutes / 60) as u8, (minutes % 60) as u8)
}

/// Today in Viet Nam; the floor's day where the clock is beyond reason.
pub fn today() -> Date {
    date_in_viet_nam(unix_ms())
        .or_else(|| date_in_viet_nam(FLOOR_MS))
        .unwrap_or_else(|| unreachable!("the floor is a day of 2026"))
}

/// The machine's running time (`CLOCK_BOOTTIME`) and which start it counts from. `None`: the kernel does not say.
pub fn running() -> Option<Running> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let boot = uuid::Uuid::try_parse(boot.trim()).ok()?.into_bytes();
    let since = clock_gettime_dynamic(DynamicClockId::Boottime).ok()?;
    let ms = u64::try_from(since.tv_sec).ok()?.checked_mul(1_000)? + u64::try_from(since.tv_nsec).ok()? / 1_000_000;
    Some(Running { boot, ms })
}
