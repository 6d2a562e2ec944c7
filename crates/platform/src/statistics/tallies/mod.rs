//! What nobody writes down is counted in memory: pages that were opened, sign-ins to services, messages.
//!
//! **Invariant:** what is counted names no person.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use ::http::Method;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::rules::{Measure, Spot};
use super::store;
use crate::app::App;
use crate::home;
use crate::shell::clock::civil_date;
use crate::shell::session::Visitor;

/// The counts since they were last kept.
#[derive(Debug, Default)]
pub struct Tallies(Mutex<HashMap<(Measure, String, String), i64>>);

impl Tallies {
    fn add(&self, key: (Measure, String, String), amount: i64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(key).or_insert(0) += amount;
    }

    fn take(&self) -> HashMap<(Measure, String, String), i64> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Counts one more of a kind, today.
pub(crate) fn tally(app: &App, measure: Measure, kind: &str) {
    let day = civil_date(app.clock.now()).to_string();
    app.tallies.add((measure, kind.to_owned(), day), 1);
}

/// Keeps what was counted. What could not be kept is counted again the next time.
pub(super) async fn flush(app: &App) -> Result<(), db::Error> {
    let taken = app.tallies.take();
    if taken.is_empty() {
        return Ok(());
    }
    let (source, counts) = (app.chance.bytes::<16>(), taken.clone());
    let kept = app
        .db
        .write(move |tx| {
            for ((measure, kind, day), amount) in &counts {
                let spot = Spot::new(kind.as_str(), "");
                store::change(tx, (&source, *measure), (day, &spot), *amount)?;
            }
            Ok::<_, db::Error>(())
        })
        .await;
    if kept.is_err() {
        for (key, amount) in taken {
            app.tallies.add(key, amount);
        }
    }
    kept
}

/// Lets a request pass, and counts it if a person opened the page of a utility by it.
pub(crate) async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let visitor = request.extensions().get::<Visitor>();
    let opens = request.method() == Method::GET && visitor.is_some_and(|visitor| visitor.citizen.is_some());
    let path = request.uri().path();
    let utility = opens.then(|| home::tiles().find(|tile| tile.path == path)).flatten();
    let response = next.run(request).await;
    if let Some(utility) = utility
        && response.status().is_success()
    {
        tally(&app, Measure::Uses, &utility.id);
    }
    response
}
