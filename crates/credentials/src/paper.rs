//! Papers that are a list of facts: the vehicle registration (*chứng nhận đăng ký xe*, Thông tư 79/2024/TT-BCA) and the health
//! insurance card (*thẻ bảo hiểm y tế*), as SD-JWT VC and as mobile document.
//!
//! Neither has an international document type that says what Vietnamese law asks for, so both are named after who governs
//! them, as clause 7.1 of ISO/IEC 18013-5 asks of others; the namespace has the name of the type.

use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};

use crate::cbor::{self, Value};
use crate::eid::full_date;
use crate::mdoc::Elements;
use crate::sdjwt::ClaimPath;

/// What something is called in Vietnamese and in English.
pub type Names = (&'static str, &'static str);

/// A kind of paper.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The type of the SD-JWT VC.
    pub vct: &'static str,
    /// The type of the mobile document, and its namespace.
    pub document_type: &'static str,
    /// What the paper is called.
    pub title: Names,
    /// What its facts are called; one within a part follows the fact that has the parts.
    pub labels: &'static [(&'static [&'static str], Names)],
}

/// The registration of the holder's vehicles; which of them is shown, the holder chooses. The address is left out: nobody on the
/// road needs it.
pub const VEHICLES: Kind = Kind {
    vct: "urn:vneid:vehicle-registration:1",
    document_type: "vn.gov.vneid.vehicle-registration.1",
    title: ("Chứng nhận đăng ký xe", "Vehicle registration"),
    labels: &[
        (&["full_name"], ("Họ tên", "Full name")),
        (&["birthdate"], ("Ngày, tháng, năm sinh", "Date of birth")),
        (&["vehicles"], ("Xe", "Vehicles")),
        (&["vehicles", "plate"], ("Biển số", "Plate")),
        (&["vehicles", "kind"], ("Loại xe", "Kind")),
        (&["vehicles", "owner"], ("Chủ xe", "Owner")),
        (&["vehicles", "co_owner"], ("Đồng sở hữu", "Co-owner")),
        (&["vehicles", "brand"], ("Nhãn hiệu", "Make")),
        (&["vehicles", "model"], ("Số loại", "Model")),
        (&["vehicles", "colour"], ("Màu sơn", "Colour")),
        (&["vehicles", "engine_number"], ("Số máy", "Engine number")),
        (&["vehicles", "chassis_number"], ("Số khung", "Chassis number")),
        (&["vehicles", "seats"], ("Số chỗ ngồi", "Seats")),
        (
            &["vehicles", "first_registered_on"],
            ("Đăng ký lần đầu", "First registered"),
        ),
        (&["vehicles", "inspected_until"], ("Hạn đăng kiểm", "Inspected until")),
    ],
};

/// The health insurance card.
pub const HEALTH_INSURANCE: Kind = Kind {
    vct: "urn:vneid:health-insurance:1",
    document_type: "vn.gov.vneid.health-insurance.1",
    title: ("Thẻ bảo hiểm y tế", "Health insurance card"),
    labels: &[
        (&["insurance_number"], ("Mã số bảo hiểm y tế", "Insurance number")),
        (&["full_name"], ("Họ tên", "Full name")),
        (&["birthdate"], ("Ngày, tháng, năm sinh", "Date of birth")),
        (&["group"], ("Nhóm đối tượng", "Group")),
        (&["benefit_level"], ("Mức hưởng", "Benefit level")),
        (&["benefit_percent"], ("Tỷ lệ chi trả (%)", "Share that is paid (%)")),
        (
            &["facility"],
            ("Nơi đăng ký khám, chữa bệnh ban đầu", "Registered facility"),
        ),
        (&["facility_code"], ("Mã cơ sở", "Code of the facility")),
        (&["valid_from"], ("Giá trị từ", "Valid from")),
        (&["valid_to"], ("Giá trị đến", "Valid to")),
        (
            &["five_years_since"],
            ("Đủ 5 năm liên tục từ", "Five years without a gap since"),
        ),
    ],
};

/// The criminal record certificate number 1 (Luật Lý lịch tư pháp 2009, article 42); number 2 is for its holder alone and no credential.
pub const CRIMINAL_RECORD: Kind = Kind {
    vct: "urn:vneid:criminal-record:1",
    document_type: "vn.gov.vneid.criminal-record.1",
    title: ("Phiếu lý lịch tư pháp số 1", "Criminal record certificate no. 1"),
    labels: &[
        (&["certificate_number"], ("Số phiếu", "Number of the certificate")),
        (&["full_name"], ("Họ tên", "Full name")),
        (&["birthdate"], ("Ngày, tháng, năm sinh", "Date of birth")),
        (&["criminal_record"], ("Tình trạng án tích", "Criminal record")),
        (&["convictions"], ("Án tích", "Convictions")),
        (&["convictions", "offence"], ("Tội danh", "Offence")),
        (&["convictions", "penalty"], ("Hình phạt chính", "Principal penalty")),
        (
            &["convictions", "additional_penalty"],
            ("Hình phạt bổ sung", "Additional penalty"),
        ),
        (
            &["bans"],
            ("Cấm đảm nhiệm chức vụ, thành lập, quản lý doanh nghiệp", "Bans"),
        ),
        (&["bans", "positions"], ("Chức vụ, việc bị cấm", "What is forbidden")),
        (&["bans", "decision"], ("Quyết định", "Decision")),
        (&["bans", "until"], ("Đến ngày", "Until")),
        (&["issued_on"], ("Ngày cấp", "Date of issue")),
        (&["issuing_authority"], ("Cơ quan cấp", "Issued by")),
        (&["valid_to"], ("Giá trị đến", "Valid to")),
    ],
};

/// All kinds.
pub const KINDS: [&Kind; 3] = [&VEHICLES, &HEALTH_INSURANCE, &CRIMINAL_RECORD];

/// What a fact says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A text.
    Text(String),
    /// A day.
    Day(Date),
    /// A number.
    Number(i64),
    /// Parts with facts of their own; each is disclosed on its own.
    Parts(Vec<Facts>),
}

/// Facts by their names.
pub type Facts = Vec<(&'static str, Said)>;

/// A paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// Of which kind.
    pub kind: &'static Kind,
    /// What it says.
    pub facts: Facts,
    /// The last day on which it is good, where it has one.
    pub good_until: Option<Date>,
}

impl Paper {
    /// The day from which it is good no more.
    pub fn derived_until(&self) -> Option<Date> {
        self.good_until?.tomorrow().ok()
    }

    /// The claims of the SD-JWT VC, and which of them hide: each on its own, and each part.
    pub fn claims(&self) -> (Map<String, Json>, Vec<ClaimPath>) {
        let claims = object(&self.facts);
        let mut hidden: Vec<_> = claims.keys().map(|name| ClaimPath::of([name.as_str()])).collect();
        let parts = |said: &Said| matches!(said, Said::Parts(parts) if !parts.is_empty());
        let with_parts = self.facts.iter().filter(|(_, said)| parts(said));
        hidden.extend(with_parts.map(|(name, _)| ClaimPath::of([*name]).all()));
        (claims, hidden)
    }

    /// The data elements of the mobile document; each part is an element with its number.
    pub fn elements(&self) -> Elements {
        let all = self.facts.iter().flat_map(|(name, said)| match said {
            Said::Parts(parts) => (1..)
                .zip(parts)
                .map(|(at, part): (usize, _)| (format!("{name}_{at}"), map(part)))
                .collect(),
            said => vec![((*name).to_owned(), said.to_cbor())],
        });
        let mut elements: Vec<(String, Value)> = all.collect();
        elements.push(("issuing_country".to_owned(), "VN".into()));
        Elements::from([(self.kind.document_type.to_owned(), elements.into_iter().collect())])
    }
}

impl Said {
    fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Day(day) => json!(day),
            Self::Number(number) => (*number).into(),
            Self::Parts(parts) => parts.iter().map(|part| Json::from(object(part))).collect(),
        }
    }

    fn to_cbor(&self) -> Value {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Day(day) => full_date(*day),
            Self::Number(number) => (*number).into(),
            Self::Parts(parts) => Value::Array(parts.iter().map(|part| map(part)).collect()),
        }
    }
}

fn object(facts: &[(&'static str, Said)]) -> Map<String, Json> {
    let named = facts.iter().map(|(name, said)| ((*name).to_owned(), said.to_json()));
    named.collect()
}

fn map(facts: &[(&'static str, Said)]) -> Value {
    cbor::map(facts.iter().map(|(name, said)| (*name, said.to_cbor())))
}

impl Kind {
    /// The one of an SD-JWT VC type.
    pub fn of_vct(vct: &str) -> Option<&'static Self> {
        KINDS.into_iter().find(|kind| kind.vct == vct)
    }

    /// What the claims are called and mean (draft-ietf-oauth-sd-jwt-vc section 4).
    pub fn type_metadata(&self) -> Json {
        let display = |(vietnamese, english): Names| json!([{"locale": "vi", "label": vietnamese}, {"locale": "en", "label": english}]);
        // The name of a fact within the parts of another stands after the null that means all of them.
        let path = |names: &[&str]| match names {
            [parts, name] => json!([parts, null, name]),
            names => json!(names),
        };
        let claims: Vec<_> = self
            .labels
            .iter()
            .map(|(names, label)| {
                let hides = if names.len() > 1 { "never" } else { "always" };
                json!({"path": path(names), "sd": hides, "display": display(*label)})
            })
            .collect();
        let (vietnamese, english) = self.title;
        json!({
            "vct": self.vct,
            "name": vietnamese,
            "description": format!("{english} of Viet Nam"),
            "display": [{"locale": "vi", "name": vietnamese}, {"locale": "en", "name": english}],
            "claims": claims,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn vehicles() -> Paper {
        let vehicle = |plate: &str| {
            vec![
                ("plate", Said::Text(plate.to_owned())),
                ("seats", Said::Number(5)),
                ("first_registered_on", Said::Day(date(2020, 5, 1))),
            ]
        };
        Paper {
            kind: &VEHICLES,
            facts: vec![
                ("full_name", Said::Text("Nguyễn Văn An".to_owned())),
                (
                    "vehicles",
                    Said::Parts(vec![vehicle("30A-123.45"), vehicle("29-B1 234.56")]),
                ),
            ],
            good_until: Some(date(2027, 1, 31)),
        }
    }

    #[test]
    fn each_vehicle_is_disclosed_on_its_own_in_both_formats() {
        let paper = vehicles();

        let (claims, hidden) = paper.claims();
        let elements = &paper.elements()[VEHICLES.document_type];

        assert_eq!(claims["vehicles"][1]["plate"], "29-B1 234.56");
        assert!(hidden.contains(&ClaimPath::of(["vehicles"]).all()));
        let names: Vec<_> = elements.keys().map(String::as_str).collect();
        assert_eq!(names, ["full_name", "issuing_country", "vehicles_1", "vehicles_2"]);
    }

    #[test]
    fn a_paper_ends_on_the_day_after_its_last() {
        assert_eq!(vehicles().derived_until(), Some(date(2027, 2, 1)));
        let endless = Paper {
            good_until: None,
            ..vehicles()
        };
        assert_eq!(endless.derived_until(), None);
    }

    #[test]
    fn every_label_is_in_both_languages_and_a_kind_is_found_by_its_type() {
        for kind in KINDS {
            let metadata = kind.type_metadata();
            let claims = metadata["claims"].as_array().unwrap();
            assert_eq!(claims.len(), kind.labels.len());
            assert!(
                claims
                    .iter()
                    .all(|claim| claim["display"].as_array().unwrap().len() == 2)
            );
            assert_eq!(Kind::of_vct(kind.vct), Some(kind));
        }
        assert_eq!(
            VEHICLES.type_metadata()["claims"][3]["path"],
            json!(["vehicles", null, "plate"])
        );
        assert_eq!(Kind::of_vct("urn:vneid:shoes:1"), None);
    }
}
