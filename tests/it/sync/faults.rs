//! Everything at once: a network in which about every other request fails, and a few dossiers that the office will never
//! take. Each of the others is acknowledged once and is at the office once.

use super::naive::{believes_any_success, draws_a_new_id_for_each_attempt};
use super::proxy::{Counts, Proxy};
use super::{PATIENCE, World};
use fastrand::Rng;
use passport_kiosk::envelope::Ids;
use passport_kiosk::gateway::wire::{Receipt, Signed};
use passport_kiosk::office::Settings;
use passport_kiosk::office::limits::{Rate, Rates};
use passport_kiosk::office::store::Row;
use passport_kiosk::office::store::sqlite::Archive;
use passport_kiosk::sync::News;
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

const SEEDS: [u64; 5] = [20_261_125, 2, 3, 5, 8];
const DOSSIERS: u32 = 400;
/// Two in a hundred.
const POISON: u32 = 8;
/// Far longer than it takes, also beside the other tests.
const LIFE: Duration = Duration::from_mins(2);
const LONGEST_PAUSE_MS: u64 = 8;

/// How often somebody asks is not what these tests are about.
fn patient_office() -> Settings {
    let unlimited = Rate { burst: u32::MAX, every_ms: 0 };
    let rates = Rates { device: unlimited, enrol_source: unlimited, enrol_all: unlimited, slip_source: unlimited };
    Settings { rates, ..Settings::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn through_a_network_that_fails_at_every_other_request_each_dossier_arrives_once() {
    let began = Instant::now();
    // They wait for the network most of the time, so they live side by side.
    let mut lives = JoinSet::new();
    for seed in SEEDS {
        lives.spawn(life(seed));
    }
    let (mut requests, mut faults) = (0, 0);
    while let Some(counts) = lives.join_next().await {
        let counts = counts.unwrap();
        requests += counts.requests;
        faults += counts.faults;
    }
    println!("{} seeds × {DOSSIERS}: {faults} faults in {requests} requests, {:?}", SEEDS.len(), began.elapsed());
    assert!(faults * 5 >= requests * 2, "a network that is too good to show anything");
}

async fn life(seed: u64) -> Counts {
    let world = World::of(patient_office()).await;
    let all = world.save(0..DOSSIERS).await;
    let mut rng = Rng::with_seed(seed);
    let poison: BTreeSet<Uuid> =
        rng.choose_multiple(all.iter(), POISON as usize).into_iter().map(|ids| ids.submission).collect();
    let due = world.queue.due(DOSSIERS).await.unwrap();
    let mut digests: BTreeMap<Uuid, [u8; 32]> =
        due.iter().map(|due| (due.ids.submission, Sha256::digest(&due.manifest).into())).collect();
    assert_eq!(digests.len(), DOSSIERS as usize);
    digests.retain(|id, _| !poison.contains(id));

    let proxy = Proxy::stand(world.office, seed, poison.clone()).await;
    let began = Instant::now();
    let sync = world.sync_by(world.gateway(proxy.address), LONGEST_PAUSE_MS);
    world.until_within(LIFE, (0, DOSSIERS - POISON, POISON)).await;
    let took = began.elapsed();
    let news = sync.stop().await;
    let counts = proxy.settle().await;
    println!("seed {seed}: {took:?}, {}", counts.told());

    let rows = at_the_office(&world);
    assert_eq!(rows.len(), digests.len(), "each once; seed {seed}");
    let there: BTreeMap<_, _> = rows.iter().map(|row| (row.stored.submission_id, row.stored.manifest_sha256)).collect();
    assert_eq!(there, digests, "the same ids with the same content; seed {seed}");
    for row in &rows {
        assert_eq!(<[u8; 32]>::from(Sha256::digest(&row.manifest)), row.stored.manifest_sha256, "seed {seed}");
    }
    let opened: BTreeSet<_> = world.at_the_office().into_iter().collect();
    assert_eq!(opened.len(), digests.len(), "and each opens; seed {seed}");

    let standing = world.queue.standing().await.unwrap();
    let waiting: BTreeSet<_> = standing.waiting.iter().map(|one| one.submission).collect();
    assert_eq!(waiting, poison, "seed {seed}");
    assert!(standing.waiting.iter().all(|one| one.why == "refused"), "no conflict, nothing torn; seed {seed}");

    let mut told = BTreeMap::<String, u32>::new();
    for one in news {
        if let News::Delivered(reference) = one {
            *told.entry(reference).or_default() += 1;
        }
    }
    let good = all.iter().filter(|ids| !poison.contains(&ids.submission));
    let once: BTreeMap<_, _> = good.map(|ids| (Ids::reference(ids), 1)).collect();
    assert_eq!(told, once, "each acknowledged once; seed {seed}");
    assert_eq!(receipts(world), there, "each receipt is for what the office has; seed {seed}");
    assert!(counts.replays > 0 && counts.late > 0, "seed {seed}");
    counts
}

fn at_the_office(world: &World) -> Vec<Row> {
    let archive = Archive::open(&world.folder.path().join("office")).unwrap();
    let mut rows: Vec<Row> = Vec::new();
    while let Some(row) = archive.next_after(rows.last().map_or(0, |row| row.stored.receipt_no)).unwrap() {
        rows.push(row);
    }
    rows
}

/// What the queue says it has receipts for: they verify, and stand beside the row that they are for.
fn receipts(world: World) -> BTreeMap<Uuid, [u8; 32]> {
    // Its thread has the file for itself.
    drop(world.queue);
    world.thread.join();
    let queue = Connection::open(world.folder.path().join("queue.db")).unwrap();
    let mut query = queue.prepare("SELECT id, receipt FROM submission WHERE state = 2").unwrap();
    let rows = query.query_map([], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, String>(1)?))).unwrap();
    rows.map(|row| {
        let (id, signed) = row.unwrap();
        let signed: Signed = serde_json::from_str(&signed).unwrap();
        let receipt = signed.verify::<Receipt>(&world.receipt.verifying_key()).unwrap();
        assert_eq!(receipt.submission_id, Uuid::from_bytes(id));
        (receipt.submission_id, receipt.manifest_sha256)
    })
    .collect()
}

/// The negative control of what is called delivered.
#[tokio::test(flavor = "multi_thread")]
async fn in_that_network_a_client_that_believes_any_success_loses_dossiers() {
    let world = World::of(patient_office()).await;
    world.save(0..100).await;
    let proxy = Proxy::stand(world.office, SEEDS[0], BTreeSet::new()).await;
    let believed = believes_any_success(&world, proxy.address).await;
    proxy.settle().await;
    let there: BTreeSet<_> = at_the_office(&world).iter().map(|row| row.stored.submission_id).collect();
    let lost = believed.difference(&there).count();
    println!("a client that believes any success: {} called delivered, {lost} of them never arrived", believed.len());
    assert!(lost > 0);
}

/// The negative control of what is there once.
#[tokio::test(flavor = "multi_thread")]
async fn in_that_network_a_client_that_draws_a_new_id_for_each_attempt_doubles_dossiers() {
    let world = World::of(patient_office()).await;
    let proxy = Proxy::stand(world.office, SEEDS[0], BTreeSet::new()).await;
    let doubles = draws_a_new_id_for_each_attempt(&world, proxy.address, 40).await;
    println!("a client that draws a new id for each attempt: {doubles} doubles of 40 dossiers");
    assert!(doubles > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_submission_offered_by_eight_lines_at_once_is_one_row_and_one_receipt() {
    const LINES: usize = 8;
    const EACH: u32 = 25;
    let world = World::of(patient_office()).await;
    world.save(0..EACH).await;
    for due in world.queue.due(EACH).await.unwrap() {
        let (id, due) = (due.ids.submission, Arc::new(due));
        let sealed = world.queue.part(id, 0).await.unwrap().unwrap();
        let together = Arc::new(Barrier::new(LINES));
        let mut lines = JoinSet::new();
        for _ in 0..LINES {
            let (gateway, due, sealed) = (world.gateway(world.office), Arc::clone(&due), sealed.clone());
            let together = Arc::clone(&together);
            lines.spawn(async move {
                together.wait().await;
                let _ = gateway.send_part(due.ids.submission, 0, sealed).await;
                together.wait().await;
                gateway.offer(&due).await.receipt.expect("a receipt").1
            });
        }
        let all = tokio::time::timeout(PATIENCE, lines.join_all()).await.unwrap();
        assert_eq!(all.len(), LINES);
        assert!(all.iter().all(|receipt| *receipt == all[0]), "equal receipts");
    }
    let rows = at_the_office(&world);
    let numbers: Vec<_> = rows.iter().map(|row| row.stored.receipt_no).collect();
    assert_eq!(numbers, (1..=u64::from(EACH)).collect::<Vec<_>>(), "one row and one number each");
}
