//! What was shown, in the words of the history.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::Shown;

/// Claims of SD-JWTs and elements of mobile documents, and the kind of data that each is.
const KINDS: [(&str, &str); 14] = [
    ("personal_number", "number"),
    ("personal_administrative_number", "number"),
    ("full_name", "name"),
    ("birthdate", "birth"),
    ("birth_date", "birth"),
    ("sex", "sex"),
    ("nationalities", "nationality"),
    ("nationality", "nationality"),
    ("residence", "address"),
    ("resident_address", "address"),
    ("residence_province", "province"),
    ("resident_state", "province"),
    ("picture", "portrait"),
    ("portrait", "portrait"),
];
/// What every SD-JWT says of itself.
const OF_ITSELF: [&str; 8] = ["iss", "iat", "nbf", "exp", "vct", "vct#integrity", "cnf", "status"];

/// The kinds of data that were shown, separated by spaces.
pub(super) fn what(shown: &[Shown]) -> String {
    let mut kinds = BTreeSet::new();
    for (name, value) in shown.iter().filter_map(|one| one.claims.as_object()).flatten() {
        match value {
            // A mobile document has its elements by namespace.
            Value::Object(elements) if name.contains('.') => kinds.extend(elements.keys().map(|name| kind(name))),
            _ if OF_ITSELF.contains(&name.as_str()) => {}
            _ => {
                kinds.insert(kind(name));
            }
        }
    }
    kinds.into_iter().collect::<Vec<_>>().join(" ")
}

fn kind(name: &str) -> &'static str {
    let known = KINDS.iter().find(|(claim, _)| *claim == name);
    match known {
        Some((_, kind)) => kind,
        None if name.starts_with("age_over_") => "age",
        None => "licence",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_proof_of_age_is_told_as_that_and_nothing_else() {
        let shown = |claims| Shown {
            id: "a".into(),
            document: None,
            claims,
        };

        assert_eq!(
            what(&[shown(json!({"vct": "x", "exp": 1, "age_over_18": true}))]),
            "age"
        );
        let card = shown(json!({"vn.gov.vneid.eid.1": {"full_name": "An", "age_over_18": true}}));
        assert_eq!(what(&[card]), "age name");
    }
}
