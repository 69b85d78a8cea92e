//! Backups and what is made from them, old databases, and servers that are refused.

use super::goods::{KIOSK, NOW_MS, delivery, enrol_both, enrolment, part};
use super::postgres::shared;
use fastrand::Rng;
use passport_kiosk::office::store::postgres::PostgresStore;
use passport_kiosk::office::store::sqlite::{FILE, SqliteStore};
use passport_kiosk::office::store::{IntakeStore, Kept, StoreError};
use rusqlite::Connection;
use std::path::Path;

const V1: &str = include_str!("../../data/databases/office-v1.sql");

/// Accepts submissions of the kiosk's numbers.
async fn fill(store: &dyn IntakeStore, rng: &mut Rng, numbers: std::ops::RangeInclusive<u64>) {
    for seq in numbers {
        let (parts, new) = delivery(rng, KIOSK, seq, &[9_000, 100]);
        for part in parts {
            store.put_part(part, NOW_MS).await.unwrap();
        }
        assert_eq!(store.accept(new, NOW_MS).await.unwrap().stored.receipt_no, seq);
    }
}

#[tokio::test]
async fn a_backup_of_the_embedded_store_moves_the_watermark_and_becomes_an_office_of_another_epoch() {
    let (folder, mut rng) = (tempfile::tempdir().unwrap(), Rng::with_seed(1));
    let [data, copy, next] = ["data", "copy.db", "next"].map(|name| folder.path().join(name));
    let store = SqliteStore::open(&data).unwrap();
    enrol_both(&store).await;
    fill(&store, &mut rng, 1..=3).await;
    // The backup is another process's: only the file is common.
    let copied = SqliteStore::open(&data).unwrap().backup(&copy).await.unwrap();
    assert_eq!(copied.last_receipt_no, 3);
    fill(&store, &mut rng, 4..=5).await;
    assert_eq!(store.standing().await.unwrap().durable_through, 3);
    assert!(matches!(store.backup(&copy).await, Err(StoreError::Exists)));
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "the data and the copy: {names:?}");

    std::fs::create_dir(&next).unwrap();
    assert!(matches!(SqliteStore::restore(&copy, &data, [9; 16], NOW_MS), Err(StoreError::Exists)));
    let begun = SqliteStore::restore(&copy, &next, [9; 16], NOW_MS).unwrap();
    assert_eq!((begun.office_epoch, begun.last_receipt_no), ([9; 16], 3));
    let restored = SqliteStore::open(&next).unwrap();
    assert_eq!(restored.standing().await.unwrap(), begun);
    fill(&restored, &mut rng, 4..=4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_in_the_middle_of_a_load_is_whole() {
    let (folder, mut rng) = (tempfile::tempdir().unwrap(), Rng::with_seed(7));
    let store = SqliteStore::open(&folder.path().join("data")).unwrap();
    enrol_both(&store).await;
    let writing = tokio::spawn({
        let store = store.clone();
        async move { fill(&store, &mut rng, 1..=60).await }
    });
    for n in 0..5 {
        let [copy, next] = ["copy", "next"].map(|name| folder.path().join(format!("{name}{n}")));
        let copied = store.backup(&copy).await.unwrap();
        assert_eq!(store.standing().await.unwrap().durable_through, copied.last_receipt_no);
        std::fs::create_dir(&next).unwrap();
        assert_eq!(
            SqliteStore::restore(&copy, &next, [n; 16], NOW_MS).unwrap().last_receipt_no,
            copied.last_receipt_no
        );
        let restored = SqliteStore::open_to_read(&next).unwrap();
        for receipt_no in 0..copied.last_receipt_no {
            assert_eq!(restored.next_after(receipt_no).await.unwrap().unwrap().parts.len(), 2);
        }
    }
    writing.await.unwrap();
}

#[tokio::test]
async fn a_damaged_copy_is_neither_backup_nor_office() {
    let (folder, mut rng) = (tempfile::tempdir().unwrap(), Rng::with_seed(2));
    let [data, copy, next] = ["data", "copy.db", "next"].map(|name| folder.path().join(name));
    let store = SqliteStore::open(&data).unwrap();
    enrol_both(&store).await;
    fill(&store, &mut rng, 1..=3).await;
    store.copy(&copy).await.unwrap();
    std::fs::create_dir(&next).unwrap();
    // A row that is gone is found by its number, although the file itself is sound.
    let db = Connection::open(&copy).unwrap();
    db.execute("DELETE FROM submission WHERE receipt_no = 3", []).unwrap();
    drop(db);
    assert!(matches!(SqliteStore::restore(&copy, &next, [9; 16], NOW_MS), Err(StoreError::Damaged)));
    assert!(!next.join(FILE).exists());
    assert!(matches!(SqliteStore::open_to_read(&next), Err(StoreError::Absent)));
}

#[tokio::test]
async fn who_opens_the_embedded_store_to_read_cannot_write_and_needs_no_writer() {
    let (folder, mut rng) = (tempfile::tempdir().unwrap(), Rng::with_seed(3));
    let store = SqliteStore::open(folder.path()).unwrap();
    enrol_both(&store).await;
    fill(&store, &mut rng, 1..=1).await;
    for serving in [Some(store), None] {
        let reader = SqliteStore::open_to_read(folder.path()).unwrap();
        assert!(reader.next_after(0).await.unwrap().is_some());
        assert!(matches!(reader.revoke(KIOSK).await, Err(StoreError::ReadOnly)));
        drop(serving);
    }
}

/// Everything that a database says of its own shape; where a column was added later, only the line breaks differ.
fn shape(file: &Path) -> Vec<(String, String)> {
    let db = Connection::open(file).unwrap();
    let mut rows = db.prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name").unwrap();
    let squeezed = |text: String| text.split_whitespace().collect::<String>();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, squeezed(row.get(1)?)))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn an_office_of_version_1_is_brought_to_the_present_one_with_what_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
    std::fs::create_dir(&old).unwrap();
    drop(SqliteStore::open(&new).unwrap());
    let db = Connection::open(old.join(FILE)).unwrap();
    db.execute_batch(V1).unwrap();
    db.execute("INSERT INTO meta VALUES (1, ?1, 1)", [[8_u8; 16]]).unwrap();
    let key = enrolment(KIOSK, 1).key;
    db.execute("INSERT INTO kiosk VALUES (?1, ?2, 'Chu Lai', 5, 0)", rusqlite::params![KIOSK, key.as_bytes()]).unwrap();
    drop(db);
    // `intake open` from a newer version changes nothing of it.
    assert!(matches!(SqliteStore::open_to_read(&old), Err(StoreError::Absent)));

    let store = SqliteStore::open(&old).unwrap();
    assert_eq!(shape(&old.join(FILE)), shape(&new.join(FILE)));
    assert_eq!(store.standing().await.unwrap().office_epoch, [8; 16]);
    assert_eq!(store.enrol(enrolment(KIOSK, 1), NOW_MS).await.unwrap(), Kept::Again);
    fill(&store, &mut Rng::with_seed(4), 1..=2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_dump_moves_postgres_watermark_if_nothing_in_it_is_missing() {
    let Some(cluster) = shared().await else { return };
    let mut rng = Rng::with_seed(5);
    cluster.execute("postgres", "CREATE DATABASE live").await;
    cluster.execute("postgres", "CREATE DATABASE copy").await;
    let store = PostgresStore::open(&cluster.url("live")).await.unwrap();
    enrol_both(&store).await;
    fill(&store, &mut rng, 1..=3).await;
    tokio::task::block_in_place(|| cluster.run("pg_dump", ["-Fc", "-f", "dump", "live"]));
    fill(&store, &mut rng, 4..=5).await;
    assert!(matches!(store.confirm_backup(&cluster.url("copy")).await, Err(StoreError::Broken(_))));
    tokio::task::block_in_place(|| cluster.run("pg_restore", ["-d", "copy", "dump"]));
    assert_eq!(store.confirm_backup(&cluster.url("copy")).await.unwrap().last_receipt_no, 3);
    assert_eq!(store.standing().await.unwrap().durable_through, 3);

    cluster.execute("copy", "UPDATE part SET bytes = 'x' WHERE n = 1").await;
    assert!(matches!(store.confirm_backup(&cluster.url("copy")).await, Err(StoreError::Damaged)));
    let restored = PostgresStore::open(&cluster.url("copy")).await.unwrap();
    restored.begin_epoch([9; 16], NOW_MS).await.unwrap();
    assert!(matches!(
        store.confirm_backup(&cluster.url("copy")).await,
        Err(StoreError::Conflict | StoreError::Damaged)
    ));
    fill(&restored, &mut rng, 4..=4).await;
}

#[tokio::test]
async fn a_server_that_may_forget_or_is_far_away_is_refused() {
    for (url, far) in [
        ("postgres://office@db.example.vn/office", true),
        ("postgres://office@10.0.0.7/office", true),
        ("host=localhost hostaddr=10.0.0.7 user=office", true),
        ("host=localhost,db.example.vn user=office", true),
        ("user=office", false),
        ("mysql://office", false),
    ] {
        match PostgresStore::open(url).await {
            Err(StoreError::RemoteDatabase) => assert!(far, "{url}"),
            Err(StoreError::DatabaseUrl) => assert!(!far, "{url}"),
            other => panic!("{url}: {other:?}"),
        }
    }
    assert!(matches!(PostgresStore::open("postgres://o@127.0.0.1:9/o").await, Err(StoreError::Unavailable)));
    let Some(cluster) = shared().await else { return };
    cluster.execute("postgres", "CREATE DATABASE forgetful").await;
    let forgetful = format!("{} options='-c synchronous_commit=off'", cluster.url("forgetful"));
    assert!(matches!(PostgresStore::open(&forgetful).await, Err(StoreError::Setting(_))));
}

#[tokio::test]
async fn a_server_on_another_machine_is_reached_by_tls_with_its_authoritys_certificate_and_no_other() {
    let Some(cluster) = shared().await else { return };
    cluster.execute("postgres", "CREATE DATABASE far").await;
    let (url, authority) = (cluster.far_url("far"), cluster.authority.as_bytes());
    let store = PostgresStore::open_far(&url, authority).await.unwrap();
    enrol_both(&store).await;
    fill(&store, &mut Rng::with_seed(6), 1..=2).await;

    assert!(matches!(PostgresStore::open(&url).await, Err(StoreError::Broken(_))), "without TLS the server refuses");
    let by_number = url.replace("localhost", "127.0.0.1");
    assert!(matches!(PostgresStore::open_far(&by_number, authority).await, Err(StoreError::Broken(_))), "another name");
    let key = rcgen::KeyPair::generate().unwrap();
    let other = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&key).unwrap().pem();
    assert!(matches!(PostgresStore::open_far(&url, other.as_bytes()).await, Err(StoreError::Broken(_))));
    assert!(matches!(PostgresStore::open_far(&url, b"no PEM").await, Err(StoreError::DatabaseAuthority)));
}

#[tokio::test]
async fn four_processes_that_start_at_once_make_one_office() {
    let Some(cluster) = shared().await else { return };
    let url = cluster.new_database().await;
    let mut opening = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let url = url.clone();
        opening.spawn(async move {
            let store = PostgresStore::open(&url).await.unwrap();
            store.standing().await.unwrap().office_epoch
        });
    }
    let epochs = opening.join_all().await;
    assert!(epochs.iter().all(|epoch| *epoch == epochs[0]));
}

#[tokio::test]
async fn a_part_keeps_its_bytes_on_postgres_as_they_are() {
    let Some(cluster) = shared().await else { return };
    let url = cluster.new_database().await;
    let store = PostgresStore::open(&url).await.unwrap();
    enrol_both(&store).await;
    let large = part(uuid::Uuid::now_v7(), 0, KIOSK, vec![0; 2 * 1024 * 1024]);
    assert_eq!(store.put_part(large.clone(), NOW_MS).await.unwrap(), Kept::New);
    assert_eq!(store.put_part(large, NOW_MS).await.unwrap(), Kept::Again);
}
