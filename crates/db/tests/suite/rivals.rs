//! Many at once: nobody's change is lost, nobody decides on what is no longer true.

use std::sync::{
    Arc, Barrier,
    atomic::{AtomicBool, Ordering},
};

use db::{Conn, Db, Engine, Error};

use crate::harness::{BOOK, Place, administer, entries, environment, insert, on_each_engine, with_book};

#[tokio::test(flavor = "multi_thread")]
async fn no_increment_is_lost() {
    with_book(async |db| {
        db.write(|tx| tx.execute("INSERT INTO entry (id, amount) VALUES (1, 0)", &[]))
            .await
            .unwrap();

        let rivals: Vec<_> = (0..16).map(|_| tokio::spawn(increment(db.clone(), 25))).collect();
        for rival in rivals {
            rival.await.unwrap().unwrap();
        }

        let amount = db.read(|conn| conn.query_one("SELECT amount FROM entry", &[], |row| row.get::<i64>("amount")));
        assert_eq!(amount.await, Ok::<_, Error>(16 * 25));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_lose_nothing_of_each_other() {
    on_each_engine(async |place| {
        let programs = [place.open().await, place.open().await];
        programs[0].migrate(BOOK).await.unwrap();
        programs[0]
            .write(|tx| tx.execute("INSERT INTO entry (id, amount) VALUES (1, 0)", &[]))
            .await
            .unwrap();

        let rivals: Vec<_> = (0..8)
            .map(|n| tokio::spawn(increment(programs[n % 2].clone(), 10)))
            .collect();
        for rival in rivals {
            rival.await.unwrap().unwrap();
        }

        let look =
            |conn: &mut Conn<'_>| conn.query_one("SELECT amount FROM entry", &[], |row| row.get::<i64>("amount"));
        assert_eq!(programs[0].read(look).await, Ok::<_, Error>(80));
        assert_eq!(programs[1].read(look).await, Ok::<_, Error>(80));
    })
    .await;
}

/// Reads, adds one in its own head, writes.
async fn increment(db: Db, times: usize) -> Result<(), Error> {
    for _ in 0..times {
        db.write(|tx| {
            let amount: i64 = tx.query_one("SELECT amount FROM entry WHERE id = 1", &[], |row| row.get("amount"))?;
            tx.execute("UPDATE entry SET amount = $1 WHERE id = 1", &[(amount + 1).into()])
        })
        .await?;
    }
    Ok(())
}

/// The retry must not hang on the error type of the caller.
#[derive(Debug, PartialEq)]
struct Opaque;

impl From<Error> for Opaque {
    fn from(_: Error) -> Self {
        Self
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_on_call_one_stays_on_call() {
    with_book(async |db| {
        db.write(|tx| tx.execute("INSERT INTO entry (id, amount) VALUES (1, 1), (2, 1)", &[]))
            .await
            .unwrap();
        let both_have_looked = Arc::new(Barrier::new(2));

        let leave = |id: i64| {
            let (db, both_have_looked) = (db.clone(), both_have_looked.clone());
            let first_run = AtomicBool::new(db.engine() == Engine::Postgres);
            tokio::spawn(async move {
                db.write(move |tx| {
                    let on_call: i64 = tx.query_one("SELECT sum(amount) AS n FROM entry", &[], |row| row.get("n"))?;
                    if first_run.swap(false, Ordering::Relaxed) {
                        both_have_looked.wait();
                    }
                    if on_call < 2 {
                        return Ok::<_, Opaque>(false);
                    }
                    tx.execute("UPDATE entry SET amount = 0 WHERE id = $1", &[id.into()])?;
                    Ok(true)
                })
                .await
            })
        };
        let (one, two) = (leave(1), leave(2));

        let mut left = [one.await.unwrap(), two.await.unwrap()];
        left.sort_by_key(|outcome| *outcome == Ok(true));
        assert_eq!(left, [Ok(false), Ok(true)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_take_the_same_only_one_gets_it() {
    with_book(async |db| {
        let rivals: Vec<_> = (0..32)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move { insert(&db, 1).await })
            })
            .collect();

        let mut won = 0;
        for rival in rivals {
            match rival.await.unwrap() {
                Ok(_) => won += 1,
                Err(error) => assert_eq!(error, Error::Taken("entry.id".to_owned())),
            }
        }
        assert_eq!(won, 1);
    })
    .await;
}

#[tokio::test]
async fn lost_connections_are_replaced_unnoticed() {
    let (Some(server), Some(place)) = (environment("VNEID_TEST_POSTGRES"), Place::postgres()) else {
        return;
    };
    let mark = format!("lost_{}", std::process::id());
    let url = format!("{}&application_name={mark}", place.url);
    let db = Db::open(&url, db::Options::default()).await.unwrap();
    db.migrate(BOOK).await.unwrap();
    insert(&db, 1).await.unwrap();
    let terminate = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{mark}'");

    administer(&server, &terminate);
    let written = insert(&db, 2).await;
    administer(&server, &terminate);
    let seen = entries(&db).await;

    assert_eq!(written, Ok(1));
    assert_eq!(seen, [1, 2]);
    db.close().await;
}
