use askama::Template;
use axum::extract::State as Of;
use serde::Serialize;

use super::super::review::http::{Review, find, must_be, next};
use super::super::rules::{self, Category, MOST_PINNED_DAYS, State, Written};
use super::super::store::{self, Article};
use super::super::{ArticleId, Headline};
use crate::app::App;
use crate::officers::{Action, Officer, On};
use crate::shell::filters;
use crate::shell::input::{Path, Upload};
use crate::shell::page::{Next, Page};
use crate::shell::picture::{self, Wanted};
use crate::shell::problem::{Fault, Problem};

/// How many articles the list shows.
const MOST_LISTED: i64 = 200;
/// What a picture of an article is like: small enough for a page that everybody loads.
const PICTURE: Wanted = Wanted {
    shortest: 200,
    longest: 960,
};
/// The largest picture that is kept, in bytes.
const LARGEST_PICTURE: usize = 180_000;

/// What was written.
#[derive(Template, Serialize)]
#[template(path = "news/editing/pages/list.html")]
pub(in super::super) struct Desk {
    articles: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    headline: Headline,
    province_name: String,
    state: State,
    own: bool,
}

/// The places for which an officer may do something: the whole country as an empty code, and provinces.
fn places(app: &App, officer: &Officer, action: Action) -> Vec<(&'static str, String)> {
    let country = std::iter::once(("", String::new()));
    let all = country.chain(rules::provinces(app.clock.today()));
    all.filter(|(code, _)| officer.may(app, action, &On::Unit(rules::unit(code))))
        .collect()
}

/// Shows what was written for the places of this officer, what waits for review first.
pub(in super::super) async fn list(Of(app): Of<App>, officer: Officer) -> Result<Page<Desk>, Problem> {
    officer.must_here(&app, Action::WriteNews)?;
    let now = app.clock.now();
    let mine = places(&app, &officer, Action::WriteNews);
    let codes: Vec<&'static str> = mine.iter().map(|(code, _)| *code).collect();
    let articles = app.db.read(move |conn| store::list(conn, &codes, MOST_LISTED)).await?;
    let listed = |article: &Article| Listed {
        headline: Headline::of(article, now),
        province_name: rules::province_name(&article.written.province, app.clock.today()),
        state: article.progress.state(article.written.publish_at, now),
        own: article.progress.written_by == officer.officer,
    };
    Ok(Page(Desk {
        articles: articles.iter().map(listed).collect(),
    }))
}

/// The form of an article.
#[derive(Template, Serialize)]
#[template(path = "news/editing/pages/form.html")]
pub(in super::super) struct Form {
    /// The article that is changed; none for a new one.
    article: Option<ArticleId>,
    has_picture: bool,
    categories: &'static [Category],
    places: Vec<(&'static str, String)>,
    most_pinned: i64,
    #[serde(skip)]
    typed: Upload,
}

impl Form {
    fn of(app: &App, officer: &Officer, article: Option<&Article>, typed: Upload) -> Self {
        Self {
            article: article.map(|article| article.article),
            has_picture: article.is_some_and(|article| article.has_picture),
            categories: Category::ALL,
            places: places(app, officer, Action::WriteNews),
            most_pinned: MOST_PINNED_DAYS,
            typed,
        }
    }

    fn said(&self, field: &str) -> String {
        self.typed.field(field).to_owned()
    }

    fn address(&self) -> String {
        match self.article {
            Some(article) => format!("/officers/news/{article}/edit"),
            None => "/officers/news/new".to_owned(),
        }
    }
}

/// What was written, as the form shows it.
fn typed(written: &Written) -> Upload {
    let field = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let publish_at = written.publish_at.map(rules::local).unwrap_or_default();
    Upload {
        files: Vec::new(),
        fields: vec![
            field("category", written.category.word()),
            field("province", &written.province),
            field("title", &written.title),
            field("title_en", &written.title_en),
            field("lead", &written.lead),
            field("lead_en", &written.lead_en),
            field("body", &written.body),
            field("body_en", &written.body_en),
            field("picture_says", &written.picture_says),
            field("pinned_days", &written.pinned_days.to_string()),
            field("publish_at", &publish_at),
        ],
    }
}

/// Shows an empty form.
pub(in super::super) async fn begin(Of(app): Of<App>, officer: Officer) -> Result<Page<Form>, Problem> {
    officer.must_here(&app, Action::WriteNews)?;
    Ok(Page(Form::of(&app, &officer, None, Upload::default())))
}

/// What an editor sent, with the picture as it is kept.
struct Sent {
    written: Written,
    picture: Option<Vec<u8>>,
}

/// Reads the form; every fault at once, on the form.
async fn read(app: &App, officer: &Officer, of: Option<&Article>, mut form: Upload) -> Result<Sent, Problem> {
    let file = form.file("picture");
    let (read, picture) = (
        rules::read(&form, app.clock.now(), app.clock.today()),
        match file {
            Some(file) => app
                .workshop
                .run(move || picture::renew(&file, PICTURE))
                .await?
                .map(Some),
            None => Ok(None),
        },
    );
    let keeps_one = of.is_some_and(|article| article.has_picture) && form.field("no_picture").is_empty();
    let (written, mut faults) = match read {
        Ok(written) => (Some(written), Vec::new()),
        Err(faults) => (None, faults),
    };
    let pictured = !matches!(picture, Ok(None)) || keeps_one;
    if pictured && form.field("picture_says").is_empty() {
        faults.push(Fault::new("picture_says", "news-fault-picture-says"));
    }
    match (written, picture) {
        (Some(written), Ok(picture)) if faults.is_empty() && is_small(picture.as_ref()) => {
            officer.must(app, Action::WriteNews, &On::Unit(rules::unit(&written.province)))?;
            Ok(Sent { written, picture })
        }
        (_, picture) => {
            if !picture.is_ok_and(|picture| is_small(picture.as_ref())) {
                faults.push(Fault::new("picture", "news-fault-picture"));
            }
            Err(Problem::invalid(faults).on(Form::of(app, officer, of, form)))
        }
    }
}

fn is_small(picture: Option<&Vec<u8>>) -> bool {
    picture.is_none_or(|picture| picture.len() <= LARGEST_PICTURE)
}

/// Writes a draft.
pub(in super::super) async fn write(Of(app): Of<App>, officer: Officer, form: Upload) -> Result<Next<Review>, Problem> {
    officer.must_here(&app, Action::WriteNews)?;
    let Sent { written, picture } = read(&app, &officer, None, form).await?;

    let (article, now) = (ArticleId::draw(&app.chance), app.clock.now());
    let me = officer.officer;
    app.db
        .write(move |tx| {
            store::insert(tx, &article, &written, &me, now)?;
            store::set_picture(tx, &article, picture.as_deref())
        })
        .await?;

    next(&app, &officer, article).await
}

/// Shows the form of an article to its writer.
pub(in super::super) async fn edit(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ArticleId>,
) -> Result<Page<Form>, Problem> {
    let article = find(&app, &officer, id).await?;
    let typed = typed(&article.written);
    Ok(Page(Form::of(&app, &officer, Some(&article), typed)))
}

/// Writes another version, which is a draft again.
pub(in super::super) async fn rewrite(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ArticleId>,
    form: Upload,
) -> Result<Next<Review>, Problem> {
    let article = find(&app, &officer, id).await?;
    let without = !form.field("no_picture").is_empty();
    let Sent { written, picture } = read(&app, &officer, Some(&article), form).await?;

    let (me, now) = (officer.officer, app.clock.now());
    let changed = app
        .db
        .write(move |tx| {
            let changed = store::rewrite(tx, &id, &written, &me, now)?;
            if changed && (without || picture.is_some()) {
                store::set_picture(tx, &id, picture.as_deref())?;
            }
            Ok::<_, db::Error>(changed)
        })
        .await?;
    must_be(changed)?;

    next(&app, &officer, id).await
}
