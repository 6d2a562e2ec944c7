//! A database for each test, as the migrations leave one.

use db::{Db, Options};
use tokio::sync::OnceCell;

use crate::shell::chance::Chance;
use crate::shell::workshop::Workshop;

/// The test's database: a file in its folder, or on the PostgreSQL server that the environment names.
pub(super) async fn open(folder: &tempfile::TempDir) -> Db {
    #[expect(
        clippy::disallowed_methods,
        reason = "the tests are told about PostgreSQL by the environment"
    )]
    let server = std::env::var("VNEID_TEST_POSTGRES");
    let url = match server {
        Ok(server) => new_schema(server).await,
        Err(_) => copied_file(folder).await,
    };
    Db::open(&url, Options::default()).await.unwrap()
}

/// A copy of a file in which the migrations ran once for all tests.
async fn copied_file(folder: &tempfile::TempDir) -> String {
    static MIGRATED: OnceCell<Vec<u8>> = OnceCell::const_new();
    let migrated = MIGRATED.get_or_init(async || {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vneid.db");
        migrate(&format!("sqlite:{}", path.display())).await;
        std::fs::read(&path).unwrap()
    });
    let path = folder.path().join("vneid.db");
    std::fs::write(&path, migrated.await).unwrap();
    format!("sqlite:{}", path.display())
}

async fn migrate(url: &str) {
    let db = Db::open(url, Options::default()).await.unwrap();
    db.migrate(crate::migrations::all()).await.unwrap();
    db.close().await;
}

/// A schema of its own on the server; the server itself lives no longer than the tests.
async fn new_schema(server: String) -> String {
    let schema = format!("test_{:032x}", u128::from_be_bytes(Chance::system().bytes()));
    let (statement, url) = (format!("CREATE SCHEMA {schema}"), server.clone());
    let workshop = Workshop::new(1);
    let created = workshop.run(move || {
        postgres::Client::connect(&url, postgres::NoTls)
            .unwrap()
            .batch_execute(&statement)
            .unwrap();
    });
    created.await.unwrap();
    let separator = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{separator}options=-csearch_path%3D{schema}");
    migrate(&url).await;
    url
}
