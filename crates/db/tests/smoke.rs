//! A first look at the whole path.

use db::{Db, Error, Migration, Options};
#[tokio::test]
async fn a_change_is_seen_by_a_look() {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open(
        &format!("sqlite:{}", dir.path().join("a.db").display()),
        Options::default(),
    )
    .await
    .unwrap();
    db.migrate(&[Migration { name: "V1", sql: "CREATE TABLE person (id BYTEA NOT NULL PRIMARY KEY, age BIGINT NOT NULL, note TEXT);\nCREATE INDEX a ON person (age);" }]).await.unwrap();

    db.write(|tx| {
        tx.execute(
            "INSERT INTO person (age, id) VALUES ($2, $1)",
            &[(&[1, 2, 3_u8]).into(), 7.into()],
        )
    })
    .await
    .unwrap();

    let age: i64 = db
        .read(|conn| {
            conn.query_one(
                "SELECT age FROM person WHERE id = $1",
                &[(&[1, 2, 3_u8]).into()],
                |row| row.get("age"),
            )
        })
        .await
        .unwrap();
    assert_eq!(age, 7);
    let again = db
        .write(|tx| {
            tx.execute(
                "INSERT INTO person (age, id) VALUES ($2, $1)",
                &[(&[1, 2, 3_u8]).into(), 7.into()],
            )
        })
        .await;
    assert_eq!(again, Err(Error::Taken("person.id".to_owned())));
}
