//! The fields of a form as a page shows them, and values as people read them.

use jiff::civil::Date;
use serde::Serialize;

use super::{Content, Form, MOST_ROWS, cell, commune, commune_text};
use crate::procedures::description::{Field, Kind};
use crate::procedures::known::{Fact, Told};

/// A field as a page shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// Its name, and its id on the page.
    pub name: String,
    /// The sentence that names it.
    pub label: String,
    /// What can be typed.
    pub kind: Kind,
    /// Whether it may stay empty.
    pub optional: bool,
    /// What it says.
    pub value: String,
    /// Who says it, where nobody types it.
    pub told: Option<Told>,
    /// The options of a choice, with the sentences that name them.
    pub options: Vec<(String, String)>,
    /// The rows of a table.
    pub rows: Vec<Vec<Shown>>,
    /// Other fields depend on it.
    pub decides: bool,
    /// The most characters.
    pub most: u32,
}

impl Shown {
    /// Whether an option is chosen.
    pub fn chose(&self, option: &str) -> bool {
        self.value == option
    }

    /// The value as people read it, where that is not a sentence.
    pub fn read(&self) -> String {
        read_as(self.kind, &self.value)
    }
}

/// A value as people read it, where that is not a sentence.
pub fn read_as(kind: Kind, value: &str) -> String {
    match kind {
        Kind::Day => match value.parse::<Date>() {
            Ok(day) => day.strftime("%d/%m/%Y").to_string(),
            Err(_) => value.to_owned(),
        },
        Kind::Commune => commune(value).map_or_else(|| value.to_owned(), commune_text),
        _ => value.to_owned(),
    }
}

/// The form as a page shows it.
pub fn shown(form: &Form<'_>) -> Vec<Shown> {
    let code = &form.procedure.code;
    form.asked()
        .map(|field| {
            let told = form.told(field);
            let fact = told.and(field.from.as_deref()).and_then(Fact::of_word);
            let mut one = plain(code, field, &field.name, form.value(&field.name));
            one.label = fact.map_or(one.label, Fact::label);
            one.told = told.cloned();
            one.decides = form.version.field.iter().any(|other| {
                let when = other.when.as_ref();
                when.is_some_and(|when| when.field == field.name)
            });
            if field.kind == Kind::Rows {
                let most = field.most.unwrap_or(MOST_ROWS);
                let count = (form.content.rows(field) + 1).max(field.least.unwrap_or(1)).min(most);
                one.rows = (0..count).map(|row| cells(code, field, row, form.content)).collect();
            }
            one
        })
        .collect()
}

fn cells(code: &str, table: &Field, row: u32, content: &Content) -> Vec<Shown> {
    let columns = table.columns.iter();
    columns
        .map(|column| {
            let name = cell(&table.name, row, &column.name);
            let mut one = plain(code, column, &name, content.said(&name));
            one.label = format!(
                "procedure-{code}-field-{}-{}",
                dashed(&table.name),
                dashed(&column.name)
            );
            one
        })
        .collect()
}

/// The name of a field as its sentence has it.
fn dashed(name: &str) -> String {
    name.replace('_', "-")
}

/// The sentence that names a field.
pub fn label(code: &str, name: &str) -> String {
    format!("procedure-{code}-field-{}", dashed(name))
}

/// The sentence that names an option.
pub fn option_label(code: &str, field: &str, option: &str) -> String {
    format!("procedure-{code}-option-{}-{option}", dashed(field))
}

fn plain(code: &str, field: &Field, name: &str, value: &str) -> Shown {
    let option = |option: &String| (option.clone(), option_label(code, &field.name, option));
    Shown {
        name: name.to_owned(),
        label: label(code, &field.name),
        kind: field.kind,
        optional: field.optional,
        value: value.to_owned(),
        told: None,
        options: field.options.iter().map(option).collect(),
        rows: Vec::new(),
        decides: false,
        most: field.most.filter(|_| field.kind != Kind::Rows).unwrap_or(200),
    }
}
