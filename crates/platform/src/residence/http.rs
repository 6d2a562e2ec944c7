use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use civil::{PersonalNumber, names};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::store::{self, Agreement, NewAgreement};
use super::{AgreementId, Content, Role, TABLE, digest_of_place};
use crate::accounts::{self, Account, Level};
use crate::app::App;
use crate::notices::{Kind, Note, inform};
use crate::procedures::filling;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Path, Query};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;
use crate::signin;

const PAGE: &str = "/residence/agreements";
/// How many are shown.
const MOST: i64 = 100;
/// How many may wait for an answer at once.
const MOST_OPEN: usize = 10;
/// How long there is time for an answer, and how long it is good. No clause sets it.
const STANDS_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What the citizen asked for, and what the citizen is asked.
#[derive(Clone, Template, Serialize)]
#[template(path = "residence/pages/agreements.html")]
pub(super) struct Agreements {
    asked_of_me: Vec<Shown>,
    asked_by_me: Vec<Shown>,
    #[serde(skip)]
    form: AskForm,
}

impl Agreements {
    /// Whoever asked the wrong person must not wait until the question lapses.
    #[expect(clippy::unused_self, reason = "templates call methods of the view")]
    fn can_take_back(&self, one: &Shown) -> bool {
        ["open", "agreed", "refused"].contains(&one.state)
    }
}

#[derive(Clone, Serialize)]
struct Shown {
    id: AgreementId,
    number: String,
    /// Who asks; who is asked.
    asker: String,
    masked_number: String,
    role: Role,
    address: String,
    asked_at: Timestamp,
    ends_at: Timestamp,
    /// `open`, `agreed`, `refused`, `withdrawn`, `lapsed`.
    state: &'static str,
}

/// Whom to ask, and about which dwelling.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AskForm {
    number: String,
    role: String,
    commune: String,
    address: String,
}

impl AskForm {
    fn is_head(&self) -> bool {
        self.role == Role::Head.word()
    }
}

fn state(row: &Agreement, now: Timestamp) -> &'static str {
    match (row.withdrawn_at, row.agreed_at, row.answered_at) {
        (Some(_), _, _) => "withdrawn",
        (None, Some(_), _) if row.ends_at > now => "agreed",
        (None, None, Some(_)) => "refused",
        (None, None, None) if row.ends_at > now => "open",
        _ => "lapsed",
    }
}

async fn view(app: &App, person: PersonId, form: AskForm) -> Result<Agreements, Problem> {
    let rows = app.db.read(move |conn| store::list(conn, &person, MOST)).await?;
    let now = app.clock.now();
    let shown = |row: &Agreement| {
        let place = row.id.bytes();
        let content: Content = app.vault.open_record(TABLE, "content", place, &row.content_sealed)?;
        Ok::<_, Problem>(Shown {
            id: row.id,
            number: row.number.clone(),
            address: line(&content),
            asker: content.asker,
            masked_number: content.masked_number,
            role: content.role,
            asked_at: row.asked_at,
            ends_at: row.ends_at,
            state: state(row, now),
        })
    };
    let (mine, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.person == person);
    Ok(Agreements {
        asked_of_me: others.into_iter().map(shown).collect::<Result<_, _>>()?,
        asked_by_me: mine.into_iter().map(shown).collect::<Result<_, _>>()?,
        form,
    })
}

fn line(content: &Content) -> String {
    let commune = civil::units::commune(&content.commune).map(civil::units::Commune::full_name);
    let parts = [Some(content.address.clone()), commune];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

async fn account(app: &App, person: PersonId) -> Result<Account, Problem> {
    let vault = app.vault.clone();
    let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
    if account.level < Level::One {
        return Err(Problem::new("residence-level-needed", StatusCode::FORBIDDEN));
    }
    Ok(account)
}

/// Shows what the citizen asked for, and what the citizen is asked.
pub(super) async fn list(
    State(app): State<App>,
    citizen: Citizen,
    Query(form): Query<AskForm>,
) -> Result<Page<Agreements>, Problem> {
    account(&app, citizen.person).await?;
    Ok(Page(view(&app, citizen.person, form).await?))
}

/// Asks somebody to agree. The answer is the same whether or not the number has an account.
pub(super) async fn ask(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<AskForm>,
) -> Result<Next<Agreements>, Problem> {
    let person = citizen.person;
    let own = account(&app, person).await?;
    let (number, role, commune) = match form.read() {
        Ok(read) => read,
        Err(faults) => return Err(Problem::invalid(faults).on(view(&app, person, form).await?)),
    };
    let before = view(&app, person, form.clone()).await?;
    if before.asked_by_me.iter().filter(|shown| shown.state == "open").count() >= MOST_OPEN {
        let problem = Problem::new("residence-too-many", StatusCode::TOO_MANY_REQUESTS);
        return Err(problem.with("most", MOST_OPEN).on(before));
    }
    let asked = accounts::of_number(&app, &number).await?.map(|account| account.person);

    let (id, now) = (AgreementId::draw(&app.chance), app.clock.now());
    let address = names::normalise(&form.address);
    let content = Content {
        asker: own.full_name.clone(),
        masked_number: number.masked(),
        role,
        commune: commune.clone(),
        address: address.clone(),
    };
    let new = NewAgreement {
        person,
        id,
        number: format!("DY-{}", id.to_string().get(..10).unwrap_or_default().to_uppercase()),
        // Whoever has no account is nobody who could answer.
        answerer: asked.unwrap_or_else(|| PersonId::draw(&app.chance)),
        place_digest: digest_of_place(&app.vault, &commune, &address),
        content_sealed: app.vault.seal_record(TABLE, "content", id.bytes(), &content)?,
        asked_at: now,
        ends_at: now + STANDS_FOR,
    };
    let note = Note::new(Kind::Legal, "residence-note-asked", format!("residence-asked-{id}"))
        .with("who", &own.full_name)
        .with("address", line(&content))
        .link(PAGE);
    let at = app.clone();
    app.db
        .write(move |tx| {
            store::insert(tx, &new)?;
            match &asked {
                Some(asked) => inform(&at, tx, asked, &note, now),
                None => Ok(()),
            }
        })
        .await?;
    Ok(Next {
        to: PAGE.to_owned(),
        view: view(&app, person, AskForm::default()).await?,
    })
}

impl AskForm {
    fn read(&self) -> Result<(PersonalNumber, Role, String), Vec<Fault>> {
        let mut faults = Vec::new();
        let number = PersonalNumber::parse(self.number.trim());
        let role = Role::of_word(&self.role);
        let commune = filling::commune(&self.commune);
        if number.is_err() {
            faults.push(Fault::new("number", "residence-fault-number"));
        }
        if role.is_none() {
            faults.push(Fault::new("role", "residence-fault-role"));
        }
        if commune.is_none() {
            faults.push(Fault::new("commune", "residence-fault-commune"));
        }
        if !(3..=200).contains(&self.address.trim().chars().count()) {
            faults.push(Fault::new("address", "residence-fault-address"));
        }
        match (number, role, commune) {
            (Ok(number), Some(role), Some(commune)) if faults.is_empty() => Ok((number, role, commune.code.to_owned())),
            _ => Err(faults),
        }
    }
}

async fn asked_of(app: &App, person: PersonId, id: AgreementId) -> Result<Agreement, Problem> {
    let found = app.db.read(move |conn| store::find(conn, &id)).await?;
    let theirs = found.filter(|row| row.answerer == person);
    theirs.ok_or_else(Problem::not_found)
}

/// An answer.
#[derive(Deserialize)]
pub(super) struct AnswerForm {
    #[serde(default)]
    answer: String,
    #[serde(default)]
    passcode: String,
}

/// Agrees, or refuses. The asker is told.
pub(super) async fn answer(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<AgreementId>,
    Input(form): Input<AnswerForm>,
) -> Result<Next<Agreements>, Problem> {
    let person = citizen.person;
    let row = asked_of(&app, person, id).await?;
    let agrees = match form.answer.as_str() {
        "agree" => true,
        "refuse" => false,
        _ => {
            let fault = Fault::new("answer", "residence-fault-answer");
            return Err(Problem::invalid(vec![fault]).on(view(&app, person, AskForm::default()).await?));
        }
    };
    if let Err(problem) = signin::check_passcode(&app, &person, &form.passcode).await {
        return Err(problem.on(view(&app, person, AskForm::default()).await?));
    }

    let now = app.clock.now();
    let text = if agrees {
        "residence-note-agreed"
    } else {
        "residence-note-refused"
    };
    let note = Note::new(Kind::Progress, text, format!("residence-answered-{id}"))
        .with("number", &row.number)
        .link(PAGE);
    let at = app.clone();
    let written = app.db.write(move |tx| {
        let written = store::answer(tx, &row, agrees, now)?;
        if written {
            inform(&at, tx, &row.person, &note, now)?;
        }
        Ok::<_, db::Error>(written)
    });
    if !written.await? {
        let again = view(&app, person, AskForm::default()).await?;
        return Err(Problem::new("residence-answered", StatusCode::CONFLICT).on(again));
    }
    Ok(Next {
        to: PAGE.to_owned(),
        view: view(&app, person, AskForm::default()).await?,
    })
}

/// Takes an agreement back, as long as it stands; who asked takes the question back, whatever was answered.
pub(super) async fn withdraw(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<AgreementId>,
) -> Result<Next<Agreements>, Problem> {
    let person = citizen.person;
    let found = app.db.read(move |conn| store::find(conn, &id)).await?;
    let concerned = found.filter(|row| row.answerer == person || row.person == person);
    let row = concerned.ok_or_else(Problem::not_found)?;
    let now = app.clock.now();
    let written = app.db.write(move |tx| {
        if row.person == person {
            store::take_back(tx, &row, now)
        } else {
            store::withdraw(tx, &row, now)
        }
    });
    if !written.await? {
        let again = view(&app, person, AskForm::default()).await?;
        return Err(Problem::new("residence-answered", StatusCode::CONFLICT).on(again));
    }
    Ok(Next {
        to: PAGE.to_owned(),
        view: view(&app, person, AskForm::default()).await?,
    })
}
