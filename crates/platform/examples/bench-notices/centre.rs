//! Messages through an SMS centre that is not ours.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use civil::{PersonalNumber, Phone, Sex};
use jiff::civil::date;
use platform::accounts::{self, Identity, NewAccount};
use platform::app::App;
use platform::notices::{self, Gateway, Kind, Note};
use platform::shell::chance::Chance;
use platform::shell::clock::Clock;
use platform::shell::config::SmsCentre;
use platform::shell::ids::PersonId;
use platform::shell::{jobs, server};

use crate::seed;

/// How many notices are ordered in one unit of work.
const AT_ONCE: u32 = 500;

/// A centre, for as long as it is held.
struct Foreign(Child);

impl Drop for Foreign {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Foreign {
    fn start(python: &str, port: u16) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../interop/smsc.py");
        let mut process = Command::new(python)
            .arg(script)
            .arg(port.to_string())
            .arg("quiet")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut said)
            .unwrap();
        assert_eq!(said.trim(), "listening");
        Self(process)
    }
}

/// Tells people something, by notes that leave as text messages, and counts how many a second do.
pub async fn measure(python: &str, database: &str, folder: &Path, messages: u32) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let _centre = Foreign::start(python, port);
    let password = folder.join("smpp.password");
    std::fs::write(&password, "secret").unwrap();
    let mut config = seed::config(database, folder);
    let centre = serde_json::json!({ "address": format!("127.0.0.1:{port}"), "system_id": "vneid", "password": password, "sender": "VNeID" });
    let centre: SmsCentre = serde_json::from_value(centre).unwrap();
    config.notices.smpp = vec![centre];
    let mut parts = server::parts(config, Gateway::Mailbox, Clock::system(), Chance::system())
        .await
        .unwrap();
    parts.gateway = Gateway::open(&parts.config.notices, &parts.db, &parts.clock).unwrap();
    let app = App::new(parts);

    seed::forget_run(&app).await;
    let person = account(&app).await;
    let begun = Instant::now();
    for piece in 0..messages.div_ceil(AT_ONCE) {
        let at = app.clone();
        app.db
            .write(move |tx| {
                let now = at.clock.now();
                for one in piece * AT_ONCE..messages.min((piece + 1) * AT_ONCE) {
                    // Of security, so that no quiet hours hold it.
                    let note = Note::new(Kind::Security, "notices-daily-birthday", format!("bench {one}"));
                    notices::inform(&at, tx, &person, &note, now)?;
                }
                Ok::<_, db::Error>(())
            })
            .await
            .unwrap();
    }
    let ordered = begun.elapsed();

    let begun = Instant::now();
    while jobs::run_due(&app).await.unwrap() > 0 {}
    let sent = begun.elapsed();
    println!(
        "\n| engine | notices | ordered per second | sent through SMPP per second |\n| --- | ---: | ---: | ---: |"
    );
    println!(
        "| {:?} | {messages} | {:.0} | {:.0} |",
        app.db.engine(),
        rate(messages, ordered),
        rate(messages, sent)
    );
    app.db.close().await;
}

fn rate(messages: u32, took: Duration) -> f64 {
    f64::from(messages) / took.as_secs_f64()
}

async fn account(app: &App) -> PersonId {
    let identity = Identity {
        number: PersonalNumber::parse("001199000001").unwrap(),
        full_name: "Trần Thị An".to_owned(),
        date_of_birth: date(1999, 1, 15),
        sex: Sex::Female,
    };
    let phone = Phone::parse("0900000001").unwrap();
    let account = NewAccount::draw(app, PersonId::draw(&app.chance), &identity, &phone).unwrap();
    let person = account.person();
    app.db.write(move |tx| accounts::open(tx, &account)).await.unwrap();
    person
}
