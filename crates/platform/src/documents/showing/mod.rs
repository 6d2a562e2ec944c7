//! Papers shown to who checks a person: of each, the fields that the checker's purpose allows, and nothing else.
//!
//! **Invariant:** a field that the purpose does not name leaves neither the page nor the JSON.

use serde::Serialize;

use super::gathering::gather;
use super::rules::{Content, Field, Held, Kind, Provenance};
use crate::app::App;
use crate::registries::{Cause, Subject};

/// A paper, and what of it may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) kind: Kind,
    /// The names of its fields.
    pub(crate) fields: &'static [&'static str],
    /// The names of the fields of its parts; a part of which none is seen is left out.
    pub(crate) parts: &'static [&'static str],
    /// Whether the number that is printed large is among them.
    pub(crate) number: bool,
}

/// A paper as a checker sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Showing {
    kind: Kind,
    #[serde(flatten)]
    held: Held,
}

impl Showing {
    /// The sentence that names the paper.
    pub(crate) fn sentence(&self) -> String {
        format!("documents-kind-{}", self.kind.word())
    }

    /// The word of its kind.
    pub(crate) fn word(&self) -> &'static str {
        self.kind.word()
    }

    /// What it says, and where it is from.
    pub(crate) fn here(&self) -> Option<(&Content, &Provenance)> {
        match &self.held {
            Held::Here { content, provenance } => Some((content.as_ref(), provenance)),
            _ => None,
        }
    }

    /// Whether it is here, as its source says it now, and in force.
    pub(crate) fn is_good(&self) -> bool {
        self.here().is_some_and(|(content, provenance)| {
            let in_force = content.badge.tone != "bad" || content.badge.state == "near-end";
            in_force && provenance.fresh
        })
    }

    /// Why it is not here.
    pub(crate) fn missing(&self) -> &'static str {
        match &self.held {
            Held::Absent | Held::Removed | Held::Here { .. } => "documents-missing-absent",
            Held::Silent | Held::Unconnected => "documents-missing-silent",
        }
    }
}

/// The papers of a person that a purpose wants, as far as it may see them.
pub(crate) async fn show(app: &App, subject: &Subject, wanted: &[Wanted], cause: impl Into<Cause>) -> Vec<Showing> {
    let kinds: Vec<Kind> = wanted.iter().map(|wanted| wanted.kind).collect();
    let gathered = gather(app, subject, &kinds, cause).await;
    gathered
        .into_iter()
        .filter_map(|found| {
            let wanted = wanted.iter().find(|wanted| wanted.kind == found.kind)?;
            Some(Showing {
                kind: found.kind,
                held: allowed(found.held, wanted),
            })
        })
        .collect()
}

fn allowed(held: Held, wanted: &Wanted) -> Held {
    let Held::Here {
        mut content,
        provenance,
    } = held
    else {
        return held;
    };
    let keep = |fields: &mut Vec<Field>, names: &[&str]| {
        fields.retain(|field| names.contains(&field.name));
        for field in fields {
            field.former = None;
        }
    };
    keep(&mut content.fields, wanted.fields);
    for part in &mut content.parts {
        keep(&mut part.fields, wanted.parts);
    }
    content.parts.retain(|part| !part.fields.is_empty());
    content.number = content.number.take().filter(|_| wanted.number);
    content.chart.clear();
    content.axis.clear();
    Held::Here { content, provenance }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::rules::{Badge, Part};

    #[test]
    fn of_a_paper_no_more_is_shown_than_the_purpose_names() {
        let mut content = Content::new(
            Some("123".to_owned()),
            Badge::good("valid"),
            vec![Field::text("owner", "An"), Field::text("address", "Số 1")],
        );
        content.parts = vec![Part {
            name: "vehicle",
            title: "30A-123.45".to_owned(),
            badge: None,
            fields: vec![Field::text("address", "Số 1")],
        }];
        let held = Held::Here {
            content: Box::new(content),
            provenance: Provenance {
                source: crate::registries::Source::Vehicle,
                record_id: "v".to_owned(),
                as_of: jiff::Timestamp::UNIX_EPOCH,
                fresh: true,
            },
        };
        let wanted = Wanted {
            kind: Kind::Vehicles,
            fields: &["owner"],
            parts: &[],
            number: false,
        };

        let told = serde_json::to_string(&allowed(held, &wanted)).unwrap();

        assert!(
            told.contains("An") && !told.contains("Số 1") && !told.contains("123"),
            "{told}"
        );
    }
}
