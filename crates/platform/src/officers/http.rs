use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};

use super::command::{is_password, spend_the_time};
use super::policy::{SecondFactor, Sphere};
use super::rules::{LOCKED_FOR, Role, onward};
use super::{Action, CaseNumber, Occasion, Officer, OfficerId, On, store};
use crate::app::App;
use crate::applications::review::{self, Waiting};
use crate::shell::filters;
use crate::shell::input::{Input, Query};
use crate::shell::page::{Next, Page};
use crate::shell::passkey;
use crate::shell::problem::Problem;
use crate::shell::session::{self, Kind, Opening, Visitor};
use ::http::StatusCode;

/// How many officers the list shows.
const MOST_LISTED: i64 = 500;

/// The form to sign in.
#[derive(Template, Serialize)]
#[template(path = "officers/pages/signin.html")]
pub(super) struct SignIn {
    login: String,
    next: String,
}

impl SignIn {
    /// The form, before going on to a page.
    pub(super) fn before(next: &str) -> Self {
        Self {
            login: String::new(),
            next: next.to_owned(),
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Onward {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(super) struct SignInForm {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// Shows the form to sign in.
pub(super) async fn enter(Query(onward): Query<Onward>) -> Page<SignIn> {
    Page(SignIn {
        login: String::new(),
        next: onward.next,
    })
}

/// Opens a session for an officer.
///
/// The answer is the same for a wrong login, a wrong password and a locked login, and takes as long.
pub(super) async fn sign_in(
    State(app): State<App>,
    visitor: Visitor,
    Input(form): Input<SignInForm>,
) -> Result<impl IntoResponse, Problem> {
    let login = form.login.trim().to_owned();

    let now = app.clock.now();
    let wanted = login.clone();
    let counted = app
        .db
        .write(move |tx| store::count_try(tx, &wanted, now, now + LOCKED_FOR))
        .await?;
    let officer = match counted {
        Some(counted) => is_password(&app, &form.password, counted.password)
            .await?
            .then_some(counted.officer),
        None => {
            spend_the_time(&app, &form.password).await;
            None
        }
    };
    let Some(officer) = officer else {
        let again = SignIn { login, next: form.next };
        return Err(Problem::new("officers-signin-wrong", StatusCode::FORBIDDEN).on(again));
    };

    let opening = Opening::draw(&app, Kind::Officer, *officer.bytes(), 1, "pwd");
    let (cookie, session) = (opening.cookie(&app), opening.session().clone());
    let row = app
        .db
        .write(move |tx| {
            store::succeed(tx, &officer)?;
            if let Some(old) = &visitor.officer {
                session::end(tx, old, now)?;
            }
            opening.insert(tx)?;
            store::find(tx, &officer)
        })
        .await?;
    let officer = Officer::in_session(&app, row.ok_or_else(Problem::not_found)?, &session)?;
    let mut to = onward(&form.next);
    if officer.second_factor == SecondFactor::Missing {
        let back: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
        to = format!("/officers/passkey?next={back}");
    }
    let view = Desk::of(&app, &officer, None);
    Ok((cookie, Next { to, view }))
}

/// Ends the officer's session.
pub(super) async fn sign_out(State(app): State<App>, visitor: Visitor) -> Result<impl IntoResponse, Problem> {
    let now = app.clock.now();
    if let Some(session) = visitor.officer {
        app.db.write(move |tx| session::end(tx, &session, now)).await?;
    }
    let view = SignIn {
        login: String::new(),
        next: String::new(),
    };
    let to = "/officers/signin".to_owned();
    Ok((session::farewell(&app, Kind::Officer), Next { to, view }))
}

/// What an officer can do now.
#[derive(Template, Serialize)]
#[template(path = "officers/pages/desk.html")]
pub(super) struct Desk {
    login: String,
    full_name: String,
    unit: String,
    role: Role,
    /// `given`, `missing` or `not-needed`.
    second_factor: &'static str,
    /// What waits, for a reviewer.
    work: Option<Waiting>,
    /// Where the officer goes on.
    tiles: Vec<Tile>,
}

/// A way from the desk.
#[derive(Clone, Copy, Serialize)]
struct Tile {
    id: &'static str,
    to: &'static str,
    #[serde(skip)]
    text: &'static str,
    #[serde(skip)]
    action: Action,
}

const fn tile(action: Action, id: &'static str, to: &'static str, text: &'static str) -> Tile {
    Tile { id, to, text, action }
}

/// Every way from a desk, shown to whom the policies let go it.
const TILES: &[Tile] = &[
    tile(
        Action::TakeApplication,
        "desk-counter",
        "/counter",
        "officers-desk-counter",
    ),
    tile(
        Action::TakeApplication,
        "desk-originals",
        "/counter/originals",
        "documents-original-title",
    ),
    tile(
        Action::TakeApplication,
        "desk-locks",
        "/counter/locks",
        "officers-desk-locks",
    ),
    tile(
        Action::HelpRecovery,
        "desk-recovery",
        "/officers/recovery",
        "recovery-officer-title",
    ),
    tile(
        Action::RequestLock,
        "desk-requests",
        "/officers/locks",
        "officers-desk-requests",
    ),
    tile(
        Action::DecideLock,
        "desk-decide-locks",
        "/officers/locks",
        "officers-desk-requests",
    ),
    tile(Action::SeeQueue, "desk-queue", "/officers/queue", "officers-desk-queue"),
    tile(
        Action::SeeQueue,
        "desk-procedures",
        "/officers/procedures",
        "procedures-desk-title",
    ),
    tile(Action::SeeStays, "desk-stays", "/officers/stays", "stays-unit-title"),
    tile(
        Action::RegisterFacility,
        "desk-facilities",
        "/officers/stays/facilities",
        "stays-facilities-title",
    ),
    tile(Action::Inspect, "desk-inspection", "/inspection", "inspection-title"),
    tile(
        Action::Appoint,
        "desk-organisations",
        "/inspection/organisations",
        "inspection-organisations",
    ),
    tile(Action::SeeReports, "desk-reports", "/officers/reports", "reports-desk"),
    tile(
        Action::AnswerContest,
        "desk-contests",
        "/officers/contests",
        "officers-desk-contests",
    ),
    tile(
        Action::SeeAlerts,
        "desk-alerts",
        "/officers/alerts",
        "officers-desk-alerts",
    ),
    tile(
        Action::SealLookup,
        "desk-lookups",
        "/officers/lookups",
        "officers-desk-lookups",
    ),
    tile(
        Action::SealLookup,
        "desk-seals",
        "/officers/seals",
        "officers-desk-seals",
    ),
    tile(
        Action::SearchPerson,
        "desk-search",
        "/officers/search",
        "officers-search-title",
    ),
    tile(
        Action::SeeLate,
        "desk-late",
        "/officers/late",
        "officers-desk-late-list",
    ),
    tile(
        Action::SeeLate,
        "desk-behind",
        "/officers/procedures/behind",
        "procedures-behind-title",
    ),
    tile(
        Action::SeeFigures,
        "desk-figures",
        "/officers/figures",
        "officers-desk-figures",
    ),
    tile(
        Action::SeeFigures,
        "desk-statistics",
        "/officers/statistics",
        "statistics-title",
    ),
    tile(
        Action::SeeOperations,
        "desk-operations",
        "/officers/operations",
        "officers-operations-title",
    ),
    tile(
        Action::SeeOperations,
        "desk-behind-all",
        "/officers/procedures/behind",
        "procedures-behind-title",
    ),
    tile(
        Action::DecideConnection,
        "desk-connections",
        "/officers/connections",
        "partners-review-title",
    ),
    tile(Action::WriteNews, "desk-news", "/officers/news", "news-desk-title"),
    tile(
        Action::RevokeCertificate,
        "desk-certificates",
        "/officers/certificates",
        "certificates-revocation-title",
    ),
    tile(Action::SeeOfficers, "desk-officers", "/officers", "officers-list-title"),
    tile(
        Action::SeePolicies,
        "desk-policies",
        "/officers/policies",
        "officers-policies-title",
    ),
    tile(Action::SeeOperations, "desk-resealing", "/resealing", "resealing-title"),
];

fn tiles(app: &App, officer: &Officer) -> Vec<Tile> {
    let opens = |tile: &&Tile| match tile.action.sphere() {
        Sphere::Platform => officer.may(app, tile.action, &On::Platform),
        // What depends on a purpose and a case is shown to whom some purpose and case would open it.
        Sphere::Person => officer
            .must_for(app, tile.action, &On::Person, &some_occasion())
            .is_ok(),
        Sphere::Unit | Sphere::Dossier => officer.may(app, tile.action, &On::Unit(&officer.unit_code)),
    };
    TILES.iter().filter(opens).copied().collect()
}

fn some_occasion() -> Occasion {
    Occasion {
        purpose: "desk",
        case_number: CaseNumber::parse("000"),
    }
}

impl Desk {
    fn of(app: &App, officer: &Officer, work: Option<Waiting>) -> Self {
        Self {
            work,
            tiles: tiles(app, officer),
            login: officer.login.clone(),
            full_name: officer.full_name.clone(),
            unit: officer.unit.clone(),
            role: officer.role,
            second_factor: officer.second_factor.word(),
        }
    }
}

/// Shows what the officer can do now.
pub(super) async fn desk(State(app): State<App>, officer: Officer) -> Result<Page<Desk>, Problem> {
    let (me, now) = (officer.officer, app.clock.now());
    let work = if officer.may(&app, Action::SeeQueue, &On::Unit(&officer.unit_code)) {
        let unit = officer.unit_code.clone();
        let counted = app.db.read(move |conn| review::waiting(conn, (&me, &unit), now));
        Some(counted.await?)
    } else {
        None
    };
    Ok(Page(Desk::of(&app, &officer, work)))
}

/// All officers.
#[derive(Template, Serialize)]
#[template(path = "officers/pages/list.html")]
pub(super) struct Officers {
    officers: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    officer: OfficerId,
    login: String,
    full_name: String,
    role: Role,
    unit_code: String,
    unit: String,
    has_passkey: bool,
}

/// Shows all officers to an administrator.
pub(super) async fn list(State(app): State<App>, officer: Officer) -> Result<Page<Officers>, Problem> {
    officer.must(&app, Action::SeeOfficers, &On::Platform)?;

    let listed = app.db.read(|conn| {
        let holders = passkey::holders(conn, Kind::Officer)?;
        Ok::<_, db::Error>((store::list(conn, MOST_LISTED)?, holders))
    });
    let (rows, holders) = listed.await?;

    let officers = rows
        .into_iter()
        .map(|row| {
            let officer = Officer::of(&app.vault, row)?;
            Ok(Listed {
                has_passkey: holders.contains(officer.officer.bytes()),
                officer: officer.officer,
                login: officer.login,
                full_name: officer.full_name,
                role: officer.role,
                unit_code: officer.unit_code,
                unit: officer.unit,
            })
        })
        .collect::<Result<_, Problem>>()?;
    Ok(Page(Officers { officers }))
}
