//! An application as it is taken: pictures, prints, chip and originals, compared as they come, and sent in.
//!
//! **Invariant:** without portrait and both prints nothing is sent in, nor for who has no valid card without the application
//! for one (`wrong_fields_and_missing_prints_are_told_on_the_form`, `who_has_no_card_that_can_be_used_gets_seven_working_days`).

use civil::finger::Finger;
use db::Conn;

use super::rules::{Originals, PAPERS, PRINTED, is_card_request};
use crate::accounts::{self, Identity, NewAccount};
use crate::app::App;
use crate::applications::evidence::{self, ChipSeen, Original};
use crate::applications::{
    self, Applicant, Application, ApplicationId, Contents, Findings, Kind, Piece, Refusal, Submission,
};
use crate::biometrics::{self, Comparison, FaceReference, FaceSample, FingerSample, Modality};
use crate::chips::{Received, Verdict};
use crate::documents::originals::Printed;
use crate::history;
use crate::officers::Officer;
use crate::shell::ids::PersonId;
use crate::shell::input::Upload;
use crate::shell::picture;
use crate::shell::problem::{Fault, Problem};
use crate::shell::vault::Vault;

pub(super) mod http;

const PURPOSE: &str = "application-level-2";
/// What is taken of everybody, with the field of the form.
const NEEDED: [(Kind, &str); 3] = [
    (Kind::Portrait, "portrait"),
    (Kind::LeftPrint, "left-print"),
    (Kind::RightPrint, "right-print"),
];

/// What the officer has seen and noted of an application so far.
pub(super) fn originals_of(
    conn: &mut Conn<'_>,
    vault: &Vault,
    place: (&PersonId, &ApplicationId),
) -> Result<Option<Originals>, Problem> {
    let record = applications::record_of(conn, vault, place, Kind::Originals)?;
    Ok(record.and_then(|record| serde_json::from_slice(&record).ok()))
}

/// What a form or a draft brings.
pub(super) struct Gathered {
    pub(super) pieces: Vec<Piece>,
    pub(super) chip: Option<Vec<u8>>,
    pub(super) originals: Originals,
}

/// Reads what a form brings; what a reader brought to an invitation counts before a file.
pub(super) async fn gather(
    app: &App,
    officer: &Officer,
    upload: &mut Upload,
    (before, received): (Option<Originals>, Option<Received>),
) -> Result<Gathered, Problem> {
    let mut pieces = Vec::new();
    for (kind, field) in NEEDED {
        if let Some(file) = upload.file(field) {
            pieces.push(evidence::read_picture(app, kind, field, file).await?);
        }
    }
    let file = upload.file("chip");
    let replaced = file.is_some();
    let brought = received.as_ref().map(|received| received.reading.clone()).or(file);
    let mut chip = None;
    if let Some(file) = brought {
        let read = evidence::read_chip(app, file).await?;
        chip = read.first().map(Piece::content);
        pieces.extend(read);
    }
    let card_request = upload.field("card-request");
    if !card_request.is_empty() && !is_card_request(card_request) {
        return Err(Problem::invalid(vec![Fault::new(
            "card-request",
            "counter-card-request-form",
        )]));
    }
    let before = before.unwrap_or_default();
    let seen = |paper: &&&str| !upload.field(paper).is_empty();
    let originals = Originals {
        papers: PAPERS.iter().filter(seen).map(|paper| (*paper).to_owned()).collect(),
        printed: printed(upload)?,
        checked_by: officer.known_as(),
        checked_at: Some(app.clock.now()),
        guardian: before.guardian,
        card_request: (!card_request.is_empty())
            .then(|| card_request.to_owned())
            .or(before.card_request),
        // A file says nothing of the chip that it was read from.
        chip: received
            .map(|received| received.verdict)
            .or(before.chip.filter(|_| !replaced)),
    };
    pieces.push(Piece::record(Kind::Originals, &originals));
    Ok(Gathered {
        pieces,
        chip,
        originals,
    })
}

/// What is printed on the originals that can be looked up, where the officer has typed it.
fn printed(upload: &Upload) -> Result<Vec<Printed>, Problem> {
    let mut all = Vec::new();
    for (paper, kind, number, second) in PRINTED {
        let typed = Printed {
            kind: kind.to_owned(),
            number: upload.field(number).to_owned(),
            second: upload.field(second).to_owned(),
        };
        if upload.field(paper).is_empty() || typed.number.is_empty() {
            continue;
        }
        if !typed.is_sound() {
            return Err(Problem::invalid(vec![Fault::new(number, "counter-original-fault")]));
        }
        all.push(typed);
    }
    Ok(all)
}

/// Tells the reviewer what a reader proved of the chip: a copy is refused, whatever its files say.
pub(super) fn tell_chip(findings: &mut Findings, verdict: Option<&Verdict>) {
    let Some(verdict) = verdict else { return };
    if verdict.is_original() {
        findings.original = Original::Proven;
    }
    if let Some(words) = verdict.refusal() {
        let reason = words.to_owned();
        findings.chip = ChipSeen::Refused { reason };
    }
}

/// Compares the pictures among some pieces with the ID-card database, and adds what was found in the place of what was
/// found of earlier ones. While the matcher is silent nothing is added: it is asked again at submission.
pub(super) async fn compare(
    app: &App,
    findings: &mut Findings,
    pictures: &[(Kind, Vec<u8>)],
    earlier: Vec<Comparison>,
) -> Result<(), biometrics::Silent> {
    findings.comparisons.extend(earlier);
    let mut silent = None;
    for (kind, jpeg) in pictures {
        match compared(app, findings, *kind, jpeg).await {
            Ok(Some(comparison)) => {
                let same = |one: &Comparison| one.modality == comparison.modality && one.against == comparison.against;
                findings.comparisons.retain(|one| !same(one));
                findings.comparisons.push(comparison);
            }
            Ok(None) => {}
            Err(error) => silent = Some(error),
        }
    }
    silent.map_or(Ok(()), Err)
}

async fn compared(
    app: &App,
    findings: &Findings,
    kind: Kind,
    jpeg: &[u8],
) -> Result<Option<Comparison>, biometrics::Silent> {
    let number = &findings.facts.number;
    let Some(size) = picture::size(jpeg) else {
        return Ok(None);
    };
    let finger = match kind {
        Kind::Portrait => None,
        Kind::LeftPrint => Some(Finger::LEFT_INDEX),
        Kind::RightPrint => Some(Finger::RIGHT_INDEX),
        _ => return Ok(None),
    };
    Ok(match finger {
        None => match FaceSample::of_picture(jpeg, size) {
            Ok(face) => Some(biometrics::compare_faces(app, &face, FaceReference::OnRecord(number), PURPOSE).await?),
            Err(_unusable) => None,
        },
        Some(finger) => match FingerSample::of_picture(finger, jpeg, size) {
            Ok(print) => Some(biometrics::compare_fingers(app, &print, number, PURPOSE).await?),
            Err(_unusable) => None,
        },
    })
}

/// The picture that a comparison was made of.
fn kind_of(comparison: &Comparison) -> Option<Kind> {
    match comparison.modality {
        Modality::Face => Some(Kind::Portrait),
        Modality::Finger(code) if code == Finger::LEFT_INDEX.code() => Some(Kind::LeftPrint),
        Modality::Finger(code) if code == Finger::RIGHT_INDEX.code() => Some(Kind::RightPrint),
        Modality::Finger(_) => None,
    }
}

/// The comparisons of pictures that are not among these pieces.
pub(super) fn earlier(application: &Application, pieces: &[Piece]) -> Vec<Comparison> {
    let before = application
        .findings
        .iter()
        .flat_map(|findings| findings.comparisons.iter());
    let replaced = |comparison: &&Comparison| {
        kind_of(comparison).is_none_or(|kind| pieces.iter().any(|piece| piece.kind() == kind))
    };
    before.filter(|comparison| !replaced(comparison)).cloned().collect()
}

/// Sends an application in. Who has no account gets one, without a password until it is activated.
///
/// It is compared with the databases once more: what counts is what they say at submission.
pub(super) async fn hand_in(
    app: &App,
    officer: &Officer,
    (application, kinds): (&Application, &[Kind]),
    originals: Option<&Originals>,
) -> Result<Application, Problem> {
    if !kinds.contains(&Kind::Portrait) {
        return Err(Refusal::PortraitMissing.into());
    }
    if !NEEDED.iter().all(|(kind, _)| kinds.contains(kind)) {
        return Err(Refusal::PrintsMissing.into());
    }
    let (person, id, subject) = (application.person, application.id, &application.subject);
    let guardian = originals.and_then(|originals| originals.guardian.as_ref());
    let applicant = guardian.map_or(Applicant::Own, |_| Applicant::Guardian);
    let chip = applications::evidence_of(app, (person, id), Kind::Chip).await?;
    let chip = chip.map(|(_, files)| files);
    let (mut findings, case) = evidence::examine(app, application.level, applicant, &subject.declared, chip).await?;
    tell_chip(&mut findings, originals.and_then(|originals| originals.chip.as_ref()));
    if !findings.has_valid_card() && originals.is_none_or(|originals| originals.card_request.is_none()) {
        return Err(Problem::invalid(vec![Fault::new(
            "card-request",
            "counter-card-request-missing",
        )]));
    }
    compare_all(app, officer, application, &mut findings).await?;

    let identity = Identity {
        number: findings.facts.number.clone(),
        full_name: findings.facts.full_name.clone(),
        date_of_birth: findings.facts.date_of_birth,
        sex: findings.facts.sex,
    };
    let account = NewAccount::draw(app, person, &identity, &subject.phone)?;
    let contents = Contents::draw(app, (person, id), subject, &findings, &[]).await?;
    let submission = Submission::draw(app, application, case, Some(officer))?;
    let vault = app.vault.clone();
    let sent = app
        .db
        .write(move |tx| {
            if accounts::find(tx, &vault, &person)?.is_none() {
                match accounts::open(tx, &account) {
                    Err(db::Error::Taken(_)) => return Err(Refusal::Changed.into()),
                    done => done?,
                }
            }
            applications::put(tx, &contents)?;
            applications::submit(tx, &submission)?;
            applications::find(tx, &vault, &id)?.ok_or_else(Problem::not_found)
        })
        .await?;
    app.bell.ring();
    Ok(sent)
}

/// Compares what has not been compared: while it was taken the matcher may have been silent.
async fn compare_all(
    app: &App,
    officer: &Officer,
    application: &Application,
    findings: &mut Findings,
) -> Result<(), Problem> {
    let earlier = earlier(application, &[]);
    let mut pictures = Vec::new();
    for (kind, _) in NEEDED {
        if !earlier.iter().any(|comparison| kind_of(comparison) == Some(kind))
            && let Some((_, jpeg)) = applications::evidence_of(app, (application.person, application.id), kind).await?
        {
            pictures.push((kind, jpeg));
        }
    }
    if !pictures.is_empty() {
        let look = http::look(app, officer, application, "portrait fingerprints");
        app.db.write(move |tx| history::record(tx, &look)).await?;
    }
    Ok(compare(app, findings, &pictures, earlier).await?)
}
