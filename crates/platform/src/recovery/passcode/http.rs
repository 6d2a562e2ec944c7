use askama::Template;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::super::alarm::{Alarm, What};
use super::super::phone_is_fresh;
use crate::accounts::{self, Account};
use crate::app::App;
use crate::shell::filters;
use crate::shell::input::Input;
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;
use crate::signin::codes::{self, Purpose};
use crate::signin::events::{Event, Kind};
use crate::signin::{self, Passcode, Question, own_words};

/// The citizen's own questions.
#[derive(Clone, Template, Serialize)]
#[template(path = "recovery/passcode/pages/passcode.html")]
pub(super) struct Ask {
    questions: Vec<String>,
    masked_phone: String,
    sent: bool,
    changed: bool,
}

async fn view(app: &App, citizen: &Citizen) -> Result<(Account, Vec<Question>, Ask), Problem> {
    let (vault, person, now) = (app.vault.clone(), citizen.person, app.clock.now());
    let (account, questions, fresh) = app
        .db
        .read(move |conn| {
            Ok::<_, Problem>((
                accounts::own(conn, &vault, &person)?,
                signin::questions(conn, &person)?,
                phone_is_fresh(conn, &person, now)?,
            ))
        })
        .await?;
    if questions.len() < 2 || account.phone_lost || fresh {
        return Err(Problem::new("recovery-passcode-elsewhere", StatusCode::CONFLICT));
    }
    let ask = Ask {
        questions: questions.iter().map(|question| question.sentence()).collect(),
        masked_phone: account.phone.masked(),
        sent: false,
        changed: false,
    };
    Ok((account, questions, ask))
}

/// Shows the questions.
pub(super) async fn ask(State(app): State<App>, citizen: Citizen) -> Result<Page<Ask>, Problem> {
    Ok(Page(view(&app, &citizen).await?.2))
}

/// Sends a code to the phone.
pub(super) async fn send_code(State(app): State<App>, citizen: Citizen) -> Result<Page<Ask>, Problem> {
    let (account, _, ask) = view(&app, &citizen).await?;
    codes::send(&app, citizen.person, Purpose::Recovery, &account.phone)
        .await
        .map_err(|problem| problem.on(ask.clone()))?;
    Ok(Page(Ask { sent: true, ..ask }))
}

#[derive(Deserialize)]
pub(super) struct PasscodeForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    answer_1: String,
    #[serde(default)]
    answer_2: String,
    #[serde(default)]
    passcode: String,
    repeat: Option<String>,
}

/// Sets a new passcode.
pub(super) async fn set(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<PasscodeForm>,
) -> Result<Next<Ask>, Problem> {
    let (account, questions, ask) = view(&app, &citizen).await?;
    let ask = Ask { sent: true, ..ask };
    let own = own_words(&account);
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let passcode =
        Passcode::check(form.passcode.trim(), &own).map_err(|faults| Problem::invalid(faults).on(ask.clone()))?;
    if form
        .repeat
        .as_ref()
        .is_some_and(|repeat| repeat.trim() != form.passcode.trim())
    {
        let fault = Fault::new("repeat", "signin-repeat-differs");
        return Err(Problem::invalid(vec![fault]).on(ask));
    }
    codes::spend(&app, citizen.person, Purpose::Recovery, &form.code)
        .await
        .map_err(|problem| problem.on(ask.clone()))?;
    let (vault, person) = (app.vault.clone(), citizen.person);
    let answers = [form.answer_1.clone(), form.answer_2.clone()];
    let right = app
        .db
        .read(move |conn| {
            let given: Vec<(Question, &str)> = questions
                .iter()
                .copied()
                .zip(answers.iter().map(String::as_str))
                .collect();
            signin::answers_are_right(conn, &vault, &person, &given)
        })
        .await?;
    if !right {
        return Err(Problem::new("recovery-wrong-answers", StatusCode::FORBIDDEN).on(ask));
    }

    let hash = signin::hash_passcode(&app, &passcode).await?;
    let (now, vault) = (app.clock.now(), app.vault.clone());
    let event = Event::now(&app, person, Kind::PasscodeChanged, &citizen.session.methods)?;
    let alarm = Alarm::draw(&app, &account, What::Passcode);
    app.db
        .write(move |tx| {
            signin::set_passcode(tx, &vault, &person, &hash, now)?;
            event.keep(tx)?;
            alarm.raise(tx)
        })
        .await?;
    app.bell.ring();

    Ok(Next {
        to: "/account/security".to_owned(),
        view: Ask { changed: true, ..ask },
    })
}
