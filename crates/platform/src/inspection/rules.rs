//! What an inspection is for, what that purpose may see, and what a verdict means in words.

use credentials::verify::Outcome;
use db::{Cell, Column};
use serde::{Deserialize, Serialize};

use crate::documents::Kind;
use crate::history;

/// How many inspections without network may be reported at once.
pub(super) const MOST_REPORTED: usize = 100;
/// How old an inspection without network may be when it is reported, in days.
pub(super) const OLDEST_REPORT: i64 = 30;

/// What a person is checked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// The police check who somebody is.
    Police,
    /// The traffic police check who drives.
    Traffic,
    /// An airport checks a passenger of a domestic flight.
    Airport,
    /// A hospital admits a patient.
    Hospital,
    /// A hotel takes what a stay notification needs.
    Hotel,
    /// A bank identifies a customer.
    Bank,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Police,
        Self::Traffic,
        Self::Airport,
        Self::Hospital,
        Self::Hotel,
        Self::Bank,
    ];
    /// Those of the police.
    pub(super) const OF_OFFICERS: [Self; 2] = [Self::Police, Self::Traffic];
    /// Those that an organisation can be registered for.
    pub(super) const OF_ORGANISATIONS: [Self; 4] = [Self::Airport, Self::Hospital, Self::Hotel, Self::Bank];

    /// The word for it in tables, addresses and sentences.
    pub fn word(self) -> &'static str {
        match self {
            Self::Police => "police",
            Self::Traffic => "traffic",
            Self::Airport => "airport",
            Self::Hospital => "hospital",
            Self::Hotel => "hotel",
            Self::Bank => "bank",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.word() == word)
    }

    /// The sentence that names it.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Police => "inspection-purpose-police",
            Self::Traffic => "inspection-purpose-traffic",
            Self::Airport => "inspection-purpose-airport",
            Self::Hospital => "inspection-purpose-hospital",
            Self::Hotel => "inspection-purpose-hotel",
            Self::Bank => "inspection-purpose-bank",
        }
    }

    /// The sentence that says what showing is worth by law, with the clause.
    pub fn effect(self) -> String {
        format!("inspection-effect-{}", self.word())
    }

    pub(super) fn of_history(self) -> history::Purpose {
        match self {
            Self::Police => history::Purpose::InspectionPolice,
            Self::Traffic => history::Purpose::InspectionTraffic,
            Self::Airport => history::Purpose::InspectionAirport,
            Self::Hospital => history::Purpose::InspectionHospital,
            Self::Hotel => history::Purpose::InspectionHotel,
            Self::Bank => history::Purpose::InspectionBank,
        }
    }

    /// What of a person this purpose may see: no more than it needs.
    pub fn attributes(self) -> &'static [Attribute] {
        use Attribute::{
            Address, Allergies, Birth, Insurance, Licence, Name, Nationality, Number, Portrait, Sex, Vehicle,
        };
        match self {
            Self::Traffic => &[Portrait, Number, Name, Birth, Licence, Vehicle],
            Self::Airport => &[Portrait, Number, Name, Birth, Sex, Nationality],
            Self::Hospital => &[Portrait, Number, Name, Birth, Sex, Address, Insurance, Allergies],
            Self::Police | Self::Hotel | Self::Bank => &[Portrait, Number, Name, Birth, Sex, Nationality, Address],
        }
    }

    /// The attributes as the history names them.
    pub(super) fn what(self) -> String {
        let words: Vec<_> = self.attributes().iter().map(|attribute| attribute.word()).collect();
        words.join(" ")
    }
}

impl Column for Purpose {
    fn read(cell: Cell<'_>) -> Result<Self, db::Error> {
        // A word that this program does not know gives the least right there is.
        Ok(Self::from_word(&String::read(cell)?).unwrap_or(Self::Airport))
    }
}

/// A kind of datum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// The portrait.
    Portrait,
    /// The personal number.
    Number,
    /// The full name.
    Name,
    /// The date of birth.
    Birth,
    /// The sex.
    Sex,
    /// The nationality.
    Nationality,
    /// The place of residence.
    Address,
    /// The driving licence.
    Licence,
    /// The registration of the vehicles.
    Vehicle,
    /// The health-insurance card.
    Insurance,
    /// What the person must not be given.
    Allergies,
}

impl Attribute {
    /// The word for it in the history and in pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Portrait => "portrait",
            Self::Number => "number",
            Self::Name => "name",
            Self::Birth => "birth",
            Self::Sex => "sex",
            Self::Nationality => "nationality",
            Self::Address => "address",
            Self::Licence => "licence",
            Self::Vehicle => "vehicle",
            Self::Insurance => "health-insurance",
            Self::Allergies => "health",
        }
    }

    /// The paper that it is of.
    pub(super) fn paper(self) -> Option<Kind> {
        match self {
            Self::Vehicle => Some(Kind::Vehicles),
            Self::Insurance => Some(Kind::HealthInsurance),
            Self::Allergies => Some(Kind::HealthBook),
            _ => None,
        }
    }
}

/// Which sentence tells which reasons of a verdict, in the order in which they are looked through.
pub(super) const SENTENCES: [(&str, &[&str]); 14] = [
    (
        "inspection-reason-damaged",
        &[
            "credential/too-long",
            "credential/not-base45",
            "credential/not-compressed",
            "credential/too-large",
            "credential/malformed",
            "credential/too-deep",
            "credential/missing-claim",
        ],
    ),
    ("inspection-reason-expired", &["credential/expired"]),
    (
        "inspection-reason-clock",
        &["credential/from-future", "credential/proof-from-future"],
    ),
    ("inspection-reason-old", &["credential/proof-too-old"]),
    (
        "inspection-reason-copy",
        &["credential/proof-missing", "credential/proof-signature"],
    ),
    ("inspection-reason-challenge", &["credential/other-challenge"]),
    ("inspection-reason-possession", &["credential/possession-not-proved"]),
    ("inspection-reason-withdrawn", &["issuer/withdrawn", "issuer/expired"]),
    ("inspection-reason-revoked", &["status/revoked"]),
    ("inspection-reason-locked", &["status/locked"]),
    ("inspection-reason-unusual", &["status/unusual-status"]),
    ("inspection-reason-unknown", &["status/status-unknown"]),
    ("inspection-reason-stale", &["status/status-old"]),
    ("inspection-reason-issuer", &["issuer/"]),
];

/// The sentence for a reason.
pub(super) fn sentence(code: &str) -> &'static str {
    let tells = |codes: &[&str]| {
        codes
            .iter()
            .any(|known| *known == code || known.ends_with('/') && code.starts_with(known))
    };
    SENTENCES
        .iter()
        .find(|(_, codes)| tells(codes))
        .map_or("inspection-reason-forged", |(sentence, _)| sentence)
}

/// The big words of an outcome, and what to do.
pub(super) fn words(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Accept => ("inspection-accept", "inspection-accept-means"),
        Outcome::Caution => ("inspection-caution", "inspection-caution-means"),
        Outcome::Reject => ("inspection-reject", "inspection-reject-means"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_sentence() {
        assert_eq!(sentence("credential/proof-too-old"), "inspection-reason-old");
        assert_eq!(sentence("issuer/withdrawn"), "inspection-reason-withdrawn");
        assert_eq!(sentence("issuer/unknown-signer"), "inspection-reason-issuer");
        assert_eq!(sentence("credential/issuer-signature"), "inspection-reason-forged");
        assert_eq!(sentence("status/locked"), "inspection-reason-locked");
    }

    #[test]
    fn no_organisation_sees_what_only_the_police_may() {
        for purpose in Purpose::OF_ORGANISATIONS {
            let polices = [Attribute::Licence, Attribute::Vehicle];
            assert!(
                !purpose.attributes().iter().any(|seen| polices.contains(seen)),
                "{}",
                purpose.word()
            );
        }
        assert!(!Purpose::Traffic.attributes().contains(&Attribute::Address));
        let with_insurance = |purpose: &Purpose| purpose.attributes().contains(&Attribute::Insurance);
        assert!(
            Purpose::ALL
                .iter()
                .filter(|purpose| with_insurance(purpose))
                .eq([&Purpose::Hospital])
        );
        assert!(
            Purpose::ALL
                .iter()
                .all(|purpose| Purpose::from_word(purpose.word()) == Some(*purpose))
        );
    }
}
