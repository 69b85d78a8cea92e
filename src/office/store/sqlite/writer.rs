//! The one thread that writes. Whatever waits is committed together, and nothing is answered before the commit returned.

#[cfg(test)]
mod tests;

use crate::office::store::StoreError;
use rusqlite::Connection;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Requests that wait for the thread; the next ones wait for a place.
const MAX_WAITING: usize = 256;
/// Requests in one commit.
const MAX_GROUP: usize = 64;

/// Hands requests to the thread. When it is dropped, what waits is still done, and the file is closed afterwards.
#[derive(Debug)]
pub(super) struct Writer {
    requests: Option<mpsc::Sender<Box<dyn Request>>>,
    thread: Option<JoinHandle<()>>,
}

/// Something to write, and somebody who waits for it.
trait Request: Send {
    /// The sender is still there; what nobody waits for any more is not begun.
    fn is_awaited(&self) -> bool;
    /// Does the work inside a transaction. May be called again after that was rolled back.
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError>;
    /// Answers, after the commit or instead of it.
    fn settle(self: Box<Self>, outcome: Result<(), StoreError>);
}

struct Asked<T, F> {
    work: F,
    found: Option<T>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Request for Asked<T, F>
where
    T: Send,
    F: FnMut(&Connection) -> Result<T, StoreError> + Send,
{
    fn is_awaited(&self) -> bool {
        !self.answer.is_closed()
    }

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        self.found = Some((self.work)(connection)?);
        Ok(())
    }

    fn settle(self: Box<Self>, outcome: Result<(), StoreError>) {
        let found = self.found;
        // Whoever asked may have given up while this was written; asking again gets the same answer.
        let _ = self.answer.send(outcome.and_then(|()| found.ok_or(StoreError::Unavailable)));
    }
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (requests, waiting) = mpsc::channel(MAX_WAITING);
        let thread = std::thread::Builder::new().name("office-writer".to_owned());
        let thread = thread.spawn(move || write_all(&connection, waiting)).map_err(StoreError::Directory)?;
        Ok(Self { requests: Some(requests), thread: Some(thread) })
    }

    /// Does `work` inside a transaction and returns after its commit. An error undoes this work and no other. The work
    /// may be done twice, the first time rolled back.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let requests = self.requests.as_ref().ok_or(StoreError::Unavailable)?;
        let asked = Box::new(Asked { work, found: None, answer });
        requests.send(asked).await.map_err(|_| StoreError::Unavailable)?;
        answered.await.unwrap_or(Err(StoreError::Unavailable))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.requests.take());
        if let Some(thread) = self.thread.take() {
            // If it ended by a panic, everybody who waited was told so.
            let _ = thread.join();
        }
    }
}

fn write_all(connection: &Connection, mut waiting: mpsc::Receiver<Box<dyn Request>>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut group = vec![first];
        while group.len() < MAX_GROUP
            && let Ok(next) = waiting.try_recv()
        {
            group.push(next);
        }
        group.retain(|request| request.is_awaited());
        commit(connection, group);
    }
}

/// Commits the group at once. If that fails as a whole, each is tried alone, so that everybody gets his own answer.
fn commit(connection: &Connection, mut group: Vec<Box<dyn Request>>) {
    match together(connection, &mut group) {
        Ok(outcomes) => group.into_iter().zip(outcomes).for_each(|(request, outcome)| request.settle(outcome)),
        Err(error) => match group.pop() {
            Some(only) if group.is_empty() => only.settle(Err(error)),
            last => group.into_iter().chain(last).for_each(|request| commit(connection, vec![request])),
        },
    }
}

/// One answer for each, all of them committed; or nothing was.
fn together(
    connection: &Connection,
    group: &mut [Box<dyn Request>],
) -> Result<Vec<Result<(), StoreError>>, StoreError> {
    if !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let done = each(connection, group).and_then(|outcomes| {
        connection.execute_batch("COMMIT")?;
        Ok(outcomes)
    });
    if done.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    done
}

fn each(connection: &Connection, group: &mut [Box<dyn Request>]) -> Result<Vec<Result<(), StoreError>>, StoreError> {
    let mut outcomes = Vec::with_capacity(group.len());
    for request in group {
        connection.prepare_cached("SAVEPOINT request")?.execute([])?;
        let outcome = request.run(connection);
        // A full disk or a failing one ends the whole transaction, whatever was in it.
        if connection.is_autocommit() {
            return Err(outcome.err().unwrap_or(StoreError::Unavailable));
        }
        if outcome.is_err() {
            connection.prepare_cached("ROLLBACK TO request")?.execute([])?;
        }
        connection.prepare_cached("RELEASE request")?.execute([])?;
        outcomes.push(outcome);
    }
    Ok(outcomes)
}
