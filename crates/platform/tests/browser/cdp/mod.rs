//! A small client of Chromium, over the `DevTools` protocol.
//!
//! One browser holds any number of visitors. Each has a page, a language and cookies of its own, so that a citizen and an
//! officer can meet in one test. Waiting is bounded everywhere; nothing waits a fixed time.

mod page;
mod video;
mod wire;

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

pub use page::Page;
pub use video::{Frame, y4m};
use wire::Wire;

/// How long anything in the browser may take. It is long because machines that test are busy.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What went wrong, in one line; `Debug` prints the same, so that a failed test reads well.
pub struct Failure(String);

/// What every call on the browser answers.
pub type Answer<T> = Result<T, Failure>;

/// Flags that make the browser quiet, private and the same everywhere.
const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--no-first-run",
    "--remote-debugging-port=0",
];

/// A running Chromium with a profile of its own; dropping it ends it.
pub struct Browser {
    child: Child,
    wire: Wire,
    agent: String,
    _profile: TempDir,
}

/// How a visitor comes: with which eyes, which language, with or without script.
#[derive(Clone, Copy, Debug)]
pub struct Visitor {
    /// Whether pages may run script.
    pub script: bool,
    /// As in `Accept-Language`.
    pub language: &'static str,
    /// Whether the visitor prefers dark colours.
    pub dark: bool,
    /// Width and height of the window in CSS pixels.
    pub window: (u32, u32),
}

impl Visitor {
    /// A phone, in Vietnamese, with script, in light colours.
    pub const PHONE: Visitor = Visitor {
        script: true,
        language: "vi",
        dark: false,
        window: (390, 844),
    };

    /// An officer's desk, in Vietnamese, with script, in light colours.
    pub const DESK: Visitor = Visitor {
        window: (1280, 800),
        ..Visitor::PHONE
    };
}

impl Browser {
    /// Starts Chromium. Its camera, which asks nobody, shows the video in `camera` again and again (see [`y4m`]).
    ///
    /// Fails if `VNEID_TEST_CHROMIUM` is not set: `cargo xtask test` sets it.
    pub async fn launch(camera: Option<&Path>) -> Answer<Browser> {
        let profile = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        let mut command = Command::new(chromium()?);
        command
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()));
        if let Some(video) = camera {
            command.args(["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]);
            command.arg(format!("--use-file-for-fake-video-capture={}", video.display()));
        }
        command
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);

        let mut child = command.spawn()?;
        let errors = child
            .stderr
            .take()
            .ok_or_else(|| Failure::new("Chromium has no standard error"))?;
        let address = timeout(PATIENCE, address(errors))
            .await
            .map_err(|_elapsed| Failure::new("Chromium did not start in time"))??;
        let wire = Wire::connect(&address).await?;
        let version = wire.call(None, "Browser.getVersion", json!({})).await?;
        let agent = version["userAgent"].as_str().unwrap_or_default().to_owned();
        Ok(Browser {
            child,
            wire,
            agent,
            _profile: profile,
        })
    }

    /// An empty page for a visitor who has never been here: no cookie is shared with another.
    pub async fn visit(&self, visitor: &Visitor) -> Answer<Page> {
        let context = self.wire.call(None, "Target.createBrowserContext", json!({})).await?;
        let wanted = json!({ "url": "about:blank", "browserContextId": context["browserContextId"] });
        let target = self.wire.call(None, "Target.createTarget", wanted).await?;
        let wanted = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.wire.call(None, "Target.attachToTarget", wanted).await?;
        let session = session["sessionId"]
            .as_str()
            .ok_or_else(|| Failure::new("the page has no session"))?;
        let page = Page::new(self.wire.clone(), session.to_owned());
        for (method, wanted) in self.settings(visitor) {
            page.call(method, wanted).await?;
        }
        Ok(page)
    }

    /// Ends the browser and waits until it has ended.
    pub async fn close(mut self) -> Answer<()> {
        self.wire.call(None, "Browser.close", json!({})).await?;
        timeout(PATIENCE, self.child.wait())
            .await
            .map_err(|_elapsed| Failure::new("Chromium did not end in time"))??;
        Ok(())
    }

    fn settings(&self, visitor: &Visitor) -> [(&'static str, Value); 8] {
        let (width, height) = visitor.window;
        let scheme = if visitor.dark { "dark" } else { "light" };
        [
            ("Page.enable", json!({})),
            ("Runtime.enable", json!({})),
            ("Log.enable", json!({})),
            (
                "Emulation.setScriptExecutionDisabled",
                json!({ "value": !visitor.script }),
            ),
            (
                "Emulation.setUserAgentOverride",
                json!({ "userAgent": self.agent, "acceptLanguage": visitor.language }),
            ),
            (
                "Emulation.setEmulatedMedia",
                json!({ "features": [
                { "name": "prefers-color-scheme", "value": scheme },
                { "name": "prefers-reduced-motion", "value": "reduce" },
            ] }),
            ),
            (
                "Emulation.setDeviceMetricsOverride",
                json!({
                    "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
                }),
            ),
            ("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })),
        ]
    }
}

impl Failure {
    pub fn new(what: impl Into<String>) -> Failure {
        Failure(what.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure(error.to_string())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test has no configuration but the environment"
)]
fn chromium() -> Answer<PathBuf> {
    let path = std::env::var_os("VNEID_TEST_CHROMIUM").map(PathBuf::from);
    path.ok_or_else(|| {
        Failure::new("VNEID_TEST_CHROMIUM is not set: run the browser tests with `cargo xtask test --only browser`")
    })
}

/// Reads what Chromium says until it names the address of its `DevTools`, and goes on reading so that it never waits for us.
async fn address(errors: impl AsyncRead + Unpin + Send + 'static) -> Answer<String> {
    let mut lines = BufReader::new(errors).lines();
    let mut said = String::new();
    while let Some(line) = lines.next_line().await? {
        if let Some(address) = line.strip_prefix("DevTools listening on ") {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(address.trim().to_owned());
        }
        said.push_str(&line);
        said.push('\n');
    }
    Err(Failure(format!("Chromium ended at once: {said}")))
}
