//! The driving-licence database (*Cơ sở dữ liệu giấy phép lái xe*): the licence of a person.

use civil::PersonalNumber;

use super::contract::Cause;
use super::copies::{recall, remember};
use super::rules::{Answer, Source};
use super::{Silent, http as wire, persist};
use crate::app::App;

mod http;
mod rules;

pub use rules::{Licence, LicenceClass, LicenceState};

/// Asks the driving-licence database about a person. `None`: there is no such number, or no licence.
///
/// # Errors
/// [`Silent`] if it gives no answer.
pub async fn licence(
    app: &App,
    number: &PersonalNumber,
    cause: impl Into<Cause>,
) -> Result<Option<Answer<Licence>>, Silent> {
    let question = http::LicenceQuestion(wire::PersonQuestion::new(app, number, cause));
    let answer = persist::<http::LicenceAnswer>(app, Source::DrivingLicence, &question).await?;
    let answer = answer.and_then(Answer::transpose);
    remember(app, number, Source::DrivingLicence, answer).await
}

/// As [`licence`]; while the source is silent the copy of its last answer, `fresh: false`. For showing, never for deciding.
///
/// # Errors
/// [`Silent`] if it gives no answer and no copy is kept.
pub async fn licence_or_copy(
    app: &App,
    number: &PersonalNumber,
    cause: impl Into<Cause>,
) -> Result<Option<Answer<Licence>>, Silent> {
    match licence(app, number, cause).await {
        Err(silent) => recall(app, number, silent).await.map(Some),
        answered => answered,
    }
}
