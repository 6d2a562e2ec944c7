//! Whether times tell: the same requests for numbers with and without an account, in turns, and how far their times lie apart.

use std::cmp::Ordering;
use std::net::SocketAddr;
use std::time::Instant;

use serde_json::{Value, json};

use crate::line::Line;

const PEOPLE: usize = 100;

type Request = fn(&Value) -> (&'static str, Value);

const REQUESTS: [(&str, Request); 4] = [
    ("sign-in, wrong password", |person| {
        let form = json!({ "number": person["personal_number"], "password": "Sai#MatKhau9" });
        ("/signin", form)
    }),
    ("registration, first page", |person| {
        let form = json!({ "number": person["personal_number"], "phone": person["phone"] });
        ("/registration", form)
    }),
    ("forgotten password, all facts right", |person| {
        let form = json!({
            "number": person["personal_number"], "phone": person["phone"], "full_name": person["full_name"],
            "date_of_birth": person["date_of_birth"], "card_issued_on": person["card"]["issued_on"],
        });
        ("/recovery/password", form)
    }),
    ("recovery by relatives, all facts right", |person| {
        let form = json!({
            "number": person["personal_number"], "full_name": person["full_name"],
            "date_of_birth": person["date_of_birth"], "way": "relatives",
        });
        ("/recovery/cases", form)
    }),
];

/// Times in microseconds, and the statuses that came.
#[derive(Default)]
struct Times(Vec<f64>);

impl Times {
    fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a list"
        )]
        let place = (sorted.len() as f64 * share) as usize;
        sorted.get(place).copied().unwrap_or_default()
    }

    /// How probable it is that one of the first took longer than one of the second: a half where nothing can be told (Mann and Whitney), with the
    /// distance from that half in standard deviations.
    fn told_apart(&self, other: &Self) -> (f64, f64) {
        let wins: f64 = self
            .0
            .iter()
            .flat_map(|one| other.0.iter().map(move |two| one.total_cmp(two)))
            .map(|order| match order {
                Ordering::Greater => 1.0,
                Ordering::Equal => 0.5,
                Ordering::Less => 0.0,
            })
            .sum();
        #[expect(clippy::cast_precision_loss, reason = "counts")]
        let (first, second) = (self.0.len() as f64, other.0.len() as f64);
        let share = wins / (first * second);
        let deviation = ((first + second + 1.0) / (12.0 * first * second)).sqrt();
        (share, (share - 0.5) / deviation)
    }
}

pub async fn run(address: SocketAddr) {
    let (known, unknown) = crate::people(address, PEOPLE).await;
    println!("| request | known: median µs | p90 | unknown: median µs | p90 | known takes longer in | deviations |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (name, request) in REQUESTS {
        let (mut with, mut without) = (Times::default(), Times::default());
        let mut line = Line::open(address, 7).await;
        for (at, pair) in known.iter().zip(&unknown).enumerate() {
            // In turns, so that neither is always the first.
            let mut order = [(pair.0, &mut with), (pair.1, &mut without)];
            if at % 2 == 1 {
                order.reverse();
            }
            for (person, times) in order {
                let (path, form) = request(person);
                let begun = Instant::now();
                let (status, answer) = line.post(path, &form).await;
                let took = begun.elapsed();
                assert!(matches!(status, 200 | 403), "{status} {answer}");
                times.0.push(took.as_secs_f64() * 1e6);
            }
        }
        let (share, deviations) = with.told_apart(&without);
        println!(
            "| {name} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} % | {deviations:+.1} |",
            with.quantile(0.5),
            with.quantile(0.9),
            without.quantile(0.5),
            without.quantile(0.9),
            share * 100.0
        );
    }
}
