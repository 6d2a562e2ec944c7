use askama::Template;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::store;
use crate::app::App;
use crate::ledger::{self, Proof};
use crate::shell::filters;
use crate::shell::input::Query;
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;

/// How many looks a page shows.
const PAGE: i64 = 50;

/// Where a page of the history begins.
#[derive(Debug, Deserialize)]
pub(super) struct Before {
    before: Option<Timestamp>,
}

/// The citizen's own history.
#[derive(Template, Serialize)]
#[template(path = "history/pages/history.html")]
pub(super) struct History {
    looks: Vec<Entry>,
    older: Option<Timestamp>,
}

#[derive(Serialize)]
struct Entry {
    at: Timestamp,
    who: &'static str,
    name: String,
    purpose: String,
    what: Vec<String>,
    /// That the ledger has it.
    proof: Proof,
}

/// Shows who looked at the citizen's data.
pub(super) async fn show(
    State(app): State<App>,
    citizen: Citizen,
    Query(page): Query<Before>,
) -> Result<Page<History>, Problem> {
    let before = page
        .before
        .unwrap_or_else(|| app.clock.now() + SignedDuration::from_secs(1));

    let rows = app
        .db
        .read(move |conn| store::list(conn, &citizen.person, before, PAGE))
        .await?;

    let older = (rows.len() == 50).then(|| rows.last().map(|row| row.at)).flatten();
    let mut looks = Vec::new();
    for row in rows {
        let name = row.name(&app.vault)?;
        let commitment = row.commitment(&app.vault, &citizen.person, &name);
        looks.push((row, name, commitment));
    }
    let commitments: Vec<_> = looks.iter().map(|(_, _, commitment)| commitment.clone()).collect();
    let proofs = app
        .db
        .read(move |conn| {
            let mut standings = commitments.iter().map(|commitment| {
                let standing = ledger::standing(conn, commitment)?;
                Ok::<_, db::Error>(Proof::of(commitment, standing))
            });
            standings.by_ref().collect::<Result<Vec<_>, _>>()
        })
        .await?;
    let looks = looks
        .into_iter()
        .zip(proofs)
        .map(|((row, name, _), proof)| entry(row, name, proof))
        .collect();
    Ok(Page(History { looks, older }))
}

fn entry(row: store::Row, name: String, proof: Proof) -> Entry {
    let who = match row.who_kind.as_str() {
        "officer" => "officer",
        "partner" => "partner",
        "holder" => "holder",
        _ => "platform",
    };
    Entry {
        at: row.at,
        who,
        name,
        purpose: row.purpose,
        what: row.what.split_whitespace().map(str::to_owned).collect(),
        proof,
    }
}
