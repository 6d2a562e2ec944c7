//! What a kill in the middle of uploads leaves behind: everything that was acknowledged, and nothing else.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::cdp::{Answer, Failure, PATIENCE};
use crate::journey::sandbox::{Citizen, Line, Sandbox};

/// How often the sandbox is killed.
const ROUNDS: u64 = 6;

/// Somebody who uploads again and again.
#[derive(Clone)]
struct Uploader {
    citizen: Citizen,
    cookie: String,
    portrait: String,
}

impl Uploader {
    async fn of(sandbox: &Sandbox, citizen: &Citizen) -> Answer<Self> {
        let password = sandbox.account(citizen, 0).await?.password;
        let portrait = sandbox
            .file(&format!("/sandbox/people/{}/portrait.jpg", citizen.number))
            .await?;
        let form = json!({ "number": citizen.number, "password": password });
        Ok(Self {
            citizen: citizen.clone(),
            cookie: sandbox.line().cookie("/signin", &form).await?,
            portrait: STANDARD.encode(portrait),
        })
    }

    /// Uploads portrait and chip once; answers where the portrait is seen, once that was acknowledged.
    async fn upload(&self, line: &Line) -> Answer<String> {
        let asked = line
            .post(&self.cookie, "/applications/level-1/reading", &json!({}))
            .await?;
        let challenge = asked["reading"]["challenge"].as_str().unwrap_or_default();
        let chip = format!(
            "/sandbox/people/{}/chip.json?challenge={challenge}",
            self.citizen.number
        );
        let chip = line.get(&chip).await?;
        let body = json!({ "portrait": { "base64": self.portrait }, "chip": chip });
        let taken = line.post(&self.cookie, "/applications/level-1", &body).await?;
        let portrait = taken["portrait"].as_str().map(str::to_owned);
        portrait.ok_or_else(|| Failure::new(format!("no portrait in {taken}")))
    }
}

#[tokio::test]
async fn a_kill_in_the_middle_of_uploads_loses_nothing_and_leaves_no_orphan() -> Answer<()> {
    let mut sandbox = Sandbox::start().await?;
    let mut uploaders = Vec::new();
    for citizen in sandbox.citizens().await?.iter().take(4) {
        uploaders.push(Uploader::of(&sandbox, citizen).await?);
    }

    for round in 0..ROUNDS {
        let mut uploads = JoinSet::new();
        for uploader in &uploaders {
            let (uploader, line) = (uploader.clone(), sandbox.line());
            uploads.spawn(async move {
                let mut seen = None;
                while let Ok(portrait) = uploader.upload(&line).await {
                    seen = Some((uploader.cookie.clone(), portrait));
                }
                seen
            });
        }
        let first = timeout(PATIENCE, line_is_busy(&sandbox)).await;
        first.map_err(|_elapsed| Failure::new("nothing was uploaded"))??;
        drop(timeout(Duration::from_millis(40 + 37 * round), std::future::pending::<()>()).await);
        sandbox.cut().await?;
        sandbox.mend().await?;
        while let Some(seen) = uploads.join_next().await {
            let Ok(Some((cookie, portrait))) = seen else { continue };
            let shown = sandbox.line().file(&cookie, &portrait).await?;
            assert!(
                shown.starts_with(&[0xff, 0xd8]),
                "{portrait} was acknowledged and is lost"
            );
        }
    }

    sandbox.post("/sandbox/clock", &json!({ "advance": "PT26H" })).await?;
    let end = Instant::now() + PATIENCE;
    while objects(&sandbox.data().join("evidence")) > 0 {
        sandbox.get("/sandbox/messages").await?;
        assert!(Instant::now() < end, "objects without a row are left");
    }
    Ok(())
}

/// Waits until something lies where evidence lies.
async fn line_is_busy(sandbox: &Sandbox) -> Answer<()> {
    while objects(&sandbox.data().join("evidence")) == 0 {
        sandbox.get("/sandbox/clock").await?;
    }
    Ok(())
}

/// How many files lie in a folder and those below it.
fn objects(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let count = |path: &Path| if path.is_dir() { objects(path) } else { 1 };
    entries.map(|entry| count(&entry.path())).sum()
}
