//! The civil-status database (*Cơ sở dữ liệu hộ tịch điện tử*): births, marriages, deaths, and who is what to whom.

use civil::{PersonalNumber, Sex};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::contract::Record;
use super::rules::Source;

/// What the register says of a person (Luật Hộ tịch 60/2014/QH13).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CivilStatus {
    /// *Giấy khai sinh*.
    pub birth: Option<Birth>,
    /// *Giấy chứng nhận kết hôn*, of a marriage that stands.
    pub marriage: Option<Marriage>,
    /// `single`, `married`, `widowed` or `divorced`.
    pub marital_status: Option<String>,
    /// Parents, spouse, children, representatives and represented.
    pub relations: Vec<Relation>,
}

/// The registration of a birth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Birth {
    /// *Số*.
    pub number: String,
    /// *Ngày đăng ký*.
    pub registered_on: Date,
    /// *Nơi đăng ký khai sinh*.
    pub place: String,
    /// *Cha*.
    pub father: Option<String>,
    /// *Mẹ*.
    pub mother: Option<String>,
}

/// The registration of a marriage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marriage {
    /// *Số*.
    pub number: String,
    /// *Ngày đăng ký*.
    pub registered_on: Date,
    /// The other.
    pub spouse: Option<String>,
    /// *Nơi đăng ký*.
    pub place: String,
}

/// Somebody who is something to the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// `father`, `mother`, `spouse`, `child`, `legal_representative` or `represented`.
    pub relation: String,
    /// Their personal number.
    #[serde(rename = "personal_number")]
    pub number: PersonalNumber,
    /// Their name.
    pub full_name: String,
    /// Their date of birth.
    pub date_of_birth: Date,
    /// Their sex.
    pub sex: Sex,
    /// Not dead.
    pub alive: bool,
    /// Of age, but acts through a representative.
    pub incapable: bool,
    /// Of a minor: whether it is agreed who acts.
    pub custody: Option<Custody>,
}

/// Who acts for a minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Custody {
    /// Both parents, or whom a court has named.
    Agreed,
    /// A court has not decided yet.
    Contested,
}

impl Record for CivilStatus {
    const SOURCE: Source = Source::CivilStatus;
    const PATH: &'static str = "/civil-status/v1/query";
}
