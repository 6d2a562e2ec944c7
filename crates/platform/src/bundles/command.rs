//! `vneid bundle verify`: for whoever has kept a bundle, years later and without this platform.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use credentials::bundle::{Bundle, BundleRefusal};
use crypto::digest::sha256;
use serde::Serialize;
use serde_json::Value;

use crate::ledger;
use crate::shell::server::Failure;

/// The most that is read of a file.
const LARGEST: u64 = 1024 * 1024;

/// What to do with a bundle.
#[derive(Subcommand)]
pub enum Command {
    /// Say whether a verified data bundle is genuine and unchanged, and what it says.
    ///
    /// Ends with 0 if it is, 1 if it is not, 2 if it could not be judged.
    Verify(Verify),
}

/// What is needed to judge a bundle: no network.
#[derive(Args)]
pub struct Verify {
    /// The bundle, as it was received; or, with its proof, JSON `{"bundle": …, "proof": …}`.
    file: PathBuf,
    /// The authority's certificate (DER), kept from `/issuance/authority`; give it once for each.
    #[arg(long, required = true)]
    authority: Vec<PathBuf>,
    /// The key of the ledger, as `/ledger` shows it: with it the proof must be there and good.
    #[arg(long)]
    ledger_key: Option<String>,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

/// What was found out.
#[derive(Serialize)]
struct Verdict {
    genuine: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Whether the ledger has it: `proved`, `refuted`, or `unchecked` without the ledger's key.
    ledger: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle: Option<Bundle>,
}

impl Command {
    /// Does it: answers what to print, and whether the bundle is genuine.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn run(self) -> Result<(String, bool), Failure> {
        let Self::Verify(verify) = self;
        let authorities = verify
            .authority
            .iter()
            .map(|file| read(file))
            .collect::<Result<Vec<_>, _>>()?;
        let text = String::from_utf8(read(&verify.file)?)?;
        let verdict = verdict(&text, &authorities, verify.ledger_key.as_deref());
        let told = if verify.json {
            serde_json::to_string_pretty(&verdict)? + "\n"
        } else {
            told(&verdict)?
        };
        Ok((told, verdict.genuine))
    }
}

fn verdict(text: &str, authorities: &[Vec<u8>], ledger_key: Option<&str>) -> Verdict {
    let file: Option<Value> = serde_json::from_str(text).ok();
    let inside = file.as_ref().and_then(|file| file.get("bundle")?.as_str());
    let signed = inside.unwrap_or(text).trim();
    let proof = file.as_ref().and_then(|file| file.get("proof"));
    let refused = |reason: String, ledger| Verdict {
        genuine: false,
        reason: Some(reason),
        ledger,
        bundle: None,
    };
    let bundle = match Bundle::verify(signed, authorities) {
        Ok(bundle) => bundle,
        Err(refusal) => return refused(line(refusal), "unchecked"),
    };
    let Some(key) = ledger_key else {
        return Verdict {
            genuine: true,
            reason: None,
            ledger: "unchecked",
            bundle: Some(bundle),
        };
    };
    let record = proof.and_then(|proof| ledger::verify_witnessed(proof, key));
    let digest = hex::encode(sha256(signed.as_bytes()));
    if record.is_some_and(|record| says(&record, &digest)) {
        return Verdict {
            genuine: true,
            reason: None,
            ledger: "proved",
            bundle: Some(bundle),
        };
    }
    refused(
        "the ledger's proof is missing or not about this bundle".to_owned(),
        "refuted",
    )
}

/// Whether a record of the ledger is about a bundle with this digest.
fn says(record: &str, digest: &str) -> bool {
    let record: Value = serde_json::from_str(record).unwrap_or_default();
    record.pointer("/record/sha256").and_then(Value::as_str) == Some(digest)
}

fn line(refusal: BundleRefusal) -> String {
    refusal.to_string()
}

fn told(verdict: &Verdict) -> Result<String, Failure> {
    let mut text = if verdict.genuine { "GENUINE\n" } else { "NOT GENUINE\n" }.to_owned();
    if let Some(reason) = &verdict.reason {
        writeln!(text, "  {reason}")?;
    }
    writeln!(text, "  ledger: {}", verdict.ledger)?;
    if let Some(bundle) = &verdict.bundle {
        text.push_str(&serde_json::to_string_pretty(bundle)?);
        text.push('\n');
    }
    Ok(text)
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).map_err(|cause| format!("{}: {cause}", file.display()))?;
    opened.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST) {
        return Err(format!("{}: larger than any bundle", file.display()).into());
    }
    Ok(bytes)
}

#[cfg(test)]
impl Verify {
    /// What to judge, for tests.
    pub(super) fn of(file: PathBuf, authority: PathBuf, ledger_key: Option<String>) -> Self {
        Self {
            file,
            authority: vec![authority],
            ledger_key,
            json: true,
        }
    }
}
