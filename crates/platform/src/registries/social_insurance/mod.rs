//! The social-insurance database (*bảo hiểm xã hội*).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::contract::Record;
use super::rules::Source;

/// *Quá trình tham gia bảo hiểm xã hội*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocialInsurance {
    /// *Mã số bảo hiểm xã hội*: ten digits.
    pub number: String,
    /// The agency that keeps the file.
    pub agency: String,
    /// Oldest first.
    pub periods: Vec<Period>,
    /// `contributing`, `reserved` or `pension`.
    pub state: String,
}

/// A time at one employer, on one wage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// Last day; `None` while it lasts.
    pub to: Option<Date>,
    /// *Đơn vị*.
    pub employer: String,
    /// *Chức danh*.
    pub position: String,
    /// *Tiền lương làm căn cứ đóng*, in đồng a month.
    pub wage_base: i64,
    /// `compulsory` or `voluntary`.
    pub scheme: String,
}

impl Record for SocialInsurance {
    const SOURCE: Source = Source::SocialInsurance;
    const PATH: &'static str = "/social-insurance/v1/query";
}
