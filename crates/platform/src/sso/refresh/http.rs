use std::sync::Arc;

use axum::response::Response;
use crypto::secret::Secret;
use db::{Conn, Tx};
use jiff::{SignedDuration, Timestamp};
use oidc::claims::Scopes;
use oidc::client::Client;
use oidc::error::Error;
use oidc::refresh::{self, Turn};
use oidc::resource;
use oidc::sender::Confirmation;
use oidc::wanted::Wanted;

use super::store::{self, Kept};
use crate::accounts::{self, Level};
use crate::app::App;
use crate::consents;
use crate::history::{self, Look, Purpose, Who};
use crate::locks::{self, Asking};
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;
use crate::sso::proofs::Proven;
use crate::sso::rules::{self, TOKEN_LIFE, Ticket, Use};
use crate::sso::tokens::Texts;
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
        wanted: Wanted,
        scopes: Scopes,
        audience: Option<String>,
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
    let renewal = Renewal {
        app: app.clone(),
        party: proven.clone(),
        holder: holder.clone(),
        old,
        access,
        next,
        wish,
    };
    let renewed = app.db.write(move |tx| renewal.write(tx)).await?;

    match renewed {
        Renewed::Ended => Err(Error::refresh().into()),
        Renewed::Given {
            kept,
            wanted,
            scopes,
            audience,
            replaced,
        } => {
            let grant = Grant {
                session: &kept.session,
                nonce: None,
                scopes,
                holder: holder.as_ref(),
                texts: Texts {
                    access: access_token,
                    expires_in: TOKEN_LIFE,
                    refresh: replaced.then_some(next_token),
                },
                audience,
                wanted,
            };
            Ok(answer(app, &proven.client, grant).await?)
        }
    }
}

/// A refresh token about to be used.
struct Renewal {
    app: App,
    party: Arc<Proven>,
    holder: Option<Confirmation>,
    old: Ticket,
    access: Ticket,
    next: Ticket,
    wish: Wish,
}

impl Renewal {
    fn write(&self, tx: &mut Tx<'_>) -> Result<Renewed, Refused> {
        let (client, old, now) = (&self.party.client, &self.old, self.party.now);
        let (vault, holder) = (&self.app.vault, self.holder.as_ref());
        self.party.use_up(tx)?;
        let kept = store::find(tx, old)?.ok_or(Error::refresh())?;
        if !is_in_order(tx, (&old.person, client), now)? {
            return Err(Error::refresh().into());
        }
        // What goes into a wallet is renewed as long as the wallet has it.
        if !kept.family.scopes.have_credentials() && consents::is_over(tx, &old.person, client.id(), now)? {
            return Err(Error::refresh().into());
        }
        let turn = kept.family.turn(client, holder, old.expires_at, kept.used, now)?;
        let replaced = turn == Turn::Replace;
        if turn == Turn::EndFamily || (replaced && !store::use_up(tx, old, now)?) {
            store::end_family(tx, &old.person, &kept.code_digest, now)?;
            tokens::revoke_of_code(tx, &old.person, &kept.code_digest, now)?;
            return Ok(Renewed::Ended);
        }
        let scopes = kept.family.narrow(client, self.wish.scope.as_ref())?;
        let issuer = &self.app.sso.provider.issuer;
        let audience = resource::target(&kept.family.resources, self.wish.resources.clone(), issuer)?;
        let wanted = rules::open_wanted(vault, "sso_refresh", &old.digest, kept.wanted_sealed.as_ref())?;
        let sealed = rules::seal_wanted(vault, "sso_token", &self.access, &wanted)?;
        let token = Token {
            code_digest: &kept.code_digest,
            client_id: client.id(),
            scopes: &scopes.to_string(),
            holder,
            audience: audience.as_deref(),
            session: &kept.session,
            wanted_sealed: sealed.as_deref(),
        };
        tokens::insert(tx, &self.access, &token, now)?;
        history::record(tx, &telling(&self.app, &self.party, old.person, &scopes)).map_err(Problem::from)?;
        if replaced {
            let wanted_sealed = rules::seal_wanted(vault, "sso_refresh", &self.next, &wanted)?;
            let next = Kept {
                wanted_sealed,
                ..kept.clone()
            };
            store::insert(tx, &self.next, &next, now)?;
        }
        Ok(Renewed::Given {
            kept: Box::new(kept),
            wanted,
            scopes,
            audience,
            replaced,
        })
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
fn is_in_order(conn: &mut Conn<'_>, (person, client): (&PersonId, &Client), now: Timestamp) -> Result<bool, db::Error> {
    let is_used = accounts::level(conn, person)?.is_some_and(|level| level != Level::Zero);
    Ok(is_used && locks::refusal(conn, person, &Asking::of(client), now)?.is_none())
}
