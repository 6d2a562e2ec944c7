use std::collections::BTreeSet;
use std::time::Duration;

use axum::extract::State as Of;
use jiff::SignedDuration;
use url::Url;

use super::Step;
use crate::app::App;
use crate::partners::ConnectionId;
use crate::partners::credentials::challenge;
use crate::partners::failures::store as failures;
use crate::partners::http::opened;
use crate::partners::portal::http::{Connection, own};
use crate::partners::rules::Role;
use crate::shell::input::Path;
use crate::shell::outward;
use crate::shell::page::Next;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;

/// Where a site shows our challenge.
pub(in crate::partners) const WELL_KNOWN: &str = "/.well-known/vneid-challenge";
/// How long a site may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most that is read of its answer.
const LARGEST: usize = 64 * 1024;

/// Asks the partner's sites, and notes what they do right.
pub(in crate::partners) async fn run(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<ConnectionId>,
) -> Result<Next<Connection>, Problem> {
    let seat = own(&app, &citizen, id, Role::Developer).await?;
    let uris = opened(&app, &seat.row)?.redirect_uris;
    let now = app.clock.now();
    // An address itself is not resolved again, so it is looked at here.
    let open = uris.iter().all(|uri| outward::may_be_registered(&app, uri));
    let challenges = [now, now - SignedDuration::from_hours(1)].map(|at| challenge(&app, &id, at));
    let client = client(&app)?;

    let mut passed = Vec::new();
    if open && all_show(&client, &uris, &challenges).await {
        passed.push(Step::Sites);
    }
    if open && all_withstand(&client, &uris).await {
        passed.push(Step::Forged);
    }
    let trial = seat.row.trial_client.clone();
    app.db.write(move |tx| failures::pass(tx, &trial, &passed, now)).await?;

    Ok(Next {
        to: format!("/partners/connections/{id}"),
        view: Connection::load(&app, seat, None).await?,
    })
}

/// The client for the partners' sites.
pub(in crate::partners) fn client(app: &App) -> Result<reqwest::Client, Problem> {
    outward::client(app, PATIENCE).map_err(Problem::internal)
}

/// What a site answers at an address, as far as it is read.
pub(in crate::partners) async fn text_at(client: &reqwest::Client, address: &str) -> Option<String> {
    let mut answer = client.get(address).send().await.ok()?;
    let mut bytes = Vec::new();
    while let Ok(Some(piece)) = answer.chunk().await {
        bytes.extend_from_slice(&piece);
        if bytes.len() > LARGEST {
            return None;
        }
    }
    String::from_utf8(bytes).ok()
}

/// Whether every site of the addresses shows one of the challenges.
async fn all_show(client: &reqwest::Client, uris: &[String], challenges: &[String]) -> bool {
    let sites: BTreeSet<String> = uris
        .iter()
        .filter_map(|uri| Some(Url::parse(uri).ok()?.origin().ascii_serialization()))
        .collect();
    for site in sites {
        let text = text_at(client, &format!("{site}{WELL_KNOWN}"))
            .await
            .unwrap_or_default();
        if !challenges.iter().any(|challenge| text.contains(challenge.as_str())) {
            return false;
        }
    }
    true
}

/// Whether no address takes an answer that nobody asked for: with a foreign state, a foreign code, another issuer.
async fn all_withstand(client: &reqwest::Client, uris: &[String]) -> bool {
    for uri in uris {
        let Ok(mut forged) = Url::parse(uri) else { return false };
        forged
            .query_pairs_mut()
            .append_pair("code", "forged")
            .append_pair("state", "forged")
            .append_pair("iss", "https://attacker.invalid");
        let Ok(answer) = client.get(forged).send().await else {
            return false;
        };
        // A page of error, or a way back to the beginning; not a good page, and no broken program.
        if !(300..500).contains(&answer.status().as_u16()) {
            return false;
        }
    }
    true
}
