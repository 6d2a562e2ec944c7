//! A sandbox of its own for a test, on a free port.

use std::net::SocketAddr;
use std::time::Duration;

use platform::sandbox::command::{Sandbox, Settings};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::{Instant, interval};

use crate::cdp::{Answer, Failure, PATIENCE};

/// A sandbox that runs until the test ends.
pub struct House {
    /// Where browsers reach it.
    pub url: String,
    client: reqwest::Client,
    _stop: watch::Sender<bool>,
    _folder: TempDir,
}

impl House {
    /// Opens a sandbox.
    pub async fn open() -> Answer<House> {
        let folder = tempfile::tempdir()?;
        let (stop, told) = watch::channel(false);
        let settings = Settings {
            data: folder.path().to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            people: 1000,
            reset: false,
        };
        let failed = |failure| Failure::new(format!("the sandbox does not open: {failure}"));
        let sandbox = Sandbox::open(&settings, told).await.map_err(failed)?;
        let url = sandbox.app().config.public_url.clone();
        tokio::spawn(sandbox.run());
        Ok(House {
            url,
            client: reqwest::Client::new(),
            _stop: stop,
            _folder: folder,
        })
    }

    /// Somebody who can register, as the sandbox tells of people.
    pub async fn somebody(&self) -> Answer<Value> {
        let people = self.get("/sandbox/people?only=suggested&count=1").await?;
        let people: Value = serde_json::from_slice(&people)?;
        Ok(people["people"][0].clone())
    }

    /// The newest code that a phone received.
    pub async fn code(&self, phone: &str) -> Answer<String> {
        let to: String = url::form_urlencoded::byte_serialize(phone.as_bytes()).collect();
        let (end, mut looks) = (Instant::now() + PATIENCE, interval(Duration::from_millis(50)));
        while Instant::now() < end {
            looks.tick().await;
            let messages = self.get(&format!("/sandbox/messages?to={to}")).await?;
            let messages: Value = serde_json::from_slice(&messages)?;
            let text = messages["messages"][0]["text"].as_str().unwrap_or_default();
            let mut numbers = text.split(|c: char| !c.is_ascii_digit());
            if let Some(code) = numbers.find(|digits| digits.len() == 6) {
                return Ok(code.to_owned());
            }
        }
        Err(Failure::new("no code came"))
    }

    /// What an address of the sandbox answers to a program.
    pub async fn get(&self, path: &str) -> Answer<Vec<u8>> {
        let asked = self.client.get(format!("{}{path}", self.url));
        let answer = asked.header("accept", "application/json").send().await;
        let answer = answer.and_then(reqwest::Response::error_for_status);
        let failed = |error: reqwest::Error| Failure::new(format!("{path}: {error}"));
        Ok(answer.map_err(failed)?.bytes().await.map_err(failed)?.to_vec())
    }
}
