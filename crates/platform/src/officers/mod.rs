//! Police officers: who they are, what they may do, and how they sign in.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /officers/signin` | the form |
//! | `POST /officers/signin` | opens a session |
//! | `POST /officers/signout` | ends it |
//! | `GET /officers/desk` | what this officer can do now |
//! | `GET /officers` | all officers, for an administrator |
//!
//! **Invariant:** an answer to a sign-in does not tell whether the login exists, nor whether it is locked.
//! **Invariant:** a try counts before its password is compared, so that no number of tries at once gets past the lock.
//! **Invariant:** an officer's role is read anew for every request: who leaves or changes office loses the rights at once.

use ::http::StatusCode;
use ::http::request::Parts;
use axum::Router;
use axum::extract::FromRequestParts;
use axum::routing::{get, post};
use db::Conn;

use crate::app::{App, Capability};
use crate::shell::ids::id;
use crate::shell::problem::Problem;
use crate::shell::session::Visitor;
use crate::shell::texts;
use crate::shell::vault::Vault;

pub mod command;
mod http;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub use command::appoint;
pub use rules::{Role, unit};

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/officers", get(http::list))
        .route("/officers/signin", get(http::enter).post(http::sign_in))
        .route("/officers/signout", post(http::sign_out))
        .route("/officers/desk", get(http::desk))
}

id! {
    /// An officer.
    OfficerId
}

/// An officer who is signed in; a request without one is sent to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officer {
    /// Who it is.
    pub officer: OfficerId,
    /// What the officer signs in with.
    pub login: String,
    /// The officer's name.
    pub full_name: String,
    /// What the officer may do.
    pub role: Role,
    /// The code of the commune whose police the officer belongs to.
    pub commune: String,
    /// The name of the unit: *Công an Phường Ba Đình*.
    pub unit: String,
}

impl Officer {
    /// Refuses an officer in another role.
    ///
    /// # Errors
    /// The problem `officers-other-role`, 403.
    pub fn must_be(&self, role: Role) -> Result<(), Problem> {
        if self.role == role {
            return Ok(());
        }
        Err(Problem::new("officers-other-role", StatusCode::FORBIDDEN))
    }

    /// Name and unit, as a citizen is told who looked.
    pub fn known_as(&self) -> String {
        format!("{}, {}", self.full_name, self.unit)
    }

    fn of(vault: &Vault, row: store::Row) -> Result<Self, Problem> {
        Ok(Self {
            officer: row.officer,
            full_name: vault.open_text("officer", "full_name", row.officer.bytes(), &row.full_name_sealed)?,
            role: row.role,
            unit: unit(&row.commune),
            login: row.login,
            commune: row.commune,
        })
    }
}

impl FromRequestParts<App> for Officer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let needed = || Problem::new("officer-signin-needed", StatusCode::UNAUTHORIZED);
        let visitor = parts.extensions.get::<Visitor>().cloned().unwrap_or_default();
        let session = visitor.officer.ok_or_else(needed)?;
        let officer = OfficerId::from(session.subject);
        let row = app
            .db
            .read(move |conn: &mut Conn<'_>| store::find(conn, &officer))
            .await?;
        Self::of(&app.vault, row.ok_or_else(needed)?)
    }
}

/// An officer by id, also one who has left.
///
/// # Errors
/// Those of the database and of the vault.
pub fn find(conn: &mut Conn<'_>, vault: &Vault, officer: &OfficerId) -> Result<Option<Officer>, Problem> {
    store::find_ever(conn, officer)?
        .map(|row| Officer::of(vault, row))
        .transpose()
}
