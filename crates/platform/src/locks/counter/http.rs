use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use civil::{PersonalNumber, names};
use crypto::base64url;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::accounts::{self, Account};
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::locks::http::Shown;
use crate::locks::{Act, By, Ground, apply, rules, standing};
use crate::officers::{Action, Occasion, Officer, OfficerId, On};
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::Input;
use crate::shell::page::Page;
use crate::shell::problem::{Fault, Problem};

/// How long an officer may take between finding somebody and locking.
const FOUND_FOR: SignedDuration = SignedDuration::from_mins(30);

/// The form to find a person, and the person found.
#[derive(Clone, Default, Template, Serialize)]
#[template(path = "locks/counter/pages/locks.html")]
pub(super) struct Counter {
    number: String,
    full_name: String,
    reason: String,
    found: Option<Found>,
}

/// Somebody who was found by number and name.
#[derive(Clone, Serialize)]
struct Found {
    /// Who it is and who found them, sealed: what is locked is who was found.
    subject: String,
    number: String,
    full_name: String,
    date_of_birth: Date,
    phone: String,
    level: i64,
    eid_locked: bool,
    account_locked: bool,
    own_request: bool,
    grounds: Vec<Shown>,
}

/// What is sealed of who was found.
#[derive(Serialize, Deserialize)]
struct Subject {
    person: PersonId,
    officer: OfficerId,
    at: Timestamp,
}

/// Who receives the requests of people who are present.
fn at_a_counter(app: &App, officer: &Officer) -> Result<(), Problem> {
    let occasion = Occasion {
        purpose: Purpose::Lock.slug(),
        case_number: None,
    };
    officer.must_for(app, Action::RequestLock, &On::Person, &occasion)
}

/// Shows the form.
pub(super) async fn ask(State(app): State<App>, officer: Officer) -> Result<Page<Counter>, Problem> {
    at_a_counter(&app, &officer)?;
    Ok(Page(Counter::default()))
}

/// Whom the officer looks for.
#[derive(Deserialize)]
pub(super) struct FindForm {
    #[serde(default)]
    number: String,
    #[serde(default)]
    full_name: String,
}

/// Finds a person by number and name; both must agree.
pub(super) async fn find(
    State(app): State<App>,
    officer: Officer,
    Input(form): Input<FindForm>,
) -> Result<Page<Counter>, Problem> {
    at_a_counter(&app, &officer)?;
    let typed = Counter {
        number: form.number.trim().to_owned(),
        full_name: form.full_name.trim().to_owned(),
        ..Counter::default()
    };
    let Ok(number) = PersonalNumber::parse(&typed.number) else {
        return Err(Problem::invalid(vec![Fault::new("number", "locks-number-fault")]).on(typed));
    };

    let account = accounts::of_number(&app, &number).await?;
    let Some(account) = account else {
        return Err(Problem::new("locks-no-account", StatusCode::NOT_FOUND).on(typed));
    };
    if !names::same(&account.full_name, &typed.full_name) {
        return Err(Problem::invalid(vec![Fault::new("full_name", "locks-name-fault")]).on(typed));
    }

    let who = Who::Officer(officer.known_as());
    let look = Look::now(
        &app,
        account.person,
        &who,
        Purpose::Lock,
        "number name birth phone account",
    );
    app.db.write(move |tx| history::record(tx, &look)).await?;

    Ok(Page(shown(&app, &officer, account).await?))
}

async fn shown(app: &App, officer: &Officer, account: Account) -> Result<Counter, Problem> {
    let (person, today) = (account.person, app.clock.today());
    let standing = app.db.read(move |conn| standing(conn, &person)).await?;
    let subject = Subject {
        person,
        officer: officer.officer,
        at: app.clock.now(),
    };
    let subject = base64url::encode(app.vault.seal_record("lock", "subject", b"", &subject)?);
    Ok(Counter {
        number: account.number.as_str().to_owned(),
        full_name: account.full_name.clone(),
        reason: String::new(),
        found: Some(Found {
            subject,
            number: account.number.as_str().to_owned(),
            full_name: account.full_name,
            date_of_birth: account.date_of_birth,
            phone: account.phone.masked(),
            level: account.level.number(),
            eid_locked: standing.eid_locked(),
            account_locked: standing.account_locked(),
            own_request: standing.has(Ground::HolderRequest),
            grounds: standing
                .grounds()
                .iter()
                .map(|stands| Shown::of(stands, today))
                .collect(),
        }),
    })
}

/// What the officer does about the locks of who was found.
#[derive(Deserialize)]
pub(super) struct ActForm {
    subject: String,
    #[serde(default)]
    reason: String,
}

/// Locks at once, at the request of the holder who is present.
pub(super) async fn lock(
    State(app): State<App>,
    officer: Officer,
    Input(form): Input<ActForm>,
) -> Result<Page<Counter>, Problem> {
    act(&app, &officer, form, Does::Lock).await
}

/// Takes the holder's request back, at the wish of the holder who is present.
pub(super) async fn unlock(
    State(app): State<App>,
    officer: Officer,
    Input(form): Input<ActForm>,
) -> Result<Page<Counter>, Problem> {
    act(&app, &officer, form, Does::Unlock).await
}

/// Undoes a lock that hit the wrong person; that it was so, and why, stays on record.
pub(super) async fn undo(
    State(app): State<App>,
    officer: Officer,
    Input(form): Input<ActForm>,
) -> Result<Page<Counter>, Problem> {
    act(&app, &officer, form, Does::Undo).await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    Lock,
    Unlock,
    Undo,
}

async fn act(app: &App, officer: &Officer, form: ActForm, does: Does) -> Result<Page<Counter>, Problem> {
    at_a_counter(app, officer)?;
    let person = open(app, officer, &form.subject)?;
    let vault = app.vault.clone();
    let account = app.db.read(move |conn| accounts::find(conn, &vault, &person)).await?;
    let account = account.ok_or_else(Problem::not_found)?;
    let Some(reason) = rules::reason(&form.reason) else {
        let again = Counter {
            reason: form.reason,
            ..shown(app, officer, account).await?
        };
        return Err(Problem::invalid(vec![Fault::new("reason", "locks-reason-fault")]).on(again));
    };

    let by = By::officer(officer);
    let act = match does {
        Does::Lock => Act::raise(app, person, Ground::HolderRequest, by, &reason).await?,
        Does::Unlock => Act::clear(app, person, Ground::HolderRequest, by, &reason).await?,
        Does::Undo => {
            let mistaken = format!("Khóa nhầm người: {reason}");
            Act::clear(app, person, Ground::HolderRequest, by, &mistaken).await?
        }
    };
    let outcome = app.db.write(move |tx| apply(tx, &act)).await?;
    app.bell.ring();

    let view = shown(app, officer, account).await?;
    if !outcome.changed {
        let slug = if does == Does::Lock {
            "locks-already-locked"
        } else {
            "locks-nothing-to-unlock"
        };
        return Err(Problem::new(slug, StatusCode::CONFLICT).on(view));
    }
    Ok(Page(view))
}

/// Who was found, by this officer, a short time ago.
fn open(app: &App, officer: &Officer, sealed: &str) -> Result<PersonId, Problem> {
    let over = || Problem::new("locks-find-again", StatusCode::BAD_REQUEST);
    let bytes = base64url::decode(sealed).map_err(|cause| over().caused_by(cause))?;
    let subject: Subject = app
        .vault
        .open_record("lock", "subject", b"", &bytes)
        .map_err(|cause| over().caused_by(cause))?;
    let age = app.clock.now().duration_since(subject.at);
    if subject.officer != officer.officer || age > FOUND_FOR {
        return Err(over());
    }
    Ok(subject.person)
}
