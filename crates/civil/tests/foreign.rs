//! The same EF.SODs, whole and tampered with, before our passive authentication and before OpenSSL's CMS.
//!
//! `cargo xtask test` installs OpenSSL; without it these tests say so and do nothing.

#![expect(clippy::unwrap_used, reason = "a test fails where a file cannot be written")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use civil::chip::{ChipFile, ChipFiles, TrustStore, passive_authentication, tlv};

macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!("chip/", $name)).as_slice()
    };
}

/// An EF.SOD, the authority that vouches for it, and whether OpenSSL takes its certificates: it refuses curves that are
/// written out, which issuers of documents must write out (ICAO 9303-12 section 4.4).
struct Case {
    sod: &'static [u8],
    authority: &'static [u8],
    with_chain: bool,
}

const CASES: [Case; 5] = [
    Case {
        sod: vector!("ordinary.sod.der"),
        authority: vector!("ordinary.csca.der"),
        with_chain: true,
    },
    Case {
        sod: vector!("pss.sod.der"),
        authority: vector!("pss.csca.der"),
        with_chain: true,
    },
    Case {
        sod: vector!("brainpool.sod.der"),
        authority: vector!("brainpool.csca.der"),
        with_chain: false,
    },
    Case {
        sod: vector!("nist.sod.der"),
        authority: vector!("nist.csca.der"),
        with_chain: false,
    },
    Case {
        sod: vector!("streamed.sod.der"),
        authority: vector!("nist.csca.der"),
        with_chain: false,
    },
];

fn is_here() -> bool {
    Command::new("openssl")
        .arg("version")
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn ours(case: &Case, sod: &[u8]) -> bool {
    let file = |bytes: &[u8]| ChipFile::from(bytes.to_vec());
    let files = ChipFiles {
        com: file(&[]),
        dg1: file(&[0x61, 1, 1]),
        dg2: file(&[0x75, 1, 2]),
        dg13: Some(file(&[0x6d, 1, 3])),
        dg14: None,
        dg15: None,
        sod: file(sod),
    };
    let trust = TrustStore::from_files([("csca.der".to_owned(), case.authority.to_vec())]).unwrap();
    passive_authentication(&files, &trust, "2027-01-01T00:00:00Z".parse().unwrap()).is_ok()
}

fn theirs(case: &Case, sod: &[u8], folder: &Path) -> bool {
    let Some((_, cms)) = tlv::first(sod).map(|(object, _)| (object.tag, object.content)) else {
        return false;
    };
    let authority = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        STANDARD.encode(case.authority)
    );
    let file = folder.join("authority.pem");
    std::fs::write(&file, authority).unwrap();
    let mut command = Command::new("openssl");
    command.args([
        "cms",
        "-verify",
        "-inform",
        "DER",
        "-binary",
        "-out",
        "/dev/null",
        "-purpose",
        "any",
    ]);
    command.args(["-attime", "1798761600", "-CAfile"]).arg(&file);
    if !case.with_chain {
        command.arg("-noverify");
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It may have given up before it read all.
    drop(child.stdin.take().unwrap().write_all(cms));
    child.wait().unwrap().success()
}

#[test]
fn openssl_accepts_what_we_accept_and_we_refuse_what_it_refuses() {
    if !is_here() {
        return;
    }
    let folder = std::env::temp_dir().join(format!("vneid-foreign-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (mut both, mut stricter) = (0, 0);

    for case in &CASES {
        assert!(ours(case, case.sod) && theirs(case, case.sod, &folder));
        for place in (5..case.sod.len()).step_by(23) {
            let mut changed = case.sod.to_vec();
            changed[place] ^= 1;
            match (ours(case, &changed), theirs(case, &changed, &folder)) {
                (true, false) => panic!("we accept byte {place} flipped, OpenSSL does not"),
                (false, true) => stricter += 1,
                _ => both += 1,
            }
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    // Where OpenSSL is not asked about the chain, it does not look at most of the certificate.
    assert!(both > stricter, "{both} agree, in {stricter} we are stricter");
}
