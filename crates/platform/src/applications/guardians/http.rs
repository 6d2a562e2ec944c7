use askama::Template;
use axum::extract::State as Of;
use civil::PersonalNumber;
use serde::{Deserialize, Serialize};

use super::super::evidence::{self, Declared};
use super::super::http::{Dossier, own};
use super::super::refusal::Refusal;
use super::super::rules::State;
use super::super::{
    Application, ApplicationId, Contents, Draft, Guardian, Subject, find_live, open as open_draft, put,
};
use super::{rules, store};
use crate::accounts::{self, Account, Level};
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::registries::{self, Person};
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;
use crate::signin;

/// For what the registries are asked.
const PURPOSE: &str = "application-level-1";

/// The children and wards for whom a guardian may apply.
#[derive(Clone, Template, Serialize)]
#[template(path = "applications/guardians/pages/wards.html")]
pub(super) struct Wards {
    wards: Vec<Ward>,
}

#[derive(Clone, Serialize)]
struct Ward {
    number: PersonalNumber,
    full_name: String,
}

/// The application that was opened.
#[derive(Template, Serialize)]
#[template(path = "applications/guardians/pages/opened.html")]
pub(super) struct Opened {
    application: ApplicationId,
}

/// Shows the children and wards that the population database knows.
pub(super) async fn wards(Of(app): Of<App>, citizen: Citizen) -> Result<Page<Wards>, Problem> {
    let account = guardian(&app, &citizen).await?;
    let record = record(&app, &account.number).await?;
    Ok(Page(view(&record)))
}

fn view(guardian: &Person) -> Wards {
    let ward = |relative: &registries::Relative| Ward {
        number: relative.number.clone(),
        full_name: relative.full_name.clone(),
    };
    Wards {
        wards: rules::wards(guardian).map(ward).collect(),
    }
}

/// The guardian's account: of level 2, since the guardian answers for somebody else.
async fn guardian(app: &App, citizen: &Citizen) -> Result<Account, Problem> {
    let (vault, person) = (app.vault.clone(), citizen.person);
    let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
    if account.level != Level::Two {
        return Err(Refusal::GuardianLevel.into());
    }
    Ok(account)
}

async fn record(app: &App, number: &PersonalNumber) -> Result<Person, Problem> {
    let answer = registries::person(app, number, PURPOSE).await?;
    Ok(answer.ok_or(Refusal::NotGuardian)?.record)
}

/// For whom to apply.
#[derive(Deserialize)]
pub(super) struct WardForm {
    #[serde(default)]
    number: String,
}

/// Opens an application for a child or ward, or goes on with the one that is open.
pub(super) async fn open(
    Of(app): Of<App>,
    citizen: Citizen,
    Input(form): Input<WardForm>,
) -> Result<Next<Opened>, Problem> {
    let account = guardian(&app, &citizen).await?;
    let Ok(number) = PersonalNumber::parse(form.number.trim()) else {
        let shown = view(&record(&app, &account.number).await?);
        let fault = Fault::new("number", "applications-number-form");
        return Err(Problem::invalid(vec![fault]).on(shown));
    };
    let ward = record(&app, &number).await?;
    let relation = rules::relation_of(&ward, &account.number).ok_or(Refusal::NotGuardian)?;
    let subject = subject_of(&citizen, &account, &ward, relation);
    let (findings, _) = evidence::examine(&app, Level::One, subject.applicant(), &subject.declared, None).await?;
    let (person, live) = standing(&app, &citizen, &number).await?;
    if let Some(live) = live {
        return Ok(opened(live));
    }

    let draft = Draft::draw(&app, person, Level::One, &subject, None)?;
    let id = draft.id();
    let contents = Contents::draw(&app, (person, id), &subject, &findings, &[]).await?;
    let what = "number name birth sex address card family";
    let look = Look::now(&app, person, &Who::Platform, Purpose::Application, what);
    let me = citizen.person;
    app.db
        .write(move |tx| {
            open_draft(tx, &draft)?;
            store::insert(tx, &me, (&person, &id))?;
            put(tx, &contents)?;
            Ok::<_, Problem>(history::record(tx, &look)?)
        })
        .await?;

    Ok(opened(id))
}

fn opened(application: ApplicationId) -> Next<Opened> {
    Next {
        to: format!("/applications/wards/{application}"),
        view: Opened { application },
    }
}

fn subject_of(citizen: &Citizen, account: &Account, ward: &Person, relation: String) -> Subject {
    Subject {
        declared: Declared {
            number: ward.number.clone(),
            full_name: ward.full_name.clone(),
            date_of_birth: ward.date_of_birth,
            sex: ward.sex,
            residence: None,
            issued_on: None,
        },
        phone: account.phone.clone(),
        email: account.email.clone(),
        guardian: Some(Guardian {
            person: citizen.person,
            number: account.number.clone(),
            full_name: account.full_name.clone(),
            relation,
        }),
    }
}

/// Whom the number belongs to, and the application that this guardian has open for them.
async fn standing(
    app: &App,
    citizen: &Citizen,
    number: &PersonalNumber,
) -> Result<(PersonId, Option<ApplicationId>), Problem> {
    let (vault, number, me) = (app.vault.clone(), number.clone(), citizen.person);
    let fresh = PersonId::draw(&app.chance);
    app.db
        .read(move |conn| {
            for live in store::list_open(conn, &me)? {
                let application = Application::of(&vault, live)?;
                if application.subject.declared.number == number {
                    return Ok((application.person, Some(application.id)));
                }
            }
            let Some(person) = accounts::person_of(conn, &vault, &number)? else {
                return Ok((fresh, None));
            };
            let account = accounts::find(conn, &vault, &person)?;
            if account.is_some_and(|account| account.level > Level::Zero || account.granted > Level::Zero) {
                return Err(Refusal::LevelHeld.into());
            }
            match find_live(conn, &vault, &person, Level::One)? {
                None => Ok((person, None)),
                Some(_) => Err(Refusal::OpenAlready.into()),
            }
        })
        .await
}

/// The guardian's own passcode.
#[derive(Deserialize)]
pub(super) struct ConfirmForm {
    #[serde(default)]
    passcode: String,
}

/// Confirms the use of a child's or ward's account.
pub(super) async fn confirm(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<ApplicationId>,
    Input(form): Input<ConfirmForm>,
) -> Result<Next<Dossier>, Problem> {
    let (parts, me) = (app.clone(), citizen.clone());
    let shown = app
        .db
        .read(move |conn| {
            super::must_guard(conn, &me.person, &id)?;
            let application = own(conn, &parts, &me, &id)?;
            if application.state != State::Approved {
                return Err(Refusal::NothingToActivate.into());
            }
            Dossier::load(conn, &parts, application)
        })
        .await?;
    signin::check_passcode(&app, &citizen.person, form.passcode.trim())
        .await
        .map_err(|problem| problem.on(shown))?;

    let (parts, now) = (app.clone(), app.clock.now());
    let dossier = app
        .db
        .write(move |tx| {
            store::confirm(tx, &citizen.person, &id, now)?;
            let application = own(tx, &parts, &citizen, &id)?;
            Dossier::load(tx, &parts, application)
        })
        .await?;

    Ok(Next {
        to: format!("/applications/{id}"),
        view: dossier,
    })
}
