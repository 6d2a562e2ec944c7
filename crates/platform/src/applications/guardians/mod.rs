//! Guardians (*người giám hộ, người đại diện*): they apply for children under 14 and wards, from their own level 2 account.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /applications/wards` | the children and wards that the population database knows |
//! | `POST /applications/wards` | opens an application for level 1 for one of them |
//! | `POST /applications/{id}/confirmation` | the guardian confirms the use of the account, with the own passcode |
//!
//! **Invariant:** only somebody whom the population database knows as parent or legal representative applies, and only from level 2 (Decree 69/2024,
//! articles 7 and 10).
//! **Invariant:** each look of a guardian is in the history of the child or ward.
//! **Invariant:** the account of a child or ward is not activated before its guardian has confirmed it (article 14).

use axum::Router;
use axum::routing::{get, post};
use civil::PersonalNumber;
use db::{Conn, Tx};

use super::evidence::Facts;
use super::refusal::Refusal;
use super::{Application, ApplicationId, Guardian};
use crate::accounts::{self, Identity, NewAccount};
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;
use crate::shell::vault::Vault;

mod http;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(super) use store::list;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/applications/wards", get(http::wards).post(http::open))
        .route("/applications/{id}/confirmation", post(http::confirm))
}

/// Somebody who attends for a child or a ward at a counter, and confirms the use of the account later, in the app.
///
/// Who has no account yet is found by the number, once there is one ([`adopt`]).
#[derive(Clone)]
pub(crate) struct Attending {
    guardian: Guardian,
    number_digest: [u8; 32],
}

impl Attending {
    /// Prepares the note.
    pub(crate) async fn of(
        app: &App,
        number: &PersonalNumber,
        (full_name, relation): (&str, &str),
    ) -> Result<Self, Problem> {
        let (vault, wanted) = (app.vault.clone(), number.clone());
        let known = app
            .db
            .read(move |conn| accounts::person_of(conn, &vault, &wanted))
            .await?;
        Ok(Self {
            guardian: Guardian {
                person: known.unwrap_or_else(|| PersonId::draw(&app.chance)),
                number: number.clone(),
                full_name: full_name.to_owned(),
                relation: relation.to_owned(),
            },
            number_digest: digest(&app.vault, number),
        })
    }

    /// The guardian, as the application names them.
    pub(crate) fn guardian(&self) -> &Guardian {
        &self.guardian
    }

    /// Notes it, in the place of whoever attended before.
    pub(crate) fn note(&self, tx: &mut Tx<'_>, place: (&PersonId, &ApplicationId)) -> Result<(), db::Error> {
        store::attend(tx, (&self.guardian.person, &self.number_digest), place)
    }
}

fn digest(vault: &Vault, number: &PersonalNumber) -> [u8; 32] {
    vault.digest("application-guardian", number.as_str().as_bytes())
}

/// From its activation on an account can confirm what waits for it.
pub(super) fn adopt(
    tx: &mut Tx<'_>,
    vault: &Vault,
    person: &PersonId,
    number: &PersonalNumber,
) -> Result<(), db::Error> {
    store::adopt(tx, person, &digest(vault, number))
}

/// Whether somebody applied for a child or ward.
pub(super) fn guards(conn: &mut Conn<'_>, guardian: &PersonId, id: &ApplicationId) -> Result<bool, db::Error> {
    store::guards(conn, guardian, id)
}

/// Refuses whoever did not.
pub(super) fn must_guard(conn: &mut Conn<'_>, guardian: &PersonId, id: &ApplicationId) -> Result<(), Problem> {
    if store::guards(conn, guardian, id)? {
        return Ok(());
    }
    Err(Problem::not_found())
}

/// Whether an application waits for its guardian's confirmation.
pub(super) fn waits(conn: &mut Conn<'_>, id: &ApplicationId) -> Result<bool, db::Error> {
    store::waits(conn, id)
}

/// Refuses the activation of a child's or ward's account that its guardian has not confirmed.
pub(super) fn must_be_confirmed(conn: &mut Conn<'_>, id: &ApplicationId) -> Result<(), Problem> {
    if store::waits(conn, id)? {
        return Err(Refusal::GuardianFirst.into());
    }
    Ok(())
}

/// What a guardian sees of a child or ward, as the history names it.
pub(super) const SEEN: &str = "number name birth sex address card";

/// Writes a guardian's look into the history of the child or ward; nothing for who looks at the own.
pub(super) async fn note_look(
    app: &App,
    asker: &PersonId,
    application: &Application,
    what: &str,
) -> Result<(), Problem> {
    let guardian = application.subject.guardian.as_ref();
    let Some(guardian) = guardian.filter(|_| application.person != *asker) else {
        return Ok(());
    };
    let who = Who::Guardian(guardian.full_name.clone());
    let look = Look::now(app, application.person, &who, Purpose::Application, what);
    Ok(app.db.write(move |tx| history::record(tx, &look)).await?)
}

/// The account that a child or ward is to have, with the guardian's phone; `None` for who applies alone.
pub(super) fn account_of(
    app: &App,
    application: &Application,
    facts: &Facts,
) -> Result<Option<(PersonId, NewAccount)>, Problem> {
    if application.subject.guardian.is_none() {
        return Ok(None);
    }
    let identity = Identity {
        number: facts.number.clone(),
        full_name: facts.full_name.clone(),
        date_of_birth: facts.date_of_birth,
        sex: facts.sex,
    };
    let account = NewAccount::draw(app, application.person, &identity, &application.subject.phone)?;
    Ok(Some((application.person, account)))
}
