//! The residence database (*Cơ sở dữ liệu về cư trú*): where a person lives, and with whom.

use civil::PersonalNumber;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::contract::Record;
use super::rules::{Member, Residence, Source, TemporaryResidence};

/// *Thông tin cư trú* (Luật Căn cước 26/2023/QH15, article 9, items 16–23).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dwelling {
    /// *Nơi thường trú*.
    pub permanent: Option<Residence>,
    /// *Nơi tạm trú*.
    pub temporary: Option<TemporaryResidence>,
    /// *Nơi ở hiện tại*.
    pub current: Option<Residence>,
    /// *Khai báo tạm vắng*.
    pub absent: Option<Absence>,
    /// *Số hồ sơ cư trú*.
    pub file: String,
    /// *Chủ hộ*.
    pub head: Option<Head>,
    /// *Quan hệ với chủ hộ*.
    pub relation_to_head: Option<String>,
    /// All of the household, the head first.
    pub members: Vec<Member>,
    /// The police of the commune.
    pub police: Option<String>,
}

/// *Tạm vắng*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Where to.
    pub place: String,
}

/// *Chủ hộ*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The personal number.
    #[serde(rename = "personal_number")]
    pub number: PersonalNumber,
    /// The name.
    pub full_name: String,
}

impl Record for Dwelling {
    const SOURCE: Source = Source::Residence;
    const PATH: &'static str = "/residence/v1/query";
}
