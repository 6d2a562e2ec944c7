//! Runs server and load as processes on cores of their own, and tells what was measured.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use clap::ValueEnum as _;

use crate::load::{Measure, Scenario};
use crate::server::Stage;
use crate::{Measured, limits, process};

/// The cores of the server and of the load.
const CORES: (&str, &str) = ("0", "1");

/// Measures all that is asked for.
pub fn run(measured: &Measured) {
    let (signs, checks) = limits::signatures_per_second();
    println!("ES256 alone, one core: {signs:.0} signatures/s, {checks:.0} checks/s.\n");
    let wants = |engine| measured.engine.as_deref().is_none_or(|only| only == engine);
    if wants("sqlite") {
        report("SQLite", measured, None);
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "this program is configured by its environment and its arguments alone"
    )]
    let server = std::env::var("VNEID_TEST_POSTGRES");
    if let Ok(server) = server
        && wants("postgres")
    {
        report("PostgreSQL", measured, Some(&Postgres::open(&server)));
    }
    if wants("node") && measured.peer.join("node_modules/oidc-provider").is_dir() {
        println!("node oidc-provider, in memory: nothing reaches the disk.\n");
        peer(measured, "peer.mjs", None);
    }
    if let Some(program) = measured.rauthy.as_deref()
        && wants("rauthy")
    {
        println!("Rauthy, with its embedded store; `sso` is four requests here.\n");
        peer(measured, "rauthy.mjs", Some(program));
    }
}

/// What other providers are asked for.
const PEERS: &[Scenario] = &[
    Scenario::Sso,
    Scenario::Userinfo,
    Scenario::Refresh,
    Scenario::ClientCredentials,
    Scenario::Introspect,
    Scenario::Discovery,
];

fn peer(measured: &Measured, script: &str, program: Option<&Path>) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::peer(folder.path(), &measured.peer.join(script), program);
    table(folder.path(), measured, &server, &[server.process], PEERS);
}

fn report(engine: &str, measured: &Measured, postgres: Option<&Postgres>) {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", folder.path().join("vneid.db").display());
    let database = postgres.map_or(file.as_str(), |postgres| &postgres.url);
    let server = Server::start(folder.path(), database, measured.accounts);
    let processes: Vec<u32> = [Some(server.process), postgres.map(|postgres| postgres.process)]
        .into_iter()
        .flatten()
        .collect();

    println!(
        "{engine}, {} accounts; {:.0} MiB before the first request.\n",
        measured.accounts,
        process::resident_mib(server.process)
    );
    table(folder.path(), measured, &server, &processes, Scenario::value_variants());
}

fn table(folder: &Path, measured: &Measured, server: &Server, processes: &[u32], scenarios: &[Scenario]) {
    println!("| scenario | connections | /s | /s of CPU | with the database's CPU | p50 ms | p99 ms | MiB |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let scenarios = scenarios
        .iter()
        .filter(|scenario| measured.only.is_empty() || measured.only.contains(scenario));
    for scenario in scenarios {
        for connections in &measured.connections {
            let runs = (0..measured.runs).map(|_| load(folder, *scenario, *connections, measured, processes));
            let measure = median(runs.collect());
            println!(
                "| {} | {connections} | {:.0} | {:.0} | {:.0} | {:.2} | {:.2} | {:.0} |",
                scenario.to_possible_value().unwrap().get_name(),
                measure.per_second,
                measure.per_cpu_second,
                measure.per_cpu_second_with_database,
                measure.p50,
                measure.p99,
                process::resident_mib(server.process),
            );
        }
    }
    println!();
}

fn load(folder: &Path, scenario: Scenario, connections: usize, measured: &Measured, processes: &[u32]) -> Measure {
    let output = pinned(CORES.1)
        .arg("load")
        .arg(folder)
        .arg(scenario.to_possible_value().unwrap().get_name())
        .args([connections.to_string(), measured.seconds.to_string()])
        .args(processes.iter().map(u32::to_string))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "the load failed: its reason is above");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The run in the middle, by what a second of the server's time achieved.
fn median(mut runs: Vec<Measure>) -> Measure {
    runs.sort_by(|one, other| one.per_cpu_second.total_cmp(&other.per_cpu_second));
    runs.swap_remove(runs.len() / 2)
}

/// This program, bound to one core.
fn pinned(core: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", core]).arg(std::env::current_exe().unwrap());
    command
}

/// The running server; it ends when this is dropped, or when this process ends.
struct Server {
    started: Child,
    /// The process that serves.
    process: u32,
}

impl Server {
    fn start(folder: &Path, database: &str, accounts: u64) -> Self {
        let mut server = pinned(CORES.0)
            .arg("server")
            .arg(folder)
            .arg(database)
            .arg(accounts.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        wait(&mut server);
        Self::of(server, folder)
    }

    /// Another provider, with as many visitors as ours.
    fn peer(folder: &Path, script: &Path, program: Option<&Path>) -> Self {
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", CORES.0, "node"]);
        let mut server = command
            .arg(script)
            .arg(folder)
            .arg("1000")
            .args(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        wait(&mut server);
        Self::of(server, folder)
    }

    /// `taskset` becomes the program that it starts, so its process is the server's, if that does not start another one.
    fn of(started: Child, folder: &Path) -> Self {
        let process = Stage::read(folder).process.unwrap_or_else(|| started.id());
        Self { started, process }
    }
}

/// Waits until a server says that it is ready.
fn wait(server: &mut Child) {
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let ready = lines.by_ref().map_while(Result::ok).any(|line| line.trim() == "ready");
    assert!(ready, "the server did not start: its reason is above");
    std::thread::spawn(move || lines.for_each(drop));
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.started.stdin.take());
        let _ = self.started.wait();
    }
}

/// A schema of our own on a PostgreSQL server of this machine, and the server's first process.
struct Postgres {
    url: String,
    process: u32,
    server: String,
    schema: String,
}

impl Postgres {
    fn open(server: &str) -> Self {
        let schema = format!("bench_{}", std::process::id());
        let mut client = postgres::Client::connect(server, postgres::NoTls).unwrap();
        client.batch_execute(&format!("CREATE SCHEMA {schema}")).unwrap();
        let backend: i32 = client.query_one("SELECT pg_backend_pid()", &[]).unwrap().get(0);
        let separator = if server.contains('?') { '&' } else { '?' };
        Self {
            url: format!("{server}{separator}options=-csearch_path%3D{schema}"),
            process: process::parent(u32::try_from(backend).unwrap()),
            server: server.to_owned(),
            schema,
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let client = postgres::Client::connect(&self.server, postgres::NoTls);
        let _ = client.and_then(|mut client| client.batch_execute(&format!("DROP SCHEMA {} CASCADE", self.schema)));
    }
}
