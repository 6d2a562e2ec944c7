//! The form of a report: what was typed, what is wrong with it, and which unit it goes to. No I/O.

use civil::units;
use serde::Serialize;

use super::rules::{Content, Kind, LONGEST_TEXT, MOST_MATTERS, Organisation, Place, is_unit};
use crate::shell::problem::Fault;

/// The longest short field, in characters.
const LONGEST_LINE: usize = 300;

/// Which unit receives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum To {
    /// That of a commune or province.
    Unit(String),
    /// That of the sender's permanent residence.
    Home,
}

/// A form as it was typed.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a box that is ticked or not")]
pub(super) struct Typed {
    #[serde(skip)]
    pub(super) draft: String,
    pub(super) province: String,
    pub(super) matters: Vec<String>,
    pub(super) commune: String,
    pub(super) detail: String,
    pub(super) happened: String,
    pub(super) summary: String,
    pub(super) involved: String,
    pub(super) on_behalf: bool,
    pub(super) organisation: String,
    pub(super) position: String,
    pub(super) to: String,
    pub(super) unit: String,
    pub(super) anonymous: bool,
    pub(super) keep: bool,
    pub(super) urgent: bool,
    pub(super) pledge: bool,
}

/// A form that is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checked {
    pub(super) content: Content,
    pub(super) to: To,
}

/// Reads a form.
///
/// # Errors
/// All that is wrong with it.
pub(super) fn check(kind: Kind, typed: &Typed) -> Result<Checked, Vec<Fault>> {
    let mut faults = Vec::new();
    let matters = matters(kind, typed, &mut faults);
    let place = place(typed, &mut faults);
    let to = to(typed, place.as_ref(), &mut faults);
    match typed.summary.trim().chars().count() {
        0 => faults.push(Fault::new("summary", "reports-summary-fault")),
        1..=LONGEST_TEXT => {}
        _ => faults.push(Fault::new("summary", "reports-long-fault").with("most", LONGEST_TEXT)),
    }
    let lines = [
        ("detail", &typed.detail),
        ("happened", &typed.happened),
        ("involved", &typed.involved),
    ];
    for (field, line) in lines {
        if line.chars().count() > LONGEST_LINE {
            faults.push(Fault::new(field, "reports-long-fault").with("most", LONGEST_LINE));
        }
    }
    let organisation = organisation(typed, &mut faults);
    if kind == Kind::Crime && !typed.pledge {
        faults.push(Fault::new("pledge", "reports-pledge-fault"));
    }
    match (to, faults.is_empty()) {
        (Some(to), true) => Ok(Checked {
            content: Content {
                matters,
                place,
                happened: typed.happened.trim().to_owned(),
                summary: typed.summary.trim().to_owned(),
                involved: typed.involved.trim().to_owned(),
                organisation,
            },
            to,
        }),
        _ => Err(faults),
    }
}

fn matters(kind: Kind, typed: &Typed, faults: &mut Vec<Fault>) -> Vec<String> {
    let mut chosen = typed.matters.clone();
    chosen.sort();
    chosen.dedup();
    let known = kind.matters();
    if chosen.is_empty() || chosen.iter().any(|word| !known.contains(&word.as_str())) {
        faults.push(Fault::new("matters", "reports-matters-fault"));
    } else if chosen.len() > MOST_MATTERS {
        faults.push(Fault::new("matters", "reports-matters-many").with("most", MOST_MATTERS));
    }
    chosen
}

fn place(typed: &Typed, faults: &mut Vec<Fault>) -> Option<Place> {
    if typed.commune.is_empty() {
        return None;
    }
    if units::commune(&typed.commune).is_none() {
        faults.push(Fault::new("commune", "reports-commune-fault"));
        return None;
    }
    Some(Place {
        commune: typed.commune.clone(),
        detail: typed.detail.trim().to_owned(),
    })
}

/// The unit of the place, else that of the own home, else the one that was chosen. An anonymous report never goes to the unit of the home by itself: it
/// would tell where its sender lives.
fn to(typed: &Typed, place: Option<&Place>, faults: &mut Vec<Fault>) -> Option<To> {
    let refused = match (typed.to.as_str(), place) {
        ("" | "place", Some(place)) => return Some(To::Unit(place.commune.clone())),
        ("unit", _) if is_unit(&typed.unit) => return Some(To::Unit(typed.unit.clone())),
        ("unit", _) => Fault::new("unit", "reports-unit-fault"),
        ("home", _) | ("", None) if typed.anonymous => Fault::new("to", "reports-home-fault"),
        ("home", _) | ("", None) => return Some(To::Home),
        ("place", None) => Fault::new("commune", "reports-place-fault"),
        _ => Fault::new("to", "reports-unit-fault"),
    };
    faults.push(refused);
    None
}

fn organisation(typed: &Typed, faults: &mut Vec<Fault>) -> Option<Organisation> {
    if !typed.on_behalf {
        return None;
    }
    let (name, position) = (typed.organisation.trim(), typed.position.trim());
    if typed.anonymous {
        faults.push(Fault::new("on_behalf", "reports-behalf-anonymous"));
    }
    for (field, line) in [("organisation", name), ("position", position)] {
        if line.is_empty() || line.chars().count() > LONGEST_LINE {
            faults.push(Fault::new(field, "reports-organisation-fault"));
        }
    }
    Some(Organisation {
        name: name.to_owned(),
        position: position.to_owned(),
    })
}
