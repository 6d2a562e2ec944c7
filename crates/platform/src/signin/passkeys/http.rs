use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use crypto::secret::Secret;
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::confirm::{self, Asks};
use super::super::events::{self, Event};
use super::super::http::{Admission, admit, proof_of};
use crate::accounts;
use crate::app::App;
use crate::devices;
use crate::recovery::alarm::{Alarm, What};
use crate::recovery::{self, Right};
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Path, local_path};
use crate::shell::page::{Next, Page};
use crate::shell::passkey::{self, Answer, Challenge, Kept, PasskeyId, Subject};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::{Citizen, Kind, Visitor};
use crate::signin;

const HERE: &str = "/account/security/passkeys";

/// The citizen's passkeys.
#[derive(Template, Serialize)]
#[template(path = "signin/passkeys/pages/passkeys.html")]
pub(super) struct Passkeys {
    passkeys: Vec<Listed>,
    asks: Asks,
    next: &'static str,
}

#[derive(Serialize)]
struct Listed {
    passkey: PasskeyId,
    label: String,
    synced: bool,
    made_at: Timestamp,
    used_at: Option<Timestamp>,
}

impl Passkeys {
    async fn of(app: &App, person: PersonId) -> Result<Self, Problem> {
        let vault = app.vault.clone();
        let (kept, asks) = app
            .db
            .read(move |conn| {
                let kept = passkey::list(conn, &vault, &subject(person))?;
                Ok::<_, Problem>((kept, confirm::asks(conn, &person)?))
            })
            .await?;
        let listed = |kept: Kept| Listed {
            passkey: kept.passkey,
            label: kept.label,
            synced: kept.synced,
            made_at: kept.made_at,
            used_at: kept.used_at,
        };
        Ok(Self {
            passkeys: kept.into_iter().map(listed).collect(),
            asks,
            next: HERE,
        })
    }
}

fn subject(person: PersonId) -> Subject {
    Subject {
        kind: Kind::Citizen,
        id: *person.bytes(),
    }
}

/// Shows the citizen's passkeys.
pub(super) async fn list(State(app): State<App>, citizen: Citizen) -> Result<Page<Passkeys>, Problem> {
    Ok(Page(Passkeys::of(&app, citizen.person).await?))
}

#[derive(Deserialize)]
pub(super) struct BeginForm {
    secret: Secret<String>,
}

/// Begins to make a passkey, once the citizen has confirmed it.
pub(super) async fn begin(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<BeginForm>,
) -> Result<Json<Challenge>, Problem> {
    confirm::confirm(&app, &citizen, &form.secret).await?;

    let (vault, person, now) = (app.vault.clone(), citizen.person, app.clock.now());
    let (account, known) = app
        .db
        .read(move |conn| {
            recovery::must_have(conn, &person, Right::Change, now)?;
            let account = accounts::own(conn, &vault, &person)?;
            Ok::<_, Problem>((account, passkey::list(conn, &vault, &subject(person))?))
        })
        .await?;
    // The name is shown on lock screens: never the whole number.
    let name = account.number.masked();
    Ok(Json(passkey::make(&app, subject(person), &name, &known)?))
}

#[derive(Deserialize)]
pub(super) struct KeepForm {
    #[serde(default)]
    label: String,
    #[serde(flatten)]
    answer: Answer,
}

/// Keeps a passkey that was made.
pub(super) async fn keep(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<KeepForm>,
) -> Result<Next<Passkeys>, Problem> {
    let person = citizen.person;
    if form.label.trim().is_empty() {
        return Err(Problem::invalid(vec![Fault::new(
            "label",
            "signin-passkey-label-needed",
        )]));
    }
    let made = passkey::made(&app, subject(person), &form.label, &form.answer)?.on(citizen.session.device);

    let event = Event::now(&app, person, events::Kind::PasskeyMade, &citizen.session.methods)?;
    let vault = app.vault.clone();
    let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
    let alarm = Alarm::draw(&app, &account, What::Passkey);
    app.db
        .write(move |tx| {
            made.insert(tx)?;
            event.keep(tx)?;
            Ok::<_, Problem>(alarm.raise(tx)?)
        })
        .await?;
    app.bell.ring();

    Ok(Next {
        to: HERE.to_owned(),
        view: Passkeys::of(&app, person).await?,
    })
}

#[derive(Deserialize)]
pub(super) struct RemoveForm {
    secret: Secret<String>,
}

/// Removes a passkey, unless it is the last means of signing in.
pub(super) async fn remove(
    State(app): State<App>,
    citizen: Citizen,
    Path(passkey): Path<PasskeyId>,
    Input(form): Input<RemoveForm>,
) -> Result<Next<Passkeys>, Problem> {
    let on = Passkeys::of(&app, citizen.person).await?;
    if let Err(problem) = confirm::confirm(&app, &citizen, &form.secret).await {
        return Err(problem.on(on));
    }

    let (vault, person) = (app.vault.clone(), citizen.person);
    let event = Event::now(&app, person, events::Kind::PasskeyRemoved, &citizen.session.methods)?;
    app.db
        .write(move |tx| {
            let left = passkey::list(tx, &vault, &subject(person))?;
            let others = left.iter().any(|kept| kept.passkey != passkey);
            if !others && !signin::has_password(tx, &person)? {
                return Err(Problem::new("signin-last-means", StatusCode::CONFLICT));
            }
            if !passkey::remove(tx, &subject(person), &passkey)? {
                return Err(Problem::not_found());
            }
            Ok(event.keep(tx)?)
        })
        .await?;

    Ok(Next {
        to: HERE.to_owned(),
        view: Passkeys::of(&app, person).await?,
    })
}

/// Asks for the proof of a passkey.
pub(super) async fn ask(State(app): State<App>) -> Result<Json<Challenge>, Problem> {
    Ok(Json(passkey::ask(&app, Kind::Citizen, None)?))
}

#[derive(Deserialize)]
pub(super) struct OpenForm {
    #[serde(default)]
    next: String,
    /// The proof of the device, where the browser holds the key of one.
    #[serde(default)]
    proof: String,
    #[serde(flatten)]
    answer: Answer,
}

/// Opens a session by a passkey.
pub(super) async fn open(
    State(app): State<App>,
    visitor: Visitor,
    Input(form): Input<OpenForm>,
) -> Result<Response, Problem> {
    let proven = passkey::prove(&app, Kind::Citizen, &form.answer).await?;
    let person = PersonId::from(proven.subject.id);

    let vault = app.vault.clone();
    let device = app
        .db
        .read(move |conn| {
            accounts::own(conn, &vault, &person)?;
            Ok::<_, Problem>(devices::current(conn, &person)?)
        })
        .await?;
    let proof = proof_of(&app, &form.proof, device.as_ref());
    let (now, methods) = (app.clock.now(), proven.methods());
    app.db.write(move |tx| proven.spend(tx, now)).await?;
    let admission = Admission {
        person,
        methods,
        device: device.filter(|_| proof.is_some()).map(|device| *device.device.bytes()),
        ask: None,
        next: local_path(&form.next).unwrap_or("/account").to_owned(),
    };
    admit(&app, visitor, admission, proof).await
}
