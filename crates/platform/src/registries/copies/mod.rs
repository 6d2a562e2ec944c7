//! The last answer of each source about each number, kept sealed, so that an honest answer can be given while the source is silent.

use std::time::Duration;

use civil::PersonalNumber;
use db::Tx;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::rules::{Answer, FRESH_FOR, Source, Subject};
use super::{Cause, Known, Silent, Why};
use crate::app::App;
use crate::notices::Occasion;
use crate::shell::vault::{Unreadable, Vault};
use crate::{accounts, notices};

mod store;

/// How many days a copy may stand in for a silent source.
pub const KEPT_FOR_DAYS: i64 = 30;

/// How long a copy is shown without asking again, unless the source tells that its record changed.
const YOUNG_FOR: SignedDuration = SignedDuration::from_mins(15);

/// What is kept of an answer.
#[derive(Serialize, Deserialize)]
struct Kept<T> {
    record_id: String,
    record: T,
}

/// Keeps a copy of an answer. A copy that cannot be kept spoils no answer.
pub(super) async fn remember<T: Known>(
    app: &App,
    number: &PersonalNumber,
    source: Source,
    answer: Option<Answer<T>>,
) -> Result<Option<Answer<T>>, Silent> {
    let digest = number_digest(app, number);
    let now = app.clock.now();
    let ends = T::ENDS.map(|occasion| (occasion, answer.as_ref().and_then(|answer| answer.record.ends_on())));
    let (vault, whose) = (app.vault.clone(), number.clone());
    let kept = match &answer {
        Some(answer) => {
            let kept = Kept {
                record_id: answer.record_id.clone(),
                record: &answer.record,
            };
            let sealed = app.vault.seal_record("registry_copy", "answer", &digest, &kept);
            let copy = sealed.map(|answer_sealed| store::Copy {
                answer_sealed,
                as_of: answer.as_of,
            });
            match copy {
                Ok(copy) => {
                    app.db
                        .write(move |tx| {
                            store::keep(tx, &digest, source, &copy, now)?;
                            follow(tx, &vault, &whose, ends)
                        })
                        .await
                }
                Err(error) => {
                    tracing::error!(%error, "an answer cannot be sealed");
                    Ok(())
                }
            }
        }
        None => {
            app.db
                .write(move |tx| {
                    store::forget(tx, &digest, source, now)?;
                    follow(tx, &vault, &whose, ends)
                })
                .await
        }
    };
    if let Err(error) = kept {
        tracing::warn!(%error, "a copy of an answer was not kept");
    }
    Ok(answer)
}

/// Lets what a person is told beforehand follow what a source said about the end of a paper.
fn follow(
    tx: &mut Tx<'_>,
    vault: &Vault,
    number: &PersonalNumber,
    ends: Option<(Occasion, Option<Date>)>,
) -> Result<(), db::Error> {
    let Some((occasion, day)) = ends else { return Ok(()) };
    match accounts::person_of(tx, vault, number)? {
        Some(person) => notices::expect(tx, &person, occasion, day),
        None => Ok(()),
    }
}

/// The copy that stands in for a silent source.
pub(super) async fn recall<T: DeserializeOwned>(
    app: &App,
    number: &PersonalNumber,
    silent: Silent,
) -> Result<Answer<T>, Silent> {
    let source = silent.source;
    let digest = number_digest(app, number);
    let since: Timestamp = app.clock.now() - SignedDuration::from_hours(24 * KEPT_FOR_DAYS);
    let found = app.db.read(move |conn| store::find(conn, &digest, source, since)).await;
    let copy = match found {
        Ok(Some(copy)) => copy,
        Ok(None) => return Err(silent),
        Err(error) => {
            tracing::warn!(%error, "the copies of the sources' answers cannot be read");
            return Err(silent);
        }
    };
    match open(app, &digest, source, &copy) {
        Ok(answer) => {
            metrics::counter!("vneid_registry_copies_given_total", "source" => source.text()).increment(1);
            Ok(answer)
        }
        Err(error) => {
            tracing::warn!(%error, "a copy of an answer cannot be opened");
            Err(silent)
        }
    }
}

fn open<T: DeserializeOwned>(
    app: &App,
    digest: &[u8; 32],
    source: Source,
    copy: &store::Copy,
) -> Result<Answer<T>, Unreadable> {
    let kept: Kept<T> = app
        .vault
        .open_record("registry_copy", "answer", digest, &copy.answer_sealed)?;
    Ok(Answer {
        record: kept.record,
        source,
        record_id: kept.record_id,
        as_of: copy.as_of,
        fresh: false,
    })
}

/// What can be shown at once of what a source keeps of a person.
#[derive(Debug)]
pub struct Latest<T> {
    /// What it said last; nothing, if it keeps nothing.
    pub answer: Option<Answer<T>>,
    /// The source was asked just now, and answered.
    pub asked: bool,
}

/// The newest that can be shown within a moment: a copy of the last minutes without asking, else the source's answer, else the older copy.
///
/// An answer that comes too late is kept for the next time.
///
/// # Errors
/// [`Silent`] if the source gives no answer in time and no copy is kept.
pub async fn latest<T: Known>(
    app: &App,
    subject: &Subject,
    cause: impl Into<Cause>,
    patience: Duration,
) -> Result<Latest<T>, Silent> {
    let (digest, source, now) = (number_digest(app, &subject.number), T::SOURCE, app.clock.now());
    let young = app
        .db
        .read(move |conn| store::find_young(conn, &digest, source, now - YOUNG_FOR))
        .await;
    match young {
        Ok(store::Young::Absent) => return Ok(told(None, false)),
        Ok(store::Young::Here(copy)) => {
            if let Ok(answer) = open(app, &digest, source, &copy) {
                let fresh = answer.as_of >= now - FRESH_FOR;
                return Ok(told(Some(Answer { fresh, ..answer }), false));
            }
        }
        Ok(store::Young::Nothing) | Err(_) => {}
    }

    let (asker, whom, cause) = (app.clone(), subject.clone(), cause.into());
    let asking = tokio::spawn(async move { T::ask(&asker, &whom, cause).await });
    let silent = match tokio::time::timeout(patience, asking).await {
        Ok(Ok(Ok(answer))) => return Ok(told(answer, true)),
        Ok(Ok(Err(silent))) => silent,
        Ok(Err(_)) | Err(_) => Silent { source, why: Why::Slow },
    };
    let copy = recall(app, &subject.number, silent).await?;
    Ok(told(Some(copy), false))
}

fn told<T>(answer: Option<Answer<T>>, asked: bool) -> Latest<T> {
    Latest { answer, asked }
}

/// Lets the copy of a person's record be asked for anew before it is shown as the newest: the source has told that it changed.
///
/// # Errors
/// Those of the database.
pub(crate) fn outdate(tx: &mut Tx<'_>, digest: &[u8; 32], source: Source, now: Timestamp) -> Result<(), db::Error> {
    store::outdate(tx, digest, source, now)
}

/// The digest by which everything about a number is kept here.
pub(crate) fn number_digest(app: &App, number: &PersonalNumber) -> [u8; 32] {
    app.vault.digest("registry-number", number.as_str().as_bytes())
}
