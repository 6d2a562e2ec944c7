use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use civil::chip::clones::{self, Question};
use civil::chip::{ChipFile, Reading};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rules::{Drawn, Stage, Token};
use super::{Brought, TABLE, digest, place, store};
use crate::app::App;
use crate::chips::rules::{Agreement, Verdict};
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::Page;
use crate::shell::problem::Problem;

/// How far a reading is, for the reader. It says nothing of the card.
#[derive(Template, Serialize)]
#[template(path = "chips/pages/reading.html")]
pub(super) struct Reader {
    state: Stage,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<ChipFile>,
    expires_at: Timestamp,
    /// What the chip is asked next.
    #[serde(skip_serializing_if = "Option::is_none")]
    chip_authentication: Option<Question>,
    /// What was found, once all is here.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<&'static str>,
}

impl Reader {
    fn sentence(&self) -> String {
        format!("chips-reading-{}", self.state.word())
    }
}

/// An invitation that is open, as it was found.
struct Open {
    token: Token,
    row: store::Row,
    drawn: Drawn,
}

async fn open(app: &App, text: &str) -> Result<Open, Problem> {
    let token = Token::parse(text).ok_or_else(Problem::not_found)?;
    let secret_digest = digest(&app.vault, &token);
    let (vault, now) = (app.vault.clone(), app.clock.now());
    app.db
        .read(move |conn| {
            let row = store::find(conn, &token.person, &secret_digest)?.ok_or_else(Problem::not_found)?;
            if row.expires_at <= now {
                return Err(Problem::new("chips-reading-late", StatusCode::GONE));
            }
            let drawn = vault.open_record(TABLE, "drawn", &secret_digest, &row.drawn_sealed)?;
            Ok(Open { token, row, drawn })
        })
        .await
}

/// Shows what the chip has to sign, and how far it is.
pub(super) async fn show(State(app): State<App>, Path(token): Path<String>) -> Result<Page<Reader>, Problem> {
    let open = open(&app, &token).await?;
    Ok(Page(Reader {
        state: open.row.stage,
        challenge: (open.row.stage == Stage::Waiting).then(|| open.drawn.challenge.to_vec().into()),
        expires_at: open.row.expires_at,
        chip_authentication: None,
        found: None,
    }))
}

/// Takes the files of a chip with its answer, and asks it to agree on keys where it can.
pub(super) async fn bring(
    State(app): State<App>,
    Path(token): Path<String>,
    Input(reading): Input<Reading>,
) -> Result<Page<Reader>, Problem> {
    let open = open(&app, &token).await?;

    let (parts, drawn, now) = (app.clone(), open.drawn, app.clock.now());
    let judge = move || {
        let ours = civil::chip::Challenge(drawn.challenge);
        let verdict = Verdict::against(&reading, &parts.trust, now, Some(ours));
        let question = verdict
            .authentic()
            .and_then(|authentic| clones::question(&reading.files, authentic, &drawn.agreement).ok())
            .flatten();
        (reading, verdict, question)
    };
    let (reading, verdict, question) = app.workshop.run(judge).await?;
    let (to, verdict) = match &question {
        Some(_) => (Stage::Asked, verdict.with(Agreement::Asked)),
        None => (Stage::Received, verdict),
    };
    keep(
        &app,
        &open,
        (Stage::Waiting, to),
        Brought { reading, verdict },
        question,
    )
    .await
}

/// The chip's answer to the question.
#[derive(Deserialize)]
pub(super) struct Answered {
    /// As the chip sent it, in base64.
    response: ChipFile,
}

/// Takes the answer of a chip that was asked to agree on keys.
pub(super) async fn answer(
    State(app): State<App>,
    Path(token): Path<String>,
    Input(answered): Input<Answered>,
) -> Result<Page<Reader>, Problem> {
    let open = open(&app, &token).await?;
    let sealed = open.row.reading_sealed.as_ref().ok_or_else(changed)?;
    let row = place(&open.token.person, &open.row.concerns);
    let brought: Brought = app.vault.open_record(TABLE, "reading", &row, sealed)?;

    let drawn = open.drawn;
    let judge = move || {
        let Brought { reading, verdict } = brought;
        let checked = verdict
            .authentic()
            .map(|authentic| clones::verify_answer(&reading.files, authentic, &drawn.agreement, &answered.response));
        let agreement = match checked {
            None => Agreement::NotAsked,
            Some(Ok(())) => Agreement::Original,
            Some(Err(reason)) => Agreement::Refused {
                reason,
                words: reason.to_string(),
            },
        };
        let verdict = verdict.with(agreement);
        Brought { reading, verdict }
    };
    let brought = app.workshop.run(judge).await?;
    keep(&app, &open, (Stage::Asked, Stage::Received), brought, None).await
}

async fn keep(
    app: &App,
    open: &Open,
    (from, to): (Stage, Stage),
    brought: Brought,
    question: Option<Question>,
) -> Result<Page<Reader>, Problem> {
    let row = place(&open.token.person, &open.row.concerns);
    let step = store::Step {
        person: open.token.person,
        secret_digest: digest(&app.vault, &open.token),
        from,
        to,
        reading_sealed: app.vault.seal_record(TABLE, "reading", &row, &brought)?,
        now: app.clock.now(),
    };
    let moved = app.db.write(move |tx| store::advance(tx, &step)).await?;
    if !moved {
        return Err(changed());
    }
    Ok(Page(Reader {
        state: to,
        challenge: None,
        expires_at: open.row.expires_at,
        chip_authentication: question,
        found: (to == Stage::Received).then(|| brought.verdict.word()),
    }))
}

fn changed() -> Problem {
    Problem::new("chips-reading-used", StatusCode::CONFLICT)
}
