use askama::Template;
use axum::Extension;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use oidc::authorization_details::Detail;
use oidc::authorize::Request;
use oidc::claims::Scope;
use oidc::client::Client;
use serde::Serialize;

use crate::app::App;
use crate::consents::Asked;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::page::{LeadsElsewhere, Page};
use crate::shell::problem::Problem;
use crate::shell::session::Session;
use crate::signin;
use crate::sso::authorize::http::{account, put_off};

/// Asks the person whether the relying party may be told.
#[derive(Template, Serialize)]
#[template(path = "sso/authorize/pages/consent.html")]
struct Consent {
    client: String,
    site: String,
    name: String,
    data: Vec<&'static str>,
    /// Why the data is needed, in Vietnamese and in English; empty where no purpose was registered.
    reason: [String; 2],
    /// What it is for beyond that, by the relying party's own numbers.
    matters: Vec<Matter>,
    /// The provision that it rests on.
    basis: String,
    /// Until when the answer is remembered; not at all where it is asked each time.
    until: Option<Timestamp>,
    /// A credential for a wallet is asked for: that takes the passcode.
    needs_passcode: bool,
    request: String,
}

/// A purpose for which data is asked for (RFC 9396).
#[derive(Serialize)]
struct Matter {
    /// Why, in Vietnamese and in English.
    reason: [String; 2],
    /// The relying party's own number of the matter.
    reference: String,
}

/// The purposes that a request names in its details.
fn matters(client: &Client, request: &Request) -> Vec<Matter> {
    let details = request.wanted.details.iter();
    let matter = |detail: &Detail| {
        let Detail::VneidData { purpose, reference, .. } = detail else {
            return None;
        };
        let terms = client.terms(purpose);
        Some(Matter {
            reason: terms.map_or_else(
                || [purpose.clone(), purpose.clone()],
                |terms| [terms.reason.clone(), terms.reason_en.clone()],
            ),
            reference: reference.clone().unwrap_or_default(),
        })
    };
    details.filter_map(matter).collect()
}

/// Asks.
pub(in crate::sso::authorize) async fn ask(
    app: &App,
    client: &Client,
    request: &Request,
    session: &Session,
) -> Result<Response, Problem> {
    let page = page(app, client, request, session).await?;
    Ok((Extension(LeadsElsewhere), Page(page)).into_response())
}

/// Checks the passcode for what goes into a wallet; for a wrong one the page is the answer, again.
pub(in crate::sso::authorize) async fn confirm(
    app: &App,
    (client, request): (&Client, &Request),
    passcode: &str,
    session: Option<&Session>,
) -> Result<Option<Response>, Problem> {
    let session = session.ok_or_else(Problem::sign_in_needed)?;
    let person = PersonId::from(session.subject);
    let Err(problem) = signin::check_passcode(app, &person, passcode.trim()).await else {
        return Ok(None);
    };
    let page = page(app, client, request, session).await?;
    Ok(Some((Extension(LeadsElsewhere), problem.on(page)).into_response()))
}

/// What the person is asked for.
pub(in crate::sso) fn asked(app: &App, client: &Client, request: &Request) -> Asked {
    let terms = request.purpose.as_deref().and_then(|purpose| client.terms(purpose));
    Asked::of(client.id(), terms, &request.asked(client), &app.config.consents)
}

/// The page on which the person is asked.
async fn page(app: &App, client: &Client, request: &Request, session: &Session) -> Result<Consent, Problem> {
    let account = account(app, &request.scopes, session).await?;
    let data = request
        .asked(client)
        .iter()
        .filter(|scope| *scope != Scope::OpenId)
        .map(Scope::name)
        .collect();
    let site = url::Url::parse(request.reply_to.redirect_uri())
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    let terms = request.purpose.as_deref().and_then(|purpose| client.terms(purpose));
    let asked = asked(app, client, request);
    Ok(Consent {
        client: client.name().to_owned(),
        site: site.unwrap_or_default(),
        name: account.full_name,
        data,
        reason: terms.map_or_else(Default::default, |terms| {
            [terms.reason.clone(), terms.reason_en.clone()]
        }),
        matters: matters(client, request),
        until: (asked.days > 0 && !request.scopes.have_credentials()).then(|| asked.until(app.clock.now())),
        basis: asked.basis,
        needs_passcode: request.scopes.have_credentials(),
        request: put_off(app, request)?,
    })
}
