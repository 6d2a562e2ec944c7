//! Keys in a real PKCS #11 device: SoftHSM, and SoftHSM behind a line that can break (the remoting of p11-kit).
//!
//! The library of a device is told by the environment where its tokens are, so each test runs in a process of its own. Without
//! SoftHSM (Debian: `softhsm2`, `p11-kit`, `p11-kit-modules`) there is nothing to test; `cargo xtask test` installs it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use super::*;
use crate::jws;
use crate::sign::{self, Signer as _};

const SOFTHSM: &str = "/usr/lib/softhsm/libsofthsm2.so";
const REMOTE: &str = "/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so";
const PIN: &str = "5678";
/// Says that a test runs in its own process, and where its folder is.
const INSIDE: &str = "VNEID_TEST_HSM_FOLDER";

#[test]
fn what_a_device_signs_verifies_and_its_keys_cannot_leave_it() {
    let Some(_folder) = alone("what_a_device_signs_verifies_and_its_keys_cannot_leave_it") else {
        return;
    };
    let hsm = Hsm::connect(access(SOFTHSM)).unwrap();

    for (turn, algorithm) in (1_u8..).zip(Algorithm::ALL) {
        let key = hsm.generate(*algorithm, "vneid test", [turn; 16]).unwrap();
        let again = hsm.key([turn; 16], key.public().clone());

        let signed = again.sign(b"message").unwrap();
        sign::verify(key.public().key(), b"message", &signed).unwrap();
        jws::sign(&again, None, b"{}").unwrap();
        assert!(hsm.attest([turn; 16]).unwrap().is_good());
    }
    assert_eq!(hsm.describe().unwrap().token, "vneid");
}

#[test]
fn a_key_is_wrapped_under_one_of_the_device_and_opens_unchanged_alone() {
    let Some(_folder) = alone("a_key_is_wrapped_under_one_of_the_device_and_opens_unchanged_alone") else {
        return;
    };
    let hsm = Hsm::connect(access(SOFTHSM)).unwrap();
    hsm.generate_wrapping("vneid wrapping", [9; 16]).unwrap();
    hsm.generate_wrapping("vneid wrapping", [8; 16]).unwrap();

    let (key, mut wrapped) = hsm.draw_data_key([9; 16]).unwrap();
    let (other, _) = hsm.draw_data_key([9; 16]).unwrap();

    assert_ne!(key.expose(), other.expose());
    assert_eq!(hsm.unwrap_data_key([9; 16], &wrapped).unwrap().expose(), key.expose());
    assert!(hsm.unwrap_data_key([8; 16], &wrapped).is_err());
    wrapped[3] ^= 1;
    assert!(hsm.unwrap_data_key([9; 16], &wrapped).is_err());
    assert!(hsm.attest([9; 16]).unwrap().is_good());
    assert_eq!(hsm.destroy([9; 16]).unwrap(), 1);
    assert!(matches!(hsm.draw_data_key([9; 16]), Err(HsmError::NoKey(_))));
}

#[test]
fn a_wrong_pin_is_tried_once_and_a_missing_token_is_named() {
    let Some(_folder) = alone("a_wrong_pin_is_tried_once_and_a_missing_token_is_named") else {
        return;
    };
    let with = |token: &str, pin: &str| Access {
        token: token.to_owned(),
        pin: Secret::new(pin.to_owned()),
        ..access(SOFTHSM)
    };

    assert_eq!(Hsm::connect(with("vneid", "0000")).err(), Some(HsmError::Pin));
    assert_eq!(
        Hsm::connect(with("other", PIN)).err(),
        Some(HsmError::NoToken("other".to_owned()))
    );
}

#[test]
fn a_device_that_is_gone_in_the_middle_is_told_and_is_found_again_without_a_restart() {
    let Some(folder) = alone("a_device_that_is_gone_in_the_middle_is_told_and_is_found_again_without_a_restart") else {
        return;
    };
    let line = Remote::open(&folder);
    let hsm = Hsm::connect(access(REMOTE)).unwrap();
    let key = Arc::new(hsm.generate(Algorithm::Es256, "vneid test", [1; 16]).unwrap());
    let before = key.sign(b"message").unwrap();

    line.cut();
    let while_gone = key.sign(b"message");
    let still_gone = key.sign(b"message");
    let _line = Remote::open(&folder);
    let after = key.sign(b"message").unwrap();

    assert!(matches!(while_gone, Err(SignError::Unavailable(_))), "{while_gone:?}");
    assert!(matches!(still_gone, Err(SignError::Unavailable(_))), "{still_gone:?}");
    for signed in [before, after] {
        sign::verify(key.public().key(), b"message", &signed).unwrap();
    }
}

#[test]
fn a_token_that_is_pulled_out_and_put_back_signs_and_unwraps_again() {
    let Some(folder) = alone("a_token_that_is_pulled_out_and_put_back_signs_and_unwraps_again") else {
        return;
    };
    let hsm = Hsm::connect(access(SOFTHSM)).unwrap();
    let key = hsm.generate(Algorithm::EdDsa, "vneid test", [1; 16]).unwrap();
    hsm.generate_wrapping("vneid wrapping", [2; 16]).unwrap();
    let (data_key, wrapped) = hsm.draw_data_key([2; 16]).unwrap();

    std::fs::rename(folder.join("tokens"), folder.join("pulled-out")).unwrap();
    std::fs::create_dir(folder.join("tokens")).unwrap();
    let pulled_out = (key.sign(b"message"), hsm.draw_data_key([2; 16]));
    std::fs::remove_dir(folder.join("tokens")).unwrap();
    std::fs::rename(folder.join("pulled-out"), folder.join("tokens")).unwrap();
    let signed = key.sign(b"message").unwrap();

    assert!(matches!(pulled_out.0, Err(SignError::Unavailable(_))), "{pulled_out:?}");
    assert!(matches!(pulled_out.1, Err(HsmError::Gone(_))), "{pulled_out:?}");
    sign::verify(key.public().key(), b"message", &signed).unwrap();
    assert_eq!(
        hsm.unwrap_data_key([2; 16], &wrapped).unwrap().expose(),
        data_key.expose()
    );
}

fn access(module: &str) -> Access {
    Access {
        module: PathBuf::from(module),
        token: "vneid".to_owned(),
        pin: Secret::new(PIN.to_owned()),
    }
}

/// The folder of this test, in the process that has a device of its own; `None` where that process was started and has ended well.
fn alone(test: &str) -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the test tells its own process where its device is"
    )]
    if let Ok(folder) = std::env::var(INSIDE) {
        return Some(PathBuf::from(folder));
    }
    if !Path::new(SOFTHSM).exists() || !Path::new(REMOTE).exists() {
        return None;
    }
    let folder = std::env::temp_dir().join(format!("vneid-hsm-{}-{}", std::process::id(), test.len()));
    let tokens = folder.join("tokens");
    std::fs::create_dir_all(&tokens).unwrap();
    let conf = folder.join("softhsm2.conf");
    std::fs::write(
        &conf,
        format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display()),
    )
    .unwrap();
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
        .env("SOFTHSM2_CONF", &conf)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    let ended = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("hsm::tests::{test}"), "--nocapture"])
        .env("SOFTHSM2_CONF", &conf)
        .env(
            "P11_KIT_SERVER_ADDRESS",
            format!("unix:path={}", folder.join("line").display()),
        )
        .env(INSIDE, &folder)
        .status()
        .unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(made.success() && ended.success());
    None
}

/// The other end of a line to the device.
struct Remote {
    server: Child,
    socket: PathBuf,
}

impl Remote {
    fn open(folder: &Path) -> Self {
        let socket = folder.join("line");
        let server = Command::new("p11-kit")
            .args(["server", "-f", "-n"])
            .arg(&socket)
            .args(["--provider", SOFTHSM, "pkcs11:token=vneid"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while !socket.exists() {
            std::thread::yield_now();
        }
        Self { server, socket }
    }

    /// Both ends are gone, as when a cable is cut: the server, and the process of it that serves us.
    fn cut(mut self) {
        let children = Command::new("pkill")
            .args(["-KILL", "-P", &self.server.id().to_string()])
            .status();
        self.server.kill().unwrap();
        self.server.wait().unwrap();
        drop(std::fs::remove_file(&self.socket));
        assert!(children.is_ok());
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
    }
}
