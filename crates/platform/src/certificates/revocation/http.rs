use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::certificates::rules::{self, Kind, Standing};
use crate::certificates::{Held, store};
use crate::history::{self, Look, Purpose, Who};
use crate::issuance;
use crate::notices::{Kind as NoteKind, Note, inform};
use crate::officers::{Action, Officer, On};
use crate::shell::filters;
use crate::shell::input::{Input, Path, Query};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};

/// How many letters a reason has.
const REASON: std::ops::RangeInclusive<usize> = 10..=500;

/// The form, and the certificate that was found.
#[derive(Clone, Default, Template, Serialize)]
#[template(path = "certificates/revocation/pages/revocation.html")]
pub(in crate::certificates) struct Revocation {
    #[serde(skip)]
    number: String,
    certificate: Option<Found>,
}

#[derive(Clone, Serialize)]
struct Found {
    number: String,
    kind: Kind,
    full_name: String,
    issued_by: String,
    issued_at: Timestamp,
    revoked_at: Option<Timestamp>,
    standing: Standing,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::certificates) struct Wanted {
    number: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::certificates) struct ReasonForm {
    reason: String,
}

async fn load(app: &App, typed: &str) -> Result<Held, Problem> {
    let form = Revocation {
        number: typed.to_owned(),
        certificate: None,
    };
    let number = rules::read_number(typed).ok_or_else(|| {
        let fault = Fault::new("number", "certificates-fault-number");
        Problem::invalid(vec![fault]).on(form.clone())
    })?;
    let row = app.db.read(move |conn| store::of_number(conn, &number)).await?;
    let unknown = || Problem::new("certificates-unknown", StatusCode::NOT_FOUND).on(form);
    Held::open(app, row.ok_or_else(unknown)?)
}

fn view(held: &Held, now: Timestamp) -> Revocation {
    Revocation {
        number: held.row.number.clone(),
        certificate: Some(Found {
            number: held.row.number.clone(),
            kind: held.row.kind,
            full_name: held.content.full_name.clone(),
            issued_by: held.content.issued_by.clone(),
            issued_at: held.row.issued_at,
            revoked_at: held.row.revoked_at,
            standing: held.standing(now),
        }),
    }
}

/// Finds a certificate; the look stands in its holder's history.
pub(in crate::certificates) async fn find(
    State(app): State<App>,
    officer: Officer,
    Query(wanted): Query<Wanted>,
) -> Result<Page<Revocation>, Problem> {
    officer.must(&app, Action::RevokeCertificate, &On::Platform)?;
    if wanted.number.trim().is_empty() {
        return Ok(Page(Revocation::default()));
    }
    let held = load(&app, &wanted.number).await?;
    let who = Who::Officer(officer.known_as());
    let look = Look::now(&app, held.row.person, &who, Purpose::Certificate, "name");
    app.db.write(move |tx| history::record(tx, &look)).await?;
    Ok(Page(view(&held, app.clock.now())))
}

/// Takes a certificate back.
pub(in crate::certificates) async fn revoke(
    State(app): State<App>,
    officer: Officer,
    Path(number): Path<String>,
    Input(form): Input<ReasonForm>,
) -> Result<Next<Revocation>, Problem> {
    officer.must(&app, Action::RevokeCertificate, &On::Platform)?;
    let held = load(&app, &number).await?;
    let (now, reason) = (app.clock.now(), form.reason.trim().to_owned());
    if !REASON.contains(&reason.chars().count()) {
        let fault = Fault::new("reason", "certificates-fault-reason");
        return Err(Problem::invalid(vec![fault]).on(view(&held, now)));
    }

    let (person, id, me) = (held.row.person, held.id, officer.officer);
    let sealed = app.vault.seal_text("certificate", "reason", id.bytes(), &reason);
    let who = Who::Officer(officer.known_as());
    let look = Look::now(&app, person, &who, Purpose::Certificate, "name");
    let note = Note::new(
        NoteKind::Legal,
        "certificates-told-revoked",
        format!("certificate-revoked-{id}"),
    )
    .with("number", &held.row.number)
    .with("reason", &reason)
    .link(format!("/certificates/{id}"));
    let told = app.clone();
    let row = app
        .db
        .write(move |tx| {
            if !store::revoke(tx, (&person, &id), (&me, &sealed), now)? {
                return Err(Problem::new("certificates-revoked", StatusCode::CONFLICT));
            }
            issuance::revoke_certificates(tx, &person, now)?;
            history::record(tx, &look)?;
            inform(&told, tx, &person, &note, now)?;
            store::find(tx, &person, &id)?.ok_or_else(Problem::not_found)
        })
        .await?;

    let held = Held::open(&app, row)?;
    Ok(Next {
        to: format!("/officers/certificates?number={}", held.row.number),
        view: view(&held, now),
    })
}
