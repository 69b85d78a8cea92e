//! The weather of a seed: what goes wrong when, before the calm.

use super::kiosk::Disk;
use super::network::Link;
use super::office::Condition;
use super::world::{DAY, HOUR, Happening, MINUTE, Ms, SECOND, World};
use crate::domain::delivery::HERD_AFTER_MS;
use crate::domain::submission::LONGEST_PAUSE_MS;

/// Citizens of a kiosk's day who are led through every screen of the real session; the others only bring a dossier.
const THROUGH_EVERY_SCREEN: usize = 1;
/// Years that a clock without a battery is behind, and a badly set one ahead.
const TO_1970_MS: i64 = -57 * 365 * DAY.cast_signed();
const TEN_YEARS_MS: i64 = 10 * 365 * DAY.cast_signed();

pub(super) fn plan(world: &mut World) {
    let calm_at = world.calm_at;
    for k in 0..world.kiosks.len() {
        world.at(k as Ms * 7, Happening::Power(k, true));
        citizens(world, k);
        links(world, k);
        mishaps(world, k);
    }
    outages(world);
    office(world);
    world.at(calm_at, Happening::Calm);
}

/// Some moment before the calm.
fn some_time(world: &mut World) -> Ms {
    let calm_at = world.calm_at;
    world.rng.u64(0..calm_at)
}

/// From a minute to half a day, short ones more often.
fn some_while(world: &mut World) -> Ms {
    let most = [10 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR][world.rng.usize(0..4)];
    world.rng.u64(MINUTE..most)
}

/// From one moment to another, both before the calm.
fn span(world: &mut World) -> (Ms, Ms) {
    let from = some_time(world);
    let to = (from + some_while(world)).min(world.calm_at - 1);
    (from, to)
}

fn citizens(world: &mut World, k: usize) {
    let busy = world.rng.u64(4..36);
    for day in 0..world.calm_at.div_ceil(DAY) {
        let count = world.rng.u64(busy / 2..busy * 3 / 2) as usize;
        for nth in 0..count {
            let at = day * DAY + world.rng.u64(8 * HOUR..17 * HOUR);
            if at < world.calm_at {
                world.at(at, Happening::Comes { kiosk: k, through_every_screen: nth < THROUGH_EVERY_SCREEN });
            }
        }
        let officer = day * DAY + world.rng.u64(8 * HOUR..17 * HOUR);
        if officer < world.calm_at && world.rng.bool() {
            world.at(officer, Happening::Officer(k));
        }
    }
}

fn links(world: &mut World, k: usize) {
    // A good place, an ordinary one, or the end of the world.
    let trouble = world.rng.usize(0..3);
    let mut at = 0;
    while at < world.calm_at {
        let bad = world.rng.usize(0..4) < trouble + 1;
        let link = if bad { Link::ALL[world.rng.usize(1..Link::ALL.len())] } else { Link::Up };
        world.at(at, Happening::Link(k, link));
        if link == Link::Up && world.rng.bool() {
            world.at(at, Happening::NetworkHint(k));
        }
        at += some_while(world);
    }
}

fn mishaps(world: &mut World, k: usize) {
    for _ in 0..world.rng.usize(0..4) {
        let at = some_time(world);
        let off = [10 * SECOND, MINUTE, HOUR, 10 * HOUR][world.rng.usize(0..4)];
        let off = world.rng.u64(SECOND..off);
        world.at(at, Happening::Power(k, false));
        world.at(at + off, Happening::Power(k, true));
    }
    for _ in 0..world.rng.usize(0..3) {
        let (from, to) = span(world);
        let disk = [Disk::Floor, Disk::Full, Disk::Failing][world.rng.usize(0..3)];
        world.at(from, Happening::Disk(k, disk));
        world.at(to, Happening::Disk(k, Disk::Well));
    }
    for _ in 0..world.rng.usize(0..3) {
        let at = some_time(world);
        let off = [TO_1970_MS, TEN_YEARS_MS, -2 * HOUR.cast_signed(), 0][world.rng.usize(0..4)];
        world.at(at, Happening::WallClock(k, off));
    }
    for _ in 0..world.rng.usize(0..4) {
        let (from, to) = span(world);
        world.at(from, Happening::Reader(k, false));
        world.at(to, Happening::Reader(k, true));
    }
    if world.rng.u8(0..8) == 0 {
        let (from, to) = span(world);
        world.at(from, Happening::Denies(k, true));
        world.at(to, Happening::Denies(k, false));
    }
}

/// What all kiosks share: a province without a line, which comes back for everybody in the same moment.
fn outages(world: &mut World) {
    for _ in 0..world.rng.usize(1..5) {
        let (from, to) = span(world);
        for k in 0..world.kiosks.len() {
            world.at(from, Happening::Link(k, Link::Down));
            world.at(to, Happening::Link(k, Link::Up));
            world.at(to, Happening::NetworkHint(k));
        }
        if to - from > HERD_AFTER_MS + LONGEST_PAUSE_MS {
            world.at(to, Happening::OutageEnds);
        }
    }
}

fn office(world: &mut World) {
    let mut at = some_while(world);
    while at < world.calm_at {
        let condition = Condition::ALL[world.rng.usize(0..Condition::ALL.len())];
        let (bad, good) = (some_while(world), some_while(world) * 3);
        world.at(at, Happening::Office(condition));
        world.at((at + bad).min(world.calm_at - 1), Happening::Office(Condition::Well));
        at += bad + good;
    }
    let pace = world.rng.u64(HOUR..12 * HOUR);
    let mut at = pace;
    while at < world.calm_at + 6 * HOUR {
        world.at(at, Happening::BackUp);
        at += pace;
    }
    for _ in 0..[0, 0, 1, 1, 2][world.rng.usize(0..5)] {
        let at = some_time(world);
        world.at(at, Happening::Restore);
    }
    for _ in 0..world.rng.usize(0..3) {
        let at = some_time(world);
        let overlap = world.rng.bool();
        world.at(at, Happening::Rotate { overlap });
    }
}
