//! When a description is sound.

use super::{Field, Kind, Part, Unsound, Version};
use crate::procedures::known::Fact;

/// Puts newer versions on top: one that was open ends the day before the next begins, one of the same first day is replaced.
pub(super) fn overlay(versions: &mut Vec<Version>, newer: Vec<Version>) {
    for version in newer {
        versions.retain(|old| old.from != version.from);
        for old in versions.iter_mut().filter(|old| old.from < version.from) {
            let last = version.from.yesterday().unwrap_or(version.from);
            old.until = Some(old.until.map_or(last, |until| until.min(last)));
        }
        versions.push(version);
    }
    versions.sort_by_key(|version| version.from);
}

pub(super) fn check(code: &str, versions: &[Version]) -> Result<(), Unsound> {
    let unsound = |why: String| Err(Unsound::Said(code.to_owned(), why));
    if versions.is_empty() {
        return unsound("it has no version".to_owned());
    }
    for (old, new) in versions.iter().zip(versions.iter().skip(1)) {
        if old.until.is_none_or(|until| until >= new.from) {
            return unsound(format!("two versions are in force on {}", new.from));
        }
    }
    for version in versions {
        if version.whom.is_empty() || version.basis.is_empty() || !(1..=2).contains(&version.level) {
            return unsound(format!("the version of {} lacks level, whom or basis", version.from));
        }
        if let Some(field) = version.field.iter().find(|field| !is_sound(field)) {
            return unsound(format!("the field {} is not sound", field.name));
        }
        let place = version.place.as_ref();
        let named = |name: &String| {
            version
                .field
                .iter()
                .any(|field| field.name == *name && field.kind == Kind::Commune)
        };
        if place.is_some_and(|name| !named(name)) {
            return unsound("the place is no field of kind commune".to_owned());
        }
        let asked_for = version.field.iter().filter_map(|field| field.when.as_ref());
        let whens = asked_for
            .chain(version.document.iter().filter_map(|document| document.when.as_ref()))
            .chain(version.part.iter().filter_map(|part| part.when.as_ref()))
            .chain(version.limit.iter().map(|limit| &limit.when));
        linked(version).or_else(unsound)?;
        let counts = |name: &String| {
            let mut fields = version.field.iter();
            fields.any(|field| field.name == *name && field.kind == Kind::Number)
        };
        if let Some(extra) = version.extra.iter().find(|extra| !counts(&extra.field)) {
            return unsound(format!("{} is no field of kind number", extra.field));
        }
        for when in whens {
            if !version.field.iter().any(|field| field.name == when.field) {
                return unsound(format!("there is no field {}", when.field));
            }
        }
    }
    Ok(())
}

/// What a linked procedure says beyond others.
fn linked(version: &Version) -> Result<(), String> {
    if !version.part.is_empty() && !version.fee.is_empty() {
        return Err("a linked procedure has no fee".to_owned());
    }
    let is_part = |code: &String| version.part.iter().any(|part| part.code == *code);
    let lost = |part: &&Part| part.after.as_ref().is_some_and(|after| !is_part(after));
    if let Some(part) = version.part.iter().find(lost) {
        return Err(format!("the part {} comes after none", part.code));
    }
    let kind_of = |name: &String| version.field.iter().find(|field| field.name == *name);
    let asks = version.confirmation.as_ref();
    let is_asked = |name: &String| kind_of(name).is_some_and(|field| field.kind == Kind::PersonalNumber);
    if asks.is_some_and(|asks| !is_asked(&asks.by) || asks.about.iter().any(|name| kind_of(name).is_none())) {
        return Err("who confirms it, or what, is no field".to_owned());
    }
    let parts = version.part.iter();
    let parts = parts.filter_map(|part| Some((part.working_days, part.verification.as_ref()?)));
    let whole = version.verification.as_ref();
    let longer = whole.map(|longer| (version.working_days, longer)).into_iter();
    if longer
        .chain(parts)
        .any(|(usual, longer)| longer.working_days <= usual || longer.basis.is_empty())
    {
        return Err("a verification takes no longer, or rests on nothing".to_owned());
    }
    Ok(())
}

fn is_sound(field: &Field) -> bool {
    let name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let known = |word: &String| Fact::of_word(word).is_some();
    name(&field.name)
        && field.from.as_ref().is_none_or(known)
        && (field.kind == Kind::Choice) != field.options.is_empty()
        && (field.kind == Kind::Rows) != field.columns.is_empty()
        && field
            .columns
            .iter()
            .all(|column| column.kind != Kind::Rows && is_sound(column))
}
