//! Police officers: who they are, what they may do, and how they sign in.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /officers/signin` | the form |
//! | `POST /officers/signin` | opens a session |
//! | `POST /officers/signout` | ends it |
//! | `GET /officers/desk` | what this officer can do now |
//! | `GET /officers/operations` | what operators have to do: the calendar of working days, jobs, the limits in force |
//! | `GET /officers` | all officers, for an administrator |
//!
//! What officers may do stands in [`policy`]; looking people up is in `search`, their second factor in [`passkeys`].
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
use crate::shell::session::{Session, Visitor};
use crate::shell::texts;
use crate::shell::vault::Vault;
use policy::{Asker, SecondFactor};

pub mod command;
mod http;
mod operations;
pub mod passkeys;
pub mod policy;
mod rules;
mod search;
mod store;

#[cfg(test)]
mod tests;

pub use command::appoint;
pub use policy::{Action, CaseNumber, Dossier, Occasion, On, Policies};
pub use rules::{MINISTRY, Rank, Role, province, unit};

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
        .route("/officers/operations", get(operations::http::show))
        .merge(passkeys::routes())
        .merge(policy::routes())
        .merge(search::routes())
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
    /// The code of the officer's unit: a commune, a province, or [`MINISTRY`].
    pub unit_code: String,
    /// The name of the unit: *Công an Phường Ba Đình*.
    pub unit: String,
    /// The session in which the officer asks; zeros for one who is only named.
    session: [u8; 32],
    second_factor: SecondFactor,
}

impl Officer {
    /// Refuses what the policies do not let this officer do.
    ///
    /// # Errors
    /// The problem of [`policy::Denied`], 403.
    pub fn must(&self, app: &App, action: Action, on: &On<'_>) -> Result<(), Problem> {
        self.must_for(app, action, on, &Occasion::default())
    }

    /// The same for what needs a purpose, or a case number.
    ///
    /// # Errors
    /// The problem of [`policy::Denied`], 403.
    pub fn must_for(&self, app: &App, action: Action, on: &On<'_>, occasion: &Occasion) -> Result<(), Problem> {
        match self.verdict(app, action, on, occasion).denied {
            Some(denied) => Err(denied.into()),
            None => Ok(()),
        }
    }

    /// Whether the policies let this officer do something: to show a button or not.
    pub fn may(&self, app: &App, action: Action, on: &On<'_>) -> bool {
        self.verdict(app, action, on, &Occasion::default()).denied.is_none()
    }

    fn verdict(&self, app: &App, action: Action, on: &On<'_>, occasion: &Occasion) -> policy::Verdict {
        let asker = Asker {
            role: self.role,
            unit: &self.unit_code,
            second_factor: self.second_factor,
        };
        app.policies.decide_in(&self.session, &asker, (action, on), occasion)
    }

    /// Refuses an officer who may do something nowhere, before a form is shown for it.
    ///
    /// # Errors
    /// The problem of [`policy::Denied`], 403.
    pub fn must_here(&self, app: &App, action: Action) -> Result<(), Problem> {
        self.must(app, action, &On::Unit(&self.unit_code))
    }

    /// Name and unit, as a citizen is told who looked.
    pub fn known_as(&self) -> String {
        format!("{}, {}", self.full_name, self.unit)
    }

    fn in_session(app: &App, row: store::Row, session: &Session) -> Result<Self, Problem> {
        let mut officer = Self::of(&app.vault, row)?;
        officer.session = session.digest;
        officer.second_factor = second_factor(app, officer.role, session);
        Ok(officer)
    }

    fn of(vault: &Vault, row: store::Row) -> Result<Self, Problem> {
        Ok(Self {
            officer: row.officer,
            full_name: vault.open_text("officer", "full_name", row.officer.bytes(), &row.full_name_sealed)?,
            role: row.role,
            unit: unit(&row.unit),
            login: row.login,
            unit_code: row.unit,
            session: [0; 32],
            second_factor: SecondFactor::Missing,
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
        Self::in_session(app, row.ok_or_else(needed)?, &session)
    }
}

/// What a session says of the second factor that a role needs.
fn second_factor(app: &App, role: Role, session: &Session) -> SecondFactor {
    match session.assurance {
        2.. => SecondFactor::Given,
        _ if app.policies.asks_second_factor(role) => SecondFactor::Missing,
        _ => SecondFactor::NotNeeded,
    }
}

/// A request of somebody who is not signed in any more: a browser gets the form to sign in, and goes on to `next` from there, so that nothing
/// typed is lost.
pub(crate) fn sign_in_and_come_back(problem: Problem, next: &str) -> Problem {
    match problem.status() {
        StatusCode::UNAUTHORIZED => problem.on(http::SignIn::before(next)),
        _ => problem,
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

/// The officer with a login, also one who has left.
///
/// # Errors
/// Those of the database and of the vault.
pub fn with_login(conn: &mut Conn<'_>, vault: &Vault, login: &str) -> Result<Option<Officer>, Problem> {
    match store::of_login(conn, login)? {
        Some(known) => find(conn, vault, &known.officer),
        None => Ok(None),
    }
}
