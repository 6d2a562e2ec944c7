use ::http::{StatusCode, header};
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use crypto::base64url;
use crypto::digest::sha256;
use crypto::jwk::Jwk;
use crypto::sign::Algorithm;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::http::{Found, Opening, Standing, note_refused, read};
use super::super::receipts::Receipt;
use super::super::rules::{Originals, PAPERS};
use super::super::taking::{compare, gather, hand_in as send, http as taking};
use super::rules::{self, Packet, Unsigned};
use super::store;
use crate::accounts::Level;
use crate::app::App;
use crate::applications::{ApplicationId, evidence};
use crate::officers::{Action, Officer, OfficerId};
use crate::shell::filters;
use crate::shell::input::{Input, Upload};
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;

/// The desk.
#[derive(Template, Serialize)]
#[template(path = "counter/pages/desk.html")]
pub(super) struct Desk {
    officer: OfficerId,
    officer_name: String,
    papers: Vec<&'static str>,
    agent: String,
}

/// Shows the desk. It holds nobody's data, so that the device may keep the page.
pub(super) async fn desk(State(app): State<App>, officer: Officer) -> Result<Page<Desk>, Problem> {
    officer.must_here(&app, Action::TakeApplication)?;
    Ok(Page(Desk {
        officer: officer.officer,
        officer_name: officer.known_as(),
        papers: PAPERS.to_vec(),
        agent: app.config.counter.agent.clone(),
    }))
}

/// The script that keeps the page there without a network; its address says for which pages.
pub(super) async fn worker() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, include_str!("../../../assets/counter-worker.js"))
}

/// The public key of a device.
#[derive(Deserialize)]
pub(super) struct Device {
    key: Value,
}

/// Makes the key of a device known.
pub(super) async fn register(
    State(app): State<App>,
    officer: Officer,
    Input(device): Input<Device>,
) -> Result<StatusCode, Problem> {
    officer.must_here(&app, Action::TakeApplication)?;
    let (key, thumbprint) = key_of(&device.key)?;
    let (now, officer) = (app.clock.now(), officer.officer);
    let jwk = serde_json::to_string(&key).map_err(Problem::internal)?;
    app.db
        .write(move |tx| store::register(tx, &officer, (&thumbprint, &jwk), now))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn key_of(key: &Value) -> Result<(Jwk, [u8; 32]), Problem> {
    let refused = || Problem::new("counter-device-unknown", StatusCode::FORBIDDEN);
    let key = Jwk::from_value(key).map_err(|error| refused().caused_by(error))?;
    let thumbprint = base64url::decode(key.thumbprint()).map_err(|error| refused().caused_by(error))?;
    let thumbprint = thumbprint.as_array().copied();
    match thumbprint.filter(|_| key.algorithm() == Algorithm::Es256) {
        Some(thumbprint) => Ok((key, thumbprint)),
        None => Err(refused()),
    }
}

/// A finished draft: the packet as it was signed, the signature in base64url, the device's key.
#[derive(Deserialize)]
pub(super) struct HandIn {
    packet: String,
    signature: String,
    key: Value,
}

/// Takes a draft, and sends its application in. The same draft again gives the same receipt.
pub(super) async fn hand_in(
    State(app): State<App>,
    officer: Officer,
    Input(handed): Input<HandIn>,
) -> Result<Next<Receipt>, Problem> {
    officer.must_here(&app, Action::TakeApplication)?;
    let (packet, row) = opened(&app, &officer, &handed).await?;
    let id = match application_of(&app, &row).await? {
        Some(id) => id,
        None => match begin(&app, &officer, packet, &row).await {
            Ok(id) => id,
            // Of two that hand the same draft in at once, one has begun it meanwhile.
            Err(problem) => application_of(&app, &row).await?.ok_or(problem)?,
        },
    };
    let taken = taking::load(&app, &officer, id).await?;
    let application = if taken.application.state.is_open() {
        let what = (&taken.application, &taken.kinds[..]);
        match send(&app, &officer, what, taken.originals.as_ref()).await {
            Ok(sent) => sent,
            Err(problem) => {
                let again = taking::load(&app, &officer, id).await?.application;
                if again.state.is_open() || again.submitted_at.is_none() {
                    return Err(problem);
                }
                again
            }
        }
    } else {
        taken.application
    };

    Ok(Next {
        to: format!("/counter/{id}/receipt"),
        view: Receipt::of(&app, &officer, application, taken.originals),
    })
}

/// What is known of a draft before it is begun.
struct Handed {
    officer: OfficerId,
    packet_digest: [u8; 32],
    signature: Vec<u8>,
    thumbprint: [u8; 32],
    draft: super::DraftId,
}

async fn opened(app: &App, officer: &Officer, handed: &HandIn) -> Result<(Packet, Handed), Problem> {
    let (_, thumbprint) = key_of(&handed.key)?;
    let me = officer.officer;
    let known = app.db.read(move |conn| store::find_key(conn, &me, &thumbprint)).await?;
    let known = known.and_then(|jwk| Jwk::parse(jwk.as_bytes()).ok());
    let known = known.ok_or_else(|| Problem::new("counter-device-unknown", StatusCode::FORBIDDEN))?;
    let signature = base64url::decode(&handed.signature).unwrap_or_default();
    let packet = rules::open(&handed.packet, &signature, known.key(), me).map_err(|unsigned| match unsigned {
        Unsigned::Form => Problem::new("counter-draft-form", StatusCode::BAD_REQUEST),
        Unsigned::Signature => Problem::new("counter-draft-unsigned", StatusCode::FORBIDDEN),
        Unsigned::OtherOfficer => Problem::new("counter-draft-other-officer", StatusCode::FORBIDDEN),
    })?;
    let row = Handed {
        officer: me,
        packet_digest: sha256(handed.packet.as_bytes()),
        signature,
        thumbprint,
        draft: packet.draft,
    };
    Ok((packet, row))
}

/// The application that a draft has become.
async fn application_of(app: &App, handed: &Handed) -> Result<Option<ApplicationId>, Problem> {
    let (officer, draft) = (handed.officer, handed.draft);
    let found = app.db.read(move |conn| store::find(conn, &officer, &draft)).await?;
    match found {
        Some((digest, _)) if digest != handed.packet_digest => {
            Err(Problem::new("counter-draft-changed", StatusCode::CONFLICT))
        }
        found => Ok(found.map(|(_, application)| application)),
    }
}

/// Opens the application of a draft, or continues the one that is open for the person.
async fn begin(app: &App, officer: &Officer, packet: Packet, handed: &Handed) -> Result<ApplicationId, Problem> {
    let mut upload = Upload::of_json(packet.form)?;
    let found = read(app, &mut upload).await?;
    let number = found.declared.number.clone();
    let begun = begin_for(app, officer, (found, upload, packet.taken_at), handed).await;
    if begun.is_err() {
        note_refused(app, officer, &number).await?;
    }
    begun
}

async fn begin_for(
    app: &App,
    officer: &Officer,
    (found, mut upload, taken_at): (Found, Upload, Timestamp),
    handed: &Handed,
) -> Result<ApplicationId, Problem> {
    let before = Originals {
        guardian: found.guardian.clone(),
        ..Originals::default()
    };
    let gathered = gather(app, officer, &mut upload, (Some(before), None)).await?;
    let (mut findings, _) = evidence::examine(
        app,
        Level::Two,
        found.applicant(),
        &found.declared,
        gathered.chip.clone(),
    )
    .await?;
    let pictures: Vec<_> = gathered
        .pieces
        .iter()
        .map(|piece| (piece.kind(), piece.content()))
        .collect();
    // Whom the matcher did not answer for now it is asked for again at submission.
    let _silent = compare(app, &mut findings, &pictures, Vec::new()).await;

    let standing = Standing::of(app, &found.declared.number).await?;
    let opening = Opening::draw(app, officer, (&found, standing), findings, gathered.pieces).await?;
    let (id, row) = (
        opening.id,
        store::NewRow {
            officer: handed.officer,
            draft: handed.draft,
            packet_digest: handed.packet_digest,
            signature: handed.signature.clone(),
            thumbprint: handed.thumbprint,
            person: opening.person,
            application: opening.id,
            taken_at,
            received_at: app.clock.now(),
        },
    );
    app.db
        .write(move |tx| {
            store::insert(tx, &row)?;
            opening.write(tx)
        })
        .await?;
    Ok(id)
}
