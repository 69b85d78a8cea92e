//! The power is cut after every operation of an office's life. What was answered is there, whatever the disk kept.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and says what it saw"
)]

use super::writer::Writer;
use super::{accept, connect, kiosks, meta, parts};
use crate::office::store::{Enrolment, Kept, NamedPart, NewPart, NewSubmission, StoreError};
use ed25519_dalek::SigningKey;
use powercut::{Disk, Image};
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::task::JoinSet;
use uuid::Uuid;

const KIOSK: &str = "chu-lai-1";
const NOW_MS: i64 = 1_795_000_000_000;
const WAVES: u64 = 3;
const EACH: u64 = 4;
const SEED: u64 = 7;

/// Something the store has answered for.
#[derive(Clone, Debug)]
enum Fact {
    Enrolled,
    Part(Uuid),
    Receipt(Uuid, u64),
    Durable(u64),
}

#[derive(Debug, Default)]
struct Found {
    points: usize,
    images: usize,
    unreadable: usize,
    lost: usize,
    gaps: usize,
}

/// The disk has no locks and no shared memory, so the one connection has the file for itself.
fn open(disk: &Disk) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags_and_vfs("/office.db", flags, disk.register().as_str())?;
    db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connect::make_ready(&mut db)?;
    Ok(db)
}

fn part(n: u64) -> NewPart {
    let bytes = vec![n as u8; 6_000];
    let submission = Uuid::from_u128(u128::from(n));
    NewPart { submission, n: 0, kiosk_id: KIOSK.to_owned(), sha256: Sha256::digest(&bytes).into(), bytes }
}

fn submission(n: u64) -> NewSubmission {
    let part = part(n);
    NewSubmission {
        dossier_id: Uuid::from_u128(u128::from(n) + 1_000),
        submission_id: part.submission,
        supersedes: None,
        kiosk_id: KIOSK.to_owned(),
        db_epoch: [5; 16],
        kiosk_seq: n,
        lookup_hash: [6; 32],
        parts: vec![NamedPart { n: 0, sha256: part.sha256, len: part.bytes.len() as u64 }],
        manifest: vec![n as u8; 700],
        signature: [7; 64],
    }
}

/// Enrols, then stores and accepts in waves whose requests are committed together; after how many operations of the
/// disk each was answered.
async fn live(disk: &Disk) -> Vec<(usize, Fact)> {
    let mut facts = Vec::new();
    let writer = Arc::new(Writer::start(open(disk).unwrap()).unwrap());
    let enrolment = Enrolment {
        kiosk_id: KIOSK.to_owned(),
        key: SigningKey::from_bytes(&[7; 32]).verifying_key(),
        name: String::new(),
        key_storage: String::new(),
    };
    writer.write(move |db| kiosks::enrol(db, &enrolment, NOW_MS)).await.unwrap();
    facts.push((disk.operations(), Fact::Enrolled));
    for wave in 0..WAVES {
        let mut putting = JoinSet::new();
        let mut accepting = JoinSet::new();
        for n in wave * EACH + 1..=(wave + 1) * EACH {
            let writer = Arc::clone(&writer);
            putting.spawn(async move {
                assert_eq!(writer.write(move |db| parts::put(db, &part(n), NOW_MS)).await.unwrap(), Kept::New);
                Fact::Part(part(n).submission)
            });
        }
        let put = putting.join_all().await;
        facts.extend(put.into_iter().map(|fact| (disk.operations(), fact)));
        for n in wave * EACH + 1..=(wave + 1) * EACH {
            let writer = Arc::clone(&writer);
            accepting.spawn(async move {
                let accepted = writer.write(move |db| accept::accept(db, &submission(n), NOW_MS)).await.unwrap();
                Fact::Receipt(accepted.stored.submission_id, accepted.stored.receipt_no)
            });
        }
        let accepted = accepting.join_all().await;
        facts.extend(accepted.into_iter().map(|fact| (disk.operations(), fact)));
        let through = wave * EACH + 1;
        writer.write(move |db| meta::set_durable_through(db, through)).await.unwrap();
        facts.push((disk.operations(), Fact::Durable(through)));
    }
    facts
}

fn holds(db: &Connection, fact: &Fact) -> Result<bool, StoreError> {
    Ok(match fact {
        Fact::Enrolled => kiosks::find(db, KIOSK)?.is_some(),
        Fact::Part(id) => parts::present(db, *id, KIOSK)? == [0],
        Fact::Receipt(id, no) => accept::find(db, *id)?.is_some_and(|stored| stored.receipt_no == *no),
        Fact::Durable(no) => meta::standing(db)?.durable_through >= *no,
    })
}

/// Opens what the disk may hold and looks for everything answered so far. Also whatever was not answered is there whole
/// or not at all: numbers without a gap, each with its part.
fn look(image: &Image, answered: &[&Fact], found: &mut Found) {
    let looked = open(&Disk::from_image(image)).and_then(|db| {
        let check: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        let (numbers, whole): (i64, i64) = db.query_row(
            "SELECT next_receipt_no - 1, (SELECT count(*) FROM submission JOIN part USING (submission_id)) FROM meta",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let lost = answered.iter().filter(|fact| !holds(&db, fact).unwrap_or(false)).count();
        Ok((check == "ok", numbers == whole, lost))
    });
    match looked {
        Ok((true, is_whole, lost)) => {
            found.lost += lost;
            found.gaps += usize::from(!is_whole);
        }
        Ok((false, ..)) | Err(_) => found.unreadable += 1,
    }
}

async fn sweep(disk: Disk) -> Found {
    let facts = live(&disk).await;
    let (mut found, mut seen) = (Found::default(), HashSet::new());
    for after in 0..=disk.operations() {
        found.points += 1;
        let answered: Vec<_> = facts.iter().filter(|(at, _)| *at <= after).map(|(_, fact)| fact).collect();
        for image in disk.images(after, SEED) {
            found.images += 1;
            if seen.insert((image.clone(), answered.len())) {
                look(&image, &answered, &mut found);
            }
        }
    }
    println!("{found:?}, {} answers", facts.len());
    found
}

#[tokio::test]
async fn no_power_cut_takes_back_an_answer() {
    let found = sweep(Disk::new()).await;
    assert!(found.points > 60, "the sweep is too small to say anything");
    assert_eq!((found.unreadable, found.lost, found.gaps), (0, 0, 0));
}

#[tokio::test]
async fn a_disk_that_lies_about_syncs_is_caught() {
    let disk = Disk::new();
    disk.lie_about_sync(true);
    let found = sweep(disk).await;
    assert!(found.lost > 0 && found.unreadable > 0);
}
