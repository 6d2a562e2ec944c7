//! The words that testers send.

use jiff::civil::Time;
use jiff::tz::Offset;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use nation::sources::matcher::Model;
use nation::sources::{Fault, Source, Twist};
use serde::{Deserialize, Serialize};

/// The farthest that the clock moves at once.
const FARTHEST: SignedDuration = SignedDuration::from_hours(24 * 366 * 10);

/// Reads how far to move the clock: an ISO 8601 duration of weeks, days, hours, minutes and seconds, up to ten years forward, or a time of day
/// in Viet Nam, such as `T10:00`, of which the next is meant.
pub(super) fn ahead(text: &str, now: Timestamp) -> Option<SignedDuration> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Time>() {
        return until(time, now);
    }
    let span: Span = text.parse().ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    (duration.is_positive() && duration <= FARTHEST).then_some(duration)
}

/// How long it is until the next such time of day in Viet Nam.
fn until(time: Time, now: Timestamp) -> Option<SignedDuration> {
    let local = Offset::constant(7).to_datetime(now);
    let today = local.date().to_datetime(time);
    let next = if today > local {
        today
    } else {
        local.date().tomorrow().ok()?.to_datetime(time)
    };
    Some(next.duration_since(local))
}

/// What can be wrong with a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FaultKind {
    /// Nothing.
    None,
    /// It answers nobody.
    Down,
    /// It answers late.
    Slow,
    /// It answers with errors.
    Errors,
    /// It answers with old data.
    Stale,
    /// The matcher takes different people for one.
    FalseMatch,
    /// The matcher takes one person for two.
    FalseNonMatch,
    /// The matcher calls samples too poor.
    PoorQuality,
    /// The matcher calls samples not live.
    NotLive,
    /// It answers about somebody of another name.
    OtherPerson,
    /// Its signatures are nobody's.
    Forged,
    /// It answers with the answer before.
    Replayed,
    /// It names a field otherwise than agreed.
    Drifted,
    /// It answers at ten megabytes.
    Huge,
    /// Its clock is an hour ahead.
    WrongClock,
}

/// What is to be wrong with which source from now on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultForm {
    pub(super) source: Source,
    pub(super) fault: FaultKind,
    /// How much later a slow source answers.
    #[serde(default)]
    milliseconds: Option<u64>,
    /// How many questions of a thousand meet an error.
    #[serde(default)]
    per_mille: Option<u16>,
    /// How old the data of a stale source are.
    #[serde(default)]
    days: Option<u16>,
}

impl FaultForm {
    pub(super) fn fault(&self) -> Fault {
        let fine = Fault::default();
        match self.fault {
            FaultKind::None
            | FaultKind::FalseMatch
            | FaultKind::FalseNonMatch
            | FaultKind::PoorQuality
            | FaultKind::NotLive => fine,
            FaultKind::Down => Fault { down: true, ..fine },
            FaultKind::Slow => Fault {
                slow_ms: self.milliseconds.unwrap_or(5000),
                ..fine
            },
            FaultKind::Errors => Fault {
                errors_per_mille: self.per_mille.unwrap_or(1000),
                ..fine
            },
            FaultKind::Stale => Fault {
                stale_days: self.days.unwrap_or(3),
                ..fine
            },
            FaultKind::OtherPerson => twisted(Twist::OtherPerson),
            FaultKind::Forged => twisted(Twist::Forged),
            FaultKind::Replayed => twisted(Twist::Replayed),
            FaultKind::Drifted => twisted(Twist::Drifted),
            FaultKind::Huge => twisted(Twist::Huge),
            FaultKind::WrongClock => twisted(Twist::WrongClock),
        }
    }
}

fn twisted(twist: Twist) -> Fault {
    Fault {
        twist: Some(twist),
        ..Fault::default()
    }
}

impl FaultForm {
    /// How the matcher errs from now on.
    pub(super) fn model(&self) -> Model {
        let (rate, right) = (self.per_mille.unwrap_or(1000), Model::default());
        match self.fault {
            FaultKind::FalseMatch => Model {
                false_match_per_mille: rate,
                ..right
            },
            FaultKind::FalseNonMatch => Model {
                false_non_match_per_mille: rate,
                ..right
            },
            FaultKind::PoorQuality => Model {
                poor_quality_per_mille: rate,
                ..right
            },
            FaultKind::NotLive => Model {
                not_live_per_mille: rate,
                ..right
            },
            _ => right,
        }
    }
}

/// The word for how a matcher errs.
pub(super) fn kind_of_model(model: Model) -> Option<FaultKind> {
    let rates = [
        (model.false_match_per_mille, FaultKind::FalseMatch),
        (model.false_non_match_per_mille, FaultKind::FalseNonMatch),
        (model.poor_quality_per_mille, FaultKind::PoorQuality),
        (model.not_live_per_mille, FaultKind::NotLive),
    ];
    rates.into_iter().find(|(rate, _)| *rate > 0).map(|(_, kind)| kind)
}

/// The word for a fault.
pub(super) fn kind(fault: Fault) -> FaultKind {
    match fault {
        Fault { down: true, .. } => FaultKind::Down,
        Fault {
            errors_per_mille: 1.., ..
        } => FaultKind::Errors,
        Fault { slow_ms: 1.., .. } => FaultKind::Slow,
        Fault { stale_days: 1.., .. } => FaultKind::Stale,
        Fault { twist: Some(twist), .. } => match twist {
            Twist::OtherPerson => FaultKind::OtherPerson,
            Twist::Forged => FaultKind::Forged,
            Twist::Replayed => FaultKind::Replayed,
            Twist::Drifted => FaultKind::Drifted,
            Twist::Huge => FaultKind::Huge,
            Twist::WrongClock => FaultKind::WrongClock,
        },
        Fault { .. } => FaultKind::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_moves_forward_by_an_iso_duration_or_to_a_time_of_day() {
        let now: Timestamp = "2026-11-23T02:00:00Z".parse().unwrap();
        let good = ["PT26H", "P7D", "P1W", "PT1M30S", " PT1H ", "T10:00"];
        let bad = [
            "",
            "26",
            "-PT1H",
            "PT0S",
            "P1M",
            "P1Y",
            "P99999D",
            "PT1H; DROP",
            "T25:00",
        ];

        assert!(good.iter().all(|text| ahead(text, now).is_some()));
        assert!(bad.iter().all(|text| ahead(text, now).is_none()));
        assert_eq!(ahead("P1DT2H", now), Some(SignedDuration::from_hours(26)));
    }

    #[test]
    fn the_next_time_of_day_is_later_today_or_tomorrow_and_never_now() {
        // Nine in the morning in Viet Nam.
        let now: Timestamp = "2026-11-23T02:00:00Z".parse().unwrap();

        assert_eq!(ahead("T10:00", now), Some(SignedDuration::from_hours(1)));
        assert_eq!(ahead("T09:00", now), Some(SignedDuration::from_hours(24)));
        assert_eq!(ahead("T08:30", now), Some(SignedDuration::from_mins(23 * 60 + 30)));
    }
}
