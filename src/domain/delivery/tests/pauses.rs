//! How long it waits, and how differently.

use super::super::*;
use super::world::{Mood, World};
use crate::domain::submission::LONGEST_PAUSE_MS;

#[test]
fn the_pauses_of_an_outage_grow_to_the_cap_and_are_spread_over_all_below_it() {
    let mut pauses = Vec::new();
    for seed in 0..40 {
        let mut world = World::started(seed);
        world.mood = Mood::Away;
        world.save(1);
        world.run_for(24 * 3_600_000);
        let first = world.pings.len().min(12);
        let gaps: Vec<u64> = world.pings[first..].windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(world.offers.len() <= SHUT_AFTER as usize, "the circuit is open: pings only");
        pauses.extend(gaps);
    }
    assert!(pauses.len() > 4_000, "{} pauses", pauses.len());
    assert!(pauses.iter().all(|pause| *pause <= LONGEST_PAUSE_MS));
    let quarters: Vec<usize> = (0..4)
        .map(|quarter| pauses.iter().filter(|pause| **pause * 4 / (LONGEST_PAUSE_MS + 1) == quarter).count())
        .collect();
    assert!(quarters.iter().all(|count| *count * 5 > pauses.len()), "not uniform: {quarters:?}");
}

#[test]
fn kiosks_that_were_all_cut_off_do_not_all_send_in_the_same_moment() {
    let mut first = Vec::new();
    for seed in 0..400 {
        let mut world = World::started(seed);
        world.mood = Mood::Away;
        world.save(1);
        world.run_for(3_600_000);
        world.mood = Mood::Well;
        let (before, back) = (world.offers.len(), world.now);
        world.input(Input::NetworkHint);
        world.run_for(200_000);
        first.push(world.offers[before] - back);
    }
    assert!(first.iter().all(|after| *after <= HERD_REST_MS + HINT_FLOOR_MS + 2_000));
    for tenth in 0..10 {
        let within = tenth * HERD_REST_MS / 10..(tenth + 1) * HERD_REST_MS / 10;
        assert!(first.iter().filter(|after| within.contains(after)).count() > 10, "nobody in {within:?}");
    }
}

#[test]
fn a_short_outage_is_over_at_once_when_the_network_says_so() {
    let mut world = World::started(9);
    world.mood = Mood::Away;
    world.save(1);
    world.run_for(8 * 60_000);
    world.mood = Mood::Well;
    world.input(Input::NetworkHint);
    world.run_for(HINT_FLOOR_MS + 3_000);
    assert_eq!(world.delivered.len(), 1);
}

#[test]
fn a_network_that_flaps_and_an_officer_who_drums_do_not_make_it_hammer() {
    for (input, floor) in [(Input::NetworkHint, HINT_FLOOR_MS), (Input::OfficerSaysTry, OFFICER_FLOOR_MS)] {
        let mut world = World::started(10);
        world.mood = Mood::Away;
        world.save(1);
        world.run_for(60_000);
        let before = world.pings.len();
        for _ in 0..6_000 {
            world.input(input.clone());
            world.run_for(100);
        }
        let gaps: Vec<u64> = world.pings[before..].windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.len() > 20, "it does try: {}", gaps.len());
        assert!(gaps.iter().filter(|gap| **gap < floor).count() * 2 < gaps.len(), "{input:?}: {gaps:?}");
        assert!(gaps.len() as u64 <= 600_000 / floor * 2, "{input:?}: {} pings in ten minutes", gaps.len());
    }
}

#[test]
fn the_office_may_ask_for_a_pause_and_gets_it_with_something_on_top() {
    let mut extra = Vec::new();
    for seed in 0..200 {
        let mut world = World::started(seed);
        world.save(2);
        let id = world.until_offered();
        let asked = world.now;
        world.answer_offer(id, Outcome::Busy(Some(100_000)));
        world.input(Input::NetworkHint);
        let before = world.offers.len();
        world.run_for(2 * 3_600_000);
        extra.push(world.offers[before] - asked - 3_600_000);
        assert_eq!(world.delivered.len(), 2);
    }
    assert!(extra.iter().all(|extra| *extra <= BUSY_JITTER_MS));
    assert!(extra.iter().any(|extra| *extra < BUSY_JITTER_MS / 4), "spread");
    assert!(extra.iter().any(|extra| *extra > BUSY_JITTER_MS / 4 * 3), "spread");
}

#[test]
fn an_officer_ends_every_pause() {
    for outcome in [Outcome::Busy(Some(3_600)), Outcome::Denied, Outcome::NotTheOffice] {
        let mut world = World::started(11);
        world.save(1);
        let id = world.until_offered();
        world.answer_offer(id, outcome);
        world.input(Input::OfficerSaysTry);
        world.run_for(OFFICER_FLOOR_MS + 1);
        assert_eq!(world.delivered.len(), 1);
    }
}
