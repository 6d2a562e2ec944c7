//! What an application rests on: pictures and chip data as they are read, and what comparing them with the databases found.

use std::sync::Arc;

use civil::chip::{ChipFiles, Portrait, PortraitFormat, passive_authentication};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

mod checks;
mod chip;
mod rules;

pub use checks::{Observation, Weight};
pub use rules::{CardSeen, ChipSeen, Compared, Declared, Facts, Findings, Original};

use super::law::{Applicant, Case, Ineligible, eligible};
use crate::accounts::Level;
use crate::app::App;
use crate::biometrics::{self, Comparison, FaceReference, FaceSample};
use crate::registries;
use crate::shell::picture::{self, PictureRefusal, Wanted};
use crate::shell::problem::{Fault, Problem};

/// The portrait: at least as the card shows it, at most as a review needs it.
const PORTRAIT: Wanted = Wanted {
    shortest: 300,
    longest: 1200,
};
/// A fingerprint picture.
const PRINT: Wanted = Wanted {
    shortest: 150,
    longest: 1200,
};

/// A kind of evidence; an application has at most one piece of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The portrait taken for the application.
    Portrait,
    /// The files of the chip, as JSON.
    Chip,
    /// The portrait on the chip.
    ChipPortrait,
    /// The text of the card's QR code.
    CardQr,
    /// A finger of the left hand.
    LeftPrint,
    /// A finger of the right hand.
    RightPrint,
    /// The originals that the officer has seen, as JSON.
    Originals,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 7] = [
        Kind::Portrait,
        Kind::Chip,
        Kind::ChipPortrait,
        Kind::CardQr,
        Kind::LeftPrint,
        Kind::RightPrint,
        Kind::Originals,
    ];

    /// The word for it in tables and addresses.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Portrait => "portrait",
            Kind::Chip => "chip",
            Kind::ChipPortrait => "chip-portrait",
            Kind::CardQr => "card-qr",
            Kind::LeftPrint => "left-print",
            Kind::RightPrint => "right-print",
            Kind::Originals => "originals",
        }
    }

    /// A small record of the dossier, which stays in the database; everything else is an object.
    pub(super) fn is_record(self) -> bool {
        matches!(self, Kind::CardQr | Kind::Originals)
    }

    /// The kind of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A piece of evidence that has been read and found sound.
#[derive(Clone)]
pub struct Piece {
    pub(super) kind: Kind,
    pub(super) media_type: String,
    pub(super) content: Vec<u8>,
}

impl Piece {
    /// A record as evidence.
    pub fn record(kind: Kind, record: &impl Serialize) -> Self {
        Self {
            kind,
            media_type: "application/json".to_owned(),
            content: serde_json::to_vec(record).unwrap_or_default(),
        }
    }

    /// A text as evidence.
    pub fn text(kind: Kind, text: &str) -> Self {
        Self {
            kind,
            media_type: "text/plain".to_owned(),
            content: text.as_bytes().to_vec(),
        }
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its content.
    pub fn content(&self) -> Vec<u8> {
        self.content.clone()
    }

    fn jpeg(kind: Kind, content: Vec<u8>) -> Self {
        Self {
            kind,
            media_type: "image/jpeg".to_owned(),
            content,
        }
    }
}

/// Reads a picture for a kind of evidence; `field` is where the form has it.
///
/// # Errors
/// What is wrong with it, as a fault of that field.
pub async fn read_picture(app: &App, kind: Kind, field: &'static str, file: Vec<u8>) -> Result<Piece, Problem> {
    let wanted = if kind == Kind::Portrait { PORTRAIT } else { PRINT };
    let renewed = app.workshop.run(move || picture::renew(&file, wanted)).await?;
    renewed.map(|jpeg| Piece::jpeg(kind, jpeg)).map_err(|refusal| {
        let text = match refusal {
            PictureRefusal::Unreadable => "applications-picture-unreadable",
            PictureRefusal::TooLarge => "applications-picture-too-large",
            PictureRefusal::TooSmall => "applications-picture-too-small",
            PictureRefusal::TooDark => "applications-picture-too-dark",
            PictureRefusal::TooBright => "applications-picture-too-bright",
            PictureRefusal::Blank => "applications-picture-blank",
        };
        Problem::invalid(vec![Fault::new(field, text).with("pixels", wanted.shortest)])
    })
}

/// Reads the files of a chip, as a reader saves them, and the portrait in them where a browser can show it.
///
/// # Errors
/// A fault of the field `chip` if they are not such files.
pub async fn read_chip(app: &App, file: Vec<u8>) -> Result<Vec<Piece>, Problem> {
    let read = app.workshop.run(move || {
        let files: ChipFiles = serde_json::from_slice(&file).ok()?;
        let mut pieces = vec![Piece::record(Kind::Chip, &files)];
        let shown = Portrait::parse(&files.dg2)
            .ok()
            .filter(|portrait| portrait.format == PortraitFormat::Jpeg)
            .and_then(|portrait| {
                picture::renew(
                    &portrait.image,
                    Wanted {
                        shortest: 50,
                        ..PORTRAIT
                    },
                )
                .ok()
            });
        pieces.extend(shown.map(|jpeg| Piece::jpeg(Kind::ChipPortrait, jpeg)));
        Some(pieces)
    });
    let unreadable = || Problem::invalid(vec![Fault::new("chip", "applications-chip-unreadable")]);
    read.await?.ok_or_else(unreadable)
}

/// Compares what was declared, and the chip, with the databases.
///
/// # Errors
/// The problem of [`Ineligible`]; `registries-silent` if a database gives no answer.
pub async fn examine(
    app: &App,
    level: Level,
    applicant: Applicant,
    declared: &Declared,
    chip: Option<Vec<u8>>,
) -> Result<(Findings, Case), Problem> {
    let purpose = if level == Level::Two {
        "application-level-2"
    } else {
        "application-level-1"
    };
    let person = registries::person(app, &declared.number, purpose).await?;
    let person = person.ok_or_else(|| Problem::from(Ineligible::Unknown))?;
    let cards = registries::cards(app, &declared.number, purpose).await?;
    let now = app.clock.now();
    let (cards, cards_as_of) = cards.map_or((Vec::new(), now), |answer| (answer.record, answer.as_of));
    let case = eligible(level, applicant, &person.record, &cards, app.clock.today())?;
    let chip = authenticate(app, chip, now).await?;
    Ok((
        rules::findings(declared, &person, (&cards, cards_as_of), chip, now),
        case,
    ))
}

/// Compares a portrait with the ID-card database and, where its files are here, with the chip.
///
/// A chip portrait of a format that is not carried is left out; the record is compared in any case.
///
/// # Errors
/// `biometrics-silent` if the matcher gives no answer.
pub async fn compare_portrait(
    app: &App,
    portrait: &[u8],
    number: &civil::PersonalNumber,
    chip: Option<&[u8]>,
) -> Result<Vec<Comparison>, Problem> {
    const PURPOSE: &str = "application";
    let jpeg = portrait.to_vec();
    let size = app
        .workshop
        .run(move || picture::decode(&jpeg).ok().map(|seen| (seen.width(), seen.height())));
    let size = size.await?.unwrap_or_default();
    let probe = FaceSample::of_picture(portrait, size).map_err(Problem::internal)?;
    let files: Option<ChipFiles> = chip.and_then(|chip| serde_json::from_slice(chip).ok());
    let on_chip = files.and_then(|files| FaceSample::of_dg2(&files.dg2).ok());
    let mut compared = Vec::new();
    if let Some(on_chip) = &on_chip {
        compared.push(biometrics::compare_faces(app, &probe, FaceReference::Chip(on_chip), PURPOSE).await?);
    }
    compared.push(biometrics::compare_faces(app, &probe, FaceReference::OnRecord(number), PURPOSE).await?);
    Ok(compared)
}

/// The chip's files with what passive authentication says of them.
async fn authenticate(app: &App, chip: Option<Vec<u8>>, now: Timestamp) -> Result<Option<rules::Chip>, Problem> {
    let Some(chip) = chip else { return Ok(None) };
    let parts = app.clone();
    let work = move || {
        let files: ChipFiles = serde_json::from_slice(&chip).ok()?;
        let authentic = passive_authentication(&files, &parts.trust, now);
        Some(rules::Chip {
            files: Arc::new(files),
            authentic,
        })
    };
    Ok(app.workshop.run(work).await?)
}
