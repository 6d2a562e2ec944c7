use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::Asked;
use crate::die::Die;
use crate::people::Kinship;

const TOPIC: u64 = 82;
/// Where the synthetic plates are from.
const PLACES: [&str; 8] = ["30", "51", "43", "15", "37", "36", "65", "92"];
const LETTERS: [&str; 6] = ["A", "B", "C", "E", "F", "G"];

/// *Chứng nhận đăng ký xe* of all vehicles of a person.
pub(super) fn record(asked: &Asked<'_>) -> Option<Value> {
    if asked.age() < 18 || !asked.lives() {
        return None;
    }
    let mut die = asked.die(TOPIC);
    let motorcycle = die.chance(800).then(|| motorcycle(asked, &mut die));
    let car = (asked.age() >= 24 && die.chance(250)).then(|| car(asked, &mut die));
    let vehicles: Vec<Value> = motorcycle.into_iter().chain(car).collect();
    (!vehicles.is_empty()).then(|| json!({ "vehicles": vehicles }))
}

/// Whose vehicle bears a plate: place, letter and digits are the index.
pub(super) fn owner(plate: &str) -> Option<u64> {
    let compact: String = plate.chars().filter(char::is_ascii_alphanumeric).collect();
    let province = PLACES.iter().position(|known| compact.starts_with(known))?;
    let (series, digits) = compact
        .get(2..)?
        .split_at_checked(if compact.len() == 8 { 1 } else { 2 })?;
    let letter = LETTERS.iter().position(|letter| series.starts_with(letter))?;
    let high = u64::try_from(letter * PLACES.len() + province).ok()?;
    Some(high * 100_000 + digits.parse::<u64>().ok()?)
}

/// The plate of a person's vehicle; only an index below 4 800 000 can be found by it.
fn plate(index: u64, motorcycle: bool) -> String {
    let (high, low) = (index / 100_000 % 48, index % 100_000);
    let place = PLACES
        .get(usize::try_from(high % 8).unwrap_or(0))
        .copied()
        .unwrap_or("30");
    let letter = LETTERS
        .get(usize::try_from(high / 8).unwrap_or(0))
        .copied()
        .unwrap_or("A");
    let (first, rest) = (low / 100, low % 100);
    if motorcycle {
        format!("{place}-{letter}1 {first:03}.{rest:02}")
    } else {
        format!("{place}{letter}-{first:03}.{rest:02}")
    }
}

fn motorcycle(asked: &Asked<'_>, die: &mut Die) -> Value {
    let (brand, model, volume) = die.pick(&[
        ("Honda", "Wave Alpha", "109 cm³"),
        ("Honda", "Vision", "109 cm³"),
        ("Yamaha", "Sirius", "110 cm³"),
        ("VinFast", "Evo 200", "1,5 kW"),
    ]);
    let first = registered(asked, die, 18);
    vehicle(asked, die, (true, first), (brand, model, volume), None)
}

fn car(asked: &Asked<'_>, die: &mut Die) -> Value {
    let (brand, model, volume) = die.pick(&[
        ("Toyota", "Vios", "1496 cm³"),
        ("Hyundai", "Accent", "1497 cm³"),
        ("VinFast", "VF 5", "100 kW"),
        ("Mazda", "CX-5", "1998 cm³"),
    ]);
    let first = registered(asked, die, 23);
    let together = die.chance(300);
    let spouse = asked.person.related(Kinship::Spouse).next().filter(|_| together);
    let co_owner = spouse.and_then(|index| asked.nation.name(index));
    vehicle(asked, die, (false, first), (brand, model, volume), co_owner.as_deref())
}

fn registered(asked: &Asked<'_>, die: &mut Die, age: i16) -> Date {
    let from = asked.person.date_of_birth.saturating_add(age.years());
    let days = i64::from(die.small(3600));
    from.max(asked.on.saturating_sub(4000.days()))
        .saturating_add(days.days())
        .min(asked.on)
}

fn vehicle(
    asked: &Asked<'_>,
    die: &mut Die,
    (motorcycle, first): (bool, Date),
    (brand, model, power): (&str, &str, &str),
    co_owner: Option<&str>,
) -> Value {
    let serial = asked.person.index % 1_000_000;
    let inspected = (!motorcycle).then(|| {
        first
            .saturating_add(30.months())
            .max(asked.on.saturating_add(i64::from(die.small(500) - 40).days()))
    });
    json!({
        "plate": plate(asked.person.index, motorcycle),
        "kind": if motorcycle { "motorcycle" } else { "car" },
        "owner": asked.person.full_name,
        "co_owner": co_owner,
        "address": asked.person.permanent_residence.text(),
        "brand": brand,
        "model": model,
        "colour": die.pick(&["Đỏ", "Trắng", "Đen", "Xanh", "Bạc"]),
        "power": power,
        "engine_number": format!("{}E{serial:06}", if motorcycle { "JF" } else { "2N" }),
        "chassis_number": format!("RL{}{serial:06}9", if motorcycle { "HJ" } else { "CA" }),
        "seats": if motorcycle { 2 } else { 5 },
        "first_registered_on": first,
        "issued_on": first,
        "issued_by": "Phòng Cảnh sát giao thông",
        "inspected_until": inspected,
        "state": "valid",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plate_leads_back_to_its_owner() {
        for index in [0, 7, 99_999, 100_000, 845_231, 4_799_999] {
            for motorcycle in [true, false] {
                assert_eq!(
                    owner(&plate(index, motorcycle)),
                    Some(index),
                    "{}",
                    plate(index, motorcycle)
                );
            }
        }
        assert_eq!(owner("XYZ"), None);
    }
}
