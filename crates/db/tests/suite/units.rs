//! A unit of work is written whole or not at all, and looks change nothing.

use std::{
    future::{Future, poll_fn},
    sync::{Arc, Barrier, Mutex, mpsc},
    task::Poll,
};

use db::{Db, Engine, Error, Options};

use crate::harness::{BOOK, Place, entries, insert, on_each_engine, with_book};

/// One connection, so that a unit that waits keeps the others waiting on both engines.
fn one_at_a_time() -> Options {
    Options {
        max_connections: 1,
        ..Options::default()
    }
}

#[tokio::test]
async fn a_refused_unit_leaves_nothing() {
    with_book(async |db| {
        let outcome = db
            .write(|tx| {
                tx.execute("INSERT INTO entry (id) VALUES (1)", &[])?;
                Err::<(), _>(Error::NoRow)
            })
            .await;

        assert_eq!(outcome, Err(Error::NoRow));
        assert_eq!(entries(&db).await, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_units_in_one_batch_only_the_failed_are_lost() {
    on_each_engine(async |place| {
        let db = place.open_with(one_at_a_time()).await;
        db.migrate(BOOK).await.unwrap();
        insert(&db, 100).await.unwrap();
        let (first, release) = hold(&db, 0).await;

        // While the first unit runs, the others gather behind it.
        let units: Vec<_> = (1..=30_i64)
            .map(|id| {
                let db = db.clone();
                tokio::spawn(async move {
                    db.write(move |tx| {
                        tx.execute("INSERT INTO entry (id) VALUES ($1)", &[id.into()])?;
                        match id % 5 {
                            1 => Err(Error::NoRow),
                            2 => panic!("as the test wants it"),
                            3 => tx.execute("INSERT INTO entry (id) VALUES (100)", &[]),
                            _ => Ok(0),
                        }
                    })
                    .await
                })
            })
            .collect();
        drop(release);
        first.await.unwrap().unwrap();
        let mut outcomes = Vec::new();
        for unit in units {
            outcomes.push(unit.await.unwrap());
        }

        for (id, outcome) in (1..).zip(&outcomes) {
            let expected = match id % 5 {
                1 => Err(Error::NoRow),
                2 => Err(Error::Panicked),
                3 => Err(Error::Taken("entry.id".to_owned())),
                _ => Ok(0),
            };
            assert_eq!(*outcome, expected, "unit {id}");
        }
        assert_eq!(
            entries(&db).await,
            [0, 4, 5, 9, 10, 14, 15, 19, 20, 24, 25, 29, 30, 100]
        );
        db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_rolls_everything_back_takes_only_its_own_unit() {
    on_each_engine(async |place| {
        let db = place.open_with(one_at_a_time()).await;
        db.migrate(BOOK).await.unwrap();
        insert(&db, 100).await.unwrap();
        let (first, release) = hold(&db, 0).await;
        let clash = match db.engine() {
            Engine::Sqlite => "INSERT OR ROLLBACK INTO entry (id) VALUES (100)",
            Engine::Postgres => "INSERT INTO entry (id) VALUES (100)",
        };

        let before = tokio::spawn({
            let db = db.clone();
            async move { insert(&db, 1).await }
        });
        let bad = tokio::spawn({
            let db = db.clone();
            async move { db.write(move |tx| tx.execute(clash, &[])).await }
        });
        let after = tokio::spawn({
            let db = db.clone();
            async move { insert(&db, 2).await }
        });
        drop(release);

        assert_eq!(first.await.unwrap(), Ok(1));
        assert_eq!(before.await.unwrap(), Ok(1));
        assert_eq!(bad.await.unwrap(), Err(Error::Taken("entry.id".to_owned())));
        assert_eq!(after.await.unwrap(), Ok(1));
        assert_eq!(entries(&db).await, [0, 1, 2, 100]);
        db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_dropped_before_its_unit_ran_writes_nothing() {
    on_each_engine(async |place| {
        let db = place.open_with(one_at_a_time()).await;
        db.migrate(BOOK).await.unwrap();
        let (first, release) = hold(&db, 1).await;

        let mut dropped = Box::pin(insert(&db, 2));
        let waits = poll_fn(|context| Poll::Ready(dropped.as_mut().poll(context).is_pending())).await;
        drop(dropped);
        drop(release);
        first.await.unwrap().unwrap();
        insert(&db, 3).await.unwrap();

        assert!(waits);
        assert_eq!(entries(&db).await, [1, 3]);
        db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_dropped_while_its_unit_runs_leaves_all_of_it() {
    on_each_engine(async |place| {
        let db = place.open_with(one_at_a_time()).await;
        db.migrate(BOOK).await.unwrap();
        let (dropped, release) = hold(&db, 1).await;

        dropped.abort();
        let gone = dropped.await;
        drop(release);
        insert(&db, 2).await.unwrap();

        let echoes = db
            .read(|conn| conn.query("SELECT id FROM echo", &[], |row| row.get::<i64>("id")))
            .await;
        assert!(gone.unwrap_err().is_cancelled());
        assert_eq!(entries(&db).await, [1, 2]);
        assert_eq!(echoes, Ok::<_, Error>(vec![1]));
        db.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_look_cannot_change() {
    with_book(async |db| {
        for sql in [
            "INSERT INTO entry (id) VALUES (1) RETURNING id",
            "UPDATE entry SET amount = 1 RETURNING id",
            "DELETE FROM entry RETURNING id",
            "WITH one AS (SELECT 1 AS id) INSERT INTO entry (id) SELECT id FROM one RETURNING id",
        ] {
            let outcome = db
                .read(move |conn| conn.query(sql, &[], |row| row.get::<i64>("id")))
                .await;

            assert_eq!(outcome, Err(Error::ReadOnly), "{sql}");
        }
        assert_eq!(entries(&db).await, []);
    })
    .await;
}

#[tokio::test]
async fn a_unit_cannot_reach_beyond_itself() {
    with_book(async |db| {
        for sql in [
            "COMMIT",
            "rollback",
            "SAVEPOINT a",
            "PRAGMA query_only = 0",
            "SET ROLE postgres",
            "DROP TABLE entry",
            "",
        ] {
            let changed = db.write(move |tx| tx.execute(sql, &[])).await;
            let looked = db.read(move |conn| conn.query(sql, &[], |_| Ok(()))).await;

            assert!(matches!(changed, Err(Error::Forbidden(_))), "{sql}: {changed:?}");
            assert!(matches!(looked, Err(Error::Forbidden(_))), "{sql}: {looked:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_look_sees_one_moment() {
    with_book(async |db| {
        insert(&db, 1).await.unwrap();
        let (looked, seen) = tokio::sync::mpsc::unbounded_channel();
        let (go_on, wait) = mpsc::channel::<()>();
        let wait = Mutex::new(wait);
        let count = "SELECT count(*) AS n FROM entry";

        let look = tokio::spawn({
            let db = db.clone();
            async move {
                db.read(move |conn| {
                    let before: i64 = conn.query_one(count, &[], |row| row.get("n"))?;
                    looked.send(()).unwrap();
                    wait.lock().unwrap().recv().unwrap();
                    let after: i64 = conn.query_one(count, &[], |row| row.get("n"))?;
                    Ok::<_, Error>((before, after))
                })
                .await
            }
        });
        let mut seen = seen;
        seen.recv().await.unwrap();
        insert(&db, 2).await.unwrap();
        go_on.send(()).unwrap();

        assert_eq!(look.await.unwrap(), Ok((1, 1)));
        assert_eq!(entries(&db).await, [1, 2]);
    })
    .await;
}

/// PostgreSQL is told of the end of a look without waiting for its answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_look_that_is_over_holds_no_moment() {
    let Some(place) = Place::postgres() else { return };
    let name = format!("moment_{}", std::process::id());
    let db = Db::open(&format!("{}&application_name={name}", place.url), Options::default())
        .await
        .unwrap();
    let met = Arc::new(Barrier::new(2));
    let looks = [(); 2].map(|()| {
        let (db, met) = (db.clone(), met.clone());
        tokio::spawn(async move {
            db.read(move |conn| {
                conn.query_one("SELECT 1 AS one", &[], |_| Ok(()))?;
                // Both are under way, so that there are two connections.
                met.wait();
                Ok::<_, Error>(())
            })
            .await
        })
    });
    for look in looks {
        look.await.unwrap().unwrap();
    }

    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let name = name.clone();
        let open: i64 = db
            .read(move |conn| {
                conn.query_one(
                    "SELECT count(*) AS open FROM pg_stat_activity
                      WHERE application_name = $1 AND pid <> pg_backend_pid() AND state <> 'idle'",
                    &[name.as_str().into()],
                    |row| row.get("open"),
                )
            })
            .await
            .unwrap();
        if open == 0 {
            break;
        }
        assert!(std::time::Instant::now() < until, "a transaction stays open");
    }
    db.close().await;
}

#[tokio::test]
async fn a_panic_in_a_look_harms_nobody() {
    with_book(async |db| {
        let outcome = db
            .read(|_| -> Result<(), Error> { panic!("as the test wants it") })
            .await;

        assert_eq!(outcome, Err(Error::Panicked));
        assert_eq!(entries(&db).await, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_finishes_what_was_accepted_and_refuses_the_rest() {
    on_each_engine(async |place| {
        let db = place.open_with(one_at_a_time()).await;
        db.migrate(BOOK).await.unwrap();
        let (accepted, release) = hold(&db, 1).await;

        let closing = tokio::spawn({
            let db = db.clone();
            async move { db.close().await }
        });
        drop(release);
        closing.await.unwrap();

        assert_eq!(accepted.await.unwrap(), Ok(1));
        assert_eq!(insert(&db, 2).await, Err(Error::Closed));
        assert_eq!(
            db.read(|conn| conn.query("SELECT 1 AS n", &[], |_| Ok(()))).await,
            Err(Error::Closed)
        );
        assert_eq!(entries(&place.open().await).await, [1]);
    })
    .await;
}

/// Starts a unit that writes an entry, waits until the other end is dropped, then writes its echo.
/// Returns once it runs. It may run again, and then does not wait.
async fn hold(db: &Db, id: i64) -> (tokio::task::JoinHandle<Result<u64, Error>>, mpsc::Sender<()>) {
    let (release, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let (running, started) = tokio::sync::mpsc::unbounded_channel();
    let db = db.clone();
    let unit = tokio::spawn(async move {
        db.write(move |tx| {
            tx.execute("INSERT INTO entry (id) VALUES ($1)", &[id.into()])?;
            let _ = running.send(());
            let _ = wait.lock().unwrap().recv();
            tx.execute("INSERT INTO echo (id) VALUES ($1)", &[id.into()])
        })
        .await
    });
    let mut started = started;
    started.recv().await.unwrap();

    (unit, release)
}
