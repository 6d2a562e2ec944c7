use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::Asked;
use crate::die::Die;

const TOPIC: u64 = 88;

/// *Sổ sức khỏe điện tử* as a FHIR R4 bundle of type `collection`; codes of ICD-10, CVX and SNOMED CT.
pub(super) fn record(asked: &Asked<'_>) -> Option<Value> {
    if !asked.lives() {
        return None;
    }
    let mut die = asked.die(TOPIC);
    let mut resources = vec![patient(asked)];
    vaccinations(asked, &mut die, &mut resources);
    if die.chance(180) {
        resources.push(allergy(&mut die));
    }
    for at in 0..=die.below(3) {
        visit(asked, at, &mut die, &mut resources);
    }
    let entries: Vec<Value> = resources
        .into_iter()
        .map(|resource| {
            let part = |name| resource.get(name).and_then(Value::as_str).unwrap_or_default();
            let address = format!("https://health.example/fhir/{}/{}", part("resourceType"), part("id"));
            json!({ "fullUrl": address, "resource": resource })
        })
        .collect();
    Some(json!({ "resourceType": "Bundle", "type": "collection", "entry": entries }))
}

fn patient(asked: &Asked<'_>) -> Value {
    let person = asked.person;
    let mut words: Vec<&str> = person.full_name.split(' ').collect();
    let family = if words.is_empty() { "" } else { words.remove(0) };
    json!({
        "resourceType": "Patient",
        "id": "patient",
        "identifier": [{ "system": "urn:vneid:personal-number", "value": person.number }],
        "name": [{ "text": person.full_name, "family": family, "given": words }],
        "gender": person.sex,
        "birthDate": person.date_of_birth,
    })
}

fn coded(system: &str, code: &str, text: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code, "display": text }], "text": text })
}

const SUBJECT: &str = "Patient/patient";

fn vaccinations(asked: &Asked<'_>, die: &mut Die, resources: &mut Vec<Value>) {
    let plan = [
        ("19", "BCG (lao)", 0),
        ("45", "Viêm gan B", 1),
        ("05", "Sởi", 9),
        ("208", "COVID-19", 12 * 18),
    ];
    for (at, (code, name, months)) in plan.into_iter().enumerate() {
        let day = asked.person.date_of_birth.saturating_add(months.months());
        let day = if code == "208" {
            day.max(Date::constant(2021, 9, 1))
        } else {
            day
        };
        if day > asked.on || day.year() < 1985 || !die.chance(900) {
            continue;
        }
        resources.push(json!({
            "resourceType": "Immunization",
            "id": format!("immunization-{at}"),
            "status": "completed",
            "vaccineCode": coded("http://hl7.org/fhir/sid/cvx", code, name),
            "patient": { "reference": SUBJECT },
            "occurrenceDateTime": day,
            "location": { "display": "Trạm Y tế" },
        }));
    }
}

fn allergy(die: &mut Die) -> Value {
    let (code, name) = die.pick(&[
        ("373270004", "Penicillin"),
        ("227037002", "Cá biển"),
        ("102263004", "Trứng"),
    ]);
    json!({
        "resourceType": "AllergyIntolerance",
        "id": "allergy-0",
        "clinicalStatus": coded("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active", "Active"),
        "code": coded("http://snomed.info/sct", code, name),
        "patient": { "reference": SUBJECT },
    })
}

fn visit(asked: &Asked<'_>, at: u64, die: &mut Die, resources: &mut Vec<Value>) {
    let day = asked.on.saturating_sub(i64::from(20 + die.small(1800)).days());
    if day <= asked.person.date_of_birth {
        return;
    }
    let (code, diagnosis, medicine, dose) = die.pick(&[
        (
            "J06.9",
            "Nhiễm trùng đường hô hấp trên",
            "Paracetamol 500 mg",
            "Ngày uống 3 lần, mỗi lần 1 viên",
        ),
        (
            "I10",
            "Tăng huyết áp vô căn",
            "Amlodipin 5 mg",
            "Ngày uống 1 lần, mỗi lần 1 viên",
        ),
        (
            "K29.7",
            "Viêm dạ dày",
            "Omeprazol 20 mg",
            "Ngày uống 1 lần trước ăn sáng",
        ),
        ("M54.5", "Đau thắt lưng", "Ibuprofen 400 mg", "Ngày uống 2 lần sau ăn"),
    ]);
    resources.push(encounter(at, day));
    resources.push(condition(at, day, (code, diagnosis)));
    resources.push(blood_pressure(at, day, 105 + die.below(50)));
    resources.push(prescription(at, day, (medicine, dose)));
}

fn encounter(at: u64, day: Date) -> Value {
    json!({
        "resourceType": "Encounter",
        "id": format!("encounter-{at}"),
        "status": "finished",
        "class": { "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB", "display": "Ngoại trú" },
        "subject": { "reference": SUBJECT },
        "period": { "start": day, "end": day },
        "serviceProvider": { "display": "Bệnh viện đa khoa Tre Xanh" },
    })
}

fn reference(at: u64) -> Value {
    json!({ "reference": format!("Encounter/encounter-{at}") })
}

fn condition(at: u64, day: Date, (code, diagnosis): (&str, &str)) -> Value {
    json!({
        "resourceType": "Condition",
        "id": format!("condition-{at}"),
        "code": coded("http://hl7.org/fhir/sid/icd-10", code, diagnosis),
        "subject": { "reference": SUBJECT },
        "encounter": reference(at),
        "recordedDate": day,
    })
}

fn blood_pressure(at: u64, day: Date, value: u64) -> Value {
    json!({
        "resourceType": "Observation",
        "id": format!("observation-{at}"),
        "status": "final",
        "code": coded("http://loinc.org", "8480-6", "Huyết áp tâm thu"),
        "subject": { "reference": SUBJECT },
        "encounter": reference(at),
        "effectiveDateTime": day,
        "valueQuantity": { "value": value, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]" },
    })
}

fn prescription(at: u64, day: Date, (medicine, dose): (&str, &str)) -> Value {
    json!({
        "resourceType": "MedicationRequest",
        "id": format!("medication-{at}"),
        "status": "completed",
        "intent": "order",
        "medicationCodeableConcept": { "text": medicine },
        "subject": { "reference": SUBJECT },
        "encounter": reference(at),
        "authoredOn": day,
        "dosageInstruction": [{ "text": dose }],
    })
}
