use askama::Template;
use axum::extract::State;
use axum::response::Response;
use credentials::declaration::{Slip, SlipRefusal};
use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::declarations::rules::Outcome;
use crate::declarations::{DeclarationId, store};
use crate::history::{self, Look, Purpose, Who};
use crate::inspection;
use crate::issuance;
use crate::officers::{Action, Officer, On};
use crate::shell::filters;
use crate::shell::input::Upload;
use crate::shell::offline::{self, Manifest};
use crate::shell::page::Page;
use crate::shell::problem::{Fault, Problem};
use crate::shell::texts::Lang;

/// What the page needs without network.
const FILES: [&str; 21] = [
    "app.css",
    "icon.svg",
    "inspection.css",
    "device.js",
    "time.js",
    "checkpoint.js",
    "offline.js",
    "inspection/camera.js",
    "inspection/kit.js",
    "qr/decode.js",
    "qr/find.js",
    "qr/galois.js",
    "qr/symbol.js",
    "verifier/bytes.js",
    "verifier/cbor.js",
    "verifier/certificate.js",
    "verifier/identity.js",
    "verifier/keys.js",
    "verifier/status.js",
    "verifier/trust.js",
    "verifier/verify.js",
];

/// The page.
#[derive(Clone, Template, Serialize)]
#[template(path = "declarations/checkpoint/pages/page.html")]
pub(super) struct Checkpoint {
    code: String,
}

/// Shows the page.
pub(super) async fn page() -> Page<Checkpoint> {
    Page(Checkpoint { code: String::new() })
}

/// What a slip was found to be.
#[derive(Template, Serialize)]
#[template(path = "declarations/checkpoint/pages/finding.html")]
pub(super) struct Finding {
    /// `accept`, `caution` (to be looked after) or `reject`.
    outcome: &'static str,
    /// Why it is refused: `forged`, `expired`, `future`, `withdrawn`, `unknown`.
    reason: Option<&'static str>,
    at: Timestamp,
    slip: Option<Slip>,
    #[serde(skip)]
    until: Timestamp,
}

/// Judges a slip.
pub(super) async fn judge(
    State(app): State<App>,
    officer: Option<Scanning>,
    mut upload: Upload,
) -> Result<Page<Finding>, Problem> {
    let code = inspection::code_of(&app, &mut upload).await?;
    if code.trim().is_empty() {
        let again = Checkpoint { code };
        return Err(Problem::invalid(vec![Fault::new("code", "declarations-code-fault")]).on(again));
    }
    // The code of a slip is an address with the slip behind it.
    let text = code.rsplit_once('#').map_or(code.as_str(), |(_, slip)| slip);
    let now = app.clock.now();
    let judged = issuance::verify_slip(&app, text)?;
    let slip = match judged {
        Ok(slip) => slip,
        Err(refusal) => return Ok(Page(refused(reason(refusal), now))),
    };

    let (Ok(id), Some(result)) = (slip.jti.parse::<DeclarationId>(), Outcome::of_word(&slip.result)) else {
        return Ok(Page(refused("unknown", now)));
    };
    let found = app.db.read(move |conn| store::holder(conn, &id)).await?;
    let Some((person, withdrawn)) = found else {
        return Ok(Page(refused("unknown", now)));
    };
    if withdrawn.is_some() {
        return Ok(Page(refused("withdrawn", now)));
    }
    if let Some(Scanning(officer)) = officer {
        let who = Who::Inspector(officer.known_as());
        let look = Look::now(&app, person, &who, Purpose::Checkpoint, "name birth");
        app.db.write(move |tx| history::record(tx, &look)).await?;
    }
    Ok(Page(Finding {
        outcome: match result {
            Outcome::Attention => "caution",
            Outcome::Clear | Outcome::Declared => "accept",
        },
        reason: None,
        at: now,
        until: Timestamp::from_second(slip.exp).unwrap_or(now),
        slip: Some(slip),
    }))
}

fn refused(reason: &'static str, at: Timestamp) -> Finding {
    Finding {
        outcome: "reject",
        reason: Some(reason),
        at,
        slip: None,
        until: at,
    }
}

fn reason(refusal: SlipRefusal) -> &'static str {
    match refusal {
        SlipRefusal::Expired => "expired",
        SlipRefusal::FromFuture => "future",
        SlipRefusal::NotASlip => "unknown",
        SlipRefusal::Trust(_) | SlipRefusal::Signature => "forged",
    }
}

/// An officer who may inspect, where one is signed in.
pub(super) struct Scanning(Officer);

impl axum::extract::OptionalFromRequestParts<App> for Scanning {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut ::http::request::Parts, app: &App) -> Result<Option<Self>, Problem> {
        use axum::extract::FromRequestParts as _;
        let officer = Officer::from_request_parts(parts, app).await.ok();
        let scans = |officer: &Officer| officer.may(app, Action::Inspect, &On::Unit(&officer.unit_code));
        Ok(officer.filter(scans).map(Self))
    }
}

/// Keeps the page for when there is no network.
pub(super) async fn worker() -> Response {
    offline::worker("/declarations/checkpoint", &FILES)
}

/// Installs the page.
pub(super) async fn manifest(State(app): State<App>) -> Manifest {
    Manifest {
        name: app.texts.say(Lang::Vi, "declarations-checkpoint", &[]),
        short_name: app.texts.say(Lang::Vi, "declarations-checkpoint-short", &[]),
        start_url: "/declarations/checkpoint",
    }
}
