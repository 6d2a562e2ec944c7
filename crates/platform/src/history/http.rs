use askama::Template;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::contests::{self, Contested};
use super::rules::Wanted;
use super::store::{self, Opened, Page as Piece};
use super::{LookId, Who};
use crate::app::App;
use crate::ledger::{self, Proof};
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::Query;
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;

/// How many looks a page shows.
const PAGE: usize = 50;
/// How many looks are read at once, and at most for one page that searches for a text.
const PIECE: i64 = 200;
const MOST_SEARCHED: usize = 4000;

/// Which looks to show, and where the page begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice {
    before: Option<Timestamp>,
    who: String,
    purpose: String,
    from: String,
    to: String,
    q: String,
}

impl Choice {
    pub(super) fn wanted(&self) -> Wanted {
        Wanted::read(&self.who, &self.purpose, (&self.from, &self.to), &self.q)
    }

    fn before(&self, app: &App) -> Timestamp {
        self.before
            .unwrap_or_else(|| app.clock.now() + SignedDuration::from_secs(1))
    }

    /// The same choice as a query, without where it begins.
    fn query(&self) -> String {
        let fields = [
            ("who", &self.who),
            ("purpose", &self.purpose),
            ("from", &self.from),
            ("to", &self.to),
            ("q", &self.q),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(fields.iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }
}

/// The citizen's own history.
#[derive(Template, Serialize)]
#[template(path = "history/pages/history.html")]
pub(super) struct History {
    looks: Vec<Entry>,
    older: Option<Timestamp>,
    #[serde(skip)]
    choice: Choice,
    #[serde(skip)]
    query: String,
    #[serde(skip)]
    kinds: [&'static str; 7],
}

/// A look, as its holder is shown it.
#[derive(Serialize)]
pub(super) struct Entry {
    look: LookId,
    pub(super) at: Timestamp,
    pub(super) who: &'static str,
    pub(super) name: String,
    pub(super) purpose: String,
    pub(super) what: Vec<String>,
    /// The sentence that says what showing it was worth by law, where it was shown to who checks people.
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) case: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<String>,
    /// It was kept from the holder under a court's order that has lapsed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    was_sealed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    contest: Option<Contested>,
    /// That the ledger has it.
    proof: Proof,
}

/// Shows who looked at the citizen's data.
pub(super) async fn show(
    State(app): State<App>,
    citizen: Citizen,
    Query(choice): Query<Choice>,
) -> Result<Page<History>, Problem> {
    let (looks, older) = page(&app, citizen.person, &choice.wanted(), choice.before(&app), PAGE).await?;
    Ok(Page(History {
        looks,
        older,
        query: choice.query(),
        choice,
        kinds: Who::KINDS,
    }))
}

/// Some looks that are wanted, newest first, and where the next page begins.
pub(super) async fn page(
    app: &App,
    person: PersonId,
    wanted: &Wanted,
    before: Timestamp,
    most: usize,
) -> Result<(Vec<Entry>, Option<Timestamp>), Problem> {
    let (mut entries, mut searched, mut piece) = (
        Vec::new(),
        0,
        Piece {
            before,
            now: app.clock.now(),
            most: PIECE,
        },
    );
    loop {
        let (choice, at) = (wanted.clone(), piece);
        let rows = app.db.read(move |conn| store::list(conn, &person, &choice, at)).await?;
        let is_last = rows.len() < usize::try_from(PIECE).unwrap_or(usize::MAX);
        searched += rows.len();
        for row in rows {
            piece.before = row.at;
            let opened = row.open(&app.vault)?;
            let case = opened.details.case.as_deref().unwrap_or_default();
            if wanted.fits(&[&opened.name, case, &row.purpose, &row.what]) {
                entries.push(entry(app, person, row, opened).await?);
            }
            if entries.len() >= most {
                return Ok((entries, Some(piece.before)));
            }
        }
        if is_last {
            return Ok((entries, None));
        }
        if searched >= MOST_SEARCHED {
            return Ok((entries, Some(piece.before)));
        }
    }
}

async fn entry(app: &App, person: PersonId, row: store::Row, opened: Opened) -> Result<Entry, Problem> {
    let commitment = row.commitment(&app.vault, &person, &opened);
    let (vault, look) = (app.vault.clone(), row.id);
    let (proof, contest) = app
        .db
        .read(move |conn| {
            let standing = ledger::standing(conn, &commitment)?;
            let contest = contests::of_look(conn, &vault, &person, &look)?;
            Ok::<_, Problem>((Proof::of(&commitment, standing), contest))
        })
        .await?;
    Ok(Entry {
        look: row.id,
        at: row.at,
        who: Who::KINDS
            .into_iter()
            .find(|kind| *kind == row.who_kind)
            .unwrap_or("platform"),
        name: opened.name,
        effect: row
            .purpose
            .strip_prefix("inspection-")
            .map(|word| format!("inspection-effect-{word}")),
        purpose: row.purpose,
        what: row.what.split_whitespace().map(str::to_owned).collect(),
        case: opened.details.case,
        from: opened.details.from,
        was_sealed: row.seal.is_some(),
        contest,
        proof,
    })
}
