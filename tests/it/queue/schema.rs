//! Schemas that were ever shipped are kept as files; each still opens, with what is in it.

use super::{EPOCH, Hands, NOW_MS, deliver, ids, office};
use passport_kiosk::queue::store::{SCHEMA_VERSION, Store};
use rusqlite::{Connection, params};
use std::path::Path;

const V1: &str = include_str!("../../data/databases/v1.sql");
const V2: &str = include_str!("../../data/databases/v2.sql");
const TO_1: &str = include_str!("../../../src/queue/migrate/1.sql");

/// Everything that the database says of its own shape.
fn shape(db: &Connection) -> (i64, Vec<(String, String)>) {
    let version = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    let mut rows = db.prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    (version, rows.collect::<Result<_, _>>().unwrap())
}

/// A file of version 1 with these rows of a queue of today: the first `received` of them delivered, one in attention.
pub(super) fn write_v1(
    old: &Connection,
    store: &Store,
    rows: std::ops::RangeInclusive<u8>,
    receipts: &[Option<String>],
) {
    let last = *rows.end();
    old.execute_batch(V1).unwrap();
    old.execute("INSERT INTO meta VALUES ('db_epoch', ?1), ('next_kiosk_seq', ?2)", params![EPOCH, last + 1]).unwrap();
    for (n, receipt) in rows.zip(receipts) {
        let due = store.find(ids(n).submission).unwrap().unwrap();
        let id = due.ids.submission.as_bytes();
        let state = if receipt.is_some() { 2 } else { 0 };
        old.execute(
            "INSERT INTO submission (id, dossier_id, kiosk_seq, created_ms, form_edition, manifest, signature, state,
                                     receipt, office_ms)
             VALUES (?1, ?2, ?3, ?4, 'tk01@tt69-2026', ?5, ?6, ?7, ?8, ?9)",
            params![
                id,
                due.ids.dossier.as_bytes(),
                n,
                NOW_MS,
                due.manifest,
                due.signature,
                state,
                receipt,
                receipt.as_ref().map(|_| NOW_MS)
            ],
        )
        .unwrap();
        for part in 0..2_u16 {
            let sealed = store.part(due.ids.submission, part).unwrap().unwrap();
            old.execute("INSERT INTO part VALUES (?1, ?2, ?3)", params![id, part, sealed]).unwrap();
        }
        let line = format!("{{\"event\":\"submission-saved\",\"id\":\"{}\",\"seq\":{n}}}", due.ids.submission);
        old.execute("INSERT INTO journal (at_ms, entry) VALUES (?1, ?2)", params![NOW_MS, line]).unwrap();
    }
}

#[test]
fn a_queue_of_version_1_is_opened_and_used() {
    let (folder, mut hands) = (tempfile::tempdir().unwrap(), Hands::new());
    let (old, new) = (folder.path().join("old.db"), folder.path().join("new.db"));
    let mut store = Store::open(&new, EPOCH, None).unwrap();
    for n in 1..=4 {
        hands.put(&mut store, n).unwrap();
    }
    let (_, signed) = super::receipt_for(&store, ids(1).submission, 41, 6, NOW_MS);
    let db = Connection::open(&old).unwrap();
    write_v1(&db, &store, 1..=4, &[Some(signed), Some("{}".to_owned()), None, None]);
    db.execute("UPDATE submission SET state = 3, attention = 'refused' WHERE kiosk_seq = 3", []).unwrap();
    db.execute("UPDATE submission SET state = 1 WHERE kiosk_seq = 4", []).unwrap();
    drop((db, store));

    let mut store = Store::open(&old, [0; 16], None).unwrap();
    let tally = store.tally().unwrap();
    assert_eq!((tally.queued, tally.received, tally.attention), (1, 2, 1));
    assert_eq!(tally, store.count().unwrap());
    assert_eq!((store.db_epoch(), store.head().unwrap().seq), (EPOCH, 4));
    assert!(store.journal_is_whole().unwrap());
    assert_eq!(store.waiting().unwrap()[0].why, "refused");
    hands.put(&mut store, 5).unwrap();
    hands.expect_queued(&store, &[4, 5]);
    // The receipt that could be read counts, the other one is asked for again.
    let seen = store.office_seen(office(6, 41, NOW_MS), 0, NOW_MS).unwrap();
    assert_eq!((seen.requeued, seen.erased), (1, 1));
    deliver(&mut store, ids(2).submission, 42);
    drop(store);
    drop(Store::open(&old, [0; 16], None).unwrap());
    assert_eq!(shape(&Connection::open(&old).unwrap()), shape(&Connection::open(&new).unwrap()));
}

#[test]
fn the_kept_schemas_are_the_ones_in_the_program() {
    assert_eq!(SCHEMA_VERSION, 2, "a new version keeps the old schema as a file and writes a migration");
    assert_eq!(V1, format!("{TO_1}PRAGMA user_version = 1;\n"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queue.db");
    drop(Store::open(Path::new(&file), EPOCH, None).unwrap());
    let kept = Connection::open_in_memory().unwrap();
    kept.execute_batch(V2).unwrap();
    assert_eq!(shape(&kept), shape(&Connection::open(&file).unwrap()));
}
