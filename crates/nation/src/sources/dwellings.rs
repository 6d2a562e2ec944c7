//! What the police have registered of where people live since the nation was made: temporary residence and absence.

use std::collections::BTreeMap;

use civil::units::{self, Commune};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::people::{Address, Person, Stay};

/// What is registered of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Dwelling {
    pub(super) temporary: Option<Lodging>,
    pub(super) absent: Option<Absence>,
}

/// *Tạm trú*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lodging {
    house: String,
    commune: String,
    from: Date,
    to: Date,
}

/// *Tạm vắng*, as the residence database tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Absence {
    pub(super) from: Date,
    pub(super) to: Date,
    pub(super) place: String,
}

impl Dwelling {
    /// What the police of a commune have decided; nothing where it is no decision of theirs, or says too little.
    pub(super) fn decided(procedure: &str, content: &BTreeMap<String, String>) -> Option<Self> {
        let said = |name: &str| content.get(name).map_or("", String::as_str);
        let (from, to) = (said("begins").parse().ok()?, said("ends").parse().ok()?);
        match procedure {
            "temporary-residence" => {
                units::commune(said("commune"))?;
                let temporary = Lodging {
                    house: said("address").to_owned(),
                    commune: said("commune").to_owned(),
                    from,
                    to,
                };
                Some(Self {
                    temporary: Some(temporary),
                    ..Self::default()
                })
            }
            "absence" => {
                let place = said("destination").to_owned();
                Some(Self {
                    absent: Some(Absence { from, to, place }),
                    ..Self::default()
                })
            }
            _ => None,
        }
    }

    /// The same with what was decided since.
    pub(super) fn then(self, since: Self) -> Self {
        Self {
            temporary: since.temporary.or(self.temporary),
            absent: since.absent.or(self.absent),
        }
    }

    /// The absence on a day.
    pub(super) fn absent_on(self, day: Date) -> Option<Absence> {
        self.absent.filter(|absence| absence.from <= day && day <= absence.to)
    }

    /// The person where they live now.
    pub(super) fn house(&self, person: &mut Person) {
        let lodging = self.temporary.as_ref();
        let Some((lodging, commune)) = lodging.and_then(|lodging| Some((lodging, units::commune(&lodging.commune)?)))
        else {
            return;
        };
        person.temporary_residence = Some(Stay {
            address: address(&lodging.house, commune, &person.permanent_residence),
            from: lodging.from,
            to: lodging.to,
        });
    }
}

/// An address of today: what was before the reform of 2025 nobody asks of it.
fn address(house: &str, commune: &'static Commune, permanent: &Address) -> Address {
    Address {
        house: house.to_owned(),
        former_units: commune.full_name(),
        former_province: permanent.former_province,
        commune,
    }
}
