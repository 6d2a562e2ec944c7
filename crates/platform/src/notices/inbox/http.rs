use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::store::{self, Kept};
use super::{NoteId, Told};
use crate::app::App;
use crate::notices::Kind;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Path, Query, local_path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;
use crate::shell::texts::Lang;

/// How many notes a page shows.
const PAGE: usize = 20;

/// The citizen's inbox.
#[derive(Template, Serialize)]
#[template(path = "notices/inbox/pages/inbox.html")]
pub(super) struct Inbox {
    notes: Vec<Shown>,
    /// How many are not read, of all kinds; at most a hundred are counted.
    unread: i64,
    /// Where the next page begins.
    older: Option<String>,
    #[serde(skip)]
    kind: Option<Kind>,
    #[serde(skip)]
    kinds: &'static [Kind],
}

impl Inbox {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    fn shows(&self, kind: &Kind) -> bool {
        self.kind == Some(*kind)
    }
}

/// A note, as its reader is shown it.
#[derive(Serialize)]
struct Shown {
    note: NoteId,
    kind: String,
    text: InBoth,
    link: Option<String>,
    told_at: Timestamp,
    read_at: Option<Timestamp>,
}

/// A sentence in both languages.
#[derive(Serialize)]
struct InBoth {
    vi: String,
    en: String,
}

/// Which notes to show, and where the page begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice {
    kind: String,
    before: String,
}

impl Choice {
    /// The place after which the page begins: `1764000000000000-0123…`; what is none is the beginning.
    fn before(&self) -> (Timestamp, NoteId) {
        let place = || {
            let (at, note) = self.before.split_once('-')?;
            let at = Timestamp::from_microsecond(at.parse().ok()?).ok()?;
            Some((at, note.parse().ok()?))
        };
        place().unwrap_or((Timestamp::MAX, NoteId::from([0xff; 16])))
    }
}

fn show(app: &App, kept: Kept) -> Result<Shown, Problem> {
    let told = Told::open(&app.vault, &kept.note, &kept.told_sealed)?;
    Ok(Shown {
        text: InBoth {
            vi: told.say(&app.texts, Lang::Vi),
            en: told.say(&app.texts, Lang::En),
        },
        link: told.link,
        note: kept.note,
        kind: kept.kind,
        told_at: kept.told_at,
        read_at: kept.read_at,
    })
}

async fn view(app: &App, person: PersonId, choice: &Choice) -> Result<Inbox, Problem> {
    let kind = Kind::of_word(&choice.kind);
    let before = choice.before();
    let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let (mut kept, unread) = app
        .db
        .read(move |conn| {
            let kept = store::list(conn, &person, kind.map(Kind::word), before, most)?;
            Ok::<_, db::Error>((kept, super::unread(conn, &person)?))
        })
        .await?;
    let has_more = kept.len() > PAGE;
    kept.truncate(PAGE);
    let place = |last: &Kept| format!("{}-{}", last.told_at.as_microsecond(), last.note);
    let older = kept.last().filter(|_| has_more).map(place);
    let notes = kept.into_iter().map(|kept| show(app, kept));
    Ok(Inbox {
        notes: notes.collect::<Result<_, _>>()?,
        unread,
        older,
        kind,
        kinds: Kind::ALL,
    })
}

/// Shows the citizen's notes.
pub(super) async fn list(
    State(app): State<App>,
    citizen: Citizen,
    Query(choice): Query<Choice>,
) -> Result<Page<Inbox>, Problem> {
    Ok(Page(view(&app, citizen.person, &choice).await?))
}

/// Marks a note as read, and goes on to what it is about.
pub(super) async fn read(
    State(app): State<App>,
    citizen: Citizen,
    Path(note): Path<NoteId>,
) -> Result<Next<Inbox>, Problem> {
    let (person, now) = (citizen.person, app.clock.now());
    let kept = app
        .db
        .write(move |tx| {
            let kept = store::find(tx, &person, &note)?;
            store::mark(tx, &person, &note, now)?;
            Ok::<_, db::Error>(kept)
        })
        .await?
        .ok_or_else(Problem::not_found)?;
    let told = Told::open(&app.vault, &note, &kept.told_sealed)?;
    let link = told.link.as_deref().and_then(local_path);
    Ok(Next {
        to: link.unwrap_or("/notices").to_owned(),
        view: view(&app, person, &Choice::default()).await?,
    })
}

/// Marks all notes as read.
pub(super) async fn read_all(State(app): State<App>, citizen: Citizen) -> Result<Next<Inbox>, Problem> {
    let (person, now) = (citizen.person, app.clock.now());
    app.db.write(move |tx| store::mark_all(tx, &person, now)).await?;
    Ok(Next {
        to: "/notices".to_owned(),
        view: view(&app, person, &Choice::default()).await?,
    })
}
