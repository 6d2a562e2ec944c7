//! EF.COM: the versions of the data structure, and which data groups there are (ICAO 9303-10 section 4.6.1).

use super::{ChipFileError, DataGroup, tlv};

/// The content of EF.COM. It is not signed, so nothing may be concluded from it but what to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Com {
    /// Version of the logical data structure, four digits (`0107`).
    pub lds_version: String,
    /// Version of Unicode, six digits (`040000`).
    pub unicode_version: String,
    /// The data groups that the chip says it has, in its order.
    pub groups: Vec<DataGroup>,
}

const FILE: u16 = 0x60;
const LDS_VERSION: u16 = 0x5f01;
const UNICODE_VERSION: u16 = 0x5f36;
const TAG_LIST: u16 = 0x5c;

impl Com {
    /// The versions in use with some data groups.
    pub fn new(groups: Vec<DataGroup>) -> Self {
        Self {
            lds_version: "0107".into(),
            unicode_version: "040000".into(),
            groups,
        }
    }

    /// Reads EF.COM.
    ///
    /// # Errors
    /// [`ChipFileError::Structure`] for anything that is not EF.COM.
    pub fn parse(file: &[u8]) -> Result<Self, ChipFileError> {
        Self::read(file).ok_or(ChipFileError::Structure)
    }

    /// Builds EF.COM.
    pub fn to_bytes(&self) -> Vec<u8> {
        let tags: Vec<u8> = self.groups.iter().map(|group| group.tag()).collect();
        let content = [
            tlv::write(LDS_VERSION, self.lds_version.as_bytes()),
            tlv::write(UNICODE_VERSION, self.unicode_version.as_bytes()),
            tlv::write(TAG_LIST, &tags),
        ];
        tlv::write(FILE, &content.concat())
    }

    fn read(file: &[u8]) -> Option<Self> {
        let content = tlv::only(FILE, file)?;
        let digits = |tag, count| {
            let text = std::str::from_utf8(tlv::find(tag, content)?).ok()?;
            (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.to_owned())
        };
        let tags = tlv::find(TAG_LIST, content).filter(|tags| tags.len() <= 16)?;
        Some(Self {
            lds_version: digits(LDS_VERSION, 4)?,
            unicode_version: digits(UNICODE_VERSION, 6)?,
            groups: tags
                .iter()
                .map(|tag| DataGroup::from_tag(*tag))
                .collect::<Option<_>>()?,
        })
    }
}
