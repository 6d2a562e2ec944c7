use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use civil::card_qr::CardField;
use civil::personal_number::PersonalNumberError;
use civil::phone::PhoneError;
use civil::{PersonalNumber, Phone, Sex};
use http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::jobs::Forget;
use super::rules::{self, Asker, DRAFT_LIVES, Draft, Step, Verdict, field_name, judge};
use super::{DraftId, Refusal, card, code, load, load_at, store};
use crate::accounts::{self, Identity};
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::registries;
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::jobs::{self, Order};
use crate::shell::page::{Next, Page};
use crate::shell::pause::evened;
use crate::shell::problem::{Fault, Problem};
use crate::shell::toll::{self, Payment};

/// What is typed to begin.
#[derive(Debug, Deserialize)]
pub(super) struct OpenForm {
    #[serde(default)]
    number: String,
    #[serde(default)]
    phone: String,
}

/// The first form.
#[derive(Template, Serialize)]
#[template(path = "registration/pages/open.html")]
pub(super) struct AskNumber {
    number: String,
    phone: String,
}

/// Where a registration stands.
#[derive(Template, Serialize)]
#[template(path = "registration/pages/resume.html")]
pub(super) struct Resume {
    draft: DraftId,
    step: Step,
    next: String,
    expires_at: Timestamp,
}

impl Resume {
    pub(super) fn of(draft: &Draft) -> Self {
        Self {
            draft: draft.id,
            step: draft.step(),
            next: draft.step().address(&draft.id),
            expires_at: draft.expires_at,
        }
    }
}

/// Shows the first form.
pub(super) async fn ask() -> Page<AskNumber> {
    Page(AskNumber {
        number: String::new(),
        phone: String::new(),
    })
}

/// Begins a registration.
///
/// The answer is the same whether or not the number has an account.
pub(super) async fn open(
    State(app): State<App>,
    Input(form): Input<OpenForm>,
) -> Result<Next<card::http::ScanCard>, Problem> {
    let asker = form.check()?;

    let (id, now) = (DraftId::draw(&app.chance), app.clock.now());
    let expires_at = now + DRAFT_LIVES;
    let sealed = app
        .vault
        .seal_record("registration_draft", "asker", id.bytes(), &asker)?;
    let forget = Order::at(&app, &Forget { draft: id }, expires_at);

    app.db
        .write(move |tx| {
            store::insert(tx, &id, &sealed, now, expires_at)?;
            jobs::enqueue(tx, &forget)
        })
        .await?;

    let view = card::http::ScanCard::new(id, &asker, expires_at);
    let to = Step::Card.address(&id);
    Ok(Next { to, view })
}

impl OpenForm {
    fn check(self) -> Result<Asker, Problem> {
        let number = PersonalNumber::parse(self.number.trim());
        let phone = Phone::parse(&self.phone);
        match (number, phone) {
            (Ok(number), Ok(phone)) => Ok(Asker { number, phone }),
            (number, phone) => {
                let number = number.err().map(|error| Fault::new("number", number_fault(error)));
                let phone = phone.err().map(|error| Fault::new("phone", phone_fault(error)));
                let faults = number.into_iter().chain(phone).collect();
                Err(Problem::invalid(faults).on(AskNumber {
                    number: self.number.trim().to_owned(),
                    phone: self.phone.trim().to_owned(),
                }))
            }
        }
    }
}

fn number_fault(error: PersonalNumberError) -> &'static str {
    match error {
        PersonalNumberError::OldIdentityCard => "registration-number-old",
        PersonalNumberError::UnknownPlace => "registration-number-place",
        PersonalNumberError::NotDigits | PersonalNumberError::Length | PersonalNumberError::OutOfRange => {
            "registration-number-form"
        }
    }
}

fn phone_fault(error: PhoneError) -> &'static str {
    match error {
        PhoneError::Foreign => "registration-phone-foreign",
        PhoneError::Landline => "registration-phone-landline",
        PhoneError::OldElevenDigits => "registration-phone-old",
        PhoneError::Empty | PhoneError::NotDigits | PhoneError::Length | PhoneError::NotMobile => {
            "registration-phone-form"
        }
    }
}

/// Leads to the step that comes next.
pub(super) async fn resume(State(app): State<App>, Path(id): Path<DraftId>) -> Result<Next<Resume>, Problem> {
    let view = Resume::of(&load(&app, id).await?);
    let to = view.next.clone();
    Ok(Next { to, view })
}

/// The card's own data, and which of them the population database has otherwise.
#[derive(Clone, Template, Serialize)]
#[template(path = "registration/pages/check.html")]
pub(super) struct CheckCard {
    draft: DraftId,
    step: Step,
    number: PersonalNumber,
    full_name: String,
    date_of_birth: Date,
    sex: Sex,
    old_number: Option<String>,
    address: String,
    issued_on: Date,
    agrees: bool,
    differs: Vec<&'static str>,
    expires_at: Timestamp,
}

impl CheckCard {
    fn of(draft: &Draft) -> Option<Self> {
        let card = draft.card.clone()?;
        let differs = match &draft.verdict {
            Some(Verdict::Differs(fields)) => fields.iter().copied().map(field_name).collect(),
            _ => Vec::new(),
        };
        Some(Self {
            draft: draft.id,
            step: draft.step(),
            number: card.number,
            full_name: card.full_name,
            date_of_birth: card.date_of_birth,
            sex: card.sex,
            old_number: card.old_number,
            address: card.address,
            issued_on: card.issued_on,
            agrees: draft.verdict == Some(Verdict::Agrees),
            differs,
            expires_at: draft.expires_at,
        })
    }

    fn field_differs(&self, field: &str) -> bool {
        self.differs.contains(&field)
    }
}

/// Shows the card beside the population database, which is asked if it has not answered yet.
pub(super) async fn check(State(app): State<App>, Path(id): Path<DraftId>) -> Result<Response, Problem> {
    let draft = load(&app, id).await?;
    if !matches!(draft.step(), Step::Check | Step::Code) {
        return Ok(next(&draft));
    }

    let draft = if draft.verdict.is_some() {
        draft
    } else {
        compare(&app, draft).await?
    };

    Ok(Page(judged(&draft, app.clock.now())?).into_response())
}

/// A browser that came to another step than the one that is due is led there.
pub(super) fn next(draft: &Draft) -> Response {
    let view = Resume::of(draft);
    let to = view.next.clone();
    Next { to, view }.into_response()
}

/// Asks the population database about the number of a card, and keeps what it says.
pub(super) async fn compare(app: &App, draft: Draft) -> Result<Draft, Problem> {
    evened(app.config.limits.evenly(), compared(app, draft)).await
}

async fn compared(app: &App, draft: Draft) -> Result<Draft, Problem> {
    let (today, now) = (app.clock.today(), app.clock.now());
    let (Some(card), Some(card_sealed)) = (&draft.card, draft.card_sealed.clone()) else {
        return Err(Refusal::OtherStep.problem(now).on(Resume::of(&draft)));
    };
    let digest = app
        .vault
        .digest("registration-check", draft.asker.number.as_str().as_bytes());
    let times = app
        .db
        .read(move |conn| store::times(conn, ("check", &digest), today))
        .await?;
    if times >= rules::MOST_CHECKS {
        return Err(Refusal::TooManyChecks.problem(now));
    }

    let asked = registries::person(app, &draft.asker.number, "registration").await;
    let answer = asked.map_err(|silent| {
        let waiting = Refusal::RegistrySilent(draft.expires_at).problem(now);
        waiting.caused_by(silent).on(Resume::of(&draft))
    })?;
    let person = answer.map(|answer| answer.record);
    let verdict = judge(card, person.as_ref(), today);
    let identity = person.filter(|_| verdict == Verdict::Agrees).map(|person| Identity {
        number: person.number,
        full_name: person.full_name,
        date_of_birth: person.date_of_birth,
        sex: person.sex,
    });
    let sealed = identity
        .as_ref()
        .map(|identity| {
            app.vault
                .seal_record("registration_draft", "identity", draft.id.bytes(), identity)
        })
        .transpose()?;

    let (id, text, failed) = (draft.id, verdict.text(), verdict != Verdict::Agrees);
    let (inside, number) = (app.clone(), draft.asker.number.clone());
    let kept = app
        .db
        .write(move |tx| {
            if failed {
                store::count(tx, ("check", &digest), today, i64::MAX)?;
            }
            // Whoever has an account sees in the history that somebody tried to register with the number.
            if let Some(person) = accounts::person_of(tx, &inside.vault, &number)? {
                history::record(tx, &look(&inside, person))?;
            }
            store::set_verdict(tx, &id, &card_sealed, &text, sealed.as_deref())
        })
        .await?;
    if !kept {
        return Err(Refusal::OtherStep.problem(now).on(Resume::of(&draft)));
    }
    Ok(Draft {
        verdict: Some(verdict),
        identity,
        ..draft
    })
}

/// What the comparison saw, for the history.
pub(super) fn look(app: &App, person: crate::shell::ids::PersonId) -> Look {
    Look::now(
        app,
        person,
        &Who::Platform,
        Purpose::Registration,
        "number name birth sex",
    )
}

/// The page of a card that agrees; of any other the problem, on that page.
pub(super) fn judged(draft: &Draft, now: Timestamp) -> Result<CheckCard, Problem> {
    let view = CheckCard::of(draft).ok_or_else(|| Refusal::OtherStep.problem(now))?;
    let forbidden = |slug| Problem::new(slug, StatusCode::FORBIDDEN);
    let problem = match &draft.verdict {
        Some(Verdict::Agrees) => return Ok(view),
        Some(Verdict::Differs(fields)) => {
            let problem = Problem::new("registration-mismatch", StatusCode::UNPROCESSABLE_ENTITY);
            let faults = fields
                .iter()
                .map(|field| Fault::new(field_name(*field), difference(*field)));
            faults.fold(problem, Problem::fault)
        }
        Some(Verdict::Unknown) => Problem::new("registration-unknown-number", StatusCode::UNPROCESSABLE_ENTITY),
        Some(Verdict::Dead) => forbidden("registration-dead"),
        Some(Verdict::Missing) => forbidden("registration-missing"),
        Some(Verdict::UnderAge) => forbidden("registration-under-age"),
        Some(Verdict::Ward) => forbidden("registration-ward"),
        None => Refusal::OtherStep.problem(now),
    };
    Err(problem.on(view))
}

fn difference(field: CardField) -> &'static str {
    match field {
        CardField::FullName => "registration-differs-name",
        CardField::DateOfBirth => "registration-differs-birth",
        CardField::Sex => "registration-differs-sex",
        _ => "registration-differs-old-number",
    }
}

/// The terms, accepted by `terms=yes`.
#[derive(Debug, Deserialize)]
pub(super) struct AcceptForm {
    #[serde(default)]
    terms: String,
    #[serde(flatten)]
    payment: Payment,
}

/// Accepts the terms, and sends the code. A second click sends no second code.
pub(super) async fn accept(
    State(app): State<App>,
    Path(id): Path<DraftId>,
    Input(form): Input<AcceptForm>,
) -> Result<Next<code::http::EnterCode>, Problem> {
    let draft = load_at(&app, id, &[Step::Check, Step::Code]).await?;
    let view = judged(&draft, app.clock.now())?;
    if form.terms != "yes" {
        let fault = Fault::new("terms", "registration-terms-needed");
        return Err(Problem::invalid(vec![fault]).on(view));
    }

    if draft.code_sent_at.is_none() {
        let paid = toll::take(&app, &form.payment).map_err(|problem| problem.on(view.clone()))?;
        let sent = code::send(&app, &draft, paid).await;
        sent.map_err(|problem| problem.on(view))?;
    }

    let to = Step::Code.address(&id);
    let view = code::http::EnterCode::of(&draft, app.clock.now());
    Ok(Next { to, view })
}
