//! How the platform stands when more is asked than it can do, and whether the time to an answer tells who has an account.
//!
//! `cargo xtask bench defence -- overload` and `-- timing`. A sandbox with the costs of production in a process of its own; the load comes from many
//! addresses of this machine.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program for developers"
)]

mod line;
mod overload;
mod timing;

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use clap::Parser;
use platform::sandbox::command::{Sandbox, Settings};
use tokio::sync::watch;

use line::Line;

#[derive(Parser)]
#[command(about = "Overload, and what times tell")]
enum Part {
    /// Sign-ins at the capacity, at ten times the capacity, and one patient asker among the crowd
    Overload,
    /// Answers to known and to unknown numbers
    Timing,
    /// The sandbox, until its standard input is closed
    #[command(hide = true)]
    Server {
        /// Where it keeps its data
        folder: std::path::PathBuf,
    },
}

fn main() {
    match Part::parse() {
        Part::Overload => with_server(|address| Box::pin(overload::run(address))),
        Part::Timing => with_server(|address| Box::pin(timing::run(address))),
        Part::Server { folder } => serve(folder),
    }
}

type Doing = std::pin::Pin<Box<dyn Future<Output = ()>>>;

fn with_server(load: impl FnOnce(SocketAddr) -> Doing) {
    let folder = tempfile::tempdir().unwrap();
    let mut server: Child = Command::new(std::env::current_exe().unwrap())
        .arg("server")
        .arg(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = [0; 64];
    let length = server.stdout.as_mut().unwrap().read(&mut told).unwrap();
    let address = String::from_utf8_lossy(told.get(..length).unwrap_or_default())
        .trim()
        .to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(load(address.parse().unwrap()));
    drop(server.stdin.take());
    server.wait().unwrap();
}

#[tokio::main]
async fn serve(folder: std::path::PathBuf) {
    let (tell, stop) = watch::channel(false);
    let settings = Settings {
        data: folder,
        listen: "127.0.0.1:0".parse().unwrap(),
        people: 100_000,
        reset: false,
        toll: 0,
        tls: false,
    };
    let sandbox = Sandbox::open(&settings, stop).await.unwrap();
    let port = url::Url::parse(&sandbox.app().config.public_url)
        .unwrap()
        .port()
        .unwrap();
    println!("127.0.0.1:{port}");
    std::io::stdout().flush().unwrap();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        tell.send_replace(true);
    });
    sandbox.run().await.unwrap();
}

/// People with an account, and people without; each with number, phone, name, date of birth.
async fn people(address: SocketAddr, count: usize) -> (Vec<serde_json::Value>, Vec<serde_json::Value>) {
    let mut line = Line::open(address, 1).await;
    let mut found = Vec::new();
    let mut from = 0;
    while found.len() < 2 * count {
        let (_, page) = line
            .get(&format!("/sandbox/people?from={from}&count=100&only=suggested"))
            .await;
        found.extend(page["people"].as_array().unwrap().iter().cloned());
        from = page["next"].as_u64().unwrap();
    }
    let unknown = found.split_off(count);
    for person in &found {
        let number = person["personal_number"].as_str().unwrap();
        let made = serde_json::json!({ "level": 1 });
        let (status, answer) = line.post(&format!("/sandbox/people/{number}/account"), &made).await;
        assert_eq!(status, 200, "{answer}");
    }
    (found, unknown.into_iter().take(count).collect())
}
