//! The one thread that writes: many units of work per fsync.
//!
//! **Invariant:** every unit stands in its own savepoint; one that fails takes nothing of the others with it. If the
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

    /// Runs, keeps the outcome, and says whether it is to be written.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;

    /// Answers with the outcome, or with the reason why it was not written.
    fn answer(self: Box<Self>, written: Result<(), Error>);
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

    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        self.outcome.insert(tx.run(&self.work)).is_ok()
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
    let written = control(connection, "BEGIN IMMEDIATE")
        .map_err(Failed::Begin)
        .and_then(|()| {
            run(connection, &mut batch, more)?;
            control(connection, "COMMIT").map_err(Failed::Batch)
        });
    if written.is_err() && !connection.is_autocommit() {
        let _ = control(connection, "ROLLBACK");
    }

    let together = batch.len() > 1;
    for unit in batch {
        match &written {
            Ok(()) => unit.answer(Ok(())),
            Err(Failed::Batch(_)) if together => commit(connection, vec![unit], &mut || None),
            Err(Failed::Begin(error) | Failed::Batch(error)) => unit.answer(Err(error.clone())),
        }
    }
}

/// Runs each unit in a savepoint of its own.
fn run(
    connection: &Connection,
    batch: &mut Vec<Box<dyn Unit>>,
    more: &mut dyn FnMut() -> Option<Box<dyn Unit>>,
) -> Result<(), Failed> {
    let mut done = 0;
    while let Some(unit) = batch.get_mut(done) {
        if unit.wanted() {
            control(connection, "SAVEPOINT unit").map_err(Failed::Batch)?;
            let keep = unit.run(&mut Tx::new(Link::Sqlite(connection)));
            if connection.is_autocommit() {
                return Err(Failed::Batch(Error::Spoiled));
            }
            if !keep {
                control(connection, "ROLLBACK TO unit").map_err(Failed::Batch)?;
            }
            control(connection, "RELEASE unit").map_err(Failed::Batch)?;
        }
        done += 1;
        if done == batch.len() {
            batch.extend(more());
        }
    }
    Ok(())
}

enum Failed {
    /// Nothing ran.
    Begin(Error),
    /// Nothing of the batch was kept.
    Batch(Error),
}
