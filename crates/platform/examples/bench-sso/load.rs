//! The load: so many visitors at once, each on a connection of its own, each going the same way again and again.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use clap::ValueEnum;
use crypto::base64url;
use crypto::digest::sha256;
use crypto::jwk::JwkSet;
use crypto::jws;
use crypto::sign::Algorithm;
use http::{StatusCode, header};
use platform::shell::chance::Chance;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Barrier;

use crate::LoadPart;
use crate::accounts::{self, Visitor};
use crate::bank::Bank;
use crate::connection::{Connection, expected};
use crate::process;
use crate::server::{APP, BANK, CLIENT, PORTAL, Paths, SECRET, Stage};

/// What each visitor does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Signs in to a portal: authorize with a live session and a remembered consent, code, token, ID token checked, userinfo
    Sso,
    /// The portal asks userinfo, with a token that it has
    Userinfo,
    /// A relying party gets new tokens for a refresh token, which is replaced
    Refresh,
    /// A relying party asks for itself
    ClientCredentials,
    /// A relying party asks what a token is good for
    Introspect,
    /// A bank under FAPI 2.0: pushed request, authorize, token bound to its key, userinfo; each with its proofs
    ParDpop,
    /// A relying party reads the metadata and the keys
    Discovery,
    /// Signs in with number and password
    Password,
    /// Asks nothing of the platform: what HTTP and the front cost
    Healthz,
}

/// What one run measured.
#[derive(Clone, Serialize, Deserialize)]
pub struct Measure {
    /// How often a visitor went the whole way, a second.
    pub per_second: f64,
    /// The same, for each second of processor time of the server.
    pub per_cpu_second: f64,
    /// The same, for each second of processor time of server and database together.
    pub per_cpu_second_with_database: f64,
    /// The middle of the times that the way took, in milliseconds.
    pub p50: f64,
    /// The time that 99 of 100 did not exceed, in milliseconds.
    pub p99: f64,
}

/// Puts load on the server and prints what was measured.
#[tokio::main(flavor = "current_thread")]
pub async fn run(part: &LoadPart) {
    let stage = Stage::read(&part.folder);
    let portal = Arc::new(Portal::open(&part.folder).await);
    let (ready, begin) = (
        Arc::new(Barrier::new(part.connections + 1)),
        Arc::new(Barrier::new(part.connections + 1)),
    );
    let length = Duration::from_secs(part.seconds);
    let walks: Vec<_> = (0..part.connections)
        .map(|first| {
            let visitors = stage.visitors.iter().skip(first).step_by(part.connections);
            let (visitors, scenario) = (visitors.cloned().collect(), part.scenario);
            let (ready, begin, portal) = (ready.clone(), begin.clone(), portal.clone());
            tokio::spawn(async move {
                let mut walk = Walk::prepare(portal, scenario, visitors).await;
                ready.wait().await;
                begin.wait().await;
                walk.repeat(Instant::now() + length).await
            })
        })
        .collect();

    ready.wait().await;
    let before = cpu_seconds(&part.processes);
    let start = Instant::now();
    begin.wait().await;
    let mut times = Vec::new();
    for walk in walks {
        times.extend(walk.await.unwrap());
    }
    let took = start.elapsed().as_secs_f64();
    let after = cpu_seconds(&part.processes);

    times.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
    let done = times.len() as f64;
    let measure = Measure {
        per_second: done / took,
        per_cpu_second: done / (after.0 - before.0),
        per_cpu_second_with_database: done / (after.0 + after.1 - before.0 - before.1),
        p50: times[times.len() / 2].as_secs_f64() * 1000.0,
        p99: times[times.len() * 99 / 100].as_secs_f64() * 1000.0,
    };
    println!("{}", serde_json::to_string(&measure).unwrap());
}

/// The processor time of the server, and of the database beside it.
fn cpu_seconds(processes: &[u32]) -> (f64, f64) {
    let database = processes.get(1).copied().map_or(0.0, process::cpu_seconds_of_family);
    (process::cpu_seconds(processes[0]), database)
}

/// What the relying party knows.
pub struct Portal {
    pub issuer: String,
    address: std::net::SocketAddr,
    pub paths: Paths,
    scope: String,
    pub for_itself: Vec<(String, String)>,
    keys: JwkSet,
    pub chance: Chance,
    pub bank: Bank,
}

impl Portal {
    async fn open(folder: &Path) -> Self {
        let Stage {
            address,
            paths,
            scope,
            for_itself,
            ..
        } = Stage::read(folder);
        let mut connection = Connection::open(address).await;
        let keys = expected(connection.get(&paths.jwks, &[]).await, StatusCode::OK);
        Self {
            issuer: format!("http://{address}"),
            address,
            paths,
            scope,
            for_itself,
            bank: Bank::new(),
            keys: JwkSet::parse(keys.body()).unwrap(),
            chance: Chance::system(),
        }
    }

    /// The ID token, if it is ours and for this client.
    pub fn checked(&self, id_token: &str, client: &str) -> Claims {
        let token = jws::verify(id_token, &self.keys, Algorithm::ALL).unwrap();
        let claims: Claims = token.claims().unwrap();
        assert_eq!(claims.aud, client);
        claims
    }

    /// Where a visitor is sent.
    pub fn authorize(&self, client: &str, verifier: &str, state: &str, nonce: &str) -> String {
        let challenge = base64url::encode(sha256(verifier.as_bytes()));
        url::form_urlencoded::Serializer::new(format!("{}?", self.paths.authorize))
            .extend_pairs([
                ("response_type", "code"),
                ("client_id", client),
                ("redirect_uri", PORTAL),
                ("scope", &self.scope),
                ("state", state),
                ("nonce", nonce),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
            ])
            .finish()
    }
}

/// The secret of a client, as a header.
pub fn basic(client: &str) -> String {
    let credentials = format!("{client}:{SECRET}");
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(credentials)
    )
}

/// A connection that serves its visitors in turn.
pub struct Walk {
    pub portal: Arc<Portal>,
    pub connection: Connection,
    scenario: Scenario,
    pub visitors: Vec<Visitor>,
    /// What was given for each visitor before the time began.
    pub tokens: Vec<String>,
}

impl Walk {
    /// Connects; the visitors agree to what the portal will ask, and the portal gets the tokens that it will need.
    async fn prepare(portal: Arc<Portal>, scenario: Scenario, visitors: Vec<Visitor>) -> Self {
        let connection = Connection::open(portal.address).await;
        let mut walk = Self {
            portal,
            connection,
            scenario,
            visitors,
            tokens: Vec::new(),
        };
        let client = match scenario {
            Scenario::Sso | Scenario::Userinfo => CLIENT,
            Scenario::Refresh | Scenario::Introspect => APP,
            Scenario::ParDpop => BANK,
            _ => return walk,
        };
        for index in 0..walk.visitors.len() {
            walk.agree(client, index).await;
            match scenario {
                Scenario::Userinfo | Scenario::Introspect => {
                    let tokens = walk.tokens(client, index).await;
                    walk.tokens.push(tokens.access_token);
                }
                Scenario::Refresh => {
                    let tokens = walk.tokens(client, index).await;
                    walk.tokens.push(tokens.refresh_token.unwrap());
                }
                _ => {}
            }
        }
        walk
    }

    /// Goes the way until the time is over; answers how long each time took.
    async fn repeat(&mut self, until: Instant) -> Vec<Duration> {
        let mut times = Vec::new();
        while Instant::now() < until {
            let start = Instant::now();
            let index = times.len() % self.visitors.len();
            match self.scenario {
                Scenario::Sso => self.sign_in_to_portal(index).await,
                Scenario::Userinfo => drop(self.userinfo(&self.tokens[index].clone()).await),
                Scenario::Refresh => self.refresh(index).await,
                Scenario::ClientCredentials => self.for_itself().await,
                Scenario::Introspect => self.introspect(index).await,
                Scenario::ParDpop => self.as_a_bank(index).await,
                Scenario::Discovery => self.discover().await,
                Scenario::Password => self.sign_in(index).await,
                Scenario::Healthz => drop(expected(self.connection.get("/healthz", &[]).await, StatusCode::OK)),
            }
            times.push(start.elapsed());
        }
        times
    }

    async fn sign_in_to_portal(&mut self, index: usize) {
        let tokens = self.tokens(CLIENT, index).await;
        let told = self.userinfo(&tokens.access_token).await;
        assert_eq!(told["sub"], tokens.claims.sub);
    }

    /// The portal sends the visitor to authorize, gets a code, and exchanges it.
    async fn tokens(&mut self, client: &str, index: usize) -> Tokens {
        let verifier = base64url::encode(self.portal.chance.bytes::<32>());
        let [state, nonce] = [(); 2].map(|()| base64url::encode(self.portal.chance.bytes::<12>()));
        let ask = self.portal.authorize(client, &verifier, &state, &nonce);
        let code = self.code(index, &ask, &state).await;

        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", PORTAL),
            ("code_verifier", &verifier),
        ];
        let basic = basic(client);
        let headers = [(header::AUTHORIZATION, basic.as_str())];
        let given = self.connection.post(&self.portal.paths.token, &headers, &fields).await;
        let given: Given = serde_json::from_slice(expected(given, StatusCode::OK).body()).unwrap();
        let claims = self.portal.checked(&given.id_token, client);
        assert_eq!(claims.nonce.as_deref(), Some(&*nonce));
        Tokens {
            access_token: given.access_token,
            refresh_token: given.refresh_token,
            claims,
        }
    }

    /// The visitor is sent to an address, and comes back with a code.
    pub async fn code(&mut self, index: usize, ask: &str, state: &str) -> String {
        let cookie = self.visitors[index].cookie.clone();
        let headers = [(header::COOKIE, cookie.as_str()), (header::ACCEPT, "text/html")];
        let answer = self.connection.get(ask, &headers).await;
        let sent = match self.portal.clone().paths.resume.as_deref() {
            None => expected(answer, StatusCode::SEE_OTHER),
            Some(path) => self.resume(path, ask, answer, &cookie).await,
        };
        let location = url::Url::parse(sent.headers()[header::LOCATION].to_str().unwrap()).unwrap();
        let param = |name| {
            let mut pairs = location.query_pairs();
            pairs.find(|(found, _)| found == name).map(|(_, value)| value)
        };
        assert_eq!(param("state").unwrap(), state);
        param("code").unwrap().into_owned()
    }

    async fn userinfo(&mut self, token: &str) -> Value {
        let bearer = format!("Bearer {token}");
        let headers = [(header::AUTHORIZATION, bearer.as_str())];
        let told = expected(
            self.connection.get(&self.portal.paths.userinfo, &headers).await,
            StatusCode::OK,
        );
        serde_json::from_slice(told.body()).unwrap()
    }

    async fn discover(&mut self) {
        for path in ["/.well-known/openid-configuration", self.portal.paths.jwks.as_str()] {
            expected(self.connection.get(path, &[]).await, StatusCode::OK);
        }
    }

    async fn sign_in(&mut self, index: usize) {
        let fields = [
            ("number", self.visitors[index].number.as_str()),
            ("password", accounts::PASSWORD),
        ];
        let headers = [(header::ACCEPT, "text/html")];
        let answer = self.connection.post("/signin", &headers, &fields).await;
        let answer = expected(answer, StatusCode::SEE_OTHER);
        assert!(answer.headers().contains_key(header::SET_COOKIE));
    }

    /// The visitor agrees once, if that has not been done in an earlier run.
    async fn agree(&mut self, client: &str, index: usize) {
        let cookie = self.visitors[index].cookie.clone();
        let headers = [(header::COOKIE, cookie.as_str()), (header::ACCEPT, "application/json")];
        let ask = if client == BANK {
            self.pushed("s").await
        } else {
            self.portal.authorize(client, "v", "s", "n")
        };
        let asked = self.connection.get(&ask, &headers).await;
        let asked: Value = serde_json::from_slice(asked.body()).unwrap_or_default();
        if let Some(request) = asked["request"].as_str() {
            let fields = [("request", request), ("answer", "agree")];
            let agreed = self.connection.post("/sso/consent", &headers, &fields).await;
            expected(agreed, StatusCode::SEE_OTHER);
        }
    }
}

/// What a code gave.
struct Tokens {
    access_token: String,
    refresh_token: Option<String>,
    claims: Claims,
}

/// What is checked of an ID token; not all providers say more, such as `auth_time`, unasked.
#[derive(Deserialize)]
pub struct Claims {
    aud: String,
    pub sub: String,
    nonce: Option<String>,
}

#[derive(Deserialize)]
pub struct Given {
    pub access_token: String,
    pub id_token: String,
    pub refresh_token: Option<String>,
}
