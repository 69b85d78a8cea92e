//! PostgreSQL is killed and started again in the middle of a load: what was confirmed is there, once.

use super::goods::{KIOSK, NOW_MS, delivery, enrol_both, part};
use super::postgres::mortal;
use fastrand::Rng;
use passport_kiosk::office::store::postgres::PostgresStore;
use passport_kiosk::office::store::{IntakeStore, Kept, NewPart, NewSubmission, StoreError, Stored};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_postgres::NoTls;
use uuid::Uuid;

const SENDERS: u64 = 8;
const EACH: u64 = 30;
const RESTARTS: usize = 2;
const PATIENCE: Duration = Duration::from_mins(1);

/// Asks until there is an answer. Between two tries the server must have come up once more, or the try after it.
async fn insist<T, F: Future<Output = Result<T, StoreError>>>(
    up: &mut watch::Receiver<usize>,
    failed: &AtomicUsize,
    ask: impl Fn() -> F,
) -> T {
    loop {
        let seen = *up.borrow_and_update();
        match ask().await {
            Ok(done) => return done,
            Err(StoreError::Unavailable) => {
                failed.fetch_add(1, Ordering::SeqCst);
                if seen == *up.borrow() && seen % 2 == 1 {
                    up.changed().await.unwrap();
                }
                tokio::task::yield_now().await;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// Which of the confirmed parts and receipts are not there.
async fn lost(store: &dyn IntakeStore, parts: &[NewPart], receipts: &[Stored]) -> usize {
    let mut lost = 0;
    for part in parts {
        let here = store.parts_present(part.submission, &part.kiosk_id).await.unwrap();
        lost += usize::from(!here.contains(&part.n));
    }
    for receipt in receipts {
        lost += usize::from(store.submission(receipt.submission_id).await.unwrap().as_ref() != Some(receipt));
    }
    lost
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_postgres_confirmed_survives_being_killed_and_nothing_is_there_twice() {
    let Some(cluster) = mortal().await else { return };
    let mut rng = Rng::with_seed(11);
    let url = cluster.new_database().await;
    let stores = [PostgresStore::open(&url).await.unwrap(), PostgresStore::open(&url).await.unwrap()];
    enrol_both(&stores[0]).await;
    // Odd while the server is down.
    let (tell, up) = watch::channel(0_usize);
    let (done, failed) = (watch::Sender::new(0_usize), Arc::new(AtomicUsize::new(0)));
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        let goods: Vec<_> =
            (0..EACH).map(|n| delivery(&mut rng, KIOSK, sender * EACH + n + 1, &[20_000, 2_000])).collect();
        let (store, mut up) = (stores[sender as usize % 2].clone(), up.clone());
        let (done, failed) = (done.clone(), Arc::clone(&failed));
        senders.spawn(async move {
            let mut receipts = Vec::new();
            for (parts, new) in goods {
                for part in &parts {
                    insist(&mut up, &failed, || store.put_part(part.clone(), NOW_MS)).await;
                }
                let accepted = insist(&mut up, &failed, || store.accept(new.clone(), NOW_MS)).await;
                receipts.push(accepted.stored);
                done.send_modify(|n| *n += 1);
            }
            receipts
        });
    }
    let total = (SENDERS * EACH) as usize;
    for restart in 1..=RESTARTS {
        let enough = total * restart / (RESTARTS + 1);
        done.subscribe().wait_for(|n| *n >= enough).await.unwrap();
        tell.send_modify(|n| *n += 1);
        tokio::task::block_in_place(|| cluster.restart_at_once());
        tell.send_modify(|n| *n += 1);
    }
    let receipts = tokio::time::timeout(PATIENCE, senders.join_all()).await.expect("it went on").concat();
    assert_eq!(lost(&stores[1], &[], &receipts).await, 0);
    let numbers: BTreeSet<_> = receipts.iter().map(|receipt| receipt.receipt_no).collect();
    assert!(numbers.into_iter().eq(1..=total as u64), "each number once and none left out");
    assert_eq!(stores[0].standing().await.unwrap().last_receipt_no, total as u64);
    assert_eq!(stores[0].stats().await.unwrap().loose_parts, 0);
    let failed = failed.load(Ordering::SeqCst);
    assert!(failed > 0, "nobody noticed the restarts");
    println!("{total} submissions, {RESTARTS} restarts, {failed} requests failed and were made again, 0 lost, 0 twice");
}

/// A store that answers before its commit returned: what it confirmed is gone when the server is killed right then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_answers_before_the_commit_is_caught() {
    let Some(cluster) = mortal().await else { return };
    let url = cluster.new_database().await;
    let store = PostgresStore::open(&url).await.unwrap();
    enrol_both(&store).await;
    let honest = part(Uuid::now_v7(), 0, KIOSK, vec![1]);
    let hasty = part(Uuid::now_v7(), 0, KIOSK, vec![2]);
    assert_eq!(store.put_part(honest.clone(), NOW_MS).await.unwrap(), Kept::New);

    let (mut client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let tx = client.transaction().await.unwrap();
    let sql = "INSERT INTO part (submission_id, n, kiosk_id, sha256, bytes) VALUES ($1, 0, $2, $3, $4)";
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&&hasty.submission.as_bytes()[..], &KIOSK, &&hasty.sha256[..], &hasty.bytes];
    assert_eq!(tx.execute(sql, &values).await.unwrap(), 1);
    let confirmed = [honest, hasty];

    tokio::task::block_in_place(|| cluster.stop_at_once());
    assert!(tx.commit().await.is_err());
    drop(connection.await);
    assert!(matches!(store.standing().await, Err(StoreError::Unavailable)));
    tokio::task::block_in_place(|| cluster.start_again());
    assert_eq!(lost(&store, &confirmed[..1], &[]).await, 0);
    assert_eq!(lost(&store, &confirmed, &[]).await, 1);
}

/// What cannot be known is not answered: the request that is under way when the server dies is unavailable, and made
/// again it is stored once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_waits_while_the_server_dies_is_unavailable_and_then_stored_once() {
    let Some(cluster) = mortal().await else { return };
    let mut rng = Rng::with_seed(12);
    let url = cluster.new_database().await;
    let store = Arc::new(PostgresStore::open(&url).await.unwrap());
    enrol_both(&*store).await;
    let (parts, new): (Vec<NewPart>, NewSubmission) = delivery(&mut rng, KIOSK, 1, &[10]);
    store.put_part(parts[0].clone(), NOW_MS).await.unwrap();
    // Somebody holds the numbers' row, so that the acceptance surely waits.
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute("BEGIN; SELECT 1 FROM meta FOR UPDATE").await.unwrap();
    let (waiting, again) = (Arc::clone(&store), new.clone());
    let waiting = tokio::spawn(async move { waiting.accept(new, NOW_MS).await });
    let (watching, task) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    let task = tokio::spawn(task);
    while watching.query_one("SELECT count(*) FROM pg_locks WHERE NOT granted", &[]).await.unwrap().get::<_, i64>(0)
        == 0
    {}
    tokio::task::block_in_place(|| cluster.restart_at_once());
    assert!(matches!(waiting.await.unwrap(), Err(StoreError::Unavailable)));
    drop((connection.await, task.await));
    let (_, up) = watch::channel(0);
    let first = insist(&mut up.clone(), &AtomicUsize::new(0), || store.accept(again.clone(), NOW_MS)).await;
    assert_eq!((first.kept, first.stored.receipt_no), (Kept::New, 1));
}
