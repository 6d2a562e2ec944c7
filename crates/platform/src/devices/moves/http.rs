use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::super::asks::{self, AskId, NewAsk};
use super::super::rules::{self, Missing, Shown, Way};
use super::super::{Binding, current, give_up, proofs, store};
use crate::accounts::{self, Level};
use crate::app::App;
use crate::chips::{self, Invitation};
use crate::recovery::alarm::{Alarm, What};
use crate::recovery::{chip, phone_is_fresh};
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;
use crate::shell::session::{self, Citizen, Session};
use crate::signin::codes::{self, Purpose};
use crate::signin::events::{Event, Kind};
use crate::signin::{check_passcode, means};

/// The ways in which a browser becomes the citizen's device.
#[expect(clippy::struct_excessive_bools, reason = "what the page shows or does not")]
#[derive(Clone, Template, Serialize)]
#[template(path = "devices/moves/pages/move.html")]
pub(super) struct Move {
    ask: AskId,
    has_device: bool,
    masked_phone: String,
    /// Where a reader brings the chip of the card, once it is invited.
    reader: Option<String>,
    /// The chip was brought, and is the original of the own card.
    card: bool,
    sent: bool,
    /// This browser is the device of somebody else, whose device it then is no more.
    of_another: bool,
    done: bool,
}

fn address(ask: &AskId) -> String {
    format!("/account/security/device/moves/{ask}")
}

#[derive(Deserialize)]
pub(super) struct BeginForm {
    proof: String,
}

/// Asks for a new device. The old one, where there is one, shows a code from now on.
pub(super) async fn begin(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<BeginForm>,
) -> Result<Next<Move>, Problem> {
    let proof = proofs::check(&app, &form.proof)?;
    let (vault, person) = (app.vault.clone(), citizen.person);
    let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
    if account.level == Level::Zero {
        return Err(Problem::new("devices-level-too-low", StatusCode::FORBIDDEN));
    }

    let now = app.clock.now();
    let ask = NewAsk::draw(&app, person, asks::Kind::Move, Some(&proof.key))?;
    let id = ask.id();
    app.db
        .write(move |tx| {
            proof.spend(tx, now)?;
            Ok::<_, Problem>(ask.keep(tx)?)
        })
        .await?;

    Ok(Next {
        to: address(&id),
        view: view(&app, &citizen, id).await?,
    })
}

async fn view(app: &App, citizen: &Citizen, ask: AskId) -> Result<Move, Problem> {
    let (vault, person, now) = (app.vault.clone(), citizen.person, app.clock.now());
    app.db
        .read(move |conn| {
            let key = asks::key(conn, &person, &ask, now)?.ok_or_else(over)?;
            let holder = store::holder(conn, &key.thumbprint())?;
            let account = accounts::own(conn, &vault, &person)?;
            let received = chips::received(conn, &vault, &person, ask.bytes())?;
            Ok(Move {
                card: received.is_some_and(|received| chip::is_own(&received, &account.number)),
                reader: None,
                ask,
                has_device: current(conn, &person)?.is_some(),
                masked_phone: account.phone.masked(),
                sent: false,
                of_another: holder.is_some_and(|holder| holder != person),
                done: false,
            })
        })
        .await
}

fn over() -> Problem {
    Problem::new("devices-move-over", StatusCode::GONE)
}

/// Shows the ways.
pub(super) async fn show(
    State(app): State<App>,
    citizen: Citizen,
    Path(ask): Path<AskId>,
) -> Result<Page<Move>, Problem> {
    Ok(Page(view(&app, &citizen, ask).await?))
}

/// Sends a code to the phone.
pub(super) async fn send_code(
    State(app): State<App>,
    citizen: Citizen,
    Path(ask): Path<AskId>,
) -> Result<Page<Move>, Problem> {
    let shown = view(&app, &citizen, ask).await?;
    let (vault, person) = (app.vault.clone(), citizen.person);
    let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
    codes::send(&app, person, Purpose::Device, &account.phone)
        .await
        .map_err(|problem| problem.on(shown.clone()))?;
    Ok(Page(Move { sent: true, ..shown }))
}

/// Invites a reader to bring the chip of the card.
pub(super) async fn invite(
    State(app): State<App>,
    citizen: Citizen,
    Path(ask): Path<AskId>,
) -> Result<Page<Move>, Problem> {
    let shown = view(&app, &citizen, ask).await?;
    let invitation = Invitation::draw(&app, citizen.person, *ask.bytes())?;
    let url = format!("{}{}", app.config.public_url, invitation.address());
    app.db.write(move |tx| chips::invite(tx, &invitation)).await?;
    Ok(Page(Move {
        reader: Some(url),
        ..shown
    }))
}

#[derive(Deserialize)]
pub(super) struct MoveForm {
    #[serde(default)]
    passcode: String,
    /// The code that the old device shows.
    #[serde(default)]
    shown: String,
    /// The code that was sent to the phone.
    #[serde(default)]
    code: String,
}

/// Makes the browser the citizen's device, if enough was shown.
pub(super) async fn carry_out(
    State(app): State<App>,
    citizen: Citizen,
    Path(ask): Path<AskId>,
    Input(form): Input<MoveForm>,
) -> Result<Response, Problem> {
    let page = view(&app, &citizen, ask).await?;
    let page = Move {
        sent: !form.code.is_empty(),
        ..page
    };
    let way = match shown(&app, &citizen, (&page, &form)).await {
        Ok(shown) => rules::way(shown).map_err(|missing| refusal(missing).on(page.clone()))?,
        Err(problem) => return Err(problem.on(page)),
    };

    let person = citizen.person;
    let now = app.clock.now();
    let key = app.db.read(move |conn| asks::key(conn, &person, &ask, now)).await?;
    let binding = Binding::draw(&app, person, &key.ok_or_else(over)?, way);
    let raised = raised(&citizen.session, way);
    let event = Event::now(&app, person, Kind::DeviceBound, &raised.methods)?;
    let vault = app.vault.clone();
    let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
    let alarm = Alarm::draw(&app, &account, What::Device);
    let again = session::Opening::draw(
        &app,
        session::Kind::Citizen,
        *person.bytes(),
        raised.assurance,
        &raised.methods,
    );
    let again = again.from_here(&app).on(*binding.device().bytes());
    let cookie = again.cookie(&app);
    app.db
        .write(move |tx| {
            if !asks::spend(tx, &person, &ask, now)? {
                return Err(over());
            }
            drop_binding_of_another(tx, &person, &binding, now)?;
            binding.carry_out(tx)?;
            again.insert(tx)?;
            alarm.raise(tx)?;
            Ok(event.keep(tx)?)
        })
        .await?;
    app.bell.ring();

    let next = Next {
        to: "/account/security/device".to_owned(),
        view: Move { done: true, ..page },
    };
    Ok((cookie, next).into_response())
}

/// What was shown. The passcode comes first, and its tries are counted.
async fn shown(app: &App, citizen: &Citizen, (page, form): (&Move, &MoveForm)) -> Result<Shown, Problem> {
    let person = citizen.person;
    check_passcode(app, &person, &form.passcode).await?;
    if !form.shown.is_empty() {
        asks::answer(app, person, page.ask, &form.shown).await?;
    }
    if !form.code.is_empty() {
        codes::spend(app, person, Purpose::Device, &form.code).await?;
    }
    let now = app.clock.now();
    let fresh = app.db.read(move |conn| phone_is_fresh(conn, &person, now)).await?;
    Ok(Shown {
        has_device: page.has_device,
        passcode: true,
        old_device: !form.shown.is_empty(),
        phone: !form.code.is_empty(),
        card: page.card,
        phone_is_fresh: fresh,
    })
}

fn refusal(missing: Missing) -> Problem {
    let slug = match missing {
        Missing::Passcode => "devices-passcode-missing",
        Missing::Code => "devices-code-missing",
        Missing::Card => "devices-card-missing",
        Missing::Time => "devices-phone-fresh",
    };
    Problem::new(slug, StatusCode::FORBIDDEN)
}

/// The session with what the binding showed besides.
fn raised(present: &Session, way: Way) -> Session {
    let more = match way {
        Way::First => "sms pin swk",
        Way::OldDevice => "pin swk",
        Way::Card => "sms sc pin swk",
        Way::Recovery => "swk",
    };
    let methods = means::joined(&present.methods, more);
    Session {
        assurance: means::level(&means::read(&methods)).max(present.assurance),
        methods,
        ..present.clone()
    }
}

/// A browser is the device of one person: binding it to another ends the earlier binding, which its holder is then asked to renew elsewhere.
fn drop_binding_of_another(
    tx: &mut db::Tx<'_>,
    person: &PersonId,
    binding: &Binding,
    now: jiff::Timestamp,
) -> Result<(), Problem> {
    match store::holder(tx, &binding.key.thumbprint())? {
        Some(holder) if holder != *person => Ok(give_up(tx, &holder, "other-account", now)?),
        _ => Ok(()),
    }
}
