//! What is wrong with a form.

use civil::{PersonalNumber, Phone};
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::{Form, cell, commune};
use crate::procedures::description::{Field, Kind};
use crate::shell::input::is_email;
use crate::shell::problem::Fault;

/// The most characters of a text that says nothing of it.
const LINE: u32 = 200;
/// The most characters of several lines.
const LINES: u32 = 2000;

/// Everything that is wrong with a form, in the order of its fields; the rules in code come last.
pub fn check(form: &Form<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for field in form.asked().filter(|field| form.told(field).is_none()) {
        match field.kind {
            Kind::Rows => faults.extend(table(form, field)),
            _ => faults.extend(one(field, &field.name, form.content.said(&field.name), form.today)),
        }
    }
    for document in &form.version.document {
        let missing = !document.optional && !form.content.files.contains_key(&document.name);
        if missing && form.applies(document.when.as_ref()) {
            faults.push(Fault::new(document.name.clone(), "procedures-fault-document"));
        }
    }
    if faults.is_empty() && form.place().is_none() {
        let at = form.version.place.clone().unwrap_or_else(|| "check".to_owned());
        faults.push(Fault::new(at, "procedures-fault-place"));
    }
    faults.extend(form.procedure.entry.rules.check(form));
    faults
}

fn table(form: &Form<'_>, field: &Field) -> Vec<Fault> {
    let rows = form.content.rows(field);
    let least = field.least.unwrap_or(u32::from(!field.optional));
    if rows < least {
        let name = field.columns.first().map_or("", |column| column.name.as_str());
        return vec![Fault::new(cell(&field.name, rows, name), "procedures-fault-rows").with("least", least)];
    }
    let cells = (0..rows).flat_map(|row| field.columns.iter().map(move |column| (row, column)));
    cells
        .filter_map(|(row, column)| {
            let name = cell(&field.name, row, &column.name);
            one(column, &name, form.content.said(&name), form.today)
        })
        .collect()
}

fn one(field: &Field, name: &str, said: &str, today: Date) -> Option<Fault> {
    let fault = |text: &'static str| Some(Fault::new(name.to_owned(), text));
    if said.is_empty() {
        return if field.optional {
            None
        } else {
            fault("procedures-fault-required")
        };
    }
    match field.kind {
        Kind::Text | Kind::Long => {
            let most = field
                .most
                .unwrap_or(if field.kind == Kind::Text { LINE } else { LINES });
            let fits = u32::try_from(said.chars().count()).is_ok_and(|length| length <= most);
            let too_long = Fault::new(name.to_owned(), "procedures-fault-long").with("most", most);
            (!fits).then_some(too_long)
        }
        Kind::Day => day(field, name, said, today),
        Kind::Number => {
            let (least, most) = (field.least.unwrap_or(0), field.most.unwrap_or(u32::MAX));
            let fits = said.parse().is_ok_and(|number: u32| (least..=most).contains(&number));
            let wrong = Fault::new(name.to_owned(), "procedures-fault-number");
            (!fits).then_some(wrong.with("least", least).with("most", most))
        }
        Kind::Choice if !field.options.iter().any(|option| option == said) => fault("procedures-fault-choice"),
        Kind::Commune if commune(said).is_none() => fault("procedures-fault-commune"),
        Kind::Phone if Phone::parse(said).is_err() => fault("procedures-fault-phone"),
        Kind::Email if !is_email(said) => fault("procedures-fault-email"),
        Kind::PersonalNumber if PersonalNumber::parse(said).is_err() => fault("procedures-fault-personal-number"),
        Kind::Check if said != "on" => fault("procedures-fault-required"),
        _ => None,
    }
}

fn day(field: &Field, name: &str, said: &str, today: Date) -> Option<Fault> {
    let Ok(day) = said.parse::<Date>() else {
        return Some(Fault::new(name.to_owned(), "procedures-fault-day"));
    };
    let bound = |days: Option<i32>| days.map(|days| today.saturating_add(i64::from(days).days()));
    let written = |day: Date| day.strftime("%d/%m/%Y").to_string();
    match (bound(field.from_days), bound(field.to_days)) {
        (Some(first), _) if day < first => {
            Some(Fault::new(name.to_owned(), "procedures-fault-day-before").with("day", written(first)))
        }
        (_, Some(last)) if day > last => {
            Some(Fault::new(name.to_owned(), "procedures-fault-day-after").with("day", written(last)))
        }
        _ => None,
    }
}
