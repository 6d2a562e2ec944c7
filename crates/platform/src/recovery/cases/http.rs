use askama::Template;
use axum::extract::State as Of;
use axum::response::{IntoResponse, Response};
use civil::{PersonalNumber, names};
use db::Conn;
use http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::super::alarm::{Alarm, What};
use super::super::password::day;
use super::super::restoration::{NewSecrets, Restoration};
use super::super::rules::{self, Case, State, Way};
use super::{CaseId, store};
use crate::accounts::{self, Account};
use crate::app::App;
use crate::devices::proofs;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::pause::evened;
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;
use crate::shell::toll::{self, Paid, Payment};
use crate::shell::whence::Whence;
use crate::signin::events::{Event, Kind};

/// The form by which a recovery is begun.
#[derive(Clone, Default, Template, Serialize)]
#[template(path = "recovery/cases/pages/ask.html")]
pub(super) struct Ask {
    number: String,
    full_name: String,
    date_of_birth: String,
}

/// Where a recovery stands.
#[derive(Clone, Template, Serialize)]
#[template(path = "recovery/cases/pages/case.html")]
pub(in crate::recovery) struct Shown {
    ticket: String,
    way: &'static str,
    #[serde(flatten)]
    state: State,
    challenge: String,
}

/// Names a recovery, in the address of its page: sealed, so that it tells whoever sees it nothing.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::recovery) struct Ticket {
    pub(in crate::recovery) person: PersonId,
    pub(in crate::recovery) case: CaseId,
    way: Way,
    started_at: Timestamp,
}

impl Ticket {
    fn seal(&self, app: &App) -> Result<String, Problem> {
        let sealed = app.vault.seal_record("recovery", "ticket", b"", self)?;
        Ok(crypto::base64url::encode(sealed))
    }

    pub(in crate::recovery) fn read(app: &App, text: &str) -> Result<Self, Problem> {
        let missing = |_| Problem::not_found();
        let sealed = crypto::base64url::decode(text).map_err(|error| Problem::not_found().caused_by(error))?;
        app.vault
            .open_record("recovery", "ticket", b"", &sealed)
            .map_err(missing)
    }
}

/// Shows the form.
pub(super) async fn ask() -> Page<Ask> {
    Page(Ask::default())
}

#[derive(Deserialize)]
pub(super) struct AskForm {
    #[serde(default)]
    number: String,
    #[serde(default)]
    full_name: String,
    #[serde(default)]
    date_of_birth: String,
    #[serde(default)]
    way: String,
    #[serde(flatten)]
    payment: Payment,
}

/// What somebody says who begins a recovery.
struct Facts {
    number: PersonalNumber,
    full_name: String,
    date_of_birth: Date,
    way: Way,
}

impl AskForm {
    fn shown(&self) -> Ask {
        Ask {
            number: self.number.clone(),
            full_name: self.full_name.clone(),
            date_of_birth: self.date_of_birth.clone(),
        }
    }

    fn read(self) -> Result<Facts, Problem> {
        let (number, born) = (PersonalNumber::parse(self.number.trim()), day(&self.date_of_birth));
        let plausible = names::is_plausible(&self.full_name);
        match (number, born) {
            (Ok(number), Some(date_of_birth)) if plausible => Ok(Facts {
                number,
                full_name: self.full_name,
                date_of_birth,
                way: match self.way.as_str() {
                    "card-and-face" => Way::CardAndFace,
                    _ => Way::Relatives,
                },
            }),
            (number, born) => {
                let wrong = [
                    (number.is_err(), "number", "signin-number-form"),
                    (!plausible, "full_name", "recovery-name-form"),
                    (born.is_none(), "date_of_birth", "recovery-date-form"),
                ];
                let faults = wrong.iter().filter(|(wrong, ..)| *wrong);
                let faults = faults.map(|(_, field, text)| Fault::new(*field, text)).collect();
                Err(Problem::invalid(faults).on(self.shown()))
            }
        }
    }
}

/// Begins a recovery by relatives. Where the facts are wrong, or there is no account, the page looks the same and nothing waits behind it.
pub(super) async fn begin(Of(app): Of<App>, Input(form): Input<AskForm>) -> Result<Next<Shown>, Problem> {
    evened(app.config.limits.evenly(), begun(&app, form)).await
}

async fn begun(app: &App, form: AskForm) -> Result<Next<Shown>, Problem> {
    let (asked, payment) = (form.shown(), form.payment.clone());
    let facts = form.read()?;
    let paid = toll::take(app, &payment).map_err(|problem| problem.on(asked.clone()))?;

    let (vault, wanted) = (app.vault.clone(), facts.number.clone());
    let account = app
        .db
        .read(
            move |conn: &mut Conn<'_>| match accounts::person_of(conn, &vault, &wanted)? {
                Some(person) => accounts::find(conn, &vault, &person),
                None => Ok(None),
            },
        )
        .await?;
    let account = account.filter(|account| {
        names::same(&account.full_name, &facts.full_name) && account.date_of_birth == facts.date_of_birth
    });
    let case = Case::begun(facts.way, app.clock.now());
    let ticket = Ticket {
        person: account
            .as_ref()
            .map_or_else(|| PersonId::draw(&app.chance), |account| account.person),
        case: CaseId::draw(&app.chance),
        way: case.way,
        started_at: case.started_at,
    };
    pay(app, paid).await.map_err(|problem| problem.on(asked))?;
    if let Some(account) = account {
        keep(app, &account, (ticket.case, case)).await?;
    }

    let text = ticket.seal(app)?;
    Ok(Next {
        to: format!("/recovery/cases/{text}"),
        view: shown(app, text, &case)?,
    })
}

/// Uses the toll up by itself: it is paid whether or not anything is begun.
async fn pay(app: &App, paid: Paid) -> Result<(), Problem> {
    let now = app.clock.now();
    app.db.write(move |tx| paid.spend(tx, now)).await
}

/// Keeps a recovery that was begun, unless another is under way: a stranger cannot put an end to one by beginning another.
async fn keep(app: &App, account: &Account, (id, case): (CaseId, Case)) -> Result<(), Problem> {
    let (person, now) = (account.person, case.started_at);
    let place = *id.bytes();
    let whence = app
        .vault
        .seal_record("recovery_case", "whence", &place, &Whence::here())?;
    let event = Event::now(app, person, Kind::RecoveryBegun, "")?;
    let alarm = Alarm::draw(app, account, What::Recovery);
    app.db
        .write(move |tx| {
            match store::live(tx, &person)? {
                Some((_, live)) if live.state(now) == State::Lapsed => {
                    store::stop(tx, &person, "lapsed", now)?;
                }
                Some(_) => return Ok(()),
                None => {}
            }
            store::insert(tx, (&person, &id), &case, &whence)?;
            event.keep(tx)?;
            alarm.raise(tx)
        })
        .await?;
    app.bell.ring();
    Ok(())
}

pub(in crate::recovery) fn shown(app: &App, ticket: String, case: &Case) -> Result<Shown, Problem> {
    Ok(Shown {
        ticket,
        way: case.way.word(),
        state: case.state(app.clock.now()),
        challenge: proofs::challenge(app)?,
    })
}

pub(in crate::recovery) async fn load(app: &App, ticket: &Ticket) -> Result<Case, Problem> {
    let (person, id) = (ticket.person, ticket.case);
    let case = app.db.read(move |conn| store::find(conn, (&person, &id))).await?;
    Ok(case.unwrap_or_else(|| Case::begun(ticket.way, ticket.started_at)))
}

/// Shows where it stands.
pub(super) async fn show(Of(app): Of<App>, Path(text): Path<String>) -> Result<Page<Shown>, Problem> {
    let case = load(&app, &Ticket::read(&app, &text)?).await?;
    Ok(Page(shown(&app, text, &case)?))
}

/// Sets new secrets, makes this browser the device, and opens a session; rights return in steps.
pub(super) async fn finish(
    Of(app): Of<App>,
    Path(text): Path<String>,
    Input(secrets): Input<NewSecrets>,
) -> Result<Response, Problem> {
    let ticket = Ticket::read(&app, &text)?;
    let case = load(&app, &ticket).await?;
    let (now, person, id) = (app.clock.now(), ticket.person, ticket.case);
    let view = shown(&app, text, &case)?;
    let not_open = || Problem::new("recovery-not-open", StatusCode::CONFLICT);
    if case.after(rules::Event::Finished, now).is_none() {
        return Err(not_open().on(view));
    }
    let vault = app.vault.clone();
    let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
    let restoration = Restoration::draw(&app, &account, case.way, &secrets)
        .await
        .map_err(|problem| problem.on(view.clone()))?;

    let (cookie, parts) = (restoration.cookie(&app), app.clone());
    app.db
        .write(move |tx| {
            if !store::finish(tx, (&person, &id), now)? {
                return Err(not_open());
            }
            restoration.carry_out(tx, &parts, now)
        })
        .await?;
    app.bell.ring();

    let next = Next {
        to: "/account/security".to_owned(),
        view: Shown {
            state: State::Finished,
            ..view
        },
    };
    Ok((cookie, next).into_response())
}

/// The holder, signed in, stops whatever is under way.
pub(super) async fn stop(Of(app): Of<App>, citizen: Citizen) -> Result<Next<Stopped>, Problem> {
    let (now, person) = (app.clock.now(), citizen.person);
    let event = Event::now(&app, person, Kind::RecoveryStopped, &citizen.session.methods)?;
    app.db
        .write(move |tx| {
            if !super::super::stop_all(tx, &person, "holder", now)? {
                return Err(Problem::not_found());
            }
            Ok(event.keep(tx)?)
        })
        .await?;
    Ok(Next {
        to: "/account/security".to_owned(),
        view: Stopped { stopped: true },
    })
}

/// A recovery was stopped.
#[derive(Template, Serialize)]
#[template(path = "recovery/cases/pages/stopped.html")]
pub(super) struct Stopped {
    stopped: bool,
}
