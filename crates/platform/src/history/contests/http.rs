use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rules::{self, Outcome};
use super::store::{self, Filed, Row};
use super::{ContestId, Contested};
use crate::accounts;
use crate::app::App;
use crate::history::store as looks;
use crate::history::{self, Look, LookId, Purpose, Who};
use crate::notices::{self, Note, inform};
use crate::officers::{Action, Occasion, Officer, On};
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;

/// How many contests the list shows.
const MOST: i64 = 200;

/// The look that is contested, in the words of the history.
#[derive(Clone, Serialize)]
struct Seen {
    at: Timestamp,
    name: String,
    who: String,
    purpose: String,
    what: Vec<String>,
    case: Option<String>,
    from: Option<String>,
}

impl Seen {
    fn of(app: &App, row: looks::Row) -> Result<Self, Problem> {
        let opened = row.open(&app.vault)?;
        Ok(Self {
            at: row.at,
            name: opened.name,
            who: row.who_kind,
            purpose: row.purpose,
            what: row.what.split_whitespace().map(str::to_owned).collect(),
            case: opened.details.case,
            from: opened.details.from,
        })
    }
}

/// The form to contest a look.
#[derive(Clone, Template, Serialize)]
#[template(path = "history/contests/pages/contest.html")]
pub(super) struct Contest {
    look: LookId,
    seen: Seen,
    reason: String,
    /// The contest, once it is filed.
    filed: Option<Contested>,
}

async fn own(app: &App, citizen: &Citizen, look: LookId) -> Result<Contest, Problem> {
    let (person, now, vault) = (citizen.person, app.clock.now(), app.vault.clone());
    let (row, filed) = app
        .db
        .read(move |conn| {
            let row = looks::find(conn, &person, &look, now)?.ok_or_else(Problem::not_found)?;
            Ok::<_, Problem>((row, super::of_look(conn, &vault, &person, &look)?))
        })
        .await?;
    if row.who_kind == "holder" {
        return Err(Problem::new("history-own-look", StatusCode::CONFLICT));
    }
    Ok(Contest {
        look,
        seen: Seen::of(app, row)?,
        reason: String::new(),
        filed,
    })
}

/// Shows the form.
pub(super) async fn ask(
    State(app): State<App>,
    citizen: Citizen,
    Path(look): Path<LookId>,
) -> Result<Page<Contest>, Problem> {
    Ok(Page(own(&app, &citizen, look).await?))
}

/// Why the look was not right.
#[derive(Deserialize)]
pub(super) struct FileForm {
    #[serde(default)]
    reason: String,
}

/// Files the contest: from now on an inspector has until the time limit to answer.
pub(super) async fn file(
    State(app): State<App>,
    citizen: Citizen,
    Path(look): Path<LookId>,
    Input(form): Input<FileForm>,
) -> Result<Next<Contest>, Problem> {
    let shown = own(&app, &citizen, look).await?;
    let again = Contest {
        reason: form.reason.clone(),
        ..shown.clone()
    };
    let Some(reason) = rules::text(&form.reason) else {
        return Err(Problem::invalid(vec![Fault::new("reason", "history-reason-fault")]).on(again));
    };

    let (contest, now) = (ContestId::draw(&app.chance), app.clock.now());
    let filed = Filed {
        person: citizen.person,
        contest,
        look,
        looked_at: shown.seen.at,
        reason_sealed: app
            .vault
            .seal_text("history_contest", "reason", contest.bytes(), &reason),
        law: app.config.history.contest_law.clone(),
        filed_at: now,
        due_at: rules::due(now, app.config.history.contest_days),
    };
    let kept = app.db.write(move |tx| store::insert(tx, &filed)).await;
    match kept {
        Ok(()) => {}
        Err(db::Error::Taken(_)) => {
            return Err(Problem::new("history-contested-already", StatusCode::CONFLICT).on(again));
        }
        Err(error) => return Err(error.into()),
    }

    let to = format!("/account/history/{look}/contest");
    let view = own(&app, &citizen, look).await?;
    Ok(Next { to, view })
}

/// Who answers what is contested.
fn answers(app: &App, officer: &Officer) -> Result<(), Problem> {
    let occasion = Occasion {
        purpose: Purpose::Contest.slug(),
        case_number: None,
    };
    officer.must_for(app, Action::AnswerContest, &On::Person, &occasion)
}

/// The contests that wait.
#[derive(Template, Serialize)]
#[template(path = "history/contests/pages/contests.html")]
pub(super) struct Contests {
    contests: Vec<Waiting>,
}

#[derive(Serialize)]
struct Waiting {
    contest: ContestId,
    filed_at: Timestamp,
    due_at: Timestamp,
    late: bool,
}

/// Shows an inspector what waits, without anybody's data.
pub(super) async fn list(State(app): State<App>, officer: Officer) -> Result<Page<Contests>, Problem> {
    answers(&app, &officer)?;
    let (rows, now) = (app.db.read(|conn| store::open(conn, MOST)).await?, app.clock.now());
    let waiting = |row: Row| Waiting {
        contest: row.contest,
        filed_at: row.filed_at,
        due_at: row.due_at,
        late: row.due_at < now,
    };
    Ok(Page(Contests {
        contests: rows.into_iter().map(waiting).collect(),
    }))
}

/// One contest, as an inspector sees it.
#[derive(Clone, Template, Serialize)]
#[template(path = "history/contests/pages/dossier.html")]
pub(super) struct Dossier {
    contest: ContestId,
    full_name: String,
    seen: Option<Seen>,
    #[serde(flatten)]
    contested: Contested,
    /// The inspector made the look, and so does not answer.
    own_look: bool,
    outcomes: [Outcome; 3],
    typed: String,
}

async fn load(app: &App, officer: &Officer, id: ContestId) -> Result<(Row, Dossier), Problem> {
    answers(app, officer)?;
    let (vault, now) = (app.vault.clone(), app.clock.now());
    let (row, account, look) = app
        .db
        .read(move |conn| {
            let row = store::find(conn, &id)?.ok_or_else(Problem::not_found)?;
            let account = accounts::find(conn, &vault, &row.person)?;
            let look = looks::find(conn, &row.person, &row.look, now)?;
            Ok::<_, Problem>((row, account, look))
        })
        .await?;
    let seen = look.map(|look| Seen::of(app, look)).transpose()?;
    let again = Row {
        reason_sealed: row.reason_sealed.clone(),
        law: row.law.clone(),
        outcome: row.outcome.clone(),
        answer_sealed: row.answer_sealed.clone(),
        ..row
    };
    let dossier = Dossier {
        contest: id,
        full_name: account.map(|account| account.full_name).unwrap_or_default(),
        own_look: seen.as_ref().is_some_and(|seen| seen.name == officer.known_as()),
        seen,
        contested: Contested::open(&app.vault, again)?,
        outcomes: Outcome::ALL,
        typed: String::new(),
    };
    Ok((row, dossier))
}

/// Shows a contest; that is itself a look.
pub(super) async fn show(
    State(app): State<App>,
    officer: Officer,
    Path(id): Path<ContestId>,
) -> Result<Page<Dossier>, Problem> {
    let (row, dossier) = load(&app, &officer, id).await?;
    let look = Look::now(
        &app,
        row.person,
        &Who::Officer(officer.known_as()),
        Purpose::Contest,
        "name history",
    );
    app.db.write(move |tx| history::record(tx, &look)).await?;
    Ok(Page(dossier))
}

/// What the inspector found.
#[derive(Deserialize)]
pub(super) struct AnswerForm {
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    answer: String,
}

/// Answers, and tells the citizen.
pub(super) async fn answer(
    State(app): State<App>,
    officer: Officer,
    Path(id): Path<ContestId>,
    Input(form): Input<AnswerForm>,
) -> Result<Next<Dossier>, Problem> {
    let (row, dossier) = load(&app, &officer, id).await?;
    if dossier.own_look {
        return Err(Problem::new("history-four-eyes", StatusCode::FORBIDDEN).on(dossier));
    }
    let (outcome, text, mut faults) = (Outcome::of(&form.outcome), rules::text(&form.answer), Vec::new());
    if outcome.is_none() {
        faults.push(Fault::new("outcome", "history-outcome-fault"));
    }
    if text.is_none() {
        faults.push(Fault::new("answer", "history-answer-fault"));
    }
    let again = Dossier {
        typed: form.answer.clone(),
        ..dossier
    };
    let (Some(outcome), Some(text)) = (outcome, text) else {
        return Err(Problem::invalid(faults).on(again));
    };

    let sealed = app.vault.seal_text("history_contest", "answer", id.bytes(), &text);
    let note = Note::new(
        notices::Kind::Legal,
        "history-told-answered",
        format!("contest {id} answered"),
    );
    let note = note.link("/account/history");
    let (at, now) = (app.clone(), app.clock.now());
    let answered = app
        .db
        .write(move |tx| {
            let answered = store::answer(tx, (&row.person, &id), outcome.word(), &sealed, now)?;
            if answered {
                inform(&at, tx, &row.person, &note, now)?;
            }
            Ok::<_, db::Error>(answered)
        })
        .await?;
    app.bell.ring();
    if !answered {
        return Err(Problem::new("history-answered-already", StatusCode::CONFLICT).on(again));
    }

    let (_, view) = load(&app, &officer, id).await?;
    let to = "/officers/contests".to_owned();
    Ok(Next { to, view })
}
