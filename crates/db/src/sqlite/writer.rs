//! The one thread that writes: many units of work per fsync.
//!
//! **Invariant:** a unit that fails leaves nothing behind, and takes nothing of the others with it. One that had not changed anything yet is left
//! out. After one that had, all are undone and run again, each in a savepoint of its own, which costs so much that nobody pays for it before. If the
//! batch itself fails (a deferred check at COMMIT, a statement that rolled everything back), each unit runs again alone.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    thread::JoinHandle,
};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{control, fault, open_writer};
use crate::{Error, Tx, unit::Link};

/// Units that may wait; whoever comes later waits to be let in.
const WAITING: usize = 4096;

pub(super) struct Writer {
    door: Mutex<Option<mpsc::Sender<Box<dyn Unit>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) async fn start(path: PathBuf, group: usize) -> Result<Self, Error> {
        let (door, inbox) = mpsc::channel(WAITING);
        let (opened, outcome) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("db-writer".to_owned())
            .spawn(move || match open_writer(&path) {
                Ok(connection) => {
                    let _ = opened.send(Ok(()));
                    serve(&connection, inbox, group.max(1));
                }
                Err(error) => {
                    let _ = opened.send(Err(fault(error).error));
                }
            })
            .map_err(|error| Error::Unavailable(error.to_string()))?;
        outcome.await.unwrap_or(Err(Error::Closed))?;

        Ok(Self {
            door: Mutex::new(Some(door)),
            thread: Mutex::new(Some(thread)),
        })
    }

    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let door = self
            .door
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .ok_or(Error::Closed)?;
        let (reply, answer) = oneshot::channel();
        let unit = Box::new(Task {
            work,
            outcome: None,
            reply,
        });
        if door.send(unit).await.is_err() {
            return Err(Error::Closed.into());
        }
        drop(door);

        answer.await.unwrap_or_else(|_| Err(Error::Closed.into()))
    }

    pub(super) fn is_closed(&self) -> bool {
        self.door.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Lets nobody in any more, and waits until those inside have been served.
    pub(super) async fn close(&self) {
        drop(self.door.lock().unwrap_or_else(PoisonError::into_inner).take());
        let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        #[expect(clippy::disallowed_methods, reason = "this crate is a home of blocking work")]
        let _ = tokio::task::spawn_blocking(move || thread.join()).await;
    }
}

/// A unit of work in the queue, its types forgotten.
trait Unit: Send {
    /// Is there still somebody to answer to?
    fn wanted(&self) -> bool;

    /// Runs, keeps the outcome, and says what is to become of its changes.
    fn run(&mut self, connection: &Connection) -> Changes;

    /// Answers with the outcome, or with the reason why it was not written.
    fn answer(self: Box<Self>, written: Result<(), Error>);
}

/// What a unit changed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Changes {
    /// What is to be written.
    Good,
    /// What has to be undone.
    Bad,
    /// Nothing, and it failed.
    None,
}

struct Task<T, E, F> {
    work: F,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Unit for Task<T, E, F>
where
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    fn run(&mut self, connection: &Connection) -> Changes {
        let before = connection.total_changes();
        let mut tx = Tx::new(Link::Sqlite(connection));
        match self.outcome.insert(tx.run(&self.work)) {
            Ok(_) => Changes::Good,
            Err(_) if connection.total_changes() == before && !tx.has_scripted() => Changes::None,
            Err(_) => Changes::Bad,
        }
    }

    fn answer(self: Box<Self>, written: Result<(), Error>) {
        let outcome = match (written, self.outcome) {
            // A refusal of the unit itself stands, whatever became of the others.
            (_, Some(Err(refused))) => Err(refused),
            (Ok(()), Some(Ok(value))) => Ok(value),
            (Ok(()), None) => Err(Error::Closed.into()),
            (Err(error), _) => Err(error.into()),
        };
        // Nobody listens any more: the unit is written all the same.
        let _ = self.reply.send(outcome);
    }
}

fn serve(connection: &Connection, mut inbox: mpsc::Receiver<Box<dyn Unit>>, group: usize) {
    while let Some(first) = inbox.blocking_recv() {
        let mut room = group - 1;
        commit(connection, vec![first], &mut || {
            room = room.checked_sub(1)?;
            // Those who have just been answered may be about to come back: they get one chance to come along.
            inbox.try_recv().ok().or_else(|| {
                std::thread::yield_now();
                inbox.try_recv().ok()
            })
        });
    }
}

/// Runs the units, and those that arrive in the meantime, and commits them together.
fn commit(connection: &Connection, mut batch: Vec<Box<dyn Unit>>, more: &mut dyn FnMut() -> Option<Box<dyn Unit>>) {
    let mut written = attempt(connection, |connection| run_bare(connection, &mut batch, more));
    if matches!(written, Err(Failed::Unit)) && batch.len() > 1 {
        written = attempt(connection, |connection| run_in_savepoints(connection, &mut batch));
    }

    let together = batch.len() > 1;
    for unit in batch {
        match &written {
            Ok(()) => unit.answer(Ok(())),
            Err(Failed::Batch(_)) if together => commit(connection, vec![unit], &mut || None),
            Err(Failed::Begin(error) | Failed::Batch(error)) => unit.answer(Err(error.clone())),
            // Alone, and its own refusal stands.
            Err(Failed::Unit) => unit.answer(Err(Error::Spoiled)),
        }
    }
}

/// All of it or nothing.
fn attempt(connection: &Connection, run: impl FnOnce(&Connection) -> Result<(), Failed>) -> Result<(), Failed> {
    let written = control(connection, "BEGIN IMMEDIATE")
        .map_err(Failed::Begin)
        .and_then(|()| run(connection))
        .and_then(|()| control(connection, "COMMIT").map_err(Failed::Batch));
    if written.is_err() && !connection.is_autocommit() {
        let _ = control(connection, "ROLLBACK");
    }
    written
}

/// Runs each unit, until one has changes that have to be undone.
fn run_bare(
    connection: &Connection,
    batch: &mut Vec<Box<dyn Unit>>,
    more: &mut dyn FnMut() -> Option<Box<dyn Unit>>,
) -> Result<(), Failed> {
    let mut done = 0;
    while let Some(unit) = batch.get_mut(done) {
        if unit.wanted() {
            let changes = unit.run(connection);
            if connection.is_autocommit() {
                return Err(Failed::Batch(Error::Spoiled));
            }
            if changes == Changes::Bad {
                return Err(Failed::Unit);
            }
        }
        done += 1;
        if done == batch.len() {
            batch.extend(more());
        }
    }
    Ok(())
}

/// Runs each unit in a savepoint of its own.
fn run_in_savepoints(connection: &Connection, batch: &mut [Box<dyn Unit>]) -> Result<(), Failed> {
    for unit in batch.iter_mut().filter(|unit| unit.wanted()) {
        control(connection, "SAVEPOINT unit").map_err(Failed::Batch)?;
        let changes = unit.run(connection);
        if connection.is_autocommit() {
            return Err(Failed::Batch(Error::Spoiled));
        }
        if changes == Changes::Bad {
            control(connection, "ROLLBACK TO unit").map_err(Failed::Batch)?;
        }
        control(connection, "RELEASE unit").map_err(Failed::Batch)?;
    }
    Ok(())
}

enum Failed {
    /// Nothing ran.
    Begin(Error),
    /// A unit has to be undone, so all were.
    Unit,
    /// Nothing of the batch was kept.
    Batch(Error),
}
