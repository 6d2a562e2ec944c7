use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::{check, refused};
use crate::app::App;
use crate::devices;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Query, local_path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;
use crate::shell::session::{self, Visitor};
use crate::shell::whence::Whence;

/// A challenge, for the script of the device.
#[derive(Serialize)]
pub(super) struct Drawn {
    challenge: String,
}

/// Draws a challenge.
pub(super) async fn challenge(State(app): State<App>) -> Result<axum::Json<Drawn>, Problem> {
    Ok(axum::Json(Drawn {
        challenge: super::challenge(&app)?,
    }))
}

/// Where a session waits for its device's proof.
#[derive(Clone, Template, Serialize)]
#[template(path = "devices/proofs/pages/wait.html")]
pub(super) struct Wait {
    challenge: String,
    next: String,
}

#[derive(Deserialize)]
pub(super) struct Onward {
    #[serde(default)]
    next: String,
}

/// Shows the page whose script proves the device.
pub(super) async fn wait(
    State(app): State<App>,
    visitor: Visitor,
    Query(onward): Query<Onward>,
) -> Result<Response, Problem> {
    let next = local_path(&onward.next).unwrap_or("/account").to_owned();
    let view = Wait {
        challenge: super::challenge(&app)?,
        next: next.clone(),
    };
    Ok(if visitor.unproven.is_some() {
        Page(view).into_response()
    } else {
        Next { to: next, view }.into_response()
    })
}

#[derive(Deserialize)]
pub(super) struct ProofForm {
    proof: String,
    #[serde(default)]
    next: String,
}

/// The device of a session proves itself.
pub(super) async fn prove(
    State(app): State<App>,
    visitor: Visitor,
    Input(form): Input<ProofForm>,
) -> Result<Next<Wait>, Problem> {
    let session = visitor
        .unproven
        .or(visitor.citizen)
        .ok_or_else(Problem::sign_in_needed)?;
    let proof = check(&app, &form.proof)?;

    let (now, whence, vault) = (app.clock.now(), Whence::here(), app.vault.clone());
    app.db
        .write(move |tx| {
            let person = PersonId::from(session.subject);
            let device = devices::current(tx, &person)?.ok_or_else(refused)?;
            if session.device != Some(*device.device.bytes()) || !proof.is_of(&device) {
                return Err(refused());
            }
            proof.spend(tx, now)?;
            Ok(session::proven(tx, &vault, &session, &whence, now)?)
        })
        .await?;

    let next = local_path(&form.next).unwrap_or("/account").to_owned();
    Ok(Next {
        view: Wait {
            challenge: super::challenge(&app)?,
            next: next.clone(),
        },
        to: next,
    })
}
