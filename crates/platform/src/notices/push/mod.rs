//! Push messages of browsers (*thông báo đẩy*): encrypted for the browser (RFC 8291) and handed to its push service, which knows us by a key of ours
//! (VAPID, RFC 8292). A service worker shows what comes, also when no page is open.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /notices/push` | the browsers that get push messages, and our key |
//! | `POST /notices/push` | this browser gets them: the subscription, as the browser tells it |
//! | `POST /notices/push/{push}/removal` | a browser gets none any more |
//! | `GET /notices/push/worker.js` | the script that shows them |
//!
//! **Invariant:** nothing is posted to an address inside, whatever a browser says where its push service is.
//! **Invariant:** a push service learns when a message goes to which browser, never what it says.
//! **Invariant:** a subscription that its service calls gone is dropped; a browser that changes hands leaves the person who had it.

use std::time::Duration;

use ::http::{StatusCode, header};
use axum::Router;
use axum::routing;
use crypto::push::{Browser, Dice, encrypt};
use crypto::sign::Signer as _;
use crypto::{base64url, jws};
use db::{Conn, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use super::Priority;
use crate::app::App;
use crate::shell::ids::{PersonId, id};
use crate::shell::jobs::Failure;
use crate::shell::keys;
use crate::shell::outward;
use crate::shell::problem::Problem;
use crate::shell::vault::{Unreadable, Vault};

mod http;
mod store;

#[cfg(test)]
mod tests;

id! {
    /// A browser that gets push messages: made of its subscription's address.
    PushId
}

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/notices/push", routing::get(http::show).post(http::subscribe))
        .route("/notices/push/{push}/removal", routing::post(http::remove))
        .route("/notices/push/worker.js", routing::get(http::worker))
}

/// How many browsers a person may have; the one that was added first makes room.
const MOST: i64 = 8;
/// How long a push service may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a push service keeps a message for a browser that is away, in seconds.
const KEPT_FOR: i64 = 3 * 24 * 3600;
/// How long a proof of our key is good for, in seconds; a day at most (RFC 8292 section 2).
const PROOF_LASTS: i64 = 12 * 3600;

/// A subscription.
pub(super) struct Subscription {
    pub(super) push: PushId,
    record: Record,
    key_id: String,
}

/// A subscription as it is kept.
#[derive(Clone, Serialize, Deserialize)]
struct Record {
    endpoint: String,
    key: String,
    auth: String,
    label: String,
}

impl Record {
    fn browser(&self) -> Option<Browser> {
        let bytes = |text: &str| base64url::decode(text.trim_end_matches('=')).ok();
        Some(Browser {
            key: bytes(&self.key)?.try_into().ok()?,
            auth: bytes(&self.auth)?.try_into().ok()?,
        })
    }

    /// The push service, as it is named in proofs.
    fn service(&self) -> Option<String> {
        Some(Url::parse(&self.endpoint).ok()?.origin().ascii_serialization())
    }
}

impl Subscription {
    fn open(vault: &Vault, row: store::Row) -> Result<Self, Unreadable> {
        let record = vault.open_record("notice_push", "browser", row.push.bytes(), &row.browser_sealed)?;
        Ok(Self {
            push: row.push,
            record,
            key_id: row.key_id,
        })
    }

    /// Where it is counted: the host of the push service.
    pub(super) fn gateway(&self) -> String {
        let url = Url::parse(&self.record.endpoint).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or("?");
        format!("push {host}")
    }
}

/// The browsers of a person.
///
/// # Errors
/// Those of the database and of the vault.
pub(super) fn list(conn: &mut Conn<'_>, vault: &Vault, person: &PersonId) -> Result<Vec<Subscription>, Problem> {
    let rows = store::list(conn, person)?;
    let opened = rows.into_iter().map(|row| Ok(Subscription::open(vault, row)?));
    opened.collect()
}

/// Forgets the browsers of a person.
///
/// # Errors
/// Those of the database.
pub(super) fn forget(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), db::Error> {
    store::remove_all(tx, person)
}

/// What a browser shows.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    /// The same for the same note, so that a browser shows it once.
    pub(super) tag: String,
    pub(super) title: String,
    pub(super) text: &'a str,
    pub(super) link: &'a str,
    pub(super) lang: &'static str,
}

/// Hands a message to a browser's push service; answers whether it took it. Where the subscription is gone it is dropped.
pub(super) async fn send(
    app: &App,
    person: &PersonId,
    to: &Subscription,
    shown: &Shown<'_>,
    priority: Priority,
) -> Result<bool, Failure> {
    let signer = app
        .keys
        .signer(keys::PUSH)
        .map_err(|error| Failure::Again(error.to_string()))?;
    let (Some(browser), Some(service)) = (to.record.browser(), to.record.service()) else {
        return drop_it(app, person, to).await;
    };
    // A browser takes messages under the key with which it subscribed alone; it subscribes anew when its page is opened.
    if to.key_id != signer.key_id() {
        return drop_it(app, person, to).await;
    }
    if !outward::may_be_registered(app, &to.record.endpoint) {
        return Err(Failure::Never("the address is not one of the open net".to_owned()));
    }
    let message = serde_json::to_vec(shown).unwrap_or_default();
    let dice = Dice {
        number: app.chance.bytes(),
        salt: app.chance.bytes(),
    };
    let sealed = encrypt(&browser, &message, dice).map_err(|error| Failure::Again(error.to_string()))?;
    let claims = json!({
        "aud": service,
        "exp": app.clock.now().as_second().saturating_add(PROOF_LASTS),
        "sub": format!("{}/", app.config.public_url),
    });
    let proof = jws::sign(&*signer, Some("JWT"), claims.to_string().as_bytes())
        .map_err(|error| Failure::Again(error.to_string()))?;
    let key = base64url::encode(signer.public().key().bytes());
    let again = |error: reqwest::Error| Failure::Again(error.without_url().to_string());
    let answer = outward::client(app, PATIENCE)
        .map_err(again)?
        .post(&to.record.endpoint)
        .header(header::AUTHORIZATION, format!("vapid t={proof}, k={key}"))
        .header(header::CONTENT_ENCODING, "aes128gcm")
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header("ttl", KEPT_FOR)
        .header("urgency", urgency(priority))
        .header("topic", &shown.tag)
        .body(sealed)
        .send()
        .await
        .map_err(again)?;
    match answer.status() {
        status if status.is_success() => Ok(true),
        StatusCode::NOT_FOUND | StatusCode::GONE => drop_it(app, person, to).await,
        status @ (StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT) => {
            Err(Failure::Again(format!("the push service answered {status}")))
        }
        status if status.is_client_error() => Err(Failure::Never(format!("the push service answered {status}"))),
        status => Err(Failure::Again(format!("the push service answered {status}"))),
    }
}

/// Forgets a subscription, by which nothing leaves.
async fn drop_it(app: &App, person: &PersonId, gone: &Subscription) -> Result<bool, Failure> {
    metrics::counter!("vneid_push_gone_total").increment(1);
    let (person, push) = (*person, gone.push);
    app.db.write(move |tx| store::remove(tx, &person, &push)).await?;
    Ok(false)
}

/// What a push service needs to know to spare a battery (RFC 8030 section 5.3).
fn urgency(priority: Priority) -> &'static str {
    match priority {
        Priority::Urgent => "high",
        Priority::Usual => "normal",
        Priority::Leisure => "very-low",
    }
}
