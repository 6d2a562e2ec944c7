//! The running program, and browsers and programs that reach it over TLS.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::redirect::Policy;
use serde_json::{Value, json};

/// The program, with its folder. It ends when the tests do: its shell waits for the end of our process.
pub(crate) struct House {
    pub(crate) url: String,
    authority: String,
    folder: tempfile::TempDir,
    next: AtomicUsize,
    _running: Child,
}

/// The one that all tests share.
pub(crate) async fn house() -> &'static House {
    static HOUSE: OnceLock<House> = OnceLock::new();
    let house = HOUSE.get_or_init(House::start);
    let begun = Instant::now();
    while house
        .browser()
        .get(format!("{}/readyz", house.url))
        .send()
        .await
        .is_err()
    {
        assert!(begun.elapsed() < Duration::from_mins(1), "the program does not answer");
        tokio::task::yield_now().await;
    }
    house
}

impl House {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address: SocketAddr = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let program = env!("CARGO_BIN_EXE_vneid");
        let words = format!(
            "{program} sandbox --tls --people 20000 --data {} --listen {address} & cat; kill $!",
            folder.path().display()
        );
        let running = Command::new("sh")
            .args(["-c", &words])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let authority = folder.path().join("sources-authority.pem");
        let begun = Instant::now();
        let authority = loop {
            match std::fs::read_to_string(&authority) {
                Ok(pem) if pem.contains("END") => break pem,
                _ => assert!(begun.elapsed() < Duration::from_mins(1), "the program does not start"),
            }
            std::thread::yield_now();
        };
        Self {
            url: format!("https://localhost:{}", address.port()),
            authority,
            folder,
            next: AtomicUsize::new(0),
            _running: running,
        }
    }

    fn builder(&self) -> reqwest::ClientBuilder {
        let authority = reqwest::Certificate::from_pem(self.authority.as_bytes()).unwrap();
        reqwest::Client::builder()
            .tls_certs_only([authority])
            .redirect(Policy::none())
            .timeout(Duration::from_secs(30))
    }

    /// A browser without cookies, or a program without a certificate.
    pub(crate) fn browser(&self) -> reqwest::Client {
        self.builder().build().unwrap()
    }

    /// A program that shows the certificate of the sandbox.
    pub(crate) fn with_certificate(&self) -> reqwest::Client {
        let pem = std::fs::read(self.folder.path().join("sources-identity.pem")).unwrap();
        self.builder()
            .identity(reqwest::Identity::from_pem(&pem).unwrap())
            .build()
            .unwrap()
    }

    /// Somebody of the nation with an account of level 2, signed in; another one each time.
    pub(crate) async fn person(&self) -> Person {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        let http = self.browser();
        let list = format!("{}/sandbox/people?only=suggested&count=100", self.url);
        let people: Value = ask(http.get(list)).await;
        let number = people["people"][index]["personal_number"].as_str().unwrap().to_owned();
        let make = http.post(format!("{}/sandbox/people/{number}/account", self.url));
        let account = ask(make.json(&json!({ "level": 2 }))).await;
        let mut person = Person {
            house: self.url.clone(),
            http,
            name: account["full_name"].as_str().unwrap().to_owned(),
            passcode: account["passcode"].as_str().unwrap().to_owned(),
            password: account["password"].as_str().unwrap().to_owned(),
            number,
            cookie: String::new(),
        };
        person.sign_in().await;
        person
    }
}

/// The JSON of an answer.
pub(crate) async fn ask(request: reqwest::RequestBuilder) -> Value {
    let answer = request.header("accept", "application/json").send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {status} {text}"))
}

/// Somebody in front of a browser.
pub(crate) struct Person {
    house: String,
    http: reqwest::Client,
    pub(crate) name: String,
    pub(crate) number: String,
    pub(crate) passcode: String,
    password: String,
    cookie: String,
}

impl Person {
    pub(crate) async fn sign_in(&mut self) {
        let secrets = json!({ "number": self.number, "password": self.password });
        let answer = self.post("/signin", &secrets).await;
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        cookie.split(';').next().unwrap().clone_into(&mut self.cookie);
    }

    /// Looks at an address, or at a path of the platform.
    pub(crate) async fn get(&self, address: &str) -> reqwest::Response {
        let address = if address.starts_with('/') {
            format!("{}{address}", self.house)
        } else {
            address.to_owned()
        };
        let request = self.http.get(address).header("cookie", &self.cookie);
        request.header("accept", "application/json").send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> reqwest::Response {
        let request = self.http.post(format!("{}{path}", self.house)).json(body);
        let request = request.header("cookie", &self.cookie);
        request.header("accept", "application/json").send().await.unwrap()
    }

    pub(crate) async fn is_signed_in(&self) -> bool {
        self.get("/account").await.status() == 200
    }
}
