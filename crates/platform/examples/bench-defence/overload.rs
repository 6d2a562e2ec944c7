//! Goodput: right sign-ins a second, at the capacity and at ten times as much; and how one patient asker fares among a crowd at one address.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::LocalSet;

use crate::line::Line;

const PEOPLE: usize = 40;
const LASTS: Duration = Duration::from_secs(12);

/// What came of the sign-ins of one run.
#[derive(Default)]
struct Tally {
    good: Vec<Duration>,
    overloaded: usize,
    other: usize,
}

impl Tally {
    fn tell(mut self, name: &str, offered: f64) {
        self.good.sort();
        let at = |share: f64| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a place in a list"
            )]
            let place = (self.good.len() as f64 * share) as usize;
            self.good
                .get(place.min(self.good.len().saturating_sub(1)))
                .map_or(0, Duration::as_millis)
        };
        #[expect(clippy::cast_precision_loss, reason = "a count")]
        let rate = self.good.len() as f64 / LASTS.as_secs_f64();
        println!(
            "| {name} | {offered:.0} | {rate:.1} | {} | {} | {} | {} |",
            at(0.5),
            at(0.99),
            self.overloaded,
            self.other
        );
    }
}

/// Signs in every so often, until the time is over. Whoever waits for an answer asks nothing meanwhile on this line.
async fn ask(address: SocketAddr, from: u16, person: Rc<serde_json::Value>, every: Duration) -> Tally {
    let (mut line, mut tally) = (Line::open(address, from).await, Tally::default());
    let begun = Instant::now();
    let form = json!({ "number": person["personal_number"], "password": "Thu#Nghiem81" });
    let mut next = begun;
    while begun.elapsed() < LASTS {
        tokio::time::sleep_until(next.into()).await;
        next += every;
        let sent = Instant::now();
        match line.post("/signin", &form).await.0 {
            200 => tally.good.push(sent.elapsed()),
            503 => tally.overloaded += 1,
            _ => tally.other += 1,
        }
    }
    tally
}

/// Runs lines at once and adds up what came of them.
async fn crowd(address: SocketAddr, lines: Vec<(u16, Rc<serde_json::Value>, Duration)>) -> Tally {
    let asking = lines
        .into_iter()
        .map(|(from, person, every)| tokio::task::spawn_local(ask(address, from, person, every)));
    let mut all = Tally::default();
    for one in asking.collect::<Vec<_>>() {
        let one = one.await.unwrap();
        all.good.extend(one.good);
        all.overloaded += one.overloaded;
        all.other += one.other;
    }
    all
}

pub async fn run(address: SocketAddr) {
    let (people, _) = crate::people(address, PEOPLE).await;
    let people: Vec<_> = people.into_iter().map(Rc::new).collect();
    let of = |count: usize, addresses: u16, every: Duration| -> Vec<_> {
        let people = people.iter().cycle().take(count);
        let numbered = people.enumerate().map(|(at, person)| {
            let from = u16::try_from(at).unwrap() % addresses;
            (100 + from, Rc::clone(person), every)
        });
        numbered.collect()
    };
    println!("| what | offered /s | right sign-ins /s | p50 ms | p99 ms | refused with 503 | other |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    let set = LocalSet::new();
    set.run_until(async {
        let closed = crowd(address, of(4, 4, Duration::ZERO)).await;
        #[expect(clippy::cast_precision_loss, reason = "a count")]
        let capacity = closed.good.len() as f64 / LASTS.as_secs_f64();
        closed.tell("4 askers, one after another: the capacity", capacity);
        for times in [1.0, 2.0, 10.0] {
            let every = Duration::from_secs_f64(400.0 / (capacity * times));
            let all = crowd(address, of(400, 400, every)).await;
            all.tell(&format!("400 askers, {times} times the capacity"), capacity * times);
        }
        let every = Duration::from_secs_f64(400.0 / (capacity * 10.0));
        let flood = crowd(address, of(400, 1, every));
        let patient = crowd(
            address,
            vec![(9, Rc::clone(people.first().unwrap()), Duration::from_secs(1))],
        );
        let (flood, patient) = tokio::join!(flood, patient);
        flood.tell("a flood of 10 times the capacity from one address", capacity * 10.0);
        patient.tell("beside it, one patient asker at another address", 1.0);
    })
    .await;
}
