//! A real PKCS #11 device for one test: SoftHSM, in a process of its own, since its library is told by the environment where it is.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::shell::keys::device::Settings;

const SOFTHSM: &str = "/usr/lib/softhsm/libsofthsm2.so";
const INSIDE: &str = "VNEID_TEST_HSM_FOLDER";
const PIN: &str = "5678";

/// The folder of the test, in the process that has a device of its own; `None` where that process was started and has ended well,
/// or where there is no SoftHSM.
pub(crate) fn alone(test: &str) -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the test tells its own process where its device is"
    )]
    if let Ok(folder) = std::env::var(INSIDE) {
        return Some(PathBuf::from(folder));
    }
    if !Path::new(SOFTHSM).exists() {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("tokens")).unwrap();
    let settings = format!(
        "directories.tokendir = {}\nlog.level = ERROR\n",
        path("tokens").display()
    );
    std::fs::write(path("softhsm2.conf"), settings).unwrap();
    std::fs::write(path("pin"), PIN).unwrap();
    make_private(&path("pin"));
    let made = Command::new("softhsm2-util")
        .args([
            "--init-token",
            "--free",
            "--label",
            "vneid",
            "--so-pin",
            "1234",
            "--pin",
            PIN,
        ])
        .env("SOFTHSM2_CONF", path("softhsm2.conf"))
        .stdout(Stdio::null())
        .status();
    let ended = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("SOFTHSM2_CONF", path("softhsm2.conf"))
        .env(INSIDE, folder.path())
        .status();
    assert!(made.unwrap().success() && ended.unwrap().success());
    None
}

fn make_private(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// How the platform reaches the device.
pub(crate) fn settings(folder: &Path) -> Settings {
    Settings {
        module: PathBuf::from(SOFTHSM),
        token: "vneid".to_owned(),
        pin_file: folder.join("pin"),
        purposes: crate::shell::keys::PURPOSES
            .iter()
            .map(|(purpose, _)| (*purpose).to_owned())
            .collect(),
    }
}

/// The token is gone.
pub(crate) fn pull_out(folder: &Path) {
    std::fs::rename(folder.join("tokens"), folder.join("pulled-out")).unwrap();
    std::fs::create_dir(folder.join("tokens")).unwrap();
}

/// The token is back.
pub(crate) fn put_back(folder: &Path) {
    std::fs::remove_dir(folder.join("tokens")).unwrap();
    std::fs::rename(folder.join("pulled-out"), folder.join("tokens")).unwrap();
}
