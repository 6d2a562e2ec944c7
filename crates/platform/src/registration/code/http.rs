use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{digest, send};
use crate::app::App;
use crate::registration::ending::http::SetPassword;
use crate::registration::http::{Resume, next};
use crate::registration::rules::{CODE_LIVES, Draft, Step};
use crate::registration::store::{self, Entered};
use crate::registration::{DraftId, Refusal, load, load_at};
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;
use crate::shell::toll::{self, Payment};

/// The form for the code.
#[derive(Template, Serialize)]
#[template(path = "registration/pages/code.html")]
pub(in crate::registration) struct EnterCode {
    draft: DraftId,
    step: Step,
    masked_phone: String,
    code_expires_at: Timestamp,
    expires_at: Timestamp,
}

impl EnterCode {
    /// The form of a registration whose code was sent, at the latest, just now.
    pub(in crate::registration) fn of(draft: &Draft, now: Timestamp) -> Self {
        Self {
            draft: draft.id,
            step: Step::Code,
            masked_phone: draft.asker.phone.masked(),
            code_expires_at: draft.code_sent_at.unwrap_or(now) + CODE_LIVES,
            expires_at: draft.expires_at,
        }
    }
}

/// The code, as it is typed.
#[derive(Debug, Deserialize)]
pub(in crate::registration) struct CodeForm {
    #[serde(default)]
    code: String,
}

/// Shows the form.
pub(in crate::registration) async fn ask(State(app): State<App>, Path(id): Path<DraftId>) -> Result<Response, Problem> {
    let draft = load(&app, id).await?;
    Ok(if draft.step() == Step::Code {
        Page(EnterCode::of(&draft, app.clock.now())).into_response()
    } else {
        next(&draft)
    })
}

/// Confirms the phone.
pub(in crate::registration) async fn confirm(
    State(app): State<App>,
    Path(id): Path<DraftId>,
    Input(form): Input<CodeForm>,
) -> Result<Next<SetPassword>, Problem> {
    let draft = load_at(&app, id, &[Step::Code, Step::Password, Step::Done]).await?;
    let code: String = form.code.chars().filter(|letter| !letter.is_whitespace()).collect();

    let (now, digest) = (app.clock.now(), digest(&app, &id, &code));
    let entered = app.db.write(move |tx| store::confirm(tx, &id, &digest, now)).await?;

    let refused = |refusal: Refusal| Err(refusal.problem(now).on(EnterCode::of(&draft, now)));
    match entered {
        Entered::Right => Ok(Next {
            to: Step::Password.address(&id),
            view: SetPassword::of(&draft),
        }),
        Entered::Used => Err(Refusal::UsedCode.problem(now).on(Resume::of(&load(&app, id).await?))),
        Entered::Wrong(0) => refused(Refusal::NoTriesLeft),
        Entered::Wrong(left) => refused(Refusal::WrongCode(left)),
        Entered::Late => refused(Refusal::LateCode),
    }
}

/// Sends another code; the one before is of no use any more.
pub(in crate::registration) async fn send_again(
    State(app): State<App>,
    Path(id): Path<DraftId>,
    Input(payment): Input<Payment>,
) -> Result<Next<EnterCode>, Problem> {
    let draft = load_at(&app, id, &[Step::Code]).await?;

    let now = app.clock.now();
    let sent = match toll::take(&app, &payment) {
        Ok(paid) => send(&app, &draft, paid).await,
        Err(unpaid) => Err(unpaid),
    };
    sent.map_err(|problem| problem.on(EnterCode::of(&draft, now)))?;

    let view = EnterCode::of(&load(&app, id).await?, now);
    let to = Step::Code.address(&id);
    Ok(Next { to, view })
}
