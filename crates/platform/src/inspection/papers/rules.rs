//! What each purpose may see of each kind of paper: no more than it needs. No I/O.

use crate::documents::{Kind, Wanted};
use crate::inspection::Purpose;

/// The printed number of a paper, its fields, and those of its parts.
type Seen = (bool, &'static [&'static str], &'static [&'static str]);

const LICENCE: Seen = (
    true,
    &["full-name", "birth", "classes", "points", "issued", "issued-by"],
    &["class-meaning", "issued"],
);
const VEHICLES: Seen = (
    false,
    &["owner"],
    &[
        "vehicle-kind",
        "owner",
        "co-owner",
        "brand",
        "colour",
        "engine",
        "chassis",
        "seats",
        "inspected-until",
    ],
);
const INSURANCE: Seen = (
    true,
    &[
        "facility",
        "facility-code",
        "benefit",
        "group",
        "valid-from",
        "valid-to",
        "five-years",
    ],
    &[],
);
const ALLERGIES: Seen = (false, &["allergies"], &[]);
const CARD: Seen = (true, &["issued", "issued-by"], &[]);
const PASSPORT: Seen = (true, &["issued", "expires"], &[]);
const RESIDENCE: Seen = (
    false,
    &["permanent", "current", "temporary", "temporary-from", "temporary-to"],
    &[],
);
const WHO: Seen = (true, &["full-name", "birth"], &[]);
const PASSENGER: Seen = (true, &["full-name", "birth", "sex", "nationality"], &[]);
const PATIENT: Seen = (true, &["full-name", "birth", "sex", "permanent"], &[]);
const GUEST: Seen = (true, &["full-name", "birth", "sex", "nationality", "permanent"], &[]);
const CUSTOMER: Seen = (
    true,
    &["full-name", "birth", "sex", "nationality", "permanent", "current"],
    &[],
);

impl Purpose {
    /// What this purpose may see of a kind of paper; nothing for most.
    pub(crate) fn of_paper(self, kind: Kind) -> Option<Wanted> {
        let (number, fields, parts) = match (self, kind) {
            (Self::Traffic, Kind::Personal) => WHO,
            (Self::Traffic, Kind::DrivingLicence) => LICENCE,
            (Self::Traffic, Kind::Vehicles) => VEHICLES,
            (Self::Airport, Kind::Personal) => PASSENGER,
            (Self::Airport, Kind::Passport) => PASSPORT,
            (Self::Hospital, Kind::Personal) => PATIENT,
            (Self::Hospital, Kind::HealthInsurance) => INSURANCE,
            (Self::Hospital, Kind::HealthBook) => ALLERGIES,
            (Self::Hotel, Kind::Personal) => GUEST,
            (Self::Police | Self::Bank, Kind::Personal) => CUSTOMER,
            (Self::Police | Self::Bank, Kind::IdCards) => CARD,
            (Self::Police, Kind::Residence) => RESIDENCE,
            _ => return None,
        };
        Some(Wanted {
            kind,
            fields,
            parts,
            number,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_sees_its_papers_and_no_other() {
        let papers = |purpose: Purpose| {
            let seen = Kind::ALL.into_iter().filter(|kind| purpose.of_paper(*kind).is_some());
            seen.map(Kind::word).collect::<Vec<_>>().join(" ")
        };

        assert_eq!(papers(Purpose::Traffic), "personal driving-licence vehicles");
        assert_eq!(papers(Purpose::Hospital), "personal health-insurance health-book");
        assert_eq!(papers(Purpose::Hotel), "personal");
        assert_eq!(papers(Purpose::Airport), "personal passport");
        assert_eq!(papers(Purpose::Bank), "personal id-cards");
        assert_eq!(papers(Purpose::Police), "personal id-cards residence");
    }

    #[test]
    fn the_road_sees_no_address_and_the_hospital_no_diagnosis() {
        let road = Purpose::Traffic.of_paper(Kind::Vehicles).unwrap();
        let ward = Purpose::Hospital.of_paper(Kind::HealthBook).unwrap();

        assert!(!road.parts.contains(&"address") && !road.fields.contains(&"address"));
        assert_eq!((ward.fields, ward.parts), (&["allergies"][..], &[][..]));
    }
}
