use std::fmt::Write as _;

use ::http::{HeaderValue, header};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use serde::Deserialize;

use crate::app::App;
use crate::history::http::{Choice, Entry, page};
use crate::history::rules::field;
use crate::shell::input::Query;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;
use crate::shell::texts::Lang;

/// How many looks a file holds at most.
const MOST: usize = 50_000;

/// As which kind of file.
#[derive(Debug, Deserialize)]
pub(in crate::history) struct As {
    #[serde(default, rename = "as")]
    kind: String,
}

/// Gives the citizen the looks that are wanted, all of them.
pub(in crate::history) async fn export(
    State(app): State<App>,
    citizen: Citizen,
    Query(choice): Query<Choice>,
    Query(kind): Query<As>,
) -> Result<Response, Problem> {
    let now = app.clock.now() + SignedDuration::from_secs(1);
    let (looks, _) = page(&app, citizen.person, &choice.wanted(), now, MOST).await?;

    let (body, media_type, name) = if kind.kind == "csv" {
        (csv(&app, &looks), "text/csv; charset=utf-8", "lich-su.csv")
    } else {
        let json = serde_json::to_string_pretty(&looks).map_err(Problem::internal)?;
        (json, "application/json", "lich-su.json")
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&disposition).map_err(Problem::internal)?,
        ),
    ];
    Ok((headers, body).into_response())
}

/// One line for each look, in plain Vietnamese; the byte order mark tells spreadsheets that it is UTF-8.
fn csv(app: &App, looks: &[Entry]) -> String {
    let say = |id: &str| app.texts.say(Lang::Vi, id, &[]);
    let columns = ["at", "who", "name", "purpose", "what", "case", "from"];
    let titles = columns.map(|column| field(&say(&format!("history-column-{column}"))));
    let mut text = format!("\u{feff}{}\r\n", titles.join(","));
    for look in looks {
        let what = look.what.iter().map(|what| say(&format!("history-what-{what}")));
        let values = [
            look.at.to_string(),
            say(&format!("history-who-{}", look.who)),
            look.name.clone(),
            say(&format!("history-purpose-{}", look.purpose)),
            what.collect::<Vec<_>>().join("; "),
            look.case.clone().unwrap_or_default(),
            look.from.clone().unwrap_or_default(),
        ];
        // Writing to a text does not fail.
        let _ = write!(text, "{}\r\n", values.map(|value| field(&value)).join(","));
    }
    text
}
