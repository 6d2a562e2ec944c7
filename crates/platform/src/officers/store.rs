//! The table of officers.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::OfficerId;
use super::rules::{MOST_FAILURES, Role};

pub(super) struct Row {
    pub(super) officer: OfficerId,
    pub(super) login: String,
    pub(super) full_name_sealed: Vec<u8>,
    pub(super) role: Role,
    pub(super) unit: String,
}

/// An officer to be written.
#[derive(Clone)]
pub(super) struct Appointment {
    pub(super) officer: OfficerId,
    pub(super) login: String,
    pub(super) full_name_sealed: Vec<u8>,
    pub(super) password: String,
    pub(super) role: Role,
    pub(super) unit: String,
}

/// A try to sign in that has been counted.
pub(super) struct Try {
    pub(super) officer: OfficerId,
    pub(super) password: String,
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &Appointment, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO officer (officer, login, full_name_sealed, password, role, unit, failures, appointed_at)
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7)",
        &[
            (&new.officer).into(),
            (&new.login).into(),
            (&new.full_name_sealed).into(),
            (&new.password).into(),
            new.role.word().into(),
            (&new.unit).into(),
            now.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn renew(tx: &mut Tx<'_>, new: &Appointment) -> Result<(), Error> {
    tx.execute(
        "UPDATE officer
            SET full_name_sealed = $2, password = $3, role = $4, unit = $5, failures = 0, locked_until = NULL, left_at = NULL
          WHERE officer = $1",
        &[
            (&new.officer).into(),
            (&new.full_name_sealed).into(),
            (&new.password).into(),
            new.role.word().into(),
            (&new.unit).into(),
        ],
    )?;
    Ok(())
}

/// The officer with a login, and the hash of the password.
pub(super) fn of_login(conn: &mut Conn<'_>, login: &str) -> Result<Option<Try>, Error> {
    conn.query_opt(
        "SELECT officer, password FROM officer WHERE login = $1",
        &[login.into()],
        read_try,
    )
}

/// Counts a try to sign in; `None` for a login that is locked or does not exist.
///
/// The last try that is allowed locks the login at once; [`succeed`] takes that back.
pub(super) fn count_try(
    tx: &mut Tx<'_>,
    login: &str,
    now: Timestamp,
    locked_until: Timestamp,
) -> Result<Option<Try>, Error> {
    tx.query_opt(
        "UPDATE officer
            SET failures = CASE WHEN failures + 1 >= $4 THEN 0 ELSE failures + 1 END,
                locked_until = CASE WHEN failures + 1 >= $4 THEN $3 ELSE locked_until END
          WHERE login = $1 AND left_at IS NULL AND (locked_until IS NULL OR locked_until <= $2)
      RETURNING officer, password",
        &[login.into(), now.into(), locked_until.into(), MOST_FAILURES.into()],
        read_try,
    )
}

pub(super) fn succeed(tx: &mut Tx<'_>, officer: &OfficerId) -> Result<(), Error> {
    tx.execute(
        "UPDATE officer SET failures = 0, locked_until = NULL WHERE officer = $1",
        &[officer.into()],
    )?;
    Ok(())
}

/// An officer in office.
pub(super) fn find(conn: &mut Conn<'_>, officer: &OfficerId) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT officer, login, full_name_sealed, role, unit FROM officer WHERE officer = $1 AND left_at IS NULL",
        &[officer.into()],
        read,
    )
}

pub(super) fn find_ever(conn: &mut Conn<'_>, officer: &OfficerId) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT officer, login, full_name_sealed, role, unit FROM officer WHERE officer = $1",
        &[officer.into()],
        read,
    )
}

pub(super) fn list(conn: &mut Conn<'_>, most: i64) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT officer, login, full_name_sealed, role, unit FROM officer
          WHERE left_at IS NULL
          ORDER BY unit, login
          LIMIT $1",
        &[most.into()],
        read,
    )
}

fn read(row: &db::Row<'_>) -> Result<Row, Error> {
    Ok(Row {
        officer: row.get("officer")?,
        login: row.get("login")?,
        full_name_sealed: row.get("full_name_sealed")?,
        role: row.get("role")?,
        unit: row.get("unit")?,
    })
}

fn read_try(row: &db::Row<'_>) -> Result<Try, Error> {
    Ok(Try {
        officer: row.get("officer")?,
        password: row.get("password")?,
    })
}
