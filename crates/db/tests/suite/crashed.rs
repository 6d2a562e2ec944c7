//! A server that is killed while it writes: whatever was acknowledged is there when it is back.

use std::{
    io::{BufRead, BufReader, Lines, Write},
    net::TcpListener,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use db::{Db, Error, Options};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::{
    harness::{BOOK, environment},
    killed::{damage, write_pair},
};

const ROUNDS: i64 = 3;
const WRITERS: i64 = 8;

/// Keeps a server until its input ends; for every line of it, kills the server and starts it again.
/// The server refuses to run as root.
const KEEPER: &str = r#"
set -eu
if [ "$(id -u)" = 0 ]; then exec setpriv --reuid=postgres --regid=postgres --init-groups sh -c "$1" "$0" "$1" "$2"; fi
cd /
folder=$(mktemp -d /tmp/vneid-crash.XXXXXX)
stop() { "$0/pg_ctl" stop -s -m immediate -D "$folder/data" >/dev/null 2>&1 || true; rm -rf "$folder"; }
start() { "$0/pg_ctl" start -s -w -D "$folder/data" -l "$folder/log" -o "-p $2 -k $folder -c listen_addresses=127.0.0.1" >/dev/null 2>&1; }
trap stop EXIT
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

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_crash_of_the_server() {
    let Some(mut server) = Server::start() else { return };
    let db = Db::open(&server.url, Options::default()).await.unwrap();
    db.migrate(BOOK).await.unwrap();

    for round in 0..ROUNDS {
        let stop = Arc::new(AtomicBool::new(false));
        let (tell, mut told) = unbounded_channel();
        for writer in 1..=WRITERS {
            tokio::spawn(write_until_lost(
                db.clone(),
                round * 1_000_000 + writer,
                tell.clone(),
                stop.clone(),
            ));
        }
        drop(tell);

        let mut acknowledged = Vec::new();
        for _ in 0..100 {
            acknowledged.push(told.recv().await.unwrap());
        }
        server.crash();
        stop.store(true, Ordering::Relaxed);
        while let Some(id) = told.recv().await {
            acknowledged.push(id);
        }

        // The same handle goes on with the server that is back.
        let (torn, missing) = damage(&db, acknowledged).await.unwrap();
        assert_eq!((torn, missing), (0, vec![]), "round {round}");
    }
    db.close().await;
}

async fn write_until_lost(db: Db, first: i64, tell: UnboundedSender<i64>, stop: Arc<AtomicBool>) {
    let mut id = first;
    while !stop.load(Ordering::Relaxed) {
        match write_pair(&db, id).await {
            Ok(_) => tell.send(id).unwrap(),
            Err(error) => {
                assert!(matches!(error, Error::Unavailable(_) | Error::Unknown), "{error:?}");
                return;
            }
        }
        id += WRITERS;
    }
}

/// A server of its own for this test, made with the programs of the one that the tests run on.
struct Server {
    url: String,
    keeper: Child,
    orders: Option<ChildStdin>,
    said: Lines<BufReader<ChildStdout>>,
}

impl Server {
    /// None if the tests run without a server, or with one whose programs are not on this machine.
    fn start() -> Option<Self> {
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
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, &programs, KEEPER, &port])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = keeper.stdin.take();
        let said = BufReader::new(keeper.stdout.take().unwrap()).lines();
        let mut server = Self {
            url: format!("postgres://vneid@127.0.0.1:{port}/postgres"),
            keeper,
            orders,
            said,
        };
        server.wait();

        Some(server)
    }

    /// Kills the server and waits until it is back.
    fn crash(&mut self) {
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
