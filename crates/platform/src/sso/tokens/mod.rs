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
use super::codes::Code;
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
    /// How long the access token lives, in seconds.
    pub(super) expires_in: u32,
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
        let end = now + SignedDuration::from_secs(TOKEN_LIFE.into());
        let access = Ticket::draw(&app.vault, &app.chance, Use::Token, person, end);
        Self::with(app, client, access, now)
    }

    /// The tokens of a code: an access token whose name follows from it.
    pub(super) fn of(app: &App, client: &Client, code: &Code, now: Timestamp) -> (Self, Texts) {
        let end = code.token_ends_at();
        let access = Ticket::named(&app.vault, Use::Token, code.person, end, code.name());
        Self::with(app, client, access, now)
    }

    fn with(app: &App, client: &Client, (access, text): (Ticket, String), now: Timestamp) -> (Self, Texts) {
        let may_refresh = client.may_use(GrantType::RefreshToken).is_ok();
        let (vault, chance, end) = (&app.vault, &app.chance, refresh::ends_at(client, now));
        let drawn = may_refresh.then(|| Ticket::draw(vault, chance, Use::Refresh, access.person, end));
        let (refresh, refresh_text) = drawn.unzip();
        let expires_in = access.expires_at.duration_since(now).as_secs();
        let fresh = Self {
            app: app.clone(),
            access,
            refresh,
        };
        let texts = Texts {
            access: text,
            expires_in: u32::try_from(expires_in).unwrap_or(0),
            refresh: refresh_text,
        };
        (fresh, texts)
    }

    /// Keeps them, and notes that the person is signed in to the client. Answers whether they are the first of their name: of a code that was
    /// used before, nothing is kept.
    pub(super) fn keep(
        &self,
        tx: &mut Tx<'_>,
        client: &Client,
        behind: &Behind<'_>,
        now: Timestamp,
    ) -> Result<bool, Refused> {
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
        if !store::insert(tx, &self.access, &token, now)? {
            return Ok(false);
        }
        logout::note(tx, client, behind.session, now)?;
        if client.may_use(GrantType::Ciba).is_ok() {
            let sub = subject::pairwise(&self.app.sso.digests, client.sector(), person.bytes());
            backchannel::know(tx, &sub, person)?;
        }
        let granted = behind.granted.to_vec();
        let family = Family::begin(client, behind.scopes.clone(), granted, behind.holder, now);
        let (Some(family), Some(refresh)) = (family, &self.refresh) else {
            return Ok(true);
        };
        let wanted_sealed = seal_wanted(vault, "sso_refresh", refresh, behind.wanted)?;
        let first = refreshes::Kept::first(*behind.digest, family, behind.session.clone(), wanted_sealed);
        refreshes::insert(tx, refresh, &first, now)?;
        Ok(true)
    }
}
