//! What must hold, while it runs and at the end.

use super::Counts;
use super::store::{Fate, Row, State};
use super::world::{MINUTE, Ms, World};
use crate::domain::delivery::HERD_REST_MS;
use crate::domain::flow::Screen;
use crate::domain::form::{Application, Field};
use crate::domain::submission::{Attention, MAX_TORN, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Pings this close together are the same moment.
const SAME_MOMENT_MS: Ms = 50;
/// So many failures in a row, and the pauses are at their cap.
const AT_THE_CAP: u32 = 8;
/// One coincidence is chance, this many in a row are not.
const NO_CHANCE: u32 = 4;
/// Pauses at the cap that agree to within this are no accident.
const SAME_PAUSE_MS: Ms = 100;

/// First offers after an outage are to be spread over two minutes; this close together one in three hundred may be.
const SAME_OFFER_MS: Ms = 200;

/// Pairs of kiosks that offered after the same outage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rivals {
    pub(super) pairs: u64,
    pub(super) together: u64,
}

impl Rivals {
    /// More than chance explains, which no single fleet could tell.
    pub(super) fn are_a_herd(self) -> bool {
        self.together > 5 + self.pairs / 50
    }
}

/// How one kiosk asks whether the office is there again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Probes {
    /// Pings without an answer in a row.
    pub(super) failed: u32,
    pub(super) failed_at: Ms,
    last_at: Ms,
    is_disturbed: bool,
    pauses: [Ms; 3],
}

impl Probes {
    pub(super) fn answered(&mut self, now: Ms, failed: bool) {
        self.failed = if failed { self.failed + 1 } else { 0 };
        self.failed_at = now;
    }

    /// Somebody shortened the pause.
    pub(super) fn disturbed(&mut self) {
        self.is_disturbed = true;
    }

    /// The next ping goes out. True when the pauses at the cap repeat.
    fn goes_on(&mut self, now: Ms) -> bool {
        self.last_at = now;
        if self.failed < AT_THE_CAP || std::mem::take(&mut self.is_disturbed) {
            self.pauses = [0; 3];
            return false;
        }
        self.pauses.rotate_left(1);
        self.pauses[2] = now - self.failed_at;
        let (least, most) = self.pauses.iter().fold((Ms::MAX, 0), |(l, m), pause| (l.min(*pause), m.max(*pause)));
        least > MINUTE && most - least <= SAME_PAUSE_MS
    }
}

struct Told {
    kiosk: usize,
    id: Uuid,
    digest: u64,
}

pub(super) struct Judge {
    pub(super) counts: Counts,
    pub(super) broken: Vec<String>,
    /// How often what happened, so that a calm sea is not taken for a good ship.
    pub(super) met: BTreeMap<&'static str, u64>,
    /// How often two kiosks came back from the same outage, and how often in the same moment.
    pub(super) rivals: Rivals,
    told: BTreeMap<u64, Told>,
    outage_ended: Option<Ms>,
    /// Each kiosk's first offer since.
    first_offers: Vec<Option<Ms>>,
    /// Coincidences in a row of each pair of kiosks.
    together: Vec<Vec<u32>>,
}

#[derive(Clone, Copy, Debug)]
enum Promise {
    Lost,
    Duplicated,
    Stuck,
    Herd,
}

impl Judge {
    pub(super) fn new(kiosks: usize) -> Self {
        let together = vec![vec![0; kiosks]; kiosks];
        Self {
            counts: Counts::default(),
            broken: Vec::new(),
            met: BTreeMap::new(),
            rivals: Rivals::default(),
            told: BTreeMap::new(),
            outage_ended: None,
            first_offers: vec![None; kiosks],
            together,
        }
    }

    pub(super) fn told(&mut self, kiosk: usize, id: Uuid, act: u64, digest: u64) {
        self.told.insert(act, Told { kiosk, id, digest });
    }

    /// Everybody's line is back in the same moment.
    pub(super) fn outage_ends(&mut self, now: Ms) {
        self.outage_ended = Some(now);
        self.first_offers.fill(None);
    }

    /// A dossier is offered: the first one since the outage is compared with those of the others.
    pub(super) fn first_offer(&mut self, k: usize, now: Ms) {
        let is_recent = self.outage_ended.is_some_and(|at| now - at < 2 * HERD_REST_MS);
        if is_recent && self.first_offers[k].is_none() {
            for other in self.first_offers.iter().flatten() {
                *self.met.entry("two kiosks that come back from one outage").or_default() += 1;
                self.rivals.pairs += 1;
                self.rivals.together += u64::from(now - other <= SAME_OFFER_MS);
            }
            self.first_offers[k] = Some(now);
        }
    }

    fn breaks(&mut self, promise: Promise, mut how: String) {
        let (count, name) = match promise {
            Promise::Lost => (&mut self.counts.lost, "lost: "),
            Promise::Duplicated => (&mut self.counts.duplicated, "duplicated: "),
            Promise::Stuck => (&mut self.counts.stuck, "stuck: "),
            Promise::Herd => (&mut self.counts.herd, "herd: "),
        };
        *count += 1;
        how.insert_str(0, name);
        self.broken.push(how);
    }
}

impl World {
    /// The kiosk pings: is it in lockstep, with its own past or with another?
    pub(super) fn probes(&mut self, k: usize) {
        let now = self.now;
        if self.kiosks[k].probes.goes_on(now) {
            self.judge
                .breaks(Promise::Herd, format!("kiosk {k} repeats the pause {:?} ms", self.kiosks[k].probes.pauses));
            self.kiosks[k].probes.pauses = [0; 3];
        }
        for other in 0..self.kiosks.len() {
            let theirs = self.kiosks[other].probes;
            if other == k || theirs.failed < AT_THE_CAP || self.kiosks[k].probes.failed < AT_THE_CAP {
                continue;
            }
            let run = if now - theirs.last_at <= SAME_MOMENT_MS { self.judge.together[k][other] + 1 } else { 0 };
            self.judge.together[k][other] = run;
            if run == NO_CHANCE {
                self.judge.breaks(Promise::Herd, format!("kiosk {k} pings together with kiosk {other}"));
            }
        }
    }

    pub(super) fn judge_heard(&mut self, k: usize, at: usize, outcome: &Outcome) {
        let row = &mut self.kiosks[k].store.rows[at];
        row.torn += u32::from(*outcome == Outcome::Torn);
        let (is_refused, is_second) = (*outcome == Outcome::Refused, row.refused == 1);
        let (id, met) = (row.id, meaning(outcome));
        row.refused += u32::from(is_refused);
        self.meets(met);
        if is_refused && is_second {
            self.judge.breaks(Promise::Stuck, format!("kiosk {k}: {id} was refused, and sent again"));
        }
    }

    /// Nothing is erased here that the office could still lose.
    pub(super) fn judge_erased(&mut self, k: usize, at: usize) {
        let row = &self.kiosks[k].store.rows[at];
        let (id, act, digest) = (row.id, row.act, row.digest);
        let held = &self.office.held;
        // Under another name only with the mutant that gives it one.
        let is_held = held.get(&id).is_some_and(|held| held.digest == digest)
            || held.values().any(|held| held.act == act && held.digest == digest);
        self.meets("a delivered dossier is erased");
        if !is_held {
            self.judge.breaks(Promise::Lost, format!("kiosk {k}: {id} is erased here and not at the office"));
        }
    }

    pub(super) fn judge_stuck_citizen(&mut self, k: usize, screen: Screen) {
        self.judge.breaks(Promise::Stuck, format!("kiosk {k}: a citizen has no way on from {screen:?}"));
    }

    /// What is to be saved is what was typed.
    pub(super) fn judge_entered(&mut self, k: usize, application: &Application, entered: &[(Field, &str, &str)]) {
        for (field, filled) in application.fields() {
            let entered = entered.iter().find(|(other, ..)| *other == field);
            if entered.is_some_and(|(_, _, wanted)| *wanted != filled.value.as_str()) {
                let key = field.spec().key;
                self.judge.breaks(Promise::Lost, format!("kiosk {k}: {key} is not what was entered"));
            }
        }
    }

    pub(super) fn judge_all(&mut self) {
        let mut held: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for dossier in self.office.held.values() {
            held.entry(dossier.act).or_default().push(dossier.digest);
        }
        for (act, twice) in held.iter().filter(|(_, digests)| digests.len() > 1) {
            self.judge.breaks(Promise::Duplicated, format!("dossier {act} is at the office {} times", twice.len()));
        }
        let mut rows = BTreeSet::new();
        for k in 0..self.kiosks.len() {
            let all = std::mem::take(&mut self.kiosks[k].store.rows);
            for row in &all {
                rows.insert(row.act);
                self.judge_row(k, row, held.get(&row.act).map_or(&[], Vec::as_slice));
            }
            if self.kiosks[k].visit.is_some() {
                self.judge.breaks(Promise::Stuck, format!("kiosk {k}: a citizen still stands there"));
            }
            let (ours, theirs) = (self.kiosks[k].bundle_version, self.office.bundle_version);
            if ours != theirs {
                self.judge.breaks(Promise::Stuck, format!("kiosk {k} has key bundle {ours}, the office {theirs}"));
            }
        }
        for (act, told) in std::mem::take(&mut self.judge.told) {
            if !rows.contains(&act) {
                self.judge.breaks(Promise::Lost, format!("kiosk {}: {} was never committed", told.kiosk, told.id));
            }
        }
    }

    fn judge_row(&mut self, k: usize, row: &Row, held: &[u64]) {
        let id = row.id;
        let judge = &mut self.judge;
        judge.counts.dossiers += 1;
        if let Some(told) = judge.told.get(&row.act)
            && told.digest != row.digest
        {
            judge.breaks(Promise::Lost, format!("kiosk {k}: {id} is not what its citizen was told is saved"));
        }
        match row.state {
            State::Received(_) if held.contains(&row.digest) => judge.counts.delivered += 1,
            State::Received(_) => {
                judge.breaks(Promise::Lost, format!("kiosk {k}: {id} counts as delivered, and the office lacks it"));
            }
            State::Queued => {
                judge.breaks(Promise::Stuck, format!("kiosk {k}: {id} is not delivered, fate {:?}", row.fate));
            }
            State::Attention(why) if is_true(row, why) => judge.counts.attention += 1,
            State::Attention(why) => {
                judge.breaks(Promise::Lost, format!("kiosk {k}: {id} was given up as {why:?}, which is not true"));
            }
        }
    }
}

/// What an offer met with.
const fn meaning(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Receipt => "a receipt",
        Outcome::MissingParts(_) => "missing parts",
        Outcome::Offline => "no answer",
        Outcome::NotTheOffice => "a captive portal",
        Outcome::UnknownKey => "an unknown key",
        Outcome::Busy(_) => "a busy office",
        Outcome::Torn => "a torn body",
        Outcome::Denied => "a denial",
        Outcome::Conflict => "a conflict",
        Outcome::EpochRollback => "a rolled back epoch",
        Outcome::Refused => "a refusal",
        Outcome::PartsVanish => "a part that is gone",
    }
}

/// Whether what the officer is told of it is so.
fn is_true(row: &Row, why: Attention) -> bool {
    match why {
        Attention::Conflict => row.fate == Fate::Occupied,
        Attention::EpochRollback => row.fate == Fate::RolledBack,
        Attention::Refused => row.fate == Fate::Poison,
        Attention::Torn => row.fate == Fate::AlwaysTorn || row.torn > MAX_TORN,
        // The model's disk keeps every bit.
        Attention::Damaged | Attention::Returned => false,
        Attention::Incomplete => row.fate == Fate::PartGone || (row.parts_are_here && row.torn >= 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is counted when the kiosks of many fleets offer at random within so many milliseconds of an outage's end.
    fn spread_over(ms: Ms) -> Rivals {
        let mut rng = fastrand::Rng::with_seed(1);
        let mut judge = Judge::new(3);
        for outage in 0..500 {
            let end = outage * 1_000_000;
            judge.outage_ends(end);
            let mut offers: Vec<Ms> = (0..3).map(|_| end + rng.u64(0..=ms)).collect();
            offers.sort_unstable();
            (0..).zip(offers).for_each(|(k, at)| judge.first_offer(k, at));
        }
        judge.rivals
    }

    #[test]
    fn kiosks_that_come_back_within_seconds_of_each_other_are_a_herd_and_within_two_minutes_are_not() {
        assert!(!spread_over(HERD_REST_MS).are_a_herd());
        assert!(spread_over(3_000).are_a_herd());
    }
}
