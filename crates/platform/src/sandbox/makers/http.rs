use axum::Json;
use axum::extract::State;
use crypto::jwk::Jwk;
use nation::wallet_provider::WalletProvider;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::app::App;
use crate::shell::input::Input;
use crate::shell::problem::{Fault, Problem};
use crate::sso::registration;

#[derive(Deserialize)]
pub(super) struct Wish {
    wallet: Value,
    #[serde(default)]
    keys: Vec<Value>,
    nonce: Option<String>,
}

/// What the maker says of a wallet and its keys.
#[derive(Serialize)]
pub(super) struct Attested {
    client_id: &'static str,
    redirect_uri: &'static str,
    client_attestation: String,
    key_attestation: String,
}

/// Attests a wallet and keys.
pub(super) async fn attest(State(app): State<App>, Input(wish): Input<Wish>) -> Result<Json<Attested>, Problem> {
    let read = |jwk: &Value, field| {
        Jwk::from_value(jwk).map_err(|_error| Problem::invalid(vec![Fault::new(field, "sandbox-not-a-key")]))
    };
    let wallet = read(&wish.wallet, "wallet")?;
    let keys: Vec<Jwk> = wish
        .keys
        .iter()
        .map(|key| read(key, "keys"))
        .collect::<Result<_, _>>()?;
    let provider = WalletProvider::new().map_err(Problem::internal)?;
    let now = app.clock.now();
    Ok(Json(Attested {
        client_id: WalletProvider::CLIENT_ID,
        redirect_uri: WalletProvider::REDIRECT_URI,
        client_attestation: provider.attest_wallet(&wallet, now).map_err(Problem::internal)?,
        key_attestation: provider
            .attest_keys(&keys, wish.nonce.as_deref(), now)
            .map_err(Problem::internal)?,
    }))
}

/// What a program is called, and what it may ask for.
#[derive(Deserialize)]
pub(super) struct About {
    client_name: String,
    scope: String,
}

/// A statement for a program.
#[derive(Serialize)]
pub(super) struct Stated {
    software_statement: String,
    registration_endpoint: String,
}

/// States what a program may ask for.
pub(super) async fn state(State(app): State<App>, Input(about): Input<About>) -> Result<Json<Stated>, Problem> {
    let claims = serde_json::json!({ "client_name": about.client_name, "scope": about.scope });
    let claims = claims.as_object().cloned().unwrap_or_default();
    Ok(Json(Stated {
        software_statement: registration::statement(&app, claims)?,
        registration_endpoint: format!("{}/sso/register", app.config.public_url),
    }))
}
