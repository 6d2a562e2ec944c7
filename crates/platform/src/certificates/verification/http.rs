use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use credentials::pades::PaperRefusal;
use crypto::digest::sha256;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::certificates::issuing::code_digest;
use crate::certificates::rules::{self, Kind, Standing};
use crate::certificates::{Held, store};
use crate::history::{self, Look, Purpose, Who};
use crate::issuance::papers;
use crate::shell::filters;
use crate::shell::input::{Input, Path, Upload};
use crate::shell::page::Page;
use crate::shell::problem::{Fault, Problem};

/// The form, and what came of the last check.
#[derive(Clone, Default, Template, Serialize)]
#[template(path = "certificates/verification/pages/verification.html")]
pub(in crate::certificates) struct Verification {
    #[serde(skip)]
    number: String,
    #[serde(skip)]
    code: String,
    result: Option<Genuine>,
}

/// A certificate that is genuine.
#[derive(Clone, Serialize)]
struct Genuine {
    number: String,
    kind: Kind,
    standing: Standing,
    full_name: String,
    birth_year: i16,
    issued_by: String,
    issued_at: Timestamp,
    valid_until: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    /// Of number 1: whether it says that nothing stands against the holder.
    clean: Option<bool>,
    /// It was checked by its file, byte for byte.
    by_file: bool,
}

impl Genuine {
    fn of(held: &Held, by_file: bool, now: Timestamp) -> Self {
        let content = &held.content;
        Self {
            number: content.number.clone(),
            kind: content.kind,
            standing: held.standing(now),
            full_name: content.full_name.clone(),
            birth_year: content.date_of_birth.year(),
            issued_by: content.issued_by.clone(),
            issued_at: held.row.issued_at,
            valid_until: held.row.valid_until,
            revoked_at: held.row.revoked_at,
            clean: (content.kind == Kind::One).then(|| content.is_clean()),
            by_file,
        }
    }

    /// The last part of the sentence `certificates-says-…`.
    fn says(&self) -> &'static str {
        match self.clean {
            Some(true) => "clean",
            Some(false) => "record",
            None => "private",
        }
    }
}

/// A number and a code, as typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::certificates) struct CheckForm {
    number: String,
    code: String,
}

impl CheckForm {
    fn view(&self) -> Verification {
        Verification {
            number: self.number.clone(),
            code: self.code.clone(),
            result: None,
        }
    }

    fn read(&self) -> Result<(String, String), Problem> {
        let (number, code) = (rules::read_number(&self.number), rules::read_code(&self.code));
        let wrong = [
            (number.is_none(), Fault::new("number", "certificates-fault-number")),
            (code.is_none(), Fault::new("code", "certificates-fault-code")),
        ];
        let faults = wrong.into_iter().filter_map(|(wrong, fault)| wrong.then_some(fault));
        number
            .zip(code)
            .ok_or_else(|| Problem::invalid(faults.collect()).on(self.view()))
    }
}

/// Shows the form.
pub(in crate::certificates) async fn ask() -> Page<Verification> {
    Page(Verification::default())
}

/// Checks a number with its code.
pub(in crate::certificates) async fn check(
    State(app): State<App>,
    Input(form): Input<CheckForm>,
) -> Result<Page<Verification>, Problem> {
    let (number, code) = form.read()?;
    let digest = code_digest(&app, &number, &code);
    let row = app.db.read(move |conn| store::of_number(conn, &number)).await?;
    let row = row.filter(|row| crypto::equal(&row.code_digest, &digest));
    let unknown = || Problem::new("certificates-unknown", StatusCode::NOT_FOUND).on(form.view());
    found(&app, row.ok_or_else(unknown)?, false).await
}

/// The same, as the QR code brings it.
pub(in crate::certificates) async fn scanned(
    State(app): State<App>,
    Path((number, code)): Path<(String, String)>,
) -> Result<Page<Verification>, Problem> {
    check(State(app), Input(CheckForm { number, code })).await
}

/// Checks a file: its seal, and whether it is, byte for byte, a certificate that was issued here.
pub(in crate::certificates) async fn file(
    State(app): State<App>,
    mut upload: Upload,
) -> Result<Page<Verification>, Problem> {
    let missing = || {
        let fault = Fault::new("file", "certificates-fault-file");
        Problem::invalid(vec![fault]).on(Verification::default())
    };
    let file = upload.file("file").ok_or_else(missing)?;
    let judge = app.clone();
    let (judged, digest) = app
        .workshop
        .run(move || (papers::judge(&judge, &file), sha256(&file)))
        .await?;
    judged?.map_err(|refusal| refused(refusal).on(Verification::default()))?;
    let row = app.db.read(move |conn| store::of_file(conn, &digest)).await?;
    let other = || Problem::new("certificates-file-other", StatusCode::NOT_FOUND).on(Verification::default());
    found(&app, row.ok_or_else(other)?, true).await
}

fn refused(refusal: PaperRefusal) -> Problem {
    let slug = match refusal {
        PaperRefusal::TooLarge | PaperRefusal::NotAPdf => "certificates-file-no-pdf",
        PaperRefusal::NotSigned | PaperRefusal::Unreadable => "certificates-file-not-sealed",
        PaperRefusal::NotWhole | PaperRefusal::Changed | PaperRefusal::Signature => "certificates-file-changed",
        PaperRefusal::Trust(_) => "certificates-file-stranger",
    };
    Problem::new(slug, StatusCode::UNPROCESSABLE_ENTITY).caused_by(refusal)
}

/// Tells what was found, once it stands in the holder's history.
async fn found(app: &App, row: store::Row, by_file: bool) -> Result<Page<Verification>, Problem> {
    let held = Held::open(app, row)?;
    let genuine = Genuine::of(&held, by_file, app.clock.now());
    let what = if genuine.clean.is_some() {
        "name birth judicial-record"
    } else {
        "name birth"
    };
    let look = Look::now(app, held.row.person, &Who::Platform, Purpose::CertificateCheck, what);
    app.db.write(move |tx| history::record(tx, &look)).await?;
    Ok(Page(Verification {
        number: genuine.number.clone(),
        code: String::new(),
        result: Some(genuine),
    }))
}
