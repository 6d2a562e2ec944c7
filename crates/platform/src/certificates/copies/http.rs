use ::http::{StatusCode, header};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Delivery, Standing, TABLE, store};
use crate::accounts::Level;
use crate::app::App;
use crate::certificates::{self, CertificateId, Held};
use crate::evidence;
use crate::history::{self, Look, Purpose, Who};
use crate::notices::{Kind, Note, inform};
use crate::officers::{Action, Dossier as Case, Officer, On, Rank};
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};

/// How many are shown.
const MOST: i64 = 200;

/// What a unit has still to print and to hand over: nothing that tells for whom.
#[derive(Template, Serialize)]
#[template(path = "certificates/copies/pages/list.html")]
pub(super) struct List {
    copies: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    certificate: CertificateId,
    number: String,
    asked_at: Timestamp,
    standing: Standing,
}

/// Copies with for whom they are.
#[derive(Clone, Template, Serialize)]
#[template(path = "certificates/copies/pages/copies.html")]
pub(super) struct Printed {
    certificate: CertificateId,
    number: String,
    full_name: String,
    date_of_birth: jiff::civil::Date,
    address: Option<String>,
    asked_at: Timestamp,
    standing: Standing,
}

/// Shows what the officer's unit has still to hand over.
pub(super) async fn list(State(app): State<App>, officer: Officer) -> Result<Page<List>, Problem> {
    officer.must_here(&app, Action::SeeQueue)?;
    let unit = match Rank::of(&officer.unit_code) {
        Rank::Ministry => String::new(),
        Rank::Province | Rank::Commune => officer.unit_code.clone(),
    };
    let read = move |conn: &mut db::Conn<'_>| {
        let mut copies = Vec::new();
        for row in store::waiting(conn, &unit, MOST)? {
            let certificate = certificates::store::find(conn, &row.person, &row.certificate)?;
            copies.extend(certificate.map(|certificate| Listed {
                certificate: row.certificate,
                number: certificate.number,
                asked_at: row.asked_at,
                standing: Standing::of(&row),
            }));
        }
        Ok::<_, db::Error>(copies)
    };
    Ok(Page(List {
        copies: app.db.read(read).await?,
    }))
}

/// Copies of the officer's unit, with the certificate.
async fn load(app: &App, officer: &Officer, id: CertificateId) -> Result<(store::Row, Held), Problem> {
    let read = move |conn: &mut db::Conn<'_>| {
        let Some(row) = store::find(conn, &id)? else {
            return Ok(None);
        };
        let certificate = certificates::store::find(conn, &row.person, &id)?;
        Ok::<_, db::Error>(certificate.map(|certificate| (row, certificate)))
    };
    let (row, certificate) = app.db.read(read).await?.ok_or_else(Problem::not_found)?;
    let case = Case {
        unit: &row.unit,
        level: Level::Two.number(),
        ..Case::default()
    };
    officer.must(app, Action::Claim, &On::Dossier(case))?;
    Ok((row, Held::open(app, certificate)?))
}

fn look(app: &App, officer: &Officer, held: &Held, what: &str) -> Look {
    let who = Who::Officer(officer.known_as());
    let look = Look::now(app, held.row.person, &who, Purpose::Certificate, what);
    look.in_case(app, &held.row.number)
}

fn view(app: &App, row: &store::Row, held: &Held) -> Result<Printed, Problem> {
    let address = row.address_sealed.as_ref();
    let opened = address.map(|sealed| app.vault.open_text(TABLE, "address", row.certificate.bytes(), sealed));
    Ok(Printed {
        certificate: row.certificate,
        number: held.row.number.clone(),
        full_name: held.content.full_name.clone(),
        date_of_birth: held.content.date_of_birth,
        address: opened.transpose()?,
        asked_at: row.asked_at,
        standing: Standing::of(row),
    })
}

/// Shows for whom copies are, and where to they go.
pub(super) async fn show(
    State(app): State<App>,
    officer: Officer,
    Path(id): Path<CertificateId>,
) -> Result<Page<Printed>, Problem> {
    let (row, held) = load(&app, &officer, id).await?;
    let look = look(&app, &officer, &held, "name birth address");
    app.db.write(move |tx| history::record(tx, &look)).await?;
    Ok(Page(view(&app, &row, &held)?))
}

/// Gives the PDF, to print it.
pub(super) async fn file(
    State(app): State<App>,
    officer: Officer,
    Path(id): Path<CertificateId>,
) -> Result<Response, Problem> {
    let (_, held) = load(&app, &officer, id).await?;
    let look = look(&app, &officer, &held, "judicial-record");
    app.db.write(move |tx| history::record(tx, &look)).await?;
    let file = evidence::read(&app, &held.row.person, &held.row.file).await?;
    let name = format!("inline; filename=\"{}.pdf\"", held.row.number);
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, file.ok_or_else(Problem::not_found)?).into_response())
}

#[derive(Deserialize)]
pub(super) struct MarkForm {
    #[serde(default)]
    what: String,
}

/// They are printed, or handed over. Whoever asked for them is told.
pub(super) async fn mark(
    State(app): State<App>,
    officer: Officer,
    Path(id): Path<CertificateId>,
    Input(form): Input<MarkForm>,
) -> Result<Next<Printed>, Problem> {
    let (row, held) = load(&app, &officer, id).await?;
    let is_ready = match form.what.as_str() {
        "ready" => true,
        "handed" => false,
        _ => {
            let fault = Fault::new("what", "certificates-copies-fault");
            return Err(Problem::invalid(vec![fault]).on(view(&app, &row, &held)?));
        }
    };

    let (now, me) = (app.clock.now(), officer.officer);
    let word = if is_ready { "ready" } else { "handed" };
    // What is posted is told when it leaves; what is collected, when it is ready.
    let told = is_ready == (row.delivery == Delivery::Desk);
    let note = Note::new(
        Kind::Document,
        format!("certificates-told-{word}-{}", row.delivery.word()),
        format!("certificate-copies-{word}-{id}"),
    )
    .with("number", &held.row.number)
    .with("unit", crate::officers::unit(&row.unit))
    .link(format!("/certificates/{id}"));
    let look = look(&app, &officer, &held, "name birth address");
    let at = app.clone();
    let row = app
        .db
        .write(move |tx| {
            let marked = if is_ready {
                store::ready(tx, &row, &me, now)?
            } else {
                store::hand(tx, &row, &me, now)?
            };
            if !marked {
                return Err(Problem::new("certificates-copies-marked", StatusCode::CONFLICT));
            }
            history::record(tx, &look)?;
            if told {
                inform(&at, tx, &row.person, &note, now)?;
            }
            store::find(tx, &id)?.ok_or_else(Problem::not_found)
        })
        .await?;
    app.bell.ring();
    Ok(Next {
        to: format!("/officers/certificates/copies/{id}"),
        view: view(&app, &row, &held)?,
    })
}
