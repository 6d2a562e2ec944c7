use askama::Template;
use axum::extract::State;
use nation::card::CardState;
use nation::sources::Fate;
use serde::{Deserialize, Serialize};

use super::super::{ground, people};
use crate::app::App;
use crate::locks;
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};

/// What can befall somebody.
const FATES: [&str; 5] = ["none", "died", "card-held", "card-revoked", "card-expired"];

/// What befell somebody.
#[derive(Template, Serialize)]
#[template(path = "sandbox/fates/pages/fate.html")]
pub(super) struct Befell {
    number: String,
    full_name: String,
    fate: &'static str,
    #[serde(skip)]
    fates: [&'static str; 5],
}

fn view(app: &App, number: &str) -> Result<Befell, Problem> {
    let citizen = people::find(app, number)?;
    let fate = ground(app)?.faults.fates().get(citizen.number.as_str());
    let word = match (fate.died_on, fate.card) {
        (Some(_), _) => "died",
        (_, Some((CardState::Held, _))) => "card-held",
        (_, Some((CardState::Revoked, _))) => "card-revoked",
        (_, Some((CardState::Expired, _))) => "card-expired",
        _ => "none",
    };
    Ok(Befell {
        number: citizen.number.as_str().to_owned(),
        full_name: citizen.full_name,
        fate: word,
        fates: FATES,
    })
}

/// Shows what befell somebody.
pub(super) async fn show(State(app): State<App>, Path(number): Path<String>) -> Result<Page<Befell>, Problem> {
    Ok(Page(view(&app, &number)?))
}

/// What shall befall somebody.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FateForm {
    fate: String,
}

/// Lets something befall somebody from today on, and reviews the locks at once, as each day does.
pub(super) async fn befall(
    State(app): State<App>,
    Path(number): Path<String>,
    Input(form): Input<FateForm>,
) -> Result<Next<Befell>, Problem> {
    let today = app.clock.today();
    let of_card = |state| Fate {
        card: Some((state, today)),
        ..Fate::default()
    };
    let fate = match form.fate.as_str() {
        "none" => Fate::default(),
        "died" => Fate {
            died_on: Some(today),
            ..Fate::default()
        },
        "card-held" => of_card(CardState::Held),
        "card-revoked" => of_card(CardState::Revoked),
        "card-expired" => of_card(CardState::Expired),
        _ => {
            let fault = Fault::new("fate", "sandbox-fate-fault");
            return Err(Problem::invalid(vec![fault]).on(view(&app, &number)?));
        }
    };
    let citizen = people::find(&app, &number)?;
    ground(&app)?.faults.fates().set(citizen.number.as_str(), fate);
    locks::review_now(&app).await?;
    app.bell.ring();

    Ok(Next {
        to: format!("/sandbox/people/{}/fate", citizen.number.as_str()),
        view: view(&app, &number)?,
    })
}
