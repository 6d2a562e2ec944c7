use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use nation::card::CardState;
use nation::licence::LicenceState;
use nation::sources::{Fate, Source};
use serde::{Deserialize, Serialize};

use super::super::{ground, people};
use crate::app::App;
use crate::locks;
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};

/// What can befall somebody.
const FATES: [&str; 12] = [
    "none",
    "died",
    "card-held",
    "card-revoked",
    "card-expired",
    "licence-held",
    "licence-revoked",
    "licence-in-two",
    "moved",
    "child",
    "vehicle-misfiled",
    "insurance-misfiled",
];

/// What befell somebody.
#[derive(Template, Serialize)]
#[template(path = "sandbox/fates/pages/fate.html")]
pub(super) struct Befell {
    number: String,
    full_name: String,
    fate: &'static str,
    #[serde(skip)]
    fates: [&'static str; 12],
}

fn view(app: &App, number: &str) -> Result<Befell, Problem> {
    let citizen = people::find(app, number)?;
    let fate = ground(app)?.faults.fates().get(citizen.number.as_str());
    let today = app.clock.today();
    let known = FATES.into_iter().filter(|word| *word != "none");
    // The day on which it befell is not part of the word.
    let word = known
        .into_iter()
        .find(|word| fate_of(word, today).is_some_and(|other| alike(&fate, &other)));
    let word = word.unwrap_or("none");
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
    let Some(fate) = fate_of(&form.fate, app.clock.today()) else {
        let fault = Fault::new("fate", "sandbox-fate-fault");
        return Err(Problem::invalid(vec![fault]).on(view(&app, &number)?));
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

fn fate_of(word: &str, today: Date) -> Option<Fate> {
    let fine = Fate::default();
    let card = |state| Fate {
        card: Some((state, today)),
        ..Fate::default()
    };
    let licence = |state| Fate {
        licence: Some((state, today)),
        ..Fate::default()
    };
    let misfiled = |source| Fate {
        misfiled: Some(source),
        ..Fate::default()
    };
    Some(match word {
        "none" => fine,
        "licence-in-two" => Fate {
            licence_in_two: true,
            ..Fate::default()
        },
        "died" => Fate {
            died_on: Some(today),
            ..fine
        },
        "card-held" => card(CardState::Held),
        "card-revoked" => card(CardState::Revoked),
        "card-expired" => card(CardState::Expired),
        "licence-held" => licence(LicenceState::Held),
        "licence-revoked" => licence(LicenceState::Revoked),
        "moved" => Fate {
            moved_on: Some(today),
            ..fine
        },
        "child" => Fate {
            child_on: Some(today),
            ..fine
        },
        "vehicle-misfiled" => misfiled(Source::Vehicle),
        "insurance-misfiled" => misfiled(Source::HealthInsurance),
        _ => return None,
    })
}

fn alike(one: &Fate, other: &Fate) -> bool {
    let kinds = |fate: &Fate| {
        (
            fate.died_on.is_some(),
            fate.card.map(|(state, _)| state),
            fate.licence.map(|(state, _)| state),
            fate.moved_on.is_some(),
            fate.child_on.is_some(),
            fate.licence_in_two,
            fate.misfiled,
        )
    };
    kinds(one) == kinds(other)
}
