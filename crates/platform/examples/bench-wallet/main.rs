//! How fast the wallet of documents is on this machine, as a Markdown table.
//!
//! `cargo xtask bench wallet`. The sandbox runs whole in this process, its sources on a socket of their own with mutual TLS and signatures; one
//! citizen asks for all papers over HTTP. Rows without a target say what a citizen meets while sources fail.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program for developers"
)]

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use nation::sources::{Fault, Faults, Source};
use platform::accounts::Level;
use platform::app::App;
use platform::sandbox::command::{Sandbox, Settings};
use platform::sandbox::holders::{self, PASSCODE, PASSWORD};
use platform::sandbox::people::can_register;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::watch;

/// How often each row is measured.
const ROUNDS: usize = 40;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let (_close, stop) = watch::channel(false);
    let settings = Settings {
        data: folder.path().join("data"),
        listen: "127.0.0.1:0".parse().unwrap(),
        people: 10_000,
        reset: false,
        toll: 0,
        tls: false,
    };
    let sandbox = Sandbox::open(&settings, stop).await.unwrap();
    let app = sandbox.app().clone();
    tokio::spawn(sandbox.run());
    let number = citizen(&app).await;
    let faults = app.sandbox.as_ref().unwrap().faults.clone();

    println!("| what | median | 95 of 100 | papers shown | target |\n| --- | --- | --- | --- | --- |");
    row("all papers, kept a moment ago", &cached(&app, &number).await, Some(20));
    everywhere(
        &faults,
        Fault {
            slow_ms: 100,
            ..Fault::default()
        },
    );
    row(
        "first view, every source takes 100 ms",
        &anew(&app, &number).await,
        Some(250),
    );
    for (name, per_mille) in [("1 %", 10), ("10 %", 100), ("50 %", 500)] {
        let fault = Fault {
            slow_ms: 100,
            errors_per_mille: per_mille,
            ..Fault::default()
        };
        everywhere(&faults, fault);
        row(
            &format!("the same, {name} of the answers fail"),
            &anew(&app, &number).await,
            None,
        );
    }
    everywhere(&faults, Fault::default());
    let down = Fault {
        down: true,
        ..Fault::default()
    };
    faults.set(Source::Vehicle, down);
    faults.set(Source::Tax, down);
    row("two sources are down", &anew(&app, &number).await, None);
}

fn everywhere(faults: &Faults, fault: Fault) {
    for source in Source::ALL {
        faults.set(source, fault);
    }
}

/// The number of somebody of level 2.
async fn citizen(app: &App) -> String {
    let nation = &app.sandbox.as_ref().unwrap().nation;
    let today = app.clock.today();
    let citizen = (0..10_000)
        .filter_map(|index| nation.person(index))
        .find(|person| can_register(person, today) && person.age(today) > 25);
    let citizen = citizen.unwrap();
    holders::make(app, &citizen, Level::Two).await.unwrap();
    citizen.number.as_str().to_owned()
}

/// A session, which lasts no longer than a row.
async fn signed_in(app: &App, number: &str) -> Client {
    let form = json!({ "number": number, "password": PASSWORD });
    let answer = Client::new()
        .post(format!("{}/signin", app.config.public_url))
        .json(&form)
        .send()
        .await
        .unwrap();
    let cookie = answer.headers()["set-cookie"]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert("cookie", cookie.parse().unwrap());
    headers.insert("accept", "application/json".parse().unwrap());
    Client::builder().default_headers(headers).build().unwrap()
}

/// The times of a row, and how many papers were shown each time.
type Times = Vec<(Duration, usize)>;

async fn view(app: &App, client: &Client) -> (Duration, usize) {
    let begun = Instant::now();
    let answer = client
        .get(format!("{}/documents", app.config.public_url))
        .send()
        .await
        .unwrap();
    let answer: Value = answer.json().await.unwrap();
    let took = begun.elapsed();
    let shown = answer["papers"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|paper| paper["state"] == "here")
        .count();
    (took, shown)
}

async fn open(app: &App, client: &Client) {
    let url = format!("{}/documents", app.config.public_url);
    let answer = client
        .post(url)
        .json(&json!({ "passcode": PASSCODE }))
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{:?}", answer.text().await);
}

async fn cached(app: &App, number: &str) -> Times {
    let client = signed_in(app, number).await;
    open(app, &client).await;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        times.push(view(app, &client).await);
    }
    times
}

/// Each view a quarter of an hour after the last, so that every source is asked. Opening asks nobody again: the copies are young then.
async fn anew(app: &App, number: &str) -> Times {
    let client = signed_in(app, number).await;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        open(app, &client).await;
        app.clock.advance(SignedDuration::from_mins(9));
        open(app, &client).await;
        app.clock.advance(SignedDuration::from_mins(8));
        times.push(view(app, &client).await);
    }
    times
}

/// A row; with a target in milliseconds it says whether the median met it.
fn row(what: &str, times: &Times, target: Option<u64>) {
    let mut took: Vec<Duration> = times.iter().map(|(time, _)| *time).collect();
    took.sort();
    let shown: Vec<usize> = times.iter().map(|(_, shown)| *shown).collect();
    let (least, most) = (shown.iter().min().unwrap(), shown.iter().max().unwrap());
    let (median, late) = (took[took.len() / 2], took[took.len() * 95 / 100]);
    let target = target.map_or("–".to_owned(), |most| {
        let met = median <= Duration::from_millis(most);
        format!("{most} ms: {}", if met { "met" } else { "missed" })
    });
    println!("| {what} | {median:.1?} | {late:.1?} | {least}–{most} | {target} |");
}
