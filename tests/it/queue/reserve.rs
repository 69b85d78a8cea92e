//! A real file system that is really full: a receipt is written all the same, out of the reserve; a new dossier is
//! refused; and when there is room again the reserve is back and everything works.

use super::{Hands, NOW_MS, ids, receipt_for};
use passport_kiosk::domain::submission::Attention;
use passport_kiosk::queue::Queue;
use passport_kiosk::queue::standing::{Limits, Room};
use passport_kiosk::queue::store::{Error, Store};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// Set in the process that has a small disk of its own.
const SMALL_DISK: &str = "KIOSK_TEST_SMALL_DISK";
const NAME: &str = "queue::reserve::a_receipt_is_written_on_a_full_disk_and_a_new_dossier_is_not";

/// Runs this very test again in a name space of its own, where a file system of 6 MiB may be mounted.
fn again_on_a_small_disk() {
    let folder = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=6m none \"$1\" || exit 99; exec \"$2\" \"$3\" --exact --nocapture";
    let program = std::env::current_exe().unwrap();
    let done = Command::new("unshare")
        .args(["-Urm", "sh", "-c", script, "sh"])
        .args([folder.path().as_os_str(), program.as_os_str(), NAME.as_ref()])
        .env(SMALL_DISK, folder.path())
        .output();
    match done {
        Ok(done) if done.status.success() => print!("{}", String::from_utf8_lossy(&done.stdout)),
        Ok(done) if done.status.code() == Some(99) => println!("SKIPPED: no small disk may be mounted here"),
        Ok(done) => panic!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr)),
        Err(error) => println!("SKIPPED: unshare is not here: {error}"),
    }
}

#[tokio::test]
async fn a_receipt_is_written_on_a_full_disk_and_a_new_dossier_is_not() {
    match std::env::var_os(SMALL_DISK) {
        None => again_on_a_small_disk(),
        Some(folder) => on_a_full_disk(Path::new(&folder)).await,
    }
}

async fn on_a_full_disk(folder: &Path) {
    let file = folder.join("queue.db");
    let mut hands = Hands::new();
    let submissions: Vec<_> = (1..=5).map(|n| hands.submission(n)).collect();
    let (sealer, mut submissions) = (Arc::new(hands.sealer.clone()), submissions.into_iter());
    let limits = Limits { reserve_bytes: 1 << 20, floor_bytes: 1 << 19, ..Limits::default() };
    let (queue, thread, opened) = Queue::start_within(&file, Arc::clone(&sealer), limits, || NOW_MS).unwrap();
    opened.unwrap();
    for submission in submissions.by_ref().take(3) {
        queue.put(submission).await.unwrap();
    }
    assert!(queue.standing().await.unwrap().reserve_held);
    assert_eq!(queue.room().await, Room::Enough);
    drop(queue);
    thread.join();
    let store = Store::open(&file, [0; 16], None).unwrap();
    let receipts: Vec<_> =
        [1, 2].map(|n| receipt_for(&store, ids(n).submission, u64::from(n), 6, NOW_MS)).into_iter().collect();
    drop(store);
    let (queue, thread, opened) = Queue::start_within(&file, sealer, limits, || NOW_MS).unwrap();
    opened.unwrap();

    fill(&folder.join("others"));
    assert_eq!(queue.room().await, Room::DiskFloor);
    let refused = submissions.next().unwrap();
    assert!(matches!(queue.put(refused).await, Err(Error::Full)));
    for (receipt, signed) in receipts {
        queue.received(receipt, signed).await.unwrap();
    }
    queue.attention(ids(3).submission, Attention::Refused).await.unwrap();
    let standing = queue.standing().await.unwrap();
    assert!(!standing.reserve_held, "the control: it was the reserve that made it possible");
    assert_eq!((standing.tally.queued, standing.tally.received, standing.tally.attention), (0, 2, 1));
    let refused = submissions.next().unwrap();
    assert!(matches!(queue.put(refused).await, Err(Error::Full)), "what the reserve gave is not for new dossiers");

    std::fs::remove_file(folder.join("others")).unwrap();
    queue.put(hands.submission(6)).await.unwrap();
    assert!(queue.standing().await.unwrap().reserve_held);
    assert_eq!(queue.room().await, Room::Enough);
    drop(queue);
    thread.join();
    let store = Store::open(&file, [0; 16], None).unwrap();
    hands.expect_queued(&store, &[6]);
    assert_eq!(store.tally().unwrap().received, 2);
}

/// Until not one byte more fits.
fn fill(file: &Path) {
    use std::io::Write;
    let mut out = std::fs::File::create(file).unwrap();
    for size in [65_536, 4_096, 1] {
        while out.write_all(&vec![1; size]).is_ok() {}
    }
}
