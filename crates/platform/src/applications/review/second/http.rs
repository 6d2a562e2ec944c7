use axum::extract::State as Of;
use serde::Deserialize;

use super::super::super::refusal::Refusal;
use super::super::super::rules::{Event, State};
use super::super::super::{ApplicationId, event, store as dossiers};
use super::super::decision::http::conclude;
use super::super::dossier::http::{Loaded, Review, load};
use super::super::rules::Decision;
use super::super::store;
use crate::app::App;
use crate::officers::{Action, Officer};
use crate::shell::input::{Input, Path};
use crate::shell::page::Next;
use crate::shell::problem::{Fault, Problem};

/// What the second officer says.
#[derive(Debug, Deserialize)]
pub(in super::super) struct Confirmation {
    #[serde(default)]
    confirm: String,
}

/// Confirms a proposed approval, or sends the application back to the queue.
pub(in super::super) async fn confirm(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<ApplicationId>,
    Input(form): Input<Confirmation>,
) -> Result<Next<Review>, Problem> {
    let (parts, me) = (app.clone(), officer.officer);
    let loaded = app.db.read(move |conn| load(conn, &parts, &id, &me)).await?;
    if loaded.application.state != State::Proposed {
        officer.must(&app, Action::SeeDossier, &loaded.on(&me))?;
        return Err(Refusal::Changed.into());
    }
    officer.must(&app, Action::ConfirmOverride, &loaded.on(&me))?;

    let loaded = match form.confirm.as_str() {
        "yes" => {
            let decision = Decision {
                event: Event::Approve,
                reasons: Vec::new(),
                remark: None,
            };
            conclude(&app, &officer, loaded.application, &decision).await?
        }
        "no" => send_back(&app, &officer, id).await?,
        _ => {
            let fault = Fault::new("confirm", "applications-confirm-choose");
            return Err(Problem::invalid(vec![fault]).on(Review::of(&app, &officer, &loaded)));
        }
    };

    Ok(Next {
        to: format!("/officers/applications/{id}"),
        view: Review::of(&app, &officer, &loaded),
    })
}

async fn send_back(app: &App, officer: &Officer, id: ApplicationId) -> Result<Loaded, Problem> {
    let released = event(app, Event::Release, Some(officer.officer));
    let (parts, me) = (app.clone(), officer.officer);
    app.db
        .write(move |tx| {
            if !store::send_back(tx, &id, &me)? {
                return Err(Refusal::Changed.into());
            }
            let loaded = load(tx, &parts, &id, &me)?;
            dossiers::add_event(tx, (&loaded.application.person, &id), &released)?;
            Ok(loaded)
        })
        .await
}
