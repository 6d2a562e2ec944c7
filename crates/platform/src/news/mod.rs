//! News and warnings of criminal tricks (*tin tức, cảnh báo*; F55): for everybody, also without network.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /news?province=&category=&before=` | warnings that stand first, then the newest |
//! | `GET /news/{id}`, `/news/{id}/picture` | one article |
//! | `GET /news/kept?province=` | which articles a browser keeps for when there is no network |
//! | `GET /news/worker.js` | the script that keeps them |
//! | `/officers/news…` | the editors' pages: `editing`, `review` |
//!
//! An article is a text of [`crate::shell::prose`]: no HTML of an editor reaches a page.
//!
//! **Invariant:** nothing is public that another officer than its writer has not approved, word for word.
//! **Invariant:** what was taken back is shown to nobody any more; a browser that kept it forgets it when it has network.

use axum::Router;
use axum::middleware::map_response;
use axum::routing::get;
use db::Conn;
use jiff::Timestamp;
use serde::Serialize;

use crate::app::{App, Capability};
use crate::shell::finding::Findable;
use crate::shell::ids::id;
use crate::shell::page::same_for_all;
use crate::shell::texts;

mod editing;
mod http;
mod review;
mod rules;
pub(crate) mod samples;
mod store;

#[cfg(test)]
mod tests;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/news", get(http::list))
        .route("/news/kept", get(http::kept))
        .route("/news/worker.js", get(http::worker))
        .route("/news/{article}", get(http::show))
        .route("/news/{article}/picture", get(http::picture))
        .layer(map_response(same_for_all))
        .merge(editing::routes())
        .merge(review::routes())
}

id! {
    /// An article.
    ArticleId
}

/// An article as a list tells it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Headline {
    /// Which one.
    pub(crate) article: ArticleId,
    category: rules::Category,
    /// The code of the province that it is for; empty for the whole country.
    province: String,
    /// The title, in Vietnamese.
    pub(crate) title: String,
    /// The same in English; empty where nobody wrote it.
    pub(crate) title_en: String,
    lead: String,
    lead_en: String,
    published_at: Option<Timestamp>,
    /// It stands before everything else.
    pinned: bool,
}

impl Headline {
    fn of(article: &store::Article, now: Timestamp) -> Self {
        let written = &article.written;
        Self {
            article: article.article,
            category: written.category,
            province: written.province.clone(),
            title: written.title.clone(),
            title_en: written.title_en.clone(),
            lead: written.lead.clone(),
            lead_en: written.lead_en.clone(),
            published_at: written.publish_at,
            pinned: article.pinned_until.is_some_and(|until| until > now),
        }
    }

    /// The sentence that names its category.
    fn sentence(&self) -> String {
        format!("news-category-{}", self.category.word())
    }

    /// Whether somebody wrote it in English.
    pub(crate) fn in_english(&self) -> bool {
        !self.title_en.is_empty()
    }
}

/// The warnings that stand first now, newest first: for the whole country and for a province, where there is one.
///
/// # Errors
/// Those of the database.
pub(crate) fn warnings(
    conn: &mut Conn<'_>,
    province: &str,
    most: i64,
    now: Timestamp,
) -> Result<Vec<Headline>, db::Error> {
    let pinned = store::pinned(conn, province, most, now)?;
    Ok(pinned.iter().map(|article| Headline::of(article, now)).collect())
}

/// How many of the newest articles can be found by words.
const MOST_FOUND: i64 = 200;

/// The newest articles for the whole country, each with what a search knows of it.
///
/// # Errors
/// Those of the database.
pub(crate) fn findable(conn: &mut Conn<'_>, now: Timestamp) -> Result<Vec<(Headline, Findable)>, db::Error> {
    let all = store::Asked {
        province: String::new(),
        category: String::new(),
        from: store::Place::beginning(),
        most: MOST_FOUND,
    };
    let words = |article: &store::Article| {
        let written = &article.written;
        let more = format!(
            "{} {} {} {}",
            written.lead, written.lead_en, written.body, written.body_en
        );
        Findable::new([&written.title, &written.title_en], &more)
    };
    let articles = store::public(conn, &all, now)?;
    Ok(articles
        .iter()
        .map(|article| (Headline::of(article, now), words(article)))
        .collect())
}
