//! The driving licence (*giấy phép lái xe*, Luật 36/2024/QH15 Đ57) as SD-JWT VC and as the mobile driving licence of ISO/IEC
//! 18013-5.
//!
//! The categories of ISO/IEC 18013-1 stand in the namespace of the standard; the classes of the law, some of which that
//! standard does not have, and the points stand whole in the domestic namespace.

use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};

use crate::cbor::{self, Value};
use crate::eid::{AGES, ages, birthday, full_date, has_reached};
use crate::mdoc::{DRIVING_LICENCE_DOMESTIC, DRIVING_LICENCE_NAMESPACE, Elements};
use crate::sdjwt::ClaimPath;

/// The type of the SD-JWT VC.
pub const VCT: &str = "urn:vneid:driving-licence:1";
/// The classes of the law that have the same name and meaning in ISO/IEC 18013-1.
const INTERNATIONAL: [&str; 13] = [
    "A1", "A", "B1", "B", "C1", "C", "D1", "D", "BE", "C1E", "CE", "D1E", "DE",
];
/// What stands for no end (ISO/IEC 18013-5 asks for a date): as machine-readable zones write it.
const NO_END: Date = Date::constant(9999, 12, 31);

/// What a licence says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrivingLicence {
    /// The number of the licence.
    pub number: String,
    /// The holder's name.
    pub full_name: String,
    /// The date of birth.
    pub date_of_birth: Date,
    /// The nationality: two letters (ISO 3166-1).
    pub nationality: String,
    /// The place of residence, one line.
    pub address: String,
    /// What may be driven.
    pub classes: Vec<Class>,
    /// When the licence was issued.
    pub issued_on: Date,
    /// Who has issued it.
    pub issued_by: String,
    /// The points that are left of 12 (Luật 36/2024/QH15 Đ58).
    pub points: u8,
    /// The portrait as JPEG.
    pub portrait: Option<Vec<u8>>,
}

/// A class of vehicles (*hạng*).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// `A1`, `B`, `D2E`, …
    pub name: String,
    /// Since when.
    pub issued_on: Date,
    /// The last day; `None` for A1, A and B1, which have none.
    pub expires_on: Option<Date>,
}

impl DrivingLicence {
    /// The last day of the class that lasts longest; `None` when one has no end.
    pub fn expires_on(&self) -> Option<Date> {
        let last = self
            .classes
            .iter()
            .map(|class| class.expires_on.unwrap_or(NO_END))
            .max();
        last.filter(|last| *last < NO_END)
    }

    /// Whether any class is good on a day.
    pub fn is_valid(&self, on: Date) -> bool {
        self.classes.iter().any(|class| class.is_valid(on))
    }

    /// The day from which a claim that was issued on `on` is out of date: an age is reached, or a class is over.
    pub fn derived_until(&self, on: Date) -> Option<Date> {
        let pending = AGES.into_iter().find(|age| !has_reached(*age, self.date_of_birth, on));
        let birthday = pending.map(|age| birthday(self.date_of_birth, age));
        let over = self
            .classes
            .iter()
            .filter_map(|class| class.expires_on?.tomorrow().ok());
        over.filter(|day| *day > on).chain(birthday).min()
    }

    /// The claims of the SD-JWT VC, and which of them hide: each on its own, and each class.
    pub fn claims(&self, on: Date) -> (Map<String, Json>, Vec<ClaimPath>) {
        let class = |class: &Class| json!({"class": class.name, "issue_date": class.issued_on, "expiry_date": class.expires_on, "valid": class.is_valid(on)});
        let mut claims = json!({
            "document_number": self.number,
            "full_name": self.full_name,
            "birthdate": self.date_of_birth,
            "nationality": self.nationality,
            "address": self.address,
            "classes": self.classes.iter().map(class).collect::<Vec<_>>(),
            "issue_date": self.issued_on,
            "issuing_authority": self.issued_by,
            "points": self.points,
        })
        .as_object()
        .cloned()
        .unwrap_or_default();
        for (age, reached) in ages(self.date_of_birth, on) {
            claims.insert(format!("age_over_{age}"), reached.into());
        }
        if let Some(portrait) = &self.portrait {
            let picture = format!("data:image/jpeg;base64,{}", crate::base64(portrait));
            claims.insert("picture".to_owned(), picture.into());
        }
        let mut hidden: Vec<_> = claims.keys().map(|name| ClaimPath::of([name.as_str()])).collect();
        if !self.classes.is_empty() {
            hidden.push(ClaimPath::of(["classes"]).all());
        }
        (claims, hidden)
    }

    /// The data elements of the mobile driving licence (clause 7.2.1).
    pub fn elements(&self, on: Date) -> Elements {
        let (family, given) = self.full_name.split_once(' ').unwrap_or((&self.full_name, ""));
        let fixed = [
            ("family_name", family.into()),
            ("given_name", given.into()),
            ("birth_date", full_date(self.date_of_birth)),
            ("issue_date", full_date(self.issued_on)),
            ("expiry_date", full_date(self.expires_on().unwrap_or(NO_END))),
            ("issuing_country", "VN".into()),
            ("issuing_authority", self.issued_by.as_str().into()),
            ("document_number", self.number.as_str().into()),
            ("driving_privileges", Value::Array(self.privileges())),
            ("un_distinguishing_sign", "VN".into()),
            ("nationality", self.nationality.as_str().into()),
            ("resident_address", self.address.as_str().into()),
        ];
        let portrait = self.portrait.clone();
        let portrait = portrait.map(|image| ("portrait".to_owned(), Value::Bytes(image)));
        let reached = ages(self.date_of_birth, on).map(|(age, reached)| (format!("age_over_{age}"), reached.into()));
        let named = fixed.map(|(name, value)| (name.to_owned(), value));
        let standard = named.into_iter().chain(reached).chain(portrait).collect();
        let domestic = [
            (
                "domestic_classes",
                Value::Array(self.classes.iter().map(Class::to_cbor).collect()),
            ),
            ("points", i64::from(self.points).into()),
        ];
        let domestic = domestic.map(|(name, value)| (name.to_owned(), value));
        Elements::from([
            (DRIVING_LICENCE_NAMESPACE.to_owned(), standard),
            (DRIVING_LICENCE_DOMESTIC.to_owned(), domestic.into_iter().collect()),
        ])
    }

    /// The categories of ISO/IEC 18013-1 (clause 7.2.4).
    fn privileges(&self) -> Vec<Value> {
        let known = self
            .classes
            .iter()
            .filter(|class| INTERNATIONAL.contains(&class.name.as_str()));
        known.map(|class| class.privilege("vehicle_category_code")).collect()
    }
}

impl Class {
    fn is_valid(&self, on: Date) -> bool {
        self.expires_on.is_none_or(|last| on <= last)
    }

    fn to_cbor(&self) -> Value {
        self.privilege("class")
    }

    fn privilege(&self, called: &str) -> Value {
        let fixed = [
            (called, self.name.as_str().into()),
            ("issue_date", full_date(self.issued_on)),
        ];
        let end = self.expires_on.map(|day| ("expiry_date", full_date(day)));
        cbor::map(fixed.into_iter().chain(end))
    }
}

/// What the claims are called and mean (draft-ietf-oauth-sd-jwt-vc section 4).
pub fn type_metadata() -> Json {
    let display = |vietnamese: &str, english: &str| json!([{"locale": "vi", "label": vietnamese}, {"locale": "en", "label": english}]);
    let claim = |path: &[&str], (vietnamese, english): (&str, &str)| json!({"path": path, "sd": "always", "display": display(vietnamese, english)});
    let mut claims: Vec<_> = LABELS.iter().map(|(name, labels)| claim(&[name], *labels)).collect();
    for age in AGES {
        let labels = (format!("Đủ {age} tuổi"), format!("Aged {age} or over"));
        claims.push(claim(&[&format!("age_over_{age}")], (&labels.0, &labels.1)));
    }
    json!({
        "vct": VCT,
        "name": "Giấy phép lái xe",
        "description": "Driving licence of Viet Nam",
        "display": [{"locale": "vi", "name": "Giấy phép lái xe"}, {"locale": "en", "name": "Driving licence"}],
        "claims": claims,
    })
}

const LABELS: [(&str, (&str, &str)); 10] = [
    ("document_number", ("Số giấy phép lái xe", "Number of the licence")),
    ("full_name", ("Họ tên", "Full name")),
    ("birthdate", ("Ngày, tháng, năm sinh", "Date of birth")),
    ("nationality", ("Quốc tịch", "Nationality")),
    ("address", ("Nơi cư trú", "Place of residence")),
    ("classes", ("Hạng", "Classes")),
    ("issue_date", ("Ngày cấp", "Date of issue")),
    ("issuing_authority", ("Nơi cấp", "Issued by")),
    ("points", ("Số điểm còn lại", "Points left")),
    ("picture", ("Ảnh khuôn mặt", "Portrait")),
];

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn licence() -> DrivingLicence {
        let class = |name: &str, expires_on| Class {
            name: name.into(),
            issued_on: date(2020, 5, 1),
            expires_on,
        };
        DrivingLicence {
            number: "900200000001".into(),
            full_name: "Nguyễn Văn An".into(),
            date_of_birth: date(1990, 3, 12),
            nationality: "VN".into(),
            address: "1 Tràng Tiền, Phường Hoàn Kiếm, TP Hà Nội".into(),
            classes: vec![class("A1", None), class("D2", Some(date(2027, 5, 1)))],
            issued_on: date(2020, 5, 1),
            issued_by: "Cục Cảnh sát giao thông".into(),
            points: 12,
            portrait: Some(vec![0xff, 0xd8]),
        }
    }

    #[test]
    fn classes_of_the_law_alone_stand_in_the_domestic_namespace_only() {
        let elements = licence().elements(date(2026, 11, 23));

        let Value::Array(privileges) = &elements[DRIVING_LICENCE_NAMESPACE]["driving_privileges"] else {
            panic!("no privileges");
        };
        let Value::Array(classes) = &elements[DRIVING_LICENCE_DOMESTIC]["domestic_classes"] else {
            panic!("no classes");
        };
        assert_eq!((privileges.len(), classes.len()), (1, 2));
        assert_eq!(
            elements[DRIVING_LICENCE_NAMESPACE]["expiry_date"],
            Value::Tag(1004, Box::new("9999-12-31".into()))
        );
    }

    #[test]
    fn every_mandatory_element_of_the_standard_is_there() {
        let elements = licence().elements(date(2026, 11, 23));

        for name in [
            "family_name",
            "given_name",
            "birth_date",
            "issue_date",
            "expiry_date",
            "issuing_country",
            "issuing_authority",
            "document_number",
            "portrait",
            "driving_privileges",
            "un_distinguishing_sign",
        ] {
            assert!(elements[DRIVING_LICENCE_NAMESPACE].contains_key(name), "{name}");
        }
    }

    #[test]
    fn a_class_that_is_over_is_told_and_ends_what_was_issued_before() {
        let licence = licence();
        let valid = |on| licence.claims(on).0["classes"][1]["valid"].clone();

        assert_eq!(
            [valid(date(2027, 5, 1)), valid(date(2027, 5, 2))],
            [json!(true), json!(false)]
        );
        assert_eq!(licence.derived_until(date(2026, 11, 23)), Some(date(2027, 5, 2)));
        assert!(licence.is_valid(date(2050, 1, 1)), "A1 has no end");
    }

    #[test]
    fn every_claim_has_its_label_in_both_languages() {
        let metadata = type_metadata();
        let described: Vec<_> = metadata["claims"]
            .as_array()
            .unwrap()
            .iter()
            .map(|claim| claim["path"][0].clone())
            .collect();

        let (claims, _) = licence().claims(date(2026, 11, 23));

        assert_eq!(described.len(), claims.len());
        assert!(claims.keys().all(|name| described.contains(&json!(name))));
    }
}
