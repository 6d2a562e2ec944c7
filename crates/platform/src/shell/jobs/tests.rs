use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use super::*;
use crate::app;
use crate::notices;
use crate::testing::TestApp;

static TRIES: AtomicUsize = AtomicUsize::new(0);

/// Fails until it was tried often enough.
#[derive(Serialize, Deserialize)]
struct Stubborn {
    succeeds_at: usize,
}

impl Job for Stubborn {
    const KIND: &'static str = "test-stubborn";

    async fn run(self, _: App, _: JobId) -> Result<(), Failure> {
        let tries = TRIES.fetch_add(1, Ordering::SeqCst) + 1;
        if tries < self.succeeds_at {
            Err(Failure::Again("not yet".to_owned()))
        } else {
            Ok(())
        }
    }
}

#[tokio::test]
async fn a_job_that_fails_is_tried_again_later_and_later_and_an_unknown_one_is_dead() {
    let mut runner = app::all_jobs();
    runner.learn::<Stubborn>();
    let app = TestApp::start_with_jobs(runner).await;
    let order = Order::now(&app, &Stubborn { succeeds_at: 3 });
    let unknown = Order {
        kind: "test-unknown",
        ..Order::now(&app, &Stubborn { succeeds_at: 0 })
    };
    app.db
        .write(move |tx| {
            enqueue(tx, &order)?;
            enqueue(tx, &unknown)
        })
        .await
        .unwrap();

    let mut tries = Vec::new();
    for wait in [0, 1, 1, 4] {
        app.advance(SignedDuration::from_secs(wait));
        app.run_jobs().await;
        tries.push(TRIES.load(Ordering::SeqCst));
    }

    assert_eq!(tries, [1, 1, 2, 3]);
    assert_eq!(
        (count_due(&app).await.unwrap(), count_dead(&app).await.unwrap()),
        (0, 1)
    );
}

#[tokio::test]
async fn jobs_are_claimed_by_rank_then_by_time_and_none_before_it_is_due() {
    let app = TestApp::start().await;
    let now = app.clock.now();
    let order = |minutes: i64| {
        Order::at(
            &app,
            &Stubborn { succeeds_at: 0 },
            now + SignedDuration::from_mins(minutes),
        )
    };
    let orders = [
        order(-3).at_leisure(),
        order(-2),
        order(-4),
        order(-1).urgent(),
        order(1).urgent(),
        order(1),
    ];
    let ids: Vec<JobId> = orders.iter().map(|order| order.id).collect();
    app.db
        .write(move |tx| orders.iter().try_for_each(|order| enqueue(tx, order)))
        .await
        .unwrap();

    let mut claimed = Vec::new();
    for most in [2, 1, 9] {
        let some = app
            .db
            .write(move |tx| store::claim(tx, Which::All, (now, now + CLAIM), most))
            .await
            .unwrap();
        let some: Vec<JobId> = some
            .into_iter()
            .filter(|job| job.kind == Stubborn::KIND)
            .map(|job| job.id)
            .collect();
        claimed.push(some);
    }

    for some in &mut claimed {
        some.sort_unstable();
    }
    let mut first = vec![ids[3], ids[2]];
    first.sort_unstable();
    assert_eq!(claimed, [first, vec![ids[1]], vec![ids[0]]]);
}

/// Where the jobs of a test say what they do.
static HEARD: Mutex<Option<UnboundedSender<String>>> = Mutex::new(None);

/// Says that it has begun, and ends only if it is told to.
#[derive(Serialize, Deserialize)]
struct Says {
    word: String,
    ends: bool,
}

impl Job for Says {
    const KIND: &'static str = "test-says";

    async fn run(self, _: App, _: JobId) -> Result<(), Failure> {
        let heard = HEARD.lock().unwrap().clone().unwrap();
        heard.send(self.word).unwrap();
        if !self.ends {
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

#[tokio::test]
async fn an_urgent_job_is_done_while_others_never_end() {
    let mut runner = app::all_jobs();
    runner.learn::<Says>();
    let app = TestApp::start_with_jobs(runner).await;
    let (say, mut heard) = unbounded_channel();
    *HEARD.lock().unwrap() = Some(say);
    let worker = tokio::spawn(work((*app).clone(), std::future::pending()));
    let says = |word: &str, ends: bool| {
        Order::now(
            &app,
            &Says {
                word: word.to_owned(),
                ends,
            },
        )
    };

    let mut begun = Vec::new();
    for order in [
        says("never ends", false),
        says("never ends, urgent", false).urgent(),
        says("urgent", true).urgent(),
    ] {
        app.db.write(move |tx| enqueue(tx, &order)).await.unwrap();
        app.bell.ring();
        // Whoever waits for a job that does not end would not be here before long.
        begun.push(timeout(Duration::from_secs(30), heard.recv()).await.unwrap().unwrap());
    }

    assert_eq!(begun, ["never ends", "never ends, urgent", "urgent"]);
    worker.abort();
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_ends_what_it_has_begun() {
    let app = TestApp::start().await;
    let to = "+84900000001";
    let code = notices::code(&app, to, "code".to_owned(), app.now() + SignedDuration::from_mins(5));
    let orders = [code, notices::sms(&app, to, "greeting".to_owned())];
    app.db
        .write(move |tx| orders.iter().try_for_each(|order| enqueue(tx, order)))
        .await
        .unwrap();

    work((*app).clone(), std::future::ready(())).await;

    assert_eq!(notices::mailbox(&app, Some(to), 9).await.unwrap().len(), 2);
}
