//! Schemas that were ever shipped are kept as files; each still opens, with what is in it.

use super::{EPOCH, Hands, NOW_MS, ids};
use passport_kiosk::queue::store::{SCHEMA_VERSION, Store};
use rusqlite::{Connection, params};
use std::path::Path;

const V1: &str = include_str!("../../data/databases/v1.sql");
const CURRENT: &str = include_str!("../../../src/queue/schema.sql");

/// Everything that the database says of its own shape.
fn shape(file: &Path) -> (i64, Vec<(String, String)>) {
    let db = Connection::open(file).unwrap();
    let version = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    let mut rows = db.prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    (version, rows.collect::<Result<_, _>>().unwrap())
}

#[test]
fn a_queue_of_version_1_is_opened_and_used() {
    let (folder, mut hands) = (tempfile::tempdir().unwrap(), Hands::new());
    let (old, new) = (folder.path().join("old.db"), folder.path().join("new.db"));
    let mut store = Store::open(&new, EPOCH, None).unwrap();
    hands.put(&mut store, 1).unwrap();
    let due = store.due(1).unwrap().remove(0);
    let parts = hands.openable_parts(&store, &due);
    drop(store);

    let db = Connection::open(&old).unwrap();
    db.execute_batch(V1).unwrap();
    db.execute("INSERT INTO meta VALUES ('db_epoch', ?1), ('next_kiosk_seq', 2)", [EPOCH]).unwrap();
    let id = due.ids.submission.as_bytes();
    db.execute(
        "INSERT INTO submission (id, dossier_id, kiosk_seq, created_ms, form_edition, manifest, signature)
         VALUES (?1, ?2, 1, ?3, 'tk01@tt69-2026', ?4, ?5)",
        params![id, due.ids.dossier.as_bytes(), NOW_MS, due.manifest, due.signature],
    )
    .unwrap();
    for (n, part) in (0_i64..).zip(&parts) {
        db.execute("INSERT INTO part VALUES (?1, ?2, ?3)", params![id, n, part]).unwrap();
    }
    drop(db);
    assert_eq!(shape(&old), shape(&new));

    let mut store = Store::open(&old, [0; 16], None).unwrap();
    assert_eq!(store.due(9).unwrap(), [due]);
    hands.put(&mut store, 2).unwrap();
    hands.expect_queued(&store, &[1, 2]);
    assert!(store.contains(ids(1).submission).unwrap());
}

#[test]
fn the_kept_schema_of_version_1_is_the_one_in_the_program() {
    assert_eq!(SCHEMA_VERSION, 1, "a new version keeps the old schema as a file and writes a migration");
    assert_eq!(V1, format!("{CURRENT}PRAGMA user_version = 1;\n"));
}
