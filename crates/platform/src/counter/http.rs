use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use civil::{CardQr, PersonalNumber, Phone};
use db::Tx;
use serde::Serialize;

use super::rules::{self, Guardian, Originals};
use super::taking;
use super::taking::http::Taking;
use crate::accounts::{self, Level};
use crate::app::App;
use crate::applications::evidence;
use crate::applications::{
    self, Applicant, Application, ApplicationId, Attending, Contents, Declared, Draft, Event, Findings, Kind, NewEvent,
    Piece, Refusal, Subject,
};
use crate::history::{self, Look, Purpose, Who};
use crate::officers::{Action, Officer, OfficerId};
use crate::registration::{parse_card, read_card};
use crate::registries;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Upload, is_email};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};

/// The form to find a person, with what was typed.
#[derive(Clone, Default, Template, Serialize)]
#[template(path = "counter/pages/find.html")]
pub(super) struct Find {
    qr: String,
    number: String,
    phone: String,
    email: String,
    guardian: String,
}

/// Shows the form to find a person.
pub(super) async fn ask(State(app): State<App>, officer: Officer) -> Result<Page<Find>, Problem> {
    officer.must_here(&app, Action::TakeApplication)?;
    Ok(Page(Find::default()))
}

/// What the form brings.
pub(super) struct Found {
    pub(super) declared: Declared,
    pub(super) card: Option<CardQr>,
    pub(super) phone: Phone,
    pub(super) email: Option<String>,
    pub(super) guardian: Option<Guardian>,
}

impl Found {
    /// Who applies: the person, or the guardian who attends.
    pub(super) fn applicant(&self) -> Applicant {
        match self.guardian {
            Some(_) => Applicant::Guardian,
            None => Applicant::Own,
        }
    }

    fn subject(&self, attending: Option<&Attending>) -> Subject {
        Subject {
            declared: self.declared.clone(),
            phone: self.phone.clone(),
            email: self.email.clone(),
            guardian: attending.map(|attending| attending.guardian().clone()),
        }
    }
}

/// Finds a person, and opens an application for level 2 or continues the one that is open.
pub(super) async fn find(
    State(app): State<App>,
    officer: Officer,
    mut upload: Upload,
) -> Result<Next<Taking>, Problem> {
    officer.must_here(&app, Action::TakeApplication)?;
    let field = |name: &str| upload.field(name).to_owned();
    let typed = Find {
        qr: field("qr"),
        number: field("number"),
        phone: field("phone"),
        email: field("email"),
        guardian: field("guardian"),
    };
    let on_form = |problem: Problem| problem.on(typed.clone());
    let found = read(&app, &mut upload).await.map_err(on_form)?;
    let opening = match begin(&app, &officer, &found).await {
        Ok(opening) => opening,
        Err(problem) => {
            note_refused(&app, &officer, &found.declared.number).await?;
            return Err(on_form(problem));
        }
    };

    let (id, vault) = (opening.id, app.vault.clone());
    let (application, kinds, originals) = app
        .db
        .write(move |tx| {
            opening.write(tx)?;
            let application = applications::find(tx, &vault, &id)?.ok_or_else(Problem::not_found)?;
            let place = (&application.person, &id);
            let originals = taking::originals_of(tx, &vault, place)?;
            Ok::<_, Problem>((application.clone(), applications::kinds_of(tx, place)?, originals))
        })
        .await?;

    Ok(Next {
        to: format!("/counter/{id}"),
        view: Taking::of(&app, &application, &kinds, originals, None),
    })
}

async fn begin(app: &App, officer: &Officer, found: &Found) -> Result<Opening, Problem> {
    let standing = Standing::of(app, &found.declared.number).await?;
    let chip = match &standing.open {
        Some(open) => applications::evidence_of(app, (open.person, open.id), Kind::Chip).await?,
        None => None,
    };
    let chip = chip.map(|(_, files)| files);
    let (findings, _) = evidence::examine(app, Level::Two, found.applicant(), &found.declared, chip).await?;
    Opening::draw(app, officer, (found, standing), findings, Vec::new()).await
}

/// Who is refused was looked at all the same: an officer who tries numbers out is seen by those who have an account.
pub(super) async fn note_refused(app: &App, officer: &Officer, number: &PersonalNumber) -> Result<(), Problem> {
    let (vault, number) = (app.vault.clone(), number.clone());
    let person = app
        .db
        .read(move |conn| accounts::person_of(conn, &vault, &number))
        .await?;
    let Some(person) = person else { return Ok(()) };
    let who = Who::Officer(officer.known_as());
    let look = Look::now(app, person, &who, Purpose::Enrolment, "number card");
    Ok(app.db.write(move |tx| history::record(tx, &look)).await?)
}

/// An application about to be opened or continued, with what is put to it.
pub(super) struct Opening {
    pub(super) person: PersonId,
    pub(super) id: ApplicationId,
    draft: Option<Draft>,
    attending: Option<Attending>,
    contents: Contents,
    again: NewEvent,
    look: Look,
    officer: OfficerId,
}

impl Opening {
    /// Prepares it: whose it is, and pieces of evidence beside the card.
    pub(super) async fn draw(
        app: &App,
        officer: &Officer,
        (found, standing): (&Found, Standing),
        mut findings: Findings,
        mut pieces: Vec<Piece>,
    ) -> Result<Self, Problem> {
        let attending = match &found.guardian {
            Some(guardian) => {
                let called = (guardian.full_name.as_str(), guardian.relation.as_str());
                Some(Attending::of(app, &guardian.number, called).await?)
            }
            None => None,
        };
        let subject = found.subject(attending.as_ref());
        let Standing { person, open } = standing;
        let (draft, id) = match &open {
            // What was compared of pictures that stay is still true.
            Some(open) => {
                findings.comparisons.extend(taking::earlier(open, &pieces));
                (None, open.id)
            }
            None => {
                let draft = Draft::draw(app, person, Level::Two, &subject, Some(officer))?;
                let id = draft.id();
                (Some(draft), id)
            }
        };
        pieces.extend(found.card.iter().map(|card| Piece::text(Kind::CardQr, &card.to_text())));
        if let (Some(guardian), Some(_)) = (&found.guardian, &draft)
            && !pieces.iter().any(|piece| piece.kind() == Kind::Originals)
        {
            let attends = Originals {
                guardian: Some(guardian.clone()),
                checked_by: officer.known_as(),
                ..Originals::default()
            };
            pieces.push(Piece::record(Kind::Originals, &attends));
        }
        let who = Who::Officer(officer.known_as());
        let what = "number name birth sex address phone email card";
        Ok(Self {
            person,
            id,
            draft,
            attending,
            contents: Contents::draw(app, (person, id), &subject, &findings, &pieces).await?,
            again: applications::event(app, Event::Open, Some(officer.officer)),
            look: Look::now(app, person, &who, Purpose::Enrolment, what),
            officer: officer.officer,
        })
    }

    /// Opens or continues it.
    pub(super) fn write(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        match &self.draft {
            Some(draft) => applications::open(tx, draft)?,
            None if !applications::was_taken_by(tx, &self.id, &self.officer)? => {
                applications::note(tx, (&self.person, &self.id), &self.again)?;
            }
            None => {}
        }
        if let Some(attending) = &self.attending {
            attending.note(tx, (&self.person, &self.id))?;
        }
        applications::put(tx, &self.contents)?;
        Ok(history::record(tx, &self.look)?)
    }
}

/// The person of a number, and the application that is open for them.
pub(super) struct Standing {
    person: PersonId,
    open: Option<Application>,
}

impl Standing {
    /// Looks them up; the person is drawn anew for who has no account.
    pub(super) async fn of(app: &App, number: &PersonalNumber) -> Result<Self, Problem> {
        let (vault, number, fresh) = (app.vault.clone(), number.clone(), PersonId::draw(&app.chance));
        app.db
            .read(move |conn| {
                let Some(person) = accounts::person_of(conn, &vault, &number)? else {
                    return Ok(Self {
                        person: fresh,
                        open: None,
                    });
                };
                let account = accounts::find(conn, &vault, &person)?;
                if account.is_some_and(|account| account.level == Level::Two) {
                    return Err(Refusal::LevelHeld.into());
                }
                match applications::find_live(conn, &vault, &person, Level::Two)? {
                    Some(live) if !live.state.is_open() => Err(Refusal::OpenAlready.into()),
                    open => Ok(Self { person, open }),
                }
            })
            .await
    }
}

/// Reads who has come, how to reach them, and who attends.
pub(super) async fn read(app: &App, upload: &mut Upload) -> Result<Found, Problem> {
    let card = match upload.file("picture") {
        Some(picture) => Some(read_card(app, picture).await?),
        None if !upload.field("qr").is_empty() => Some(parse_card(upload.field("qr"), "qr")?),
        None => None,
    };
    let (mut faults, email) = (Vec::new(), upload.field("email"));
    let phone = Phone::parse(upload.field("phone")).ok();
    if phone.is_none() {
        faults.push(Fault::new("phone", "applications-phone-form"));
    }
    if !email.is_empty() && !is_email(email) {
        faults.push(Fault::new("email", "counter-email-form"));
    }
    let number = match &card {
        Some(card) => Some(card.number.clone()),
        None => PersonalNumber::parse(upload.field("number")).ok(),
    };
    if number.is_none() {
        faults.push(Fault::new("number", "applications-number-form"));
    }
    let guardian = (!upload.field("guardian").is_empty()).then(|| PersonalNumber::parse(upload.field("guardian")).ok());
    if guardian == Some(None) {
        faults.push(Fault::new("guardian", "applications-number-form"));
    }
    let (Some(number), Some(phone), true) = (number, phone, faults.is_empty()) else {
        return Err(Problem::invalid(faults));
    };
    let email = (!email.is_empty()).then(|| email.to_owned());
    let declared = match &card {
        Some(card) => of_card(card),
        None => on_record(app, &number).await?,
    };
    let guardian = match guardian.flatten() {
        Some(guardian) => Some(attending(app, &declared, &guardian).await?),
        None => None,
    };
    Ok(Found {
        declared,
        card,
        phone,
        email,
        guardian,
    })
}

fn of_card(card: &CardQr) -> Declared {
    Declared {
        number: card.number.clone(),
        full_name: card.full_name.clone(),
        date_of_birth: card.date_of_birth,
        sex: card.sex,
        residence: Some(card.address.clone()),
        issued_on: Some(card.issued_on),
    }
}

const PURPOSE: &str = "application-level-2";

/// Without a card at hand the person is taken for who the population database says; the officer compares the face.
async fn on_record(app: &App, number: &PersonalNumber) -> Result<Declared, Problem> {
    let answer = registries::person(app, number, PURPOSE).await?;
    let person = answer.ok_or_else(unknown)?.record;
    Ok(Declared {
        number: person.number,
        full_name: person.full_name,
        date_of_birth: person.date_of_birth,
        sex: person.sex,
        residence: None,
        issued_on: None,
    })
}

fn unknown() -> Problem {
    Problem::new("applications-ineligible-unknown", StatusCode::FORBIDDEN)
}

/// The guardian who attends: whom the population database names as one, for a child or a ward alone.
async fn attending(app: &App, declared: &Declared, number: &PersonalNumber) -> Result<Guardian, Problem> {
    let person = registries::person(app, &declared.number, PURPOSE).await?;
    let person = person.ok_or_else(unknown)?.record;
    if !applications::needs_guardian(&person, app.clock.today()) {
        return Err(Problem::invalid(vec![Fault::new(
            "guardian",
            "counter-guardian-needless",
        )]));
    }
    rules::guardian(&person, !person.incapable, number)
        .ok_or_else(|| Problem::invalid(vec![Fault::new("guardian", "counter-guardian-unknown")]))
}
