//! One account for every public service: the platform as an OpenID provider.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /.well-known/openid-configuration` | the provider's metadata |
//! | `GET /.well-known/oauth-authorization-server` | the same, for wallets |
//! | `GET /sso/jwks` | the published keys |
//! | `GET, POST /sso/authorize` | a relying party asks for a person to sign in |
//! | `GET /sso/resume` | the same request again, after the person has signed in |
//! | `POST /sso/consent` | the person agrees or refuses |
//! | `POST /sso/par` | a relying party pushes its request, and gets a name for it |
//! | `POST /sso/token` | a relying party exchanges its code or its refresh token, or asks for itself |
//! | `POST /sso/introspect` | a relying party or a resource asks what a token is good for |
//! | `POST /sso/revoke` | a relying party gives a token back |
//! | `GET, POST /sso/userinfo` | a relying party asks for what was agreed |
//! | `GET, POST /sso/logout` | a relying party asks to end the session |
//! | `POST /sso/backchannel`, `GET /account/requests` | a relying party asks for a person on another device: `backchannel` |
//! | `GET /sso/session` | a relying party's frame asks whether the session is the same: `watch` |
//! | `POST /sso/register` | a program registers itself, in the sandbox: [`registration`] |
//!
//! What the messages mean is decided in the crate `oidc`; here they meet the browser, the database and the account.
//!
//! **Invariant:** a code works once; used again, it takes back the token that it gave.
//! **Invariant:** a pushed request is answered once; a proof of a relying party's key works once; a token that is bound to a key is useless without it.
//! **Invariant:** nothing is told to a relying party that the person has not agreed to, and every telling is in the person's history.
//! **Invariant:** who asks for an authentication level gets it or a refusal, never less.
//! **Invariant:** however a session ends, every relying party that the person is signed in to by it is told.
//! **Invariant:** no two relying parties of different sectors learn the same identifier of a person; codes and tokens do not show it either.

use axum::Router;
use axum::routing::{get, post};
use crypto::digest::DigestKey;
use oidc::dpop::Nonces;
use oidc::provider::{Issuer, NotAnIssuer, Provider};

use crate::app::{App, Capability};
use crate::shell::config::Config;
use crate::shell::jobs::Runner;
use crate::shell::keys::{self, Keys, KeysError};
use crate::shell::peers::Peers;
use crate::shell::texts;

mod authorize;
mod backchannel;
mod clients;
mod codes;
mod http;
mod inquiry;
mod logout;
mod offers;
mod parties;
mod proofs;
mod pushed;
mod refresh;
pub mod registration;
mod resources;
mod rules;
mod tokens;
mod userinfo;
mod watch;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use authorize::{hinted, who_asks};
pub use clients::{NotRegistered, register};
pub(crate) use logout::{Ending, ended, follow};
pub use offers::{NewOffer, Told};
pub(crate) use parties::{
    caller, equip, find, issuer, known_as, names, pairwise, revoke_all, revoke_of, takes_certificates, who_know,
};
pub use resources::{Granted, Refusal, SignIn, granted};
pub(crate) use tokens::http::Challenged;
pub(crate) use watch::cookie as mark;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: learn,
    only_in_sandbox: false,
};

fn learn(runner: &mut Runner) {
    runner.learn::<logout::jobs::Tell>();
    runner.learn::<backchannel::jobs::Call>();
}

fn routes() -> Router<App> {
    Router::new()
        .merge(backchannel::routes())
        .route("/.well-known/openid-configuration", get(http::metadata))
        .route("/.well-known/oauth-authorization-server", get(http::metadata))
        .route("/sso/jwks", get(http::jwks))
        .route(
            "/sso/authorize",
            get(authorize::http::ask).post(authorize::http::ask_by_form),
        )
        .route("/sso/resume", get(authorize::http::resume))
        .route("/sso/consent", post(authorize::http::answer))
        .route("/sso/par", post(pushed::http::push))
        .route("/sso/introspect", post(inquiry::http::introspect))
        .route("/sso/revoke", post(inquiry::http::revoke))
        .route("/sso/token", post(tokens::http::exchange))
        .route("/sso/userinfo", get(userinfo::http::tell).post(userinfo::http::tell))
        .route("/sso/logout", get(logout::http::ask).post(logout::http::ask_by_form))
        .route("/sso/logout/answer", post(logout::http::answer))
        .route(watch::PATH, get(watch::http::show))
}

/// How long a nonce for proofs is told, in seconds; it counts for as long again.
const NONCE_LIFE: u32 = 150;

/// What the provider needs at hand: its name and addresses, its digest key, and the clients it has met.
pub struct Desk {
    provider: Provider,
    digests: DigestKey,
    peers: Peers,
    nonces: Nonces,
    clients: clients::Met,
}

/// The provider cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// The public address is no issuer.
    #[error("public_url cannot be the issuer")]
    Issuer(#[from] NotAnIssuer),
    /// The keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

impl Desk {
    /// The provider at its public address.
    ///
    /// # Errors
    /// [`NotReady`].
    pub fn new(config: &Config, keys: &Keys, peers: Peers) -> Result<Self, NotReady> {
        let provider = Provider::new(Issuer::parse(&config.public_url)?);
        let provider = provider.with_pushed_and_tokens().with_backchannel();
        let provider = Provider {
            watch: Some(watch::PATH),
            registration: config.sandbox.then_some(registration::PATH),
            ..provider
        };
        let address = config.client_certificates.address.clone();
        Ok(Self {
            provider: if peers.listens() {
                provider.with_mutual_tls(address)
            } else {
                provider
            },
            peers,
            nonces: Nonces::new(keys.digests(keys::SSO)?, NONCE_LIFE),
            digests: keys.digests(keys::SSO)?,
            clients: clients::Met::default(),
        })
    }
}
