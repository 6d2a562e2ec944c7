//! Sessions of citizens and officers: opaque, kept as a digest, renewed at every sign-in, revocable.

use axum::extract::FromRequestParts;
use axum::response::AppendHeaders;
use crypto::secret::Secret;
use db::{Conn, Tx};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ids::PersonId;
use super::problem::Problem;
use super::vault::Vault;
use super::whence::Whence;
use crate::app::App;
use crate::locks;
use crate::sso::{self, Ending};

mod store;

pub use store::list;

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
    /// The device that it is bound to: from anywhere else it is of no use.
    pub device: Option<[u8; 16]>,
}

/// A session about to be opened.
#[derive(Clone)]
pub struct Opening {
    session: Session,
    origin: store::Origin,
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
            device: None,
        };
        Self {
            session,
            origin: store::Origin::default(),
            kind,
            token: Secret::new(crypto::base64url::encode(&token)),
        }
    }

    /// Notes where it is opened from.
    #[must_use]
    pub fn from_here(mut self, app: &App) -> Self {
        self.origin = origin(&app.vault, &self.session, &Whence::here());
        self
    }

    /// Binds it to a device that has just proved itself.
    #[must_use]
    pub fn on(mut self, device: [u8; 16]) -> Self {
        self.session.device = Some(device);
        self
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
        store::insert(tx, self.kind, &self.session, &self.origin)
    }

    /// The cookie that carries it.
    pub fn cookie(&self, app: &App) -> [(header::HeaderName, HeaderValue); 1] {
        let seconds = app.config.session_hours.saturating_mul(3600);
        set_cookie(app, self.kind, self.token.expose(), seconds)
    }
}

fn origin(vault: &Vault, session: &Session, whence: &Whence) -> store::Origin {
    store::Origin {
        whence_sealed: vault.seal_record("session", "whence", &session.digest, whence).ok(),
        whence_digest: Some(whence_digest(vault, whence)),
    }
}

fn whence_digest(vault: &Vault, whence: &Whence) -> [u8; 32] {
    let text = format!("{}\n{}", whence.address, whence.agent);
    vault.digest("session-whence", text.as_bytes())
}

/// An open session and where it is used from.
#[derive(Clone, Debug)]
pub struct Open {
    /// The session.
    pub session: Session,
    /// Where it is used from, if that was noted.
    pub whence: Option<Whence>,
}

/// The open sessions of a citizen, newest first.
///
/// # Errors
/// Those of the database and of the vault.
pub fn list_open(conn: &mut Conn<'_>, vault: &Vault, person: &PersonId, now: Timestamp) -> Result<Vec<Open>, Problem> {
    store::list_open(conn, person.bytes(), now)?
        .into_iter()
        .map(|kept| {
            let session = kept.session;
            let whence = kept
                .whence_sealed
                .map(|sealed| vault.open_record("session", "whence", &session.digest, &sealed))
                .transpose()?;
            Ok(Open { session, whence })
        })
        .collect()
}

/// Raises how strongly the person of a session is authenticated; false if it has ended or is stronger already.
///
/// # Errors
/// Those of the database.
pub fn raise(tx: &mut Tx<'_>, raised: &Session) -> Result<bool, db::Error> {
    store::raise(tx, raised)
}

/// Notes that the device of a session has proved itself from here.
///
/// # Errors
/// Those of the database.
pub fn proven(
    tx: &mut Tx<'_>,
    vault: &Vault,
    session: &Session,
    whence: &Whence,
    now: Timestamp,
) -> Result<(), db::Error> {
    store::proven(tx, session, &origin(vault, session, whence), now)
}

/// Binds an open session to a device that has just proved itself.
///
/// # Errors
/// Those of the database.
pub fn bind(tx: &mut Tx<'_>, session: &Session, device: &[u8; 16], now: Timestamp) -> Result<(), db::Error> {
    store::bind(tx, session, device, now)
}

/// Ends one session, and tells the relying parties that it leads to.
///
/// # Errors
/// Those of the database.
pub fn end(tx: &mut Tx<'_>, session: &Session, now: Timestamp) -> Result<(), db::Error> {
    store::end(tx, session, now)?;
    sso::ended(tx, &session.subject, Ending::One(&session.digest), now)
}

/// Ends all sessions of a subject, and tells the relying parties that they lead to.
///
/// # Errors
/// Those of the database.
pub fn end_all(tx: &mut Tx<'_>, subject: &[u8; 16], now: Timestamp) -> Result<(), db::Error> {
    store::end_all(tx, subject, now)?;
    sso::ended(tx, subject, Ending::All, now)
}

/// Ends all sessions of a subject but this one, and tells the relying parties that they lead to.
///
/// # Errors
/// Those of the database.
pub fn end_others(tx: &mut Tx<'_>, kept: &Session, now: Timestamp) -> Result<(), db::Error> {
    store::end_others(tx, kept, now)?;
    sso::ended(tx, &kept.subject, Ending::AllBut(&kept.digest), now)
}

/// Ends a session that another takes the place of in the same browser. Where the person is the same, relying parties are not told, and go on
/// with the new one.
///
/// # Errors
/// Those of the database.
pub fn replace(tx: &mut Tx<'_>, before: &Session, new: &Session, now: Timestamp) -> Result<(), db::Error> {
    if before.subject == new.subject {
        sso::follow(tx, before, new)?;
    }
    end(tx, before, now)
}

/// The cookies that take a session away from the browser.
pub fn farewell(app: &App, kind: Kind) -> AppendHeaders<Vec<(header::HeaderName, HeaderValue)>> {
    let mut cookies = set_cookie(app, kind, "", 0).to_vec();
    if kind == Kind::Citizen {
        cookies.push((header::SET_COOKIE, sso::mark(app, "")));
    }
    AppendHeaders(cookies)
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
    /// A citizen's session that is bound to a device, which has to prove itself first: the request comes from elsewhere, or the last proof
    /// is old.
    pub unproven: Option<Session>,
}

/// Looks up the sessions that a request's cookies carry.
///
/// # Errors
/// Those of the database.
pub(crate) async fn recognise(app: &App, headers: &HeaderMap, whence: &Whence) -> Result<Visitor, Problem> {
    let citizen = look_up(app, headers, Kind::Citizen).await?;
    let officer = look_up(app, headers, Kind::Officer).await?;
    let now = app.clock.now();
    let proven = citizen
        .as_ref()
        .is_none_or(|found| is_where_it_belongs(&app.vault, found, whence, now));
    let citizen = citizen.map(|found| found.session);
    let (citizen, unproven) = if proven { (citizen, None) } else { (None, citizen) };
    Ok(Visitor {
        citizen,
        officer: officer.map(|found| found.session),
        unproven,
    })
}

/// How long a device's proof is good for.
const PROOF_LASTS: SignedDuration = SignedDuration::from_mins(10);

/// Whether a session is used by the device that it is bound to, as far as can be told without asking the device.
fn is_where_it_belongs(vault: &Vault, found: &store::Found, whence: &Whence, now: Timestamp) -> bool {
    if found.session.device.is_none() {
        return true;
    }
    let fresh = found.proven_at.is_some_and(|at| now.duration_since(at) <= PROOF_LASTS);
    let here = found
        .whence_digest
        .is_some_and(|digest| crypto::equal(&digest, &whence_digest(vault, whence)));
    fresh && here
}

async fn look_up(app: &App, headers: &HeaderMap, kind: Kind) -> Result<Option<store::Found>, Problem> {
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
        let unproven = parts
            .extensions
            .get::<Visitor>()
            .is_some_and(|visitor| visitor.unproven.is_some());
        let session = session.ok_or_else(|| {
            if unproven {
                Problem::new("device-proof-needed", StatusCode::UNAUTHORIZED)
            } else {
                Problem::sign_in_needed()
            }
        })?;
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
