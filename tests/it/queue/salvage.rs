//! What was in a damaged queue is in the new one again, under the same ids and byte for byte, or it is counted as lost.
//! Nothing unsigned comes over, a receipt stays a receipt, and it can be repeated at any moment.

use super::power::{fingerprint, on_disk};
use super::schema::write_v1;
use super::{EPOCH, FILE, Hands, NOW_MS, SEED, deliver, ids, look_inside, office, open, receipt_for};
use passport_kiosk::domain::submission::Attention;
use passport_kiosk::queue::salvage;
use passport_kiosk::queue::store::{Due, Error, Salvaged, Store};
use powercut::{Disk, Image};
use std::collections::HashSet;
use std::path::Path;

const ASIDE: &str = "store/quarantine/1/queue.db";
const PAGE: usize = 4_096;
const NEW_EPOCH: [u8; 16] = [8; 16];

/// A queue of eight: 1 delivered and erased, 2 delivered, 3 in attention, the rest queued.
fn eight(hands: &mut Hands) -> (Image, Vec<Due>) {
    let disk = Disk::new();
    let mut store = open(&disk).unwrap();
    for n in 1..=8 {
        hands.put(&mut store, n).unwrap();
    }
    deliver(&mut store, ids(1).submission, 1);
    deliver(&mut store, ids(2).submission, 2);
    store.attention(ids(3).submission, Attention::Refused, NOW_MS).unwrap();
    assert_eq!(store.office_seen(office(6, 1, NOW_MS), 0, NOW_MS).unwrap().erased, 1);
    let due = (1..=8).map(|n| store.find(ids(n).submission).unwrap().unwrap()).collect();
    drop(store);
    (disk.images(disk.operations(), SEED).swap_remove(1), due)
}

/// The file as it lies aside, on a disk of its own.
fn aside(mut image: Image) -> Image {
    let bytes = image.files.remove(FILE).unwrap();
    image.files.clear();
    image.files.insert(ASIDE.to_owned(), bytes);
    image
}

fn salvage(hands: &Hands, disk: &Disk, store: &mut Store) -> Result<Salvaged, Error> {
    let device = hands.sealer.device.verifying_key();
    salvage::from_file(store, Path::new(ASIDE), &disk.register(), 1, &device, NOW_MS)
}

fn open_new(disk: &Disk) -> Result<Store, Error> {
    Store::open(Path::new(FILE), NEW_EPOCH, Some(&disk.register()))
}

fn expect_all(hands: &Hands, store: &Store, due: &[Due]) {
    hands.expect_queued(store, &[4, 5, 6, 7, 8]);
    for due in due {
        let here = store.find(due.ids.submission).unwrap().unwrap();
        assert_eq!((&here.manifest, here.signature), (&due.manifest, due.signature), "byte for byte");
    }
    let tally = store.tally().unwrap();
    assert_eq!((tally.queued, tally.received, tally.attention), (5, 2, 1));
    assert_eq!(tally, store.count().unwrap());
    assert_eq!(store.waiting().unwrap()[0].why, "refused");
    assert!(store.journal_is_whole().unwrap());
    assert!(store.part(ids(2).submission, 0).unwrap().is_some() && store.part(ids(1).submission, 0).unwrap().is_none());
}

#[test]
fn a_whole_queue_comes_over_whole_and_goes_on_in_a_new_epoch() {
    let mut hands = Hands::new();
    let (image, due) = eight(&mut hands);
    let disk = Disk::from_image(&aside(image));
    let mut store = open_new(&disk).unwrap();
    let all = Salvaged { quarantine: 1, saved: 8, lost: Some(0) };
    assert_eq!(salvage(&hands, &disk, &mut store).unwrap(), all);
    expect_all(&hands, &store, &due);
    assert_eq!(salvage(&hands, &disk, &mut store).unwrap(), all, "again is the same");
    expect_all(&hands, &store, &due);
    assert_eq!(store.salvaged().unwrap(), [all]);
    // The receipt still counts: what the watermark covers goes, what it does not cover is sent to a restored office.
    hands.put(&mut store, 9).unwrap();
    assert_eq!(store.office_seen(office(7, 0, NOW_MS), 0, NOW_MS).unwrap().requeued, 1);
    hands.expect_queued(&store, &[2, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn a_queue_of_version_1_comes_over_too() {
    let mut hands = Hands::new();
    let model = Disk::new();
    let mut store = open(&model).unwrap();
    for n in 1..=3 {
        hands.put(&mut store, n).unwrap();
    }
    let receipt = receipt_for(&store, ids(2).submission, 1, 6, NOW_MS).1;
    let old = Disk::new();
    write_v1(&on_disk(&old, FILE), &store, 1..=3, &[None, Some(receipt), None]);
    let disk = Disk::from_image(&aside(old.images(old.operations(), SEED).swap_remove(1)));
    let mut store = open_new(&disk).unwrap();
    assert_eq!(salvage(&hands, &disk, &mut store).unwrap(), Salvaged { quarantine: 1, saved: 3, lost: Some(0) });
    hands.expect_queued(&store, &[1, 3]);
}

/// Page by page of the damaged file: what is on it is lost and counted, everything else comes over.
#[test]
fn whichever_page_is_gone_the_counts_add_up_and_the_rest_comes_over() {
    let mut hands = Hands::new();
    let (image, _) = eight(&mut hands);
    let pages = image.files[FILE].len() / PAGE;
    let (mut saved, mut lost, mut unknown) = (0, 0, 0);
    for page in 0..pages {
        let mut damaged = image.clone();
        damaged.files.get_mut(FILE).unwrap()[page * PAGE..(page + 1) * PAGE].fill(0xa5);
        let disk = Disk::from_image(&aside(damaged.clone()));
        let mut store = open_new(&disk).unwrap();
        let found = salvage(&hands, &disk, &mut store).unwrap();
        let here = (1..=8).filter(|n| store.find(ids(*n).submission).unwrap().is_some()).count() as u64;
        assert_eq!(found.saved, here);
        match found.lost {
            Some(gone) => {
                assert_eq!(found.saved + gone, 8, "page {page}");
                lost += gone;
            }
            None => unknown += 1,
        }
        saved += found.saved;
        for (_, due) in store.unsent(0, 99).unwrap() {
            hands.openable_parts(&store, &due);
        }
        assert_eq!(store.tally().unwrap(), store.count().unwrap());
        drop(store);
        let now = &disk.images(disk.operations(), SEED)[1];
        assert!(now.files[ASIDE] == aside(damaged).files[ASIDE], "the damaged file is only read");
    }
    println!("{pages} pages: {saved} saved, {lost} lost, {unknown} times it cannot be told how many");
    assert!(lost > 0 && unknown > 0 && saved > 8 * pages as u64 / 2, "{saved} {lost} {unknown}");
}

#[test]
fn what_the_device_did_not_sign_or_the_disk_has_altered_stays_behind_and_is_counted() {
    for wrong in [
        "UPDATE submission SET signature = zeroblob(64) WHERE seq = 5",
        "UPDATE submission SET manifest = CAST(replace(manifest, 'tk01', 'tk02') AS BLOB) WHERE seq = 5",
        "UPDATE submission SET dossier_id = zeroblob(16) WHERE seq = 5",
        "UPDATE part SET sealed = zeroblob(length(sealed)) WHERE rowid = 9",
        "UPDATE part SET n = 7 WHERE rowid = 10",
    ] {
        let mut hands = Hands::new();
        let (image, _) = eight(&mut hands);
        let forged = Disk::from_image(&image);
        let db = look_inside(&forged);
        db.execute_batch("DROP TRIGGER part_sealed; DROP TRIGGER submission_sealed").unwrap();
        assert_eq!(db.execute(wrong, []).unwrap(), 1, "{wrong}");
        drop(db);
        let disk = Disk::from_image(&aside(forged.images(forged.operations(), SEED).swap_remove(1)));
        let mut store = open_new(&disk).unwrap();
        let found = salvage(&hands, &disk, &mut store).unwrap();
        assert_eq!(found, Salvaged { quarantine: 1, saved: 7, lost: Some(1) }, "{wrong}");
        hands.expect_queued(&store, &[4, 6, 7, 8]);
    }
}

/// A receipt that is for something else is no receipt: it is asked for again, which costs a request and no dossier.
#[test]
fn a_receipt_that_does_not_fit_is_asked_for_again() {
    let mut hands = Hands::new();
    let (image, _) = eight(&mut hands);
    let forged = Disk::from_image(&image);
    let wrong = "UPDATE submission SET receipt = (SELECT receipt FROM submission WHERE seq = 1) WHERE seq = 2";
    assert_eq!(look_inside(&forged).execute(wrong, []).unwrap(), 1);
    let disk = Disk::from_image(&aside(forged.images(forged.operations(), SEED).swap_remove(1)));
    let mut store = open_new(&disk).unwrap();
    assert_eq!(salvage(&hands, &disk, &mut store).unwrap().lost, Some(0));
    hands.expect_queued(&store, &[2, 4, 5, 6, 7, 8]);
}

/// The power goes at every operation of a salvage; whoever comes back finds nothing lost and nothing twice.
#[test]
fn a_salvage_that_the_power_cuts_off_is_done_again_with_the_same_result() {
    let mut hands = Hands::new();
    let (image, due) = eight(&mut hands);
    let image = aside(image);
    let disk = Disk::from_image(&image);
    let mut store = open_new(&disk).unwrap();
    let begun = disk.operations();
    salvage(&hands, &disk, &mut store).unwrap();
    drop(store);
    let (mut images, mut half) = (0, 0);
    let mut looked_at = HashSet::new();
    for after in begun..=disk.operations() {
        for cut in disk.images(after, SEED) {
            if !looked_at.insert(fingerprint(&cut)) {
                continue;
            }
            images += 1;
            assert!(cut.files[ASIDE] == image.files[ASIDE]);
            let disk = Disk::from_image(&cut);
            let mut store = open_new(&disk).unwrap();
            half += usize::from(store.salvaged().unwrap().is_empty() && store.tally().unwrap().queued > 0);
            if store.salvaged().unwrap().is_empty() {
                salvage(&hands, &disk, &mut store).unwrap();
            }
            expect_all(&hands, &store, &due);
            assert_eq!(store.salvaged().unwrap(), [Salvaged { quarantine: 1, saved: 8, lost: Some(0) }]);
        }
    }
    println!("{} points, {images} distinct images, {half} of them half done", disk.operations() - begun);
    assert!(images > 40 && half > 0, "{images} {half}");
    assert_ne!(EPOCH, NEW_EPOCH);
}
