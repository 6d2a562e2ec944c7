//! Relying parties as other capabilities see them: who knows a person, and by which name; who calls a resource of ours; what is taken back
//! from them all at once.

use std::sync::Arc;

use db::{Conn, Tx};
use jiff::Timestamp;
use oidc::client::Client;
use oidc::provider::Issuer;
use oidc::subject;

use super::clients;
use crate::app::App;
use crate::consents;
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;

mod http;
mod store;

pub(crate) use http::caller;

/// The relying parties that know a person: those that the person agreed to, and those that hold a token.
///
/// # Errors
/// Those of the database.
pub(crate) fn who_know(conn: &mut Conn<'_>, person: &PersonId, now: Timestamp) -> Result<Vec<String>, db::Error> {
    let mut know = consents::known_to(conn, person, now)?;
    know.extend(store::holders(conn, person, now)?);
    know.sort();
    know.dedup();
    Ok(know)
}

/// The name by which a relying party knows a person; none if it does not, or not any more.
///
/// # Errors
/// Those of the database.
pub(crate) async fn known_as(app: &App, client_id: &str, person: &PersonId) -> Result<Option<String>, Problem> {
    let (id, who, now) = (client_id.to_owned(), *person, app.clock.now());
    let know = app.db.read(move |conn| who_know(conn, &who, now)).await?;
    let client = clients::find(app, &id).await?.filter(|_| know.contains(&id));
    Ok(client.map(|client| subject::pairwise(&app.sso.digests, client.sector(), person.bytes())))
}

/// The name by which a relying party knows a person, or would.
///
/// # Errors
/// Those of the database.
pub(crate) async fn pairwise(app: &App, client_id: &str, person: &PersonId) -> Result<Option<String>, Problem> {
    let client = clients::find(app, client_id).await?;
    Ok(client.map(|client| subject::pairwise(&app.sso.digests, client.sector(), person.bytes())))
}

/// The relying party of an identifier.
///
/// # Errors
/// Those of the database.
pub(crate) async fn find(app: &App, client_id: &str) -> Result<Option<Arc<Client>>, Problem> {
    clients::find(app, client_id).await
}

/// The names of relying parties, as people know them.
///
/// # Errors
/// Those of the database.
pub(crate) async fn names(app: &App, client_ids: &[String]) -> Result<Vec<(String, String)>, Problem> {
    let mut names = Vec::new();
    for id in client_ids {
        if let Some(client) = clients::find(app, id).await? {
            names.push((id.clone(), client.name().to_owned()));
        }
    }
    Ok(names)
}

/// Whether relying parties can prove who they are by certificates, here.
pub(crate) fn takes_certificates(app: &App) -> bool {
    app.sso.peers.listens()
}

/// A client for relying parties' addresses, with our certificate.
pub(crate) fn equip(app: &App, client: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    app.sso.peers.equip(client)
}

/// The issuer of all that the platform signs for relying parties.
pub(crate) fn issuer(app: &App) -> &Issuer {
    &app.sso.provider.issuer
}

/// How often codes of a person have been taken back: one from before is worth nothing.
pub(super) fn revocations(conn: &mut Conn<'_>, person: &PersonId) -> Result<i64, db::Error> {
    store::revocations(conn, person)
}

/// Takes back everything that relying parties have of a person: codes, access tokens, refresh tokens.
///
/// # Errors
/// Those of the database.
pub(crate) fn revoke_all(tx: &mut Tx<'_>, person: &PersonId, now: Timestamp) -> Result<(), db::Error> {
    store::revoke_all(tx, person, now)
}

/// Takes back everything that one relying party has of a person, but what the person agreed to.
///
/// # Errors
/// Those of the database.
pub(crate) fn revoke_of(tx: &mut Tx<'_>, person: &PersonId, client_id: &str, now: Timestamp) -> Result<(), db::Error> {
    store::revoke_of(tx, person, client_id, now)
}
