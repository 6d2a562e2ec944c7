//! Who may apply for whom.

use civil::PersonalNumber;

use crate::registries::{Person, Relative};

/// Those for whom a person may apply, as the population database knows them: children and represented persons. Whether each
/// is young enough, or incapable, is said by the own record.
pub(super) fn wards(guardian: &Person) -> impl Iterator<Item = &Relative> {
    let relations = ["child", "represented"];
    guardian
        .relatives
        .iter()
        .filter(move |relative| relations.contains(&relative.relation.as_str()))
}

/// What somebody is to a child or ward: `father`, `mother` or `legal_representative`, as the ward's own record says.
pub(super) fn relation_of(ward: &Person, guardian: &PersonalNumber) -> Option<String> {
    let relations = ["father", "mother", "legal_representative"];
    let found = ward
        .relatives
        .iter()
        .find(|relative| relative.number == *guardian && relations.contains(&relative.relation.as_str()));
    found.map(|relative| relative.relation.clone())
}
