use civil::PersonalNumber;
use serde::{Deserialize, Serialize};

use super::rules::Licence;
use crate::registries::Why;
use crate::registries::http::{PersonQuestion, Provenance, Question, Reply};

#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct LicenceQuestion<'a>(pub(super) PersonQuestion<'a>);

impl Question for LicenceQuestion<'_> {
    const PATH: &'static str = "/driving-licence/v1/licences/query";

    fn number(&self) -> &PersonalNumber {
        self.0.number()
    }

    fn request(&self) -> &str {
        self.0.request()
    }
}

#[derive(Deserialize)]
pub(super) struct LicenceAnswer {
    provenance: Provenance,
    licence: Option<LicenceRecord>,
}

#[derive(Deserialize)]
struct LicenceRecord {
    personal_number: PersonalNumber,
    #[serde(flatten)]
    licence: Licence,
}

impl Reply for LicenceAnswer {
    type Record = Option<Licence>;

    fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    fn is_about(&self, number: &PersonalNumber) -> bool {
        self.licence
            .as_ref()
            .is_none_or(|licence| licence.personal_number == *number)
    }

    fn record(self) -> Result<Self::Record, Why> {
        Ok(self.licence.map(|record| record.licence))
    }
}
