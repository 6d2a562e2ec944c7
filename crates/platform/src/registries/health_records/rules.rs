//! From FHIR R4 to the health book: no I/O.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::{Allergy, Coded, HealthRecord, Vaccination, Visit};

/// A health book as it comes from the source, or as it was kept.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Stored {
    /// From the source.
    Bundle(Bundle),
    /// As kept.
    Kept {
        /// As in [`HealthRecord`].
        visits: Vec<Visit>,
        /// As in [`HealthRecord`].
        vaccinations: Vec<Vaccination>,
        /// As in [`HealthRecord`].
        allergies: Vec<Allergy>,
    },
}

/// A FHIR `Bundle`.
#[derive(Deserialize)]
pub(super) struct Bundle {
    #[serde(rename = "resourceType")]
    kind: String,
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    resource: Resource,
}

/// What the health book reads of a resource.
#[derive(Deserialize)]
#[serde(tag = "resourceType", rename_all_fields = "camelCase")]
enum Resource {
    Encounter {
        id: String,
        period: Span,
        service_provider: Option<Named>,
    },
    Condition {
        code: Concept,
        encounter: Option<Reference>,
    },
    Observation {
        code: Concept,
        encounter: Option<Reference>,
        value_quantity: Option<Quantity>,
    },
    MedicationRequest {
        medication_codeable_concept: Concept,
        encounter: Option<Reference>,
        #[serde(default)]
        dosage_instruction: Vec<Dosage>,
    },
    Immunization {
        vaccine_code: Concept,
        occurrence_date_time: Moment,
        location: Option<Named>,
    },
    AllergyIntolerance {
        code: Concept,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Span {
    start: Moment,
}

/// A FHIR date or instant, of which the book shows the day.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Moment(Date);

impl TryFrom<String> for Moment {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let day = text.get(..10).and_then(|day| day.parse().ok());
        day.map(Self).ok_or("a date without a day")
    }
}

#[derive(Deserialize)]
struct Named {
    display: Option<String>,
}

#[derive(Deserialize)]
struct Reference {
    reference: String,
}

#[derive(Deserialize)]
struct Quantity {
    value: serde_json::Number,
    unit: Option<String>,
}

#[derive(Deserialize)]
struct Dosage {
    text: Option<String>,
}

/// A FHIR `CodeableConcept`.
#[derive(Deserialize)]
struct Concept {
    text: Option<String>,
    #[serde(default)]
    coding: Vec<Coding>,
}

#[derive(Deserialize)]
struct Coding {
    code: Option<String>,
    display: Option<String>,
}

impl Concept {
    /// The words of a concept, or its bare code where nobody has written words.
    fn words(&self) -> String {
        let first = self.coding.first();
        let display = first.and_then(|coding| coding.display.clone());
        let code = || first.and_then(|coding| coding.code.clone());
        self.text
            .clone()
            .or(display)
            .or_else(code)
            .unwrap_or_else(|| "?".to_owned())
    }

    fn coded(&self) -> Coded {
        Coded {
            code: self.coding.first().and_then(|coding| coding.code.clone()),
            text: self.words(),
        }
    }
}

impl TryFrom<Stored> for HealthRecord {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        match stored {
            Stored::Kept {
                visits,
                vaccinations,
                allergies,
            } => Ok(Self {
                visits,
                vaccinations,
                allergies,
            }),
            Stored::Bundle(bundle) if bundle.kind == "Bundle" => Ok(read(bundle)),
            Stored::Bundle(_) => Err("not a FHIR bundle"),
        }
    }
}

fn read(bundle: Bundle) -> HealthRecord {
    let mut book = HealthRecord::default();
    let mut visits: BTreeMap<String, Visit> = bundle.entry.iter().filter_map(visit).collect();
    for entry in bundle.entry {
        match entry.resource {
            Resource::Immunization {
                vaccine_code,
                occurrence_date_time,
                location,
            } => book.vaccinations.push(Vaccination {
                on: occurrence_date_time.0,
                vaccine: vaccine_code.words(),
                place: location.and_then(|place| place.display),
            }),
            Resource::AllergyIntolerance { code } => book.allergies.push(Allergy {
                substance: code.words(),
            }),
            of_visit => add(&mut visits, of_visit),
        }
    }
    book.visits = visits.into_values().collect();
    book.visits.sort_by_key(|visit| std::cmp::Reverse(visit.on));
    book.vaccinations
        .sort_by_key(|vaccination| std::cmp::Reverse(vaccination.on));
    book
}

/// A visit, under the name by which what followed from it refers to it.
fn visit(entry: &Entry) -> Option<(String, Visit)> {
    let Resource::Encounter {
        id,
        period,
        service_provider,
    } = &entry.resource
    else {
        return None;
    };
    let facility = service_provider.as_ref().and_then(|provider| provider.display.clone());
    let visit = Visit {
        on: period.start.0,
        facility: facility.unwrap_or_default(),
        diagnoses: Vec::new(),
        results: Vec::new(),
        prescriptions: Vec::new(),
    };
    Some((format!("Encounter/{id}"), visit))
}

/// Adds what followed from a visit to it; what belongs to no visit is passed over.
fn add(visits: &mut BTreeMap<String, Visit>, resource: Resource) {
    match resource {
        Resource::Condition { code, encounter } => {
            if let Some(visit) = of(visits, encounter.as_ref()) {
                visit.diagnoses.push(code.coded());
            }
        }
        Resource::Observation {
            code,
            encounter,
            value_quantity,
        } => {
            if let (Some(visit), Some(value)) = (of(visits, encounter.as_ref()), value_quantity) {
                let unit = value.unit.unwrap_or_default();
                visit.results.push(format!("{}: {} {unit}", code.words(), value.value));
            }
        }
        Resource::MedicationRequest {
            medication_codeable_concept,
            encounter,
            dosage_instruction,
        } => {
            if let Some(visit) = of(visits, encounter.as_ref()) {
                let dose = dosage_instruction.into_iter().find_map(|dosage| dosage.text);
                let medicine = medication_codeable_concept.words();
                visit.prescriptions.push(match dose {
                    Some(dose) => format!("{medicine}. {dose}"),
                    None => medicine,
                });
            }
        }
        _ => {}
    }
}

fn of<'a>(visits: &'a mut BTreeMap<String, Visit>, encounter: Option<&Reference>) -> Option<&'a mut Visit> {
    visits.get_mut(&encounter?.reference)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn book(entries: &serde_json::Value) -> Result<HealthRecord, serde_json::Error> {
        serde_json::from_value(json!({ "resourceType": "Bundle", "type": "collection", "entry": entries }))
    }

    #[test]
    fn unknown_resources_are_passed_over_and_an_unknown_code_is_shown_by_its_words() {
        let entries = json!([
            { "resource": { "resourceType": "Encounter", "id": "e", "period": { "start": "2026-01-02T08:00:00+07:00" } } },
            { "resource": { "resourceType": "Condition", "encounter": { "reference": "Encounter/e" },
                "code": { "coding": [{ "system": "urn:nobody", "code": "X-1", "display": "Bệnh lạ" }] } } },
            { "resource": { "resourceType": "CarePlan", "title": "?" } },
            { "resource": { "resourceType": "AllergyIntolerance", "code": { "coding": [{ "code": "999" }] } } },
        ]);

        let book = book(&entries).unwrap();

        let visit = book.visits.first().unwrap();
        assert_eq!(visit.on, jiff::civil::date(2026, 1, 2));
        assert_eq!(visit.diagnoses.first().unwrap().text, "Bệnh lạ");
        assert_eq!(book.allergies.first().unwrap().substance, "999");
    }

    #[test]
    fn a_vaccination_without_its_day_makes_the_answer_malformed() {
        let entries = json!([{ "resource": { "resourceType": "Immunization", "vaccineCode": { "text": "BCG" } } }]);

        assert!(book(&entries).is_err());
    }

    #[test]
    fn what_was_kept_is_read_again() {
        let entries = json!([{ "resource": { "resourceType": "AllergyIntolerance", "code": { "text": "Trứng" } } }]);
        let first = book(&entries).unwrap();

        let again: HealthRecord = serde_json::from_value(serde_json::to_value(&first).unwrap()).unwrap();

        assert_eq!(again, first);
    }
}
