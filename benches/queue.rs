//! What the outbox costs, against a raw append and fdatasync on the same disk in the same run: `cargo bench --bench queue`.
//!
//! Prints a table and one line of JSON. The cases take turns round by round, and the middle of all counts.
#![allow(clippy::disallowed_methods, reason = "a bench measures time")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a bench ends where it cannot measure")]

use ed25519_dalek::SigningKey;
use passport_kiosk::envelope::{Ids, OfficeSecret, Part, SlipSecret, Suite};
use passport_kiosk::queue::store::{Sealer, Store, Submission};
use powercut::Disk;
use rusqlite::Connection;
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

const ROUNDS: usize = 5;
const OPS: usize = 100;
const NOW_MS: i64 = 1_795_000_000_000;
const FORM_BYTES: usize = 2 * 1024;
const PHOTO_BYTES: usize = 150 * 1024;
const FEW: i64 = 1_000;
const MANY: i64 = 1_000_000;

struct Hands {
    sealer: Sealer,
    rng: fastrand::Rng,
}

impl Hands {
    fn new() -> Self {
        let sealer = Sealer {
            kiosk_id: "bench-01".to_owned(),
            device: Arc::new(SigningKey::from_bytes(&[7; 32])),
            office: Some(OfficeSecret::from_seed(&[9; 32]).key(Suite::X25519)),
            consent_version: "2026-01".to_owned(),
        };
        Self { sealer, rng: fastrand::Rng::with_seed(1) }
    }

    fn dossier(&mut self, sizes: &[usize]) -> Submission {
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let parts = sizes.iter().map(|size| Part {
            media_type: "application/octet-stream".to_owned(),
            bytes: Zeroizing::new((0..*size).map(|_| self.rng.u8(..)).collect()),
        });
        Submission {
            ids: Ids::random(NOW_MS, &mut rng),
            supersedes: None,
            slip: SlipSecret::random(&mut rng),
            form_edition: "tk01@tt69-2026".to_owned(),
            parts: parts.collect(),
        }
    }

    fn put(&self, store: &mut Store, submission: &Submission) {
        store.put(submission, &self.sealer, NOW_MS, &mut rand_core::UnwrapErr(getrandom::SysRng)).unwrap();
    }
}

fn main() {
    let folder = tempfile::tempdir_in(".").unwrap();
    let mut hands = Hands::new();
    let mut report = serde_json::Map::new();
    commits(folder.path(), &mut hands, &mut report);
    syncs(&mut hands, &mut report);
    claims(folder.path(), &mut report);
    println!("{}", serde_json::Value::Object(report));
}

/// Enqueue against the cheapest durable write there is.
fn commits(folder: &Path, hands: &mut Hands, report: &mut serde_json::Map<String, serde_json::Value>) {
    let mut raw = OpenOptions::new().append(true).create(true).open(folder.join("raw")).unwrap();
    let mut small = Store::open(&folder.join("small.db"), [1; 16], None).unwrap();
    let mut large = Store::open(&folder.join("large.db"), [2; 16], None).unwrap();
    let [mut raws, mut smalls, mut larges] = [const { Vec::<Duration>::new() }; 3];
    for _ in 0..ROUNDS {
        raws.extend((0..OPS).map(|_| append(&mut raw, 4 * 1024)));
        smalls.extend((0..OPS).map(|_| {
            let submission = hands.dossier(&[FORM_BYTES]);
            timed(|| hands.put(&mut small, &submission))
        }));
        larges.extend((0..OPS).map(|_| {
            let submission = hands.dossier(&[FORM_BYTES, PHOTO_BYTES]);
            timed(|| hands.put(&mut large, &submission))
        }));
    }
    let base = median(raws);
    println!("{:<44}{:>10.0} us", "raw append of 4 KB and fdatasync", base);
    for (name, times, goal) in
        [("enqueue of 2 KB", smalls, 2.0), ("enqueue of 2 KB and a photo of 150 KB", larges, 3.0)]
    {
        let us = median(times);
        println!("{name:<44}{us:>10.0} us{:>8.2} × raw, goal {goal}", us / base);
        report.insert(name.replace(' ', "_"), json!({ "us": us, "raw_us": base, "ratio": us / base, "goal": goal }));
    }
}

/// Counted, not timed: how often the disk is waited for.
fn syncs(hands: &mut Hands, report: &mut serde_json::Map<String, serde_json::Value>) {
    let disk = Disk::new();
    let mut store = Store::open(Path::new("/queue.db"), [3; 16], Some(&disk.register())).unwrap();
    let (before, written) = (disk.syncs(), disk.bytes_written());
    for _ in 0..OPS {
        let submission = hands.dossier(&[FORM_BYTES]);
        hands.put(&mut store, &submission);
    }
    let syncs = (disk.syncs() - before) as f64 / OPS as f64;
    let bytes = (disk.bytes_written() - written) as f64 / OPS as f64;
    println!("{:<44}{syncs:>10.2}    {bytes:.0} bytes written, goal 1.0 syncs", "syncs per commit");
    report.insert("syncs_per_commit".to_owned(), json!({ "syncs": syncs, "bytes": bytes, "goal": 1.0 }));
}

/// The next one to send, out of a thousand and out of a million.
fn claims(folder: &Path, report: &mut serde_json::Map<String, serde_json::Value>) {
    let [(mut few, _), (mut many, opening)] = [("few.db", FEW), ("many.db", MANY)].map(|(name, rows)| {
        let file = folder.join(name);
        drop(Store::open(&file, [4; 16], None).unwrap());
        fill(&file, rows);
        let begun = Instant::now();
        let store = Store::open(&file, [4; 16], None).unwrap();
        (store, begun.elapsed().as_secs_f64())
    });
    println!("{:<44}{opening:>10.2} s   with its integrity check", "opening at 1,000,000 rows");
    report.insert("opening".to_owned(), json!({ "rows": MANY, "s": opening }));
    let [mut few_looks, mut many_looks, mut few_claims, mut many_claims] = [const { Vec::new() }; 4];
    for _ in 0..OPS {
        few_looks.push(timed(|| drop(few.due(1).unwrap())));
        many_looks.push(timed(|| drop(many.due(1).unwrap())));
        few_claims.push(claim(&mut few));
        many_claims.push(claim(&mut many));
    }
    for (name, few, many) in [("due-next", few_looks, many_looks), ("claim-next", few_claims, many_claims)] {
        let (few, many) = (median(few), median(many));
        println!("{:<44}{few:>10.1} us", format!("{name} at 1,000 rows"));
        println!("{:<44}{many:>10.1} us{:>8.2} × that, goal 1.5", format!("{name} at 1,000,000 rows"), many / few);
        let line = json!({ "us": many, "few_us": few, "ratio": many / few, "goal": 1.5 });
        report.insert(name.replace('-', "_"), line);
    }
}

/// Takes the next one, and gives it back, so that the next round finds the same.
fn claim(store: &mut Store) -> Duration {
    let mut claimed = Vec::new();
    let took = timed(|| claimed = store.claim(1).unwrap());
    let ids: Vec<_> = claimed.into_iter().map(|due| due.ids.submission).collect();
    assert_eq!(ids.len(), 1);
    took + timed(|| store.release(&ids).unwrap())
}

/// Rows as a long life leaves them: nearly all delivered, the rest waiting.
fn fill(file: &Path, rows: i64) {
    let db = Connection::open(file).unwrap();
    db.execute_batch("PRAGMA synchronous=OFF; PRAGMA trusted_schema=ON").unwrap();
    let columns =
        "(id, dossier_id, db_epoch, kiosk_seq, state, created_ms, form_edition, manifest, signature, receipt)";
    db.execute(
        &format!(
            "INSERT INTO submission {columns}
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
             SELECT randomblob(16), randomblob(16), zeroblob(16), i, iif(i % 500 = 0, 0, 2), {NOW_MS}, 'tk01@tt69-2026', randomblob(200),
                    randomblob(64), iif(i % 500 = 0, NULL, '{{}}') FROM n"
        ),
        [rows],
    )
    .unwrap();
    // The rows are of an earlier epoch; only the number of the row itself goes on.
    db.execute("UPDATE meta SET value = ?1 WHERE key = 'next_seq'", [rows + 1]).unwrap();
}

fn append(file: &mut File, bytes: usize) -> Duration {
    let bytes = vec![0x5a; bytes];
    timed(|| file.write_all(&bytes).and_then(|()| file.sync_data()).unwrap())
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

/// Microseconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e6
}
