//! How fast the data layer is on this machine, as a Markdown table.
//!
//! `cargo xtask bench db`; PostgreSQL takes part when `VNEID_TEST_POSTGRES` names a server. Every write is one unit of
//! work that inserts one row and is answered after it is durable.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a program for developers")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use db::{Db, Engine, Error, Migration, Options};

const MEASURED: Duration = Duration::from_secs(2);
const ROWS: i64 = 20_000;
const CROWDS: [usize; 3] = [1, 8, 64];
const SCHEMA: &[Migration] = &[Migration {
    name: "V0001__bench",
    sql: "CREATE TABLE bench_row (person BYTEA NOT NULL, number BIGINT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (person, number));",
}];

/// The number of the next row: never the same twice, so that no writer is in the way of another.
static NEXT: AtomicI64 = AtomicI64::new(ROWS);

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let grouped = format!("sqlite:{}", folder.path().join("grouped.db").display());
    let single = format!("sqlite:{}", folder.path().join("single.db").display());

    println!("| engine | point read, alone | point reads/s, 8 readers | writes/s, 1 writer | 8 writers | 64 writers |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    report("SQLite, group commit", &grouped, Options::default()).await;
    report(
        "SQLite, one commit a unit",
        &single,
        Options {
            group: 1,
            ..Options::default()
        },
    )
    .await;
    #[expect(
        clippy::disallowed_methods,
        reason = "this program is configured by its environment alone"
    )]
    if let Ok(server) = std::env::var("VNEID_TEST_POSTGRES") {
        report("PostgreSQL, serializable", &server, Options::default()).await;
    }
}

async fn report(name: &str, url: &str, options: Options) {
    let db = Db::open(url, options).await.unwrap();
    db.migrate(SCHEMA).await.unwrap();
    fill(&db).await;

    let alone = rate(&db, 1, look).await;
    let crowd = rate(&db, 8, look).await;
    let mut cells = vec![name.to_owned(), format!("{:.1} µs", 1e6 / alone), format!("{crowd:.0}")];
    for writers in CROWDS {
        cells.push(format!("{:.0}", rate(&db, writers, change).await));
    }
    println!("| {} |", cells.join(" | "));

    clear(&db, url);
    db.close().await;
}

/// How many times a second `act` is done by so many at once.
async fn rate<A>(db: &Db, crowd: usize, act: fn(Db) -> A) -> f64
where
    A: Future<Output = ()> + Send + 'static,
{
    let stop = Arc::new(AtomicBool::new(false));
    let start = Instant::now();
    let all: Vec<_> = (0..crowd)
        .map(|_| {
            let (db, stop) = (db.clone(), stop.clone());
            tokio::spawn(async move {
                let mut done = 0_u32;
                while !stop.load(Ordering::Relaxed) && start.elapsed() < MEASURED {
                    act(db.clone()).await;
                    done += 1;
                }
                stop.store(true, Ordering::Relaxed);
                done
            })
        })
        .collect();

    let mut done = 0;
    for one in all {
        done += one.await.unwrap();
    }
    f64::from(done) / start.elapsed().as_secs_f64()
}

async fn look(db: Db) {
    let number = NEXT.fetch_add(7919, Ordering::Relaxed) % ROWS;
    let note = db
        .read(move |conn| {
            conn.query_opt(
                "SELECT note FROM bench_row WHERE person = $1 AND number = $2",
                &[(&[7_u8; 16]).into(), number.into()],
                |row| row.get::<String>("note"),
            )
        })
        .await;

    assert!(matches!(note, Ok::<_, Error>(Some(_))));
}

async fn change(db: Db) {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut person = [0; 16];
    // Spread over the index, as random identifiers are.
    person[..8].copy_from_slice(&(number.wrapping_mul(0x5851_F42D_4C95_7F2D)).to_be_bytes());

    db.write(move |tx| insert(tx, &person, number)).await.unwrap();
}

async fn fill(db: &Db) {
    db.write(|tx| (0..ROWS).try_for_each(|number| insert(tx, &[7; 16], number).map(drop)))
        .await
        .unwrap();
}

fn insert(tx: &mut db::Tx<'_>, person: &[u8; 16], number: i64) -> Result<u64, Error> {
    tx.execute(
        "INSERT INTO bench_row (person, number, note) VALUES ($1, $2, $3)",
        &[person.into(), number.into(), "Nguyễn Thị Ước, 12 phố Hàng Bông".into()],
    )
}

/// Leaves nothing on a server.
fn clear(db: &Db, url: &str) {
    if db.engine() == Engine::Postgres {
        let url = url.to_owned();
        let dropped = std::thread::spawn(move || {
            postgres::Client::connect(&url, postgres::NoTls)
                .unwrap()
                .batch_execute("DROP TABLE bench_row, schema_migration")
                .unwrap();
        });
        dropped.join().unwrap();
    }
}
