//! From the grant to the sealed paper: the sources are asked at that moment, and what they say is written, sealed and kept in one unit of work.
//!
//! **Invariant:** a source that is silent keeps the certificate waiting; it is never written from a copy.

use crypto::digest::sha256;
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};

use super::rules::{self, Content, Facts, Family, Kind};
use super::store::{self, Row};
use super::{CertificateId, Granted, paper};
use crate::accounts;
use crate::app::App;
use crate::evidence::{self, Outcome, Settlement};
use crate::history::{self, Look, Purpose, Who};
use crate::issuance::papers;
use crate::notices::{Kind as NoteKind, Note, inform};
use crate::registries::{self, CivilStatus, JudicialRecord, Subject};
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;
use crate::shell::texts::Lang;

/// The kind of evidence that a certificate's file is.
const FILE: &str = "certificate";
/// For what the sources are asked.
const PURPOSE: &str = "criminal-record-certificate";

/// Issues a certificate, once.
///
/// # Errors
/// The silence of a source or of the authority for time stamps; those of the database and of the keys.
pub(super) async fn issue(app: &App, granted: &Granted) -> Result<(), Problem> {
    granted.check()?;
    let (person, dossier) = (granted.person, granted.dossier.clone());
    let issued = app.db.read(move |conn| store::is_issued(conn, &person, &dossier));
    if issued.await? {
        return Ok(());
    }
    let subject = match &granted.subject {
        Some(subject) => subject.clone(),
        None => holder(app, &granted.person).await?,
    };
    let facts = facts(app, &subject, granted.kind).await?;
    let drawn = (rules::number(&app.chance.bytes()), rules::code(&app.chance.bytes()));
    let content = Content::compose(granted, drawn, &facts, app.clock.today());
    let paper = paper::paper(app, &content);
    let written = app.workshop.run(move || paper.write_unsigned()).await?;
    let written = written.map_err(Problem::internal)?;
    let reason = app.texts.say(Lang::Vi, "certificates-seal-reason", &[]);
    let file = papers::seal(app, &written, &content.issued_by, &reason).await?;
    keep(app, granted, &content, &file).await
}

/// The holder of an account, as the sources know whom is meant.
pub(super) async fn holder(app: &App, person: &PersonId) -> Result<Subject, Problem> {
    let (vault, person) = (app.vault.clone(), *person);
    let found = app.db.read(move |conn| accounts::find(conn, &vault, &person)).await?;
    let account = found.ok_or_else(Problem::not_found)?;
    Ok(Subject {
        number: account.number,
        full_name: account.full_name,
        date_of_birth: account.date_of_birth,
    })
}

/// What the judicial-record database says of somebody now; it keeps nothing of whom it does not know.
pub(super) async fn record(app: &App, subject: &Subject) -> Result<JudicialRecord, Problem> {
    let nothing = || JudicialRecord {
        convictions: Vec::new(),
        bans: Vec::new(),
    };
    let found = registries::record::<JudicialRecord>(app, subject, PURPOSE).await?;
    Ok(found.map_or_else(nothing, |answer| answer.record))
}

/// What the sources say of a person now; the family for number 2 alone.
async fn facts(app: &App, subject: &Subject, kind: Kind) -> Result<Facts, Problem> {
    let person = registries::person(app, &subject.number, PURPOSE).await?;
    let record = record(app, subject).await?;
    let family = match kind {
        Kind::One => None,
        Kind::Two => registries::record::<CivilStatus>(app, subject, PURPOSE).await?,
    };
    Ok(Facts {
        person: person.ok_or_else(Problem::not_found)?.record,
        family: family.map(|answer| Family::of(&answer.record)).unwrap_or_default(),
        record,
    })
}

async fn keep(app: &App, granted: &Granted, content: &Content, file: &[u8]) -> Result<(), Problem> {
    let (person, now) = (granted.person, app.clock.now());
    let id = CertificateId::draw(&app.chance);
    let copies = granted.copies.as_ref().map(|copies| copies.row(app, person, id));
    let placed = evidence::place(app, person, FILE, "application/pdf", file).await?;
    let row = Row {
        person,
        certificate: id,
        dossier: granted.dossier.clone(),
        number: content.number.clone(),
        code_digest: code_digest(app, &content.number, &content.code),
        kind: content.kind,
        content_sealed: app.vault.seal_record("certificate", "content", id.bytes(), content)?,
        file: placed.piece(),
        file_digest: sha256(file),
        issued_at: now,
        valid_until: valid_until(app, content.issued_on),
        revoked_at: None,
        reason_sealed: None,
    };
    let settlement = Settlement::draw(app, (person, placed.piece()), FILE, Outcome::Granted);
    let justice = app.texts.say(Lang::Vi, "documents-source-justice", &[]);
    let what = match content.kind {
        Kind::One => "judicial-record name birth sex address",
        Kind::Two => "judicial-record name birth sex address family",
    };
    let look = Look::now(app, person, &Who::Registry(justice), Purpose::Certificate, what);
    let note = Note::new(
        NoteKind::Document,
        "certificates-told-issued",
        format!("certificate-{id}"),
    )
    .with("kind", content.kind.word())
    .with("number", &content.number)
    .link(format!("/certificates/{id}"));
    let told = app.clone();
    app.db
        .write(move |tx| {
            if !store::insert(tx, &row)? {
                return Ok(());
            }
            evidence::keep(tx, &placed, now)?;
            evidence::settle(tx, &settlement)?;
            copies.iter().try_for_each(|copies| copies.take(tx))?;
            history::record(tx, &look)?;
            Ok::<_, Problem>(inform(&told, tx, &person, &note, now)?)
        })
        .await
}

/// The digest by which a code is compared; it belongs to one number.
pub(super) fn code_digest(app: &App, number: &str, code: &str) -> [u8; 32] {
    app.vault
        .digest("certificate-code", format!("{number} {code}").as_bytes())
}

/// Until when a certificate can be relied upon, where the operator has set a term: the end of its last day.
fn valid_until(app: &App, issued_on: Date) -> Option<Timestamp> {
    let months = app.config.certificates.valid_months?;
    let last = issued_on.saturating_add(i64::from(months).months());
    let midnight = last.tomorrow().ok()?.at(0, 0, 0, 0);
    Offset::constant(7).to_timestamp(midnight).ok()
}
