use askama::Template;
use axum::extract::State as Of;
use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::consents::{self, People};
use crate::partners::checks::Step;
use crate::partners::failures::store::{self as failing, Failure};
use crate::partners::http::{PurposeShown, granted, opened};
use crate::partners::jobs::WARNED;
use crate::partners::rules::State;
use crate::partners::store::{self, Row};
use crate::partners::{ConnectionId, credentials};
use crate::shell::filters;
use crate::shell::input::Path;
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;
use crate::sso;

/// How many failing requests of a client are shown.
const MOST_FAILURES: i64 = 50;

/// A connection as its developers see it.
#[derive(Template, Serialize)]
#[template(path = "partners/pages/connection.html")]
pub(in crate::partners) struct Connection {
    connection: ConnectionId,
    issuer: String,
    organisation: String,
    system: String,
    state: State,
    asked_at: Timestamp,
    answer_by: Timestamp,
    law: String,
    decided_at: Option<Timestamp>,
    answer: Option<String>,
    purposes: Vec<PurposeShown>,
    redirect_uris: Vec<String>,
    trial_client: String,
    /// The secret of the sandbox's client; told once.
    trial_secret: Option<String>,
    live_client: Option<String>,
    certificate_ends_at: Option<Timestamp>,
    ends_soon: bool,
    steps: Vec<StepShown>,
    ready: bool,
    failures: Vec<FailureShown>,
    people: People,
    /// What the partner signs with its key to prove that it holds it.
    challenge: String,
    audience: String,
}

impl Connection {
    fn of(app: &App, row: Row, trial_secret: Option<String>) -> Result<Self, Problem> {
        let asked = opened(app, &row)?;
        let terms = match row.state {
            State::Granted => granted(&row),
            State::Asked | State::Refused => asked.purposes,
        };
        let place = row.connection.bytes();
        let answer = row
            .answer_sealed
            .as_ref()
            .map(|sealed| app.vault.open_text("partner_connection", "answer", place, sealed));
        Ok(Self {
            connection: row.connection,
            issuer: sso::issuer(app).to_string(),
            organisation: asked.organisation,
            system: asked.system,
            state: row.state,
            asked_at: row.asked_at,
            answer_by: row.answer_by,
            decided_at: row.decided_at,
            answer: answer.transpose()?,
            purposes: terms.iter().map(PurposeShown::of).collect(),
            redirect_uris: asked.redirect_uris,
            ready: false,
            steps: Vec::new(),
            failures: Vec::new(),
            people: People::default(),
            challenge: credentials::challenge(app, &row.connection, app.clock.now()),
            audience: sso::issuer(app).to_string(),
            law: row.law,
            trial_client: row.trial_client,
            trial_secret,
            live_client: row.live_client,
            ends_soon: row
                .certificate_ends_at
                .is_some_and(|end| end - WARNED < app.clock.now()),
            certificate_ends_at: row.certificate_ends_at,
        })
    }
}

/// A step of the automatic check.
#[derive(Serialize)]
struct StepShown {
    step: &'static str,
    passed_at: Option<Timestamp>,
}

/// A failing request.
#[derive(Serialize)]
struct FailureShown {
    at: Timestamp,
    client_id: String,
    endpoint: String,
    error: String,
    /// Our own words to programs.
    detail: String,
    /// The last part of the sentence about it.
    word: &'static str,
}

impl FailureShown {
    fn of(client_id: &str, failure: Failure) -> Self {
        Self {
            at: failure.failed_at,
            client_id: client_id.to_owned(),
            word: ERRORS
                .into_iter()
                .find(|known| *known == failure.error)
                .unwrap_or("other"),
            endpoint: failure.endpoint,
            error: failure.error,
            detail: failure.detail,
        }
    }
}

/// The errors about which there is a sentence.
const ERRORS: [&str; 12] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "invalid_target",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_dpop_proof",
    "access_denied",
    "login_required",
    "consent_required",
    "sso-client-unknown",
];

impl Connection {
    /// The page with what was seen of the clients.
    pub(in crate::partners) async fn load(app: &App, row: Row, trial_secret: Option<String>) -> Result<Self, Problem> {
        let mut view = Self::of(app, row, trial_secret)?;
        let clients: Vec<String> = [Some(view.trial_client.clone()), view.live_client.clone()]
            .into_iter()
            .flatten()
            .collect();
        let (trial, live, now) = (view.trial_client.clone(), view.live_client.clone(), app.clock.now());
        let seen = app.db.read(move |conn| {
            let mut failures = Vec::new();
            for client in &clients {
                let some = failing::list(conn, client, MOST_FAILURES)?;
                failures.extend(some.into_iter().map(|failure| FailureShown::of(client, failure)));
            }
            let people = live
                .as_deref()
                .map(|live| consents::people_of(conn, live, now))
                .transpose()?;
            Ok::<_, db::Error>((failures, failing::passed(conn, &trial)?, people))
        });
        let (failures, passed, people) = seen.await?;
        view.steps = Step::ALL
            .iter()
            .map(|step| StepShown {
                step: step.word(),
                passed_at: passed
                    .iter()
                    .find(|(word, _)| Step::of_word(word) == Some(*step))
                    .map(|(_, at)| *at),
            })
            .collect();
        view.ready = view.steps.iter().all(|step| step.passed_at.is_some());
        view.failures = failures;
        view.people = people.unwrap_or_default();
        Ok(view)
    }

    pub(in crate::partners) fn is_ready(&self) -> bool {
        self.ready
    }
}

/// The asker's connection of that identifier; nobody else's.
pub(in crate::partners) async fn own(app: &App, citizen: &Citizen, id: ConnectionId) -> Result<Row, Problem> {
    let row = app.db.read(move |conn| store::find(conn, &id)).await?;
    row.filter(|row| row.person == citizen.person)
        .ok_or_else(Problem::not_found)
}

/// Shows the developers' page.
pub(in crate::partners) async fn show(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<ConnectionId>,
) -> Result<Page<Connection>, Problem> {
    let row = own(&app, &citizen, id).await?;
    Ok(Page(Connection::load(&app, row, None).await?))
}
