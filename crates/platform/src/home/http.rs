use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};

use super::rules::{self, Group, Shown, Tile};
use super::store;
use crate::accounts::{self, Level};
use crate::app::App;
use crate::guide;
use crate::help::{self, Question};
use crate::news::{self, Headline};
use crate::notices;
use crate::partners::{self, Service};
use crate::procedures::{self, Titled};
use crate::shell::filters;
use crate::shell::finding::Wanted;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Path, Query};
use crate::shell::page::{Next, Page, same_for_all};
use crate::shell::problem::Problem;
use crate::shell::session::{Citizen, Visitor};

/// The first page: what the platform can do for whoever looks.
#[derive(Template, Serialize)]
#[template(path = "home/pages/home.html")]
pub(super) struct Home {
    service: &'static str,
    signed_in: bool,
    /// The holder's name and level, where somebody is signed in.
    #[serde(flatten)]
    holder: Option<Holder>,
    favourites: Vec<Shown>,
    groups: Vec<Section>,
    /// The warnings that stand first among the news.
    warnings: Vec<Headline>,
}

/// Who looks.
#[derive(Serialize)]
struct Holder {
    full_name: String,
    level: Level,
    /// How many notices are unread.
    unread: i64,
}

/// The tiles of a group.
#[derive(Serialize)]
struct Section {
    group: Group,
    tiles: Vec<Shown>,
}

/// How many warnings the first page shows.
const MOST_WARNINGS: i64 = 2;

/// What is known of the person who looks.
struct Known {
    holder: Holder,
    favourites: Vec<String>,
    /// The province that the account belongs to.
    province: String,
}

async fn known(app: &App, visitor: &Visitor) -> Result<Option<Known>, Problem> {
    let Some(session) = &visitor.citizen else {
        return Ok(None);
    };
    let (vault, person) = (app.vault.clone(), PersonId::from(session.subject));
    let found = app
        .db
        .read(move |conn| {
            let account = accounts::find(conn, &vault, &person)?;
            let unread = notices::unread(conn, &person)?;
            let province = accounts::province(conn, &person)?.unwrap_or_default();
            Ok::<_, Problem>((account, store::list(conn, &person)?, unread, province))
        })
        .await?;
    let (Some(account), favourites, unread, province) = found else {
        return Ok(None);
    };
    let (full_name, level) = (account.full_name, account.level);
    let holder = Holder {
        full_name,
        level,
        unread,
    };
    Ok(Some(Known {
        holder,
        favourites,
        province,
    }))
}

impl Home {
    async fn load(app: &App, visitor: &Visitor) -> Result<Self, Problem> {
        let (known, now) = (known(app, visitor).await?, app.clock.now());
        let province = known.as_ref().map(|known| known.province.clone()).unwrap_or_default();
        let warnings = app
            .db
            .read(move |conn| news::warnings(conn, &province, MOST_WARNINGS, now))
            .await?;
        Ok(Self::of(known, warnings))
    }

    fn of(known: Option<Known>, warnings: Vec<Headline>) -> Self {
        let (holder, favourites) = known.map_or_else(Default::default, |known| (Some(known.holder), known.favourites));
        let level = holder.as_ref().map(|holder| holder.level);
        let shown = |tile: &'static Tile| Shown::of(tile, level, &favourites);
        let section = |group: &Group| Section {
            group: *group,
            tiles: rules::tiles().filter(|tile| tile.group == *group).map(shown).collect(),
        };
        let sections = Group::ALL.iter().map(section);
        Self {
            service: "VNeID",
            signed_in: holder.is_some(),
            groups: sections.filter(|section| !section.tiles.is_empty()).collect(),
            favourites: favourites.iter().filter_map(|id| rules::tile(id)).map(shown).collect(),
            holder,
            warnings,
        }
    }
}

/// Shows the first page.
pub(super) async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, Problem> {
    let page = Page(Home::load(&app, &visitor).await?).into_response();
    let is_signed_in = visitor.citizen.is_some() || visitor.officer.is_some();
    Ok(if is_signed_in { page } else { same_for_all(page).await })
}

/// Which tile is pinned, or unpinned.
#[derive(Deserialize)]
pub(super) struct Favourite {
    #[serde(default)]
    pin: String,
    #[serde(default)]
    unpin: String,
}

/// Pins a tile to the top of the person's first page, or takes it away from there.
pub(super) async fn favour(
    State(app): State<App>,
    citizen: Citizen,
    visitor: Visitor,
    Input(form): Input<Favourite>,
) -> Result<Next<Home>, Problem> {
    let pins = !form.pin.is_empty();
    let tile = rules::tile(if pins { &form.pin } else { &form.unpin }).ok_or_else(Problem::not_found)?;

    let (person, now) = (citizen.person, app.clock.now());
    app.db
        .write(move |tx| {
            if pins {
                store::pin(tx, &person, &tile.id, now)
            } else {
                store::unpin(tx, &person, &tile.id)
            }
        })
        .await?;

    Ok(Next {
        to: "/#favourites".to_owned(),
        view: Home::load(&app, &visitor).await?,
    })
}

/// What somebody has to do before a tile opens.
#[derive(Template, Serialize)]
#[template(path = "home/pages/tile.html")]
pub(super) struct Prompt {
    tile: Shown,
    level: Level,
    needs: Level,
    /// A level that was granted and waits for its activation.
    activates: bool,
    /// Where the next step is taken.
    next: &'static str,
}

/// Opens a tile, or tells its visitor what to do first.
pub(super) async fn open(
    State(app): State<App>,
    Path(id): Path<String>,
    citizen: Citizen,
) -> Result<Response, Problem> {
    let tile = rules::tile(&id).ok_or_else(Problem::not_found)?;
    let (vault, person) = (app.vault.clone(), citizen.person);
    let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
    if account.level >= tile.level() {
        return Ok(Redirect::to(&tile.path).into_response());
    }
    let activates = account.granted > account.level;
    let next = match account.level {
        _ if activates => "/activation",
        Level::Zero => "/applications/level-1",
        _ => "/applications",
    };
    let prompt = Prompt {
        tile: Shown::of(tile, Some(account.level), &[]),
        level: account.level,
        needs: tile.level(),
        activates,
        next,
    };
    Ok(Page(prompt).into_response())
}

/// What somebody looks for.
#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
}

/// The best of what was found.
fn first<T>(mut found: Vec<T>) -> Vec<T> {
    found.truncate(MOST_FOUND);
    found
}

/// How many of each kind a search shows at most, beside tiles.
const MOST_FOUND: usize = 8;

/// What was found.
#[derive(Template, Serialize)]
#[template(path = "home/pages/search.html")]
pub(super) struct Found {
    /// As it was typed.
    q: String,
    /// Whether there was a word in it.
    asked: bool,
    tiles: Vec<Shown>,
    procedures: Vec<Titled>,
    guide: Vec<guide::Entry>,
    questions: Vec<Question>,
    news: Vec<Headline>,
}

impl Found {
    fn count(&self) -> usize {
        self.tiles.len() + self.procedures.len() + self.guide.len() + self.questions.len() + self.news.len()
    }

    fn is_empty(&self) -> bool {
        self.count() == 0
    }
}

/// Finds tiles, procedures, pages of the guide, questions and news by words.
pub(super) async fn search(
    State(app): State<App>,
    visitor: Visitor,
    Query(search): Query<Search>,
) -> Result<Page<Found>, Problem> {
    let wanted = Wanted::read(&search.q);
    let known = known(&app, &visitor).await?;
    let level = known.as_ref().map(|known| known.holder.level);
    let favourites = known.map(|known| known.favourites).unwrap_or_default();
    let shown = |tile| Shown::of(tile, level, &favourites);
    let (now, words) = (app.clock.now(), wanted.clone());
    let news = app.db.read(move |conn| {
        let articles = news::findable(conn, now)?;
        Ok::<_, db::Error>(words.among(articles.iter().map(|(headline, text)| (headline.clone(), text))))
    });
    Ok(Page(Found {
        asked: !wanted.is_empty(),
        tiles: rules::found(&wanted).into_iter().map(shown).collect(),
        procedures: first(procedures::found(&app, &wanted)),
        guide: first(guide::found(&wanted)),
        questions: first(help::found(&wanted)),
        news: first(news.await?),
        q: search.q.chars().take(crate::shell::finding::LONGEST).collect(),
    }))
}

/// The services of partners that a person signs in at with this account.
#[derive(Template, Serialize)]
#[template(path = "home/pages/services.html")]
pub(super) struct Services {
    services: Vec<Service>,
}

/// Shows where the account opens a service of somebody else.
pub(super) async fn services(State(app): State<App>) -> Result<Page<Services>, Problem> {
    let services = partners::services(&app).await?;
    Ok(Page(Services { services }))
}
