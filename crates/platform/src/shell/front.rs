//! The front of the house: what every request passes on its way in, and every answer on its way out.

use std::panic::AssertUnwindSafe;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tracing::Instrument as _;

use super::ids::PersonId;
use super::page::{Frames, LeadsElsewhere, ReachesOthers, SameForAll, Untold, UsesDevices};
use super::problem::Problem;
use super::scene::Scene;
use super::session::{self, Visitor};
use super::texts::Lang;
use super::turns::Asker;
use super::whence::Whence;
use super::{assets, guards, health, input, limits, toll, turns};
use crate::app::App;
use crate::{notices, partners, statistics};

/// Puts the front before the capabilities.
pub fn before(capabilities: Router<App>, app: &App) -> Router {
    capabilities
        .merge(health::routes())
        .merge(assets::routes())
        .merge(toll::routes())
        .fallback(|| async { Problem::not_found() })
        .method_not_allowed_fallback(|| async { Problem::new("method-not-allowed", StatusCode::METHOD_NOT_ALLOWED) })
        .layer(
            // As one layer, from the outside in: each layer of the router is boxed again for each request.
            ServiceBuilder::new()
                .layer(CompressionLayer::new().compress_when(is_compressed))
                .layer(middleware::from_fn_with_state(app.clone(), pass))
                .layer(DefaultBodyLimit::max(input::LARGEST_FILE)),
        )
        .with_state(app.clone())
}

/// What each request passes, from the outside in, as one middleware: each of its own would move and box the request once more.
async fn pass(State(app): State<App>, request: Request, next: Next) -> Response {
    let seen = health::Seen::new(&app, &request);
    let span = seen.span();
    async {
        let wish = Wish::of(&request);
        let answered = AssertUnwindSafe(admit(&app, request, next)).catch_unwind().await;
        let answer = answered.unwrap_or_else(|_panic| Err(Problem::new("internal", StatusCode::INTERNAL_SERVER_ERROR)));
        let told = tell(&app, wish, answer.into_response()).await;
        seen.answered(told)
    }
    .instrument(span)
    .await
}

/// Lets a request in that is not forged, with who asks.
async fn admit(app: &App, mut request: Request, next: Next) -> Result<Response, Problem> {
    refuse_forgery(app, &request)?;
    let whence = Whence::of(app, &request);
    let visitor = session::recognise(app, request.headers(), &whence).await?;
    request.extensions_mut().insert(visitor.clone());
    let mut response = whence.around(serve(app, request, next)).await.into_response();
    response.extensions_mut().insert(visitor);
    Ok(response)
}

/// Serves a request within the limits, when it is its turn.
async fn serve(app: &App, request: Request, next: Next) -> Result<Response, Problem> {
    limits::restrain(app, &request)?;
    if turns::is_answered_at_once(request.uri().path()) {
        return Ok(answer(app, request, next).await);
    }
    let asker = Asker::of(app, &request);
    let turn = turns::take(app, asker).await?;
    let response = turns::in_the_name_of(asker, answer(app, request, next)).await;
    drop(turn);
    Ok(response)
}

/// Has a request answered, and notes what became of it where somebody wants to know.
async fn answer(app: &App, request: Request, next: Next) -> Response {
    let opened = statistics::opened(&request);
    let (request, partner) = match partners::look_at(request).await {
        Ok(seen) => seen,
        Err(too_large) => return too_large.into_response(),
    };
    let response = next.run(request).await;
    statistics::count(app, opened, &response);
    partners::note(app, partner, response).await
}

/// Whether an answer is compressed: what is the same for everybody, and is not compressed already.
fn is_compressed(_: StatusCode, _: Version, headers: &HeaderMap, extensions: &Extensions) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .map_or(&b""[..], HeaderValue::as_bytes);
    let is_text = kind.starts_with(b"text/") || kind.starts_with(b"image/svg") || kind.starts_with(b"application/json");
    is_text && extensions.get::<SameForAll>().is_some()
}

/// Where other sites send people by a form: nothing happens there that the person does not confirm on a page of ours.
const FOR_OTHER_SITES: [&str; 2] = ["/sso/authorize", "/sso/logout"];

/// Refuses changes that another site made a browser ask for.
///
/// Browsers say where a request comes from (`Sec-Fetch-Site`, `Origin`); a program without a browser says neither, and has no cookie that
/// another site could make it send.
fn refuse_forgery(app: &App, request: &Request) -> Result<(), Problem> {
    let headers = request.headers();
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let by_others = FOR_OTHER_SITES.contains(&request.uri().path());
    if changes && !by_others && headers.contains_key(header::COOKIE) && !comes_from_us(app, headers) {
        return Err(Problem::new("forged-request", StatusCode::FORBIDDEN));
    }
    Ok(())
}

fn comes_from_us(app: &App, headers: &HeaderMap) -> bool {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (said("sec-fetch-site"), said("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            origin == app.config.origin()
                || said("host").is_some_and(|host| origin.split_once("://").is_some_and(|(_, rest)| rest == host))
        }
        (None, None) => true,
    }
}

/// What the request says about how it wants to be answered.
struct Wish {
    html: bool,
    method: Method,
    lang: Lang,
    keep_lang: bool,
    address: String,
}

impl Wish {
    fn of(request: &Request) -> Self {
        let headers = request.headers();
        let said = |name: HeaderName| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
        };
        let address = request
            .uri()
            .path_and_query()
            .map_or("/", |address| address.as_str())
            .to_owned();
        let asked = address.split_once('?').and_then(|(_, query)| {
            query
                .split('&')
                .find_map(|pair| Lang::from_tag(pair.strip_prefix("lang=")?))
        });
        let kept = session::cookie(headers, "lang").and_then(Lang::from_tag);
        let preferred = said(header::ACCEPT_LANGUAGE).split(',').find_map(Lang::from_tag);
        Self {
            html: said(header::ACCEPT).contains("text/html"),
            method: request.method().clone(),
            lang: asked.or(kept).or(preferred).unwrap_or_default(),
            keep_lang: asked.is_some() && asked != kept,
            address,
        }
    }
}

/// Tells the answer of a handler as a page or as JSON.
async fn tell(app: &App, wish: Wish, mut response: Response) -> Response {
    if let Some(untold) = response.extensions_mut().remove::<Untold>() {
        let visitor = response.extensions_mut().remove::<Visitor>().unwrap_or_default();
        let unread = unread(app, &wish, &visitor).await;
        let told = told(app, &wish, &visitor, (untold, unread), response.status());
        response = joined(response, told);
    }
    guards::guard(&mut response, app);
    if wish.keep_lang
        && let Ok(cookie) = HeaderValue::from_str(&format!(
            "lang={}; Path=/; Max-Age=31536000; SameSite=Lax",
            wish.lang.tag()
        ))
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// How many notices a page tells its citizen to be unread; none where that cannot be found out.
async fn unread(app: &App, wish: &Wish, visitor: &Visitor) -> i64 {
    let Some(session) = visitor.citizen.as_ref().filter(|_| wish.html) else {
        return 0;
    };
    let person = PersonId::from(session.subject);
    let counted = app.db.read(move |conn| notices::unread(conn, &person)).await;
    counted.unwrap_or_default()
}

/// The body that was told, with the headers that the handler set.
fn joined(untold: Response, mut told: Response) -> Response {
    let (parts, _) = untold.into_parts();
    for (name, value) in &parts.headers {
        if name != header::CONTENT_LENGTH {
            told.headers_mut().append(name, value.clone());
        }
    }
    if let Some(leads) = parts.extensions.get::<LeadsElsewhere>() {
        told.extensions_mut().insert(*leads);
    }
    if let Some(same) = parts.extensions.get::<SameForAll>() {
        told.extensions_mut().insert(*same);
    }
    if let Some(frames) = parts.extensions.get::<Frames>() {
        told.extensions_mut().insert(frames.clone());
    }
    if let Some(uses) = parts.extensions.get::<UsesDevices>() {
        told.extensions_mut().insert(*uses);
    }
    if let Some(reaches) = parts.extensions.get::<ReachesOthers>() {
        told.extensions_mut().insert(*reaches);
    }
    told
}

fn told(app: &App, wish: &Wish, visitor: &Visitor, (untold, unread): (Untold, i64), status: StatusCode) -> Response {
    let mut scene = Scene {
        lang: wish.lang,
        texts: app.texts.clone(),
        address: wish.address.clone(),
        now: app.clock.now(),
        ahead: app.clock.ahead().as_secs(),
        citizen: visitor.citizen.is_some(),
        device: visitor.citizen.as_ref().is_some_and(|session| session.device.is_some()),
        unread,
        officer: visitor.officer.is_some(),
        sandbox: app.config.sandbox,
        toll: wish.html.then(|| toll::draw(app).ok()).flatten(),
        problem: None,
    };
    match untold {
        Untold::Next { to, .. } if wish.html => see_other(&to),
        Untold::Page(view) | Untold::Next { view, .. } if wish.html => html(status, view.html(&scene)),
        Untold::Page(view) | Untold::Next { view, .. } => json(status, "application/json", view.json()),
        Untold::Problem(problem) => {
            problem.log();
            if wish.html
                && let Some(to) = sign_in_page(wish, &problem)
            {
                return see_other(&to);
            }
            let mut response = if wish.html {
                scene.problem = Some(problem.clone());
                let page = problem
                    .page()
                    .map_or_else(|| super::pages::ProblemPage.render_in(&scene), |page| page.html(&scene));
                html(status, page)
            } else {
                json(
                    status,
                    "application/problem+json",
                    serde_json::to_vec(&problem.json(&scene.texts, scene.lang)),
                )
            };
            if let Some(seconds) = problem.seconds_to_wait() {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            response
        }
    }
}

/// A browser that only wanted to look is sent to sign in, and comes back afterwards.
fn sign_in_page(wish: &Wish, problem: &Problem) -> Option<String> {
    let page = match problem.slug() {
        "signin-needed" => "/signin",
        "officer-signin-needed" => "/officers/signin",
        "officers-second-factor" => "/officers/passkey",
        "device-proof-needed" => "/signin/device",
        _ => return None,
    };
    let back: String = url::form_urlencoded::byte_serialize(wish.address.as_bytes()).collect();
    (wish.method == Method::GET).then(|| format!("{page}?next={back}"))
}

fn see_other(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn html(status: StatusCode, page: askama::Result<String>) -> Response {
    match page {
        Ok(page) => (status, axum::response::Html(page)).into_response(),
        Err(error) => unrenderable(&error),
    }
}

fn json(status: StatusCode, kind: &'static str, body: serde_json::Result<Vec<u8>>) -> Response {
    match body {
        Ok(body) => (status, [(header::CONTENT_TYPE, kind)], body).into_response(),
        Err(error) => unrenderable(&error),
    }
}

fn unrenderable(error: &dyn std::error::Error) -> Response {
    tracing::error!(%error, "an answer could not be rendered");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
