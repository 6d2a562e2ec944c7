//! The connections that are not in use, and how a unit uses one.

use std::sync::{Arc, Mutex, PoisonError};

use super::{connector::Connector, session::Session};
use crate::{Error, Tx, unit::Link};

pub(super) struct Pool {
    connector: Arc<Connector>,
    idle: Mutex<Vec<Session>>,
}

/// What a transaction is begun for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Look,
    Change,
    Migrate,
}

impl Purpose {
    pub(super) fn begin(self) -> &'static str {
        match self {
            Self::Look => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Self::Change => "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE",
            // The lock (any constant number) makes starters wait for each other; the isolation lets each see what
            // the one before it has done.
            Self::Migrate => {
                "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = 0;
                 SELECT pg_advisory_xact_lock(7236275)"
            }
        }
    }
}

pub(super) enum Attempt<T, E> {
    Done(Result<T, E>),
    /// Nothing was written; the unit would probably succeed if it ran again.
    Again,
}

impl Pool {
    pub(super) fn new(connector: Connector) -> Self {
        Self {
            connector: Arc::new(connector),
            idle: Mutex::default(),
        }
    }

    /// Runs a unit of work once. Only for threads that may block.
    pub(super) fn run<T, E: From<Error>>(
        &self,
        purpose: Purpose,
        work: impl Fn(&mut Tx<'_>) -> Result<T, E>,
    ) -> Attempt<T, E> {
        let mut session = match self.session() {
            Ok(session) => session,
            Err(error) => return Attempt::Done(Err(error.into())),
        };
        if let Err(fault) = session.begin(purpose) {
            if fault.again {
                self.empty();
                return Attempt::Again;
            }
            return Attempt::Done(Err(fault.error.into()));
        }
        let mut tx = Tx::new(Link::Postgres(&mut session));
        let outcome = tx.run(work);
        let state = tx.state();

        // A broken connection is dropped, and the server rolls back.
        if !state.broken && (outcome.is_err() || state.again) {
            self.rollback(session);
            return if state.again {
                Attempt::Again
            } else {
                Attempt::Done(outcome)
            };
        }
        if state.again {
            // One that is lost was not lost alone: the server was away.
            self.empty();
            return Attempt::Again;
        }
        match outcome {
            Ok(value) if purpose != Purpose::Look => self.commit(session, value),
            Ok(value) => {
                session.let_go();
                self.give_back(session);
                Attempt::Done(Ok(value))
            }
            Err(error) => Attempt::Done(Err(error)),
        }
    }

    fn commit<T, E: From<Error>>(&self, mut session: Session, value: T) -> Attempt<T, E> {
        match session.end("COMMIT") {
            Ok(()) => {
                self.give_back(session);
                Attempt::Done(Ok(value))
            }
            Err(fault) if fault.broken => Attempt::Done(Err(Error::Unknown.into())),
            Err(fault) => {
                self.rollback(session);
                if fault.again {
                    Attempt::Again
                } else {
                    Attempt::Done(Err(fault.error.into()))
                }
            }
        }
    }

    fn rollback(&self, mut session: Session) {
        if session.end("ROLLBACK").is_ok() {
            self.give_back(session);
        }
    }

    /// A connection that is not in use. An idle one may have died: then the unit runs again.
    fn session(&self) -> Result<Session, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| Session::new(self.connector.clone()), Ok)
    }

    fn give_back(&self, session: Session) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
    }

    /// Closes what is idle. Only for threads that may block.
    pub(super) fn empty(&self) {
        drop(std::mem::take(
            &mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner),
        ));
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // The last handle may go on an async thread, where a client must not die.
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        if !idle.is_empty() {
            let _ = std::thread::Builder::new()
                .name("db-closer".to_owned())
                .spawn(move || drop(idle));
        }
    }
}
