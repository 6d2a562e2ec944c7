//! What is declared, what is wrong with a form, what the result is and how long it counts: no I/O, no clock.

use civil::units;
use db::{Cell, Column};
use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::shell::problem::Fault;
use crate::shell::words::words;

/// The longest free text, in characters.
const LONGEST: usize = 500;
/// How far ahead a movement can be declared, in days.
const DAYS_AHEAD: i64 = 30;
/// How many people one declaration of a movement can be for.
const MOST_PEOPLE: u8 = 20;

words! {
    /// What is declared.
    Kind {
        /// *Khai báo y tế*.
        Health = "health",
        /// *Khai báo di chuyển nội địa*.
        Movement = "movement",
    }
}

impl Column for Kind {
    fn read(cell: Cell<'_>) -> Result<Self, db::Error> {
        Kind::of_word(&String::read(cell)?).ok_or_else(|| db::Error::Column {
            column: "kind".to_owned(),
            why: "no such word".to_owned(),
        })
    }
}

words! {
    /// What somebody may feel.
    Symptom {
        /// Fever.
        Fever = "fever",
        /// Cough.
        Cough = "cough",
        /// Shortness of breath.
        Breath = "breath",
        /// Sore throat.
        Throat = "throat",
        /// Loss of taste or smell.
        Taste = "taste",
        /// Rash.
        Rash = "rash",
        /// Diarrhoea or vomiting.
        Stomach = "stomach",
        /// Bleeding without a cause.
        Bleeding = "bleeding",
    }
}

words! {
    /// By what somebody travels.
    Means {
        /// A car.
        Car = "car",
        /// A motorcycle.
        Motorcycle = "motorcycle",
        /// A coach.
        Coach = "coach",
        /// A train.
        Train = "train",
        /// An aeroplane.
        Plane = "plane",
        /// A boat.
        Boat = "boat",
        /// Something else.
        Other = "other",
    }
}

words! {
    /// Why somebody travels.
    Reason {
        /// Work.
        Work = "work",
        /// Family.
        Family = "family",
        /// A doctor or a hospital.
        Doctor = "doctor",
        /// School.
        School = "school",
        /// Trade and transport.
        Trade = "trade",
        /// Something else.
        Other = "other",
    }
}

words! {
    /// The result, as a slip says it.
    Outcome {
        /// Nothing was declared that asks for attention.
        Clear = "clear",
        /// Something was: a checkpoint asks for medical staff.
        Attention = "attention",
        /// A movement was declared.
        Declared = "declared",
    }
}

/// What was declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "declared", rename_all = "kebab-case")]
pub(super) enum Content {
    /// Of health.
    Health(Health),
    /// Of a movement.
    Movement(Movement),
}

/// How somebody is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Health {
    /// What is felt, in the last 14 days.
    pub(super) symptoms: Vec<Symptom>,
    /// Whether there was contact with somebody who has, or may have, a notifiable disease.
    pub(super) contact: bool,
    /// Countries visited; may be empty.
    pub(super) abroad: String,
    /// In the citizen's words; may be empty.
    pub(super) note: String,
}

/// Where somebody goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Movement {
    /// The commune of departure.
    pub(super) from: String,
    /// The commune of arrival.
    pub(super) to: String,
    /// The day of departure.
    pub(super) on: Date,
    pub(super) means: Means,
    /// The plate, flight or train; may be empty.
    pub(super) plate: String,
    /// How many travel together.
    pub(super) people: u8,
    pub(super) reason: Reason,
    pub(super) note: String,
}

impl Content {
    /// The kind.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Content::Health(_) => Kind::Health,
            Content::Movement(_) => Kind::Movement,
        }
    }

    /// The result.
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Content::Movement(_) => Outcome::Declared,
            Content::Health(health) if health.symptoms.is_empty() && !health.contact => Outcome::Clear,
            Content::Health(_) => Outcome::Attention,
        }
    }

    /// Until when the slip is good: so many hours from now, of a movement from the end of the day of departure.
    pub(super) fn valid_until(&self, hours: i64, now: Timestamp) -> Timestamp {
        let from = match self {
            Content::Health(_) => now,
            Content::Movement(movement) => civil::calendar::end_of(movement.on),
        };
        from + SignedDuration::from_hours(hours)
    }
}

/// A declaration of health as it was typed.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct HealthForm {
    pub(super) symptoms: Vec<String>,
    pub(super) contact: String,
    pub(super) abroad: String,
    pub(super) note: String,
    pub(super) pledge: bool,
}

/// Reads a declaration of health.
///
/// # Errors
/// All that is wrong with it.
pub(super) fn health(form: &HealthForm) -> Result<Content, Vec<Fault>> {
    let mut faults = Vec::new();
    let symptoms: Vec<Symptom> = form.symptoms.iter().filter_map(|word| Symptom::of_word(word)).collect();
    if symptoms.len() != form.symptoms.len() {
        faults.push(Fault::new("symptoms", "declarations-choice-fault"));
    }
    if !matches!(form.contact.as_str(), "yes" | "no") {
        faults.push(Fault::new("contact", "declarations-contact-fault"));
    }
    texts(&[("abroad", &form.abroad), ("note", &form.note)], &mut faults);
    pledge(form.pledge, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Content::Health(Health {
        symptoms,
        contact: form.contact == "yes",
        abroad: form.abroad.trim().to_owned(),
        note: form.note.trim().to_owned(),
    }))
}

/// A declaration of a movement as it was typed.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct MovementForm {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) on: String,
    pub(super) means: String,
    pub(super) plate: String,
    pub(super) people: String,
    pub(super) reason: String,
    pub(super) note: String,
    pub(super) pledge: bool,
}

/// Reads a declaration of a movement on a day.
///
/// # Errors
/// All that is wrong with it.
pub(super) fn movement(form: &MovementForm, today: Date) -> Result<Content, Vec<Fault>> {
    let mut faults = Vec::new();
    for (field, code) in [("from", &form.from), ("to", &form.to)] {
        if units::commune(code).is_none() {
            faults.push(Fault::new(field, "declarations-commune-fault"));
        }
    }
    if form.from == form.to && units::commune(&form.to).is_some() {
        faults.push(Fault::new("to", "declarations-same-fault"));
    }
    let last = today.saturating_add(Span::new().days(DAYS_AHEAD));
    let on = form.on.parse::<Date>().ok().filter(|day| (today..=last).contains(day));
    if on.is_none() {
        faults.push(Fault::new("on", "declarations-day-fault").with("days", DAYS_AHEAD));
    }
    let people = form.people.trim().parse::<u8>().ok();
    let people = people.filter(|people| (1..=MOST_PEOPLE).contains(people));
    if people.is_none() {
        faults.push(Fault::new("people", "declarations-people-fault").with("most", MOST_PEOPLE));
    }
    let (means, reason) = (Means::of_word(&form.means), Reason::of_word(&form.reason));
    for (field, missing) in [("means", means.is_none()), ("reason", reason.is_none())] {
        if missing {
            faults.push(Fault::new(field, "declarations-choice-fault"));
        }
    }
    if form.plate.chars().count() > 40 {
        faults.push(Fault::new("plate", "declarations-long-fault").with("most", 40));
    }
    texts(&[("note", &form.note)], &mut faults);
    pledge(form.pledge, &mut faults);
    match (on, people, means, reason) {
        (Some(on), Some(people), Some(means), Some(reason)) if faults.is_empty() => Ok(Content::Movement(Movement {
            from: form.from.clone(),
            to: form.to.clone(),
            plate: form.plate.trim().to_owned(),
            note: form.note.trim().to_owned(),
            on,
            means,
            people,
            reason,
        })),
        _ => Err(faults),
    }
}

fn texts(fields: &[(&'static str, &String)], faults: &mut Vec<Fault>) {
    for (field, text) in fields {
        if text.chars().count() > LONGEST {
            faults.push(Fault::new(*field, "declarations-long-fault").with("most", LONGEST));
        }
    }
}

fn pledge(given: bool, faults: &mut Vec<Fault>) {
    if !given {
        faults.push(Fault::new("pledge", "declarations-pledge-fault"));
    }
}

/// A commune with its province: *Phường Ba Đình, Thành phố Hà Nội*.
pub(super) fn address(commune: &str, today: Date) -> String {
    let Some(found) = units::commune(commune) else {
        return commune.to_owned();
    };
    let province = units::province(found.province, today);
    let province = province.map(units::Province::full_name).unwrap_or_default();
    format!("{}, {province}", found.full_name())
}
