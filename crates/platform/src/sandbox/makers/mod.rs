//! The makers of the sandbox: of a sample wallet, for trying out wallets of other makers against the issuer; of statements for programs that register
//! themselves.
//!
//! | request | what it does |
//! | --- | --- |
//! | `POST /sandbox/software-statements` | a statement with which a program registers itself; `{"client_name":"…","scope":"openid profile"}` |
//! | `POST /sandbox/wallet-provider` | attests a wallet's key and the keys of its credentials; `{"wallet":JWK,"keys":[JWK],"nonce":"…"}` |

use axum::Router;
use axum::routing::post;
use nation::wallet_provider::WalletProvider;

use crate::app::App;
use crate::shell::server::Failure;
use crate::sso;

mod http;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sandbox/wallet-provider", post(http::attest))
        .route("/sandbox/software-statements", post(http::state))
}

/// Registers the sample wallet.
///
/// # Errors
/// Those of its registration.
pub(super) async fn register(app: &App) -> Result<(), Failure> {
    let metadata = serde_json::from_value(serde_json::json!({
        "client_id": WalletProvider::CLIENT_ID,
        "client_name": WalletProvider::NAME,
        "redirect_uris": [WalletProvider::REDIRECT_URI],
        "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:pre-authorized_code"],
        "scope": crate::issuance::scopes(),
        "token_endpoint_auth_method": "attest_jwt_client_auth",
        "vneid_profile": "haip",
        "jwks": {"keys": [WalletProvider::new()?.public()]},
    }))?;
    Ok(sso::register(app, metadata, None).await?)
}
