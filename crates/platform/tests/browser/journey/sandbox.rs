//! The whole sandbox as a person starts it: the executable itself, on free ports, in a folder of its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::cdp::{Answer, Failure, PATIENCE};

/// A running sandbox; dropping it ends it.
pub struct Sandbox {
    child: Child,
    folder: TempDir,
    port: u16,
    /// What a code costs, in bits.
    toll: u32,
    http: reqwest::Client,
    seen: Mutex<Vec<String>>,
    /// Its address, without a slash at the end.
    pub url: String,
    /// The address of the demo portal.
    pub portal: String,
}

/// Somebody of the synthetic nation who can register.
#[derive(Clone, Debug)]
pub struct Citizen {
    /// The personal number.
    pub number: String,
    /// The name of birth.
    pub full_name: String,
    /// The phone, E.164.
    pub phone: String,
}

/// What a holder of an account signs in with.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The password.
    pub password: String,
}

/// What an officer signs in with.
#[derive(Clone, Debug)]
pub struct Officer {
    /// The login.
    pub login: String,
    /// The password.
    pub password: String,
}

impl Sandbox {
    /// Starts it and waits until it is ready.
    pub async fn start() -> Answer<Sandbox> {
        Self::with_toll(0).await
    }

    /// The same where forms that send a code ask for so many bits.
    pub async fn with_toll(toll: u32) -> Answer<Sandbox> {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        let port = free_port()?;
        let child = run(folder.path(), port, toll).await?;
        let url = format!("http://localhost:{port}");
        let mut sandbox = Sandbox {
            child,
            folder,
            port,
            toll,
            http: reqwest::Client::new(),
            seen: Mutex::default(),
            url,
            portal: String::new(),
        };
        // What is held at night, and who may stay over, must not depend on when the tests run.
        sandbox.post("/sandbox/clock", &json!({ "advance": "T10:00" })).await?;
        sandbox.portal = text(&sandbox.get("/sandbox/partners").await?["partners"][0], "url")?;
        Ok(sandbox)
    }

    /// Ends it as a cut of the network would: its data and its address stay.
    pub async fn cut(&mut self) -> Answer<()> {
        Ok(self.child.kill().await?)
    }

    /// Starts it again where it was.
    pub async fn mend(&mut self) -> Answer<()> {
        self.child = run(self.folder.path(), self.port, self.toll).await?;
        Ok(())
    }

    /// Where its data lie.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A line to it that outlives it.
    pub fn line(&self) -> Line {
        Line {
            http: self.http.clone(),
            url: self.url.clone(),
        }
    }

    /// Reads a resource.
    pub async fn get(&self, path: &str) -> Answer<Value> {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    /// Reads a file.
    pub async fn file(&self, path: &str) -> Answer<Vec<u8>> {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await?;
        let bytes = answer.error_for_status()?.bytes().await?;
        Ok(bytes.to_vec())
    }

    /// Asks the sandbox to do something.
    pub async fn post(&self, path: &str, body: &Value) -> Answer<Value> {
        let asked = self.http.post(format!("{}{path}", self.url)).json(body).send().await?;
        Ok(asked.error_for_status()?.json().await?)
    }

    /// People who can register, each once.
    pub async fn citizens(&self) -> Answer<Vec<Citizen>> {
        let answer = self.get("/sandbox/people?only=suggested&count=10").await?;
        let people = answer["people"].as_array().cloned().unwrap_or_default();
        let citizen = |person: &Value| {
            Ok(Citizen {
                number: text(person, "personal_number")?,
                full_name: text(person, "full_name")?,
                phone: text(person, "phone")?,
            })
        };
        people.iter().map(citizen).collect()
    }

    /// The first officer of a role, and the others of it.
    pub async fn officers(&self, role: &str) -> Answer<Vec<Officer>> {
        let answer = self.get("/sandbox/officers").await?;
        let officers = answer["officers"].as_array().cloned().unwrap_or_default();
        let officer = |officer: &Value| {
            Ok(Officer {
                login: text(officer, "login")?,
                password: text(officer, "password")?,
            })
        };
        officers
            .iter()
            .filter(|officer| officer["role"] == role)
            .map(officer)
            .collect()
    }

    /// Gives a citizen an activated account at once.
    pub async fn account(&self, citizen: &Citizen, level: u8) -> Answer<Credentials> {
        let path = format!("/sandbox/people/{}/account", citizen.number);
        let answer = self.post(&path, &json!({ "level": level })).await?;
        Ok(Credentials {
            password: text(&answer, "password")?,
        })
    }

    /// The code in the newest message to a phone, once it has come: each code is handed out once.
    pub async fn code(&self, phone: &str) -> Answer<String> {
        let to: String = url::form_urlencoded::byte_serialize(phone.as_bytes()).collect();
        let end = tokio::time::Instant::now() + PATIENCE;
        while tokio::time::Instant::now() < end {
            let answer = self.get(&format!("/sandbox/messages?to={to}")).await?;
            let texts = answer["messages"].as_array().into_iter().flatten();
            let mut codes = texts.filter_map(|message| code_in(message["text"].as_str()?));
            let mut seen = self.seen.lock().await;
            if let Some(code) = codes.next().filter(|code| !seen.contains(code)) {
                seen.push(code.clone());
                return Ok(code);
            }
        }
        Err(Failure::new(format!("no code came to {phone}")))
    }
}

/// A line to a sandbox, for visitors without a browser.
#[derive(Clone)]
pub struct Line {
    http: reqwest::Client,
    url: String,
}

impl Line {
    /// Signs in; answers the cookie of the session.
    pub async fn cookie(&self, path: &str, form: &Value) -> Answer<String> {
        let answer = self.http.post(format!("{}{path}", self.url)).json(form).send().await?;
        let cookies = answer.headers().get_all("set-cookie").iter();
        let mut pairs = cookies.filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
        let session = pairs.next().map(str::to_owned);
        session.ok_or_else(|| Failure::new("no cookie of a session"))
    }

    /// Sends JSON in a session.
    pub async fn post(&self, cookie: &str, path: &str, body: &Value) -> Answer<Value> {
        let request = self.http.post(format!("{}{path}", self.url)).header("cookie", cookie);
        let answer = request.header("accept", "application/json").json(body).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    /// Reads a resource.
    pub async fn get(&self, path: &str) -> Answer<Value> {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    /// Reads a file in a session.
    pub async fn file(&self, cookie: &str, path: &str) -> Answer<Vec<u8>> {
        let request = self.http.get(format!("{}{path}", self.url)).header("cookie", cookie);
        Ok(request.send().await?.error_for_status()?.bytes().await?.to_vec())
    }
}

/// The six digits of a message that warns not to pass them on.
fn code_in(text: &str) -> Option<String> {
    let mut words = text.split(|letter: char| !letter.is_ascii_digit());
    text.contains("Khong dua ma nay")
        .then(|| words.find(|word| word.len() == 6).map(str::to_owned))?
}

fn text(value: &Value, name: &str) -> Answer<String> {
    let found = value[name].as_str().map(str::to_owned);
    found.ok_or_else(|| Failure::new(format!("no {name} in {value}")))
}

/// Runs the executable on a port with its data in a folder, and waits until it is ready.
async fn run(folder: &Path, port: u16, toll: u32) -> Answer<Child> {
    let url = format!("http://localhost:{port}");
    let mut child = Command::new(env!("CARGO_BIN_EXE_vneid"))
        .arg("sandbox")
        .arg("--data")
        .arg(folder.join("data"))
        .args(["--listen", &format!("127.0.0.1:{port}"), "--toll", &toll.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let out = child
        .stdout
        .take()
        .ok_or_else(|| Failure::new("the sandbox has no output"))?;
    let mut lines = BufReader::new(out).lines();
    let welcome = async {
        while let Some(line) = lines.next_line().await? {
            if line.contains(&url) {
                break;
            }
        }
        Ok::<_, std::io::Error>(())
    };
    timeout(PATIENCE, welcome)
        .await
        .map_err(|_elapsed| Failure::new("the sandbox did not start in time"))??;
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok(child)
}

fn free_port() -> Answer<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
