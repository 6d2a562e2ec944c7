//! Level 1 online: portrait, chip, automatic checks, submission; for oneself, or by a guardian for a child or ward.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /applications/level-1` | what an application for level 1 holds so far, and the forms for it |
//! | `POST /applications/level-1` | takes portrait and chip, judges, compares |
//! | `POST /applications/level-1/reading` | draws a challenge for the chip and the address to which a reader posts |
//! | `POST /applications/level-1/submission` | sends it in |
//! | `POST /applications/portrait` | judges a portrait and keeps nothing |
//!
//! For a child or ward the same under `/applications/wards/{application}`.
//!
//! **Invariant:** without data of the applicant's own chip, signed by the state, and its answer to our challenge where it has a key, nothing is sent in
//! (unless the operator allows the way by the card's QR code; then the reviewer is told).
//! **Invariant:** a face that differs from that on the chip goes to the police only when the applicant asks for it.

use axum::Router;
use axum::routing::{get, post};

use super::evidence::{Declared, Findings, Kind};
use super::http::{may_apply, own};
use super::refusal::Refusal;
use super::{Application, ApplicationId, Draft, Subject, find_live, guardians, kinds_of};
use crate::accounts::{self, Account, Level};
use crate::app::App;
use crate::chips::{self, Invited};
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;

mod http;
mod judging;
mod rules;
mod taking;

#[cfg(test)]
mod tests;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/applications/level-1", get(http::begin).post(http::attach))
        .route("/applications/level-1/reading", post(http::ask_reading))
        .route("/applications/level-1/submission", post(http::send))
        .route("/applications/portrait", post(judging::http::judge))
        .route(
            "/applications/wards/{application}",
            get(http::begin_for).post(http::attach_for),
        )
        .route("/applications/wards/{application}/reading", post(http::ask_reading_for))
        .route("/applications/wards/{application}/submission", post(http::send_for))
}

/// An application for level 1, with who files it.
struct Filing {
    person: PersonId,
    base: String,
    application: Option<Application>,
    kinds: Vec<Kind>,
    subject: Subject,
    invited: Option<Invited>,
    received: Option<chips::Received>,
}

impl Filing {
    /// One's own.
    async fn own(app: &App, citizen: Citizen) -> Result<Self, Problem> {
        let (vault, person) = (app.vault.clone(), citizen.person);
        let (account, application) = app
            .db
            .read(move |conn| {
                let account = accounts::own(conn, &vault, &person)?;
                Ok::<_, Problem>((account, find_live(conn, &vault, &person, Level::One)?))
            })
            .await?;
        if !may_apply(&account) {
            return Err(Refusal::LevelHeld.into());
        }
        let base = "/applications/level-1".to_owned();
        let subject = subject_of(&account, application.as_ref());
        Self::load(app, (person, base), application, subject).await
    }

    /// That of a child or ward, which the guardian began.
    async fn of_ward(app: &App, citizen: Citizen, id: ApplicationId) -> Result<Self, Problem> {
        let (parts, asker) = (app.clone(), citizen.clone());
        let application = app
            .db
            .read(move |conn| {
                let application = own(conn, &parts, &asker, &id)?;
                guardians::must_guard(conn, &asker.person, &id)?;
                Ok::<_, Problem>(application)
            })
            .await?;
        guardians::note_look(app, &citizen.person, &application, guardians::SEEN).await?;
        let (person, subject) = (application.person, application.subject.clone());
        let base = format!("/applications/wards/{id}");
        Self::load(app, (person, base), Some(application), subject).await
    }

    async fn load(
        app: &App,
        (person, base): (PersonId, String),
        application: Option<Application>,
        subject: Subject,
    ) -> Result<Self, Problem> {
        if application.as_ref().is_some_and(|open| !open.state.is_open()) {
            return Err(Refusal::OpenAlready.into());
        }
        let vault = app.vault.clone();
        let id = application.as_ref().map(|application| application.id);
        let now = app.clock.now();
        let (kinds, invited, received) = app
            .db
            .read(move |conn| match &id {
                Some(id) => Ok::<_, Problem>((
                    kinds_of(conn, (&person, id))?,
                    chips::invited(conn, &vault, (&person, id.bytes()), now)?,
                    chips::received(conn, &vault, &person, id.bytes())?,
                )),
                None => Ok((Vec::new(), None, None)),
            })
            .await?;
        Ok(Self {
            person,
            base,
            application,
            kinds,
            subject,
            invited,
            received,
        })
    }

    fn findings(&self) -> Option<&Findings> {
        self.application.as_ref()?.findings.as_ref()
    }

    /// The draft to open, unless there is one.
    fn draft(&self, app: &App) -> Result<(Option<Draft>, ApplicationId), Problem> {
        if let Some(application) = &self.application {
            return Ok((None, application.id));
        }
        let draft = Draft::draw(app, self.person, Level::One, &self.subject, None)?;
        let id = draft.id();
        Ok((Some(draft), id))
    }
}

/// What the account says of its holder, with what the card's QR code added before.
fn subject_of(account: &Account, before: Option<&Application>) -> Subject {
    let declared = before.map(|application| &application.subject.declared);
    Subject {
        declared: Declared {
            number: account.number.clone(),
            full_name: account.full_name.clone(),
            date_of_birth: account.date_of_birth,
            sex: account.sex,
            residence: declared.and_then(|declared| declared.residence.clone()),
            issued_on: declared.and_then(|declared| declared.issued_on),
        },
        phone: account.phone.clone(),
        email: account.email.clone(),
        guardian: None,
    }
}
