//! What the sources say of a person's documents, at this moment.

use credentials::eid::{Eid, Residence};
use credentials::licence::{self, DrivingLicence};
use credentials::paper::Paper;
use http::StatusCode;
use jiff::civil::Date;

use super::rules::Document;
use crate::accounts::{self, Level};
use crate::app::App;
use crate::eid;
use crate::registries::{self, LicenceState};
use crate::shell::ids::PersonId;
use crate::shell::picture::{self, Wanted};
use crate::shell::problem::Problem;

mod papers;

/// The portrait in a credential: enough for an eye to compare, small enough for a batch.
const PORTRAIT: Wanted = Wanted {
    shortest: 60,
    longest: 320,
};
/// Only citizens have an electronic identity card (Luật Căn cước 26/2023/QH15, article 31), and only with it are documents issued.
const NATIONALITY: &str = "VN";
/// The facts of a document.
pub(in crate::issuance) enum Facts {
    Eid(Box<Eid>),
    Licence(Box<DrivingLicence>),
    Paper(Box<Paper>),
}

impl Facts {
    pub(super) fn true_until(&self, today: Date) -> Option<Date> {
        match self {
            Self::Eid(eid) => eid.derived_until(today),
            Self::Licence(licence) => licence.derived_until(today),
            Self::Paper(paper) => paper.derived_until(),
        }
    }
}

/// What the source says of a person's document.
///
/// # Errors
/// `issuance-level-needed` for who may not hold it; the source's silence; those of the database.
pub(in crate::issuance) async fn facts(app: &App, person: &PersonId, document: Document) -> Result<Facts, Problem> {
    match document {
        Document::Eid => Ok(Facts::Eid(Box::new(eid_facts(app, person).await?))),
        Document::Licence => Ok(Facts::Licence(Box::new(licence_facts(app, person).await?))),
        Document::Vehicles => Ok(Facts::Paper(Box::new(papers::vehicles(app, person).await?))),
        Document::Insurance => Ok(Facts::Paper(Box::new(papers::insurance(app, person).await?))),
        Document::CriminalRecord => Ok(Facts::Paper(Box::new(papers::criminal_record(app, person).await?))),
    }
}

async fn eid_facts(app: &App, person: &PersonId) -> Result<Eid, Problem> {
    let card = card(app, person).await?;
    let number = card.content.facts.number.clone();
    let answer = registries::person(app, &number, "issuance").await?;
    let record = answer.ok_or_else(Problem::not_found)?.record;
    let home = record.permanent_residence.or(record.current_residence);
    Ok(Eid {
        number: record.number,
        full_name: record.full_name,
        date_of_birth: record.date_of_birth,
        sex: record.sex,
        nationality: NATIONALITY.to_owned(),
        residence: home.map_or_else(unknown_residence, |home| Residence {
            province: home.province_code,
            commune: home.commune_code,
            address: home.text,
        }),
        portrait: portrait(app, card.portrait).await?,
    })
}

async fn licence_facts(app: &App, person: &PersonId) -> Result<DrivingLicence, Problem> {
    let card = card(app, person).await?;
    let answer = registries::licence(app, &card.content.facts.number, "issuance").await?;
    let none = || Problem::new("issuance-no-licence", StatusCode::NOT_FOUND);
    let record = answer.ok_or_else(none)?.record;
    let class = |class: registries::LicenceClass| licence::Class {
        name: class.name,
        issued_on: class.issued_on,
        expires_on: class.expires_on,
    };
    let licence = DrivingLicence {
        number: record.number,
        full_name: record.full_name,
        date_of_birth: record.date_of_birth,
        nationality: NATIONALITY.to_owned(),
        address: record.address,
        classes: record.classes.into_iter().map(class).collect(),
        issued_on: record.issued_on,
        issued_by: record.issued_by,
        points: record.points,
        portrait: portrait(app, card.portrait).await?,
    };
    let usable = record.state == LicenceState::Valid && licence.is_valid(app.clock.today());
    usable.then_some(licence).ok_or_else(none)
}

/// The portrait as a credential has it; none where it cannot be made small enough.
async fn portrait(app: &App, portrait: Vec<u8>) -> Result<Option<Vec<u8>>, Problem> {
    let made = app.workshop.run(move || picture::renew(&portrait, PORTRAIT)).await?;
    Ok(made.ok())
}

/// For who lives nowhere that the population database knows.
fn unknown_residence() -> Residence {
    Residence {
        province: String::new(),
        commune: String::new(),
        address: String::new(),
    }
}

/// The electronic identity card of a person whose level 2 is in use.
async fn card(app: &App, person: &PersonId) -> Result<eid::Eid, Problem> {
    let (vault, person) = (app.vault.clone(), *person);
    let (account, card) = app
        .db
        .read(move |conn| {
            let account = accounts::own(conn, &vault, &person)?;
            Ok::<_, Problem>((account, eid::find(conn, &vault, &person)?))
        })
        .await?;
    let needed = || Problem::new("issuance-level-needed", StatusCode::FORBIDDEN);
    card.filter(|_| account.level == Level::Two).ok_or_else(needed)
}
