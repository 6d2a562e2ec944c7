//! What the platform needs to know from the sources, and when it stops asking a source that fails.

use civil::{PersonalNumber, Sex};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A source database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The national population database (*Cơ sở dữ liệu quốc gia về dân cư*).
    Population,
    /// The ID-card database (*Cơ sở dữ liệu căn cước*).
    IdCard,
    /// The driving-licence database (*Cơ sở dữ liệu giấy phép lái xe*).
    DrivingLicence,
    /// The register of licences before the driving-licence database (*dữ liệu giấy phép lái xe cũ*).
    FormerLicence,
    /// The residence database (*Cơ sở dữ liệu về cư trú*).
    Residence,
    /// The civil-status database (*Cơ sở dữ liệu hộ tịch điện tử*).
    CivilStatus,
    /// The vehicle-registration database (*Cơ sở dữ liệu đăng ký xe*).
    Vehicle,
    /// The health-insurance database (*bảo hiểm y tế*).
    HealthInsurance,
    /// The social-insurance database (*bảo hiểm xã hội*).
    SocialInsurance,
    /// The tax database (*thuế*).
    Tax,
    /// The passport database (*hộ chiếu*).
    Passport,
    /// The judicial-record database (*lý lịch tư pháp*).
    Justice,
    /// The health-record database (*sổ sức khỏe điện tử*).
    HealthRecord,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Population,
        Self::IdCard,
        Self::DrivingLicence,
        Self::FormerLicence,
        Self::Residence,
        Self::CivilStatus,
        Self::Vehicle,
        Self::HealthInsurance,
        Self::SocialInsurance,
        Self::Tax,
        Self::Passport,
        Self::Justice,
        Self::HealthRecord,
    ];

    /// The word by which messages, metrics and tables know it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Population => "population",
            Self::IdCard => "id-card",
            Self::DrivingLicence => "driving-licence",
            Self::FormerLicence => "former-licence",
            Self::Residence => "residence",
            Self::CivilStatus => "civil-status",
            Self::Vehicle => "vehicle",
            Self::HealthInsurance => "health-insurance",
            Self::SocialInsurance => "social-insurance",
            Self::Tax => "tax",
            Self::Passport => "passport",
            Self::Justice => "justice",
            Self::HealthRecord => "health-record",
        }
    }
}

/// What a source said, and how far it can be relied on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer<T> {
    /// What it said.
    pub record: T,
    /// Who said it.
    pub source: Source,
    /// The source's name for the record.
    pub record_id: String,
    /// The record is as it was at this instant.
    pub as_of: Timestamp,
    /// The source itself answered just now with data of the last day. `false` is the copy that was kept of an earlier answer, or a source
    /// that says of itself that it lags behind: show `as_of` beside it.
    pub fresh: bool,
}

/// Whom a question is about, as the platform knows them: an answer that disagrees is not believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The personal number.
    pub number: PersonalNumber,
    /// The name of birth.
    pub full_name: String,
    /// The date of birth.
    pub date_of_birth: Date,
}

/// A person, as the population database knows them (Luật Căn cước 26/2023/QH15, article 9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// *Số định danh cá nhân*.
    #[serde(rename = "personal_number")]
    pub number: PersonalNumber,
    /// *Họ, chữ đệm và tên khai sinh*.
    pub full_name: String,
    /// *Ngày, tháng, năm sinh*.
    pub date_of_birth: Date,
    /// *Giới tính*.
    pub sex: Sex,
    /// Whether the person lives here.
    pub life: Life,
    /// The day of death, or since when missing or settled abroad.
    pub life_since: Option<Date>,
    /// *Mất năng lực hành vi dân sự*: of age, but acts through the legal representative.
    pub incapable: bool,
    /// *Nơi sinh*.
    pub birthplace: String,
    /// *Nơi đăng ký khai sinh*.
    pub birth_registration_place: String,
    /// *Quê quán*.
    pub origin: String,
    /// *Dân tộc*.
    pub ethnicity: String,
    /// *Tôn giáo*.
    pub religion: Option<String>,
    /// *Quốc tịch*.
    pub nationality: String,
    /// *Nhóm máu*.
    pub blood_group: Option<String>,
    /// *Số chứng minh nhân dân*, nine digits.
    pub old_number: Option<String>,
    /// *Nơi thường trú*.
    pub permanent_residence: Option<Residence>,
    /// *Nơi tạm trú*.
    pub temporary_residence: Option<TemporaryResidence>,
    /// *Nơi ở hiện tại*.
    pub current_residence: Option<Residence>,
    /// *Số hồ sơ cư trú*.
    pub residence_file: Option<String>,
    /// *Tình trạng hôn nhân*: `single`, `married`, `widowed` or `divorced`.
    pub marital_status: Option<String>,
    /// *Quan hệ với chủ hộ*.
    pub relation_to_head: Option<String>,
    /// The household, the head first.
    pub household: Vec<Member>,
    /// Father, mother, spouse, children, legal representatives, represented persons.
    pub relatives: Vec<Relative>,
}

/// Whether somebody lives here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Life {
    /// Alive and in the country.
    Alive,
    /// Dead (*chết*).
    Dead,
    /// Declared missing (*mất tích*).
    Missing,
    /// Settled abroad (*ra nước ngoài định cư*).
    Emigrated,
}

/// An address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Residence {
    /// One line, with the two tiers since 1/7/2025.
    pub text: String,
    /// One line, with the three tiers until 30/6/2025, as older cards print it.
    pub former_text: Option<String>,
    /// The commune, five digits.
    pub commune_code: String,
    /// The province, two digits.
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
pub struct Member {
    /// Their personal number.
    #[serde(rename = "personal_number")]
    pub number: PersonalNumber,
    /// Their name.
    pub full_name: String,
    /// Their date of birth.
    pub date_of_birth: Date,
    /// Their sex.
    pub sex: Sex,
    /// `Chủ hộ`, `Vợ`, `Con` …
    pub relation_to_head: String,
}

/// Somebody related to the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relative {
    /// `father`, `mother`, `spouse`, `child`, `legal_representative` or `represented`.
    pub relation: String,
    /// Their personal number.
    #[serde(rename = "personal_number")]
    pub number: PersonalNumber,
    /// Their name.
    pub full_name: String,
    /// Their nationality.
    pub nationality: Option<String>,
}

/// A card, as the ID-card database knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdCard {
    /// The source's name for the card.
    pub card_id: String,
    /// Its generation.
    #[serde(rename = "kind")]
    pub layout: Layout,
    /// The number printed on it.
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
    /// *Có giá trị đến*; `None` is *không thời hạn*.
    pub expires_on: Option<Date>,
    /// *Nơi cấp*.
    pub issued_by: String,
    /// What it is worth.
    pub state: CardState,
    /// Since when.
    pub state_since: Date,
}

/// A generation of cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// *Chứng minh nhân dân*: nine digits, no chip.
    Cmnd,
    /// *Căn cước công dân gắn chíp*, from 2021.
    Cccd2021,
    /// *Thẻ căn cước*, from 1/7/2024.
    CanCuoc2024,
}

/// What a card is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CardState {
    /// It can be used.
    Valid,
    /// Its last day is past.
    Expired,
    /// Reported lost.
    Lost,
    /// Held by an authority (*giữ thẻ*).
    Held,
    /// A newer card took its place.
    Replaced,
    /// Withdrawn (*thu hồi*).
    Revoked,
}

/// The newest card that can be used.
pub fn valid(cards: &[IdCard]) -> Option<&IdCard> {
    cards.iter().rev().find(|card| card.state == CardState::Valid)
}

/// The face that the ID-card database has of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portrait {
    /// `image/jpeg`.
    pub media_type: String,
    /// The picture.
    pub bytes: Vec<u8>,
}

/// So many failures in a row open the breaker.
pub(super) const MOST_FAILURES: u32 = 5;
/// So long a source is left alone, before one question may try whether it is back.
pub(super) const LEFT_ALONE: SignedDuration = SignedDuration::from_secs(10);
/// Data older than this is not called fresh, even where the source itself gives it.
pub(super) const FRESH_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Stops asking a source that fails, so that nobody waits for it in vain and it can recover.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    failures: u32,
    /// When the failures in a row began.
    since: Option<Timestamp>,
    open_until: Option<Timestamp>,
}

impl Breaker {
    /// Whether a question may be asked now. While half open one question may pass in each period.
    pub(crate) fn lets_pass(&mut self, now: Timestamp) -> bool {
        match self.open_until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                self.open_until = Some(now + LEFT_ALONE);
                true
            }
        }
    }

    /// The source answered.
    pub(crate) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// The source failed; answers whether that opened the breaker.
    pub(crate) fn failed(&mut self, now: Timestamp) -> bool {
        self.failures = self.failures.saturating_add(1);
        self.since.get_or_insert(now);
        if self.failures < MOST_FAILURES {
            return false;
        }
        let opens = self.open_until.is_none();
        self.open_until = Some(now + LEFT_ALONE);
        opens
    }

    /// Since when the source has not answered, while it is being left alone.
    pub(crate) fn silent_since(&self) -> Option<Timestamp> {
        self.since.filter(|_| self.is_open())
    }

    /// Whether the source is being left alone.
    pub(crate) fn is_open(&self) -> bool {
        self.open_until.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_breaker_opens_after_five_failures_in_a_row_and_not_before() {
        let now: Timestamp = "2026-11-23T02:00:00Z".parse().unwrap();
        let mut breaker = Breaker::default();

        for _ in 0..4 {
            breaker.failed(now);
        }
        breaker.succeeded();
        let opened: Vec<bool> = (0..5).map(|_| breaker.failed(now)).collect();

        assert_eq!(opened, [false, false, false, false, true]);
        assert!(!breaker.lets_pass(now));
    }

    #[test]
    fn a_half_open_breaker_lets_one_question_pass_and_closes_when_it_is_answered() {
        let now: Timestamp = "2026-11-23T02:00:00Z".parse().unwrap();
        let mut breaker = Breaker::default();
        for _ in 0..5 {
            breaker.failed(now);
        }
        let later = now + LEFT_ALONE;

        let passed = [breaker.lets_pass(later), breaker.lets_pass(later)];
        breaker.succeeded();

        assert_eq!(passed, [true, false]);
        assert!(breaker.lets_pass(later));
    }
}
