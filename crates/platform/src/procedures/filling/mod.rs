//! Filling a form in: what was typed, what is shown, what is wrong, and what is sent in. No I/O, no clock.
//!
//! **Invariant:** what was typed is kept as it was typed, right or wrong; what is sent in is what the version in force asks for, and no more.

use std::collections::BTreeMap;

use civil::PersonalNumber;
use civil::units::{self, Commune};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::description::{Extra, Fee, Field, Kind, Procedure, Version, When, Whom};
use super::known::{Fact, Known, Told};

mod rules;
mod showing;

#[cfg(test)]
mod tests;

pub use rules::check;
pub use showing::{Shown, label, option_label, read_as, shown};

/// The most that one field holds as typed, in characters.
const LONGEST: usize = 4000;
/// The most rows of a table that says nothing of it.
const MOST_ROWS: u32 = 10;
/// How long a chain of fields may be of which each is asked by what the one before says.
const DEEPEST: usize = 8;

/// A request as far as it was filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// For whom.
    pub whom: Whom,
    /// The child's or ward's number.
    #[serde(default)]
    pub child: Option<PersonalNumber>,
    /// What was typed, by the name of the field; of a table by `NAME.ROW.COLUMN`.
    #[serde(default)]
    pub answers: BTreeMap<String, String>,
    /// What was agreed to.
    #[serde(default)]
    pub consents: Vec<String>,
    /// The group of the fee.
    #[serde(default)]
    pub fee: String,
    /// What is attached: the document's name, its piece of evidence, its media type.
    #[serde(default)]
    pub files: BTreeMap<String, Attached>,
}

/// A document that is attached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// The piece of evidence.
    pub piece: crate::evidence::PieceId,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub size: usize,
}

/// The name of a cell of a table.
fn cell(table: &str, row: u32, column: &str) -> String {
    format!("{table}.{row}.{column}")
}

impl Content {
    /// A new request.
    pub fn new(whom: Whom, child: Option<PersonalNumber>) -> Self {
        Self {
            whom,
            child,
            answers: BTreeMap::new(),
            consents: Vec::new(),
            fee: String::new(),
            files: BTreeMap::new(),
        }
    }

    /// What was typed into a field; empty where nothing was.
    pub fn said(&self, name: &str) -> &str {
        self.answers.get(name).map_or("", String::as_str)
    }

    /// Takes in what a form of this version brings, as it was typed; a form also says which ticks are gone.
    pub fn take(&mut self, version: &Version, typed: &BTreeMap<String, String>) {
        let is_form = typed.contains_key("form");
        let mut keep = |name: &str, text: Option<&String>, is_tick: bool| {
            let clip = |text: &String| text.trim().chars().take(LONGEST).collect::<String>();
            match text.map(clip) {
                Some(text) if text.is_empty() => drop(self.answers.remove(name)),
                Some(text) => drop(self.answers.insert(name.to_owned(), text)),
                None if is_form && is_tick => drop(self.answers.remove(name)),
                None => {}
            }
        };
        for field in &version.field {
            if field.kind != Kind::Rows {
                keep(&field.name, typed.get(&field.name), field.kind == Kind::Check);
                continue;
            }
            for row in 0..field.most.unwrap_or(MOST_ROWS) {
                for column in &field.columns {
                    let name = cell(&field.name, row, &column.name);
                    keep(&name, typed.get(&name), column.kind == Kind::Check);
                }
            }
        }
        for field in version.field.iter().filter(|field| field.kind == Kind::Rows) {
            self.close_gaps(field);
        }
    }

    /// Takes in the consents and the group of the fee.
    pub fn agree(&mut self, version: &Version, typed: &BTreeMap<String, String>) {
        let ticked = |name: &&String| typed.contains_key(&format!("consent-{name}"));
        self.consents = version.consents.iter().filter(ticked).cloned().collect();
        if let Some(group) = typed.get("fee") {
            self.fee.clone_from(group);
        }
    }

    /// Moves the rows of a table up over those that are empty.
    fn close_gaps(&mut self, field: &Field) {
        let rows: Vec<Vec<(String, String)>> = (0..field.most.unwrap_or(MOST_ROWS))
            .map(|row| {
                let of = |column: &Field| {
                    let text = self.answers.remove(&cell(&field.name, row, &column.name))?;
                    Some((column.name.clone(), text))
                };
                field.columns.iter().filter_map(of).collect()
            })
            .filter(|row: &Vec<_>| !row.is_empty())
            .collect();
        for (row, cells) in (0..).zip(rows) {
            for (column, text) in cells {
                self.answers.insert(cell(&field.name, row, &column), text);
            }
        }
    }

    /// How many rows of a table are filled in.
    fn rows(&self, field: &Field) -> u32 {
        let beginning = format!("{}.", field.name);
        let filled = self.answers.keys().filter_map(|name| name.strip_prefix(&beginning));
        let last = filled
            .filter_map(|rest| rest.split('.').next()?.parse::<u32>().ok())
            .max();
        last.map_or(0, |last| last + 1)
    }
}

/// A form as it is filled in now: the version, what was typed, what is known.
#[derive(Clone, Copy)]
pub struct Form<'a> {
    /// The procedure.
    pub procedure: &'a Procedure,
    /// The version in force.
    pub version: &'a Version,
    /// What was typed.
    pub content: &'a Content,
    /// What is known.
    pub known: &'a Known,
    /// The day.
    pub today: Date,
}

impl Form<'_> {
    /// What the state knows for a field.
    pub fn told(&self, field: &Field) -> Option<&Told> {
        self.known.facts.get(field.from.as_deref()?)
    }

    /// What a field says: what is known, else what was typed.
    pub fn value(&self, name: &str) -> &str {
        let field = self.version.field.iter().find(|field| field.name == name);
        let told = field.and_then(|field| self.told(field));
        told.map_or_else(|| self.content.said(name), |told| told.value.as_str())
    }

    /// What a field says, read as a day.
    pub fn day(&self, name: &str) -> Option<Date> {
        self.value(name).parse().ok()
    }

    /// The rows of a table, each with what its columns say.
    pub fn rows(&self, name: &str) -> Vec<BTreeMap<String, String>> {
        let Some(field) = self.version.field.iter().find(|field| field.name == name) else {
            return Vec::new();
        };
        let row = |row: u32| {
            let of = |column: &Field| {
                (
                    column.name.clone(),
                    self.content.said(&cell(name, row, &column.name)).to_owned(),
                )
            };
            field.columns.iter().map(of).collect()
        };
        (0..self.content.rows(field)).map(row).collect()
    }

    /// Whether something is asked, by what another field says that is asked itself.
    pub fn applies(&self, when: Option<&When>) -> bool {
        self.follows(when, DEEPEST)
    }

    fn follows(&self, when: Option<&When>, deep: usize) -> bool {
        when.is_none_or(|when| {
            let said = when.is.iter().any(|word| word == self.value(&when.field));
            let other = self.version.field.iter().find(|field| field.name == when.field);
            let asked = other.is_none_or(|other| deep > 0 && self.follows(other.when.as_ref(), deep - 1));
            said && asked
        })
    }

    /// The fields that are asked now. What the state would know is not asked where it need not be said.
    pub fn asked(&self) -> impl Iterator<Item = &Field> {
        let needless = |field: &Field| {
            let unknown = field.from.is_some() && self.told(field).is_none();
            unknown && field.optional && self.content.whom != Whom::Other
        };
        let fields = self.version.field.iter();
        fields.filter(move |field| self.applies(field.when.as_ref()) && !needless(field))
    }

    /// The commune whose bodies receive it.
    pub fn place(&self) -> Option<&'static Commune> {
        match &self.version.place {
            Some(field) => commune(self.value(field)),
            None => {
                let subject = self.known.value(Fact::PermanentCommune);
                units::commune(if subject.is_empty() {
                    self.known.value(Fact::ApplicantCommune)
                } else {
                    subject
                })
            }
        }
    }

    /// The legal limit in working days.
    pub fn working_days(&self) -> u16 {
        let limit = self.version.limit.iter().find(|limit| self.applies(Some(&limit.when)));
        limit.map_or(self.version.working_days, |limit| limit.working_days)
    }

    /// What is paid: that of the chosen group, or of the only one; nothing where it is free of charge.
    pub fn fee(&self) -> Option<(&str, u32)> {
        let chosen = self.version.fee.iter().find(|fee| fee.group == self.content.fee);
        let only = self.version.fee.first().filter(|_| self.version.fee.len() == 1);
        let due = |fee: &'_ Fee| fee.amount.saturating_add(self.extra());
        chosen.or(only).map(|fee| (fee.group.as_str(), due(fee)))
    }

    /// What is paid on top of the fee, in đồng; nothing for what is not asked.
    pub fn extra(&self) -> u32 {
        let asked = |extra: &&Extra| self.asked().any(|field| field.name == extra.field);
        let more = self.version.extra.iter().filter(asked).map(|extra| {
            let many: u32 = self.value(&extra.field).parse().unwrap_or_default();
            many.saturating_sub(extra.over).saturating_mul(extra.amount)
        });
        more.fold(0, u32::saturating_add)
    }
}

/// The commune of a code, or of a name with that of its province: *00004*, *Phường Ba Đình, Hà Nội*.
pub fn commune(text: &str) -> Option<&'static Commune> {
    let text = text.trim();
    if let Some(found) = units::commune(text) {
        return Some(found);
    }
    let (name, province) = text.rsplit_once(',')?;
    let wanted = civil::names::fold(province.trim());
    let is_meant = |found: &&Commune| {
        units::province(found.province, PROVINCES_OF).is_some_and(|province| {
            [province.name.to_owned(), province.full_name()]
                .iter()
                .any(|name| civil::names::fold(name) == wanted)
        })
    };
    let first = units::communes().find(is_meant)?;
    let found = units::communes_named(first.province, name.trim());
    match found.as_slice() {
        [only] => Some(only),
        _ => None,
    }
}

/// The 34 provinces as they are since the last change of a kind (30/4/2026).
const PROVINCES_OF: Date = Date::constant(2026, 4, 30);

/// A province by its code.
pub fn province(code: &str) -> Option<&'static units::Province> {
    units::province(code, PROVINCES_OF)
}

/// A commune as people read it.
pub fn commune_text(found: &Commune) -> String {
    match province(found.province) {
        Some(province) => format!("{}, {}", found.full_name(), province.full_name()),
        None => found.full_name(),
    }
}

/// What was sent in, as it is kept and shown to the applicant and to who decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filed {
    /// For whom.
    pub whom: Whom,
    /// The personal number of for whom, where it is known.
    pub subject: Option<PersonalNumber>,
    /// The fields, in order.
    pub values: Vec<Answered>,
    /// What was agreed to.
    pub consents: Vec<String>,
    /// The group of the fee and what was to be paid, in đồng.
    pub fee: Option<(String, u32)>,
    /// What is attached.
    pub files: BTreeMap<String, Attached>,
    /// The legal limit in working days.
    #[serde(default)]
    pub working_days: u16,
}

/// A field as it was sent in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// What it says.
    pub value: String,
    /// Of a table: its rows, each by column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<BTreeMap<String, String>>,
    /// Who says it, where nobody typed it.
    pub told: Option<Told>,
    /// The fact that it is, where nobody typed it.
    pub fact: Option<Fact>,
}

impl Filed {
    /// What is sent in of a form that was checked.
    pub fn of(form: &Form<'_>) -> Self {
        let number = PersonalNumber::parse(form.known.value(Fact::Number)).ok();
        let answered = |field: &Field| Answered {
            name: field.name.clone(),
            kind: field.kind,
            value: form.value(&field.name).to_owned(),
            rows: if field.kind == Kind::Rows {
                form.rows(&field.name)
            } else {
                Vec::new()
            },
            told: form.told(field).cloned(),
            fact: form.told(field).and(field.from.as_deref()).and_then(Fact::of_word),
        };
        Self {
            whom: form.content.whom,
            subject: number,
            values: form.asked().map(answered).collect(),
            consents: form.content.consents.clone(),
            fee: form.fee().map(|(group, amount)| (group.to_owned(), amount)),
            files: form.content.files.clone(),
            working_days: form.working_days(),
        }
    }

    /// What a field says; empty where it says nothing.
    pub fn value(&self, name: &str) -> &str {
        let found = self.values.iter().find(|value| value.name == name);
        found.map_or("", |value| value.value.as_str())
    }

    /// What a field says, as people read it.
    pub fn read(&self, name: &str) -> String {
        let found = self.values.iter().find(|value| value.name == name);
        found.map_or(String::new(), |value| read_as(value.kind, &value.value))
    }

    /// The rows of a table.
    pub fn rows(&self, name: &str) -> &[BTreeMap<String, String>] {
        let found = self.values.iter().find(|value| value.name == name);
        found.map_or(&[], |value| value.rows.as_slice())
    }

    /// What a field says, read as a day.
    pub fn day(&self, name: &str) -> Option<Date> {
        self.value(name).parse().ok()
    }
}
