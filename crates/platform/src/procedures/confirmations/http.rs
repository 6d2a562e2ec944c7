use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ConfirmationId, Content, Onward, TABLE, store};
use crate::app::App;
use crate::procedures::dossiers::http::{LONGEST, Value, shown};
use crate::procedures::known;
use crate::procedures::states::Event;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;
use crate::signin;

const PAGE: &str = "/procedures/confirmations";
/// How many are shown.
const MOST: i64 = 100;

/// What the citizen is asked to confirm.
#[derive(Clone, Template, Serialize)]
#[template(path = "procedures/pages/confirmations.html")]
pub(super) struct Confirmations {
    confirmations: Vec<Asked>,
    #[serde(skip)]
    words: String,
}

#[derive(Clone, Serialize)]
struct Asked {
    id: ConfirmationId,
    code: String,
    asker: String,
    about: Vec<Value>,
    basis: String,
    asked_at: Timestamp,
    ends_at: Timestamp,
    /// `open`, `confirmed`, `disputed`, `lapsed`.
    state: &'static str,
}

fn state(row: &store::Row, now: Timestamp) -> &'static str {
    match (row.answered_at, row.confirmed_at) {
        (_, Some(_)) => "confirmed",
        (Some(_), None) => "disputed",
        (None, None) if row.ends_at > now => "open",
        (None, None) => "lapsed",
    }
}

impl Confirmations {
    async fn load(app: &App, person: PersonId, words: String) -> Result<Self, Problem> {
        let rows = app.db.read(move |conn| store::list(conn, &person, MOST)).await?;
        let now = app.clock.now();
        let asked = |row: store::Row| {
            let content: Content = app
                .vault
                .open_record(TABLE, "content", row.id.bytes(), &row.content_sealed)?;
            Ok::<_, Problem>(Asked {
                id: row.id,
                about: content.about.iter().map(|value| shown(&content.code, value)).collect(),
                code: content.code,
                asker: content.asker,
                state: state(&row, now),
                basis: row.basis,
                asked_at: row.asked_at,
                ends_at: row.ends_at,
            })
        };
        Ok(Self {
            confirmations: rows.into_iter().map(asked).collect::<Result<_, _>>()?,
            words,
        })
    }
}

/// Shows what the citizen is asked to confirm.
pub(super) async fn list(State(app): State<App>, citizen: Citizen) -> Result<Page<Confirmations>, Problem> {
    known::applicant(&app, citizen.person, 1).await?;
    Ok(Page(Confirmations::load(&app, citizen.person, String::new()).await?))
}

/// An answer.
#[derive(Deserialize)]
pub(super) struct AnswerForm {
    #[serde(default)]
    answer: String,
    #[serde(default)]
    words: String,
    #[serde(default)]
    passcode: String,
}

impl AnswerForm {
    fn check(&self) -> Result<Event, Vec<Fault>> {
        let event = match self.answer.as_str() {
            "confirm" => Some(Event::Confirm),
            "dispute" => Some(Event::Dispute),
            _ => None,
        };
        let words = self.words.trim();
        let mut faults = Vec::new();
        if event.is_none() {
            faults.push(Fault::new("answer", "procedures-fault-answer"));
        }
        if (event == Some(Event::Dispute) && words.is_empty()) || words.chars().count() > LONGEST {
            faults.push(Fault::new("words", "procedures-fault-words"));
        }
        event.filter(|_| faults.is_empty()).ok_or(faults)
    }
}

/// Confirms or disputes. The applicant is told, and the bodies begin.
pub(super) async fn answer(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<ConfirmationId>,
    Input(form): Input<AnswerForm>,
) -> Result<Next<Confirmations>, Problem> {
    let person = citizen.person;
    let found = app.db.read(move |conn| store::find(conn, &id)).await?;
    let row = found
        .filter(|row| row.answerer == person)
        .ok_or_else(Problem::not_found)?;
    let again = || Confirmations::load(&app, person, form.words.clone());
    let event = match form.check() {
        Ok(event) => event,
        Err(faults) => return Err(Problem::invalid(faults).on(again().await?)),
    };
    if let Err(problem) = signin::check_passcode(&app, &person, &form.passcode).await {
        return Err(problem.on(again().await?));
    }

    let (words, now) = (form.words.trim(), app.clock.now());
    let over = || Problem::new("procedures-answered", StatusCode::CONFLICT);
    let Some(onward) = Onward::draw(&app, &row, event, words).await? else {
        return Err(over().on(again().await?));
    };
    let confirmed_at = (event == Event::Confirm).then_some(now);
    let words = app.vault.seal_text(TABLE, "words", id.bytes(), words);
    let written = app.db.write(move |tx| {
        let written = store::answer(tx, &row, confirmed_at, &words, now)?;
        if written {
            onward.take(tx)?;
        }
        Ok::<_, Problem>(written)
    });
    if !written.await? {
        return Err(over().on(again().await?));
    }
    app.bell.ring();
    Ok(Next {
        to: PAGE.to_owned(),
        view: Confirmations::load(&app, person, String::new()).await?,
    })
}
