//! Another phone number (F06): with the old number at hand at once, without it after a time in which the old one can stop it.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /account/security/phone` | the present number, and what is under way |
//! | `POST /account/security/phone` | begins: `phone`, `passcode`; codes go to the new and the old number |
//! | `POST /account/security/phone/{change}` | `code` (new number) and `old_code` (old number, where it is at hand) |
//! | `POST /account/security/phone/stop` | stops a change under way |
//!
//! **Invariant:** a new number is used only after a code to it was right.
//! **Invariant:** a number that its new owner has proved is lost to the account that had it: no code goes there any more.

use axum::Router;
use axum::routing::{get, post};
use db::Tx;
use jiff::Timestamp;

use crate::accounts::{self, Contact};
use crate::app::App;
use crate::shell::ids::{PersonId, id};
use crate::shell::problem::Problem;
use crate::shell::vault::Vault;

mod http;
mod jobs;
mod store;

pub(super) use jobs::TakeEffect;

id! {
    /// A change of phone number.
    ChangeId
}

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/account/security/phone", get(http::show).post(http::begin))
        .route("/account/security/phone/stop", post(http::stop))
        .route("/account/security/phone/{change}", post(http::finish))
}

/// Stops a person's change of phone that has not taken effect; false if there is none.
pub(super) fn stop(tx: &mut Tx<'_>, person: &PersonId, now: Timestamp) -> Result<bool, db::Error> {
    store::stop(tx, person, now)
}

/// Puts the old number back, if it was changed in the last days: the holder says that it was somebody else.
pub(super) fn undo(tx: &mut Tx<'_>, vault: &Vault, person: &PersonId, now: Timestamp) -> Result<(), Problem> {
    if let Some(old) = store::undo(tx, vault, person, now)? {
        let account = accounts::own(tx, vault, person)?;
        let contact = Contact {
            phone: old,
            email: account.email,
        };
        accounts::set_contact(tx, vault, person, &contact)?;
    }
    Ok(())
}

/// Uses the new number from now on; whoever's it was has lost it.
fn take_effect(
    tx: &mut Tx<'_>,
    vault: &Vault,
    (person, change): (&PersonId, &ChangeId),
    now: Timestamp,
) -> Result<bool, Problem> {
    let Some(phone) = store::done(tx, vault, (person, change), now)? else {
        return Ok(false);
    };
    let account = accounts::own(tx, vault, person)?;
    if let Some(former) = accounts::person_by_phone(tx, vault, &phone)?
        && former != *person
    {
        accounts::phone_is_lost(tx, &former, now)?;
    }
    let contact = Contact {
        phone,
        email: account.email,
    };
    accounts::set_contact(tx, vault, person, &contact)?;
    Ok(true)
}
