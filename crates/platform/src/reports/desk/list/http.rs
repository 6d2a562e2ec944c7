use askama::Template;
use axum::extract::State as Of;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::officers::{self, Action, Officer};
use crate::reports::rules::{self, Content, Kind, State};
use crate::reports::store::Part;
use crate::reports::{ReportId, content, matter, store};
use crate::shell::filters;
use crate::shell::input::Query;
use crate::shell::page::Page;
use crate::shell::problem::Problem;

/// How many reports a page of the list shows.
const MOST: usize = 100;
/// How many are read at once, and how many a page looks through for a text.
const PIECE: i64 = 200;
const SEARCHED: usize = 1000;

/// What a unit has received.
#[derive(Template, Serialize)]
#[template(path = "reports/desk/pages/reports.html")]
pub(in crate::reports::desk) struct Received {
    unit: String,
    reports: Vec<Waiting>,
    wanted: Wanted,
    /// The query of the next page.
    more: Option<String>,
}

impl Received {
    #[expect(clippy::unused_self, reason = "templates call methods of the view")]
    fn kinds(&self) -> &'static [Kind] {
        Kind::ALL
    }

    #[expect(clippy::unused_self, reason = "templates call methods of the view")]
    fn states(&self) -> &'static [State] {
        State::ALL
    }
}

/// A report in the list: nothing of its sender.
#[derive(Serialize)]
struct Waiting {
    report: ReportId,
    number: String,
    kind: Kind,
    state: State,
    unit: String,
    sent_at: Timestamp,
    due_at: Option<Timestamp>,
    late: bool,
    urgent: bool,
    anonymous: bool,
    matters: Vec<String>,
    place: Option<String>,
}

impl Waiting {
    fn of(row: store::Row, said: Content, now: Timestamp) -> Self {
        Self {
            report: row.report,
            late: row.settled_at.is_none() && row.due_at.is_some_and(|due| due < now),
            urgent: row.urgent_at.is_some() && row.settled_at.is_none(),
            anonymous: row.sender_sealed.is_none(),
            unit: officers::unit(&row.unit),
            number: row.number,
            kind: row.kind,
            state: row.state,
            sent_at: row.sent_at,
            due_at: row.due_at,
            matters: said.matters,
            place: said.place.as_ref().map(rules::Place::text),
        }
    }

    fn matter(&self, word: &str) -> String {
        matter(self.kind, word)
    }
}

/// Which of them.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::reports::desk) struct Wanted {
    state: String,
    kind: String,
    q: String,
    /// Where the page before ended.
    after: String,
}

impl Wanted {
    /// The part of what a unit receives in which they are.
    fn part(&self, unit: &str) -> Part {
        let place = self.after.split_once('.').and_then(|(place, id)| {
            let id: ReportId = id.parse().ok()?;
            Some((place.parse().ok()?, id.bytes().to_vec()))
        });
        Part {
            unit: unit.to_owned(),
            state: self.state.clone(),
            kind: self.kind.clone(),
            number: rules::number(&self.q).unwrap_or_default(),
            after: place.unwrap_or((i64::MIN, Vec::new())),
            most: PIECE,
        }
    }

    /// Whether a report says what is looked for.
    fn fits(&self, row: &store::Row, said: &Content) -> bool {
        let q = self.q.trim();
        q.is_empty() || [&row.number, &said.summary].iter().any(|text| rules::holds(text, q))
    }

    /// The query of the page that begins after a report.
    fn query(&self, place: i64, report: ReportId) -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("state", &self.state)
            .append_pair("kind", &self.kind)
            .append_pair("q", &self.q)
            .append_pair("after", &format!("{place}.{report}"))
            .finish()
    }
}

/// Shows what the officer's unit has received.
pub(in crate::reports::desk) async fn list(
    Of(app): Of<App>,
    officer: Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Page<Received>, Problem> {
    officer.must_here(&app, Action::SeeReports)?;
    let (reports, more) = page(&app, &officer.unit_code, &wanted).await?;
    Ok(Page(Received {
        unit: officer.unit,
        reports,
        wanted,
        more,
    }))
}

/// A page of what a unit has received, and the query of the next. It ends where it is full, or where enough was looked through.
async fn page(app: &App, unit: &str, wanted: &Wanted) -> Result<(Vec<Waiting>, Option<String>), Problem> {
    let (mut part, now) = (wanted.part(unit), app.clock.now());
    let (mut reports, mut searched, mut last) = (Vec::new(), 0, None);
    loop {
        let piece = part.clone();
        let rows = app.db.read(move |conn| store::of_unit(conn, &piece)).await?;
        let is_last = i64::try_from(rows.len()).is_ok_and(|count| count < PIECE);
        for (place, row) in rows {
            if reports.len() == MOST || searched == SEARCHED {
                return Ok((reports, last));
            }
            searched += 1;
            last = Some(wanted.query(place.0, row.report));
            part.after = place;
            let said = content(&app.vault, &row)?;
            if wanted.fits(&row, &said) {
                reports.push(Waiting::of(row, said, now));
            }
        }
        if is_last {
            return Ok((reports, None));
        }
    }
}
