use ::http::header;
use askama::Template;
use axum::extract::State as Of;
use axum::response::{IntoResponse, Response};
use db::Conn;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::drawing::{Chart, WIDTH};
use super::rules::{Measure, days_before, sum};
use super::secrecy::FEWEST_TOLD;
use super::store::{self, Within};
use super::tables::{self, Numbers, Reach, Table};
use crate::app::App;
use crate::applications;
use crate::officers::{self, Action, Officer, On, Rank};
use crate::shell::filters;
use crate::shell::input::{Path, Query};
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::texts::Lang;
use crate::sso;

/// How many days are read.
const DAYS: i32 = 30;

/// The charts and tables.
#[derive(Template, Serialize)]
#[template(path = "statistics/pages/board.html")]
pub(super) struct Board {
    /// For everybody: small numbers are not told.
    public: bool,
    fewest_told: i64,
    /// The unit of the officer.
    place: Option<String>,
    /// The moment that the numbers are of.
    at: Timestamp,
    /// Accounts that were registered and not verified; `null` where that is not told.
    registered: Option<i64>,
    tables: Vec<Table>,
}

impl Board {
    async fn load(app: &App, reach: Reach) -> Result<Self, Problem> {
        let (now, today) = (app.clock.now(), app.clock.today());
        let mut numbers = read(app, &reach).await?;
        let clients: Vec<String> = numbers.sign_ins.iter().map(|count| count.spot.kind.clone()).collect();
        numbers.names = sso::names(app, &clients).await?;
        let registered = sum(&numbers.accounts, |count| count.spot.kind == "0");
        let whole = reach.is_whole();
        let (public, place) = match &reach {
            Reach::Public => (true, None),
            Reach::Officer(unit) => (false, Some(officers::unit(unit))),
        };
        let tables = tables::all(&numbers, &reach, today).into_iter();
        let tellable = whole && (!public || registered >= FEWEST_TOLD || registered == 0);
        Ok(Self {
            public,
            fewest_told: FEWEST_TOLD,
            place,
            at: now,
            registered: tellable.then_some(registered),
            tables: tables.map(|table| table.in_words(&app.texts)).collect(),
        })
    }

    /// The sentence above a table. Everybody is told the decisions of a month that is over.
    fn title(&self, table: &Table) -> String {
        match (self.public, table.id) {
            (true, "on-time") => "statistics-of-last-month".to_owned(),
            (_, id) => format!("statistics-of-{id}"),
        }
    }

    #[expect(clippy::unused_self, reason = "templates call methods of the view")]
    fn width(&self) -> i64 {
        WIDTH
    }
}

/// Reads what somebody may see: an officer of this moment, everybody as of last midnight.
async fn read(app: &App, reach: &Reach) -> Result<Numbers, Problem> {
    let today = app.clock.today();
    let day = today.to_string();
    let days = days_before(today, DAYS);
    let first = days.first().cloned().unwrap_or_default();
    let unit = match reach {
        Reach::Public => None,
        Reach::Officer(unit) => Some(unit.clone()),
    };
    let now = app.clock.now();
    let within = within(unit.as_deref());
    let numbers = app
        .db
        .read(move |conn| {
            let span = (first.as_str(), day.as_str());
            let stock = |conn: &mut Conn<'_>, measure| match &unit {
                None => store::stock_before(conn, measure, &day),
                Some(_) => store::stock(conn, measure, &within),
            };
            Ok::<_, db::Error>(Numbers {
                accounts: stock(conn, Measure::Accounts)?,
                activations: store::list(conn, Measure::Activations, span)?,
                applications: stock(conn, Measure::Applications)?,
                decided: applications::decided(conn, unit.as_deref(), now)?,
                dossiers: stock(conn, Measure::Dossiers)?,
                decisions: stock(conn, Measure::Decisions)?,
                stays: stock(conn, Measure::Stays)?,
                stays_by_day: store::list(conn, Measure::Stays, span)?,
                reports: stock(conn, Measure::Reports)?,
                uses: store::list(conn, Measure::Uses, span)?,
                sign_ins: store::list(conn, Measure::SignIns, span)?,
                messages: store::list(conn, Measure::Messages, span)?,
                names: Vec::new(),
            })
        })
        .await?;
    Ok(numbers)
}

/// Where an officer of a unit looks; everybody looks at the whole country.
fn within(unit: Option<&str>) -> Within {
    match unit.map(|unit| (unit, Rank::of(unit))) {
        None | Some((_, Rank::Ministry)) => Within::Country,
        Some((province, Rank::Province)) => Within::Province(province.to_owned()),
        Some((unit, Rank::Commune)) => Within::Unit(format!("{}/{unit}", officers::province(unit))),
    }
}

/// Shows everybody.
pub(super) async fn public(Of(app): Of<App>) -> Result<Page<Board>, Problem> {
    Ok(Page(Board::load(&app, Reach::Public).await?))
}

/// Tells everybody one of the tables as CSV.
pub(super) async fn public_csv(
    Of(app): Of<App>,
    Path(table): Path<String>,
    Query(reading): Query<Reading>,
) -> Result<Response, Problem> {
    csv(&app, &Board::load(&app, Reach::Public).await?, &table, &reading)
}

/// Shows an officer the own jurisdiction.
pub(super) async fn for_officer(Of(app): Of<App>, officer: Officer) -> Result<Page<Board>, Problem> {
    Ok(Page(Board::load(&app, reach_of(&app, &officer)?).await?))
}

/// Tells an officer one of the tables as CSV.
pub(super) async fn officer_csv(
    Of(app): Of<App>,
    officer: Officer,
    Path(table): Path<String>,
    Query(reading): Query<Reading>,
) -> Result<Response, Problem> {
    let reach = reach_of(&app, &officer)?;
    csv(&app, &Board::load(&app, reach).await?, &table, &reading)
}

fn reach_of(app: &App, officer: &Officer) -> Result<Reach, Problem> {
    officer.must(app, Action::SeeFigures, &On::Unit(&officer.unit_code))?;
    Ok(Reach::Officer(officer.unit_code.clone()))
}

/// The language in which a table is told.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Reading {
    lang: String,
}

/// A table in one language, in the form of RFC 4180, with a mark by which spreadsheets know the letters.
fn csv(app: &App, board: &Board, file: &str, reading: &Reading) -> Result<Response, Problem> {
    let lang = Lang::from_tag(&reading.lang).unwrap_or_default();
    let id = file.strip_suffix(".csv").ok_or_else(Problem::not_found)?;
    let table = board.tables.iter().find(|table| table.id == id);
    let table = table.ok_or_else(Problem::not_found)?;
    let say = |label: &tables::Label| label.in_language(&app.texts, lang);
    let ours = |id: &str| app.texts.say(lang, id, &[]);
    let share = table.has_shares().then(|| ours("statistics-share"));
    let heads = [ours("statistics-code"), ours("statistics-name")].into_iter();
    let heads = heads.chain(table.columns.iter().map(say)).chain(share);
    let rows = table.rows.iter().map(|row| {
        let number = |number: &Option<i64>| number.map_or_else(String::new, |number| number.to_string());
        let names = [row.code.clone(), say(&row.name)].into_iter();
        names
            .chain(row.numbers.iter().map(number))
            .chain(row.share.clone())
            .collect()
    });
    let mut text = String::from("\u{feff}");
    for line in std::iter::once(heads.collect::<Vec<String>>()).chain(rows) {
        let fields: Vec<String> = line.iter().map(|text| field(text)).collect();
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    let name = format!("attachment; filename=\"vneid-{id}.csv\"");
    let kind = [
        (
            header::CONTENT_TYPE,
            "text/csv; charset=utf-8; header=present".to_owned(),
        ),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((kind, text).into_response())
}

/// A field: between quotes where it has to be, and never a formula to a spreadsheet.
fn field(text: &str) -> String {
    let safe = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if safe.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", safe.replace('"', "\"\""));
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_formula_and_breaks_no_line() {
        assert_eq!(field("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(field("a,b"), "\"a,b\"");
        assert_eq!(field("Hà Nội"), "Hà Nội");
    }
}
