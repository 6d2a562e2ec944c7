//! Units of work on `SQLite` and PostgreSQL; knows no table.
//!
//! A capability never holds a connection or a transaction. It hands a closure to [`Db::read`] (one consistent
//! snapshot, nothing can be changed) or to [`Db::write`] (all or nothing, durable before the answer). The SQL is the
//! same text for both engines, with the placeholders `$1`, `$2`, ...
//!
//! | engine | a look | a change |
//! | --- | --- | --- |
//! | `SQLite` (WAL) | in place, on a read-only connection | one writer thread; many units per fsync, a savepoint each |
//! | PostgreSQL | `REPEATABLE READ READ ONLY` on a blocking thread | `SERIALIZABLE`, run again after a conflict |
//!
//! **Invariant:** nobody is answered `Ok` before the unit is on disk (`tests/suite/killed.rs`, `crashed.rs`).
//! **Invariant:** a unit is written whole or not at all, whatever fails: the closure, a statement, a panic, the
//! caller going away, the process (`tests/suite/units.rs`, `killed.rs`).
//! **Invariant:** a statement that failed spoils its unit on both engines, even if the closure swallows the error
//! (`tests/suite/keys.rs`).

mod error;
mod migrate;
mod parts;
mod placeholders;
mod postgres;
mod sqlite;
mod unit;
mod value;

use std::{path::PathBuf, sync::Arc};

pub use crate::{
    error::{Error, Rule},
    migrate::Migration,
    unit::{Conn, Tx},
    value::{Cell, Column, Row, Value},
};

/// A database: a cheap handle, to be cloned freely and dropped anywhere.
#[derive(Clone)]
pub struct Db {
    store: Arc<Store>,
}

enum Store {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// Which engine is behind a [`Db`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The embedded engine: one file.
    Sqlite,
    /// The engine of a nation: a server or a cluster.
    Postgres,
}

/// How a database is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// PostgreSQL: the most connections held at once. `SQLite`: the most idle connections kept for looks.
    pub max_connections: usize,
    /// `SQLite`: the most units of work written per fsync; 1 commits each alone.
    pub group: usize,
    /// PostgreSQL with `sslmode=require`: the file of PEM certificates that may vouch for the server.
    pub root_certificates: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_connections: 16,
            group: 256,
            root_certificates: None,
        }
    }
}

impl Db {
    /// Opens `sqlite:PATH` (the file is created, its folder must exist) or `postgres://…`.
    ///
    /// A PostgreSQL URL needs `sslmode=require` or `sslmode=disable`, unless the server is on this machine.
    ///
    /// # Errors
    ///
    /// [`Error::Url`] for an address that is neither, [`Error::Unavailable`] if there is no database.
    pub async fn open(url: &str, options: Options) -> Result<Self, Error> {
        let store = match url.split_once(':') {
            Some(("sqlite", path)) => Store::Sqlite(sqlite::Sqlite::open(path.into(), &options).await?),
            Some(("postgres" | "postgresql", _)) => Store::Postgres(postgres::Postgres::open(url, &options).await?),
            _ => return Err(Error::Url("it must begin with sqlite: or postgres://".to_owned())),
        };

        Ok(Self { store: Arc::new(store) })
    }

    /// Which engine this is; for reports and for tests, not for forks in a capability.
    pub fn engine(&self) -> Engine {
        match &*self.store {
            Store::Sqlite(_) => Engine::Sqlite,
            Store::Postgres(_) => Engine::Postgres,
        }
    }

    /// Applies, all or none, the migrations that have not been applied yet, and names them.
    ///
    /// Safe for many starters at once. See [`Migration`] for what may stand in one.
    ///
    /// # Errors
    ///
    /// [`Error::Migration`] if one that was applied has changed since, is unknown, or stands behind one that has not
    /// been applied; and what the statements answer.
    pub async fn migrate(&self, migrations: &[Migration]) -> Result<Vec<String>, Error> {
        let migrations = migrations.to_vec();
        let engine = self.engine();
        let work = move |tx: &mut Tx<'_>| migrate::apply(tx, engine, &migrations);

        match &*self.store {
            Store::Sqlite(sqlite) => sqlite.write(work).await,
            Store::Postgres(postgres) => postgres.migrate(work).await,
        }
    }

    /// Looks: every statement of `look` sees the same snapshot, and none can change anything.
    ///
    /// On `SQLite` it runs in place, on the caller's thread.
    ///
    /// # Errors
    ///
    /// What `look` answers; [`Error::Unavailable`], [`Error::Busy`], [`Error::Closed`] or [`Error::Panicked`] around it.
    pub async fn read<T, E, F>(&self, look: F) -> Result<T, E>
    where
        F: Fn(&mut Conn<'_>) -> Result<T, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &*self.store {
            Store::Sqlite(sqlite) => sqlite.read(look),
            Store::Postgres(postgres) => postgres.read(look).await,
        }
    }

    /// Changes: all of `work` or nothing of it; answers after the change is durable. An `Err` rolls everything back.
    ///
    /// `work` may run more than once (after a conflict with another unit, or when the batch it was in failed), so it
    /// must have no effect outside the database. If the caller goes away, the unit is either written whole or never.
    ///
    /// # Errors
    ///
    /// What `work` answers; [`Error::Spoiled`], [`Error::Busy`], [`Error::Unavailable`], [`Error::Unknown`],
    /// [`Error::Closed`] or [`Error::Panicked`] around it.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &*self.store {
            Store::Sqlite(sqlite) => sqlite.write(work).await,
            Store::Postgres(postgres) => postgres.write(work).await,
        }
    }

    /// Sees to it that a table kept in parts by range (`PARTITION BY RANGE` in its migration) has a part for each of these ranges.
    ///
    /// On `SQLite` a table has no parts, and nothing is done. A range of which rows are in the part for the rest already stays there.
    ///
    /// # Errors
    ///
    /// What the statements answer.
    pub async fn make_parts(&self, table: &'static str, ranges: Vec<(i64, i64)>) -> Result<(), Error> {
        match &*self.store {
            Store::Sqlite(_) => Ok(()),
            Store::Postgres(postgres) => postgres.migrate(move |tx| parts::make(tx, table, &ranges)).await,
        }
    }

    /// Drops the parts of a table whose whole range lies before a bound, and says how many.
    ///
    /// On `SQLite` a table has no parts: its rows are deleted by statements.
    ///
    /// # Errors
    ///
    /// What the statements answer.
    pub async fn drop_parts(&self, table: &'static str, before: i64) -> Result<usize, Error> {
        match &*self.store {
            Store::Sqlite(_) => Ok(0),
            Store::Postgres(postgres) => postgres.migrate(move |tx| parts::drop_before(tx, table, before)).await,
        }
    }

    /// Finishes what has been accepted, then closes every connection; later units get [`Error::Closed`].
    pub async fn close(&self) {
        match &*self.store {
            Store::Sqlite(sqlite) => sqlite.close().await,
            Store::Postgres(postgres) => postgres.close().await,
        }
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db")
            .field("engine", &self.engine())
            .finish_non_exhaustive()
    }
}
