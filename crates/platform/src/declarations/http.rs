use ::http::StatusCode;
use askama::Template;
use axum::extract::State as Of;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use credentials::declaration::{Slip, Way};
use fast_qr::convert::svg::SvgBuilder;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::rules::{self, Content, HealthForm, Kind, Outcome, Symptom};
use super::{DeclarationId, store};
use crate::accounts::{self, Account, Level};
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::issuance;
use crate::registries;
use crate::shell::filters;
use crate::shell::input::{Path, Upload};
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;

/// How many declarations the list shows.
const MOST: i64 = 50;

/// The own declarations.
#[derive(Template, Serialize)]
#[template(path = "declarations/pages/declarations.html")]
pub(super) struct Declarations {
    declarations: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    declaration: DeclarationId,
    kind: Kind,
    made_at: Timestamp,
    valid_until: Timestamp,
    /// `valid`, `over` or `withdrawn`.
    standing: &'static str,
}

fn standing(row: &store::Row, now: Timestamp) -> &'static str {
    match row.withdrawn_at {
        Some(_) => "withdrawn",
        None if row.valid_until <= now => "over",
        None => "valid",
    }
}

/// What the state knows of who declares.
#[derive(Clone, Serialize)]
pub(super) struct Known {
    pub(super) full_name: String,
    pub(super) number: String,
    pub(super) date_of_birth: Date,
    pub(super) phone: String,
    /// The permanent residence; nothing while the population database is silent.
    pub(super) residence: Option<String>,
    #[serde(skip)]
    pub(super) commune: String,
}

/// The account of somebody of level 1 at least.
pub(super) async fn account(app: &App, citizen: &Citizen) -> Result<Account, Problem> {
    let (vault, person) = (app.vault.clone(), citizen.person);
    let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
    if account.level < Level::One {
        return Err(Problem::new("declarations-level-needed", StatusCode::FORBIDDEN));
    }
    Ok(account)
}

pub(super) async fn known(app: &App, account: &Account) -> Result<Known, Problem> {
    let answer = registries::person_or_copy(app, &account.number, "declaration").await;
    let home = answer
        .ok()
        .flatten()
        .and_then(|answer| answer.record.permanent_residence);
    if home.is_some() {
        let look = Look::now(app, account.person, &Who::Holder, Purpose::OwnData, "address");
        app.db.write(move |tx| history::record(tx, &look)).await?;
    }
    Ok(Known {
        full_name: account.full_name.clone(),
        number: account.number.as_str().to_owned(),
        date_of_birth: account.date_of_birth,
        phone: account.phone.national(),
        commune: home.as_ref().map(|home| home.commune_code.clone()).unwrap_or_default(),
        residence: home.map(|home| home.text),
    })
}

/// Shows the own declarations.
pub(super) async fn list(Of(app): Of<App>, citizen: Citizen) -> Result<Page<Declarations>, Problem> {
    account(&app, &citizen).await?;
    let (person, now) = (citizen.person, app.clock.now());
    let rows = app.db.read(move |conn| store::list(conn, &person, MOST)).await?;
    let listed = |row: store::Row| Listed {
        standing: standing(&row, now),
        declaration: row.declaration,
        kind: row.kind,
        made_at: row.made_at,
        valid_until: row.valid_until,
    };
    Ok(Page(Declarations {
        declarations: rows.into_iter().map(listed).collect(),
    }))
}

/// The form for health.
#[derive(Clone, Template, Serialize)]
#[template(path = "declarations/pages/health.html")]
pub(super) struct HealthPage {
    known: Known,
    hours: i64,
    typed: HealthForm,
}

impl HealthPage {
    #[expect(clippy::unused_self, reason = "templates call methods of the view")]
    fn symptoms(&self) -> &'static [Symptom] {
        Symptom::ALL
    }

    fn feels(&self, word: &str) -> bool {
        self.typed.symptoms.iter().any(|felt| felt == word)
    }
}

async fn health_page(app: &App, account: &Account, typed: HealthForm) -> Result<HealthPage, Problem> {
    Ok(HealthPage {
        known: known(app, account).await?,
        hours: app.config.declarations.health_hours,
        typed,
    })
}

/// Shows the form for health.
pub(super) async fn ask_health(Of(app): Of<App>, citizen: Citizen) -> Result<Page<HealthPage>, Problem> {
    let account = account(&app, &citizen).await?;
    Ok(Page(health_page(&app, &account, HealthForm::default()).await?))
}

/// Every value of a field that can be sent several times, or with commas.
fn all(upload: &Upload, name: &str) -> Vec<String> {
    let fields = upload.fields.iter().filter(|(field, _)| field == name);
    let words = fields
        .flat_map(|(_, text)| text.split(','))
        .map(|word| word.trim().to_owned());
    words.filter(|word| !word.is_empty()).collect()
}

/// Declares health.
pub(super) async fn declare_health(
    Of(app): Of<App>,
    citizen: Citizen,
    upload: Upload,
) -> Result<Next<SlipPage>, Problem> {
    let account = account(&app, &citizen).await?;
    let typed = HealthForm {
        symptoms: all(&upload, "symptoms"),
        contact: upload.field("contact").to_owned(),
        abroad: upload.field("abroad").to_owned(),
        note: upload.field("note").to_owned(),
        pledge: !upload.field("pledge").is_empty(),
    };
    match rules::health(&typed) {
        Ok(content) => declare(&app, &account, content).await,
        Err(faults) => Err(Problem::invalid(faults).on(health_page(&app, &account, typed).await?)),
    }
}

/// Keeps a declaration with its slip.
pub(super) async fn declare(app: &App, account: &Account, content: Content) -> Result<Next<SlipPage>, Problem> {
    let (id, now, kind) = (DeclarationId::draw(&app.chance), app.clock.now(), content.kind());
    let hours = match kind {
        Kind::Health => app.config.declarations.health_hours,
        Kind::Movement => app.config.declarations.movement_hours,
    };
    let valid_until = content.valid_until(hours, now);
    let slip = issuance::sign_slip(app, &slip(app, account, (id, &content), valid_until))?;
    let row = store::Row {
        declaration: id,
        kind,
        made_at: now,
        valid_until,
        withdrawn_at: None,
        content_sealed: app.vault.seal_record("declaration", "content", id.bytes(), &content)?,
        slip_sealed: app.vault.seal_text("declaration", "slip", id.bytes(), &slip),
    };
    let (person, kept) = (account.person, row.clone());
    app.db.write(move |tx| store::insert(tx, &person, &kept)).await?;
    Ok(Next {
        to: format!("/declarations/{id}"),
        view: shown(app, &row)?,
    })
}

fn slip(app: &App, account: &Account, (id, content): (DeclarationId, &Content), valid_until: Timestamp) -> Slip {
    let (number, today) = (account.number.as_str(), app.clock.today());
    let way = match content {
        Content::Health(_) => None,
        Content::Movement(movement) => Some(Way {
            from: rules::address(&movement.from, today),
            to: rules::address(&movement.to, today),
            on: movement.on,
            by: format!("{} {}", movement.means.word(), movement.plate)
                .trim()
                .to_owned(),
            people: movement.people,
        }),
    };
    Slip {
        iss: app.config.public_url.clone(),
        jti: id.to_string(),
        iat: app.clock.now().as_second(),
        exp: valid_until.as_second(),
        kind: content.kind().word().to_owned(),
        result: content.outcome().word().to_owned(),
        name: account.full_name.clone(),
        birth: account.date_of_birth,
        number: number
            .get(number.len().saturating_sub(4)..)
            .unwrap_or_default()
            .to_owned(),
        way,
    }
}

/// One declaration, with its slip.
#[derive(Template, Serialize)]
#[template(path = "declarations/pages/slip.html")]
pub(super) struct SlipPage {
    declaration: DeclarationId,
    kind: Kind,
    outcome: Outcome,
    standing: &'static str,
    made_at: Timestamp,
    valid_until: Timestamp,
    content: Content,
    /// What the code holds: an address of the checkpoint's page, with the slip behind `#`, which no server is sent.
    code: String,
    #[serde(skip)]
    picture: String,
    #[serde(skip)]
    places: (String, String),
}

fn shown(app: &App, row: &store::Row) -> Result<SlipPage, Problem> {
    let id = row.declaration.bytes();
    let content: Content = app
        .vault
        .open_record("declaration", "content", id, &row.content_sealed)?;
    let slip = app.vault.open_text("declaration", "slip", id, &row.slip_sealed)?;
    let code = format!("{}/declarations/checkpoint#{slip}", app.config.public_url);
    let today = app.clock.today();
    let places = match &content {
        Content::Health(_) => (String::new(), String::new()),
        Content::Movement(movement) => (
            rules::address(&movement.from, today),
            rules::address(&movement.to, today),
        ),
    };
    Ok(SlipPage {
        declaration: row.declaration,
        kind: row.kind,
        outcome: content.outcome(),
        standing: standing(row, app.clock.now()),
        made_at: row.made_at,
        valid_until: row.valid_until,
        picture: picture(&code),
        code,
        content,
        places,
    })
}

/// A text as a QR code in the page: as few modules as there can be, for phones that read from phones.
fn picture(text: &str) -> String {
    let drawn = fast_qr::QRBuilder::new(text).ecl(fast_qr::ECL::L).build();
    let svg = drawn
        .map(|code| SvgBuilder::default().to_str(&code))
        .unwrap_or_default();
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg))
}

async fn own(app: &App, citizen: &Citizen, id: DeclarationId) -> Result<SlipPage, Problem> {
    let person = citizen.person;
    let row = app.db.read(move |conn| store::find(conn, &person, &id)).await?;
    shown(app, &row.ok_or_else(Problem::not_found)?)
}

/// Shows one declaration.
pub(super) async fn show(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<DeclarationId>,
) -> Result<Page<SlipPage>, Problem> {
    Ok(Page(own(&app, &citizen, id).await?))
}

/// Takes a declaration back: checkpoints with a network see that at once, others when its time is over.
pub(super) async fn withdraw(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<DeclarationId>,
) -> Result<Next<SlipPage>, Problem> {
    let (person, now) = (citizen.person, app.clock.now());
    app.db.write(move |tx| store::withdraw(tx, &person, &id, now)).await?;
    Ok(Next {
        to: format!("/declarations/{id}"),
        view: own(&app, &citizen, id).await?,
    })
}
