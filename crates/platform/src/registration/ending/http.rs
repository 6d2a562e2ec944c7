use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use crypto::secret::Secret;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Ending;
use crate::app::App;
use crate::registration::http::{Resume, next};
use crate::registration::rules::{Draft, Step};
use crate::registration::{DraftId, Refusal, load, load_at};
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::pause::evened;
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Visitor;
use crate::signin::{self, Password};

/// The form for the password.
#[derive(Template, Serialize)]
#[template(path = "registration/pages/password.html")]
pub(in crate::registration) struct SetPassword {
    draft: DraftId,
    step: Step,
    number: String,
    expires_at: Timestamp,
}

impl SetPassword {
    /// The form of a registration whose phone is confirmed.
    pub(in crate::registration) fn of(draft: &Draft) -> Self {
        Self {
            draft: draft.id,
            step: Step::Password,
            number: draft.asker.number.as_str().to_owned(),
            expires_at: draft.expires_at,
        }
    }
}

/// The end, the same for everybody.
#[derive(Template, Serialize)]
#[template(path = "registration/pages/done.html")]
pub(in crate::registration) struct Done {
    step: Step,
    account: &'static str,
    signin: &'static str,
}

impl Done {
    fn new() -> Self {
        Self {
            step: Step::Done,
            account: "/account",
            signin: "/signin",
        }
    }
}

/// A password, as it is typed; `repeat` may be left out by programs.
#[derive(Debug, Deserialize)]
pub(in crate::registration) struct PasswordForm {
    password: Secret<String>,
    repeat: Option<Secret<String>>,
}

/// Shows the form.
pub(in crate::registration) async fn ask(State(app): State<App>, Path(id): Path<DraftId>) -> Result<Response, Problem> {
    let draft = load(&app, id).await?;
    Ok(if draft.step() == Step::Password {
        Page(SetPassword::of(&draft)).into_response()
    } else {
        next(&draft)
    })
}

/// Opens the account and a session; where the number has an account, tells its holder instead. The answer is the same.
pub(in crate::registration) async fn finish(
    State(app): State<App>,
    Path(id): Path<DraftId>,
    visitor: Visitor,
    Input(form): Input<PasswordForm>,
) -> Result<Response, Problem> {
    let draft = load_at(&app, id, &[Step::Password, Step::Done]).await?;
    let password = form.check(&draft)?;
    let Some(identity) = draft.identity.clone() else {
        return Err(Refusal::OtherStep.problem(app.clock.now()).on(Resume::of(&draft)));
    };

    let hash = signin::hash(&app, &password).await?;
    let ending = Ending {
        before: visitor.citizen,
        ..Ending::draw(&app, &draft, identity, hash)?
    };
    let cookie = ending.session.cookie(&app);

    let first = evened(app.config.limits.evenly(), ending.write()).await?;
    app.bell.ring();

    let done = Next {
        to: Step::Done.address(&id),
        view: Done::new(),
    };
    // A second click must not take the session of the first away.
    Ok(if first {
        (cookie, done).into_response()
    } else {
        done.into_response()
    })
}

impl PasswordForm {
    fn check(&self, draft: &Draft) -> Result<Password, Problem> {
        let own = draft.own_words();
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        let repeated = self
            .repeat
            .as_ref()
            .is_none_or(|repeat| repeat.expose() == self.password.expose());
        let faults = match Password::check(self.password.expose(), &own) {
            Ok(password) if repeated => return Ok(password),
            Ok(_) => vec![Fault::new("repeat", "registration-repeat-differs")],
            Err(faults) => faults,
        };
        Err(Problem::invalid(faults).on(SetPassword::of(draft)))
    }
}

/// Shows the end.
pub(in crate::registration) async fn show(
    State(app): State<App>,
    Path(id): Path<DraftId>,
) -> Result<Response, Problem> {
    let draft = load(&app, id).await?;
    Ok(if draft.step() == Step::Done {
        Page(Done::new()).into_response()
    } else {
        next(&draft)
    })
}
