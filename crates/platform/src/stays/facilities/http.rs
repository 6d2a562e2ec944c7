use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use civil::units::Commune;
use civil::{PersonalNumber, names};
use serde::{Deserialize, Serialize};

use super::{Facility, store};
use crate::accounts::{self, Level};
use crate::app::App;
use crate::notices::{self, Note, inform};
use crate::officers::{self, Action, Officer, On, Rank};
use crate::shell::filters;
use crate::shell::input::{Input, Path, Query};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::stays::FacilityId;
use crate::stays::rules::Kind;
use crate::stays::unit;

/// How many facilities a page shows.
const MOST: i64 = 500;

/// The facilities of a commune.
#[derive(Clone, Template, Serialize)]
#[template(path = "stays/facilities/pages/facilities.html")]
pub(super) struct Facilities {
    commune: String,
    unit: String,
    /// The communes whose facilities the officer may see; empty where that is the whole country.
    communes: Vec<Choice>,
    /// The phone by which people reach the unit.
    unit_phone: Option<String>,
    facilities: Vec<Shown>,
    #[serde(skip)]
    form: NewFacility,
}

#[derive(Clone, Serialize)]
struct Choice {
    code: &'static str,
    name: String,
}

#[derive(Clone, Serialize)]
struct Shown {
    #[serde(flatten)]
    facility: Facility,
    line: String,
    people: i64,
}

/// Whose facilities are shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Where {
    commune: String,
}

/// A facility to be registered.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct NewFacility {
    commune: String,
    kind: String,
    name: String,
    address: String,
    phone: String,
}

/// Somebody to be named or taken away.
#[derive(Deserialize)]
pub(super) struct Change {
    #[serde(default)]
    number: String,
    #[serde(default)]
    remove: String,
}

/// The communes that an officer can choose from.
fn communes_of(officer: &Officer) -> Vec<Choice> {
    let choice = |commune: &'static Commune| Choice {
        code: commune.code,
        name: commune.full_name(),
    };
    match Rank::of(&officer.unit_code) {
        Rank::Commune => civil::units::commune(&officer.unit_code)
            .map(choice)
            .into_iter()
            .collect(),
        Rank::Province => civil::units::communes_of(&officer.unit_code).map(choice).collect(),
        Rank::Ministry => Vec::new(),
    }
}

/// The commune that is meant: the one named, else the officer's own.
fn meant(officer: &Officer, named: &str) -> String {
    let own = communes_of(officer).first().map(|commune| commune.code);
    match named.trim() {
        "" => own.unwrap_or_default().to_owned(),
        named => named.to_owned(),
    }
}

async fn view(app: &App, officer: &Officer, commune: &str, form: NewFacility) -> Result<Facilities, Problem> {
    let wanted = commune.to_owned();
    let (rows, unit_phone) = app
        .db
        .read(move |conn| {
            let rows = store::of_commune(conn, &wanted, MOST)?;
            Ok::<_, db::Error>((rows, unit::phone(conn, &wanted)?))
        })
        .await?;
    let shown = |(facility, people): (Facility, i64)| Shown {
        line: facility.line(),
        facility,
        people,
    };
    Ok(Facilities {
        commune: commune.to_owned(),
        unit: officers::unit(commune),
        communes: communes_of(officer),
        unit_phone,
        facilities: rows.into_iter().map(shown).collect(),
        form,
    })
}

/// Shows the facilities of a commune.
pub(super) async fn list(
    State(app): State<App>,
    officer: Officer,
    Query(place): Query<Where>,
) -> Result<Page<Facilities>, Problem> {
    let commune = meant(&officer, &place.commune);
    officer.must(&app, Action::RegisterFacility, &On::Unit(&commune))?;
    Ok(Page(view(&app, &officer, &commune, NewFacility::default()).await?))
}

fn page(commune: &str) -> String {
    format!("/officers/stays/facilities?commune={commune}")
}

/// Registers a facility.
pub(super) async fn register(
    State(app): State<App>,
    officer: Officer,
    Input(form): Input<NewFacility>,
) -> Result<Next<Facilities>, Problem> {
    let commune = meant(&officer, &form.commune);
    officer.must(&app, Action::RegisterFacility, &On::Unit(&commune))?;
    let faults = form.faults(&commune);
    if !faults.is_empty() {
        let again = view(&app, &officer, &commune, form).await?;
        return Err(Problem::invalid(faults).on(again));
    }

    let new = Facility {
        facility: FacilityId::draw(&app.chance),
        kind: form.kind.clone(),
        name: names::normalise(&form.name),
        address: names::normalise(&form.address),
        commune: commune.clone(),
        phone: form.phone.trim().to_owned(),
        registered_at: app.clock.now(),
        closed_at: None,
    };
    let by = officer.officer;
    let written = app.db.write(move |tx| store::insert(tx, &new, &by)).await;
    match written {
        Err(db::Error::Taken(_)) => {
            let again = view(&app, &officer, &commune, form).await?;
            Err(Problem::new("stays-facility-taken", StatusCode::CONFLICT).on(again))
        }
        Err(error) => Err(error.into()),
        Ok(()) => Ok(Next {
            to: page(&commune),
            view: view(&app, &officer, &commune, NewFacility::default()).await?,
        }),
    }
}

impl NewFacility {
    fn faults(&self, commune: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut must = |good: bool, field: &'static str, text: &'static str| {
            if !good {
                faults.push(Fault::new(field, text));
            }
        };
        let between = |text: &str, least, most| (least..=most).contains(&text.trim().chars().count());
        let kind = Kind::of_word(&self.kind).is_some_and(|kind| Kind::REGISTERED.contains(&kind));
        must(
            civil::units::commune(commune).is_some(),
            "commune",
            "stays-fault-commune",
        );
        must(kind, "kind", "stays-fault-kind");
        must(between(&self.name, 3, 120), "name", "stays-fault-facility-name");
        must(between(&self.address, 3, 200), "address", "stays-fault-address");
        must(unit::is_phone(&self.phone), "phone", "stays-fault-phone");
        faults
    }
}

async fn found(app: &App, officer: &Officer, id: FacilityId) -> Result<Facility, Problem> {
    let facility = app.db.read(move |conn| store::find(conn, &id)).await?;
    let facility = facility.ok_or_else(Problem::not_found)?;
    officer.must(app, Action::RegisterFacility, &On::Unit(&facility.commune))?;
    Ok(facility)
}

/// Names somebody who tells for a facility, or takes one away. Who is named gets a message.
pub(super) async fn change(
    State(app): State<App>,
    officer: Officer,
    Path(id): Path<FacilityId>,
    Input(form): Input<Change>,
) -> Result<Next<Facilities>, Problem> {
    let facility = found(&app, &officer, id).await?;
    let commune = facility.commune.clone();
    let again = view(&app, &officer, &commune, NewFacility::default()).await?;
    let Ok(number) = PersonalNumber::parse(form.number.trim()) else {
        let fault = Fault::new("number", "stays-fault-number");
        return Err(Problem::invalid(vec![fault]).on(again));
    };
    let account = accounts::of_number(&app, &number).await?;
    let account = account.filter(|account| account.level >= Level::One);
    let Some(account) = account else {
        return Err(Problem::new("stays-no-account", StatusCode::UNPROCESSABLE_ENTITY).on(again));
    };

    let (person, by, remove, now) = (
        account.person,
        officer.officer,
        !form.remove.is_empty(),
        app.clock.now(),
    );
    let once = format!("stay-clerk-{id}-{now}");
    let note = Note::new(notices::Kind::Legal, "stays-note-named", once).with("facility", &facility.name);
    let (note, at) = (note.link(format!("/stays/facilities/{id}")), app.clone());
    app.db
        .write(move |tx| {
            if remove {
                store::take_away(tx, &person, &id)?;
            } else if store::name(tx, (&person, &id), &by, now)? {
                inform(&at, tx, &person, &note, now)?;
            }
            Ok::<_, db::Error>(())
        })
        .await?;
    Ok(Next {
        to: page(&commune),
        view: view(&app, &officer, &commune, NewFacility::default()).await?,
    })
}

/// Closes a facility: nothing is told for it any more.
pub(super) async fn close(
    State(app): State<App>,
    officer: Officer,
    Path(id): Path<FacilityId>,
) -> Result<Next<Facilities>, Problem> {
    let facility = found(&app, &officer, id).await?;
    let now = app.clock.now();
    app.db.write(move |tx| store::close(tx, &id, now)).await?;
    Ok(Next {
        to: page(&facility.commune),
        view: view(&app, &officer, &facility.commune, NewFacility::default()).await?,
    })
}
