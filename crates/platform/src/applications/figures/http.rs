use askama::Template;
use axum::extract::State as Of;
use serde::{Deserialize, Serialize};

use super::rules::{self, FEWEST_TOLD, Figure};
use super::{last_whole_month, month, store};
use crate::app::App;
use crate::officers::{self, Action, Officer, On, Rank};
use crate::shell::filters;
use crate::shell::input::Query;
use crate::shell::page::Page;
use crate::shell::problem::Problem;

/// How many months can be chosen.
const MOST_MONTHS: i64 = 24;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    month: String,
}

/// Decisions of a month, place by place.
#[derive(Template, Serialize)]
#[template(path = "applications/figures/pages/figures.html")]
pub(super) struct Figures {
    month: String,
    months: Vec<String>,
    rows: Vec<Row>,
    total: Option<Row>,
    /// For everybody: small numbers are not told.
    public: bool,
    fewest_told: i64,
}

/// A place; its numbers are `null` where they are not told.
#[derive(Clone, Serialize)]
struct Row {
    place: String,
    name: String,
    in_time: Option<i64>,
    late: Option<i64>,
    share: String,
}

impl Row {
    fn of(figure: &Figure, told: bool) -> Self {
        let named = Some(officers::unit(&figure.place)).filter(|_| !figure.place.is_empty());
        Self {
            place: figure.place.clone(),
            name: named.unwrap_or_else(|| "–".to_owned()),
            in_time: told.then_some(figure.in_time),
            late: told.then_some(figure.late),
            share: rules::percent(figure.share().filter(|_| told)),
        }
    }
}

fn total(figures: &[Figure]) -> Option<Figure> {
    let sum = |of: fn(&Figure) -> i64| figures.iter().map(of).sum();
    (!figures.is_empty()).then(|| Figure {
        place: String::new(),
        in_time: sum(|figure| figure.in_time),
        late: sum(|figure| figure.late),
    })
}

/// Shows a chief how many decisions of the jurisdiction were in time, by unit.
pub(super) async fn for_chief(
    Of(app): Of<App>,
    officer: Officer,
    Query(asked): Query<Asked>,
) -> Result<Page<Figures>, Problem> {
    officer.must(&app, Action::SeeFigures, &On::Unit(&officer.unit_code))?;
    let month = chosen(&asked).unwrap_or_else(|| month(app.clock.now()));
    let own = officer.unit_code.clone();
    let (unit, province) = match Rank::of(&own) {
        Rank::Ministry => (String::new(), String::new()),
        Rank::Province => (String::new(), own),
        Rank::Commune => (own, String::new()),
    };

    let wanted = month.clone();
    let (months, figures) = app
        .db
        .read(move |conn| {
            let months = store::months(conn, MOST_MONTHS)?;
            Ok::<_, db::Error>((months, store::by_unit(conn, &wanted, (&unit, &province))?))
        })
        .await?;

    Ok(Page(Figures {
        month,
        months,
        rows: figures.iter().map(|figure| Row::of(figure, true)).collect(),
        total: total(&figures).map(|figure| Row::of(&figure, true)),
        public: false,
        fewest_told: 0,
    }))
}

/// Shows everybody how many decisions of a month that is over were in time, by province.
pub(super) async fn public(Of(app): Of<App>, Query(asked): Query<Asked>) -> Result<Page<Figures>, Problem> {
    let last = last_whole_month(app.clock.now());
    let month = chosen(&asked)
        .filter(|month| *month <= last)
        .unwrap_or_else(|| last.clone());
    let wanted = month.clone();
    let (mut months, figures) = app
        .db
        .read(move |conn| {
            let months = store::months(conn, MOST_MONTHS)?;
            Ok::<_, db::Error>((months, store::by_province(conn, &wanted)?))
        })
        .await?;
    months.retain(|month| *month <= last);

    let told = rules::told(&figures);
    let rows = figures.iter().zip(&told).map(|(figure, told)| Row::of(figure, *told));
    let total = total(&figures).filter(|figure| figure.decided() >= FEWEST_TOLD);
    Ok(Page(Figures {
        month,
        months,
        rows: rows.collect(),
        total: total.map(|figure| Row::of(&figure, true)),
        public: true,
        fewest_told: FEWEST_TOLD,
    }))
}

/// The month that is asked for.
fn chosen(asked: &Asked) -> Option<String> {
    let is_month = asked.month.len() == 7 && asked.month.chars().all(|c| c.is_ascii_digit() || c == '-');
    is_month.then(|| asked.month.clone())
}
