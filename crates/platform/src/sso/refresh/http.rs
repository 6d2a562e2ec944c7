use std::sync::Arc;

use axum::response::Response;
use crypto::secret::Secret;
use db::Conn;
use jiff::{SignedDuration, Timestamp};
use oidc::claims::Scopes;
use oidc::client::Client;
use oidc::error::Error;
use oidc::refresh::{self, Turn};
use oidc::resource;

use super::store::{self, Kept};
use crate::accounts::{self, Level};
use crate::app::App;
use crate::consents;
use crate::history::{self, Look, Purpose, Who};
use crate::locks::{self, Asking};
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;
use crate::shell::vault::Vault;
use crate::sso::proofs::Proven;
use crate::sso::rules::{self, TOKEN_LIFE, Ticket, Use};
use crate::sso::tokens::http::{Grant, Refused, answer};
use crate::sso::tokens::store::{self as tokens, Token};

/// What is asked for with a refresh token.
pub(in crate::sso) struct Wish {
    pub(in crate::sso) token: Secret<String>,
    pub(in crate::sso) scope: Option<Scopes>,
    pub(in crate::sso) resources: Vec<String>,
}

/// What came of a refresh token.
enum Renewed {
    /// A new access token, and perhaps a new refresh token.
    Given {
        kept: Box<Kept>,
        scopes: Scopes,
        replaced: bool,
    },
    /// It was used before: its family has ended.
    Ended,
}

/// A relying party gets a new access token.
pub(in crate::sso) async fn renew(app: &App, proven: Arc<Proven>, wish: Wish) -> Result<Response, Refused> {
    let holder = proven.shown.bind(&proven.client)?;
    let old = Ticket::read(&app.vault, Use::Refresh, wish.token.expose()).ok_or(Error::refresh())?;
    let now = proven.now;
    let end = now + SignedDuration::from_secs(TOKEN_LIFE.into());
    let (access, access_token) = Ticket::draw(&app.vault, &app.chance, Use::Token, old.person, end);
    let (next, next_token) = draw_next(app, &proven, old.person);
    let (party, bound, platform) = (proven.clone(), holder.clone(), app.clone());

    let renewed = app
        .db
        .write(move |tx| -> Result<Renewed, Refused> {
            party.use_up(tx)?;
            let kept = store::find(tx, &old)?.ok_or(Error::refresh())?;
            if !is_in_order(tx, &platform.vault, (&old.person, &party.client), now)? {
                return Err(Error::refresh().into());
            }
            let family = &kept.family;
            // What goes into a wallet is renewed as long as the wallet has it.
            if !family.scopes.have_credentials() && consents::is_over(tx, &old.person, party.client.id(), now)? {
                return Err(Error::refresh().into());
            }
            let turn = family.turn(&party.client, bound.as_ref(), old.expires_at, kept.used, now)?;
            let replaced = turn == Turn::Replace;
            if turn == Turn::EndFamily || (replaced && !store::use_up(tx, &old, now)?) {
                store::end_family(tx, &old.person, &kept.code_digest, now)?;
                tokens::revoke_of_code(tx, &old.person, &kept.code_digest, now)?;
                return Ok(Renewed::Ended);
            }
            let scopes = kept.family.narrow(&party.client, wish.scope.as_ref())?;
            let resources = resource::narrow(&kept.family.resources, wish.resources.clone())?;
            let token = Token {
                code_digest: &kept.code_digest,
                client_id: party.client.id(),
                scopes: &scopes.to_string(),
                holder: bound.as_ref(),
                resources: &resources,
                session: &kept.session,
            };
            tokens::insert(tx, &access, &token, now)?;
            history::record(tx, &telling(&platform, &party, old.person, &scopes)).map_err(Problem::from)?;
            if replaced {
                store::insert(tx, &next, &kept, now)?;
            }
            Ok(Renewed::Given {
                kept: Box::new(kept),
                scopes,
                replaced,
            })
        })
        .await?;

    match renewed {
        Renewed::Ended => Err(Error::refresh().into()),
        Renewed::Given { kept, scopes, replaced } => {
            let grant = Grant {
                session: &kept.session,
                nonce: None,
                scopes,
                holder: holder.as_ref(),
                access_token,
                refresh_token: replaced.then_some(next_token),
            };
            Ok(answer(app, &proven.client, grant)?)
        }
    }
}

/// The entry in the person's history: the relying party may ask anew, without the person being there.
fn telling(app: &App, party: &Proven, person: PersonId, scopes: &Scopes) -> Look {
    let partner = Who::Partner(party.client.name().to_owned());
    Look::now(app, person, &partner, Purpose::SignInElsewhere, &rules::what(scopes))
}

fn draw_next(app: &App, proven: &Proven, person: PersonId) -> (Ticket, String) {
    let end = refresh::ends_at(&proven.client, proven.now);
    Ticket::draw(&app.vault, &app.chance, Use::Refresh, person, end)
}

/// Whether the person's account can still be used, by this client: who has none any more, or has locked it, is not told about.
fn is_in_order(
    conn: &mut Conn<'_>,
    vault: &Vault,
    (person, client): (&PersonId, &Client),
    now: Timestamp,
) -> Result<bool, Problem> {
    let account = accounts::find(conn, vault, person)?;
    let is_used = account.is_some_and(|account| account.level != Level::Zero);
    Ok(is_used && locks::refusal(conn, person, &Asking::of(client), now)?.is_none())
}
