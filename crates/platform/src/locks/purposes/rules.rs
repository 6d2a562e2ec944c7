//! What a lock by purpose refuses, and when.

use jiff::Timestamp;
use jiff::tz::Offset;
use oidc::client::Client;
use serde::{Deserialize, Serialize};

use super::PurposeLockId;

/// The registered purpose of relying parties that lend money.
const LENDING: &str = "loan";
/// The registered purpose of relying parties that identify customers at a distance.
const EKYC: &str = "ekyc";
/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// What can be locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Purpose {
    /// Nobody borrows money in the citizen's name.
    Loans,
    /// Nobody identifies the citizen at a distance.
    Ekyc,
    /// One relying party gets nothing.
    Partner,
}

impl Purpose {
    pub(super) fn word(self) -> &'static str {
        match self {
            Purpose::Loans => "loans",
            Purpose::Ekyc => "ekyc",
            Purpose::Partner => "partner",
        }
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        [Purpose::Loans, Purpose::Ekyc, Purpose::Partner]
            .into_iter()
            .find(|purpose| purpose.word() == word)
    }
}

/// Who asks, and what for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking<'a> {
    /// The relying party.
    pub(crate) client_id: &'a str,
    /// The purposes it is registered for.
    pub(crate) purposes: &'a [String],
}

impl<'a> Asking<'a> {
    /// A relying party, for whatever it is registered for.
    pub(crate) fn of(client: &'a Client) -> Self {
        Self {
            client_id: client.id(),
            purposes: &client.metadata().vneid_purposes,
        }
    }
}

/// Hours of the day in Viet Nam, in minutes; from 22:00 to 6:00 goes over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Hours {
    /// The first minute.
    pub(crate) from: u16,
    /// The first minute after.
    pub(crate) to: u16,
}

impl Hours {
    /// `22:00` and `06:00`; none if they are no times, or the same.
    pub(super) fn read(from: &str, to: &str) -> Option<Self> {
        let minute = |text: &str| {
            let (hour, minute) = text.trim().split_once(':')?;
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            (hour < 24 && minute < 60).then_some(hour * 60 + minute)
        };
        let hours = Self {
            from: minute(from)?,
            to: minute(to)?,
        };
        (hours.from != hours.to).then_some(hours)
    }

    pub(super) fn of_minutes(from: i64, to: i64) -> Option<Self> {
        let minute = |minute: i64| u16::try_from(minute).ok().filter(|minute| *minute < DAY);
        Some(Self {
            from: minute(from)?,
            to: minute(to)?,
        })
    }

    fn contain(self, now: Timestamp) -> bool {
        let time = Offset::constant(7).to_datetime(now).time();
        let minute = u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs());
        if self.from < self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

impl std::fmt::Display for Hours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (from, to) = (self.from, self.to);
        write!(f, "{:02}:{:02}–{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

/// A lock by purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PurposeLock {
    pub(super) id: PurposeLockId,
    pub(super) purpose: Purpose,
    pub(super) client_id: Option<String>,
    pub(super) hours: Option<Hours>,
    pub(super) set_at: Timestamp,
}

impl PurposeLock {
    /// Why it refuses somebody who asks now, if it does.
    ///
    /// Who is registered for a purpose among others is refused altogether: what is asked for cannot be told apart.
    pub(super) fn refuses(&self, asking: &Asking<'_>, now: Timestamp) -> Option<Refusal> {
        if self.hours.is_some_and(|hours| !hours.contain(now)) {
            return None;
        }
        let is_for = |purpose: &str| asking.purposes.iter().any(|registered| registered == purpose);
        match self.purpose {
            Purpose::Loans if is_for(LENDING) => Some(Refusal::Loans),
            Purpose::Ekyc if is_for(EKYC) => Some(Refusal::Ekyc),
            Purpose::Partner if self.client_id.as_deref() == Some(asking.client_id) => Some(Refusal::Partner),
            _ => None,
        }
    }
}

/// Why a relying party gets nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Refusal {
    /// The account is locked by law.
    AccountLocked,
    /// The person allows no loans.
    Loans,
    /// The person allows no identification at a distance at this hour.
    Ekyc,
    /// The person allows this relying party nothing.
    Partner,
}

impl Refusal {
    /// The last part of the sentences about it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Refusal::AccountLocked => "account-locked",
            Refusal::Loans => "loans",
            Refusal::Ekyc => "ekyc",
            Refusal::Partner => "partner",
        }
    }

    /// What the relying party is told.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Refusal::AccountLocked => "the account is locked",
            Refusal::Loans => "the person has locked the use for loans",
            Refusal::Ekyc => "the person has locked identification at a distance at this hour",
            Refusal::Partner => "the person has locked this relying party",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(purpose: Purpose, client_id: Option<&str>, hours: Option<Hours>) -> PurposeLock {
        PurposeLock {
            id: [1; 16].into(),
            purpose,
            client_id: client_id.map(str::to_owned),
            hours,
            set_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_lock_refuses_its_purpose_at_its_hours_and_nothing_else() {
        let (lender, registered) = (["loan".to_owned()], ["ekyc".to_owned()]);
        let bank = Asking {
            client_id: "bank",
            purposes: &lender,
        };
        let shop = Asking {
            client_id: "shop",
            purposes: &registered,
        };
        let night = Hours::read("22:00", "06:00");
        // 23:30 and 12:00 in Viet Nam.
        let [late, noon] = ["2026-11-23T16:30:00Z", "2026-11-23T05:00:00Z"].map(|at| at.parse::<Timestamp>().unwrap());

        assert_eq!(
            lock(Purpose::Loans, None, None).refuses(&bank, noon),
            Some(Refusal::Loans)
        );
        assert_eq!(lock(Purpose::Loans, None, None).refuses(&shop, noon), None);
        assert_eq!(
            lock(Purpose::Ekyc, None, night).refuses(&shop, late),
            Some(Refusal::Ekyc)
        );
        assert_eq!(lock(Purpose::Ekyc, None, night).refuses(&shop, noon), None);
        assert_eq!(
            lock(Purpose::Partner, Some("shop"), None).refuses(&shop, noon),
            Some(Refusal::Partner)
        );
        assert_eq!(lock(Purpose::Partner, Some("shop"), None).refuses(&bank, noon), None);
    }

    #[test]
    fn hours_are_times_of_the_day() {
        assert_eq!(
            Hours::read("22:00", "06:00").map(|hours| hours.to_string()),
            Some("22:00–06:00".to_owned())
        );
        for (from, to) in [
            ("24:00", "06:00"),
            ("22", "6"),
            ("", ""),
            ("06:00", "06:00"),
            ("a:b", "06:00"),
        ] {
            assert_eq!(Hours::read(from, to), None, "{from} {to}");
        }
    }
}
