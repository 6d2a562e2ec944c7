//! A sandbox of the real program in a folder of its own, which is killed and started again, and a client that speaks HTTP with it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// The cookies of a visitor.
#[derive(Clone, Default)]
pub(crate) struct Jar(Vec<(String, String)>);

/// What is sent with a request.
#[derive(Clone)]
pub(crate) struct Body {
    kind: &'static str,
    bytes: Vec<u8>,
    headers: String,
}

impl Body {
    /// A form.
    pub(crate) fn form(fields: &[(&str, &str)]) -> Self {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        Self {
            kind: "application/x-www-form-urlencoded",
            bytes: form.into_bytes(),
            headers: String::new(),
        }
    }

    /// The same with one more header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.extend([name, ": ", value, "\r\n"]);
        self
    }
}

impl From<&Value> for Body {
    fn from(json: &Value) -> Self {
        Self {
            kind: "application/json",
            bytes: json.to_string().into_bytes(),
            headers: String::new(),
        }
    }
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) bytes: Vec<u8>,
    /// Where it sends a browser on to.
    pub(crate) location: Option<String>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.body))
    }
}

pub(crate) struct House {
    folder: tempfile::TempDir,
    address: SocketAddr,
    running: Option<Child>,
}

impl House {
    pub(crate) fn start() -> Self {
        // Three ports in a row: the platform, the demo portal and the source databases.
        let address = loop {
            let first = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            let free = |offset| TcpListener::bind(("127.0.0.1", first.port().saturating_add(offset))).is_ok();
            if free(1) && free(2) {
                break first;
            }
        };
        let mut house = Self {
            folder: tempfile::tempdir().unwrap(),
            address,
            running: None,
        };
        house.restart();
        house
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The origin of its pages.
    pub(crate) fn origin(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// The present time of the house, which nobody has moved, in seconds.
    pub(crate) fn now(&self) -> u64 {
        let now = self.get(&mut Jar::default(), "/sandbox/clock").json();
        let now: jiff::Timestamp = now["now"].as_str().unwrap_or_else(|| panic!("{now}")).parse().unwrap();
        now.as_second().try_into().unwrap()
    }

    /// Starts the program and waits until it answers.
    pub(crate) fn restart(&mut self) {
        let child = Command::new(env!("CARGO_BIN_EXE_vneid"))
            .args(["sandbox", "--data"])
            .arg(self.folder())
            .args(["--listen", &self.address.to_string(), "--people", "2000"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.running = Some(child);
        let begun = Instant::now();
        while ask(self.address, &mut Jar::default(), "GET", "/readyz", None).is_none_or(|answer| answer.status != 200) {
            let ended = self.running.as_mut().and_then(|child| child.try_wait().unwrap());
            assert!(
                ended.is_none(),
                "the program does not start again after a kill: {ended:?}"
            );
            assert!(begun.elapsed() < Duration::from_mins(1), "the program does not answer");
            thread::yield_now();
        }
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.running.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub(crate) fn get(&self, jar: &mut Jar, path: &str) -> Answer {
        ask(self.address, jar, "GET", path, None).unwrap_or_else(|| panic!("no answer to {path}"))
    }

    pub(crate) fn post(&self, jar: &mut Jar, path: &str, body: impl Into<Body>) -> Answer {
        ask(self.address, jar, "POST", path, Some(&body.into())).unwrap_or_else(|| panic!("no answer to {path}"))
    }

    /// Sends a request, kills the program a little later, whether it has answered or not, and starts it again.
    pub(crate) fn strike(&mut self, jar: &mut Jar, path: &str, body: impl Into<Body>, after: Duration) {
        let (address, body) = (self.address, body.into());
        thread::scope(|threads| {
            let asking = threads.spawn(|| ask(address, jar, "POST", path, Some(&body)));
            spin(after);
            self.kill();
            drop(asking.join());
        });
        self.restart();
    }

    /// A configuration with which the tools work on this house.
    pub(crate) fn config(&self) -> PathBuf {
        let file = self.folder().join("vneid.toml");
        let path = |name: &str| self.folder().join(name).display().to_string();
        let text = format!(
            "public_url = 'http://{}'\ndatabase = 'sqlite:{}'\nkeys = '{}'\n[registries]\nauthority = '{authority}'\nidentity = '{identity}'\n[biometrics]\nauthority = '{authority}'\nidentity = '{identity}'\n",
            self.address,
            path("vneid.db"),
            path("keys"),
            authority = path("sources-authority.pem"),
            identity = path("sources-identity.pem")
        );
        std::fs::write(&file, text).unwrap();
        file
    }

    /// Nothing in the outbox was given up, and the ledger is whole.
    pub(crate) fn is_sound(&mut self) {
        let metrics = self.get(&mut Jar::default(), "/metrics").body;
        let dead = metrics
            .lines()
            .find(|line| line.starts_with("vneid_jobs_dead "))
            .map(str::to_owned);
        assert!(dead.is_none_or(|dead| dead.ends_with(" 0")), "a job was given up");
        self.kill();
        assert!(crate::walks::ledger_is_whole(&self.folder().join("vneid.db")));
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(mut child) = self.running.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// Lets real time pass.
pub(crate) fn spin(how_long: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < how_long {
        thread::yield_now();
    }
}

/// One request over a connection of its own; `None` if the connection breaks.
fn ask(address: SocketAddr, jar: &mut Jar, method: &str, path: &str, body: Option<&Body>) -> Option<Answer> {
    let mut line = TcpStream::connect(address).ok()?;
    let (kind, bytes, headers) = body.map_or(("text/plain", &[][..], ""), |body| {
        (body.kind, &body.bytes, &body.headers)
    });
    let cookies: Vec<String> = jar.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAccept: application/json\r\nContent-Type: {kind}\r\n\
         Cookie: {}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
        cookies.join("; "),
        bytes.len()
    );
    line.write_all(&[head.as_bytes(), bytes].concat()).ok()?;
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let bytes = answer.split_off(end + 4);
    for cookie in head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")) {
        let (name, value) = cookie.split(';').next()?.split_once('=')?;
        jar.0.retain(|(kept, _)| kept != name);
        jar.0.push((name.to_owned(), value.to_owned()));
    }
    Some(Answer {
        status: head.split(' ').nth(1)?.parse().ok()?,
        body: String::from_utf8_lossy(&bytes).into_owned(),
        bytes,
        location: head
            .lines()
            .find_map(|line| line.strip_prefix("location: "))
            .map(str::to_owned),
    })
}
