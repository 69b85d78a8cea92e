//! Random worlds around the machine; what must hold in each of them is said in [`World`].

mod pauses;
mod world;

use super::*;
use world::{Mood, World};

#[test]
fn no_sequence_of_inputs_loses_a_submission_or_breaks_a_promise() {
    for seed in 0..3_000 {
        let mut world = World::new(seed);
        for _ in 0..120 {
            world.anything();
        }
        world.calm_down();
        world.assert_settled();
    }
}

#[test]
fn a_word_nobody_asked_for_changes_nothing() {
    for seed in 0..200 {
        let mut world = World::new(seed);
        for _ in 0..60 {
            world.anything();
            world.nonsense();
        }
        world.calm_down();
        world.assert_settled();
    }
}

#[test]
fn nothing_happens_before_the_start() {
    let mut delivery = Delivery::new(Policy { longest_pause_ms: 900_000, bundle_version: 1 }, 1);
    let mut orders = Vec::new();
    for input in [Input::Saved, Input::Wake, Input::NetworkHint, Input::OfficerSaysTry] {
        delivery.step(1_000_000, input, &mut orders);
    }
    assert_eq!(orders, []);
    assert_eq!(delivery.next_wake_ms(), None);
}

#[test]
fn a_refusal_goes_to_an_officer_and_the_next_is_offered_at_once() {
    let mut world = World::started(1);
    world.save(3);
    let first = world.until_offered();
    world.answer_offer(first, Outcome::Refused);
    assert!(world.attention.contains(&first));
    let second = world.take_offer().expect("the next one in the same breath");
    assert_ne!(first, second);
}

#[test]
fn a_torn_body_is_tried_three_times_more_and_then_left_to_an_officer() {
    let mut world = World::started(2);
    world.save(1);
    for _ in 0..3 {
        let id = world.until_offered();
        world.answer_offer(id, Outcome::Torn);
        assert!(world.attention.is_empty());
    }
    let id = world.until_offered();
    world.answer_offer(id, Outcome::Torn);
    assert_eq!(world.attention, [id]);
}

#[test]
fn parts_that_vanish_at_the_office_are_that_submissions_own_failure() {
    let mut world = World::started(3);
    world.save(1);
    let id = world.until_offered();
    for _ in 0..MAX_ROUNDS {
        world.answer_offer(id, Outcome::MissingParts(vec![0, 1]));
        world.answer_parts(id);
        assert_eq!(world.take_offer(), Some(id));
    }
    world.answer_offer(id, Outcome::MissingParts(vec![1]));
    assert_eq!(world.failures(id), 1);
}

#[test]
fn one_is_under_way_at_first_and_four_at_most() {
    let mut world = World::started(4);
    world.save(40);
    let mut most = Vec::new();
    for _ in 0..6 {
        let id = world.until_offered();
        world.answer_offer(id, Outcome::Receipt);
        most.push(world.in_flight());
    }
    assert_eq!(most[0], 2, "one more after the first success");
    assert_eq!(most.last(), Some(&MAX_IN_FLIGHT));
}

#[test]
fn a_failure_of_the_way_halves_what_is_under_way() {
    let mut world = World::started(5);
    world.save(40);
    for _ in 0..6 {
        let id = world.until_offered();
        world.answer_offer(id, Outcome::Receipt);
    }
    assert_eq!(world.in_flight(), 4);
    let ids = world.offered();
    world.answer_offer(ids[0], Outcome::Offline);
    ids[1..].iter().for_each(|id| world.answer_offer(*id, Outcome::Refused));
    world.settle_down();
    assert_eq!(world.in_flight(), 2);
}

#[test]
fn a_denied_kiosk_sends_nothing_says_so_and_asks_again_slowly() {
    let mut world = World::started(6);
    world.save(5);
    let id = world.until_offered();
    let before = world.now;
    world.answer_offer(id, Outcome::Denied);
    assert_eq!(world.told, Some(Reach::Denied));
    world.input(Input::NetworkHint);
    assert!(world.offered().is_empty());
    world.mood = Mood::Denied;
    world.run_for(3 * 3_600_000);
    assert_eq!(world.told, Some(Reach::Denied), "a pong alone is not an enrolment");
    let tries = world.offers_since(before) + world.counts.beats as usize;
    assert!((5..80).contains(&tries), "{tries} tries in three hours");
    world.mood = Mood::Well;
    world.input(Input::OfficerSaysTry);
    world.run_for(60_000);
    assert_eq!(world.told, Some(Reach::Online));
    assert_eq!(world.delivered.len(), 5);
}

#[test]
fn a_store_that_cannot_write_is_not_asked_again_and_again() {
    let mut world = World::started(7);
    world.save(1);
    world.disk_is_full = true;
    world.run_for(3_600_000);
    let offers = world.offers_since(0);
    assert!((3..200).contains(&offers), "{offers} offers in an hour of a full disk");
    world.disk_is_full = false;
    world.run_for(1_800_000);
    assert_eq!(world.delivered.len(), 1);
}

#[test]
fn the_office_hears_from_an_idle_kiosk_and_statuses_and_keys_are_fetched() {
    let mut world = World::started(8);
    world.bundle_version = 2;
    world.run_for(24 * 3_600_000);
    let counts = world.counts;
    assert!((250..330).contains(&counts.beats), "{counts:?}");
    assert!((70..140).contains(&counts.statuses), "{counts:?}");
    assert_eq!(counts.keys, 1, "a bundle that is in hand is not fetched again");
    assert_eq!(counts.pings, counts.beats, "a heartbeat rests on a fresh challenge");
}

#[test]
fn an_office_that_changed_its_keys_while_nobody_was_there_is_known_again() {
    let mut world = World::started(12);
    world.mood = Mood::Away;
    world.save(2);
    world.run_for(24 * 3_600_000);
    (world.mood, world.bundle_version) = (Mood::Rekeyed, 5);
    world.run_for(3_600_000);
    assert_eq!(world.delivered.len(), 2);
    assert_eq!(world.counts.keys, 1);
}

#[test]
fn an_office_that_takes_no_heartbeats_still_gets_dossiers_and_is_not_hammered() {
    let mut world = World::new(13);
    world.mood = Mood::HalfWell;
    world.input(Input::Started);
    world.save(20);
    world.run_for(600_000);
    assert_eq!(world.delivered.len(), 20);
    assert_eq!(world.told, Some(Reach::Online));
    let before = world.counts.beats;
    world.run_for(3_600_000);
    let beats = world.counts.beats - before;
    assert!((10..40).contains(&beats), "{beats} heartbeats tried in an hour");
}
