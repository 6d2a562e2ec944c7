//! The last answer of each source about each number, kept sealed, so that an honest answer can be given while the source is silent.

use civil::PersonalNumber;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Silent;
use super::rules::{Answer, Source};
use crate::app::App;

mod store;

/// How many days a copy may stand in for a silent source.
pub const KEPT_FOR_DAYS: i64 = 30;

/// What is kept of an answer.
#[derive(Serialize, Deserialize)]
struct Kept<T> {
    record_id: String,
    record: T,
}

/// Keeps a copy of an answer. A copy that cannot be kept spoils no answer.
pub(super) async fn remember<T: Serialize>(
    app: &App,
    number: &PersonalNumber,
    source: Source,
    answer: Option<Answer<T>>,
) -> Result<Option<Answer<T>>, Silent> {
    let digest = number_digest(app, number);
    let now = app.clock.now();
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
                        .write(move |tx| store::keep(tx, &digest, source, &copy, now))
                        .await
                }
                Err(error) => {
                    tracing::error!(%error, "an answer cannot be sealed");
                    Ok(())
                }
            }
        }
        None => app.db.write(move |tx| store::forget(tx, &digest, source)).await,
    };
    if let Err(error) = kept {
        tracing::warn!(%error, "a copy of an answer was not kept");
    }
    Ok(answer)
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
    let opened = app
        .vault
        .open_record::<Kept<T>>("registry_copy", "answer", &digest, &copy.answer_sealed);
    match opened {
        Ok(kept) => {
            metrics::counter!("vneid_registry_copies_given_total", "source" => source.text()).increment(1);
            Ok(Answer {
                record: kept.record,
                source,
                record_id: kept.record_id,
                as_of: copy.as_of,
                fresh: false,
            })
        }
        Err(error) => {
            tracing::warn!(%error, "a copy of an answer cannot be opened");
            Err(silent)
        }
    }
}

fn number_digest(app: &App, number: &PersonalNumber) -> [u8; 32] {
    app.vault.digest("registry-number", number.as_str().as_bytes())
}
