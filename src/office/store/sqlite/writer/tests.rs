#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::{MAX_GROUP, Writer};
use crate::office::store::StoreError;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinSet;

type Work = fn(&Connection) -> Result<(), StoreError>;

/// As the store's own settings, as far as groups are concerned.
fn connection(file: &Path) -> Connection {
    let db = Connection::open(file).unwrap();
    db.pragma_update(None, "journal_mode", "WAL").unwrap();
    db.pragma_update(None, "synchronous", "FULL").unwrap();
    db.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
    db
}

/// A database with one counter, its writer, and somebody else who uses it.
fn start(folder: &Path) -> (Arc<Writer>, Connection) {
    let (ours, other) = (connection(&folder.join("db")), connection(&folder.join("db")));
    other.execute_batch("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (0); CREATE TABLE b (x BLOB)").unwrap();
    (Arc::new(Writer::start(ours).unwrap()), other)
}

fn count(db: &Connection) -> i64 {
    db.query_row("SELECT n FROM t", [], |row| row.get(0)).unwrap()
}

/// Pages written to the log since this was asked last, which empties it. Every commit writes the counter's page anew,
/// however often it was changed in it.
fn pages_written(db: &Connection) -> i64 {
    db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1)).unwrap()
}

fn add_one(db: &Connection) -> Result<(), StoreError> {
    db.execute("UPDATE t SET n = n + 1", [])?;
    Ok(())
}

/// Asks everything while the other one holds the database, so that all of it waits together.
async fn ask_together(writer: &Arc<Writer>, other: &Connection, kinds: Vec<Work>) -> Vec<Result<(), StoreError>> {
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut asked = JoinSet::new();
    for (n, work) in kinds.into_iter().enumerate() {
        let writer = Arc::clone(writer);
        asked.spawn(async move { (n, writer.write(work).await) });
    }
    // One thread, which turns to other things after some sixty tasks: each of them has run up to its waiting then.
    for _ in 0..4 {
        tokio::task::yield_now().await;
    }
    other.execute_batch("COMMIT").unwrap();
    let mut answers = asked.join_all().await;
    answers.sort_by_key(|(n, _)| *n);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

#[tokio::test]
async fn what_waits_together_is_committed_together() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, other) = start(folder.path());
    pages_written(&other);
    let answers = ask_together(&writer, &other, vec![add_one; MAX_GROUP]).await;
    assert!(answers.iter().all(Result::is_ok));
    let together = pages_written(&other);
    // The first may be alone, because the thread took it before the others came.
    assert!((1..=2).contains(&together), "{together} commits");

    for _ in 0..MAX_GROUP {
        writer.write(add_one).await.unwrap();
    }
    assert_eq!(pages_written(&other), 64, "one by one they are commits of their own");
    assert_eq!(count(&other), 128);
}

#[tokio::test]
async fn one_that_is_refused_undoes_nobody_elses_work() {
    fn refused(db: &Connection) -> Result<(), StoreError> {
        add_one(db)?;
        Err(StoreError::Conflict)
    }
    let folder = tempfile::tempdir().unwrap();
    let (writer, other) = start(folder.path());
    let kinds: Vec<Work> = (0..MAX_GROUP).map(|n| if n % 3 == 0 { refused } else { add_one } as _).collect();
    let answers = ask_together(&writer, &other, kinds).await;
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!(answer.is_err(), n % 3 == 0);
    }
    assert_eq!(count(&other), 42);
}

#[tokio::test]
async fn a_full_disk_is_told_only_to_those_for_whom_it_is_full() {
    fn too_much(db: &Connection) -> Result<(), StoreError> {
        add_one(db)?;
        db.execute("INSERT INTO b VALUES (zeroblob(1000000))", [])?;
        Ok(())
    }
    let folder = tempfile::tempdir().unwrap();
    let (writer, other) = start(folder.path());
    writer.write(|db| Ok(db.pragma_update(None, "max_page_count", 20)?)).await.unwrap();
    let kinds: Vec<Work> = (0..10).map(|n| if n == 5 { too_much } else { add_one } as _).collect();
    let answers = ask_together(&writer, &other, kinds).await;
    for (n, answer) in answers.iter().enumerate() {
        assert!(if n == 5 { matches!(answer, Err(StoreError::Full)) } else { answer.is_ok() }, "{n}: {answer:?}");
    }
    assert_eq!(count(&other), 9);
    writer.write(|db| Ok(db.pragma_update(None, "max_page_count", 10_000)?)).await.unwrap();
    writer.write(too_much).await.unwrap();
    assert_eq!(count(&other), 10);
}

#[tokio::test]
async fn what_was_asked_before_the_end_is_still_done() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, other) = start(folder.path());
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let asked = tokio::spawn({
        let writer = Arc::clone(&writer);
        async move { writer.write(add_one).await }
    });
    tokio::task::yield_now().await;
    drop(writer);
    other.execute_batch("COMMIT").unwrap();
    asked.await.unwrap().unwrap();
    assert_eq!(count(&other), 1);
}
