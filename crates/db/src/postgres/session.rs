//! One connection and its prepared statements.

use std::{collections::HashMap, error, sync::Arc};

use futures_util::TryStreamExt as _;
use tokio_postgres::{
    Statement,
    error::{DbError, Severity, SqlState},
    types::{FromSql, IsNull, ToSql, Type, accepts, private::BytesMut, to_sql_checked},
};

use super::{connector::Connector, line::Line, pool::Purpose};
use crate::{Error, Row, Rule, Value, error::Fault, placeholders, value::EngineRow};

pub(crate) struct Session {
    line: Line,
    statements: HashMap<&'static str, Statement>,
    connector: Arc<Connector>,
}

impl Session {
    pub(super) fn new(connector: Arc<Connector>) -> Result<Self, Error> {
        Ok(Self {
            line: connector.connect()?,
            statements: HashMap::new(),
            connector,
        })
    }

    /// Begins a unit of work. The server hears of a look with its first statement. A change waits for the answer: were it refused, the first
    /// statement would be written alone.
    pub(super) fn begin(&mut self, purpose: Purpose) -> Result<(), Fault> {
        if purpose == Purpose::Look {
            self.line.begin(purpose.begin());
            return Ok(());
        }
        self.script(purpose.begin())
    }

    /// Runs COMMIT and the like.
    pub(super) fn end(&mut self, sql: &str) -> Result<(), Fault> {
        if self.line.has_asked_nothing() {
            return Ok(());
        }
        self.script(sql)
    }

    /// Ends a look, and does not wait for the server's answer.
    pub(super) fn let_go(&mut self) {
        if !self.line.has_asked_nothing() {
            self.line.tell("ROLLBACK");
        }
    }

    pub(crate) fn script(&mut self, sql: &str) -> Result<(), Fault> {
        self.line
            .ask(|client| client.batch_execute(sql))
            .map_err(|error| fault(&error, &self.connector))
    }

    pub(crate) fn each(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        row: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Fault> {
        let statement = self.prepare(sql, params)?;
        let bound = params.iter().map(|value| Bound(*value));
        let read = self.line.ask(async |client| {
            let mut rows = std::pin::pin!(client.query_raw(&statement, bound).await?);
            while let Some(each) = rows.try_next().await? {
                if let Err(error) = row(&Row::new(EngineRow::Postgres(&each))) {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(()))
        });
        Ok(read.map_err(|error| fault(&error, &self.connector))??)
    }

    pub(crate) fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, Fault> {
        let statement = self.prepare(sql, params)?;
        let bound = params.iter().map(|value| Bound(*value));

        self.line
            .ask(|client| client.execute_raw(&statement, bound))
            .map_err(|error| fault(&error, &self.connector))
    }

    fn prepare(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<Statement, Fault> {
        if let Some(statement) = self.statements.get(sql)
            && statement.params().len() == params.len()
        {
            return Ok(statement.clone());
        }
        placeholders::check(sql, params.len())?;
        let statement = self
            .line
            .ask(|client| client.prepare(sql))
            .map_err(|error| fault(&error, &self.connector))?;
        self.statements.insert(sql, statement.clone());

        Ok(statement)
    }
}

/// What an error of the driver means for the unit and for the connection.
pub(super) fn fault(error: &tokio_postgres::Error, connector: &Connector) -> Fault {
    let Some(refusal) = error.as_db_error() else {
        return driver_fault(error);
    };
    let code = refusal.code();
    let fatal = matches!(refusal.parsed_severity(), Some(Severity::Fatal | Severity::Panic));
    // A table has changed under a prepared statement: it must be prepared again.
    let stale = *code == SqlState::FEATURE_NOT_SUPPORTED;
    let conflict = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code);
    let stopped = fatal && code.code().starts_with("57P");

    Fault {
        error: if fatal {
            Error::Unavailable(code.code().to_owned())
        } else {
            refused(refusal, connector)
        },
        spoils: true,
        again: stopped || stale || conflict,
        broken: fatal || stale,
    }
}

/// An error that the server did not speak of. The connection is not trusted any more in any case.
fn driver_fault(error: &tokio_postgres::Error) -> Fault {
    let source = error::Error::source(error);
    let lost = error.is_closed() || source.is_some_and(<dyn error::Error>::is::<std::io::Error>);
    let meaning = if lost {
        Error::Unavailable("the connection was lost".to_owned())
    } else if source.is_some_and(<dyn error::Error>::is::<WrongType>) {
        Error::Violated(Rule::Type)
    } else {
        Error::Statement(error.to_string())
    };

    Fault {
        error: meaning,
        spoils: true,
        again: lost,
        broken: true,
    }
}

fn refused(refusal: &DbError, connector: &Connector) -> Error {
    match refusal.code() {
        code if *code == SqlState::UNIQUE_VIOLATION => Error::Taken(connector.key(refusal)),
        code if *code == SqlState::NOT_NULL_VIOLATION => Error::Violated(Rule::NotNull),
        code if *code == SqlState::CHECK_VIOLATION => Error::Violated(Rule::Check),
        code if *code == SqlState::FOREIGN_KEY_VIOLATION => Error::Violated(Rule::Reference),
        code if *code == SqlState::READ_ONLY_SQL_TRANSACTION => Error::ReadOnly,
        code if *code == SqlState::QUERY_CANCELED || *code == SqlState::LOCK_NOT_AVAILABLE => Error::Busy,
        code if ["08", "53", "57", "58"]
            .iter()
            .any(|class| code.code().starts_with(class)) =>
        {
            Error::Unavailable(code.code().to_owned())
        }
        // The messages of class 42 speak about the statement; those of others may repeat values.
        code if code.code().starts_with("42") => Error::Statement(format!("{}: {}", code.code(), refusal.message())),
        code => Error::Statement(code.code().to_owned()),
    }
}

#[derive(Debug)]
struct Bound<'a>(Value<'a>);

/// A value that does not fit the type of its placeholder.
#[derive(Debug, thiserror::Error)]
#[error("a value has the wrong type")]
struct WrongType;

impl ToSql for Bound<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn error::Error + Sync + Send>> {
        match self.0 {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(number) if *ty == Type::INT8 => number.to_sql(ty, out),
            Value::Text(text) if <&str as ToSql>::accepts(ty) => text.to_sql(ty, out),
            Value::Bytes(bytes) if *ty == Type::BYTEA => bytes.to_sql(ty, out),
            _ => Err(WrongType.into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A column as PostgreSQL sends it.
pub(crate) struct PgCell<'a>(pub(crate) Value<'a>);

impl<'a> FromSql<'a> for PgCell<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn error::Error + Sync + Send>> {
        Ok(Self(match *ty {
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(ty, raw)?.into()),
            Type::BOOL => Value::Int(bool::from_sql(ty, raw)?.into()),
            Type::NUMERIC => Value::Int(whole(raw).ok_or("not a whole number")?),
            Type::BYTEA => Value::Bytes(raw),
            _ => Value::Text(<&str>::from_sql(ty, raw)?),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn error::Error + Sync + Send>> {
        Ok(Self(Value::Null))
    }

    accepts!(INT8, INT4, BOOL, NUMERIC, BYTEA, TEXT, VARCHAR, BPCHAR, NAME, UNKNOWN);
}

/// A NUMERIC without fraction, as `sum` over BIGINT answers it: digits to the base 10000, the highest first.
fn whole(raw: &[u8]) -> Option<i64> {
    let mut words = raw
        .chunks_exact(2)
        .filter_map(|word| Some(i16::from_be_bytes(word.try_into().ok()?)));
    let (digits, weight, sign, _scale) = (words.next()?, words.next()?, words.next()?, words.next()?);
    if i32::from(digits) > i32::from(weight) + 1 {
        return None;
    }
    let mut number = 0_i128;
    for _ in 0..=weight {
        number = number
            .checked_mul(10_000)?
            .checked_add(words.next().unwrap_or(0).into())?;
    }
    match sign {
        0 => number.try_into().ok(),
        0x4000 => (-number).try_into().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::whole;

    proptest! {
        #[test]
        fn every_whole_number_is_read_from_a_numeric(number: i64) {
            prop_assert_eq!(whole(&numeric(number)), Some(number));
        }

        #[test]
        fn no_bytes_upset_the_reader(raw in prop::collection::vec(any::<u8>(), 0..40)) {
            whole(&raw);
        }
    }

    #[test]
    fn the_smallest_and_the_largest_fit_and_a_fraction_does_not() {
        let half = [1, -1, 0, 1, 5000].map(i16::to_be_bytes).concat();

        assert_eq!(whole(&numeric(i64::MIN)), Some(i64::MIN));
        assert_eq!(whole(&numeric(i64::MAX)), Some(i64::MAX));
        assert_eq!(whole(&numeric(0)), Some(0));
        assert_eq!(whole(&half), None);
    }

    /// As the server writes it: without the zeros at the end.
    fn numeric(number: i64) -> Vec<u8> {
        let mut rest = number.unsigned_abs();
        let mut digits = Vec::new();
        while rest > 0 {
            digits.insert(0, i16::try_from(rest % 10_000).unwrap());
            rest /= 10_000;
        }
        let weight = i16::try_from(digits.len()).unwrap() - 1;
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let count = i16::try_from(digits.len()).unwrap();
        let sign = if number < 0 { 0x4000 } else { 0 };

        [vec![count, weight, sign, 0], digits]
            .concat()
            .into_iter()
            .flat_map(i16::to_be_bytes)
            .collect()
    }
}
