//! Every single access to the disk fails once: a read, write, sync, truncation or deletion. The store says that it is
//! broken; opened again it shows the change either whole or not at all, and everything acknowledged before.

use super::power::fingerprint;
use super::{Hands, NOW_MS, SEED, deliver, ids, office, open, receipt_for};
use passport_kiosk::domain::submission::Attention;
use passport_kiosk::queue::store::{Error, Store, Tally};
use powercut::{Disk, Image};
use std::collections::HashSet;

type Change = fn(&mut Hands, &mut Store) -> Result<(), Error>;

/// What is changed, and how the counts stand afterwards: queued, received, attention. Before: 3, 1, 1.
const CHANGES: &[(&str, Change, (u32, u32, u32))] = &[
    ("put", |hands, store| hands.put(store, 6), (4, 1, 1)),
    ("received", received, (2, 2, 1)),
    ("attention", |_, store| store.attention(ids(1).submission, Attention::Refused, NOW_MS), (2, 1, 2)),
    ("requeue", |_, store| store.requeue(ids(5).submission, NOW_MS).map(drop), (4, 1, 0)),
    ("erase", |_, store| store.office_seen(office(6, 9, NOW_MS), 0, NOW_MS).map(drop), (3, 1, 1)),
    ("epoch", |_, store| store.office_seen(office(7, 0, NOW_MS), 0, NOW_MS).map(drop), (4, 0, 1)),
    ("exported", |_, store| store.exported(&[ids(1).submission], NOW_MS), (3, 1, 1)),
    ("note", |_, store| store.keep_note("bundle", &[1; 9_000]), (3, 1, 1)),
];

fn received(_: &mut Hands, store: &mut Store) -> Result<(), Error> {
    let (receipt, signed) = receipt_for(store, ids(1).submission, 2, 6, NOW_MS);
    store.received(&receipt, &signed, NOW_MS)
}

/// A queue of five: one delivered, one in attention. Closed in order, or as a kill leaves it, with its log.
fn five(hands: &mut Hands, closed: bool) -> Image {
    let disk = Disk::new();
    let mut store = open(&disk).unwrap();
    for n in 1..=5 {
        hands.put(&mut store, n).unwrap();
    }
    deliver(&mut store, ids(4).submission, 1);
    store.attention(ids(5).submission, Attention::Refused, NOW_MS).unwrap();
    store.office_seen(office(6, 0, NOW_MS), 0, NOW_MS).unwrap();
    if closed {
        drop(store);
    }
    disk.images(disk.operations(), SEED).swap_remove(1)
}

fn numbers(tally: Tally) -> (u32, u32, u32) {
    (tally.queued, tally.received, tally.attention)
}

/// Opens it, asks it whether all is well, and returns the counts.
fn reopened(hands: &Hands, disk: &Disk) -> (u32, u32, u32) {
    let store = open(disk).unwrap();
    assert_eq!(store.tally().unwrap(), store.count().unwrap());
    assert!(store.journal_is_whole().unwrap());
    for n in [1, 2, 3, 5] {
        hands.openable_parts(&store, &store.find(ids(n).submission).unwrap().unwrap());
    }
    numbers(store.tally().unwrap())
}

#[test]
fn whichever_access_fails_the_change_is_whole_or_not_there_and_nothing_else_is_lost() {
    let mut hands = Hands::new();
    let (mut faults, mut told, mut committed, mut images) = (0, 0, 0, 0);
    for closed in [true, false] {
        let image = five(&mut hands, closed);
        for (name, change, after) in CHANGES {
            for calls in 0.. {
                let disk = Disk::from_image(&image);
                disk.fail_after(Some(calls));
                let result = open(&disk).and_then(|mut store| change(&mut hands, &mut store));
                let failed = disk.failures() > 0;
                disk.fail_after(None);
                if !failed {
                    result.unwrap();
                    break;
                }
                faults += 1;
                let place = format!("{name}, access {calls}");
                match &result {
                    Ok(()) => {}
                    Err(Error::Broken) => told += 1,
                    Err(other) => panic!("{place}: {other}"),
                }
                let mut looked_at = HashSet::new();
                for cut in disk.images(disk.operations(), SEED) {
                    if looked_at.insert(fingerprint(&cut)) {
                        images += 1;
                        let found = reopened(&hands, &Disk::from_image(&cut));
                        assert!(found == *after || (found == (3, 1, 1) && result.is_err()), "{place}: {found:?}");
                    }
                }
                let found = reopened(&hands, &disk);
                assert!(found == *after || (found == (3, 1, 1) && result.is_err()), "{place}: {found:?}");
                committed += usize::from(result.is_err() && found == *after && *after != (3, 1, 1));
            }
        }
    }
    println!(
        "{faults} accesses failed, {told} told of it, {committed} of those were committed all the same, {images} images"
    );
    assert!(faults > 300 && told > 200, "{faults} {told}");
    assert!(committed > 0, "the control: what was told to have failed may be there, so it must be looked up");
}

/// A migration that fails in the middle leaves the old file, and is done at the next opening.
#[test]
fn whichever_access_fails_an_old_queue_is_brought_up_at_the_next_opening() {
    let mut hands = Hands::new();
    let model = Disk::new();
    let mut store = open(&model).unwrap();
    for n in 1..=5 {
        hands.put(&mut store, n).unwrap();
    }
    let old = Disk::new();
    let receipt = receipt_for(&store, ids(4).submission, 1, 6, NOW_MS).1;
    super::schema::write_v1(
        &super::power::on_disk(&old, super::FILE),
        &store,
        1..=5,
        &[None, None, None, Some(receipt), None],
    );
    let image = old.images(old.operations(), SEED).swap_remove(1);
    let (mut faults, mut told) = (0, 0);
    for calls in 0.. {
        let disk = Disk::from_image(&image);
        disk.fail_after(Some(calls));
        let opened = open(&disk);
        let failed = disk.failures() > 0;
        disk.fail_after(None);
        if !failed {
            break;
        }
        faults += 1;
        told += usize::from(matches!(opened, Err(Error::Broken)));
        drop(opened);
        assert_eq!(reopened(&hands, &disk), (4, 1, 0), "access {calls}");
    }
    println!("{faults} accesses failed, {told} told of it");
    assert!(faults > 30 && told > 20, "{faults} {told}");
}
