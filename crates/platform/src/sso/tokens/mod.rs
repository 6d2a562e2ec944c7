//! The token endpoint: what a relying party gets for a code, and for what stands in its place.
//!
//! An access token for our own endpoints is opaque. One for a resource elsewhere is signed (RFC 9068), and wraps a ticket that is kept like
//! any other: it can be taken back, and who asks about it learns that at once.
//!
//! **Invariant:** a token for a resource elsewhere is worth nothing at our own endpoints, nor at any other resource.

use db::Tx;
use jiff::{SignedDuration, Timestamp};
use oidc::claims::Scopes;
use oidc::client::{Client, GrantType};
use oidc::refresh::{self, Family};
use oidc::sender::Confirmation;
use oidc::subject;
use oidc::wanted::Wanted;

use self::http::Refused;
use self::store::Token;
use super::refresh::store as refreshes;
use super::rules::{TOKEN_LIFE, Ticket, Use, seal_wanted};
use super::{backchannel, logout};
use crate::app::App;
use crate::shell::ids::PersonId;
use crate::shell::session::Session;

pub(super) mod http;
pub(super) mod store;

#[cfg(test)]
mod tests;

/// Tokens about to be kept: an access token, and a refresh token for clients that registered for them.
pub(super) struct Fresh {
    app: App,
    access: Ticket,
    refresh: Option<Ticket>,
}

/// Their texts, which are kept nowhere.
pub(super) struct Texts {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
}

/// What stands behind tokens.
pub(super) struct Behind<'a> {
    /// The digest of the code, or of what stands in its place: all that follows from it ends with it.
    pub(super) digest: &'a [u8; 32],
    pub(super) scopes: &'a Scopes,
    /// The resources that were granted.
    pub(super) granted: &'a [String],
    /// The one of them that the access token is for; none for our own endpoints.
    pub(super) audience: Option<&'a str>,
    /// What was asked for beyond the scopes.
    pub(super) wanted: &'a Wanted,
    /// The key that they are bound to.
    pub(super) holder: Option<&'a Confirmation>,
    /// The sign-in.
    pub(super) session: &'a Session,
}

impl Fresh {
    /// Draws tokens for a client about a person.
    pub(super) fn draw(app: &App, client: &Client, person: PersonId, now: Timestamp) -> (Self, Texts) {
        let draw = |purpose, end| Ticket::draw(&app.vault, &app.chance, purpose, person, end);
        let (access, text) = draw(Use::Token, now + SignedDuration::from_secs(TOKEN_LIFE.into()));
        let may_refresh = client.may_use(GrantType::RefreshToken).is_ok();
        let drawn = may_refresh.then(|| draw(Use::Refresh, refresh::ends_at(client, now)));
        let (refresh, refresh_text) = drawn.unzip();
        let fresh = Self {
            app: app.clone(),
            access,
            refresh,
        };
        let texts = Texts {
            access: text,
            refresh: refresh_text,
        };
        (fresh, texts)
    }

    /// Keeps them, and notes that the person is signed in to the client.
    pub(super) fn keep(
        &self,
        tx: &mut Tx<'_>,
        client: &Client,
        behind: &Behind<'_>,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let (vault, person) = (&self.app.vault, &self.access.person);
        let wanted_sealed = seal_wanted(vault, "sso_token", &self.access, behind.wanted)?;
        let token = Token {
            code_digest: behind.digest,
            client_id: client.id(),
            scopes: &behind.scopes.to_string(),
            holder: behind.holder,
            audience: behind.audience,
            session: behind.session,
            wanted_sealed: wanted_sealed.as_deref(),
        };
        store::insert(tx, &self.access, &token, now)?;
        logout::note(tx, client, behind.session, now)?;
        if client.may_use(GrantType::Ciba).is_ok() {
            let sub = subject::pairwise(&self.app.sso.digests, client.sector(), person.bytes());
            backchannel::know(tx, &sub, person)?;
        }
        let granted = behind.granted.to_vec();
        let family = Family::begin(client, behind.scopes.clone(), granted, behind.holder, now);
        let (Some(family), Some(refresh)) = (family, &self.refresh) else {
            return Ok(());
        };
        let wanted_sealed = seal_wanted(vault, "sso_refresh", refresh, behind.wanted)?;
        let first = refreshes::Kept::first(*behind.digest, family, behind.session.clone(), wanted_sealed);
        Ok(refreshes::insert(tx, refresh, &first, now)?)
    }
}
