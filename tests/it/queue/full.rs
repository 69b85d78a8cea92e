//! The disk is full: it is said, nothing is lost, and it works again when there is room.

use super::fault::{CHANGES, five, numbers, reopened};
use super::power::{fingerprint, on_disk};
use super::schema::write_v1;
use super::{FILE, Hands, NOW_MS, SEED, ids, look_inside, open, receipt_for, saved_lines};
use passport_kiosk::queue::store::Error;
use powercut::Disk;
use std::collections::HashSet;

/// More than one dossier takes.
const MOST_BYTES: u64 = 66_000;
const STEP: usize = 300;

#[test]
fn a_full_disk_refuses_the_new_and_keeps_the_old() {
    let mut hands = Hands::new();
    let (mut limits, mut refused, mut there_all_the_same) = (0, 0, 0);
    for room in (0..MOST_BYTES).step_by(STEP) {
        let disk = Disk::new();
        let mut store = open(&disk).unwrap();
        hands.put(&mut store, 1).unwrap();
        hands.put(&mut store, 2).unwrap();
        limits += 1;

        disk.limit(Some(room));
        let stored: &[u8] = match hands.put(&mut store, 3) {
            Ok(()) => &[1, 2, 3],
            Err(Error::Full) => {
                refused += 1;
                &[1, 2]
            }
            Err(other) => panic!("room for {room} bytes: {other}"),
        };
        hands.expect_queued(&store, stored);
        let mut looked_at = HashSet::new();
        for image in disk.images(disk.operations(), SEED) {
            if !looked_at.insert(fingerprint(&image)) {
                continue;
            }
            let woken = open(&Disk::from_image(&image)).unwrap();
            // The last frame may have just fitted: refused, and after a power cut there all the same, whole.
            if woken.contains(ids(3).submission).unwrap() && stored.len() == 2 {
                there_all_the_same += 1;
                hands.expect_queued(&woken, &[1, 2, 3]);
            } else {
                hands.expect_queued(&woken, stored);
            }
        }
        disk.limit(None);
        hands.put(&mut store, 3).unwrap();
        hands.expect_queued(&store, &[1, 2, 3]);
        drop(store);
        let db = look_inside(&disk);
        assert_eq!([1, 2, 3].map(|n| saved_lines(&db, ids(n).submission)), [1; 3]);
    }
    println!("{limits} limits, {refused} refused, {there_all_the_same} images with the refused one");
    assert!(limits >= 200 && refused >= 10 && refused < limits, "{refused} of {limits} refused");
}

#[test]
fn a_queue_that_could_not_be_made_for_want_of_room_is_made_when_there_is_some() {
    let mut hands = Hands::new();
    let mut refused = 0;
    for room in (0..MOST_BYTES).step_by(5 * STEP) {
        let disk = Disk::new();
        disk.limit(Some(room));
        match open(&disk) {
            Ok(_) => {}
            Err(Error::Full) => refused += 1,
            Err(other) => panic!("room for {room} bytes: {other}"),
        }
        disk.limit(None);
        let mut store = open(&disk).unwrap();
        hands.put(&mut store, 1).unwrap();
        hands.expect_queued(&store, &[1]);
    }
    assert!(refused > 3, "{refused}");
}

/// Receipts, attention, requeueing, watermarks, exports and notes, each in a queue of five: done, or refused and nothing
/// changed; also for whoever wakes up after a power cut.
#[test]
fn on_a_full_disk_each_change_is_done_or_refused_and_done_when_there_is_room() {
    let mut hands = Hands::new();
    let image = five(&mut hands, false);
    let (mut limits, mut refused) = (0, 0);
    for (name, change, after) in CHANGES {
        for room in (0..40_000_u64).step_by(500) {
            let disk = Disk::from_image(&image);
            let mut store = open(&disk).unwrap();
            disk.limit(Some(room));
            let place = format!("{name}, room for {room} bytes");
            let done = match change(&mut hands, &mut store) {
                Ok(()) => true,
                Err(Error::Full) => false,
                Err(other) => panic!("{place}: {other}"),
            };
            (limits, refused) = (limits + 1, refused + usize::from(!done));
            let now = numbers(store.tally().unwrap());
            assert_eq!(now, if done { *after } else { (3, 1, 1) }, "{place}");
            let cut = disk.images(disk.operations(), SEED).swap_remove((room / 500 % 6) as usize);
            let found = reopened(&hands, &Disk::from_image(&cut));
            assert!(found == *after || (found == (3, 1, 1) && !done), "{place}: {found:?}");
            disk.limit(None);
            if !done {
                change(&mut hands, &mut store).unwrap();
            }
            assert_eq!(numbers(store.tally().unwrap()), *after, "{place}");
            if done && room > 20_000 {
                break;
            }
        }
    }
    println!("{limits} limits, {refused} refused");
    assert!(limits >= 200 && refused > 50 && refused < limits, "{refused} of {limits}");
}

#[test]
fn a_queue_of_version_1_on_a_full_disk_waits_for_room_and_is_brought_up_then() {
    let mut hands = Hands::new();
    let model = Disk::new();
    let mut store = open(&model).unwrap();
    for n in 1..=5 {
        hands.put(&mut store, n).unwrap();
    }
    let receipt = receipt_for(&store, ids(4).submission, 1, 6, NOW_MS).1;
    let old = Disk::new();
    write_v1(&on_disk(&old, FILE), &store, 1..=5, &[None, None, None, Some(receipt), None]);
    let image = old.images(old.operations(), SEED).swap_remove(1);
    let (mut limits, mut refused) = (0, 0);
    for room in (0..100_000_u64).step_by(1_500) {
        let disk = Disk::from_image(&image);
        disk.limit(Some(room));
        match open(&disk) {
            Ok(_) => {}
            Err(Error::Full) => refused += 1,
            Err(other) => panic!("room for {room} bytes: {other}"),
        }
        limits += 1;
        let cut = disk.images(disk.operations(), SEED).swap_remove((room / 1_500 % 6) as usize);
        for disk in [Disk::from_image(&cut), disk] {
            disk.limit(None);
            assert_eq!(reopened(&hands, &disk), (4, 1, 0));
        }
    }
    println!("{limits} limits, {refused} refused");
    assert!(refused > 10 && refused < limits, "{refused} of {limits}");
}
