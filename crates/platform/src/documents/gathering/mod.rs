//! All papers of a person at once: what was kept a moment ago without asking, the rest in parallel, and of what is down the last copy.

use std::time::Duration;

use tokio::task::JoinSet;

use super::papers::{Paper, in_two};
use super::rules::{Held, Kind, Provenance};
use crate::app::App;
use crate::registries::{
    self, Cause, CivilStatus, Dwelling, FormerLicence, HealthInsurance, HealthRecord, IdCard, JudicialRecord, Known,
    Licence, Passport, Person, SocialInsurance, Source, Subject, TaxCode, Vehicles,
};

/// How long the page waits for a source before it shows the copy; what comes later is kept for the next time.
const PATIENCE: Duration = Duration::from_millis(900);

/// A paper as it was found.
#[derive(Clone, Debug)]
pub(super) struct Gathered {
    pub(super) kind: Kind,
    pub(super) held: Held,
    /// The sources that were asked just now, and answered.
    pub(super) answered: Vec<Source>,
}

/// Gathers these papers, in this order.
pub(super) async fn gather(app: &App, subject: &Subject, kinds: &[Kind], cause: impl Into<Cause>) -> Vec<Gathered> {
    let cause = cause.into();
    let mut under_way = JoinSet::new();
    for kind in kinds {
        let (app, subject, kind, cause) = (app.clone(), subject.clone(), *kind, cause.clone());
        under_way.spawn(async move { one(&app, &subject, kind, cause).await });
    }
    let mut gathered = Vec::with_capacity(kinds.len());
    while let Some(found) = under_way.join_next().await {
        gathered.extend(found.ok());
    }
    gathered.sort_by_key(|found: &Gathered| kinds.iter().position(|kind| *kind == found.kind));
    gathered
}

async fn one(app: &App, subject: &Subject, kind: Kind, cause: Cause) -> Gathered {
    let (held, answered) = match kind {
        Kind::Personal => find::<Person>(app, subject, cause).await,
        Kind::IdCards => find::<Vec<IdCard>>(app, subject, cause).await,
        Kind::Residence => find::<Dwelling>(app, subject, cause).await,
        Kind::CivilStatus => find::<CivilStatus>(app, subject, cause).await,
        Kind::DrivingLicence => licence(app, subject, cause).await,
        Kind::Vehicles => find::<Vehicles>(app, subject, cause).await,
        Kind::HealthInsurance => find::<HealthInsurance>(app, subject, cause).await,
        Kind::SocialInsurance => find::<SocialInsurance>(app, subject, cause).await,
        Kind::HealthBook => find::<HealthRecord>(app, subject, cause).await,
        Kind::Passport => find::<Passport>(app, subject, cause).await,
        Kind::Tax => find::<TaxCode>(app, subject, cause).await,
        Kind::JudicialRecord => find::<JudicialRecord>(app, subject, cause).await,
    };
    Gathered { kind, held, answered }
}

/// A licence may stand in two registers, which are asked at once.
async fn licence(app: &App, subject: &Subject, cause: Cause) -> (Held, Vec<Source>) {
    let (current, former) = tokio::join!(
        find::<Licence>(app, subject, cause.clone()),
        find::<FormerLicence>(app, subject, cause)
    );
    (in_two(current.0, former.0), [current.1, former.1].concat())
}

async fn find<T: Known + Paper>(app: &App, subject: &Subject, cause: Cause) -> (Held, Vec<Source>) {
    match registries::latest::<T>(app, subject, cause, PATIENCE).await {
        Ok(latest) => {
            let here = latest.answer.map(|answer| Held::Here {
                content: Box::new(answer.record.content(app.clock.today())),
                provenance: Provenance {
                    source: answer.source,
                    record_id: answer.record_id,
                    as_of: answer.as_of,
                    fresh: answer.fresh,
                },
            });
            let answered = if latest.asked { vec![T::SOURCE] } else { Vec::new() };
            (here.unwrap_or(Held::Absent), answered)
        }
        Err(silent) if silent.is_unconnected() => (Held::Unconnected, Vec::new()),
        Err(silent) => {
            tracing::info!(%silent, "a paper is not shown");
            (Held::Silent, Vec::new())
        }
    }
}
