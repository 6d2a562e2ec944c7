//! Credentials that any standard wallet can hold: who signs them, where their status stands, whom verifiers believe.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /issuance/trust-list` | the signed list of authorities and signers that verifiers believe |
//! | `GET /issuance/trust-list/keys` | the keys of that list, to be pinned |
//! | `GET /issuance/trust-list/versions` | its versions, each with its proof in the ledger |
//! | `GET /issuance/authority` | the authority's certificate, DER |
//! | `GET /issuance/status` | the addresses of all status lists |
//! | `GET /issuance/status/{list}` | a status list, signed: as JWT, or as CWT for who asks for it |
//! | `GET /issuance/types/{vct}` | what the claims of a type are called (SD-JWT VC type metadata) |
//! | `GET /.well-known/openid-credential-issuer` | the issuer's metadata, plain or signed |
//! | `GET /.well-known/jwt-vc-issuer` | the issuer's keys |
//! | `POST /issuance/nonce` | a nonce for proofs of keys |
//! | `POST /issuance/credential` | credentials, one for each key that is proved |
//! | `POST /issuance/deferred` | credentials that were not ready before |
//! | `POST /issuance/notification` | what became of credentials in a wallet |
//! | `/wallets` | `wallets` |
//!
//! Papers (PDF) of other capabilities are sealed by [`papers`].
//!
//! **Invariant:** nothing is signed with a certificate that is about to end: the platform refuses to start instead.
//! **Invariant:** what was revoked stays revoked; a lock suspends all of a person's credentials in its own unit of work, and its end makes them valid again.
//! **Invariant:** a version of the trust list is never given twice with different content, nor does it go back.

use axum::Router;
use axum::routing::{get, post};

use crate::app::{App, Capability};
use crate::shell::texts;

pub mod command;
mod documents;
mod metadata;
pub mod papers;
mod protocol;
mod signers;
mod status;
mod trust;
mod wallets;

pub(crate) use documents::{APP, scopes};
pub use documents::{pass, revoke_certificates, revoke_of};
pub use signers::{Desk, NotReady, Unusable, sign_as_verifier, sign_bundle, verifier_certificate, verify_bundle};
pub use status::{
    Standing, holder, place_of, resume_suspended, revoke_issued, revoke_issued_since, revoke_suspended, set_status,
    suspend_issued,
};
pub use trust::{sign_slip, verifier, verify_slip};
pub(crate) use wallets::offer_to_app;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/issuance/trust-list", get(trust::http::list))
        .route("/issuance/trust-list/keys", get(trust::http::keys))
        .route("/issuance/trust-list/versions", get(trust::http::versions))
        .route("/issuance/authority", get(trust::http::authority))
        .route("/issuance/status", get(status::http::addresses))
        .route("/issuance/status/{list}", get(status::http::list))
        .route("/issuance/types/{vct}", get(trust::http::type_metadata))
        .route("/.well-known/openid-credential-issuer", get(metadata::http::issuer))
        .route("/.well-known/jwt-vc-issuer", get(metadata::http::jwt_issuer))
        .route(protocol::NONCE, post(protocol::http::nonce))
        .route(protocol::CREDENTIAL, post(protocol::http::issue))
        .route(protocol::DEFERRED, post(protocol::http::issue_deferred))
        .route(protocol::NOTIFICATION, post(protocol::http::hear))
        .merge(wallets::routes())
}
