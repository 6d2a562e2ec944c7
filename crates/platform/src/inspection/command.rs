//! `vneid verify`: for whoever verifies without this platform, in a script or by hand.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use credentials::trust::{Trust, TrustList};
use credentials::verify::{Outcome, SKEW, Session, Verdict, Verifier};
use crypto::jwk::{Jwk, JwkSet};
use jiff::Timestamp;

use crate::shell::clock::Clock;
use crate::shell::qr;
use crate::shell::server::Failure;

/// The most that is read of anything.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Say whether an identity QR (its text, or a picture of it), an SD-JWT or a mobile document is to be relied upon.
///
/// Ends with 0 if it is, 1 if it is not, 3 if a person should look at the reasons, 2 if it could not be judged.
#[derive(Args)]
pub struct Verify {
    /// What was presented: a file, or `-` for standard input.
    file: PathBuf,
    /// The trust list, as it is published at `/issuance/trust-list`.
    #[arg(long)]
    trust_list: PathBuf,
    /// The key of the trust list, or its keys: a JWK or a set of them.
    #[arg(long)]
    keys: PathBuf,
    /// Status lists to know by, as JWT; give it once for each.
    #[arg(long)]
    status_list: Vec<PathBuf>,
    /// The challenge that the holder was given for an identity QR.
    #[arg(long)]
    challenge: Option<String>,
    /// For an SD-JWT: the verifier as the holder knows it. Needs `--nonce`.
    #[arg(long, requires = "nonce")]
    audience: Option<String>,
    /// For an SD-JWT: the nonce of the transaction. Needs `--audience`.
    #[arg(long, requires = "audience")]
    nonce: Option<String>,
    /// For a mobile document: the file with the session transcript in CBOR.
    #[arg(long)]
    transcript: Option<PathBuf>,
    /// The time to judge at, such as 2026-11-22T08:00:00Z; now, if it is not said.
    #[arg(long)]
    at: Option<Timestamp>,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

impl Verify {
    /// Does it: answers what to print, and the worst of the verdicts.
    ///
    /// # Errors
    /// When a file cannot be read, or the trust list or a status list is refused.
    pub fn run(self, clock: &Clock) -> Result<(String, Outcome), Failure> {
        let at = self.at.unwrap_or_else(|| clock.now());
        let verifier = self.verifier(at)?;
        let presented = read(&self.file)?;
        let transcript = self.transcript.as_deref().map(read).transpose()?;
        let session = Session {
            challenge: self.challenge.as_deref().map(str::as_bytes),
            binding: self.audience.as_deref().zip(self.nonce.as_deref()),
            transcript: transcript.as_deref(),
            ..Session::at(at)
        };
        let verdicts = judge(&verifier, &presented, &session)?;
        let worst = verdicts
            .iter()
            .map(|verdict| verdict.outcome)
            .max()
            .unwrap_or(Outcome::Reject);
        let text = if self.json {
            serde_json::to_string_pretty(&verdicts)? + "\n"
        } else {
            verdicts.iter().map(told).collect()
        };
        Ok((text, worst))
    }

    fn verifier(&self, at: Timestamp) -> Result<Verifier, Failure> {
        let keys = read(&self.keys)?;
        let keys = match JwkSet::parse(&keys) {
            Ok(set) => set,
            Err(_) => JwkSet::new(vec![Jwk::parse(&keys)?]),
        };
        let list = String::from_utf8(read(&self.trust_list)?)?;
        let list = TrustList::read(list.trim(), &keys, 0, at, SKEW)?;
        let mut verifier = Verifier::new(Trust::new(list)?);
        for file in &self.status_list {
            verifier.keep_status_list(String::from_utf8(read(file)?)?.trim(), at)?;
        }
        Ok(verifier)
    }
}

fn judge(verifier: &Verifier, presented: &[u8], session: &Session<'_>) -> Result<Vec<Verdict>, Failure> {
    if is_picture(presented) {
        let text = qr::text_on(presented).map_err(|unread| format!("no code on the picture: {unread:?}"))?;
        return Ok(vec![verifier.text(&text, session)]);
    }
    Ok(match std::str::from_utf8(presented) {
        Ok(text) => vec![verifier.text(text, session)],
        Err(_) => verifier.bytes(presented, session),
    })
}

fn is_picture(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG") || bytes.starts_with(&[0xff, 0xd8, 0xff])
}

fn told(verdict: &Verdict) -> String {
    let mut text = match verdict.outcome {
        Outcome::Accept => "VALID\n".to_owned(),
        Outcome::Caution => "CAUTION\n".to_owned(),
        Outcome::Reject => "NOT VALID\n".to_owned(),
    };
    for reason in &verdict.reasons {
        writeln!(text, "  {}: {}", reason.code, reason.text).ok();
    }
    if let Some(status) = &verdict.status {
        writeln!(text, "  status as of {} ({} s ago)", status.as_of, status.age_seconds).ok();
    }
    if let Some(issuer) = &verdict.authority {
        writeln!(text, "  issued under {issuer}").ok();
    }
    if !verdict.claims.is_null() {
        writeln!(text, "  {}", verdict.claims).ok();
    }
    text
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let source: Box<dyn std::io::Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file).map_err(|cause| format!("{}: {cause}", file.display()))?)
    };
    source.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST) {
        return Err(format!("{}: larger than anything that is presented", file.display()).into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use fast_qr::{ECL, QRBuilder};
    use image::{GrayImage, Luma};
    use serde_json::Value;
    use tempfile::TempDir;

    use super::*;

    const CASES: &str = include_str!("../../../credentials/tests/data/identity_qr/cases.json");

    fn verify(folder: &TempDir, presented: &[u8], at: i64) -> (Value, Outcome) {
        let cases: Value = serde_json::from_str(CASES).unwrap();
        let put = |name: &str, bytes: &[u8]| {
            let file = folder.path().join(name);
            std::fs::write(&file, bytes).unwrap();
            file
        };
        let text = |name: &str| cases[name].as_str().unwrap().to_owned();
        let what = Verify {
            file: put("presented", presented),
            trust_list: put("trust.jwt", text("trust_list").as_bytes()),
            keys: put("keys.json", cases["pinned"][0].to_string().as_bytes()),
            status_list: vec![put("status.jwt", text("status_list").as_bytes())],
            challenge: None,
            audience: None,
            nonce: None,
            transcript: None,
            at: Some(Timestamp::from_second(at).unwrap()),
            json: true,
        };
        let (told, outcome) = what.run(&Clock::fixed(Timestamp::UNIX_EPOCH)).unwrap();
        (serde_json::from_str(&told).unwrap(), outcome)
    }

    /// A picture of a code, five pixels a module.
    fn picture(text: &str) -> Vec<u8> {
        let code = QRBuilder::new(text).ecl(ECL::L).build().unwrap();
        let size = u32::try_from((code.size + 8) * 5).unwrap();
        let picture = GrayImage::from_fn(size, size, |x, y| {
            let module = |at: u32| (at as usize / 5).checked_sub(4).filter(|at| *at < code.size);
            let dark = module(x).zip(module(y)).is_some_and(|(x, y)| code[y][x].value());
            Luma([if dark { 0 } else { 255 }])
        });
        let mut png = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
        png.into_inner()
    }

    #[test]
    fn a_code_is_verified_as_text_and_as_a_picture() {
        let folder = tempfile::tempdir().unwrap();
        let cases: Value = serde_json::from_str(CASES).unwrap();
        let (code, now) = (
            cases["codes"][0]["text"].as_str().unwrap(),
            cases["now"].as_i64().unwrap(),
        );

        let (told, good) = verify(&folder, code.as_bytes(), now);
        let (seen, on_picture) = verify(&folder, &picture(code), now);
        let (late, screenshot) = verify(&folder, code.as_bytes(), now + 61);
        let (_, garbage) = verify(&folder, &[0xa0, 0xff], now);

        assert_eq!((good, on_picture), (Outcome::Accept, Outcome::Accept));
        assert_eq!(told[0]["claims"]["number"], "001198000001");
        assert_eq!(seen[0]["claims"], told[0]["claims"]);
        assert_eq!((screenshot, garbage), (Outcome::Reject, Outcome::Reject));
        assert_eq!(late[0]["reasons"][0]["code"], "credential/proof-too-old");
    }
}
