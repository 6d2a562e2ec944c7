//! The table of orders.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::{PaymentId, Purpose, State};
use crate::shell::ids::PersonId;

#[derive(Clone)]
pub(super) struct Row {
    pub(super) person: PersonId,
    pub(super) id: PaymentId,
    pub(super) purpose: Purpose,
    pub(super) subject: [u8; 16],
    pub(super) amount: i64,
    pub(super) reference: String,
    pub(super) state: State,
    pub(super) opened_at: Timestamp,
    pub(super) paid_at: Option<Timestamp>,
    pub(super) settlement: Option<String>,
}

fn read(row: &db::Row<'_>) -> Result<Row, Error> {
    Ok(Row {
        person: row.get("person")?,
        id: row.get("payment")?,
        purpose: Purpose::of_word(&row.get::<String>("purpose")?).unwrap_or(Purpose::Procedure),
        subject: row.get("subject")?,
        amount: row.get("amount")?,
        reference: row.get("reference")?,
        state: State::of_word(&row.get::<String>("state")?).unwrap_or(State::Cancelled),
        opened_at: row.get("opened_at")?,
        paid_at: row.get("paid_at")?,
        settlement: row.get("settlement")?,
    })
}

pub(super) fn insert(tx: &mut Tx<'_>, row: &Row) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO payment_order (person, payment, purpose, subject, amount, reference, state, opened_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            (&row.person).into(),
            (&row.id).into(),
            row.purpose.word().into(),
            (&row.subject).into(),
            row.amount.into(),
            (&row.reference).into(),
            row.state.word().into(),
            row.opened_at.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn<'_>, person: &PersonId, id: &PaymentId) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT person, payment, purpose, subject, amount, reference, state, opened_at, paid_at, settlement
           FROM payment_order WHERE person = $1 AND payment = $2",
        &[person.into(), id.into()],
        read,
    )
}

pub(super) fn of_reference(conn: &mut Conn<'_>, reference: &str) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT person, payment, purpose, subject, amount, reference, state, opened_at, paid_at, settlement
           FROM payment_order WHERE reference = $1",
        &[reference.into()],
        read,
    )
}

pub(super) fn open_of(conn: &mut Conn<'_>, person: &PersonId, subject: &[u8; 16]) -> Result<Option<PaymentId>, Error> {
    conn.query_opt(
        "SELECT payment FROM payment_order WHERE person = $1 AND subject = $2 AND state = 'open' ORDER BY opened_at DESC LIMIT 1",
        &[person.into(), subject.into()],
        |row| row.get("payment"),
    )
}

/// Marks an order as paid; false if it was paid before.
pub(super) fn pay(tx: &mut Tx<'_>, row: &Row, settlement: &str, now: Timestamp) -> Result<bool, Error> {
    let paid = tx.execute(
        "UPDATE payment_order SET state = 'paid', paid_at = $3, settlement = $4
          WHERE person = $1 AND payment = $2 AND state IN ('open', 'cancelled')",
        &[(&row.person).into(), (&row.id).into(), now.into(), settlement.into()],
    )?;
    Ok(paid == 1)
}

/// Marks a paid order as one to be paid back.
pub(super) fn owe_back(tx: &mut Tx<'_>, row: &Row) -> Result<(), Error> {
    tx.execute(
        "UPDATE payment_order SET state = 'refund' WHERE person = $1 AND payment = $2 AND state = 'paid'",
        &[(&row.person).into(), (&row.id).into()],
    )?;
    Ok(())
}

pub(super) fn cancel(tx: &mut Tx<'_>, person: &PersonId, subject: &[u8; 16]) -> Result<(), Error> {
    tx.execute(
        "UPDATE payment_order SET state = 'cancelled' WHERE person = $1 AND subject = $2 AND state = 'open'",
        &[person.into(), subject.into()],
    )?;
    Ok(())
}
