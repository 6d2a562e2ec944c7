//! The contract that most sources share (`docs/sources`): one shape of question and answer, whatever the record.
//!
//! A source is a type that is a [`Record`]; everything else is here.

use std::future::Future;

use civil::PersonalNumber;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::copies::remember;
use super::http::{PersonQuestion, Provenance, Question, Reply};
use super::rules::{Answer, IdCard, Person, Source, Subject};
use super::{Licence, LicenceState, Silent, Why, cards, licence, lines, person, valid};
use crate::app::App;
use crate::notices::Occasion;

#[cfg(test)]
mod tests;

/// Why a source is asked, and what the person agreed to, where the purpose needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// 1 to 64 of `a`–`z`, `0`–`9` and `-`.
    purpose: &'static str,
    /// Our name for the consent, by which it can be found again here.
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<String>,
}

impl Cause {
    /// A purpose to which the person has agreed.
    pub fn agreed(purpose: &'static str, consent: &impl ToString) -> Self {
        Self {
            purpose,
            consent: Some(consent.to_string()),
        }
    }
}

impl From<&'static str> for Cause {
    fn from(purpose: &'static str) -> Self {
        Self { purpose, consent: None }
    }
}

/// What a source keeps of a person.
pub trait Record: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Who keeps it.
    const SOURCE: Source;
    /// Where it is asked for.
    const PATH: &'static str;
    /// What people are told about its end.
    const ENDS: Option<Occasion> = None;

    /// Its last day.
    fn ends_on(&self) -> Option<Date> {
        None
    }
}

/// What can be asked for and kept, by whatever wire.
pub trait Known: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Who knows it.
    const SOURCE: Source;
    /// What people are told about its end.
    const ENDS: Option<Occasion> = None;

    /// Its last day.
    fn ends_on(&self) -> Option<Date> {
        None
    }

    /// Asks the source. `None`: it knows nothing of the person.
    ///
    /// # Errors
    /// [`Silent`] if it gives no answer.
    fn ask(
        app: &App,
        subject: &Subject,
        cause: Cause,
    ) -> impl Future<Output = Result<Option<Answer<Self>>, Silent>> + Send;
}

impl<T: Record> Known for T {
    const SOURCE: Source = T::SOURCE;
    const ENDS: Option<Occasion> = T::ENDS;

    fn ends_on(&self) -> Option<Date> {
        Record::ends_on(self)
    }

    async fn ask(app: &App, subject: &Subject, cause: Cause) -> Result<Option<Answer<Self>>, Silent> {
        record(app, subject, cause).await
    }
}

impl Known for Person {
    const SOURCE: Source = Source::Population;

    async fn ask(app: &App, subject: &Subject, cause: Cause) -> Result<Option<Answer<Self>>, Silent> {
        person(app, &subject.number, cause).await
    }
}

impl Known for Vec<IdCard> {
    const SOURCE: Source = Source::IdCard;
    const ENDS: Option<Occasion> = Some(Occasion::Card);

    fn ends_on(&self) -> Option<Date> {
        valid(self)?.expires_on
    }

    async fn ask(app: &App, subject: &Subject, cause: Cause) -> Result<Option<Answer<Self>>, Silent> {
        cards(app, &subject.number, cause).await
    }
}

impl Known for Licence {
    const SOURCE: Source = Source::DrivingLicence;
    const ENDS: Option<Occasion> = Some(Occasion::Licence);

    fn ends_on(&self) -> Option<Date> {
        // Of classes that end on different days the first to end counts.
        let ends = self.classes.iter().filter_map(|class| class.expires_on).min();
        ends.filter(|_| self.state == LicenceState::Valid)
    }

    async fn ask(app: &App, subject: &Subject, cause: Cause) -> Result<Option<Answer<Self>>, Silent> {
        licence(app, &subject.number, cause).await
    }
}

/// Asks a source for what it keeps of a person. `None`: it keeps nothing.
///
/// # Errors
/// [`Silent`] if it gives no answer, also one about somebody whose name or date of birth is another.
pub async fn record<T: Record>(
    app: &App,
    subject: &Subject,
    cause: impl Into<Cause>,
) -> Result<Option<Answer<T>>, Silent> {
    let question = RecordQuestion::<T> {
        person: PersonQuestion::new(app, &subject.number, cause),
        subject,
        record: std::marker::PhantomData,
    };
    let answer = lines::persist::<Envelope<T>>(app, T::SOURCE, &question).await?;
    let answer = answer.and_then(Answer::transpose);
    remember(app, &subject.number, T::SOURCE, answer).await
}

#[derive(Serialize)]
struct RecordQuestion<'a, T> {
    #[serde(flatten)]
    person: PersonQuestion<'a>,
    #[serde(skip)]
    subject: &'a Subject,
    #[serde(skip)]
    record: std::marker::PhantomData<fn() -> T>,
}

impl<T: Record> Question for RecordQuestion<'_, T> {
    const PATH: &'static str = T::PATH;

    fn number(&self) -> &PersonalNumber {
        self.person.number()
    }

    fn request(&self) -> &str {
        self.person.request()
    }

    fn subject(&self) -> Option<&Subject> {
        Some(self.subject)
    }
}

/// An answer of the contract.
#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Envelope<T> {
    provenance: Provenance,
    subject: Option<Kept>,
    record: Option<T>,
}

/// Under whom a source keeps a record.
#[derive(Clone, Debug, Deserialize)]
struct Kept {
    personal_number: Option<PersonalNumber>,
    full_name: String,
    date_of_birth: Date,
}

impl<T: DeserializeOwned> Reply for Envelope<T> {
    type Record = Option<T>;

    fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    fn is_about(&self, number: &PersonalNumber) -> bool {
        match (&self.subject, &self.record) {
            (Some(kept), _) => kept.personal_number.as_ref() == Some(number),
            (None, record) => record.is_none(),
        }
    }

    fn agrees(&self, subject: &Subject) -> bool {
        self.subject.as_ref().is_none_or(|kept| {
            let name = |name: &str| civil::names::fold(name);
            name(&kept.full_name) == name(&subject.full_name) && kept.date_of_birth == subject.date_of_birth
        })
    }

    fn record(self) -> Result<Option<T>, Why> {
        Ok(self.record)
    }
}

/// A paper found by the number printed on it.
#[derive(Clone, Debug)]
pub struct Found<T> {
    /// The paper.
    pub record: T,
    /// The source's name for it.
    pub record_id: String,
    /// Under which personal number it is kept, where the source knows one.
    pub number: Option<PersonalNumber>,
    /// Under which name.
    pub full_name: String,
    /// Under which date of birth.
    pub date_of_birth: Date,
}

#[derive(Serialize)]
struct SearchQuestion<'a> {
    number: &'a str,
    purpose: &'static str,
    request_id: String,
}

#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Hit<T> {
    provenance: Provenance,
    subject: Option<Kept>,
    record: Option<T>,
}

/// Looks a printed number up at a source. `None`: no paper bears it.
///
/// # Errors
/// [`Silent`] if the source gives no answer.
pub async fn search<T: DeserializeOwned>(
    app: &App,
    source: Source,
    printed: &str,
    purpose: &'static str,
) -> Result<Option<Found<T>>, Silent> {
    let question = SearchQuestion {
        number: printed,
        purpose,
        request_id: super::http::RequestId::draw(&app.chance).to_string(),
    };
    let path = format!("/{}/v1/search", source.text());
    let hit: Result<Hit<T>, Silent> = lines::send(app, source, &path, &question).await;
    let hit = match hit {
        Ok(hit) => hit,
        Err(silent) if matches!(silent.why, Why::Refused(::http::StatusCode::NOT_FOUND)) => return Ok(None),
        Err(silent) => return Err(silent),
    };
    if hit.provenance.source != source || hit.provenance.request_id != question.request_id {
        return Err(Silent {
            source,
            why: Why::Other,
        });
    }
    let found = hit.subject.zip(hit.record).map(|(kept, record)| Found {
        record,
        record_id: hit.provenance.record_id,
        number: kept.personal_number,
        full_name: kept.full_name,
        date_of_birth: kept.date_of_birth,
    });
    Ok(found)
}
