use rusqlite::{Connection, ErrorCode, OpenFlags, Result};

use super::*;

const ROWS: u32 = 12;
/// The order of the store: EXTRA before WAL.
const RECIPE: &str = "locking_mode=EXCLUSIVE synchronous=EXTRA auto_vacuum=INCREMENTAL journal_mode=WAL";
const TABLE: &str = "CREATE TABLE IF NOT EXISTS submission(id INTEGER PRIMARY KEY, body BLOB)";

#[derive(Debug, Default, PartialEq)]
struct Tally {
    points: usize,
    images: usize,
    lost: usize,
    corrupt: usize,
}

fn open(disk: &Disk, pragmas: &str) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags_and_vfs("store/kiosk.db", flags, disk.register().as_str())?;
    for pragma in pragmas.split(' ').chain(["secure_delete=ON", "temp_store=MEMORY", "wal_autocheckpoint=8"]) {
        db.execute_batch(&format!("PRAGMA {pragma}"))?;
    }
    Ok(db)
}

fn body(row: u32) -> Vec<u8> {
    vec![row as u8; 3000]
}

fn insert(db: &Connection, row: u32) -> Result<usize> {
    db.execute("INSERT INTO submission VALUES(?1, ?2)", (row, body(row)))
}

/// The rows of a store that is in order and goes on working.
fn survivors(image: &Image, pragmas: &str) -> Result<Vec<(u32, Vec<u8>)>> {
    let db = open(&Disk::from_image(image), pragmas)?;
    let verdict: String = db.query_row("PRAGMA quick_check", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(rusqlite::Error::InvalidQuery);
    }
    db.execute_batch(TABLE)?;
    insert(&db, 1000)?;
    db.prepare("SELECT id, body FROM submission")?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Inserts rows, then cuts the power after every operation.
fn sweep(pragmas: &str, lies: bool) -> Result<Tally> {
    let disk = Disk::new();
    disk.lie_about_sync(lies);
    let db = open(&disk, pragmas)?;
    db.execute_batch(TABLE)?;
    let mut acknowledged = Vec::new();
    for row in 0..ROWS {
        insert(&db, row)?;
        acknowledged.push(disk.operations());
    }
    drop(db);
    let mut tally = Tally { points: disk.operations() + 1, ..Tally::default() };
    for after in 0..=disk.operations() {
        let expected = acknowledged.iter().filter(|&&at| at <= after).count() as u32;
        for image in disk.images(after, 7) {
            tally.images += 1;
            match survivors(&image, pragmas) {
                Ok(rows) => tally.lost += usize::from(!(0..expected).all(|row| rows.contains(&(row, body(row))))),
                Err(_) => tally.corrupt += 1,
            }
        }
    }
    println!("{pragmas}, lies: {lies}: {tally:?}, {} syncs", disk.syncs());
    Ok(tally)
}

#[test]
fn nothing_acknowledged_is_lost() {
    let tally = sweep(RECIPE, false).unwrap();
    assert!(tally.points > 100 && (tally.lost, tally.corrupt) == (0, 0), "{tally:?}");
    let journal = sweep("synchronous=EXTRA journal_mode=DELETE", false).unwrap();
    assert_eq!((journal.lost, journal.corrupt), (0, 0));
}

/// The negative controls, and that they do the same again.
#[test]
fn whatever_is_not_synced_is_lost() {
    for (pragmas, lies) in [
        ("locking_mode=EXCLUSIVE synchronous=OFF journal_mode=WAL", false),
        ("locking_mode=EXCLUSIVE synchronous=EXTRA journal_mode=WAL synchronous=NORMAL", false),
        // The deletion of the journal is not durable, and it rolls the commit back.
        ("synchronous=FULL journal_mode=DELETE", false),
        (RECIPE, true),
    ] {
        let tally = sweep(pragmas, lies).unwrap();
        assert!(tally.lost > 0, "{pragmas}: {tally:?}");
        assert_eq!(sweep(pragmas, lies).unwrap(), tally);
    }
}

#[test]
fn a_full_disk_keeps_what_was_acknowledged() {
    let disk = Disk::new();
    let db = open(&disk, RECIPE).unwrap();
    db.execute_batch(TABLE).unwrap();
    let before = disk.bytes_written();
    disk.limit(Some(50_000));
    let (row, error) = (0..).find_map(|row| Some((row, insert(&db, row).err()?))).unwrap();
    assert_eq!((error.sqlite_error_code(), disk.bytes_written() - before), (Some(ErrorCode::DiskFull), 50_000));
    for image in disk.images(disk.operations(), 7) {
        assert!(survivors(&image, RECIPE).unwrap().iter().take(row as usize).map(|row| row.0).eq(0..row));
    }
    disk.limit(None);
    assert_eq!(insert(&db, row), Ok(1));
}

#[test]
fn an_access_fails_once_and_is_counted() {
    let disk = Disk::new();
    let db = open(&disk, RECIPE).unwrap();
    db.execute_batch(TABLE).unwrap();
    let mut failed = 0;
    for calls in 0..40 {
        disk.fail_after(Some(calls));
        let inserted = insert(&db, calls as u32);
        disk.fail_after(None);
        failed += usize::from(inserted.is_err());
        assert!(inserted.is_ok() || disk.failures() > 0);
    }
    assert!(failed > 0 && disk.failures() >= failed, "{failed}");
}
