//! A verifier in ten lines: `cargo run -p credentials --example verify -- TRUST_LIST PINNED_KEY STATUS_LIST NOW < TEXT`
//!
//! `TRUST_LIST`, `PINNED_KEY` (JWK) and `STATUS_LIST` are files, `NOW` is an instant (`2027-01-15T08:00:00Z`), the text of a
//! QR code or an SD-JWT comes on standard input. The verdict goes to standard output as JSON.

use std::error::Error;
use std::{env, fs, io};

use credentials::trust::{Trust, TrustList};
use credentials::verify::{SKEW, Session, Verifier};
use crypto::jwk::Jwk;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [trust_list, pinned, status_list, now] = arguments.as_slice() else {
        return Err("TRUST_LIST PINNED_KEY STATUS_LIST NOW".into());
    };

    let now = now.parse()?;
    let pinned = Jwk::parse(&fs::read(pinned)?)?;
    let list = TrustList::read(&fs::read_to_string(trust_list)?, &pinned, 0, now, SKEW)?;
    let mut verifier = Verifier::new(Trust::new(list)?);
    verifier.keep_status_list(&fs::read_to_string(status_list)?, now)?;
    let text = io::read_to_string(io::stdin())?;
    let verdict = verifier.text(&text, &Session::at(now));
    serde_json::to_writer_pretty(io::stdout(), &verdict)?;
    Ok(())
}
