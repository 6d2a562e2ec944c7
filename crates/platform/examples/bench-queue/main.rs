//! How fast the queue of the review answers with millions of applications in the table, as a Markdown table.
//!
//! `cargo xtask bench queue`; PostgreSQL takes part when `VNEID_TEST_POSTGRES` names a server. What is measured is the whole answer of the
//! platform to a signed-in officer, from the router to the JSON, without a network. Ends with a failure if an answer takes 50 ms or more at the
//! 99th percentile.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program for developers"
)]

mod seed;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use clap::Parser;
use db::Engine;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use nation::sources::Pki;
use platform::app::{self, App};
use platform::notices::Gateway;
use platform::officers::{self, Role};
use platform::shell::chance::Chance;
use platform::shell::clock::Clock;
use platform::shell::config::{Biometrics, Config, Evidence, Officers, Registries};
use platform::shell::server;
use tower::ServiceExt as _;

const PASSWORD: &str = "CanBo#Bench1";
/// An answer takes less than this.
const LIMIT: Duration = Duration::from_millis(50);

#[derive(Parser)]
#[command(about = "How fast the queue of the review is")]
struct Cli {
    /// How many applications there are
    #[arg(long, default_value_t = 6_000_000)]
    applications: i64,
    /// How often each page is asked for
    #[arg(long, default_value_t = 200)]
    times: usize,
    /// Only this engine
    #[arg(long, value_parser = ["sqlite", "postgres"])]
    engine: Option<String>,
    /// Where keys and the SQLite database are kept, also afterwards; applications that are there already are not put in again
    #[arg(long)]
    folder: Option<std::path::PathBuf>,
    /// Only put the applications in, to measure later
    #[arg(long, requires = "folder")]
    fill: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let passing = tempfile::tempdir().unwrap();
    let folder = cli.folder.as_deref().unwrap_or(passing.path());
    let mut databases = vec![("sqlite", format!("sqlite:{}", folder.join("vneid.db").display()))];
    if let Ok(server) = std::env::var("VNEID_TEST_POSTGRES") {
        databases.push(("postgres", server));
    }
    databases.retain(|(engine, _)| cli.engine.as_deref().is_none_or(|only| only == *engine));
    println!(
        "| engine | applications | page | answers | median | p99 | worst |\n| --- | ---: | --- | ---: | ---: | ---: | ---: |"
    );
    let mut all_in_time = true;
    for (engine, database) in databases {
        all_in_time &= measure(&cli, engine, &database, folder).await;
    }
    if all_in_time {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn measure(cli: &Cli, engine: &str, database: &str, folder: &Path) -> bool {
    let config = config(database, folder);
    let app = server::open(config, Gateway::Mailbox, Clock::system(), Chance::system())
        .await
        .unwrap();
    let begun = Instant::now();
    seed::seed(&app.db, cli.applications, app.clock.now()).await;
    if app.db.engine() == Engine::Postgres {
        analyse(database.to_owned()).await;
    }
    eprintln(&format!(
        "{engine}: {} applications in {:.0} s",
        cli.applications,
        begun.elapsed().as_secs_f64()
    ));
    if cli.fill {
        app.db.close().await;
        return true;
    }

    let router = app::router(&app);
    let mut in_time = true;
    for (role, unit, pages) in [
        (
            Role::Reviewer,
            officers::MINISTRY,
            &[
                "",
                "?level=2",
                "?state=claimed",
                "?state=proposed",
                "?risk=high",
                "?risk=high&level=2&state=claimed",
                "?late=on",
                "?age=7",
                "?age=30",
                "?age=7&level=2&risk=high",
                "?unit=00070",
                "deep",
            ][..],
        ),
        (
            Role::Reviewer,
            "01",
            &["", "?risk=raised", "?late=on", "?unit=00070"][..],
        ),
        (Role::Reviewer, "00070", &["", "?risk=high"][..]),
        (Role::Chief, "01", &["late", "desk"][..]),
    ] {
        let cookie = sign_in(&app, &router, role, unit).await;
        for page in pages {
            in_time &= report(cli, (engine, unit), &router, &cookie, page).await;
        }
    }
    app.db.close().await;
    in_time
}

/// What the server does by itself within a minute.
async fn analyse(database: String) {
    let work = move || {
        let mut client = postgres::Client::connect(&database, postgres::NoTls).unwrap();
        client.batch_execute("ANALYZE application").unwrap();
    };
    tokio::task::spawn_blocking(work).await.unwrap();
}

fn config(database: &str, folder: &Path) -> Config {
    let pki = Pki::generate(&["localhost"]).unwrap();
    let (authority, identity) = (folder.join("authority.pem"), folder.join("identity.pem"));
    fs::write(&authority, pki.ca_pem).unwrap();
    fs::write(
        &identity,
        format!("{}{}", pki.client.certificate_pem, pki.client.key_pem.expose()),
    )
    .unwrap();
    fs::set_permissions(&identity, fs::Permissions::from_mode(0o600)).unwrap();
    Config {
        database: database.to_owned(),
        keys: folder.join("keys"),
        biometrics: Biometrics {
            authority: authority.clone(),
            identity: identity.clone(),
            ..Biometrics::default()
        },
        evidence: Evidence {
            folder: folder.join("evidence"),
            ..Evidence::default()
        },
        registries: Registries {
            authority,
            identity,
            ..Registries::default()
        },
        officers: Officers {
            second_factor: Vec::new(),
            ..Officers::default()
        },
        ..Config::default()
    }
}

async fn sign_in(app: &App, router: &Router, role: Role, unit: &str) -> String {
    let login = format!("{}-{unit}", role.word());
    officers::appoint(app, &login, "Cán bộ đo", role, unit, PASSWORD)
        .await
        .unwrap();
    let body = serde_json::json!({ "login": login, "password": PASSWORD }).to_string();
    let request = Request::post("/officers/signin").header(header::CONTENT_TYPE, "application/json");
    let answer = router
        .clone()
        .oneshot(request.body(Body::from(body)).unwrap())
        .await
        .unwrap();
    let cookie = answer.headers().get(header::SET_COOKIE).unwrap().to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn ask(router: &Router, cookie: &str, path: &str) -> serde_json::Value {
    let request = Request::get(path)
        .header(header::COOKIE, cookie)
        .header(header::ACCEPT, "application/json");
    let answer = router
        .clone()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&body).unwrap()
}

async fn report(cli: &Cli, (engine, unit): (&str, &str), router: &Router, cookie: &str, page: &str) -> bool {
    let path = match page {
        "late" => "/officers/late".to_owned(),
        "desk" => "/officers/desk".to_owned(),
        "deep" => deep(router, cookie).await,
        query => format!("/officers/queue{query}"),
    };
    let (mut took, mut listed) = (Vec::new(), 0);
    for _ in 0..cli.times.max(1) {
        let begun = Instant::now();
        let answer = ask(router, cookie, &path).await;
        took.push(begun.elapsed());
        listed = answer
            .get("entries")
            .and_then(|entries| entries.as_array())
            .map_or(0, Vec::len);
    }
    took.sort_unstable();
    let at = |share: usize| took.get((took.len() - 1) * share / 100).copied().unwrap_or_default();
    let (median, p99, worst) = (at(50), at(99), at(100));
    let millis = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    let shown = if page.is_empty() { "queue" } else { page };
    println!(
        "| {engine} | {} | {unit}: {shown} | {listed} | {} | {} | {} |",
        cli.applications,
        millis(median),
        millis(p99),
        millis(worst)
    );
    p99 < LIMIT
}

/// The twentieth page.
async fn deep(router: &Router, cookie: &str) -> String {
    let mut path = "/officers/queue".to_owned();
    for _ in 0..20 {
        match ask(router, cookie, &path)
            .await
            .get("more")
            .and_then(|more| more.as_str().map(str::to_owned))
        {
            Some(more) => path = format!("/officers/queue?{more}"),
            None => break,
        }
    }
    path
}

#[expect(clippy::print_stderr, reason = "the table goes to the standard output")]
fn eprintln(line: &str) {
    eprintln!("{line}");
}
