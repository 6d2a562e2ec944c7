//! The criminal record certificate (*phiếu lý lịch tư pháp*, Luật Lý lịch tư pháp 28/2009/QH12 as amended in 2025): issued as a sealed PDF, kept by its holder,
//! checked by anybody who holds it.
//!
//! It is asked for as a procedure (`procedures`); what is here begins with the grant. Number 1 says what is not cleared, and on request bans; number 2
//! says everything, and is for its holder alone.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /certificates` | the holder's certificates |
//! | `GET /certificates/{certificate}` | one of them |
//! | `POST /certificates/{certificate}/file` | the PDF, for the passcode |
//! | `/certificates/verification` | `verification`: anybody checks a certificate |
//! | `/officers/certificates` | `revocation` |
//! | `/officers/certificates/copies` | `copies`: printed, handed over, posted |
//!
//! **Invariant:** number 2 is never issued for an organisation, nor of anybody but who asked.
//! **Invariant:** for one dossier one certificate is issued, however often that is tried.
//! **Invariant:** nothing is issued on a copy of what the judicial-record database said before: it has to answer now.
//! **Invariant:** the PDF is given for the passcode alone, and each giving stands in the holder's history.

use axum::Router;
use axum::routing::{get, post};
use civil::PersonalNumber;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::app::{App, Capability};
use crate::registries::{Ban, Conviction, JudicialRecord, Subject};
use crate::shell::clock::civil_date;
use crate::shell::ids::{PersonId, id};
use crate::shell::jobs::{Order, Runner};
use crate::shell::problem::Problem;
use crate::shell::texts;

mod copies;
mod http;
mod issuing;
mod jobs;
mod paper;
mod revocation;
mod rules;
mod store;
mod verification;

#[cfg(test)]
mod tests;

pub use copies::{Copies, Delivery};
pub use rules::{Kind, Refusal, Standing};

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: learn,
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/certificates", get(http::list))
        .route("/certificates/{certificate}", get(http::show))
        .route("/certificates/{certificate}/file", post(http::file))
        .merge(verification::routes())
        .merge(revocation::routes())
        .merge(copies::routes())
}

fn learn(runner: &mut Runner) {
    runner.learn::<jobs::Issue>();
}

id! {
    /// A certificate that was issued.
    CertificateId
}

/// A certificate that was granted and is to be issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// Who asked, and keeps it.
    pub person: PersonId,
    /// Of whom it is, where that is a child or ward of theirs.
    pub subject: Option<Subject>,
    /// By what it was asked for; there is one certificate for each.
    pub dossier: String,
    /// Number 1 or number 2.
    pub kind: Kind,
    /// Whether number 1 says which enterprises' positions are forbidden.
    pub with_bans: bool,
    /// What it is for, in the asker's words.
    pub purpose: String,
    /// The organisation that it is for, where it is not for its holder.
    pub organisation: Option<String>,
    /// The body that issues it: *Công an thành phố Hà Nội*.
    pub issued_by: String,
    /// Printed copies, where they were asked for.
    #[serde(default)]
    pub copies: Option<Copies>,
}

/// The order to issue a certificate, for the unit of work that grants it.
///
/// # Errors
/// [`Refusal::NotForOrganisations`].
pub fn order(app: &App, granted: Granted) -> Result<Order, Refusal> {
    granted.check()?;
    Ok(Order::now(app, &jobs::Issue(granted)))
}

/// What the judicial-record database says now of an account's holder, or of somebody else for whom they ask; none while it is silent.
///
/// # Errors
/// Those of the database; if there is no such account.
pub async fn judicial_record(
    app: &App,
    person: &PersonId,
    subject: Option<Subject>,
) -> Result<Option<JudicialRecord>, Problem> {
    let subject = match subject {
        Some(subject) => subject,
        None => issuing::holder(app, person).await?,
    };
    Ok(issuing::record(app, &subject).await.ok())
}

/// A certificate with what it says.
struct Held {
    id: CertificateId,
    row: store::Row,
    content: rules::Content,
}

impl Held {
    fn open(app: &App, row: store::Row) -> Result<Self, Problem> {
        let content = app
            .vault
            .open_record("certificate", "content", row.certificate.bytes(), &row.content_sealed)?;
        Ok(Self {
            id: row.certificate,
            row,
            content,
        })
    }

    fn standing(&self, now: Timestamp) -> Standing {
        Standing::of(self.row.revoked_at, self.row.valid_until, now)
    }

    fn said(self) -> Said {
        let last = self
            .row
            .valid_until
            .map(|until| civil_date(until - SignedDuration::from_secs(1)));
        Said {
            number: self.content.number,
            issued_by: self.content.issued_by,
            issued_on: self.content.issued_on,
            good_until: last,
            convictions: self.content.convictions,
            bans: self.content.bans,
        }
    }
}

/// What certificate number 1 says, for a credential.
#[derive(Clone, Debug)]
pub struct Said {
    /// Its number.
    pub number: String,
    /// The body that issued it.
    pub issued_by: String,
    /// The day on which it was issued.
    pub issued_on: Date,
    /// Its last day, where it has one.
    pub good_until: Option<Date>,
    /// The convictions that were not cleared.
    pub convictions: Vec<Conviction>,
    /// The bans in force; `None` where the holder did not want them told.
    pub bans: Option<Vec<Ban>>,
}

/// The newest certificate number 1 about the holder with this personal number that can be relied upon.
///
/// # Errors
/// Those of the database, and sealed data that cannot be opened.
pub async fn newest(app: &App, person: &PersonId, number: &PersonalNumber) -> Result<Option<Said>, Problem> {
    let (person, now) = (*person, app.clock.now());
    let rows = app.db.read(move |conn| store::list(conn, &person)).await?;
    for row in rows.into_iter().filter(|row| row.kind == Kind::One) {
        let held = Held::open(app, row)?;
        let own = held.content.personal_number == number.as_str();
        if own && held.standing(now) == Standing::Valid {
            return Ok(Some(held.said()));
        }
    }
    Ok(None)
}
