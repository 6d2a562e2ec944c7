//! The times of each guest, and the number of a receipt.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::shell::problem::Fault;
use crate::stays::guests::Guest;
use crate::stays::rules::{Reason, read_instant, times};

/// The letters of a receipt's number: none that is taken for another.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// The number of a receipt: the commune, the day, and eight letters drawn by chance.
pub(super) fn number(commune: &str, day: Date, drawn: [u8; 8]) -> String {
    let letters = drawn
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)))
        .map(|letter| char::from(*letter));
    format!(
        "LT-{commune}-{}-{}",
        day.strftime("%y%m%d"),
        letters.collect::<String>()
    )
}

/// When each guest comes and goes, and the earliest deadline that was missed.
pub(super) struct Times {
    pub(super) stays: Vec<(Timestamp, Timestamp)>,
    pub(super) late_since: Option<Timestamp>,
}

/// Reads the times of a form, and those of the guests that have their own; answers every fault.
pub(super) fn read(
    (from, to): (&str, &str),
    reason: Option<Reason>,
    guests: &[Guest],
    now: Timestamp,
) -> Result<(Times, Reason), Vec<Fault>> {
    let mut faults = Vec::new();
    let (from, to) = (read_instant(from), read_instant(to));
    let needed = |own: fn(&Guest) -> Option<Timestamp>| guests.iter().any(|guest| own(guest).is_none());
    if from.is_none() && needed(|guest| guest.from) {
        faults.push(Fault::new("from", "stays-fault-instant"));
    }
    if to.is_none() && needed(|guest| guest.to) {
        faults.push(Fault::new("to", "stays-fault-instant"));
    }
    if reason.is_none() {
        faults.push(Fault::new("reason", "stays-fault-reason"));
    }
    if guests.is_empty() {
        faults.push(Fault::new("guests", "stays-fault-no-guests"));
    }
    let (mut stays, mut late_since) = (Vec::new(), None);
    for guest in guests {
        let own = guest.from.is_some() || guest.to.is_some();
        let (Some(from), Some(to)) = (guest.from.or(from), guest.to.or(to)) else {
            continue;
        };
        match times(from, to, now) {
            Ok(late) => {
                late_since = late_since.into_iter().chain(late).min();
                stays.push((from, to));
            }
            Err(wrong) if own => faults.push(wrong.of_guest(&guest.full_name)),
            Err(wrong) => {
                let fault = wrong.fault();
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
            }
        }
    }
    match reason {
        Some(reason) if faults.is_empty() => Ok((Times { stays, late_since }, reason)),
        _ => Err(faults),
    }
}
