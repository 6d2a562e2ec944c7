use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rules::{Asking, Hours, Purpose, PurposeLock};
use super::{PurposeLockId, store};
use crate::app::App;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::Input;
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;
use crate::signin;
use crate::sso;

/// How many locks a citizen can set at once.
const MOST: usize = 50;

/// The citizen's locks by purpose.
#[derive(Template, Serialize)]
#[template(path = "locks/purposes/pages/purposes.html")]
pub(in crate::locks) struct Purposes {
    locks: Vec<Set>,
    /// The relying parties that know the citizen.
    partners: Vec<Partner>,
}

#[derive(Serialize)]
struct Set {
    lock: PurposeLockId,
    purpose: &'static str,
    partner: Option<String>,
    hours: Option<String>,
    set_at: Timestamp,
}

#[derive(Serialize)]
struct Partner {
    client_id: String,
    name: String,
}

async fn view(app: &App, person: &PersonId) -> Result<Purposes, Problem> {
    let (person, now) = (*person, app.clock.now());
    let (locks, known) = app
        .db
        .read(move |conn| Ok::<_, db::Error>((store::list(conn, &person)?, sso::who_know(conn, &person, now)?)))
        .await?;
    let mut set = Vec::new();
    for lock in locks {
        let partner = match &lock.client_id {
            Some(id) => sso::find(app, id).await?.map(|client| client.name().to_owned()),
            None => None,
        };
        set.push(Set {
            lock: lock.id,
            purpose: lock.purpose.word(),
            partner,
            hours: lock.hours.map(|hours| hours.to_string()),
            set_at: lock.set_at,
        });
    }
    let partner = |(client_id, name)| Partner { client_id, name };
    let partners = sso::names(app, &known).await?.into_iter().map(partner).collect();
    Ok(Purposes { locks: set, partners })
}

/// Shows the citizen's locks by purpose.
pub(super) async fn show(State(app): State<App>, citizen: Citizen) -> Result<Page<Purposes>, Problem> {
    Ok(Page(view(&app, &citizen.person).await?))
}

/// What shall be locked.
#[derive(Deserialize)]
pub(super) struct SetForm {
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

/// Sets a lock. What relying parties hold for that purpose is taken back at once.
pub(super) async fn set(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<SetForm>,
) -> Result<Next<Purposes>, Problem> {
    let (person, now) = (citizen.person, app.clock.now());
    let lock = match read(&app, &form).await {
        Ok(lock) => lock,
        Err(fault) => return Err(Problem::invalid(vec![fault]).on(view(&app, &person).await?)),
    };

    let known = app.db.read(move |conn| sso::who_know(conn, &person, now)).await?;
    let mut locked_out = Vec::new();
    for id in known {
        let client = sso::find(&app, &id).await?;
        if client.is_some_and(|client| lock.refuses(&Asking::of(&client), now).is_some()) {
            locked_out.push(id);
        }
    }

    app.db
        .write(move |tx| {
            let there = store::list(tx, &person)?;
            let same = |other: &PurposeLock| {
                (other.purpose, &other.client_id, other.hours) == (lock.purpose, &lock.client_id, lock.hours)
            };
            if there.iter().any(same) {
                return Ok(());
            }
            if there.len() >= MOST {
                return Err(Problem::new("locks-too-many-purposes", StatusCode::CONFLICT));
            }
            store::insert(tx, &person, &lock)?;
            for client_id in &locked_out {
                sso::revoke_of(tx, &person, client_id, now)?;
            }
            Ok(())
        })
        .await?;

    let to = "/account/locks/purposes".to_owned();
    let view = view(&app, &person).await?;
    Ok(Next { to, view })
}

async fn read(app: &App, form: &SetForm) -> Result<PurposeLock, Fault> {
    let purpose = Purpose::of(&form.purpose).ok_or_else(|| Fault::new("purpose", "locks-purpose-fault"))?;
    let with_hours = !form.from.trim().is_empty() || !form.to.trim().is_empty();
    let hours = Hours::read(&form.from, &form.to);
    if with_hours && hours.is_none() {
        return Err(Fault::new("from", "locks-hours-fault"));
    }
    let client_id = match purpose {
        Purpose::Partner => {
            let known = sso::find(app, form.client_id.trim()).await.ok().flatten();
            let client = known.ok_or_else(|| Fault::new("client_id", "locks-partner-fault"))?;
            Some(client.id().to_owned())
        }
        Purpose::Loans | Purpose::Ekyc => None,
    };
    Ok(PurposeLock {
        id: PurposeLockId::draw(&app.chance),
        purpose,
        client_id,
        hours,
        set_at: app.clock.now(),
    })
}

/// Which lock shall be lifted.
#[derive(Deserialize)]
pub(super) struct LiftForm {
    lock: PurposeLockId,
    #[serde(default)]
    passcode: String,
}

/// Lifts a lock, for the passcode: whoever finds an open session shall not.
pub(super) async fn lift(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<LiftForm>,
) -> Result<Next<Purposes>, Problem> {
    let (person, now) = (citizen.person, app.clock.now());
    if let Err(problem) = signin::check_passcode(&app, &person, &form.passcode).await {
        return Err(problem.on(view(&app, &person).await?));
    }

    let lifted = app
        .db
        .write(move |tx| store::lift(tx, &person, &form.lock, now))
        .await?;
    if !lifted {
        return Err(Problem::not_found());
    }

    let to = "/account/locks/purposes".to_owned();
    let view = view(&app, &person).await?;
    Ok(Next { to, view })
}
