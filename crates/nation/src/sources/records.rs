//! What the databases say of a person on a day.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;

use super::fates::Fate;
use super::faults::Source;
use super::wire::{
    CardFacts, CardRecord, HouseholdEntry, LicenceClass, LicenceRecord, LifeState, PersonRecord, Portrait, Relative,
    Residence, TemporaryResidence,
};
use crate::card::{Card, Layout};
use crate::licence::{Class, licence as drawn};
use crate::people::{Address, Household, Life, Nation, Person};
use crate::picture;

/// The record of the population database.
pub(super) fn person(nation: &Nation, person: &Person, on: Date) -> PersonRecord {
    let (life, life_since) = life(person, on);
    let resides = person.life(on) != Life::Emigrated && life != LifeState::Dead;
    let permanent = Some(residence(&person.permanent_residence)).filter(|_| resides);
    let stay = person
        .temporary_residence
        .as_ref()
        .filter(|stay| resides && stay.from <= on && on <= stay.to);
    let temporary = stay.map(|stay| TemporaryResidence {
        address: residence(&stay.address),
        from: stay.from,
        to: stay.to,
    });
    let household = household(nation, person);
    let own = household.iter().find(|entry| entry.personal_number == person.number);
    PersonRecord {
        personal_number: person.number.clone(),
        full_name: person.full_name.clone(),
        date_of_birth: person.date_of_birth,
        sex: person.sex,
        birthplace: person.birthplace.clone(),
        birth_registration_place: person.birthplace.clone(),
        origin: person.origin.clone(),
        ethnicity: person.ethnicity.to_owned(),
        religion: person.religion.to_owned(),
        nationality: "Việt Nam".to_owned(),
        blood_group: Some(person.blood_group.to_owned()),
        old_number: person.old_number.clone(),
        cards: issued(person, on).map(|card| facts(person, card)).collect(),
        relatives: relatives(nation, person),
        current_residence: temporary
            .as_ref()
            .map(|stay| stay.address.clone())
            .or_else(|| permanent.clone()),
        permanent_residence: permanent,
        temporary_residence: temporary,
        residence_file: format!("HS{:010}", person.household),
        marital_status: person.marital_status,
        relation_to_head: own.map(|entry| entry.relation_to_head.clone()),
        household,
        life,
        life_since,
        emigrated_on: person.emigrated_on.filter(|day| *day <= on),
        incapable: person.incapable,
    }
}

/// The records of the ID-card database.
pub(super) fn cards(person: &Person, on: Date) -> Vec<CardRecord> {
    issued(person, on)
        .enumerate()
        .map(|(at, card)| card_record(person, card, at, on))
        .collect()
}

/// The portrait of the newest card.
pub(super) fn portrait(person: &Person, on: Date) -> Option<Portrait> {
    let card = person.newest_card(on)?;
    let jpeg = picture::portrait_jpeg(person, card.issued_on).ok()?;
    Some(Portrait {
        media_type: "image/jpeg".to_owned(),
        base64: STANDARD.encode(jpeg),
    })
}

/// The record of the driving-licence database.
pub(super) fn licence(nation: &Nation, person: &Person, fate: Fate, on: Date) -> Option<LicenceRecord> {
    if fate.misfiled == Some(Source::DrivingLicence) {
        return None;
    }
    let licence = drawn(nation, person, on)?;
    let taken = fate.licence.filter(|(_, since)| *since <= on);
    let class = |class: &Class| LicenceClass {
        name: class.name.to_owned(),
        issued_on: class.issued_on,
        expires_on: class.expires_on,
    };
    Some(LicenceRecord {
        personal_number: person.number.clone(),
        number: licence.number,
        full_name: person.full_name.clone(),
        date_of_birth: person.date_of_birth,
        nationality: "Việt Nam".to_owned(),
        address: person.permanent_residence.text(),
        classes: licence.classes.iter().map(class).collect(),
        issued_on: licence.issued_on,
        issued_by: licence.issued_by.to_owned(),
        points: licence.points,
        state: taken.map_or(licence.state, |(state, _)| state),
    })
}

fn life(person: &Person, on: Date) -> (LifeState, Option<Date>) {
    match person.life(on) {
        Life::Dead => (LifeState::Dead, person.died_on),
        Life::Missing => (LifeState::Missing, person.missing_since),
        Life::Alive | Life::Emigrated => (LifeState::Alive, None),
    }
}

fn issued(person: &Person, on: Date) -> impl Iterator<Item = &Card> {
    person.cards.iter().filter(move |card| card.issued_on <= on)
}

fn number(person: &Person, card: &Card) -> String {
    let old = person.old_number.as_ref().filter(|_| card.layout == Layout::Cmnd);
    old.cloned().unwrap_or_else(|| person.number.as_str().to_owned())
}

fn facts(person: &Person, card: &Card) -> CardFacts {
    CardFacts {
        kind: card.layout,
        number: number(person, card),
        issued_on: card.issued_on,
        expires_on: card.expires_on,
        issued_by: card.issuer().to_owned(),
    }
}

fn card_record(person: &Person, card: &Card, at: usize, on: Date) -> CardRecord {
    CardRecord {
        card_id: format!("cc-{:x}-{at}", person.index),
        kind: card.layout,
        number: number(person, card),
        full_name: person.full_name.clone(),
        date_of_birth: person.date_of_birth,
        sex: person.sex,
        address: card.address(person),
        old_number: person.old_number.clone(),
        issued_on: card.issued_on,
        expires_on: card.expires_on,
        issued_by: card.issuer().to_owned(),
        state: card.state(on),
        state_since: card.since(on),
    }
}

fn residence(address: &Address) -> Residence {
    Residence {
        text: address.text(),
        former_text: address.former_text(),
        commune_code: address.commune.code.to_owned(),
        province_code: address.commune.province.to_owned(),
    }
}

fn relatives(nation: &Nation, person: &Person) -> Vec<Relative> {
    let related = person
        .relations
        .iter()
        .filter_map(|relation| Some((relation.kind, nation.person(relation.index)?)));
    let relative = |(relation, other): (_, Person)| Relative {
        relation,
        personal_number: other.number,
        full_name: other.full_name,
        old_number: other.old_number,
        nationality: "Việt Nam".to_owned(),
    };
    related.map(relative).collect()
}

fn household(nation: &Nation, person: &Person) -> Vec<HouseholdEntry> {
    let own = |household: &Household| household.members.iter().any(|member| member.index == person.index);
    let Some(household) = nation.household(person.household).filter(own) else {
        return Vec::new();
    };
    let entry = |(relation, other): (&str, Person)| HouseholdEntry {
        personal_number: other.number,
        full_name: other.full_name,
        date_of_birth: other.date_of_birth,
        sex: other.sex,
        relation_to_head: relation.to_owned(),
    };
    let members = household
        .members
        .iter()
        .filter_map(|member| Some((member.relation, nation.person(member.index)?)));
    members.map(entry).collect()
}
