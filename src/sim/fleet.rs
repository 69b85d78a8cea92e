//! Fleets in virtual time: from a seed come kiosks, citizens, networks, an office and everything that goes wrong, and at
//! the end every dossier is accounted for.
//!
//! The sync ([`Delivery`](crate::domain::delivery::Delivery)) and the session
//! ([`Session`](crate::domain::flow::Session)) are the real ones. Queue, network and office are models that keep the real
//! ones' promises and nothing more. A day passes in about a millisecond; nothing reads a clock.

mod citizen;
mod drive;
mod faults;
mod forecast;
mod judge;
mod kiosk;
mod mutant;
mod network;
mod office;
pub mod store;
mod world;

use crate::config::{Refusal, shipped_rules};
use crate::domain::citizen::Date;
use crate::domain::flow::Setup;
use citizen::Cast;
use judge::Rivals;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use world::World;

pub use mutant::Mutant;

/// What is simulated.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The first seed.
    pub from: u64,
    /// How many.
    pub seeds: u64,
    /// Days of each, the last of them calm.
    pub days: u32,
    /// A defect to be found.
    pub mutant: Option<Mutant>,
}

/// What was counted. The first four must be 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Citizens were told "saved", and neither the office holds exactly that nor an officer is told truly why not.
    pub lost: u64,
    /// Dossiers that the office holds twice.
    pub duplicated: u64,
    /// Citizens without a way on, dossiers that could be delivered and were not, and what was refused and sent again.
    pub stuck: u64,
    /// Kiosks that try in lockstep, with each other or with themselves.
    pub herd: u64,
    /// Fleets.
    pub seeds: u64,
    /// Days of kiosks.
    pub kiosk_days: u64,
    /// Citizens who were led through every screen of the real session.
    pub sessions: u64,
    /// Dossiers committed to a queue, by those and by the others.
    pub dossiers: u64,
    /// Delivered.
    pub delivered: u64,
    /// Left to an officer.
    pub attention: u64,
}

impl Counts {
    /// Whether every promise was kept.
    pub fn is_clean(&self) -> bool {
        self.lost == 0 && self.duplicated == 0 && self.stuck == 0 && self.herd == 0
    }

    fn add(&mut self, other: &Self) {
        let Self { lost, duplicated, stuck, herd, seeds, kiosk_days, sessions, dossiers, delivered, attention } = other;
        self.lost += lost;
        self.duplicated += duplicated;
        self.stuck += stuck;
        self.herd += herd;
        self.seeds += seeds;
        self.kiosk_days += kiosk_days;
        self.sessions += sessions;
        self.dossiers += dossiers;
        self.delivered += delivered;
        self.attention += attention;
    }
}

/// One fleet's end.
#[derive(Clone, Debug)]
pub struct Ending {
    /// What was counted.
    pub counts: Counts,
    /// What was broken, in words.
    pub broken: Vec<String>,
    /// How often which kind of trouble was met.
    pub met: BTreeMap<&'static str, u64>,
    rivals: Rivals,
    /// What happened, line by line, when it was asked for.
    pub story: Vec<String>,
}

/// All fleets of a plan. The same whatever the number of threads.
#[derive(Clone, Debug, Default)]
pub struct Endings {
    /// What was counted.
    pub counts: Counts,
    /// What was broken, by seed.
    pub broken: BTreeMap<u64, Vec<String>>,
    /// How often which kind of trouble was met.
    pub met: BTreeMap<&'static str, u64>,
    rivals: Rivals,
}

/// Runs every seed of the plan on so many threads. Fails only when the shipped configuration is damaged.
pub fn run(plan: &Plan, threads: usize) -> Result<Endings, Refusal> {
    let (setup, cast) = (setup()?, Arc::new(Cast::new()));
    let next = AtomicU64::new(plan.from);
    let all = Mutex::new(Endings::default());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= plan.from.saturating_add(plan.seeds) {
                return;
            }
            let ending = World::new(seed, plan.days, plan.mutant, &setup, &cast, false).run();
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
            all.counts.add(&ending.counts);
            all.rivals.pairs += ending.rivals.pairs;
            all.rivals.together += ending.rivals.together;
            for (what, count) in ending.met {
                *all.met.entry(what).or_default() += count;
            }
            if !ending.broken.is_empty() {
                all.broken.insert(seed, ending.broken);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(work);
        }
    });
    let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    all.counts.herd += u64::from(all.rivals.are_a_herd());
    Ok(all)
}

/// Runs one seed and tells everything.
pub fn replay(seed: u64, days: u32, mutant: Option<Mutant>) -> Result<Ending, Refusal> {
    Ok(World::new(seed, days, mutant, &setup()?, &Arc::new(Cast::new()), true).run())
}

/// As it is shipped; the day is fixed, because a story must not depend on when it is told.
fn setup() -> Result<Arc<Setup>, Refusal> {
    let day = Date::new(2026, 11, 23).unwrap_or_else(|_| unreachable!("a day of the calendar"));
    let rules = shipped_rules(day)?;
    Ok(Arc::new(Setup {
        rules,
        idle_warn_s: 60,
        idle_wipe_s: 90,
        qr_visible_s: 20,
        place: String::new(),
        page: String::new(),
    }))
}
