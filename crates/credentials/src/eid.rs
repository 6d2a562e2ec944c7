//! The electronic identity card (*căn cước điện tử*, Luật Căn cước 26/2023/QH15 Đ31) in each format, from one set of facts.
//!
//! Beside the facts stand claims that follow from them, each on its own: that the holder has reached an age, and the province
//! of residence. So a proof of age tells nothing else (*tối thiểu hóa dữ liệu*).
//!
//! What follows from the date of birth is true on the day of issue. [`Eid::derived_until`] says until when: a credential
//! should not outlive it, or its holder would seem younger than they are.

use civil::{PersonalNumber, Sex};
use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};

use crate::cbor::Value;
use crate::identity_qr::Identity;
use crate::mdoc::{self, Elements};
use crate::sdjwt::ClaimPath;

/// The type of the SD-JWT VC.
pub const VCT: &str = "urn:vneid:eid:1";
/// The ages that have a claim of their own: a card is a duty (14, Luật Căn cước Đ19), mopeds (16, Luật 36/2024/QH15 Đ59),
/// full age (18, Bộ luật Dân sự Đ20), *người cao tuổi* (60, Luật 39/2009/QH12 Đ2).
pub const AGES: [i16; 4] = [14, 16, 18, 60];

/// What the card says of its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eid {
    /// The personal identification number (*số định danh cá nhân*).
    pub number: PersonalNumber,
    /// The name at birth registration, whole (*họ, chữ đệm và tên khai sinh*).
    pub full_name: String,
    /// The date of birth.
    pub date_of_birth: Date,
    /// The sex.
    pub sex: Sex,
    /// The nationality: two letters (ISO 3166-1).
    pub nationality: String,
    /// The place of residence (*nơi cư trú*).
    pub residence: Residence,
    /// The portrait as JPEG; it goes into credentials, not into the QR code.
    pub portrait: Option<Vec<u8>>,
}

/// The place of residence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Residence {
    /// The code of the province (two digits).
    pub province: String,
    /// The code of the commune (five digits).
    pub commune: String,
    /// The whole address as one line.
    pub address: String,
}

impl Eid {
    /// The claims of the SD-JWT VC, and which of them hide: each on its own, the province in the residence too.
    pub fn claims(&self, on: Date) -> (Map<String, Json>, Vec<ClaimPath>) {
        let mut claims = json!({
            "personal_number": self.number.as_str(),
            "full_name": self.full_name,
            "birthdate": self.date_of_birth,
            "sex": sex_number(self.sex),
            "nationalities": [self.nationality],
            "residence": {
                "province": self.residence.province,
                "commune": self.residence.commune,
                "formatted": self.residence.address,
            },
            "residence_province": self.residence.province,
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
        hidden.extend(["province", "commune", "formatted"].map(|part| ClaimPath::of(["residence", part])));
        (claims, hidden)
    }

    /// The data elements of the mobile document [`mdoc::EID`].
    pub fn elements(&self, on: Date) -> Elements {
        let fixed = [
            ("personal_administrative_number", self.number.as_str().into()),
            ("full_name", self.full_name.as_str().into()),
            ("birth_date", full_date(self.date_of_birth)),
            ("sex", sex_number(self.sex).into()),
            ("nationality", self.nationality.as_str().into()),
            ("resident_address", self.residence.address.as_str().into()),
            ("resident_state", self.residence.province.as_str().into()),
            ("resident_city", self.residence.commune.as_str().into()),
            ("issuing_country", "VN".into()),
        ];
        let portrait = self
            .portrait
            .clone()
            .map(|image| ("portrait".to_owned(), Value::Bytes(image)));
        let reached = ages(self.date_of_birth, on).map(|(age, reached)| (format!("age_over_{age}"), reached.into()));
        let named = fixed.map(|(name, value)| (name.to_owned(), value));
        let all = named.into_iter().chain(reached).chain(portrait).collect();
        Elements::from([(mdoc::EID.to_owned(), all)])
    }

    /// What the identity QR says.
    pub fn identity(&self) -> Identity {
        Identity {
            number: self.number.as_str().to_owned(),
            full_name: self.full_name.clone(),
            date_of_birth: Some(self.date_of_birth),
            sex: Some(self.sex),
            address: Some(self.residence.address.clone()),
            nationality: Some(self.nationality.clone()),
            photo: None,
        }
    }

    /// The day on which the next of [`AGES`] is reached, if one is still to be: from then on a claim that was issued on
    /// `on` is out of date.
    pub fn derived_until(&self, on: Date) -> Option<Date> {
        let pending = AGES
            .into_iter()
            .find(|age| !has_reached(*age, self.date_of_birth, on))?;
        Some(birthday(self.date_of_birth, pending))
    }
}

/// Whether somebody has reached each of [`AGES`] on a day.
pub fn ages(born: Date, on: Date) -> [(i16, bool); 4] {
    AGES.map(|age| (age, has_reached(age, born, on)))
}

pub(crate) fn has_reached(age: i16, born: Date, on: Date) -> bool {
    birthday(born, age) <= on
}

/// The day on which an age is reached. Who was born on a 29 February reaches it on 1 March of a common year: never a day too
/// early.
pub(crate) fn birthday(born: Date, age: i16) -> Date {
    let year = born.year().saturating_add(age);
    Date::new(year, born.month(), born.day())
        .or_else(|_| Date::new(year, 3, 1))
        .unwrap_or(Date::MAX)
}

/// `full-date` of ISO/IEC 18013-5 (RFC 8943).
pub(crate) fn full_date(day: Date) -> Value {
    Value::Tag(1004, Box::new(day.to_string().into()))
}

/// ISO/IEC 5218.
fn sex_number(sex: Sex) -> i64 {
    match sex {
        Sex::Male => 1,
        Sex::Female => 2,
    }
}

/// What the claims are called and mean: the type metadata of the SD-JWT VC (draft-ietf-oauth-sd-jwt-vc section 4).
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
        "name": "Căn cước điện tử",
        "description": "Electronic identity card of Viet Nam",
        "display": [{"locale": "vi", "name": "Căn cước điện tử"}, {"locale": "en", "name": "Electronic identity card"}],
        "claims": claims,
    })
}

const LABELS: [(&str, (&str, &str)); 8] = [
    (
        "personal_number",
        ("Số định danh cá nhân", "Personal identification number"),
    ),
    ("full_name", ("Họ, chữ đệm và tên khai sinh", "Full name")),
    ("birthdate", ("Ngày, tháng, năm sinh", "Date of birth")),
    ("sex", ("Giới tính", "Sex")),
    ("nationalities", ("Quốc tịch", "Nationality")),
    ("residence", ("Nơi cư trú", "Place of residence")),
    (
        "residence_province",
        ("Tỉnh, thành phố cư trú", "Province of residence"),
    ),
    ("picture", ("Ảnh khuôn mặt", "Portrait")),
];

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jiff::civil::date;

    use super::*;
    use crate::sdjwt::{Draft, SdJwt};
    use crate::testing::{NOW, dice, key};
    use crypto::sign::Signer as _;

    const TODAY: Date = date(2027, 1, 15);

    fn eid() -> Eid {
        Eid {
            number: PersonalNumber::parse("001309000001").unwrap(),
            full_name: "Nguyễn Thị Ngọc Ánh".into(),
            date_of_birth: date(2009, 3, 12),
            sex: Sex::Female,
            nationality: "VN".into(),
            residence: Residence {
                province: "01".into(),
                commune: "00070".into(),
                address: "1 Tràng Tiền, Phường Hoàn Kiếm, TP Hà Nội".into(),
            },
            portrait: Some(vec![0xff, 0xd8]),
        }
    }

    fn shown(path: ClaimPath) -> Map<String, Json> {
        let (claims, hidden) = eid().claims(TODAY);
        let draft = Draft {
            vct: VCT,
            issuer: "https://id.example",
            issued_at: NOW,
            valid_from: None,
            expires_at: NOW + SignedDuration::from_hours(24),
            holder: None,
            status: None,
            claims: &claims,
            hidden: &hidden,
            fill: 4,
        };
        let issued = draft.issue(&key(1), &[], &mut dice()).unwrap();
        let text = SdJwt::parse(&issued).unwrap().present(&[path]).unwrap();
        let mut claims = SdJwt::parse(&text).unwrap().open(key(1).public()).unwrap().claims;
        for registered in ["vct", "iss", "iat", "exp"] {
            claims.remove(registered);
        }
        claims
    }

    #[test]
    fn a_proof_of_age_tells_nothing_else() {
        assert_eq!(
            Json::Object(shown(ClaimPath::of(["age_over_16"]))),
            json!({"age_over_16": true})
        );
        assert_eq!(
            Json::Object(shown(ClaimPath::of(["age_over_18"]))),
            json!({"age_over_18": false})
        );
        let province = shown(ClaimPath::of(["residence_province"]));
        assert_eq!(Json::Object(province), json!({"residence_province": "01"}));
        let part = shown(ClaimPath::of(["residence", "commune"]));
        assert_eq!(Json::Object(part), json!({"residence": {"commune": "00070"}}));
    }

    #[test]
    fn an_age_is_reached_on_the_birthday_and_not_a_day_before() {
        let reached = |born, on| ages(born, on).map(|(_, reached)| reached);

        assert_eq!(
            reached(date(2009, 3, 12), date(2027, 3, 11)),
            [true, true, false, false]
        );
        assert_eq!(reached(date(2009, 3, 12), date(2027, 3, 12)), [true, true, true, false]);
        assert_eq!(
            reached(date(2008, 2, 29), date(2026, 2, 28)),
            [true, true, false, false]
        );
        assert_eq!(reached(date(2008, 2, 29), date(2026, 3, 1)), [true, true, true, false]);
        assert_eq!(reached(date(1967, 1, 15), TODAY), [true; 4]);
    }

    #[test]
    fn derived_claims_are_good_until_the_next_age_is_reached() {
        let mut eid = eid();

        assert_eq!(eid.derived_until(TODAY), Some(date(2027, 3, 12)));
        eid.date_of_birth = date(1950, 1, 1);
        assert_eq!(eid.derived_until(TODAY), None);
    }

    #[test]
    fn every_format_says_the_same() {
        let (claims, _) = eid().claims(TODAY);
        let elements = eid().elements(TODAY);
        let identity = eid().identity();

        let element = |name: &str| elements[mdoc::EID][name].clone();
        assert_eq!(element("full_name").as_text(), claims["full_name"].as_str());
        assert_eq!(element("age_over_16"), true.into());
        assert_eq!(element("birth_date"), Value::Tag(1004, Box::new("2009-03-12".into())));
        assert_eq!(Some(identity.number.as_str()), claims["personal_number"].as_str());
        assert_eq!(claims["picture"], "data:image/jpeg;base64,/9g=");
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

        let (claims, _) = eid().claims(TODAY);

        assert_eq!(described.len(), claims.len());
        assert!(claims.keys().all(|name| described.contains(&json!(name))));
    }
}
