//! What form TK01 asks for: papers that can be integrated, who saw their originals, who attends with a child or a ward.

use civil::PersonalNumber;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::chips::Verdict;
use crate::documents::originals::Printed;
use crate::registries::{Person, Relative};

/// The papers of Luật Căn cước 26/2023/QH15, article 22, that form TK01 asks to integrate.
pub(super) const PAPERS: [&str; 6] = [
    "health-insurance",
    "social-insurance",
    "driving-licence",
    "birth-certificate",
    "marriage-certificate",
    "vehicle-registration",
];

/// Those among them that are looked up by what is printed on them: the paper, its kind in the wallet of documents, and the fields of the form.
pub(super) const PRINTED: [(&str, &str, &str, &str); 3] = [
    (
        "driving-licence",
        "driving-licence",
        "driving-licence-number",
        "driving-licence-second",
    ),
    (
        "vehicle-registration",
        "vehicles",
        "vehicle-registration-number",
        "vehicle-registration-second",
    ),
    (
        "health-insurance",
        "health-insurance",
        "health-insurance-number",
        "health-insurance-second",
    ),
];

/// What the officer has seen and noted besides pictures and chip.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Originals {
    /// The papers to be integrated whose originals were seen.
    pub(crate) papers: Vec<String>,
    /// What is printed on those that can be looked up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) printed: Vec<Printed>,
    /// The officer who saw them, with the unit.
    pub(crate) checked_by: String,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) checked_at: Option<Timestamp>,
    /// The guardian who attends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) guardian: Option<Guardian>,
    /// The number of the application for a card that goes with this one, where there is no valid card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) card_request: Option<String>,
    /// What a reader proved of the chip, when it brought it to this application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) chip: Option<Verdict>,
}

/// The guardian of a child or a ward, by the population database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Guardian {
    /// *Số định danh cá nhân*.
    pub(crate) number: PersonalNumber,
    /// *Họ, chữ đệm và tên khai sinh*.
    pub(crate) full_name: String,
    /// What they are to the person: the last part of the sentence for it.
    pub(crate) relation: String,
}

/// Who may act for a person: parents for a child, the legal representative for either (Decree 69/2024, article 10.2).
pub(super) fn guardian(person: &Person, is_child: bool, number: &PersonalNumber) -> Option<Guardian> {
    let may_act = |relative: &&Relative| match relative.relation.as_str() {
        "father" | "mother" => is_child,
        "legal_representative" => true,
        _ => false,
    };
    let found = person
        .relatives
        .iter()
        .filter(may_act)
        .find(|relative| relative.number == *number)?;
    Some(Guardian {
        number: found.number.clone(),
        full_name: found.full_name.clone(),
        relation: found.relation.replace('_', "-"),
    })
}

/// The number of an application for a card, as its receipt has it: letters, digits, dots, dashes and strokes.
pub(super) fn is_card_request(text: &str) -> bool {
    let sound = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '.' | '-' | '/');
    (4..=40).contains(&text.len()) && text.chars().all(sound) && text.contains(|sign: char| sign.is_ascii_digit())
}
