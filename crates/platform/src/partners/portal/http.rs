use ::http::StatusCode;
use askama::Template;
use axum::extract::State as Of;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::app::App;
use crate::consents::{self, People};
use crate::partners::checks::Step;
use crate::partners::failures::store::{self as failing, Failure};
use crate::partners::http::{PurposeShown, granted, opened};
use crate::partners::jobs::{WARNED, keys_end_at};
use crate::partners::rules::{Role, State};
use crate::partners::store::{self, Row};
use crate::partners::team::http::MemberShown;
use crate::partners::team::{self, MOST_MEMBERS};
use crate::partners::{ConnectionId, credentials};
use crate::shell::clock::civil_date;
use crate::shell::filters;
use crate::shell::input::Path;
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;
use crate::sso;
use crate::statistics::{self, Measure};

/// How many failing requests of a client are shown.
const MOST_FAILURES: i64 = 50;
/// Since when it is counted what clients did.
const USED_SINCE: SignedDuration = SignedDuration::from_hours(24 * 7);

/// A connection as its developers see it.
#[derive(Template, Serialize)]
#[template(path = "partners/pages/connection.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what the page shows or not, each by itself"
)]
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
    keys_since_at: Option<Timestamp>,
    /// When the keys have to be replaced: at the end of their certificate, or after a year.
    keys_end_at: Option<Timestamp>,
    ends_soon: bool,
    /// Whether keys may be used by certificates of TLS.
    by_certificate: bool,
    /// What the visitor may do here.
    role: Role,
    roles: &'static [Role],
    members: Vec<MemberShown>,
    may_invite: bool,
    /// The address for somebody who was just invited; told once.
    pub(in crate::partners) invitation: Option<String>,
    steps: Vec<StepShown>,
    ready: bool,
    failures: Vec<FailureShown>,
    people: People,
    /// What the clients did in the last seven days.
    uses: Vec<Used>,
    /// What the partner signs with its key to prove that it holds it.
    challenge: String,
    audience: String,
}

impl Connection {
    fn of(app: &App, Seat { row, role }: Seat, trial_secret: Option<String>) -> Result<Self, Problem> {
        let asked = opened(app, &row)?;
        let terms = match row.state {
            State::Granted => granted(&row),
            State::Asked | State::Refused => asked.purposes,
        };
        let place = row.connection.bytes();
        let end = keys_end_at(&row);
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
            uses: Vec::new(),
            challenge: credentials::challenge(app, &row.connection, app.clock.now()),
            audience: sso::issuer(app).to_string(),
            law: row.law,
            trial_client: row.trial_client,
            trial_secret,
            live_client: row.live_client,
            ends_soon: end.is_some_and(|end| end - WARNED < app.clock.now()),
            keys_end_at: end,
            certificate_ends_at: row.certificate_ends_at,
            keys_since_at: row.keys_since_at,
            by_certificate: sso::takes_certificates(app),
            role,
            roles: Role::ALL,
            members: Vec::new(),
            may_invite: false,
            invitation: None,
        })
    }
}

/// What a client did.
#[derive(Serialize)]
struct Used {
    client_id: String,
    sign_ins: i64,
    tokens: i64,
    questions: i64,
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
    pub(in crate::partners) async fn load(
        app: &App,
        seat: Seat,
        trial_secret: Option<String>,
    ) -> Result<Self, Problem> {
        let connection = seat.row.connection;
        let mut view = Self::of(app, seat, trial_secret)?;
        let clients: Vec<String> = [Some(view.trial_client.clone()), view.live_client.clone()]
            .into_iter()
            .flatten()
            .collect();
        let (trial, live, now) = (view.trial_client.clone(), view.live_client.clone(), app.clock.now());
        let since = civil_date(now - USED_SINCE).to_string();
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
            let members = team::list(conn, &connection)?;
            let mut uses = Vec::new();
            for client_id in &clients {
                let mut of = |measure| statistics::of_client(conn, measure, client_id, &since);
                uses.push(Used {
                    sign_ins: of(Measure::SignIns)?,
                    tokens: of(Measure::Tokens)?,
                    questions: of(Measure::Questions)?,
                    client_id: client_id.clone(),
                });
            }
            Ok::<_, db::Error>((failures, failing::passed(conn, &trial)?, people, (members, uses)))
        });
        let (failures, passed, people, (members, uses)) = seen.await?;
        view.uses = uses;
        view.may_invite = view.role == Role::Owner && members.len() < MOST_MEMBERS;
        view.members = members
            .into_iter()
            .map(|member| MemberShown::of(app, &member))
            .collect::<Result<_, _>>()?;
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

/// A connection, and what the visitor may do there.
#[derive(Clone)]
pub(in crate::partners) struct Seat {
    pub(in crate::partners) row: Row,
    pub(in crate::partners) role: Role,
}

/// The visitor's connection of that identifier: nobody else's, and only where the visitor's role may do what is wanted.
pub(in crate::partners) async fn own(
    app: &App,
    citizen: &Citizen,
    id: ConnectionId,
    needed: Role,
) -> Result<Seat, Problem> {
    let person = citizen.person;
    let found = app.db.read(move |conn| {
        let row = store::find(conn, &id)?;
        Ok::<_, db::Error>((row, team::role_of(conn, &id, &person)?))
    });
    let (row, role) = found.await?;
    let row = row.ok_or_else(Problem::not_found)?;
    let role = if row.person == person { Some(Role::Owner) } else { role };
    let role = role.ok_or_else(Problem::not_found)?;
    if !role.may(needed) {
        return Err(Problem::new("partners-role", StatusCode::FORBIDDEN));
    }
    Ok(Seat { row, role })
}

/// Shows the developers' page.
pub(in crate::partners) async fn show(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<ConnectionId>,
) -> Result<Page<Connection>, Problem> {
    let seat = own(&app, &citizen, id, Role::Reader).await?;
    Ok(Page(Connection::load(&app, seat, None).await?))
}
