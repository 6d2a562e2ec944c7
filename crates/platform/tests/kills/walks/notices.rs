//! The daily run of notices.

use std::process::Command;
use std::time::Duration;

use db::{Db, Options};
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};

use crate::house::{House, spin};

/// How many people have a card that ends in thirty days.
const PEOPLE: i64 = 40_000;

#[test]
fn a_daily_run_that_is_killed_again_and_again_tells_each_once() {
    let mut house = House::start();
    let now = Timestamp::from_second(i64::try_from(house.now()).unwrap()).unwrap();
    let today = Offset::constant(7).to_datetime(now).date();
    let due = today.checked_add(30.days()).unwrap().to_string();
    house.kill();
    let config = house.config();
    let url = format!("sqlite:{}", house.folder().join("vneid.db").display());
    let tokio = tokio::runtime::Runtime::new().unwrap();
    tokio.block_on(fill(&url, due));

    let mut kills = 0;
    loop {
        let mut run = Command::new(env!("CARGO_BIN_EXE_vneid"))
            .args(["notices", "--config"])
            .arg(&config)
            .args(["daily", "--now"])
            .spawn()
            .unwrap();
        spin(Duration::from_millis(200 + 100 * kills));
        if let Some(ended) = run.try_wait().unwrap() {
            assert!(ended.success());
            break;
        }
        run.kill().unwrap();
        run.wait().unwrap();
        kills += 1;
    }

    assert!(kills >= 2, "it was never killed");
    assert_eq!(tokio.block_on(count(&url)), [PEOPLE; 3]);
}

/// Days of people of whom nothing else is known, on a day that has no run yet.
async fn fill(url: &str, due: String) {
    let db = Db::open(url, Options::default()).await.unwrap();
    db.write(move |tx| {
        tx.execute("DELETE FROM notice_round", &[])?;
        tx.execute(
            "INSERT INTO notice_date (person, occasion, day)
             WITH RECURSIVE running (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM running WHERE n < $1)
             SELECT randomblob(16), 'card', $2 FROM running",
            &[PEOPLE.into(), (&due).into()],
        )
    })
    .await
    .unwrap();
    db.close().await;
}

/// How many notes there are, how many the rounds say, and how many orders to carry one.
async fn count(url: &str) -> [i64; 3] {
    let db = Db::open(url, Options::default()).await.unwrap();
    let counted = db.read(|conn| {
        let mut one = |sql: &'static str| conn.query_one(sql, &[], |row| row.get::<i64>("found"));
        Ok::<_, db::Error>([
            one("SELECT COUNT(*) AS found FROM notice_note")?,
            one("SELECT SUM(told) AS found FROM notice_round")?,
            one("SELECT COUNT(*) AS found FROM job WHERE kind = 'notices-carry'")?,
        ])
    });
    let counted = counted.await.unwrap();
    db.close().await;
    counted
}
