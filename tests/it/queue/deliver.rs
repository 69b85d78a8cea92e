//! The way of a submission: claimed once, delivered by a receipt, erased by the watermark and the office's clock, queued
//! again when the office was restored, left to an officer without holding up the rest.

use super::{Hands, NOW_MS, SEED, deliver, ids, look_inside, office, open, receipt_for};
use passport_kiosk::domain::submission::Attention;
use passport_kiosk::gateway::wire::{StatusBatch, StatusEntry};
use passport_kiosk::queue::store::{CLAIM, Due, OfficeStatus, Seen, Store, Tally};
use powercut::Disk;
use rusqlite::{Connection, params};
use uuid::Uuid;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
const KEEP_MS: i64 = 7 * DAY_MS;

fn queue_of(count: u8) -> (Disk, Hands, Store) {
    let (disk, mut hands) = (Disk::new(), Hands::new());
    let mut store = open(&disk).unwrap();
    for n in 1..=count {
        hands.put(&mut store, n).unwrap();
    }
    (disk, hands, store)
}

fn names(due: &[Due]) -> Vec<u8> {
    due.iter().map(|due| due.ids.submission.as_bytes()[15]).collect()
}

fn parts_here(store: &Store, all: &[u8]) -> Vec<u8> {
    let here = |n: &u8| store.part(ids(*n).submission, 1).unwrap().is_some();
    all.iter().copied().filter(here).collect()
}

#[test]
fn what_is_claimed_is_handed_out_once_until_it_is_given_back_and_costs_no_write() {
    let (disk, _, mut store) = queue_of(5);
    let before = disk.operations();
    assert_eq!(names(&store.claim(2).unwrap()), [1, 2]);
    assert_eq!(names(&store.claim(2).unwrap()), [3, 4]);
    store.release(&[ids(3).submission, ids(1).submission]).unwrap();
    assert_eq!(names(&store.claim(9).unwrap()), [1, 3, 5]);
    assert!(store.claim(9).unwrap().is_empty());
    assert_eq!(disk.operations(), before, "a claim is not written");
    assert_eq!(names(&store.due(9).unwrap()), [1, 2, 3, 4, 5], "a claimed one is still queued");

    store.failed(ids(1).submission).unwrap();
    store.attention(ids(2).submission, Attention::Refused, NOW_MS).unwrap();
    deliver(&mut store, ids(3).submission, 1);
    let claimed = store.claim(9).unwrap();
    assert_eq!((names(&claimed), claimed[0].failures), (vec![1], 1), "every outcome gives a claim back");
    drop(store);
    let mut store = open(&disk).unwrap();
    assert_eq!(names(&store.claim(9).unwrap()), [1, 4, 5], "the end of the process gives all back");
}

#[test]
fn the_next_in_the_line_is_found_without_looking_at_the_others() {
    let (disk, _, store) = queue_of(3);
    drop(store);
    let db = look_inside(&disk);
    db.execute_batch("PRAGMA temp_store=MEMORY; CREATE TEMP TABLE lease (seq INTEGER PRIMARY KEY) STRICT").unwrap();
    let plan = |sql: &str| -> Vec<String> {
        let mut rows = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        rows.query_map([16], |row| row.get(3)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let found = plan(CLAIM);
    assert_eq!(found[0], "SCAN submission USING INDEX submission_due", "{found:?}");
    assert!(!found.iter().any(|step| step.contains("TEMP B-TREE")), "nothing is sorted: {found:?}");
    db.execute_batch("DROP INDEX submission_due").unwrap();
    assert_ne!(plan(CLAIM)[0], found[0], "the control: without the index it goes another way");
}

#[test]
fn parts_are_erased_when_the_watermark_covers_them_and_seven_days_have_passed_by_the_offices_clock() {
    let (_, hands, mut store) = queue_of(4);
    for (n, number, at) in [(1, 1, NOW_MS), (2, 2, NOW_MS + DAY_MS), (3, 9, NOW_MS)] {
        let (receipt, signed) = receipt_for(&store, ids(n).submission, number, 6, at);
        store.received(&receipt, &signed, NOW_MS).unwrap();
    }
    let all = [1, 2, 3, 4];
    // The kiosk's own clock may say anything.
    for (seen, kiosk_ms, left) in [
        (office(6, 0, NOW_MS + 999 * DAY_MS), NOW_MS, &[1, 2, 3, 4][..]),
        (office(6, 2, NOW_MS + KEEP_MS - 1), NOW_MS + 999 * DAY_MS, &[1, 2, 3, 4]),
        (office(6, 2, NOW_MS + KEEP_MS), NOW_MS, &[2, 3, 4]),
        (office(6, 1, NOW_MS + KEEP_MS + DAY_MS), NOW_MS, &[3, 4]),
        (office(6, 8, NOW_MS + 999 * DAY_MS), NOW_MS, &[3, 4]),
        (office(6, 9, NOW_MS + 999 * DAY_MS), NOW_MS, &[4]),
        (office(6, u64::MAX, NOW_MS + 9_999 * DAY_MS), NOW_MS, &[4]),
    ] {
        store.office_seen(seen, KEEP_MS, kiosk_ms).unwrap();
        assert_eq!(parts_here(&store, &all), left, "{seen:?}");
    }
    let tally = store.tally().unwrap();
    assert_eq!((tally.queued, tally.received, tally.attention), (1, 3, 0));
    hands.expect_queued(&store, &[4]);
}

#[test]
fn a_restored_office_gets_again_what_its_backup_does_not_hold_under_the_same_ids() {
    let (_, hands, mut store) = queue_of(5);
    for (n, number) in [(1, 10), (2, 11), (3, 12)] {
        deliver(&mut store, ids(n).submission, number);
    }
    let before = store.find(ids(3).submission).unwrap().unwrap();
    assert_eq!(store.office_seen(office(6, 11, NOW_MS), KEEP_MS, NOW_MS).unwrap(), Seen::default());
    let seen = store.office_seen(office(7, 0, NOW_MS), KEEP_MS, NOW_MS).unwrap();
    assert_eq!(seen, Seen { requeued: 1, erased: 0 });
    hands.expect_queued(&store, &[3, 4, 5]);
    assert_eq!(store.find(ids(3).submission).unwrap().unwrap(), before, "manifest and signature are the same");
    assert_eq!(store.office_seen(office(7, 0, NOW_MS), KEEP_MS, NOW_MS).unwrap(), Seen::default(), "once");

    // A late receipt of the old epoch is no proof for the new office.
    let (late, signed) = receipt_for(&store, ids(4).submission, 13, 6, NOW_MS);
    store.received(&late, &signed, NOW_MS).unwrap();
    assert_eq!(store.office_seen(office(7, 0, NOW_MS), KEEP_MS, NOW_MS).unwrap().requeued, 1);
    // What the watermark of the old epoch covers may be erased also later on.
    assert_eq!(store.office_seen(office(7, 0, NOW_MS + KEEP_MS), KEEP_MS, NOW_MS).unwrap().erased, 2);
    // Erased ones cannot be sent again, and need not: the backup holds them.
    assert_eq!(store.office_seen(office(8, 0, NOW_MS + KEEP_MS), KEEP_MS, NOW_MS).unwrap(), Seen::default());
    assert_eq!(store.tally().unwrap(), store.count().unwrap());
}

#[test]
fn what_waits_for_an_officer_holds_nothing_up_and_can_be_tried_again() {
    let (_, hands, mut store) = queue_of(3);
    store.failed(ids(1).submission).unwrap();
    store.attention(ids(1).submission, Attention::Conflict, NOW_MS + 5).unwrap();
    hands.expect_queued(&store, &[2, 3]);
    let waiting = store.waiting().unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!((waiting[0].why.as_str(), waiting[0].since_ms, waiting[0].failures), ("conflict", NOW_MS + 5, 1));
    assert_eq!(waiting[0].reference, ids(1).reference());
    assert!(store.requeue(ids(1).submission, NOW_MS).unwrap());
    assert!(!store.requeue(ids(1).submission, NOW_MS).unwrap(), "it waits no more");
    assert!(!store.requeue(ids(99).submission, NOW_MS).unwrap());
    hands.expect_queued(&store, &[1, 2, 3]);
    assert_eq!(store.due(1).unwrap()[0].failures, 0, "with a clean record, at its old place");
    store.attention(ids(1).submission, Attention::Torn, NOW_MS).unwrap();
    deliver(&mut store, ids(1).submission, 1);
    assert_eq!(store.tally().unwrap().attention, 0, "a receipt settles it all the same");
}

/// Whatever deletes: a mistake in the program, a tool, an officer with a database browser.
#[test]
fn the_file_itself_refuses_to_delete_what_is_unsent() {
    let (disk, hands, mut store) = queue_of(4);
    store.attention(ids(2).submission, Attention::Refused, NOW_MS).unwrap();
    deliver(&mut store, ids(3).submission, 1);
    deliver(&mut store, ids(4).submission, 2);
    store.office_seen(office(6, 1, NOW_MS), KEEP_MS, NOW_MS).unwrap();
    drop(store);
    let db = look_inside(&disk);
    let delete = |n: u8| db.execute("DELETE FROM part WHERE submission_id = ?1", [ids(n).submission.as_bytes()]);
    for n in [1, 2, 4] {
        assert!(delete(n).unwrap_err().to_string().contains("never deleted"), "{n}");
    }
    for wrong in [
        "DELETE FROM part",
        "DELETE FROM submission",
        "UPDATE part SET sealed = x'00'",
        "UPDATE submission SET manifest = x'00'",
        "UPDATE submission SET id = randomblob(16)",
        "PRAGMA recursive_triggers=ON; REPLACE INTO part SELECT submission_id, n, x'00' FROM part",
    ] {
        assert!(db.execute_batch(wrong).unwrap_err().to_string().contains("never"), "{wrong}");
    }
    assert_eq!(delete(3).unwrap(), 2, "the control: what the office's backup holds can be deleted");
    db.execute_batch("DROP TRIGGER part_unsent").unwrap();
    assert_eq!(delete(1).unwrap(), 2, "the control: it is the trigger that refuses");
    drop(db);
    let store = open(&disk).unwrap();
    assert!(store.part(ids(1).submission, 0).unwrap().is_none());
    hands.openable_parts(&store, &store.find(ids(2).submission).unwrap().unwrap());
}

/// Any course of events leaves the kept counts equal to counted ones.
#[test]
fn the_counts_are_those_of_the_rows_whatever_happens() {
    let mut rng = fastrand::Rng::with_seed(SEED);
    let mut steps = 0;
    for _ in 0..12 {
        let (disk, mut hands, mut store) = queue_of(4);
        let (mut last, mut number, mut epoch) = (4_u8, 0_u64, 6_u8);
        for _ in 0..120 {
            let one = ids(rng.u8(1..=last + 1)).submission;
            match rng.u8(..9) {
                0 if last < 40 => {
                    last += 1;
                    hands.put(&mut store, last).unwrap();
                }
                1 | 2 if store.find(one).unwrap().is_some() => {
                    number += 1;
                    let (receipt, signed) = receipt_for(&store, one, number, epoch, NOW_MS);
                    store.received(&receipt, &signed, NOW_MS).unwrap();
                }
                3 => store.attention(one, Attention::Refused, NOW_MS).unwrap(),
                4 => _ = store.requeue(one, NOW_MS).unwrap(),
                5 => {
                    epoch = if rng.u8(..4) == 0 { rng.u8(6..9) } else { epoch };
                    let seen = office(epoch, number / 2, NOW_MS + rng.i64(0..3) * DAY_MS);
                    store.office_seen(seen, DAY_MS, NOW_MS).unwrap();
                }
                6 => _ = store.claim(rng.u32(..4)).unwrap(),
                7 => _ = store.exported(&[one], NOW_MS).unwrap(),
                8 if rng.u8(..8) == 0 => {
                    drop(store);
                    store = open(&disk).unwrap();
                }
                _ => _ = store.failed(one).unwrap(),
            }
            steps += 1;
            assert_eq!(store.tally().unwrap(), store.count().unwrap(), "seed {SEED}, step {steps}");
        }
        assert!(store.journal_is_whole().unwrap());
    }
    println!("seed {SEED}: {steps} steps");
    let control = Tally { queued: 1, ..Tally::default() };
    assert_ne!(control, open(&Disk::new()).unwrap().count().unwrap(), "the control: a wrong count is not equal");
}

fn batch(cursor: u64, next_cursor: u64, epoch: u8, entries: Vec<StatusEntry>) -> StatusBatch {
    StatusBatch {
        v: 1,
        kiosk_id: "chu-lai-1".to_owned(),
        challenge: String::new(),
        cursor,
        next_cursor,
        more: false,
        entries,
        server_time_ms: NOW_MS,
        office_epoch: [epoch; 16],
        key_id: "receipt-00000000".to_owned(),
    }
}

fn entry(submission_id: Uuid, state: &str, reason: Option<&str>) -> StatusEntry {
    let fields = if reason.is_some() { vec!["phone".to_owned(), "old_passport".to_owned()] } else { Vec::new() };
    StatusEntry { submission_id, state: state.to_owned(), reason: reason.map(str::to_owned), fields, at_ms: NOW_MS }
}

#[test]
fn states_are_taken_once_in_order_and_begin_anew_with_a_restored_office() {
    let (disk, _, mut store) = queue_of(2);
    store.office_seen(office(6, 0, NOW_MS), KEEP_MS, NOW_MS).unwrap();
    let first = batch(
        0,
        3,
        6,
        vec![
            entry(ids(1).submission, "received", None),
            entry(ids(1).submission, "returned", Some("photo-unclear")),
            entry(ids(77).submission, "received", None),
            entry(ids(2).submission, "Nguyễn Văn A", None),
        ],
    );
    assert_eq!(store.take_statuses(&first).unwrap(), 2, "those of others and those that are no codes are passed over");
    assert_eq!(store.take_statuses(&first).unwrap(), 0, "its cursor is behind");
    assert_eq!(store.status_cursor().unwrap(), 3);
    let returned = OfficeStatus {
        state: "returned".to_owned(),
        reason: Some("photo-unclear".to_owned()),
        fields: vec!["phone".to_owned(), "old_passport".to_owned()],
        at_ms: NOW_MS,
    };
    assert_eq!(store.status(ids(1).submission).unwrap(), Some(returned));
    assert_eq!(store.status(ids(2).submission).unwrap(), None);
    assert_eq!(store.take_statuses(&batch(3, 9, 7, Vec::new())).unwrap(), 0);
    assert_eq!(store.status_cursor().unwrap(), 3, "another epoch moves nothing");
    store.office_seen(office(7, 0, NOW_MS), KEEP_MS, NOW_MS).unwrap();
    assert_eq!(store.status_cursor().unwrap(), 0);
    drop(store);
    assert_eq!(open(&disk).unwrap().status(ids(1).submission).unwrap().unwrap().state, "returned");
}

#[test]
fn a_note_is_kept_and_replaced() {
    let (disk, _, mut store) = queue_of(0);
    assert_eq!(store.note("bundle").unwrap(), None);
    store.keep_note("bundle", b"one").unwrap();
    store.keep_note("bundle", b"two").unwrap();
    drop(store);
    assert_eq!(open(&disk).unwrap().note("bundle").unwrap(), Some(b"two".to_vec()));
}

#[test]
fn a_line_of_the_journal_that_is_altered_dropped_or_put_in_is_noticed() {
    let wrong = [
        "UPDATE journal SET entry = replace(entry, 'saved', 'safed') WHERE seq = 2",
        "UPDATE journal SET at_ms = at_ms + 1 WHERE seq = 2",
        "DELETE FROM journal WHERE seq = 2",
        "UPDATE journal SET seq = 9 WHERE seq = 3",
        "INSERT INTO journal SELECT 4, at_ms, entry, hash FROM journal WHERE seq = 3",
        "UPDATE meta SET value = zeroblob(32) WHERE key = 'journal_base_hash'",
        "DELETE FROM journal WHERE seq = 1",
    ];
    for wrong in wrong {
        let (disk, _, store) = queue_of(3);
        assert!(store.journal_is_whole().unwrap());
        let head = store.head().unwrap();
        drop(store);
        let db = look_inside(&disk);
        assert_eq!(db.execute(wrong, []).unwrap(), 1);
        drop(db);
        let store = open(&disk).unwrap();
        assert!(!store.journal_is_whole().unwrap(), "{wrong}");
        assert_eq!(head.seq, 3);
    }
    // The end cut off is seen by whoever has seen the head: the office, and the witness beside the file.
    let (disk, _, store) = queue_of(3);
    let head = store.head().unwrap();
    drop(store);
    look_inside(&disk).execute("DELETE FROM journal WHERE seq = 3", []).unwrap();
    let store = open(&disk).unwrap();
    assert!(store.journal_is_whole().unwrap());
    assert!(store.head().unwrap().seq < head.seq);
}

#[test]
fn a_long_journal_is_cut_off_at_a_checkpoint_and_still_verifies() {
    let (disk, _, mut store) = queue_of(1);
    for _ in 0..10_600 {
        store.exported(&[ids(1).submission], NOW_MS).unwrap();
    }
    let head = store.head().unwrap();
    assert_eq!(head.seq, 10_601);
    assert!(store.journal_is_whole().unwrap());
    drop(store);
    let db: Connection = look_inside(&disk);
    let kept: i64 = db.query_row("SELECT count(*) FROM journal", params![], |row| row.get(0)).unwrap();
    assert!((10_000..10_600).contains(&kept), "{kept}");
    drop(db);
    assert_eq!(open(&disk).unwrap().head().unwrap(), head);
}
