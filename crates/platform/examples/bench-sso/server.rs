//! The platform under load.

use std::fs;
use std::io::Read as _;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crypto::secret::Secret;
use nation::sources::Pki;
use oidc::client::Metadata;
use platform::app::App;
use platform::notices::Gateway;
use platform::shell::chance::Chance;
use platform::shell::clock::Clock;
use platform::shell::config::{Config, Registries};
use platform::shell::limits;
use platform::shell::server;
use platform::sso;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use crate::ServerPart;
use crate::accounts::{self, Visitor};

/// The relying party.
pub const CLIENT: &str = "portal";
/// Its secret.
pub const SECRET: &str = "a-secret-of-at-least-thirty-two-random-bytes";
/// Where its answers go.
pub const PORTAL: &str = "https://portal.example/cb";
/// What it asks for.
pub const SCOPE: &str = "openid profile phone vneid_account vneid_number";

/// What the load has to know of the server; kept in a file of the folder.
#[derive(Serialize, Deserialize)]
pub struct Stage {
    /// Where it listens.
    pub address: SocketAddr,
    /// Who signs in.
    pub visitors: Vec<Visitor>,
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
    let stage = serde_json::to_vec(&Stage { address, visitors }).unwrap();
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
        registries: Registries {
            authority,
            identity,
            ..Registries::default()
        },
        ..Config::default()
    }
}

async fn register(app: &App) {
    let metadata: Metadata = serde_json::from_value(serde_json::json!({
        "client_id": CLIENT,
        "client_name": "Cổng dịch vụ công",
        "redirect_uris": [PORTAL],
        "scope": SCOPE,
    }))
    .unwrap();
    sso::register(app, metadata, Some(Secret::new(SECRET.to_owned())))
        .await
        .unwrap();
}
