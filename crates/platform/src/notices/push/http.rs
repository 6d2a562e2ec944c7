use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use crypto::base64url;
use crypto::push::is_key;
use crypto::sign::Signer as _;
use http::header;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{MOST, PushId, Record, Subscription, store};
use crate::app::App;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;
use crate::shell::whence::Whence;
use crate::shell::{assets, keys, outward};

/// The longest address of a subscription that is taken.
const LONGEST: usize = 2000;

/// The browsers of the citizen that get push messages.
#[derive(Template, Serialize)]
#[template(path = "notices/push/pages/push.html")]
pub(super) struct Browsers {
    /// Our public key, as a browser wants it (`applicationServerKey`).
    key: String,
    browsers: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    push: PushId,
    label: String,
    subscribed_at: Timestamp,
}

async fn view(app: &App, person: PersonId) -> Result<Browsers, Problem> {
    let signer = app.keys.signer(keys::PUSH).map_err(Problem::internal)?;
    let rows = app.db.read(move |conn| store::list(conn, &person)).await?;
    let shown = rows.into_iter().map(|row| {
        let (push, subscribed_at) = (row.push, row.subscribed_at);
        let label = Subscription::open(&app.vault, row)?.record.label;
        Ok(Shown {
            push,
            label,
            subscribed_at,
        })
    });
    Ok(Browsers {
        key: base64url::encode(signer.public().key().bytes()),
        browsers: shown.collect::<Result<_, Problem>>()?,
    })
}

/// Shows them.
pub(super) async fn show(State(app): State<App>, citizen: Citizen) -> Result<Page<Browsers>, Problem> {
    Ok(Page(view(&app, citizen.person).await?))
}

/// A subscription, as a browser tells it (`PushSubscription.toJSON()`).
#[derive(Deserialize)]
pub(super) struct Subscribed {
    #[serde(default)]
    endpoint: String,
    #[serde(default)]
    keys: Keys,
}

#[derive(Default, Deserialize)]
struct Keys {
    #[serde(default)]
    p256dh: String,
    #[serde(default)]
    auth: String,
}

/// Takes a browser in.
pub(super) async fn subscribe(
    State(app): State<App>,
    citizen: Citizen,
    Input(said): Input<Subscribed>,
) -> Result<Next<Browsers>, Problem> {
    let record = Record {
        endpoint: said.endpoint,
        key: said.keys.p256dh,
        auth: said.keys.auth,
        label: Whence::here().browser(),
    };
    let mut faults = Vec::new();
    if record.endpoint.len() > LONGEST || !outward::may_be_registered(&app, &record.endpoint) {
        faults.push(Fault::new("endpoint", "notices-push-endpoint-fault"));
    }
    if !record.browser().is_some_and(|browser| is_key(&browser.key)) {
        faults.push(Fault::new("keys", "notices-push-keys-fault"));
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults).on(view(&app, citizen.person).await?));
    }

    let signer = app.keys.signer(keys::PUSH).map_err(Problem::internal)?;
    let digest = app.vault.digest("notice-push", record.endpoint.as_bytes());
    let push: PushId = digest.as_chunks::<16>().0.first().copied().unwrap_or_default().into();
    let row = store::Row {
        push,
        browser_sealed: app.vault.seal_record("notice_push", "browser", push.bytes(), &record)?,
        key_id: signer.key_id().to_owned(),
        subscribed_at: app.clock.now(),
    };
    let person = citizen.person;
    app.db.write(move |tx| store::put(tx, &person, &row, MOST)).await?;
    next(&app, person).await
}

/// Takes a browser out.
pub(super) async fn remove(
    State(app): State<App>,
    citizen: Citizen,
    Path(push): Path<PushId>,
) -> Result<Next<Browsers>, Problem> {
    let person = citizen.person;
    app.db.write(move |tx| store::remove(tx, &person, &push)).await?;
    next(&app, person).await
}

async fn next(app: &App, person: PersonId) -> Result<Next<Browsers>, Problem> {
    Ok(Next {
        to: "/notices/push".to_owned(),
        view: view(app, person).await?,
    })
}

/// The script that shows push messages.
pub(super) async fn worker() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, assets::text("push-worker.js").unwrap_or_default()).into_response()
}
