//! The health-record database (*sổ sức khỏe điện tử*): HL7 FHIR R4 (Quyết định 1332/QĐ-BYT of 2024).
//!
//! The platform keeps what the health book shows and nothing else: unknown resources and fields are passed over, an unknown code is shown by the
//! words beside it, and a resource without its required parts makes the answer malformed.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::contract::Record;
use super::rules::Source;

mod rules;

/// The health book of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "rules::Stored")]
pub struct HealthRecord {
    /// *Khám, chữa bệnh*, newest first.
    pub visits: Vec<Visit>,
    /// *Tiêm chủng*, newest first.
    pub vaccinations: Vec<Vaccination>,
    /// *Dị ứng*.
    pub allergies: Vec<Allergy>,
}

/// A visit to a doctor (FHIR `Encounter`), with what followed from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The day.
    pub on: Date,
    /// *Cơ sở*.
    pub facility: String,
    /// *Chẩn đoán* (`Condition`), with the code of ICD-10.
    pub diagnoses: Vec<Coded>,
    /// *Kết quả* (`Observation`).
    pub results: Vec<String>,
    /// *Đơn thuốc* (`MedicationRequest`).
    pub prescriptions: Vec<String>,
}

/// A diagnosis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coded {
    /// The code, where there is one.
    pub code: Option<String>,
    /// In words.
    pub text: String,
}

/// A vaccination (`Immunization`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vaccination {
    /// The day.
    pub on: Date,
    /// *Vắc xin*.
    pub vaccine: String,
    /// *Nơi tiêm*.
    pub place: Option<String>,
}

/// An allergy (`AllergyIntolerance`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allergy {
    /// *Tác nhân*.
    pub substance: String,
}

impl Record for HealthRecord {
    const SOURCE: Source = Source::HealthRecord;
    const PATH: &'static str = "/health-record/v1/query";
}
