//! Personal data (F20), ID cards (F11), residence (F21), civil status, passport.

use jiff::civil::Date;

use super::{Paper, address, maybe, part};
use crate::documents::rules::{Badge, Content, Field};
use crate::registries::{Absence, CardState, CivilStatus, Dwelling, IdCard, Layout, Life, Passport, Person};

impl Paper for Person {
    fn content(&self, _: Date) -> Content {
        let badge = match self.life {
            Life::Alive => Badge::good("recorded"),
            Life::Dead => Badge::bad("dead"),
            Life::Missing => Badge::bad("missing"),
            Life::Emigrated => Badge::info("emigrated"),
        };
        let fields = [
            Some(Field::text("full-name", self.full_name.as_str())),
            Some(Field::day("birth", self.date_of_birth)),
            Some(Field::text("sex", self.sex.vietnamese())),
            self.permanent_residence.as_ref().map(|home| address("permanent", home)),
            self.current_residence.as_ref().map(|home| address("current", home)),
            Some(Field::text("nationality", self.nationality.as_str())),
            Some(Field::text("ethnicity", self.ethnicity.as_str())),
            maybe("religion", self.religion.as_ref()),
            Some(Field::text("birthplace", self.birthplace.as_str())),
            Some(Field::text(
                "birth-registration",
                self.birth_registration_place.as_str(),
            )),
            Some(Field::text("origin", self.origin.as_str())),
            maybe("blood-group", self.blood_group.as_ref()),
            self.marital_status
                .as_deref()
                .map(|status| Field::word("marital", marital(status))),
            maybe("old-number", self.old_number.as_ref()),
        ];
        let fields = fields.into_iter().flatten().collect();
        Content::new(Some(self.number.as_str().to_owned()), badge, fields)
    }
}

fn marital(status: &str) -> &'static str {
    match status {
        "single" => "single",
        "married" => "married",
        "widowed" => "widowed",
        "divorced" => "divorced",
        _ => "other",
    }
}

impl Paper for Vec<IdCard> {
    fn content(&self, today: Date) -> Content {
        let Some(newest) = self.last() else {
            return Content::new(None, Badge::info("no-card"), Vec::new());
        };
        let fields = vec![
            Field::text("full-name", newest.full_name.as_str()),
            Field::day("birth", newest.date_of_birth),
            Field::text("sex", newest.sex.vietnamese()),
            Field::text("address-on-card", newest.address.as_str()),
            Field::day("issued", newest.issued_on),
            Field::text("issued-by", newest.issued_by.as_str()),
        ];
        let mut content = Content::new(Some(newest.number.clone()), state_of(newest, today), fields);
        let older = self.iter().rev().map(|card| {
            let fields = vec![
                Field::text("card-number", card.number.as_str()),
                Field::day("issued", card.issued_on),
                Field::text("issued-by", card.issued_by.as_str()),
                Field::day("state-since", card.state_since),
            ];
            part("card", layout(card.layout), Some(state_of(card, today)), fields)
        });
        content.parts = older.collect();
        content
    }
}

/// From when, until when and where somebody is away.
fn told(absence: &Absence) -> String {
    let day = |day: Date| day.strftime("%d/%m/%Y").to_string();
    format!("{} – {}: {}", day(absence.from), day(absence.to), absence.place)
}

fn layout(layout: Layout) -> &'static str {
    match layout {
        Layout::Cmnd => "Chứng minh nhân dân (9 số)",
        Layout::Cccd2021 => "Căn cước công dân gắn chíp",
        Layout::CanCuoc2024 => "Thẻ căn cước",
    }
}

fn state_of(card: &IdCard, today: Date) -> Badge {
    match card.state {
        CardState::Valid => Badge::until(card.expires_on, today),
        CardState::Expired => Badge::bad("expired"),
        CardState::Lost => Badge::bad("lost"),
        CardState::Held => Badge::bad("held"),
        CardState::Replaced => Badge::info("replaced"),
        CardState::Revoked => Badge::bad("revoked"),
    }
}

impl Paper for Dwelling {
    fn content(&self, today: Date) -> Content {
        let stay = self.temporary.as_ref();
        let fields = [
            self.permanent.as_ref().map(|home| address("permanent", home)),
            self.current.as_ref().map(|home| address("current", home)),
            self.head
                .as_ref()
                .map(|head| Field::text("head", head.full_name.as_str())),
            self.head
                .as_ref()
                .map(|head| Field::text("head-number", head.number.as_str())),
            maybe("relation-to-head", self.relation_to_head.as_ref()),
            stay.map(|stay| address("temporary", &stay.address)),
            stay.map(|stay| Field::day("temporary-from", stay.from)),
            stay.map(|stay| Field::day("temporary-to", stay.to)),
            Some(match &self.absent {
                Some(absence) => Field::text("absent", told(absence)),
                None => Field::word("absent", "not-absent"),
            }),
            maybe("police", self.police.as_ref()),
        ];
        let badge = stay.map_or(Badge::good("recorded"), |stay| Badge::until(Some(stay.to), today));
        let fields = fields.into_iter().flatten().collect();
        let mut content = Content::new(Some(self.file.clone()), badge, fields);
        content.parts = self
            .members
            .iter()
            .map(|member| {
                let fields = vec![
                    Field::text("number", member.number.as_str()),
                    Field::day("birth", member.date_of_birth),
                    Field::text("sex", member.sex.vietnamese()),
                    Field::text("relation-to-head", member.relation_to_head.as_str()),
                ];
                part("member", member.full_name.as_str(), None, fields)
            })
            .collect();
        content
    }
}

impl Paper for CivilStatus {
    fn content(&self, _: Date) -> Content {
        let status = self.marital_status.as_deref();
        let fields = status
            .map(|status| Field::word("marital", marital(status)))
            .into_iter()
            .collect();
        let number = self.birth.as_ref().map(|birth| birth.number.clone());
        let mut content = Content::new(number, Badge::good("recorded"), fields);
        content.parts.extend(self.birth.as_ref().map(|birth| {
            let fields = [
                Some(Field::text("extract", birth.number.as_str())),
                Some(Field::day("registered", birth.registered_on)),
                Some(Field::text("birth-registration", birth.place.as_str())),
                maybe("father", birth.father.as_ref()),
                maybe("mother", birth.mother.as_ref()),
            ];
            part("birth", "Giấy khai sinh", None, fields.into_iter().flatten().collect())
        }));
        content.parts.extend(self.marriage.as_ref().map(|marriage| {
            let fields = [
                Some(Field::text("extract", marriage.number.as_str())),
                Some(Field::day("registered", marriage.registered_on)),
                maybe("spouse", marriage.spouse.as_ref()),
                Some(Field::text("registered-at", marriage.place.as_str())),
            ];
            part(
                "marriage",
                "Giấy chứng nhận kết hôn",
                None,
                fields.into_iter().flatten().collect(),
            )
        }));
        content
    }
}

impl Paper for Passport {
    fn content(&self, today: Date) -> Content {
        let badge = match self.state.as_str() {
            "valid" => Badge::until(Some(self.expires_on), today),
            "expired" => Badge::bad("expired"),
            "lost" => Badge::bad("lost"),
            _ => Badge::bad("revoked"),
        };
        let fields = vec![
            Field::day("issued", self.issued_on),
            Field::day("expires", self.expires_on),
            Field::text("issued-by", self.issued_by.as_str()),
            Field::text("passport-kind", self.kind.as_str()),
            Field::word("chip", if self.chip { "yes" } else { "no" }),
        ];
        Content::new(Some(self.number.clone()), badge, fields)
    }
}
