use askama::Template;
use axum::extract::State;
use civil::names;
use civil::units::{Commune, Province};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Query};
use crate::shell::jobs::{self as outbox, Order};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;
use crate::stays::drafts::http::{Shown, next};
use crate::stays::drafts::{Draft, KEPT, Lapse, store};
use crate::stays::facilities::{self, Facility};
use crate::stays::guests::Typed;
use crate::stays::rules::{Kind, PROVINCES_OF, Place};
use crate::stays::{DraftId, FacilityId, teller};

/// Where guests stay: the form.
#[derive(Clone, Template, Serialize)]
#[template(path = "stays/drafts/pages/place.html")]
pub(in crate::stays::drafts) struct Where {
    /// The facilities that the citizen tells for.
    facilities: Vec<Facility>,
    /// The facility whose code was scanned, where it tells for its guests itself.
    asked: Option<Asked>,
    kinds: [Kind; 2],
    provinces: Vec<Named>,
    communes: Vec<Named>,
    #[serde(skip)]
    form: PlaceForm,
}

/// A facility, as its guests see it.
#[derive(Clone, Serialize)]
struct Asked {
    name: String,
    line: String,
    closed: bool,
}

#[derive(Clone, Serialize)]
struct Named {
    code: &'static str,
    name: String,
}

/// Where guests stay, as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::stays::drafts) struct PlaceForm {
    facility: String,
    kind: String,
    name: String,
    province: String,
    commune: String,
    address: String,
}

pub(in crate::stays::drafts) async fn where_page(
    app: &App,
    person: PersonId,
    form: PlaceForm,
) -> Result<Where, Problem> {
    let scanned: Option<FacilityId> = form.facility.parse().ok();
    let (mut facilities, asked) = app
        .db
        .read(move |conn| {
            let asked = scanned.as_ref().map(|id| facilities::find(conn, id)).transpose()?;
            Ok::<_, db::Error>((facilities::of_clerk(conn, &person)?, asked.flatten()))
        })
        .await?;
    // Whoever tells for the facility is offered it first; anybody else is its guest.
    facilities.sort_by_key(|own| Some(own.facility) != scanned);
    let own = |asked: &Facility| facilities.iter().any(|own| own.facility == asked.facility);
    let asked = asked.filter(|asked| !own(asked)).map(|asked| Asked {
        line: asked.line(),
        closed: asked.closed_at.is_some(),
        name: asked.name,
    });
    let province = |province: &'static Province| Named {
        code: province.code,
        name: province.full_name(),
    };
    let commune = |commune: &'static Commune| Named {
        code: commune.code,
        name: commune.full_name(),
    };
    let mut communes: Vec<Named> = civil::units::communes_of(&form.province).map(commune).collect();
    communes.sort_by_key(|commune| names::fold(&commune.name));
    Ok(Where {
        facilities,
        asked,
        kinds: Kind::TYPED,
        provinces: civil::units::on(PROVINCES_OF).map(province).collect(),
        communes,
        form,
    })
}

/// Asks where the guests stay.
pub(in crate::stays::drafts) async fn place(
    State(app): State<App>,
    citizen: Citizen,
    Query(form): Query<PlaceForm>,
) -> Result<Page<Where>, Problem> {
    teller(&app, citizen.person).await?;
    Ok(Page(where_page(&app, citizen.person, form).await?))
}

impl PlaceForm {
    fn read(&self) -> Result<Place, Vec<Fault>> {
        let mut faults = Vec::new();
        let kind = Kind::of_word(&self.kind).filter(|kind| Kind::TYPED.contains(kind));
        let between = |text: &str, least, most| (least..=most).contains(&text.trim().chars().count());
        if kind.is_none() {
            faults.push(Fault::new("kind", "stays-fault-kind"));
        }
        if kind == Some(Kind::Other) && !between(&self.name, 3, 120) {
            faults.push(Fault::new("name", "stays-fault-facility-name"));
        }
        if civil::units::commune(self.commune.trim()).is_none() {
            faults.push(Fault::new("commune", "stays-fault-commune"));
        }
        if !between(&self.address, 3, 200) {
            faults.push(Fault::new("address", "stays-fault-address"));
        }
        match kind {
            Some(kind) if faults.is_empty() => Ok(Place {
                kind,
                facility: None,
                name: names::normalise(if kind == Kind::Other { &self.name } else { "" }),
                address: names::normalise(&self.address),
                commune: self.commune.trim().to_owned(),
            }),
            _ => Err(faults),
        }
    }
}

/// Opens a draft for a place.
pub(in crate::stays::drafts) async fn open(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<PlaceForm>,
) -> Result<Next<Shown>, Problem> {
    let person = citizen.person;
    teller(&app, person).await?;
    let place = if form.facility.is_empty() {
        match form.read() {
            Ok(place) => place,
            Err(faults) => return Err(Problem::invalid(faults).on(where_page(&app, person, form).await?)),
        }
    } else {
        let id = form.facility.parse().map_err(|_not_an_id| Problem::not_found())?;
        let found = app.db.read(move |conn| facilities::told_by(conn, &person, &id)).await;
        match found {
            Ok(facility) => facility.place(),
            Err(problem) => return Err(problem.on(where_page(&app, person, PlaceForm::default()).await?)),
        }
    };

    let (id, now) = (DraftId::draw(&app.chance), app.clock.now());
    let draft = Draft {
        place,
        from: String::new(),
        to: String::new(),
        reason: String::new(),
        typed: Typed::default(),
        guests: Vec::new(),
        refused: Vec::new(),
    };
    let sealed = draft.seal(&app.vault, &id)?;
    let lapse = Order::at(&app, &Lapse { person, draft: id }, now + KEPT);
    app.db
        .write(move |tx| {
            store::insert(tx, (&person, &id), &sealed, (now, now + KEPT))?;
            outbox::enqueue(tx, &lapse)
        })
        .await?;
    next(&app, id, draft).await
}
