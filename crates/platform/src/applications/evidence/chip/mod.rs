//! What the files of a chip say, as far as the checks need it.

use civil::chip::{ChipFiles, Dg13, Dg13Field, Portrait, PortraitFormat, dg1};
use civil::names;
use jiff::civil::Date;

/// What a chip says, field by field; nothing for what cannot be read.
#[derive(Default)]
pub(super) struct ChipFields {
    pub(super) number: Option<String>,
    pub(super) full_name: Option<String>,
    pub(super) date_of_birth: Option<String>,
    pub(super) sex: Option<String>,
    pub(super) residence: Option<String>,
    pub(super) issued_on: Option<String>,
    pub(super) expires_on: Option<String>,
}

/// What the files say.
pub(super) fn chip_fields(files: &ChipFiles) -> ChipFields {
    let zone = dg1::parse(&files.dg1).ok();
    let national = files.dg13.as_ref().and_then(|file| Dg13::parse(file).ok());
    let text = |field| national.as_ref()?.text(field).map(names::normalise);
    let date = |field| Some(day(national.as_ref()?.date(field)?));
    ChipFields {
        number: zone.as_ref().map(|zone| zone.number.as_str().to_owned()),
        full_name: text(Dg13Field::FullName),
        date_of_birth: zone.as_ref().map(|zone| day(zone.date_of_birth)),
        sex: zone.as_ref().map(|zone| zone.sex.vietnamese().to_owned()),
        residence: text(Dg13Field::Residence),
        issued_on: date(Dg13Field::IssuedOn),
        expires_on: zone.and_then(|zone| zone.expires_on).map(day),
    }
}

/// A date as cards write it.
pub(super) fn day(date: Date) -> String {
    date.strftime("%d/%m/%Y").to_string()
}

/// The size of a portrait in JPEG 2000: as its own header says, else as the chip's record does.
pub(super) fn jpeg_2000(files: &ChipFiles) -> Option<(u32, u32)> {
    let portrait = Portrait::parse(&files.dg2).ok()?;
    if portrait.format != PortraitFormat::Jpeg2000 {
        return None;
    }
    let said = (portrait.width.into(), portrait.height.into());
    Some(PortraitFormat::size_of_jpeg_2000(&portrait.image).unwrap_or(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portrait_in_jpeg_2000_is_measured_and_told_and_one_in_jpeg_is_not() {
        let files = |format, image: &[u8]| {
            let portrait = Portrait {
                format,
                width: 480,
                height: 640,
                image: image.to_vec(),
            };
            let empty = Vec::new;
            ChipFiles {
                com: empty().into(),
                dg1: empty().into(),
                dg2: portrait.to_dg2().into(),
                dg13: None,
                dg14: None,
                dg15: None,
                sod: empty().into(),
            }
        };
        let stream = [
            &[0xff, 0x4f, 0xff, 0x51, 0, 41, 0, 0][..],
            &[0, 0, 1, 244, 0, 0, 2, 88],
            &[0; 8],
        ]
        .concat();

        assert_eq!(jpeg_2000(&files(PortraitFormat::Jpeg2000, &stream)), Some((500, 600)));
        assert_eq!(jpeg_2000(&files(PortraitFormat::Jpeg, &[0xff, 0xd8, 0xff])), None);
    }
}
