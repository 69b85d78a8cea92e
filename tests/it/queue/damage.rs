//! A damaged file is moved aside whole and the queue begins anew; the bytes stay for whoever salvages them.

use super::{EPOCH, Hands, NOW_MS, SEED, ids};
use passport_kiosk::queue::Queue;
use passport_kiosk::queue::store::{Error, SCHEMA_VERSION, Store};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

const PAGE: usize = 4_096;

/// A closed queue of three, as bytes.
fn three_dossiers() -> Vec<u8> {
    let (folder, mut hands) = (tempfile::tempdir().unwrap(), Hands::new());
    let file = folder.path().join("queue.db");
    let mut store = Store::open(&file, EPOCH, None).unwrap();
    for n in 1..=3 {
        hands.put(&mut store, n).unwrap();
    }
    drop(store);
    std::fs::read(file).unwrap()
}

fn lay_out(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queue.db");
    std::fs::write(&file, bytes).unwrap();
    (folder, file)
}

/// What became of a file when the kiosk started on it.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Kept { queued: u32 },
    MovedAside { saved: u64, lost: Option<u64> },
}

/// Starts the kiosk's queue on the file, which must work afterwards, and tells what became of it.
async fn start_on(file: &Path, damaged: &[u8]) -> Fate {
    let mut hands = Hands::new();
    let fresh = hands.submission(9);
    let sealer = Arc::new(hands.sealer);
    let (queue, thread, opened) = Queue::start(file, sealer, || NOW_MS).unwrap();
    opened.expect("a damaged file does not stop the kiosk");
    let found = *queue.tally().borrow();
    queue.put(fresh).await.unwrap();
    let due = queue.due(100).await.unwrap();
    assert!(due.iter().any(|due| due.ids == ids(9)));
    let standing = queue.standing().await.unwrap();
    drop(queue);
    thread.join();
    let aside = file.with_file_name("quarantine").join("1").join("queue.db");
    if aside.exists() {
        assert!(std::fs::read(aside).unwrap() == damaged, "the damaged bytes are still there");
        assert_eq!(u64::from(found.queued), standing.salvaged[0].saved);
        Fate::MovedAside { saved: standing.salvaged[0].saved, lost: standing.salvaged[0].lost }
    } else {
        Fate::Kept { queued: found.queued }
    }
}

#[tokio::test]
async fn a_file_that_is_no_queue_is_moved_aside_and_a_new_queue_works() {
    let mut rng = fastrand::Rng::with_seed(SEED);
    let good = three_dossiers();
    let mut junk = vec![0; 20_000];
    rng.fill(&mut junk);
    let mut header = good.clone();
    header[3] ^= 0xff;
    let mut root = good.clone();
    root[PAGE] ^= 0xff;
    let half = good[..good.len() / 2].to_vec();
    let all = Fate::MovedAside { saved: 3, lost: Some(0) };
    let nobody_knows = Fate::MovedAside { saved: 0, lost: None };
    for (damaged, fate) in [
        (junk, &nobody_knows),
        (header, &all),
        (root, &all),
        (half, &Fate::MovedAside { saved: 0, lost: Some(3) }),
        (b"not a database at all".repeat(100), &nobody_knows),
    ] {
        let (_folder, file) = lay_out(&damaged);
        assert_eq!(start_on(&file, &damaged).await, *fate);
    }
    let (_folder, file) = lay_out(&good);
    assert_eq!(start_on(&file, &good).await, Fate::Kept { queued: 3 }, "the control: an undamaged one stays");
}

#[tokio::test]
async fn the_log_beside_a_damaged_file_goes_with_it_and_a_second_one_beside_the_first() {
    let (_folder, file) = lay_out(b"first".repeat(1_000).as_slice());
    let log = file.with_file_name("queue.db-wal");
    for n in ["1", "2"] {
        let damaged = n.repeat(5_000).into_bytes();
        std::fs::write(&file, &damaged).unwrap();
        std::fs::write(&log, n).unwrap();
        let sealer = Arc::new(Hands::new().sealer);
        let (queue, thread, opened) = Queue::start(&file, sealer, || NOW_MS).unwrap();
        opened.unwrap();
        drop(queue);
        thread.join();
        let aside = file.with_file_name("quarantine").join(n);
        assert!(std::fs::read(aside.join("queue.db")).unwrap() == damaged);
    }
}

#[tokio::test]
async fn a_queue_of_a_newer_program_is_left_alone() {
    let (_folder, file) = lay_out(&three_dossiers());
    let db = rusqlite::Connection::open(&file).unwrap();
    db.pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
    drop(db);
    let before = std::fs::read(&file).unwrap();
    assert!(matches!(Store::open(&file, EPOCH, None), Err(Error::TooNew)));
    let mut hands = Hands::new();
    let fresh = hands.submission(9);
    let (queue, thread, opened) = Queue::start(&file, Arc::new(hands.sealer), || NOW_MS).unwrap();
    assert!(matches!(opened, Err(Error::TooNew)));
    assert!(matches!(queue.put(fresh).await, Err(Error::TooNew)));
    drop(queue);
    thread.join();
    assert!(std::fs::read(&file).unwrap() == before);
    assert!(!file.with_file_name("quarantine").exists());
}
