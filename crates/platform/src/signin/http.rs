use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use civil::{PersonalNumber, Phone};
use crypto::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::events::{self, Event};
use super::means;
use super::second::{Second, Ticket};
use super::store::{self, Attempt};
use super::{PasswordHash, Refusal, hashed, is_right, set_password};
use crate::accounts;
use crate::app::App;
use crate::devices::asks::{self, AskId, NewAsk};
use crate::devices::proofs::{self, Proof};
use crate::devices::rules::{Entry, may_enter};
use crate::devices::{self, Device};
use crate::history::{self, Look, Purpose, Who};
use crate::notices;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Query, local_path};
use crate::shell::jobs;
use crate::shell::page::{LeadsElsewhere, Next, Page};
use crate::shell::pause::refused_evenly;
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::{self, Kind, Opening, Visitor};
use crate::shell::texts::Lang;
use crate::sso;

/// Where to go on to after signing in.
#[derive(Debug, Deserialize)]
pub(super) struct Onward {
    #[serde(default)]
    next: String,
}

/// What is typed to sign in.
#[derive(Debug, Deserialize)]
pub(super) struct SignInForm {
    #[serde(default)]
    number: String,
    password: Secret<String>,
    #[serde(default)]
    next: String,
    /// The proof of the device, where the browser holds the key of one.
    #[serde(default)]
    proof: String,
}

/// The form, with what was typed but the password.
#[derive(Template, Serialize)]
#[template(path = "signin/pages/signin.html")]
pub(super) struct AskSignIn {
    number: String,
    next: Option<String>,
    /// What a device proves itself over.
    challenge: String,
}

/// A session has been opened.
#[derive(Template, Serialize)]
#[template(path = "signin/pages/signed_in.html")]
pub(super) struct SignedIn {
    pub(super) next: String,
}

/// A session has been ended.
#[derive(Template, Serialize)]
#[template(path = "signin/pages/signed_out.html")]
pub(super) struct SignedOut {
    signed_out: bool,
}

/// Shows the form; with the number that a relying party expects, if one has sent the person here.
pub(super) async fn ask(State(app): State<App>, Query(onward): Query<Onward>) -> Result<Response, Problem> {
    let hinted = sso::hinted(&app, &onward.next).await;
    let view = AskSignIn {
        number: hinted.map(|number| number.as_str().to_owned()).unwrap_or_default(),
        next: local_path(&onward.next).map(str::to_owned),
        challenge: proofs::challenge(&app)?,
    };
    Ok((Extension(LeadsElsewhere), Page(view)).into_response())
}

/// Opens a session.
///
/// The answer is the same, after the same work, for a wrong password and for a number without an account. The attempt is counted before the
/// password is looked at, so of many at once no more than five get that far.
pub(super) async fn open(
    State(app): State<App>,
    visitor: Visitor,
    Input(form): Input<SignInForm>,
) -> Result<Response, Problem> {
    let typed = AskSignIn {
        number: form.number.trim().to_owned(),
        next: local_path(&form.next).map(str::to_owned),
        challenge: proofs::challenge(&app)?,
    };
    let least = app.config.limits.evenly();
    match refused_evenly(least, signed_in(&app, visitor, form, typed.next.clone())).await {
        Ok(answer) => Ok((Extension(LeadsElsewhere), answer).into_response()),
        Err(problem) => Ok((Extension(LeadsElsewhere), problem.on(typed)).into_response()),
    }
}

async fn signed_in(app: &App, visitor: Visitor, form: SignInForm, next: Option<String>) -> Result<Response, Problem> {
    let Ok(number) = PersonalNumber::parse(form.number.trim()) else {
        return Err(Problem::invalid(vec![Fault::new("number", "signin-number-form")]));
    };

    let holder = check(app, &number, &form.password).await?;
    let person = holder.person;
    if let Some(fresh) = rehashed(app, &form.password, &holder.phc).await? {
        let (vault, now) = (app.vault.clone(), app.clock.now());
        app.db
            .write(move |tx| set_password(tx, &vault, &person, &fresh, now))
            .await?;
    }
    let next = next.unwrap_or_else(|| "/account".to_owned());
    let device = app.db.read(move |conn| devices::current(conn, &person)).await?;
    let proof = proof_of(app, &form.proof, device.as_ref());
    let entry = Entry {
        device_elsewhere: device.is_some() && proof.is_none(),
        password: true,
        ..Entry::default()
    };
    if !may_enter(entry) {
        return second_step(app, &holder, next).await;
    }
    let admission = Admission {
        person,
        methods: if proof.is_some() { "mfa pwd swk" } else { "pwd" },
        device: device.filter(|_| proof.is_some()).map(|device| *device.device.bytes()),
        ask: None,
        next,
    };
    admit(app, visitor, admission, proof).await
}

/// The proof of the person's device, where the browser brought one that is right.
pub(super) fn proof_of(app: &App, proof: &str, device: Option<&Device>) -> Option<Proof> {
    let proof = proofs::check(app, proof).ok()?;
    device.is_some_and(|device| proof.is_of(device)).then_some(proof)
}

/// The person's device is another one: it shows a code from now on, or one goes to the phone.
async fn second_step(app: &App, holder: &Holder, next: String) -> Result<Response, Problem> {
    let ask = NewAsk::draw(app, holder.person, asks::Kind::SignIn, None)?;
    let ticket = Ticket::new(app, holder.person, ask.id(), next).seal(app)?;
    app.db.write(move |tx| ask.keep(tx)).await?;
    let view = Second {
        ticket: ticket.clone(),
        masked_phone: holder.phone.masked(),
        sent: false,
    };
    let to = format!("/signin/second?ticket={ticket}");
    Ok((Extension(LeadsElsewhere), Next { to, view }).into_response())
}

/// Somebody who is let in.
pub(super) struct Admission {
    pub(super) person: PersonId,
    pub(super) methods: &'static str,
    /// The person's device, where it is the one that signs in.
    pub(super) device: Option<[u8; 16]>,
    /// What was asked of the device, and answered.
    pub(super) ask: Option<AskId>,
    pub(super) next: String,
}

/// Opens the session of somebody who is let in.
pub(super) async fn admit(
    app: &App,
    visitor: Visitor,
    admission: Admission,
    proof: Option<Proof>,
) -> Result<Response, Problem> {
    let Admission { person, methods, .. } = admission;
    let now = app.clock.now();
    let level = means::level(&means::read(methods));
    let opening = Opening::draw(app, Kind::Citizen, *person.bytes(), level, methods).from_here(app);
    let opening = match admission.device {
        Some(device) => opening.on(device),
        None => opening,
    };
    let event = Event::now(app, person, events::Kind::SignedIn, methods)?;
    let look = Look::now(app, person, &Who::Holder, Purpose::SignIn, "account");
    let (kept, ask) = (opening.clone(), admission.ask);
    app.db
        .write(move |tx| {
            if let Some(proof) = &proof {
                proof.spend(tx, now)?;
            }
            if let Some(ask) = &ask {
                asks::spend(tx, &person, ask, now)?;
            }
            if let Some(before) = &visitor.citizen {
                session::replace(tx, before, kept.session(), now)?;
            }
            kept.insert(tx)?;
            event.keep(tx)?;
            Ok::<_, Problem>(history::record(tx, &look)?)
        })
        .await?;

    let to = admission.next;
    let view = SignedIn { next: to.clone() };
    Ok((opening.cookie(app), Next { to, view }).into_response())
}

/// Wrong attempts are forgotten after a day without another.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Checks the password of a number; a wrong one counts.
pub(super) async fn check(app: &App, number: &PersonalNumber, password: &Secret<String>) -> Result<Holder, Problem> {
    let now = app.clock.now();
    let (last, holder) = claim(app, number, now).await?;
    let phc = holder.as_ref().map(|holder| holder.phc.clone());
    let right = match is_right(app, password, phc).await {
        Ok(right) => right,
        Err(untried) => {
            let digest = attempts_of(app, number);
            app.db.write(move |tx| store::give_attempt_back(tx, &digest)).await?;
            return Err(untried);
        }
    };
    match holder {
        Some(holder) if right => {
            let digest = attempts_of(app, number);
            app.db
                .write(move |tx| store::forget_attempts(tx, &digest, now - FORGOTTEN_AFTER))
                .await?;
            Ok(holder)
        }
        other => Err(wrong(app, number, other, last.then_some(now)).await?),
    }
}

/// Somebody who may be signing in.
pub(super) struct Holder {
    person: PersonId,
    phone: Phone,
    phc: Secret<String>,
}

/// Counts the attempt, and finds who it would be; true if it is the last one before the lock.
async fn claim(app: &App, number: &PersonalNumber, now: Timestamp) -> Result<(bool, Option<Holder>), Problem> {
    let (digest, until) = (attempts_of(app, number), locked_until(app, now));
    let (vault, number) = (app.vault.clone(), number.clone());
    app.db
        .write(move |tx| {
            let last = match store::claim_attempt(tx, &digest, now, until)? {
                Attempt::May { last } => last,
                Attempt::Locked(until) => return Err(Refusal::Locked(until).problem(now)),
            };
            let Some(person) = accounts::person_of(tx, &vault, &number)? else {
                return Ok((last, None));
            };
            let account = accounts::find(tx, &vault, &person)?;
            let sealed = store::find_password(tx, &person)?;
            let (Some(account), Some(sealed)) = (account, sealed) else {
                return Ok((last, None));
            };
            let phc = vault.open_text("signin_password", "phc", person.bytes(), &sealed)?;
            let (phone, phc) = (account.phone, Secret::new(phc));
            Ok((last, Some(Holder { person, phone, phc })))
        })
        .await
}

/// Refuses, and tells the holder if this attempt shut the lock. A number without an account costs a unit of work, too.
async fn wrong(
    app: &App,
    number: &PersonalNumber,
    holder: Option<Holder>,
    locked_at: Option<Timestamp>,
) -> Result<Problem, Problem> {
    let kind = if locked_at.is_some() {
        events::Kind::PasswordLocked
    } else {
        events::Kind::WrongPassword
    };
    let event = holder
        .as_ref()
        .map(|holder| Event::now(app, holder.person, kind, "pwd"))
        .transpose()?;
    let Some(now) = locked_at else {
        let (digest, now) = (attempts_of(app, number), app.clock.now());
        app.db
            .write(move |tx| {
                store::touch_attempt(tx, &digest, now)?;
                event.iter().try_for_each(|event| event.keep(tx))
            })
            .await?;
        return Ok(Refusal::Wrong.problem(now));
    };
    let minutes = app.config.lock_minutes.to_string();
    let text = app
        .texts
        .say(Lang::Vi, "signin-sms-locked", &[("minutes", minutes.as_str().into())]);
    let order = holder.map(|holder| notices::sms(app, &holder.phone.e164(), text));
    let digest = attempts_of(app, number);
    app.db
        .write(move |tx| {
            store::touch_attempt(tx, &digest, now)?;
            event.iter().try_for_each(|event| event.keep(tx))?;
            order.iter().try_for_each(|order| jobs::enqueue(tx, order))
        })
        .await?;
    app.bell.ring();
    Ok(Refusal::Locked(locked_until(app, now)).problem(now))
}

/// The password hashed anew, where the cost of a hash has been raised since.
async fn rehashed(app: &App, password: &Secret<String>, phc: &Secret<String>) -> Result<Option<PasswordHash>, Problem> {
    if app.hasher.needs_rehash(phc.expose()) {
        Ok(Some(PasswordHash(hashed(app, password.expose()).await?)))
    } else {
        Ok(None)
    }
}

pub(super) fn attempts_of(app: &App, number: &PersonalNumber) -> [u8; 32] {
    app.vault.digest("signin-attempt", number.as_str().as_bytes())
}

fn locked_until(app: &App, now: Timestamp) -> Timestamp {
    now + SignedDuration::from_mins(app.config.lock_minutes)
}

/// Ends the session.
pub(super) async fn close(State(app): State<App>, visitor: Visitor) -> Result<Response, Problem> {
    let now = app.clock.now();

    if let Some(session) = visitor.citizen {
        app.db.write(move |tx| session::end(tx, &session, now)).await?;
    }

    let next = Next {
        to: "/".to_owned(),
        view: SignedOut { signed_out: true },
    };
    Ok((session::farewell(&app, Kind::Citizen), next).into_response())
}
