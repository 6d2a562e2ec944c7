//! The files of one chip, as a reader hands them over.

use std::fmt;
use std::ops::Deref;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The files of one chip. In JSON each is standard base64 in a member of its name, those that are absent are left out:
/// this is the document that a reader posts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChipFiles {
    /// EF.COM: which data groups there are.
    pub com: ChipFile,
    /// DG1: the machine-readable zone.
    pub dg1: ChipFile,
    /// DG2: the portrait.
    pub dg2: ChipFile,
    /// DG13: the national data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dg13: Option<ChipFile>,
    /// DG14: security infos (chip authentication).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dg14: Option<ChipFile>,
    /// DG15: the public key of active authentication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dg15: Option<ChipFile>,
    /// EF.SOD: the signed hashes.
    pub sod: ChipFile,
}

impl ChipFiles {
    /// The data groups that are here, in order.
    pub fn groups(&self) -> impl Iterator<Item = (DataGroup, &ChipFile)> {
        let optional = [
            (DataGroup::DG13, &self.dg13),
            (DataGroup::DG14, &self.dg14),
            (DataGroup::DG15, &self.dg15),
        ];
        let present = optional
            .into_iter()
            .filter_map(|(group, file)| Some((group, file.as_ref()?)));
        [(DataGroup::DG1, &self.dg1), (DataGroup::DG2, &self.dg2)]
            .into_iter()
            .chain(present)
    }
}

/// The bytes of one file, from its outermost tag on. `Debug` shows only how many there are.
#[derive(Clone, PartialEq, Eq)]
pub struct ChipFile(Vec<u8>);

impl ChipFile {
    /// The most bytes that a file may have. Portraits are far smaller; a file over this is refused on reading JSON too.
    pub const MAX_SIZE: usize = 256 * 1024;
}

impl From<Vec<u8>> for ChipFile {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Deref for ChipFile {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for ChipFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChipFile({} bytes)", self.0.len())
    }
}

impl Serialize for ChipFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for ChipFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.len() > Self::MAX_SIZE.div_ceil(3) * 4 {
            return Err(de::Error::custom("the file is too large"));
        }
        STANDARD
            .decode(text)
            .map(Self)
            .map_err(|_text| de::Error::custom("the file is not standard base64"))
    }
}

/// The number of a data group, 1–16.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8")]
pub struct DataGroup(u8);

/// The tag of each data group in EF.COM and around the group itself (ICAO 9303-10 table 37).
const TAGS: [u8; 16] = [
    0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70,
];

impl DataGroup {
    /// The machine-readable zone.
    pub const DG1: Self = Self(1);
    /// The portrait.
    pub const DG2: Self = Self(2);
    /// The national data.
    pub const DG13: Self = Self(13);
    /// Security infos.
    pub const DG14: Self = Self(14);
    /// The key of active authentication.
    pub const DG15: Self = Self(15);

    /// `None` for a number that no group has.
    pub fn new(number: u8) -> Option<Self> {
        (1..=16).contains(&number).then_some(Self(number))
    }

    /// The group whose file begins with a tag.
    pub fn from_tag(tag: u8) -> Option<Self> {
        TAGS.iter()
            .zip(1..)
            .find(|(known, _)| **known == tag)
            .map(|(_, number)| Self(number))
    }

    /// The number, 1–16.
    pub fn number(self) -> u8 {
        self.0
    }

    /// The tag that its file begins with.
    pub fn tag(self) -> u8 {
        TAGS.get(usize::from(self.0) - 1).copied().unwrap_or(0)
    }
}

impl TryFrom<u8> for DataGroup {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        Self::new(number).ok_or("no data group has this number")
    }
}

impl fmt::Display for DataGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DG{}", self.0)
    }
}

impl fmt::Debug for DataGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
