//! Millions of accounts, as days that are expected of them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use db::Engine;
use nation::sources::Pki;
use platform::app::App;
use platform::notices::Gateway;
use platform::shell::chance::Chance;
use platform::shell::clock::Clock;
use platform::shell::config::{Biometrics, Config, Evidence, Registries};
use platform::shell::server;

/// How many accounts are put in at once.
const AT_ONCE: i64 = 100_000;

/// The days of accounts `$1` to `$2`. Identifiers are scattered over all of their range, as drawn ones are.
macro_rules! insert {
    ($key:literal, $day:literal) => {
        concat!(
            "INSERT INTO notice_date (person, occasion, day)
             WITH RECURSIVE running (n) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT n + 1 FROM running WHERE n < $2)
             SELECT ",
            $key,
            ", 'birthday', substr(",
            $day,
            ", 6) FROM running
             UNION ALL
             SELECT ",
            $key,
            ", 'card', ",
            $day,
            " FROM running
             UNION ALL
             SELECT ",
            $key,
            ", 'licence', ",
            $day,
            " FROM running WHERE n % 2 = 0"
        )
    };
}

const SQLITE: &str = insert!(
    "CAST(printf('%08x%08x', (n * 2654435761) % 4294967296, n) AS BLOB)",
    "date('2026-06-01', '+' || ((n * 7919) % 3653) || ' days')"
);
const POSTGRES: &str = insert!(
    "convert_to(lpad(to_hex((n * 2654435761) % 4294967296), 8, '0') || lpad(to_hex(n), 8, '0'), 'UTF8')",
    "to_char(DATE '2026-06-01' + CAST((n * 7919) % 3653 AS INTEGER), 'YYYY-MM-DD')"
);

/// The platform, with nobody connected.
pub async fn open(config: Config) -> App {
    server::open(config, Gateway::Mailbox, Clock::system(), Chance::system())
        .await
        .unwrap()
}

/// What it needs to open.
pub fn config(database: &str, folder: &Path) -> Config {
    let pki = Pki::generate(&["localhost"]).unwrap();
    let (authority, identity) = (folder.join("authority.pem"), folder.join("identity.pem"));
    fs::write(&authority, pki.ca_pem).unwrap();
    let own = format!("{}{}", pki.client.certificate_pem, pki.client.key_pem.expose());
    fs::write(&identity, own).unwrap();
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
        ..Config::default()
    }
}

/// Puts in accounts until there are so many.
pub async fn accounts(app: &App, there: i64, wanted: i64) {
    let statement = if app.db.engine() == Engine::Sqlite {
        SQLITE
    } else {
        POSTGRES
    };
    let mut from = there + 1;
    while from <= wanted {
        let to = wanted.min(from + AT_ONCE - 1);
        app.db
            .write(move |tx| tx.execute(statement, &[from.into(), to.into()]))
            .await
            .unwrap();
        from = to + 1;
    }
}

/// Forgets the run of today.
pub async fn forget_run(app: &App) {
    let emptied = app.db.write(|tx| {
        tx.execute("DELETE FROM notice_note", &[])?;
        tx.execute("DELETE FROM notice_round", &[])?;
        tx.execute("DELETE FROM job", &[])
    });
    emptied.await.unwrap();
}

/// What the server does by itself within a minute.
pub async fn analyse(app: &App) {
    let database = app.config.database.clone();
    let work = move || {
        let mut client = postgres::Client::connect(&database, postgres::NoTls).unwrap();
        client.batch_execute("ANALYZE notice_date").unwrap();
    };
    tokio::task::spawn_blocking(work).await.unwrap();
}

/// How many notes there are.
pub async fn told(app: &App) -> i64 {
    let counted = app
        .db
        .read(|conn| conn.query_one("SELECT COUNT(*) AS notes FROM notice_note", &[], |row| row.get("notes")));
    counted.await.unwrap()
}
