//! The disk is full: it is said, nothing is lost, and it works again when there is room.

use super::{Hands, SEED, ids, look_inside, open, saved_lines};
use passport_kiosk::queue::store::Error;
use powercut::Disk;

/// More than one dossier takes.
const MOST_BYTES: u64 = 66_000;
const STEP: usize = 1_000;

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
        for image in disk.images(disk.operations(), SEED) {
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
    assert!(limits >= 60 && refused >= 10 && refused < limits, "{refused} of {limits} refused");
}

#[test]
fn a_queue_that_could_not_be_made_for_want_of_room_is_made_when_there_is_some() {
    let mut hands = Hands::new();
    let mut refused = 0;
    for room in (0..MOST_BYTES).step_by(2 * STEP) {
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
