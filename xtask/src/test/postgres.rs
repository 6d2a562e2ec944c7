//! A private PostgreSQL for one run: a free port, a temporary folder, gone when the run ends, however it ends.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::install::{is_root, postgres_programs};

/// Starts the server, says "ready", waits until its standard input is closed, and then stops it and removes its folder.
///
/// The pipe is held by this process alone, so it closes also when this process is interrupted or killed.
const KEEPER: &str = r#"
set -eu
bin=$0 port=$1 fsync=$2
folder=$(mktemp -d "${TMPDIR:-/tmp}/vneid-pg.XXXXXX")
stop() { "$bin/pg_ctl" stop --silent --mode=fast --pgdata="$folder/data" >/dev/null 2>&1 || true; rm -rf "$folder"; }
trap stop EXIT
trap 'exit 1' HUP INT PIPE TERM
cd "$folder"
"$bin/initdb" --pgdata="$folder/data" --username=vneid --auth=trust --encoding=UTF8 --locale=C --no-sync --no-instructions >"$folder/log" 2>&1 ||
  { cat "$folder/log" >&2; exit 1; }
"$bin/pg_ctl" start --silent --wait --timeout=120 --pgdata="$folder/data" --log="$folder/log" \
  --options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c max_connections=200 -c fsync=$fsync" >/dev/null ||
  { cat "$folder/log" >&2; exit 1; }
echo ready
read -r _ || true
"#;

/// Whether a server waits for the disk: it costs the tests a third of their time, and none of them pulls the plug of this server.
#[derive(Clone, Copy)]
pub enum Commits {
    /// As in production, for benchmarks.
    Durable,
    /// For tests.
    Hasty,
}

/// A running server; dropping it stops the server and removes its folder.
pub struct Postgres {
    keeper: Child,
    alive: Option<ChildStdin>,
    port: u16,
}

impl Postgres {
    /// Starts a server. The error says in one line why there is none.
    pub fn start(commits: Commits) -> Result<Postgres, String> {
        let programs = postgres_programs().ok_or("there is no PostgreSQL server: run `cargo xtask install`")?;
        let port = free_port()?;
        let mut command = if is_root() {
            // The server refuses to run as root.
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=postgres", "--regid=postgres", "--init-groups", "sh"])
                .env("TMPDIR", "/tmp");
            command
        } else {
            Command::new("sh")
        };
        let mut keeper = command
            .args(["-c", KEEPER])
            .arg(programs)
            .arg(port.to_string())
            .arg(match commits {
                Commits::Durable => "on",
                Commits::Hasty => "off",
            })
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|e| format!("PostgreSQL did not start: {e}"))?;
        let alive = keeper.stdin.take();
        let mut first = String::new();
        if let Some(output) = keeper.stdout.take() {
            BufReader::new(output)
                .read_line(&mut first)
                .map_err(|e| format!("PostgreSQL did not start: {e}"))?;
        }
        let server = Postgres { keeper, alive, port };
        if first.trim() == "ready" {
            Ok(server)
        } else {
            Err("PostgreSQL did not start: its log is above".to_owned())
        }
    }

    /// The address of the server; its user may create databases.
    pub fn url(&self) -> String {
        format!("postgres://vneid@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.alive.take());
        // Nothing is left to do if the keeper cannot be waited for: it stops by itself.
        let _ = self.keeper.wait();
    }
}

fn free_port() -> Result<u16, String> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|e| format!("no free port: {e}"))
}
