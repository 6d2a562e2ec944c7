use askama::Template;
use axum::extract::State;
use crypto::secret::Secret;
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::asks::{self, AskId, Shown};
use super::{Farewell, current, proofs};
use crate::accounts::{self, Level};
use crate::app::App;
use crate::recovery::alarm::{Alarm, What};
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;
use crate::signin::confirm::{self, Asks};
use crate::signin::events::{Event, Kind};

const HERE: &str = "/account/security/device";

/// The citizen's device, and what is asked of it.
#[derive(Clone, Template, Serialize)]
#[template(path = "devices/pages/device.html")]
pub(super) struct DevicePage {
    device: Option<Bound>,
    /// The page is shown on that device.
    here: bool,
    /// What is asked of it; told on the device alone.
    asks: Vec<Shown>,
    /// The account may have a device: level 1 or 2.
    may_bind: bool,
    confirm: Asks,
    challenge: String,
}

#[derive(Clone, Serialize)]
struct Bound {
    label: String,
    bound_at: Timestamp,
}

pub(super) async fn view(app: &App, citizen: &Citizen) -> Result<DevicePage, Problem> {
    let (parts, citizen) = (app.clone(), citizen.clone());
    let challenge = proofs::challenge(app)?;
    app.db
        .read(move |conn| {
            let person = citizen.person;
            let account = accounts::own(conn, &parts.vault, &person)?;
            let device = current(conn, &person)?;
            let here = device
                .as_ref()
                .is_some_and(|device| citizen.session.device == Some(*device.device.bytes()));
            let asks = if here {
                asks::open(conn, &parts, &person)?
            } else {
                Vec::new()
            };
            let device = device
                .map(|device| {
                    Ok::<_, Problem>(Bound {
                        label: device.label(&parts)?,
                        bound_at: device.bound_at,
                    })
                })
                .transpose()?;
            Ok(DevicePage {
                device,
                here,
                asks,
                may_bind: account.level >= Level::One,
                confirm: confirm::asks(conn, &person)?,
                challenge: challenge.clone(),
            })
        })
        .await
}

/// Shows the device.
pub(super) async fn show(State(app): State<App>, citizen: Citizen) -> Result<Page<DevicePage>, Problem> {
    Ok(Page(view(&app, &citizen).await?))
}

#[derive(Deserialize)]
pub(super) struct RemoveForm {
    secret: Secret<String>,
}

/// Gives the device up; whoever does it stays signed in nowhere.
pub(super) async fn remove(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<RemoveForm>,
) -> Result<Next<DevicePage>, Problem> {
    let shown = view(&app, &citizen).await?;
    confirm::confirm(&app, &citizen, &form.secret)
        .await
        .map_err(|problem| problem.on(shown.clone()))?;

    let person = citizen.person;
    let event = Event::now(&app, person, Kind::DeviceRemoved, &citizen.session.methods)?;
    let vault = app.vault.clone();
    let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
    let farewell = Farewell::draw(&app, person, "holder");
    let alarm = Alarm::draw(&app, &account, What::DeviceRemoved);
    app.db
        .write(move |tx| {
            if current(tx, &person)?.is_none() {
                return Err(Problem::not_found());
            }
            farewell.carry_out(tx)?;
            alarm.raise(tx)?;
            Ok(event.keep(tx)?)
        })
        .await?;
    app.bell.ring();

    Ok(Next {
        to: "/signin".to_owned(),
        view: DevicePage {
            device: None,
            here: false,
            asks: Vec::new(),
            ..shown
        },
    })
}

/// The present device refuses what is asked of it.
pub(super) async fn refuse(
    State(app): State<App>,
    citizen: Citizen,
    Path(ask): Path<AskId>,
) -> Result<Next<DevicePage>, Problem> {
    let shown = view(&app, &citizen).await?;
    if !shown.here {
        return Err(Problem::new("devices-elsewhere", StatusCode::FORBIDDEN).on(shown));
    }

    let (now, person) = (app.clock.now(), citizen.person);
    let refused = app.db.write(move |tx| asks::refuse(tx, &person, &ask, now)).await?;
    if !refused {
        return Err(Problem::not_found());
    }

    Ok(Next {
        to: HERE.to_owned(),
        view: view(&app, &citizen).await?,
    })
}
