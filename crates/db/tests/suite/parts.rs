//! A table kept in parts loses what is old in one stroke, on the engine that has parts.

use db::{Db, Engine, Error, Migration};

use crate::harness::on_each_engine;

const LOOKS: Migration = Migration {
    name: "V0001__look",
    sql: "CREATE TABLE look (at BIGINT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (at, note))
          -- only postgres
          PARTITION BY RANGE (at)
          -- end
          ;
          -- only postgres
          CREATE TABLE look_rest PARTITION OF look DEFAULT;
          -- end
         ",
};

async fn insert(db: &Db, at: i64) {
    db.write(move |tx| tx.execute("INSERT INTO look (at, note) VALUES ($1, 'x')", &[at.into()]))
        .await
        .unwrap();
}

async fn all(db: &Db) -> Vec<i64> {
    let found = db.read(|conn| conn.query("SELECT at FROM look ORDER BY at", &[], |row| row.get("at")));
    let found: Result<Vec<i64>, Error> = found.await;
    found.unwrap()
}

#[tokio::test]
async fn parts_that_are_old_are_dropped_and_the_others_stay() {
    on_each_engine(async |place| {
        let db = place.open().await;
        db.migrate(&[LOOKS]).await.unwrap();
        insert(&db, 25).await;

        for _ in 0..2 {
            let ranges = vec![(0, 10), (10, 20), (20, 30), (30, 40)];
            db.make_parts("look", ranges).await.unwrap();
        }
        for at in [5, 15, 35] {
            insert(&db, at).await;
        }
        let dropped = db.drop_parts("look", 15).await.unwrap();

        let (expected, left) = match db.engine() {
            Engine::Postgres => (1, vec![15, 25, 35]),
            Engine::Sqlite => (0, vec![5, 15, 25, 35]),
        };
        assert_eq!(dropped, expected);
        assert_eq!(all(&db).await, left);
    })
    .await;
}
