//! What an applicant brings for level 1: portrait, chip, and the card's QR code where that way is open.

use civil::chip::{ActiveAnswer, Reading};

use super::super::evidence::{self, Findings, Kind, Original, Piece};
use super::super::refusal::Refusal;
use super::super::{Contents, evidence_of, find, kinds_of, open, put};
use super::Filing;
use super::http::LevelOne;
use super::judging::PURPOSE;
use super::rules::check_chip;
use crate::accounts::Level;
use crate::app::App;
use crate::biometrics::quality;
use crate::chips::{self, Invited, Verdict};
use crate::history::{self, Look, Purpose, Who};
use crate::registration::{parse_card, read_card};
use crate::shell::input::Upload;
use crate::shell::page::Next;
use crate::shell::problem::{Fault, Problem};

/// What was read of the chip, and whether it proved to be no copy.
struct ChipTaken {
    pieces: Vec<Piece>,
    files: Vec<u8>,
    original: Original,
    /// The invitation that is used up by it.
    spends: Option<Invited>,
}

impl Filing {
    /// The chip as it was uploaded now, or as a reader posted it.
    async fn chip(&self, app: &App, upload: &mut Upload) -> Result<Option<ChipTaken>, Problem> {
        if let Some(file) = upload.file("chip") {
            return self.uploaded(app, file).await.map(Some);
        }
        let Some(received) = &self.received else {
            return Ok(None);
        };
        let pieces = evidence::read_chip(app, received.reading.clone()).await?;
        let reading: Option<Reading> = serde_json::from_slice(&received.reading).ok();
        let keyless = reading.is_some_and(|reading| reading.files.dg15.is_none());
        let original = match received.verdict.is_original() {
            true => Original::Proven,
            false if keyless => Original::Keyless,
            false => Original::Unasked,
        };
        Ok(Some(ChipTaken {
            files: pieces.first().map(Piece::content).unwrap_or_default(),
            pieces,
            original,
            spends: None,
        }))
    }

    async fn uploaded(&self, app: &App, file: Vec<u8>) -> Result<ChipTaken, Problem> {
        let unreadable = || Problem::invalid(vec![Fault::new("chip", "applications-chip-unreadable")]);
        let reading: Reading = serde_json::from_slice(&file).map_err(|_form| unreadable())?;
        let pieces = evidence::read_chip(app, file).await?;
        let ours = self.invited.as_ref().map(Invited::challenge);
        let answered = reading.active.as_ref().map(ActiveAnswer::challenge);
        let keyless = reading.files.dg15.is_none();
        if answered.is_some_and(|challenge| challenge.is_none() || challenge != ours) {
            return Err(Refusal::ChallengeSpent.into());
        }
        let (trust, now) = (app.clone(), app.clock.now());
        let judge = move || Verdict::against(&reading, &trust.trust, now, ours);
        let verdict = app.workshop.run(judge).await?;
        let original = match (answered.is_some() && verdict.is_original(), keyless) {
            (true, _) => Original::Proven,
            (false, true) => Original::Keyless,
            (false, false) => Original::Unasked,
        };
        Ok(ChipTaken {
            files: pieces.first().map(Piece::content).unwrap_or_default(),
            pieces,
            original,
            spends: self.invited.clone().filter(|_| original == Original::Proven),
        })
    }

    /// The portrait as it was sent now, found good, or the one that is here.
    async fn portrait(&self, app: &App, upload: &mut Upload) -> Result<(Option<Piece>, Vec<u8>), Problem> {
        let Some(file) = upload.file("portrait") else {
            let here = self
                .application
                .as_ref()
                .filter(|_| self.kinds.contains(&Kind::Portrait));
            let Some(application) = here else {
                return Err(Refusal::PortraitMissing.into());
            };
            let kept = evidence_of(app, (self.person, application.id), Kind::Portrait).await?;
            return Ok((None, kept.map(|(_, jpeg)| jpeg).unwrap_or_default()));
        };
        let piece = evidence::read_picture(app, Kind::Portrait, "portrait", file).await?;
        let judgement = quality::judge(app, &piece.content(), PURPOSE).await?;
        if !judgement.is_good() {
            let faults = judgement
                .advice
                .iter()
                .map(|advice| Fault::new("portrait", advice.text()));
            return Err(Problem::invalid(faults.collect()));
        }
        let jpeg = piece.content();
        Ok((Some(piece), jpeg))
    }

    /// What the card's QR code adds, where the way without chip is open and a code was given.
    async fn card(&mut self, app: &App, upload: &mut Upload) -> Result<Option<Piece>, Problem> {
        if !app.config.level_1.without_chip {
            return Ok(None);
        }
        let card = match upload.file("picture") {
            Some(picture) => read_card(app, picture).await?,
            None if !upload.field("qr").is_empty() => parse_card(upload.field("qr"), "qr")?,
            None => return Ok(None),
        };
        if card.number != self.subject.declared.number {
            return Err(Problem::invalid(vec![Fault::new("qr", "applications-card-of-other")]));
        }
        self.subject.declared.residence = Some(card.address.clone());
        self.subject.declared.issued_on = Some(card.issued_on);
        Ok(Some(Piece::text(Kind::CardQr, &card.to_text())))
    }
}

impl Filing {
    /// Compares what is declared, the chip and the face, and refuses a chip that is not enough.
    async fn compared(&self, app: &App, jpeg: &[u8], chip: Option<&ChipTaken>) -> Result<Findings, Problem> {
        let files = match (chip, &self.application) {
            (Some(chip), _) => Some(chip.files.clone()),
            (None, Some(application)) => evidence_of(app, (self.person, application.id), Kind::Chip)
                .await?
                .map(|(_, files)| files),
            (None, None) => None,
        };
        let (declared, applicant) = (&self.subject.declared, self.subject.applicant());
        let (mut findings, _) = evidence::examine(app, Level::One, applicant, declared, files.clone()).await?;
        findings.original = match chip {
            Some(chip) => chip.original,
            None => self.findings().map(|before| before.original).unwrap_or_default(),
        };
        check_chip(&findings, app.config.level_1.without_chip)?;
        findings.comparisons = evidence::compare_portrait(app, jpeg, &declared.number, files.as_deref()).await?;
        Ok(findings)
    }
}

/// Takes what was brought, judges and compares it, and puts it to the application.
pub(super) async fn take(app: &App, mut filing: Filing, mut upload: Upload) -> Result<Next<LevelOne>, Problem> {
    let shown = filing.view(app);
    let on_form = |problem: Problem| problem.on(shown.clone());
    let (portrait, jpeg) = filing.portrait(app, &mut upload).await.map_err(on_form)?;
    let card = filing.card(app, &mut upload).await.map_err(on_form)?;
    let chip = filing.chip(app, &mut upload).await.map_err(on_form)?;
    // Before the databases are asked: a comparison that ends in a refusal was a look, too.
    let what = "number name birth sex address card portrait";
    let look = Look::now(app, filing.person, &Who::Platform, Purpose::Application, what);
    app.db.write(move |tx| history::record(tx, &look)).await?;
    let findings = filing.compared(app, &jpeg, chip.as_ref()).await.map_err(on_form)?;

    let (draft, id) = filing.draft(app)?;
    let mut spends = None;
    let mut pieces: Vec<Piece> = portrait.into_iter().chain(card).collect();
    if let Some(chip) = chip {
        pieces.extend(chip.pieces);
        spends = chip.spends;
    }
    let place = (filing.person, id);
    let contents = Contents::draw(app, place, &filing.subject, &findings, &pieces).await?;
    let (vault, person, now) = (app.vault.clone(), filing.person, app.clock.now());
    let (application, kinds) = app
        .db
        .write(move |tx| {
            if let Some(draft) = &draft {
                open(tx, draft)?;
            }
            if let Some(invitation) = &spends
                && !chips::spend(tx, invitation, now)?
            {
                return Err(Refusal::ChallengeSpent.into());
            }
            put(tx, &contents)?;
            let application = find(tx, &vault, &id)?;
            Ok::<_, Problem>((application, kinds_of(tx, (&person, &id))?))
        })
        .await?;
    filing.application = application;
    filing.kinds = kinds;
    filing.invited = None;
    filing.received = None;

    Ok(Next {
        to: format!("{}#check", filing.base),
        view: filing.view(app),
    })
}
