use askama::Template;
use axum::extract::State;
use civil::PersonalNumber;
use serde::{Deserialize, Serialize};

use super::super::people;
use super::{ANSWERS, PASSCODE, PASSWORD, make as make_account};
use crate::accounts::Level;
use crate::app::App;
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::Next;
use crate::shell::problem::Problem;

/// The account that is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    level: Level,
}

/// How to sign in as somebody.
#[derive(Template, Serialize)]
#[template(path = "sandbox/pages/holder.html")]
pub(super) struct Holder {
    #[serde(rename = "personal_number")]
    number: PersonalNumber,
    full_name: String,
    phone: String,
    level: Level,
    password: &'static str,
    /// Accounts of level 0 have none.
    passcode: Option<&'static str>,
    security_answers: Vec<SecurityAnswer>,
    sign_in: &'static str,
}

#[derive(Serialize)]
struct SecurityAnswer {
    question: &'static str,
    answer: &'static str,
}

/// Makes an account at once.
pub(super) async fn make(
    State(app): State<App>,
    Path(number): Path<String>,
    Input(wanted): Input<Wanted>,
) -> Result<Next<Holder>, Problem> {
    let citizen = people::find(&app, &number)?;

    let account = make_account(&app, &citizen, wanted.level).await?;

    let has_passcode = account.level > Level::Zero;
    let answers = ANSWERS.iter().filter(|_| has_passcode);
    app.bell.ring();
    Ok(Next {
        to: format!("/sandbox?person={}", account.number.as_str()),
        view: Holder {
            number: account.number,
            full_name: account.full_name,
            phone: account.phone.e164(),
            level: account.level,
            password: PASSWORD,
            passcode: has_passcode.then_some(PASSCODE),
            security_answers: answers
                .map(|(question, answer)| SecurityAnswer { question, answer })
                .collect(),
            sign_in: "/signin",
        },
    })
}
