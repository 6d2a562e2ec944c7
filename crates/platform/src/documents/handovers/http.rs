use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State as Of;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rules::{self, Choice, KEPT_FOR, LIFE, State};
use super::store::{self, Row};
use super::{HandoverId, over};
use crate::app::App;
use crate::documents::dependants;
use crate::documents::http::{gather_own, level_2};
use crate::documents::rules::{Held, Kind};
use crate::inspection::Purpose;
use crate::locks::{self, Thing};
use crate::registries::Subject;
use crate::shell::filters;
use crate::shell::input::{Input, Path, Query};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::qr;
use crate::shell::session::Citizen;
use crate::signin;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    purpose: String,
    /// A paper that is ticked already, and that the receivers to choose from may see.
    #[serde(default)]
    paper: String,
    #[serde(default)]
    whose: String,
}

/// To whom, and which papers.
#[derive(Template, Serialize)]
#[template(path = "documents/handovers/pages/choose.html")]
pub(super) struct Choose {
    purposes: Vec<Purpose>,
    purpose: Option<Purpose>,
    papers: Vec<Offer>,
    paper: String,
    whose: String,
    /// The name of the child or ward whose papers they are.
    whose_name: Option<String>,
    handovers: Vec<Past>,
}

impl Choose {
    fn chose(&self, word: &str) -> bool {
        self.purpose.is_some_and(|purpose| purpose.word() == word)
    }
}

/// A paper that may be chosen, with what the receiver sees of it.
#[derive(Serialize)]
struct Offer {
    kind: Kind,
    ticked: bool,
    number: bool,
    fields: Vec<&'static str>,
}

/// A handover as its maker sees it in the list.
#[derive(Serialize)]
struct Past {
    id: String,
    purpose: Purpose,
    kinds: Vec<Kind>,
    whose: Option<String>,
    state: State,
    made_at: Timestamp,
    seen_at: Option<Timestamp>,
    seen_by: Option<String>,
}

impl Past {
    fn of(app: &App, row: &Row, now: Timestamp) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id.to_string(),
            purpose: row.purpose,
            kinds: row.kinds.clone(),
            whose: row.whose(app)?.map(|whose| whose.full_name),
            state: row.state(now),
            made_at: row.made_at,
            seen_at: row.seen_at,
            seen_by: row.seen_by(app)?,
        })
    }
}

/// The code, and what became of it.
#[derive(Template, Serialize)]
#[template(path = "documents/handovers/pages/handover.html")]
pub(super) struct Shown {
    #[serde(flatten)]
    past: Past,
    papers: Vec<Offer>,
    expires_at: Timestamp,
    /// The address in the code, and the code as a picture; nothing where it cannot be opened any more.
    link: String,
    code: String,
}

impl Shown {
    fn of(app: &App, row: &Row, now: Timestamp) -> Result<Self, Problem> {
        let past = Past::of(app, row, now)?;
        let is_open = past.state == State::Open;
        let link = format!("{}/inspection/papers/{}", app.config.public_url, row.id);
        Ok(Self {
            papers: row
                .kinds
                .iter()
                .filter_map(|kind| offer(row.purpose, *kind, true))
                .collect(),
            expires_at: row.expires_at,
            code: if is_open { qr::drawn(&link) } else { String::new() },
            link: if is_open { link } else { String::new() },
            past,
        })
    }
}

fn offer(purpose: Purpose, kind: Kind, ticked: bool) -> Option<Offer> {
    let seen = purpose.of_paper(kind)?;
    let more = seen.parts.iter().filter(|name| !seen.fields.contains(name));
    Some(Offer {
        kind,
        ticked,
        number: seen.number,
        fields: seen.fields.iter().chain(more).copied().collect(),
    })
}

/// The child or ward whose papers are shown; `None` for the holder's own.
async fn whose(app: &App, citizen: &Citizen, id: &str) -> Result<Option<Subject>, Problem> {
    match id {
        "" => Ok(None),
        id => Ok(Some(dependants::acting_for(app, citizen, id).await?)),
    }
}

async fn choose(app: &App, citizen: &Citizen, asked: &Asked, ticked: &[&str]) -> Result<Choose, Problem> {
    let whose = whose(app, citizen, &asked.whose).await?;
    let (person, now) = (citizen.person, app.clock.now());
    let rows = app.db.read(move |conn| store::list(conn, &person)).await?;
    let wanted = Kind::from_word(&asked.paper);
    let sees = |purpose: &Purpose| wanted.is_none_or(|kind| purpose.of_paper(kind).is_some());
    let purpose = Purpose::from_word(&asked.purpose);
    let is_ticked = |kind: Kind| wanted == Some(kind) || ticked.contains(&kind.word());
    let offered = purpose.into_iter().flat_map(|purpose| {
        let kinds = rules::offered(purpose).filter(|kind| whose.is_none() || dependants::is_shown(*kind));
        kinds.filter_map(move |kind| offer(purpose, kind, is_ticked(kind)))
    });
    Ok(Choose {
        purposes: Purpose::ALL.into_iter().filter(sees).collect(),
        purpose,
        papers: offered.collect(),
        paper: wanted.map(|kind| kind.word().to_owned()).unwrap_or_default(),
        whose: asked.whose.clone(),
        whose_name: whose.as_ref().map(|whose| whose.full_name.clone()),
        handovers: rows
            .iter()
            .map(|row| Past::of(app, row, now))
            .collect::<Result<_, _>>()?,
    })
}

/// Asks to whom and which.
pub(super) async fn ask(
    Of(app): Of<App>,
    citizen: Citizen,
    Query(asked): Query<Asked>,
) -> Result<Page<Choose>, Problem> {
    level_2(&app, &citizen).await?;
    Ok(Page(choose(&app, &citizen, &asked, &[]).await?))
}

/// Makes the code for the passcode.
pub(super) async fn make(
    Of(app): Of<App>,
    citizen: Citizen,
    Input(form): Input<BTreeMap<String, String>>,
) -> Result<Next<Shown>, Problem> {
    let account = level_2(&app, &citizen).await?;
    let said = |name: &str| form.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
    let asked = Asked {
        purpose: said("purpose"),
        paper: String::new(),
        whose: said("whose"),
    };
    let again = choose(&app, &citizen, &asked, &rules::ticked(&form)).await?;
    let whose = whose(&app, &citizen, &asked.whose).await?;
    let choice = match rules::read(&form) {
        Ok(choice) => choice,
        Err(fault) => return Err(Problem::invalid(vec![fault]).on(again)),
    };
    if let Err(problem) = signin::check_passcode(&app, &citizen.person, &said("passcode")).await {
        return Err(problem.on(again));
    }
    if whose.is_some() {
        let known = |kind: &Kind| dependants::is_shown(*kind);
        if !choice.kinds.iter().all(known) {
            let fault = Fault::new("papers", "documents-handover-other-fault");
            return Err(Problem::invalid(vec![fault]).on(again));
        }
    } else {
        let gathered = gather_own(&app, &citizen, &account, &choice.kinds).await?;
        let is_missing = |held: &Held| matches!(held, Held::Absent | Held::Removed | Held::Unconnected);
        if gathered.iter().any(|found| is_missing(&found.held)) {
            let fault = Fault::new("papers", "documents-handover-missing-fault");
            return Err(Problem::invalid(vec![fault]).on(again));
        }
    }
    let row = keep(&app, &citizen, &choice, whose).await?;
    Ok(Next {
        to: format!("/documents/handovers/{}", row.id),
        view: Shown::of(&app, &row, row.made_at)?,
    })
}

async fn keep(app: &App, citizen: &Citizen, choice: &Choice, whose: Option<Subject>) -> Result<Row, Problem> {
    let (id, now) = (HandoverId::draw(&app.chance), app.clock.now());
    let seal = |whose: &Subject| app.vault.seal_record("document_handover", "whose", id.bytes(), whose);
    let sealed = whose.as_ref().map(seal).transpose()?;
    let chosen = (choice.purpose, choice.kinds.clone());
    let row = Row::new((citizen.person, id), chosen, sealed, (now, now + LIFE));
    let kept = row.clone();
    app.db
        .write(move |tx| {
            locks::must_be_open(tx, &kept.person, Thing::Eid)?;
            store::forget(tx, &kept.person, kept.made_at - KEPT_FOR)?;
            Ok::<_, Problem>(store::insert(tx, &kept)?)
        })
        .await?;
    Ok(row)
}

async fn own(app: &App, citizen: &Citizen, id: HandoverId) -> Result<Row, Problem> {
    let row = app.db.read(move |conn| store::find(conn, &id)).await?;
    row.filter(|row| row.person == citizen.person)
        .ok_or_else(Problem::not_found)
}

/// Shows the code and what became of it.
pub(super) async fn show(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<HandoverId>,
) -> Result<Page<Shown>, Problem> {
    let row = own(&app, &citizen, id).await?;
    Ok(Page(Shown::of(&app, &row, app.clock.now())?))
}

/// Takes it back.
pub(super) async fn end(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<HandoverId>,
) -> Result<Next<Shown>, Problem> {
    let row = own(&app, &citizen, id).await?;
    let (person, now) = (citizen.person, app.clock.now());
    if row.state(now) != State::Open {
        return Err(over());
    }
    app.db.write(move |tx| store::end(tx, &person, &id, now)).await?;
    let row = own(&app, &citizen, id).await?;
    Ok(Next {
        to: format!("/documents/handovers/{id}"),
        view: Shown::of(&app, &row, now)?,
    })
}
