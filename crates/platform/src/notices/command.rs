//! What operators do with notices on the command line.

use std::fmt::Write as _;

use clap::Subcommand;

use super::{GIVEN_UP_MOST, KINDS, costs, daily, learning};
use crate::app::App;
use crate::shell::jobs as outbox;
use crate::shell::server::Failure;

/// What can be done.
#[derive(Subcommand)]
pub enum Command {
    /// Tell how far the daily runs are.
    Daily {
        /// Make the run of today here and now, to its end; what was told is not told again.
        #[arg(long)]
        now: bool,
    },
    /// Tell what each gateway took on each day.
    Costs {
        /// Of how many days.
        #[arg(long, default_value_t = 31)]
        days: i64,
    },
    /// Tell which messages were given up, and why.
    Dead {
        /// Try them once more.
        #[arg(long)]
        again: bool,
    },
}

impl Command {
    /// Does it; answers what to say on the terminal.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn run(self, app: &App) -> Result<String, Failure> {
        match self {
            Command::Daily { now } => {
                if now {
                    daily::start(app).await?;
                    while daily::piece(app).await? {}
                }
                runs(app).await
            }
            Command::Costs { days } => bills(app, days).await,
            Command::Dead { again } => given_up(app, again).await,
        }
    }
}

async fn runs(app: &App) -> Result<String, Failure> {
    const MOST: i64 = 40;
    let (rounds, walk) = app
        .db
        .read(|conn| Ok::<_, db::Error>((daily::progress(conn, MOST)?, learning::walk(conn)?)))
        .await?;
    let mut told = String::new();
    for round in rounds {
        let state = match round.finished_at {
            Some(at) => format!("finished {at}"),
            None => format!("under way since {}", round.begun_at),
        };
        // Writing to a text does not fail.
        let _ = writeln!(
            told,
            "{} {:10} {:10} {:>9} told, {state}",
            round.day, round.occasion, round.due, round.told
        );
    }
    if let Some(walk) = walk {
        let state = walk.finished_at.map_or("under way", |_| "finished");
        let _ = writeln!(
            told,
            "learning when papers end: {} accounts passed, {state}",
            walk.passed
        );
    }
    if told.is_empty() {
        "There was no daily run yet.\n".clone_into(&mut told);
    }
    Ok(told)
}

async fn bills(app: &App, days: i64) -> Result<String, Failure> {
    let mut told =
        String::from("day        gateway                          messages    parts delivered   failed      đồng\n");
    for cost in costs::table(app, days).await? {
        let _ = writeln!(
            told,
            "{} {:30} {:>10} {:>8} {:>9} {:>8} {:>9}",
            cost.day, cost.gateway, cost.messages, cost.parts, cost.delivered, cost.failed, cost.vnd
        );
    }
    Ok(told)
}

async fn given_up(app: &App, again: bool) -> Result<String, Failure> {
    let dead = app
        .db
        .read(|conn| outbox::list_dead(conn, KINDS, GIVEN_UP_MOST))
        .await?;
    let mut told = String::new();
    for one in &dead {
        let _ = writeln!(told, "{} {} {}: {}", one.dead_at, one.kind, one.job, one.why);
    }
    if again {
        let now = app.clock.now();
        let revived = app.db.write(move |tx| outbox::revive(tx, KINDS, now)).await?;
        let _ = writeln!(told, "{revived} are tried once more.");
    } else {
        let _ = writeln!(told, "{} were given up.", dead.len());
    }
    Ok(told)
}
