use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{measured, store};
use crate::app::App;
use crate::ledger::audit::{Saved, Site, entry};
use crate::ledger::note::Verifier;
use crate::ledger::{Proof, rules, standing};
use crate::shell::filters;
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::server::Failure;

/// The programs that were released.
#[derive(Template, Serialize)]
#[template(path = "ledger/pages/releases.html")]
pub(in crate::ledger) struct Releases {
    releases: Vec<Told>,
}

/// One of them, with its proof.
#[derive(Serialize)]
struct Told {
    version: String,
    sha256: String,
    bytes: i64,
    released_at: Timestamp,
    proof: Proof,
}

/// Shows the programs that were released.
pub(in crate::ledger) async fn show(State(app): State<App>) -> Result<Page<Releases>, Problem> {
    let keys = app.clone();
    let releases = app
        .db
        .read(move |conn| {
            let mut told = Vec::new();
            for release in store::list(conn)? {
                let commitment = release.commitment(&keys);
                told.push(Told {
                    proof: Proof::of(&commitment, standing(conn, &commitment)?),
                    version: release.version,
                    sha256: release.sha256,
                    bytes: release.bytes,
                    released_at: release.released_at,
                });
            }
            Ok::<_, db::Error>(told)
        })
        .await?;

    Ok(Page(Releases { releases }))
}

/// A release as a site tells it.
#[derive(Deserialize)]
struct Read {
    releases: Vec<ReadRelease>,
}

#[derive(Deserialize)]
struct ReadRelease {
    sha256: String,
    proof: ReadProof,
}

#[derive(Deserialize)]
struct ReadProof {
    leaf: Option<u64>,
    salt: String,
    record: String,
}

/// Checks that a program was released by the owner of a log on the web; answers what is wrong.
///
/// # Errors
/// If the program or the log cannot be read.
pub(in crate::ledger) async fn check(
    from: &str,
    file: Option<&std::path::Path>,
    saved: &[Saved],
    keys: &[Verifier],
) -> Result<Option<String>, Failure> {
    let (sha256, _) = measured(file)?;
    let site = Site::new(from)?;
    let bytes = site.fetch("releases").await?.unwrap_or_default();
    let read: Read = serde_json::from_slice(&bytes)?;
    let Some(release) = read.releases.into_iter().find(|release| release.sha256 == sha256) else {
        return Ok(Some(format!("no program with the sha256 {sha256} was released")));
    };
    let (Some(leaf), Some(salt)) = (release.proof.leaf, rules::salt(&release.proof.salt)) else {
        return Ok(Some("the release is not in the log yet".to_owned()));
    };
    if !release.proof.record.contains(&sha256) {
        return Ok(Some("the record in the log is about another program".to_owned()));
    }
    let entry = rules::commitment("release", &salt, &release.proof.record);
    Ok(entry::check(&site, leaf, entry, saved, keys).await?.map(str::to_owned))
}
