//! What the tests need from the operating system, and how it gets there.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::workspace::say;

/// Something that is not built from source.
struct Need {
    what: &'static str,
    /// Debian packages that bring it: the first that the distribution knows is taken.
    packages: &'static [&'static str],
    present: fn() -> bool,
}

const NEEDS: &[Need] = &[
    Need {
        what: "the PostgreSQL server",
        packages: &["postgresql-15", "postgresql"],
        present: || postgres_programs().is_some(),
    },
    Need {
        what: "Chromium",
        packages: &["chromium"],
        present: || chromium().is_some(),
    },
    Need {
        what: "the DejaVu fonts",
        packages: &["fonts-dejavu-core"],
        present: || PathBuf::from("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf").is_file(),
    },
    Need {
        what: "OpenSSL's command line, the foreign judge of chips",
        packages: &["openssl"],
        present: || program("openssl").is_some(),
    },
    Need {
        what: "the headers of PC/SC, for the card reader",
        packages: &["libpcsclite-dev"],
        present: || PathBuf::from("/usr/include/PCSC/winscard.h").is_file(),
    },
    Need {
        what: "Python with virtual environments",
        packages: &["python3-venv"],
        present: || program("python3").is_some() && python_makes_environments(),
    },
    Need {
        what: "SoftHSM",
        packages: &["softhsm2"],
        present: || program("softhsm2-util").is_some(),
    },
    Need {
        what: "p11-kit",
        packages: &["p11-kit"],
        present: || program("p11-kit").is_some(),
    },
    Need {
        what: "the modules of p11-kit",
        packages: &["p11-kit-modules"],
        present: || PathBuf::from("/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so").is_file(),
    },
];

/// Installs what is missing when the caller is root on a Debian system, else says what to install.
pub fn run() -> bool {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.present)()).collect();
    if missing.is_empty() {
        return true;
    }
    let names: Vec<&str> = missing.iter().map(|need| need.what).collect();
    say(format!("missing: {}", names.join(", ")));
    if !is_root() || program("apt-get").is_none() {
        let packages: Vec<&str> = missing
            .iter()
            .filter_map(|need| need.packages.first())
            .copied()
            .collect();
        say(format!(
            "install them and run this again; on Debian: apt-get install --no-install-recommends {}",
            packages.join(" ")
        ));
        return false;
    }
    install(&missing)
}

/// The folder with `initdb`, `pg_ctl` and `postgres`, the newest if there are several.
pub fn postgres_programs() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| folder.join("initdb").is_file() && folder.join("postgres").is_file())
        .collect();
    versions.sort();
    versions
        .pop()
        .map(|(_, folder)| folder)
        .or_else(|| program("initdb")?.parent().map(PathBuf::from))
}

/// The program that starts Chromium.
pub fn chromium() -> Option<PathBuf> {
    program("chromium").or_else(|| program("chromium-browser"))
}

/// Whether the caller is root.
pub fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|answer| answer.stdout.trim_ascii() == b"0")
}

fn install(missing: &[&Need]) -> bool {
    if !apt(&["update"]) {
        say("apt-get update failed: trying with the package lists that are here");
    }
    let packages: Vec<&str> = missing
        .iter()
        .filter_map(|need| {
            need.packages
                .iter()
                .copied()
                .find(|package| is_known(package))
                .or(need.packages.last().copied())
        })
        .collect();
    let mut words = vec!["install", "--yes", "--no-install-recommends"];
    words.extend(&packages);
    let still_missing = |need: &&&Need| !(need.present)();
    if !apt(&words) || missing.iter().any(|need| still_missing(&need)) {
        say(format!("could not install: {}", packages.join(" ")));
        return false;
    }
    true
}

fn apt(words: &[&str]) -> bool {
    Command::new("apt-get")
        .args(words)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn is_known(package: &str) -> bool {
    Command::new("apt-cache")
        .args(["show", package])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Debian keeps a part of the standard library apart.
fn python_makes_environments() -> bool {
    Command::new("python3")
        .args(["-c", "import venv, ensurepip"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Where a program is.
pub fn program(name: &str) -> Option<PathBuf> {
    let answer = Command::new("sh")
        .args(["-c", "command -v \"$0\"", name])
        .output()
        .ok()?;
    let path = String::from_utf8(answer.stdout).ok()?;
    let path = path.trim();
    (answer.status.success() && path.starts_with('/')).then(|| PathBuf::from(path))
}
