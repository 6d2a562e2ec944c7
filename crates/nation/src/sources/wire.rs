//! The messages of the source databases, as they travel: JSON, field names in snake case, dates `YYYY-MM-DD`, instants
//! RFC 3339 in UTC, absent values `null`.

use civil::{PersonalNumber, Sex};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::card::{CardState, Layout};
use crate::licence::LicenceState;
use crate::people::{Kinship, MaritalStatus};

/// A question to the population database.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonQuery {
    /// Whom it is about.
    pub personal_number: PersonalNumber,
    /// Why it is asked: 1 to 64 of `a`–`z`, `0`–`9`, `-`.
    pub purpose: String,
    /// The asker's name for this request, for both sides' logs: 1 to 64 visible ASCII characters.
    pub request_id: String,
    /// What the person agreed to, where the purpose needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<String>,
}

/// A question to the ID-card database.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardsQuery {
    /// Whom it is about.
    pub personal_number: PersonalNumber,
    /// As in [`PersonQuery`].
    pub purpose: String,
    /// As in [`PersonQuery`].
    pub request_id: String,
    /// Whether the portrait is wanted; no by default.
    #[serde(default)]
    pub include_portrait: bool,
    /// What the person agreed to, where the purpose needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<String>,
}

/// A question to the driving-licence database.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicenceQuery {
    /// Whom it is about.
    pub personal_number: PersonalNumber,
    /// As in [`PersonQuery`].
    pub purpose: String,
    /// As in [`PersonQuery`].
    pub request_id: String,
    /// What the person agreed to, where the purpose needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<String>,
}

/// Where an answer comes from and how old it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// `population`, `id-card` or `driving-licence`.
    pub source: String,
    /// The source's name for the record.
    pub record_id: String,
    /// The record is as it was at this instant; the past, when the source is stale.
    pub as_of: Timestamp,
    /// The `request_id` of the question.
    pub request_id: String,
}

/// The answer of the population database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonAnswer {
    /// Where it comes from.
    pub provenance: Provenance,
    /// What it is.
    pub record: PersonRecord,
}

/// The items of Luật Căn cước 26/2023/QH15 Article 9 that the database holds. Phones are not among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRecord {
    /// *Số định danh cá nhân* (item 3).
    pub personal_number: PersonalNumber,
    /// *Họ, chữ đệm và tên khai sinh* (1).
    pub full_name: String,
    /// *Ngày, tháng, năm sinh* (4).
    pub date_of_birth: Date,
    /// *Giới tính* (5): `male` or `female`.
    pub sex: Sex,
    /// *Nơi sinh* (6).
    pub birthplace: String,
    /// *Nơi đăng ký khai sinh* (7).
    pub birth_registration_place: String,
    /// *Quê quán* (8).
    pub origin: String,
    /// *Dân tộc* (9).
    pub ethnicity: String,
    /// *Tôn giáo* (10).
    pub religion: String,
    /// *Quốc tịch* (11).
    pub nationality: String,
    /// *Nhóm máu* (12).
    pub blood_group: Option<String>,
    /// *Số chứng minh nhân dân 09 số* (13).
    pub old_number: Option<String>,
    /// Issue date and validity of the cards (14), oldest first.
    pub cards: Vec<CardFacts>,
    /// Father, mother, spouse, children, legal representatives, represented persons (15).
    pub relatives: Vec<Relative>,
    /// *Nơi thường trú* (16); `null` once dead or settled abroad.
    pub permanent_residence: Option<Residence>,
    /// *Nơi tạm trú* (17).
    pub temporary_residence: Option<TemporaryResidence>,
    /// *Nơi ở hiện tại* (18).
    pub current_residence: Option<Residence>,
    /// *Số hồ sơ cư trú* (20).
    pub residence_file: String,
    /// *Tình trạng hôn nhân* (21): `single`, `married`, `widowed`, `divorced`, or `null` when not recorded.
    pub marital_status: Option<MaritalStatus>,
    /// *Quan hệ với chủ hộ* (22); `null` for somebody who is not in a household any more.
    pub relation_to_head: Option<String>,
    /// *Chủ hộ* and members (23), the head first.
    pub household: Vec<HouseholdEntry>,
    /// `alive`, `dead` or `missing` (24). Somebody settled abroad is alive.
    pub life: LifeState,
    /// Day of death, or since when missing (24).
    pub life_since: Option<Date>,
    /// *Ra nước ngoài định cư*: since when.
    pub emigrated_on: Option<Date>,
    /// Of age, but without capacity (*mất năng lực hành vi dân sự*): acts through the legal representative.
    pub incapable: bool,
}

/// Item 24 of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LifeState {
    /// Alive.
    Alive,
    /// Dead (*chết*).
    Dead,
    /// Declared missing (*mất tích*).
    Missing,
}

/// What the population database knows of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardFacts {
    /// `cmnd`, `cccd2021` or `can-cuoc2024`.
    pub kind: Layout,
    /// The nine-digit number of a `cmnd`, else the personal number.
    pub number: String,
    /// *Ngày cấp*.
    pub issued_on: Date,
    /// Last day; `null` is *không thời hạn*.
    pub expires_on: Option<Date>,
    /// *Nơi cấp*.
    pub issued_by: String,
}

/// Somebody related to the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relative {
    /// `father`, `mother`, `spouse`, `child`, `legal_representative` or `represented`.
    pub relation: Kinship,
    /// Their personal number.
    pub personal_number: PersonalNumber,
    /// Their name.
    pub full_name: String,
    /// Their nine-digit number.
    pub old_number: Option<String>,
    /// Their nationality.
    pub nationality: String,
}

/// An address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Residence {
    /// One line, with the two tiers since 1/7/2025.
    pub text: String,
    /// One line, with the three tiers until 30/6/2025, as cards of that time print it.
    pub former_text: String,
    /// Code of the commune, five digits.
    pub commune_code: String,
    /// Code of the province (34 units), two digits.
    pub province_code: String,
}

/// *Tạm trú*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemporaryResidence {
    /// Where.
    pub address: Residence,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// A member of the household.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HouseholdEntry {
    /// Their personal number.
    pub personal_number: PersonalNumber,
    /// Their name.
    pub full_name: String,
    /// Their date of birth.
    pub date_of_birth: Date,
    /// Their sex.
    pub sex: Sex,
    /// `Chủ hộ`, `Vợ`, `Con` …
    pub relation_to_head: String,
}

/// The answer of the ID-card database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardsAnswer {
    /// Where it comes from.
    pub provenance: Provenance,
    /// All cards of the person, oldest first; empty for somebody who never had one.
    pub cards: Vec<CardRecord>,
    /// The portrait, when it was asked for and there is a card.
    pub portrait: Option<Portrait>,
}

/// A card as it was issued, and what it is worth now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardRecord {
    /// The source's name for the card.
    pub card_id: String,
    /// `cmnd`, `cccd2021` or `can-cuoc2024`.
    pub kind: Layout,
    /// The nine-digit number of a `cmnd`, else the personal number.
    pub number: String,
    /// The name on it.
    pub full_name: String,
    /// The date of birth on it.
    pub date_of_birth: Date,
    /// The sex on it.
    pub sex: Sex,
    /// The address on it and in its QR code.
    pub address: String,
    /// The nine-digit number in its QR code.
    pub old_number: Option<String>,
    /// *Ngày cấp*.
    pub issued_on: Date,
    /// Last day; `null` is *không thời hạn*.
    pub expires_on: Option<Date>,
    /// *Nơi cấp*.
    pub issued_by: String,
    /// `valid`, `expired`, `lost`, `held`, `replaced` or `revoked`, at `as_of`.
    pub state: CardState,
    /// Since when.
    pub state_since: Date,
}

/// The answer of the driving-licence database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenceAnswer {
    /// Where it comes from.
    pub provenance: Provenance,
    /// The licence; `null` for who has none.
    pub licence: Option<LicenceRecord>,
}

/// A driving licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenceRecord {
    /// Whose it is.
    pub personal_number: PersonalNumber,
    /// Twelve digits.
    pub number: String,
    /// The name on it.
    pub full_name: String,
    /// The date of birth on it.
    pub date_of_birth: Date,
    /// *Quốc tịch*.
    pub nationality: String,
    /// *Nơi cư trú*.
    pub address: String,
    /// What may be driven.
    pub classes: Vec<LicenceClass>,
    /// *Ngày cấp*.
    pub issued_on: Date,
    /// *Nơi cấp*.
    pub issued_by: String,
    /// The points left of 12.
    pub points: u8,
    /// `valid`, `held` or `revoked`, at `as_of`; each class ends on its own.
    pub state: LicenceState,
}

/// A class of a driving licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenceClass {
    /// `A1`, `B`, `D2`, …
    pub name: String,
    /// Since when.
    pub issued_on: Date,
    /// Last day; `null` is *không thời hạn*.
    pub expires_on: Option<Date>,
}

/// A face.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portrait {
    /// `image/jpeg`.
    pub media_type: String,
    /// The picture in base64 (RFC 4648 section 4, padded).
    pub base64: String,
}

/// A refusal: RFC 9457, `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceProblem {
    /// `/problems/unknown-person`, `/problems/bad-request`, `/problems/source-error` or `/problems/source-down`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status again.
    pub status: u16,
    /// One sentence, without personal data.
    pub title: String,
    /// The `request_id` of the question, when it could be read.
    pub request_id: Option<String>,
}
