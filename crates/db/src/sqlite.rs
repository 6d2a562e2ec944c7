//! `SQLite`: looks in place on read-only connections, changes through one writer thread.

mod writer;

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rusqlite::{
    Connection, ErrorCode, OpenFlags, Statement, ToSql,
    config::DbConfig,
    ffi,
    types::{ToSqlOutput, ValueRef},
};

use self::writer::Writer;
use crate::{Conn, Error, Options, Row, Rule, Tx, Value, error::Fault, unit::Link, value::EngineRow};

/// How long a connection waits for a lock held by another process.
const PATIENCE: Duration = Duration::from_secs(5);
const STATEMENTS_KEPT: usize = 512;
/// After how many pages the log goes into the file: a page that changes often goes there once for all its changes.
const LOG_PAGES: i64 = 4000;
/// How much of the file the writer, who is alone, remembers, in KiB.
const WRITER_CACHE_KIB: i64 = 64 * 1024;
/// How much of it each reader remembers until the next change, in KiB: among very many rows, what a thousand people need lies far apart.
const READER_CACHE_KIB: i64 = 16 * 1024;

pub(crate) struct Sqlite {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    max_idle: usize,
    writer: Writer,
}

impl Sqlite {
    pub(crate) async fn open(path: PathBuf, options: &Options) -> Result<Self, Error> {
        let writer = Writer::start(path.clone(), options.group).await?;

        Ok(Self {
            path,
            idle: Mutex::default(),
            max_idle: options.max_connections,
            writer,
        })
    }

    pub(crate) fn read<T, E: From<Error>>(&self, look: impl Fn(&mut Conn<'_>) -> Result<T, E>) -> Result<T, E> {
        if self.writer.is_closed() {
            return Err(Error::Closed.into());
        }
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open_reader(&self.path).map_err(|error| fault(error).error)?,
        };

        control(&connection, "BEGIN")?;
        let mut tx = Tx::new(Link::Sqlite(&connection));
        let outcome = tx.run(|tx| look(tx));

        // A connection that cannot end its snapshot is not used again.
        let healthy = !tx.state().broken && control(&connection, "COMMIT").is_ok();
        if healthy && !self.writer.is_closed() {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < self.max_idle {
                idle.push(connection);
            }
        }
        outcome
    }

    pub(crate) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.writer.write(work).await
    }

    pub(crate) async fn close(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.writer.close().await;
    }
}

pub(crate) fn each(
    connection: &Connection,
    sql: &'static str,
    params: &[Value<'_>],
    row: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(sql).map_err(fault)?;
    bind(&mut statement, params)?;

    let mut rows = statement.raw_query();
    while let Some(each) = rows.next().map_err(fault)? {
        row(&Row::new(EngineRow::Sqlite(each)))?;
    }
    Ok(())
}

pub(crate) fn execute(connection: &Connection, sql: &'static str, params: &[Value<'_>]) -> Result<u64, Fault> {
    let mut statement = connection.prepare_cached(sql).map_err(fault)?;
    bind(&mut statement, params)?;

    let changed = statement.raw_execute().map_err(fault)?;
    Ok(changed as u64)
}

pub(crate) fn script(connection: &Connection, sql: &str) -> Result<(), Fault> {
    connection.execute_batch(sql).map_err(fault)
}

/// Binds by name: in `SQLite` `$1` is a name, numbered by its first appearance.
fn bind(statement: &mut Statement<'_>, params: &[Value<'_>]) -> Result<(), Fault> {
    let named = statement.parameter_count();
    for index in 1..=named {
        let name = statement.parameter_name(index).unwrap_or("?");
        let number = name.strip_prefix('$').and_then(|number| number.parse::<usize>().ok());
        let value = *number
            .and_then(|number| params.get(number.checked_sub(1)?))
            .ok_or_else(|| Error::Parameters(format!("{name} is named, but {} values are given", params.len())))?;
        statement.raw_bind_parameter(index, Bound(value)).map_err(fault)?;
    }

    // The names differ and each has its value, so a smaller number of names leaves a value over.
    if named < params.len() {
        return Err(Error::Parameters(format!("{} values are given, but {named} are named", params.len())).into());
    }
    Ok(())
}

/// Runs BEGIN, COMMIT and the like.
fn control(connection: &Connection, sql: &'static str) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(sql).map_err(|error| fault(error).error)?;

    statement.raw_execute().map(drop).map_err(|error| fault(error).error)
}

fn open_reader(path: &PathBuf) -> rusqlite::Result<Connection> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    keep_plans(&connection)?;

    Ok(connection)
}

fn open_writer(path: &PathBuf) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    keep_plans(&connection)?;

    Ok(connection)
}

/// Prepares each statement once. Without the guarantee of stable plans `SQLite` would plan some of them anew for each value that is bound,
/// which costs several times what they do.
fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

struct Bound<'a>(Value<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "stands in map_err")]
fn fault(error: rusqlite::Error) -> Fault {
    let rusqlite::Error::SqliteFailure(failure, message) = &error else {
        return Fault::statement(Error::Statement(error.to_string()));
    };
    let message = message.clone().unwrap_or_else(|| failure.to_string());

    Fault::statement(match (failure.extended_code, failure.code) {
        (ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID, _) => {
            Error::Taken(taken(&message))
        }
        (ffi::SQLITE_CONSTRAINT_NOTNULL, _) => Error::Violated(Rule::NotNull),
        (ffi::SQLITE_CONSTRAINT_CHECK, _) => Error::Violated(Rule::Check),
        (ffi::SQLITE_CONSTRAINT_FOREIGNKEY, _) => Error::Violated(Rule::Reference),
        (ffi::SQLITE_CONSTRAINT_DATATYPE, _) => Error::Violated(Rule::Type),
        (_, ErrorCode::ReadOnly) => Error::ReadOnly,
        (_, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Busy,
        (
            _,
            ErrorCode::CannotOpen
            | ErrorCode::SystemIoFailure
            | ErrorCode::DiskFull
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::PermissionDenied,
        ) => Error::Unavailable(message),
        _ => Error::Statement(message),
    })
}

/// `UNIQUE constraint failed: person.a, person.b` as `person.a,b`.
fn taken(message: &str) -> String {
    let key = message.rsplit_once(": ").map_or(message, |(_, key)| key);
    let mut columns = key.split(", ");
    let first = columns.next().unwrap_or_default();

    columns.fold(first.to_owned(), |taken, column| {
        format!(
            "{taken},{}",
            column.rsplit_once('.').map_or(column, |(_, column)| column)
        )
    })
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_statement_is_prepared_once_whatever_values_are_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plans.db");
        let writer = open_writer(&path).unwrap();
        writer
            .execute_batch(
                "CREATE TABLE lock (person BLOB NOT NULL, id BLOB NOT NULL, set_at INT NOT NULL, lifted_at INT, PRIMARY KEY (person, id)) WITHOUT ROWID;
                 CREATE UNIQUE INDEX standing ON lock (person, id) WHERE lifted_at IS NULL;",
            )
            .unwrap();
        let reader = open_reader(&path).unwrap();
        let sql = "SELECT id FROM lock WHERE person = $1 AND lifted_at IS NULL ORDER BY set_at, id";

        for connection in [&writer, &reader] {
            for person in 0..3_u8 {
                each(connection, sql, &[Value::Bytes(&[person])], &mut |_| Ok(())).unwrap_or_else(|_| panic!("{sql}"));
            }
            let statement = connection.prepare_cached(sql).unwrap();
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
        }
    }
}
