//! Why a unit of work failed, in the same words for both engines.

/// Why a unit of work, or a statement in it, failed. Never carries a value from the database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A unique value is already there: `table.column`, or `table.column,column` in the order of the key.
    #[error("already taken: {0}")]
    Taken(String),
    /// A rule of the schema other than uniqueness forbids the change.
    #[error("the schema forbids this: {0}")]
    Violated(Rule),
    /// The values given do not fit the placeholders of the statement.
    #[error("wrong parameters: {0}")]
    Parameters(String),
    /// A column of a row is missing, or does not hold what was asked for.
    #[error("column {column}: {why}")]
    Column {
        /// The name that was asked for.
        column: String,
        /// What is wrong with it.
        why: String,
    },
    /// Exactly one row was asked for, and there is none.
    #[error("no row where there must be one")]
    NoRow,
    /// At most one row was asked for, and there are more.
    #[error("more than one row where there may be one")]
    ManyRows,
    /// A look tried to change something.
    #[error("a look cannot change anything")]
    ReadOnly,
    /// A statement that does not belong in a unit of work: only SELECT, VALUES, WITH, INSERT, UPDATE and DELETE do.
    #[error("this statement does not belong in a unit of work: {0}")]
    Forbidden(String),
    /// An earlier statement of the unit failed, so that nothing of the unit can be kept.
    #[error("an earlier statement of this unit failed")]
    Spoiled,
    /// The unit met conflicts, a lock or a time limit again and again; it may be tried later.
    #[error("the database is busy")]
    Busy,
    /// The database cannot be reached or cannot be read; nothing of the unit was written.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The connection was lost during COMMIT: the unit was written whole or not at all, and it is unknown which.
    #[error("the connection was lost during commit")]
    Unknown,
    /// The closure panicked; nothing of the unit was written.
    #[error("a unit of work panicked")]
    Panicked,
    /// The database has been closed.
    #[error("the database is closed")]
    Closed,
    /// The migrations given do not continue those applied.
    #[error("migrations: {0}")]
    Migration(String),
    /// The address of the database is not usable.
    #[error("the address of the database is not usable: {0}")]
    Url(String),
    /// Any other refusal of the engine: a wrong statement, a missing table.
    #[error("the statement failed: {0}")]
    Statement(String),
}

/// A rule of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// NOT NULL.
    #[error("a value is missing")]
    NotNull,
    /// CHECK.
    #[error("a check failed")]
    Check,
    /// FOREIGN KEY.
    #[error("a reference leads nowhere")]
    Reference,
    /// The type of a column.
    #[error("a value has the wrong type")]
    Type,
}

/// A failure inside a unit, with what it means for the unit and for its connection.
pub(crate) struct Fault {
    pub(crate) error: Error,
    /// The engine has seen the statement fail: nothing of the unit can be kept.
    pub(crate) spoils: bool,
    /// The unit would probably succeed if it ran again.
    pub(crate) again: bool,
    /// The connection must not be used by another unit.
    pub(crate) broken: bool,
}

impl Fault {
    pub(crate) fn statement(error: Error) -> Self {
        Self {
            error,
            spoils: true,
            again: false,
            broken: false,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self {
            error,
            spoils: false,
            again: false,
            broken: false,
        }
    }
}
