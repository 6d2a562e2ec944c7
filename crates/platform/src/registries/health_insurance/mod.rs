//! The health-insurance database (*bảo hiểm y tế*).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::contract::Record;
use super::rules::Source;
use crate::notices::Occasion;

/// *Thẻ bảo hiểm y tế*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthInsurance {
    /// The number on the card: the ten digits of social insurance.
    pub number: String,
    /// The fifteen characters that cards until 2021 bore.
    pub card_code: Option<String>,
    /// *Nhóm đối tượng*: `DN`, `TE`, …
    pub group: String,
    /// *Mức hưởng*, 1 to 5.
    pub benefit_level: u8,
    /// What share is paid, per hundred.
    pub benefit_percent: u8,
    /// The code of the facility.
    pub facility_code: String,
    /// *Nơi đăng ký khám, chữa bệnh ban đầu*.
    pub facility: String,
    /// *Giá trị sử dụng từ*.
    pub valid_from: Date,
    /// *Đến*.
    pub valid_to: Date,
    /// *Thời điểm đủ 5 năm liên tục*.
    pub five_years_since: Option<Date>,
    /// `valid` or `suspended`.
    pub state: String,
}

impl Record for HealthInsurance {
    const SOURCE: Source = Source::HealthInsurance;
    const PATH: &'static str = "/health-insurance/v1/query";
    const ENDS: Option<Occasion> = Some(Occasion::Insurance);

    fn ends_on(&self) -> Option<Date> {
        (self.state == "valid").then_some(self.valid_to)
    }
}
