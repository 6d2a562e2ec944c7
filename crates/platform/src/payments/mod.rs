//! Payments (*thanh toán*): an order, the page of a payment provider, and its signed callback.
//!
//! The platform takes no money. It opens an order, sends the payer to the provider's page, and believes the provider's callback alone: signed
//! (RFC 9421) with the key that the operator has set. What was paid for moves on in the same unit of work.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /payments/{id}` | the order: how much, for what, where to pay, whether it is paid |
//! | `POST /payments/callback` | the provider says that an order is paid: `reference`, `amount`, `state`, `settlement` |
//! | `GET`, `POST /sandbox/payments/{reference}` | the sandbox's provider: `trial` |
//!
//! **Invariant:** an order is paid if and only if the provider has said so, signed, with the reference and the amount of the order.
//! **Invariant:** the same callback twice has the effect of one; what is paid and no longer waited for is marked to be paid back.

use axum::Router;
use axum::routing::{get, post};
use db::{Conn, Tx};

use crate::app::{App, Capability};
use crate::shell::ids::{PersonId, id};
use crate::shell::texts;
use crate::shell::words::words;

mod http;
mod store;
pub(crate) mod trial;

#[cfg(test)]
mod tests;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/payments/callback", post(http::called_back))
        .route("/payments/{id}", get(http::show))
}

id! {
    /// An order.
    PaymentId
}

words! {
    /// What is paid for.
    Purpose {
        /// The fee of a dossier.
        Procedure = "procedure",
    }
}

words! {
    /// Where an order stands.
    State {
        /// Waits for its payment.
        Open = "open",
        /// Paid.
        Paid = "paid",
        /// Nothing is waited for any more.
        Cancelled = "cancelled",
        /// Paid though nothing was waited for: has to be paid back.
        Refund = "refund",
    }
}

/// An order about to be opened.
#[derive(Clone)]
pub(crate) struct Opening {
    row: store::Row,
}

impl Opening {
    /// Prepares an order of a person for something, in đồng.
    pub(crate) fn draw(app: &App, person: PersonId, (purpose, subject): (Purpose, [u8; 16]), amount: u32) -> Self {
        let now = app.clock.now();
        let day = civil::calendar::day_of(now).strftime("%y%m%d").to_string();
        Self {
            row: store::Row {
                person,
                id: PaymentId::draw(&app.chance),
                purpose,
                subject,
                amount: i64::from(amount),
                reference: format!("TT-{day}-{}{}", app.chance.signs(), app.chance.signs()),
                state: State::Open,
                opened_at: now,
                paid_at: None,
                settlement: None,
            },
        }
    }

    /// Its identifier.
    pub(crate) fn id(&self) -> PaymentId {
        self.row.id
    }

    /// Opens it, in the unit of work that needs it.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn take(&self, tx: &mut Tx<'_>) -> Result<(), db::Error> {
        store::insert(tx, &self.row)
    }
}

/// The open order of a person for something.
///
/// # Errors
/// Those of the database.
pub(crate) fn open_of(
    conn: &mut Conn<'_>,
    person: &PersonId,
    subject: &[u8; 16],
) -> Result<Option<PaymentId>, db::Error> {
    store::open_of(conn, person, subject)
}

/// Nothing is waited for any more.
///
/// # Errors
/// Those of the database.
pub(crate) fn cancel(tx: &mut Tx<'_>, person: &PersonId, subject: &[u8; 16]) -> Result<(), db::Error> {
    store::cancel(tx, person, subject)
}
