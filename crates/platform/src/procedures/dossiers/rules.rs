//! The clock of a dossier, and who is competent for it.

use civil::Calendar;
use civil::calendar::{self, MissingYear};
use civil::units::Commune;
use jiff::{SignedDuration, Timestamp};

use crate::officers::{self, MINISTRY};
use crate::procedures::description::{Receiver, Version};
use crate::procedures::filling;
use crate::procedures::states::{Event, Status};

/// The times of a dossier, and its legal limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// When it was sent in, complete and paid: the limit runs from here.
    pub submitted_at: Option<Timestamp>,
    /// When the receiving body took it up.
    pub received_at: Option<Timestamp>,
    /// The legal limit; while the clock stands still, the one before.
    pub deadline_at: Option<Timestamp>,
    /// The working time that is left when the clock goes on, in seconds, while it stands still.
    pub left_seconds: Option<i64>,
    /// When the body said that it has to verify what was said.
    pub verified_at: Option<Timestamp>,
}

impl Clock {
    /// The clock after a step.
    ///
    /// # Errors
    /// [`MissingYear`] if the calendar does not reach so far: never a guess.
    pub fn after(
        self,
        event: Event,
        (from, to): (Status, Status),
        now: Timestamp,
        (calendar, version, working_days): (&Calendar, &Version, u16),
    ) -> Result<Self, MissingYear> {
        let mut clock = self;
        match event {
            Event::Submit | Event::Pay => {
                let receipt = match version.cut_off {
                    Some(cut_off) => calendar.receipt(now, cut_off)?,
                    None => now,
                };
                clock.submitted_at = Some(now);
                clock.deadline_at = Some(calendar.add_working_days(receipt, working_days)?);
            }
            Event::Receive => clock.received_at = Some(now),
            Event::Late => {
                let again = calendar.add_working_days(now, working_days.max(1))?;
                clock.deadline_at = clock.deadline_at.max(Some(again));
            }
            Event::Verify => {
                let longer = version.verification.as_ref();
                let more = longer.map_or(0, |longer| longer.working_days.saturating_sub(working_days));
                let deadline = clock.deadline_at;
                let moved = deadline.map(|deadline| calendar.add_working_days(deadline, more));
                clock.deadline_at = moved.transpose()?;
                clock.verified_at = Some(now);
            }
            _ => {}
        }
        match (from.is_paused(), to.is_paused(), clock.deadline_at) {
            (false, true, Some(deadline)) => {
                clock.left_seconds = Some(calendar.working_time_left(now, deadline)?.as_secs());
            }
            (true, false, Some(deadline)) if clock.left_seconds.is_some() => {
                let left = SignedDuration::from_secs(clock.left_seconds.unwrap_or_default());
                let reached = calendar.after_working_time(now, left)?;
                // The end of that day, or of the next working day if it is none.
                let resumed = calendar.add_days(calendar::end_of(calendar::day_of(reached)), 0)?;
                clock.deadline_at = Some(resumed.max(deadline));
                clock.left_seconds = None;
            }
            _ => {}
        }
        Ok(clock)
    }
}

/// The unit that is competent, for what belongs to a commune: of the police by its code, of another body with the body's word before it.
pub fn unit(receiver: Receiver, commune: &Commune) -> String {
    match receiver {
        Receiver::CommunePolice => commune.code.to_owned(),
        Receiver::ProvincePolice => commune.province.to_owned(),
        Receiver::Ministry => MINISTRY.to_owned(),
        Receiver::CivilStatus | Receiver::Welfare => format!("{}:{}", receiver.word(), commune.code),
        Receiver::HealthInsurance | Receiver::SocialInsurance => format!("{}:{}", receiver.word(), commune.province),
    }
}

/// Whether a unit is one of another body than the police, who do not see its dossiers at their desks.
pub fn is_elsewhere(unit: &str) -> bool {
    unit.contains(':')
}

/// The name of a unit of the police, or of another body.
pub fn body(unit: &str) -> String {
    match unit.split_once(':') {
        None => officers::unit(unit),
        Some(("civil-status" | "welfare", code)) => {
            let commune = civil::units::commune(code).map(Commune::full_name);
            format!("Ủy ban nhân dân {}", commune.as_deref().unwrap_or(code))
        }
        Some((_, code)) => {
            let province = filling::province(code).map(civil::units::Province::full_name);
            format!("Bảo hiểm xã hội {}", province.as_deref().unwrap_or(code))
        }
    }
}

/// The code of the place of a unit, whichever body it is of.
pub(super) fn code_of(unit: &str) -> &str {
    unit.split_once(':').map_or(unit, |(_, code)| code)
}

/// The commune to which a unit belongs, where it belongs to one.
pub(super) fn commune_of(unit: &str) -> Option<&'static Commune> {
    civil::units::commune(code_of(unit))
}
