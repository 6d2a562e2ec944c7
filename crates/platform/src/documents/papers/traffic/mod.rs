//! Driving licence (F23), vehicle registration (F24).

use jiff::civil::Date;

use super::{Paper, maybe, part};
use crate::documents::rules::{Badge, Content, Field, Held, Part, Remark};
use crate::registries::{FormerLicence, Licence, LicenceClass, LicenceState, Vehicle, Vehicles};

impl Paper for Licence {
    fn content(&self, today: Date) -> Content {
        // Of classes that end on different days the first to end marks the paper.
        let ends = self.classes.iter().filter_map(|class| class.expires_on).min();
        let badge = match self.state {
            LicenceState::Held => Badge::bad("held"),
            LicenceState::Revoked => Badge::bad("withdrawn-right"),
            LicenceState::Valid => Badge::until(ends, today),
        };
        let classes: Vec<&str> = self.classes.iter().map(|class| class.name.as_str()).collect();
        let fields = vec![
            Field::text("full-name", self.full_name.as_str()),
            Field::text("classes", classes.join(", ")),
            Field::text("points", format!("{}/12", self.points)),
            Field::day("birth", self.date_of_birth),
            Field::text("nationality", self.nationality.as_str()),
            Field::text("address", self.address.as_str()),
            Field::day("issued", self.issued_on),
            Field::text("issued-by", self.issued_by.as_str()),
        ];
        let mut content = Content::new(Some(self.number.clone()), badge, fields);
        content.parts = self.classes.iter().map(|class| class_part(class, today)).collect();
        content
    }
}

impl Paper for FormerLicence {
    fn content(&self, today: Date) -> Content {
        self.0.content(today)
    }
}

/// A licence that two registers keep: the one that issues licences now is believed, and where the former says otherwise the holder is told in which
/// fields. What only the former knows is shown as its own; while the one that issues now is silent, nothing of the former is taken for it.
pub(in crate::documents) fn in_two(current: Held, former: Held) -> Held {
    match (current, former) {
        (Held::Here { content, provenance }, Held::Here { content: other, .. }) => {
            let fields = differing(&content, &other);
            let word = if fields.is_empty() { "two-agree" } else { "two-differ" };
            let remark = Some(Remark { word, fields });
            let content = Box::new(Content { remark, ..*content });
            Held::Here { content, provenance }
        }
        (Held::Absent, Held::Here { content, provenance }) => {
            let remark = Some(Remark {
                word: "former-only",
                fields: Vec::new(),
            });
            let content = Box::new(Content { remark, ..*content });
            Held::Here { content, provenance }
        }
        (current, _) => current,
    }
}

fn differing(one: &Content, other: &Content) -> Vec<&'static str> {
    let value = |content: &Content, name: &str| content.fields.iter().find(|field| field.name == name).cloned();
    let differs = |name: &&str| value(one, name) != value(other, name);
    let mut fields: Vec<&str> = ["full-name", "birth", "classes", "issued", "issued-by"]
        .into_iter()
        .filter(differs)
        .collect();
    let ends = |content: &Content| content.parts.iter().map(|part| part.badge.clone()).collect::<Vec<_>>();
    if ends(one) != ends(other) {
        fields.push("expires");
    }
    fields
}

fn class_part(class: &LicenceClass, today: Date) -> Part {
    let fields = vec![
        Field::word("class-meaning", class_meaning(&class.name)),
        Field::day("issued", class.issued_on),
    ];
    part(
        "class",
        class.name.as_str(),
        Some(Badge::until(class.expires_on, today)),
        fields,
    )
}

/// What may be driven with a class (Luật 36/2024/QH15, article 57), and which are of the law before.
pub(super) fn class_meaning(name: &str) -> &'static str {
    match name {
        "A1" => "class-a1",
        "A" => "class-a",
        "B1" => "class-b1",
        "B" => "class-b",
        "C1" => "class-c1",
        "C" => "class-c",
        "D1" => "class-d1",
        "D2" => "class-d2",
        "D" => "class-d",
        "BE" | "C1E" | "CE" | "D1E" | "D2E" | "DE" => "class-trailer",
        "A2" | "A3" | "A4" | "B2" | "E" | "FB2" | "FC" | "FD" | "FE" => "class-former",
        _ => "other",
    }
}

impl Paper for Vehicles {
    fn content(&self, today: Date) -> Content {
        let first = self.vehicles.first();
        let badge = self
            .vehicles
            .iter()
            .find_map(|vehicle| Some(state_of(vehicle, today)).filter(|badge| badge.tone != "good"));
        let fields = first.map(|vehicle| {
            vec![
                Field::text("owner", vehicle.owner.as_str()),
                Field::text("vehicle", format!("{} {}", vehicle.brand, vehicle.model)),
                Field::text("count", self.vehicles.len().to_string()),
            ]
        });
        let mut content = Content::new(
            first.map(|vehicle| vehicle.plate.clone()),
            badge.unwrap_or(Badge::good("valid")),
            fields.unwrap_or_default(),
        );
        content.parts = self
            .vehicles
            .iter()
            .map(|vehicle| vehicle_part(vehicle, today))
            .collect();
        content
    }
}

fn state_of(vehicle: &Vehicle, today: Date) -> Badge {
    match (vehicle.state.as_str(), vehicle.inspected_until) {
        ("held", _) => Badge::bad("held"),
        ("withdrawn", _) => Badge::bad("revoked"),
        (_, Some(until)) if until < today => Badge {
            on: Some(until),
            ..Badge::bad("inspection-over")
        },
        _ => Badge::good("valid"),
    }
}

fn vehicle_part(vehicle: &Vehicle, today: Date) -> Part {
    let kind = if vehicle.kind == "motorcycle" {
        "motorcycle"
    } else {
        "car"
    };
    let fields = [
        Some(Field::word("vehicle-kind", kind)),
        Some(Field::text("owner", vehicle.owner.as_str())),
        maybe("co-owner", vehicle.co_owner.as_ref()),
        Some(Field::text("address", vehicle.address.as_str())),
        Some(Field::text("brand", format!("{} {}", vehicle.brand, vehicle.model))),
        Some(Field::text("colour", vehicle.colour.as_str())),
        Some(Field::text("power", vehicle.power.as_str())),
        Some(Field::text("engine", vehicle.engine_number.as_str())),
        Some(Field::text("chassis", vehicle.chassis_number.as_str())),
        Some(Field::text("seats", vehicle.seats.to_string())),
        Some(Field::day("first-registered", vehicle.first_registered_on)),
        Some(Field::text("issued-by", vehicle.issued_by.as_str())),
        vehicle
            .inspected_until
            .map(|until| Field::day("inspected-until", until)),
    ];
    let fields = fields.into_iter().flatten().collect();
    part(
        "vehicle",
        vehicle.plate.as_str(),
        Some(state_of(vehicle, today)),
        fields,
    )
}
