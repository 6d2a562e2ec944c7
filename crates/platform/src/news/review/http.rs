use ::http::StatusCode;
use askama::Template;
use axum::extract::State as Of;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::ArticleId;
use super::super::http::{Shown, jpeg};
use super::super::rules::{self, State};
use super::super::store::{self, Article};
use crate::app::App;
use crate::officers::{self, Action, Officer, OfficerId, On};
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};

/// An article for who may write or approve for its place.
pub(in super::super) async fn find(app: &App, officer: &Officer, id: ArticleId) -> Result<Article, Problem> {
    let found = app.db.read(move |conn| store::find(conn, &id)).await?;
    let article = found.ok_or_else(Problem::not_found)?;
    officer.must(
        app,
        Action::WriteNews,
        &On::Unit(rules::unit(&article.written.province)),
    )?;
    Ok(article)
}

/// An article as its readers will see it, with what this officer can do with it.
#[derive(Template, Serialize)]
#[template(path = "news/review/pages/review.html")]
pub(in super::super) struct Review {
    shown: Shown,
    version: i64,
    state: State,
    publish_at: Option<Timestamp>,
    pinned_days: i64,
    written_by: String,
    written_at: Timestamp,
    reviewed_by: Option<String>,
    reviewed_at: Option<Timestamp>,
    returned_why: Option<String>,
    withdrawn_why: Option<String>,
    /// This officer wrote it, and may change it or hand it on.
    may_write: bool,
    may_review: bool,
    may_withdraw: bool,
}

impl Review {
    async fn load(app: &App, officer: &Officer, article: &Article) -> Result<Self, Problem> {
        let (progress, written) = (&article.progress, &article.written);
        let state = progress.state(written.publish_at, app.clock.now());
        let own = progress.written_by == officer.officer;
        let reviews = officer.may(app, Action::ReviewNews, &On::Unit(rules::unit(&written.province)));
        let reviewed_by = match progress.reviewed_by {
            Some(officer) => Some(name(app, officer).await?),
            None => None,
        };
        let mut shown = Shown::of(app, article);
        shown.picture_at(format!("/officers/news/{}/picture", article.article));
        Ok(Self {
            shown,
            version: article.version,
            state,
            publish_at: written.publish_at,
            pinned_days: written.pinned_days,
            written_by: name(app, progress.written_by).await?,
            written_at: progress.written_at,
            reviewed_by,
            reviewed_at: progress.reviewed_at,
            returned_why: progress.returned_why.clone(),
            withdrawn_why: progress.withdrawn_why.clone(),
            may_write: own && matches!(state, State::Draft | State::Returned | State::Submitted),
            may_review: reviews && !own && state == State::Submitted,
            may_withdraw: (reviews || own) && state != State::Withdrawn,
        })
    }
}

async fn name(app: &App, id: OfficerId) -> Result<String, Problem> {
    let vault = app.vault.clone();
    let officer = app.db.read(move |conn| officers::find(conn, &vault, &id)).await?;
    Ok(officer.map(|officer| officer.known_as()).unwrap_or_default())
}

/// Goes on to an article after something was done to it.
pub(in super::super) async fn next(app: &App, officer: &Officer, id: ArticleId) -> Result<Next<Review>, Problem> {
    let article = find(app, officer, id).await?;
    Ok(Next {
        to: format!("/officers/news/{id}"),
        view: Review::load(app, officer, &article).await?,
    })
}

/// Shows an article to who works on it.
pub(in super::super) async fn show(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ArticleId>,
) -> Result<Page<Review>, Problem> {
    let article = find(&app, &officer, id).await?;
    Ok(Page(Review::load(&app, &officer, &article).await?))
}

/// Shows its picture to who works on it.
pub(in super::super) async fn picture(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ArticleId>,
) -> Result<Response, Problem> {
    find(&app, &officer, id).await?;
    jpeg(&app, id).await
}

/// What can't be done to an article as it stands now.
pub(in super::super) fn must_be(done: bool) -> Result<(), Problem> {
    if done {
        return Ok(());
    }
    Err(Problem::new("news-moved-on", StatusCode::CONFLICT))
}

/// Hands a draft to another officer.
pub(in super::super) async fn submit(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ArticleId>,
) -> Result<Next<Review>, Problem> {
    find(&app, &officer, id).await?;
    let (me, now) = (officer.officer, app.clock.now());
    must_be(app.db.write(move |tx| store::submit(tx, &id, &me, now)).await?)?;
    next(&app, &officer, id).await
}

#[derive(Deserialize)]
pub(in super::super) struct ReviewForm {
    /// `approve` or `return`.
    decision: String,
    #[serde(default, deserialize_with = "number")]
    version: i64,
    #[serde(default)]
    why: String,
}

/// A number, as JSON or as a form writes it.
fn number<'de, D: serde::Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Sent {
        Number(i64),
        Text(String),
    }
    Ok(match Sent::deserialize(from)? {
        Sent::Number(number) => number,
        Sent::Text(text) => text.parse().unwrap_or_default(),
    })
}

/// Why something is given or taken back, in the officer's words.
fn reason(why: &str) -> Result<String, Problem> {
    let why = why.trim();
    if (5..=500).contains(&why.chars().count()) && !why.chars().any(|letter| letter.is_control() && letter != '\n') {
        return Ok(why.to_owned());
    }
    Err(Problem::invalid(vec![Fault::new("why", "news-fault-why")]))
}

/// Approves the version that was read, or gives it back.
pub(in super::super) async fn review(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ArticleId>,
    Input(form): Input<ReviewForm>,
) -> Result<Next<Review>, Problem> {
    let article = find(&app, &officer, id).await?;
    officer.must(
        &app,
        Action::ReviewNews,
        &On::Unit(rules::unit(&article.written.province)),
    )?;
    if article.progress.written_by == officer.officer {
        return Err(Problem::new("news-own-text", StatusCode::FORBIDDEN));
    }
    let (me, now, version) = (officer.officer, app.clock.now(), form.version);
    let done = if form.decision == "approve" {
        let publish_at = article.written.publish_at.unwrap_or(now).max(now);
        let days = SignedDuration::from_hours(24 * article.written.pinned_days);
        let pinned_until = (article.written.pinned_days > 0).then(|| publish_at + days);
        let times = (publish_at, pinned_until);
        app.db
            .write(move |tx| store::approve(tx, (&id, version), &me, times, now))
            .await?
    } else {
        let why = match reason(&form.why) {
            Ok(why) => why,
            Err(problem) => return Err(problem.on(Review::load(&app, &officer, &article).await?)),
        };
        app.db
            .write(move |tx| store::give_back(tx, (&id, version), &me, &why, now))
            .await?
    };
    must_be(done)?;
    next(&app, &officer, id).await
}

#[derive(Deserialize)]
pub(in super::super) struct WithdrawForm {
    #[serde(default)]
    why: String,
}

/// Takes an article back.
pub(in super::super) async fn withdraw(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ArticleId>,
    Input(form): Input<WithdrawForm>,
) -> Result<Next<Review>, Problem> {
    let article = find(&app, &officer, id).await?;
    if article.progress.written_by != officer.officer {
        officer.must(
            &app,
            Action::ReviewNews,
            &On::Unit(rules::unit(&article.written.province)),
        )?;
    }
    let why = match reason(&form.why) {
        Ok(why) => why,
        Err(problem) => return Err(problem.on(Review::load(&app, &officer, &article).await?)),
    };
    let (me, now) = (officer.officer, app.clock.now());
    must_be(app.db.write(move |tx| store::withdraw(tx, &id, &me, &why, now)).await?)?;
    next(&app, &officer, id).await
}
