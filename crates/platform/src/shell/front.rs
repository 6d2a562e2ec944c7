//! The front of the house: what every request passes on its way in, and every answer on its way out.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use super::ids::PersonId;
use super::page::{Framable, Frames, LeadsElsewhere, ReachesOthers, SameForAll, Untold, UsesDevices};
use super::problem::Problem;
use super::scene::Scene;
use super::session::{self, Visitor};
use super::texts::Lang;
use super::{assets, health, input, limits, toll, turns};
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
                .layer(middleware::from_fn_with_state(app.clone(), health::observe))
                .layer(middleware::from_fn_with_state(app.clone(), tell))
                .layer(CatchPanicLayer::custom(|_| {
                    Problem::new("internal", StatusCode::INTERNAL_SERVER_ERROR).into_response()
                }))
                .layer(middleware::map_request_with_state(app.clone(), refuse_forgery))
                .layer(middleware::from_fn_with_state(app.clone(), session::recognise))
                .layer(middleware::map_request_with_state(app.clone(), limits::restrain))
                .layer(middleware::from_fn_with_state(app.clone(), turns::in_turn))
                .layer(middleware::from_fn_with_state(app.clone(), partners::observe))
                .layer(middleware::from_fn_with_state(app.clone(), statistics::observe))
                .layer(DefaultBodyLimit::max(input::LARGEST_FILE)),
        )
        .with_state(app.clone())
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
async fn refuse_forgery(State(app): State<App>, request: Request) -> Result<Request, Problem> {
    let headers = request.headers();
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let by_others = FOR_OTHER_SITES.contains(&request.uri().path());
    if changes && !by_others && headers.contains_key(header::COOKIE) && !comes_from_us(&app, headers) {
        return Err(Problem::new("forged-request", StatusCode::FORBIDDEN));
    }
    Ok(request)
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
async fn tell(State(app): State<App>, request: Request, next: Next) -> Response {
    let wish = Wish::of(&request);
    let mut response = next.run(request).await;
    if let Some(untold) = response.extensions_mut().remove::<Untold>() {
        let visitor = response.extensions_mut().remove::<Visitor>().unwrap_or_default();
        let unread = unread(&app, &wish, &visitor).await;
        let told = told(&app, &wish, &visitor, (untold, unread), response.status());
        response = joined(response, told);
    }
    guard(&mut response, &app);
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

macro_rules! policy {
    ($more:literal) => {
        concat!(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; ",
            "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; frame-ancestors 'none'",
            $more
        )
    };
}

const POLICY: &str = policy!("");
const POLICY_AT_HOME: &str = policy!("; form-action 'self'");

/// The policy of a page that other sites load in a frame.
const IN_FRAMES: HeaderValue =
    HeaderValue::from_static("default-src 'none'; script-src 'self'; base-uri 'none'; frame-ancestors *");

/// What keeps every answer to itself.
const GUARDS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(self), geolocation=(), microphone=(), payment=()"),
    ),
];

/// The policy of a page whose script speaks with others, too: the agent of a counter, or whom the holder of a wallet chooses.
fn speaking_with(others: &str) -> Option<HeaderValue> {
    let policy = POLICY_AT_HOME.replacen("connect-src 'self'", &format!("connect-src 'self' {others}"), 1);
    HeaderValue::from_str(&policy).ok()
}

/// Whom the script of a page speaks with beside us.
fn others<'a>(response: &Response, app: &'a App) -> Option<&'a str> {
    let extensions = response.extensions();
    if extensions.get::<UsesDevices>().is_some() {
        return Some(&app.config.counter.agent);
    }
    let anywhere = if app.config.sandbox {
        "https: http://localhost:*"
    } else {
        "https:"
    };
    extensions.get::<ReachesOthers>().map(|_| anywhere)
}

/// The headers that keep a page to itself.
fn guard(response: &mut Response, app: &App) {
    let may_lead_elsewhere = response.extensions().get::<LeadsElsewhere>().is_some();
    let speaking = others(response, app).and_then(speaking_with);
    let framable = response.extensions().get::<Framable>().is_some();
    let frames = response
        .extensions()
        .get::<Frames>()
        .filter(|frames| !frames.0.is_empty())
        .cloned();
    let headers = response.headers_mut();
    headers.reserve(GUARDS.len() + 4);
    let policy = HeaderValue::from_static(if may_lead_elsewhere { POLICY } else { POLICY_AT_HOME });
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    if let Some(policy) = speaking {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if let Some(Frames(origins)) = frames
        && let Ok(policy) = HeaderValue::from_str(&format!("{POLICY}; frame-src {origins}"))
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.extend(GUARDS);
    if framable {
        headers.remove(header::X_FRAME_OPTIONS);
        headers.insert(header::CONTENT_SECURITY_POLICY, IN_FRAMES);
    }
    if app.config.is_https() {
        let two_years = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, two_years);
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.append(
        header::VARY,
        HeaderValue::from_static("accept, accept-language, cookie"),
    );
}
