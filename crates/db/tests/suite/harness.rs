//! A fresh database for every test, on each engine there is.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use db::{Db, Error, Migration, Options};

/// A fresh place for one test; gone when dropped.
pub struct Place {
    pub url: String,
    /// Held for its drop.
    _folder: Option<tempfile::TempDir>,
    schema: Option<(String, String)>,
}

impl Place {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path: PathBuf = folder.path().join("test.db");

        Self {
            url: format!("sqlite:{}", path.display()),
            _folder: Some(folder),
            schema: None,
        }
    }

    /// A schema of its own on the server, if there is a server.
    pub fn postgres() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);

        let server = environment("VNEID_TEST_POSTGRES")?;
        let schema = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        administer(&server, &format!("CREATE SCHEMA {schema}"));
        let mark = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{mark}options=-c%20search_path%3D{schema}");

        Some(Self {
            url,
            _folder: None,
            schema: Some((server, schema)),
        })
    }

    pub async fn open(&self) -> Db {
        self.open_with(Options::default()).await
    }

    pub async fn open_with(&self, options: Options) -> Db {
        Db::open(&self.url, options).await.unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((server, schema)) = &self.schema {
            administer(server, &format!("DROP SCHEMA IF EXISTS {schema} CASCADE"));
        }
    }
}

/// Runs a test once for each engine, each time in a fresh place.
pub async fn on_each_engine(test: impl AsyncFn(Place)) {
    test(Place::sqlite()).await;
    if let Some(place) = Place::postgres() {
        test(place).await;
    }
}

/// Runs a test once for each engine, on a fresh database with the tables of [`BOOK`].
pub async fn with_book(test: impl AsyncFn(Db)) {
    on_each_engine(async |place| {
        let db = place.open().await;
        db.migrate(BOOK).await.unwrap();

        test(db.clone()).await;

        db.close().await;
    })
    .await;
}

/// What most tests write into.
pub const BOOK: &[Migration] = &[Migration {
    name: "V0001__book",
    sql: "
        CREATE TABLE entry (id BIGINT NOT NULL PRIMARY KEY, note TEXT, body BYTEA, amount BIGINT);
        CREATE TABLE echo (id BIGINT NOT NULL PRIMARY KEY);
    ",
}];

pub async fn insert(db: &Db, id: i64) -> Result<u64, Error> {
    db.write(move |tx| tx.execute("INSERT INTO entry (id) VALUES ($1)", &[id.into()]))
        .await
}

/// The entries there are, in order.
pub async fn entries(db: &Db) -> Vec<i64> {
    db.read(|conn| conn.query("SELECT id FROM entry ORDER BY id", &[], |row| row.get("id")))
        .await
        .unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where these tests look at the environment"
)]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Runs statements on the server, on a thread of its own: the client must not live on an async one.
pub fn administer(server: &str, sql: &str) {
    let (server, sql) = (server.to_owned(), sql.to_owned());
    let done = std::thread::spawn(move || {
        postgres::Client::connect(&server, postgres::NoTls)
            .unwrap()
            .batch_execute(&sql)
            .unwrap();
    });
    done.join().unwrap();
}
