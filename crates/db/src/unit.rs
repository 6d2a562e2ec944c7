//! What a unit of work holds in its hands while it runs.

use std::{
    ops::{Deref, DerefMut},
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{Error, Row, Value, error::Fault, postgres::Session, sqlite};

/// A snapshot to look at.
pub struct Conn<'a> {
    link: Link<'a>,
    state: State,
    /// A text of many statements ran, whose changes nobody counts.
    scripted: bool,
}

/// A transaction: whatever a [`Conn`] can see, and changes.
pub struct Tx<'a>(Conn<'a>);

pub(crate) enum Link<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(&'a mut Session),
}

/// What has happened to the unit, whatever its closure makes of the errors.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct State {
    pub(crate) spoiled: bool,
    pub(crate) again: bool,
    pub(crate) broken: bool,
}

impl<'a> Conn<'a> {
    pub(crate) fn new(link: Link<'a>) -> Self {
        Self {
            link,
            state: State::default(),
            scripted: false,
        }
    }

    /// The only row of the answer, if there is one.
    ///
    /// # Errors
    ///
    /// [`Error::ManyRows`], [`Error::ReadOnly`] for anything but SELECT, VALUES and WITH; see [`Error`].
    pub fn query_opt<T>(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        row: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        looks(sql)?;
        self.at_most_one(sql, params, row)
    }

    /// All rows of the answer.
    ///
    /// # Errors
    ///
    /// [`Error::ReadOnly`] for anything but SELECT, VALUES and WITH; see [`Error`].
    pub fn query<T>(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        row: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        looks(sql)?;
        self.all(sql, params, row)
    }

    /// The only row of the answer.
    ///
    /// # Errors
    ///
    /// [`Error::NoRow`], and those of [`Conn::query_opt`].
    pub fn query_one<T>(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        row: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.query_opt(sql, params, row)?.ok_or(Error::NoRow)
    }

    fn at_most_one<T>(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        mut row: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let mut found = None;
        self.each(sql, params, &mut |each| match found {
            Some(_) => Err(Error::ManyRows),
            None => row(each).map(|value| found = Some(value)),
        })?;

        Ok(found)
    }

    fn all<T>(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        mut row: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut rows = Vec::new();
        self.each(sql, params, &mut |each| row(each).map(|value| rows.push(value)))?;

        Ok(rows)
    }

    fn each(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        row: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.step(|link| match link {
            Link::Sqlite(connection) => sqlite::each(connection, sql, params, row),
            Link::Postgres(session) => session.each(sql, params, row),
        })
    }

    /// Runs one statement and remembers what its failure means for the unit.
    fn step<T>(&mut self, run: impl FnOnce(&mut Link<'a>) -> Result<T, Fault>) -> Result<T, Error> {
        if self.state.spoiled {
            return Err(Error::Spoiled);
        }

        run(&mut self.link).map_err(|fault| {
            self.state.spoiled |= fault.spoils;
            self.state.again |= fault.again;
            self.state.broken |= fault.broken;
            fault.error
        })
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn new(link: Link<'a>) -> Self {
        Self(Conn::new(link))
    }

    /// Changes, and says how many rows were changed.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, Error> {
        changes(sql)?;
        self.0.step(|link| match link {
            Link::Sqlite(connection) => sqlite::execute(connection, sql, params),
            Link::Postgres(session) => session.execute(sql, params),
        })
    }

    /// Like [`Conn::query_opt`], for a statement that may change (`RETURNING`).
    ///
    /// # Errors
    ///
    /// [`Error::ManyRows`]; see [`Error`].
    pub fn query_opt<T>(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        row: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        changes(sql)?;
        self.0.at_most_one(sql, params, row)
    }

    /// Like [`Conn::query`], for a statement that may change (`RETURNING`).
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub fn query<T>(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        row: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        changes(sql)?;
        self.0.all(sql, params, row)
    }

    /// Like [`Conn::query_one`], for a statement that may change (`RETURNING`).
    ///
    /// # Errors
    ///
    /// [`Error::NoRow`], [`Error::ManyRows`]; see [`Error`].
    pub fn query_one<T>(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        row: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.query_opt(sql, params, row)?.ok_or(Error::NoRow)
    }

    /// Runs a text of many statements: a migration.
    pub(crate) fn script(&mut self, sql: &str) -> Result<(), Error> {
        self.0.scripted = true;
        self.0.step(|link| match link {
            Link::Sqlite(connection) => sqlite::script(connection, sql),
            Link::Postgres(session) => session.script(sql),
        })
    }

    /// Runs `work`. A panic and a swallowed failure of a statement come out as errors like any other.
    pub(crate) fn run<T, E: From<Error>>(&mut self, work: impl Fn(&mut Self) -> Result<T, E>) -> Result<T, E> {
        match catch_unwind(AssertUnwindSafe(|| work(self))) {
            Err(_) => {
                self.0.state.broken = true;
                Err(Error::Panicked.into())
            }
            Ok(Ok(_)) if self.0.state.spoiled => Err(Error::Spoiled.into()),
            Ok(outcome) => outcome,
        }
    }

    pub(crate) fn has_scripted(&self) -> bool {
        self.0.scripted
    }

    pub(crate) fn state(&self) -> State {
        self.0.state
    }
}

impl<'a> Deref for Tx<'a> {
    type Target = Conn<'a>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

/// Refuses a statement that is not a look. What hides behind a WITH, the engine refuses.
fn looks(sql: &str) -> Result<(), Error> {
    let word = first_word(sql);
    if ["SELECT", "WITH", "VALUES"]
        .iter()
        .any(|look| word.eq_ignore_ascii_case(look))
    {
        return Ok(());
    }

    changes(sql)?;
    Err(Error::ReadOnly)
}

/// Refuses what would reach beyond the unit: transaction control, settings, changes of the schema.
fn changes(sql: &str) -> Result<(), Error> {
    let word = first_word(sql);
    if ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
    {
        return Ok(());
    }

    Err(Error::Forbidden(word.to_owned()))
}

fn first_word(sql: &str) -> &str {
    sql.split_whitespace().next().unwrap_or_default()
}
