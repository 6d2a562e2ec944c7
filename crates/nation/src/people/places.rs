//! Where people live: addresses, old and new.
//!
//! Streets, hamlets, and the communes and districts of the old three tiers are combinations from short lists and exist
//! nowhere; provinces, and the communes of the two tiers that hold since 1/7/2025, are the real ones.

use std::sync::LazyLock;

use civil::personal_number::BirthPlaceCode;
use civil::units::{self, Commune, CommuneKind};
use serde::Serialize;

use super::REFERENCE_DAY;
use crate::die::Die;

/// What a die is thrown for, in this module.
mod topic {
    pub(super) const HOME: u64 = 31;
    pub(super) const ORIGIN: u64 = 32;
}

/// Where people go for work: provinces of the old list, per hundred who move.
const MAGNETS: [(u16, u64); 8] = [
    (1, 24),
    (79, 30),
    (74, 16),
    (75, 10),
    (31, 6),
    (48, 6),
    (27, 5),
    (92, 3),
];

const FIRST: [&str; 12] = [
    "Tân", "An", "Bình", "Phú", "Long", "Thạnh", "Đông", "Hòa", "Vĩnh", "Quảng", "Yên", "Minh",
];
const SECOND: [&str; 12] = [
    "Lập", "Thành", "Hưng", "Phước", "Sơn", "Hải", "Giang", "Tiến", "Mỹ", "Thủy", "Khê", "Châu",
];
const STREETS: [&str; 12] = [
    "Hoa Mai",
    "Hoa Sen",
    "Hoa Ban",
    "Sao Vàng",
    "Bến Đò",
    "Chợ Mới",
    "Bờ Kè",
    "Sông Xanh",
    "Đồi Thông",
    "Lúa Vàng",
    "Tre Xanh",
    "Hừng Đông",
];

/// A dwelling, with its place in both generations of administrative units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Address {
    /// House and street or hamlet: `Số 12 đường Hoa Mai`.
    pub house: String,
    /// The three tiers until 30/6/2025: commune, district, province: `Xã Tân Lập, Huyện An Hưng, Nghệ An`.
    pub former_units: String,
    /// Province code of the old list of 63.
    pub former_province: u16,
    /// The commune since 1/7/2025, with the code of its province.
    pub commune: &'static Commune,
}

impl Address {
    /// One line with the units of today: house, commune, province.
    pub fn text(&self) -> String {
        let province = units::province(self.commune.province, REFERENCE_DAY).map_or("", |province| province.name);
        format!("{}, {}, {province}", self.house, self.commune.full_name())
    }

    /// One line with the units until 30/6/2025, as older cards print it.
    pub fn former_text(&self) -> String {
        format!("{}, {}", self.house, self.former_units)
    }
}

/// The communes of today on the territory of an old province.
#[derive(Default)]
struct Communes {
    wards: Vec<Option<&'static Commune>>,
    others: Vec<Option<&'static Commune>>,
}

/// By old province code, ready to draw from.
static COMMUNES: LazyLock<Vec<Communes>> = LazyLock::new(|| {
    let of_old_province = |code: u16| {
        let Some(province) = units::merged_into(&format!("{code:02}")) else {
            return Communes::default();
        };
        let (wards, others): (Vec<_>, Vec<_>) =
            units::communes_of(province).partition(|commune| commune.kind == CommuneKind::Ward);
        let some = |communes: Vec<&'static Commune>| communes.into_iter().map(Some).collect();
        Communes {
            wards: some(wards),
            others: some(others),
        }
    };
    (0..100).map(of_old_province).collect()
});

/// The dwelling of a household whose family comes from `province` (old list), if it did not move to a city.
pub(super) fn home(seed: u64, household: u64, province: u16, moved: bool) -> Option<Address> {
    let mut die = Die::new(seed, topic::HOME, &[household]);
    let province = if moved { die.weighted(&MAGNETS) } else { province };
    let city = MAGNETS.iter().any(|(code, _)| *code == province) && die.chance(600);

    let number = 1 + die.below(400);
    let house = match (city, die.chance(500)) {
        (true, true) => format!("Số {number} đường {}", die.pick(&STREETS)),
        (true, false) => format!("Số {number}/{} đường {}", 1 + die.below(60), die.pick(&STREETS)),
        (false, true) => format!("Thôn {}", 1 + die.below(14)),
        (false, false) => format!("Ấp {} {}", die.pick(&FIRST), 1 + die.below(9)),
    };
    let tiers = if city {
        ["Phường", "Quận"]
    } else {
        ["Xã", "Huyện"]
    };
    let former_units = former(tiers, province, &mut die);
    let communes = COMMUNES.get(usize::from(province))?;
    let commune = die.pick(if city { &communes.wards } else { &communes.others })?;
    Some(Address {
        house,
        former_units,
        former_province: province,
        commune,
    })
}

/// Commune, district and province of the old three tiers; the first two are made up.
fn former([commune, district]: [&str; 2], province: u16, die: &mut Die) -> String {
    let mut name = || format!("{} {}", die.pick(&FIRST), die.pick(&SECOND));
    let (first, second) = (name(), name());
    format!("{commune} {first}, {district} {second}, {}", self::name(province))
}

/// The place of origin of a family: three old tiers, never printed with a house.
pub(super) fn origin(seed: u64, line: u64, province: u16) -> String {
    former(["Xã", "Huyện"], province, &mut Die::new(seed, topic::ORIGIN, &[line]))
}

/// The name of a province of the old list.
fn name(province: u16) -> &'static str {
    BirthPlaceCode::new(province)
        .and_then(BirthPlaceCode::province)
        .unwrap_or("Hà Nội")
}
