//! All papers of a person at once: what was kept a moment ago without asking, the rest in parallel, and of what is down the last copy.

use std::time::Duration;

use tokio::task::JoinSet;

use super::papers::Paper;
use super::rules::{Held, Kind, Provenance};
use crate::app::App;
use crate::registries::{
    self, CivilStatus, Dwelling, HealthInsurance, HealthRecord, IdCard, JudicialRecord, Known, Licence, Passport,
    Person, SocialInsurance, Subject, TaxCode, Vehicles,
};

/// How long the page waits for a source before it shows the copy; what comes later is kept for the next time.
const PATIENCE: Duration = Duration::from_millis(900);

/// A paper as it was found.
#[derive(Clone, Debug)]
pub(super) struct Gathered {
    pub(super) kind: Kind,
    pub(super) held: Held,
    /// The source was asked just now, and answered.
    pub(super) asked: bool,
}

/// Gathers these papers, in this order.
pub(super) async fn gather(app: &App, subject: &Subject, kinds: &[Kind], purpose: &'static str) -> Vec<Gathered> {
    let mut under_way = JoinSet::new();
    for kind in kinds {
        let (app, subject, kind) = (app.clone(), subject.clone(), *kind);
        under_way.spawn(async move { one(&app, &subject, kind, purpose).await });
    }
    let mut gathered = Vec::with_capacity(kinds.len());
    while let Some(found) = under_way.join_next().await {
        gathered.extend(found.ok());
    }
    gathered.sort_by_key(|found: &Gathered| kinds.iter().position(|kind| *kind == found.kind));
    gathered
}

async fn one(app: &App, subject: &Subject, kind: Kind, purpose: &'static str) -> Gathered {
    let (held, asked) = match kind {
        Kind::Personal => find::<Person>(app, subject, purpose).await,
        Kind::IdCards => find::<Vec<IdCard>>(app, subject, purpose).await,
        Kind::Residence => find::<Dwelling>(app, subject, purpose).await,
        Kind::CivilStatus => find::<CivilStatus>(app, subject, purpose).await,
        Kind::DrivingLicence => find::<Licence>(app, subject, purpose).await,
        Kind::Vehicles => find::<Vehicles>(app, subject, purpose).await,
        Kind::HealthInsurance => find::<HealthInsurance>(app, subject, purpose).await,
        Kind::SocialInsurance => find::<SocialInsurance>(app, subject, purpose).await,
        Kind::HealthBook => find::<HealthRecord>(app, subject, purpose).await,
        Kind::Passport => find::<Passport>(app, subject, purpose).await,
        Kind::Tax => find::<TaxCode>(app, subject, purpose).await,
        Kind::JudicialRecord => find::<JudicialRecord>(app, subject, purpose).await,
    };
    Gathered { kind, held, asked }
}

async fn find<T: Known + Paper>(app: &App, subject: &Subject, purpose: &'static str) -> (Held, bool) {
    match registries::latest::<T>(app, subject, purpose, PATIENCE).await {
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
            (here.unwrap_or(Held::Absent), latest.asked)
        }
        Err(silent) if silent.is_unconnected() => (Held::Unconnected, false),
        Err(silent) => {
            tracing::info!(%silent, "a paper is not shown");
            (Held::Silent, false)
        }
    }
}
