use axum::extract::State as Of;
use axum::response::Response;

use super::super::desk;
use super::super::dossiers::{self, DossierId};
use super::super::drafts::DraftId;
use super::super::drafts::http::{Filling, Opened};
use super::{answer, place};
use crate::app::App;
use crate::evidence::{self, Removal};
use crate::history::{self, Look, Purpose, Who};
use crate::officers::{Action, Officer};
use crate::procedures::known::For;
use crate::shell::input::{Path, Upload};
use crate::shell::page::Next;
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;

fn onward(id: DraftId, view: Filling) -> Next<Filling> {
    Next {
        to: format!("/procedures/drafts/{id}"),
        view,
    }
}

/// Attaches a document to a draft, in place of the one before.
pub(in crate::procedures) async fn attach(
    Of(app): Of<App>,
    citizen: Citizen,
    Path((id, name)): Path<(DraftId, String)>,
    mut form: Upload,
) -> Result<Next<Filling>, Problem> {
    let mut opened = Opened::load(&app, &citizen, id, For::Showing).await?;
    if !opened.asks_for(&name) {
        return Err(Problem::not_found());
    }
    let content = form.file("file").unwrap_or_default();
    let Some((placed, attached)) = place(&app, citizen.person, &content).await? else {
        let fault = Fault::new(name, "procedures-fault-file");
        return Err(Problem::invalid(vec![fault]).on(opened.view()));
    };
    let before = opened.attach(name, Some(attached));
    let (row, now) = (opened.sealed(&app)?, app.clock.now());
    let removal = Removal::now(&app, citizen.person);
    app.db
        .write(move |tx| {
            evidence::keep(tx, &placed, now)?;
            evidence::drop_pieces(tx, &removal, before.as_slice())?;
            Opened::save(tx, &row)
        })
        .await?;
    Ok(onward(id, opened.view()))
}

/// Takes a document away from a draft.
pub(in crate::procedures) async fn detach(
    Of(app): Of<App>,
    citizen: Citizen,
    Path((id, name)): Path<(DraftId, String)>,
) -> Result<Next<Filling>, Problem> {
    let mut opened = Opened::load(&app, &citizen, id, For::Showing).await?;
    let before = opened.attach(name, None);
    let row = opened.sealed(&app)?;
    let removal = Removal::now(&app, citizen.person);
    app.db
        .write(move |tx| {
            evidence::drop_pieces(tx, &removal, before.as_slice())?;
            Opened::save(tx, &row)
        })
        .await?;
    Ok(onward(id, opened.view()))
}

/// A document of the asker's own dossier.
pub(in crate::procedures) async fn own(
    Of(app): Of<App>,
    citizen: Citizen,
    Path((id, name)): Path<(DossierId, String)>,
) -> Result<Response, Problem> {
    let dossier = dossiers::http::own(&app, &citizen, id).await?;
    let file = dossier.filed.files.get(&name).ok_or_else(Problem::not_found)?;
    answer(&app, dossier.person, file).await
}

/// A document of a dossier, for who holds it.
pub(in crate::procedures) async fn held(
    Of(app): Of<App>,
    officer: Officer,
    Path((id, name)): Path<(DossierId, String)>,
) -> Result<Response, Problem> {
    let dossier = desk::http::load(&app, id).await?;
    officer.must(&app, Action::SeeEvidence, &desk::http::on(&dossier, &officer))?;
    let file = dossier.filed.files.get(&name).ok_or_else(Problem::not_found)?;
    let who = Who::Officer(officer.known_as());
    let look = Look::now(&app, dossier.person, &who, Purpose::Procedure, "dossier").in_case(&app, &dossier.number);
    app.db.write(move |tx| history::record(tx, &look)).await?;
    answer(&app, dossier.person, file).await
}
