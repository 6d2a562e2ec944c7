//! What news are, who may be told them, and where an article stands. No I/O.

use civil::units;
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp, tz};
use serde::Serialize;

use crate::officers::{MINISTRY, OfficerId};
use crate::shell::input::Upload;
use crate::shell::problem::Fault;
use crate::shell::words::words;

/// The longest body, in characters.
const LONGEST_BODY: usize = 20_000;
/// For how many days at most a warning stands before everything else.
pub(super) const MOST_PINNED_DAYS: i64 = 30;
/// How far ahead an article can be set.
const FARTHEST: SignedDuration = SignedDuration::from_hours(24 * 366);
/// The clock of Viet Nam.
const VIET_NAM: tz::Offset = tz::Offset::constant(7);

words! {
    /// What an article is about.
    Category {
        /// *Cảnh báo thủ đoạn tội phạm*.
        Warning = "warning",
        /// *Thông báo*.
        Announcement = "announcement",
        /// *Chính sách, pháp luật*.
        Law = "law",
        /// *Dịch vụ, tiện ích*.
        Service = "service",
    }
}

/// Where an article stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// Its writer works on it.
    Draft,
    /// It waits for another officer.
    Submitted,
    /// The other officer gave it back.
    Returned,
    /// It will be public at its time.
    Scheduled,
    /// Everybody reads it.
    Public,
    /// It was taken back.
    Withdrawn,
}

impl State {
    /// The word for it in sentences.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Returned => "returned",
            Self::Scheduled => "scheduled",
            Self::Public => "public",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// What an editor wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Written {
    pub(super) category: Category,
    /// The code of a province; empty for the whole country.
    pub(super) province: String,
    pub(super) title: String,
    pub(super) title_en: String,
    pub(super) lead: String,
    pub(super) lead_en: String,
    pub(super) body: String,
    pub(super) body_en: String,
    /// What the picture shows, for who does not see it.
    pub(super) picture_says: String,
    /// For how many days it stands first; 0: not at all.
    pub(super) pinned_days: i64,
    /// When it becomes public; at once where there is none.
    pub(super) publish_at: Option<Timestamp>,
}

/// How far an article has come.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    pub(super) written_by: OfficerId,
    pub(super) written_at: Timestamp,
    pub(super) submitted_at: Option<Timestamp>,
    pub(super) reviewed_by: Option<OfficerId>,
    pub(super) reviewed_at: Option<Timestamp>,
    pub(super) returned_at: Option<Timestamp>,
    pub(super) returned_why: Option<String>,
    pub(super) withdrawn_at: Option<Timestamp>,
    pub(super) withdrawn_why: Option<String>,
}

impl Progress {
    /// Where an article stands at an instant.
    pub(super) fn state(&self, publish_at: Option<Timestamp>, now: Timestamp) -> State {
        if self.withdrawn_at.is_some() {
            return State::Withdrawn;
        }
        match (self.reviewed_at, self.submitted_at, self.returned_at) {
            (Some(_), ..) if publish_at.is_some_and(|at| at > now) => State::Scheduled,
            (Some(_), ..) => State::Public,
            (None, Some(_), _) => State::Submitted,
            (None, None, Some(_)) => State::Returned,
            (None, None, None) => State::Draft,
        }
    }
}

/// The unit that an article is for, as the policies speak of it.
pub(super) fn unit(province: &str) -> &str {
    if province.is_empty() { MINISTRY } else { province }
}

/// Code and name of each province of a day.
pub(super) fn provinces(day: Date) -> Vec<(&'static str, String)> {
    let mut provinces: Vec<_> = units::on(day)
        .map(|province| (province.code, province.full_name()))
        .collect();
    provinces
        .sort_by_key(|(_, name)| civil::names::fold(name.trim_start_matches("Tỉnh ").trim_start_matches("Thành phố ")));
    provinces
}

/// The name of a province; empty for the whole country.
pub(super) fn province_name(code: &str, day: Date) -> String {
    units::province(code, day)
        .map(units::Province::full_name)
        .unwrap_or_default()
}

/// Reads what an editor sent; every fault at once.
pub(super) fn read(form: &Upload, now: Timestamp, today: Date) -> Result<Written, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut text = |field: &'static str, least: usize, most: usize| {
        let said = form.field(field).replace("\r\n", "\n");
        faults.extend(fault(field, &said, (least, most)));
        said
    };
    let (title, lead, body) = (
        text("title", 5, 150),
        text("lead", 10, 300),
        text("body", 20, LONGEST_BODY),
    );
    let english = ["title_en", "lead_en", "body_en"]
        .iter()
        .any(|field| !form.field(field).is_empty());
    let least = |least: usize| if english { least } else { 0 };
    let (title_en, lead_en) = (text("title_en", least(5), 150), text("lead_en", least(10), 300));
    let body_en = text("body_en", least(20), LONGEST_BODY);
    let picture_says = text("picture_says", 0, 200);

    let category = Category::of_word(form.field("category"));
    if category.is_none() {
        faults.push(Fault::new("category", "news-fault-category"));
    }
    let province = form.field("province").to_owned();
    if !province.is_empty() && units::province(&province, today).is_none() {
        faults.push(Fault::new("province", "news-fault-province"));
    }
    let pinned_days = match form.field("pinned_days") {
        "" => 0,
        days => days.parse().unwrap_or(-1),
    };
    let may_be_pinned = pinned_days == 0 || category == Some(Category::Warning);
    if !(0..=MOST_PINNED_DAYS).contains(&pinned_days) || !may_be_pinned {
        faults.push(Fault::new("pinned_days", "news-fault-pinned").with("most", MOST_PINNED_DAYS));
    }
    let publish_at = instant(form.field("publish_at"), now);
    if publish_at.is_err() {
        faults.push(Fault::new("publish_at", "news-fault-publish"));
    }
    match (category, publish_at) {
        (Some(category), Ok(publish_at)) if faults.is_empty() => Ok(Written {
            category,
            province,
            title,
            title_en,
            lead,
            lead_en,
            body,
            body_en,
            picture_says,
            pinned_days,
            publish_at,
        }),
        _ => Err(faults),
    }
}

/// What is wrong with a text: its length, letters that nobody sees, or HTML, which would be shown as it is written.
fn fault(field: &'static str, said: &str, (least, most): (usize, usize)) -> Option<Fault> {
    let hidden = |letter: char| letter.is_control() && letter != '\n' || ('\u{202a}'..='\u{202e}').contains(&letter);
    if !(least..=most).contains(&said.chars().count()) || said.chars().any(hidden) {
        return Some(
            Fault::new(field, "news-fault-text")
                .with("least", least)
                .with("most", most),
        );
    }
    let tag = |rest: &str| rest.starts_with(|letter: char| letter.is_ascii_alphabetic() || "/!?".contains(letter));
    let html = said.split('<').skip(1).any(tag);
    html.then(|| Fault::new(field, "news-fault-html"))
}

/// Reads a day and time of Viet Nam as a browser sends it: `2026-12-01T08:00`. What is past becomes "at once".
fn instant(text: &str, now: Timestamp) -> Result<Option<Timestamp>, ()> {
    if text.is_empty() {
        return Ok(None);
    }
    let local: DateTime = text.parse().map_err(|_error: jiff::Error| ())?;
    let at = VIET_NAM.to_timestamp(local).map_err(|_error: jiff::Error| ())?;
    if at > now + FARTHEST {
        return Err(());
    }
    Ok((at > now).then_some(at))
}

/// An instant as a browser's field for it wants it.
pub(super) fn local(at: Timestamp) -> String {
    VIET_NAM.to_datetime(at).strftime("%Y-%m-%dT%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(changed: &[(&str, &str)]) -> Upload {
        let mut fields: Vec<(String, String)> = [
            ("title", "Giả danh công an gọi điện"),
            ("lead", "Không làm theo lời người lạ qua điện thoại."),
            ("body", "## Dấu hiệu\n- Hỏi mã OTP\n- Gửi đường dẫn lạ"),
            ("category", "warning"),
            ("pinned_days", "7"),
        ]
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .to_vec();
        for (name, text) in changed {
            fields.retain(|(known, _)| known != name);
            fields.push(((*name).to_owned(), (*text).to_owned()));
        }
        Upload {
            files: Vec::new(),
            fields,
        }
    }

    #[test]
    fn what_is_wrong_is_named_by_its_field() {
        let (now, today) = ("2026-11-23T02:00:00Z".parse().unwrap(), "2026-11-23".parse().unwrap());
        let wrong = |changed: &[(&str, &str)]| {
            let faults = read(&form(changed), now, today).err().unwrap_or_default();
            let told = |fault: Fault| match fault.field {
                std::borrow::Cow::Borrowed(field) => (field, fault.text),
                std::borrow::Cow::Owned(_) => ("", fault.text),
            };
            faults.into_iter().map(told).collect::<Vec<_>>()
        };

        assert_eq!(wrong(&[]), []);
        assert_eq!(
            wrong(&[("body", "Bấm <a href=x>vào đây</a> để nhận quà")]),
            [("body", "news-fault-html")]
        );
        assert_eq!(wrong(&[("body", "Tuổi < 14 và > 6 thì làm gì?")]), []);
        assert_eq!(wrong(&[("title", "x")]), [("title", "news-fault-text")]);
        assert_eq!(
            wrong(&[("title", "Đảo \u{202e}ngược chữ")]),
            [("title", "news-fault-text")]
        );
        assert_eq!(
            wrong(&[("category", "gossip"), ("pinned_days", "")]),
            [("category", "news-fault-category")]
        );
        assert_eq!(wrong(&[("category", "law")]), [("pinned_days", "news-fault-pinned")]);
        assert_eq!(wrong(&[("pinned_days", "31")]), [("pinned_days", "news-fault-pinned")]);
        assert_eq!(wrong(&[("province", "99")]), [("province", "news-fault-province")]);
        assert_eq!(
            wrong(&[("publish_at", "2030-01-01T00:00")]),
            [("publish_at", "news-fault-publish")]
        );
        assert_eq!(
            wrong(&[("title_en", "A false policeman calls")]),
            [("lead_en", "news-fault-text"), ("body_en", "news-fault-text")]
        );
    }

    #[test]
    fn the_time_is_that_of_viet_nam_and_what_is_past_is_at_once() {
        let now = "2026-11-23T02:00:00Z".parse().unwrap();

        assert_eq!(
            instant("2026-12-01T08:00", now),
            Ok(Some("2026-12-01T01:00:00Z".parse().unwrap()))
        );
        assert_eq!(instant("2026-11-23T08:59", now), Ok(None));
        assert_eq!(instant("tomorrow", now), Err(()));
        assert_eq!(local("2026-12-01T01:00:00Z".parse().unwrap()), "2026-12-01T08:00");
    }
}
