//! How large a QR code gets (ISO/IEC 18004 table 7, alphanumeric mode).

use serde::Serialize;

/// How much of a code may be unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Level {
    /// About 7 %: enough from screen to camera.
    L,
    /// About 15 %.
    M,
}

/// The size of a QR code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Size {
    /// 1 to 40.
    pub version: u8,
    /// Modules on each side, without the quiet zone.
    pub modules: u16,
    /// The error correction.
    pub level: Level,
}

/// The characters that fit into versions 1 to 40.
const CAPACITY_L: [usize; 40] = [
    25, 47, 77, 114, 154, 195, 224, 279, 335, 395, 468, 535, 619, 667, 758, 854, 938, 1046, 1153, 1249, 1352, 1460,
    1588, 1704, 1853, 1990, 2132, 2223, 2369, 2520, 2677, 2840, 3009, 3183, 3351, 3537, 3729, 3927, 4087, 4296,
];
const CAPACITY_M: [usize; 40] = [
    20, 38, 61, 90, 122, 154, 178, 221, 262, 311, 366, 419, 483, 528, 600, 656, 734, 816, 909, 970, 1035, 1134, 1248,
    1326, 1451, 1542, 1637, 1732, 1839, 1994, 2113, 2238, 2369, 2506, 2632, 2780, 2894, 3054, 3220, 3391,
];

impl Size {
    /// The smallest code for an alphanumeric text; `None` if it fits into none.
    pub fn of(text: &str, level: Level) -> Option<Self> {
        let capacity = match level {
            Level::L => &CAPACITY_L,
            Level::M => &CAPACITY_M,
        };
        let smaller = capacity.iter().take_while(|fits| **fits < text.len()).count();
        let version = u8::try_from(smaller + 1).ok().filter(|version| *version <= 40)?;
        Some(Self {
            version,
            modules: 17 + 4 * u16::from(version),
            level,
        })
    }
}
