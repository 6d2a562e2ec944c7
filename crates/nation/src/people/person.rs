//! What the nation knows of one person.

use civil::{PersonalNumber, Phone, Sex};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Address;
use crate::card::{Card, CardState};

/// One person of the nation, with the items of Luật Căn cước 26/2023/QH15 Article 9 that the nation knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The place in the nation, from 0.
    pub index: u64,
    /// *Số định danh cá nhân*.
    pub number: PersonalNumber,
    /// *Số chứng minh nhân dân*: nine digits, of people who were fourteen before 2016.
    pub old_number: Option<String>,
    /// *Họ, chữ đệm và tên khai sinh*.
    pub full_name: String,
    /// *Ngày, tháng, năm sinh*.
    pub date_of_birth: Date,
    /// *Giới tính*.
    pub sex: Sex,
    /// *Nơi sinh*, and *nơi đăng ký khai sinh*: a commune of the time.
    pub birthplace: String,
    /// *Quê quán*: where the father's line comes from.
    pub origin: String,
    /// *Dân tộc*.
    pub ethnicity: &'static str,
    /// *Tôn giáo*.
    pub religion: &'static str,
    /// *Nhóm máu*.
    pub blood_group: &'static str,
    /// *Đặc điểm nhận dạng*.
    pub identifying_mark: String,
    /// *Tình trạng hôn nhân*; `None` when not recorded.
    pub marital_status: Option<MaritalStatus>,
    /// *Nơi thường trú*.
    pub permanent_residence: Address,
    /// *Nơi tạm trú*.
    pub temporary_residence: Option<Stay>,
    /// Number of the household, for [`Nation::household`](super::Nation::household).
    pub household: u64,
    /// *Cha, mẹ, vợ, chồng, con, người đại diện hợp pháp, người được đại diện*.
    pub relations: Vec<Relation>,
    /// The person's own phone; from twelve years on.
    pub phone: Option<Phone>,
    /// E-mail.
    pub email: Option<String>,
    /// All cards, oldest first.
    pub cards: Vec<Card>,
    /// *Ngày chết*.
    pub died_on: Option<Date>,
    /// Since when declared missing (*mất tích*).
    pub missing_since: Option<Date>,
    /// Since when settled abroad (*ra nước ngoài định cư*).
    pub emigrated_on: Option<Date>,
    /// Of age, but declared unable to act (*mất năng lực hành vi dân sự*); acts through a guardian.
    pub incapable: bool,
}

/// Whether somebody lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Life {
    /// Alive and in the country.
    Alive,
    /// Alive, settled abroad.
    Emigrated,
    /// Declared missing.
    Missing,
    /// Dead.
    Dead,
}

/// *Tình trạng hôn nhân*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MaritalStatus {
    /// *Chưa kết hôn*.
    Single,
    /// *Đang có vợ/chồng*.
    Married,
    /// *Góa*.
    Widowed,
    /// *Đã ly hôn*.
    Divorced,
}

/// *Tạm trú*: a registered stay of at most two years outside the permanent residence (Luật Cư trú Articles 27, 28).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stay {
    /// Where.
    pub address: Address,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// Another person and what they are to this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relation {
    /// What the other is.
    pub kind: Kinship,
    /// The other's index.
    pub index: u64,
}

/// What another person is to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kinship {
    /// *Cha*.
    Father,
    /// *Mẹ*.
    Mother,
    /// *Vợ* or *chồng*.
    Spouse,
    /// *Con*.
    Child,
    /// *Người đại diện hợp pháp*: acts for this person.
    LegalRepresentative,
    /// *Người được đại diện*: this person acts for them.
    Represented,
}

impl Person {
    /// Completed years of age on a day; negative before birth.
    pub fn age(&self, on: Date) -> i16 {
        super::age(self.date_of_birth, on)
    }

    /// Whether the person lives, on a day.
    pub fn life(&self, on: Date) -> Life {
        let since = |day: Option<Date>| day.is_some_and(|day| day <= on);
        if since(self.died_on) {
            Life::Dead
        } else if since(self.missing_since) {
            Life::Missing
        } else if since(self.emigrated_on) {
            Life::Emigrated
        } else {
            Life::Alive
        }
    }

    /// The newest card on a day, whatever its state.
    pub fn newest_card(&self, on: Date) -> Option<&Card> {
        self.cards.iter().rev().find(|card| card.issued_on <= on)
    }

    /// The card that can be used on a day.
    pub fn valid_card(&self, on: Date) -> Option<&Card> {
        self.newest_card(on).filter(|card| card.state(on) == CardState::Valid)
    }

    /// The others who are something to this person.
    pub fn related(&self, kind: Kinship) -> impl Iterator<Item = u64> {
        self.relations
            .iter()
            .filter(move |relation| relation.kind == kind)
            .map(|relation| relation.index)
    }
}
