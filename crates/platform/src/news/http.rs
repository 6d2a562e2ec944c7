use ::http::{StatusCode, header};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::rules::{self, Category};
use super::store::{self, Article, Asked, Place};
use super::{ArticleId, Headline};
use crate::app::App;
use crate::shell::filters;
use crate::shell::input::{Path, Query};
use crate::shell::offline;
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::shell::prose::{self, Block};

/// How many articles a page of the list shows.
const ON_A_PAGE: i64 = 20;
/// How many warnings stand first at most.
const MOST_PINNED: i64 = 5;
/// How many articles a browser keeps.
const KEPT: i64 = 20;

/// What the pages need without network.
const FILES: [&str; 5] = ["app.css", "news.css", "icon.svg", "news.js", "offline.js"];

/// What somebody wants to read.
#[derive(Clone, Deserialize)]
pub(super) struct Wish {
    #[serde(default)]
    province: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    before: String,
}

/// The news.
#[derive(Template, Serialize)]
#[template(path = "news/pages/list.html")]
pub(super) struct News {
    pinned: Vec<Headline>,
    articles: Vec<Headline>,
    /// Where the older ones begin.
    older: Option<String>,
    province: String,
    category: String,
    provinces: Vec<(&'static str, String)>,
    categories: &'static [Category],
}

impl News {
    fn place(&self, headline: &Headline) -> String {
        let named = self.provinces.iter().find(|(code, _)| *code == headline.province);
        named.map(|(_, name)| name.clone()).unwrap_or_default()
    }

    fn older_address(&self) -> Option<String> {
        let older = self.older.as_ref()?;
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("province", &self.province)
            .append_pair("category", &self.category);
        query.append_pair("before", older);
        Some(format!("/news?{}", query.finish()))
    }
}

/// Shows the news of the whole country, with those of a province where one is asked for.
pub(super) async fn list(State(app): State<App>, Query(wish): Query<Wish>) -> Result<Page<News>, Problem> {
    let provinces = rules::provinces(app.clock.today());
    let province = known(&provinces, &wish.province);
    let category = Category::of_word(&wish.category).map_or("", Category::word).to_owned();

    let now = app.clock.now();
    let first = wish.before.is_empty() && category.is_empty();
    let asked = Asked {
        province: province.clone(),
        category: category.clone(),
        from: Place::read(&wish.before),
        most: ON_A_PAGE + 1,
    };
    let (pinned, mut articles) = app
        .db
        .read(move |conn| {
            let most = if first { MOST_PINNED } else { 0 };
            let pinned = store::pinned(conn, &asked.province, most, now)?;
            Ok::<_, db::Error>((pinned, store::public(conn, &asked, now)?))
        })
        .await?;

    let more = articles.len() > usize::try_from(ON_A_PAGE).unwrap_or_default();
    articles.truncate(usize::try_from(ON_A_PAGE).unwrap_or_default());
    let older = articles.last().filter(|_| more).and_then(Place::of);
    let stands_first = |article: &&Article| pinned.iter().any(|first| first.article == article.article);
    let headline = |article: &Article| Headline::of(article, now);
    Ok(Page(News {
        articles: articles
            .iter()
            .filter(|article| !stands_first(article))
            .map(headline)
            .collect(),
        pinned: pinned.iter().map(headline).collect(),
        older: older.map(|place| place.said()),
        province,
        category,
        provinces,
        categories: Category::ALL,
    }))
}

/// The code of a province, where it is one.
fn known(provinces: &[(&'static str, String)], code: &str) -> String {
    let found = provinces.iter().find(|(known, _)| *known == code);
    found.map(|(code, _)| (*code).to_owned()).unwrap_or_default()
}

/// One article.
#[derive(Template, Serialize)]
#[template(path = "news/pages/article.html")]
pub(super) struct Shown {
    #[serde(flatten)]
    pub(super) headline: Headline,
    pub(super) province_name: String,
    pub(super) body: Vec<Block>,
    pub(super) body_en: Vec<Block>,
    pub(super) picture: Option<String>,
    pub(super) picture_says: String,
}

impl Shown {
    /// An article as its readers see it.
    pub(super) fn of(app: &App, article: &Article) -> Self {
        let written = &article.written;
        Self {
            headline: Headline::of(article, app.clock.now()),
            province_name: rules::province_name(&written.province, app.clock.today()),
            body: prose::parse(&written.body),
            body_en: prose::parse(&written.body_en),
            picture: article
                .has_picture
                .then(|| format!("/news/{}/picture", article.article)),
            picture_says: written.picture_says.clone(),
        }
    }

    /// Shows its picture, where it has one, from another address.
    pub(super) fn picture_at(&mut self, address: String) {
        self.picture = self.picture.take().map(|_| address);
    }
}

/// An article that everybody may read now; one that was taken back is gone.
async fn public(app: &App, id: ArticleId) -> Result<Article, Problem> {
    let found = app.db.read(move |conn| store::find(conn, &id)).await?;
    let article = found.ok_or_else(Problem::not_found)?;
    match article.progress.state(article.written.publish_at, app.clock.now()) {
        rules::State::Public => Ok(article),
        rules::State::Withdrawn if article.progress.reviewed_at.is_some() => {
            Err(Problem::new("news-withdrawn", StatusCode::GONE))
        }
        _ => Err(Problem::not_found()),
    }
}

/// Shows an article.
pub(super) async fn show(State(app): State<App>, Path(id): Path<ArticleId>) -> Result<Page<Shown>, Problem> {
    let article = public(&app, id).await?;
    Ok(Page(Shown::of(&app, &article)))
}

/// Shows the picture of an article.
pub(super) async fn picture(State(app): State<App>, Path(id): Path<ArticleId>) -> Result<Response, Problem> {
    public(&app, id).await?;
    jpeg(&app, id).await
}

/// The picture of an article, whoever may see it.
pub(super) async fn jpeg(app: &App, id: ArticleId) -> Result<Response, Problem> {
    let found = app.db.read(move |conn| store::picture(conn, &id)).await?;
    let jpeg = found.ok_or_else(Problem::not_found)?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg")], jpeg).into_response())
}

/// What a browser keeps.
#[derive(Serialize)]
struct Kept {
    /// The addresses of the pages and their pictures.
    pages: Vec<String>,
}

/// Tells which articles a browser keeps for when there is no network: the newest of the whole country, and of the province that the reader chose.
pub(super) async fn kept(State(app): State<App>, Query(wish): Query<Wish>) -> Result<Response, Problem> {
    let now = app.clock.now();
    let newest = Asked {
        province: known(&rules::provinces(app.clock.today()), &wish.province),
        category: String::new(),
        from: Place::beginning(),
        most: KEPT,
    };
    let (pinned, newest) = app
        .db
        .read(move |conn| {
            let pinned = store::pinned(conn, &newest.province, MOST_PINNED, now)?;
            Ok::<_, db::Error>((pinned, store::public(conn, &newest, now)?))
        })
        .await?;
    let mut pages = Vec::new();
    for article in pinned.iter().chain(&newest) {
        let page = format!("/news/{}", article.article);
        if !pages.contains(&page) {
            pages.extend(article.has_picture.then(|| format!("{page}/picture")));
            pages.push(page);
        }
    }
    Ok(axum::Json(Kept { pages }).into_response())
}

/// Keeps the news for when there is no network.
pub(super) async fn worker() -> Response {
    offline::worker_with("/news", &FILES, "/news/kept", "province")
}
