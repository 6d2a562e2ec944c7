//! What nobody writes down is counted in memory: pages that were opened, sign-ins to services, messages.
//!
//! **Invariant:** what is counted names no person.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use ::http::{Method, Uri};
use axum::extract::Request;
use axum::response::Response;
use jiff::civil::Date;

use super::rules::{Measure, Spot};
use super::store;
use crate::app::App;
use crate::home::{self, Tile};
use crate::shell::clock::civil_date;
use crate::shell::session::Visitor;

/// The counts since they were last kept.
#[derive(Debug, Default)]
pub struct Tallies(Mutex<HashMap<(Measure, String, Date), i64>>);

impl Tallies {
    fn add(&self, key: (Measure, String, Date), amount: i64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(key).or_insert(0) += amount;
    }

    /// How many of a kind were counted and not yet kept.
    #[cfg(test)]
    pub(crate) fn of(&self, measure: Measure, kind: &str) -> i64 {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let those = counts
            .iter()
            .filter(|((of, what, _), _)| *of == measure && what == kind);
        those.map(|(_, amount)| amount).sum()
    }

    fn take(&self) -> HashMap<(Measure, String, Date), i64> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Counts one more of a kind, today.
pub(crate) fn tally(app: &App, measure: Measure, kind: &str) {
    let day = civil_date(app.clock.now());
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
                store::change(tx, (&source, *measure), (&day.to_string(), &spot), *amount)?;
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

/// The utility whose page a person opens by a request.
pub(crate) fn opened(request: &Request) -> Option<&'static Tile> {
    let visitor = request.extensions().get::<Visitor>();
    let opens = request.method() == Method::GET && visitor.is_some_and(|visitor| visitor.citizen.is_some());
    opens
        .then(|| home::tiles().find(|tile| leads_to(&tile.path, request.uri())))
        .flatten()
}

/// Whether the page of a utility is the one at an address: what the utility asks for must be asked for, in whatever order, among other things.
fn leads_to(page: &str, uri: &Uri) -> bool {
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    let mut wanted = query.split('&').filter(|pair| !pair.is_empty());
    let asked = uri.query().unwrap_or_default();
    path == uri.path() && wanted.all(|pair| asked.split('&').any(|one| one == pair))
}

/// Counts the page of a utility that was opened.
pub(crate) fn count(app: &App, utility: Option<&Tile>, response: &Response) {
    if let Some(utility) = utility
        && response.status().is_success()
    {
        tally(app, Measure::Uses, &utility.id);
    }
}
