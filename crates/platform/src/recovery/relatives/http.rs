use askama::Template;
use axum::extract::State;
use civil::PersonalNumber;
use crypto::secret::Secret;
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::cases;
use super::super::{Right, must_have};
use super::store::{self, Relation};
use super::{MOST, RelationId};
use crate::accounts::{self, Level};
use crate::app::App;
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;
use crate::signin::check_passcode;
use crate::signin::confirm::{self, Asks};
use crate::signin::events::{Event, Kind};

const HERE: &str = "/account/security/relatives";

/// Whom the citizen trusts, who trusts the citizen, and what waits for a word.
#[derive(Clone, Template, Serialize)]
#[template(path = "recovery/relatives/pages/relatives.html")]
pub(super) struct Relatives {
    named: Vec<Named>,
    trusting: Vec<Trusting>,
    may_name: bool,
    confirm: Asks,
}

#[derive(Clone, Serialize)]
struct Named {
    relation: RelationId,
    label: String,
    named_at: Timestamp,
    agreed_at: Option<Timestamp>,
}

#[derive(Clone, Serialize)]
struct Trusting {
    relation: RelationId,
    full_name: String,
    agreed: bool,
    /// A recovery of that person waits for a word.
    waits: bool,
}

fn digest(app: &App, number: &PersonalNumber) -> [u8; 32] {
    app.vault.digest("recovery-relative", number.as_str().as_bytes())
}

async fn view(app: &App, citizen: &Citizen) -> Result<Relatives, Problem> {
    let (parts, person, now) = (app.clone(), citizen.person, app.clock.now());
    app.db
        .read(move |conn| {
            let account = accounts::own(conn, &parts.vault, &person)?;
            let named = store::list(conn, &person)?
                .iter()
                .map(|relation| {
                    let label = parts.vault.open_text(
                        "recovery_relative",
                        "label",
                        relation.relation.bytes(),
                        &relation.label_sealed,
                    );
                    Ok::<_, Problem>(Named {
                        relation: relation.relation,
                        label: label?,
                        named_at: relation.named_at,
                        agreed_at: relation.agreed_at,
                    })
                })
                .collect::<Result<_, _>>()?;
            let mut trusting = Vec::new();
            for relation in store::trusting(conn, &digest(&parts, &account.number))? {
                let Some(other) = accounts::find(conn, &parts.vault, &relation.person)? else {
                    continue;
                };
                trusting.push(Trusting {
                    relation: relation.relation,
                    full_name: other.full_name,
                    agreed: relation.agreed_at.is_some(),
                    waits: cases::waits_for(conn, &relation, now)?,
                });
            }
            Ok(Relatives {
                named,
                trusting,
                may_name: account.level == Level::Two,
                confirm: confirm::asks(conn, &person)?,
            })
        })
        .await
}

/// Shows them.
pub(super) async fn list(State(app): State<App>, citizen: Citizen) -> Result<Page<Relatives>, Problem> {
    Ok(Page(view(&app, &citizen).await?))
}

#[derive(Deserialize)]
pub(super) struct NameForm {
    #[serde(default)]
    number: String,
    #[serde(default)]
    label: String,
    secret: Secret<String>,
}

/// Names a relative. The answer is the same whether or not the number has an account.
pub(super) async fn name(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<NameForm>,
) -> Result<Next<Relatives>, Problem> {
    let shown = view(&app, &citizen).await?;
    let faults = |field, text| Problem::invalid(vec![Fault::new(field, text)]).on(shown.clone());
    let Ok(number) = PersonalNumber::parse(form.number.trim()) else {
        return Err(faults("number", "signin-number-form"));
    };
    let label: String = form.label.trim().chars().take(60).collect();
    if label.is_empty() {
        return Err(faults("label", "recovery-label-needed"));
    }
    confirm::confirm(&app, &citizen, &form.secret)
        .await
        .map_err(|problem| problem.on(shown.clone()))?;

    let (now, person, vault) = (app.clock.now(), citizen.person, app.vault.clone());
    let relation = RelationId::draw(&app.chance);
    let new = Relation {
        person,
        relation,
        label_sealed: app
            .vault
            .seal_text("recovery_relative", "label", relation.bytes(), &label),
        relative: None,
        named_at: now,
        agreed_at: None,
    };
    let event = Event::now(&app, person, Kind::RelativesChanged, &citizen.session.methods)?;
    let digest = digest(&app, &number);
    app.db
        .write(move |tx| {
            let account = accounts::own(tx, &vault, &person)?;
            must_have(tx, &person, Right::Change, now)?;
            if account.level != Level::Two {
                return Err(Problem::new("recovery-level-2-needed", StatusCode::FORBIDDEN));
            }
            if account.number == number {
                return Err(Problem::invalid(vec![Fault::new("number", "recovery-relative-self")]));
            }
            if store::list(tx, &person)?.len() >= MOST {
                return Err(Problem::new("recovery-relatives-full", StatusCode::CONFLICT));
            }
            store::insert(tx, &new, &digest)?;
            Ok(event.keep(tx)?)
        })
        .await
        .map_err(|problem| problem.on(shown))?;

    next(&app, &citizen).await
}

async fn next(app: &App, citizen: &Citizen) -> Result<Next<Relatives>, Problem> {
    Ok(Next {
        to: HERE.to_owned(),
        view: view(app, citizen).await?,
    })
}

#[derive(Deserialize)]
pub(super) struct SecretForm {
    secret: Secret<String>,
}

/// Names a relative no more.
pub(super) async fn remove(
    State(app): State<App>,
    citizen: Citizen,
    Path(relation): Path<RelationId>,
    Input(form): Input<SecretForm>,
) -> Result<Next<Relatives>, Problem> {
    let shown = view(&app, &citizen).await?;
    confirm::confirm(&app, &citizen, &form.secret)
        .await
        .map_err(|problem| problem.on(shown.clone()))?;

    let (now, person) = (app.clock.now(), citizen.person);
    let event = Event::now(&app, person, Kind::RelativesChanged, &citizen.session.methods)?;
    app.db
        .write(move |tx| {
            must_have(tx, &person, Right::Change, now)?;
            if !store::remove(tx, &person, &relation, now)? {
                return Err(Problem::not_found());
            }
            Ok(event.keep(tx)?)
        })
        .await?;

    next(&app, &citizen).await
}

/// Agrees to be somebody's trusted relative.
pub(super) async fn agree(
    State(app): State<App>,
    citizen: Citizen,
    Path(relation): Path<RelationId>,
) -> Result<Next<Relatives>, Problem> {
    let (now, person, parts) = (app.clock.now(), citizen.person, app.clone());
    app.db
        .write(move |tx| {
            let account = accounts::own(tx, &parts.vault, &person)?;
            if account.level != Level::Two {
                return Err(Problem::new("recovery-level-2-needed", StatusCode::FORBIDDEN));
            }
            let agreed = store::agree(tx, &relation, (&person, &digest(&parts, &account.number)), now)?;
            agreed.then_some(()).ok_or_else(Problem::not_found)
        })
        .await?;

    next(&app, &citizen).await
}

#[derive(Deserialize)]
pub(super) struct ConfirmForm {
    #[serde(default)]
    passcode: String,
}

/// Confirms that it is the relative who recovers access.
pub(super) async fn confirm(
    State(app): State<App>,
    citizen: Citizen,
    Path(relation): Path<RelationId>,
    Input(form): Input<ConfirmForm>,
) -> Result<Next<Relatives>, Problem> {
    let shown = view(&app, &citizen).await?;
    check_passcode(&app, &citizen.person, &form.passcode)
        .await
        .map_err(|problem| problem.on(shown))?;

    cases::confirm(&app, &citizen, relation).await?;

    next(&app, &citizen).await
}
