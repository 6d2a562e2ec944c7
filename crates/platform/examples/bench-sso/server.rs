//! The platform under load.

use std::fs;
use std::io::Read as _;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crypto::secret::Secret;
use crypto::sign::Signer as _;
use nation::sources::Pki;
use oidc::client::Metadata;
use platform::app::App;
use platform::notices::Gateway;
use platform::shell::chance::Chance;
use platform::shell::clock::Clock;
use platform::shell::config::{Biometrics, Config, Evidence, Registries};
use platform::shell::limits;
use platform::shell::server;
use platform::sso;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use crate::ServerPart;
use crate::accounts::{self, Visitor};
use crate::bank::Bank;

/// The relying party.
pub const CLIENT: &str = "portal";
/// Its secret.
pub const SECRET: &str = "aSecretOfLettersAndDigitsAloneAndOfTheOneLengthThatAllOfThemTake";
/// Where its answers go.
pub const PORTAL: &str = "https://portal.example/cb";
/// What it asks for.
pub const SCOPE: &str = "openid profile phone vneid_account vneid_number";
/// A relying party that refreshes, asks for itself, and asks about tokens.
pub const APP: &str = "app";
/// What it asks tokens for.
pub const RESOURCE: &str = "https://api.example/";
/// A bank under FAPI 2.0.
pub const BANK: &str = "bank";

/// What the load has to know of the server; kept in a file of the folder.
#[derive(Serialize, Deserialize)]
pub struct Stage {
    /// Where it listens.
    pub address: SocketAddr,
    /// Who signs in.
    pub visitors: Vec<Visitor>,
    /// Where its endpoints are.
    pub paths: Paths,
    /// What relying parties ask for.
    pub scope: String,
    /// What a relying party says beside the grant when it asks for itself.
    pub for_itself: Vec<(String, String)>,
    /// The process that serves, where it is not the one that was started.
    pub process: Option<u32>,
}

/// Where the endpoints of a provider are.
#[derive(Clone, Serialize, Deserialize)]
pub struct Paths {
    pub authorize: String,
    pub token: String,
    pub userinfo: String,
    pub jwks: String,
    pub introspect: String,
    /// Where the page asks for the code that is answered to a visitor with a live session, where it is not a redirection.
    pub resume: Option<String>,
}

impl Paths {
    fn ours() -> Self {
        let [authorize, token, userinfo, jwks, introspect] =
            ["authorize", "token", "userinfo", "jwks", "introspect"].map(|name| format!("/sso/{name}"));
        Self {
            authorize,
            token,
            userinfo,
            jwks,
            introspect,
            resume: None,
        }
    }
}

impl Stage {
    /// Reads what the server in this folder wrote.
    pub fn read(folder: &Path) -> Self {
        serde_json::from_slice(&fs::read(folder.join("stage.json")).unwrap()).unwrap()
    }
}

/// Serves until the standard input is closed: so it ends with the process that started it.
#[tokio::main]
pub async fn run(part: &ServerPart) {
    log_as_in_production();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let config = config(part, address);
    let app = server::open(config, Gateway::Mailbox, Clock::system(), Chance::system())
        .await
        .unwrap();
    register(&app).await;
    let visitors = accounts::open(&app, part.accounts).await;
    let stage = Stage {
        address,
        visitors,
        paths: Paths::ours(),
        scope: SCOPE.to_owned(),
        for_itself: vec![("resource".to_owned(), RESOURCE.to_owned())],
        process: None,
    };
    let stage = serde_json::to_vec(&stage).unwrap();
    fs::write(part.folder.join("stage.json"), stage).unwrap();
    println!("ready");

    let (tell, stop) = watch::channel(false);
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        tell.send_replace(true);
    });
    server::run(app, listener, stop).await.unwrap();
}

fn log_as_in_production() {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("info"))
        .with_writer(std::io::sink)
        .json()
        .init();
}

/// As in production, but that the load, which comes from one address, may change as much as it can.
fn config(part: &ServerPart, address: SocketAddr) -> Config {
    let pki = Pki::generate(&["localhost"]).unwrap();
    let (authority, identity) = (part.folder.join("authority.pem"), part.folder.join("identity.pem"));
    fs::write(&authority, pki.ca_pem).unwrap();
    let pem = format!("{}{}", pki.client.certificate_pem, pki.client.key_pem.expose());
    fs::write(&identity, pem).unwrap();
    fs::set_permissions(&identity, fs::Permissions::from_mode(0o600)).unwrap();
    Config {
        public_url: format!("http://{address}"),
        database: part.database.clone(),
        keys: part.folder.join("keys"),
        limits: limits::Settings::boundless(),
        biometrics: Biometrics {
            authority: authority.clone(),
            identity: identity.clone(),
            ..Biometrics::default()
        },
        evidence: Evidence {
            folder: part.folder.join("evidence"),
            ..Evidence::default()
        },
        registries: Registries {
            authority,
            identity,
            ..Registries::default()
        },
        ..Config::default()
    }
}

async fn register(app: &App) {
    let portal = serde_json::json!({
        "client_id": CLIENT,
        "client_name": "Cổng dịch vụ công",
        "redirect_uris": [PORTAL],
        "scope": SCOPE,
    });
    let more = serde_json::json!({
        "client_id": APP,
        "client_name": "Ứng dụng",
        "redirect_uris": [PORTAL],
        "scope": SCOPE,
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "vneid_resources": [RESOURCE],
    });
    let bank = serde_json::json!({
        "client_id": BANK,
        "client_name": "Ngân hàng",
        "redirect_uris": [PORTAL],
        "scope": SCOPE,
        "token_endpoint_auth_method": "private_key_jwt",
        "vneid_profile": "fapi2",
        "jwks": {"keys": [Bank::new().own.public()]},
    });
    for (metadata, has_secret) in [(portal, true), (more, true), (bank, false)] {
        let metadata: Metadata = serde_json::from_value(metadata).unwrap();
        let secret = has_secret.then(|| Secret::new(SECRET.to_owned()));
        sso::register(app, metadata, secret).await.unwrap();
    }
}
