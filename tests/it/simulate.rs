//! Fleets in virtual time: clean without a defect, and every known defect is found.

use passport_kiosk::sim::fleet::{Mutant, Plan, replay, run};

const DAYS: u32 = 7;

/// A simulation in which these never happen shows nothing.
const TROUBLES: &[&str] = &[
    "a busy office",
    "a captive portal",
    "a conflict",
    "a delivered dossier is erased",
    "a denial",
    "a full disk at a save",
    "a new key bundle",
    "a part that is gone",
    "a power cut in the midst of a save, which was done",
    "a reader that is pulled out",
    "a refusal",
    "a request that arrives twice",
    "a restore that loses dossiers",
    "a rolled back epoch",
    "a save that fails",
    "a save whose end is not known, which was done",
    "a session that is wiped after a while",
    "a torn body",
    "an outcome that cannot be written down",
    "an unknown key",
    "delivered dossiers are sent once more",
    "two kiosks that come back from one outage",
];

fn plan(seeds: u64, mutant: Option<Mutant>) -> Plan {
    Plan { from: 0, seeds, days: DAYS, mutant }
}

#[test]
fn two_hundred_fleets_keep_every_promise() {
    let endings = run(&plan(200, None), 2).unwrap();
    println!("{:?}\n{:#?}", endings.counts, endings.met);
    for (seed, promises) in &endings.broken {
        println!("cargo run --release -- simulate --seed {seed} --days {DAYS}\n  {}", promises.join("\n  "));
    }
    let counts = endings.counts;
    assert!(counts.is_clean() && endings.broken.is_empty());
    assert!(counts.delivered > counts.dossiers * 9 / 10, "the world is not all poison");
    assert_eq!(counts.delivered + counts.attention, counts.dossiers, "each is accounted for");
    assert!(counts.sessions > 1_000, "citizens walk through the real session");
    for trouble in TROUBLES {
        assert!(endings.met.contains_key(trouble), "never happened: {trouble}");
    }
}

#[test]
fn every_known_defect_is_found_within_a_hundred_seeds() {
    for mutant in Mutant::ALL {
        let found = |seed: &u64| {
            let counts = replay(*seed, DAYS, Some(mutant)).unwrap().counts;
            let found = match mutant {
                Mutant::AckAny2xx | Mutant::PurgeBeforeReceipt => counts.lost,
                Mutant::NewIdPerAttempt => counts.duplicated,
                Mutant::NoJitter => counts.herd,
                Mutant::Retry422 => counts.stuck,
            };
            found > 0
        };
        let seed = (0..100).find(found);
        println!("{}: found at seed {seed:?}", mutant.name());
        assert!(seed.is_some(), "{} was not found", mutant.name());
    }
}

#[test]
fn a_seed_tells_the_same_story_each_time_and_on_any_number_of_threads() {
    let (once, again) = (replay(17, DAYS, None).unwrap(), replay(17, DAYS, None).unwrap());
    assert!(once.story.len() > 100, "{} lines", once.story.len());
    assert_eq!(once.story, again.story);
    assert_ne!(once.story, replay(18, DAYS, None).unwrap().story);
    let counts = |threads| run(&plan(12, None), threads).unwrap().counts;
    assert_eq!(counts(1), counts(3));
}
