use askama::Template;
use axum::extract::State;
use civil::Sex;
use http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::{Account, Level, Standing, own};
use crate::app::App;
use crate::applications::{self, ApplicationId};
use crate::history::{self, Look, Purpose, Who};
use crate::registries::{self, Answer, Member, Person, Relative, Residence, Source, TemporaryResidence};
use crate::shell::filters;
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;

/// The citizen's page.
#[derive(Template, Serialize)]
#[template(path = "accounts/pages/account.html")]
pub(super) struct Overview {
    full_name: String,
    masked_number: String,
    date_of_birth: Date,
    masked_phone: String,
    level: Level,
    granted: Level,
    #[serde(flatten)]
    standing: Standing,
    created_at: Timestamp,
    /// The level whose application is under way.
    applied: Option<Level>,
    /// Where the next step is taken.
    next: String,
}

/// Shows where the citizen's account stands and what comes next.
pub(super) async fn show(State(app): State<App>, citizen: Citizen) -> Result<Page<Overview>, Problem> {
    let (vault, now) = (app.vault.clone(), app.clock.now());
    let (account, application) = app
        .db
        .read(move |conn| {
            let account = own(conn, &vault, &citizen.person)?;
            let application = match next_level(&account, now) {
                Some(level) => applications::find_live(conn, &vault, &citizen.person, level)?,
                None => None,
            };
            Ok::<_, Problem>((account, application))
        })
        .await?;

    let standing = account.standing(now);
    let id = application.map(|application| application.id);
    let waits = matches!(standing, Standing::Applied | Standing::Active | Standing::Overdue);
    Ok(Page(Overview {
        masked_number: account.number.masked(),
        date_of_birth: account.date_of_birth,
        masked_phone: account.phone.masked(),
        level: account.level,
        granted: account.granted,
        standing,
        created_at: account.created_at,
        applied: next_level(&account, now).filter(|_| waits && id.is_some()),
        next: next_step(standing, account.level, id.as_ref()),
        full_name: account.full_name,
    }))
}

/// The level that the holder is on the way to.
fn next_level(account: &Account, now: Timestamp) -> Option<Level> {
    match (account.standing(now), account.level) {
        (Standing::New { .. } | Standing::Applied, _) => Some(Level::One),
        (Standing::Granted { .. } | Standing::Overdue, _) => Some(account.granted),
        (Standing::Active, Level::Two) => None,
        (Standing::Active, _) => Some(Level::Two),
    }
}

fn next_step(standing: Standing, level: Level, application: Option<&ApplicationId>) -> String {
    match (standing, application) {
        (Standing::New { .. }, _) => "/applications/level-1".to_owned(),
        (Standing::Granted { .. }, _) => "/activation".to_owned(),
        (Standing::Active, _) if level == Level::Two => "/eid".to_owned(),
        (_, Some(application)) => format!("/applications/{application}"),
        (_, None) => "/applications".to_owned(),
    }
}

/// The citizen's own data as the population database has them (F20).
#[derive(Template, Serialize)]
#[template(path = "accounts/pages/personal.html")]
pub(super) struct Personal {
    level: Level,
    source: Source,
    record_id: String,
    as_of: Timestamp,
    fresh: bool,
    full_name: String,
    masked_number: String,
    date_of_birth: Date,
    sex: Sex,
    birthplace: String,
    birth_registration_place: String,
    origin: String,
    ethnicity: String,
    religion: Option<String>,
    nationality: String,
    blood_group: Option<String>,
    old_number: Option<String>,
    /// Residence and family belong to level 2.
    more: Option<More>,
}

/// What level 2 sees besides.
#[derive(Serialize)]
struct More {
    permanent_residence: Option<Residence>,
    temporary_residence: Option<TemporaryResidence>,
    current_residence: Option<Residence>,
    residence_file: Option<String>,
    marital_status: Option<String>,
    relatives: Vec<Kin>,
    household: Vec<Housemate>,
}

#[derive(Serialize)]
struct Kin {
    relation: String,
    full_name: String,
    masked_number: String,
}

#[derive(Serialize)]
struct Housemate {
    relation_to_head: String,
    full_name: String,
    date_of_birth: Date,
}

/// Shows the citizen's own data, fetched from the population database; while that is silent a copy that says how old it is.
pub(super) async fn personal(State(app): State<App>, citizen: Citizen) -> Result<Page<Personal>, Problem> {
    let vault = app.vault.clone();
    let account = app.db.read(move |conn| own(conn, &vault, &citizen.person)).await?;
    if account.level == Level::Zero {
        return Err(Problem::new("accounts-level-1-needed", StatusCode::FORBIDDEN));
    }

    let answer = registries::person_or_copy(&app, &account.number, "own-data").await?;
    let Some(answer) = answer else {
        return Err(Problem::new("accounts-not-in-source", StatusCode::NOT_FOUND));
    };
    let what = match account.level {
        Level::Two => "number name birth sex address family",
        Level::Zero | Level::One => "number name birth sex",
    };
    let look = Look::now(&app, citizen.person, &Who::Holder, Purpose::OwnData, what);

    app.db.write(move |tx| history::record(tx, &look)).await?;

    Ok(Page(Personal::of(&account, answer)))
}

impl Personal {
    fn of(account: &Account, answer: Answer<Person>) -> Self {
        let Answer {
            mut record,
            source,
            record_id,
            as_of,
            fresh,
        } = answer;
        let more = (account.level == Level::Two).then(|| More::of(&mut record));
        Self {
            level: account.level,
            source,
            record_id,
            as_of,
            fresh,
            full_name: record.full_name,
            masked_number: record.number.masked(),
            date_of_birth: record.date_of_birth,
            sex: record.sex,
            birthplace: record.birthplace,
            birth_registration_place: record.birth_registration_place,
            origin: record.origin,
            ethnicity: record.ethnicity,
            religion: record.religion,
            nationality: record.nationality,
            blood_group: record.blood_group,
            old_number: record.old_number,
            more,
        }
    }
}

impl More {
    fn of(record: &mut Person) -> Self {
        let kin = |relative: Relative| Kin {
            masked_number: relative.number.masked(),
            relation: relative.relation,
            full_name: relative.full_name,
        };
        let housemate = |member: Member| Housemate {
            relation_to_head: member.relation_to_head,
            full_name: member.full_name,
            date_of_birth: member.date_of_birth,
        };
        Self {
            permanent_residence: record.permanent_residence.take(),
            temporary_residence: record.temporary_residence.take(),
            current_residence: record.current_residence.take(),
            residence_file: record.residence_file.take(),
            marital_status: record.marital_status.take(),
            relatives: std::mem::take(&mut record.relatives).into_iter().map(kin).collect(),
            household: std::mem::take(&mut record.household)
                .into_iter()
                .map(housemate)
                .collect(),
        }
    }
}
