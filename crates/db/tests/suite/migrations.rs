//! The schema is built once, and what was built is not rewritten.

use db::{Conn, Db, Error, Migration, Options};

use crate::harness::{Place, on_each_engine};

const FIRST: Migration = Migration {
    name: "V0001__one",
    sql: "CREATE TABLE one (id BIGINT NOT NULL PRIMARY KEY);",
};
const SECOND: Migration = Migration {
    name: "V0002__two",
    // The words in the quotes must stay as they are.
    sql: "CREATE TABLE two (
              note TEXT NOT NULL DEFAULT 'bytea; bigint', -- it's a comment; with BYTEA
              body BYTEA
          );
          CREATE INDEX two_by_note ON two (note);",
};

#[tokio::test]
async fn a_migration_is_applied_once() {
    on_each_engine(async |place| {
        let db = place.open().await;

        let first = db.migrate(&[FIRST]).await;
        let both = db.migrate(&[FIRST, SECOND]).await;
        let again = place.open().await.migrate(&[FIRST, SECOND]).await;
        db.write(|tx| tx.execute("INSERT INTO two (body) VALUES ($1)", &[(&[1]).into()]))
            .await
            .unwrap();

        let note = db
            .read(|conn| conn.query_one("SELECT note FROM two", &[], |row| row.get::<String>("note")))
            .await;
        assert_eq!(first, Ok(vec!["V0001__one".to_owned()]));
        assert_eq!(both, Ok(vec!["V0002__two".to_owned()]));
        assert_eq!(again, Ok(vec![]));
        assert_eq!(note, Ok::<_, Error>("bytea; bigint".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn a_schema_may_change_under_a_running_program() {
    on_each_engine(async |place| {
        let (running, newer) = (place.open().await, place.open().await);
        let wider = Migration {
            name: "V0002__wider",
            sql: "ALTER TABLE one ADD COLUMN note TEXT;",
        };
        let count = |conn: &mut Conn<'_>| conn.query("SELECT * FROM one", &[], |row| row.get::<i64>("id"));
        running.migrate(&[FIRST]).await.unwrap();
        running
            .write(|tx| tx.execute("INSERT INTO one (id) VALUES (1)", &[]))
            .await
            .unwrap();
        let before = running.read(count).await;
        newer.migrate(&[FIRST, wider]).await.unwrap();

        let looked = running.read(count).await;
        let changed = running.write(move |tx| count(tx)).await;

        assert_eq!(
            [before, looked, changed],
            [Ok::<_, Error>(vec![1]), Ok(vec![1]), Ok(vec![1])]
        );
    })
    .await;
}

#[tokio::test]
async fn every_table_of_sqlite_is_strict() {
    let place = Place::sqlite();
    let db = place.open().await;
    db.migrate(&[FIRST, SECOND]).await.unwrap();

    let loose = db
        .read(|conn| {
            conn.query(
                "SELECT name FROM pragma_table_list WHERE strict = 0 AND name NOT LIKE 'sqlite%'",
                &[],
                |row| row.get::<String>("name"),
            )
        })
        .await;

    assert_eq!(loose, Ok::<_, Error>(vec![]));
}

#[tokio::test]
async fn what_was_applied_cannot_be_rewritten() {
    on_each_engine(async |place| {
        let db = place.open().await;
        db.migrate(&[FIRST, SECOND]).await.unwrap();
        let changed = Migration {
            sql: "CREATE TABLE one (id BIGINT NOT NULL);",
            ..FIRST
        };
        let between = Migration {
            name: "V0001a__late",
            sql: "",
        };
        let third = Migration {
            name: "V0001__again",
            sql: "",
        };

        let outcomes = [
            db.migrate(&[changed, SECOND]).await,
            db.migrate(&[FIRST]).await,
            db.migrate(&[FIRST, between, SECOND]).await,
            db.migrate(&[FIRST, SECOND, third]).await,
        ];

        let expected = [
            "V0001__one has changed since it was applied",
            "V0002__two was applied, but is unknown to this program",
            "V0002__two was applied where V0001a__late is expected",
            "V0001__again must stand before V0002__two",
        ];
        assert_eq!(outcomes, expected.map(|why| Err(Error::Migration(why.to_owned()))));
    })
    .await;
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing() {
    on_each_engine(async |place| {
        let db = place.open().await;
        let bad = Migration {
            name: "V0002__bad",
            sql: "CREATE TABLE bad (id BIGINT); CREATE TABEL typo (id BIGINT);",
        };

        let failed = db.migrate(&[FIRST, bad]).await;
        let repaired = db.migrate(&[FIRST, SECOND]).await;

        assert!(matches!(failed, Err(Error::Statement(_))), "{failed:?}");
        assert_eq!(repaired, Ok(vec!["V0001__one".to_owned(), "V0002__two".to_owned()]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_starters_one_builds_the_schema() {
    on_each_engine(async |place| {
        let starters: Vec<_> = (0..8)
            .map(|_| {
                let url = place.url.clone();
                tokio::spawn(async move {
                    Db::open(&url, Options::default())
                        .await?
                        .migrate(&[FIRST, SECOND])
                        .await
                })
            })
            .collect();

        let mut applied = Vec::new();
        for starter in starters {
            applied.extend(starter.await.unwrap().unwrap());
        }
        assert_eq!(applied, ["V0001__one", "V0002__two"]);
    })
    .await;
}

#[tokio::test]
async fn an_address_that_cannot_be_used_is_refused() {
    let remote = Db::open("postgres://someone:secret@db.example.vn/vneid", Options::default()).await;
    let unknown = Db::open("mysql://localhost", Options::default()).await;
    let unreadable = Db::open("postgres://:secret:@@/", Options::default()).await;
    let no_folder = Db::open("sqlite:/nowhere/at/all.db", Options::default()).await;

    for refused in [remote, unknown, unreadable] {
        let refused = refused.unwrap_err();
        assert!(
            matches!(&refused, Error::Url(why) if !why.contains("secret")),
            "{refused:?}"
        );
    }
    assert!(matches!(no_folder, Err(Error::Unavailable(_))));
}
