//! Warns of keys whose time is about to end: their certificate's, or the year that keys without one last.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ConnectionId;
use super::http::opened;
use super::store::{self, Row};
use crate::app::App;
use crate::notices;
use crate::shell::clock::civil_date;
use crate::shell::jobs::{self as outbox, Failure, Job, JobId, Order};
use crate::shell::problem::Problem;
use crate::shell::texts::Lang;

/// How long keys without a certificate are to be used: a year, the shorter end of what NIST SP 800-57 part 1 section 5.3.6 advises for keys that sign.
const KEYS_LAST: SignedDuration = SignedDuration::from_hours(24 * 365);
/// How long before the end a warning goes out.
const BEFORE: [SignedDuration; 2] = [SignedDuration::from_hours(24 * 30), SignedDuration::from_hours(24 * 7)];
/// From when on the page warns.
pub(super) const WARNED: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Warn a partner by e-mail, unless its keys were replaced meanwhile.
#[derive(Serialize, Deserialize)]
pub(super) struct WarnOfEnd {
    connection: ConnectionId,
    ends_at: Timestamp,
}

impl Job for WarnOfEnd {
    const KIND: &'static str = "partners-warn";

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let Self { connection, ends_at } = self;
        let row = app.db.read(move |conn| store::find(conn, &connection)).await?;
        let Some(row) = row.filter(|row| keys_end_at(row) == Some(ends_at)) else {
            return Ok(());
        };
        let asked = opened(&app, &row).map_err(|problem: Problem| Failure::Never(problem.slug().to_owned()))?;
        let day = civil_date(ends_at).strftime("%d/%m/%Y").to_string();
        let args = [("system", asked.system.as_str().into()), ("day", day.as_str().into())];
        let text = if row.certificate_ends_at.is_some() {
            "partners-email-ends"
        } else {
            "partners-email-old"
        };
        let told = notices::email(&app, &asked.email, app.texts.say(Lang::Vi, text, &args));
        Ok(app.db.write(move |tx| outbox::enqueue(tx, &told)).await?)
    }
}

/// When the keys of production have to be replaced.
pub(super) fn keys_end_at(row: &Row) -> Option<Timestamp> {
    row.certificate_ends_at
        .or_else(|| row.keys_since_at.map(|since| since + KEYS_LAST))
}

/// The warnings of an end of keys that are still to come.
pub(super) fn warnings(app: &App, connection: ConnectionId, ends_at: Timestamp) -> Vec<Order> {
    let now = app.clock.now();
    let to_come = BEFORE.into_iter().map(|before| ends_at - before).filter(|at| *at > now);
    to_come
        .map(|at| Order::at(app, &WarnOfEnd { connection, ends_at }, at))
        .collect()
}
