//! Virtual time: what happens next, happens now.

use super::citizen::Cast;
use super::judge::Judge;
use super::kiosk::{Disk, Kiosk};
use super::mutant::Mutant;
use super::network::Link;
use super::office::{Condition, Kind, Office, Request, Said};
use super::{Ending, forecast};
use crate::domain::delivery::{Input, Order};
use crate::domain::flow::Setup;
use fastrand::Rng;
use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;
use uuid::Uuid;

/// Milliseconds since the first midnight.
pub(super) type Ms = u64;
pub(super) const SECOND: Ms = 1_000;
pub(super) const MINUTE: Ms = 60 * SECOND;
pub(super) const HOUR: Ms = 60 * MINUTE;
pub(super) const DAY: Ms = 24 * HOUR;
/// So many broken promises are enough to know of a fleet.
const ENOUGH: usize = 50;

/// Everything that can happen. A number in front is the kiosk's.
#[derive(Clone, Debug)]
pub(super) enum Happening {
    Wake(usize, u32),
    Arrives {
        from: usize,
        request: Request,
        echo: bool,
        generation: u32,
    },
    Hears {
        kiosk: usize,
        generation: u32,
        kind: Kind,
        id: Uuid,
        said: Said,
    },
    Comes {
        kiosk: usize,
        through_every_screen: bool,
    },
    Acts(usize, u32),
    SaveEnds(usize, u32),
    /// A save ended with an error, and was done all the same: nobody knows.
    SilentSave(usize),
    Link(usize, Link),
    NetworkHint(usize),
    OutageEnds,
    Power(usize, bool),
    Disk(usize, Disk),
    WallClock(usize, i64),
    Reader(usize, bool),
    Officer(usize),
    Denies(usize, bool),
    Office(Condition),
    BackUp,
    BackedUp(u32, u64),
    Restore,
    Rotate {
        overlap: bool,
    },
    Calm,
}

struct Entry {
    at: Ms,
    order: u64,
    what: Happening,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The earliest is the greatest; of the same moment, what was planned first.
impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

pub(super) struct World {
    pub(super) rng: Rng,
    pub(super) now: Ms,
    pub(super) calm_at: Ms,
    end_at: Ms,
    heap: BinaryHeap<Entry>,
    planned: u64,
    pub(super) kiosks: Vec<Kiosk>,
    pub(super) office: Office,
    pub(super) judge: Judge,
    pub(super) mutant: Option<Mutant>,
    pub(super) setup: Arc<Setup>,
    pub(super) cast: Arc<Cast>,
    /// Delivered parts are kept so long.
    pub(super) keep_ms: Ms,
    pub(super) acts: u64,
    story: Option<Vec<String>>,
    /// Only to be used again without asking for memory.
    pub(super) inputs: VecDeque<Input>,
    pub(super) orders: Vec<Order>,
}

impl World {
    pub(super) fn new(
        seed: u64,
        days: u32,
        mutant: Option<Mutant>,
        setup: &Arc<Setup>,
        cast: &Arc<Cast>,
        tells: bool,
    ) -> Self {
        let mut rng = Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x0074_7275);
        let kiosks = rng.usize(1..4);
        let end_at = u64::from(days.max(1)) * DAY;
        let calm_at = end_at - (end_at / 4).clamp(6 * HOUR, DAY);
        let mut world = Self {
            now: 0,
            calm_at,
            end_at,
            heap: BinaryHeap::with_capacity(256),
            planned: 0,
            kiosks: (0..kiosks).map(|_| Kiosk::new(setup)).collect(),
            office: Office::new(kiosks),
            judge: Judge::new(kiosks),
            mutant,
            setup: Arc::clone(setup),
            cast: Arc::clone(cast),
            keep_ms: rng.u64(0..4) * DAY,
            acts: 0,
            story: tells.then(Vec::new),
            inputs: VecDeque::new(),
            orders: Vec::new(),
            rng,
        };
        forecast::plan(&mut world);
        world
    }

    /// Plans something.
    pub(super) fn at(&mut self, at: Ms, what: Happening) {
        self.planned += 1;
        self.heap.push(Entry { at, order: self.planned, what });
    }

    pub(super) fn after(&mut self, ms: Ms, what: Happening) {
        self.at(self.now + ms, what);
    }

    pub(super) fn is_calm(&self) -> bool {
        self.now >= self.calm_at
    }

    /// To the end, and what is to be said of it.
    pub(super) fn run(mut self) -> Ending {
        while let Some(entry) = self.heap.pop()
            && entry.at <= self.end_at
        {
            self.now = entry.at;
            self.happen(entry.what);
            if self.judge.broken.len() >= ENOUGH {
                break;
            }
        }
        if self.judge.broken.len() < ENOUGH {
            self.judge_all();
        }
        let days = self.end_at / DAY;
        let mut counts = self.judge.counts;
        counts.seeds = 1;
        counts.kiosk_days = days * self.kiosks.len() as u64;
        Ending {
            counts,
            broken: self.judge.broken,
            met: self.judge.met,
            rivals: self.judge.rivals,
            story: self.story.unwrap_or_default(),
        }
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Wake(k, generation) => self.wakes(k, generation),
            Happening::Arrives { from, request, echo, generation } => {
                self.arrives(from, request, echo, generation);
            }
            Happening::Hears { kiosk, generation, kind, id, said } => self.hears(kiosk, generation, kind, id, said),
            Happening::Comes { kiosk, through_every_screen } => self.comes(kiosk, through_every_screen),
            Happening::Acts(k, generation) => self.acts(k, generation),
            Happening::SaveEnds(k, generation) => self.save_ends(k, generation),
            Happening::SilentSave(k) => self.saves_silently(k),
            Happening::Link(k, link) => {
                self.kiosks[k].link = link;
                self.tell(k, || format!("the link is {link:?}"));
            }
            Happening::NetworkHint(k) => self.hint(k, Input::NetworkHint),
            Happening::OutageEnds => self.judge.outage_ends(self.now),
            Happening::Power(k, true) => self.power_returns(k),
            Happening::Power(k, false) => self.power_fails(k, None),
            Happening::Disk(k, disk) => {
                self.kiosks[k].disk = disk;
                self.tell(k, || format!("the disk is {disk:?}"));
            }
            Happening::WallClock(k, off) => {
                self.kiosks[k].wall_off_ms = off;
                self.tell(k, || format!("the wall clock is wrong by {} h", off / HOUR.cast_signed()));
            }
            Happening::Reader(k, is_in) => self.reader(k, is_in),
            Happening::Officer(k) => self.officer_visits(k),
            Happening::Denies(k, denies) => {
                self.office.denied[k] = denies;
                self.tell(k, || if denies { "the office denies it" } else { "the office knows it" }.to_owned());
            }
            Happening::Office(condition) => {
                self.office.condition = condition;
                self.tell_of_the_office(|| format!("is {condition:?}"));
            }
            Happening::BackUp => self.office_backs_up(),
            Happening::BackedUp(epoch, no) => self.office.backed_up(epoch, no),
            Happening::Restore => self.office_restores(),
            Happening::Rotate { overlap } => {
                self.office.rotate(overlap);
                self.tell_of_the_office(|| format!("has new keys, overlap {overlap}"));
            }
            Happening::Calm => self.calms_down(),
        }
    }

    /// Counts that this happened at all.
    pub(super) fn meets(&mut self, what: &'static str) {
        *self.judge.met.entry(what).or_default() += 1;
    }

    /// One line of the story, made only if somebody listens.
    pub(super) fn tell(&mut self, k: usize, line: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            story.push(format!("{} kiosk {k}: {}", time(self.now), line()));
        }
    }

    pub(super) fn tell_of_the_office(&mut self, line: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            story.push(format!("{} office {}", time(self.now), line()));
        }
    }
}

fn time(now: Ms) -> String {
    let (day, hour, minute) = (now / DAY, now / HOUR % 24, now / MINUTE % 60);
    format!("day {day} {hour:02}:{minute:02}:{:02}.{:03}", now / SECOND % 60, now % SECOND)
}
