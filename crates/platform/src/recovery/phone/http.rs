use askama::Template;
use axum::extract::State;
use civil::Phone;
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::alarm::{Alarm, What};
use super::super::rules::{PhoneShown, phone_changes};
use super::super::{Right, must_have};
use super::jobs::TakeEffect;
use super::{ChangeId, store, take_effect};
use crate::accounts::{self, Account};
use crate::app::App;
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::jobs::{Order, enqueue};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;
use crate::shell::toll::{self, Payment};
use crate::signin::check_passcode;
use crate::signin::codes::{self, Purpose, Typed};
use crate::signin::events::{Event, Kind};

const HERE: &str = "/account/security/phone";

/// The present number, and what is under way.
#[derive(Clone, Template, Serialize)]
#[template(path = "recovery/phone/pages/phone.html")]
pub(super) struct Number {
    masked_phone: String,
    /// Somebody else has proved this number: it is of no use for this account.
    lost: bool,
    change: Option<Change>,
    typed: String,
}

#[derive(Clone, Serialize)]
struct Change {
    change: ChangeId,
    masked_phone: String,
    /// When it takes effect; until the codes are typed it does not.
    effective_at: Option<Timestamp>,
}

async fn view(app: &App, citizen: &Citizen) -> Result<(Account, Number), Problem> {
    let (vault, person) = (app.vault.clone(), citizen.person);
    app.db
        .read(move |conn| {
            let account = accounts::own(conn, &vault, &person)?;
            let change = store::pending(conn, &vault, &person)?.map(|pending| Change {
                change: pending.change,
                masked_phone: pending.phone.masked(),
                effective_at: pending.effective_at,
            });
            let number = Number {
                masked_phone: account.phone.masked(),
                lost: account.phone_lost,
                change,
                typed: String::new(),
            };
            Ok((account, number))
        })
        .await
}

/// Shows it.
pub(super) async fn show(State(app): State<App>, citizen: Citizen) -> Result<Page<Number>, Problem> {
    Ok(Page(view(&app, &citizen).await?.1))
}

#[derive(Deserialize)]
pub(super) struct BeginForm {
    #[serde(default)]
    phone: String,
    #[serde(default)]
    passcode: String,
    #[serde(flatten)]
    payment: Payment,
}

/// Begins a change: codes go to the new number and to the old one.
pub(super) async fn begin(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<BeginForm>,
) -> Result<Next<Number>, Problem> {
    let (account, shown) = view(&app, &citizen).await?;
    let shown = Number {
        typed: form.phone.clone(),
        ..shown
    };
    let fault = |text| Problem::invalid(vec![Fault::new("phone", text)]).on(shown.clone());
    let phone = Phone::parse(form.phone.trim())
        .ok()
        .ok_or_else(|| fault("recovery-phone-form"))?;
    if phone == account.phone && !account.phone_lost {
        return Err(fault("recovery-phone-same"));
    }
    let paid = toll::take(&app, &form.payment).map_err(|problem| problem.on(shown.clone()))?;
    check_passcode(&app, &citizen.person, &form.passcode)
        .await
        .map_err(|problem| problem.on(shown.clone()))?;

    let (now, person, change) = (app.clock.now(), citizen.person, ChangeId::draw(&app.chance));
    let to_new = codes::draw(&app, person, Purpose::NewPhone, &phone);
    let to_old = (!account.phone_lost).then(|| codes::draw(&app, person, Purpose::OldPhone, &account.phone));
    let (vault, old) = (app.vault.clone(), account.phone.clone());
    app.db
        .write(move |tx| {
            must_have(tx, &person, Right::Change, now)?;
            paid.spend(tx, now)?;
            to_new.keep(tx)?;
            if let Some(to_old) = &to_old {
                to_old.keep(tx)?;
            }
            Ok::<_, Problem>(store::insert(tx, &vault, (&person, &change), (&phone, &old), now)?)
        })
        .await
        .map_err(|problem| problem.on(shown))?;
    app.bell.ring();

    next(&app, &citizen).await
}

async fn next(app: &App, citizen: &Citizen) -> Result<Next<Number>, Problem> {
    Ok(Next {
        to: HERE.to_owned(),
        view: view(app, citizen).await?.1,
    })
}

#[derive(Deserialize)]
pub(super) struct FinishForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    old_code: String,
}

/// Takes the codes. With the one to the old number the new one is used at once; without it, on the own device alone, after three days.
pub(super) async fn finish(
    State(app): State<App>,
    citizen: Citizen,
    Path(change): Path<ChangeId>,
    Input(form): Input<FinishForm>,
) -> Result<Next<Number>, Problem> {
    let (account, shown) = view(&app, &citizen).await?;
    let (now, person) = (app.clock.now(), citizen.person);
    let evidence = PhoneShown {
        passcode: true,
        old_phone: !form.old_code.trim().is_empty(),
        own_device: citizen.session.device.is_some() || citizen.session.methods.split(' ').any(|means| means == "user"),
    };
    let effective_at = phone_changes(evidence, now)
        .ok_or_else(|| Problem::new("recovery-old-phone-needed", StatusCode::FORBIDDEN).on(shown.clone()))?;
    let new = Typed::read(&app, person, Purpose::NewPhone, &form.code);
    let old = Typed::read(&app, person, Purpose::OldPhone, &form.old_code);

    let alarm = Alarm::draw(&app, &account, What::Phone);
    let event = Event::now(&app, person, Kind::PhoneChanged, &citizen.session.methods)?;
    let later = Order::at(&app, &TakeEffect { person, change }, effective_at);
    let vault = app.vault.clone();
    let right = app
        .db
        .write(move |tx| {
            // The try of a wrong code stays counted: that unit of work is committed, too.
            if !new.spend(tx)? || (evidence.old_phone && !old.spend(tx)?) {
                return Ok(false);
            }
            if !store::confirm(tx, (&person, &change), now, effective_at)? {
                return Err(Problem::new("recovery-over", StatusCode::GONE));
            }
            alarm.raise(tx)?;
            if effective_at > now {
                enqueue(tx, &later)?;
            } else {
                take_effect(tx, &vault, (&person, &change), now)?;
                event.keep(tx)?;
            }
            Ok(true)
        })
        .await
        .map_err(|problem| problem.on(shown.clone()))?;
    if !right {
        return Err(codes::wrong().on(shown));
    }
    app.bell.ring();

    next(&app, &citizen).await
}

/// Stops a change under way.
pub(super) async fn stop(State(app): State<App>, citizen: Citizen) -> Result<Next<Number>, Problem> {
    let (now, person) = (app.clock.now(), citizen.person);
    let event = Event::now(&app, person, Kind::RecoveryStopped, &citizen.session.methods)?;
    app.db
        .write(move |tx| {
            if !store::stop(tx, &person, now)? {
                return Err(Problem::not_found());
            }
            Ok(event.keep(tx)?)
        })
        .await?;
    next(&app, &citizen).await
}
