use ::http::StatusCode;
use askama::Template;
use axum::extract::State as Of;
use civil::calendar::MissingYear;
use civil::names;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::RequestId;
use super::rules::{Asked, DECIDE_DAYS, FORWARD_DAYS, Read, ReceiveForm, State, read};
use super::store::{self, Row};
use crate::accounts;
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::locks::rules::{self, Word};
use crate::locks::{Act, By, Ground, ONLY, apply, standing};
use crate::officers::{Action, CaseNumber, Occasion, Officer, On};
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};

/// How many requests the list shows.
const MOST: i64 = 200;
/// For forms, before a document is named.
const ANY_CASE: &str = "000";

fn may(app: &App, officer: &Officer, action: Action, case: Option<CaseNumber>) -> Result<(), Problem> {
    let occasion = Occasion {
        purpose: Purpose::Lock.slug(),
        case_number: case,
    };
    officer.must_for(app, action, &On::Person, &occasion)
}

/// Who receives requests, or decides them, may see what waits.
fn sees(app: &App, officer: &Officer) -> Result<(), Problem> {
    let may = |action| may(app, officer, action, CaseNumber::parse(ANY_CASE));
    may(Action::DecideLock).or_else(|_| may(Action::RequestLock))
}

/// The requests that wait, and the form for a new one.
#[derive(Clone, Template, Serialize)]
#[template(path = "locks/requests/pages/requests.html")]
pub(super) struct Requests {
    requests: Vec<Waiting>,
    receives: bool,
    typed: ReceiveForm,
}

#[derive(Clone, Serialize)]
struct Waiting {
    request: RequestId,
    raises: bool,
    state: State,
    received_at: Timestamp,
    due_at: Timestamp,
    late: bool,
}

async fn waiting(app: &App, officer: &Officer, typed: ReceiveForm) -> Result<Requests, Problem> {
    sees(app, officer)?;
    let (rows, now) = (app.db.read(|conn| store::open(conn, MOST)).await?, app.clock.now());
    let shown = |row: Row| {
        let due_at = row.decide_by.unwrap_or(row.forward_by);
        Waiting {
            request: row.request,
            raises: row.raises,
            state: row.state,
            received_at: row.received_at,
            due_at,
            late: due_at < now,
        }
    };
    Ok(Requests {
        requests: rows.into_iter().map(shown).collect(),
        receives: may(app, officer, Action::RequestLock, CaseNumber::parse(ANY_CASE)).is_ok(),
        typed,
    })
}

/// Shows what waits.
pub(super) async fn list(Of(app): Of<App>, officer: Officer) -> Result<Page<Requests>, Problem> {
    Ok(Page(waiting(&app, &officer, ReceiveForm::default()).await?))
}

/// Receives a request: number and name must both be those of one person.
pub(super) async fn receive(
    Of(app): Of<App>,
    officer: Officer,
    Input(form): Input<ReceiveForm>,
) -> Result<Next<Requests>, Problem> {
    let again = waiting(&app, &officer, form.clone()).await?;
    let asked = match read(&form) {
        Ok(asked) => asked,
        Err(faults) => return Err(Problem::invalid(faults).on(again)),
    };
    may(&app, &officer, Action::RequestLock, Some(asked.document.clone()))?;
    let Some(account) = accounts::of_number(&app, &asked.number).await? else {
        return Err(Problem::new("locks-no-account", StatusCode::NOT_FOUND).on(again));
    };
    if !names::same(&account.full_name, &form.full_name) {
        return Err(Problem::invalid(vec![Fault::new("full_name", "locks-name-fault")]).on(again));
    }

    let (request, now) = (RequestId::draw(&app.chance), app.clock.now());
    let row = Row {
        request,
        person: account.person,
        raises: asked.raises,
        source: source(&app, &account.person, &asked, request)
            .await?
            .ok_or_else(|| Problem::new("locks-no-request-stands", StatusCode::CONFLICT).on(again))?,
        asked_sealed: sealed(&app, request, &asked, &officer)?,
        state: State::Received,
        received_by: officer.officer,
        received_at: now,
        forward_by: app.calendar.add_working_days(now, FORWARD_DAYS).map_err(no_calendar)?,
        decide_by: None,
        answer_sealed: None,
    };
    let who = Who::Officer(officer.known_as());
    let look = Look::now(&app, account.person, &who, Purpose::Lock, "number name account");
    let look = look.in_case(&app, asked.document.as_str());
    app.db
        .write(move |tx| {
            store::insert(tx, &row)?;
            history::record(tx, &look)
        })
        .await?;

    let to = format!("/officers/locks/{request}");
    let view = waiting(&app, &officer, ReceiveForm::default()).await?;
    Ok(Next { to, view })
}

fn sealed(app: &App, request: RequestId, asked: &Read, officer: &Officer) -> Result<Vec<u8>, Problem> {
    let record = Asked {
        ground: asked.ground,
        body: asked.body.clone(),
        document: asked.document.to_string(),
        reason: asked.reason.clone(),
        received_by: officer.known_as(),
    };
    Ok(app
        .vault
        .seal_record("lock_request", "asked", request.bytes(), &record)?)
}

/// Whose ground it will be: a new one of this request, or the only breach; to unlock, the one that stands.
async fn source(
    app: &App,
    person: &PersonId,
    asked: &Read,
    request: RequestId,
) -> Result<Option<super::super::Source>, Problem> {
    let ground = asked.ground;
    if asked.raises {
        let own = if ground == Ground::Breach {
            ONLY
        } else {
            *request.bytes()
        };
        return Ok(Some(own.into()));
    }
    let person = *person;
    let standing = app.db.read(move |conn| standing(conn, &person)).await?;
    let mut standing = standing.grounds().iter().filter(|stands| stands.ground == ground);
    Ok(standing.next().map(|stands| stands.source))
}

/// A year whose working days nobody has entered: never guessed.
fn no_calendar(cause: MissingYear) -> Problem {
    Problem::new("locks-no-calendar", StatusCode::SERVICE_UNAVAILABLE).caused_by(cause)
}

/// One request.
#[derive(Clone, Template, Serialize)]
#[template(path = "locks/requests/pages/request.html")]
pub(super) struct OneRequest {
    request: RequestId,
    raises: bool,
    state: State,
    full_name: String,
    number: String,
    #[serde(flatten)]
    asked: Asked,
    received_at: Timestamp,
    forward_by: Timestamp,
    decide_by: Option<Timestamp>,
    answer: Option<String>,
    forwards: bool,
    decides: bool,
    typed: String,
}

async fn load(app: &App, officer: &Officer, id: RequestId) -> Result<(Row, OneRequest), Problem> {
    sees(app, officer)?;
    let vault = app.vault.clone();
    let (row, account) = app
        .db
        .read(move |conn| {
            let row = store::find(conn, &id)?.ok_or_else(Problem::not_found)?;
            let account = accounts::find(conn, &vault, &row.person)?.ok_or_else(Problem::not_found)?;
            Ok::<_, Problem>((row, account))
        })
        .await?;
    let asked: Asked = app
        .vault
        .open_record("lock_request", "asked", id.bytes(), &row.asked_sealed)?;
    let answer = row.answer_sealed.as_ref();
    let answer = answer.map(|sealed| app.vault.open_text("lock_request", "answer", id.bytes(), sealed));
    let case = || CaseNumber::parse(&asked.document);
    let shown = OneRequest {
        request: id,
        raises: row.raises,
        state: row.state,
        full_name: account.full_name,
        number: account.number.as_str().to_owned(),
        received_at: row.received_at,
        forward_by: row.forward_by,
        decide_by: row.decide_by,
        answer: answer.transpose()?,
        forwards: row.state == State::Received && may(app, officer, Action::RequestLock, case()).is_ok(),
        decides: row.state == State::Forwarded && may(app, officer, Action::DecideLock, case()).is_ok(),
        asked,
        typed: String::new(),
    };
    Ok((row, shown))
}

/// Shows a request; that is a look at the person's data.
pub(super) async fn show(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<RequestId>,
) -> Result<Page<OneRequest>, Problem> {
    let (row, shown) = load(&app, &officer, id).await?;
    let who = Who::Officer(officer.known_as());
    let look = Look::now(&app, row.person, &who, Purpose::Lock, "number name").in_case(&app, &shown.asked.document);
    app.db.write(move |tx| history::record(tx, &look)).await?;
    Ok(Page(shown))
}

/// Forwards a request to the ministry.
pub(super) async fn forward(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<RequestId>,
) -> Result<Next<OneRequest>, Problem> {
    let (_, shown) = load(&app, &officer, id).await?;
    may(
        &app,
        &officer,
        Action::RequestLock,
        CaseNumber::parse(&shown.asked.document),
    )?;
    let now = app.clock.now();
    let decide_by = app.calendar.add_working_days(now, DECIDE_DAYS).map_err(no_calendar)?;
    let forwarded = app.db.write(move |tx| store::forward(tx, &id, now, decide_by)).await?;
    if !forwarded {
        return Err(Problem::new("locks-request-changed", StatusCode::CONFLICT).on(shown));
    }
    shown_next(&app, &officer, id).await
}

async fn shown_next(app: &App, officer: &Officer, id: RequestId) -> Result<Next<OneRequest>, Problem> {
    let (_, view) = load(app, officer, id).await?;
    let to = format!("/officers/locks/{id}");
    Ok(Next { to, view })
}

/// The ministry's decision.
#[derive(Deserialize)]
pub(super) struct DecideForm {
    #[serde(default)]
    decision: String,
    #[serde(default)]
    answer: String,
}

/// Grants or refuses a request. Granted, the lock or the unlock is done in the same unit of work.
pub(super) async fn decide(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<RequestId>,
    Input(form): Input<DecideForm>,
) -> Result<Next<OneRequest>, Problem> {
    let (row, shown) = load(&app, &officer, id).await?;
    may(
        &app,
        &officer,
        Action::DecideLock,
        CaseNumber::parse(&shown.asked.document),
    )?;
    let state = match form.decision.as_str() {
        "grant" => Some(State::Granted),
        "refuse" => Some(State::Refused),
        _ => None,
    };
    let (answer, mut faults) = (rules::reason(&form.answer), Vec::new());
    if state.is_none() {
        faults.push(Fault::new("decision", "locks-decision-fault"));
    }
    if answer.is_none() {
        faults.push(Fault::new("answer", "locks-reason-fault"));
    }
    let again = OneRequest {
        typed: form.answer,
        ..shown
    };
    let (Some(state), Some(answer)) = (state, answer) else {
        return Err(Problem::invalid(faults).on(again));
    };
    if row.received_by == officer.officer {
        return Err(Problem::new("locks-four-eyes", StatusCode::FORBIDDEN).on(again));
    }

    let act = granted(&app, &officer, &row, &again.asked, state).await?;
    let sealed = app.vault.seal_text("lock_request", "answer", id.bytes(), &answer);
    let (me, now) = (officer.officer, app.clock.now());
    let decided = app
        .db
        .write(move |tx| {
            let decided = store::decide(tx, &id, (state, &me), &sealed, now)?;
            if let (true, Some(act)) = (decided, &act) {
                apply(tx, act)?;
            }
            Ok::<_, Problem>(decided)
        })
        .await?;
    app.bell.ring();
    if !decided {
        return Err(Problem::new("locks-request-changed", StatusCode::CONFLICT).on(again));
    }
    shown_next(&app, &officer, id).await
}

/// What is done where the request is granted.
async fn granted(app: &App, officer: &Officer, row: &Row, asked: &Asked, state: State) -> Result<Option<Act>, Problem> {
    if state != State::Granted {
        return Ok(None);
    }
    let word = if row.raises { Word::Raise } else { Word::Clear };
    let reason = format!("{}, {}", asked.body, asked.document);
    let what = (word, asked.ground, row.source);
    Act::draw(app, row.person, what, By::officer(officer), &reason)
        .await
        .map(Some)
}
