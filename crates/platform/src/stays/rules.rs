//! When a stay may be told, where, of whom, and for what (Luật Cư trú 68/2020/QH14, article 30; Circular 55/2021/TT-BCA, article 15, as
//! Circular 66/2023/TT-BCA amends it).

use civil::calendar::time_zone;
use civil::names;
use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::FacilityId;
use crate::shell::problem::Fault;
use crate::shell::words::words;

/// How long a stay is at most; who stays longer registers temporary residence (article 27).
pub(super) const LONGEST: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How many guests one notification has at most.
pub(super) const MOST_GUESTS: usize = 500;

/// From this hour on an arrival is told the next morning.
const NIGHT: Time = Time::constant(23, 0, 0, 0);
/// Until this hour a night's arrival is told.
const MORNING: Time = Time::constant(8, 0, 0, 0);

words! {
    /// A kind of place where people stay.
    Kind {
        /// *Cơ sở lưu trú du lịch*.
        Hotel = "hotel",
        /// *Cơ sở khám bệnh, chữa bệnh*.
        Medical = "medical",
        /// *Nhà ngăn phòng cho thuê*.
        Rooming = "rooming",
        /// *Ký túc xá*.
        Dormitory = "dormitory",
        /// *Hộ gia đình*.
        Household = "household",
        /// *Cơ sở khác*.
        Other = "other",
    }
}

words! {
    /// Why somebody stays.
    Reason {
        /// A journey for pleasure.
        Tourism = "tourism",
        /// A journey for an employer.
        Business = "business",
        /// Work nearby.
        Work = "work",
        /// Studies.
        Study = "study",
        /// A grandparent, parent, spouse, child, grandchild, brother or sister who comes again and again: told once.
        CloseRelative = "close-relative",
        /// A visit to family or friends.
        Visit = "visit",
        /// Treated there.
        Treatment = "treatment",
        /// Looks after somebody who is treated there.
        Attending = "attending",
        /// Anything else.
        Other = "other",
    }
}

impl Kind {
    /// Those that a unit registers, and that tell through their people.
    pub(super) const REGISTERED: [Self; 4] = [Self::Hotel, Self::Medical, Self::Rooming, Self::Dormitory];
    /// Those that anybody names by their address.
    pub(super) const TYPED: [Self; 2] = [Self::Household, Self::Other];

    /// The reasons that a form offers for it.
    pub(super) fn reasons(self) -> &'static [Reason] {
        use Reason::{Attending, Business, CloseRelative, Other, Study, Tourism, Treatment, Visit, Work};
        match self {
            Self::Hotel => &[Tourism, Business, Visit, Treatment, Other],
            Self::Medical => &[Treatment, Attending, Other],
            Self::Rooming => &[Work, Study, Visit, Tourism, Other],
            Self::Dormitory => &[Study, Work, Other],
            Self::Household => &[CloseRelative, Visit, Tourism, Work, Study, Treatment, Other],
            Self::Other => &[Work, Tourism, Study, Visit, Other],
        }
    }
}

/// Why a stay may not be told with these times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WrongTimes {
    /// It began before what may still be told: yesterday before 23:00 in the morning, before today from 08:00 on.
    TooEarly,
    /// It has not begun.
    NotYet,
    /// It ends before it begins, or at once.
    Backwards,
    /// It lasts longer than thirty days.
    TooLong,
}

impl WrongTimes {
    /// The fault of the form's field.
    pub(super) fn fault(self) -> Fault {
        match self {
            Self::TooEarly => Fault::new("from", "stays-fault-too-early"),
            Self::NotYet => Fault::new("from", "stays-fault-not-yet"),
            Self::Backwards => Fault::new("to", "stays-fault-backwards"),
            Self::TooLong => Fault::new("to", "stays-fault-too-long"),
        }
    }

    /// The fault of a guest who has times of the own.
    pub(super) fn of_guest(self, name: &str) -> Fault {
        let text = match self {
            Self::TooEarly => "stays-guest-too-early",
            Self::NotYet => "stays-guest-not-yet",
            Self::Backwards => "stays-guest-backwards",
            Self::TooLong => "stays-guest-too-long",
        };
        Fault::new("guests", text).with("name", name)
    }
}

/// Whether a stay may be told now. `Some` is the deadline that it missed.
///
/// # Errors
/// [`WrongTimes`], the first that is found.
pub(super) fn times(from: Timestamp, to: Timestamp, now: Timestamp) -> Result<Option<Timestamp>, WrongTimes> {
    if from < earliest(now) {
        Err(WrongTimes::TooEarly)
    } else if from > now {
        Err(WrongTimes::NotYet)
    } else if to <= from {
        Err(WrongTimes::Backwards)
    } else if to.duration_since(from) > LONGEST {
        Err(WrongTimes::TooLong)
    } else {
        Ok(Some(deadline(from)).filter(|deadline| now >= *deadline))
    }
}

/// The earliest arrival that may be told at an instant: before 08:00 yesterday's 23:00, from then on midnight.
pub(super) fn earliest(now: Timestamp) -> Timestamp {
    let local = time_zone().to_datetime(now);
    let at = if local.time() < MORNING {
        local.date().yesterday().unwrap_or(local.date()).to_datetime(NIGHT)
    } else {
        local.date().to_datetime(Time::midnight())
    };
    instant(at).unwrap_or(now)
}

/// Before when an arrival has to be told: 23:00 of its day; in the night 08:00 of the next.
pub(super) fn deadline(from: Timestamp) -> Timestamp {
    let local = time_zone().to_datetime(from);
    let at = if local.time() < NIGHT {
        local.date().to_datetime(NIGHT)
    } else {
        local.date().tomorrow().unwrap_or(local.date()).to_datetime(MORNING)
    };
    instant(at).unwrap_or(from)
}

/// The instant that the clocks of Viet Nam show.
pub(super) fn instant(local: DateTime) -> Option<Timestamp> {
    time_zone().to_timestamp(local).ok()
}

/// The first instant of a day, and that of the next.
pub(super) fn instants_of(day: Date) -> Option<(Timestamp, Timestamp)> {
    let midnight = |day: Date| instant(day.to_datetime(Time::midnight()));
    Some((midnight(day)?, midnight(day.tomorrow().ok()?)?))
}

/// Reads a local instant: as browsers write it (`2026-11-23T14:00`), or as people do (`23/11/2026 14:00`).
pub(super) fn read_instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let (day, time) = text.split_once(['T', ' '])?;
    // Spreadsheets write 8:05.
    let time: Time = format!("{:0>5}", time.trim()).parse().ok()?;
    instant(read_day(day)?.to_datetime(time))
}

/// Reads a day: `1985-07-20`, `20/07/1985` or `20-7-1985`.
pub(super) fn read_day(text: &str) -> Option<Date> {
    let text = text.trim();
    if let Some(day) = text
        .get(..10)
        .filter(|_| text.len() == 10)
        .and_then(|text| text.parse().ok())
    {
        return Some(day);
    }
    let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
    let &[day, month, year] = parts.as_slice() else {
        return None;
    };
    if year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// Where guests stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// Its kind.
    pub(super) kind: Kind,
    /// The registered facility, for the kinds that are registered.
    pub(super) facility: Option<FacilityId>,
    /// Its name; empty for a household.
    pub(super) name: String,
    /// House, street, hamlet.
    pub(super) address: String,
    /// The code of its commune, whose police receive the notification.
    pub(super) commune: String,
}

impl Place {
    /// What a digest that tells this place from all others is taken of.
    pub(super) fn mark(&self) -> Vec<u8> {
        match &self.facility {
            Some(facility) => facility.bytes().to_vec(),
            None => [&self.commune, &names::fold(&self.name), &names::fold(&self.address)]
                .map(String::as_str)
                .join("|")
                .into_bytes(),
        }
    }

    /// The whole address in one line.
    pub(super) fn line(&self) -> String {
        let commune = civil::units::commune(&self.commune);
        let province = commune.and_then(|commune| province_name(commune.province));
        let parts = [
            Some(self.address.clone()).filter(|address| !address.is_empty()),
            commune.map(civil::units::Commune::full_name),
            province,
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// The name of a province of today.
pub(super) fn province_name(code: &str) -> Option<String> {
    civil::units::province(code, PROVINCES_OF).map(civil::units::Province::full_name)
}

/// The provinces as they are since their last change.
pub(super) const PROVINCES_OF: Date = Date::constant(2026, 4, 30);

words! {
    /// Which notifications a citizen sees.
    Side {
        /// Those that the citizen told.
        Told = "told",
        /// Those that others told of the citizen.
        Guest = "guest",
    }
}

impl Side {
    /// Whether they are about the citizen.
    pub(super) fn is_guest(self) -> bool {
        self == Self::Guest
    }
}
