use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use crypto::base64url;
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::ground;
use super::{GRANT, NAME, post, signed, userinfo};
use crate::app::App;
use crate::shell::filters;
use crate::shell::input::Input;
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};

/// What a customer may come for.
const MATTERS: [(&str, &str); 3] = [
    ("open-account", "Mở tài khoản"),
    ("withdraw", "Rút tiền mặt"),
    ("new-card", "Cấp lại thẻ"),
];

/// The clerk's screen.
#[derive(Clone, Debug, Template, Serialize)]
#[template(path = "sandbox/pages/clerk.html")]
pub(super) struct Counter {
    name: &'static str,
    matters: Vec<&'static str>,
}

/// The words for both screens, or what the customer said.
#[derive(Template, Serialize)]
#[template(path = "sandbox/pages/clerk_wait.html")]
pub(super) struct Wait {
    name: &'static str,
    /// `waiting`, `approved`, `access_denied`, `expired_token`, or another error.
    state: String,
    words: String,
    /// What the bank learned.
    customer: Option<Customer>,
    here: String,
}

/// What the address carries, sealed: the bank keeps nothing else.
#[derive(Serialize, Deserialize)]
struct Matter {
    auth_req_id: String,
    words: String,
    state: String,
    customer: Option<Customer>,
}

/// What the bank learned of the customer.
#[derive(Serialize, Deserialize)]
struct Customer {
    name: String,
    birthdate: String,
}

fn counter() -> Counter {
    Counter {
        name: NAME,
        matters: MATTERS.iter().map(|(word, _)| *word).collect(),
    }
}

/// Shows the clerk's screen.
pub(super) async fn show(State(app): State<App>) -> Result<Page<Counter>, Problem> {
    ground(&app)?;
    Ok(Page(counter()))
}

#[derive(Deserialize)]
pub(super) struct AskForm {
    number: String,
    matter: String,
}

/// Asks for the customer.
pub(super) async fn ask(State(app): State<App>, Input(form): Input<AskForm>) -> Result<Next<Wait>, Problem> {
    ground(&app)?;
    let matter = MATTERS.iter().find(|(word, _)| *word == form.matter);
    let Some((_, matter)) = matter else {
        return Err(Problem::invalid(vec![Fault::new("matter", "sandbox-clerk-matter-unknown")]).on(counter()));
    };
    let code: String = app.chance.code().chars().take(4).collect();
    let words = format!("{matter} – quầy 5 – mã {code}");
    let request = signed(
        &app,
        &json!({ "scope": "openid profile", "login_hint": form.number.trim(), "binding_message": words }),
    )?;
    let (_, answer) = post(&app, "/sso/backchannel", &[("request", &request)]).await?;
    let Some(auth_req_id) = answer.get("auth_req_id").and_then(Value::as_str) else {
        return Err(Problem::invalid(vec![Fault::new("number", "sandbox-clerk-refused")]).on(counter()));
    };
    let matter = Matter {
        auth_req_id: auth_req_id.to_owned(),
        words,
        state: "waiting".to_owned(),
        customer: None,
    };
    let view = view(&app, matter)?;
    Ok(Next {
        to: view.here.clone(),
        view,
    })
}

/// Shows the words, then what the customer said.
pub(super) async fn wait(State(app): State<App>, Path(state): Path<String>) -> Result<Response, Problem> {
    ground(&app)?;
    let sealed = base64url::decode(&state).map_err(|_error| Problem::not_found())?;
    let matter: Matter = app
        .vault
        .open_record("sandbox", "clerk", b"", &sealed)
        .map_err(|_error| Problem::not_found())?;
    if matter.state != "waiting" {
        return Ok(Page(view(&app, matter)?).into_response());
    }
    let fields = [("grant_type", GRANT), ("auth_req_id", matter.auth_req_id.as_str())];
    let (status, answer) = post(&app, "/sso/token", &fields).await?;
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let error = text("error").unwrap_or_default();
    if ["authorization_pending", "slow_down"].contains(&error) {
        return Ok(Page(view(&app, matter)?).into_response());
    }
    let customer = match text("access_token") {
        Some(token) if status == StatusCode::OK => serde_json::from_value(userinfo(&app, token).await?).ok(),
        _ => None,
    };
    let state = if customer.is_some() { "approved" } else { error };
    let over = view(
        &app,
        Matter {
            state: state.to_owned(),
            customer,
            ..matter
        },
    )?;
    let to = HeaderValue::from_str(&over.here).map_err(Problem::internal)?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)], axum::Json(over)).into_response())
}

fn view(app: &App, matter: Matter) -> Result<Wait, Problem> {
    let sealed = app.vault.seal_record("sandbox", "clerk", b"", &matter)?;
    Ok(Wait {
        name: NAME,
        here: format!("/sandbox/bank-counter/{}", base64url::encode(sealed)),
        state: matter.state,
        words: matter.words,
        customer: matter.customer,
    })
}
