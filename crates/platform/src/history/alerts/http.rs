use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use civil::PersonalNumber;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::AlertId;
use super::rules::{MONTH, TIES, Verdict};
use super::store::{self, Alert};
use crate::accounts;
use crate::app::App;
use crate::history::{Details, Who, who_digest};
use crate::officers::{self, Action, Officer, On};
use crate::registries;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};

/// How many alerts the list shows, and how many looks one alert.
const MOST: i64 = 200;

/// The alerts that wait.
#[derive(Template, Serialize)]
#[template(path = "history/alerts/pages/alerts.html")]
pub(super) struct Alerts {
    alerts: Vec<Shown>,
    ties: [&'static str; 5],
    login: String,
    number: String,
}

/// An alert in a line.
#[derive(Clone, Serialize)]
struct Shown {
    alert: AlertId,
    pattern: String,
    who: String,
    looks: i64,
    raised_at: Timestamp,
}

impl Shown {
    fn of(app: &App, alert: &Alert) -> Result<Self, Problem> {
        let name = alert.who_sealed.as_ref();
        let name = name.map(|sealed| app.vault.open_text("history_look", "who", alert.look.bytes(), sealed));
        Ok(Self {
            alert: alert.alert,
            pattern: alert.pattern.clone(),
            who: name.transpose()?.unwrap_or_default(),
            looks: alert.looks,
            raised_at: alert.raised_at,
        })
    }
}

async fn view(app: &App, form: TieForm) -> Result<Alerts, Problem> {
    let open = app.db.read(|conn| store::open(conn, MOST)).await?;
    let alerts = open.iter().map(|alert| Shown::of(app, alert));
    Ok(Alerts {
        alerts: alerts.collect::<Result<_, _>>()?,
        ties: TIES,
        login: form.login,
        number: form.number,
    })
}

/// Shows an inspector what waits.
pub(super) async fn list(State(app): State<App>, officer: Officer) -> Result<Page<Alerts>, Problem> {
    officer.must(&app, Action::SeeAlerts, &On::Platform)?;
    Ok(Page(view(&app, TieForm::default()).await?))
}

/// One alert, with the looks behind it.
#[derive(Clone, Template, Serialize)]
#[template(path = "history/alerts/pages/alert.html")]
pub(super) struct OneAlert {
    #[serde(flatten)]
    shown: Shown,
    looks: Vec<Behind>,
    verdict: Option<String>,
    verdicts: [Verdict; 2],
    remark: String,
}

/// A look behind an alert: not at whom.
#[derive(Clone, Serialize)]
struct Behind {
    at: Timestamp,
    purpose: String,
    what: Vec<String>,
    case: Option<String>,
    from: Option<String>,
}

async fn load(app: &App, officer: &Officer, id: AlertId) -> Result<OneAlert, Problem> {
    officer.must(app, Action::SeeAlerts, &On::Platform)?;
    let since = app.clock.now() - MONTH;
    let (alert, looks) = app
        .db
        .read(move |conn| {
            let alert = store::find(conn, &id)?.ok_or_else(Problem::not_found)?;
            let looks = store::behind(conn, &alert, since, MOST)?;
            Ok::<_, Problem>((alert, looks))
        })
        .await?;
    let behind = |look: store::Behind| {
        let place = look.look.bytes();
        let details: Details = app
            .vault
            .open_record("history_look", "details", place, &look.details_sealed)?;
        Ok(Behind {
            at: look.at,
            purpose: look.purpose,
            what: look.what.split_whitespace().map(str::to_owned).collect(),
            case: details.case,
            from: details.from,
        })
    };
    Ok(OneAlert {
        shown: Shown::of(app, &alert)?,
        looks: looks.into_iter().map(behind).collect::<Result<_, Problem>>()?,
        verdict: alert.verdict,
        verdicts: Verdict::ALL,
        remark: String::new(),
    })
}

/// Shows an alert.
pub(super) async fn show(
    State(app): State<App>,
    officer: Officer,
    Path(id): Path<AlertId>,
) -> Result<Page<OneAlert>, Problem> {
    Ok(Page(load(&app, &officer, id).await?))
}

/// What the inspector found.
#[derive(Deserialize)]
pub(super) struct SettleForm {
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    remark: String,
}

/// Settles an alert.
pub(super) async fn settle(
    State(app): State<App>,
    officer: Officer,
    Path(id): Path<AlertId>,
    Input(form): Input<SettleForm>,
) -> Result<Next<OneAlert>, Problem> {
    let shown = load(&app, &officer, id).await?;
    if shown.shown.who == officer.known_as() {
        return Err(Problem::new("history-four-eyes", StatusCode::FORBIDDEN).on(shown));
    }
    let (verdict, remark) = (Verdict::of(&form.verdict), form.remark.trim().to_owned());
    let mut faults = Vec::new();
    if verdict.is_none() {
        faults.push(Fault::new("verdict", "history-outcome-fault"));
    }
    if !(3..=2000).contains(&remark.chars().count()) {
        faults.push(Fault::new("remark", "history-answer-fault"));
    }
    let again = OneAlert {
        remark: form.remark,
        ..shown
    };
    let (Some(verdict), true) = (verdict, faults.is_empty()) else {
        return Err(Problem::invalid(faults).on(again));
    };

    let sealed = app.vault.seal_text("history_alert", "remark", id.bytes(), &remark);
    let now = app.clock.now();
    let settled = app
        .db
        .write(move |tx| store::settle(tx, &id, verdict.word(), &sealed, now))
        .await?;
    if !settled {
        return Err(Problem::new("history-settled-already", StatusCode::CONFLICT).on(again));
    }
    let view = load(&app, &officer, id).await?;
    let to = "/officers/alerts".to_owned();
    Ok(Next { to, view })
}

/// An officer, a person, and what they have to do with each other in private.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct TieForm {
    login: String,
    number: String,
    tie: String,
}

/// Declares a tie. For the officer's own number the population database tells kin and household.
pub(super) async fn tie(
    State(app): State<App>,
    officer: Officer,
    Input(form): Input<TieForm>,
) -> Result<Next<Alerts>, Problem> {
    officer.must(&app, Action::SeeAlerts, &On::Platform)?;
    let number = PersonalNumber::parse(form.number.trim()).ok();
    let tie = TIES.into_iter().find(|tie| *tie == form.tie);
    let (login, vault) = (form.login.trim().to_owned(), app.vault.clone());
    let tied = app
        .db
        .read(move |conn| officers::with_login(conn, &vault, &login))
        .await?;
    let mut faults = Vec::new();
    if tied.is_none() {
        faults.push(Fault::new("login", "history-login-fault"));
    }
    if number.is_none() {
        faults.push(Fault::new("number", "history-number-fault"));
    }
    if tie.is_none() {
        faults.push(Fault::new("tie", "history-outcome-fault"));
    }
    let (Some(tied), Some(number), Some(tie)) = (tied, number, tie) else {
        return Err(Problem::invalid(faults).on(view(&app, form).await?));
    };

    let people = people(&app, &number, tie).await?;
    let (who, now) = (who_digest(&app.vault, &Who::Officer(tied.known_as())), app.clock.now());
    app.db
        .write(move |tx| {
            people
                .iter()
                .try_for_each(|(person, tie)| store::tie(tx, person, &who, tie, now))
        })
        .await?;
    let view = view(&app, TieForm::default()).await?;
    let to = "/officers/alerts".to_owned();
    Ok(Next { to, view })
}

/// The people of a tie who have accounts: nobody looks at others here.
async fn people(
    app: &App,
    number: &PersonalNumber,
    tie: &'static str,
) -> Result<Vec<(PersonId, &'static str)>, Problem> {
    let mut numbers = vec![(number.clone(), tie)];
    if tie == "self" {
        let answer = registries::person(app, number, "ties").await?;
        let record = answer.map(|answer| answer.record);
        let relatives = record.iter().flat_map(|record| &record.relatives);
        numbers.extend(relatives.map(|relative| (relative.number.clone(), "kin")));
        let household = record.iter().flat_map(|record| &record.household);
        numbers.extend(household.map(|member| (member.number.clone(), "household")));
    }
    let vault = app.vault.clone();
    app.db
        .read(move |conn| {
            let mut people = Vec::new();
            for (number, tie) in &numbers {
                if let Some(person) = accounts::person_of(conn, &vault, number)? {
                    people.push((person, *tie));
                }
            }
            Ok(people)
        })
        .await
}
