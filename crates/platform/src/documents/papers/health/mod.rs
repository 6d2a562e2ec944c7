//! The health book (F27): a timeline of visits and vaccinations, and what somebody must not be given.

use jiff::civil::Date;

use super::{Paper, maybe, part};
use crate::documents::rules::{Badge, Content, Field, Part};
use crate::registries::{HealthRecord, Vaccination, Visit};

impl Paper for HealthRecord {
    fn content(&self, _: Date) -> Content {
        let allergies: Vec<&str> = self
            .allergies
            .iter()
            .map(|allergy| allergy.substance.as_str())
            .collect();
        let badge = if allergies.is_empty() {
            Badge::good("recorded")
        } else {
            Badge::bad("allergic")
        };
        let fields = vec![
            match allergies.as_slice() {
                [] => Field::word("allergies", "none-known"),
                some => Field::text("allergies", some.join(", ")),
            },
            Field::text("visits", self.visits.len().to_string()),
            Field::text("vaccinations", self.vaccinations.len().to_string()),
        ];
        let mut content = Content::new(None, badge, fields);
        let mut timeline: Vec<(Date, Part)> = self.visits.iter().map(|visit| (visit.on, visit_part(visit))).collect();
        timeline.extend(
            self.vaccinations
                .iter()
                .map(|given| (given.on, vaccination_part(given))),
        );
        timeline.sort_by_key(|(day, _)| std::cmp::Reverse(*day));
        content.parts = timeline.into_iter().map(|(_, part)| part).collect();
        content
    }
}

fn visit_part(visit: &Visit) -> Part {
    let in_words = |coded: &crate::registries::Coded| match &coded.code {
        Some(code) => format!("{} ({code})", coded.text),
        None => coded.text.clone(),
    };
    let diagnoses: Vec<String> = visit.diagnoses.iter().map(in_words).collect();
    let fields = [
        Some(Field::day("on", visit.on)),
        joined("diagnoses", &diagnoses),
        joined("results", &visit.results),
        joined("prescriptions", &visit.prescriptions),
    ];
    part(
        "visit",
        visit.facility.as_str(),
        None,
        fields.into_iter().flatten().collect(),
    )
}

fn joined(name: &'static str, texts: &[String]) -> Option<Field> {
    (!texts.is_empty()).then(|| Field::text(name, texts.join("; ")))
}

fn vaccination_part(given: &Vaccination) -> Part {
    let fields = [Some(Field::day("on", given.on)), maybe("place", given.place.as_ref())];
    part(
        "vaccination",
        given.vaccine.as_str(),
        None,
        fields.into_iter().flatten().collect(),
    )
}
