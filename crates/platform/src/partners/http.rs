use askama::Template;
use axum::extract::State as Of;
use crypto::base64url;
use crypto::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use oidc::claims::Scope;
use oidc::client::{Metadata, Terms};
use serde::Serialize;
use serde_json::json;

use super::portal::http::{Connection, Seat};
use super::rules::{self, ANSWER_DAYS, Asked, Kind, LARGEST_LETTER, LAW, LETTER, MOST_PURPOSES, Role, State};
use super::store::{self, Row};
use super::{ConnectionId, TRIAL};
use crate::accounts::{self, Level};
use crate::app::App;
use crate::evidence;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::Upload;
use crate::shell::page::Page;
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::{Citizen, Visitor};
use crate::sso;

/// How to connect, and the visitor's own connections.
#[derive(Template, Serialize)]
#[template(path = "partners/pages/welcome.html")]
pub(super) struct Welcome {
    issuer: String,
    own: Vec<Own>,
}

#[derive(Serialize)]
struct Own {
    connection: ConnectionId,
    system: String,
    state: State,
}

/// Tells how to connect.
pub(super) async fn welcome(Of(app): Of<App>, visitor: Visitor) -> Result<Page<Welcome>, Problem> {
    let mut own = Vec::new();
    if let Some(session) = visitor.citizen {
        let person = PersonId::from(session.subject);
        let rows = app.db.read(move |conn| {
            let mut rows = store::of_person(conn, &person)?;
            rows.extend(store::of_member(conn, &person)?);
            Ok::<_, db::Error>(rows)
        });
        for row in rows.await? {
            own.push(Own {
                connection: row.connection,
                system: opened(&app, &row)?.system,
                state: row.state,
            });
        }
    }
    Ok(Page(Welcome {
        issuer: app.config.public_url.clone(),
        own,
    }))
}

pub(super) fn opened(app: &App, row: &Row) -> Result<Asked, Problem> {
    let place = row.connection.bytes();
    Ok(app
        .vault
        .open_record("partner_connection", "asked", place, &row.asked_sealed)?)
}

/// The public register.
#[derive(Template, Serialize)]
#[template(path = "partners/pages/register.html")]
pub(super) struct Register {
    partners: Vec<Registered>,
}

#[derive(Serialize)]
struct Registered {
    organisation: String,
    code: String,
    kind: Kind,
    system: String,
    /// Where people begin to use it; empty where they cannot from here.
    start: String,
    client_id: Option<String>,
    since: Option<Timestamp>,
    purposes: Vec<PurposeShown>,
}

/// A purpose as people read it.
#[derive(Serialize)]
pub(super) struct PurposeShown {
    pub(super) purpose: String,
    pub(super) reason: String,
    pub(super) reason_en: String,
    pub(super) basis: String,
    pub(super) days: u16,
    pub(super) data: Vec<&'static str>,
}

impl PurposeShown {
    pub(super) fn of(terms: &Terms) -> Self {
        let named = |scope: &Scope| *scope != Scope::OpenId;
        Self {
            purpose: terms.purpose.clone(),
            reason: terms.reason.clone(),
            reason_en: terms.reason_en.clone(),
            basis: terms.basis.clone(),
            days: terms.days,
            data: terms.scope.iter().filter(named).map(Scope::name).collect(),
        }
    }
}

pub(super) fn granted(row: &Row) -> Vec<Terms> {
    let granted = row.granted.as_deref().and_then(|text| serde_json::from_str(text).ok());
    granted.unwrap_or_default()
}

/// Shows who may ask for what: to everybody.
pub(super) async fn register(Of(app): Of<App>) -> Result<Page<Register>, Problem> {
    let mut partners = Vec::new();
    for row in app.db.read(store::granted).await? {
        let asked = opened(&app, &row)?;
        partners.push(Registered {
            organisation: asked.organisation,
            code: asked.code,
            kind: asked.kind,
            system: asked.system,
            start: asked.start,
            purposes: granted(&row).iter().map(PurposeShown::of).collect(),
            client_id: row.live_client,
            since: row.decided_at,
        });
    }
    Ok(Page(Register { partners }))
}

/// The form.
#[derive(Template, Serialize)]
#[template(path = "partners/pages/form.html")]
pub(super) struct Form {
    kinds: &'static [Kind],
    data: Vec<&'static str>,
    places: Vec<usize>,
    #[serde(skip)]
    typed: Upload,
}

impl Form {
    fn again(typed: Upload) -> Self {
        Self {
            kinds: Kind::ALL,
            data: rules::can_be_asked().into_iter().map(Scope::name).collect(),
            places: (1..=MOST_PURPOSES).collect(),
            typed,
        }
    }

    fn said(&self, field: &str) -> String {
        self.typed.field(field).to_owned()
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    fn of(&self, field: &str, place: &usize) -> String {
        self.said(&format!("{field}{place}"))
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    fn wants(&self, place: &usize, kind: &str) -> bool {
        let name = format!("data{place}");
        let said = self.typed.fields.iter().filter(|(field, _)| *field == name);
        said.flat_map(|(_, text)| text.split(' ')).any(|word| word == kind)
    }
}

/// Shows the form.
pub(super) async fn form(Of(app): Of<App>, citizen: Citizen) -> Result<Page<Form>, Problem> {
    level_two(&app, &citizen.person).await?;
    Ok(Page(Form::again(Upload::default())))
}

/// Who asks for an organisation has an account of level 2.
pub(super) async fn level_two(app: &App, person: &PersonId) -> Result<(), Problem> {
    let (vault, person) = (app.vault.clone(), *person);
    let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
    if account.level == Level::Two {
        return Ok(());
    }
    Err(Problem::new("partners-level-two-needed", ::http::StatusCode::FORBIDDEN))
}

/// Asks for a connection: the letter is kept, sandbox credentials are given at once, the ministry's time begins.
pub(super) async fn ask(Of(app): Of<App>, citizen: Citizen, mut form: Upload) -> Result<Page<Connection>, Problem> {
    level_two(&app, &citizen.person).await?;
    let letter = form.file("letter").unwrap_or_default();
    let media_type = rules::media_type(&letter).filter(|_| letter.len() <= LARGEST_LETTER);
    let (asked, media_type) = match (rules::read(&form), media_type) {
        (Ok(asked), Some(media_type)) => (asked, media_type),
        (read, media_type) => {
            let mut faults = read.err().unwrap_or_default();
            if media_type.is_none() {
                faults.push(Fault::new("letter", "partners-fault-letter"));
            }
            return Err(Problem::invalid(faults).on(Form::again(form)));
        }
    };

    let placed = evidence::place(&app, citizen.person, LETTER, media_type, &letter).await?;
    let (connection, now) = (ConnectionId::draw(&app.chance), app.clock.now());
    let trial_client = format!("{TRIAL}{}", hex::encode(app.chance.bytes::<8>()));
    let secret = base64url::encode(app.chance.bytes::<32>());
    let row = Row {
        connection,
        person: citizen.person,
        state: State::Asked,
        asked_sealed: app
            .vault
            .seal_record("partner_connection", "asked", connection.bytes(), &asked)?,
        letter: placed.piece(),
        asked_at: now,
        answer_by: now + SignedDuration::from_hours(24 * ANSWER_DAYS),
        law: LAW.to_owned(),
        decided_at: None,
        answer_sealed: None,
        granted: None,
        trial_client: trial_client.clone(),
        live_client: None,
        certificate_ends_at: None,
        keys_since_at: None,
    };
    let metadata = trial(&app, &trial_client, &asked)?;
    let registered = sso::register(&app, metadata, Some(Secret::new(secret.clone()))).await;
    registered.map_err(Problem::internal)?;
    let kept = row.clone();
    app.db
        .write(move |tx| {
            evidence::keep(tx, &placed, now)?;
            Ok::<_, Problem>(store::insert(tx, &kept)?)
        })
        .await?;

    let role = Role::Owner;
    Ok(Page(Connection::load(&app, Seat { row, role }, Some(secret)).await?))
}

/// What the sandbox's client is registered with: what was asked for, so that it can be tried before it is granted.
fn trial(app: &App, client_id: &str, asked: &Asked) -> Result<Metadata, Problem> {
    registration(
        app,
        json!({
            "client_id": client_id,
            "client_name": format!("{} (thử nghiệm)", asked.system),
            "redirect_uris": asked.redirect_uris,
        }),
        &asked.purposes,
    )
}

/// A registration for purposes.
pub(super) fn registration(app: &App, more: serde_json::Value, terms: &[Terms]) -> Result<Metadata, Problem> {
    let mut metadata = json!({
        "scope": Asked::scope(terms),
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "vneid_resources": [format!("{}/ssf", sso::issuer(app))],
        "vneid_purposes": terms.iter().map(|terms| &terms.purpose).collect::<Vec<_>>(),
        "vneid_terms": terms,
    });
    if let (Some(all), serde_json::Value::Object(more)) = (metadata.as_object_mut(), more) {
        all.extend(more);
    }
    serde_json::from_value(metadata).map_err(Problem::internal)
}
