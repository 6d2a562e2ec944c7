use ::http::{StatusCode, header};
use axum::extract::{Request as Incoming, State};
use axum::response::{IntoResponse, Response};
use axum::{Form, RequestExt as _};
use credentials::openid4vp::{Answer, Presentation, Refusal};
use credentials::status::Place;
use crypto::jwe::DecryptionKey;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{Content, RequestId, Shown, object as object_of, store};
use super::rules::what;
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::issuance;
use crate::recovery::{self, Right};
use crate::shell::input::Path;
use crate::shell::problem::Problem;

/// The longest answer that is taken, in bytes: portraits may be in it.
const LONGEST: usize = 4 * 1024 * 1024;

/// A refusal, as OAuth tells it.
pub(in super::super) struct Error {
    status: StatusCode,
    error: &'static str,
    description: String,
}

impl Error {
    fn invalid(description: &dyn std::fmt::Display) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error: "invalid_request",
            description: description.to_string(),
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        let description = problem.slug().to_owned();
        match problem.status() {
            StatusCode::NOT_FOUND => Self {
                status: StatusCode::NOT_FOUND,
                ..Self::invalid(&"there is no such request, or it has ended")
            },
            status if status.is_server_error() => Self {
                status,
                error: "server_error",
                description,
            },
            _ => Self::invalid(&description),
        }
    }
}

impl From<db::Error> for Error {
    fn from(cause: db::Error) -> Self {
        Problem::from(cause).into()
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let told = json!({"error": self.error, "error_description": self.description});
        (self.status, axum::Json(told)).into_response()
    }
}

/// What a wallet says that fetches a request by POST (section 5.10).
#[derive(Deserialize)]
pub(in super::super) struct Fetching {
    wallet_nonce: Option<String>,
}

/// Wallets that run in browsers may read the answer, too: nothing here depends on a cookie.
pub(in super::super) async fn open_to_browsers(mut response: Response) -> Response {
    let anybody = header::HeaderValue::from_static("*");
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, anybody);
    response
}

/// Gives a wallet the signed request.
pub(in super::super) async fn object(State(app): State<App>, Path(id): Path<RequestId>) -> Result<Response, Error> {
    signed(&app, &id, None).await
}

/// Gives a wallet the signed request, with the nonce that it sent.
pub(in super::super) async fn object_for(
    State(app): State<App>,
    Path(id): Path<RequestId>,
    Form(fetching): Form<Fetching>,
) -> Result<Response, Error> {
    signed(&app, &id, fetching.wallet_nonce.as_deref()).await
}

async fn signed(app: &App, id: &RequestId, nonce: Option<&str>) -> Result<Response, Error> {
    let signed = object_of(app, id, nonce).await?;
    Ok(([(header::CONTENT_TYPE, "application/oauth-authz-req+jwt")], signed).into_response())
}

/// What a wallet sends as a form, or a verifier's page has from the browser and passes on as JSON.
#[derive(Deserialize)]
struct Sent {
    vp_token: Option<Value>,
    state: Option<String>,
    response: Option<String>,
    error: Option<String>,
    /// What `navigator.credentials.get` gave the page: a `DigitalCredential` has its answer in here, as an object or as its text.
    data: Option<Value>,
}

impl Sent {
    /// The answer itself.
    fn unwrapped(self) -> Result<Self, Error> {
        let malformed = |cause| Error::invalid(&cause);
        match self.data {
            None => Ok(self),
            Some(Value::String(text)) => serde_json::from_str(&text).map_err(malformed),
            Some(data) => serde_json::from_value(data).map_err(malformed),
        }
    }
}

/// What is in an encrypted answer.
#[derive(Deserialize)]
struct Told {
    vp_token: Option<Value>,
    state: Option<String>,
    error: Option<String>,
}

/// Takes an answer.
pub(in super::super) async fn answer(
    State(app): State<App>,
    Path(id): Path<RequestId>,
    incoming: Incoming,
) -> Result<Response, Error> {
    let sent = read(incoming).await?.unwrapped()?;
    let row = app.db.read(move |conn| store::find(conn, &id)).await?;
    let open = row.filter(|row| row.ended_at.is_none() && row.expires_at > app.clock.now());
    let row = open.ok_or_else(Problem::not_found)?;
    let content: Content = app
        .vault
        .open_record("presentation_request", "content", id.bytes(), &row.content_sealed)
        .map_err(Problem::from)?;
    let told = opened(sent, &content)?;
    if told.error.is_some() {
        return refused(&app, id, &content, told.state.as_deref()).await;
    }
    let token = told.vp_token.ok_or_else(|| Error::invalid(&"there is no vp_token"))?;
    let answer = Answer::parse(&token, told.state.as_deref()).map_err(|cause| Error::invalid(&cause))?;
    let shown = judged(&app, &content, &answer).await?;
    let look = look(&app, &content, &answer, &shown).await?;
    end(&app, id, &content, Some((shown, look))).await
}

async fn read(incoming: Incoming) -> Result<Sent, Error> {
    let kind = incoming.headers().get(header::CONTENT_TYPE);
    if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json")) {
        let read = incoming.extract::<axum::Json<Sent>, _>().await;
        return read.map(|axum::Json(sent)| sent).map_err(|cause| Error {
            status: cause.status(),
            ..Error::invalid(&cause)
        });
    }
    let read = incoming.extract::<Form<Sent>, _>().await;
    read.map(|Form(sent)| sent).map_err(|cause| Error {
        status: cause.status(),
        ..Error::invalid(&cause)
    })
}

/// The look of a verifier at what we issued, to whichever wallet; its holder's right to show papers must have returned.
async fn look(app: &App, content: &Content, answer: &Answer, shown: &[Shown]) -> Result<Option<Look>, Error> {
    let places = answer.presentations().iter().flat_map(Presentation::places);
    let places: Vec<Place> = places.filter_map(|place| issuance::place_of(app, &place)).collect();
    let now = app.clock.now();
    let person = app
        .db
        .read(move |conn| {
            let mut found = places.iter().map(|place| issuance::holder(conn, *place));
            let person = found.find_map(Result::transpose).transpose()?;
            if let Some(person) = &person {
                recovery::must_have(conn, person, Right::Present, now)?;
            }
            Ok::<_, Problem>(person)
        })
        .await?;
    let who = Who::Partner(content.request.client_name.clone());
    Ok(person.map(|person| Look::now(app, person, &who, Purpose::Presentation, &what(shown))))
}

/// What was sent, decrypted where it was asked to be encrypted; in the clear only where that was asked.
fn opened(sent: Sent, content: &Content) -> Result<Told, Error> {
    if !content.request.mode.is_encrypted() || sent.error.is_some() {
        if sent.response.is_some() {
            return Err(Error::invalid(&"answer is encrypted, which was not asked for"));
        }
        return Ok(Told {
            vp_token: sent.vp_token,
            state: sent.state,
            error: sent.error,
        });
    }
    let token = sent
        .response
        .ok_or_else(|| Error::invalid(&"answer is not encrypted"))?;
    let key = DecryptionKey::from_number(&content.number).map_err(|cause| Error::invalid(&cause))?;
    let opened = key.open(&token, LONGEST).map_err(|cause| Error::invalid(&cause))?;
    serde_json::from_slice(&opened.content).map_err(|_cause| Error::invalid(&"answer is no JSON object"))
}

async fn judged(app: &App, content: &Content, answer: &Answer) -> Result<Vec<Shown>, Error> {
    let presentations = answer.presentations().iter();
    let addresses: Vec<String> = presentations.flat_map(Presentation::status_addresses).collect();
    let verifier = issuance::verifier(app, &addresses).await?;
    let judged = answer
        .judge(&content.request, &verifier, app.clock.now())
        .map_err(|refusal: Refusal| Error::invalid(&refusal))?;
    let shown = judged.into_iter().map(|one| Shown {
        id: one.id,
        document: one.verdict.document,
        claims: one.verdict.claims,
    });
    Ok(shown.collect())
}

async fn refused(app: &App, id: RequestId, content: &Content, state: Option<&str>) -> Result<Response, Error> {
    // Over the Digital Credentials API there is no state: the address of the answer is known to the verifier's page alone.
    if !content.request.mode.is_dc_api() && state != Some(content.request.state.as_str()) {
        return Err(Error::invalid(&Refusal::OtherSession));
    }
    end(app, id, content, None).await
}

/// Ends the request. The browser of the same device goes on with a code that only it learns.
async fn end(
    app: &App,
    id: RequestId,
    content: &Content,
    answer: Option<(Vec<Shown>, Option<Look>)>,
) -> Result<Response, Error> {
    let (shown, look) = answer.map_or((None, None), |(shown, look)| (Some(shown), look));
    let sealed = shown
        .map(|shown| {
            app.vault
                .seal_record("presentation_request", "answer", id.bytes(), &shown)
        })
        .transpose()
        .map_err(Problem::from)?;
    let code = crypto::base64url::encode(app.chance.bytes::<24>());
    let digest = content
        .redirect_uri
        .as_ref()
        .map(|_| app.vault.digest("presentation_request", code.as_bytes()));
    let now = app.clock.now();
    let won = app
        .db
        .write(move |tx| {
            let won = store::end(tx, &id, (sealed.as_ref(), digest.as_ref()), now)?;
            if let Some(look) = look.as_ref().filter(|_| won) {
                history::record(tx, look)?;
            }
            Ok::<_, db::Error>(won)
        })
        .await?;
    if !won {
        return Err(Error::invalid(&"the request has ended"));
    }
    let told = match &content.redirect_uri {
        None => json!({}),
        Some(to) => {
            let mut to = url::Url::parse(to).map_err(|cause| Error::invalid(&cause))?;
            to.query_pairs_mut().append_pair("response_code", &code);
            json!({"redirect_uri": to.as_str()})
        }
    };
    Ok(axum::Json(told).into_response())
}
