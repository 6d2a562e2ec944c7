//! A process that is killed while it writes: whatever it was told is written, is there.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use db::{Db, Error, Options};

use crate::harness::{BOOK, Place, environment};

/// Names the database to a copy of this program that is to be killed.
const VICTIM: &str = "VNEID_TEST_VICTIM";
const WRITERS: i64 = 8;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_kill() {
    if let Some(url) = environment(VICTIM) {
        return write_until_killed(&url).await;
    }

    kill_again_and_again(&Place::sqlite(), 200).await;
    if let Some(place) = Place::postgres() {
        kill_again_and_again(&place, 20).await;
    }
}

async fn kill_again_and_again(place: &Place, rounds: u64) {
    place.open().await.migrate(BOOK).await.unwrap();

    let mut acknowledged = 0;
    for round in 0..rounds {
        // Anything that is not a multiple of the size of a batch will do as a random moment.
        let moment = (round * 2_654_435_761 % 97) as usize;
        let told = told_before_kill(&place.url, moment);
        acknowledged += told.len();

        let db = place.open().await;
        let (torn, missing) = damage(&db, told).await.unwrap();
        assert_eq!((torn, missing), (0, vec![]), "round {round}, killed after {moment}");
        db.close().await;
    }
    assert!(
        acknowledged as u64 > rounds,
        "only {acknowledged} units were acknowledged"
    );
}

/// Starts a victim, kills it after so many answers, and returns every answer it gave.
fn told_before_kill(url: &str, moment: usize) -> Vec<i64> {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "killed::what_was_acknowledged_survives_a_kill",
            "--nocapture",
        ])
        .env(VICTIM, url)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(victim.stdout.take().unwrap());

    let mut told = Vec::new();
    let mut line = String::new();
    while said.read_line(&mut line).unwrap() > 0 {
        // The last line may be cut off.
        told.extend(
            line.strip_prefix("written ")
                .and_then(|id| id.strip_suffix('\n')?.parse::<i64>().ok()),
        );
        line.clear();
        if told.len() == moment {
            victim.kill().unwrap();
        }
    }
    assert!(
        !victim.wait().unwrap().success(),
        "the victim ended by itself after {} answers",
        told.len()
    );
    told
}

/// How many units are half there, and which of those told are not there.
pub async fn damage(db: &Db, told: Vec<i64>) -> Result<(i64, Vec<i64>), Error> {
    db.read(move |conn| {
        let torn = conn.query_one(
            "SELECT (SELECT count(*) FROM entry WHERE id NOT IN (SELECT id FROM echo))
                  + (SELECT count(*) FROM echo WHERE id NOT IN (SELECT id FROM entry)) AS n",
            &[],
            |row| row.get("n"),
        )?;
        let mut missing = Vec::new();
        for id in &told {
            let found = conn.query_opt("SELECT id FROM echo WHERE id = $1", &[id.into()], |row| {
                row.get::<i64>("id")
            })?;
            missing.extend(found.is_none().then_some(*id));
        }
        Ok((torn, missing))
    })
    .await
}

async fn write_until_killed(url: &str) {
    // Its own line, so that the first answer does not stand behind what the test runner prints.
    println!();
    let db = Db::open(url, Options::default()).await.unwrap();
    let start = db
        .read(|conn| {
            conn.query_one("SELECT coalesce(max(id), 0) AS n FROM entry", &[], |row| {
                row.get::<i64>("n")
            })
        })
        .await
        .unwrap_or_else(|error: Error| panic!("{error}"));

    let writers: Vec<_> = (1..=WRITERS)
        .map(|writer| {
            let db = db.clone();
            tokio::spawn(async move {
                for n in 0.. {
                    let id = start + writer + n * WRITERS;
                    write_pair(&db, id).await.unwrap();
                    println!("written {id}");
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

pub async fn write_pair(db: &Db, id: i64) -> Result<u64, Error> {
    db.write(move |tx| {
        tx.execute("INSERT INTO entry (id) VALUES ($1)", &[id.into()])?;
        tx.execute("INSERT INTO echo (id) VALUES ($1)", &[id.into()])
    })
    .await
}
