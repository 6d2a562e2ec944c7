//! Consents (*sự đồng ý*): what a person has agreed to tell which relying party, for which purpose, until when; and taking it back.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /account/consents` | what the person has agreed to, what has ended, and whether the relying party knows |
//! | `POST /account/consents/withdraw` | takes one back: `client_id`, `purpose` |
//!
//! **Invariant:** a consent is for one relying party and one purpose, and ends by itself; for more data, or another purpose, the person is asked.
//! **Invariant:** with the withdrawal, in the same unit of work, what the relying party holds is taken back, and it is told.

use axum::Router;
use axum::routing::{get, post};
use db::{Conn, Tx};
use jiff::{SignedDuration, Timestamp};
use oidc::claims::Scopes;
use oidc::client::Terms;
use serde::Serialize;

use crate::app::{App, Capability};
use crate::shell::config::Consents;
use crate::shell::ids::PersonId;
use crate::shell::texts;

mod http;
mod store;

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
        .route("/account/consents", get(http::list))
        .route("/account/consents/withdraw", post(http::withdraw))
}

/// What is asked of a person: who wants to know, for what, and for how long.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The relying party.
    pub(crate) client_id: String,
    /// The registered purpose; empty for a sign-in that has none.
    pub(crate) purpose: String,
    /// The data.
    pub(crate) scopes: Scopes,
    /// The provision that it rests on.
    pub(crate) basis: String,
    /// For how many days it is remembered; 0: not at all.
    pub(crate) days: i64,
}

impl Asked {
    /// Of a relying party, by the terms that it registered for the purpose, or those of the operator.
    pub(crate) fn of(client_id: &str, terms: Option<&Terms>, scopes: &Scopes, settings: &Consents) -> Self {
        Self {
            client_id: client_id.to_owned(),
            purpose: terms.map(|terms| terms.purpose.clone()).unwrap_or_default(),
            scopes: scopes.clone(),
            basis: terms.map_or_else(|| settings.law.clone(), |terms| terms.basis.clone()),
            days: terms.map_or(settings.remembered_days, |terms| terms.days.into()),
        }
    }

    /// Until when it is remembered, if it is given now.
    pub(crate) fn until(&self, now: Timestamp) -> Timestamp {
        now.checked_add(SignedDuration::from_hours(self.days.saturating_mul(24)))
            .unwrap_or(Timestamp::MAX)
    }
}

/// When the person agreed to all that is asked, where that still holds.
///
/// # Errors
/// Those of the database.
pub(crate) fn given_at(
    conn: &mut Conn<'_>,
    person: &PersonId,
    asked: &Asked,
    now: Timestamp,
) -> Result<Option<Timestamp>, db::Error> {
    let standing = store::find(conn, person, (&asked.client_id, &asked.purpose), now)?;
    let covers = |given: &store::Given| Scopes::parse(&given.scopes).is_ok_and(|given| asked.scopes.is_subset(&given));
    Ok(standing.filter(covers).map(|given| given.given_at))
}

/// What a person agreed to last, as another capability tells it on.
pub(crate) struct Agreed {
    /// The registered purpose; empty for a sign-in without one.
    pub(crate) purpose: String,
    /// The data.
    pub(crate) scopes: String,
    /// The provision that it rests on.
    pub(crate) basis: String,
    /// When.
    pub(crate) at: Timestamp,
    /// Until when it is remembered.
    pub(crate) until: Timestamp,
}

/// The newest consent to all these data for a relying party that was not taken back; it may be over, where it was for once.
///
/// # Errors
/// Those of the database.
pub(crate) fn latest(
    conn: &mut Conn<'_>,
    person: &PersonId,
    client_id: &str,
    scopes: &Scopes,
) -> Result<Option<Agreed>, db::Error> {
    const MOST: i64 = 1000;
    let covers = |given: &store::Given| {
        let agreed = Scopes::parse(&given.scopes).is_ok_and(|agreed| scopes.is_subset(&agreed));
        agreed && given.client_id == client_id && given.withdrawn_at.is_none()
    };
    let given = store::list(conn, person, MOST)?.into_iter().find(covers);
    Ok(given.map(|given| Agreed {
        purpose: given.purpose,
        scopes: given.scopes,
        basis: given.basis,
        at: given.given_at,
        until: given.ends_at,
    }))
}

/// Whether everything that a person ever agreed to with a relying party is over: it was for once, or its time has come.
///
/// # Errors
/// Those of the database.
pub(crate) fn is_over(
    conn: &mut Conn<'_>,
    person: &PersonId,
    client_id: &str,
    now: Timestamp,
) -> Result<bool, db::Error> {
    let last = store::last_end(conn, person, client_id)?;
    Ok(last.is_some_and(|end| end <= now))
}

/// How many people stand behind a relying party: for its statistics.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct People {
    /// Who agree now.
    pub(crate) agree: i64,
    /// Who agreed in the last seven days.
    pub(crate) agreed_lately: i64,
    /// Who took it back in the last seven days.
    pub(crate) withdrew_lately: i64,
}

/// Counts them.
///
/// # Errors
/// Those of the database.
pub(crate) fn people_of(conn: &mut Conn<'_>, client_id: &str, now: Timestamp) -> Result<People, db::Error> {
    store::people_of(conn, client_id, (now, now - SignedDuration::from_hours(24 * 7)))
}

/// The person agrees; what was agreed before for the same purpose is replaced.
///
/// # Errors
/// Those of the database.
pub(crate) fn give(tx: &mut Tx<'_>, person: &PersonId, asked: &Asked, now: Timestamp) -> Result<(), db::Error> {
    store::replace(tx, person, asked, now)
}

/// The relying parties that a person agrees to be known to.
///
/// # Errors
/// Those of the database.
pub(crate) fn known_to(conn: &mut Conn<'_>, person: &PersonId, now: Timestamp) -> Result<Vec<String>, db::Error> {
    store::known_to(conn, person, now)
}
