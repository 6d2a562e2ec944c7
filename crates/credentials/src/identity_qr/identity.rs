//! Claim 169 (identity data of MOSIP, registered with IANA; version 1.2 of its specification).

use civil::Sex;
use jiff::civil::Date;
use serde::Serialize;

use crate::cbor::{self, Value};

const NUMBER: i64 = 1;
const FULL_NAME: i64 = 4;
const DATE_OF_BIRTH: i64 = 8;
const SEX: i64 = 9;
const ADDRESS: i64 = 10;
const NATIONALITY: i64 = 13;
const PHOTO: i64 = 16;
const PHOTO_FORMAT: i64 = 17;

/// What an identity QR says of its holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// The personal identification number (*số định danh cá nhân*).
    pub number: String,
    /// The full name.
    pub full_name: String,
    /// The date of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<Date>,
    /// The sex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// The place of residence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The nationality: two letters (ISO 3166-1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nationality: Option<String>,
    /// A small photo; with one the code grows by several versions.
    #[serde(skip)]
    pub photo: Option<Photo>,
}

/// A photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// How it is written.
    pub format: PhotoFormat,
    /// Its bytes.
    pub image: Vec<u8>,
}

/// How a photo is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhotoFormat {
    /// JPEG.
    Jpeg,
    /// JPEG 2000.
    Jpeg2000,
    /// AVIF.
    Avif,
    /// WebP.
    WebP,
}

impl PhotoFormat {
    const ALL: [Self; 4] = [Self::Jpeg, Self::Jpeg2000, Self::Avif, Self::WebP];

    fn number(self) -> i64 {
        match self {
            Self::Jpeg => 1,
            Self::Jpeg2000 => 2,
            Self::Avif => 3,
            Self::WebP => 4,
        }
    }
}

impl Identity {
    pub(super) fn to_cbor(&self) -> Value {
        let fixed = [
            (NUMBER, self.number.as_str().into()),
            (FULL_NAME, self.full_name.as_str().into()),
        ];
        let text = |label, text: &Option<String>| text.as_deref().map(|text| (label, text.into()));
        let born = self.date_of_birth.map(|day| (DATE_OF_BIRTH, day.to_string().into()));
        let sex = self.sex.map(|sex| (SEX, number_of(sex).into()));
        let photo = self.photo.iter().flat_map(|photo| {
            let image = (PHOTO, Value::Bytes(photo.image.clone()));
            [image, (PHOTO_FORMAT, photo.format.number().into())]
        });
        let address = text(ADDRESS, &self.address);
        let nationality = text(NATIONALITY, &self.nationality);
        let optional = born.into_iter().chain(sex).chain(address).chain(nationality);
        cbor::labels(fixed.into_iter().chain(optional).chain(photo))
    }

    /// Reads what is there; `None` if a value is ill-typed, or number or name are missing.
    pub(super) fn from_cbor(data: &Value) -> Option<Self> {
        let text = |label| match cbor::labelled(data, label) {
            None => Some(None),
            Some(value) => value.as_text().map(|text| Some(text.to_owned())),
        };
        let date_of_birth = match text(DATE_OF_BIRTH)? {
            None => None,
            Some(day) => Some(day.parse().ok()?),
        };
        let sex = match cbor::labelled(data, SEX) {
            None => None,
            Some(number) => Some(sex_of(cbor::integer(number)?)?),
        };
        let photo = match cbor::labelled(data, PHOTO) {
            None => None,
            Some(image) => Some(photo(image, cbor::labelled(data, PHOTO_FORMAT)?)?),
        };
        Some(Self {
            number: text(NUMBER)??,
            full_name: text(FULL_NAME)??,
            date_of_birth,
            sex,
            address: text(ADDRESS)?,
            nationality: text(NATIONALITY)?,
            photo,
        })
    }
}

fn photo(image: &Value, format: &Value) -> Option<Photo> {
    let number = cbor::integer(format)?;
    let format = PhotoFormat::ALL.into_iter().find(|format| format.number() == number)?;
    let image = image.as_bytes()?.clone();
    Some(Photo { format, image })
}

fn number_of(sex: Sex) -> i64 {
    match sex {
        Sex::Male => 1,
        Sex::Female => 2,
    }
}

fn sex_of(number: i64) -> Option<Sex> {
    [Sex::Male, Sex::Female]
        .into_iter()
        .find(|sex| number_of(*sex) == number)
}
