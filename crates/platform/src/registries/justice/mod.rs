//! The judicial-record database (*lý lịch tư pháp*).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::contract::Record;
use super::rules::Source;

/// What is kept of a person (Luật Lý lịch tư pháp 2009, articles 42 and 43).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudicialRecord {
    /// All convictions, oldest first, cleared ones too.
    pub convictions: Vec<Conviction>,
    /// *Cấm đảm nhiệm chức vụ, thành lập, quản lý doanh nghiệp, hợp tác xã*.
    pub bans: Vec<Ban>,
}

/// A conviction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conviction {
    /// *Số bản án*.
    pub judgment: String,
    /// *Ngày tuyên án*.
    pub judged_on: Date,
    /// *Tòa án đã tuyên*.
    pub court: String,
    /// *Tội danh*.
    pub offence: String,
    /// *Điều khoản luật được áp dụng*.
    pub provision: String,
    /// *Hình phạt chính*.
    pub penalty: String,
    /// *Hình phạt bổ sung*.
    pub additional_penalty: Option<String>,
    /// *Nghĩa vụ dân sự*.
    pub civil_duties: Option<String>,
    /// *Ngày được xóa án tích*.
    pub cleared_on: Option<Date>,
}

/// A decision by which a person may not found or lead enterprises.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// *Số quyết định*.
    pub decision: String,
    /// *Tòa án*.
    pub court: String,
    /// What may not be done.
    pub positions: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
}

impl JudicialRecord {
    /// The convictions that are not cleared on a day (*án tích*).
    pub fn standing(&self, on: Date) -> impl Iterator<Item = &Conviction> {
        let cleared = move |conviction: &&Conviction| conviction.cleared_on.is_none_or(|day| on < day);
        self.convictions.iter().filter(cleared)
    }

    /// The bans in force on a day.
    pub fn in_force(&self, on: Date) -> impl Iterator<Item = &Ban> {
        self.bans.iter().filter(move |ban| ban.from <= on && on <= ban.until)
    }
}

impl Record for JudicialRecord {
    const SOURCE: Source = Source::Justice;
    const PATH: &'static str = "/justice/v1/query";
}
