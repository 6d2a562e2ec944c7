//! A PostgreSQL server that a test may mistreat.

use std::{
    io::{BufRead, BufReader, Lines, Write},
    net::TcpListener,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use crate::harness::environment;

/// Keeps a server until its input ends; for every line of it, kills the server and starts it again.
/// The server refuses to run as root.
const KEEPER: &str = r#"
set -eu
if [ "$(id -u)" = 0 ]; then exec setpriv --reuid=postgres --regid=postgres --init-groups sh -c "$1" "$0" "$1" "$2"; fi
cd /
folder=$(mktemp -d /tmp/vneid-crash.XXXXXX)
stop() { "$0/pg_ctl" stop -s -m immediate -D "$folder/data" >/dev/null 2>&1 || true; rm -rf "$folder"; }
start() { "$0/pg_ctl" start -s -w -D "$folder/data" -l "$folder/log" -o "-p $2 -k $folder -c listen_addresses=127.0.0.1 -c ssl=on -c ssl_cert_file=$folder/certificate -c ssl_key_file=$folder/key" >/dev/null 2>&1; }
trap stop EXIT
umask 077
printf %s "$CERTIFICATE" >"$folder/certificate"
printf %s "$KEY" >"$folder/key"
"$0/initdb" -D "$folder/data" -U vneid -A trust --no-sync >/dev/null
start "$@"
echo ready
while read -r _; do
    kill -9 "$(head -1 "$folder/data/postmaster.pid")"
    # Processes of the killed server may still be going away.
    tries=0
    until start "$@"; do tries=$((tries + 1)); [ $tries -lt 100 ]; sleep 0.1; done
    echo ready
done
"#;

/// A server of its own for one test, made with the programs of the one that the tests run on.
pub struct Server {
    port: String,
    /// What the server shows to those who ask for TLS; it vouches for itself.
    pub certificate: String,
    keeper: Child,
    orders: Option<ChildStdin>,
    said: Lines<BufReader<ChildStdout>>,
}

impl Server {
    /// None if the tests run without a server, or with one whose programs are not on this machine.
    pub fn start() -> Option<Self> {
        let programs = programs(&environment("VNEID_TEST_POSTGRES")?);
        if !Path::new(&programs).join("initdb").exists() {
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port()
            .to_string();
        let identity = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = identity.cert.pem();
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, &programs, KEEPER, &port])
            .env("CERTIFICATE", &certificate)
            .env("KEY", identity.signing_key.serialize_pem())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = keeper.stdin.take();
        let said = BufReader::new(keeper.stdout.take().unwrap()).lines();
        let mut server = Self {
            port,
            certificate,
            keeper,
            orders,
            said,
        };
        server.wait();

        Some(server)
    }

    pub fn url(&self) -> String {
        format!("postgres://vneid@localhost:{}/postgres", self.port)
    }

    /// Kills the server and waits until it is back.
    pub fn crash(&mut self) {
        self.orders.as_mut().unwrap().write_all(b"crash\n").unwrap();
        self.wait();
    }

    fn wait(&mut self) {
        assert_eq!(self.said.next().unwrap().unwrap(), "ready");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.orders.take());
        let _ = self.keeper.wait();
    }
}

fn programs(server: &str) -> String {
    let server = server.to_owned();
    let asked = std::thread::spawn(move || {
        let mut client = postgres::Client::connect(&server, postgres::NoTls).unwrap();
        client
            .query_one("SELECT setting FROM pg_config WHERE name = 'BINDIR'", &[])
            .unwrap()
            .get(0)
    });

    asked.join().unwrap()
}
