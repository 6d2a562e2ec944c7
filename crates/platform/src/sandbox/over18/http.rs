use askama::Template;
use axum::extract::State;
use credentials::eid::VCT;
use credentials::mdoc;
use credentials::openid4vp::dcql::Query as Dcql;
use credentials::openid4vp::{Mode, Registered, RegisteredType};
use credentials::sdjwt::ClaimPath;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::ground;
use crate::app::App;
use crate::presentation::{self, Outcome, RequestId, Verifier, Wanted};
use crate::shell::filters;
use crate::shell::input::{Input, Path, Query};
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;
use crate::shell::qr;

const NAME: &str = "Quán giải khát mẫu";
const PURPOSE: &str = "Bán đồ uống có cồn cho người đủ 18 tuổi";

/// What it is.
#[derive(Template, Serialize)]
#[template(path = "sandbox/pages/over18.html")]
pub(super) struct Cafe {
    name: &'static str,
    purpose: &'static str,
}

#[derive(Deserialize)]
pub(super) struct AskForm {
    #[serde(default)]
    same: String,
    /// Which format is asked for: `mdoc`, else SD-JWT.
    #[serde(default)]
    format: String,
}

/// The code, or the outcome.
#[derive(Template, Serialize)]
#[template(path = "sandbox/pages/over18_wait.html")]
pub(super) struct Wait {
    id: RequestId,
    /// `waiting`, `expired`, `refused`, `over-18` or `under-18`.
    state: &'static str,
    /// What a wallet scans or is called by.
    link: String,
    /// The same, for the wallet of this platform.
    wallet: String,
    #[serde(skip)]
    code: String,
}

/// Shows what it is.
pub(super) async fn show(State(app): State<App>) -> Result<Page<Cafe>, Problem> {
    ground(&app)?;
    Ok(Page(Cafe {
        name: NAME,
        purpose: PURPOSE,
    }))
}

/// Asks a wallet.
pub(super) async fn ask(State(app): State<App>, Input(form): Input<AskForm>) -> Result<Next<Wait>, Problem> {
    ground(&app)?;
    let cafe = cafe(&app).await?;
    let wanted = match form.format.as_str() {
        "mdoc" => json!({"id": "eid", "format": "mso_mdoc", "meta": {"doctype_value": mdoc::EID},
            "claims": [{"path": [mdoc::EID, "age_over_18"]}]}),
        _ => {
            json!({"id": "eid", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}, "claims": [{"path": ["age_over_18"]}]})
        }
    };
    let query = json!({"credentials": [wanted]});
    let same_device = !form.same.is_empty();
    let wanted = Wanted {
        query: Dcql::parse(&query).map_err(Problem::internal)?,
        mode: Mode::DirectPostJwt,
        by_name: false,
        transaction_data: Vec::new(),
        origin: None,
        redirect_uri: same_device.then(|| format!("{}/sandbox/over-18/{{id}}", app.config.public_url)),
    };
    let opened = presentation::open(&app, &cafe, wanted).await?;
    let wallet = opened.link(&format!("{}/wallet", app.config.public_url));
    let wait = format!("/sandbox/over-18/{}?client_id={}", opened.request, opened.client_id);
    Ok(Next {
        to: if same_device { wallet.clone() } else { wait },
        view: waiting(&app, opened.request, &opened.client_id, "waiting"),
    })
}

/// By which a browser comes back.
#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    client_id: String,
    response_code: Option<String>,
}

/// Shows the code until a wallet has answered, then the outcome.
pub(super) async fn wait(
    State(app): State<App>,
    Path(id): Path<RequestId>,
    Query(back): Query<Back>,
) -> Result<Page<Wait>, Problem> {
    let cafe = cafe(&app).await?;
    let outcome = presentation::outcome(&app, cafe.verifier, id, back.response_code.as_deref()).await?;
    let state = match outcome {
        Outcome::Waiting => "waiting",
        Outcome::Expired => "expired",
        Outcome::Refused => "refused",
        Outcome::Answered(shown) => {
            let of_age = |one: &presentation::Shown| {
                let claims = one.claims.get(mdoc::EID).unwrap_or(&one.claims);
                claims.get("age_over_18") == Some(&Value::Bool(true))
            };
            if shown.iter().any(of_age) {
                "over-18"
            } else {
                "under-18"
            }
        }
    };
    Ok(Page(waiting(&app, id, &back.client_id, state)))
}

fn waiting(app: &App, id: RequestId, client_id: &str, state: &'static str) -> Wait {
    let opened = presentation::Opened {
        request: id,
        request_uri: format!("{}/presentation/objects/{id}", app.config.public_url),
        client_id: client_id.to_owned(),
        expires_at: app.clock.now(),
    };
    let link = opened.link("openid4vp://authorize");
    let code = if state == "waiting" {
        qr::drawn(&link)
    } else {
        String::new()
    };
    Wait {
        id,
        state,
        wallet: opened.link(&format!("{}/wallet", app.config.public_url)),
        link,
        code,
    }
}

/// The verifier, registered for this one question.
async fn cafe(app: &App) -> Result<Verifier, Problem> {
    let may = |document: &str, path: &[&str]| RegisteredType {
        document: document.to_owned(),
        claims: vec![ClaimPath::of(path.iter().copied())],
    };
    let registered = Registered(vec![
        may(VCT, &["age_over_18"]),
        may(mdoc::EID, &[mdoc::EID, "age_over_18"]),
    ]);
    if let Some(known) = app.db.read(|conn| presentation::find(conn, NAME)).await?
        && known.registered == registered
    {
        return Ok(known);
    }
    let (cafe, _secret) = presentation::register(app, NAME, PURPOSE, registered).await?;
    Ok(cafe)
}
