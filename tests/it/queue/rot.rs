//! Bits rot anywhere in the files of a queue. Whatever the kiosk started on, every dossier is afterwards sent as it was
//! sealed, left to an officer, or told to be lost; and the kiosk goes on saving.

use super::{FILE, Hands, NOW_MS, SEED, ids};
use passport_kiosk::queue::Queue;
use passport_kiosk::queue::standing::Limits;
use passport_kiosk::queue::store::{Error, Sealer};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const SAVED: u8 = 6;
/// Manifest and parts by submission.
type Contents = BTreeMap<u8, (Vec<u8>, Vec<Vec<u8>>)>;
/// Files of a queue by name.
type Files = BTreeMap<String, Vec<u8>>;

/// Three dossiers in the database and three in its log, as a kill leaves them; or all in the database.
async fn lived(closed: bool) -> (Files, Contents, Arc<Sealer>) {
    let folder = tempfile::tempdir().unwrap();
    let mut hands = Hands::new();
    let submissions: Vec<_> = (1..=SAVED).map(|n| hands.submission(n)).collect();
    let sealer = Arc::new(hands.sealer);
    let file = folder.path().join("queue.db");
    let mut submissions = submissions.into_iter();
    let (queue, thread) = start(&file, &sealer).unwrap();
    for submission in submissions.by_ref().take(3) {
        queue.put(submission).await.unwrap();
    }
    drop(queue);
    thread.join();
    let (queue, thread) = start(&file, &sealer).unwrap();
    for submission in submissions {
        queue.put(submission).await.unwrap();
    }
    let contents = contents(&queue).await;
    // A question later the witness of the last change is written.
    queue.tally();
    let mut files = read_all(folder.path());
    drop(queue);
    thread.join();
    if closed {
        files = read_all(folder.path());
    }
    (files, contents, sealer)
}

fn start(file: &Path, sealer: &Arc<Sealer>) -> Result<(Queue, passport_kiosk::queue::Thread), Error> {
    let limits = Limits { reserve_bytes: 0, ..Limits::default() };
    let (queue, thread, opened) = Queue::start_within(file, Arc::clone(sealer), limits, || NOW_MS).unwrap();
    opened.map(|()| (queue, thread))
}

async fn contents(queue: &Queue) -> Contents {
    let mut found = Contents::new();
    for due in queue.claim(100).await.unwrap() {
        let mut parts = Vec::new();
        for n in 0..2 {
            parts.extend(queue.part(due.ids.submission, n).await.unwrap());
        }
        found.insert(due.ids.submission.as_bytes()[15], (due.manifest, parts));
    }
    found
}

fn read_all(folder: &Path) -> Files {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).filter(|file| file.is_file());
    files.map(|file| (name_of(&file), std::fs::read(&file).unwrap())).collect()
}

fn name_of(file: &Path) -> String {
    file.file_name().unwrap().to_str().unwrap().to_owned()
}

fn lay_out(files: &Files, name: &str, byte: usize, bit: u8) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for (file, bytes) in files {
        std::fs::write(folder.path().join(file), bytes).unwrap();
    }
    let mut rotten = files[name].clone();
    rotten[byte] ^= 1 << bit;
    std::fs::write(folder.path().join(name), rotten).unwrap();
    let file = folder.path().join("queue.db");
    (folder, file)
}

#[derive(Debug, Default)]
struct Found {
    flips: usize,
    without_effect: usize,
    moved_aside: usize,
    saved_all_the_same: usize,
    left_to_an_officer: usize,
    told_lost: u64,
    told_uncounted: usize,
    silent: usize,
}

/// Starts the kiosk's queue on it, which must work afterwards, and adds what became of the dossiers.
async fn start_on(file: &Path, sealer: &Arc<Sealer>, contents: &Contents, found: &mut Found, place: &str) {
    let (queue, thread) = start(file, sealer).unwrap_or_else(|error| panic!("{place}: {error}"));
    let now = self::contents(&queue).await;
    let standing = queue.standing().await.unwrap();
    let whole = now.iter().filter(|(n, here)| contents.get(n) == Some(here)).count();
    let waiting = standing.waiting.len();
    let mut fresh = Hands::new();
    queue.put(fresh.submission(9)).await.unwrap_or_else(|error| panic!("{place}: {error}"));
    assert!(queue.claim(9).await.unwrap().iter().any(|due| due.ids == ids(9)), "{place}");
    drop(queue);
    thread.join();
    found.flips += 1;
    found.left_to_an_officer += waiting;
    let accounted = match standing.salvaged.first() {
        None => whole + waiting,
        Some(salvaged) => {
            found.moved_aside += 1;
            found.saved_all_the_same += whole;
            match salvaged.lost {
                Some(lost) => {
                    found.told_lost += lost;
                    whole + waiting + lost as usize
                }
                None => {
                    found.told_uncounted += 1;
                    usize::from(SAVED)
                }
            }
        }
    };
    found.without_effect += usize::from(standing.salvaged.is_empty() && whole == usize::from(SAVED));
    if accounted != usize::from(SAVED) {
        found.silent += 1;
        println!("SILENT {place}: {whole} whole, {waiting} waiting, {:?}", standing.salvaged);
    }
}

/// What somebody finds who just reads: rows that are gone or other bytes, without a word.
fn silently_wrong(file: &Path, contents: &Contents) -> bool {
    let read = || -> rusqlite::Result<Contents> {
        let db = Connection::open(file)?;
        let mut found = Contents::new();
        let mut rows = db.prepare("SELECT id, manifest FROM submission WHERE state = 0 ORDER BY seq")?;
        let rows = rows.query_map([], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get(1)?)))?;
        for row in rows {
            let (id, manifest) = row?;
            let mut parts = db.prepare("SELECT sealed FROM part WHERE submission_id = ?1 ORDER BY n")?;
            let parts = parts.query_map([id], |row| row.get(0))?.collect::<Result<_, _>>()?;
            found.insert(id[15], (manifest, parts));
        }
        Ok(found)
    };
    read().is_ok_and(|found| found != *contents)
}

/// Where bits are flipped: the header and the start of each page bit by bit, then anywhere.
fn places(bytes: &[u8], headers: &[usize], anywhere: usize, rng: &mut fastrand::Rng) -> Vec<(usize, u8)> {
    let starts = headers.iter().flat_map(|at| (*at..(at + 24).min(bytes.len())).step_by(5));
    let mut places: Vec<(usize, u8)> = starts.map(|at| (at, rng.u8(..8))).collect();
    places.extend((0..anywhere).map(|_| (rng.usize(..bytes.len()), rng.u8(..8))));
    places
}

#[tokio::test]
async fn whichever_bit_rots_no_dossier_is_lost_without_a_word() {
    let mut rng = fastrand::Rng::with_seed(SEED);
    let mut silent_without_checks = 0;
    for closed in [true, false] {
        let (files, contents, sealer) = lived(closed).await;
        assert_eq!(contents.len(), usize::from(SAVED));
        assert_eq!(files.contains_key("queue.db-wal"), !closed);
        for name in files.keys().filter(|name| *name != "queue.db-reserve") {
            let bytes = &files[name];
            let (headers, anywhere): (Vec<usize>, usize) = match name.as_str() {
                "queue.db" => ((0..bytes.len()).step_by(4_096).collect(), 120),
                "queue.db-wal" => ((32..bytes.len()).step_by(4_120).chain([0]).collect(), 120),
                _ => (Vec::new(), 10),
            };
            let mut found = Found::default();
            for (byte, bit) in places(bytes, &headers, anywhere, &mut rng) {
                // The file's own version, and SQLite's: a file of a newer program is told of and left alone.
                if name == "queue.db" && (44..48).chain(60..64).any(|mark| mark == byte) {
                    continue;
                }
                let place = format!("{name}, byte {byte}, bit {bit}, closed: {closed}");
                let (_folder, file) = lay_out(&files, name, byte, bit);
                silent_without_checks += usize::from(silently_wrong(&file, &contents));
                let (_folder, file) = lay_out(&files, name, byte, bit);
                start_on(&file, &sealer, &contents, &mut found, &place).await;
            }
            println!("seed {SEED}, {name}, closed: {closed}: {found:?}");
            assert_eq!(found.silent, 0, "{name}");
        }
    }
    println!("{silent_without_checks} would be silent without checks");
    assert!(silent_without_checks > 20, "the control: who only reads is told nothing");
    assert!(FILE.ends_with("queue.db"));
}
