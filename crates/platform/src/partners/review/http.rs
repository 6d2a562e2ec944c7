use std::collections::BTreeMap;

use ::http::{StatusCode, header};
use askama::Template;
use axum::extract::State as Of;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use oidc::client::Terms;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::evidence::{self, Outcome, Settlement};
use crate::notices;
use crate::officers::{Action, Officer, On};
use crate::partners::ConnectionId;
use crate::partners::http::{PurposeShown, granted, opened};
use crate::partners::rules::{self, Asked, Kind, LETTER, State};
use crate::partners::store::{self, Row};
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::jobs as outbox;
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::texts::Lang;

/// How many are listed.
const MOST: i64 = 200;

/// What waits.
#[derive(Template, Serialize)]
#[template(path = "partners/pages/waiting.html")]
pub(in crate::partners) struct Waiting {
    connections: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    connection: ConnectionId,
    organisation: String,
    system: String,
    asked_at: Timestamp,
    answer_by: Timestamp,
    late: bool,
}

/// Shows what waits for a decision.
pub(in crate::partners) async fn list(Of(app): Of<App>, officer: Officer) -> Result<Page<Waiting>, Problem> {
    officer.must(&app, Action::DecideConnection, &On::Platform)?;
    let (rows, now) = (app.db.read(|conn| store::waiting(conn, MOST)).await?, app.clock.now());
    let listed = rows.into_iter().map(|row| {
        let asked = opened(&app, &row)?;
        Ok::<_, Problem>(Listed {
            connection: row.connection,
            organisation: asked.organisation,
            system: asked.system,
            asked_at: row.asked_at,
            answer_by: row.answer_by,
            late: row.answer_by < now,
        })
    });
    let connections = listed.collect::<Result<_, _>>()?;
    Ok(Page(Waiting { connections }))
}

/// One connection, as an officer sees it.
#[derive(Template, Serialize)]
#[template(path = "partners/pages/review.html")]
pub(in crate::partners) struct Review {
    connection: ConnectionId,
    organisation: String,
    code: String,
    kind: Kind,
    certificate: String,
    system: String,
    security_level: u8,
    security_decision: String,
    email: String,
    redirect_uris: Vec<String>,
    purposes: Vec<PurposeShown>,
    state: State,
    asked_at: Timestamp,
    answer_by: Timestamp,
    law: String,
    decided_at: Option<Timestamp>,
    answer: String,
}

impl Review {
    fn of(app: &App, row: &Row) -> Result<Self, Problem> {
        let asked = opened(app, row)?;
        let terms = if row.state == State::Granted {
            granted(row)
        } else {
            asked.purposes
        };
        let place = row.connection.bytes();
        let answer = row
            .answer_sealed
            .as_ref()
            .map(|sealed| app.vault.open_text("partner_connection", "answer", place, sealed));
        Ok(Self {
            connection: row.connection,
            organisation: asked.organisation,
            code: asked.code,
            kind: asked.kind,
            certificate: asked.certificate,
            system: asked.system,
            security_level: asked.security_level,
            security_decision: asked.security_decision,
            email: asked.email,
            redirect_uris: asked.redirect_uris,
            purposes: terms.iter().map(PurposeShown::of).collect(),
            state: row.state,
            asked_at: row.asked_at,
            answer_by: row.answer_by,
            law: row.law.clone(),
            decided_at: row.decided_at,
            answer: answer.transpose()?.unwrap_or_default(),
        })
    }
}

async fn load(app: &App, officer: &Officer, id: ConnectionId) -> Result<Row, Problem> {
    officer.must(app, Action::DecideConnection, &On::Platform)?;
    app.db
        .read(move |conn| store::find(conn, &id))
        .await?
        .ok_or_else(Problem::not_found)
}

/// Shows one.
pub(in crate::partners) async fn show(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ConnectionId>,
) -> Result<Page<Review>, Problem> {
    let row = load(&app, &officer, id).await?;
    Ok(Page(Review::of(&app, &row)?))
}

/// Shows the letter.
pub(in crate::partners) async fn letter(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ConnectionId>,
) -> Result<Response, Problem> {
    let row = load(&app, &officer, id).await?;
    let letter = evidence::read(&app, &row.person, &row.letter)
        .await?
        .ok_or_else(Problem::not_found)?;
    let kind = rules::media_type(&letter).ok_or_else(Problem::not_found)?;
    Ok((
        [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, "inline")],
        letter,
    )
        .into_response())
}

/// The decision; `without-PURPOSE` leaves a purpose out.
#[derive(Deserialize)]
pub(in crate::partners) struct Decision {
    #[serde(default)]
    decision: String,
    #[serde(default)]
    answer: String,
    #[serde(flatten)]
    without: BTreeMap<String, String>,
}

impl Decision {
    fn grants(&self, asked: &Asked) -> Vec<Terms> {
        let left = |terms: &&Terms| !self.without.contains_key(&format!("without-{}", terms.purpose));
        asked.purposes.iter().filter(left).cloned().collect()
    }
}

/// Grants or refuses, once; the organisation hears of it by e-mail.
pub(in crate::partners) async fn decide(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ConnectionId>,
    Input(form): Input<Decision>,
) -> Result<Next<Review>, Problem> {
    let row = load(&app, &officer, id).await?;
    let asked = opened(&app, &row)?;
    let terms = form.grants(&asked);
    let state = match form.decision.as_str() {
        "grant" if !terms.is_empty() => State::Granted,
        "refuse" => State::Refused,
        _ => return Err(wrong(&app, &row, Fault::new("decision", "partners-fault-decision"))?),
    };
    let answer = form.answer.trim().to_owned();
    if !(10..=2000).contains(&answer.chars().count()) {
        return Err(wrong(&app, &row, Fault::new("answer", "partners-fault-answer"))?);
    }

    let now = app.clock.now();
    let sealed = app.vault.seal_text("partner_connection", "answer", id.bytes(), &answer);
    let granted = (state == State::Granted).then(|| serde_json::to_string(&terms).unwrap_or_default());
    let sentence = if state == State::Granted {
        "partners-email-granted"
    } else {
        "partners-email-refused"
    };
    let text = app.texts.say(
        Lang::Vi,
        sentence,
        &[
            ("system", asked.system.as_str().into()),
            ("answer", answer.as_str().into()),
        ],
    );
    let told = notices::email(&app, &asked.email, text);
    let outcome = if state == State::Granted {
        Outcome::Granted
    } else {
        Outcome::Ended
    };
    let settlement = Settlement::draw(&app, (row.person, row.letter), LETTER, outcome);
    let me = officer.officer;
    let row = app
        .db
        .write(move |tx| {
            if !store::decide(tx, &id, (state, &me), (&sealed, granted.as_deref()), now)? {
                return Err(Problem::new("partners-decided", StatusCode::CONFLICT));
            }
            evidence::settle(tx, &settlement)?;
            outbox::enqueue(tx, &told)?;
            store::find(tx, &id)?.ok_or_else(Problem::not_found)
        })
        .await?;

    Ok(Next {
        to: format!("/officers/connections/{id}"),
        view: Review::of(&app, &row)?,
    })
}

fn wrong(app: &App, row: &Row, fault: Fault) -> Result<Problem, Problem> {
    Ok(Problem::invalid(vec![fault]).on(Review::of(app, row)?))
}
