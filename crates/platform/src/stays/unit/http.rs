use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::store::{self, Totals, Wanted};
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::officers::{self, Action, CaseNumber, MINISTRY, Officer, On};
use crate::shell::clock::civil_date;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Path, Query};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::stays::NotificationId;
use crate::stays::http::{GuestShown, Told};
use crate::stays::rules::{MOST_GUESTS, instants_of, read_day};
use crate::stays::store::{self as stays, GuestRow, Notification};

/// How many notifications a page shows.
const MOST: usize = 100;
/// How many guests are shown, and looked at, at once.
const GUESTS: usize = 50;

/// Which arrivals to show.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice {
    unit: String,
    day: String,
    only: String,
    after: String,
}

impl Choice {
    /// Where the page before ended; the beginning for anything else.
    fn after(&self) -> (Timestamp, Vec<u8>) {
        let place = self.after.split_once('.').and_then(|(told_at, id)| {
            let id: NotificationId = id.parse().ok()?;
            let told_at = Timestamp::from_microsecond(told_at.parse().ok()?).ok()?;
            Some((told_at, id.bytes().to_vec()))
        });
        place.unwrap_or((Timestamp::MAX, Vec::new()))
    }
}

/// The arrivals of a day.
#[derive(Template, Serialize)]
#[template(path = "stays/unit/pages/arrivals.html")]
pub(super) struct Arrivals {
    unit: String,
    unit_name: String,
    unit_phone: Option<String>,
    /// Whether the officer may set the phone and register facilities.
    registers: bool,
    day: Date,
    only: String,
    totals: Totals,
    arrivals: Vec<Row>,
    /// Where this page ends, if there are more.
    older: Option<String>,
}

/// One notification, without its guests.
#[derive(Clone, Serialize)]
struct Row {
    id: NotificationId,
    number: String,
    kind: String,
    reason: String,
    /// The facility's name; nothing of a household.
    name: Option<String>,
    commune: String,
    guests: i64,
    from: Timestamp,
    to: Timestamp,
    told_at: Timestamp,
    late_since: Option<Timestamp>,
    alone: bool,
    unchecked: bool,
    withdrawn_at: Option<Timestamp>,
}

impl Row {
    fn of(app: &App, told: &Notification) -> Result<Self, Problem> {
        let name = match told.facility {
            Some(_) => Some(Told::open(app, told)?.place.name),
            None => None,
        };
        Ok(Self {
            id: told.id,
            number: told.number.clone(),
            kind: told.kind.clone(),
            reason: told.reason.clone(),
            name,
            commune: officers::unit(&told.commune),
            guests: told.guests,
            from: told.from_at,
            to: told.to_at,
            told_at: told.told_at,
            late_since: told.late_since,
            alone: told.alone_at.is_some(),
            unchecked: told.unchecked_at.is_some(),
            withdrawn_at: told.withdrawn_at,
        })
    }
}

/// Shows the arrivals of a day in a unit.
pub(super) async fn arrivals(
    State(app): State<App>,
    officer: Officer,
    Query(choice): Query<Choice>,
) -> Result<Page<Arrivals>, Problem> {
    Ok(Page(view(&app, &officer, &choice).await?))
}

async fn view(app: &App, officer: &Officer, choice: &Choice) -> Result<Arrivals, Problem> {
    let unit = match (choice.unit.trim(), officer.unit_code.as_str()) {
        // The ministry's officers begin with the capital.
        ("", MINISTRY) => "01",
        ("", own) => own,
        (named, _) => named,
    };
    officer.must(app, Action::SeeStays, &On::Unit(unit))?;
    let now = app.clock.now();
    let day = read_day(&choice.day).unwrap_or_else(|| civil_date(now));
    let (since, until) = instants_of(day).unwrap_or((now, now));
    let wanted = Wanted {
        unit: unit.to_owned(),
        since,
        until,
        only: choice.only.clone(),
        after: choice.after(),
        // One more than is shown tells whether there are more.
        most: i64::try_from(MOST + 1).unwrap_or(i64::MAX),
    };
    let name = unit.to_owned();
    let (found, totals, unit_phone) = app
        .db
        .read(move |conn| {
            let found = store::arrivals(conn, &wanted)?;
            let totals = store::totals(conn, &wanted)?;
            Ok::<_, db::Error>((found, totals, store::phone(conn, &name)?))
        })
        .await?;
    let shown = found.get(..MOST).filter(|shown| shown.len() < found.len());
    let older = shown.and_then(<[Notification]>::last);
    let arrivals = found.iter().take(MOST).map(|told| Row::of(app, told));
    Ok(Arrivals {
        unit: unit.to_owned(),
        unit_name: officers::unit(unit),
        unit_phone,
        registers: unit.len() == 5 && officer.may(app, Action::RegisterFacility, &On::Unit(unit)),
        day,
        only: choice.only.clone(),
        totals,
        arrivals: arrivals.collect::<Result<_, _>>()?,
        older: older.map(|last| format!("{}.{}", last.told_at.as_microsecond(), last.id)),
    })
}

/// The phone of a unit.
#[derive(Deserialize)]
pub(super) struct PhoneForm {
    #[serde(default)]
    unit: String,
    #[serde(default)]
    phone: String,
}

/// Sets the phone by which people reach a unit.
pub(super) async fn set_phone(
    State(app): State<App>,
    officer: Officer,
    Input(form): Input<PhoneForm>,
) -> Result<Next<Arrivals>, Problem> {
    officer.must(&app, Action::RegisterFacility, &On::Unit(&form.unit))?;
    let choice = Choice {
        unit: form.unit.clone(),
        ..Choice::default()
    };
    if !super::is_phone(&form.phone) || civil::units::commune(&form.unit).is_none() {
        let fault = Fault::new("phone", "stays-fault-phone");
        return Err(Problem::invalid(vec![fault]).on(view(&app, &officer, &choice).await?));
    }
    let (by, now) = (officer.officer, app.clock.now());
    let phone = form.phone.trim().to_owned();
    app.db
        .write(move |tx| store::set_phone(tx, (&form.unit, &phone), &by, now))
        .await?;
    Ok(Next {
        to: format!("/officers/stays?unit={}", choice.unit),
        view: view(&app, &officer, &choice).await?,
    })
}

/// A notification, as the police see it.
#[derive(Clone, Template, Serialize)]
#[template(path = "stays/unit/pages/notification.html")]
pub(super) struct Opened {
    #[serde(flatten)]
    row: Row,
    purpose: String,
    case_number: String,
    /// What is shown for a purpose.
    content: Option<Content>,
}

#[derive(Clone, Serialize)]
struct Content {
    address: String,
    teller: String,
    teller_phone: String,
    guests: Vec<Seen>,
    page: usize,
    next_page: Option<usize>,
}

#[derive(Clone, Serialize)]
struct Seen {
    #[serde(flatten)]
    guest: GuestShown,
    /// The whole number of the document.
    document_number: String,
    /// Where else the guest is told to stay at the same time.
    elsewhere: Vec<String>,
}

/// For what a notification is opened.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Occasion {
    purpose: String,
    case_number: String,
    page: String,
}

impl Occasion {
    fn read(&self) -> Result<(Purpose, Option<CaseNumber>), Fault> {
        match self.purpose.as_str() {
            "stay-check" => Ok((Purpose::StayCheck, None)),
            "investigation" => match CaseNumber::parse(&self.case_number) {
                Some(case) => Ok((Purpose::Investigation, Some(case))),
                None => Err(Fault::new("case_number", "stays-fault-case")),
            },
            _ => Err(Fault::new("purpose", "stays-fault-purpose")),
        }
    }
}

async fn found(app: &App, officer: &Officer, id: NotificationId) -> Result<Notification, Problem> {
    let told = app.db.read(move |conn| stays::find(conn, &id)).await?;
    let told = told.ok_or_else(Problem::not_found)?;
    officer.must(app, Action::SeeStays, &On::Unit(&told.commune))?;
    Ok(told)
}

fn closed(app: &App, told: &Notification, occasion: &Occasion) -> Result<Opened, Problem> {
    Ok(Opened {
        row: Row::of(app, told)?,
        purpose: occasion.purpose.clone(),
        case_number: occasion.case_number.clone(),
        content: None,
    })
}

/// Shows the outline of a notification.
pub(super) async fn outline(
    State(app): State<App>,
    officer: Officer,
    Path(id): Path<NotificationId>,
) -> Result<Page<Opened>, Problem> {
    let told = found(&app, &officer, id).await?;
    Ok(Page(closed(&app, &told, &Occasion::default())?))
}

/// Shows the guests of a notification, for a purpose.
pub(super) async fn open(
    State(app): State<App>,
    officer: Officer,
    Path(id): Path<NotificationId>,
    Input(occasion): Input<Occasion>,
) -> Result<Page<Opened>, Problem> {
    let told = found(&app, &officer, id).await?;
    let outline = closed(&app, &told, &occasion)?;
    let (purpose, case) = occasion
        .read()
        .map_err(|fault| Problem::invalid(vec![fault]).on(outline.clone()))?;

    let (of, first) = (
        told.clone(),
        occasion.page.parse::<usize>().unwrap_or(1).clamp(1, MOST_GUESTS),
    );
    let rows = app.db.read(move |conn| stays::guests(conn, &of)).await?;
    let shown: Vec<GuestRow> = rows.into_iter().skip((first - 1) * GUESTS).take(GUESTS).collect();
    let who = Who::Officer(officer.known_as());
    let case = case.as_ref().map(CaseNumber::as_str).unwrap_or_default();
    let look = |person: PersonId, what| Look::now(&app, person, &who, purpose, what).in_case(&app, case);
    let guests = shown.iter().filter_map(|row| row.guest);
    let mut looks: Vec<Look> = guests
        .map(|guest| look(guest, "name number birth sex nationality stay"))
        .collect();
    looks.push(look(told.person, "name phone"));

    app.db
        .write(move |tx| looks.iter().try_for_each(|look| history::record(tx, look)))
        .await?;

    let content = content(&app, &told, shown, first).await?;
    Ok(Page(Opened {
        content: Some(content),
        ..outline
    }))
}

async fn content(app: &App, told: &Notification, rows: Vec<GuestRow>, page: usize) -> Result<Content, Problem> {
    let opened = Told::open(app, told)?;
    let id = told.id;
    let digests: Vec<_> = rows.iter().map(|row| (row.digest, (row.from_at, row.to_at))).collect();
    let elsewhere = app
        .db
        .read(move |conn| {
            let each = digests.iter().map(|(digest, times)| {
                let clashes = stays::clashes(conn, digest, *times)?;
                let others = clashes.into_iter().filter(|clash| clash.id != id);
                Ok::<_, db::Error>(others.map(|clash| officers::unit(&clash.commune)).collect::<Vec<_>>())
            });
            each.collect::<Result<Vec<_>, _>>()
        })
        .await?;
    let seen = rows.iter().zip(elsewhere).map(|(row, elsewhere)| {
        let (guest, document_number) = GuestShown::open(app, row)?;
        Ok::<_, Problem>(Seen {
            guest,
            document_number,
            elsewhere,
        })
    });
    let more = i64::try_from(page * GUESTS).is_ok_and(|shown| shown < told.guests);
    Ok(Content {
        address: opened.place.line(),
        teller: opened.teller,
        teller_phone: opened.phone,
        guests: seen.collect::<Result<_, _>>()?,
        page,
        next_page: Some(page + 1).filter(|_| more),
    })
}
