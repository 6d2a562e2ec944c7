//! The test programs that cargo has built, to be run again without building them anew.
//!
//! `cargo test --package platform` would compile a part of the dependencies again: with fewer packages, fewer of their features are wanted.

use std::process::{Command, Stdio};

use crate::workspace::{cargo, root};

/// A compiled test program of one package.
#[derive(Debug, PartialEq, Eq)]
struct Program {
    package: String,
    path: String,
}

/// The commands that run the test programs of the named packages, each in the folder of its package, as cargo would.
pub fn of(packages: &[&str]) -> Result<Vec<Command>, String> {
    let words = [
        "test",
        "--workspace",
        "--lib",
        "--bins",
        "--tests",
        "--no-run",
        "--message-format=json-render-diagnostics",
    ];
    let answer = cargo(&words)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo could not be started: {error}"))?;
    if !answer.status.success() {
        return Err("the tests do not compile: see above".to_owned());
    }
    let programs: Vec<Program> = String::from_utf8_lossy(&answer.stdout)
        .lines()
        .filter_map(program)
        .collect();
    let chosen = packages
        .iter()
        .flat_map(|package| programs.iter().filter(move |program| program.package == *package));
    Ok(chosen
        .map(|program| {
            let folder = root().join("crates").join(&program.package);
            let mut command = Command::new(&program.path);
            command.env("CARGO_MANIFEST_DIR", &folder).current_dir(folder);
            command
        })
        .collect())
}

/// Reads one message of cargo: a test program has a profile for tests and an executable.
fn program(message: &str) -> Option<Program> {
    let (_, profile) = message.split_once("\"profile\":{")?;
    let (profile, _) = profile.split_once('}')?;
    let manifest = value(message, "manifest_path")?;
    let package = manifest.strip_suffix("/Cargo.toml")?.rsplit('/').next()?;
    let path = value(message, "executable")?;
    profile.contains("\"test\":true").then(|| Program {
        package: package.to_owned(),
        path: path.to_owned(),
    })
}

fn value<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = message.split_once(&format!("\"{name}\":\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = r#"{"reason":"compiler-artifact","manifest_path":"/w/crates/db/Cargo.toml","target":{"name":"suite","test":true},"profile":{"opt_level":"0","test":true},"executable":"/t/suite-1","fresh":true}"#;

    #[test]
    fn a_test_program_is_known_by_its_package() {
        let expected = Program {
            package: "db".to_owned(),
            path: "/t/suite-1".to_owned(),
        };

        assert_eq!(program(MESSAGE), Some(expected));
    }

    #[test]
    fn an_example_or_a_library_is_no_test_program() {
        let example = MESSAGE.replace("\"0\",\"test\":true", "\"0\",\"test\":false");
        let library = MESSAGE.replace("\"/t/suite-1\"", "null");

        assert_eq!((program(&example), program(&library)), (None, None));
    }
}
