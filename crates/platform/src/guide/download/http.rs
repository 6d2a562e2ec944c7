use ::http::header;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::super::rules::{self as guide, Chapter};
use super::rules;
use crate::app::App;
use crate::shell::input::Path;
use crate::shell::problem::Problem;
use crate::shell::texts::Lang;

/// What is asked for: a language, and a part or a page.
struct Asked {
    lang: Lang,
    chapters: Vec<&'static Chapter>,
    /// The whole address of the download.
    address: String,
}

fn asked(app: &App, lang: &str, what: &str) -> Result<Asked, Problem> {
    let known = [Lang::Vi, Lang::En].into_iter().find(|known| known.tag() == lang);
    let (lang, chapters) = (known.ok_or_else(Problem::not_found)?, guide::download(what));
    if chapters.is_empty() {
        return Err(Problem::not_found());
    }
    let address = format!("{}/guide/pdf/{}/{what}", app.config.public_url, lang.tag());
    Ok(Asked {
        lang,
        chapters,
        address,
    })
}

/// Gives a part of the guide, or a page, as PDF.
pub(super) async fn pdf(
    State(app): State<App>,
    Path((lang, what)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let Asked {
        lang,
        chapters,
        address,
    } = asked(&app, &lang, &what)?;
    let say = |id: &str, args: &[_]| app.texts.say(lang, id, args);
    let title = match chapters.as_slice() {
        [one] => one.title(lang).to_owned(),
        _ => say(&format!("guide-part-{what}"), &[]),
    };
    let said = rules::Said {
        lang,
        title,
        author: say("guide-title", &[]),
        newest: say("guide-pdf-from", &[("address", address.as_str().into())]),
        scan: say("guide-take", &[]),
        address,
    };
    let paper = rules::paper(said, &chapters, app.clock.now());
    let written = app.workshop.run(move || paper.write()).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("inline; filename=\"vneid-{what}-{}.pdf\"", lang.tag()),
        ),
    ];
    Ok((headers, written.map_err(Problem::internal)?).into_response())
}

/// Draws the QR code of a download.
pub(super) async fn code(
    State(app): State<App>,
    Path((lang, what)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let drawn = rules::drawn(&asked(&app, &lang, &what)?.address).ok_or_else(Problem::not_found)?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], drawn).into_response())
}
