use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use civil::PersonalNumber;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::jobs::Lapse;
use super::rules::{self, CourtOrder};
use super::store::{self, Entered};
use crate::accounts;
use crate::app::App;
use crate::history::{self, Look, Purpose, SealId, Who};
use crate::ledger::{self, Commitment, Kind};
use crate::officers::{Action, CaseNumber, Occasion, Officer, On};
use crate::registries;
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::jobs::{self as outbox, Order};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};

/// How many seals the list shows.
const MOST: i64 = 100;

/// For forms, before a case is named.
const ANY_CASE: &str = "000";

/// Who looks people up for a case, under an order or not.
fn investigates(app: &App, officer: &Officer, case_number: Option<CaseNumber>) -> Result<(), Problem> {
    let occasion = Occasion {
        purpose: Purpose::Investigation.slug(),
        case_number,
    };
    officer.must_for(app, Action::SealLookup, &On::Person, &occasion)
}

/// A seal, as its officer is shown it.
#[derive(Clone, Serialize)]
struct Shown {
    seal: SealId,
    court: String,
    number: String,
    case: String,
    begun_at: Timestamp,
    ends_at: Timestamp,
    in_force: bool,
}

async fn own(app: &App, officer: &Officer) -> Result<Vec<Shown>, Problem> {
    investigates(app, officer, CaseNumber::parse(ANY_CASE))?;
    let (me, now) = (officer.officer, app.clock.now());
    let rows = app.db.read(move |conn| store::list(conn, &me, MOST)).await?;
    let shown = |row: store::Row| {
        let order: CourtOrder = app
            .vault
            .open_record("history_order", "order", row.seal.bytes(), &row.order_sealed)?;
        Ok(Shown {
            seal: row.seal,
            court: order.court,
            number: order.number,
            case: order.case,
            begun_at: row.begun_at,
            ends_at: row.ends_at,
            in_force: row.lapsed_at.is_none() && row.ends_at > now,
        })
    };
    rows.into_iter().map(shown).collect()
}

/// Courts' orders.
#[derive(Clone, Template, Serialize)]
#[template(path = "history/seals/pages/seals.html")]
pub(super) struct Seals {
    seals: Vec<Shown>,
    court: String,
    number: String,
    case: String,
    ends_on: String,
}

/// Shows the orders that the officer entered.
pub(super) async fn list(State(app): State<App>, officer: Officer) -> Result<Page<Seals>, Problem> {
    Ok(Page(view(&app, &officer, OrderForm::default()).await?))
}

async fn view(app: &App, officer: &Officer, form: OrderForm) -> Result<Seals, Problem> {
    Ok(Seals {
        seals: own(app, officer).await?,
        court: form.court,
        number: form.number,
        case: form.case,
        ends_on: form.ends_on,
    })
}

/// An order as it is typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct OrderForm {
    court: String,
    number: String,
    case: String,
    ends_on: String,
}

/// What is committed to of an order.
#[derive(Serialize)]
struct Statement<'a> {
    seal: SealId,
    #[serde(flatten)]
    order: &'a CourtOrder,
    ends_at: Timestamp,
    officer: &'a str,
}

fn read(form: &OrderForm, today: Date) -> Result<(CourtOrder, Timestamp), Vec<Fault>> {
    let (court, number, case) = (
        rules::word(&form.court),
        rules::word(&form.number),
        rules::word(&form.case),
    );
    let (ends_at, mut faults) = (rules::end(&form.ends_on, today), Vec::new());
    for (field, missing) in [
        ("court", court.is_none()),
        ("number", number.is_none()),
        ("case", case.is_none()),
    ] {
        if missing {
            faults.push(Fault::new(field, "history-word-fault"));
        }
    }
    if ends_at.is_none() {
        faults.push(Fault::new("ends_on", "history-end-fault"));
    }
    match (court, number, case, ends_at) {
        (Some(court), Some(number), Some(case), Some(ends_at)) => Ok((CourtOrder { court, number, case }, ends_at)),
        _ => Err(faults),
    }
}

/// Enters an order: looks can be made under it until it lapses.
pub(super) async fn enter(
    State(app): State<App>,
    officer: Officer,
    Input(form): Input<OrderForm>,
) -> Result<Next<Seals>, Problem> {
    keep(&app, &officer, form, None).await
}

/// Enters an order that extends one that has not lapsed.
pub(super) async fn extend(
    State(app): State<App>,
    officer: Officer,
    Path(seal): Path<SealId>,
    Input(form): Input<OrderForm>,
) -> Result<Next<Seals>, Problem> {
    keep(&app, &officer, form, Some(seal)).await
}

async fn keep(app: &App, officer: &Officer, form: OrderForm, extended: Option<SealId>) -> Result<Next<Seals>, Problem> {
    let shown = view(app, officer, form.clone()).await?;
    if extended.is_some_and(|seal| !shown.seals.iter().any(|own| own.seal == seal)) {
        return Err(Problem::not_found());
    }
    let (order, ends_at) = match read(&form, app.clock.today()) {
        Ok(read) => read,
        Err(faults) => return Err(Problem::invalid(faults).on(shown)),
    };

    let seal = extended.unwrap_or_else(|| SealId::draw(&app.chance));
    let entered = Entered {
        seal,
        officer: officer.officer,
        order_sealed: app.vault.seal_record("history_order", "order", seal.bytes(), &order)?,
        at: app.clock.now(),
        ends_at,
    };
    let name = officer.known_as();
    let statement = Statement {
        seal,
        order: &order,
        ends_at,
        officer: &name,
    };
    let commitment = Commitment::to(&app.vault, Kind::SealingOrder, entered.at, &statement);
    let lapse = Order::at(app, &Lapse { seal }, ends_at);
    let kept = app
        .db
        .write(move |tx| {
            let kept = match extended {
                Some(_) => store::extend(tx, &entered)?,
                None => store::begin(tx, &entered).map(|()| true)?,
            };
            if kept {
                ledger::commit(tx, &commitment)?;
                outbox::enqueue(tx, &lapse)?;
            }
            Ok::<_, db::Error>(kept)
        })
        .await?;
    if !kept {
        return Err(Problem::new("history-seal-lapsed", StatusCode::CONFLICT).on(shown));
    }

    let view = view(app, officer, OrderForm::default()).await?;
    let to = "/officers/seals".to_owned();
    Ok(Next { to, view })
}

/// The form to look somebody up, and who was found.
#[derive(Clone, Template, Serialize)]
#[template(path = "history/seals/pages/lookup.html")]
pub(super) struct Lookup {
    seals: Vec<Shown>,
    number: String,
    case: String,
    found: Option<Found>,
}

/// What an investigator is shown of somebody.
#[derive(Clone, Serialize)]
struct Found {
    full_name: String,
    number: String,
    date_of_birth: Date,
    phone: String,
    level: i64,
    residence: Option<String>,
    sealed: bool,
}

/// Shows the form.
pub(super) async fn ask(State(app): State<App>, officer: Officer) -> Result<Page<Lookup>, Problem> {
    Ok(Page(Lookup {
        seals: in_force(&app, &officer).await?,
        number: String::new(),
        case: String::new(),
        found: None,
    }))
}

async fn in_force(app: &App, officer: &Officer) -> Result<Vec<Shown>, Problem> {
    let mut seals = own(app, officer).await?;
    seals.retain(|seal| seal.in_force);
    Ok(seals)
}

/// Whom to look up, for which case, under which order.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct LookupForm {
    number: String,
    case: String,
    seal: String,
}

/// Looks somebody up. The look is recorded and committed to before anything is shown, whether its holder may see it now or later.
pub(super) async fn look_up(
    State(app): State<App>,
    officer: Officer,
    Input(form): Input<LookupForm>,
) -> Result<Page<Lookup>, Problem> {
    let typed = Lookup {
        seals: in_force(&app, &officer).await?,
        number: form.number.trim().to_owned(),
        case: form.case.trim().to_owned(),
        found: None,
    };
    let (number, case) = (PersonalNumber::parse(&typed.number).ok(), CaseNumber::parse(&form.case));
    let mut faults = Vec::new();
    faults.extend(number.is_none().then(|| Fault::new("number", "history-number-fault")));
    faults.extend(case.is_none().then(|| Fault::new("case", "history-case-fault")));
    let (Some(number), Some(case)) = (number, case) else {
        return Err(Problem::invalid(faults).on(typed));
    };
    investigates(&app, &officer, Some(case.clone()))?;
    let seal = match form.seal.trim() {
        "" => None,
        text => Some(text.parse::<SealId>().map_err(|_none| Problem::not_found())?),
    };

    let account = accounts::of_number(&app, &number).await?;
    let account = account.ok_or_else(|| Problem::new("history-no-account", StatusCode::NOT_FOUND).on(typed.clone()))?;
    let who = Who::Officer(officer.known_as());
    let what = "number name birth phone account address";
    let look = Look::now(&app, account.person, &who, Purpose::Investigation, what).in_case(&app, case.as_str());
    let look = match seal {
        Some(seal) => look.under(&app, seal),
        None => look,
    };
    let (me, now, lapsed) = (officer.officer, app.clock.now(), typed.clone());
    app.db
        .write(move |tx| {
            if let Some(seal) = seal
                && !store::is_in_force(tx, &seal, &me, now)?
            {
                return Err(Problem::new("history-seal-lapsed", StatusCode::CONFLICT).on(lapsed.clone()));
            }
            Ok(history::record(tx, &look)?)
        })
        .await?;

    let answer = registries::person_or_copy(&app, &number, "investigation")
        .await
        .ok()
        .flatten();
    let residence = answer.and_then(|answer| answer.record.permanent_residence);
    Ok(Page(Lookup {
        found: Some(Found {
            full_name: account.full_name,
            number: account.number.as_str().to_owned(),
            date_of_birth: account.date_of_birth,
            phone: account.phone.national(),
            level: account.level.number(),
            residence: residence.map(|residence| residence.text),
            sealed: seal.is_some(),
        }),
        ..typed
    }))
}
