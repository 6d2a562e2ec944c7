//! Sessions of citizens and officers: opaque, kept as a digest, renewed at every sign-in, revocable.

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use crypto::secret::Secret;
use db::{Conn, Tx};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, header};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ids::PersonId;
use super::problem::Problem;
use crate::app::App;
use crate::locks;

mod store;

pub use store::{end, end_all, list};

/// Whose session it is. The two never mix: each has a cookie of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A person with an account.
    Citizen,
    /// A police officer.
    Officer,
}

impl Kind {
    pub(super) fn text(self) -> &'static str {
        match self {
            Kind::Citizen => "citizen",
            Kind::Officer => "officer",
        }
    }

    fn cookie(self, app: &App) -> &'static str {
        match (self, app.config.is_https()) {
            (Kind::Citizen, true) => "__Host-vneid",
            (Kind::Citizen, false) => "vneid",
            (Kind::Officer, true) => "__Host-vneid-officer",
            (Kind::Officer, false) => "vneid-officer",
        }
    }
}

/// A session as it stands.
#[derive(Clone, Debug)]
pub struct Session {
    /// The person or the officer.
    pub subject: [u8; 16],
    /// The keyed digest of its secret, which names it in the database.
    pub digest: [u8; 32],
    /// When the sign-in took place.
    pub opened_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// How strongly the person was authenticated: levels 1 to 4 of Decree 69/2024, article 20.1.
    pub assurance: i64,
    /// The means used, as RFC 8176 names them, separated by spaces.
    pub methods: String,
}

/// A session about to be opened.
#[derive(Clone)]
pub struct Opening {
    session: Session,
    kind: Kind,
    token: Secret<String>,
}

impl Opening {
    /// Draws a new session for somebody who has just been authenticated.
    pub fn draw(app: &App, kind: Kind, subject: [u8; 16], assurance: i64, methods: &str) -> Self {
        let secret: [u8; 32] = app.chance.bytes();
        let mut token = subject.to_vec();
        token.extend_from_slice(&secret);
        let now = app.clock.now();
        let session = Session {
            subject,
            digest: app.vault.digest("session", &secret),
            opened_at: now,
            expires_at: now + SignedDuration::from_hours(app.config.session_hours),
            assurance,
            methods: methods.to_owned(),
        };
        Self {
            session,
            kind,
            token: Secret::new(crypto::base64url::encode(&token)),
        }
    }

    /// The session as it will stand.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Opens it, in the unit of work of the sign-in.
    ///
    /// # Errors
    /// Those of the database.
    pub fn insert(&self, tx: &mut Tx<'_>) -> Result<(), db::Error> {
        store::insert(tx, self.kind, &self.session)
    }

    /// The cookie that carries it.
    pub fn cookie(&self, app: &App) -> [(header::HeaderName, HeaderValue); 1] {
        let seconds = app.config.session_hours.saturating_mul(3600);
        set_cookie(app, self.kind, self.token.expose(), seconds)
    }
}

/// The cookie that takes a session away from the browser.
pub fn farewell(app: &App, kind: Kind) -> [(header::HeaderName, HeaderValue); 1] {
    set_cookie(app, kind, "", 0)
}

fn set_cookie(app: &App, kind: Kind, token: &str, seconds: i64) -> [(header::HeaderName, HeaderValue); 1] {
    let name = kind.cookie(app);
    let secure = if app.config.is_https() { "; Secure" } else { "" };
    let cookie = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    [(
        header::SET_COOKIE,
        HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static("")),
    )]
}

/// Who is asking: put into every request at the front.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// The citizen's session, where there is one.
    pub citizen: Option<Session>,
    /// The officer's session, where there is one.
    pub officer: Option<Session>,
}

/// Looks up the sessions that a request's cookies carry.
pub(crate) async fn recognise(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let citizen = look_up(&app, request.headers(), Kind::Citizen).await;
    let officer = look_up(&app, request.headers(), Kind::Officer).await;
    match (citizen, officer) {
        (Ok(citizen), Ok(officer)) => {
            let visitor = Visitor { citizen, officer };
            request.extensions_mut().insert(visitor.clone());
            let mut response = next.run(request).await;
            response.extensions_mut().insert(visitor);
            response
        }
        (Err(problem), _) | (_, Err(problem)) => axum::response::IntoResponse::into_response(problem),
    }
}

async fn look_up(app: &App, headers: &HeaderMap, kind: Kind) -> Result<Option<Session>, Problem> {
    let Some(token) = cookie(headers, kind.cookie(app)) else {
        return Ok(None);
    };
    let Ok(bytes) = crypto::base64url::decode(token) else {
        return Ok(None);
    };
    let Some((subject, secret)) = bytes.split_first_chunk::<16>() else {
        return Ok(None);
    };
    let (subject, digest, now) = (*subject, app.vault.digest("session", secret), app.clock.now());
    Ok(app
        .db
        .read(move |conn: &mut Conn<'_>| store::find(conn, kind, &subject, &digest, now))
        .await?)
}

/// The value of a cookie.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name && !value.is_empty()).then_some(value))
}

/// A signed-in citizen; a request without one is sent to sign in, and who holds a locked account to where it is unlocked.
#[derive(Clone, Debug)]
pub struct Citizen {
    /// The person.
    pub person: PersonId,
    /// The session in which the request is made.
    pub session: Session,
}

impl FromRequestParts<App> for Citizen {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let session = parts
            .extensions
            .get::<Visitor>()
            .and_then(|visitor| visitor.citizen.clone());
        let session = session.ok_or_else(Problem::sign_in_needed)?;
        let person = session.subject.into();
        locks::let_through(app, &person, parts.uri.path()).await?;
        Ok(Self { person, session })
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        Ok(parts.extensions.get::<Visitor>().cloned().unwrap_or_default())
    }
}
