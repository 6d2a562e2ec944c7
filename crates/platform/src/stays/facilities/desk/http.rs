use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;

use super::super::{Facility, told_by};
use crate::app::App;
use crate::officers;
use crate::shell::clock::civil_date;
use crate::shell::filters;
use crate::shell::input::{Path, Query};
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::qr;
use crate::shell::session::Citizen;
use crate::stays::http::{Choice, Line, Status};
use crate::stays::rules::{Side, deadline, instants_of};
use crate::stays::{FacilityId, store, teller, unit};

/// How many notifications the desk searches.
const SEARCHED: i64 = 1000;

/// The desk of a facility.
#[derive(Template, Serialize)]
#[template(path = "stays/facilities/pages/desk.html")]
pub(in crate::stays::facilities) struct Desk {
    #[serde(flatten)]
    facility: Facility,
    address_line: String,
    unit: String,
    unit_phone: Option<String>,
    hotline: String,
    /// Before when who arrives now has to be told.
    tell_by: Timestamp,
    /// How many guests arrived today, whatever is chosen.
    arrived_today: i64,
    told: Vec<Line>,
    #[serde(skip)]
    side: Side,
    #[serde(skip)]
    statuses: [Status; 3],
    /// The address that opens a notification for this facility, as a QR code.
    #[serde(skip)]
    code: String,
    #[serde(skip)]
    choice: Choice,
}

impl Desk {
    fn page(&self) -> String {
        format!("/stays/facilities/{}", self.facility.facility)
    }
}

/// Shows the desk to who tells for the facility.
pub(in crate::stays::facilities) async fn show(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<FacilityId>,
    Query(choice): Query<Choice>,
) -> Result<Page<Desk>, Problem> {
    teller(&app, citizen.person).await?;
    let (person, times, now, guest) = (
        citizen.person,
        choice.times(),
        app.clock.now(),
        choice.guest(&app.vault),
    );
    let today = instants_of(civil_date(now)).unwrap_or((now, now));
    let (facility, told, arrived_today, unit_phone, with_guest) = app
        .db
        .read(move |conn| {
            let facility = told_by(conn, &person, &id)?;
            let told = store::told_for(conn, &id, times, SEARCHED)?;
            let arrived = store::arrived(conn, &id, today)?;
            let phone = unit::phone(conn, &facility.commune)?;
            let with_guest = store::with_guest(conn, guest.as_ref())?;
            Ok::<_, Problem>((facility, told, arrived, phone, with_guest))
        })
        .await?;
    let lines = told.iter().map(|told| Line::of(&app, told, now));
    let told = choice.choose(lines.collect::<Result<_, _>>()?, &with_guest);
    Ok(Page(Desk {
        address_line: facility.line(),
        unit: officers::unit(&facility.commune),
        unit_phone,
        hotline: app.config.official.hotline.clone(),
        tell_by: deadline(now),
        arrived_today,
        told,
        side: Side::Told,
        statuses: Status::ALL,
        code: qr::drawn(&format!("{}/stays/new?facility={id}", app.config.public_url)),
        choice,
        facility,
    }))
}
