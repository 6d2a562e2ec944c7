//! The files of a report: judged by what they are and not by their names, made anew without metadata, refused where they could do harm.
//!
//! | kind | what becomes of it |
//! | --- | --- |
//! | JPEG, PNG | decoded and encoded anew: nothing of the file is left but the picture |
//! | MP4 | every part that is neither picture nor sound is blanked, dates too; a film with other tracks (places, telemetry) is refused |
//! | PDF | kept as it is, of a named sender alone, with a warning: its author may stand in it; one that does something when opened is refused |
//! | anything else | refused: programs, scripts, office documents, archives |
//!
//! **Invariant:** no picture and no film is kept with where or by what it was taken.
//! **Invariant:** what carries a virus or a program, whatever it is called, is never kept.
//! **Invariant:** content lies sealed where evidence lies, under the report and never under a person.

use crate::app::App;
use crate::evidence::{self, Placed};
use crate::shell::ids::PersonId;
use crate::shell::problem::{Fault, Problem};

use super::ReportId;
use super::rules::MOST_FILES;
use rules::Refused;
pub(super) use rules::{Clean, examine};

mod film;
mod paper;
mod rules;

#[cfg(test)]
mod tests;

/// The word of the kind of evidence.
pub(super) const KIND: &str = "report-attachment";

/// Whose the pieces of a report are: its own, so that none of their rows names a person.
pub(super) fn owner(report: &ReportId) -> PersonId {
    PersonId::from(*report.bytes())
}

/// Makes the files of a form clean.
///
/// # Errors
/// What is wrong with which of them, as faults of the form; the workshop's.
pub(super) async fn clean(
    app: &App,
    files: Vec<Vec<u8>>,
    anonymous: bool,
) -> Result<Result<Vec<Clean>, Vec<Fault>>, Problem> {
    if files.len() > MOST_FILES {
        let many = Fault::new("attachments", "reports-files-many").with("most", MOST_FILES);
        return Ok(Err(vec![many]));
    }
    let (mut cleaned, mut faults) = (Vec::new(), Vec::new());
    for (at, file) in files.into_iter().enumerate() {
        match app.workshop.run(move || examine(file, anonymous)).await? {
            Ok(clean) => cleaned.push(clean),
            Err(refused) => faults.push(fault(refused).with("number", at + 1)),
        }
    }
    Ok(if faults.is_empty() { Ok(cleaned) } else { Err(faults) })
}

fn fault(refused: Refused) -> Fault {
    Fault::new(
        "attachments",
        match refused {
            Refused::Virus => "reports-file-virus",
            Refused::Program => "reports-file-program",
            Refused::Macros => "reports-file-office",
            Refused::Unknown => "reports-file-unknown",
            Refused::Unreadable => "reports-file-unreadable",
            Refused::Telemetry => "reports-file-telemetry",
            Refused::Active => "reports-file-active",
            Refused::NotAnonymous => "reports-file-paper",
        },
    )
}

/// A file whose content lies ready for the unit of work that keeps the report.
#[derive(Clone)]
pub(super) struct Ready {
    pub(super) placed: Placed,
    pub(super) media_type: &'static str,
    pub(super) size: i64,
}

/// Puts clean files where evidence lies.
///
/// # Errors
/// Those of the store of evidence.
pub(super) async fn place(app: &App, report: &ReportId, cleaned: Vec<Clean>) -> Result<Vec<Ready>, Problem> {
    let mut ready = Vec::new();
    for clean in cleaned {
        let placed = evidence::place(app, owner(report), KIND, clean.media_type, &clean.bytes).await?;
        ready.push(Ready {
            placed,
            media_type: clean.media_type,
            size: i64::try_from(clean.bytes.len()).unwrap_or(i64::MAX),
        });
    }
    Ok(ready)
}
